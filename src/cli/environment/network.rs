//! What the process's surroundings say of the network: proxies, certificates, and the files that hold credentials.

use std::path::PathBuf;

use super::variable;
use crate::network::{Options, Proxies};

/// What Helm, Docker and Go would use.
pub(super) fn options() -> Options {
    Options {
        proxies: proxies(),
        authorities: path("SSL_CERT_FILE"),
        credentials: helm_file().into_iter().chain(docker_file()).collect(),
        programs: std::env::split_paths(&variable("PATH").unwrap_or_default()).collect(),
        ..Options::default()
    }
}

fn proxies() -> Proxies {
    let either = |name: &str| variable(&name.to_lowercase()).or_else(|| variable(name));
    // A web server that runs programs sets HTTP_PROXY from what its visitor sends.
    let http = if variable("REQUEST_METHOD").is_some() { variable("http_proxy") } else { either("HTTP_PROXY") };
    Proxies { http, https: either("HTTPS_PROXY"), exceptions: either("NO_PROXY") }
}

/// Where `helm registry login` writes (Helm `pkg/cli/environment.go`, `pkg/helmpath/lazypath.go`).
fn helm_file() -> Option<PathBuf> {
    let below_home = if cfg!(target_os = "macos") { "Library/Preferences" } else { ".config" };
    let folder = || {
        let config = path("XDG_CONFIG_HOME").or_else(|| Some(path("HOME")?.join(below_home)))?;
        Some(config.join("helm"))
    };
    let file = || Some(path("HELM_CONFIG_HOME").or_else(folder)?.join("registry/config.json"));
    path("HELM_REGISTRY_CONFIG").or_else(file)
}

/// Where `docker login` writes.
fn docker_file() -> Option<PathBuf> {
    let folder = path("DOCKER_CONFIG").or_else(|| Some(path("HOME")?.join(".docker")))?;
    Some(folder.join("config.json"))
}

fn path(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}
