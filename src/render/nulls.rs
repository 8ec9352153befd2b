//! Whether it shows that the other Helm keeps, or removes, nulls of values: most of them stand for a field that templates ask for, which is nil
//! with the key or without it, and only who looks at a mapping as a whole sees the difference.

use std::sync::Arc;

use super::{Cache, Options, Overrides, merged, schema};
use crate::chart::Chart;
use crate::template::value::{Data, Map, Value, Watch};
use crate::values::Scope;

/// A watch on the mappings of `values` that have other nulls for the other Helm; it has seen the difference where there are others.
pub(super) fn watch(
    (chart, overrides): (&Chart, &Overrides<'_>),
    options: &Options,
    (scope, values): (&Scope<'_>, &Map),
    cache: &Cache,
) -> Watch {
    let watch = Watch::default();
    let mut found = vec![];
    let is_same = merged(chart, overrides, options.helm.other()).is_ok_and(|(other, others, places)| {
        let is_fit =
            || options.skips_schema || schema::check(&other, &others, &places, cache.schemas(), &cache.share).is_ok();
        has_same_parts(scope, &other) && is_same_map(values, &others, &mut found) && is_fit()
    });
    if is_same {
        for map in &found {
            map.watch(&watch);
        }
    } else {
        watch.see();
    }
    watch
}

fn has_same_parts(own: &Scope<'_>, other: &Scope<'_>) -> bool {
    let (own, other) = (&own.dependencies, &other.dependencies);
    own.len() == other.len()
        && own.iter().zip(other).all(|(own, other)| own.name == other.name && has_same_parts(own, other))
}

/// Whether two mappings differ in nulls at most; those of the first that do are added to `found`.
fn is_same_map(own: &Map, other: &Map, found: &mut Vec<Map>) -> bool {
    let is_void = |(key, value): &(Arc<str>, Value), there: &Map| value.is_nil() && !there.contains(key);
    let (ours, theirs) = (own.snapshot(), other.snapshot());
    let (void, shared): (Vec<_>, Vec<_>) = ours.into_iter().partition(|entry| is_void(entry, other));
    let void_there = theirs.iter().filter(|entry| is_void(entry, own)).count();
    if !void.is_empty() || void_there > 0 {
        found.push(own.clone());
    }
    shared.len() + void_there == theirs.len()
        && shared.iter().all(|(key, value)| other.get(key).is_some_and(|theirs| is_same_value(value, &theirs, found)))
}

fn is_same_value(own: &Value, other: &Value, found: &mut Vec<Map>) -> bool {
    match (&own.data, &other.data) {
        (Data::Map(own), Data::Map(other)) => is_same_map(own, other, found),
        (Data::List(own), Data::List(other)) => {
            own.len() == other.len()
                && own.iter().zip(other.iter()).all(|(own, other)| is_same_value(own, other, found))
        }
        (Data::Nil, Data::Nil) => true,
        (Data::Bool(own), Data::Bool(other)) => own == other,
        (Data::Float(own), Data::Float(other)) => own.to_bits() == other.to_bits(),
        // What `--set` makes of a number.
        (Data::Int64(own), Data::Int64(other)) => own == other,
        (Data::String(own), Data::String(other)) => own.as_str() == other.as_str(),
        _ => false,
    }
}
