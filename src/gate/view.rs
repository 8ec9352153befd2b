//! A chart under a profile: its merged values, what it renders to, and the images that would run.

use std::sync::Arc;

use super::helms::{self, Doubt};
use super::lens::{Again, Lens, layers, options, render_with};
use super::merged::Merged;
use super::targets::{self, Targets, targets};
use super::timings::{self, Stage};
use crate::chart::Chart;
use crate::dependency::{Why, lacking, owner};
use crate::extract::{Above, ImageUse, rendered};
use crate::finding::{Failure, FailureKind};
use crate::image;
use crate::kubernetes::Minor;
use crate::kustomize::{self, Object};
use crate::profile::Profile;
use crate::render::{self, Comparing, ErrorKind, Options, Rendered};
use crate::rule::{Judged, ProfileView, Unfit};
use crate::source;
use crate::text::{Address, Location, Source, Sources, Span};
use crate::yaml::{Entry, Node, Value};

/// The chart under one of its profiles.
pub fn view(chart: &Chart, profile: &Profile, lens: Lens<'_>) -> ProfileView {
    one_of(chart, profile, lens, &mut Merged::new(&[], lens.cache))
}

/// The same under one of several.
pub(super) fn one_of(chart: &Chart, profile: &Profile, lens: Lens<'_>, merged: &mut Merged) -> ProfileView {
    let other = profile.own_values.as_ref().map(|values| chart.with_values(values));
    let chart = other.as_ref().unwrap_or(chart);
    let helm = profile.helm.major.unwrap_or(lens.helm);
    let own = chart.values.as_ref().and_then(|values| values.root());
    let defaults = own.cloned().unwrap_or_else(|| no_values(chart, lens.sources));
    let further = chart.values.iter().filter(|_| !helm.reads_first_document()).flat_map(|file| &file.documents);
    let own = further.map(|document| &document.root).skip(1);
    let layers: Vec<&Node> = own.chain(layers(profile, helm, lens.sources)).collect();
    // Beyond what a chart may hold, a profile is a failure, and nothing of it is kept.
    let (values, room) = match merged.of(&defaults, &layers, lens.cache) {
        Ok(values) => (values, Ok(())),
        Err(full) => (defaults, Err(full)),
    };
    let doubt = timings::stage(lens.timings, Stage::Helms, || helms::doubt(chart, profile, lens));
    let First { rendered, softened, overlaid, images } = match room {
        Ok(()) => timings::stage(lens.timings, Stage::Render, || first(chart, profile, lens, doubt)),
        Err(full) => First { rendered: Some(Err(full)), softened: None, overlaid: None, images: vec![] },
    };
    let again = match &rendered {
        Some(Ok(first)) if first.looks.chance => {
            timings::stage(lens.timings, Stage::Again, || again(chart, profile, lens, first))
        }
        _ => vec![],
    };
    let other_helm = timings::stage(lens.timings, Stage::Helms, || {
        rendered.as_ref().and_then(|own| helms::other(chart, profile, lens, (doubt, own)))
    });
    let Targets { judged: mut versions, mut unfit } = match (&rendered, &softened) {
        (Some(Ok(rendered)), _) => {
            timings::stage(lens.timings, Stage::Versions, || targets(chart, profile, lens, rendered))
        }
        (_, Some(softened)) => targets::of_softened(chart, profile, lens, softened),
        _ => Targets::default(),
    };
    if let [only] = versions.as_mut_slice() {
        only.overlaid.clone_from(&overlaid);
    }
    if versions.len() > 1 {
        let deployed = (images.clone(), overlaid.clone());
        let own = rendered.as_ref().and_then(|rendered| rendered.as_ref().ok()).map(|own| (own, &deployed));
        unfit.extend(add_images(&mut versions, own, profile, lens.sources));
    }
    let (upgrade, no_upgrade) = match (&rendered, versions.first()) {
        (Some(Ok(first)), Some(judged)) if asks_for_upgrade(chart, first) => {
            let upgrade = || upgrade(chart, profile, lens, (first, &judged.minors)).transpose();
            match timings::stage(lens.timings, Stage::Again, upgrade) {
                Ok(upgrade) => (upgrade, None),
                Err(error) => (None, Some(error)),
            }
        }
        _ => (None, None),
    };
    let mut view = ProfileView {
        upgrade,
        no_upgrade,
        is_upgrade: false,
        profile: profile.clone(),
        values,
        rendered,
        softened,
        overlaid,
        again,
        other_helm,
        images,
        unfit,
        versions,
    };
    trace(chart, &mut view, lens.sources);
    view
}

/// Adds what kustomize leaves for each version, and the images that would run; what is rendered for the profile's own has them already.
/// Returned are the versions for which kustomize makes nothing.
fn add_images(
    versions: &mut [Judged],
    own: Option<(&Arc<Rendered>, &Deployed)>,
    profile: &Profile,
    sources: &Sources,
) -> Vec<Unfit> {
    let mut unfit = vec![];
    for judged in versions {
        let known = own.filter(|(rendered, _)| Arc::ptr_eq(rendered, &judged.rendered));
        let deployed = known.map(|(_, deployed)| Ok(deployed.clone()));
        match deployed.unwrap_or_else(|| of_version(&judged.rendered, profile, sources)) {
            Ok(deployed) => (judged.images, judged.overlaid) = deployed,
            Err(error) => unfit.extend(judged.minors.last().map(|at| Unfit { minor: *at, error, nearest: *at })),
        }
    }
    unfit
}

/// Notes what sets images from above whose lines are in charts that somebody else publishes.
fn trace(chart: &Chart, view: &mut ProfileView, sources: &Sources) {
    if chart.parts().next().is_none() {
        return;
    }
    let laid_over = view.profile.values.iter().rev();
    let own = chart.values.iter().flat_map(|file| &file.documents).map(|document| &document.root);
    let is_file = |root: &&Node| {
        let address = &sources.get(root.location.source).address;
        root.as_map().is_some() && matches!(address, Address::Disk(_) | Address::Committed { .. })
    };
    let values = laid_over.chain(own).find(is_file).map(|root| root.location);
    let of_versions = view.versions.iter_mut().chain(&mut view.upgrade).flat_map(|judged| &mut judged.images);
    for used in view.images.iter_mut().chain(of_versions) {
        let owner = owner(chart, &sources.path(used.at), &used.manifest);
        let above = owner.and_then(|owner| Some((owner.foreign?.name.to_owned(), owner.keys)));
        used.above =
            above.map(|(name, keys)| Above { name, keys: keys.into_iter().map(str::to_owned).collect(), values });
    }
}

/// What a profile renders to as it is.
struct First {
    rendered: Attempt,
    softened: Option<Arc<Rendered>>,
    overlaid: Option<Arc<Rendered>>,
    images: Vec<ImageUse>,
}

fn first(chart: &Chart, profile: &Profile, lens: Lens<'_>, doubt: Doubt) -> First {
    let is_library = chart.metadata.as_ref().is_some_and(|metadata| metadata.text("type") == Some("library"));
    let rendered = if is_library {
        render::partials(chart, profile.helm.major.unwrap_or(lens.helm), lens.cache).err().map(Err)
    } else {
        chart.metadata.is_some().then(|| rendered(chart, profile, lens, doubt))
    };
    let (rendered, softened) = match rendered {
        Some(Err(error)) if error.is_partial() && !is_library => softened(chart, profile, lens, error),
        rendered => (rendered, None),
    };
    let seen = rendered.as_ref().and_then(|rendered| rendered.as_deref().ok()).or(softened.as_deref());
    let (built, refused) = match seen.and_then(|seen| built(seen, profile)) {
        Some(Ok(objects)) => (Some(objects), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let mut images = rendered::images(seen.filter(|_| refused.is_none()), built.as_deref(), lens.sources);
    // Where kustomize makes nothing, the profile does not render either.
    let rendered = match (rendered, refused) {
        (Some(Ok(_)), Some(error)) => Some(Err(error)),
        (rendered, _) => rendered,
    };
    let overlaid = match (&rendered, built) {
        (Some(Ok(rendered)), Some(built)) => rendered.overlaid(&built, lens.sources).map(Arc::new),
        _ => None,
    };
    if softened.is_some() {
        // What is not whole may be so for the value that is missing.
        images.retain(|used| image::problem(&used.written).is_none() && !used.image.is_bare());
    }
    First { rendered, softened, overlaid, images }
}

/// The images that would run, and what kustomize leaves, where it comes after Helm.
type Deployed = (Vec<ImageUse>, Option<Arc<Rendered>>);

/// What is deployed of what the profile renders to for another Kubernetes version.
///
/// # Errors
/// Why kustomize makes nothing of it.
fn of_version(whole: &Rendered, profile: &Profile, sources: &Sources) -> Result<Deployed, render::Error> {
    let built = built(whole, profile).transpose()?;
    let images = rendered::images(Some(whole), built.as_deref(), sources);
    Ok((images, built.and_then(|built| whole.overlaid(&built, sources)).map(Arc::new)))
}

type Attempt = Option<Result<Arc<Rendered>, render::Error>>;

/// What a chart renders to without the values that it asks for, as `helm lint` has it, and without templates that fail. What ends that is the
/// chart's own fault, or a limit, and takes the place of the question for a value.
fn softened(
    chart: &Chart,
    profile: &Profile,
    lens: Lens<'_>,
    first: render::Error,
) -> (Attempt, Option<Arc<Rendered>>) {
    let options = Options { softens: true, ..options(chart, profile, lens) };
    match render_with(chart, profile, lens, &options) {
        Ok(softened) => (Some(Err(first)), Some(softened)),
        Err(error) if first.is_refusal() && !error.is_refusal() => (Some(Err(error)), None),
        Err(_) => (Some(Err(first)), None),
    }
}

/// What kustomize makes of what was rendered; none where nothing comes after Helm.
fn built(whole: &Rendered, profile: &Profile) -> Option<Result<Vec<Object>, render::Error>> {
    let build = profile.build.as_ref()?;
    let roots: Vec<&Node> = whole.objects().map(|object| object.root).collect();
    let refused = |error: kustomize::Error| {
        let kind = if error.is_ours { ErrorKind::Limit } else { ErrorKind::Kustomize };
        render::Error::new(kind, format!("kustomize cannot build this: {error}"), [error.at])
    };
    Some(refused_key(whole, profile).map_or_else(|| build.objects(&roots).map_err(refused), Err))
}

/// A key that Helm takes, and kustomize does not.
fn refused_key(whole: &Rendered, profile: &Profile) -> Option<render::Error> {
    let mut objects = whole.objects();
    objects.find_map(|object| {
        let (entry, why) = faulty_key(object.root)?;
        let line = object.origins(entry.key.location).line();
        let (label, key) = (object.label(), entry.key.key_text());
        let message = format!("kustomize refuses the manifest of `{label}`: the key `{key}` {why}");
        Some(render::Error::new(ErrorKind::Kustomize, message, profile.found_at.into_iter().chain(line)))
    })
}

/// A key that stands twice in its mapping, or is none of JSON to Go's `yaml.v3`, which takes `on` and `yes` for texts; and what is wrong with it.
fn faulty_key(node: &Node) -> Option<(&Entry, &'static str)> {
    if let Some(items) = node.as_seq() {
        return items.iter().find_map(faulty_key);
    }
    let mapping = node.as_map()?;
    let is_text = |entry: &&Entry| match &entry.key.value {
        Value::Int(..) | Value::Uint(..) | Value::Float(..) => false,
        Value::Bool(_, word) => !["true", "false"].iter().any(|known| word.eq_ignore_ascii_case(known)),
        _ => true,
    };
    let doubled = mapping.duplicates().first().map(|(_, counts)| (*counts, "stands twice"));
    let other =
        || mapping.entries().iter().find(|entry| !is_text(entry)).map(|entry| (entry, "is no text: it wants quotes"));
    doubled.or_else(other).or_else(|| mapping.entries().iter().find_map(|entry| faulty_key(&entry.value)))
}

fn rendered(chart: &Chart, profile: &Profile, lens: Lens<'_>, doubt: Doubt) -> Result<Arc<Rendered>, render::Error> {
    let comparing = if let Doubt::Some { comparing, .. } = doubt { comparing } else { Comparing::Nothing };
    let options = Options { comparing, ..options(chart, profile, lens) };
    render_with(chart, profile, lens, &options)
}

/// What the chart renders to another time, where that differs.
fn again(chart: &Chart, profile: &Profile, lens: Lens<'_>, first: &Arc<Rendered>) -> Vec<Arc<Rendered>> {
    const OTHER_SEED: u64 = 0x5EED;
    /// A year, some months, days, hours, minutes, seconds and nanoseconds.
    const LATER: i64 = 37_343_231_123_456_789;
    if lens.again == Again::Never || (lens.again == Again::Templated && !profile.is_templated) {
        return vec![];
    }
    let plain = options(chart, profile, lens);
    let cluster = (!profile.is_templated).then(|| Arc::clone(first));
    let like = Some(Arc::clone(first));
    let options = Options { seed: OTHER_SEED, now: plain.now + LATER, cluster, like, ..plain };
    let upgrade = Options { is_upgrade: true, revision: 2, ..options.clone() };
    let mut different = vec![];
    // What Argo CD renders is always an installation.
    for options in std::iter::once(options).chain((!profile.is_templated).then_some(upgrade)) {
        match render_with(chart, profile, lens, &options) {
            Ok(other) if !other.is_same_as(first) => different.push(other),
            _ => return vec![],
        }
    }
    different
}

/// Whether a template asks if the release is there already.
fn asks_for_upgrade(chart: &Chart, first: &Rendered) -> bool {
    if !(first.looks.release || first.looks.cluster) {
        return false;
    }
    let charts = chart.with_dependencies();
    let mut templates = charts.iter().flat_map(|chart| &chart.templates);
    templates
        .any(|template| ["IsUpgrade", "IsInstall", "Release.Revision"].iter().any(|word| template.text.contains(word)))
}

/// What an upgrade renders, where that is something else; what Argo CD renders is always an installation.
fn upgrade(
    chart: &Chart,
    profile: &Profile,
    lens: Lens<'_>,
    (first, minors): (&Arc<Rendered>, &[Minor]),
) -> Option<Result<Judged, render::Error>> {
    if profile.is_templated || !lens.cache.has_plenty() {
        return None;
    }
    let plain = options(chart, profile, lens);
    // What the installation made is there to be looked up.
    let (cluster, like, kube_version) = (Some(Arc::clone(first)), Some(Arc::clone(first)), first.kube_version.clone());
    let options = Options { is_upgrade: true, revision: 2, cluster, like, kube_version, ..plain };
    let made = match render_with(chart, profile, lens, &options) {
        Ok(made) if made.is_same_as(first) => return None,
        Ok(made) => made,
        Err(error) => return Some(Err(error)),
    };
    let deployed = match of_version(&made, profile, lens.sources) {
        Ok(deployed) => deployed,
        Err(error) => return Some(Err(error)),
    };
    let mut judged = Judged::new(made, minors.to_vec(), lens.admitted);
    (judged.images, judged.overlaid) = deployed;
    Some(Ok(judged))
}

/// Values for a chart without any: null, in a values.yaml that does not exist.
fn no_values(chart: &Chart, sources: &Sources) -> Node {
    let path = source::join(&chart.folder, "values.yaml");
    let id = sources.add(Source::new(chart.tree.shown(&path), chart.tree.address(&path), ""));
    Node::null(Location::new(id, Span::default()))
}

/// Why a chart could not be rendered where that is not the chart's fault: a limit, or dependencies that are not there.
pub(super) fn unrendered(chart: &Chart, views: &[ProfileView]) -> Vec<Failure> {
    let missing = if views.iter().all(|view| view.rendered.is_none()) { vec![] } else { lacking(chart) };
    // What lies in repositories was looked for, and what was not found was said.
    if !missing.is_empty() {
        let unsaid = missing.iter().filter(|lack| lack.why != Why::Elsewhere);
        return unsaid.map(|lack| lack.failure(chart)).collect();
    }
    let open = |view: &ProfileView| {
        let unrendered = view.rendered.as_ref()?.as_ref().err();
        let mut errors =
            unrendered.into_iter().chain(view.unfit.iter().map(|unfit| &unfit.error)).chain(&view.no_upgrade);
        let error = errors.find(|error| error.is_open())?;
        let kind = if error.kind == ErrorKind::Limit { FailureKind::Limit } else { FailureKind::Render };
        let failure = Failure::new(kind, error.message.clone()).of_chart(&chart.path);
        let failure = failure.of_profile(&view.profile.name);
        Some(error.at.last().map_or(failure.clone(), |at| failure.clone().at(*at)))
    };
    // A chart that could not be read whole has said so already.
    let is_whole = chart.with_dependencies().iter().all(|chart| chart.failures.is_empty());
    if is_whole { views.iter().filter_map(open).collect() } else { vec![] }
}
