//! What is shown whole and what in one line: of many findings of one rule in one chart the first is enough to know what is meant.

use std::collections::BTreeMap;

use super::group::Group;

/// Findings of one rule in one chart that are all shown whole.
const WHOLE: usize = 3;

/// Findings that people see together: the first whole, the others by place and message.
#[derive(Debug)]
pub(super) struct Fold<'g, 'a> {
    pub(super) first: &'g Group<'a>,
    pub(super) others: Vec<&'g Group<'a>>,
}

/// Groups of findings in their order; those of a rule that has more than a few in a chart stand behind its first.
pub(super) fn folded<'g, 'a>(groups: &'g [Group<'a>]) -> Vec<Fold<'g, 'a>> {
    let about = |group: &Group<'a>| (group.first().rule.as_str(), group.first().chart.as_deref());
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for group in groups {
        *counts.entry(about(group)).or_default() += 1;
    }
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut folds: Vec<Fold<'g, 'a>> = vec![];
    for group in groups {
        let key = about(group);
        let known = places.get(&key).copied().filter(|_| counts[&key] > WHOLE);
        if let Some(fold) = known.and_then(|index| folds.get_mut(index)) {
            fold.others.push(group);
            continue;
        }
        places.insert(key, folds.len());
        folds.push(Fold { first: group, others: vec![] });
    }
    folds
}
