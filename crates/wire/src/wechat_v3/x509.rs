//! What is needed of an X.509 certificate: serial number and public key (RFC 5280 §4.1).
//!
//! Nothing here checks who issued it: a platform certificate is believed because it came under the APIv3 key
//! (wechat.md §4.2, §4.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::sign::VerifyingKey;

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;

/// Upper-case hexadecimal serial without leading zeros, and the RSA key. `None` when it is no such certificate.
pub(super) fn serial_and_key(pem: &str) -> Option<(String, VerifyingKey)> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let compact: String = body.chars().filter(|character| !character.is_whitespace()).collect();
    let der = STANDARD.decode(compact).ok()?;
    let (certificate, _) = element(&der, SEQUENCE)?;
    let (to_be_signed, _) = element(content(certificate), SEQUENCE)?;
    let fields = content(to_be_signed);
    let fields = element(fields, VERSION).map_or(fields, |(_, rest)| rest);
    let (serial, mut fields) = element(fields, INTEGER)?;
    // Signature algorithm, issuer, validity, subject.
    for _ in 0..4 {
        fields = element(fields, SEQUENCE)?.1;
    }
    let (key, _) = element(fields, SEQUENCE)?;
    let serial: String = content(serial).iter().map(|byte| format!("{byte:02X}")).collect();
    let key = VerifyingKey::from_pem_or_base64(&STANDARD.encode(key)).ok()?;
    Some((serial.trim_start_matches('0').to_owned(), key))
}

/// The whole element at the front, head included, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    if *der.first()? != tag {
        return None;
    }
    let (head, length) = head(der)?;
    der.split_at_checked(head.checked_add(length)?)
}

/// The content of a whole element.
fn content(element: &[u8]) -> &[u8] {
    head(element).map_or(&[], |(head, _)| &element[head..])
}

/// Lengths of head and content.
fn head(der: &[u8]) -> Option<(usize, usize)> {
    match *der.get(1)? {
        short @ 0..=0x7F => Some((2, short.into())),
        long => {
            let octets = usize::from(long & 0x7F);
            let bytes = der.get(2..2 + octets).filter(|_| (1..=4).contains(&octets))?;
            Some((2 + octets, bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))))
        }
    }
}
