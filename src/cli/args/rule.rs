//! Names of rules on the command line: anything, as users have rules and sets of their own, with chartgate's own for shells to complete.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};

use crate::rule::registry;

/// Reads the name of a rule, a set or a pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct RuleParser;

impl TypedValueParser for RuleParser {
    type Value = String;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(registry::ids().map(PossibleValue::new)))
    }
}
