//! What an ACP signature is over (unionpay.md §5.1).

use aws_lc_rs::digest::{SHA256, digest as hash};
use zeroize::Zeroizing;

use crate::text::Fields;

/// The text that is signed: the SHA-256 of the sorted fields, as 64 lower-case hexadecimal digits. The signature's own
/// SHA-256 comes on top. Every field counts but `signature`, an empty one too: senders leave such out.
pub fn digest(fields: &Fields) -> String {
    let digest = hash(&SHA256, sorted_text(fields).as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `name=value` joined with `&`, sorted by raw bytes, values raw. It may hold a payment code.
fn sorted_text(fields: &Fields) -> Zeroizing<String> {
    let mut parts: Vec<(&str, &str)> = fields.iter().filter(|(name, _)| *name != "signature").collect();
    parts.sort_unstable_by_key(|(name, _)| name.as_bytes());
    // One allocation of the final size, so that no copy of a code is left behind by growth.
    let length = parts.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    for (name, value) in parts {
        let separator = if text.is_empty() { "" } else { "&" };
        for piece in [separator, name, "=", value] {
            text.push_str(piece);
        }
    }
    text
}
