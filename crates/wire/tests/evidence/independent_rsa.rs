//! RSA verification once more (RFC 8017 §8.2.2) over 64-bit limbs, with no cryptographic library but a digest.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// Whether `signature_base64` is the SHA-256 signature of `message` under the SubjectPublicKeyInfo in `public_pem`.
pub(crate) fn verify_sha256(public_pem: &str, message: &[u8], signature_base64: &str) -> bool {
    const SHA256_INFO: [u8; 19] =
        [0x30, 0x31, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
    let (modulus, exponent) = public_numbers(&der(public_pem));
    let Ok(signature) = STANDARD.decode(signature_base64) else { return false };
    if signature.len() != modulus.len() {
        return false;
    }
    let digest = [&SHA256_INFO[..], &Sha256::digest(message)].concat();
    let padding = vec![0xFF; modulus.len() - digest.len() - 3];
    let expected = [&[0, 1][..], &padding, &[0], &digest].concat();
    power(&limbs(&signature), exponent, &limbs(&modulus)) == limbs(&expected)
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
