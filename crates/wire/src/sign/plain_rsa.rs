//! RSA signatures that the cryptographic library refuses to make, for channels that still ask for them: SHA-1, and
//! keys of 1024 bits (icbc.md §2). PKCS#1 v1.5 (RFC 8017 §8.2.1).
//!
//! The private exponent moves neither a branch nor an index: every step squares four times and multiplies once, by an
//! entry that is picked out of all sixteen under a mask.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use zeroize::Zeroizing;

/// The digest under an RSA signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaHash {
    /// SHA-1, for channels that know nothing else.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// A private RSA key as numbers.
pub(super) struct PlainRsa {
    modulus: Modulus,
    exponent: Zeroizing<Vec<u64>>,
    public_key: Vec<u8>,
}

/// `RSAPrivateKey` is a sequence; so is `RSAPublicKey`.
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;

impl PlainRsa {
    /// PKCS#8 or PKCS#1 DER of a key of 1024 to 8192 bits. `None` for anything else.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let (whole, _) = element(der, SEQUENCE)?;
        let (_, rest) = element(whole, INTEGER)?;
        // PKCS#8 has the algorithm's name next, PKCS#1 the modulus.
        let pkcs1 = match element(rest, SEQUENCE) {
            Some((_, key)) => element(element(key, OCTETS)?.0, SEQUENCE)?.0,
            None => whole,
        };
        let (_, numbers) = element(pkcs1, INTEGER)?;
        let (modulus, after_modulus) = element(numbers, INTEGER)?;
        let (_, after_public) = element(after_modulus, INTEGER)?;
        let (exponent, _) = element(after_public, INTEGER)?;
        let pair = &numbers[..numbers.len() - after_public.len()];
        let modulus = Modulus::new(modulus)?;
        let mut exponent = Zeroizing::new(limbs(exponent));
        if exponent.len() > modulus.limbs.len() {
            return None;
        }
        exponent.resize(modulus.limbs.len(), 0);
        Some(Self { modulus, exponent, public_key: sequence(pair) })
    }

    /// The public half as `RSAPublicKey` DER.
    pub(super) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The signature; the same message always gives the same one.
    pub(super) fn sign(&self, hash: RsaHash, message: &[u8]) -> Vec<u8> {
        let info = digest_info(hash, message);
        let length = self.modulus.bytes;
        // The smallest key has 128 bytes, the longest digest info 51.
        let padding = vec![0xFF; length - info.len() - 3];
        let encoded = [&[0, 1][..], &padding, &[0], &info].concat();
        let mut power = self.modulus.power(limbs(&encoded), &self.exponent);
        power.resize(length.div_ceil(8), 0);
        let bytes: Vec<u8> = power.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
        bytes[bytes.len() - length..].to_vec()
    }
}

/// The digest behind its algorithm's name (RFC 8017 §9.2).
fn digest_info(hash: RsaHash, message: &[u8]) -> Vec<u8> {
    const SHA1_NAME: &[u8] = &[0x30, 0x21, 0x30, 9, 6, 5, 0x2B, 0x0E, 3, 2, 0x1A, 5, 0, 4, 0x14];
    const SHA256_NAME: &[u8] =
        &[0x30, 0x31, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
    let (name, algorithm) = match hash {
        RsaHash::Sha1 => (SHA1_NAME, &SHA1_FOR_LEGACY_USE_ONLY),
        RsaHash::Sha256 => (SHA256_NAME, &SHA256),
    };
    [name, digest(algorithm, message).as_ref()].concat()
}

/// An odd modulus with what Montgomery's multiplication needs.
struct Modulus {
    limbs: Vec<u64>,
    bytes: usize,
    /// `-1 / modulus` modulo 2^64.
    inverse: u64,
    /// The square of 2^(64 · limbs), reduced.
    square: Vec<u64>,
}

impl Modulus {
    fn new(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(&[0]).unwrap_or(bytes);
        let odd = bytes.last().is_some_and(|last| last & 1 == 1);
        let sized = (128..=1024).contains(&bytes.len()) && bytes.first().is_some_and(|first| *first >= 0x80);
        if !odd || !sized {
            return None;
        }
        let limbs = limbs(bytes);
        // Newton's iteration doubles the right bits each time, from the 3 that an odd number is its own inverse in.
        let found = (0..5)
            .fold(limbs[0], |guess, _| guess.wrapping_mul(2_u64.wrapping_sub(limbs[0].wrapping_mul(guess))));
        let mut modulus =
            Self { bytes: bytes.len(), inverse: found.wrapping_neg(), square: Vec::new(), limbs };
        let mut square = vec![0; modulus.limbs.len()];
        square[0] = 1;
        for _ in 0..128 * modulus.limbs.len() {
            square = modulus.doubled(&square);
        }
        modulus.square = square;
        Some(modulus)
    }

    /// `base` to the power of `exponent`; both as many limbs as the modulus, `base` below it.
    fn power(&self, base: Vec<u64>, exponent: &[u64]) -> Vec<u64> {
        let one = {
            let mut one = vec![0; self.limbs.len()];
            one[0] = 1;
            one
        };
        let mut table = vec![self.product(&one, &self.square)];
        let base = self.product(&base, &self.square);
        for at in 1..16 {
            table.push(self.product(&table[at - 1], &base));
        }
        let mut result = table[0].clone();
        for limb in exponent.iter().rev() {
            for shift in (0..16).rev() {
                for _ in 0..4 {
                    result = self.product(&result, &result);
                }
                result = self.product(&result, &picked(&table, limb >> (4 * shift) & 15));
            }
        }
        self.product(&result, &one)
    }

    /// Montgomery's product: `a · b / 2^(64 · limbs)`, reduced.
    fn product(&self, a: &[u64], b: &[u64]) -> Vec<u64> {
        let size = self.limbs.len();
        let mut sum = vec![0_u64; size + 2];
        for limb in a {
            let carry = add_multiple(&mut sum[..size], *limb, b);
            add_carry(&mut sum[size..], carry);
            let factor = sum[0].wrapping_mul(self.inverse);
            let carry = add_multiple(&mut sum[..size], factor, &self.limbs);
            add_carry(&mut sum[size..], carry);
            // The lowest limb is zero now.
            sum.rotate_left(1);
        }
        let over = sum[size];
        sum.truncate(size);
        self.reduced(sum, over)
    }

    fn doubled(&self, value: &[u64]) -> Vec<u64> {
        let mut sum = value.to_vec();
        let carry = add_multiple(&mut sum, 1, value);
        self.reduced(sum, carry)
    }

    /// A value below twice the modulus, `over` being its limb above: less the modulus unless that is too much.
    fn reduced(&self, value: Vec<u64>, over: u64) -> Vec<u64> {
        let mut borrow = 0_u64;
        let mut less = Vec::with_capacity(value.len());
        for (limb, part) in value.iter().zip(&self.limbs) {
            let (difference, first) = limb.overflowing_sub(*part);
            let (difference, second) = difference.overflowing_sub(borrow);
            borrow = u64::from(first | second);
            less.push(difference);
        }
        // All ones when there is nothing to take away.
        let keep = (borrow & !over & 1).wrapping_neg();
        value.iter().zip(&less).map(|(limb, less)| limb & keep | less & !keep).collect()
    }
}

/// `sum += factor · value`; what does not fit is returned.
fn add_multiple(sum: &mut [u64], factor: u64, value: &[u64]) -> u64 {
    let mut carry = 0_u128;
    for (limb, part) in sum.iter_mut().zip(value) {
        carry += u128::from(*limb) + u128::from(factor) * u128::from(*part);
        *limb = carry as u64;
        carry >>= 64;
    }
    carry as u64
}

fn add_carry(sum: &mut [u64], carry: u64) {
    let (low, over) = sum[0].overflowing_add(carry);
    sum[0] = low;
    sum[1] += u64::from(over);
}

/// The entry of that number, read by touching all of them.
fn picked(table: &[Vec<u64>], number: u64) -> Vec<u64> {
    let mut found = vec![0; table[0].len()];
    for (at, entry) in (0_u64..).zip(table) {
        let differs = at ^ number;
        // All ones for the one that does not differ; numbers are below 16.
        let mask = (differs.wrapping_sub(1) >> 63 & 1).wrapping_neg();
        for (limb, part) in found.iter_mut().zip(entry) {
            *limb |= part & mask;
        }
    }
    found
}

/// Big-endian bytes, without leading zeros, as little-endian limbs.
fn limbs(bytes: &[u8]) -> Vec<u64> {
    let bytes = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len())..];
    bytes.rchunks(8).map(|chunk| chunk.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))).collect()
}

/// The content of the DER element at the front, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (short, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = match short {
        0..=0x7F => (usize::from(*short), rest),
        0x81 | 0x82 => {
            let (octets, rest) = rest.split_at_checked(usize::from(short & 0x7F))?;
            (octets.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A sequence around two numbers, of 128 bytes at least.
fn sequence(content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).expect("two numbers of 1025 bytes at most").to_be_bytes();
    // DER wants the shortest form of a length.
    let head = if high == 0 { vec![SEQUENCE, 0x81, low] } else { vec![SEQUENCE, 0x82, high, low] };
    [&head, content].concat()
}
