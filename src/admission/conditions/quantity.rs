//! Quantities: what they amount to, and requests that exceed their limits (`ValidateResourceRequirements` in `core/validation`).

use super::{Part, Refused, field};
use crate::kubernetes::Quantity;
use crate::yaml::Node;

pub(super) fn resources(part: &Part<'_, '_>, refused: &mut Refused) {
    let (requests, limits) = (field(part.node, "requests"), field(part.node, "limits"));
    for (list, node) in [("requests", requests), ("limits", limits)] {
        for (name, entry) in node.and_then(Node::as_map).into_iter().flat_map(|mapping| mapping.effective()) {
            let path = part.path.key(list).key(&name).to_path();
            let Some(amount) = amount(&entry.value) else { continue };
            let text = entry.value.scalar_text().unwrap_or("");
            if amount.is_negative() {
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

fn amount(node: &Node) -> Option<Quantity> {
    Quantity::parse(node.scalar_text()?)
}
