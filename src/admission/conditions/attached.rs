//! Volumes that containers use and their pods do not have (`ValidateVolumeMounts` and `ValidateVolumeDevices` in `core/validation`). Pods by
//! themselves are left aside, as what is called before they are admitted may give them volumes; so are those of a StatefulSet, whose
//! template the API server does not judge.

use std::collections::HashSet;

use super::super::workload::containers;
use super::{Part, Refused, text};
use crate::yaml::Node;

/// Of `spec.template` in the kinds that keep pods running.
pub(super) fn below_spec(part: &Part<'_, '_>, refused: &mut Refused) {
    let template = part.node.get("spec").and_then(|spec| spec.get("template"));
    below(part, &["spec", "template", "spec"], template, refused);
}

/// Of `template` in a PodTemplate, and in what a job does.
pub(super) fn below_template(part: &Part<'_, '_>, refused: &mut Refused) {
    below(part, &["template", "spec"], part.node.get("template"), refused);
}

fn below(part: &Part<'_, '_>, way: &[&str], template: Option<&Node>, refused: &mut Refused) {
    let Some(pod) = template.and_then(|template| template.get("spec")) else { return };
    let volumes = pod.items("volumes");
    let known: HashSet<&str> = volumes.iter().map(|volume| text(volume, "name")).collect();
    for (list, index, container) in containers(pod) {
        for key in ["volumeMounts", "volumeDevices"] {
            let used = container.items(key);
            for (position, mount) in used.iter().enumerate() {
                let Some((node, name)) = mount.get("name").and_then(|node| Some((node, node.as_str()?))) else {
                    continue;
                };
                if name.is_empty() || known.contains(name) {
                    continue;
                }
                let mut path = part.path.to_path();
                for step in way {
                    path = path.key(step);
                }
                let path = path.key(list).index(index).key(key).index(position).key("name");
                let message = format!("`{path}` is `{name}`, and the pod has no such volume");
                refused.say(node.location, path, message, "add it to `volumes`, or mount one that is there");
            }
        }
    }
}
