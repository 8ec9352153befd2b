//! Every rule there is: the folder `rules/`, which is embedded, and the user's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use rayon::prelude::*;

use super::load::{self, Origin};
use super::read::Error;
use super::{Home, NativeCheck, Rule};
use crate::text::suggest::nearest;
use crate::text::{Address, Source, SourceId, Sources};

static FOLDER: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// Rules by id.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    rules: BTreeMap<String, Arc<Rule>>,
    /// What the files of the user's rules say, by id.
    texts: BTreeMap<String, String>,
}

/// The built-in rule files, as pairs of file name and text, sorted by name; `schema.json`, which describes them, is none.
pub fn embedded() -> Vec<(&'static str, &'static str)> {
    let files = FOLDER.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
    let mut files: Vec<_> = files.filter(|(name, _)| *name != "schema.json").collect();
    files.sort_unstable();
    files
}

/// The folder of rule pages.
const PAGES: &str = "https://github.com/chartgate/chartgate/blob/main/docs/rules";

/// The page about a rule; a user's own rule has none.
pub fn page(rule: &str) -> Option<String> {
    FOLDER.contains(format!("{rule}.yaml")).then(|| format!("{PAGES}/{rule}.md"))
}

fn built_in(name: &str, text: &str, find: fn(&str) -> Option<NativeCheck>) -> Rule {
    let sources = Sources::new();
    let source = sources.add(Source::new(format!("rules/{name}"), Address::Rendered, text));
    let stem = name.strip_suffix(".yaml").unwrap_or(name);
    load::rule(source, text, stem, Origin::BuiltIn(find)).unwrap_or_else(|errors| {
        let said: Vec<String> =
            errors.iter().map(|error| format!("{name}:{}: {error}", sources.start(error.location))).collect();
        panic!("a built-in rule is broken: {}", said.join("; "))
    })
}

impl Registry {
    /// chartgate's own rules; `find` gives the check of a native one.
    ///
    /// # Panics
    /// Where a built-in rule file has a mistake, which a test excludes.
    pub fn built_in(find: fn(&str) -> Option<NativeCheck>) -> Self {
        // Reading them is a third of a run over a small chart.
        let rules = embedded().into_par_iter().map(|(name, text)| built_in(name, text, find));
        Self { rules: rules.map(|rule| (rule.id.clone(), Arc::new(rule))).collect(), texts: BTreeMap::new() }
    }

    /// Adds a rule of the user's that counts at `home`; `stem` is its file's name without `.yaml`. The same rule may lie in several folders.
    ///
    /// # Errors
    /// Every mistake in the file; a name that another rule has.
    pub fn add(&mut self, source: SourceId, text: &str, stem: &str, home: impl Into<Home>) -> Result<(), Vec<Error>> {
        let home = home.into();
        let mut rule = load::rule(source, text, stem, Origin::User)?;
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

    #[test]
    fn every_expression_of_a_built_in_rule_compiles() {
        let sources = Sources::new();
        let mut count = 0;
        for (name, text) in embedded().into_iter().filter(|(_, text)| text.contains("\ndeny:")) {
            let source = sources.add(Source::new(name, Address::Rendered, text));
            let stem = name.strip_suffix(".yaml").expect("a rule file");
            // As a user's rule it is compiled at once, message and all.
            assert!(load::rule(source, text, stem, Origin::User).is_ok(), "{name}");
            count += 1;
        }
        assert!(count > 0);
    }
}
