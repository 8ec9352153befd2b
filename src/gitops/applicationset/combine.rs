//! Generators made of generators: every pair of a matrix, and sets merged by keys.

use std::collections::BTreeMap;

use super::MOST;
use super::parameters::Parameters;
use crate::gitops::Problem;
use crate::yaml::Node;

/// The sets of a generator inside another; a second one of a matrix sees what the first supplies.
type Sets<'a> = &'a dyn Fn(&Node, Option<&Parameters>) -> Result<Vec<Parameters>, Problem>;

/// Every pair of what two generators give. Where both supply a name the first counts for Go templates, and others need them to agree.
pub(super) fn matrix(node: &Node, is_go: bool, sets: Sets<'_>) -> Result<Vec<Parameters>, Problem> {
    let [first, second] = node.items("generators") else {
        return Err(Problem::new(node.location, "a matrix needs two generators".to_owned()));
    };
    let mut all = vec![];
    for outer in sets(first, None)? {
        let inner = sets(second, Some(&outer))?;
        if let Some(name) = inner.iter().find_map(|inner| outer.contradicts(inner)).filter(|_| !is_go) {
            let message = format!("Argo CD refuses a matrix whose generators supply different values of `{name}`");
            return Err(Problem::new(second.location, message));
        }
        all.extend(inner.iter().map(|inner| outer.over(inner)));
        if all.len() > MOST {
            return Err(Problem::new(node.location, format!("the generator makes more than {MOST} Applications")));
        }
    }
    Ok(all)
}

/// The sets of the first generator, with what the others say of those with the same keys.
pub(super) fn merge(node: &Node, sets: Sets<'_>) -> Result<Vec<Parameters>, Problem> {
    let keys: Vec<&str> = node.items("mergeKeys").iter().filter_map(Node::scalar_text).collect();
    let generators = node.items("generators");
    if keys.is_empty() || generators.len() < 2 {
        return Err(Problem::new(node.location, "a merge needs keys and two generators at least".to_owned()));
    }
    let mut merged: BTreeMap<Vec<Option<String>>, Parameters> = BTreeMap::new();
    for (index, generator) in generators.iter().enumerate() {
        for set in sets(generator, None)? {
            if let Some(unknown) = set.unknown {
                return Err(Problem::new(
                    unknown.at,
                    format!("{}, and other sets are merged with it", unknown.message),
                ));
            }
            let key: Vec<_> =
                keys.iter().map(|key| set.values.get(key).map(|value| value.to_json().to_string())).collect();
            match (merged.get(&key), index) {
                (Some(_), 0) => {
                    return Err(Problem::new(generator.location, "two sets of a merge have the same keys".to_owned()));
                }
                (None, 0) => _ = merged.insert(key, set),
                (Some(below), _) => {
                    let over = set.over(below);
                    merged.insert(key, over);
                }
                (None, _) => {}
            }
        }
    }
    Ok(merged.into_values().collect())
}
