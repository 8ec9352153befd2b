//! Images in use: which image runs where, and which lines made it so.

use std::sync::Arc;

use crate::finding::Label;
use crate::image::ImageRef;
use crate::text::Location;
use crate::yaml::{KeyPath, Step};
use object::Place;

pub mod object;
pub mod rendered;
pub mod spread;

/// An image that would run under a profile.
#[derive(Debug, Clone)]
pub struct ImageUse {
    /// The reference.
    pub image: ImageRef,
    /// The line to change so that the image is pinned.
    pub at: Location,
    /// Key path of the value that should hold the digest, `controlPlane.image.digest` say; of the whole reference where it is one value.
    pub path: KeyPath,
    /// What stands at `at`.
    pub cause: Cause,
    /// The reference as the manifest has it.
    pub written: String,
    /// How it is used; by several users, the most certain.
    pub place: Place,
    /// Whether nothing but tests use it, which no installation runs.
    pub is_test: bool,
    /// Who uses it, in words: ``container `agents` of `Deployment/agents` ``.
    pub owner: String,
    /// Further users of the same image from the same line.
    pub also: Vec<String>,
    /// Every value that takes part in it: repository, tag, digest.
    pub set_by: Vec<Location>,
    /// The value that sets the tag.
    pub tag_at: Option<Location>,
    /// What the value of the tag took the place of, the strongest first.
    pub tag_over: Vec<Location>,
    /// The value that sets the digest.
    pub digest_at: Option<Location>,
    /// Key path of the value that templates read for the tag, where they read one and no digest beside it.
    pub tag_path: Option<KeyPath>,
    /// Whether it is a container's and a part of it comes from the root `image` block of the values.
    pub main: bool,
    /// Whether it is a container of a workload of the chart's own, no hook's and no sub-chart's.
    pub leads: bool,
    /// The line of the chart's own template that led to it.
    pub template: Option<Location>,
    /// The line of a helper that wrote it, where that is another one.
    pub helper: Option<Location>,
    /// The field of the rendered manifest.
    pub rendered: Option<Location>,
    /// The name of the template that printed the manifest; empty where none did.
    pub manifest: Arc<str>,
    /// What sets it from above, where the line to change is in a chart that somebody else publishes. Whoever knows the chart fills it in.
    pub above: Option<Above>,
}

/// The way from a chart's own values to an image of another that it is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Above {
    /// The other chart's name.
    pub name: String,
    /// The names by which values know it, outermost first.
    pub keys: Vec<String>,
    /// The values to set it in: the root of the last file that is laid over the chart's own, else of those.
    pub values: Option<Location>,
}

impl Above {
    /// The key path in the chart's values for one in the other chart's own.
    pub fn key(&self, path: &KeyPath) -> KeyPath {
        if matches!(path.0.first(), Some(Step::Key(first)) if first == "global") {
            return path.clone();
        }
        let above = self.keys.iter().fold(KeyPath::default(), |path, key| path.key(key));
        KeyPath([above.0, path.0.clone()].concat())
    }
}

/// What the line to change holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The digest, empty or not, or the block that lacks one.
    Digest,
    /// The tag; a digest has no place of its own yet.
    Tag,
    /// The whole reference, or its repository.
    Whole,
    /// An entry of a kustomization's `images`.
    Override,
    /// The template itself: no value takes part.
    Template,
}

impl ImageUse {
    /// What names it while lines move: the value that is to hold its digest; where no value takes part in it, who runs it besides, as two workloads
    /// may well run one image.
    pub fn subject(&self) -> String {
        if self.set_by.is_empty() { format!("{} {}", self.path, self.owner) } else { self.path.to_string() }
    }

    /// The further places that made it: values, template and manifest.
    pub fn related(&self) -> Vec<Label> {
        let others = self.set_by.iter().filter(|place| **place != self.at);
        let values = others.map(|place| Label::new(*place, "part of the image"));
        let template = self.template.filter(|place| *place != self.at);
        let template = template.map(|place| Label::new(place, "the template that names it"));
        let helper =
            self.helper.filter(|place| *place != self.at).map(|place| Label::new(place, "the helper that writes it"));
        let rendered = self.rendered.filter(|place| *place != self.at).map(|place| Label::new(place, "as rendered"));
        values.chain(template).chain(helper).chain(rendered).collect()
    }

    /// Key path of the value at `at`, or of the one that is to be set beside it.
    pub fn value_path(&self) -> KeyPath {
        let path = match &self.tag_path {
            Some(path) if self.cause == Cause::Tag => path,
            _ => &self.path,
        };
        self.above.as_ref().map_or_else(|| path.clone(), |above| above.key(path))
    }

    /// What a digest is appended to: the tag, or the whole reference.
    pub fn tail(&self) -> String {
        match self.cause {
            Cause::Tag if self.image.tag.is_empty() => "1.2.3".to_owned(),
            Cause::Tag => self.image.tag.clone(),
            _ => self.image.to_string(),
        }
    }

    /// What a value of the digest's own holds: charts with the key `sha` write `sha256:` themselves.
    pub fn digest_form(&self) -> &'static str {
        if self.path.0.last() == Some(&Step::Key("sha".to_owned())) { "…" } else { "sha256:…" }
    }

    /// What to type so that the image has a digest.
    pub fn digest_help(&self) -> String {
        let (path, tail) = (&self.path, self.tail());
        match self.cause {
            Cause::Digest | Cause::Tag => match &self.tag_path {
                // A key that no template reads would change nothing.
                Some(read) if self.cause == Cause::Tag => {
                    format!(
                        "append the digest to `{read}`: `{tail}@sha256:…`, or let the template read a digest of its own"
                    )
                }
                _ if self.digest_form() == "…" => {
                    format!("set `{path}` to what follows `sha256:` in the image's digest")
                }
                _ => format!("set `{path}` to the image's digest, `sha256:…`"),
            },
            Cause::Whole => format!("append the digest to `{path}`: `{tail}@sha256:…`"),
            Cause::Override => "set `digest` in this entry".to_owned(),
            Cause::Template => format!("name the image by its digest in the template: `{tail}@sha256:…`"),
        }
    }
}
