//! `file-secret`: a token or a private key is in the package.

use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::token::{self, Token};
use crate::text::{Location, Span};

/// Files that are looked into; larger ones are data.
const LARGEST: usize = 1 << 20;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for file in
        context.chart.files.iter().filter(|file| !file.path.starts_with("charts/") && file.data.len() <= LARGEST)
    {
        let Ok(text) = std::str::from_utf8(&file.data) else { continue };
        for (index, Token { what, range }) in token::find(text).into_iter().enumerate() {
            let Some(known) = context.text(&file.path) else { continue };
            let line = text[range.clone()].lines().next().unwrap_or_default().len();
            let place = Location::new(known.source, Span::new(range.start, range.start + line));
            let subject = format!("{} {what} {index}", file.path);
            findings.report(Label::new(place, ""), subject, &[("what", what), ("path", &file.path)]);
        }
    }
}
