//! `.helmignore`, by Helm's rules (`pkg/ignore/rules.go`), which are not gitignore's.
//!
//! The first pattern that matches decides, and `!x` ignores everything that does not match `x`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::budget::Exceeded;
use crate::text::Span;

/// The patterns of a `.helmignore`, in order, with Helm's own pattern for `templates/` behind them.
#[derive(Debug, Clone)]
pub struct Ignore {
    patterns: Vec<Pattern>,
    is_cut: bool,
    /// Steps that are left for trying patterns, here and for those that were made of these.
    left: Arc<AtomicU64>,
}

#[derive(Debug, Clone)]
struct Pattern {
    glob: String,
    is_negated: bool,
    folders_only: bool,
    /// Matched against the last part of a path alone.
    by_name: bool,
    shape: PatternShape,
    /// Where it stands in the file; none for Helm's own.
    span: Option<Span>,
}

/// What a pattern comes down to: nearly all are simple, and each is tried on every file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PatternShape {
    /// The text itself.
    Literal,
    /// A star and what the name ends with.
    Ending,
    /// What the name begins with and a star.
    Beginning,
    /// Anything else, with the length of what stands before its first sign.
    Glob(usize),
}

/// A pattern that Helm refuses, and with it the whole chart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Error {
    /// What is wrong, in lower case.
    pub reason: String,
    /// The pattern in the file's text.
    pub span: Span,
    /// The pattern.
    pub pattern: String,
}

/// Patterns that are read: each is tried on every file of the chart, and real charts have a few dozen.
pub const PATTERN_LIMIT: usize = 1_000;
/// Steps that trying patterns on the files of a chart may take: a chart of five thousand files takes a twentieth of them.
const STEPS: u64 = 10_000_000;
/// Pairs of a pattern's letters and a path's that are compared in the time of a step.
const PAIRS_PER_STEP: usize = 64;
/// A line beyond which Go's `bufio.Scanner`, with which Helm reads the file, gives up.
const LINE_LIMIT: usize = 64 * 1024;

impl Default for Ignore {
    fn default() -> Self {
        Self::parse("").0
    }
}

impl Ignore {
    /// The patterns of a text without its byte order mark. Helm stops at the first error; the patterns after it are read all the same.
    pub fn parse(text: &str) -> (Self, Vec<Error>) {
        let mut patterns = vec![];
        let mut errors = vec![];
        let mut start = 0;
        for line in text.split('\n') {
            let pattern = line.trim();
            let offset = start + (line.len() - line.trim_start().len());
            start += line.len() + 1;
            match refusal(pattern).or_else(|| (line.len() >= LINE_LIMIT).then(|| "the line is too long".into())) {
                _ if pattern.is_empty() || pattern.starts_with('#') => {}
                None => patterns
                    .push(Pattern { span: Some(Span::new(offset, offset + pattern.len())), ..Pattern::new(pattern) }),
                Some(reason) => {
                    let span = Span::new(offset, offset + pattern.len());
                    errors.push(Error { reason, span, pattern: pattern.to_owned() });
                }
            }
        }
        let is_cut = patterns.len() > PATTERN_LIMIT;
        patterns.truncate(PATTERN_LIMIT);
        patterns.push(Pattern::new("templates/.?*"));
        (Self { patterns, is_cut, left: Arc::new(STEPS.into()) }, errors)
    }

    /// The patterns of another text, for whose work the steps of these count as well.
    pub fn beside(&self, text: &str) -> (Self, Vec<Error>) {
        let (other, errors) = Self::parse(text);
        (Self { left: Arc::clone(&self.left), ..other }, errors)
    }

    /// Why it is not known what is left out, where that takes too long to tell.
    pub fn exceeded(&self) -> Option<Exceeded> {
        (self.left.load(Ordering::Relaxed) == 0).then_some(Exceeded::Steps(STEPS))
    }

    /// Takes the steps of trying a pattern; false where there are not as many left.
    fn spend(&self, pattern: &Pattern, path: &str) -> bool {
        let steps = pattern.cost(path);
        let take = |left: u64| Some(left.saturating_sub(steps));
        let before = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        before.is_ok_and(|left| left > steps)
    }

    /// Whether there are more than [`PATTERN_LIMIT`] patterns, so that nobody can tell what the others leave out.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether Helm leaves out the file or folder at a path below the chart's folder, the folders above it aside.
    pub fn matches(&self, path: &str, is_folder: bool) -> bool {
        self.deciding(path, is_folder).is_some()
    }

    fn deciding(&self, path: &str, is_folder: bool) -> Option<&Pattern> {
        self.patterns.iter().find(|pattern| {
            let suits = is_folder || !pattern.folders_only;
            if !self.spend(pattern, path) {
                return false;
            }
            (suits && pattern.matches(path)) != pattern.is_negated
        })
    }

    /// The place of the pattern that leaves out a file, for its own sake or for that of a folder above it.
    pub fn hiding(&self, path: &str) -> Option<Span> {
        let mut above = path.match_indices('/').filter_map(|(end, _)| self.deciding(&path[..end], true));
        above.next().or_else(|| self.deciding(path, false))?.span
    }

    /// Whether a file is left out, for its own sake or for that of a folder above it.
    pub fn excludes(&self, path: &str) -> bool {
        self.excludes_above(path) || self.matches(path, false)
    }

    /// Whether a folder above a path is left out.
    pub fn excludes_above(&self, path: &str) -> bool {
        path.match_indices('/').any(|(end, _)| self.matches(&path[..end], true))
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        let is_negated = text.starts_with('!');
        let glob = text.strip_prefix('!').unwrap_or(text);
        let folders_only = glob.ends_with('/');
        let glob = glob.strip_suffix('/').unwrap_or(glob);
        let (glob, is_rooted) = glob.strip_prefix('/').map_or((glob, false), |rooted| (rooted, true));
        let by_name = !is_rooted && !glob.contains('/');
        let shape = PatternShape::of(glob, by_name);
        Self { glob: glob.to_owned(), is_negated, folders_only, by_name, shape, span: None }
    }

    /// Steps that trying it on a path takes.
    fn cost(&self, path: &str) -> u64 {
        let name = self.name(path);
        let pairs = match self.shape {
            PatternShape::Glob(head) if name.starts_with(&self.glob[..head]) => self.glob.len() * name.len(),
            _ => 0,
        };
        1 + (pairs / PAIRS_PER_STEP) as u64
    }

    /// The part of a path that the pattern is for.
    fn name<'p>(&self, path: &'p str) -> &'p str {
        if self.by_name { path.rsplit('/').next().unwrap_or(path) } else { path }
    }

    fn matches(&self, path: &str) -> bool {
        let name = self.name(path);
        match self.shape {
            PatternShape::Literal => self.glob == name,
            PatternShape::Ending => name.ends_with(&self.glob[1..]),
            PatternShape::Beginning => name.starts_with(&self.glob[..self.glob.len() - 1]),
            PatternShape::Glob(head) => name.starts_with(&self.glob[..head]) && matches(&self.glob, name),
        }
    }
}

impl PatternShape {
    /// A star does not cross a slash, which a name by itself does not have.
    fn of(glob: &str, by_name: bool) -> Self {
        const SIGNS: [char; 4] = ['*', '?', '[', '\\'];
        let is_plain = |text: &str| !text.contains(SIGNS);
        match glob {
            _ if is_plain(glob) => Self::Literal,
            _ if by_name && glob.strip_prefix('*').is_some_and(is_plain) => Self::Ending,
            _ if by_name && glob.strip_suffix('*').is_some_and(is_plain) => Self::Beginning,
            _ => Self::Glob(glob.find(SIGNS).unwrap_or_default()),
        }
    }
}

/// Whether Helm takes a pattern.
pub(super) fn is_sound(pattern: &str) -> bool {
    refusal(pattern).is_none()
}

/// Why Helm refuses a pattern, if it does.
fn refusal(pattern: &str) -> Option<String> {
    if pattern.contains("**") {
        return Some("`**` is not supported by Helm".into());
    }
    // Helm tries the pattern on a text of its own; whether it matches does not count.
    matches_glob(pattern, "abc").is_err().then(|| "the pattern is malformed".into())
}

/// Go's `ErrBadPattern`.
struct Malformed;

/// Whether a path matches a pattern by Go's `filepath.Match`; a malformed pattern matches nothing.
pub fn matches(pattern: &str, path: &str) -> bool {
    matches_glob(pattern, path).unwrap_or(false)
}

/// Go's `filepath.Match` on a system with `/`.
fn matches_glob(pattern: &str, name: &str) -> Result<bool, Malformed> {
    let mut pattern = pattern;
    let mut name = name;
    while !pattern.is_empty() {
        let (is_star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if is_star && chunk.is_empty() {
            return Ok(!name.contains('/'));
        }
        let matched = matches_chunk(chunk, name)?;
        if let Some(rest) = matched.filter(|rest| rest.is_empty() || !pattern.is_empty()) {
            name = rest;
            continue;
        }
        let later = if is_star { later_match(chunk, name, pattern.is_empty())? } else { None };
        let Some(rest) = later else { return rest_is_sound(pattern).map(|()| false) };
        name = rest;
    }
    Ok(name.is_empty())
}

/// What follows the first match of a chunk after a star, which does not cross a slash.
fn later_match<'a>(chunk: &str, name: &'a str, is_last: bool) -> Result<Option<&'a str>, Malformed> {
    for (offset, letter) in name.char_indices() {
        if letter == '/' {
            break;
        }
        let after = &name[offset + letter.len_utf8()..];
        match matches_chunk(chunk, after)? {
            Some(rest) if !is_last || rest.is_empty() => return Ok(Some(rest)),
            _ => {}
        }
    }
    Ok(None)
}

/// Once a match has failed, Go still reads the rest of the pattern for its syntax.
fn rest_is_sound(mut pattern: &str) -> Result<(), Malformed> {
    while !pattern.is_empty() {
        let (_, chunk, rest) = next_chunk(pattern);
        matches_chunk(chunk, "")?;
        pattern = rest;
    }
    Ok(())
}

/// Splits leading stars, the text up to the next star outside brackets, and the rest.
fn next_chunk(pattern: &str) -> (bool, &str, &str) {
    let trimmed = pattern.trim_start_matches('*');
    let is_star = trimmed.len() < pattern.len();
    let mut in_class = false;
    let mut letters = trimmed.char_indices();
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '\\' => _ = letters.next(),
            '[' => in_class = true,
            ']' => in_class = false,
            '*' if !in_class => return (is_star, &trimmed[..offset], &trimmed[offset..]),
            _ => {}
        }
    }
    (is_star, trimmed, "")
}

/// Matches a chunk without stars at the start of a name: what follows the match, if there is one.
fn matches_chunk<'a>(mut chunk: &str, name: &'a str) -> Result<Option<&'a str>, Malformed> {
    let mut rest = Some(name);
    while let Some(letter) = chunk.chars().next() {
        // Go goes on to read the chunk for its syntax once it cannot match any more.
        if rest == Some("") {
            rest = None;
        }
        let found = rest.and_then(|rest| rest.chars().next());
        let is_match;
        (is_match, chunk) = match letter {
            '[' => class(&chunk[1..], found)?,
            '?' => (found.is_some_and(|found| found != '/'), &chunk[1..]),
            '\\' => {
                let literal = chunk[1..].chars().next().ok_or(Malformed)?;
                (found == Some(literal), &chunk[1 + literal.len_utf8()..])
            }
            literal => (found == Some(literal), &chunk[literal.len_utf8()..]),
        };
        rest = rest.filter(|_| is_match).map(|rest| &rest[found.map_or(0, char::len_utf8)..]);
    }
    Ok(rest)
}

/// Matches a class after its `[`, and gives the pattern after its `]`.
fn class(mut chunk: &str, found: Option<char>) -> Result<(bool, &str), Malformed> {
    let is_negated = chunk.starts_with('^');
    if is_negated {
        chunk = &chunk[1..];
    }
    let mut is_match = false;
    let mut ranges = 0;
    loop {
        if let Some(rest) = chunk.strip_prefix(']').filter(|_| ranges > 0) {
            return Ok((found.is_some() && is_match != is_negated, rest));
        }
        let low;
        (low, chunk) = class_letter(chunk)?;
        let mut high = low;
        if let Some(rest) = chunk.strip_prefix('-') {
            (high, chunk) = class_letter(rest)?;
        }
        is_match |= found.is_some_and(|found| low <= found && found <= high);
        ranges += 1;
    }
}

/// A possibly escaped character of a class, which may not be its last.
fn class_letter(chunk: &str) -> Result<(char, &str), Malformed> {
    let first = chunk.chars().next().filter(|first| !matches!(first, '-' | ']')).ok_or(Malformed)?;
    let chunk = if first == '\\' { &chunk[1..] } else { chunk };
    let letter = chunk.chars().next().ok_or(Malformed)?;
    let rest = &chunk[letter.len_utf8()..];
    if rest.is_empty() { Err(Malformed) } else { Ok((letter, rest)) }
}
