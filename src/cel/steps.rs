//! Steps of the evaluation that is under way.

use std::cell::Cell;

use cel::ExecutionError;

use crate::budget::Budget;

/// Most steps of one evaluation: rounds of all its loops, and what its functions read.
const STEP_LIMIT: u64 = 200_000;

thread_local! {
    /// Steps left; functions of the library are plain functions and can carry no state.
    static LEFT: Cell<u64> = const { Cell::new(0) };
    /// Why there are no more.
    static BOUND: Cell<Bound> = const { Cell::new(Bound::Expression) };
}

/// Whose steps are counted.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Expression,
    /// All evaluations of a rule, and how many steps they have together.
    Rule(u64),
}

/// Evaluates with a fresh count, within what a rule has left.
pub(super) fn within<T>(budget: &Budget, evaluate: impl FnOnce() -> T) -> T {
    let steps = STEP_LIMIT.min(budget.left());
    let bound = if steps < STEP_LIMIT { Bound::Rule(budget.spent() + budget.left()) } else { Bound::Expression };
    BOUND.set(bound);
    LEFT.set(steps);
    let value = evaluate();
    budget.charge(usize::try_from(steps - LEFT.get()).unwrap_or(usize::MAX));
    value
}

/// Takes steps of the evaluation that is under way.
pub(super) fn spend(steps: usize) -> Result<(), ExecutionError> {
    let rest = LEFT.get().checked_sub(u64::try_from(steps).unwrap_or(u64::MAX));
    LEFT.set(rest.unwrap_or(0));
    rest.map(|_| ()).ok_or_else(|| match BOUND.get() {
        Bound::Expression => refused(format!("the expression takes more than {STEP_LIMIT} steps")),
        Bound::Rule(steps) => refused(format!("the rule takes more than {steps} steps")),
    })
}

/// The end of an evaluation that takes too much.
pub(super) fn refused(message: String) -> ExecutionError {
    ExecutionError::FunctionError { function: "@bound".to_owned(), message }
}
