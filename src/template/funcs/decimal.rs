//! Decimal numbers of any size, as far as sprig's float arithmetic goes through github.com/shopspring/decimal 1.4.

use num_bigint::{BigInt, Sign};

use super::Fault;

/// Digits after the point that a quotient is rounded to.
const QUOTIENT_DIGITS: i64 = 16;
/// Exponents further apart than this only come from chains of extreme numbers; aligning them would take megabytes.
const WIDEST: i64 = 20_000;

/// `digits * 10^exponent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: BigInt,
    exponent: i64,
}

impl Decimal {
    /// The shortest decimal that reads back as the float.
    pub(super) fn from_float(number: f64) -> Result<Self, Fault> {
        if !number.is_finite() {
            let name = if number.is_nan() { "NaN" } else { "Inf" };
            let sign = match (number.is_nan(), number < 0.0) {
                (true, _) => "",
                (false, true) => "-",
                (false, false) => "+",
            };
            return Err(format!("Cannot create a Decimal from {sign}{name}").into());
        }
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').expect("`{:e}` has an exponent");
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let digits = mantissa.replace('.', "").parse().expect("digits with a sign are a number");
        let exponent: i64 = exponent.parse().expect("`{:e}` has a whole exponent");
        Ok(Self { digits, exponent: exponent - i64::try_from(fraction).expect("a float has few digits") })
    }

    pub(super) fn add(&self, other: &Self) -> Result<Self, Fault> {
        let exponent = self.exponent.min(other.exponent);
        Ok(Self { digits: self.at(exponent)? + other.at(exponent)?, exponent })
    }

    pub(super) fn sub(&self, other: &Self) -> Result<Self, Fault> {
        let exponent = self.exponent.min(other.exponent);
        Ok(Self { digits: self.at(exponent)? - other.at(exponent)?, exponent })
    }

    #[expect(clippy::unnecessary_wraps, reason = "the other operations can fail")]
    pub(super) fn mul(&self, other: &Self) -> Result<Self, Fault> {
        Ok(Self { digits: &self.digits * &other.digits, exponent: self.exponent + other.exponent })
    }

    /// Rounded half away from zero to 16 digits after the point.
    pub(super) fn div(&self, other: &Self) -> Result<Self, Fault> {
        if other.digits.sign() == Sign::NoSign {
            return Err("decimal division by 0".into());
        }
        let shift = self.exponent - other.exponent + QUOTIENT_DIGITS;
        let (over, under) = if shift >= 0 {
            (&self.digits * power(shift)?, other.digits.clone())
        } else {
            (self.digits.clone(), &other.digits * power(-shift)?)
        };
        let (quotient, rest) = (&over / &under, &over % &under);
        let twice: BigInt = BigInt::from(rest.magnitude().clone()) * 2;
        let away = if twice.magnitude() >= under.magnitude() {
            if (over.sign() == Sign::Minus) == (under.sign() == Sign::Minus) { 1 } else { -1 }
        } else {
            0
        };
        Ok(Self { digits: quotient + away, exponent: -QUOTIENT_DIGITS })
    }

    /// The nearest float.
    pub(super) fn to_float(&self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(0.0)
    }

    /// The digits at a smaller exponent.
    fn at(&self, exponent: i64) -> Result<BigInt, Fault> {
        Ok(&self.digits * power(self.exponent - exponent)?)
    }
}

fn power(exponent: i64) -> Result<BigInt, Fault> {
    if exponent > WIDEST {
        return Err("decimal exponents are too far apart".into());
    }
    Ok(BigInt::from(10).pow(u32::try_from(exponent).expect("the exponent is in range")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(number: f64) -> Decimal {
        Decimal::from_float(number).expect("a finite number")
    }

    #[test]
    fn tenths_add_up_exactly() {
        assert!((decimal(0.1).add(&decimal(0.2)).expect("small").to_float() - 0.3).abs() < f64::EPSILON / 10.0);
        assert_eq!(decimal(1e300).mul(&decimal(1e300)).expect("small").to_float().to_string(), "inf");
    }

    #[test]
    fn quotients_are_rounded_after_sixteen_digits() {
        let quotient = decimal(2.0).div(&decimal(3.0)).expect("not by zero");
        assert_eq!(quotient.digits.to_string(), "6666666666666667");
        let negative = decimal(-2.0).div(&decimal(3.0)).expect("not by zero");
        assert_eq!(negative.digits.to_string(), "-6666666666666667");
        assert!(decimal(1.0).div(&decimal(0.0)).is_err());
    }
}
