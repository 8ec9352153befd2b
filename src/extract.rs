//! Images in use: which image runs where, and which lines made it so.

use crate::image::ImageRef;
use crate::text::Location;
use crate::yaml::KeyPath;

/// An image that would run under a profile.
#[derive(Debug, Clone)]
pub struct ImageUse {
    /// The reference.
    pub image: ImageRef,
    /// The line to change: the value that sets, or should set, digest or tag.
    pub at: Location,
    /// Key path of that value, `controlPlane.image.digest` say.
    pub path: KeyPath,
    /// Who uses it, in words: ``values block `controlPlane.image` ``.
    pub owner: String,
    /// Further places that take part in it: where repository, tag and digest are set.
    pub set_by: Vec<Location>,
    /// The values line of the repository, tag and digest, where each is set.
    pub tag_at: Option<Location>,
    /// Whether this is the image that the chart is named after.
    pub main: bool,
}
