//! Yuan texts and fen integers. Money is never a float.

/// The largest amount that a channel takes, in fen: 100 000 000.00 yuan (alipay.md §3).
pub const FEN_MAX: i64 = 10_000_000_000;

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an amount in yuan: {0:?}")]
pub struct YuanError(pub String);

/// Fen as yuan with two decimals, for example 1280 as `12.80`. A negative amount prints a sign that [`parse`] refuses.
pub fn print(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let size = fen.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// Yuan with at most two decimals as fen, 0 to [`FEN_MAX`].
///
/// # Errors
/// [`YuanError`] for a sign, a blank, an exponent, a third decimal, a needless leading zero, a missing digit on either
/// side of the point, or more than [`FEN_MAX`].
pub fn parse(text: &str) -> Result<i64, YuanError> {
    parsed(text).ok_or_else(|| YuanError(text.to_owned()))
}

fn parsed(text: &str) -> Option<i64> {
    let (whole, decimals) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let needless_zero = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() || whole.len() > 9 || needless_zero || decimals.len() > 2 {
        return None;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    let fen = format!("{whole}{decimals:0<2}").parse().ok()?;
    (fen <= FEN_MAX).then_some(fen)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_and_refuses() {
        for (text, fen) in
            [("0", 0), ("0.0", 0), ("0.01", 1), ("12.8", 1280), ("88.88", 8888), ("100000000.00", FEN_MAX)]
        {
            assert_eq!(parse(text), Ok(fen), "{text}");
        }
        let refused = [
            "",
            ".",
            ".5",
            "5.",
            "-1",
            "+1",
            "1e2",
            "1.001",
            " 1",
            "1 ",
            "01",
            "00",
            "1,00",
            "1.-1",
            "１",
            "100000000.01",
            "1000000000",
            "9223372036854775807",
            "NaN",
            "0x1",
        ];
        for text in refused {
            assert_eq!(parse(text), Err(YuanError(text.to_owned())));
        }
        assert_eq!((print(0), print(5), print(-5)), ("0.00".into(), "0.05".into(), "-0.05".into()));
        assert_eq!(print(i64::MIN), "-92233720368547758.08");
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(fen in 0..=FEN_MAX) {
            prop_assert_eq!(parse(&print(fen)), Ok(fen));
        }

        #[test]
        fn small_amounts_too(fen in 0..=100_000_000i64) {
            prop_assert_eq!(parse(&print(fen)), Ok(fen));
        }

        #[test]
        fn never_panics_and_accepts_only_amounts(text in "[0-9.eE+ -]{0,14}") {
            if let Ok(fen) = parse(&text) {
                prop_assert!((0..=FEN_MAX).contains(&fen));
                let forms = [text.clone(), format!("{text}0"), format!("{text}.00")];
                prop_assert!(forms.contains(&print(fen)));
            }
        }
    }
}
