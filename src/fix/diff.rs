//! Changes as a patch that `git apply` takes.

use std::fmt::Write as _;

use similar::TextDiff;

use super::Change;

/// The unified diff of changes, each file below its path in reports.
pub fn patch(changes: &[Change]) -> String {
    changes.iter().map(of_file).collect()
}

fn of_file(change: &Change) -> String {
    let [before, after] = [&change.before, &change.after].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let [old, new] = [&before, &after].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old, &new);
    let [left, right] = ["a", "b"].map(|side| quoted(&format!("{side}/{}", change.shown)));
    let end = if left.contains(' ') && !left.starts_with('"') { "\t" } else { "" };
    let mut text = format!("diff --git {left} {right}\n--- {left}{end}\n+++ {right}{end}\n");
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        let _ = write!(text, "{hunk}");
    }
    text
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
