//! How the command line says that nothing was judged.

use super::exit;
use super::output::Output;
use crate::finding::Label;
use crate::gate::Error;
use crate::report::{Look, Screen, human};
use crate::text::Sources;
use crate::text::printable::Printable;

/// Says why nothing was judged, each fault with its place, and gives the exit code for it.
pub(super) fn refused(error: &Error, sources: &Sources, look: Look, output: &mut Output) -> u8 {
    output.complain(&explained(error, sources, Look { screen: Screen::Plain, ..look }));
    if matches!(error, Error::Failed(_)) { exit::UNDECIDED } else { exit::USAGE }
}

fn explained(error: &Error, sources: &Sources, look: Look) -> Printable {
    match error {
        Error::Usage { message, help } => human::message("error", message, None, Some(help), sources, look),
        Error::Config(errors) => {
            let one = |error: &crate::config::Error| {
                let label = Label::new(error.at, "");
                human::message("error", &error.message, Some(&label), error.help.as_deref(), sources, look)
            };
            errors.iter().map(one).collect()
        }
        Error::Failed(failures) => failures.iter().map(|failure| human::failure(failure, sources, look)).collect(),
    }
}
