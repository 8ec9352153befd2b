//! `values-key-unset`: a template prints a value that values.yaml does not have and nobody else tells of.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use indexmap::IndexSet;

use super::known_values::Known;
use crate::budget::Budget;
use crate::change::{Bare, Site};
use crate::chart::Chart;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::suggest::Suggest;
use crate::yaml::{KeyPath, Node};

/// What looking for values that nobody sets may cost.
const STEPS: u64 = 10_000_000;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    let is_library = chart.metadata.as_ref().is_some_and(|metadata| metadata.text("type") == Some("library"));
    let Some(values) = chart.values.as_ref().and_then(|values| values.root()).filter(|_| !is_library) else { return };
    let bare = Bare::of(chart, context.cache);
    if bare.is_open {
        return;
    }
    let (known, told, mut levels) =
        (Known::of(chart, context.cache), Told::of(chart), Levels { values, known: HashMap::new() });
    let (budget, suggest) = (Budget::new(STEPS, 1), Suggest::default());
    let mut said = BTreeSet::new();
    for Site { at, path } in &bare.printed {
        let Some((names, last)) = levels.siblings(path) else { continue };
        if findings.is_full() || !said.insert(path) {
            continue;
        }
        let is_set = || context.profiles.iter().any(|view| view.values.at(&key_path(path)).is_some());
        if bare.is_asked(path) || is_set() {
            continue;
        }
        if let Err(exceeded) = budget.spend(known.price_of_files() + names.len() / 8 + told.size() / 64) {
            return findings.exceed(exceeded, *at);
        }
        let written: Vec<String> = path.iter().map(ToString::to_string).collect();
        if known.tells(&written) || told.tells(&written, last) {
            continue;
        }
        let key = written.join(".");
        let help = match suggest.nearest(last, names.iter().map(|name| &**name)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add it to values.yaml, or print it with `default`".to_owned(),
        };
        findings.report(Label::new(*at, ""), key.as_str(), &[("key", &key)]).help(help);
    }
}

/// The chart's own values, with the keys of each mapping that was asked for.
struct Levels<'v> {
    values: &'v Node,
    known: HashMap<Vec<Arc<str>>, IndexSet<Cow<'v, str>>>,
}

impl<'v> Levels<'v> {
    /// The keys of the mapping that should have a value, and the name of that; none where the mapping is not there, holds whatever users put
    /// there, or has the value.
    fn siblings<'p>(&mut self, path: &'p [Arc<str>]) -> Option<(&IndexSet<Cow<'v, str>>, &'p str)> {
        let (last, above) = path.split_last()?;
        if !self.known.contains_key(above) {
            let mapping = self.values.at(&key_path(above)).and_then(Node::as_map);
            let keys = mapping.map(|mapping| mapping.effective()).unwrap_or_default();
            self.known.insert(above.to_vec(), keys.into_iter().map(|(key, _)| key).collect());
        }
        let names = self.known.get(above)?;
        (!names.is_empty() && !names.contains(&**last)).then_some((names, last))
    }
}

/// Texts that tell users which values to set.
struct Told<'c> {
    /// The comments of values.yaml, a line each.
    comments: String,
    readmes: Vec<Cow<'c, str>>,
}

impl<'c> Told<'c> {
    fn of(chart: &'c Chart) -> Self {
        let of_values = chart.files.iter().find(|file| file.path == "values.yaml");
        let values = of_values.and_then(|file| std::str::from_utf8(&file.data).ok()).unwrap_or_default();
        let comments = values.lines().filter_map(|line| Some(line.split_once('#')?.1)).flat_map(|line| [line, "\n"]);
        let readmes = chart.files.iter().filter(|file| file.path.to_lowercase().starts_with("readme"));
        Self {
            comments: comments.collect(),
            readmes: readmes.map(|file| String::from_utf8_lossy(&file.data)).collect(),
        }
    }

    /// Bytes in all of them.
    fn size(&self) -> usize {
        self.comments.len() + self.readmes.iter().map(|text| text.len()).sum::<usize>()
    }

    /// Whether one of them tells of a value.
    fn tells(&self, path: &[String], last: &str) -> bool {
        let whole = path.join(".");
        self.comments.contains(&format!("{last}:")) || self.readmes.iter().any(|text| text.contains(&whole))
    }
}

fn key_path(path: &[Arc<str>]) -> KeyPath {
    path.iter().fold(KeyPath::default(), |path, key| path.key(key))
}

#[cfg(test)]
mod tests {
    use super::{Levels, key_path};
    use std::collections::HashMap;

    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    #[test]
    fn a_value_is_missing_where_others_stand_beside_it() {
        let sources = Sources::new();
        let text = "image: {tag: a}\nfree: {}\nlist: []\n";
        let id = sources.add(Source::new("values.yaml", Address::Rendered, text));
        let root = Document::parse(id, text).expect("YAML").root;
        let mut levels = Levels { values: &root, known: HashMap::new() };
        let mut found = |path: &str| levels.siblings(&path.split('.').map(Into::into).collect::<Vec<_>>()).is_some();
        assert!(found("images") && found("image.tags"));
        assert!(!found("image.tag") && !found("free.a") && !found("list.a") && !found("none.a"));
        assert_eq!(key_path(&["a".into(), "b".into()]).to_string(), "a.b");
    }
}
