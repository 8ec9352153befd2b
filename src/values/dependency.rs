//! Which sub-charts take part, and what their parents take over from them (`pkg/chart/v2/util/dependencies.go`).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::Error;
use super::coalesce::{Coalesce, Nulls};
use super::place::copy_map;
use super::scope::{Dependency, Scope};
use crate::template::go::semver::{Constraints, Version};
use crate::template::value::{Data, Map, Value};

impl Scope<'_> {
    /// Keeps the sub-charts that tags and conditions leave enabled, under their aliases, and imports their values.
    ///
    /// # Errors
    /// A sub-chart's values that are no mapping.
    pub fn process(&mut self, over: &Map) -> Result<(), Error> {
        self.enable(over, "")?;
        self.import_all()
    }

    /// Whether no more than so many charts take part, each once for every name it goes by.
    pub fn is_within(&self, left: &mut usize) -> bool {
        let Some(rest) = left.checked_sub(1) else { return false };
        *left = rest;
        self.dependencies.iter().all(|sub| {
            let declared = self.declared.iter().flatten().filter(|dependency| *dependency.name == *sub.name);
            (0..declared.count().max(1)).all(|_| sub.is_within(left))
        })
    }

    fn enable(&mut self, over: &Map, path: &str) -> Result<(), Error> {
        let Some(mut declared) = self.declared.take() else { return Ok(()) };
        self.resolve_aliases(&mut declared);
        for dependency in &mut declared {
            dependency.enabled = true;
        }
        let decides = |scope: &Self| scope.declared.iter().flatten().any(Dependency::is_conditional);
        let is_needed =
            declared.iter().any(Dependency::is_conditional) || self.dependencies.iter().any(|sub| sub.any(&decides));
        let values = if is_needed { Coalesce::new(self.helm, Nulls::Remove).values(self, over)? } else { Map::new() };
        by_tags(&mut declared, &values);
        by_conditions(&mut declared, &values, path);
        let disabled: HashSet<String> = declared
            .iter()
            .filter(|dependency| !dependency.enabled)
            .map(|dependency| dependency.name.clone())
            .collect();
        self.dependencies.retain(|sub| !disabled.contains(sub.name.as_ref()));
        declared.retain(|dependency| !disabled.contains(&dependency.name));
        for sub in &mut self.dependencies {
            let below = format!("{path}{}.", sub.name);
            sub.enable(&values, &below)?;
        }
        self.declared = Some(declared).filter(|declared| !declared.is_empty());
        Ok(())
    }

    /// Whether this chart or one below it is one that `wanted` names.
    fn any(&self, wanted: &impl Fn(&Self) -> bool) -> bool {
        wanted(self) || self.dependencies.iter().any(|sub| sub.any(wanted))
    }

    /// Sub-charts that are not declared stay; a declared one is there once for each declaration, under its alias.
    fn resolve_aliases(&mut self, declared: &mut [Dependency]) {
        let is_declared =
            |sub: &Self| declared.iter().any(|dependency| *dependency.name == *sub.name && dependency.admits(sub));
        let mut kept: Vec<Self> = self.dependencies.iter().filter(|sub| !is_declared(sub)).cloned().collect();
        let shared_as = self.shared(declared);
        for dependency in declared {
            let found = self.dependencies.iter().find(|sub| *sub.name == *dependency.name && dependency.admits(sub));
            if let Some(found) = found {
                let mut sub = found.clone();
                if !dependency.alias.is_empty() {
                    sub.name = dependency.alias.as_str().into();
                }
                sub.shared_as = shared_as.get(&*found.name).cloned().filter(|name| *name != sub.name);
                kept.push(sub);
            }
            if !dependency.alias.is_empty() {
                dependency.name.clone_from(&dependency.alias);
            }
        }
        self.dependencies = kept;
    }

    /// The names under which the sub-charts stand that charts have without declaring them, where they are not each chart's own: the
    /// chart's last alias, or its own name where it declares nothing at all.
    fn shared(&self, declared: &[Dependency]) -> BTreeMap<Arc<str>, Arc<str>> {
        if !self.helm.shares_below_aliases() {
            return BTreeMap::new();
        }
        let name = |dependency: &Dependency| {
            let found = self.dependencies.iter().find(|sub| *sub.name == *dependency.name && dependency.admits(sub))?;
            let alias = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            let last = if found.declared.is_some() { Arc::from(alias.as_str()) } else { Arc::clone(&found.name) };
            Some((Arc::clone(&found.name), last))
        };
        declared.iter().filter_map(name).collect()
    }

    fn import_all(&mut self) -> Result<(), Error> {
        for sub in &mut self.dependencies {
            sub.import_all()?;
        }
        let Some(declared) = &self.declared else { return Ok(()) };
        let mut merging = Coalesce::new(self.helm, Nulls::Keep);
        let values = merging.values(self, &Map::new())?;
        let imported = Map::new();
        for dependency in declared {
            for import in &dependency.imports {
                let Some(table) = table(&values, &format!("{}.{}", dependency.name, import.child)) else { continue };
                let placed = if import.parent == "." { table } else { nest(&import.parent, table) };
                merging.tables(&imported, &placed, Nulls::Keep);
            }
        }
        if imported.is_empty() {
            self.defaults = values;
        } else {
            self.defaults = copy_map(&values);
            merging.tables(&self.defaults, &imported, Nulls::Keep);
        }
        Ok(())
    }
}

impl Dependency {
    fn is_conditional(&self) -> bool {
        !self.tags.is_empty() || !self.condition.is_empty()
    }

    /// Whether the chart's version is one that the declaration asks for.
    fn admits(&self, scope: &Scope<'_>) -> bool {
        is_compatible(&self.version, scope.chart.version().unwrap_or_default())
    }
}

/// Whether a version lies in a range (`IsCompatibleRange`); a version or range that is none never does.
pub fn is_compatible(range: &str, version: &str) -> bool {
    match (Version::parse(version), Constraints::parse(range)) {
        (Ok(version), Ok(range)) => range.admits(&version),
        _ => false,
    }
}

fn by_tags(declared: &mut [Dependency], values: &Map) {
    let Some(Data::Map(tags)) = values.get("tags").map(|value| value.data) else { return };
    for dependency in declared {
        let set = |wanted: bool| {
            dependency
                .tags
                .iter()
                .any(|tag| matches!(tags.get(tag), Some(Value { data: Data::Bool(set), .. }) if set == wanted))
        };
        dependency.enabled = set(true) || !set(false);
    }
}

fn by_conditions(declared: &mut [Dependency], values: &Map, path: &str) {
    for dependency in declared {
        let conditions = dependency.condition.trim().split(',').filter(|condition| !condition.is_empty());
        let decided =
            conditions.map(|condition| value_at(values, &format!("{path}{condition}"))).find_map(|value| match value?
                .data
            {
                Data::Bool(enabled) => Some(enabled),
                _ => None,
            });
        dependency.enabled = decided.unwrap_or(dependency.enabled);
    }
}

/// The map at the end of a dotted path.
fn table(values: &Map, path: &str) -> Option<Map> {
    path.split('.').try_fold(values.clone(), |map, key| map.get(key)?.as_map().cloned())
}

/// What is no map at the end of a dotted path.
fn value_at(values: &Map, path: &str) -> Option<Value> {
    let (above, key) = path.rsplit_once('.').map_or((None, path), |(above, key)| (Some(above), key));
    let map = above.map_or_else(|| Some(values.clone()), |above| table(values, above))?;
    map.get(key).filter(|value| value.as_map().is_none())
}

/// Maps around a map, one for each name of a dotted path.
fn nest(path: &str, map: Map) -> Map {
    path.rsplit('.').fold(map, |inner, key| {
        let origins = inner.origins().clone();
        let value = Value::from(inner).with_origins(origins.clone());
        Map::located(BTreeMap::from([(Arc::from(key), value)]), Map::ANY, origins)
    })
}
