//! Quantities: what they amount to, and requests that exceed their limits (`ValidateResourceRequirements` in `core/validation`).

use super::{Part, Refused, field};
use crate::yaml::Node;

/// Most digits that are compared; more than any amount has.
const DIGITS: usize = 20;

pub(super) fn resources(part: &Part<'_, '_>, refused: &mut Refused) {
    let (requests, limits) = (field(part.node, "requests"), field(part.node, "limits"));
    for (list, node) in [("requests", requests), ("limits", limits)] {
        for (name, entry) in node.and_then(Node::as_map).into_iter().flat_map(|mapping| mapping.effective()) {
            let path = part.path.key(list).key(&name).to_path();
            let Some(amount) = amount(&entry.value) else { continue };
            let text = entry.value.scalar_text().unwrap_or("");
            if amount < 0.0 {
                refused.say(entry.value.location, path.clone(), format!("`{path}` is `{text}`, less than nothing"), "");
            }
            let limit = limits.filter(|_| list == "requests").and_then(|limits| limits.get(&name));
            let Some((limit, most)) = limit.and_then(|limit| Some((limit.scalar_text()?, self::amount(limit)?))) else {
                continue;
            };
            if amount > most {
                let message = format!("`{path}` is `{text}`, more than the limit `{limit}`");
                refused.say(entry.value.location, path, message, "lower the request or raise the limit");
            }
        }
    }
}

/// What a quantity amounts to; none where it is none, or too long to compare.
fn amount(node: &Node) -> Option<f64> {
    let text = node.scalar_text()?;
    let end = text.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | '+' | '-'));
    let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
    let number: f64 = (number.len() <= DIGITS).then(|| number.parse().ok()).flatten()?;
    Some(number * factor(suffix)?)
}

fn factor(suffix: &str) -> Option<f64> {
    const KI: f64 = 1024.0;
    Some(match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => KI,
        "Mi" => KI.powi(2),
        "Gi" => KI.powi(3),
        "Ti" => KI.powi(4),
        "Pi" => KI.powi(5),
        "Ei" => KI.powi(6),
        exponent => {
            10_f64.powi(exponent.strip_prefix(['e', 'E'])?.parse().ok().filter(|power: &i32| power.abs() < 30)?)
        }
    })
}
