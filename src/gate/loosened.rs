//! Whether the policy asks less than it did before the change that is judged: nobody should choose their own judge in silence.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::place::Place;
use super::plan::{Plan, Planned, RULES};
use super::{Error, PolicySource};
use crate::config::{self, Config, discover};
use crate::finding::Skipped;
use crate::rule::{Fact, Target};
use crate::source::{Error as SourceError, FILE_LIMIT, Tree, list_whole};
use crate::text::{Location, Source, Sources, Span};

/// What the policy lacks, each with the index of a chart that it is about; and why it could not be compared.
pub(super) type Loosened = (Vec<(usize, Fact)>, Vec<Skipped>);

/// Compares each configuration that counts with the one that counted for the same chart before.
pub(super) fn facts(plan: &Plan<'_>, sources: &Sources) -> Loosened {
    let mut seen = BTreeMap::new();
    for (index, planned) in plan.charts.iter().enumerate() {
        seen.entry((planned.place, planned.config)).or_insert((index, planned));
    }
    let (mut facts, mut skipped) = (vec![], vec![]);
    for (index, planned) in seen.into_values() {
        let rules = plan.policy(planned).on.iter().filter(|on| on.rule.target == Target::Policy);
        let rules: Vec<String> = rules.map(|on| on.rule.id.clone()).collect();
        // A file that was named on the command line is no part of the change.
        let is_named = matches!(plan.request.policy.from, PolicySource::File(_));
        if rules.is_empty() || is_named || plan.places[planned.place].is_archive {
            continue;
        }
        match of_chart(plan, planned, sources) {
            Ok(found) => facts.extend(found.into_iter().map(|fact| (index, fact))),
            Err(reason) => skipped.extend(rules.into_iter().map(|rule| Skipped { rule, reason: reason.clone() })),
        }
    }
    (facts, skipped)
}

fn of_chart(plan: &Plan<'_>, planned: &Planned, sources: &Sources) -> Result<Vec<Fact>, String> {
    let place = &plan.places[planned.place];
    let config = plan.config(planned);
    let unread =
        |reason: &dyn std::fmt::Display| format!("the policy cannot be compared with the earlier one: {reason}");
    if matches!(plan.request.policy.from, PolicySource::Revision(_)) {
        let now = read(&*place.tree, place, planned, plan, sources).map_err(|reason| unread(&reason))?;
        let mut facts = config::loosened(config, &now, &plan.registry, sources);
        facts.extend(rules(&*place.policy, &*place.tree, config, &now).map_err(|error| unread(&error))?);
        return Ok(facts);
    }
    let log = plan.session.log(plan.request, place, config).map_err(|failure| unread(&failure.message))?;
    let Some(earlier) = log.tree().map(Arc::clone) else { return Ok(vec![]) };
    let before = read(&*earlier, place, planned, plan, sources).map_err(|reason| unread(&reason))?;
    let mut facts = config::loosened(&before, config, &plan.registry, sources);
    facts.extend(rules(&*earlier, &*place.tree, &before, config).map_err(|error| unread(&error))?);
    Ok(facts)
}

/// The configuration that counts for a chart in a tree; the empty one where there is none.
fn read(
    tree: &dyn Tree,
    place: &Place,
    planned: &Planned,
    plan: &Plan<'_>,
    sources: &Sources,
) -> Result<Config, String> {
    let found = discover::nearest(tree, &planned.folder).map_err(|error| error.to_string())?;
    let Some(found) = found else { return Ok(Config::default()) };
    let shown = place.tree.shown(&found.path);
    let text = String::from_utf8(found.data).map_err(|_| format!("`{shown}` is not UTF-8"))?;
    let id = sources.add(Source::new(shown.clone(), tree.address(&found.path), text));
    let folder = if found.folder.is_empty() { String::new() } else { place.tree.shown(&found.folder) };
    let read = config::read(id, &sources.get(id).text, &folder, &plan.names);
    read.map_err(|errors| errors.first().map_or_else(String::new, |error| format!("`{shown}`: {}", error.message)))
}

/// The user's rules that are gone, or say something else.
fn rules(earlier: &dyn Tree, now: &dyn Tree, before: &Config, config: &Config) -> Result<Vec<Fact>, SourceError> {
    let entries = match list_whole(earlier, RULES) {
        Ok(entries) => entries,
        Err(SourceError::NotFound { .. }) => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let Some(at) = config.source.or(before.source).map(|source| Location::new(source, Span::default())) else {
        return Ok(vec![]);
    };
    let mut facts = vec![];
    for path in entries.into_iter().map(|entry| entry.path) {
        let was = earlier.read(&path, FILE_LIMIT)?;
        let message = match now.read(&path, FILE_LIMIT) {
            Ok(is) if is == was => continue,
            Ok(_) => format!("the rule in `{path}` is another than it was"),
            Err(SourceError::NotFound { .. }) => format!("the rule in `{path}` is gone"),
            Err(error) => return Err(error),
        };
        let help = "take it back, or have the owner of the policy agree to it".to_owned();
        facts.push(Fact { kind: "rule", at, related: vec![], subject: path, message, help });
    }
    Ok(facts)
}

/// The tree that configuration and rules are read from: the last commit that HEAD has in common with a revision.
pub(super) fn policy(place: &Place, name: &str) -> Result<Arc<dyn Tree>, Error> {
    let Some(repository) = &place.repository else {
        return Err(Error::usage("`--policy-from` needs a git repository", "run inside the repository"));
    };
    let named = repository.commit(name).map_err(Error::git)?;
    let head = place.revision.clone().map_or_else(|| repository.head(), |revision| Ok(Some(revision)));
    let common = match head.map_err(Error::git)? {
        Some(head) => repository.merge_base(&head, &named).map_err(Error::git)?,
        None => None,
    };
    Ok(Arc::new(common.unwrap_or(named)))
}
