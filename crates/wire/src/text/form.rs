//! `application/x-www-form-urlencoded`, in queries and bodies, in the charset that the message declares.

use super::{Charset, DuplicateName, Fields};

/// Longest form, in bytes before decoding.
pub const FORM_BYTES_MAX: usize = 256 * 1024;
/// Most pairs in a form.
pub const PAIRS_MAX: usize = 200;

/// Why bytes are not a form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// More than [`FORM_BYTES_MAX`] bytes or [`PAIRS_MAX`] pairs.
    #[error("the form is larger than allowed")]
    TooLarge,
    /// A `%` without two hexadecimal digits.
    #[error("the form holds a broken percent escape")]
    Escape,
    /// Decoded bytes are not of the declared charset.
    #[error("the form is not in its declared charset")]
    Charset,
    /// A name that stands twice.
    #[error(transparent)]
    Duplicate(#[from] DuplicateName),
}

/// A decoded pair whose bytes are still in the sender's charset.
pub(crate) type RawPair = (Vec<u8>, Vec<u8>);

/// Prints a form: a blank as `+`, everything but letters, digits and `-_.~` as percent escapes of its bytes.
pub fn encode(fields: &Fields, charset: Charset) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name, charset), escaped(value, charset)))
        .collect();
    pairs.join("&")
}

/// Reads a form, decoding each name and value exactly once.
///
/// # Errors
/// [`FormError`], never a partial result.
pub fn decode(form: &[u8], charset: Charset) -> Result<Fields, FormError> {
    fields_of(&raw_pairs(form)?, charset)
}

/// Splits a form and undoes its escapes, before the charset is known. Empty pieces (`a=1&&b=2`) are skipped.
pub(crate) fn raw_pairs(form: &[u8]) -> Result<Vec<RawPair>, FormError> {
    if form.len() > FORM_BYTES_MAX {
        return Err(FormError::TooLarge);
    }
    let mut pairs = Vec::new();
    for piece in form.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
        if pairs.len() == PAIRS_MAX {
            return Err(FormError::TooLarge);
        }
        let middle = piece.iter().position(|byte| *byte == b'=');
        let (name, value) = middle.map_or((piece, &b""[..]), |at| (&piece[..at], &piece[at + 1..]));
        pairs.push((unescaped(name)?, unescaped(value)?));
    }
    Ok(pairs)
}

/// The pairs as texts of their charset.
pub(crate) fn fields_of(pairs: &[RawPair], charset: Charset) -> Result<Fields, FormError> {
    let text = |bytes: &[u8]| charset.decode(bytes).ok_or(FormError::Charset);
    let mut fields = Fields::new();
    for (name, value) in pairs {
        fields.append(text(name)?, text(value)?)?;
    }
    Ok(fields)
}

fn escaped(text: &str, charset: Charset) -> String {
    let mut form = String::with_capacity(text.len());
    for byte in charset.encode(text) {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                form.push(char::from(byte))
            }
            b' ' => form.push('+'),
            _ => form.push_str(&format!("%{byte:02X}")),
        }
    }
    form
}

fn unescaped(text: &[u8]) -> Result<Vec<u8>, FormError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let (byte, next) = match (first, tail) {
            (b'+', _) => (b' ', tail),
            (b'%', [high, low, next @ ..]) => (nibble(*high)? << 4 | nibble(*low)?, next),
            (b'%', _) => return Err(FormError::Escape),
            (byte, _) => (*byte, tail),
        };
        bytes.push(byte);
        rest = next;
    }
    Ok(bytes)
}

fn nibble(digit: u8) -> Result<u8, FormError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(FormError::Escape),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decodes_once() {
        let fields = decode(b"a=1+2%2B3&b=%2525&c&=x&&d=%C8%C8", Charset::Gbk).unwrap();
        let expected = [("a", "1 2+3"), ("b", "%25"), ("c", ""), ("", "x"), ("d", "热")];
        assert_eq!(fields.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn refuses_what_is_broken() {
        for (form, error) in [
            ("a=%", FormError::Escape),
            ("a=%2", FormError::Escape),
            ("a=%G0", FormError::Escape),
            ("a=%+1", FormError::Escape),
            ("a=%C8%C8", FormError::Charset),
            ("a=1&%61=2", FormError::Duplicate(DuplicateName("a".to_owned()))),
        ] {
            assert_eq!(decode(form.as_bytes(), Charset::Utf8), Err(error), "{form}");
        }
        assert_eq!(decode(&vec![b'a'; FORM_BYTES_MAX + 1], Charset::Utf8), Err(FormError::TooLarge));
        assert_eq!(decode("a&".repeat(201).as_bytes(), Charset::Utf8), Err(FormError::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_printed_decodes_to_the_same(pairs in prop::collection::btree_map("\\PC{0,9}", "\\PC{0,30}", 0..9)) {
            let fields: Fields = pairs.into_iter().collect();
            let form = encode(&fields, Charset::Utf8);
            prop_assert_eq!(decode(form.as_bytes(), Charset::Utf8), Ok(fields));
        }

        #[test]
        fn no_bytes_make_it_panic(form in prop::collection::vec(any::<u8>(), 0..99)) {
            let _ = decode(&form, Charset::Gbk);
        }
    }
}
