//! The two requests that give money back. Each is a transaction with a number and a time of its own, and its end is asked
//! under these (unionpay.md §5.2, §11 trap 3).

use super::message::{
    FieldFault, Kind, Presence, cny, kind, optional, order, required, required_amount, time,
};
use super::{CHANNEL_TYPE, CURRENCY};
use crate::text::Fields;

pub(super) const VOID: Kind = ("31", "00");
pub(super) const REFUND: Kind = ("04", "00");

/// Which consume is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Original {
    /// By UnionPay's number of it (`origQryId`).
    QueryId(String),
    /// By the merchant's number and time of it.
    Order {
        /// `origOrderId`
        order_id: String,
        /// `origTxnTime`
        txn_time: String,
    },
}

impl Original {
    fn enter(&self, fields: &mut Fields) {
        match self {
            Self::QueryId(query_id) => {
                fields.insert("origQryId", query_id.as_str());
            }
            Self::Order { order_id, txn_time } => {
                fields.insert("origOrderId", order_id.as_str());
                fields.insert("origTxnTime", txn_time.as_str());
            }
        }
    }

    fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        if let Some(query_id) = optional(fields, "origQryId") {
            return Ok(Self::QueryId(query_id));
        }
        if fields.filled("origOrderId").is_none() {
            return Err(FieldFault::Missing("origQryId"));
        }
        Ok(Self::Order { order_id: required(fields, "origOrderId")?, txn_time: time(fields, "origTxnTime")? })
    }
}

/// What voids and refunds have in common.
macro_rules! giving_back {
    ($($(#[$doc:meta])* $name:ident $kind:ident;)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            /// A new number: 8 to 40 letters and digits.
            pub order_id: String,
            /// A new time: `YYYYMMDDhhmmss`, UTC+8.
            pub txn_time: String,
            /// Amount in fen, from 1.
            pub txn_amt: i64,
            /// What is given back.
            pub original: Original,
            /// Where notices go.
            pub back_url: String,
        }

        impl $name {
            /// The fields of this call alone.
            pub fn fields(&self) -> Fields {
                let mut fields = kind($kind);
                fields.insert("channelType", CHANNEL_TYPE);
                fields.insert("currencyCode", CURRENCY);
                fields.insert("orderId", self.order_id.as_str());
                fields.insert("txnTime", self.txn_time.as_str());
                fields.insert("txnAmt", self.txn_amt.to_string());
                self.original.enter(&mut fields);
                fields.insert("backUrl", self.back_url.as_str());
                fields
            }

            pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
                cny(fields, Presence::Optional)?;
                let (order_id, txn_time) = order(fields)?;
                Ok(Self {
                    order_id,
                    txn_time,
                    txn_amt: required_amount(fields, "txnAmt")?,
                    original: Original::from_fields(fields)?,
                    back_url: required(fields, "backUrl")?,
                })
            }
        }
    )+ };
}

giving_back! {
    /// 消费撤销, 31/00: the whole amount, on the settlement day of the consume.
    VoidRequest VOID;
    /// 退货, 04/00: a part, or all that is left; repeatable, each with a number of its own.
    RefundRequest REFUND;
}
