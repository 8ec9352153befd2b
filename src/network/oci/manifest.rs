//! Manifests: what lies under a tag, and which of its layers is the packaged chart (Helm `pkg/registry/constants.go`).

use serde::Deserialize;

use crate::network::digest::{self, is_digest};
use crate::network::fault::Fault;
use crate::network::http::Answer;
use crate::network::server::Server;

/// Every kind of manifest, so that a registry says what it holds and not "not acceptable".
pub(super) const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";

/// The configuration of a chart.
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";

/// Configurations of container images.
const IMAGES: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// Packaged charts; the second is what Helm 3.0 to 3.6 wrote.
const LAYERS: [&str; 2] = ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip"];

/// A packaged chart, by its descriptor.
#[derive(Debug)]
pub(super) struct Package {
    /// `sha256:…`
    pub(super) digest: String,
    /// Bytes.
    pub(super) size: u64,
    /// The digest of the manifest itself.
    pub(super) manifest: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChartManifest {
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
}

/// The packaged chart that a manifest names.
pub(super) fn package(answer: &Answer, server: &Server) -> Result<Package, Fault> {
    let malformed =
        |reason: &str| Fault::Malformed { server: server.clone(), expected: "a manifest", reason: reason.to_owned() };
    // What the parser would say quotes the answer.
    let manifest: ChartManifest =
        serde_json::from_slice(&answer.body).map_err(|_| malformed("it is not the JSON of one"))?;
    if manifest.manifests.is_some() {
        return Err(Fault::NotChart { found: "an index of several images" });
    }
    let (Some(config), Some(layers)) = (manifest.config, manifest.layers) else {
        return Err(malformed("it has no config or no layers"));
    };
    let layer = layers.into_iter().find(|layer| LAYERS.contains(&layer.media_type.as_str()));
    let Some(layer) = layer.filter(|_| config.media_type == CONFIG) else {
        let is_image = IMAGES.contains(&config.media_type.as_str());
        return Err(Fault::NotChart {
            found: if is_image { "a container image" } else { "an artifact of another type" },
        });
    };
    if !is_digest(&layer.digest) {
        return Err(malformed("its layer has no digest"));
    }
    Ok(Package { digest: layer.digest, size: layer.size, manifest: digest::of(&answer.body) })
}
