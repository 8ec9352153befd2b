//! Which state of charts is looked at: a revision in place of the working tree, a version in place of what Chart.yaml says.

use std::path::PathBuf;

use clap::Args;

use crate::gate::{Charts, Versioned};

#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct StateArgs {
    /// The charts as of this git revision; the working tree is not looked at.
    #[arg(long, value_name = "REV")]
    pub(in crate::cli) at: Option<String>,
    /// The repository of `--at`, a bare one too.
    #[arg(long, value_name = "DIR", requires = "at")]
    git_dir: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct VersionArgs {
    /// The charts under this version, as `helm package --version` sets it.
    #[arg(long = "version", value_name = "VERSION")]
    chart_version: Option<String>,
    /// The charts under this appVersion, as `helm package --app-version` sets it.
    #[arg(long, value_name = "VERSION")]
    app_version: Option<String>,
}

impl StateArgs {
    /// The charts at some paths in this state.
    pub(in crate::cli) fn charts(&self, paths: &[PathBuf], versions: &VersionArgs) -> Charts {
        let VersionArgs { chart_version, app_version } = versions.clone();
        Charts {
            at: self.at.clone(),
            git_dir: self.git_dir.clone(),
            versioned: Versioned { version: chart_version, app_version },
            ..Charts::at_paths(paths.iter().cloned())
        }
    }
}
