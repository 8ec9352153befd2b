//! `values-key-unset`: a template prints a value that values.yaml does not have and nobody else tells of.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::known_values::Known;
use crate::change::{Bare, Site};
use crate::chart::Chart;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::suggest::nearest;
use crate::yaml::{KeyPath, Node};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    let is_library = chart.metadata.as_ref().is_some_and(|metadata| metadata.text("type") == Some("library"));
    let Some(values) = chart.values.as_ref().and_then(|values| values.root()).filter(|_| !is_library) else { return };
    let bare = Bare::of(chart);
    if bare.is_open {
        return;
    }
    let known = Known::of(chart);
    let mut said = BTreeSet::new();
    for Site { at, path } in &bare.printed {
        let Some((names, last)) = siblings(values, path) else { continue };
        let written: Vec<String> = path.iter().map(ToString::to_string).collect();
        let is_set = context.profiles.iter().any(|view| view.values.at(&key_path(path)).is_some());
        if is_set || bare.is_asked(path) || known.tells(&written) || is_told(chart, &written, last) {
            continue;
        }
        let key = written.join(".");
        if !said.insert(key.clone()) {
            continue;
        }
        let help = match nearest(last, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add it to values.yaml, or print it with `default`".to_owned(),
        };
        findings.report(Label::new(*at, ""), key.as_str(), &[("key", &key)]).help(help);
    }
}

/// The keys of the mapping that should have a value, and the name of that; none where the mapping is not there, holds whatever users put there,
/// or has the value.
fn siblings<'p>(values: &Node, path: &'p [Arc<str>]) -> Option<(Vec<String>, &'p str)> {
    let (last, above) = path.split_last()?;
    let mapping = values.at(&key_path(above))?.as_map()?;
    let names: Vec<String> = mapping.effective().into_iter().map(|(key, _)| key.into_owned()).collect();
    (!names.is_empty() && !names.iter().any(|name| **name == **last)).then_some((names, last))
}

fn key_path(path: &[Arc<str>]) -> KeyPath {
    path.iter().fold(KeyPath::default(), |path, key| path.key(key))
}

/// Whether a comment of values.yaml or the README tells of a value, for users to set.
fn is_told(chart: &Chart, path: &[String], last: &str) -> bool {
    let written = format!("{last}:");
    let of_values = chart.files.iter().find(|file| file.path == "values.yaml");
    let comments = of_values.and_then(|file| std::str::from_utf8(&file.data).ok()).unwrap_or_default();
    let is_comment = |line: &str| line.split_once('#').is_some_and(|(_, comment)| comment.contains(&written));
    let readme = chart.files.iter().filter(|file| file.path.to_lowercase().starts_with("readme"));
    let whole = path.join(".");
    let is_in = |data: &[u8]| String::from_utf8_lossy(data).contains(&whole);
    comments.lines().any(is_comment) || readme.into_iter().any(|file| is_in(&file.data))
}

#[cfg(test)]
mod tests {
    use super::{key_path, siblings};
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    #[test]
    fn a_value_is_missing_where_others_stand_beside_it() {
        let sources = Sources::new();
        let text = "image: {tag: a}\nfree: {}\nlist: []\n";
        let id = sources.add(Source::new("values.yaml", Address::Rendered, text));
        let root = Document::parse(id, text).expect("YAML").root;
        let found = |path: &str| siblings(&root, &path.split('.').map(Into::into).collect::<Vec<_>>()).is_some();
        assert!(found("images") && found("image.tags"));
        assert!(!found("image.tag") && !found("free.a") && !found("list.a") && !found("none.a"));
        assert_eq!(key_path(&["a".into(), "b".into()]).to_string(), "a.b");
    }
}
