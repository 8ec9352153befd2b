//! What a pattern of a schema costs, told from its syntax.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

/// Steps for a pattern that is no plain regular expression, which the library refuses or translates.
const OTHER: usize = 2_000;
/// States beyond which counting does not matter.
const MOST: usize = 1 << 20;

/// States that a pattern is compiled to, near enough.
pub(super) fn states(pattern: &str) -> usize {
    let parsed = ParserBuilder::new().nest_limit(100).utf8(false).build().parse(pattern);
    parsed.map_or(OTHER, |hir| size(&hir))
}

fn size(hir: &Hir) -> usize {
    let sum = |parts: &[Hir]| parts.iter().map(size).fold(1_usize, usize::saturating_add).min(MOST);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(class) => match class {
            regex_syntax::hir::Class::Unicode(class) => class.ranges().len().saturating_mul(2),
            regex_syntax::hir::Class::Bytes(class) => class.ranges().len(),
        },
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            size(&repetition.sub).saturating_mul(times as usize).min(MOST)
        }
        HirKind::Capture(capture) => size(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}
