//! Devices that pods claim (`core/validation`: `validatePodResourceClaim`, `validateResourceClaimNames`).

use std::collections::HashSet;

use super::super::workload::containers;
use super::{Part, Refused, field, listed, text};

/// What a claim may be found by.
const NAMES: [&str; 2] = ["resourceClaimName", "resourceClaimTemplateName"];

/// A claim of a pod is one that there is, or made from one template.
pub(super) fn claim(part: &Part<'_, '_>, refused: &mut Refused) {
    // Versions before 1.31 have both names inside of it.
    if field(part.node, "source").is_none() {
        super::one_of(part, &NAMES, refused);
    }
}

/// Containers use what their pod claims.
pub(super) fn used(part: &Part<'_, '_>, refused: &mut Refused) {
    let claimed = part.node.items("resourceClaims");
    let claimed: Vec<&str> = claimed.iter().map(|claim| text(claim, "name")).collect();
    let known: HashSet<&str> = claimed.iter().copied().collect();
    for (list, index, container) in containers(part.node) {
        let resources = field(container, "resources");
        let claims = resources.and_then(|resources| field(resources, "claims")?.as_seq()).unwrap_or_default();
        let mut seen = HashSet::new();
        for (position, claim) in claims.iter().enumerate() {
            let Some((node, name)) = claim.get("name").and_then(|node| Some((node, node.as_str()?))) else { continue };
            let path = part.path.key(list).index(index).key("resources").to_path();
            let path = path.key("claims").index(position).key("name");
            if !name.is_empty() && !known.contains(name) {
                let message = format!("`{path}` is `{name}`, which is none of the pod's `resourceClaims`");
                let help = if claimed.is_empty() { String::new() } else { format!("name one of {}", listed(&claimed)) };
                refused.say(node.location, path, message, help);
            } else if !seen.insert((name, text(claim, "request"))) {
                refused.say(node.location, path.clone(), format!("`{path}` repeats `{name}`"), "leave one of them out");
            }
        }
    }
}
