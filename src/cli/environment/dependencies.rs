//! Where Helm keeps what it downloads (`pkg/cli/environment.go`, `pkg/helmpath/lazypath.go`), and where chartgate does.

use std::path::PathBuf;

use super::variable;
use crate::dependency::Caches;
use crate::dependency::helm::Folders;

/// Caches and repositories of the user.
pub(super) fn caches() -> Caches {
    let helm_cache = path("HELM_CACHE_HOME").or_else(|| Some(cache()?.join("helm")));
    let below = |name: &str| Some(helm_cache.as_ref()?.join(name));
    let helm = Folders {
        repositories: path("HELM_REPOSITORY_CONFIG").or_else(|| Some(helm_config()?.join("repositories.yaml"))),
        repository_cache: path("HELM_REPOSITORY_CACHE").or_else(|| below("repository")),
        content_cache: path("HELM_CONTENT_CACHE").or_else(|| below("content")),
    };
    Caches { helm, cache: cache().map(|folder| folder.join("chartgate").join("charts")) }
}

fn helm_config() -> Option<PathBuf> {
    let below_home = if cfg!(target_os = "macos") { "Library/Preferences" } else { ".config" };
    let config = || path("XDG_CONFIG_HOME").or_else(|| Some(path("HOME")?.join(below_home)));
    path("HELM_CONFIG_HOME").or_else(|| Some(config()?.join("helm")))
}

/// The folder of all caches of the user.
fn cache() -> Option<PathBuf> {
    let below_home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    let of_windows = || if cfg!(windows) { path("LOCALAPPDATA") } else { None };
    path("XDG_CACHE_HOME").or_else(of_windows).or_else(|| Some(path("HOME")?.join(below_home)))
}

fn path(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}
