//! What templates look at that another rendering of the same chart with the same values may have otherwise: the clock and chance, the Kubernetes
//! version, whether the release is there already, and the objects of the cluster. A template that looks at none of it prints the same there.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::Rendered;
use crate::template::call::State;
use crate::template::value::{Data, Map, Shared, Tells, Value, Watch};

/// What of `.Release` is otherwise where the release is there already.
const OF_UPGRADES: [&str; 3] = ["IsUpgrade", "IsInstall", "Revision"];
/// Fields of `.Chart` that are the same for both Helms.
pub const SAME_FIELDS: [&str; 14] = [
    "Annotations",
    "APIVersion",
    "AppVersion",
    "Condition",
    "Deprecated",
    "Description",
    "Home",
    "Icon",
    "IsRoot",
    "KubeVersion",
    "Name",
    "Tags",
    "Type",
    "Version",
];

/// What the templates of a rendering looked at.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is another thing that templates look at")]
pub struct Looks {
    /// Randomness or the clock.
    pub chance: bool,
    /// The Kubernetes version.
    pub version: bool,
    /// Whether the release is there already.
    pub release: bool,
    /// Objects of the cluster.
    pub cluster: bool,
    /// What the other Helm gives otherwise: its own version, and `.Chart` as a whole.
    pub helm: bool,
    /// Whether one changed what others see.
    has_changed: bool,
    /// The names of the templates that looked at any of it.
    templates: BTreeSet<Arc<str>>,
}

impl Looks {
    /// Whether a template prints the same in another rendering.
    pub(super) fn keeps(&self, template: &str) -> bool {
        !self.has_changed && !self.templates.contains(template)
    }

    /// Whether no template changed what others see, so that each prints the same whichever of the others are executed.
    pub(super) fn are_apart(&self) -> bool {
        !self.has_changed
    }

    /// Takes in what the templates looked at that were executed in place of those that look at something; `self` is of the rendering that has the
    /// others.
    pub(super) fn with(&self, mut executed: Self) -> Self {
        executed.templates.extend(self.templates.iter().cloned());
        executed
    }
}

/// Is told what templates look at, one after the other.
#[derive(Debug, Default)]
pub(super) struct Lookout {
    /// Told of the Kubernetes version.
    pub(super) version: Watch,
    /// Told of what the other Helm gives otherwise.
    pub(super) helm: Watch,
    release: Watch,
    changed: Watch,
    looks: Looks,
}

impl Lookout {
    /// Watches what templates see, each of a chart.
    pub(super) fn watch<'m>(&self, tops: impl Iterator<Item = &'m Map>) {
        let plain = Rc::new(Shared { changed: self.changed.clone(), asked: None });
        let telling = |watch: &Watch, tells: Tells| {
            Rc::new(Shared { changed: self.changed.clone(), asked: Some((watch.clone(), tells)) })
        };
        let of_release = telling(&self.release, |key| OF_UPGRADES.contains(&key));
        let of_chart = telling(&self.helm, |key| !SAME_FIELDS.contains(&key));
        for top in tops {
            for (key, shared) in [("Release", &of_release), ("Chart", &of_chart)] {
                let Some(Value { data: Data::Map(map), .. }) = top.field(key) else { continue };
                map.share(shared).iter().for_each(|value| share(value, &plain));
            }
            share(&Value::from(top.clone()), &plain);
        }
    }

    /// Forgets what was not done by a template.
    pub(super) fn begin(&self) {
        self.changed.take();
    }

    /// Notes what a template looked at that was executed.
    pub(super) fn note(&mut self, template: &Arc<str>, state: &mut State) {
        let looks = &mut self.looks;
        let chance = std::mem::take(&mut state.used_chance);
        let cluster = std::mem::take(&mut state.asked_cluster);
        let (version, release) = (self.version.take(), self.release.take());
        looks.helm |= self.helm.take();
        looks.has_changed |= self.changed.take();
        looks.chance |= chance;
        looks.version |= version;
        looks.release |= release;
        looks.cluster |= cluster;
        if chance || version || release || cluster {
            looks.templates.insert(Arc::clone(template));
        }
    }

    /// What was noted.
    pub(super) fn finish(self) -> Looks {
        self.looks
    }
}

/// Has somebody told of each change to the maps in a value.
fn share(value: &Value, shared: &Rc<Shared>) {
    let mut open = vec![value.clone()];
    while let Some(value) = open.pop() {
        match value.data {
            Data::Map(map) => open.extend(map.share(shared)),
            Data::List(items) => open.extend(items.iter().cloned()),
            _ => {}
        }
    }
}

/// A rendering whose templates keep what they print, where they looked at nothing that may be otherwise now.
pub(super) fn kept(like: Option<&Arc<Rendered>>) -> Option<&Rendered> {
    like.map(|like| &**like).filter(|like| like.looks.are_apart() && like.record.is_whole())
}
