//! Kustomizations that Applications deploy: with options, as they are, or not at all, when they are deployments by themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Deployment;
use super::files::Read;
use crate::chart::values_file::production_word;

/// What an Application says of a kustomization that it deploys.
#[derive(Debug, Clone)]
pub(super) struct Decided {
    /// Whether it is production.
    pub(super) production: bool,
    /// The words that say why.
    pub(super) why: String,
    /// The files that it rests on.
    pub(super) read: Arc<Read>,
}

/// Folders of kustomizations that Applications deploy, each with the first that is production, else the first.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlays {
    /// With options: another deployment in the place of the kustomization by itself.
    changed: BTreeMap<String, Decided>,
    /// As they are.
    plain: BTreeMap<String, Decided>,
}

impl Overlays {
    /// Notes an Application that deploys the kustomization of a folder, with options or as it is.
    pub(super) fn deployed(&mut self, folder: String, is_changed: bool, decided: Decided) {
        note(if is_changed { &mut self.changed } else { &mut self.plain }, folder, decided);
    }

    pub(super) fn extend(&mut self, other: Self) {
        other.changed.into_iter().for_each(|(folder, decided)| note(&mut self.changed, folder, decided));
        other.plain.into_iter().for_each(|(folder, decided)| note(&mut self.plain, folder, decided));
    }

    /// Whether a deployment counts, as what deploys it says. A test takes the place of nothing that is called production.
    pub(super) fn keeps(&self, deployment: &mut Deployment) -> bool {
        let Some(folder) = &deployment.overlay else { return true };
        let is_called_so = production_word(folder).is_some();
        let (changed, plain) = (self.changed.get(folder), self.plain.get(folder));
        match (changed, plain) {
            (_, Some(Decided { production: true, .. })) | (None, None) => true,
            (Some(Decided { production: true, .. }), _) => false,
            _ if is_called_so => true,
            (_, Some(test)) => {
                if deployment.profile.production {
                    (deployment.profile.production, deployment.profile.decided_by) = (false, test.why.clone());
                    deployment.read.extend(test.read.iter().cloned());
                }
                true
            }
            (Some(_), None) => false,
        }
    }
}

fn note(all: &mut BTreeMap<String, Decided>, folder: String, decided: Decided) {
    let known = all.entry(folder).or_insert_with(|| decided.clone());
    if decided.production && !known.production {
        *known = decided;
    }
}
