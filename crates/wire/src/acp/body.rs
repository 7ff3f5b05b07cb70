//! Bodies of answers and notices: the same pairs, in the clear or as a form (unionpay.md §5.1).

use crate::text::{Charset, DuplicateName, Fields, form};

/// Longest body, bytes: a settlement file's content stands in one.
const BODY_BYTES_MAX: usize = 64 << 20;
/// Most pairs in a body.
const PAIRS_MAX: usize = 200;

/// The body is no message of this channel: a proxy's page, a cut connection, another charset. Means *unknown*.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More than 64 MiB, or more than 200 pairs.
    #[error("the answer is larger than allowed")]
    TooLarge,
    /// Not UTF-8.
    #[error("the answer is not utf-8")]
    Charset,
    /// A piece without `=`, or with nothing in front of it.
    #[error("the answer holds a piece that is no name=value")]
    NoPair,
    /// A name that stands twice.
    #[error("the answer cannot be read: {0}")]
    Duplicate(#[from] DuplicateName),
    /// A broken form.
    #[error("the answer cannot be read: {0}")]
    Form(#[from] form::FormError),
}

/// Reads a body: answers come in the clear, notices as a form.
///
/// In the clear a body holds its certificate with blanks and line breaks, which a form cannot. Without a certificate (a
/// refusal that could not be signed) it is a form if it has an escape and reads as one.
///
/// # Errors
/// [`Unreadable`], never a partial result.
pub fn read_fields(body: &[u8]) -> Result<Fields, Unreadable> {
    if body.len() > BODY_BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::Charset)?;
    if text.contains("BEGIN CERTIFICATE") {
        return clear(text);
    }
    if text.contains("BEGIN+CERTIFICATE") || text.contains("BEGIN%20CERTIFICATE") {
        return Ok(form::decode(body, Charset::Utf8)?);
    }
    let fields = if text.contains('%') { form::decode(body, Charset::Utf8).ok() } else { None };
    fields.map_or_else(|| clear(text), Ok)
}

/// Pairs in the clear: cut at each `&` outside of `{…}` and `[…]`, then at the first `=`.
fn clear(text: &str) -> Result<Fields, Unreadable> {
    let mut fields = Fields::new();
    for piece in pieces(text) {
        if fields.len() == PAIRS_MAX {
            return Err(Unreadable::TooLarge);
        }
        let (name, value) = piece.split_once('=').ok_or(Unreadable::NoPair)?;
        let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        if !named {
            return Err(Unreadable::NoPair);
        }
        fields.append(name.to_owned(), value.to_owned())?;
    }
    Ok(fields)
}

/// A bracket that opens is closed by the next one of its kind; what is in between, other brackets too, is plain text.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut closing = None;
    text.split(move |sign| {
        match (closing, sign) {
            (None, '{') => closing = Some('}'),
            (None, '[') => closing = Some(']'),
            (Some(close), sign) if sign == close => closing = None,
            (None, '&') => return true,
            _ => {}
        }
        false
    })
}

/// Prints pairs in the clear, as UnionPay answers.
pub(super) fn print_clear(fields: &Fields) -> Vec<u8> {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&").into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(body: &str, expected: Result<&[(&str, &str)], Unreadable>) {
        let read = read_fields(body.as_bytes());
        let pairs = read.as_ref().map(|fields| fields.iter().collect::<Vec<_>>());
        assert_eq!(pairs, expected.as_ref().map(|pairs| pairs.to_vec()), "{body}");
    }

    #[test]
    fn brackets_hold_pairs_together() {
        check("a=1&b={x=1&y=2}&c=[&]&d==", Ok(&[("a", "1"), ("b", "{x=1&y=2}"), ("c", "[&]"), ("d", "=")]));
        check("a=[{]&b=}", Ok(&[("a", "[{]"), ("b", "}")]));
        check("m=成功[0000000]&n=", Ok(&[("m", "成功[0000000]"), ("n", "")]));
        // What is never closed takes the rest along, the signature too.
        check("a=[1&signature=x", Ok(&[("a", "[1&signature=x")]));
    }

    #[test]
    fn a_form_is_told_from_clear_text() {
        check("respCode=11&respMsg=%E5%A4%B1", Ok(&[("respCode", "11"), ("respMsg", "失")]));
        check("respCode=11&respMsg=100%", Ok(&[("respCode", "11"), ("respMsg", "100%")]));
        check(
            "c=-----BEGIN CERTIFICATE-----\r\nA+B%3D",
            Ok(&[("c", "-----BEGIN CERTIFICATE-----\r\nA+B%3D")]),
        );
        check("c=-----BEGIN+CERTIFICATE-----%0D%0AA%2BB", Ok(&[("c", "-----BEGIN CERTIFICATE-----\r\nA+B")]));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for (body, error) in [
            ("", Unreadable::NoPair),
            ("a", Unreadable::NoPair),
            ("=1", Unreadable::NoPair),
            ("<html>\n<a href=\"x\">", Unreadable::NoPair),
            ("\u{FEFF}a=1", Unreadable::NoPair),
            ("a=1&a=2", Unreadable::Duplicate(DuplicateName("a".to_owned()))),
        ] {
            check(body, Err(error));
        }
        check(&"a&".repeat(3), Err(Unreadable::NoPair));
        let many: Vec<String> = (0..201).map(|at| format!("a{at}=1")).collect();
        check(&many.join("&"), Err(Unreadable::TooLarge));
        assert_eq!(read_fields(&[b'a', b'=', 0xC8]), Err(Unreadable::Charset));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_the_same(
            pairs in prop::collection::btree_map("[a-zA-Z]{1,9}", "[^&{}\\[\\]%]{0,30}", 1..9),
        ) {
            let fields: Fields = pairs.into_iter().collect();
            prop_assert_eq!(read_fields(&print_clear(&fields)), Ok(fields));
        }

        #[test]
        fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..99)) {
            let _ = read_fields(&body);
        }
    }
}
