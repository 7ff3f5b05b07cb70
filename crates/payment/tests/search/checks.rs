//! What must hold in the world of one payment, whatever happened.

use payment::payment::Status;
use payment::time::HOUR_MS;
use payment::watch::WatchPhase;

use crate::moves::Order;
use crate::world::{AMOUNT, World};

impl World {
    fn net(&self) -> i16 {
        i16::from(self.charged) - i16::from(self.returned)
    }

    /// What must hold whatever happens (I-1, I-6, I-7, I-12, I-13, I-22, I-28).
    pub(crate) fn check(&mut self) {
        let status = self.payment.status();
        assert!(self.net() <= 1 && self.net() >= 0, "I-1: charged {} times", self.charged);
        if let Some(told) = self.told
            && told != status
        {
            assert!(
                self.demanded
                    || matches!(told, Status::Processing | Status::Suspended)
                    || (told == Status::Paid && status == Status::Reversed && self.returned > 0),
                "I-28: {told:?} became {status:?}"
            );
        }
        match status {
            Status::Paid if self.told != Some(Status::Paid) => {
                assert!(self.net() == 1, "I-6: told paid, and nothing is charged");
                let believed = self.payment.paid.as_ref().map(|facts| facts.amount.fen());
                assert!(believed == Some(AMOUNT), "I-6: told paid on evidence of {believed:?} fen");
                assert!(self.reverses == 0, "I-12: told paid after a reversal left");
            }
            Status::Failed | Status::Reversed => {
                let watched = self.watch.is_some();
                assert!(watched || self.payment.never_asked(), "I-15: ended {status:?} without a watch");
                assert!(
                    !self.payment.never_asked() || self.submits == 0,
                    "I-8: never asked, and a submit left"
                );
                assert!(
                    status == Status::Reversed || self.payment.never_asked() || self.refusal,
                    "I-8: failed, and the channel never said no"
                );
                let open = self.watch.as_ref().is_some_and(|watch| watch.phase != WatchPhase::Bill);
                assert!(
                    self.net() == 0 || open || self.hides(),
                    "I-7: told {status:?}, the customer is charged and nothing is left to do"
                );
            }
            Status::Processing | Status::Paid | Status::Suspended => {}
        }
        let said = self.payment.reversal.as_ref().is_some_and(|reversal| reversal.said.is_some());
        assert!(
            status != Status::Reversed || said || self.order != Order::Absent,
            "I-13: *not found* ended it, and the channel never answered that it reversed"
        );
        let wanted = self.payment.reversal.is_some() && !self.payment.is_final();
        assert!(
            !(wanted && self.order == Order::Paid && self.window_over_for_long()),
            "I-22: it can no longer be reversed, and nothing else gives the money back"
        );
        self.told = Some(status);
    }

    /// Past the window for reversals, and past as many looks as can be answered with lies or not at all.
    fn window_over_for_long(&self) -> bool {
        let end =
            self.paid_at.map(|paid_at| self.payment.intent.channel.patience().reversible_until(paid_at));
        end.is_some_and(|end| self.now >= end.plus_ms(8 * HOUR_MS))
    }

    /// What only the bill can show: money that came after the last look, or behind a lie told to it.
    fn hides(&self) -> bool {
        self.watch.as_ref().is_some_and(|watch| {
            watch.phase == WatchPhase::Bill
                && (self.was_hanging() || watch.plan == payment::watch::Plan::Declined)
        })
    }

    fn was_hanging(&self) -> bool {
        self.charged > 0 && self.budget.losses == 0
    }
}
