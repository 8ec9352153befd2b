//! Comments that a change adds to suppress what nothing suppressed before.

use std::collections::{HashMap, HashSet};

use super::fact::HELP;
use crate::config::RuleNames;
use crate::config::comment::{self, Ignore};
use crate::gate::judge::Judged;
use crate::gate::plan::{Plan, Planned};
use crate::published::Earlier;
use crate::rule::Fact;
use crate::source::{EntryKind, Error, FILE_LIMIT, Tree, below, join};
use crate::text::{Address, Source, Sources};

/// The comments of a chart's texts that suppress what nothing suppressed before. A comment is known by the rules it names and by what its line
/// sets, so that it may move with the line.
pub(super) fn comments(
    plan: &Plan<'_>,
    planned: &Planned,
    judged: &Judged,
    before: Option<&Earlier>,
    sources: &Sources,
) -> Result<Vec<Fact>, String> {
    let place = plan.ground(planned);
    // A text of a package is known by where it was in the folder of its chart.
    let is_packaged = planned.release.is_none() && matches!(planned.tree.address(""), Address::Archived { .. });
    let home = before.filter(|_| is_packaged).map(|before| before.folder.as_str());
    let root = if home.is_some() { planned.tree.shown("") } else { place.tree.shown("") };
    let mut facts = vec![];
    let mut taken: Option<HashMap<Excused, usize>> = None;
    for (text, ignores) in judged.texts.iter().filter(|(_, ignores)| !ignores.is_empty()) {
        let source = sources.get(*text);
        let path = below(&source.path, if root == "." { "" } else { &root }).unwrap_or(&source.path);
        let path = &join(home.unwrap_or_default(), path);
        let mut known = match earlier(&*place.policy, path, &plan.names)? {
            Some(subjects) => counted(subjects),
            // The file is new, or has moved here: what it suppresses may be what another suppressed.
            None => match taken.take() {
                Some(taken) => taken,
                None => counted(taken_away(before, &*place.tree, &plan.names)?),
            },
        };
        let is_new = matches!(place.policy.read(path, 0), Err(Error::NotFound { .. }));
        let ignores: Vec<Ignore> = ignores.iter().filter(|ignore| suppresses(ignore, &plan.names)).cloned().collect();
        for (ignore, subject) in ignores.iter().zip(subjects(&ignores, &source)) {
            match known.get_mut(&subject).filter(|left| **left > 0) {
                Some(left) => *left -= 1,
                None => facts.push(added(ignore)),
            }
        }
        if is_new {
            taken = Some(known);
        }
    }
    Ok(facts)
}

fn counted(subjects: Vec<Excused>) -> HashMap<Excused, usize> {
    let mut counted = HashMap::new();
    for subject in subjects {
        *counted.entry(subject).or_default() += 1;
    }
    counted
}

/// What the comments suppressed of the chart's files that are not where they were.
fn taken_away(before: Option<&Earlier>, now: &dyn Tree, names: &RuleNames) -> Result<Vec<Excused>, String> {
    let Some(Earlier { tree, folder }) = before else { return Ok(vec![]) };
    let mut subjects = vec![];
    for entry in tree.list(folder).map_err(|error| error.to_string())? {
        let is_there =
            || now.read(&entry.path, 0).map_or_else(|error| !matches!(error, Error::NotFound { .. }), |_| true);
        if matches!(entry.kind, EntryKind::File { .. }) && !is_there() {
            subjects.extend(earlier(&**tree, &entry.path, names)?.unwrap_or_default());
        }
    }
    Ok(subjects)
}

/// Whether a comment suppresses anything: it names a rule that there is, and says why.
fn suppresses(ignore: &Ignore, names: &RuleNames) -> bool {
    !ignore.reason.is_empty() && ignore.rules.iter().any(|rule| names.id(rule).is_some())
}

/// What the comments of a file suppressed before; none where there was no such file.
fn earlier(tree: &dyn Tree, path: &str, names: &RuleNames) -> Result<Option<Vec<Excused>>, String> {
    let data = match tree.read(path, FILE_LIMIT) {
        Ok(data) => data,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let sources = Sources::new();
    let id = sources.add(Source::new(path, tree.address(path), String::from_utf8_lossy(&data).into_owned()));
    let source = sources.get(id);
    let mut ignores = comment::ignores(id, &source);
    ignores.retain(|ignore| suppresses(ignore, names));
    Ok(Some(subjects(&ignores, &source)))
}

/// The rules that a comment names, and the line it is for: its text up to the first colon, behind those of the lines that it stands under.
type Excused = (Vec<String>, String);

/// What each comment of a text is about, wherever its line has moved to.
fn subjects(ignores: &[Ignore], source: &Source) -> Vec<Excused> {
    let wanted: HashSet<usize> = ignores.iter().map(|ignore| ignore.line).collect();
    let mut above: Vec<(usize, String)> = vec![];
    let mut paths: HashMap<usize, String> = HashMap::new();
    for (index, line) in source.text.split('\n').enumerate() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        above.retain(|(outer, _)| *outer < indent);
        // An item of a list is known by what it begins with.
        let own = if text.starts_with("- ") { text.split(" #").next() } else { text.split(':').next() };
        let own = own.unwrap_or_default().trim_end();
        if wanted.contains(&(index + 1)) {
            let path =
                above.iter().map(|(_, outer)| outer.as_str()).chain([text.split(':').next().unwrap_or_default()]);
            paths.insert(index + 1, path.collect::<Vec<_>>().join("\n"));
        }
        above.push((indent, own.to_owned()));
    }
    ignores.iter().map(|ignore| (ignore.rules.clone(), paths.get(&ignore.line).cloned().unwrap_or_default())).collect()
}

fn added(ignore: &Ignore) -> Fact {
    let rules = ignore.rules.join(", ");
    Fact {
        kind: "comment",
        at: ignore.at,
        related: vec![],
        subject: format!("{rules} {}", ignore.line),
        message: format!("the change adds a comment that suppresses `{rules}`"),
        help: HELP.to_owned(),
    }
}
