//! Changes as a patch that `git apply` takes.

use std::fmt::Write as _;
use std::io;

use gix::diff::blob::unified_diff::{ConsumeHunk, ContextSize, DiffLineKind, HunkHeader};
use gix::diff::blob::{Algorithm, Hunk, InternedInput, UnifiedDiff, diff_with_slider_heuristics};

use super::{Change, Refused, Why};
use crate::text::{Span, printable};

/// The unified diff of changes, each file below its path in reports. A patch has to arrive byte for byte: files with something in it that a
/// terminal or a CI system would obey are left out, and returned.
pub fn patch(changes: &[Change]) -> (String, Vec<Refused>) {
    let (mut text, mut left) = (String::new(), vec![]);
    for change in changes {
        let patch = of_file(change);
        if printable::is_obeyed(&patch) {
            left.push(Refused { path: change.shown.clone(), why: Why::Obeyed });
        } else {
            text.push_str(&patch);
        }
    }
    (text, left)
}

/// The lines of a text that another has otherwise, each stretch with what stands there.
pub fn hunks(before: &str, after: &str) -> Vec<(Span, String)> {
    let input = InternedInput::new(before, after);
    let diff = diff_with_slider_heuristics(Algorithm::Histogram, &input);
    let starts = |text: &str| -> Vec<usize> {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1).filter(|start| *start < text.len());
        [0].into_iter().chain(breaks).chain([text.len()]).collect()
    };
    let (old, new) = (starts(before), starts(after));
    let hunk = |hunk: Hunk| {
        let span = Span::new(old[hunk.before.start as usize], old[hunk.before.end as usize]);
        (span, after[new[hunk.after.start as usize]..new[hunk.after.end as usize]].to_owned())
    };
    diff.hunks().map(hunk).collect()
}

fn of_file(change: &Change) -> String {
    let input = InternedInput::new(&*change.before, &*change.after);
    let diff = diff_with_slider_heuristics(Algorithm::Histogram, &input);
    let [left, right] = ["a", "b"].map(|side| quoted(&format!("{side}/{}", change.shown)));
    let end = if left.contains(' ') && !left.starts_with('"') { "\t" } else { "" };
    let head = format!("diff --git {left} {right}\n--- {left}{end}\n+++ {right}{end}\n");
    let patch = UnifiedDiff::new(&diff, &input, Patch(head), ContextSize::default()).consume();
    patch.expect("a text takes every hunk")
}

/// The patch of a file, hunk by hunk as git writes them.
struct Patch(String);

impl ConsumeHunk for Patch {
    type Out = String;

    fn consume_hunk(&mut self, header: HunkHeader, lines: &[(DiffLineKind, &[u8])]) -> io::Result<()> {
        let before = range(header.before_hunk_start, header.before_hunk_len);
        let after = range(header.after_hunk_start, header.after_hunk_len);
        let _ = writeln!(self.0, "@@ -{before} +{after} @@");
        for (kind, line) in lines {
            self.0.push(kind.to_prefix());
            self.0.push_str(&String::from_utf8_lossy(line));
            if !line.ends_with(b"\n") {
                self.0.push_str("\n\\ No newline at end of file\n");
            }
        }
        Ok(())
    }

    fn finish(self) -> String {
        self.0
    }
}

/// Lines as a hunk's head names them: a range without lines stands behind the one before it, and one line is not counted.
fn range(start: u32, lines: u32) -> String {
    match lines {
        0 => format!("{},0", start.saturating_sub(1)),
        1 => start.to_string(),
        _ => format!("{start},{lines}"),
    }
}

/// A path as git writes it (`quote_c_style`): in quotes where it has bytes that would not be read back.
fn quoted(path: &str) -> String {
    if path.bytes().all(|byte| (b' '..0x7f).contains(&byte) && !matches!(byte, b'"' | b'\\')) {
        return path.to_owned();
    }
    let escaped: String = path.bytes().map(escape).collect();
    format!("\"{escaped}\"")
}

fn escape(byte: u8) -> String {
    match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..0x7f => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}
