//! What kustomize makes of objects: parts gathered, then changed step by step, as `kustomize build` of 5.8 does it.
//!
//! It knows nothing of files: `gitops` reads kustomizations into [`Build`]s, and rendering hands in the chart's manifests.

use std::collections::HashSet;
use std::sync::Arc;

use crate::budget::{self, Budget};
use crate::text::Location;
use crate::yaml::{Document, Node};

pub mod edit;
mod gathered;
pub mod id;
pub mod image;
mod jsonpatch;
mod merge;
mod metadata;
mod patch;
mod replacement;
pub mod selector;

pub use image::{FieldSpec, ImageOverride};
pub use patch::{Patch, PatchBody};
pub use replacement::{Options, Reference, Replacement, Source, Target};
pub use selector::Selector;

use gathered::Gathered;
use id::Id;
use image::Overridden;

/// Objects after kustomize: what they may take is bounded, since patches multiply.
const MOST: usize = 100_000;

/// Objects that steps look at, and nodes of those that they change, in one build.
const CHANGED: u64 = 10_000_000;

/// Takes steps of that, as far as there are any.
type Spend<'a> = &'a dyn Fn(usize) -> Result<(), Error>;

/// A kustomization: what it gathers, and what it then does to all of that.
#[derive(Debug, Clone, Default)]
pub struct Build {
    /// What is gathered, in kustomize's order.
    pub parts: Vec<Part>,
    /// What is done to it, in kustomize's order.
    pub steps: Vec<Step>,
}

/// Something that a kustomization gathers.
#[derive(Debug, Clone)]
pub enum Part {
    /// The manifests of the chart that is judged, and the line that asks for them.
    Chart(Location),
    /// Objects that are not known here: those of other charts.
    Elsewhere,
    /// The manifests of a chart that another line asks for.
    Rendered {
        /// The line.
        at: Location,
        /// The manifests.
        manifests: Arc<Vec<Node>>,
    },
    /// An object that is written out.
    Object(Document),
    /// An object that the kustomization makes of its own lines and files.
    Generated {
        /// The object.
        document: Document,
        /// What becomes of one that is there already.
        behavior: Behavior,
    },
    /// Another kustomization.
    Build(Arc<Build>),
}

/// What a generator does where its object is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    /// It makes a new one, and none may be there.
    Create,
    /// Its data are laid over those of the one that is there.
    Merge,
    /// It takes the place of the one that is there.
    Replace,
}

/// One change, and the line that asks for it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The line.
    pub at: Location,
    /// The change.
    pub change: Change,
}

/// What is done to the objects gathered so far.
#[derive(Debug, Clone)]
pub enum Change {
    /// A strategic merge or a JSON patch.
    Patch(Patch),
    /// `namespace`.
    Namespace(String),
    /// `namePrefix` and `nameSuffix`.
    Rename {
        /// Before the name.
        prefix: String,
        /// Behind the name.
        suffix: String,
    },
    /// Labels or annotations that every object gets.
    Mark {
        /// `labels` or `annotations`.
        field: &'static str,
        /// The pairs: a mapping.
        pairs: Node,
    },
    /// An entry of `images`.
    Image(ImageOverride),
    /// An entry of `replicas`.
    Scale {
        /// What is scaled.
        name: String,
        /// To how many.
        count: Node,
    },
    /// An entry of `replacements`.
    Replace(Replacement),
}

/// An object on its way through kustomizations.
#[derive(Debug, Clone)]
pub struct Object {
    /// The object as it stands.
    pub root: Node,
    /// Which of the chart's manifests it was; none for one that is written out.
    pub rendered: Option<usize>,
    /// The images that entries of `images` changed.
    pub overridden: Vec<Overridden>,
    /// What it was called before, oldest first.
    former: Vec<Id>,
}

/// Why there are no objects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The line that asks for what cannot be done.
    pub at: Location,
    /// Why, in lower case.
    pub message: String,
    /// Whether kustomize might do it and only we do not.
    pub is_ours: bool,
    /// Whether it is that an object is there twice.
    pub is_double: bool,
}

impl Error {
    /// What kustomize refuses.
    fn refused(at: Location, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), is_ours: false, is_double: false }
    }

    /// An object that is there twice.
    fn double(at: Location, message: impl Into<String>) -> Self {
        Self { is_double: true, ..Self::refused(at, message) }
    }

    /// What kustomize does and we do not.
    fn ours(at: Location, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), is_ours: true, is_double: false }
    }

    /// What takes more work than is done here.
    fn costly(at: Location, exceeded: budget::Exceeded) -> Self {
        Self::ours(at, format!("what its steps do is too much: {exceeded}"))
    }
}

impl Object {
    fn new(root: Node, rendered: Option<usize>) -> Self {
        Self { root, rendered, overridden: vec![], former: vec![] }
    }

    /// What it is called now.
    pub fn id(&self) -> Id {
        Id::of(&self.root)
    }

    /// What it is called now and was called before, newest first.
    fn ids(&self) -> impl Iterator<Item = Id> + '_ {
        std::iter::once(self.id()).chain(self.former.iter().rev().cloned())
    }

    /// What it was called at first.
    fn original(&self) -> Id {
        self.former.first().cloned().unwrap_or_else(|| self.id())
    }

    fn remember(&mut self) {
        let id = self.id();
        let id = Id { namespace: id.effective_namespace().to_owned(), ..id };
        if self.former.last() != Some(&id) {
            self.former.push(id);
        }
    }
}

impl Build {
    /// The objects that `kustomize build` prints, where the chart renders to `rendered`.
    ///
    /// # Errors
    /// What kustomize refuses, and what of its work is not followed here.
    pub fn objects(&self, rendered: &[&Node]) -> Result<Vec<Object>, Error> {
        let mut objects = self.gathered(rendered, &Budget::new(CHANGED, 1))?;
        objects.retain(|object| !is_local(&object.root));
        self.all_apart(&objects)?;
        Ok(objects)
    }

    /// Refuses two objects of one identity, which the last changes may leave.
    fn all_apart(&self, objects: &[Object]) -> Result<(), Error> {
        let mut known = HashSet::new();
        let twice = objects.iter().map(Object::id).find(|id| !id.name.is_empty() && !known.insert(id.key()));
        let Some(id) = twice else { return Ok(()) };
        let at = self.steps.last().map(|step| step.at).or_else(|| objects.last().map(|object| object.root.location));
        let refused = |at| Error::double(at, format!("`{}` is there twice in the end", id.label()));
        at.map_or(Ok(()), |at| Err(refused(at)))
    }

    fn gathered(&self, rendered: &[&Node], budget: &Budget) -> Result<Vec<Object>, Error> {
        let mut gathered = Gathered::new(self.is_whole());
        for part in &self.parts {
            match part {
                Part::Chart(at) => {
                    for (index, root) in rendered.iter().enumerate() {
                        flattened(root, Some(index)).into_iter().try_for_each(|object| gathered.add(object, *at))?;
                    }
                }
                Part::Elsewhere => {}
                Part::Rendered { at, manifests } => {
                    let objects = manifests.iter().flat_map(|root| flattened(root, Some(0)));
                    objects.into_iter().try_for_each(|object| gathered.add(object, *at))?;
                }
                Part::Object(document) => {
                    let at = document.root.location;
                    flattened(&document.root, None).into_iter().try_for_each(|object| gathered.add(object, at))?;
                }
                Part::Generated { document, behavior } => gathered.generate(document, *behavior)?,
                Part::Build(build) => {
                    let at = build.steps.first().map(|step| step.at);
                    for object in build.gathered(rendered, budget)? {
                        let at = at.unwrap_or(object.root.location);
                        gathered.add(object, at)?;
                    }
                }
            }
        }
        let mut objects = gathered.objects;
        let is_whole = self.is_whole();
        for step in &self.steps {
            step.apply(&mut objects, is_whole, budget)?;
            if objects.len() > MOST {
                return Err(Error::ours(step.at, format!("a kustomization makes more than {MOST} objects")));
            }
        }
        Ok(objects)
    }

    /// Whether every object that it gathers is known.
    fn is_whole(&self) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Elsewhere => false,
            Part::Chart(_) | Part::Rendered { .. } | Part::Object(_) | Part::Generated { .. } => true,
            Part::Build(build) => build.is_whole(),
        })
    }

    /// The line that asks for the chart that is judged; none where no kustomization inflates it.
    pub fn chart(&self) -> Option<Location> {
        self.parts.iter().find_map(|part| match part {
            Part::Chart(at) => Some(*at),
            Part::Build(build) => build.chart(),
            Part::Elsewhere | Part::Rendered { .. } | Part::Object(_) | Part::Generated { .. } => None,
        })
    }

    /// Every place that it was read from.
    pub fn places(&self) -> Vec<Location> {
        let of_part = |part: &Part| match part {
            Part::Chart(_) | Part::Elsewhere | Part::Rendered { .. } => vec![],
            Part::Object(document) | Part::Generated { document, .. } => vec![document.root.location],
            Part::Build(build) => build.places(),
        };
        let steps = self.steps.iter().flat_map(|step| std::iter::once(step.at).chain(step.change.place()));
        self.parts.iter().flat_map(of_part).chain(steps).collect()
    }

    /// The objects that are written out beside the chart.
    pub fn written(&self) -> Vec<&Document> {
        let of_part = |part| match part {
            &Part::Chart(_) | &Part::Elsewhere | &Part::Rendered { .. } => vec![],
            Part::Object(document) | Part::Generated { document, .. } => vec![document],
            Part::Build(build) => build.written(),
        };
        self.parts.iter().flat_map(of_part).collect()
    }

    /// Every entry of `images`, innermost first.
    pub fn overrides(&self) -> Vec<&ImageOverride> {
        let inner = self.parts.iter().flat_map(|part| match part {
            Part::Build(build) => build.overrides(),
            _ => vec![],
        });
        let own = self.steps.iter().filter_map(|step| match &step.change {
            Change::Image(over) => Some(over),
            _ => None,
        });
        inner.chain(own).collect()
    }
}

impl Change {
    /// Where the change is written, where that is another file than the line that asks for it.
    fn place(&self) -> Option<Location> {
        match self {
            Self::Patch(patch) => patch.place(),
            _ => None,
        }
    }
}

impl Step {
    fn apply(&self, objects: &mut Vec<Object>, is_whole: bool, budget: &Budget) -> Result<(), Error> {
        match &self.change {
            Change::Patch(patch) => patch.apply(objects, self.at, is_whole, budget)?,
            Change::Namespace(namespace) => metadata::move_to(objects, namespace, self.at),
            Change::Rename { prefix, suffix } => metadata::rename(objects, prefix, suffix, self.at),
            Change::Mark { field, pairs } => metadata::mark(objects, field, pairs, (self.at, budget))?,
            Change::Image(over) => over.apply(objects, self.at)?,
            Change::Scale { name, count } => metadata::scale(objects, name, count, (self.at, is_whole))?,
            Change::Replace(replacement) => replacement.apply(objects, (self.at, is_whole), budget)?,
        }
        Ok(())
    }
}

/// The object, or the items of a list of objects.
fn flattened(root: &Node, rendered: Option<usize>) -> Vec<Object> {
    if root.as_map().is_none() {
        return vec![];
    }
    let is_list = root.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
    match root.get("items").and_then(Node::as_seq).filter(|_| is_list) {
        Some(items) => items.iter().flat_map(|item| flattened(item, rendered)).collect(),
        None => vec![Object::new(root.clone(), rendered)],
    }
}

/// Whether an object only serves kustomize itself and is not printed.
fn is_local(root: &Node) -> bool {
    let annotations = root.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let local = annotations.and_then(|annotations| annotations.get("config.kubernetes.io/local-config"));
    local.and_then(Node::scalar_text).is_some_and(|text| text != "false")
}
