//! What a manifest says of an image: the platforms of an index, or the configuration of one image, and what that says.

use std::collections::BTreeSet;

use serde::Deserialize;

/// Configurations of container images; those of other artifacts say nothing of platforms.
const CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// A manifest or an index.
#[derive(Debug, Deserialize)]
pub(super) struct ImageManifest {
    #[serde(default)]
    manifests: Vec<PlatformEntry>,
    config: Option<ConfigDescriptor>,
}

#[derive(Debug, Deserialize)]
struct PlatformEntry {
    digest: Option<String>,
    platform: Option<Platform>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigDescriptor {
    media_type: Option<String>,
    digest: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// The configuration of an image.
#[derive(Debug, Deserialize)]
pub(super) struct ImageConfig {
    #[serde(flatten)]
    platform: Option<Platform>,
    /// When it was built, as RFC 3339 has it.
    pub(super) created: Option<String>,
}

impl ImageManifest {
    /// The platforms of an index; what is attached to images, as provenance is, has none.
    pub(super) fn platforms(&self) -> BTreeSet<String> {
        self.images().map(|(platform, _)| platform.to_string()).collect()
    }

    /// The digest of the configuration, where it is one image.
    pub(super) fn config(&self) -> Option<&str> {
        let config = self.config.as_ref()?;
        let is_image = config.media_type.as_deref().is_some_and(|kind| CONFIGS.contains(&kind));
        config.digest.as_deref().filter(|_| is_image)
    }

    /// The digest of the image of an index that is asked about the index: that for most servers, else the first.
    pub(super) fn sample(&self) -> Option<&str> {
        let usual = self.images().find(|(platform, _)| platform.to_string() == "linux/amd64");
        usual.or_else(|| self.images().next()).and_then(|(_, digest)| digest)
    }

    fn images(&self) -> impl Iterator<Item = (&Platform, Option<&str>)> {
        let all = self.manifests.iter().filter_map(|entry| Some((entry.platform.as_ref()?, entry.digest.as_deref())));
        all.filter(|(platform, _)| platform.os != "unknown")
    }
}

impl ImageConfig {
    /// The one platform that the image is for.
    pub(super) fn platforms(&self) -> BTreeSet<String> {
        let named =
            self.platform.iter().filter(|platform| !platform.os.is_empty() && !platform.architecture.is_empty());
        named.map(ToString::to_string).collect()
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        match self.variant.as_deref().filter(|variant| !variant.is_empty()) {
            Some(variant) => write!(formatter, "/{variant}"),
            None => Ok(()),
        }
    }
}
