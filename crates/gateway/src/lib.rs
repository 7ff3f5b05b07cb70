//! paycode, the gateway.
