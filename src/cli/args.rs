//! What can be typed: every command with its arguments, as clap reads and explains them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use check::{CheckArgs, Threshold};
use network::NetworkArgs;
use rule::RuleParser;
pub(super) use state::{StateArgs, VersionArgs};

mod check;
mod network;
mod rule;
mod state;

/// Says, before anything is pushed, whether a Helm chart may be released.
#[derive(Debug, Parser)]
#[command(name = "chartgate", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(super) struct CommandLine {
    #[command(subcommand)]
    pub(super) command: Command,
    /// Print what is asked of registries and chart repositories, and what they answer.
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
    /// When to colour what is printed.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
    #[command(flatten)]
    pub(super) network: NetworkArgs,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  pass: no open finding reaches the threshold (`--fail-on`, default error)
  1  fail: at least one does
  2  the command line or the configuration is wrong
  3  undecided: something could not be checked, a registry or a git base say";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Judge charts.
    Check(Box<CheckArgs>),
    /// Print what `helm template` prints, or say where a field of it comes from.
    Render(Box<RenderArgs>),
    /// List the images that would run under each profile, with the lines that make them.
    Images(ImagesArgs),
    /// Show what changed in a chart since its last release, and the version that calls for.
    Diff(DiffArgs),
    /// Package charts as `helm package` does, with the same bytes on every machine.
    Package(PackageArgs),
    /// Say whether a chart is what a verdict file says was judged, under the same rules.
    Verify(VerifyArgs),
    /// Show what charts are made with and from where it came, or write `charts/` and the lock anew.
    Deps(DepsArgs),
    /// Raise the version of a chart in every file that says it.
    Bump(BumpArgs),
    /// Write the digests of the images that production runs to the values that should carry them.
    Pin(PinArgs),
    /// List the charts whose packages differ from the base.
    Changed(ChangedArgs),
    /// List every rule, those in `.chartgate/rules` of the working directory too.
    #[command(args_conflicts_with_subcommands = true)]
    Rules {
        #[command(subcommand)]
        action: Option<RulesAction>,
        /// How to print them.
        #[arg(long, value_enum, default_value_t = List::Human)]
        format: List,
    },
    /// Say why a rule exists, what to do, and what can be set.
    Explain {
        /// The rule's id.
        #[arg(value_parser = RuleParser, hide_possible_values = true)]
        rule: String,
    },
    /// Write a configuration, a workflow and a hook that fit the repository; no file that exists is touched.
    Init(InitArgs),
    /// Serve an editor over standard input and output: what is found while it is typed, fixes, values and where they come from.
    Lsp(LspArgs),
    /// Print the manual page of chartgate, or of one of its commands.
    Man {
        /// The command, with the command inside it where it has some: `rules test`.
        command: Vec<String>,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesAction {
    /// Judge the examples in the rule files of a folder, and say which are judged otherwise.
    Test {
        /// The folder [default: .chartgate/rules].
        folder: Option<PathBuf>,
    },
}

/// Arguments that editors give to language servers.
#[derive(Debug, Args)]
pub(super) struct LspArgs {
    /// Speak over standard input and output, as it does anyway.
    #[arg(long, hide = true)]
    pub(super) stdio: bool,
    /// The editor's process, whose end closes the input.
    #[arg(long = "clientProcessId", hide = true, value_name = "ID")]
    pub(super) client: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The CI system to write a workflow for [default: the one that the repository has files of].
    #[arg(long, value_enum, value_name = "SYSTEM")]
    pub(super) ci: Option<CiSystem>,
}

/// `chartgate init --ci`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CiSystem {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Woodpecker.
    Woodpecker,
    /// Jenkins: its pipeline is yours, and the recipe for it is named.
    Jenkins,
    /// No workflow.
    None,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// The verdict file, as `chartgate check --attest` wrote it.
    pub(super) file: PathBuf,
    /// Charts and packaged charts that are to go out.
    #[arg(required = true, value_name = "CHART")]
    pub(super) charts: Vec<PathBuf>,
    /// The configuration they were judged under, in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) versions: VersionArgs,
    /// Take configuration and rules from where HEAD left this git revision, as the check did.
    #[arg(long, value_name = "REV")]
    pub(super) policy_from: Option<String>,
    /// Accept a verdict that was reached with `--offline`.
    #[arg(long)]
    pub(super) offline: bool,
}

#[derive(Debug, Args)]
pub(super) struct DepsArgs {
    /// Charts, packaged charts, or folders of either [default: the working directory].
    pub(super) charts: Vec<PathBuf>,
    /// Resolve the dependencies of one chart anew and write Chart.lock and `charts/`, as `helm dependency update` does.
    #[arg(long, conflicts_with_all = ["at", "offline"])]
    pub(super) update: bool,
    /// Ask no registry and no chart repository.
    #[arg(long)]
    pub(super) offline: bool,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// Use this configuration in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = List::Human)]
    pub(super) format: List,
}

#[derive(Debug, Args)]
pub(super) struct BumpArgs {
    /// A chart's folder.
    pub(super) chart: PathBuf,
    /// How far.
    #[arg(value_enum, default_value_t = Bump::Auto)]
    pub(super) step: Bump,
    /// Print what would be written as a patch that `git apply` takes, and nothing else.
    #[arg(long)]
    pub(super) diff: bool,
    /// With `auto`: compare with this in place of the last release, as `chartgate diff --against` does.
    #[arg(long, value_name = "REV|FILE|DIR|URL")]
    pub(super) against: Option<String>,
    /// Use this configuration in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// How far `chartgate bump` raises a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Bump {
    /// The first number.
    Major,
    /// The second.
    Minor,
    /// The third.
    Patch,
    /// As far as the changes since the last release call for.
    Auto,
}

#[derive(Debug, Args)]
pub(super) struct PinArgs {
    /// Charts or folders of charts [default: the working directory].
    pub(super) charts: Vec<PathBuf>,
    /// Only images of this profile; may be given several times [default: those of production].
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Vec<String>,
    /// Write nothing; say which pinned digests their tags no longer name, and fail where there is one.
    #[arg(long)]
    pub(super) check: bool,
    /// Print what would be written as a patch that `git apply` takes, and nothing else.
    #[arg(long, conflicts_with = "check")]
    pub(super) diff: bool,
}

#[derive(Debug, Args)]
pub(super) struct ChangedArgs {
    /// Charts or folders of charts [default: the working directory].
    pub(super) paths: Vec<PathBuf>,
    /// Compare with exactly this git revision.
    #[arg(long, value_name = "REV")]
    pub(super) base: Option<String>,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// Use this configuration in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Ask no repository; what lies in `charts/` is then compared with no more than caches have.
    #[arg(long)]
    pub(super) offline: bool,
    /// How to print them; as JSON they are a list of `name`, `path` and `version` in one line, for the matrix of a pipeline.
    #[arg(long, value_enum, default_value_t = List::Human)]
    pub(super) format: List,
}

/// `--format` of `chartgate changed` and `chartgate rules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum List {
    /// For people.
    Human,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub(super) struct ImagesArgs {
    /// Charts, packaged charts, or folders of charts [default: the working directory].
    pub(super) paths: Vec<PathBuf>,
    /// Only this profile; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Vec<String>,
    /// Under these values files, the last wins, in place of the profiles found.
    #[arg(long, short = 'f', value_name = "FILE")]
    pub(super) values: Vec<PathBuf>,
    /// Fetch no dependency that a lock pins and that is not in `charts/`.
    #[arg(long)]
    pub(super) offline: bool,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// Ask registries for the digest, the platforms and the age of each.
    #[arg(long, conflicts_with = "offline")]
    pub(super) resolve: bool,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Table::Table)]
    pub(super) format: Table,
}

#[derive(Debug, Args)]
pub(super) struct PackageArgs {
    /// Folders of charts.
    #[arg(required = true, value_name = "CHART")]
    pub(super) charts: Vec<PathBuf>,
    /// The folder to write to [default: the working directory].
    #[arg(long, short, value_name = "DIR")]
    pub(super) destination: Option<PathBuf>,
    #[command(flatten)]
    pub(super) versions: VersionArgs,
    /// Fetch no dependency that a lock pins and that is not in `charts/`.
    #[arg(long)]
    pub(super) offline: bool,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// How to print paths and digests.
    #[arg(long, value_enum, default_value_t = Table::Table)]
    pub(super) format: Table,
}

/// `--format` of `chartgate images` and `chartgate package`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Table {
    /// For people.
    Table,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A chart's folder, or a packaged chart [default: the working directory].
    pub(super) chart: Option<PathBuf>,
    /// Compare with this git revision, packaged chart, folder, registry (`oci://HOST/PATH[/NAME:VERSION]`) or index URL, in place of
    /// the last release.
    #[arg(long, value_name = "REV|FILE|DIR|URL")]
    pub(super) against: Option<String>,
    #[command(flatten)]
    pub(super) versions: VersionArgs,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// Use this configuration in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// How to print the changes.
    #[arg(long, value_enum, default_value_t = Listing::Human)]
    pub(super) format: Listing,
}

/// `chartgate diff --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Listing {
    /// For people.
    Human,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// A chart's folder, or a packaged chart.
    pub(super) chart: PathBuf,
    /// Lay this values file over the chart's; may be given several times, the last wins.
    #[arg(long, short = 'f', value_name = "FILE")]
    pub(super) values: Vec<PathBuf>,
    /// Set values, as `image.tag=1.2,args={a,b}`; may be given several times.
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) set: Vec<String>,
    /// As `--set`, but every value is text.
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) set_string: Vec<String>,
    /// As `--set`, but every value is JSON.
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) set_json: Vec<String>,
    /// As `--set`, but every value is a file's path, whose text is set.
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) set_file: Vec<String>,
    /// The release's name.
    #[arg(long, default_value = "release-name")]
    pub(super) name: String,
    /// The namespace it is installed into.
    #[arg(long, short, default_value = "default")]
    pub(super) namespace: String,
    /// The Kubernetes version it is installed at.
    #[arg(long, value_name = "VERSION")]
    pub(super) kube_version: Option<String>,
    /// The Helm to render as: 4.3, or 3.19.
    #[arg(long, value_name = "MAJOR", default_value = "4")]
    pub(super) helm: HelmMajor,
    /// API versions that the cluster serves besides Kubernetes' own, comma-separated.
    #[arg(long, short, value_name = "VERSIONS", value_delimiter = ',')]
    pub(super) api_versions: Vec<String>,
    /// Take missing dependencies by `file://` from where they lie, as if `helm dependency build` had run.
    #[arg(long)]
    pub(super) dependency_update: bool,
    /// Print custom resource definitions too.
    #[arg(long)]
    pub(super) include_crds: bool,
    /// Print only what this template renders, as `templates/deployment.yaml`; may be given several times.
    #[arg(long, short, value_name = "TEMPLATE")]
    pub(super) show_only: Vec<String>,
    /// Explain one field instead, as `Deployment/web spec.template.spec.containers[0].image`.
    #[arg(long, value_name = "FIELD", conflicts_with = "show_only")]
    pub(super) why: Option<String>,
}

/// `--helm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum HelmMajor {
    /// As Helm 3.19 does.
    #[value(name = "3")]
    Three,
    /// As Helm 4.3 does.
    #[value(name = "4")]
    Four,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
