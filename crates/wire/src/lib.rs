//! How each channel's messages look: bytes to typed messages and back, in both directions.
//!
//! Pure: no clock, no randomness, no IO. Nonces, times and keys are arguments.

pub mod http;
