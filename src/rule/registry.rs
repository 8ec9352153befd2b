//! Every rule there is: the folder `rules/`, which is compiled in, and the user's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::load;
use super::read::Error;
use super::{Home, NativeCheck, Rule};
use crate::text::SourceId;
use crate::text::suggest::nearest;

/// The files of `rules/` by their names without `.yaml`, sorted; each as the JSON that `build.rs` makes of it.
const FOLDER: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Rules by id.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    rules: BTreeMap<String, Arc<Rule>>,
    /// What the files of the user's rules say, by id.
    texts: BTreeMap<String, String>,
}

/// The ids of chartgate's own rules, sorted.
pub fn ids() -> impl Iterator<Item = &'static str> {
    FOLDER.iter().map(|(id, _)| *id)
}

/// The folder of rule pages.
const PAGES: &str = "https://github.com/chartgate/chartgate/blob/main/docs/rules";

/// The page about a rule; a user's own rule has none.
pub fn page(rule: &str) -> Option<String> {
    let is_own = FOLDER.binary_search_by_key(&rule, |(id, _)| *id).is_ok();
    is_own.then(|| format!("{PAGES}/{rule}.md"))
}

fn built_in(id: &str, json: &str, find: fn(&str) -> Option<NativeCheck>) -> Rule {
    load::built_in(json, id, find).unwrap_or_else(|error| panic!("rules/{id}.yaml is broken: {error}"))
}

impl Registry {
    /// chartgate's own rules; `find` gives the check of a native one.
    ///
    /// # Panics
    /// Where a built-in rule file has a mistake, which a test excludes.
    pub fn built_in(find: fn(&str) -> Option<NativeCheck>) -> Self {
        let rules = FOLDER.iter().map(|(id, json)| ((*id).to_owned(), Arc::new(built_in(id, json, find))));
        Self { rules: rules.collect(), texts: BTreeMap::new() }
    }

    /// Adds a rule of the user's that counts at `home`; `stem` is its file's name without `.yaml`. The same rule may lie in several folders.
    ///
    /// # Errors
    /// Every mistake in the file; a name that another rule has.
    pub fn add(&mut self, source: SourceId, text: &str, stem: &str, home: impl Into<Home>) -> Result<(), Vec<Error>> {
        let home = home.into();
        let mut rule = load::users(source, text, stem)?;
        if self.texts.get(&rule.id).is_some_and(|known| known == text) {
            let known = self.rules.get_mut(&rule.id).expect("a rule that has a text is known");
            Arc::make_mut(known).homes.push(home);
            return Ok(());
        }
        rule.homes.push(home);
        let place = crate::text::Location::new(source, crate::text::Span::default());
        for name in std::iter::once(&rule.id).chain(&rule.aliases) {
            if let Some(other) = self.get(name) {
                let error = Error::new(place, format!("there already is a rule `{}`", other.id));
                return Err(vec![error.help("give yours another id")]);
            }
        }
        self.texts.insert(rule.id.clone(), text.to_owned());
        self.rules.insert(rule.id.clone(), Arc::new(rule));
        Ok(())
    }

    /// The rule of an id, or of a name that it had before.
    pub fn get(&self, name: &str) -> Option<&Rule> {
        self.rules
            .get(name)
            .map(|rule| &**rule)
            .or_else(|| self.iter().find(|rule| rule.aliases.iter().any(|alias| alias == name)))
    }

    /// The rule whose name is most like one that does not exist.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.iter().flat_map(|rule| std::iter::once(&rule.id).chain(&rule.aliases)).map(String::as_str))
    }

    /// Every rule, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.shared().map(|rule| &**rule)
    }

    /// The same, for those who keep some of them.
    pub fn shared(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Check;

    #[test]
    fn both_parsers_read_every_expression_of_a_built_in_rule_alike() {
        let registry = Registry::built_in(|_| Some(|_, _| {}));
        let expressions = registry.iter().flat_map(|rule| {
            let condition = if let Check::Cel(condition) = &rule.check { Some(condition) } else { None };
            condition.into_iter().chain(rule.message.expressions())
        });
        let read: Vec<bool> = expressions.map(crate::cel::Expression::is_read_alike).collect();
        assert!(read.len() > 30 && read.iter().all(|is_alike| *is_alike), "{read:?}");
    }
}
