//! Manifests: what lies under a tag, and which of its layers is the packaged chart (Helm `pkg/registry/constants.go`).

use serde::Deserialize;

use crate::network::digest::is_digest;
use crate::network::fault::Fault;
use crate::network::http::Answer;

/// Every kind of manifest, so that a registry says what it holds and not "not acceptable".
pub(super) const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";

/// The configuration of a chart.
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";

/// Packaged charts; the second is what Helm 3.0 to 3.6 wrote.
const LAYERS: [&str; 2] = ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip"];

/// Codes with which registries say that a repository or a tag is not there. The last is Harbor's.
const UNKNOWN: [&str; 3] = ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND"];

/// A packaged chart, by its descriptor.
#[derive(Debug)]
pub(super) struct Package {
    /// `sha256:…`
    pub(super) digest: String,
    /// Bytes.
    pub(super) size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
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

#[derive(Deserialize)]
struct Errors {
    errors: Vec<ErrorCode>,
}

#[derive(Deserialize)]
struct ErrorCode {
    code: String,
}

/// Whether the body of a 404 is a registry's way to say that it does not know the name or the tag.
pub(super) fn is_unknown(body: &[u8]) -> bool {
    let errors: Result<Errors, _> = serde_json::from_slice(body);
    errors.is_ok_and(|all| all.errors.iter().any(|error| UNKNOWN.contains(&error.code.as_str())))
}

/// The packaged chart that a manifest names.
pub(super) fn package(answer: &Answer, host: &str) -> Result<Package, Fault> {
    let malformed = |reason: String| Fault::Malformed { host: host.to_owned(), expected: "a manifest", reason };
    let not_chart = |found: String| Err(Fault::NotChart { found });
    let manifest: Manifest = serde_json::from_slice(&answer.body).map_err(|error| malformed(error.to_string()))?;
    if manifest.manifests.is_some() {
        return not_chart("an index of several images".into());
    }
    let (Some(config), Some(layers)) = (manifest.config, manifest.layers) else {
        return Err(malformed("it has no config or no layers".into()));
    };
    let Some(layer) = layers.into_iter().find(|layer| LAYERS.contains(&layer.media_type.as_str())) else {
        return not_chart(format!("an artifact of the type `{}`", config.media_type));
    };
    if config.media_type != CONFIG {
        return not_chart(format!("an artifact of the type `{}`", config.media_type));
    }
    if !is_digest(&layer.digest) {
        return Err(malformed(format!("`{}` is no digest", layer.digest)));
    }
    Ok(Package { digest: layer.digest, size: layer.size })
}
