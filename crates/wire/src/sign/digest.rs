//! Digests and their hexadecimal form.

use aws_lc_rs::hmac;
use md5::{Digest as _, Md5};

/// MD5, as the channels' older schemes still require it.
pub(crate) fn md5(message: &[u8]) -> [u8; 16] {
    Md5::digest(message).into()
}

/// HMAC-SHA256 of `message` under `key`.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message)
}

/// Upper-case hexadecimal.
pub(crate) fn upper_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0F])
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}

/// MD5 as 32 lower-case hexadecimal digits.
pub(crate) fn md5_hex(message: &[u8]) -> String {
    upper_hex(&md5(message)).to_lowercase()
}
