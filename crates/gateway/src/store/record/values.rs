//! The shapes of what rows are made of, field by field. Every value is taken apart completely, so that a new field does not
//! compile until it is written too.

use payment::exchange::{Asked, ChannelCode, Decline, PaidFacts, Payee};
use payment::ids::{ChannelOrderNo, MerchantCode, OrderNo, PaymentId};
use payment::payment::{Intent, Phase};
use payment::time::Time;
use serde::{Deserialize, Serialize};

use super::scalars::{Amount, Text};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PayeeRecord {
    merchant: String,
    sub_merchant: Option<String>,
}

impl PayeeRecord {
    pub(super) fn of(payee: Payee) -> PayeeRecord {
        let Payee { merchant, sub_merchant } = payee;
        PayeeRecord { merchant, sub_merchant }
    }

    pub(super) fn into_value(self) -> Payee {
        Payee { merchant: self.merchant, sub_merchant: self.sub_merchant }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IntentRecord {
    id: Text<PaymentId>,
    merchant: Text<MerchantCode>,
    order_no: Text<OrderNo>,
    attempt: u32,
    channel_order_no: Text<ChannelOrderNo>,
    amount: Amount,
    account: String,
    channel: Text<payment::patience::Channel>,
    payee: PayeeRecord,
    opened_at: i64,
}

impl IntentRecord {
    pub(super) fn of(intent: Intent) -> IntentRecord {
        let Intent {
            id,
            merchant,
            order_no,
            attempt,
            channel_order_no,
            amount,
            account,
            channel,
            payee,
            opened_at,
        } = intent;
        IntentRecord {
            id: Text(id),
            merchant: Text(merchant),
            order_no: Text(order_no),
            attempt,
            channel_order_no: Text(channel_order_no),
            amount: Amount(amount),
            account,
            channel: Text(channel),
            payee: PayeeRecord::of(payee),
            opened_at: opened_at.0,
        }
    }

    pub(super) fn into_value(self) -> Intent {
        Intent {
            id: self.id.0,
            merchant: self.merchant.0,
            order_no: self.order_no.0,
            attempt: self.attempt,
            channel_order_no: self.channel_order_no.0,
            amount: self.amount.0,
            account: self.account,
            channel: self.channel.0,
            payee: self.payee.into_value(),
            opened_at: Time(self.opened_at),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum PhaseRecord {
    Opened,
    Submitting,
    AwaitingPayer { deadline: i64, refused: bool },
    LastLook,
    Reversing,
    Confirming { cannot: bool },
    Refunding,
    Paid,
    Failed,
    Reversed,
    Suspended { since: i64 },
}

impl PhaseRecord {
    pub(super) fn of(phase: Phase) -> PhaseRecord {
        match phase {
            Phase::Opened => PhaseRecord::Opened,
            Phase::Submitting => PhaseRecord::Submitting,
            Phase::AwaitingPayer { deadline, refused } => {
                PhaseRecord::AwaitingPayer { deadline: deadline.0, refused }
            }
            Phase::LastLook => PhaseRecord::LastLook,
            Phase::Reversing => PhaseRecord::Reversing,
            Phase::Confirming { cannot } => PhaseRecord::Confirming { cannot },
            Phase::Refunding => PhaseRecord::Refunding,
            Phase::Paid => PhaseRecord::Paid,
            Phase::Failed => PhaseRecord::Failed,
            Phase::Reversed => PhaseRecord::Reversed,
            Phase::Suspended { since } => PhaseRecord::Suspended { since: since.0 },
        }
    }

    pub(super) fn into_value(self) -> Phase {
        match self {
            PhaseRecord::Opened => Phase::Opened,
            PhaseRecord::Submitting => Phase::Submitting,
            PhaseRecord::AwaitingPayer { deadline, refused } => {
                Phase::AwaitingPayer { deadline: Time(deadline), refused }
            }
            PhaseRecord::LastLook => Phase::LastLook,
            PhaseRecord::Reversing => Phase::Reversing,
            PhaseRecord::Confirming { cannot } => Phase::Confirming { cannot },
            PhaseRecord::Refunding => Phase::Refunding,
            PhaseRecord::Paid => Phase::Paid,
            PhaseRecord::Failed => Phase::Failed,
            PhaseRecord::Reversed => Phase::Reversed,
            PhaseRecord::Suspended { since } => Phase::Suspended { since: Time(since) },
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaidFactsRecord {
    channel_order_no: String,
    amount: Amount,
    currency: String,
    payee: Option<PayeeRecord>,
    channel_transaction_no: String,
    paid_amount: Amount,
    discount_amount: Amount,
    paid_at: i64,
}

impl PaidFactsRecord {
    pub(super) fn of(facts: PaidFacts) -> PaidFactsRecord {
        let PaidFacts {
            channel_order_no,
            amount,
            currency,
            payee,
            channel_transaction_no,
            paid_amount,
            discount_amount,
            paid_at,
        } = facts;
        PaidFactsRecord {
            channel_order_no,
            amount: Amount(amount),
            currency,
            payee: payee.map(PayeeRecord::of),
            channel_transaction_no,
            paid_amount: Amount(paid_amount),
            discount_amount: Amount(discount_amount),
            paid_at: paid_at.0,
        }
    }

    pub(super) fn into_value(self) -> PaidFacts {
        PaidFacts {
            channel_order_no: self.channel_order_no,
            amount: self.amount.0,
            currency: self.currency,
            payee: self.payee.map(PayeeRecord::into_value),
            channel_transaction_no: self.channel_transaction_no,
            paid_amount: self.paid_amount.0,
            discount_amount: self.discount_amount.0,
            paid_at: Time(self.paid_at),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeclineRecord {
    reason: Text<payment::exchange::DeclineReason>,
    code: String,
    message: String,
}

impl DeclineRecord {
    pub(super) fn of(decline: Decline) -> DeclineRecord {
        let Decline { reason, channel: ChannelCode { code, message } } = decline;
        DeclineRecord { reason: Text(reason), code, message }
    }

    pub(super) fn into_value(self) -> Decline {
        let channel = ChannelCode { code: self.code, message: self.message };
        Decline { reason: self.reason.0, channel }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskedRecord {
    call: Text<payment::exchange::Call>,
    number: u32,
    at: i64,
    limit: i64,
}

impl AskedRecord {
    pub(super) fn of(asked: Asked) -> AskedRecord {
        let Asked { call, number, at, limit } = asked;
        AskedRecord { call: Text(call), number, at: at.0, limit: limit.0 }
    }

    pub(super) fn into_value(self) -> Asked {
        Asked { call: self.call.0, number: self.number, at: Time(self.at), limit: Time(self.limit) }
    }
}
