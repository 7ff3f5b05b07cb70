//! What must hold of a payment after every step.

use crate::exchange::Call;

use super::{Payment, Phase};

impl Payment {
    /// What must hold after every step, in release builds too.
    pub(super) fn assert_sound(&self) {
        assert_eq!(self.wake.is_none(), self.is_final(), "exactly the final phases have no wake: {self:?}");
        assert!(
            !self.is_final() || self.out.is_none(),
            "a final payment has no call out: {:?}",
            self.intent.id
        );
        assert!(
            !matches!(self.phase, Phase::Paid) || self.paid.is_some() || self.told_paid,
            "paid without facts or a person: {:?}",
            self.intent.id
        );
        assert!(
            !matches!(self.phase, Phase::Failed) || self.failure.is_some(),
            "failed without a reason: {:?}",
            self.intent.id
        );
        assert!(
            self.out.is_none_or(|out| out.call != Call::Submit) || matches!(self.phase, Phase::Submitting),
            "a submit is out only while submitting: {:?}",
            self.intent.id
        );
        assert!(
            self.phase != Phase::Refunding || self.reversal.is_some(),
            "a refund takes the place of a reversal: {:?}",
            self.intent.id
        );
        self.assert_sums();
    }
}
