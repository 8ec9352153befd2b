//! `chartgate lsp`: serves an editor over standard input and output.
#![expect(clippy::disallowed_methods, reason = "the one command that speaks with who started it")]

use std::path::Path;

use super::environment::Environment;
use super::exit;
use super::output::Output;
use crate::lsp;

pub(super) fn run(environment: &Environment, output: &mut Output) -> u8 {
    let sessions = |folder: &Path, is_online: bool| environment.session_in(folder, !is_online);
    let served = lsp::serve(std::io::stdin(), std::io::stdout(), environment.working_dir.clone(), &sessions);
    match served {
        Ok(true) => exit::PASS,
        Ok(false) => exit::FAIL,
        Err(error) => {
            output.refuse(format!("cannot speak with the editor: {error}"));
            exit::FAIL
        }
    }
}
