//! Kubernetes' own methods of lists (`k8s.io/apiserver/pkg/cel/library/lists.go`), and CEL's functions for lists as sets.
#![expect(clippy::needless_pass_by_value, reason = "the library calls them so")]

use std::cmp::Ordering;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelString, DYN_TYPE, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::functions::failed;
use super::steps::spend;

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("isSorted", "list_is_sorted", LIST_TYPE, vec![], is_sorted)?;
    env.add_member_overload("sum", "list_sum", LIST_TYPE, vec![], sum)?;
    env.add_member_overload("min", "list_min", LIST_TYPE, vec![], min)?;
    env.add_member_overload("max", "list_max", LIST_TYPE, vec![], max)?;
    env.add_member_overload("indexOf", "list_index_of", LIST_TYPE, vec![DYN_TYPE], index_of)?;
    env.add_member_overload("lastIndexOf", "list_last_index_of", LIST_TYPE, vec![DYN_TYPE], last_index_of)?;
    env.add_overload("sets.contains", "list_sets_contains", vec![LIST_TYPE, LIST_TYPE], contains)?;
    env.add_overload("sets.equivalent", "list_sets_equivalent", vec![LIST_TYPE, LIST_TYPE], equivalent)?;
    env.add_overload("sets.intersects", "list_sets_intersects", vec![LIST_TYPE, LIST_TYPE], intersects)
}

/// What a function is called with.
pub(super) type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
/// What it makes.
pub(super) type Made<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

fn items<'l, 'v>(arguments: &'l [CowVal<'_, 'v>]) -> Result<&'l [Box<dyn Val + 'v>], ExecutionError> {
    let list = arguments.first().and_then(|list| list.downcast_ref::<CelList>());
    list.map(CelList::inner).ok_or(ExecutionError::MissingArgumentOrTarget)
}

/// The order of two values of one type; none where they have none.
fn order(left: &dyn Val, right: &dyn Val) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (left.downcast_ref::<CelInt>(), right.downcast_ref::<CelInt>()) {
        return Some(left.inner().cmp(right.inner()));
    }
    if let (Some(left), Some(right)) = (left.downcast_ref::<CelDouble>(), right.downcast_ref::<CelDouble>()) {
        return left.inner().partial_cmp(right.inner());
    }
    if let (Some(left), Some(right)) = (left.downcast_ref::<CelString>(), right.downcast_ref::<CelString>()) {
        return Some(left.inner().cmp(right.inner()));
    }
    let (left, right) = (left.downcast_ref::<CelBool>()?, right.downcast_ref::<CelBool>()?);
    Some(left.inner().cmp(right.inner()))
}

fn known(function: &str, left: &dyn Val, right: &dyn Val) -> Result<Ordering, ExecutionError> {
    order(left, right).ok_or_else(|| failed(function, &"the items have no order"))
}

fn is_sorted<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    for pair in items(&arguments)?.windows(2) {
        if known("isSorted", pair[0].as_ref(), pair[1].as_ref())?.is_gt() {
            return Ok(CowVal::owned(CelBool::from(false)));
        }
    }
    Ok(CowVal::owned(CelBool::from(true)))
}

fn sum<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    let (mut whole, mut number, mut is_whole) = (0_i64, 0_f64, true);
    for item in items(&arguments)? {
        if let Some(item) = item.downcast_ref::<CelInt>() {
            whole = whole.checked_add(*item.inner()).ok_or_else(|| failed("sum", &"the sum is too large"))?;
        } else if let Some(item) = item.downcast_ref::<CelDouble>() {
            (number, is_whole) = (number + *item.inner(), false);
        } else {
            return Err(ExecutionError::function_error("sum", "the items are no numbers"));
        }
    }
    Ok(if is_whole { CowVal::owned(CelInt::from(whole)) } else { CowVal::owned(CelDouble::from(number)) })
}

fn min<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    extreme("min", Ordering::Less, &arguments)
}

fn max<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    extreme("max", Ordering::Greater, &arguments)
}

fn extreme<'b, 'v>(function: &str, wanted: Ordering, arguments: &[CowVal<'b, 'v>]) -> Made<'b, 'v> {
    let mut items = items(arguments)?.iter();
    let mut best = items.next().ok_or_else(|| failed(function, &"the list is empty"))?;
    for item in items {
        if known(function, item.as_ref(), best.as_ref())? == wanted {
            best = item;
        }
    }
    copied(function, best.as_ref())
}

fn copied<'b, 'v>(function: &str, value: &dyn Val) -> Made<'b, 'v> {
    if let Some(value) = value.downcast_ref::<CelInt>() {
        return Ok(CowVal::owned(CelInt::from(*value.inner())));
    }
    if let Some(value) = value.downcast_ref::<CelDouble>() {
        return Ok(CowVal::owned(CelDouble::from(*value.inner())));
    }
    if let Some(value) = value.downcast_ref::<CelString>() {
        return Ok(CowVal::owned(CelString::from(value.inner().to_owned())));
    }
    let flag = value.downcast_ref::<CelBool>().ok_or_else(|| failed(function, &"the items have no order"))?;
    Ok(CowVal::owned(CelBool::from(*flag.inner())))
}

fn index_of<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    let wanted = arguments.get(1).ok_or(ExecutionError::MissingArgumentOrTarget)?;
    Ok(position(items(&arguments)?.iter().position(|item| item.as_ref().equals(wanted.as_ref()))))
}

fn last_index_of<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    let wanted = arguments.get(1).ok_or(ExecutionError::MissingArgumentOrTarget)?;
    Ok(position(items(&arguments)?.iter().rposition(|item| item.as_ref().equals(wanted.as_ref()))))
}

/// Two lists, once comparing each item of one with each of the other is paid for.
fn both<'l, 'v>(arguments: &'l [CowVal<'_, 'v>]) -> Result<[&'l [Box<dyn Val + 'v>]; 2], ExecutionError> {
    let (left, right) = (items(arguments)?, items(arguments.get(1..).unwrap_or_default())?);
    spend(left.len().saturating_mul(right.len()))?;
    Ok([left, right])
}

fn has(list: &[Box<dyn Val + '_>], wanted: &dyn Val) -> bool {
    list.iter().any(|item| item.as_ref().equals(wanted))
}

fn has_all(list: &[Box<dyn Val + '_>], wanted: &[Box<dyn Val + '_>]) -> bool {
    wanted.iter().all(|item| has(list, item.as_ref()))
}

fn contains<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    let [left, right] = both(&arguments)?;
    Ok(CowVal::owned(CelBool::from(has_all(left, right))))
}

fn equivalent<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    let [left, right] = both(&arguments)?;
    Ok(CowVal::owned(CelBool::from(has_all(left, right) && has_all(right, left))))
}

fn intersects<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    let [left, right] = both(&arguments)?;
    Ok(CowVal::owned(CelBool::from(left.iter().any(|item| has(right, item.as_ref())))))
}

fn position<'b, 'v>(found: Option<usize>) -> CowVal<'b, 'v> {
    CowVal::owned(CelInt::from(found.and_then(|found| i64::try_from(found).ok()).unwrap_or(-1)))
}
