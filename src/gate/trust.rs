//! Which hosts a run trusts: those that somebody else than the author of the change has named.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::place::Place;
use super::{PolicySource, Request, Session};
use crate::config::discover::Search;
use crate::config::{self, Config};
use crate::network::Trust;
use crate::source::{FILE_LIMIT, Tree, join};
use crate::text::{Address, Source, Sources};
use crate::yaml::{Document, Node};

/// What a change is measured against.
enum Base {
    /// The release branch where the change left it.
    Tree(Arc<dyn Tree>),
    /// There is a change, or may be one, and its base is not here.
    Missing,
    /// There is no change: what lies there is the user's own.
    Inapplicable,
}

/// The hosts that are trusted where a configuration counts. Before a change is merged, only those that the release branch's own
/// configuration names; everybody where there is no such branch, or nothing of the configuration is the change's.
pub(super) fn of(session: &Session, request: &Request, place: &Place, config: &Config) -> Trust {
    if request.policy.from != PolicySource::Nearest {
        return Trust::Everyone;
    }
    match base(session, request, place) {
        Base::Tree(base) => {
            let addresses = configured(&mut Search::default(), &*base, folder(place, config));
            Trust::hosts(addresses.iter().map(String::as_str))
        }
        Base::Missing => Trust::hosts([]),
        Base::Inapplicable => Trust::Everyone,
    }
}

/// The hosts that are trusted to have dependencies: before a change is merged, those that the release branch's configuration names, and
/// its own charts.
pub(super) fn of_dependencies<'a>(
    session: &Session,
    request: &Request,
    charts: impl Iterator<Item = (&'a Place, &'a str)>,
) -> Trust {
    if session.is_offline() {
        return Trust::Everyone;
    }
    let mut bases = BTreeMap::new();
    let mut addresses = vec![];
    for (place, folder) in charts {
        let of_place = bases.entry(std::ptr::from_ref(place));
        let (base, search) = of_place.or_insert_with(|| (base(session, request, place), Search::default()));
        if let Base::Tree(base) = base {
            addresses.extend(configured(search, &**base, folder));
            addresses.extend(repositories(&**base, folder));
        }
    }
    let is_users = bases.values().all(|(base, _)| matches!(base, Base::Inapplicable));
    if is_users { Trust::Everyone } else { Trust::hosts(addresses.iter().map(String::as_str)) }
}

fn base(session: &Session, request: &Request, place: &Place) -> Base {
    if place.is_archive {
        return Base::Inapplicable;
    }
    let is_change = session.surroundings.ci.target_branch.is_some();
    // The branch is not the configuration's to name.
    let tree = match session.log(request, place, &Config::default()) {
        Ok(log) => if is_change { log.tree() } else { log.fork() }.map(Arc::clone),
        // Whether this is a change is not known, nor what it was made from.
        Err(_) => return Base::Missing,
    };
    match tree {
        Some(tree) => Base::Tree(tree),
        None if is_change => Base::Missing,
        None => Base::Inapplicable,
    }
}

/// The addresses that the configuration of a tree names; none where it cannot be read.
fn configured(search: &mut Search, tree: &dyn Tree, folder: &str) -> Vec<String> {
    let found = search.nearest(tree, folder).ok().flatten();
    let text = found.and_then(|found| String::from_utf8(found.data).ok());
    text.map(|text| config::addresses(&text)).unwrap_or_default()
}

/// The repositories that a chart of a tree depends on; none where it cannot be read.
fn repositories(tree: &dyn Tree, folder: &str) -> Vec<String> {
    let read = |name: &str| {
        let text = String::from_utf8(tree.read(&join(folder, name), FILE_LIMIT).ok()?).ok()?;
        let source = Sources::new().add(Source::new("", Address::Rendered, text.as_str()));
        Document::parse(source, &text).ok()
    };
    let of = |root: &Node| {
        let all = root.get("dependencies").and_then(Node::as_seq).unwrap_or_default();
        let addresses = all.iter().filter_map(|one| one.get("repository")?.helm_text().map(Cow::into_owned));
        addresses.collect::<Vec<_>>()
    };
    ["Chart.yaml", "requirements.yaml"].into_iter().filter_map(read).flat_map(|document| of(&document.root)).collect()
}

/// The configuration's folder in the tree.
fn folder<'a>(place: &Place, config: &'a Config) -> &'a str {
    let shown = place.tree.shown("");
    config.folder.strip_prefix(&shown).unwrap_or(&config.folder).trim_start_matches('/')
}
