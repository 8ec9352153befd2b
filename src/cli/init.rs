//! `chartgate init`: a configuration to start from.

use super::environment::Environment;
use super::exit;
use super::output::{self, Output};
use crate::config::{TEMPLATE, discover::NAMES};

pub(super) fn run(environment: &Environment, output: &mut Output) -> u8 {
    let name = NAMES[0];
    match output::create(&environment.working_dir.join(name), TEMPLATE) {
        Ok(()) => {
            output.print(&format!("wrote `{name}`\n"));
            exit::PASS
        }
        Err(error) => {
            output.complain(&format!("error: cannot write `{name}`: {error}\n"));
            exit::USAGE
        }
    }
}
