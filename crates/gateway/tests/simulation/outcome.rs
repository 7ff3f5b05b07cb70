//! What happened in one seed, or in many.

/// What happened in one seed, or in many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) payments: u64,
    pub(crate) paid: u64,
    pub(crate) failed: u64,
    pub(crate) reversed: u64,
    pub(crate) suspended: u64,
    pub(crate) stuck: u64,
    pub(crate) reversals: u64,
    pub(crate) cases: u64,
    pub(crate) crashes: u64,
    pub(crate) late_money: u64,
    pub(crate) refunds: u64,
    pub(crate) refunds_failed: u64,
    /// Refunds that took the place of a reversal whose window was over, of what no till was told as paid.
    pub(crate) refunded_instead: u64,
    /// The same of what a till knew as paid, and demanded to be reversed.
    pub(crate) demands_refunded: u64,
    /// Codes that went on to the account behind one that could not be reached.
    pub(crate) handed_on: u64,
    pub(crate) trace: u64,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: &Outcome) {
        self.payments += other.payments;
        self.paid += other.paid;
        self.failed += other.failed;
        self.reversed += other.reversed;
        self.suspended += other.suspended;
        self.stuck += other.stuck;
        self.reversals += other.reversals;
        self.cases += other.cases;
        self.crashes += other.crashes;
        self.late_money += other.late_money;
        self.refunds += other.refunds;
        self.refunds_failed += other.refunds_failed;
        self.refunded_instead += other.refunded_instead;
        self.demands_refunded += other.demands_refunded;
        self.handed_on += other.handed_on;
        self.trace ^= other.trace;
    }

    pub(crate) fn everything_happened(&self) -> bool {
        [
            self.paid,
            self.failed,
            self.reversed,
            self.suspended,
            self.reversals,
            self.cases,
            self.crashes,
            self.late_money,
            self.refunds,
            self.refunds_failed,
            self.handed_on,
        ]
        .iter()
        .all(|count| *count > 0)
    }
}
