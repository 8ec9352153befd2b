//! The names by which rules are asked for: ids, former ids, sets of rules, and patterns of ids.
//!
//! A set is a category, its words joined by `-`, or a tool whose checks its rules stand for.

use std::collections::{BTreeMap, BTreeSet};

use crate::rule::Rule;
use crate::text::suggest::nearest;

/// Other names of sets.
const ALSO: [(&str, &str); 1] = [("certified", "chart-verifier")];

/// The rules that exist, by every name that they go by.
#[derive(Debug, Clone, Default)]
pub struct RuleNames {
    /// Each id and each former name, with the id it stands for.
    ids: BTreeMap<String, String>,
    /// The ids of each set, in order.
    sets: BTreeMap<String, BTreeSet<String>>,
    /// The rules that are off by default.
    off: BTreeSet<String>,
    /// The rules that name a step.
    steps: BTreeSet<String>,
}

impl RuleNames {
    /// The id behind a name, where there is such a rule.
    pub fn id(&self, name: &str) -> Option<&str> {
        self.ids.get(name).map(String::as_str)
    }

    /// The ids that a name stands for: a rule, a set, or a pattern with `*`; none where it stands for nothing.
    pub fn all(&self, name: &str) -> Vec<&str> {
        if let Some(id) = self.id(name) {
            return vec![id];
        }
        if let Some(set) = self.sets.get(name) {
            return set.iter().map(String::as_str).collect();
        }
        let parts: Vec<&str> = name.split('*').collect();
        if parts.len() < 2 {
            return vec![];
        }
        let fitting = self.ids.iter().filter(|(known, _)| fits(&parts, known)).map(|(_, id)| id.as_str());
        fitting.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether a rule is off by default.
    pub fn is_off(&self, id: &str) -> bool {
        self.off.contains(id)
    }

    /// Whether a rule speaks through the step of the version that it calls for.
    pub fn is_step(&self, id: &str) -> bool {
        self.steps.contains(id)
    }

    /// The sentence on how to go on where `name` is no rule.
    pub fn help(&self, name: &str) -> String {
        if self.sets.contains_key(name) {
            return format!(
                "`{name}` is a set of rules, and here one rule is named; `chartgate explain {name}` lists them"
            );
        }
        match nearest(name, self.ids.keys().chain(self.sets.keys()).map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`chartgate rules` lists every rule".to_owned(),
        }
    }
}

/// Whether a text is these parts with anything between them.
fn fits(parts: &[&str], text: &str) -> bool {
    let [first, middle @ .., last] = parts else { return false };
    let Some(mut rest) = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
    middle.iter().all(|part| {
        let found = rest.split_once(part);
        rest = found.map_or("", |(_, behind)| behind);
        found.is_some()
    })
}

impl<'a> FromIterator<&'a Rule> for RuleNames {
    fn from_iter<I: IntoIterator<Item = &'a Rule>>(rules: I) -> Self {
        let mut names = Self::default();
        for rule in rules {
            for name in std::iter::once(&rule.id).chain(&rule.aliases) {
                names.ids.insert(name.clone(), rule.id.clone());
            }
            if rule.severity.is_none() {
                names.off.insert(rule.id.clone());
            }
            if rule.step.is_some() {
                names.steps.insert(rule.id.clone());
            }
            let tools = rule.peers.keys().map(String::as_str);
            let also = ALSO.iter().filter(|(_, tool)| rule.peers.contains_key(*tool)).map(|(name, _)| *name);
            let category = rule.category.replace(' ', "-");
            for set in tools.chain(also).chain([category.as_str()]) {
                names.sets.entry(set.to_owned()).or_default().insert(rule.id.clone());
            }
        }
        names
    }
}

impl FromIterator<String> for RuleNames {
    fn from_iter<I: IntoIterator<Item = String>>(ids: I) -> Self {
        Self { ids: ids.into_iter().map(|id| (id.clone(), id)).collect(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_rule_a_set_or_a_pattern() {
        let registry = crate::rule::Registry::built_in(|_| Some((|_, _| {}) as crate::rule::NativeCheck));
        let names: RuleNames = registry.iter().collect();
        assert_eq!(names.all("image-tag-floating"), ["image-tag-floating"]);
        assert!(names.all("artifact-hub").contains(&"annotation-invalid"));
        assert!(
            names.all("versions").contains(&"version-reused") && names.all("helm-lint").contains(&"chart-url-invalid")
        );
        assert_eq!(names.all("certified"), names.all("chart-verifier"));
        assert_eq!(names.all("change-*-major"), ["change-app-version-major", "change-dependency-major"]);
        assert!(names.all("*").len() > 100 && names.all("*x*y*z").is_empty() && names.all("imag").is_empty());
        assert!(names.help("artifact-hub").starts_with("`artifact-hub` is a set of rules"));
        assert_eq!(names.help("artifact-hubb"), "did you mean `artifact-hub`?");
    }
}
