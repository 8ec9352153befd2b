//! A chart under one of its profiles, as rules see it.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use crate::admission::{self, Admission, Known};
use crate::extract::ImageUse;
use crate::helm::Major;
use crate::kubernetes::Minor;
use crate::profile::Profile;
use crate::render::{self, Rendered};
use crate::yaml::Node;

/// A chart under one profile.
#[derive(Debug, Clone)]
pub struct ProfileView {
    /// The profile.
    pub profile: Profile,
    /// The merged values.
    pub values: Node,
    /// What it renders to; none for a library chart, or one without a Chart.yaml.
    pub rendered: Option<Result<Arc<Rendered>, render::Error>>,
    /// What it renders to without the values that it asks for and without templates that fail; none where it renders as it is.
    pub softened: Option<Arc<Rendered>>,
    /// What kustomize leaves of what it renders to, with what it lays beside that; none where nothing comes after Helm.
    pub overlaid: Option<Arc<Rendered>>,
    /// What it renders to later, with other random bytes: on a cluster that has what `rendered` made, as an installation and as an
    /// upgrade. Empty where no rule asks, where templates ask for no chance, or where nothing differs.
    pub again: Vec<Arc<Rendered>>,
    /// What the other Helm renders it to. None where no rule asks, or where nothing of the chart is otherwise there.
    pub other_helm: Option<(Major, Result<Arc<Rendered>, render::Error>)>,
    /// The images that would run.
    pub images: Vec<ImageUse>,
    /// Kubernetes versions that it is to be judged for and does not render for, where it renders for another.
    pub unfit: Vec<Unfit>,
    /// Why an upgrade does not render, where an installation does.
    pub no_upgrade: Option<render::Error>,
    /// What an upgrade renders it to, for the highest of its Kubernetes versions, where templates ask whether there is one and it differs.
    pub upgrade: Option<Judged>,
    /// Whether it is a view of an upgrade, beside which there are objects of the installation.
    pub is_upgrade: bool,
    /// What it renders to for the Kubernetes versions that objects are judged for: as `rendered`, and where templates ask for the
    /// version, for the lowest besides.
    pub versions: Vec<Judged>,
}

impl ProfileView {
    /// The images that would run, those of other Kubernetes versions and of an upgrade too; one that several of them run is there once.
    pub fn all_images(&self) -> Vec<&ImageUse> {
        let of_versions = self.versions.iter().chain(&self.upgrade).flat_map(|judged| &judged.images);
        let mut known = HashSet::new();
        let all = self.images.iter().chain(of_versions);
        all.filter(|used| known.insert((&used.written, used.at, &used.owner))).collect()
    }
}

/// A Kubernetes version that a chart does not render for.
#[derive(Debug, Clone)]
pub struct Unfit {
    /// The version: the lowest that the chart is judged for, or the highest.
    pub minor: Minor,
    /// Why it does not render.
    pub error: render::Error,
    /// The nearest version for which it does.
    pub nearest: Minor,
}

/// A rendering with the Kubernetes versions that its objects are judged for.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The rendering.
    pub rendered: Arc<Rendered>,
    /// The versions, in order; at least one.
    pub minors: Vec<Minor>,
    /// The images that would run, where the view has more than one rendering.
    pub images: Vec<ImageUse>,
    /// What kustomize leaves of it, with what it lays beside that; none where nothing comes after Helm.
    pub overlaid: Option<Arc<Rendered>>,
    admission: OnceLock<Admission>,
    known: Arc<Known>,
}

impl Judged {
    /// A rendering that is judged for some versions; `known` is what renderings of the chart share.
    pub fn new(rendered: Arc<Rendered>, minors: Vec<Minor>, known: &Arc<Known>) -> Self {
        Self { rendered, minors, images: vec![], overlaid: None, admission: OnceLock::new(), known: Arc::clone(known) }
    }

    /// What the API server would refuse of it; judged once, when a rule asks first.
    pub fn admission(&self) -> &Admission {
        self.admission.get_or_init(|| admission::judge(self.deployed(), &self.minors, &self.known))
    }

    /// What the API server gets.
    pub fn deployed(&self) -> &Rendered {
        self.overlaid.as_ref().unwrap_or(&self.rendered)
    }
}

impl ProfileView {
    /// What it renders to; where it does not, what can be rendered all the same.
    pub fn seen(&self) -> Option<&Rendered> {
        match &self.rendered {
            Some(Ok(rendered)) => Some(rendered),
            _ => self.softened.as_deref(),
        }
    }

    /// What the API server gets, as far as it can be rendered.
    pub fn deployed(&self) -> Option<&Rendered> {
        let overlaid = self.overlaid.as_deref().filter(|_| matches!(self.rendered, Some(Ok(_))));
        overlaid.or_else(|| self.seen())
    }
}
