//! RSA with the exponent 65537: keys of two primes, what follows from those, and signatures.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use super::der::{self, Reader};
use super::power::power;

/// The public exponent, a prime.
pub(super) const EXPONENT: u32 = 65_537;
/// The DER of SHA-256's identifier and an empty hash, as PKCS #1 signatures begin.
const SHA256_PREFIX: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// An RSA key.
#[derive(Debug, Clone)]
pub struct Rsa {
    p: BigUint,
    q: BigUint,
    derived: Arc<Derived>,
}

/// What follows from the primes.
#[derive(Debug)]
struct Derived {
    /// The private exponent.
    exponent: BigUint,
    of_p: BigUint,
    of_q: BigUint,
    /// That of `q` modulo `p`.
    inverse: BigUint,
}

/// What follows from pairs of the stock, which are few; to work it out takes as long as a signature.
static KNOWN: Mutex<BTreeMap<(BigUint, BigUint), Arc<Derived>>> = Mutex::new(BTreeMap::new());

/// Signatures that were made, by modulus and hash: every rendering of a chart with one seed makes the same.
static SIGNED: Mutex<BTreeMap<Asked, Vec<u8>>> = Mutex::new(BTreeMap::new());
/// A modulus and the hash that is signed with its key.
type Asked = (BigUint, [u8; 32]);
/// Signatures that are kept.
const KEPT: usize = 256;

impl Derived {
    fn of(p: &BigUint, q: &BigUint) -> Self {
        let (below_p, below_q) = (p - 1_u32, q - 1_u32);
        // Go takes the least common multiple; p - 1 and q - 1 share at least the factor 2.
        let common = greatest_common_divisor(below_p.clone(), below_q.clone());
        let exponent = inverse_of_exponent(&(&below_p * &below_q / common));
        let (of_p, of_q) = (&exponent % below_p, &exponent % below_q);
        Self { exponent, of_p, of_q, inverse: q.modinv(p).unwrap_or_default() }
    }
}

impl Rsa {
    fn new(p: BigUint, q: BigUint) -> Self {
        // A panic elsewhere leaves the map whole.
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&(p.clone(), q.clone())).cloned();
        let derived = known.unwrap_or_else(|| Arc::new(Derived::of(&p, &q)));
        Self { p, q, derived }
    }

    /// The key of two primes of the stock: what follows from them is kept.
    pub(super) fn of_stock(p: BigUint, q: BigUint) -> Self {
        let key = Self::new(p, q);
        let pair = (key.p.clone(), key.q.clone());
        KNOWN.lock().unwrap_or_else(PoisonError::into_inner).entry(pair).or_insert_with(|| Arc::clone(&key.derived));
        key
    }

    pub(super) fn modulus(&self) -> BigUint {
        &self.p * &self.q
    }

    /// PKCS #1.
    pub(super) fn to_der(&self) -> Vec<u8> {
        let public = BigUint::from(EXPONENT);
        let (modulus, derived) = (self.modulus(), &self.derived);
        let parts = [&BigUint::ZERO, &modulus, &public, &derived.exponent, &self.p, &self.q];
        let parts = parts.into_iter().chain([&derived.of_p, &derived.of_q, &derived.inverse]);
        der::sequence(&parts.map(der::integer).collect::<Vec<_>>())
    }

    /// Reads what [`Rsa::to_der`] writes; of the numbers only the primes count.
    pub(super) fn from_der(bytes: &[u8]) -> Option<Self> {
        let mut parts = Reader(bytes).sequence()?;
        let (_version, modulus, exponent) = (parts.integer()?, parts.integer()?, parts.integer()?);
        let _private = parts.integer()?;
        let (p, q) = (parts.integer()?, parts.integer()?);
        let is_number = p.bits() > 1 && q.bits() > 1 && (512..=8192).contains(&modulus.bits());
        let sound = is_number && modulus == &p * &q && exponent == BigUint::from(EXPONENT);
        if sound { Some(Self::new(p, q)) } else { None }
    }

    /// PKCS #1 version 1.5 with SHA-256.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let asked: Asked = (self.modulus(), Sha256::digest(message).into());
        // A panic elsewhere leaves the map whole.
        let known = || SIGNED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signature) = known().get(&asked) {
            return signature.clone();
        }
        let signature = self.signed(asked.0.to_bytes_be().len(), &asked.1);
        let mut known = known();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(asked, signature.clone());
        signature
    }

    /// The signature of a hash, in so many bytes.
    fn signed(&self, length: usize, hash: &[u8; 32]) -> Vec<u8> {
        let tail = SHA256_PREFIX.len() + hash.len() + 1;
        let padding = vec![0xFF; length.saturating_sub(tail + 2)];
        let padded = [&[0, 1], padding.as_slice(), &[0], &SHA256_PREFIX, hash].concat();
        let number = BigUint::from_bytes_be(&padded);
        // The Chinese remainder theorem: two powers of half the size.
        let of_p = power(&number, &self.derived.of_p, &self.p);
        let of_q = power(&number, &self.derived.of_q, &self.q);
        let step = (&of_p + &self.p - (&of_q % &self.p)) * &self.derived.inverse % &self.p;
        let bytes = (of_q + step * &self.q).to_bytes_be();
        [vec![0; length - bytes.len()], bytes].concat()
    }
}

/// The inverse of the exponent modulo `order`, 0 if there is none: the exponent is a small prime, so that one number of its size says how
/// many times `order` has to be added to 1.
fn inverse_of_exponent(order: &BigUint) -> BigUint {
    let exponent = u64::from(EXPONENT);
    let rest = (order % EXPONENT).iter_u64_digits().next().unwrap_or_default();
    if rest == 0 {
        return BigUint::ZERO;
    }
    // Fermat: the power to the exponent less 2 is the inverse, and that has 16 bits, all of them set.
    let squares = std::iter::successors(Some(rest), |square| Some(square * square % exponent));
    let inverse = squares.take(16).fold(1, |power, square| power * square % exponent);
    (order * (exponent - inverse) + 1_u32) / exponent
}

fn greatest_common_divisor(mut left: BigUint, mut right: BigUint) -> BigUint {
    while right != BigUint::ZERO {
        (left, right) = (right.clone(), left % right);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_is_that_of_plain_arithmetic() {
        let exponent = BigUint::from(EXPONENT);
        for order in [2_u32, 3, 65_536, 65_538, 131_074, 4_000_000_007] {
            let order = BigUint::from(order);
            let expected = exponent.modinv(&order).unwrap_or_default();
            assert_eq!(inverse_of_exponent(&order), expected, "{order}");
        }
    }
}
