//! What is said of a value: what it is under each profile, which lines set it, and which templates read it.

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use super::documents::uri_of;
use super::model::Charts;
use super::readers::readers;
use super::settings::{Path, Setting, merge};
use super::target::Target;
use super::utf16;
use crate::report::markdown::code;
use crate::text::Location;
use crate::text::printable::single_line;

/// Profiles, lines and templates that are listed each.
const LISTED: usize = 20;

/// Writes what is said, as Markdown or as text.
struct Words<'c> {
    charts: &'c Charts,
    is_markdown: bool,
    text: String,
}

/// What is said of what stands at a position; none where nothing is known of it.
pub(super) fn hover(charts: &Charts, targets: &[Target<'_>], is_markdown: bool) -> Option<Hover> {
    let mut words = Words { charts, is_markdown, text: String::new() };
    let source = targets.first()?.at;
    for target in targets {
        for path in target.paths.iter().filter(|path| !path.is_empty()) {
            words.value(target, path);
        }
    }
    if words.text.is_empty() {
        return None;
    }
    let kind = if is_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let range = utf16::range(&charts.sources.get(source.source), source.span);
    let contents = HoverContents::Markup(MarkupContent { kind, value: words.text });
    Some(Hover { contents, range: Some(range) })
}

impl Words<'_> {
    fn value(&mut self, target: &Target<'_>, path: &Path) {
        let chart = &target.outlined.chart;
        let of = chart.name().map(|name| format!(" of the chart {}", self.quoted(name))).unwrap_or_default();
        let title = format!("{}{of}", self.quoted(&path.join(".")));
        self.line(&title);
        self.line("");
        for profile in target.outlined.profiles.iter().take(LISTED) {
            let setting = merge(target.outlined, profile, self.charts)
                .map(|merged| merged.setting(path, profile, target.outlined));
            let line = match setting {
                Ok(setting) => self.setting(&setting),
                Err(error) => format!("{}: {}", self.quoted(&profile.name), self.quoted(&error)),
            };
            self.item(&line);
        }
        self.more(target.outlined.profiles.len(), "profile");
        if target.is_key {
            self.readers(target, path);
        }
    }

    fn setting(&self, setting: &Setting) -> String {
        let Setting { profile, is_production, value, at, over } = setting;
        let production = if *is_production { " (production)" } else { "" };
        let Some(value) = value else { return format!("{}{production}: not set", self.quoted(profile)) };
        let places = |places: &[Location]| {
            let shown: Vec<String> = places.iter().take(LISTED).map(|at| self.place(*at)).collect();
            shown.join(", ")
        };
        let set = if at.is_empty() { String::new() } else { format!(", set in {}", places(at)) };
        let over = if over.is_empty() { String::new() } else { format!(", in place of {}", places(over)) };
        format!("{}{production}: {}{set}{over}", self.quoted(profile), self.quoted(value))
    }

    fn readers(&mut self, target: &Target<'_>, path: &Path) {
        let readers = readers(self.charts, target.outlined, path);
        self.line("");
        if readers.is_empty() {
            self.line("No template reads it by name.");
            return;
        }
        self.line("Read in:");
        self.line("");
        for at in readers.iter().take(LISTED) {
            let line = self.place(*at);
            self.item(&line);
        }
        self.more(readers.len(), "place");
    }

    fn more(&mut self, count: usize, name: &str) {
        match count.saturating_sub(LISTED) {
            0 => {}
            1 => self.item(&format!("1 more {name}")),
            count => self.item(&format!("{count} more {name}s")),
        }
    }

    fn item(&mut self, text: &str) {
        self.line(&format!("- {text}"));
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Text of a chart: no link or picture comes of it.
    fn quoted(&self, text: &str) -> String {
        if self.is_markdown { code(text) } else { single_line(text) }
    }

    /// A place, which can be followed where it is in a file.
    fn place(&self, at: Location) -> String {
        let shown = self.quoted(&self.charts.shown(at));
        let line = self.charts.sources.start(at).line;
        match self.charts.path_of(at.source).and_then(|path| uri_of(&path)).filter(|_| self.is_markdown) {
            Some(uri) => format!("[{shown}]({}#L{line})", uri.as_str().replace('(', "%28").replace(')', "%29")),
            None => shown,
        }
    }
}
