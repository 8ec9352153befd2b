//! Letters that YAML 1.1 takes for the end of a line as `\n`, and YAML 1.2 for letters: they come with texts that are pasted, and nobody sees
//! them.

use super::relieved::Relieved;

/// NEL, LS and PS.
const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// The text with an end of a line in the place of each; none where there is none.
pub(super) fn as_lines(content: &str) -> Option<Relieved> {
    if !content.contains(BREAKS) {
        return None;
    }
    let (mut text, mut lines, mut start) = (String::with_capacity(content.len()), vec![(0, 0)], 0);
    for part in content.split_inclusive(BREAKS) {
        start += part.len();
        let line = part.strip_suffix(BREAKS);
        text.push_str(line.unwrap_or(part));
        if line.is_some() {
            text.push('\n');
            lines.push((u32::try_from(text.len()).ok()?, u32::try_from(start).ok()?));
        }
    }
    Some(Relieved { text, lines })
}
