//! A table of fields: read from its file, asked by path, written as documentation.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::published::Published;

/// The fields of one kind.
#[derive(Debug, Clone)]
pub struct Table {
    /// `Application`, or `Flux Kustomization` where two tools have a kind of one name.
    pub kind: String,
    /// What the documentation says of the kind before its fields.
    pub about: String,
    /// Every classified path, with what is done with it and with all below it that has no entry of its own.
    pub entries: BTreeMap<String, Class>,
    /// Parts that have the fields of another kind, or of another part.
    pub same: BTreeMap<String, String>,
    /// Fields that a version of the API no longer has, which the others still have.
    pub gone: BTreeMap<String, Vec<String>>,
    /// What the publisher of the kind says of its fields.
    pub published: Published,
}

/// What is done with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// It is followed.
    Followed,
    /// It does not change what is rendered, with the reason.
    Irrelevant(String),
    /// It may change what is rendered and is not followed, with the reason.
    Unfollowed(String),
}

/// A table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    about: String,
    followed: Vec<String>,
    #[serde(default)]
    irrelevant: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    unfollowed: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    same: BTreeMap<String, String>,
    #[serde(default)]
    gone: BTreeMap<String, Vec<String>>,
}

/// The kind that a table is about.
pub(super) fn kind(text: &str) -> &str {
    let line = text.lines().find_map(|line| line.strip_prefix("kind: "));
    line.expect("a table begins with its kind")
}

/// Reads a table; parts that are the same as another kind get the entries of that.
pub(super) fn read(text: &str, published: &'static str, known: &BTreeMap<String, Table>) -> Table {
    let written: Written = serde_yaml::from_str(text).expect("a table is YAML of its form");
    let mut entries = BTreeMap::new();
    for path in written.followed {
        entries.insert(path, Class::Followed);
    }
    for (why, paths) in written.irrelevant {
        entries.extend(paths.into_iter().map(|path| (path, Class::Irrelevant(why.clone()))));
    }
    for (why, paths) in written.unfollowed {
        entries.extend(paths.into_iter().map(|path| (path, Class::Unfollowed(why.clone()))));
    }
    let published = Published::read(published);
    let Written { kind, about, same, gone, .. } = written;
    let mut table = Table { kind, about, entries, same, gone, published };
    for (part, origin) in table.same.clone() {
        let other = known.get(&origin);
        let entries = copied(&table.entries, other.map(|other| &other.entries), &part, &origin);
        table.entries.extend(entries);
    }
    table
}

/// What is said of another kind, or of another part of this one, as said of a part.
fn copied(
    own: &BTreeMap<String, Class>,
    other: Option<&BTreeMap<String, Class>>,
    part: &str,
    origin: &str,
) -> Vec<(String, Class)> {
    if let Some(other) = other {
        return other.iter().map(|(path, said)| (format!("{part}.{path}"), said.clone())).collect();
    }
    let below = own.iter().filter_map(|(path, said)| {
        let rest = path.strip_prefix(origin)?;
        (rest.is_empty() || rest.starts_with('.')).then(|| (format!("{part}{rest}"), said.clone()))
    });
    below.collect()
}

impl Table {
    /// What is done with the field at a path of keys: its own entry, or that of the nearest field above it that decides for everything
    /// below. `None` for a field that nobody classified.
    pub fn class(&self, path: &str) -> Option<&Class> {
        let mut above = path;
        loop {
            if let Some(class) = self.entry(above) {
                let is_open = *class == Class::Followed && above != path && self.has_fields(above);
                return if is_open { None } else { Some(class) };
            }
            // A field that is only on the way to classified ones.
            if above == path && self.has_fields(path) {
                return Some(&Class::Followed);
            }
            above = above.rsplit_once('.')?.0;
        }
    }

    /// Whether a field may change what is rendered: it is followed, or is not and matters.
    pub(in crate::gitops) fn changes(&self, path: &str) -> bool {
        !matches!(self.class(path), Some(Class::Irrelevant(_)))
    }

    fn entry(&self, path: &str) -> Option<&Class> {
        self.entries.get(path).or_else(|| {
            let (parent, _) = path.rsplit_once('.')?;
            self.entries.get(&format!("{parent}.*"))
        })
    }

    /// Whether fields below a path are classified one by one.
    pub(super) fn has_fields(&self, path: &str) -> bool {
        if path.is_empty() {
            return true;
        }
        let prefix = format!("{path}.");
        let next = self.entries.range(prefix.clone()..).next();
        next.is_some_and(|(entry, _)| entry.starts_with(&prefix))
    }

    /// The spelling of a key below a path, whatever its case.
    pub(super) fn spelling(&self, path: &str, written: &str) -> Option<&str> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        let below = self.entries.range(prefix.clone()..).take_while(|(entry, _)| entry.starts_with(&prefix));
        let keys = below.map(|(entry, _)| entry[prefix.len()..].split('.').next().unwrap_or_default());
        let mut fitting: Vec<&str> = keys.filter(|key| key.eq_ignore_ascii_case(written)).collect();
        fitting.sort_by_key(|key| *key != written);
        fitting.first().copied()
    }

    /// The part of the documentation about this kind.
    pub fn markdown(&self) -> String {
        let is_copied = |path: &str| {
            self.same.keys().any(|part| {
                path.strip_prefix(part.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let own = || self.entries.iter().filter(|(path, _)| !is_copied(path));
        let list = |paths: Vec<&String>| paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        let mut text = format!("### {}\n\n{}\n\n", self.kind, self.about.trim());
        let followed = own().filter(|(_, class)| **class == Class::Followed).map(|(path, _)| path).collect();
        text.extend(["- followed: ", &list(followed), "\n"]);
        text.extend(self.same.iter().map(|(part, origin)| format!("- `{part}`: as `{origin}`\n")));
        let (mut irrelevant, mut unfollowed) =
            (BTreeMap::<&str, Vec<&String>>::new(), BTreeMap::<&str, Vec<&String>>::new());
        for (path, class) in own() {
            match class {
                Class::Followed => {}
                Class::Irrelevant(why) => irrelevant.entry(why).or_default().push(path),
                Class::Unfollowed(why) => unfollowed.entry(why).or_default().push(path),
            }
        }
        for (title, reasons) in [("irrelevant", irrelevant), ("not followed", unfollowed)] {
            text.extend(reasons.into_iter().map(|(why, paths)| format!("- {title}, {why}: {}\n", list(paths))));
        }
        for (version, paths) in &self.gone {
            text.extend([format!("- unknown to `{version}`: {}\n", list(paths.iter().collect()))]);
        }
        text
    }
}
