//! Production that a change takes away beside the configuration: a values file that is gone, a chart that moved from under its profile.

use std::path::Path;
use std::sync::Arc;

use super::fact::HELP;
use crate::chart;
use crate::chart::values_file::{Kind, kind, production_word};
use crate::config::{Config, ProfileConfig};
use crate::gate::judge::Judged;
use crate::gate::plan::{Plan, Planned};
use crate::gate::profiles;
use crate::profile;
use crate::published::Earlier;
use crate::rule::Fact;
use crate::source::{Error as SourceError, FILE_LIMIT, Tree, below, join, normal};
use crate::text::Sources;

/// A chart now, and where it was.
struct Pair<'a> {
    planned: &'a Planned,
    judged: &'a Judged,
    config: &'a Config,
    /// The whole state before the change.
    earlier: Arc<dyn Tree>,
    /// The chart's folder there.
    folder: String,
}

/// The profiles of production under which a chart was judged before and is not any more.
pub(super) fn production(
    plan: &Plan<'_>,
    planned: &Planned,
    judged: &Judged,
    before: Option<Earlier>,
    sources: &Sources,
) -> Result<Vec<Fact>, String> {
    let Some(Earlier { tree: earlier, folder }) = before else { return Ok(vec![]) };
    let pair = Pair { planned, judged, config: plan.config(planned), earlier, folder };
    if pair.config.profiles.is_empty() {
        pair.by_name(sources).map_err(|error| error.to_string())
    } else {
        let gone = pair.config.profiles.iter().filter_map(|declared| pair.configured(declared).transpose());
        gone.collect::<Result<_, _>>().map_err(|error| error.to_string())
    }
}

impl Pair<'_> {
    /// A profile of the configuration that the chart fell out of.
    fn configured(&self, declared: &ProfileConfig) -> Result<Option<Fact>, SourceError> {
        let name = &declared.name.value;
        if !declared.production || self.judged.known_profiles.contains(name) {
            return Ok(None);
        }
        let (was, is) = (self.earlier.shown(&self.folder), &self.judged.path);
        if !profiles::applies(declared, &was) {
            return Ok(None);
        }
        let mut gone = None;
        for file in &declared.values {
            let at = |folder: &str| normal(folder, Path::new(&file.value));
            let (Some(before), Some(now)) = (at(&self.folder), at(&self.planned.folder)) else { return Ok(None) };
            if !is_there(&*self.earlier, &before)? {
                return Ok(None);
            }
            if !is_there(&*self.planned.tree, &now)? {
                gone.get_or_insert(now);
            }
        }
        let why = match gone {
            Some(file) => format!("`{file}` is gone"),
            None => format!("it moved from `{was}`"),
        };
        Ok(Some(Fact {
            kind: "profile",
            at: declared.name.at,
            related: vec![],
            subject: format!("profile {name} {is}"),
            message: format!("`{is}` is no longer judged under the production profile `{name}`: {why}"),
            help: HELP.to_owned(),
        }))
    }

    /// Values files whose names made them profiles of production. One that was only renamed and still is production is not missed.
    fn by_name(&self, sources: &Sources) -> Result<Vec<Fact>, SourceError> {
        let stem = |path: &str| path.rsplit_once('.').map_or(path, |(stem, _)| stem).to_owned();
        let is_judged = |path: &String| self.judged.known_profiles.contains(&stem(path));
        let was = of_production(&*self.earlier, &self.folder)?;
        let gone: Vec<&String> = was.iter().filter(|path| !is_judged(path)).collect();
        if gone.is_empty() {
            return Ok(vec![]);
        }
        let (tree, folder) = (&self.planned.tree, &self.planned.folder);
        let is = of_production(&**tree, folder)?;
        let new = is.iter().filter(|path| !was.contains(path) && is_judged(path));
        let new = new.map(|path| tree.read(&join(folder, path), FILE_LIMIT));
        let new: Vec<Vec<u8>> = new.collect::<Result<_, _>>()?;
        let profiles = profile::beside(&chart::load(&self.earlier, &self.folder, &Sources::new())).profiles;
        let mut facts = vec![];
        for path in gone {
            let name = stem(path);
            let was_judged = profiles.iter().any(|profile| profile.production && profile.name == name);
            let content = self.earlier.read(&join(&self.folder, path), FILE_LIMIT)?;
            if !was_judged || new.contains(&content) {
                continue;
            }
            let why = if is.contains(path) { "holds no values of the chart any more" } else { "is not there any more" };
            facts.push(Fact {
                kind: "profile",
                at: self.planned.start(sources)?,
                related: vec![],
                subject: format!("profile {path}"),
                message: format!("the production profile `{name}` is gone: `{path}` {why}"),
                help: HELP.to_owned(),
            });
        }
        Ok(facts)
    }
}

fn is_there(tree: &dyn Tree, path: &str) -> Result<bool, SourceError> {
    match tree.read(path, FILE_LIMIT) {
        Ok(_) => Ok(true),
        Err(SourceError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Files of a chart whose names say that they are values of production, below its folder.
fn of_production(tree: &dyn Tree, folder: &str) -> Result<Vec<String>, SourceError> {
    let entries = tree.list(folder)?;
    let paths = entries.iter().filter_map(|entry| below(&entry.path, folder));
    let is_production =
        |path: &&str| kind(path).is_some_and(|kind| kind != Kind::Test) && production_word(path).is_some();
    Ok(paths.filter(is_production).map(str::to_owned).collect())
}
