//! The command line: reads the world outside once, hands it down, and turns what comes back into text and an exit code.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use environment::Environment;
use output::{Destination, Output};

mod changed;
mod check;
mod diff;
mod environment;
mod explain;
mod images;
mod init;
mod output;
mod package;
mod profiles;
mod render;
mod rules;
mod verify;

/// Exit codes: what a pipeline can tell apart.
mod exit {
    /// Nothing was found that fails the run.
    pub(super) const PASS: u8 = 0;
    /// A finding reached the threshold.
    pub(super) const FAIL: u8 = 1;
    /// The command line or the configuration is wrong; nothing was judged.
    pub(super) const USAGE: u8 = 2;
    /// Something could not be checked.
    pub(super) const UNDECIDED: u8 = 3;
}

/// Says, before anything is pushed, whether a Helm chart may be released.
#[derive(Debug, Parser)]
#[command(name = "chartgate", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
    /// When to colour what is printed.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  pass: no open finding reaches the threshold (`--fail-on`, default error)
  1  fail: at least one does
  2  the command line or the configuration is wrong
  3  undecided: something could not be checked, a registry or a git base say";

#[derive(Debug, Subcommand)]
enum Command {
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
    /// List the charts whose packages differ from the base.
    Changed(ChangedArgs),
    /// List every rule.
    Rules,
    /// Say why a rule exists, what to do, and what can be set.
    Explain {
        /// The rule's id.
        rule: String,
    },
    /// Write a `.chartgate.yaml` to start from.
    Init,
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct CheckArgs {
    /// Charts, packaged charts, or folders of charts [default: the working directory].
    paths: Vec<PathBuf>,
    /// Judge only this profile; may be given several times.
    #[arg(long, value_name = "NAME")]
    profile: Vec<String>,
    /// Judge under these values files, the last wins, in place of the profiles found.
    #[arg(long, value_name = "FILE")]
    values: Vec<PathBuf>,
    /// Treat the profile of `--values` as production.
    #[arg(long)]
    production: bool,
    /// Run only these rules, comma-separated.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    select: Vec<String>,
    /// Do not run these rules, comma-separated.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    ignore: Vec<String>,
    /// The least severity that fails the run.
    #[arg(long, value_name = "SEVERITY", value_enum)]
    fail_on: Option<Threshold>,
    /// Compare with exactly this git revision.
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Judge the charts as of this git revision; the working tree is not looked at.
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// The repository of `--at`, a bare one too.
    #[arg(long, value_name = "DIR", requires = "at")]
    git_dir: Option<PathBuf>,
    /// Use this configuration in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print as human, concise, json or github; `FORMAT=FILE` writes to a file; may be given several times.
    #[arg(long, value_name = "FORMAT[=FILE]")]
    format: Vec<Destination>,
    /// Print findings and failures only.
    #[arg(long, short)]
    quiet: bool,
    /// Reach out to no registry or index.
    #[arg(long)]
    offline: bool,
    /// The git tag that the release is made from [default: the one that the CI system runs for].
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Judge nothing; show the profiles, the lines that declare them, and what decided about production.
    #[arg(long, conflicts_with = "files")]
    explain_profiles: bool,
    /// Judge only charts that differ from the base, or that are judged by files that do.
    #[arg(long, conflicts_with_all = ["files", "explain_profiles"])]
    changed: bool,
    /// The folder of the chart that the packaged chart should be made from.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["files", "at", "explain_profiles"])]
    source: Option<PathBuf>,
    /// Write the verdict as an in-toto statement, for `chartgate verify`; the whole policy must have been asked.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "changed", "explain_profiles", "profile", "values", "production",
        "select", "ignore", "fail_on"])]
    attest: Option<PathBuf>,
    /// Judge the charts that these files belong to, as pre-commit asks for.
    #[arg(long, value_name = "FILE", num_args = 0.., conflicts_with_all = ["paths", "at"])]
    files: Option<Vec<PathBuf>>,
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// The verdict file, as `chartgate check --attest` wrote it.
    file: PathBuf,
    /// Charts and packaged charts that are to go out.
    #[arg(required = true, value_name = "CHART")]
    charts: Vec<PathBuf>,
    /// The configuration they were judged under, in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Accept a verdict that was reached with `--offline`.
    #[arg(long)]
    offline: bool,
}

#[derive(Debug, Args)]
struct ChangedArgs {
    /// Charts or folders of charts [default: the working directory].
    paths: Vec<PathBuf>,
    /// Compare with exactly this git revision.
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The charts as of this git revision.
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// The repository of `--at`, a bare one too.
    #[arg(long, value_name = "DIR", requires = "at")]
    git_dir: Option<PathBuf>,
    /// Use this configuration in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = List::Human)]
    format: List,
}

/// `chartgate changed --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum List {
    /// For people.
    Human,
    /// For the matrix of a pipeline: a list of `name`, `path` and `version` in one line.
    Json,
}

#[derive(Debug, Args)]
struct ImagesArgs {
    /// Charts, packaged charts, or folders of charts [default: the working directory].
    paths: Vec<PathBuf>,
    /// Only this profile; may be given several times.
    #[arg(long, value_name = "NAME")]
    profile: Vec<String>,
    /// Under these values files, the last wins, in place of the profiles found.
    #[arg(long, short = 'f', value_name = "FILE")]
    values: Vec<PathBuf>,
    /// The charts as of this git revision.
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// The repository of `--at`, a bare one too.
    #[arg(long, value_name = "DIR", requires = "at")]
    git_dir: Option<PathBuf>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Table::Table)]
    format: Table,
}

#[derive(Debug, Args)]
struct PackageArgs {
    /// Folders of charts.
    #[arg(required = true, value_name = "CHART")]
    charts: Vec<PathBuf>,
    /// The folder to write to [default: the working directory].
    #[arg(long, short, value_name = "DIR")]
    destination: Option<PathBuf>,
    /// Package the charts as of this git revision.
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// The repository of `--at`, a bare one too.
    #[arg(long, value_name = "DIR", requires = "at")]
    git_dir: Option<PathBuf>,
    /// How to print paths and digests.
    #[arg(long, value_enum, default_value_t = Table::Table)]
    format: Table,
}

/// `--format` of `chartgate images` and `chartgate package`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Table {
    /// For people.
    Table,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
struct DiffArgs {
    /// A chart's folder, or a packaged chart [default: the working directory].
    chart: Option<PathBuf>,
    /// Compare with this git revision, packaged chart, folder, registry (`oci://HOST/PATH[/NAME:VERSION]`) or index URL, in place of
    /// the last release.
    #[arg(long, value_name = "REV|FILE|DIR|URL")]
    against: Option<String>,
    /// The chart as of this git revision.
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// The repository of `--at`, a bare one too.
    #[arg(long, value_name = "DIR", requires = "at")]
    git_dir: Option<PathBuf>,
    /// Use this configuration in place of the nearest `.chartgate.yaml`.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How to print the changes.
    #[arg(long, value_enum, default_value_t = Listing::Human)]
    format: Listing,
}

/// `chartgate diff --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Listing {
    /// For people.
    Human,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
struct RenderArgs {
    /// A chart's folder, or a packaged chart.
    chart: PathBuf,
    /// Lay this values file over the chart's; may be given several times, the last wins.
    #[arg(long, short = 'f', value_name = "FILE")]
    values: Vec<PathBuf>,
    /// Set values, as `image.tag=1.2,args={a,b}`; may be given several times.
    #[arg(long, value_name = "EXPRESSION")]
    set: Vec<String>,
    /// As `--set`, but every value is text.
    #[arg(long, value_name = "EXPRESSION")]
    set_string: Vec<String>,
    /// As `--set`, but every value is JSON.
    #[arg(long, value_name = "EXPRESSION")]
    set_json: Vec<String>,
    /// As `--set`, but every value is a file's path, whose text is set.
    #[arg(long, value_name = "EXPRESSION")]
    set_file: Vec<String>,
    /// The release's name.
    #[arg(long, default_value = "release-name")]
    name: String,
    /// The namespace it is installed into.
    #[arg(long, short, default_value = "default")]
    namespace: String,
    /// The Kubernetes version it is installed at.
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,
    /// API versions that the cluster serves besides Kubernetes' own, comma-separated.
    #[arg(long, short, value_name = "VERSIONS", value_delimiter = ',')]
    api_versions: Vec<String>,
    /// Print custom resource definitions too.
    #[arg(long)]
    include_crds: bool,
    /// Print only what this template renders, as `templates/deployment.yaml`; may be given several times.
    #[arg(long, short, value_name = "TEMPLATE")]
    show_only: Vec<String>,
    /// Explain one field instead, as `Deployment/web spec.template.spec.containers[0].image`.
    #[arg(long, value_name = "FIELD", conflicts_with = "show_only")]
    why: Option<String>,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Threshold {
    /// Findings never fail the run.
    Never,
    /// Any finding does.
    Info,
    /// Warnings and errors do.
    Warning,
    /// Errors do.
    Error,
}

/// Runs the command of the process's own arguments.
pub fn main() -> ExitCode {
    let environment = Environment::of_process();
    let arguments = environment.arguments.clone();
    let mut output = Output::of_process();
    ExitCode::from(run(arguments, &environment, &mut output))
}

fn run(arguments: Vec<OsString>, environment: &Environment, output: &mut Output) -> u8 {
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => return usage(&error, environment, output),
    };
    let code = match line.command {
        Command::Check(arguments) => check::run(*arguments, line.color, environment, output),
        Command::Render(arguments) => render::run(&arguments, environment, output),
        Command::Images(arguments) => images::run(&arguments, line.color, environment, output),
        Command::Diff(arguments) => diff::run(&arguments, line.color, environment, output),
        Command::Package(arguments) => package::run(&arguments, line.color, environment, output),
        Command::Verify(arguments) => verify::run(&arguments, line.color, environment, output),
        Command::Changed(arguments) => changed::run(&arguments, line.color, environment, output),
        Command::Rules => rules::run(output),
        Command::Explain { rule } => explain::run(&rule, output),
        Command::Init => init::run(environment, output),
        Command::Completions { shell } => {
            let mut script = vec![];
            clap_complete::generate(shell, &mut CommandLine::command(), "chartgate", &mut script);
            output.print(&String::from_utf8_lossy(&script));
            exit::PASS
        }
    };
    // A report that did not arrive is no report.
    if output.is_broken() && code == exit::PASS { exit::UNDECIDED } else { code }
}

/// What clap has to say: help and version to standard output, faults to standard error.
fn usage(error: &clap::Error, environment: &Environment, output: &mut Output) -> u8 {
    let styled = error.render();
    let text = |is_colored: bool| if is_colored { styled.ansi().to_string() } else { styled.to_string() };
    if error.use_stderr() {
        output.complain(&text(environment.colors_errors()));
        exit::USAGE
    } else {
        output.print(&text(environment.colors(Color::Auto)));
        exit::PASS
    }
}
