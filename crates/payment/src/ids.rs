//! Identities, each its own type: what was parsed cannot be mistaken for what was not.

use std::fmt;

use sha2::{Digest, Sha256};

/// Why a text is not the identity that it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {what}: {rule}")]
pub struct NotAnId {
    /// The text as it came, cut to 80 characters.
    pub value: String,
    /// What it should have been.
    pub what: &'static str,
    /// The rule that it breaks.
    pub rule: &'static str,
}

fn refuse(value: &str, what: &'static str, rule: &'static str) -> NotAnId {
    NotAnId { value: value.chars().take(80).collect(), what, rule }
}

/// The alphabet and length of the merchant's own numbers.
fn is_reference(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// The merchant's own number of a sale, unique per merchant for ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderNo(String);

impl OrderNo {
    /// 1 to 64 characters of `A-Z a-z 0-9 . _ -`.
    pub fn parse(text: &str) -> Result<OrderNo, NotAnId> {
        if is_reference(text) {
            Ok(OrderNo(text.to_owned()))
        } else {
            Err(refuse(text, "an order number", "1 to 64 characters of A-Z a-z 0-9 . _ -"))
        }
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The merchant whose sale it is: one installation may serve several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MerchantCode(String);

impl MerchantCode {
    /// 1 to 32 characters of `A-Z a-z 0-9 _ -`.
    pub fn parse(text: &str) -> Result<MerchantCode, NotAnId> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if fits {
            Ok(MerchantCode(text.to_owned()))
        } else {
            Err(refuse(text, "a merchant code", "1 to 32 characters of A-Z a-z 0-9 _ -"))
        }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Four characters that tell this installation's order numbers from another's on the same channel account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace([u8; 4]);

impl Namespace {
    /// Exactly four characters of `A-Z 0-9`.
    pub fn parse(text: &str) -> Result<Namespace, NotAnId> {
        let bytes: Option<[u8; 4]> = text.as_bytes().try_into().ok();
        match bytes {
            Some(bytes) if bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) => {
                Ok(Namespace(bytes))
            }
            Some(_) | None => Err(refuse(text, "a namespace", "exactly four characters of A-Z 0-9")),
        }
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{}", char::from(*b)))
    }
}

/// The number under which a channel knows one attempt: 28 characters of `A-Z 2-7 0-9`, derived, never counted or drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelOrderNo(String);

impl ChannelOrderNo {
    /// Derives the number: the namespace, then 24 characters of base32 of SHA-256 over the length-prefixed merchant code,
    /// order number and attempt.
    ///
    /// A resubmit after lost memory thereby meets the channel's own record of the same sale, and two installations on one
    /// channel account do not collide. The rule is frozen: a fixture test holds it.
    #[must_use]
    pub fn derive(
        namespace: Namespace,
        merchant: &MerchantCode,
        order_no: &OrderNo,
        attempt: u32,
    ) -> ChannelOrderNo {
        let parts = [merchant.as_str().as_bytes(), order_no.as_str().as_bytes(), &attempt.to_be_bytes()[..]];
        ChannelOrderNo(format!("{namespace}{}", digest_of(&parts)))
    }

    /// A number read back from a row, or made for a probe: 6 to 32 characters of `A-Z 0-9`.
    pub fn parse(text: &str) -> Result<ChannelOrderNo, NotAnId> {
        let fits = (6..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if fits {
            Ok(ChannelOrderNo(text.to_owned()))
        } else {
            Err(refuse(text, "a channel order number", "6 to 32 characters of A-Z 0-9"))
        }
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The merchant's own number of a refund: 1 to 64 characters of `A-Z a-z 0-9 . _ -`, unique per merchant for ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefundNo(String);

impl RefundNo {
    /// What stands before the channel order number in the number of a refund that a watch wants; no merchant can write it.
    const LATE: &'static str = "late:";

    /// Reads a merchant's number.
    pub fn parse(text: &str) -> Result<RefundNo, NotAnId> {
        if is_reference(text) {
            Ok(RefundNo(text.to_owned()))
        } else {
            Err(refuse(text, "a refund number", "1 to 64 characters of A-Z a-z 0-9 . _ -"))
        }
    }

    /// The number of the one refund that gives late money of an attempt back.
    #[must_use]
    pub fn of_late_money(order: &ChannelOrderNo) -> RefundNo {
        RefundNo(format!("{}{}", RefundNo::LATE, order.as_str()))
    }

    /// Reads a number back from a row: a merchant's, or one of late money.
    pub fn stored(text: &str) -> Result<RefundNo, NotAnId> {
        match text.strip_prefix(RefundNo::LATE) {
            Some(order) => Ok(RefundNo::of_late_money(&ChannelOrderNo::parse(order)?)),
            None => RefundNo::parse(text),
        }
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number under which a channel knows one refund: 28 characters of `A-Z 2-7 0-9`, derived like [`ChannelOrderNo`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelRefundNo(String);

impl ChannelRefundNo {
    /// Derives the number: the namespace, then 24 characters of base32 of SHA-256 over the length-prefixed merchant code,
    /// the word `refund`, and the merchant's refund number. The rule is frozen: a fixture test holds it.
    #[must_use]
    pub fn derive(namespace: Namespace, merchant: &MerchantCode, refund_no: &RefundNo) -> ChannelRefundNo {
        let parts = [merchant.as_str().as_bytes(), b"refund", refund_no.as_str().as_bytes()];
        ChannelRefundNo(format!("{namespace}{}", digest_of(&parts)))
    }

    /// A number read back from a row: 6 to 32 characters of `A-Z 0-9`.
    pub fn parse(text: &str) -> Result<ChannelRefundNo, NotAnId> {
        ChannelOrderNo::parse(text).map(|number| ChannelRefundNo(number.0))
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The identity of one refund: `ref_` and 26 Crockford characters of a 128-bit number that sorts by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefundId(pub u128);

impl RefundId {
    /// Reads what [`fmt::Display`] prints.
    pub fn parse(text: &str) -> Result<RefundId, NotAnId> {
        parse_id(text, "ref_").map(RefundId).ok_or_else(|| {
            refuse(
                text,
                "a refund id",
                "ref_ and 26 characters, as POST /v1/payments/{id}/refunds answered it",
            )
        })
    }
}

impl fmt::Display for RefundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_id(self.0, "ref_"))
    }
}

/// 24 characters of base32 of SHA-256 over length-prefixed parts.
fn digest_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let length = u32::try_from(part.len()).expect("identities are shorter than 65 bytes");
        hash.update(length.to_be_bytes());
        hash.update(part);
    }
    base32(&hash.finalize()[..15])
}

/// RFC 4648 base32 without padding; 15 bytes are exactly 24 characters.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let mut buffer = 0_u32;
    let mut bits = 0_u32;
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits & 31) as usize]));
        }
    }
    text
}

/// The identity of one payment: `pay_` and 26 Crockford characters of a 128-bit number that sorts by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentId(pub u128);

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl PaymentId {
    /// 48 bits of milliseconds, then 80 bits of `random`.
    #[must_use]
    pub fn new(now_ms: i64, random: [u8; 10]) -> PaymentId {
        let mut bytes = [0_u8; 16];
        bytes[..6].copy_from_slice(&now_ms.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        PaymentId(u128::from_be_bytes(bytes))
    }

    /// Reads what [`fmt::Display`] prints.
    pub fn parse(text: &str) -> Result<PaymentId, NotAnId> {
        parse_id(text, "pay_").map(PaymentId).ok_or_else(|| {
            refuse(text, "a payment id", "pay_ and 26 characters, as POST /v1/payments answered it")
        })
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_id(self.0, "pay_"))
    }
}

/// Prints a 128-bit identity with its prefix, 26 Crockford characters.
#[must_use]
pub fn print_id(id: u128, prefix: &str) -> String {
    let mut text = String::from(prefix);
    for place in (0..26).rev() {
        text.push(char::from(CROCKFORD[(id >> (place * 5) & 31) as usize]));
    }
    text
}

/// Reads what [`print_id`] prints.
#[must_use]
pub fn parse_id(text: &str, prefix: &str) -> Option<u128> {
    let digits = text.strip_prefix(prefix)?;
    if digits.len() != 26 || !digits.starts_with(|first: char| ('0'..='7').contains(&first)) {
        return None;
    }
    digits.bytes().try_fold(0_u128, |id, byte| {
        let value = CROCKFORD.iter().position(|known| *known == byte)?;
        Some(id << 5 | value as u128)
    })
}

/// A keyed fingerprint of a payment code: enough to know it again, useless for paying with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeFingerprint(pub [u8; 32]);

impl fmt::Debug for CodeFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeFingerprint({:02x}{:02x}..)", self.0[0], self.0[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derive(namespace: &str, merchant: &str, order_no: &str, attempt: u32) -> String {
        let namespace = Namespace::parse(namespace).unwrap();
        let merchant = MerchantCode::parse(merchant).unwrap();
        let order_no = OrderNo::parse(order_no).unwrap();
        ChannelOrderNo::derive(namespace, &merchant, &order_no, attempt).as_str().to_owned()
    }

    /// These numbers are in channels' books; the rule behind them never changes.
    #[test]
    fn derived_numbers_are_frozen() {
        let fixtures = [
            ("A1B2", "default", "20261121-0001", 1, FROZEN[0]),
            ("A1B2", "default", "20261121-0001", 2, FROZEN[1]),
            ("ZZ99", "default", "20261121-0001", 1, FROZEN[2]),
        ];
        for (namespace, merchant, order_no, attempt, expected) in fixtures {
            assert_eq!(derive(namespace, merchant, order_no, attempt), expected);
        }
    }

    const FROZEN: [&str; 3] =
        ["A1B247NWRSEGJS5MRJRYM7KNOQTQ", "A1B2XE5A4OIHQLNGST5TQOJMTLDA", "ZZ9947NWRSEGJS5MRJRYM7KNOQTQ"];

    #[test]
    fn derived_refund_numbers_are_frozen_and_are_no_order_numbers() {
        let derive = |refund_no: &str| {
            let namespace = Namespace::parse("A1B2").unwrap();
            let merchant = MerchantCode::parse("default").unwrap();
            let refund_no = RefundNo::stored(refund_no).unwrap();
            ChannelRefundNo::derive(namespace, &merchant, &refund_no).as_str().to_owned()
        };
        assert_eq!(derive("R20261121-0001"), FROZEN_REFUNDS[0]);
        assert_eq!(derive(&format!("late:{}", FROZEN[0])), FROZEN_REFUNDS[1]);
        assert!(!FROZEN.contains(&derive("20261121-0001").as_str()));
        assert!(RefundNo::parse("late:A1B2").is_err(), "no merchant writes a number of late money");
    }

    const FROZEN_REFUNDS: [&str; 2] = ["A1B2223KNPUQJU2MUSR7IALDLAO7", "A1B2X2EDJLGNIXKWICHGKTVQVAJ5"];

    #[test]
    fn length_prefixes_keep_neighbours_apart() {
        assert_ne!(derive("A1B2", "ab", "c", 1), derive("A1B2", "a", "bc", 1));
        assert_eq!(derive("A1B2", "ab", "c", 1).len(), 28);
    }

    #[test]
    fn ids_print_and_parse() {
        let id = PaymentId::new(1_773_590_399_999, [7; 10]);
        assert_eq!(PaymentId::parse(&id.to_string()), Ok(id));
        for bad in ["", "pay_", "pay_8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "pay_0000000000000000000000000U"] {
            assert!(PaymentId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bad_identities_name_the_value_and_the_rule() {
        let error = OrderNo::parse("a b").unwrap_err().to_string();
        assert!(error.contains("a b") && error.contains("1 to 64"), "{error}");
        for bad in ["", "a/b", "订单", &"x".repeat(65)] {
            assert!(OrderNo::parse(bad).is_err());
        }
        for bad in ["", "ABC", "abcd", "ABCDE", "AB-1"] {
            assert!(Namespace::parse(bad).is_err());
        }
    }
}
