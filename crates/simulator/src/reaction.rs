//! What comes back to a caller, and who the caller is.

use wire::http::Response;

/// What the TLS layer knows of a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The TLS layer saw a client certificate that the channel issued. A plain-HTTP listener takes it as shown
    /// (wechat.md §13).
    pub client_certificate: bool,
    /// The merchant number that the certificate was issued to; `None`: not known, any merchant of the simulator.
    pub certificate_mch_id: Option<String>,
}

/// What comes back, when, and how the connection ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The answer; `None` when none comes.
    pub response: Option<Response>,
    /// How long the answer takes, ms of virtual time.
    pub delay_ms: u64,
    /// How the connection ends.
    pub ending: Ending,
}

impl Reaction {
    /// A whole answer at once.
    pub(crate) fn whole(response: Response) -> Self {
        Self { response: Some(response), delay_ms: 0, ending: Ending::Whole }
    }
}

/// How the connection of a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// After the whole answer.
    Whole,
    /// The connection is cut before the first byte of an answer.
    Cut,
    /// Nothing comes for so long, then the connection is cut.
    Silence {
        /// How long, ms of virtual time.
        ms: u64,
    },
    /// The headers announce the whole body, so many bytes of it come, then the connection is cut.
    Truncate(
        /// Bytes of the body that are sent.
        usize,
    ),
}
