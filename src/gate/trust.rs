//! Which hosts a run trusts: those that somebody else than the author of the change has named.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::naming;
use super::place::Place;
use super::plan::{Plan, Planned};
use super::seat::Seat;
use super::{Request, Session};
use crate::config::discover::Search;
use crate::config::{self, Config};
use crate::extract::ImageUse;
use crate::network::Trust;
use crate::rule::ProfileView;
use crate::source::{FILE_LIMIT, Tree, below, join};
use crate::text::{Address, Location, Source, Sources};
use crate::yaml::{Document, Node};

/// What a change is measured against.
#[derive(Debug)]
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
    of_folder(session, request, place, place.folder_of(config))
}

/// The same for the configuration that is nearest to a folder of the place's tree.
pub(super) fn of_folder(session: &Session, request: &Request, place: &Place, folder: &str) -> Trust {
    let seat = Seat::of(request, place, folder);
    if seat.is_outside() || request.policy.from.revision.is_some() {
        return Trust::Everyone;
    }
    match base(session, request, place) {
        Base::Tree(base) => trusted(session, &*base, &seat),
        Base::Missing => Trust::hosts([]),
        Base::Inapplicable => Trust::Everyone,
    }
}

/// The hosts that the configuration of a tree names.
pub(super) fn trusted(session: &Session, tree: &dyn Tree, seat: &Seat) -> Trust {
    let addresses = configured(session, &mut Search::default(), tree, seat);
    Trust::hosts(addresses.iter().map(String::as_str))
}

/// The hosts that are trusted to have dependencies: before a change is merged, those that the release branch's configuration names, and
/// its own charts.
pub(super) fn of_dependencies<'a>(
    session: &Session,
    request: &Request,
    charts: impl Iterator<Item = (&'a Place, Seat, &'a str)>,
) -> Trust {
    if session.is_offline() {
        return Trust::Everyone;
    }
    let mut bases = BTreeMap::new();
    let mut addresses = vec![];
    for (place, seat, folder) in charts {
        let of_place = bases.entry(std::ptr::from_ref(place));
        let (base, search) = of_place.or_insert_with(|| (base(session, request, place), Search::default()));
        if let Base::Tree(base) = base {
            addresses.extend(configured(session, search, &**base, &seat));
            addresses.extend(repositories(&**base, folder));
        }
    }
    let is_users = bases.values().all(|(base, _)| matches!(base, Base::Inapplicable));
    if is_users { Trust::Everyone } else { Trust::hosts(addresses.iter().map(String::as_str)) }
}

/// What the release branch says of registries that images come from, for each place of a plan.
#[derive(Debug)]
pub(super) struct ImageHosts(Vec<OnceLock<Base>>);

/// Where an image without a host comes from, which no change has named.
const HUB: &str = "docker.io";

impl ImageHosts {
    pub(super) fn new(plan: &Plan<'_>) -> Self {
        Self(plan.places.iter().map(|_| OnceLock::new()).collect())
    }

    /// The registries that may be asked for the images of a chart as whoever runs it: those that the release branch's configuration names, and
    /// those that its files name where the images are set. An address of this machine or a number is only for the configuration to name.
    pub(super) fn trusted(
        &self,
        plan: &Plan<'_>,
        planned: &Planned,
        views: &[ProfileView],
        sources: &Sources,
    ) -> Trust {
        let place = plan.ground(planned);
        let base = self.0[planned.ground.place].get_or_init(|| base(plan.session, plan.request, place));
        let tree = match base {
            Base::Tree(tree) => &**tree,
            Base::Missing => return Trust::hosts([HUB]),
            Base::Inapplicable => return Trust::Everyone,
        };
        let mut hosts = configured(plan.session, &mut Search::default(), tree, &plan.seat(planned));
        hosts.push(HUB.to_owned());
        let mut texts = BTreeMap::new();
        for used in views.iter().flat_map(ProfileView::all_images) {
            let (host, _) = used.image.home();
            if hosts.contains(&host) || !is_name(&host) {
                continue;
            }
            let named = places(used).any(|at| {
                let path = tree_path(place, &sources.path_of(at.source));
                let text = texts.entry(path).or_insert_with_key(|path| text(tree, path));
                text.as_deref().is_some_and(|text| is_named(text, &host))
            });
            hosts.extend(named.then_some(host));
        }
        Trust::hosts(hosts.iter().map(String::as_str))
    }
}

/// The places that make an image what it is.
fn places(used: &ImageUse) -> impl Iterator<Item = Location> {
    let made = used.set_by.iter().copied().chain(used.template).chain(used.helper);
    std::iter::once(used.at).chain(made)
}

/// The path in the place's tree of a file that is shown under another.
fn tree_path(place: &Place, shown: &str) -> String {
    let root = place.tree.shown("");
    below(shown, if root == "." { "" } else { &root }).unwrap_or(shown).to_owned()
}

fn text(tree: &dyn Tree, path: &str) -> Option<String> {
    String::from_utf8(tree.read(path, FILE_LIMIT).ok()?).ok()
}

/// Whether a host is a name, and not this machine's.
fn is_name(host: &str) -> bool {
    let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
    let is_number = bare.starts_with('[')
        || bare.rsplit('.').next().is_some_and(|last| last.starts_with(|first: char| first.is_ascii_digit()));
    !is_number && bare != "localhost" && !bare.ends_with(".localhost")
}

/// Whether a text names a host, and not a part of another's name.
fn is_named(text: &str, host: &str) -> bool {
    let is_inside = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_'))
    };
    text.match_indices(host).any(|(at, _)| {
        let behind = text[at + host.len()..].chars().next();
        !is_inside(text[..at].chars().next_back()) && !is_inside(behind)
    })
}

fn base(session: &Session, request: &Request, place: &Place) -> Base {
    // Who takes the policy from a revision judges a change of it.
    if request.policy.from.revision.is_some() && !place.is_archive {
        return Base::Tree(Arc::clone(&place.policy));
    }
    let is_change = session.surroundings.ci.target_branch.is_some();
    // The branch is not the configuration's to name.
    let tree = match session.log_by(request, place, None) {
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

/// The addresses that the configuration of a tree names, in files that it extends as well; none where it cannot be read.
fn configured(session: &Session, search: &mut Search, tree: &dyn Tree, seat: &Seat) -> Vec<String> {
    naming::named(session, search, tree, seat, &config::addresses)
}

/// The repositories that a chart of a tree depends on; none where it cannot be read.
fn repositories(tree: &dyn Tree, folder: &str) -> Vec<String> {
    let read = |name: &str| {
        let text = String::from_utf8(tree.read(&join(folder, name), FILE_LIMIT).ok()?).ok()?;
        let source = Sources::new().add(Source::new("", Address::Rendered, text.as_str()));
        Document::parse(source, &text).ok()
    };
    let of = |root: &Node| {
        let all = root.items("dependencies");
        let addresses = all.iter().filter_map(|one| one.get("repository")?.helm_text().map(Cow::into_owned));
        addresses.collect::<Vec<_>>()
    };
    ["Chart.yaml", "requirements.yaml"].into_iter().filter_map(read).flat_map(|document| of(&document.root)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_whole_and_is_no_number() {
        for text in ["image: ghcr.io/acme/web", "registry: \"ghcr.io\"", "- ghcr.io"] {
            assert!(is_named(text, "ghcr.io"), "{text}");
        }
        for text in ["image: xghcr.io/a", "ghcr.io.evil.example/a", "my-ghcr.io", ""] {
            assert!(!is_named(text, "ghcr.io"), "{text}");
        }
        assert!(is_name("ghcr.io") && is_name("registry:5000"));
        for host in ["127.0.0.1:5000", "169.254.169.254", "[::1]:80", "localhost:5000", "a.localhost"] {
            assert!(!is_name(host), "{host}");
        }
    }
}
