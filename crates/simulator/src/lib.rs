//! The channels from the other side: their ledger, payers and faults.
//!
//! Pure: no clock, no IO, no randomness but the seed. [`Simulator::handle`] takes a moment and a request and says what
//! comes back, and when. Its ledger is the only truth about money. It is written from the channels' fact sheets, and by
//! its [`Dials`] more hostile than they are.
//!
//! It does *not* open sockets, wait, or know how the gateway reads an answer.

mod acp;
mod alipay;
mod book;
mod calendar;
mod clearing;
mod dial;
mod fault;
mod icbc;
mod message;
mod payer;
mod qra;
mod reaction;
mod record;
mod refund;
mod relay;
pub mod scenario;
mod seed;
mod settings;
mod simulator;
mod visit;
pub mod wallet;
mod wechat;
mod wechat_v2;
mod wechat_v3;

pub use dial::{CancelWindow, Dials, UnpaidShows, UnseenAnswer, UnseenReversal};
pub use reaction::{Caller, Ending, Reaction};
pub use record::{Change, RestoreError};
pub use settings::{
    Account, AlipayCertificates, AlipayGrant, AlipayRelay, AlipayTerms, PlatformHand, Settings,
};
pub use simulator::{LedgerLine, Prompt, RefundLine, Simulator};
