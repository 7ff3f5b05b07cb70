//! What a payment-code payment is: a value, its inputs, and the one call that it may want next.
//!
//! Everything that happens to a payment is an input to [`payment::Payment::step`]; everything it wants is a returned
//! call; the moment it next needs attention is a field. This crate reads no clock, no socket and no random number, knows
//! no channel's messages and no database, and cannot fail: the outside world can only answer, be silent, or lie.
//!
//! It does not decide how a channel's answer is read (the gateway's dialects do), when a task runs (the runner does) or
//! how a row looks (the store does).

pub mod auth_code;
pub mod exchange;
pub mod ids;
pub mod money;
pub mod patience;
pub mod payment;
pub mod planted;
pub mod refund;
pub mod reversal;
pub mod time;
pub mod watch;
