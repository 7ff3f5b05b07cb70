//! What a verified answer says, field by field (unionpay.md §5.2, §5.3).
//!
//! An empty field counts as absent. A field in the wrong form is [`BadField`], not absent. What the values *mean* for a
//! payment is the dialect's table.

use super::message::amount;
use crate::text::{Fields, beijing};
use crate::verified::{BadField, Verified};

/// The fields of an answer, all of them: whatever is there is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer(pub(super) Fields);

impl Answer {
    /// Every field in the order of arrival, `signature` and certificate included.
    pub fn fields(&self) -> &Fields {
        &self.0
    }
}

/// A text field, `None` when absent or empty.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $field:literal),+ $(,)?) => {
        $($(#[$doc])* pub fn $name(&self) -> Option<&str> {
            self.value().0.filled($field)
        })+
    };
}

/// An amount in fen, `Ok(None)` when absent or empty.
macro_rules! amounts {
    ($($(#[$doc:meta])* $name:ident $field:literal),+ $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// [`BadField`] when it is not 1 to 12 digits.
        pub fn $name(&self) -> Result<Option<i64>, BadField> {
            parsed($field, self.value().0.filled($field), amount)
        })+
    };
}

impl Verified<Answer> {
    texts! {
        /// How the call itself went. To a consume `00` means *accepted* and nothing of money.
        resp_code "respCode",
        /// The text beside it, with a sub-code of seven digits in brackets.
        resp_msg "respMsg",
        /// How the queried transaction stands.
        orig_resp_code "origRespCode",
        /// The text beside it.
        orig_resp_msg "origRespMsg",
        /// Transaction type: the call's own; in the answer to a query the queried one's, or the query's.
        txn_type "txnType",
        /// Beside it.
        txn_sub_type "txnSubType",
        /// Merchant number.
        mer_id "merId",
        /// The merchant's order number.
        order_id "orderId",
        /// `YYYYMMDDhhmmss`, UTC+8: what the merchant called the order's time.
        txn_time "txnTime",
        /// UnionPay's number of a booked transaction, 21 digits.
        query_id "queryId",
        /// UnionPay's number of the transaction that a void or refund is about.
        orig_qry_id "origQryId",
        /// The merchant's number of that transaction.
        orig_order_id "origOrderId",
        /// UnionPay's trace number, 6 digits.
        trace_no "traceNo",
        /// Currency of `txnAmt`: `156` is CNY.
        currency_code "currencyCode",
        /// Currency of `settleAmt`.
        settle_currency_code "settleCurrencyCode",
        /// Settlement day, `MMDD`; a day begins at 23:00.
        settle_date "settleDate",
        /// Kind of card that paid.
        pay_card_type "payCardType",
        /// How it was paid.
        pay_type "payType",
        /// Name of the settlement file.
        file_name "fileName",
        /// The settlement file: base64 of a deflated zip.
        file_content "fileContent",
    }

    amounts! {
        /// The transaction's amount, fen: what must equal ours.
        txn_amt "txnAmt",
        /// What is settled of it, fen in `settleCurrencyCode`.
        settle_amt "settleAmt",
    }

    /// When UnionPay booked it, unix ms. `traceTime` is `MMDDhhmmss` in UTC+8 and names no year: it is the one that brings
    /// it closest to a moment that is near (unix ms). `Ok(None)` when absent or empty.
    ///
    /// # Errors
    /// [`BadField`] when it is no such time in any of the three years around.
    pub fn trace_time(&self, near_ms: i64) -> Result<Option<i64>, BadField> {
        parsed("traceTime", self.value().0.filled("traceTime"), |text| yearless(text, near_ms))
    }

    /// Any other field, empty ones included.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.value().0.get(name)
    }
}

fn parsed<T>(
    field: &'static str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, BadField> {
    match text {
        None => Ok(None),
        Some(text) => parse(text).map(Some).ok_or_else(|| BadField { field, value: text.to_owned() }),
    }
}

/// `MMDDhhmmss` in the year that brings it closest to a moment.
fn yearless(text: &str, near_ms: i64) -> Option<i64> {
    if text.len() != 10 {
        return None;
    }
    let year: i64 = beijing::compact(near_ms)[..4].parse().ok()?;
    let years = [year - 1, year, year + 1];
    let moments = years.iter().filter_map(|year| beijing::parse_compact(&format!("{year:04}{text}")));
    moments.min_by_key(|moment| moment.abs_diff(near_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_year_is_the_closest_one() {
        let at = |text| beijing::parse_compact(text).unwrap();
        for (text, near, expected) in [
            ("0315120100", "20260315120059", Some("20260315120100")),
            ("0101000003", "20251231235958", Some("20260101000003")),
            ("1231235958", "20260101000003", Some("20251231235958")),
            ("0229120000", "20240301000000", Some("20240229120000")),
            ("0229120000", "20260301000000", None),
            ("1315120100", "20260315120100", None),
            ("315120100", "20260315120100", None),
            ("+315120100", "20260315120100", None),
        ] {
            assert_eq!(yearless(text, at(near)), expected.map(at), "{text} near {near}");
        }
    }
}
