//! Images in use: which image runs where, and which lines made it so.

use crate::image::ImageRef;
use crate::text::Location;
use crate::yaml::KeyPath;

pub mod object;
pub mod values;

/// An image that would run under a profile.
#[derive(Debug, Clone)]
pub struct ImageUse {
    /// The reference.
    pub image: ImageRef,
    /// The line to change: the value that sets, or should set, the digest.
    pub at: Location,
    /// Key path of that value, `controlPlane.image.digest` say.
    pub path: KeyPath,
    /// Who uses it, in words: ``values block `controlPlane.image` ``.
    pub owner: String,
    /// Every value that takes part in it: repository, tag, digest.
    pub set_by: Vec<Location>,
    /// The value that sets the tag.
    pub tag_at: Option<Location>,
    /// Whether it is the root `image` block.
    pub main: bool,
}
