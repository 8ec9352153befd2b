//! Overlays that build on what is gone: kustomize refuses them, and what they deployed is judged no more.

use super::{Kustomization, Kustomizations, is_object};
use crate::gitops::Problem;
use crate::gitops::files::Files;
use crate::gitops::path::{folder, is_remote, join};
use crate::yaml::Node;

/// Fields that name what a kustomization builds on.
const FIELDS: [&str; 3] = ["resources", "bases", "components"];

impl Kustomizations {
    /// What overlays name that is gone and may have deployed a chart. Those that say by themselves that they deploy one are followed elsewhere.
    ///
    /// `is_deployed` says whether a file holds an object of Argo CD or Flux.
    pub(in crate::gitops) fn gone(&self, files: &Files<'_>, is_deployed: &dyn Fn(&str) -> bool) -> Vec<Problem> {
        let speaks = |root: &str| self.inflates(root) || self.files(root).into_iter().any(is_deployed);
        let deploys_any =
            self.all.keys().any(|root| speaks(root)) || files.search.paths.iter().any(|path| is_deployed(path));
        let mute = self.roots().into_iter().filter(|root| !speaks(root));
        mute.flat_map(|root| self.gone_below(files, root, deploys_any)).collect()
    }

    fn gone_below(&self, files: &Files<'_>, root: &str, deploys_any: bool) -> Vec<Problem> {
        let mut reached = std::collections::BTreeSet::new();
        self.reach(root, &mut reached);
        let all: Vec<&Kustomization> = reached.into_iter().filter_map(|folder| self.all.get(folder)).collect();
        let is_production = all
            .iter()
            .filter(|each| folder(&each.path) == root)
            .all(|each| files.search.is_production(&[&each.path], "", None).0);
        let is_named = || all.iter().any(|each| names_chart(files, each));
        if !is_production || !(deploys_any || is_named()) {
            return vec![];
        }
        all.iter()
            .flat_map(|each| self.gone_of(files, each))
            .filter(|(is_file, _)| !is_file || is_named())
            .map(|(_, problem)| problem)
            .collect()
    }

    /// What one names that is not there, and whether that is a file.
    fn gone_of(&self, files: &Files<'_>, kustomization: &Kustomization) -> Vec<(bool, Problem)> {
        let here = folder(&kustomization.path);
        let named = FIELDS.into_iter().flat_map(|field| kustomization.root.items(field));
        let gone = named.filter_map(|item| {
            let reference =
                item.scalar_text().filter(|reference| !is_remote(reference) && !reference.contains('\n'))?;
            let target = files.place(&join(here, reference)?);
            if self.get(folder(&target)).is_some_and(|other| other.path == target && !is_object(&other.root)) {
                let message = format!("kustomize refuses `{reference}` here: it takes the folder of a kustomization");
                return Some((false, Problem::new(item.location, message)));
            }
            let is_here = files.is_file(&target) || self.get(&target).is_some() || is_submodule(files, &target);
            let is_file = [".yaml", ".yml", ".json"].iter().any(|ending| reference.ends_with(ending));
            (!is_here).then(|| (is_file, nowhere(item, reference)))
        });
        gone.collect()
    }
}

/// What is wrong with something to build on that is not there.
pub(super) fn nowhere(item: &Node, reference: &str) -> Problem {
    let message = format!("`{reference}` is neither a file nor a folder with a kustomization of this repository");
    Problem::new(item.location, message)
}

/// Whether a path lies in a submodule, of which git tracks no file.
fn is_submodule(files: &Files<'_>, path: &str) -> bool {
    path.match_indices('/').any(|(end, _)| files.is_file(&path[..end]))
}

/// Whether a kustomization speaks of a chart of the repository: by its path or in its text.
fn names_chart(files: &Files<'_>, kustomization: &Kustomization) -> bool {
    let text = files.text(&kustomization.path).map(|(_, source)| source.text.to_string()).unwrap_or_default();
    let spoken: Vec<String> = words(&kustomization.path).chain(words(&text)).collect();
    let names =
        files.search.charts.iter().flat_map(|(folder, name)| [folder.rsplit('/').next().unwrap_or(folder), name]);
    names.map(|name| words(name).collect::<Vec<_>>()).any(|name| {
        let length = name.len().max(1);
        spoken.windows(length).any(|part| part == name)
    })
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}
