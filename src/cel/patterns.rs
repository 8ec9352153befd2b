//! `matches` and `find` of the condition language: patterns compiled once, searches charged for what they read.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use cel::common::types::{CelBool, CelString, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};
use regex::{Regex, RegexBuilder};

use super::steps::spend;
use crate::budget::pattern::{Reach, Weight, reading, weighed};

/// Names under which the compiled tree calls them; no rule can write these.
pub(super) const CALLS: [(&str, &str); 2] = [("matches", "@matches"), ("find", "@find")];
/// Compiled patterns that a thread keeps.
const KEPT: usize = 32;
/// Steps of a search for one of an evaluation.
const SEARCHED_PER_STEP: usize = 4;

struct Pattern {
    regex: Regex,
    weight: Weight,
    reach: Reach,
}

thread_local! {
    static COMPILED: RefCell<HashMap<String, Rc<Pattern>>> = RefCell::default();
}

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload("@matches", "matches", vec![STRING_TYPE, STRING_TYPE], matches)?;
    env.add_overload("@find", "find", vec![STRING_TYPE, STRING_TYPE], find)
}

#[expect(clippy::needless_pass_by_value, reason = "the library calls it so")]
fn matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let is_match = searched("matches", &arguments, Regex::is_match)?;
    Ok(CowVal::owned(CelBool::from(is_match)))
}

#[expect(clippy::needless_pass_by_value, reason = "the library calls it so")]
fn find<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let found = searched("find", &arguments, |regex, text| {
        regex.find(text).map_or_else(String::new, |found| found.as_str().to_owned())
    })?;
    Ok(CowVal::owned(CelString::from(found)))
}

fn searched<T>(
    function: &str,
    arguments: &[CowVal<'_, '_>],
    search: impl FnOnce(&Regex, &str) -> T,
) -> Result<T, ExecutionError> {
    let text = |index: usize| arguments.get(index).and_then(|argument| argument.downcast_ref::<CelString>());
    let (Some(text), Some(pattern)) = (text(0), text(1)) else {
        return Err(ExecutionError::MissingArgumentOrTarget);
    };
    spend(reading(pattern.inner()) / SEARCHED_PER_STEP)?;
    let pattern = compiled(pattern.inner()).map_err(|message| ExecutionError::function_error(function, message))?;
    let steps = pattern.reach.start().steps(text.inner().as_bytes(), 0);
    spend((pattern.weight.building() + steps) / SEARCHED_PER_STEP + 1)?;
    Ok(search(&pattern.regex, text.inner()))
}

fn compiled(pattern: &str) -> Result<Rc<Pattern>, String> {
    if let Some(known) = COMPILED.with_borrow(|kept| kept.get(pattern).cloned()) {
        return Ok(known);
    }
    let build = |size| RegexBuilder::new(pattern).size_limit(size).build();
    let (regex, weight) = weighed(pattern, build).map_err(|error| error.to_string())?;
    let made = Rc::new(Pattern { regex, weight, reach: Reach::new(pattern.to_owned(), weight) });
    COMPILED.with_borrow_mut(|kept| {
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(pattern.to_owned(), Rc::clone(&made));
    });
    Ok(made)
}
