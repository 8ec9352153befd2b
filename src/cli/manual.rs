//! `chartgate man` and `chartgate completions`: what is made of the command line's own definitions.

use clap::CommandFactory as _;
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

pub(super) fn page(command: Option<&str>, output: &mut Output) -> u8 {
    let mut all = CommandLine::command();
    all.build();
    let names: Vec<_> = all.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let found = match command {
        None => Some(all.clone()),
        Some(name) => all.find_subcommand(name).cloned(),
    };
    let Some(found) = found else {
        let name = command.unwrap_or_default();
        let near = nearest(name, names.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
        output.refuse(format!("there is no command `{name}`{}", near.unwrap_or_default()));
        return exit::USAGE;
    };
    let mut text = vec![];
    if let Err(error) = Man::new(found).render(&mut text) {
        output.refuse(format!("cannot make the page: {error}"));
        return exit::UNDECIDED;
    }
    output.print(&Printable::document(String::from_utf8_lossy(&text).into_owned()));
    exit::PASS
}
