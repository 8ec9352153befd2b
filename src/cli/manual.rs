//! `chartgate man` and `chartgate completions`: what is made of the command line's own definitions.

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::args::CommandLine;
use super::exit;
use super::output::Output;
use crate::text::printable::Printable;
use crate::text::suggest::nearest;

pub(super) fn completions(shell: clap_complete::Shell, output: &mut Output) -> u8 {
    let mut script = vec![];
    clap_complete::generate(shell, &mut CommandLine::command(), "chartgate", &mut script);
    output.print(&Printable::document(String::from_utf8_lossy(&script).into_owned()));
    exit::PASS
}

/// The page of a command, by its name and those of the commands that it is inside of, the outermost first.
pub(super) fn page(names: &[String], output: &mut Output) -> u8 {
    let mut all = CommandLine::command();
    all.build();
    let mut found = &all;
    for (index, name) in names.iter().enumerate() {
        let Some(inner) = found.find_subcommand(name) else {
            output.refuse(unknown(&names[..index], name, found));
            return exit::USAGE;
        };
        found = inner;
    }
    let mut text = vec![];
    let version = format!("chartgate {}", env!("CARGO_PKG_VERSION"));
    if let Err(error) = Man::new(found.clone()).source(version).render(&mut text) {
        output.refuse(format!("cannot make the page: {error}"));
        return exit::UNDECIDED;
    }
    output.print(&Printable::document(String::from_utf8_lossy(&text).into_owned()));
    exit::PASS
}

/// That a command has no command of a name inside it.
fn unknown(outer: &[String], name: &str, command: &Command) -> String {
    let whole = outer.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(" ");
    let near = nearest(name, command.get_subcommands().map(Command::get_name));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("there is no command `{whole}`{near}")
}
