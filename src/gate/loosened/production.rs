//! Production that a change takes away beside the configuration: a values file that is gone, a chart that moved from under its profile.

use std::path::Path;
use std::sync::Arc;

use super::HELP;
use crate::chart;
use crate::chart::values_file::{Kind, kind, production_word};
use crate::config::{Config, ProfileConfig};
use crate::gate::judge::Judged;
use crate::gate::place::normal;
use crate::gate::plan::{Plan, Planned};
use crate::gate::profiles;
use crate::profile;
use crate::published::Earlier;
use crate::published::git::Log;
use crate::rule::Fact;
use crate::source::{Error as SourceError, FILE_LIMIT, Tree, below, join};
use crate::text::{Location, Sources, Span};

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
    log: &Log,
    sources: &Sources,
) -> Result<Vec<Fact>, String> {
    if planned.release.is_some() {
        return Ok(vec![]);
    }
    let before = log.before(judged.name.as_deref(), &planned.folder, &*planned.tree);
    let Some(Earlier { tree: earlier, folder }) = before.map_err(|failure| failure.message)? else { return Ok(vec![]) };
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
        let was = of_production(&*self.earlier, &self.folder)?;
        let is = of_production(&*self.planned.tree, &self.planned.folder)?;
        let gone: Vec<&String> = was.iter().filter(|path| !is.contains(path)).collect();
        if gone.is_empty() {
            return Ok(vec![]);
        }
        let new = is.iter().filter(|path| !was.contains(path));
        let new = new.map(|path| self.planned.tree.read(&join(&self.planned.folder, path), FILE_LIMIT));
        let new: Vec<Vec<u8>> = new.collect::<Result<_, _>>()?;
        let profiles = profile::beside(&chart::load(&self.earlier, &self.folder, &Sources::new())).profiles;
        let mut facts = vec![];
        for path in gone {
            let stem = path.rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem);
            let was_judged = profiles.iter().any(|profile| profile.production && profile.name == stem);
            let content = self.earlier.read(&join(&self.folder, path), FILE_LIMIT)?;
            if was_judged && !new.contains(&content) {
                facts.extend(self.place(sources).map(|at| Fact {
                    kind: "profile",
                    at,
                    related: vec![],
                    subject: format!("profile {path}"),
                    message: format!("`{path}` is gone, and with it the production profile `{stem}`"),
                    help: HELP.to_owned(),
                }));
            }
        }
        Ok(facts)
    }

    /// The start of the chart's Chart.yaml.
    fn place(&self, sources: &Sources) -> Option<Location> {
        let path = join(if self.judged.path == "." { "" } else { &self.judged.path }, "Chart.yaml");
        let mut texts = self.judged.texts.keys();
        texts.find(|id| sources.get(**id).path == path).map(|id| Location::new(*id, Span::default()))
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
