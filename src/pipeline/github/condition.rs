//! Conditions of GitHub, as far as they tell whether something runs for pull requests.

use super::super::Files;
use super::event::Event;
use super::value::{Truth, Value, not};

/// Conditions inside each other.
const DEEPEST: usize = 64;

/// What a condition comes to for an event.
pub(super) fn holds(files: &Files<'_>, condition: &str, event: &Event) -> Truth {
    let text = condition.trim();
    let inner = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    let text = match inner {
        Some(inner) if !inner.contains("${{") => inner,
        // What stands beside an expression makes a text of it, and a text that is not empty holds.
        _ if text.contains("${{") => return Truth::Yes,
        _ => text,
    };
    if !files.spend(1 + text.len()) {
        return Truth::Computed;
    }
    let mut formula = Formula { rest: text, event, depth: 0 };
    match formula.either() {
        Some(value) if formula.rest.trim_start().is_empty() => value.truth(),
        _ => Truth::Computed,
    }
}

struct Formula<'t> {
    rest: &'t str,
    event: &'t Event,
    depth: usize,
}

impl Formula<'_> {
    /// Takes a sign that stands next.
    fn takes(&mut self, sign: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// `a || b`
    fn either(&mut self) -> Option<Value> {
        let mut value = self.both()?;
        while self.takes("||") {
            let other = self.both()?;
            value = match value.truth() {
                Truth::Yes => value,
                Truth::No => other,
                truth => Value::of(truth.max(other.truth())),
            };
        }
        Some(value)
    }

    /// `a && b`
    fn both(&mut self) -> Option<Value> {
        let mut value = self.compared()?;
        while self.takes("&&") {
            let other = self.compared()?;
            value = match value.truth() {
                Truth::No => value,
                Truth::Yes => other,
                truth => Value::of(truth.min(other.truth())),
            };
        }
        Some(value)
    }

    fn compared(&mut self) -> Option<Value> {
        let left = self.negated()?;
        if self.takes("==") {
            return Some(Value::of(left.equals(&self.negated()?)));
        }
        if self.takes("!=") {
            return Some(Value::of(not(left.equals(&self.negated()?))));
        }
        if ["<=", ">=", "<", ">"].into_iter().any(|sign| self.takes(sign)) {
            return Some(Value::of(left.unsure(&self.negated()?)));
        }
        Some(left)
    }

    fn negated(&mut self) -> Option<Value> {
        self.depth += 1;
        let found = if self.depth > DEEPEST {
            None
        } else if self.takes("!") {
            self.negated().map(|value| Value::of(not(value.truth())))
        } else if self.takes("(") {
            self.either().filter(|_| self.takes(")"))
        } else {
            self.single()
        };
        self.depth -= 1;
        found
    }

    /// A text, a number, a function or something that is known by its name.
    fn single(&mut self) -> Option<Value> {
        if self.takes("'") {
            return self.quoted().map(Value::Text);
        }
        let mut name = self.word();
        if self.takes("(") {
            let given = self.given()?;
            return Some(super::value::called(&name, &given));
        }
        while self.takes("[") {
            let key = self.either()?;
            if !self.takes("]") {
                return None;
            }
            name.push('.');
            name += &key.text().unwrap_or("*").to_ascii_lowercase();
            name += &self.word();
        }
        (!name.is_empty()).then(|| Value::named(&name, self.event))
    }

    /// What follows of a name or a number, in small letters.
    fn word(&mut self) -> String {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-.*+".contains(letter);
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_ascii_lowercase()
    }

    /// The rest of a text, in which two quotes are one.
    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let (part, rest) = self.rest.split_once('\'')?;
            text += part;
            self.rest = rest;
            match rest.strip_prefix('\'') {
                Some(behind) => {
                    text.push('\'');
                    self.rest = behind;
                }
                None => return Some(text),
            }
        }
    }

    /// What a function is given, behind its bracket.
    fn given(&mut self) -> Option<Vec<Value>> {
        let mut given = vec![];
        if self.takes(")") {
            return Some(given);
        }
        loop {
            given.push(self.either()?);
            if self.takes(")") {
                return Some(given);
            }
            if !self.takes(",") {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::source::{Memory, Tree};
    use crate::text::Sources;

    fn truth(condition: &str, event: &str) -> Truth {
        let tree = Arc::new(Memory::new("", BTreeMap::new())) as Arc<dyn Tree>;
        let event = Event::new(event, None).expect("an event of pull requests");
        holds(&Files::new(&tree, &Sources::new(), &[]), condition, &event)
    }

    #[test]
    fn what_pull_requests_have_decides_a_condition() {
        for condition in [
            "github.event_name == 'push'",
            "github.event_name != 'pull_request'",
            "${{ github.event_name != 'pull_request' }}",
            "GitHub.Event_Name != 'Pull_Request'",
            "!(github.event_name == 'pull_request')",
            "github.ref == 'refs/heads/main'",
            "startsWith(github.ref, 'refs/tags/')",
            "contains(github.ref, 'refs/tags')",
            "endsWith(github.ref, '/main')",
            "github.ref_type == 'tag' && github.actor != 'bot'",
            "github.ref_name == 'main' || github['event_name'] == 'release'",
            "inputs.publish",
            "github.event.inputs.push == 'true'",
            "github.event.pull_request.merged == true",
            "github.event.pull_request.merged",
            "github.event.action == 'closed'",
            "github.event.release.tag_name",
            "contains(fromJSON('[\"push\", \"release\"]'), github.event_name)",
            "contains('push release', github.event_name)",
            "false",
            "vars.PUBLISH == 'yes' && github.event_name == 'push'",
            "(github.event_name == 'push' && 'a') || ''",
            "steps.a.outputs.b && github.event_name == 'push'",
            "github.event_name == 'push' && success()",
            "always() && github.event_name == 'push'",
        ] {
            assert_eq!(truth(condition, "pull_request"), Truth::No, "{condition}");
        }
        for condition in [
            "github.event_name == 'pull_request'",
            "success()",
            "!cancelled()",
            "true",
            "github.event_name != 'push'",
            "startsWith(github.ref, 'refs/pull/')",
            "github.head_ref",
            "github.event.pull_request",
            "${{ github.event_name == 'push' }} && true",
            "contains('[\"pull_request\"]', github.event_name)",
            "vars.A || github.event_name == 'pull_request'",
        ] {
            assert_eq!(truth(condition, "pull_request"), Truth::Yes, "{condition}");
        }
        for condition in [
            "github.repository == 'acme/web'",
            "github.actor != 'dependabot[bot]'",
            "github.event.pull_request.head.repo.full_name == github.repository",
            "contains(github.event.pull_request.labels.*.name, 'preview')",
            "github.base_ref == 'main'",
            "needs.build.result == 'success'",
            "matrix.os == 'linux'",
            "vars.PUBLISH",
            "hashFiles('charts/**') != ''",
            "github.event.action != 'opened'",
            "steps.a.outputs.b || github.actor == 'x'",
            "runner.os == 'Linux' && github.event_name != 'push'",
            "failure()",
        ] {
            assert_eq!(truth(condition, "pull_request"), Truth::Open, "{condition}");
        }
        for condition in [
            "steps.changes.outputs.charts == 'true'",
            "needs.meta.outputs.push && github.actor != 'x'",
            "env.PUSH",
            "github.event_name ==",
            "unknown(1)",
            "toJSON(env.A) == 'a'",
        ] {
            assert_eq!(truth(condition, "pull_request"), Truth::Computed, "{condition}");
        }
        let deep = format!("{}true{}", "(".repeat(1000), ")".repeat(1000));
        assert_eq!(truth(&deep, "pull_request"), Truth::Computed);
    }

    #[test]
    fn a_pull_request_target_runs_on_the_branch_that_it_goes_to() {
        for condition in ["github.ref == 'refs/heads/main'", "github.ref_name == 'main'"] {
            assert_eq!(truth(condition, "pull_request_target"), Truth::Open, "{condition}");
        }
        for condition in ["startsWith(github.ref, 'refs/tags/')", "contains(github.ref, 'refs/tags/')"] {
            assert_eq!(truth(condition, "pull_request_target"), Truth::No, "{condition}");
        }
        assert_eq!(truth("github.event_name != 'pull_request'", "pull_request_target"), Truth::Yes);
    }
}
