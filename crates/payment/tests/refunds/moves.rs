//! What can happen in the world of two refunds, and how often.

/// How often the world may be unkind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Budget {
    /// Calls whose request or answer is lost, or whose request lands only after its limit.
    pub(crate) losses: u8,
    /// Signed refusals for lack of funds.
    pub(crate) refusals: u8,
    /// Queries that do not see what was done in the last half minute.
    pub(crate) lags: u8,
    /// Refunds that the channel takes up and ends later.
    pub(crate) pendings: u8,
    /// Crashes of our process.
    pub(crate) crashes: u8,
    /// Demands to reverse the payment.
    pub(crate) reversals: u8,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Move {
    /// The merchant asks for the next part.
    Open,
    /// The next wake comes.
    Wake,
    /// A call of this refund is answered as the channel's books have it.
    Truth(usize),
    /// The request arrives, its answer does not.
    AnswerLost(usize),
    /// The request does not arrive.
    RequestLost(usize),
    /// The request arrives only after its limit.
    Late(usize),
    /// Refused: no funds.
    Short(usize),
    /// Taken up, and ended later.
    TakeUp(usize),
    /// The query does not see it yet.
    Lag(usize),
    /// A late request lands.
    Land,
    /// The channel ends what it took up: it is given back.
    Finish,
    /// The channel closes what it took up.
    Close,
    /// Our process dies and comes back.
    Crash,
    /// The till demands a reversal.
    Demand,
}
