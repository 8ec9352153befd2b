//! Admission: what the API server would refuse in the objects of a rendering.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;

use crate::budget::{Budget, Exceeded};
use crate::kubernetes::{self, Minor};
use crate::render::{Object, Rendered};
use crate::schema::{self, Violation};
use crate::text::Location;
use crate::yaml::Node;

mod conditions;
mod keys;
mod kind;
pub mod labels;
mod walk;
pub mod workload;

/// Something that the API server would refuse.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The position of the object among those of the rendering.
    pub object: usize,
    /// What is wrong with it.
    pub violation: Violation,
    /// The oldest and the newest of the versions asked for that refuse it.
    pub minors: (Minor, Minor),
}

/// What the API server says of a rendering.
#[derive(Debug, Clone, Default)]
pub struct Admission {
    /// What it refuses, object by object.
    pub refusals: Vec<Refusal>,
    /// Objects that could not be judged, by their position, and the bound that was reached.
    pub unjudged: Vec<(usize, Exceeded)>,
}

/// What was found wrong with objects before: renderings of a chart have most documents in common. Shared between threads.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<Asked, Vec<Spanned>>>);

/// Where an object stands, and the versions that it is judged for.
type Asked = (Location, Vec<Minor>);

impl Known {
    fn all(&self, object: &Object<'_>, minors: &[Minor], budget: &Budget) -> Result<Vec<Spanned>, Exceeded> {
        // What kustomize leaves lies where it was rendered, and differs from profile to profile.
        if object.manifest.is_overlaid {
            return all(object, minors, budget);
        }
        // A panic elsewhere leaves the map whole.
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (object.root.location, minors.to_vec());
        if let Some(found) = kept().get(&key) {
            return Ok(found.clone());
        }
        let found = all(object, minors, budget)?;
        kept().insert(key, found.clone());
        Ok(found)
    }
}

/// Judges every object of Kubernetes' own kinds at each of some versions, and the metadata of all others.
pub fn judge(rendered: &Rendered, minors: &[Minor], known: &Known) -> Admission {
    let budget = schema::budget();
    let mut admission = Admission::default();
    for (position, object) in rendered.objects().enumerate() {
        match known.all(&object, minors, &budget) {
            Ok(found) => {
                let refusal = |(violation, minors)| Refusal { object: position, violation, minors };
                admission.refusals.extend(found.into_iter().map(refusal));
            }
            Err(exceeded) => admission.unjudged.push((position, exceeded)),
        }
    }
    admission
}

/// A violation with the oldest and the newest version that refuses it.
type Spanned = (Violation, (Minor, Minor));

/// What is wrong with an object, each with the oldest and the newest version that refuses it.
fn all(object: &Object<'_>, minors: &[Minor], budget: &Budget) -> Result<Vec<Spanned>, Exceeded> {
    let minors: Vec<Minor> = minors.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let (Some(first), Some(last)) = (minors.first(), minors.last()) else { return Ok(vec![]) };
    let (low, high) =
        (at(object, *first, budget)?, if first == last { None } else { Some(at(object, *last, budget)?) });
    let mut found: IndexMap<(Location, String), Spanned> = IndexMap::new();
    let mut add = |violations: Vec<Violation>, minor: Minor| {
        for violation in violations {
            let known = found.entry((violation.location, violation.message.clone()));
            known.or_insert((violation, (minor, minor))).1.1 = minor;
        }
    };
    // What the oldest and the newest say alike, those between say too.
    let differs = high
        .as_ref()
        .is_some_and(|high| low.len() != high.len() || low.iter().zip(high).any(|(left, right)| !is_same(left, right)));
    add(low, *first);
    for minor in minors.iter().filter(|minor| differs && *minor != first && *minor != last) {
        add(at(object, *minor, budget)?, *minor);
    }
    add(high.unwrap_or_default(), *last);
    Ok(found.into_values().collect())
}

fn is_same(left: &Violation, right: &Violation) -> bool {
    (left.location, &left.message) == (right.location, &right.message)
}

fn at(object: &Object<'_>, minor: Minor, budget: &Budget) -> Result<Vec<Violation>, Exceeded> {
    let Some(shape) = kubernetes::shape(object.api_version(), object.kind(), minor) else {
        return of_other(object, minor, budget);
    };
    let mut found = schema::own(object.root, shape, budget)?;
    found.extend(conditions::broken(object.root, shape));
    found.sort();
    found.dedup_by(|right, left| right.location == left.location && right.message == left.message);
    Ok(found)
}

/// What is wrong with an object whose kind a version has no definition of: its metadata is that of every kind.
fn of_other(object: &Object<'_>, minor: Minor, budget: &Budget) -> Result<Vec<Violation>, Exceeded> {
    let mut found: Vec<Violation> = kind::unknown(object, minor).into_iter().collect();
    if !object.kind().is_empty() && !object.api_version().is_empty() {
        found.extend(schema::metadata(object.root, minor, budget)?);
        found.extend(conditions::broken_by_metadata(object.root, minor));
    }
    Ok(found)
}

/// What is wrong with a document of the API server's own kinds that no template made.
///
/// # Errors
/// [`Exceeded`] where judging it takes more than it may.
pub fn document(root: &Node, minor: Minor) -> Result<Vec<Violation>, Exceeded> {
    let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default();
    let Some(shape) = kubernetes::shape(text("apiVersion"), text("kind"), minor) else { return Ok(vec![]) };
    let mut found = schema::own(root, shape, &schema::budget())?;
    found.extend(conditions::broken(root, shape));
    Ok(found)
}

pub use keys::duplicates;
