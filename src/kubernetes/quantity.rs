//! Quantities: `100m`, `1.5Gi`, `1e3`, in whole thousand-millionths, so that amounts compare exactly
//! (`apimachinery/pkg/api/resource/quantity.go`).

/// How many of a [`Quantity`]'s units are one.
const UNITS: i128 = 1_000_000_000;

/// An amount as Kubernetes keeps it: what is smaller than a thousand-millionth is rounded away from zero. Beyond what fits it is the
/// greatest or the least that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i128);

impl Quantity {
    /// Reads one; none where a text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let (factor, power) = scale(suffix)?;
        let amount = amount(whole, fraction, factor, power);
        Some(Self(if is_negative { -amount } else { amount }))
    }

    /// As a number.
    #[expect(clippy::cast_precision_loss, reason = "a number with a fraction is what is asked for")]
    pub fn to_number(self) -> f64 {
        self.0 as f64 / UNITS as f64
    }

    /// Whether it is less than nothing.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it has a part smaller than a whole.
    pub fn is_fraction(self) -> bool {
        self.0 % UNITS != 0
    }
}

/// The factor and the power of ten that a suffix stands for.
fn scale(suffix: &str) -> Option<(i128, i32)> {
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    const DECIMAL: [(&str, i32); 10] =
        [("", 0), ("n", -9), ("u", -6), ("m", -3), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
    if let Some((_, power)) = DECIMAL.iter().find(|(known, _)| *known == suffix) {
        return Some((1, *power));
    }
    if let Some(step) = BINARY.iter().position(|known| *known == suffix) {
        return Some((1024_i128.pow(u32::try_from(step).ok()? + 1), 0));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| (1, exponent.parse().unwrap_or(if exponent.starts_with('-') { i32::MIN } else { i32::MAX })))
}

fn amount(whole: &str, fraction: &str, factor: i128, power: i32) -> i128 {
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return 0;
    }
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    let power = power.saturating_add(9).saturating_sub(places);
    let product = digits.parse::<i128>().ok().and_then(|number| number.checked_mul(factor));
    let Some(product) = product else { return shifted_long(digits, power) };
    let ten = 10_i128.checked_pow(power.unsigned_abs());
    if power < 0 {
        return ten.map_or(1, |ten| product / ten + i128::from(product % ten != 0));
    }
    ten.and_then(|ten| product.checked_mul(ten)).unwrap_or(i128::MAX)
}

/// More digits than are counted with: as many as fit, the others only push the amount up.
fn shifted_long(digits: &str, power: i32) -> i128 {
    const KEPT: usize = 30;
    let dropped = i32::try_from(digits.len().saturating_sub(KEPT)).unwrap_or(i32::MAX);
    let power = power.saturating_add(dropped);
    let kept = digits.get(..KEPT).and_then(|kept| kept.parse::<i128>().ok()).unwrap_or(i128::MAX);
    let ten = 10_i128.checked_pow(power.unsigned_abs());
    if power < 0 {
        return ten.map_or(1, |ten| kept / ten + 1);
    }
    ten.and_then(|ten| kept.checked_mul(ten)).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    fn parsed(text: &str) -> Quantity {
        Quantity::parse(text).unwrap_or_else(|| panic!("`{text}` is one"))
    }

    #[test]
    fn the_same_amount_written_in_other_ways_is_the_same() {
        let cases =
            [("0.7", "700m"), ("1Gi", "1024Mi"), ("1.5Gi", "1536Mi"), ("1e3", "1k"), ("+2", "2.0"), (".5", "500m")];
        for (left, right) in cases {
            assert_eq!(parsed(left), parsed(right), "{left} {right}");
        }
    }

    #[test]
    fn amounts_are_in_order_up_to_the_largest() {
        let order = ["-1", "-1n", "0", "0.1n", "1m", "100m", "1", "1000M", "1Gi", "1E", "1Ei", "1e40"];
        for pair in order.windows(2) {
            assert!(parsed(pair[0]) < parsed(pair[1]), "{} {}", pair[0], pair[1]);
        }
        assert_eq!(parsed("0.1n"), parsed("1n"), "it is rounded up");
        assert_eq!(parsed("12345678901234567890123456789012345678901"), parsed("1e40"));
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for text in ["", "-", ".", "1.2.3", "1GB", "1gi", "m", "1e", "1e1.5", "1 Gi", "--1", "0x1"] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_what_it_amounts_to() {
        for (text, number) in [("500m", 0.5), ("0.1", 0.1), ("1Ki", 1024.0), ("-2k", -2000.0)] {
            assert_eq!(parsed(text).to_number().to_bits(), f64::to_bits(number), "{text}");
        }
    }
}
