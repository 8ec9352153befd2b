//! Everything that is read from the process's surroundings: arguments, variables, terminal, folder, clock.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that reads environment and clock; all else is handed down"
)]

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::Color;
use super::progress::Progress;
use crate::dependency::Caches;
use crate::gate::{Ci, Session, Surroundings, Timings};
use crate::network::{Listener, Options};
use crate::report::{Look, Screen};
use crate::source::Home;
use crate::text::{Date, Sources, Stand};

mod ci;
mod dependencies;
mod network;

/// Columns where there is no terminal to ask.
const WIDTH: usize = 100;

/// The surroundings of a run.
#[derive(Debug)]
pub(super) struct Environment {
    /// The program's name and its arguments.
    pub(super) arguments: Vec<OsString>,
    /// The working directory.
    pub(super) working_dir: PathBuf,
    /// The day, in UTC.
    pub(super) today: Date,
    /// What a CI system says of the run.
    ci: Ci,
    /// `SOURCE_DATE_EPOCH`: the date of what is made, as <https://reproducible-builds.org/specs/source-date-epoch/> has it.
    source_date: Option<String>,
    /// GitHub Actions, where it runs the process.
    pub(super) github: Option<Github>,
    /// Proxies, certificates and credentials.
    pub(super) network: Options,
    /// Caches of dependencies.
    caches: Caches,
    /// The time, in seconds since 1970.
    pub(super) seconds: u64,
    /// Whether a person sees what goes to standard error.
    pub(super) is_watched: bool,
    /// What that person sees of a run that takes its time.
    pub(super) progress: Arc<Progress>,
    started: Instant,
    terminal: Terminal,
}

/// Files that GitHub Actions reads after a step.
#[derive(Debug)]
pub(super) struct Github {
    /// `GITHUB_STEP_SUMMARY`: Markdown for the job's page.
    pub(super) summary: Option<PathBuf>,
    /// `GITHUB_OUTPUT`: the step's outputs.
    pub(super) outputs: Option<PathBuf>,
}

/// What standard output is.
#[derive(Debug)]
struct Terminal {
    columns: Option<usize>,
    is_colorless: bool,
    is_ascii: bool,
    has_links: bool,
}

impl Environment {
    /// Those of this process.
    pub(super) fn of_process() -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let file = |name| variable(name).map(PathBuf::from);
        let github = Github { summary: file("GITHUB_STEP_SUMMARY"), outputs: file("GITHUB_OUTPUT") };
        Self {
            arguments: std::env::args_os().collect(),
            working_dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            today: Date::from_unix_seconds(seconds),
            ci: ci::said(),
            source_date: variable("SOURCE_DATE_EPOCH"),
            github: (variable("GITHUB_ACTIONS").as_deref() == Some("true")).then_some(github),
            network: network::options(),
            caches: dependencies::caches(),
            seconds,
            is_watched: std::io::stderr().is_terminal(),
            progress: Progress::new(std::io::stderr().is_terminal()),
            started: Instant::now(),
            terminal: Terminal::of_process(),
        }
    }

    /// The gate in these surroundings, with or without the network.
    pub(super) fn session(&self, is_offline: bool) -> Session {
        self.session_in(&self.working_dir, is_offline)
    }

    /// The same, with what takes how long the parts of its runs take, where somebody wants to know.
    pub(super) fn timed_session(&self, is_offline: bool, is_timed: bool) -> (Session, Option<Arc<Timings>>) {
        let timings = is_timed.then(|| Arc::new(Timings::new(Instant::now)));
        let surroundings =
            Surroundings { timings: timings.clone(), ..self.surroundings(&self.working_dir, is_offline) };
        (Session::new(surroundings), timings)
    }

    /// The same in another working directory.
    pub(super) fn session_in(&self, folder: &Path, is_offline: bool) -> Session {
        Session::new(self.surroundings(folder, is_offline))
    }

    /// Takes texts that people read of in the working directory.
    pub(super) fn sources(&self) -> Sources {
        let home = Home::new(&self.working_dir);
        if home.root() == home.working_dir() {
            return Sources::new();
        }
        Sources::seen_from(Stand::new(home.root(), home.working_dir()))
    }

    fn surroundings(&self, folder: &Path, is_offline: bool) -> Surroundings {
        let listening = (Arc::clone(&self.progress) as Arc<dyn Listener>).into();
        Surroundings {
            ci: self.ci.clone(),
            network: Options { offline: is_offline, listening, ..self.network.clone() },
            watch: Some(Arc::clone(&self.progress) as _),
            caches: self.caches.clone(),
            ..Surroundings::new(folder.to_owned(), self.today)
        }
    }

    /// The date of what is made, in seconds since 1970, where the user sets one.
    pub(super) fn source_date(&self) -> Result<Option<u64>, String> {
        let Some(text) = &self.source_date else { return Ok(None) };
        let seconds = text.parse().map_err(|_| format!("`SOURCE_DATE_EPOCH` is `{text}`, not a number of seconds"))?;
        Ok(Some(seconds))
    }

    /// Whether to colour standard output.
    pub(super) fn colors(&self, color: Color) -> bool {
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => self.terminal.columns.is_some() && !self.terminal.is_colorless,
        }
    }

    /// Whether to colour standard error.
    pub(super) fn colors_errors(&self) -> bool {
        self.is_watched && !self.terminal.is_colorless
    }

    /// Whether a person sees what goes to standard output.
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal.columns.is_some()
    }

    /// How people see standard output.
    pub(super) fn look(&self, color: Color, quiet: bool) -> Look {
        let screen = match self.colors(color) {
            false => Screen::Plain,
            true if self.terminal.has_links => Screen::Links,
            true => Screen::Color,
        };
        let width = self.terminal.columns.unwrap_or(WIDTH);
        Look { screen, unicode: !self.terminal.is_ascii, width, quiet }
    }

    /// Seconds since the process began.
    pub(super) fn elapsed(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

impl Terminal {
    fn of_process() -> Self {
        let kind = variable("TERM");
        let is_terminal = std::io::stdout().is_terminal();
        let size = || terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0));
        Self {
            columns: is_terminal.then(size),
            is_colorless: variable("NO_COLOR").is_some() || kind.as_deref() == Some("dumb"),
            is_ascii: is_terminal && matches!(kind.as_deref(), Some("dumb" | "linux")),
            has_links: is_terminal && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
        }
    }
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
