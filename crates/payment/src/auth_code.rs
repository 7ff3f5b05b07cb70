//! The payment code (付款码、授权码): parsed, routed by prefix and length, and printed masked.

mod codes;

use std::fmt;

pub use codes::{Codes, WrongCodes};
use zeroize::Zeroize;

/// The wallet that shows the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wallet {
    /// 微信支付
    Wechat,
    /// 支付宝
    Alipay,
    /// 云闪付 and the banks' apps
    UnionPay,
}

impl Wallet {
    /// The wallet's word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Wallet::Wechat => "wechat",
            Wallet::Alipay => "alipay",
            Wallet::UnionPay => "unionpay",
        }
    }
}

/// Which codes belong to which wallet: first two digits (inclusive range), then lengths (inclusive range).
///
/// WeChat: `^1[0-5][0-9]{16}$` (WxJava request check). Alipay: prefixes 25 to 30, 16 to 24 digits
/// (alipay.trade.pay, auth_code). UnionPay: 62, 19 digits (ACP 5.1.0 qrNo).
pub const DIGIT_CODES: &[(Wallet, u8, u8, usize, usize)] =
    &[(Wallet::Wechat, 10, 15, 18, 18), (Wallet::Alipay, 25, 30, 16, 24), (Wallet::UnionPay, 62, 62, 19, 19)];

/// An Alipay face token starts so and has [`FACE_TOKEN_LENGTH`] characters.
const FACE_TOKEN_PREFIX: &str = "fp";
const FACE_TOKEN_LENGTH: usize = 35;

/// A payment code as scanned, cleaned of white space and control characters. Zeroed when dropped, masked when printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthCode {
    text: String,
    wallet: Wallet,
}

/// Why a text is no payment code. The code itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a code of {length} characters that starts with {prefix:?} belongs to no wallet: \
     WeChat codes are 18 digits from 10 to 15, Alipay codes 16 to 24 digits from 25 to 30, \
     UnionPay codes 19 digits from 62; scan again"
)]
pub struct UnknownCode {
    /// How many characters the cleaned code has.
    pub length: usize,
    /// Its first two characters, or blanks where they are no ASCII letters or digits.
    pub prefix: Prefix,
}

/// The first two characters of a code, which is all of it that is ever shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Prefix([u8; 2]);

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}{}\"", char::from(self.0[0]), char::from(self.0[1]))
    }
}

impl Prefix {
    fn of(text: &str) -> Prefix {
        let mut shown = [b' '; 2];
        for (place, byte) in text.bytes().take(2).enumerate() {
            if byte.is_ascii_alphanumeric() {
                shown[place] = byte;
            }
        }
        Prefix(shown)
    }
}

impl AuthCode {
    /// Cleans and routes a scanned text; anything that no wallet issues is refused before a payment exists.
    pub fn parse(scanned: &str) -> Result<AuthCode, UnknownCode> {
        let mut text: String = scanned.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        match wallet_of(&text) {
            Some(wallet) => Ok(AuthCode { text, wallet }),
            None => {
                let unknown = UnknownCode { length: text.chars().count(), prefix: Prefix::of(&text) };
                text.zeroize();
                Err(unknown)
            }
        }
    }

    /// The wallet that issued it.
    #[must_use]
    pub fn wallet(&self) -> Wallet {
        self.wallet
    }

    /// Whether it is a face token rather than a bar code.
    #[must_use]
    pub fn is_face_token(&self) -> bool {
        self.text.starts_with(FACE_TOKEN_PREFIX)
    }

    /// The code itself, for the request that spends it and for its fingerprint; nothing else may hold it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Two characters, stars and the length: `13****************`.
    #[must_use]
    pub fn masked(&self) -> String {
        let length = self.text.len();
        format!("{}{}", &self.text[..2], "*".repeat(length.saturating_sub(2)))
    }
}

impl fmt::Debug for AuthCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthCode({})", self.masked())
    }
}

impl Drop for AuthCode {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

fn wallet_of(text: &str) -> Option<Wallet> {
    if text.starts_with(FACE_TOKEN_PREFIX) {
        let fits = text.len() == FACE_TOKEN_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
        return fits.then_some(Wallet::Alipay);
    }
    if text.len() < 2 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let prefix: u8 = text[..2].parse().ok()?;
    DIGIT_CODES
        .iter()
        .find(|(_, first, last, shortest, longest)| {
            (*first..=*last).contains(&prefix) && (*shortest..=*longest).contains(&text.len())
        })
        .map(|(wallet, ..)| *wallet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scanned: &str, expected: Option<Wallet>) {
        assert_eq!(AuthCode::parse(scanned).ok().map(|code| code.wallet()), expected, "{scanned:?}");
    }

    #[test]
    fn prefix_and_length_route() {
        check("134567890123456789", Some(Wallet::Wechat));
        check("  1345 6789 0123 4567 89\r\n", Some(Wallet::Wechat));
        check("164567890123456789", None);
        check("13456789012345678", None);
        check("2876344382566439", Some(Wallet::Alipay));
        check("287634438256643941234567", Some(Wallet::Alipay));
        check("2876344382566439412345678", None);
        check("314567890123456789", None);
        check("6212345678901234567", Some(Wallet::UnionPay));
        check("621234567890123456", None);
        check(&format!("fp{}", "a".repeat(33)), Some(Wallet::Alipay));
        check("fp123", None);
        check("", None);
        check("1", None);
        check("１３４５６７８９０１２３４５６７８９", None);
        check("13456789012345678é", None);
    }

    #[test]
    fn neither_debug_nor_refusal_shows_the_code() {
        let code = AuthCode::parse("134567890123456789").unwrap();
        assert_eq!(format!("{code:?}"), "AuthCode(13****************)");
        let refusal = AuthCode::parse("994567890123456789").unwrap_err().to_string();
        assert!(refusal.contains("99") && !refusal.contains("4567"), "{refusal}");
    }
}
