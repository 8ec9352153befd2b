//! Versions, as definitions of custom resources compare them (`k8s.io/apiserver/pkg/cel/library/semverlib.go`).
#![expect(clippy::needless_pass_by_value, reason = "the library calls them so")]

use std::borrow::Cow;
use std::cmp::Ordering;

use cel::common::types::{BOOL_TYPE, CelBool, CelInt, CelMap, CelMapKey, CelString, MAP_TYPE, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};
use semver::Version;

use super::functions::{failed, of_version, text};
use super::lists::{Arguments, Made};

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload("isSemver", "semver_is_lenient", vec![STRING_TYPE, BOOL_TYPE], is_lenient)?;
    env.add_overload("semver", "semver_lenient", vec![STRING_TYPE, BOOL_TYPE], lenient)?;
    env.add_member_overload("major", "semver_major", MAP_TYPE, vec![], major)?;
    env.add_member_overload("minor", "semver_minor", MAP_TYPE, vec![], minor)?;
    env.add_member_overload("patch", "semver_patch", MAP_TYPE, vec![], patch)?;
    env.add_member_overload("isGreaterThan", "semver_is_greater_than", MAP_TYPE, vec![MAP_TYPE], is_greater_than)?;
    env.add_member_overload("isLessThan", "semver_is_less_than", MAP_TYPE, vec![MAP_TYPE], is_less_than)?;
    env.add_member_overload("compareTo", "semver_compare_to", MAP_TYPE, vec![MAP_TYPE], compare_to)
}

/// A version with what people leave out: a `v` before it is dropped, numbers that lack are 0, and zeros before numbers do not count.
fn filled_in(text: &str) -> Option<Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts: Vec<Cow<'_, str>> = text.splitn(3, '.').map(without_zeros).collect();
    if parts.len() < 3 && text.contains(['+', '-']) {
        return None;
    }
    parts.resize(3, Cow::Borrowed("0"));
    Version::parse(&parts.join(".")).ok()
}

fn without_zeros(part: &str) -> Cow<'_, str> {
    let bare = part.trim_start_matches('0');
    match bare.bytes().next() {
        _ if bare.len() == part.len() => Cow::Borrowed(part),
        Some(digit) if digit.is_ascii_digit() => Cow::Borrowed(bare),
        _ => Cow::Owned(format!("0{bare}")),
    }
}

/// The version of a text, and whether it may be written in short.
fn read(arguments: &Arguments<'_, '_>) -> Result<Option<Version>, ExecutionError> {
    let of_text = arguments.first().and_then(|value| value.downcast_ref::<CelString>());
    let is_short = arguments.get(1).and_then(|value| value.downcast_ref::<CelBool>());
    let (Some(text), Some(is_short)) = (of_text, is_short) else { return Err(ExecutionError::MissingArgumentOrTarget) };
    Ok(if *is_short.inner() { filled_in(text.inner()) } else { Version::parse(text.inner()).ok() })
}

fn is_lenient<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    let is_version = read(&arguments)?.is_some();
    Ok(CowVal::owned(CelBool::from(is_version)))
}

fn lenient<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    let version = read(&arguments)?.ok_or_else(|| failed("semver", &"the text is no version"))?;
    Ok(CowVal::owned(of_version(&version)))
}

/// A version that `semver` made.
fn known(function: &str, value: Option<&CowVal<'_, '_>>) -> Result<Version, ExecutionError> {
    let map = value.and_then(|value| value.downcast_ref::<CelMap>()).ok_or(ExecutionError::MissingArgumentOrTarget)?;
    let part = |key: &str| map.inner().get(&CelMapKey::String(text(key)));
    let number = |key: &str| part(key)?.downcast_ref::<CelInt>().and_then(|number| u64::try_from(*number.inner()).ok());
    let words = |key: &str| Some(part(key)?.downcast_ref::<CelString>()?.inner().to_owned());
    let version = || {
        let mut version = Version::new(number("major")?, number("minor")?, number("patch")?);
        version.pre = semver::Prerelease::new(&words("prerelease")?).ok()?;
        Some(version)
    };
    version().ok_or_else(|| failed(function, &"it is for what `semver` makes"))
}

fn part<'b, 'v>(function: &str, arguments: &Arguments<'_, '_>, of: fn(&Version) -> u64) -> Made<'b, 'v> {
    let number = of(&known(function, arguments.first())?);
    Ok(CowVal::owned(CelInt::from(i64::try_from(number).unwrap_or(i64::MAX))))
}

fn major<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    part("major", &arguments, |version| version.major)
}

fn minor<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    part("minor", &arguments, |version| version.minor)
}

fn patch<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    part("patch", &arguments, |version| version.patch)
}

fn order(function: &str, arguments: &Arguments<'_, '_>) -> Result<Ordering, ExecutionError> {
    Ok(known(function, arguments.first())?.cmp_precedence(&known(function, arguments.get(1))?))
}

fn is_greater_than<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(order("isGreaterThan", &arguments)?.is_gt())))
}

fn is_less_than<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(order("isLessThan", &arguments)?.is_lt())))
}

fn compare_to<'b, 'v>(arguments: Arguments<'b, 'v>) -> Made<'b, 'v> {
    Ok(CowVal::owned(CelInt::from(order("compareTo", &arguments)? as i64)))
}
