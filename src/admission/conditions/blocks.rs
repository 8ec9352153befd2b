//! Volumes that containers have as devices (`core/validation.ValidateVolumeDevices`).

use std::collections::HashSet;

use super::super::workload::containers;
use super::{Part, Refused, field, text};
use crate::yaml::Node;

pub(super) fn devices(part: &Part<'_, '_>, refused: &mut Refused) {
    let volumes = part.node.items("volumes");
    let others: HashSet<&str> =
        volumes.iter().filter(|volume| !is_claim(volume)).map(|volume| text(volume, "name")).collect();
    for (list, index, container) in containers(part.node) {
        let items = |key: &str| container.items(key);
        let mounts = items("volumeMounts");
        let mounted: HashSet<&str> = mounts.iter().map(|mount| text(mount, "name")).collect();
        let mut paths: HashSet<&str> = mounts.iter().map(|mount| text(mount, "mountPath")).collect();
        for (position, device) in items("volumeDevices").iter().enumerate() {
            let Some((node, name)) = device.get("name").and_then(|node| Some((node, node.as_str()?))) else { continue };
            let path = part.path.key(list).index(index).key("volumeDevices").index(position).key("name").to_path();
            if mounted.contains(name) {
                let message = format!("`{path}` is `{name}`, which the container mounts as files, too");
                refused.say(node.location, path, message, "keep one of them");
            } else if others.contains(name) {
                let message = format!("`{path}` is `{name}`, and only a claimed volume can be a device");
                refused.say(node.location, path, message, "mount it under `volumeMounts`");
            }
            let path =
                || part.path.key(list).index(index).key("volumeDevices").index(position).key("devicePath").to_path();
            let Some((node, given)) = device.get("devicePath").and_then(|node| Some((node, node.as_str()?))) else {
                continue;
            };
            if given.split('/').any(|step| step == "..") {
                let message = format!("`{}` is `{given}`, and may not have `..`", path());
                refused.say(node.location, path(), message, "write the whole path");
            } else if !given.is_empty() && !paths.insert(given) {
                let message = format!("`{}` is `{given}`, as that of another volume is", path());
                refused.say(node.location, path(), message, "choose another path");
            }
        }
    }
}

/// Whether a volume is claimed, and may be a device; what is empty is filled in elsewhere.
fn is_claim(volume: &Node) -> bool {
    ["persistentVolumeClaim", "ephemeral"].iter().any(|source| field(volume, source).is_some())
}
