//! CEL that the API server compiles before it takes an object: of admission policies, of webhooks and of definitions
//! (`admissionregistration/validation`: `validateValidatingAdmissionPolicySpec`, `validateMatchConditions`).

use super::{Part, Refused, field, key_of, listed, text};
use crate::cel::{Foreign, Unread};
use crate::text::Location;
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Node};

/// What policies and webhooks know besides their own variables.
const KNOWN: [&str; 6] = ["object", "oldObject", "request", "namespaceObject", "authorizer", "variables"];
/// Why a policy refuses something.
const REASONS: [&str; 4] = ["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"];

/// Says what is wrong with an expression; gives it where it can be read.
pub(super) fn judged(node: &Node, path: &KeyPath, variables: &[&str], refused: &mut Refused) -> Option<Foreign> {
    let source = node.as_str().filter(|source| !source.trim().is_empty())?;
    let (mistake, read) = match Foreign::read(source) {
        Ok(read) => (read.mistake(variables), Some(read)),
        Err(Unread::Wrong(mistake)) => (Some(mistake), None),
        Err(Unread::Beyond(why)) => {
            refused.leave(node.location, path.clone(), format!("cannot judge `{path}`: {why}"));
            (None, None)
        }
    };
    if let Some(mistake) = mistake {
        let message = format!("`{path}` cannot be compiled: {}", mistake.message);
        refused.say(node.location, path.clone(), message, mistake.help.unwrap_or_default());
    }
    read
}

/// `validateMatchCondition` of policies and webhooks.
pub(super) fn condition(part: &Part<'_, '_>, refused: &mut Refused) {
    required(part.node, part.at, "name", part.path, refused);
    required(part.node, part.at, "expression", part.path, refused);
    let variables: Vec<&str> = KNOWN.into_iter().chain(["params"]).collect();
    if let Some(node) = part.node.get("expression") {
        judged(node, &part.path.key("expression").to_path(), &variables, refused);
    }
}

/// `validateValidatingAdmissionPolicySpec`.
pub(super) fn policy(part: &Part<'_, '_>, refused: &mut Refused) {
    constraints(part, refused);
    let is_empty = |key: &str| field(part.node, key).is_none_or(|node| node.as_seq().is_some_and(<[Node]>::is_empty));
    if is_empty("validations") && is_empty("auditAnnotations") {
        refused.missing(part, "validations", "", "list what is asked, or `auditAnnotations`");
    }
    let mut names = Names::of(part);
    let items = |key: &str| part.node.items(key).iter().enumerate();
    let lists: [(&'static str, &[&str]); 3] = [
        ("variables", &["expression"]),
        ("validations", &["expression", "messageExpression"]),
        ("auditAnnotations", &["valueExpression"]),
    ];
    for (list, keys) in lists {
        let path = part.path.key(list);
        for (index, item) in items(list) {
            let path = path.index(index);
            required(item, item.location, keys[0], &path, refused);
            for key in keys {
                if let Some(node) = item.get(key) {
                    names.judge(node, &path.key(key).to_path(), refused);
                }
            }
            match list {
                "variables" => names.variables.extend(item.get("name").and_then(Node::as_str)),
                "validations" => validation(item, &path, refused),
                _ => {}
            }
        }
    }
}

/// What the expressions of a policy may name.
struct Names<'a> {
    known: Vec<&'static str>,
    /// The variables that are declared by now.
    variables: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(part: &Part<'a, '_>) -> Self {
        let params = field(part.node, "paramKind").map(|_| "params");
        Self { known: KNOWN.into_iter().chain(params).collect(), variables: vec![] }
    }

    fn judge(&self, node: &Node, path: &KeyPath, refused: &mut Refused) {
        let Some(expression) = judged(node, path, &self.known, refused) else { return };
        let fields = expression.fields("variables");
        let unknown = fields.iter().filter_map(|names| names.first());
        if let Some(name) = unknown.into_iter().find(|name| !self.variables.contains(&name.as_str())) {
            let message = format!("`{path}` cannot be compiled: no variable `{name}` is declared before it");
            refused.say(node.location, path.clone(), message, "declare it in `variables`");
        }
    }
}

/// `validateMatchResources`: a policy says what it is for.
fn constraints(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(constraints) = field(part.node, "matchConstraints") else {
        return refused.missing(part, "matchConstraints", "", "say in `resourceRules` what the policy is for");
    };
    let is_empty = |rules: &Node| rules.as_seq().is_some_and(<[Node]>::is_empty);
    if constraints.as_map().is_some() && field(constraints, "resourceRules").is_none_or(is_empty) {
        let path = part.path.key("matchConstraints").key("resourceRules").to_path();
        let at = key_of(part.node, "matchConstraints").unwrap_or(part.at);
        let message = format!("required field `{path}` is missing");
        refused.say(at, path, message, "say what the policy is for");
    }
}

/// `validateValidation`.
fn validation(item: &Node, path: &Trail<'_>, refused: &mut Refused) {
    reason(item, &REASONS, path, refused);
    lines(item, "expression", path, refused);
}

/// Says that a reason is none of those that there are.
pub(super) fn reason(item: &Node, known: &[&str], path: &Trail<'_>, refused: &mut Refused) {
    let reason = text(item, "reason");
    if let Some(node) = item.get("reason").filter(|_| !reason.is_empty() && !known.contains(&reason)) {
        let path = path.key("reason").to_path();
        let message = format!("`{path}` is `{reason}`");
        refused.say(node.location, path, message, format!("write one of {}", listed(known)));
    }
}

/// What stands in several lines is no message by itself.
pub(super) fn lines(item: &Node, expression: &str, path: &Trail<'_>, refused: &mut Refused) {
    let has_lines = |key: &str| text(item, key).trim().contains(['\n', '\r']);
    if let Some(node) = item.get("message").filter(|_| has_lines("message")) {
        let path = path.key("message").to_path();
        refused.say(node.location, path.clone(), format!("`{path}` has several lines"), "write it in one");
    } else if has_lines(expression) && text(item, "message").trim().is_empty() {
        let node = item.get(expression).map_or(item.location, |node| node.location);
        let path = path.key("message").to_path();
        let message = format!("required field `{path}` is missing: `{expression}` has several lines");
        refused.say(node, path, message, "say in a line what is wrong where it does not hold");
    }
}

/// Says that a text is missing or empty.
pub(super) fn required(item: &Node, at: Location, key: &str, path: &Trail<'_>, refused: &mut Refused) {
    let given = item.get(key);
    if item.as_map().is_some() && given.is_none_or(|node| node.as_str().is_some_and(|text| text.trim().is_empty())) {
        let path = path.key(key).to_path();
        let at = given.map_or(at, |node| node.location);
        refused.say(at, path.clone(), format!("required field `{path}` is missing"), "");
    }
}

/// `validateValidatingAdmissionPolicyBindingSpec`.
pub(super) fn binding(part: &Part<'_, '_>, refused: &mut Refused) {
    if field(part.node, "policyName").is_none_or(|name| name.as_str() == Some("")) {
        refused.missing(part, "policyName", "", "name the policy");
    }
    let Some(actions) = part.node.get("validationActions").and_then(Node::as_seq) else {
        if field(part.node, "validationActions").is_none() {
            refused.missing(part, "validationActions", "", "write `[Deny]`");
        }
        return;
    };
    let names: Vec<&str> = actions.iter().filter_map(Node::as_str).collect();
    let is_twice = |name: &&str| names.iter().filter(|other| *other == name).count() > 1;
    if actions.is_empty() {
        refused.missing(part, "validationActions", "", "write `[Deny]`");
    } else if names.contains(&"Deny") && names.contains(&"Warn") {
        refused.of(part, "validationActions", "has `Deny` beside `Warn`", "keep one of them");
    } else if let Some(name) = names.iter().copied().find(|name| is_twice(name)) {
        refused.of(part, "validationActions", format!("has `{name}` twice"), "keep one of them");
    }
}
