//! The embedded definitions: found by name and read line by line when one is asked for.
//!
//! `definitions.txt` is written by `scripts/kubernetes-definitions`, which explains its format. All versions share it: a part that
//! not all of them have says which do. It is kept as plain text since that is small, shows in a review what changed, and lets a line be
//! found and read in a microsecond, so that nothing is decoded that no object asks for.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::{LazyLock, OnceLock};

use super::Minor;

static TEXT: &str = include_str!("definitions.txt");

static LIMITS: LazyLock<HashMap<(&'static str, &'static str), &'static str>> = LazyLock::new(|| {
    let lines = include_str!("limits.txt").lines().filter(|line| !line.starts_with('#'));
    let limit = |line: &'static str| {
        let (field, limit) = line.split_once(' ')?;
        Some((field.rsplit_once('.')?, limit))
    };
    lines.filter_map(limit).collect()
});

static INDEX: LazyLock<Index> = LazyLock::new(Index::read);

/// Versions from and to.
pub(super) type Minors = RangeInclusive<Minor>;

/// A field of a definition, in the versions that have it so.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) is_required: bool,
    /// Whether an empty text is refused like one that is not there.
    pub(super) is_filled: bool,
    /// Its type as the file writes it.
    pub(super) kind: &'static str,
    /// What it may hold besides, as `limits.txt` writes it.
    pub(super) limit: &'static str,
    pub(super) minors: Minors,
}

/// A definition in all versions.
#[derive(Debug, Default)]
pub(super) struct Definition {
    /// What it is where it has no fields: the name is empty.
    pub(super) whole: Vec<Field>,
    /// By name.
    pub(super) fields: Vec<Field>,
}

struct Line {
    name: &'static str,
    parts: &'static str,
    read: OnceLock<Definition>,
}

/// The definition of a kind, and the versions that have it.
struct Kind {
    line: usize,
    minors: Minors,
}

struct Index {
    minors: Minors,
    /// By name.
    lines: Vec<Line>,
    /// By `apiVersion` and `kind`.
    kinds: HashMap<(&'static str, &'static str), Vec<Kind>>,
    groups: HashSet<&'static str>,
}

impl Index {
    fn read() -> Self {
        let (head, rest) = TEXT.split_once('\n').expect("the file has a head");
        let mut numbers = head.split('\t').skip(1).filter_map(|number| number.parse().ok()).map(Minor);
        let minors = numbers.next().zip(numbers.next()).map(|(first, last)| first..=last);
        let minors = minors.expect("the head names two versions");
        let mut index = Self { minors, lines: vec![], kinds: HashMap::new(), groups: HashSet::new() };
        for (position, line) in rest.lines().enumerate() {
            let (name, parts) = line.split_once('\t').unwrap_or((line, ""));
            index.lines.push(Line { name, parts, read: OnceLock::new() });
            // Parts are sorted, and `=` comes before every letter.
            for part in parts.split('\t').take_while(|part| part.starts_with(['=', '$', '*'])) {
                let Some((api_version, kind)) = part.strip_prefix('=').and_then(|part| part.split_once('=')) else {
                    continue;
                };
                let (kind, minors) = ranged(kind, &index.minors);
                index.groups.extend(api_version.split_once('/').map(|(group, _)| group));
                index.kinds.entry((api_version, kind)).or_default().push(Kind { line: position, minors });
            }
        }
        index
    }
}

impl Line {
    fn definition(&self, every: &Minors) -> &Definition {
        self.read.get_or_init(|| {
            let mut definition = Definition::default();
            for part in self.parts.split('\t').filter(|part| !part.starts_with('=')) {
                let (part, minors) = ranged(part, every);
                let Some((name, kind)) = part.split_once(':') else {
                    definition.whole.push(Field {
                        name: "",
                        is_required: false,
                        is_filled: false,
                        kind: part,
                        limit: "",
                        minors,
                    });
                    continue;
                };
                let (name, is_required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
                let limit = LIMITS.get(&(self.name, name)).copied().unwrap_or_default();
                let (is_filled, limit) = limit.strip_prefix('!').map_or((false, limit), |limit| (true, limit));
                let (is_needless, limit) = limit.strip_prefix('-').map_or((false, limit), |limit| (true, limit));
                let is_required = (is_required || is_filled) && !is_needless;
                definition.fields.push(Field { name, is_required, is_filled, kind, limit, minors });
            }
            definition.fields.sort_by_key(|field| field.name);
            definition
        })
    }
}

/// A part without the versions at its end, and those.
fn ranged(part: &'static str, every: &Minors) -> (&'static str, Minors) {
    let Some((part, range)) = part.rsplit_once('@') else { return (part, every.clone()) };
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    let minor = |text: &str, other: &Minor| text.parse().map_or(*other, Minor);
    (part, minor(from, every.start())..=minor(to, every.end()))
}

/// The versions that are embedded.
pub(super) fn minors() -> Minors {
    INDEX.minors.clone()
}

/// A definition by its name.
pub(super) fn definition(name: &str) -> Option<&'static Definition> {
    let position = INDEX.lines.binary_search_by_key(&name, |line| line.name).ok()?;
    Some(INDEX.lines[position].definition(&INDEX.minors))
}

/// Every stretch of versions that know a kind, with the name of its definition there.
pub(super) fn kinds(api_version: &str, kind: &str) -> Vec<(&'static str, Minors)> {
    let found = INDEX.kinds.get(&(api_version, kind)).into_iter().flatten();
    found.map(|kind| (INDEX.lines[kind.line].name, kind.minors.clone())).collect()
}

/// Every kind of every `apiVersion`, in no order.
pub(super) fn every_kind() -> impl Iterator<Item = (&'static str, &'static str, Minors)> {
    let kinds = INDEX.kinds.iter();
    kinds.flat_map(|((api_version, kind), found)| found.iter().map(|one| (*api_version, *kind, one.minors.clone())))
}

/// Whether any kind is of a group.
pub(super) fn is_group(group: &str) -> bool {
    INDEX.groups.contains(group)
}
