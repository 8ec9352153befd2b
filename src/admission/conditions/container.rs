//! Containers (`validateContainerCommon` and `validateContainers` in `core/validation`).

use super::{Part, Refused, field, key_of, number, shown, text};

const GRACE: &str = "terminationGracePeriodSeconds";

pub(super) fn container(part: &Part<'_, '_>, refused: &mut Refused) {
    image(part, refused);
    probes(part, refused);
}

/// `ValidateContainer…`: an image is required, and may have no space at its ends.
fn image(part: &Part<'_, '_>, refused: &mut Refused) {
    let path = || part.path.key("image").to_path();
    let shown = || shown(part.path, "image");
    match field(part.node, "image") {
        None => {
            let at = part.node.get("name").map_or(part.at, |name| name.location);
            refused.say(
                at,
                path(),
                format!("required field {} is missing", shown()),
                "name the image of the container",
            );
        }
        Some(image) => {
            let Some(text) = image.as_str() else { return };
            if text.is_empty() {
                refused.say(image.location, path(), format!("{} is empty", shown()), "name the image of the container");
            } else if text.trim() != text && !(text == " " && part.path.has_key("template")) {
                let message = format!("{} is `{text}`, with a space at an end", shown());
                refused.say(image.location, path(), message, "remove the space");
            }
        }
    }
}

/// `validateReadinessProbe`, `validateLivenessProbe`, `validateStartupProbe`: one success is enough for those that end a container, and the one
/// that ends none gives it no time to end.
fn probes(part: &Part<'_, '_>, refused: &mut Refused) {
    let readiness = field(part.node, "readinessProbe").filter(|node| field(node, GRACE).is_some());
    if let Some(at) = readiness.and_then(|node| key_of(node, GRACE)) {
        let path = part.path.key("readinessProbe").key(GRACE).to_path();
        let message = format!("`{path}` is not for readiness probes, which end nothing");
        refused.say(at, path, message, "leave it out");
    }
    for probe in ["livenessProbe", "startupProbe"] {
        let Some(node) = field(part.node, probe) else { continue };
        let is_wrong = number(node, "successThreshold").is_some_and(|count| count > 1);
        if let Some(threshold) = node.get("successThreshold").filter(|_| is_wrong) {
            let path = part.path.key(probe).key("successThreshold").to_path();
            refused.say(threshold.location, path.clone(), format!("`{path}` has to be 1"), "leave it out");
        }
        if let Some(grace) = node.get(GRACE).filter(|_| number(node, GRACE).is_some_and(|seconds| seconds < 1)) {
            let path = part.path.key(probe).key(GRACE).to_path();
            refused.say(grace.location, path.clone(), format!("`{path}` has to be more than 0"), "leave it out");
        }
    }
}

/// `validateEnv`: a value of its own, or one from elsewhere.
pub(super) fn variable(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(from) = key_of(part.node, "valueFrom").filter(|_| field(part.node, "valueFrom").is_some()) else { return };
    if !text(part.node, "value").is_empty() {
        let path = part.path.key("valueFrom").to_path();
        let message = format!("`{path}` stands beside `value`");
        refused.say(from, path, message, "set one of `value` and `valueFrom`");
    }
}
