//! The command line: reads the world outside once, hands it down, and turns what comes back into text and an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Color, Command, CommandLine, RulesAction};
use environment::Environment;
use output::Output;

use crate::text::printable::Printable;

mod args;
mod baseline;
mod bump;
mod changed;
mod check;
mod deps;
mod diff;
mod environment;
mod exit;
mod explain;
mod fix;
mod images;
mod init;
mod lsp;
mod manual;
mod output;
mod package;
mod pin;
mod profiles;
mod progress;
mod refusal;
mod render;
mod rules;
mod settings;
mod verify;

/// Runs the command of the process's own arguments; `has_output` says whether standard output was open when the process started.
pub fn main(has_output: bool) -> ExitCode {
    let environment = Environment::of_process();
    let arguments = environment.arguments.clone();
    let mut output = Output::of_process(has_output, std::sync::Arc::clone(&environment.progress));
    ExitCode::from(run(arguments, environment, &mut output))
}

fn run(arguments: Vec<OsString>, mut environment: Environment, output: &mut Output) -> u8 {
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => return usage(&error, &environment, output),
    };
    environment.network = line.network.over(environment.network);
    if line.verbose {
        environment.progress.tell_requests();
    }
    let environment = &environment;
    let code = match line.command {
        Command::Check(arguments) => check::run(*arguments, line.color, environment, output),
        Command::Render(arguments) => render::run(&arguments, environment, output),
        Command::Images(arguments) => images::run(&arguments, line.color, environment, output),
        Command::Bump(arguments) => bump::run(&arguments, line.color, environment, output),
        Command::Pin(arguments) => pin::run(&arguments, line.color, environment, output),
        Command::Diff(arguments) => diff::run(&arguments, line.color, environment, output),
        Command::Package(arguments) => package::run(&arguments, line.color, environment, output),
        Command::Verify(arguments) => verify::run(&arguments, line.color, environment, output),
        Command::Deps(arguments) => deps::run(&arguments, line.color, environment, output),
        Command::Changed(arguments) => changed::run(&arguments, line.color, environment, output),
        Command::Rules { action: Some(RulesAction::Test { folder }), .. } => rules::test(folder.as_deref(), output),
        Command::Rules { format, action: None } => rules::run(format, environment, output),
        Command::Explain { rule } => explain::run(&rule, environment, output),
        Command::Init(arguments) => init::run(&arguments, environment, output),
        Command::Lsp(_) => lsp::run(environment, output),
        Command::Man { command } => manual::page(&command, output),
        Command::Completions { shell } => manual::completions(shell, output),
    };
    output.ended(code)
}

/// What clap has to say: help and version to standard output, faults to standard error.
fn usage(error: &clap::Error, environment: &Environment, output: &mut Output) -> u8 {
    let styled = error.render();
    let text = |is_colored: bool| {
        if is_colored { Printable::drawn(&styled.ansi().to_string()) } else { Printable::lines(styled.to_string()) }
    };
    if error.use_stderr() {
        output.complain(&text(environment.colors_errors()));
        exit::USAGE
    } else {
        output.print(&text(environment.colors(Color::Auto)));
        output.ended(exit::PASS)
    }
}
