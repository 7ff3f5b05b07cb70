//! A reversal, inside another row and as a row of its own.

use payment::exchange::{CannotWhy, ReversedHow};
use payment::ids::{MerchantCode, OrderNo, PaymentId};
use payment::patience::Channel;
use payment::reversal::{Reversal, ReversalReason, ReversalStatus};
use payment::time::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::super::ReversalRow;
use super::scalars::{Amount, ReversalId, Text, pick};

/// Why a reversal was wanted: the reason's word, and what the till said where it demanded it.
struct Reason(ReversalReason);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonRecord {
    word: String,
    said: Option<String>,
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let said = match &self.0 {
            ReversalReason::Demanded(said) => Some(said.clone()),
            ReversalReason::Deadline
            | ReversalReason::ChannelAsked
            | ReversalReason::Canceled
            | ReversalReason::LeftOpen
            | ReversalReason::LateMoney => None,
        };
        ReasonRecord { word: self.0.word().to_owned(), said }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Reason, D::Error> {
        let ReasonRecord { word, said } = ReasonRecord::deserialize(deserializer)?;
        let demanded = ReversalReason::Demanded(said.clone().unwrap_or_default());
        let known = [
            ReversalReason::Deadline,
            ReversalReason::ChannelAsked,
            ReversalReason::Canceled,
            demanded.clone(),
            ReversalReason::LeftOpen,
            ReversalReason::LateMoney,
        ];
        let words: Vec<_> = known.iter().map(|reason| (reason.word(), reason)).collect();
        let reason = pick(&word, "reason of a reversal", &words).map_err(de::Error::custom)?.clone();
        if said.is_some() == (reason == demanded) {
            Ok(Reason(reason))
        } else {
            Err(de::Error::custom(format!("exactly a demanded reversal has words of the till, not {word:?}")))
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReversalRecord {
    reason: Reason,
    requested_at: i64,
    attempts: u32,
    tries: u32,
    first_at: Option<i64>,
    said: Option<Text<ReversedHow>>,
    cannot: Option<Text<CannotWhy>>,
    status: Text<ReversalStatus>,
    confirmed_at: Option<i64>,
}

impl ReversalRecord {
    pub(super) fn of(reversal: Reversal) -> ReversalRecord {
        let Reversal { reason, requested_at, attempts, tries, first_at, said, cannot, status, confirmed_at } =
            reversal;
        ReversalRecord {
            reason: Reason(reason),
            requested_at: requested_at.0,
            attempts,
            tries,
            first_at: first_at.map(|at| at.0),
            said: said.map(Text),
            cannot: cannot.map(Text),
            status: Text(status),
            confirmed_at: confirmed_at.map(|at| at.0),
        }
    }

    pub(super) fn into_value(self) -> Reversal {
        Reversal {
            reason: self.reason.0,
            requested_at: Time(self.requested_at),
            attempts: self.attempts,
            tries: self.tries,
            first_at: self.first_at.map(Time),
            said: self.said.map(|said| said.0),
            cannot: self.cannot.map(|why| why.0),
            status: self.status.0,
            confirmed_at: self.confirmed_at.map(Time),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReversalRowRecord {
    id: Text<ReversalId>,
    merchant: Text<MerchantCode>,
    payment_id: Text<PaymentId>,
    order_no: Text<OrderNo>,
    amount: Amount,
    channel: Text<Channel>,
    reversal: ReversalRecord,
}

impl ReversalRowRecord {
    pub(super) fn of(row: ReversalRow) -> ReversalRowRecord {
        let ReversalRow { id, merchant, payment_id, order_no, amount, channel, reversal } = row;
        ReversalRowRecord {
            id: Text(ReversalId(id)),
            merchant: Text(merchant),
            payment_id: Text(payment_id),
            order_no: Text(order_no),
            amount: Amount(amount),
            channel: Text(channel),
            reversal: ReversalRecord::of(reversal),
        }
    }

    pub(super) fn into_row(self) -> ReversalRow {
        ReversalRow {
            id: self.id.0.0,
            merchant: self.merchant.0,
            payment_id: self.payment_id.0,
            order_no: self.order_no.0,
            amount: self.amount.0,
            channel: self.channel.0,
            reversal: self.reversal.into_value(),
        }
    }
}
