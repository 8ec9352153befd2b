//! Profiles of the values files that lie in a chart: those whose names say production, and those that chart-testing installs it with.

use std::collections::BTreeSet;

use super::Profile;
use crate::chart::values_file::{Kind, is_encrypted, kind, production_word};
use crate::chart::{Chart, YamlFile};
use crate::yaml::{Mapping, Node};

/// What values files make of a chart.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Profiles, in the order of their files.
    pub profiles: Vec<Profile>,
    /// Paths of files that may be meant as values of production and are no profile, each with the reason.
    pub passed_over: Vec<(String, String)>,
}

/// The profiles of a chart's values files. A file in a folder of production counts over the `values.yaml` of that folder.
pub fn beside(chart: &Chart) -> Beside {
    let mut found = Beside::default();
    let known = known_keys(chart);
    for file in &chart.values_files {
        let Some(root) = file.root() else { continue };
        let Some(kind) = kind(&file.path) else { continue };
        let Some(word) = production_word(&file.path).or_else(|| (kind == Kind::Test).then(String::new)) else {
            continue;
        };
        let encrypted = is_encrypted(root).then(|| "it is encrypted".to_owned());
        let foreign = || (kind == Kind::Production).then(|| other(root, &known)).flatten();
        if let Some(reason) = encrypted.or_else(foreign) {
            found.passed_over.push((crate::source::join(&chart.folder, &file.path), reason));
            continue;
        }
        let layers = base(chart, file, kind).into_iter().chain([file]).flat_map(|file| &file.documents);
        found.profiles.push(Profile {
            name: file.path.rsplit_once('.').map_or(&*file.path, |(stem, _)| stem).to_owned(),
            production: kind != Kind::Test,
            decided_by: match kind {
                Kind::Test => "`ci/` holds the values that chart-testing installs a chart with".to_owned(),
                _ => format!("the word `{word}` in `{}`", file.path),
            },
            values: layers.map(|document| document.root.clone()).collect(),
            found_at: Some(root.location),
            ..Profile::default()
        });
    }
    found
}

/// The `values.yaml` of the folder that a file of production lies in.
fn base<'a>(chart: &'a Chart, file: &YamlFile, kind: Kind) -> Option<&'a YamlFile> {
    let (folder, _) = file.path.rsplit_once('/').filter(|_| kind == Kind::Production)?;
    let path = format!("{folder}/values.yaml");
    chart.values_files.iter().find(|other| other.path == path && other.path != file.path)
}

/// The keys that values of a chart can begin with, as far as the chart says.
fn known_keys(chart: &Chart) -> BTreeSet<String> {
    let own = chart.values.as_ref().and_then(YamlFile::root).and_then(Node::as_map).map(Mapping::effective);
    let own = own.unwrap_or_default().into_iter().map(|(key, _)| key.to_string());
    let parts = chart.declared().into_iter().filter_map(|declared| declared.key()).map(str::to_owned);
    own.chain(parts.collect::<Vec<_>>()).chain(["global".to_owned()]).collect()
}

/// Why a file that only its path speaks for holds no values of the chart.
fn other(root: &Node, known: &BTreeSet<String>) -> Option<String> {
    let Some(mapping) = root.as_map() else { return Some(format!("it is {}, not a mapping", root.kind())) };
    let keys: Vec<String> = mapping.effective().iter().map(|(key, _)| key.to_string()).collect();
    let shared = keys.iter().filter(|key| known.contains(*key)).count();
    (shared * 2 < keys.len() || keys.is_empty())
        .then(|| format!("the chart's values have {shared} of its {} keys", keys.len()))
}
