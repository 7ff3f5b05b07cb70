//! Key texts: PEM armour or bare base64, as merchants paste them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The DER bytes inside `text`: of its PEM block if it has one with a fitting label, else of bare base64.
///
/// White space and line breaks are ignored wherever they stand. `None` when the text is neither.
pub(super) fn decode(text: &str, labels: &[&str]) -> Option<Zeroizing<Vec<u8>>> {
    let body = if text.contains("-----") { block(text, labels)? } else { text };
    let compact: Zeroizing<String> =
        Zeroizing::new(body.chars().filter(|character| !character.is_whitespace()).collect());
    let der = Zeroizing::new(STANDARD.decode(compact.as_bytes()).ok()?);
    if der.is_empty() { None } else { Some(der) }
}

fn block<'a>(text: &'a str, labels: &[&str]) -> Option<&'a str> {
    labels.iter().find_map(|label| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
        Some(body)
    })
}
