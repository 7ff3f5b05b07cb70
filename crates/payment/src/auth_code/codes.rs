//! Which codes a rule of routing is about: how they start, and how long they are.

use super::{AuthCode, DIGIT_CODES, Wallet};

/// How many digits a rule may look at. The first two say the wallet; the others say the institution, where a contract names it
/// (unionpay.md §11, trap 11: one prefix, several acquirers).
const DIGITS_MIN: usize = 2;
const DIGITS_MAX: usize = 8;

/// Codes that begin with digits in a range and have one of some lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    first: u32,
    last: u32,
    digits: usize,
    lengths: Vec<usize>,
}

/// Why a rule is about no codes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongCodes {
    /// The beginning is not in its form.
    #[error(
        "{0:?} is no beginning of codes: 2 to 8 digits such as \"62\", or a range of equal length such as \"25-30\""
    )]
    Prefix(String),
    /// No wallet has such codes.
    #[error(
        "no wallet has codes that begin with {0} and have these lengths: WeChat has 18 digits from 10 to 15, Alipay 16 to 24 \
         digits from 25 to 30, UnionPay 19 digits from 62"
    )]
    Nobody(String),
}

impl Codes {
    /// `prefix` is what codes begin with, `62` or `25-30`; `lengths` in characters, empty where any will do.
    ///
    /// # Errors
    /// [`WrongCodes`] when the prefix is none, or no wallet has such codes.
    pub fn parse(prefix: &str, lengths: &[usize]) -> Result<Codes, WrongCodes> {
        let wrong = || WrongCodes::Prefix(prefix.to_owned());
        let (first, last) = prefix.split_once('-').unwrap_or((prefix, prefix));
        let digits = first.len();
        let formed = |text: &str| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        if !(DIGITS_MIN..=DIGITS_MAX).contains(&digits) || !formed(first) || !formed(last) {
            return Err(wrong());
        }
        let number = |text: &str| text.parse().map_err(|_| wrong());
        let codes = Codes { first: number(first)?, last: number(last)?, digits, lengths: lengths.to_vec() };
        if codes.first > codes.last {
            return Err(wrong());
        }
        if codes.wallets().is_empty() { Err(WrongCodes::Nobody(prefix.to_owned())) } else { Ok(codes) }
    }

    /// Whether a code is one of them. A face token is none.
    #[must_use]
    pub fn takes(&self, code: &AuthCode) -> bool {
        let text = code.expose();
        let begins = text.get(..self.digits).and_then(|digits| digits.parse().ok());
        begins.is_some_and(|begins: u32| (self.first..=self.last).contains(&begins))
            && (self.lengths.is_empty() || self.lengths.contains(&text.len()))
    }

    /// The wallets that issue such codes.
    #[must_use]
    pub fn wallets(&self) -> Vec<Wallet> {
        let two = |begins: u32| begins / 10_u32.pow(u32::try_from(self.digits - DIGITS_MIN).unwrap_or(0));
        let (first, last) = (two(self.first), two(self.last));
        let known = DIGIT_CODES.iter().filter(|(_, from, to, shortest, longest)| {
            let fits = |length: &usize| (shortest..=longest).contains(&length);
            first <= u32::from(*to)
                && last >= u32::from(*from)
                && (self.lengths.is_empty() || self.lengths.iter().any(fits))
        });
        known.map(|(wallet, ..)| *wallet).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(prefix: &str, lengths: &[usize], code: &str) -> bool {
        Codes::parse(prefix, lengths).unwrap().takes(&AuthCode::parse(code).unwrap())
    }

    #[test]
    fn beginning_and_length_decide() {
        assert!(takes("62", &[], "6212345678901234567"));
        assert!(takes("62", &[19], "6212345678901234567"));
        assert!(takes("6212", &[], "6212345678901234567"));
        assert!(takes("6210-6212", &[], "6212345678901234567"));
        assert!(!takes("6213", &[], "6212345678901234567"));
        assert!(!takes("6210-6211", &[], "6212345678901234567"));
        assert!(takes("25-30", &[], "2876344382566439"));
        assert!(!takes("25-30", &[18], "2876344382566439"));
        assert!(!takes("25-30", &[], &format!("fp{}", "a".repeat(33))));
    }

    #[test]
    fn a_rule_knows_its_wallets() {
        let wallets = |prefix: &str| Codes::parse(prefix, &[]).unwrap().wallets();
        assert_eq!(wallets("13"), [Wallet::Wechat]);
        assert_eq!(wallets("10-30"), [Wallet::Wechat, Wallet::Alipay]);
        assert_eq!(wallets("6217"), [Wallet::UnionPay]);
    }

    #[test]
    fn what_is_no_rule_is_said() {
        for prefix in ["", "6", "62x", "621-62", "123456789", "30-25", "62-"] {
            assert!(matches!(Codes::parse(prefix, &[]), Err(WrongCodes::Prefix(_))), "{prefix}");
        }
        assert!(matches!(Codes::parse("99", &[]), Err(WrongCodes::Nobody(_))));
        assert!(matches!(Codes::parse("62", &[18]), Err(WrongCodes::Nobody(_))));
    }
}
