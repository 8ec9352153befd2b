//! What to type where a text has to be in quotes or may not be, and a template prints it: quotes in the values would change nothing.

use crate::render::Object;
use crate::schema::Correction;
use crate::text::{Location, Source, Sources};

/// Parts of the names of functions that keep the quotes of what they print.
const KEEPING: [&str; 2] = ["Yaml", "Json"];
/// Functions at the end of a pipeline that put it in quotes.
const QUOTING: [&str; 2] = ["quote", "squote"];
/// Characters of an action that are shown.
const SHOWN: usize = 80;

/// Help for a part that is of a wrong type by its quotes; none where quotes at the place that it was written count.
pub(super) fn help(
    sources: &Sources,
    object: Object<'_>,
    at: Location,
    correction: Option<&Correction>,
) -> Option<String> {
    let Some(Correction::Value(wanted)) = correction else { return None };
    let place = object.origins(at).template?;
    let template = sources.get(place.source);
    let action = Action::at(&template, place)?;
    if KEEPING.iter().any(|part| action.text.contains(part)) {
        return None;
    }
    let rendered = sources.get(at.source).slice(at.span).to_owned();
    if wanted.starts_with('"') { Some(action.quoted(&rendered)) } else { action.unquoted() }
}

/// What stands between `{{` and `}}`, and what stands around that.
struct Action<'t> {
    text: &'t str,
    before: &'t str,
    after: &'t str,
}

impl<'t> Action<'t> {
    fn at(template: &'t Source, place: Location) -> Option<Self> {
        let range = place.span.range();
        let (before, after) = (template.text.get(..range.start)?, template.text.get(range.end..)?);
        let before = before.trim_end_matches([' ', '-']).strip_suffix("{{")?;
        let after = after.trim_start_matches([' ', '-']).strip_prefix("}}")?;
        Some(Self { text: template.slice(place.span).trim(), before, after })
    }

    /// Whether it is all that stands there.
    fn is_whole(&self) -> bool {
        let before = self.before.trim_end_matches([' ', '\n', '\t']);
        let ends = self.after.chars().next().is_none_or(|next| next.is_whitespace() || matches!(next, ',' | '}' | ']'));
        ends && (before.is_empty() || before.ends_with([':', '-', ',', '[', '{', '}']))
    }

    /// How a text gets its quotes.
    fn quoted(&self, rendered: &str) -> String {
        if !self.is_whole() {
            return "put the whole of it in quotes in the template".to_owned();
        }
        // A number of values is a float: as a text it would keep its exponent.
        let is_float = rendered.contains("e+") && rendered.parse::<f64>().is_ok();
        let pipe = if is_float { "int64 | quote" } else { "quote" };
        match self.shown() {
            Some(text) => format!("print it as a text: `{{{{ {text} | {pipe} }}}}`"),
            None => format!("print it as a text: `| {pipe}`"),
        }
    }

    /// How a number or a boolean gets rid of its quotes; none where they are those of the value.
    fn unquoted(&self) -> Option<String> {
        let piped = self.text.rsplit_once('|').filter(|(_, last)| QUOTING.contains(&last.trim()));
        let called = QUOTING.iter().find_map(|name| self.text.strip_prefix(name)).filter(|rest| rest.starts_with(' '));
        let bare = piped.map(|(bare, _)| bare.trim()).or(called.map(str::trim));
        match bare {
            Some(bare) if bare.len() <= SHOWN => Some(format!("print it without quotes: `{{{{ {bare} }}}}`")),
            Some(_) => Some("print it without `quote`".to_owned()),
            None if self.before.ends_with(['"', '\'']) => {
                let text = self.shown()?;
                Some(format!("take the quotes around `{{{{ {text} }}}}` away"))
            }
            None => None,
        }
    }

    fn shown(&self) -> Option<&'t str> {
        (self.text.len() <= SHOWN && !self.text.contains('\n')).then_some(self.text)
    }
}
