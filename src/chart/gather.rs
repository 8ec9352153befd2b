//! The files of a chart in a tree: which of them Helm would package, and the others that a release gate looks at.

use std::collections::BTreeSet;

use super::ignore::{Ignore, PATTERN_LIMIT};
use super::read::{Raw, Reader};
use super::{Hidden, ProblemKind, values_file};
use crate::finding::{Failure, FailureKind};
use crate::source::{CHART_LIMIT, Entry, EntryKind, Error, FILE_LIMIT, LinkFault, LinkTarget, below, join};
use crate::text::{Address, Location, SourceId, Span};

/// Hidden files that are remembered: folders of hidden packages have more than anybody asks for.
const HIDDEN_LIMIT: usize = 10_000;

/// A chart's files, read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// What Helm would package, by path.
    pub(super) packaged: Vec<Raw>,
    /// What `.helmignore` hides and is looked at all the same, by path.
    pub(super) aside: Vec<Raw>,
    /// What `.helmignore` hides, as far as it tells of its patterns.
    pub(super) hidden: Vec<Hidden>,
    /// Whether a `.git` lies there that it does not hide.
    pub(super) packs_git: bool,
}

/// Everything of the chart in `folder`.
pub(super) fn gather(reader: &mut Reader<'_>, folder: &str) -> Gathered {
    let entries = match reader.tree.list(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let is_archive = matches!(error, Error::Malformed { .. } | Error::TooLarge { .. });
            let at = if is_archive { folder.to_owned() } else { join(folder, "Chart.yaml") };
            reader.unread(&at, "Chart.yaml", &error);
            return Gathered::default();
        }
    };
    let (ignore, patterns) = ignore(reader, folder);
    let mut gathering = Gathering {
        reader,
        folder,
        ignore,
        patterns,
        size: 0,
        links: BTreeSet::new(),
        last: (String::new(), false),
        done: Gathered::default(),
    };
    for entry in &entries {
        gathering.entry(entry);
    }
    let hides_git = gathering.ignore.as_ref().is_none_or(|ignore| ignore.excludes(".git/HEAD"));
    if let Some(exceeded) = gathering.ignore.as_ref().and_then(Ignore::exceeded) {
        let message = format!("`.helmignore` cannot be tried on every file: {exceeded}");
        let failure = Failure::new(FailureKind::Limit, message);
        let start = gathering.patterns.map(|source| Location::new(source, Span::default()));
        gathering.reader.failures.push(match start {
            Some(start) => failure.at(start),
            None => failure,
        });
    }
    gathering.done.packs_git = !hides_git && gathering.reader.tree.holds_git(folder);
    gathering.done
}

/// The chart's `.helmignore`; Helm does not look at one in an archive.
fn ignore(reader: &mut Reader<'_>, folder: &str) -> (Option<Ignore>, Option<SourceId>) {
    if matches!(reader.tree.address(folder), Address::Archived { .. }) {
        return (None, None);
    }
    let at = join(folder, ".helmignore");
    let Some(raw) = reader.read(".helmignore", &at) else {
        return (Some(Ignore::default()), None);
    };
    let (source, text) = reader.text(&raw);
    let (ignore, errors) = Ignore::parse(&text);
    if ignore.is_cut() {
        let message = format!("`.helmignore` has more than {PATTERN_LIMIT} patterns");
        let start = Location::new(source, Span::default());
        reader.failures.push(Failure::new(FailureKind::Limit, message).at(start));
        return (Some(Ignore::default()), None);
    }
    for error in errors {
        let location = Location::new(source, error.span);
        let subject = format!(".helmignore#{}", error.pattern);
        let message = format!("Helm refuses the pattern `{}`: {error}", error.pattern);
        let fix = super::repair::pattern(&error.pattern, location);
        reader.problem(ProblemKind::HelmignoreInvalid, location, subject, message).fix = fix;
    }
    (Some(ignore), Some(source))
}

struct Gathering<'a, 'b> {
    reader: &'a mut Reader<'b>,
    folder: &'a str,
    ignore: Option<Ignore>,
    /// The text of `.helmignore`.
    patterns: Option<SourceId>,
    size: u64,
    /// Links that were reported.
    links: BTreeSet<String>,
    /// The folder of the last file, and whether it is hidden: its other files come right after.
    last: (String, bool),
    done: Gathered,
}

impl Gathering<'_, '_> {
    fn entry(&mut self, entry: &Entry) {
        let path = below(&entry.path, self.folder).unwrap_or("");
        match &entry.kind {
            EntryKind::File { size } => self.file(entry, path, *size),
            EntryKind::Linked { size, link, target } => {
                if !self.is_hidden(path) {
                    self.link(link, target);
                }
                self.file(entry, path, *size);
            }
            EntryKind::BrokenLink { why } => self.broken_link(entry, path, *why),
            _ if self.is_hidden(path) || self.is_hidden_folder(path) => {}
            EntryKind::Submodule => {
                let shown = self.reader.tree.shown(&entry.path);
                let failure = Failure::new(FailureKind::Git, format!("the submodule `{shown}` is part of the chart"));
                let help = "judge the chart where its files are all in one repository, or as a packaged `.tgz`";
                self.reader.failures.push(failure.at_path(shown).help(help));
            }
            EntryKind::Irregular => {
                let location = self.reader.start_of(&entry.path);
                let message = format!("`{path}` is a socket, pipe or device, with which Helm refuses the chart");
                self.reader.problem(ProblemKind::ChartInvalid, location, path, message);
            }
            EntryKind::Unreadable { reason } => {
                let shown = self.reader.tree.shown(&entry.path);
                let failure = Failure::new(FailureKind::Read, format!("cannot read `{shown}`: {reason}"));
                self.reader.failures.push(failure.at_path(shown));
            }
        }
    }

    fn is_hidden(&mut self, path: &str) -> bool {
        let Some(ignore) = &self.ignore else { return false };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if self.last.0 != folder {
            self.last = (folder.to_owned(), ignore.excludes_above(path));
        }
        self.last.1 || ignore.matches(path, false)
    }

    /// The file with the pattern that hides it.
    fn hidden(&self, path: &str) -> Option<Hidden> {
        let span = self.ignore.as_ref()?.hiding(path)?;
        Some(Hidden { path: path.to_owned(), by: Location::new(self.patterns?, span) })
    }

    /// Whether a path is hidden if it is a folder.
    fn is_hidden_folder(&self, path: &str) -> bool {
        self.ignore.as_ref().is_some_and(|ignore| ignore.matches(path, true))
    }

    fn file(&mut self, entry: &Entry, path: &str, size: u64) {
        let is_hidden = self.is_hidden(path);
        if is_hidden && self.done.hidden.len() < HIDDEN_LIMIT {
            self.done.hidden.extend(self.hidden(path));
        }
        if is_hidden && !is_looked_at(path) {
            return;
        }
        if size > FILE_LIMIT {
            self.too_large(&entry.path, path, size, is_hidden);
            return;
        }
        let was_within = self.size <= CHART_LIMIT;
        self.size += if is_hidden { 0 } else { size };
        if self.size > CHART_LIMIT {
            if was_within {
                let location = self.reader.start_of(&join(self.folder, "Chart.yaml"));
                let message = format!("the chart's files are larger than {CHART_LIMIT} bytes together");
                self.reader.problem(ProblemKind::FileTooLarge, location, "", message);
            }
            return;
        }
        if let Some(raw) = self.reader.read(path, &entry.path) {
            if is_hidden { &mut self.done.aside } else { &mut self.done.packaged }.push(raw);
        }
    }

    fn too_large(&mut self, at: &str, path: &str, size: u64, is_hidden: bool) {
        let message = format!("`{path}` has {size} bytes, more than the {FILE_LIMIT} that Helm takes in a file");
        if is_hidden {
            self.reader.failures.push(Failure::new(FailureKind::Limit, message).at_path(self.reader.tree.shown(at)));
            return;
        }
        let location = self.reader.start_of(at);
        let problem = self.reader.problem(ProblemKind::FileTooLarge, location, path, message);
        problem.help = Some("make the file smaller, or name it in `.helmignore`".into());
    }

    /// Notes a link whose target lies outside the chart.
    fn link(&mut self, link: &str, target: &LinkTarget) {
        let target = match target {
            LinkTarget::Inside(target) if target == self.folder || below(target, self.folder).is_some() => return,
            LinkTarget::Inside(target) => self.reader.tree.shown(target),
            LinkTarget::Outside(target) => target.clone(),
        };
        if self.links.insert(link.to_owned()) {
            let path = below(link, self.folder).unwrap_or(link);
            let location = self.reader.start_of(link);
            let message = format!("`{path}` is a link to `{target}`, outside the chart, whose content is packaged");
            self.reader.problem(ProblemKind::SymlinkOutside, location, path, message);
        }
    }

    fn broken_link(&mut self, entry: &Entry, path: &str, why: LinkFault) {
        let is_hidden = match why {
            LinkFault::Missing => self.ignore.as_ref().is_some_and(|ignore| ignore.excludes_above(path)),
            _ => self.is_hidden(path) || self.is_hidden_folder(path),
        };
        if !is_hidden {
            let location = self.reader.start_of(&entry.path);
            let message = format!("the link `{path}` {why}");
            self.reader.problem(ProblemKind::SymlinkBroken, location, path, message);
        }
    }
}

/// Whether a file is looked at even where it is not packaged.
fn is_looked_at(path: &str) -> bool {
    values_file::kind(path).is_some() || is_example(path) || is_package_metadata(path) || is_repository_metadata(path)
}

/// A file below `examples/` that may hold objects.
pub(super) fn is_example(path: &str) -> bool {
    path.starts_with("examples/") && (is_yaml(path) || path.ends_with(".json"))
}

/// Artifact Hub's metadata of a package.
pub(super) fn is_package_metadata(path: &str) -> bool {
    matches!(path, "artifacthub-pkg.yml" | "artifacthub-pkg.yaml")
}

/// Artifact Hub's metadata of a repository.
pub(super) fn is_repository_metadata(path: &str) -> bool {
    matches!(path, "artifacthub-repo.yml" | "artifacthub-repo.yaml")
}

fn is_yaml(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}
