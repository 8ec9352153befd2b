//! What `chartgate check` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::rule::RuleParser;
use super::state::{StateArgs, VersionArgs};
use crate::cli::output::{Destination, DestinationParser};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(in crate::cli) struct CheckArgs {
    /// Charts, packaged charts, or folders of either [default: the working directory].
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Judge only this profile; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Vec<String>,
    /// Judge under these values files, the last wins, in place of the profiles found.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) values: Vec<PathBuf>,
    /// Treat the profile of `--values` as production.
    #[arg(long)]
    pub(in crate::cli) production: bool,
    /// Run only these rules, comma-separated: ids, patterns such as `image-*`, and sets such as `artifact-hub` or `chart-testing`.
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = RuleParser, hide_possible_values = true)]
    pub(in crate::cli) select: Vec<String>,
    /// Do not run these rules, comma-separated; named as for `--select`.
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = RuleParser, hide_possible_values = true)]
    pub(in crate::cli) ignore: Vec<String>,
    /// The least severity that fails the run; `new` is every finding that `--baseline` does not list.
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub(in crate::cli) fail_on: Option<Threshold>,
    #[command(flatten)]
    pub(in crate::cli) versions: VersionArgs,
    /// Compare with exactly this git revision.
    #[arg(long, value_name = "REV")]
    pub(in crate::cli) base: Option<String>,
    /// Take configuration, rules and suppressions from where HEAD left this git revision; what the change loosens is an error.
    #[arg(long, value_name = "REV")]
    pub(in crate::cli) policy_from: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
    /// Use this configuration in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// How to print the report; `FORMAT=FILE` writes to a file; may be given several times.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = DestinationParser)]
    pub(in crate::cli) format: Vec<Destination>,
    /// Print how often each rule found something.
    #[arg(long)]
    pub(in crate::cli) statistics: bool,
    /// Print how long each stage and each rule took, to standard error.
    #[arg(long)]
    pub(in crate::cli) timings: bool,
    /// Findings that this file lists do not count; what is new does.
    #[arg(long, value_name = "FILE", conflicts_with = "explain_profiles")]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Write everything that counts now to the file of `--baseline`.
    #[arg(long, requires = "baseline", conflicts_with_all = ["files", "changed", "profile", "values", "select", "ignore", "at", "policy_from"])]
    pub(in crate::cli) update_baseline: bool,
    /// Print findings and failures only.
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
    /// Reach out to no registry or index.
    #[arg(long)]
    pub(in crate::cli) offline: bool,
    /// Fetch the charts that a repository without charts deploys, to judge what they make.
    #[arg(long)]
    pub(in crate::cli) fetch: bool,
    /// Ask registries for the images that would run: whether they are there, for which platforms, and whether tags have moved.
    #[arg(long, conflicts_with_all = ["offline", "attest"])]
    pub(in crate::cli) resolve: bool,
    /// The git tag that the release is made from [default: the one that the CI system runs for].
    #[arg(long, value_name = "TAG")]
    pub(in crate::cli) tag: Option<String>,
    /// Judge nothing; show the profiles, the lines that declare them, and what decided about production.
    #[arg(long, conflicts_with = "files")]
    pub(in crate::cli) explain_profiles: bool,
    /// Judge nothing; show what counts for each chart, and from which line it comes.
    #[arg(long, conflicts_with_all = ["files", "changed", "explain_profiles"])]
    pub(in crate::cli) show_settings: bool,
    /// Judge only charts that differ from the base, or that are judged by files that do.
    #[arg(long, conflicts_with_all = ["files", "explain_profiles"])]
    pub(in crate::cli) changed: bool,
    /// The folder of the chart that the packaged chart should be made from.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["files", "at", "explain_profiles"])]
    pub(in crate::cli) source: Option<PathBuf>,
    /// Write the verdict as an in-toto statement, for `chartgate verify`; the whole policy must have been asked, and nothing but it: a base of
    /// one's own choice would make any version a new one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "changed", "explain_profiles", "profile", "values", "production",
        "select", "ignore", "fail_on", "base", "at", "baseline"])]
    pub(in crate::cli) attest: Option<PathBuf>,
    /// Apply the fixes that mean the same but for what was found, and say what is left.
    #[arg(long, group = "mending", conflicts_with_all = ["at", "policy_from", "source", "attest", "explain_profiles", "update_baseline",
        "chart_version", "app_version"])]
    pub(in crate::cli) fix: bool,
    /// Print those fixes as a patch that `git apply` takes, and nothing else; no file is touched.
    #[arg(long, group = "mending", conflicts_with_all = ["fix", "format", "statistics", "at", "policy_from", "source", "attest",
        "explain_profiles", "update_baseline", "chart_version", "app_version"])]
    pub(in crate::cli) diff: bool,
    /// With `--fix` or `--diff`: those fixes too that may change more than what was found.
    #[arg(long, requires = "mending")]
    pub(in crate::cli) unsafe_fixes: bool,
    /// Judge the charts that the files at PATHS belong to, as pre-commit asks for; write `--` before names that may begin with a dash.
    #[arg(long, conflicts_with = "at")]
    pub(in crate::cli) files: bool,
}

impl CheckArgs {
    /// Whether settings or profiles are listed, and nothing judged.
    pub(in crate::cli) fn is_listing(&self) -> bool {
        self.show_settings || self.explain_profiles
    }
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum Threshold {
    /// Findings never fail the run.
    Never,
    /// Any finding does.
    Info,
    /// Warnings and errors do.
    Warning,
    /// Errors do.
    Error,
    /// Any finding that is not in the baseline does.
    New,
}
