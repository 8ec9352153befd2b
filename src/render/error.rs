//! Why a chart does not render, in Helm's words.

use crate::helm::Major;
use crate::template;
use crate::text::Location;

/// A chart that Helm would not render.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What happened.
    pub kind: ErrorKind,
    /// Helm's message, without its `Error: `.
    pub message: String,
    /// Where, outermost first: in templates the calls that led there; empty where nothing in a file stands for it.
    pub at: Vec<Location>,
}

/// Something that a values.schema.json asks for and values do not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// What is wrong, with the value's JSON pointer.
    pub message: String,
    /// The keys that lead to the value, from the root of all values.
    pub keys: Vec<String>,
    /// The schema's path in the chart.
    pub schema: String,
    /// The value; none where it is not there.
    pub value: Option<Location>,
    /// Where the schema asks for it.
    pub asked: Option<Location>,
}

/// What kept a chart from being rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// Helm cannot load the chart, or does not install charts of its type.
    Chart,
    /// Declared dependencies are not in `charts/`; once they are fetched the chart may be fine.
    Dependencies,
    /// Values that cannot be read or laid over each other.
    Values,
    /// Values that do not meet a values.schema.json, and in what.
    Schema(Vec<Unmet>),
    /// A values.schema.json that cannot be used: what is wrong with it, and where.
    SchemaInvalid(Vec<(String, Location)>),
    /// A schema that refers to another one elsewhere, which is never fetched: whether the values meet it stays open.
    Unresolved,
    /// `kubeVersion` of Chart.yaml does not admit the Kubernetes version.
    KubeVersion,
    /// A template that cannot be parsed.
    Parse,
    /// A template that fails.
    Execute,
    /// `fail`, `required` or a key that a schema requires said so, with this message.
    Refused(String),
    /// A bound of ours was passed: whether Helm renders the chart stays open.
    Limit,
    /// A rendered document that is not YAML or no Kubernetes object.
    Manifest,
    /// kustomize refuses what a kustomization makes of the manifests.
    Kustomize,
}

impl Error {
    /// An error of a kind, with its places, outermost first.
    pub fn new(kind: ErrorKind, message: impl Into<String>, at: impl IntoIterator<Item = Location>) -> Self {
        Self { kind, message: message.into(), at: at.into_iter().collect() }
    }

    /// Whether the chart may be fine and only something of ours or around us stood in the way.
    pub fn is_open(&self) -> bool {
        matches!(self.kind, ErrorKind::Limit | ErrorKind::Unresolved | ErrorKind::Dependencies)
    }

    /// Whether it is a value that the chart leaves to its users.
    pub fn is_refusal(&self) -> bool {
        matches!(self.kind, ErrorKind::Refused(_))
    }

    /// Whether it is one template's, one document's or a schema's, so that the rest may be rendered without it.
    pub fn is_partial(&self) -> bool {
        self.is_refusal()
            || self.is_of_schema()
            || matches!(self.kind, ErrorKind::Parse | ErrorKind::Execute | ErrorKind::Manifest)
    }

    /// Whether a schema says so, or cannot be used to say anything.
    pub(super) fn is_of_schema(&self) -> bool {
        matches!(self.kind, ErrorKind::Schema(_) | ErrorKind::SchemaInvalid(_) | ErrorKind::Unresolved)
    }

    pub(super) fn template(error: template::Error, name: &str, helm: Major) -> Self {
        let (kind, message) = match error.kind {
            template::ErrorKind::Parse => (ErrorKind::Parse, parse_message(name, &error.message)),
            template::ErrorKind::Execute if helm.shows_calls_by_line() => {
                (ErrorKind::Execute, execute_message(&error.message))
            }
            template::ErrorKind::Execute => (ErrorKind::Execute, error.message),
            template::ErrorKind::Refused(said) => {
                let place = error.message.split(": ").nth(1).unwrap_or(name);
                let message = format!("execution error at ({place}): {said}");
                (ErrorKind::Refused(said), message)
            }
            template::ErrorKind::Exceeded(_) => (ErrorKind::Limit, execute_message(&error.message)),
        };
        Self { kind, message, at: error.at }
    }
}

impl From<crate::values::Error> for Error {
    fn from(error: crate::values::Error) -> Self {
        let kind = if error.is_limit { ErrorKind::Limit } else { ErrorKind::Values };
        Self::new(kind, error.message, error.location)
    }
}

/// Helm shows the place and the last part of Go's message (`cleanupParseError`).
fn parse_message(name: &str, message: &str) -> String {
    let mut parts = message.split(": ").skip(1);
    match (parts.next(), message.rsplit(": ").next()) {
        (Some(place), Some(last)) => format!("parse error at ({place}): {last}"),
        _ => format!("parse error in ({name}): {message}"),
    }
}

/// Helm shows the chain of templates a line at a time, where every link of it reads like one (`reformatExecErrorMsg`).
fn execute_message(message: &str) -> String {
    let links: Vec<_> = message.split("template: ").skip(1).collect();
    let is_own = |link: &str| link.contains(">: error calling ") && !link.ends_with(": ");
    let has_foreign_end = links.last().is_some_and(|link| is_own(link));
    if has_foreign_end || !message.starts_with("template: ") || message.contains("error during tpl function") {
        return message.to_owned();
    }
    let shown: Option<Vec<_>> = links.iter().map(|link| show_link(link)).collect();
    shown.map_or_else(|| message.to_owned(), |shown| shown.concat().trim().to_owned())
}

fn show_link(link: &str) -> Option<String> {
    if link.starts_with("no template ") {
        return Some(format!("template: {link}\n"));
    }
    let Some((place, rest)) = link.split_once(": executing ") else {
        let (place, message) = link.rsplit_once(": ")?;
        return Some(format!("{place}\n  {message}\n"));
    };
    let (function, rest) = rest.split_once(" at <")?;
    let (expression, message) = rest.split_once(">: ")?;
    Some(format!("{place}\n  executing {function} at <{expression}>:\n    {}\n", message.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_of_templates_is_shown_a_line_at_a_time() {
        let message = "template: a/templates/x.yaml:1:3: executing \"a/templates/x.yaml\" at <include \"f\" .>: error calling include: \
            template: a/templates/_f.tpl:2:9: executing \"f\" at <.a.b>: nil pointer evaluating interface {}.b";
        let expected = "a/templates/x.yaml:1:3\n  executing \"a/templates/x.yaml\" at <include \"f\" .>:\n    error calling include:\n\
            a/templates/_f.tpl:2:9\n  executing \"f\" at <.a.b>:\n    nil pointer evaluating interface {}.b";
        assert_eq!(execute_message(message), expected);
    }
}
