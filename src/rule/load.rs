//! A rule file becomes a [`Rule`]: types, places of mistakes, and everything that can be compiled before a chart is seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::read::{self, Error};
use super::{
    At, Check, Examples, Fault, FixKind, Message, NativeCheck, Need, ParamSpec, Rule, Target, params, subject,
};
use crate::cel::{Expression, Mistake};
use crate::change::Step;
use crate::finding::Severity;
use crate::json_schema::{self, Refusal};
use crate::text::{Address, Location, Source, SourceId, Sources, Span};
use crate::yaml::{Document, KeyPath, Node, Style};

/// Whose rule it is.
#[derive(Clone, Copy)]
enum Origin {
    /// chartgate's: it may be native, and the function finds its check.
    BuiltIn(fn(&str) -> Option<NativeCheck>),
    /// The user's.
    User,
}

/// A rule file as it is written; its keys stand in this order.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: String,
    summary: String,
    why: String,
    remedy: String,
    severity: Level,
    category: String,
    target: Target,
    step: Option<Step>,
    #[serde(default)]
    needs: BTreeSet<Need>,
    #[serde(default)]
    since: String,
    #[serde(default)]
    aliases: Vec<String>,
    at: Option<String>,
    #[serde(default)]
    params: IndexMap<String, ParamSpec>,
    deny: Option<String>,
    schema: Option<serde_json::Value>,
    native: Option<bool>,
    message: String,
    #[serde(default = "no_fix")]
    fix: FixKind,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    peers: IndexMap<String, Vec<String>>,
    #[serde(default)]
    faults: Vec<Fault>,
    examples: Option<Examples>,
}

/// The keys of a rule file, in the order in which they stand.
pub const KEYS: [&str; 22] = [
    "id",
    "summary",
    "why",
    "remedy",
    "severity",
    "category",
    "target",
    "step",
    "needs",
    "since",
    "aliases",
    "at",
    "params",
    "deny",
    "schema",
    "native",
    "message",
    "fix",
    "references",
    "peers",
    "faults",
    "examples",
];

#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Off,
    Info,
    Warning,
    Error,
}

fn no_fix() -> FixKind {
    FixKind::None
}

/// The user's rule that a file holds; `stem` is the file's name without `.yaml`.
///
/// # Errors
/// Every mistake found, each at its place.
pub fn users(source: SourceId, text: &str, stem: &str) -> Result<Rule, Vec<Error>> {
    let (file, document) = read::read::<RuleFile>(source, text).map_err(|error| vec![error])?;
    Loader { source, document, text, origin: Origin::User, errors: vec![] }.rule(file, stem)
}

/// chartgate's own rule of the file `stem.yaml`, as the JSON that is compiled in; `find` gives the check of a native one.
///
/// # Errors
/// Every mistake, in words: JSON has no places.
pub(super) fn built_in(json: &str, stem: &str, find: fn(&str) -> Option<NativeCheck>) -> Result<Rule, String> {
    let file: RuleFile = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let source = Sources::new().add(Source::new(format!("rules/{stem}.yaml"), Address::Rendered, ""));
    let document = Document { source, root: Node::null(Location::new(source, Span::default())) };
    let loader = Loader { source, document, text: "", origin: Origin::BuiltIn(find), errors: vec![] };
    loader.rule(file, stem).map_err(|errors| errors.iter().map(Error::to_string).collect::<Vec<_>>().join("; "))
}

struct Loader<'a> {
    source: SourceId,
    /// Tells where mistakes are.
    document: Document,
    text: &'a str,
    origin: Origin,
    errors: Vec<Error>,
}

impl Loader<'_> {
    fn root(&self) -> &Node {
        &self.document.root
    }

    fn rule(mut self, file: RuleFile, stem: &str) -> Result<Rule, Vec<Error>> {
        self.check_id(&file.id, stem);
        self.check_words(&file);
        self.check_params(&file.params);
        if file.step.is_some() && (file.native.is_none() || file.target != Target::Change) {
            self.refuse("step", "only chartgate's own rules on changes call for a step", "leave `step` out");
        }
        if !file.needs.is_empty() && file.native.is_none() {
            self.refuse(
                "needs",
                "an expression or a schema needs what its target is, and nothing else",
                "leave `needs` out",
            );
        }
        if !file.faults.is_empty() && file.native.is_none() {
            self.refuse("faults", "only chartgate's own rules show `faults`", "write `examples`");
        }
        let check = self.check(&file);
        let at = self.at(file.at.as_deref(), file.target);
        let message = self.message(&file);
        let condition = match self.origin {
            Origin::BuiltIn(_) => None,
            Origin::User => {
                ["deny", "schema"].into_iter().find_map(|key| self.root().get(key)).map(|node| node.location)
            }
        };
        let (Some(check), true) = (check, self.errors.is_empty()) else {
            self.errors.sort();
            return Err(self.errors);
        };
        Ok(Rule {
            id: file.id,
            summary: file.summary,
            why: file.why,
            remedy: file.remedy,
            severity: severity(file.severity),
            category: file.category,
            since: file.since,
            aliases: file.aliases,
            needs: if file.native.is_some() { file.needs } else { Need::of(file.target) },
            target: file.target,
            step: file.step,
            at,
            params: file.params,
            check,
            message,
            fix: file.fix,
            references: file.references,
            peers: file.peers,
            faults: file.faults,
            examples: file.examples,
            condition,
            homes: vec![],
        })
    }

    fn place(&self, key: &str) -> Location {
        let start = Location::new(self.source, Span::default());
        self.root().entry(key).map_or(start, |entry| entry.value.location)
    }

    fn key_place(&self, key: &str) -> Location {
        self.root().entry(key).map_or_else(|| self.place(key), |entry| entry.key.location)
    }

    fn refuse(&mut self, key: &str, message: impl Into<String>, help: &str) {
        self.errors.push(Error::new(self.place(key), message).help(help));
    }

    fn check_id(&mut self, id: &str, stem: &str) {
        let words: Vec<&str> = id.split('-').collect();
        let is_word = |word: &&str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if words.len() < 2 || !words.iter().all(is_word) {
            self.refuse(
                "id",
                format!("`{id}` is not a rule id"),
                "write `<thing>-<defect>` in lower case, `image-tag-floating` say",
            );
        } else if id != stem {
            self.refuse(
                "id",
                format!("the file `{stem}.yaml` holds the rule `{id}`"),
                &format!("name the file `{id}.yaml`"),
            );
        }
    }

    fn check_words(&mut self, file: &RuleFile) {
        let words =
            [("summary", &file.summary), ("why", &file.why), ("remedy", &file.remedy), ("category", &file.category)];
        for (key, text) in words.into_iter().chain([("message", &file.message)]) {
            if text.trim().is_empty() {
                self.refuse(key, format!("`{key}` is empty"), "say it in a sentence");
            }
        }
        if file.summary.trim().contains('\n') {
            self.refuse("summary", "the summary has more than one line", "move the rest to `why`");
        }
    }

    fn check_params(&mut self, specs: &IndexMap<String, ParamSpec>) {
        for (name, spec) in specs {
            if let Err(message) = params::check(spec, &spec.default) {
                let params = self.root().get("params");
                let place = params.and_then(|params| params.get(name)?.get("default")).map(|node| node.location);
                let place = place.unwrap_or_else(|| self.place("params"));
                self.errors.push(Error::new(place, message));
            }
        }
    }

    /// The one way in which the rule looks.
    fn check(&mut self, file: &RuleFile) -> Option<Check> {
        match (&file.deny, &file.schema, file.native) {
            (Some(deny), None, None) => self.expression("deny", deny, 0, file.target).map(Check::Cel),
            (None, Some(schema), None) => self.schema(schema, file.target),
            (None, None, Some(true)) => self.native(&file.id),
            (None, None, Some(false)) => {
                self.refuse("native", "`native` can only be `true`", "leave it out and write `deny` or `schema`");
                None
            }
            (None, None, None) => {
                self.refuse(
                    "id",
                    "the rule does not say what it denies",
                    "write `deny`, an expression that is true where something is wrong",
                );
                None
            }
            _ => {
                let mut keys = ["deny", "schema", "native"].into_iter().filter(|key| self.root().entry(key).is_some());
                let last = keys.next_back().unwrap_or("deny");
                let error = Error::new(self.key_place(last), "a rule has one of `deny`, `schema` and `native`");
                self.errors.push(error.help("make two rules of it"));
                None
            }
        }
    }

    fn native(&mut self, id: &str) -> Option<Check> {
        let Origin::BuiltIn(find) = self.origin else {
            self.refuse("native", "only chartgate's own rules are native", "write `deny`, an expression, or `schema`");
            return None;
        };
        let found = find(id).map(Check::Native);
        if found.is_none() {
            self.refuse("native", format!("no check is named `{id}`"), "add its line to `src/checks.rs`");
        }
        found
    }

    fn schema(&mut self, schema: &serde_json::Value, target: Target) -> Option<Check> {
        if !matches!(target, Target::Metadata | Target::Values | Target::Crd | Target::Manifest) {
            self.refuse("target", "a schema judges `metadata`, `values`, `crd` or `manifest`", "write `deny` instead");
            return None;
        }
        match json_schema::Schema::new(schema.clone()) {
            Ok(schema) => Some(Check::Schema(Arc::new(schema))),
            Err(refusal) => {
                let at = if let Refusal::Invalid { at, .. } = &refusal { at.as_slice() } else { &[] };
                let node = self.root().get("schema");
                let node = node.and_then(|node| at.iter().rev().find_map(|pointer| node.pointer(pointer)));
                let place = node.map_or_else(|| self.place("schema"), |node| node.location);
                self.errors.push(Error::new(place, format!("not a JSON Schema: {refusal}")));
                None
            }
        }
    }

    fn at(&mut self, at: Option<&str>, target: Target) -> Option<At> {
        let at = at?;
        match target {
            Target::Metadata | Target::Values | Target::Crd | Target::Manifest => Some(At::Path(KeyPath::dotted(at))),
            Target::Template => match regex::Regex::new(at) {
                Ok(pattern) => Some(At::Pattern(pattern)),
                Err(error) => {
                    let reason =
                        error.to_string().lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
                    self.refuse(
                        "at",
                        format!("not a regular expression: {reason}"),
                        "`at` is a pattern where the target is a template",
                    );
                    None
                }
            },
            Target::Image if at == "tag" => Some(At::Path(KeyPath::dotted(at))),
            Target::Chart
            | Target::Image
            | Target::Change
            | Target::Suppression
            | Target::Policy
            | Target::Deployment
            | Target::Pipeline => {
                self.refuse("at", "findings on this target have a place of their own", "leave `at` out");
                None
            }
        }
    }

    /// The message; what stands in its braces is compiled where the rule is an expression.
    fn message(&mut self, file: &RuleFile) -> Message {
        let message = match Message::parse(&file.message) {
            Ok(message) => message,
            Err(error) => {
                let place = self.inside("message", error.offset);
                self.errors.push(Error::new(place, error.to_string()));
                return Message::default();
            }
        };
        if file.deny.is_none() {
            return message;
        }
        // An image is shown as its reference, and written in a message as what it is.
        let source_of =
            |source: &str| if source.trim() == "image" { "image.reference".to_owned() } else { source.to_owned() };
        let compiled = message
            .compiled(|source, offset| self.expression("message", &source_of(source), offset, file.target).ok_or(()));
        compiled.unwrap_or_default()
    }

    fn expression(&mut self, key: &str, source: &str, start: usize, target: Target) -> Option<Expression> {
        let variables = subject::variables(target);
        // It is known of chartgate's own that they compile.
        if matches!(self.origin, Origin::BuiltIn(_)) {
            return Some(Expression::trusted(source, variables));
        }
        match Expression::compile(source, variables) {
            Ok(expression) => Some(expression),
            Err(Mistake { offset, message, help }) => {
                let error = Error::new(self.inside(key, start + offset), message);
                self.errors.push(Error { help, ..error });
                None
            }
        }
    }

    /// The place of a byte of a text value: exact where the value is written as it reads, else its start.
    fn inside(&self, key: &str, offset: usize) -> Location {
        let whole = self.place(key);
        let Some(node) = self.root().get(key) else { return whole };
        self.offset_in(node, offset).map_or(whole, |place| Location::new(whole.source, Span::new(place, place)))
    }

    fn offset_in(&self, node: &Node, offset: usize) -> Option<usize> {
        let content = node.as_str()?;
        let written = self.text.get(node.location.span.range())?;
        let quote = usize::from(matches!(node.style, Style::SingleQuoted | Style::DoubleQuoted));
        let inner = written.get(quote..written.len().checked_sub(quote)?)?;
        if inner == content {
            return Some(node.location.span.start as usize + quote + offset);
        }
        let line = content.get(..offset)?.matches('\n').count();
        let column = offset - content[..offset].rfind('\n').map_or(0, |position| position + 1);
        let body = content.lines().nth(line)?;
        let begin: usize = written.split_inclusive('\n').take(line).map(str::len).sum();
        let indent = written.get(begin..)?.lines().next()?.find(body)?;
        (node.style == Style::Literal).then_some(node.location.span.start as usize + begin + indent + column)
    }
}

fn severity(level: Level) -> Option<Severity> {
    match level {
        Level::Off => None,
        Level::Info => Some(Severity::Info),
        Level::Warning => Some(Severity::Warning),
        Level::Error => Some(Severity::Error),
    }
}
