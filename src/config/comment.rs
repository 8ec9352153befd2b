//! Suppressions written beside the thing: `# chartgate: ignore[rule-id] reason`, in a template `{{/* chartgate: ignore[rule-id] reason */}}`.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::{Location, Source, SourceId, Span};

/// A suppression in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// From the word `chartgate` to the end of the reason.
    pub at: Location,
    /// The rules it names, as written; none where it names none.
    pub rules: Vec<String>,
    /// Why; empty where it does not say.
    pub reason: String,
    /// The line it is for, from 1: its own, or the next that is no comment if it stands on a line alone.
    pub line: usize,
}

static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|\s)(?:#|\{\{-?\s*/\*)\s*(?<all>chartgate:\s*ignore\b\s*(?:\[(?<rules>[^\]]*)\])?\s*(?<reason>.*?))\s*(?:\*/\s*-?\}\})?\s*$",
    )
    .expect("the pattern is well-formed")
});

/// Bytes at the end of a line in which a suppression is looked for.
const REACH: usize = 4096;

/// Every suppression in a text, in order.
pub fn ignores(id: SourceId, source: &Source) -> Vec<Ignore> {
    if !source.text.contains("chartgate:") {
        return vec![];
    }
    let lines: Vec<&str> = source.text.split('\n').collect();
    // From the last line on, so that what comments stand above is known when they are met.
    let mut below = lines.len() + 1;
    let mut found = vec![];
    for (index, line) in lines.iter().enumerate().rev() {
        if line.contains("chartgate:") {
            found.extend(ignore(id, source, line, index + 1, below));
        }
        if !is_comment(line) {
            below = index + 1;
        }
    }
    found.reverse();
    found
}

/// What a line suppresses; `below` is the next line that is no comment.
fn ignore(id: SourceId, source: &Source, line: &str, number: usize, below: usize) -> Option<Ignore> {
    let mut reach = line.len().saturating_sub(REACH);
    while !line.is_char_boundary(reach) {
        reach += 1;
    }
    let captures = DIRECTIVE.captures_at(line, reach)?;
    let all = captures.name("all")?;
    let start = source.line_start(number);
    let rules = captures.name("rules").map_or("", |rules| rules.as_str());
    let is_alone = line[..captures.get(0)?.start()].trim().is_empty();
    Some(Ignore {
        at: Location::new(id, Span::new(start + all.start(), start + all.end())),
        rules: rules.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(str::to_owned).collect(),
        reason: captures.name("reason").map_or("", |reason| reason.as_str()).trim().to_owned(),
        line: if is_alone { below } else { number },
    })
}

fn is_comment(line: &str) -> bool {
    let line = line.trim();
    let is_template = (line.starts_with("{{/*") || line.starts_with("{{- /*")) && line.ends_with("}}");
    line.starts_with('#') || is_template
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Sources};

    fn found(text: &str) -> Vec<(Vec<String>, String, usize, String)> {
        let sources = Sources::new();
        let id = sources.add(Source::new("a.yaml", Address::Rendered, text));
        let source = sources.get(id);
        let ignores = ignores(id, &source).into_iter();
        ignores.map(|it| (it.rules, it.reason, it.line, source.slice(it.at.span).to_owned())).collect()
    }

    #[test]
    fn a_comment_at_the_end_of_a_line_is_for_that_line() {
        let text = "a: 1\nb: 2 # chartgate: ignore[image-tag-floating, image-digest-missing] only for tests\n";
        let rules = vec!["image-tag-floating".to_owned(), "image-digest-missing".to_owned()];
        let whole = "chartgate: ignore[image-tag-floating, image-digest-missing] only for tests";
        assert_eq!(found(text), [(rules, "only for tests".to_owned(), 2, whole.to_owned())]);
    }

    #[test]
    fn a_comment_on_its_own_line_is_for_the_next_line_that_is_none() {
        let text = "# chartgate: ignore[a-b] one\n# more words\n  # chartgate: ignore[c-d] two\r\nb: 2\n";
        let lines: Vec<_> = found(text).into_iter().map(|(rules, reason, line, _)| (rules, reason, line)).collect();
        assert_eq!(
            lines,
            [(vec!["a-b".to_owned()], "one".to_owned(), 4), (vec!["c-d".to_owned()], "two".to_owned(), 4)]
        );
    }

    #[test]
    fn templates_have_comments_of_their_own() {
        let text = "{{- /* chartgate: ignore[a-b] set by the platform */ -}}\nimage: {{ .Values.image }} {{/* chartgate: ignore[c-d] why */}}\n";
        let reasons: Vec<_> = found(text).into_iter().map(|(_, reason, line, _)| (reason, line)).collect();
        assert_eq!(reasons, [("set by the platform".to_owned(), 2), ("why".to_owned(), 2)]);
    }

    #[test]
    fn what_lacks_rules_or_a_reason_is_found_too_and_other_words_are_not() {
        let all: Vec<_> = found(
            "# chartgate: ignore\n# chartgate: ignore[a-b]\n# see chartgate: ignore is a word\nx: y#chartgate: ignore[a] b\n",
        );
        let brief: Vec<_> = all.iter().map(|(rules, reason, ..)| (rules.len(), reason.as_str())).collect();
        assert_eq!(brief, [(0, ""), (1, "")]);
    }
}
