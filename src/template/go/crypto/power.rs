//! Powers modulo an odd number, by Montgomery's multiplication: what signing with RSA costs.
//!
//! `num-bigint` takes about half as long again, mostly for making numbers on the way; here one buffer is enough.

use num_bigint::BigUint;

/// Bits of the exponent that are looked at together.
const WINDOW: u64 = 4;

/// `base` to the `exponent`, modulo `modulus`.
pub(super) fn power(base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
    if !modulus.bit(0) || modulus.bits() < 2 {
        return base.modpow(exponent, modulus);
    }
    let field = Montgomery::new(modulus);
    let base = field.enter(base);
    let mut scratch = field.scratch();
    let mut powers = vec![field.enter(&BigUint::from(1_u32))];
    for index in 1..1 << WINDOW {
        let mut next = powers[index - 1].clone();
        field.multiply(&mut next, &base, &mut scratch);
        powers.push(next);
    }
    let mut result = powers[0].clone();
    for window in (0..exponent.bits().div_ceil(WINDOW)).rev() {
        for _ in 0..WINDOW {
            let own = result.clone();
            field.multiply(&mut result, &own, &mut scratch);
        }
        let digit =
            (0..WINDOW).rev().fold(0, |digit, bit| 2 * digit + usize::from(exponent.bit(WINDOW * window + bit)));
        field.multiply(&mut result, &powers[digit], &mut scratch);
    }
    field.leave(result, &mut scratch)
}

/// Numbers below an odd modulus, each held as its product with a power of 2 above that.
struct Montgomery<'m> {
    modulus: &'m BigUint,
    digits: Vec<u64>,
    /// The inverse of the modulus's last digit, negated, modulo 2^64.
    inverse: u64,
}

impl<'m> Montgomery<'m> {
    fn new(modulus: &'m BigUint) -> Self {
        let digits = modulus.to_u64_digits();
        let last = digits[0];
        // Newton: every round doubles the bits that are right, of which an odd number is its own inverse for three.
        let inverse = (0..5).fold(last, |found, _| found.wrapping_mul(2_u64.wrapping_sub(last.wrapping_mul(found))));
        Self { modulus, digits, inverse: inverse.wrapping_neg() }
    }

    /// Room for a product, which is twice as long as its factors, and for what it carries.
    fn scratch(&self) -> Vec<u64> {
        vec![0; 2 * self.digits.len() + 2]
    }

    fn enter(&self, number: &BigUint) -> Vec<u64> {
        let shifted = (number << (64 * self.digits.len())) % self.modulus;
        let mut digits = shifted.to_u64_digits();
        digits.resize(self.digits.len(), 0);
        digits
    }

    fn leave(&self, mut number: Vec<u64>, scratch: &mut [u64]) -> BigUint {
        let mut one = vec![0; self.digits.len()];
        one[0] = 1;
        self.multiply(&mut number, &one, scratch);
        let halves = number.iter().flat_map(|digit| [low(u128::from(*digit) & 0xFFFF_FFFF), digit >> 32]);
        BigUint::new(halves.map(|half| u32::try_from(half).unwrap_or_default()).collect())
    }

    /// `left` times `right`, into `left`.
    fn multiply(&self, left: &mut [u64], right: &[u64], scratch: &mut [u64]) {
        scratch.fill(0);
        let size = self.digits.len();
        for (place, digit) in left.iter().enumerate() {
            self.add_product(&mut scratch[place..place + size + 2], *digit, right);
        }
        let (product, carry) = (&scratch[size..2 * size], scratch[2 * size]);
        let is_less = product.iter().rev().lt(self.digits.iter().rev());
        left.copy_from_slice(product);
        if carry > 0 || !is_less {
            subtract(left, &self.digits);
        }
    }

    /// Adds `digit` times `right` and as much of the modulus as makes the last digit 0.
    fn add_product(&self, sum: &mut [u64], digit: u64, right: &[u64]) {
        let factor = sum[0].wrapping_add(digit.wrapping_mul(right[0])).wrapping_mul(self.inverse);
        let (sum, above) = sum.split_at_mut(right.len());
        let (mut carry, mut cleared) = (0, 0);
        for (place, right) in sum.iter_mut().zip(right) {
            (*place, carry) = multiplied(digit, *right, *place, carry);
        }
        for (place, modulus) in sum.iter_mut().zip(&self.digits) {
            (*place, cleared) = multiplied(factor, *modulus, *place, cleared);
        }
        let top = u128::from(above[0]) + u128::from(carry) + u128::from(cleared);
        (above[0], above[1]) = (low(top), low(top >> 64));
    }
}

/// A product of digits with two more added, which is never more than two digits: the lower and the higher one.
fn multiplied(left: u64, right: u64, one: u64, other: u64) -> (u64, u64) {
    let sum = u128::from(left) * u128::from(right) + u128::from(one) + u128::from(other);
    (low(sum), low(sum >> 64))
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
fn low(number: u128) -> u64 {
    number as u64
}

/// `right` off `left`; what is below 0 wraps.
fn subtract(left: &mut [u64], right: &[u64]) {
    let mut borrow = false;
    for (digit, other) in left.iter_mut().zip(right) {
        let (less, first) = digit.overflowing_sub(*other);
        let (less, second) = less.overflowing_sub(u64::from(borrow));
        (*digit, borrow) = (less, first || second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(seed: u32, digits: u32) -> BigUint {
        BigUint::new((0..digits).map(|digit| (digit + seed).wrapping_mul(2_654_435_769).rotate_left(seed)).collect())
    }

    #[test]
    fn powers_are_those_of_plain_arithmetic() {
        for (seed, size) in [(1, 1), (2, 2), (3, 3), (5, 16), (7, 32), (11, 33)] {
            let modulus = number(seed, size) * 2_u32 + 1_u32;
            for (base, exponent) in [(number(13, size), number(17, size)), (number(19, 2 * size), number(23, 1))] {
                assert_eq!(power(&base, &exponent, &modulus), base.modpow(&exponent, &modulus), "{size}");
            }
        }
    }

    #[test]
    fn the_largest_digits_carry() {
        let ones = BigUint::new(vec![u32::MAX; 8]);
        let base = &ones - 1_u32;
        for exponent in [0_u32, 1, 2, 15, 16, 65_537] {
            let exponent = BigUint::from(exponent);
            assert_eq!(power(&base, &exponent, &ones), base.modpow(&exponent, &ones), "{exponent}");
        }
    }

    #[test]
    fn an_even_modulus_and_one_are_taken_too() {
        let (three, two) = (BigUint::from(3_u32), BigUint::from(2_u32));
        assert_eq!(power(&three, &two, &BigUint::from(8_u32)), BigUint::from(1_u32));
        assert_eq!(power(&three, &two, &BigUint::from(1_u32)), BigUint::ZERO);
    }
}
