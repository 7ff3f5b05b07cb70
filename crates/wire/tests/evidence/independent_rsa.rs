//! RSA verification once more (RFC 8017 §8.2.2) over 64-bit limbs, with no cryptographic library but a digest.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// Whether `signature_base64` is the SHA-256 signature of `message` under the SubjectPublicKeyInfo in `public_pem`.
pub(crate) fn verify_sha256(public_pem: &str, message: &[u8], signature_base64: &str) -> bool {
    const SHA256_INFO: [u8; 19] =
        [0x30, 0x31, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
    verify(public_pem, &[&SHA256_INFO[..], &Sha256::digest(message)].concat(), signature_base64)
}

/// The same with SHA-1.
pub(crate) fn verify_sha1(public_pem: &str, message: &[u8], signature_base64: &str) -> bool {
    const SHA1_INFO: [u8; 15] = [0x30, 0x21, 0x30, 9, 6, 5, 0x2B, 0x0E, 3, 2, 0x1A, 5, 0, 4, 0x14];
    verify(public_pem, &[&SHA1_INFO[..], &sha1(message)].concat(), signature_base64)
}

fn verify(public_pem: &str, digest: &[u8], signature_base64: &str) -> bool {
    let (modulus, exponent) = public_numbers(&der(public_pem));
    let Ok(signature) = STANDARD.decode(signature_base64) else { return false };
    if signature.len() != modulus.len() {
        return false;
    }
    let padding = vec![0xFF; modulus.len() - digest.len() - 3];
    let expected = [&[0, 1][..], &padding, &[0], digest].concat();
    power(&limbs(&signature), exponent, &limbs(&modulus)) == limbs(&expected)
}

/// RFC 3174 §6.1.
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    let mut state = [0x6745_2301u32, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
    for chunk in padded.chunks(64) {
        let mut words: Vec<u32> =
            chunk.chunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap())).collect();
        for at in 16..80 {
            words.push((words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16]).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (at, word) in words.iter().enumerate() {
            let (mix, constant) = match at / 20 {
                0 => ((b & c) | (!b & d), 0x5A82_7999),
                1 => (b ^ c ^ d, 0x6ED9_EBA1),
                2 => ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC),
                _ => (b ^ c ^ d, 0xCA62_C1D6u32),
            };
            let sum = a.rotate_left(5).wrapping_add(mix).wrapping_add(e);
            (e, d, c, b) = (d, c, b.rotate_left(30), a);
            a = sum.wrapping_add(constant).wrapping_add(*word);
        }
        for (total, part) in state.iter_mut().zip([a, b, c, d, e]) {
            *total = total.wrapping_add(part);
        }
    }
    let mut digest = [0; 20];
    for (bytes, word) in digest.chunks_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

pub(crate) fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

/// Modulus bytes and exponent of a SubjectPublicKeyInfo.
fn public_numbers(der: &[u8]) -> (Vec<u8>, u64) {
    let (outer, _) = element(der, 0x30);
    let (_, bits) = element(outer, 0x30);
    let (bits, _) = element(bits, 0x03);
    let (pair, _) = element(&bits[1..], 0x30);
    let (modulus, rest) = element(pair, 0x02);
    let (exponent, _) = element(rest, 0x02);
    let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    (modulus.to_vec(), exponent.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// The content of the DER element at the front, and what follows it.
fn element(der: &[u8], tag: u8) -> (&[u8], &[u8]) {
    assert_eq!(der[0], tag);
    let (length, head) = match der[1] {
        short @ 0..=0x7F => (usize::from(short), 2),
        long => {
            let octets = usize::from(long & 0x7F);
            (der[2..2 + octets].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), 2 + octets)
        }
    };
    (&der[head..head + length], &der[head + length..])
}

/// Big-endian bytes as little-endian limbs.
fn limbs(bytes: &[u8]) -> Vec<u64> {
    bytes.rchunks(8).map(|chunk| chunk.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))).collect()
}

fn power(base: &[u64], exponent: u64, modulus: &[u64]) -> Vec<u64> {
    let mut result = vec![0; modulus.len()];
    result[0] = 1;
    for bit in (0..64 - exponent.leading_zeros()).rev() {
        result = product(&result, &result, modulus);
        if exponent >> bit & 1 == 1 {
            result = product(&result, base, modulus);
        }
    }
    result
}

/// `a * b mod modulus` by doubling and adding, one bit of `a` at a time.
fn product(a: &[u64], b: &[u64], modulus: &[u64]) -> Vec<u64> {
    let mut sum = vec![0; modulus.len()];
    for limb in a.iter().rev() {
        for bit in (0..64).rev() {
            sum = added(&sum, &sum, modulus);
            if limb >> bit & 1 == 1 {
                sum = added(&sum, b, modulus);
            }
        }
    }
    sum
}

/// `a + b mod modulus`, both below `modulus`.
fn added(a: &[u64], b: &[u64], modulus: &[u64]) -> Vec<u64> {
    let mut carry = false;
    let mut sum = Vec::with_capacity(modulus.len());
    for (left, right) in a.iter().zip(b) {
        let (partial, first) = left.overflowing_add(*right);
        let (limb, second) = partial.overflowing_add(u64::from(carry));
        sum.push(limb);
        carry = first || second;
    }
    if carry || sum.iter().rev().cmp(modulus.iter().rev()) != Ordering::Less {
        let mut borrow = false;
        for (limb, part) in sum.iter_mut().zip(modulus) {
            let (partial, first) = limb.overflowing_sub(*part);
            let (difference, second) = partial.overflowing_sub(u64::from(borrow));
            *limb = difference;
            borrow = first || second;
        }
    }
    sum
}
