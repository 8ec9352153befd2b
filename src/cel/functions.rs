//! The functions a rule may call: CEL's own, its strings library, and a few that Kubernetes has under the same names.

use std::cmp::Ordering;
use std::collections::HashMap;

use cel::common::types::{CelBool, CelDouble, CelInt, CelMap, CelMapKey, CelString};
use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};

use crate::image::{ImageRef, is_digest};
use crate::kubernetes::Quantity;

/// Names of types, as in `type(x) == string`.
pub(super) const TYPES: [&str; 9] = ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "uint"];

/// Every function and method, with what it gives.
pub const FUNCTIONS: &[(&str, &str)] = &[
    ("has", "`has(a.b)`: whether the mapping `a` has the key `b`"),
    ("all", "`list.all(x, condition)`: whether the condition holds for every item, or every key of a mapping"),
    ("exists", "`list.exists(x, condition)`: whether it holds for one or more"),
    ("exists_one", "`list.exists_one(x, condition)`: whether it holds for exactly one"),
    ("filter", "`list.filter(x, condition)`: the items for which it holds"),
    ("map", "`list.map(x, expression)`: what the expression makes of every item"),
    ("size", "`size(x)` or `x.size()`: characters of a text, items of a list, keys of a mapping"),
    ("type", "`type(x)`: its type, as in `type(x) == string`"),
    ("string", "`string(x)`: a number or boolean as text"),
    ("int", "`int(x)`: a number or text as a whole number"),
    ("uint", "`uint(x)`: the same without sign"),
    ("double", "`double(x)`: a number or text as a number"),
    ("bool", "`bool(x)`: a text as a boolean"),
    ("bytes", "`bytes(x)`: a text as bytes"),
    ("dyn", "`dyn(x)`: the same value"),
    ("contains", "`text.contains(part)`"),
    ("startsWith", "`text.startsWith(part)`"),
    ("endsWith", "`text.endsWith(part)`"),
    ("matches", "`text.matches(pattern)`: whether a part of the text fits the regular expression"),
    ("find", "`text.find(pattern)`: the first part of the text that fits, else an empty text"),
    ("charAt", "`text.charAt(index)`"),
    ("indexOf", "`text.indexOf(part)` or `list.indexOf(item)`: -1 where it has none"),
    ("lastIndexOf", "`text.lastIndexOf(part)` or `list.lastIndexOf(item)`"),
    ("join", "`list.join(separator)`"),
    ("lowerAscii", "`text.lowerAscii()`"),
    ("upperAscii", "`text.upperAscii()`"),
    ("trim", "`text.trim()`: without white space around it"),
    ("replace", "`text.replace(old, new)`"),
    ("split", "`text.split(separator)`"),
    ("substring", "`text.substring(start, end)`: `end` may be left out"),
    ("format", "`'%s is %d'.format([a, b])`"),
    ("reverse", "`text.reverse()`"),
    ("isSorted", "`list.isSorted()`: whether each item is at least the one before it"),
    ("sum", "`list.sum()`: of a list of numbers"),
    ("min", "`list.min()`: the smallest item; the list cannot be empty"),
    ("max", "`list.max()`: the largest item"),
    ("sets.contains", "`sets.contains(a, b)`: whether the list `a` has every item of `b`"),
    ("sets.equivalent", "`sets.equivalent(a, b)`: whether both lists have the same items, in any order"),
    ("sets.intersects", "`sets.intersects(a, b)`: whether both lists have an item in common"),
    ("cel.bind", "`cel.bind(x, value, expression)`: the expression, in which `x` is the value"),
    ("strings.quote", "`strings.quote(text)`: in double quotes, escaped"),
    ("optional.of", "`optional.of(x)`"),
    ("optional.none", "`optional.none()`"),
    ("optional.ofNonZeroValue", "`optional.ofNonZeroValue(x)`"),
    ("hasValue", "`a.?b.hasValue()`: whether there is one"),
    ("value", "`a.?b.value()`: the value; without one the rule cannot be evaluated"),
    ("or", "`a.?b.or(a.?c)`: the first that has a value"),
    ("orValue", "`a.?b.orValue(x)`: the value of a key that may be absent, else `x`"),
    (
        "isSemver",
        "`isSemver(text)`: whether it is a version as SemVer 2 has it; with `true` behind the text, `v1.2` is one too",
    ),
    (
        "semver",
        "`semver(text)`: `{major, minor, patch, prerelease, build}`; with `true` behind the text, of `v1.2` too",
    ),
    ("major", "`semver(text).major()`: the same as `semver(text).major`"),
    ("minor", "`semver(text).minor()`: the same as `semver(text).minor`"),
    ("patch", "`semver(text).patch()`: the same as `semver(text).patch`"),
    ("compareVersions", "`compareVersions(a, b)`: -1, 0 or 1, by SemVer's order"),
    ("isQuantity", "`isQuantity(text)`: whether it is an amount as Kubernetes has it, `500m` or `1Gi`"),
    ("quantity", "`quantity(text)`: the amount as a number, `quantity('500m') == 0.5`"),
    ("isDigest", "`isDigest(text)`: whether it is a whole sha256 or sha512 digest"),
    ("imageRef", "`imageRef(text)`: `{registry, repository, tag, digest}`"),
    ("duration", "`duration(text)`: `1h30m`, in nanoseconds"),
    ("timestamp", "`timestamp(text)`: a time as RFC 3339 writes it, in seconds since 1970"),
    ("getHours", "`duration(text).getHours()`: the whole hours of a duration"),
    ("getMinutes", "`duration(text).getMinutes()`: its whole minutes"),
    ("getSeconds", "`duration(text).getSeconds()`: its whole seconds"),
    ("getMilliseconds", "`duration(text).getMilliseconds()`: its whole milliseconds"),
    ("isIP", "`isIP(text)`: whether it is an IP address"),
    ("ip", "`ip(text)`: the address in its plain form"),
    ("family", "`ip(text).family()`: 4 or 6"),
    ("isUnspecified", "`ip(text).isUnspecified()`: whether it is `0.0.0.0` or `::`"),
    ("isLoopback", "`ip(text).isLoopback()`"),
    ("isCIDR", "`isCIDR(text)`: whether it is a network such as `10.0.0.0/8`"),
    ("cidr", "`cidr(text)`: the network in its plain form"),
    ("containsIP", "`cidr(text).containsIP(address)`"),
    ("containsCIDR", "`cidr(text).containsCIDR(network)`"),
    ("prefixLength", "`cidr(text).prefixLength()`: how many of its bits count"),
    ("isURL", "`isURL(text)`: whether it is a URL with a scheme, or a path from the root"),
    ("url", "`url(text)`: the same text, where it is one"),
    ("getScheme", "`url(text).getScheme()`"),
    ("getHost", "`url(text).getHost()`: with the port"),
    ("getHostname", "`url(text).getHostname()`: without it"),
    ("getPort", "`url(text).getPort()`: a text, empty where none is written"),
    ("isGreaterThan", "`quantity(a).isGreaterThan(quantity(b))`, and so of what `semver` makes"),
    ("isLessThan", "`quantity(a).isLessThan(quantity(b))`, and so of what `semver` makes"),
    ("compareTo", "`quantity(a).compareTo(quantity(b))`: -1, 0 or 1, and so of what `semver` makes"),
    ("sign", "`quantity(a).sign()`: -1, 0 or 1"),
];

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn is_semver: (CelString) -> CelBool)?;
    cel::add_overload!(env, fn semver: (CelString) -> Result<CelMap>)?;
    cel::add_overload!(env, fn compare_versions: (CelString, CelString) -> Result<CelInt>)?;
    cel::add_overload!(env, fn is_quantity: (CelString) -> CelBool)?;
    cel::add_overload!(env, fn quantity: (CelString) -> Result<CelDouble>)?;
    cel::add_overload!(env, fn digest: (CelString) -> CelBool, name = "isDigest")?;
    cel::add_overload!(env, fn image_ref: (CelString) -> CelMap)
}

pub(super) fn text(value: &str) -> CelString<'static> {
    CelString::from(value.to_owned())
}

fn map(entries: Vec<(&str, Box<dyn Val>)>) -> CelMap<'static> {
    let entries = entries.into_iter().map(|(key, value)| (CelMapKey::String(text(key)), value));
    CelMap::from(entries.collect::<HashMap<_, _>>())
}

pub(super) fn failed(function: &str, message: &impl ToString) -> ExecutionError {
    ExecutionError::function_error(function, message.to_string())
}

fn version(function: &str, text: &str) -> Result<semver::Version, ExecutionError> {
    semver::Version::parse(text).map_err(|_| failed(function, &format!("`{text}` is not a version")))
}

fn is_semver(text: &CelString<'_>) -> CelBool {
    semver::Version::parse(text.inner()).is_ok().into()
}

fn semver(value: &CelString<'_>) -> Result<CelMap<'static>, ExecutionError> {
    version("semver", value.inner()).map(|version| of_version(&version))
}

/// A version as a mapping.
pub(super) fn of_version(version: &semver::Version) -> CelMap<'static> {
    let number = |part: u64| Box::new(CelInt::from(i64::try_from(part).unwrap_or(i64::MAX)));
    map(vec![
        ("major", number(version.major)),
        ("minor", number(version.minor)),
        ("patch", number(version.patch)),
        ("prerelease", Box::new(text(version.pre.as_str()))),
        ("build", Box::new(text(version.build.as_str()))),
    ])
}

fn compare_versions(left: &CelString<'_>, right: &CelString<'_>) -> Result<CelInt, ExecutionError> {
    let [left, right] = [left, right].map(|text| version("compareVersions", text.inner()));
    Ok(CelInt::from(match left?.cmp_precedence(&right?) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn is_quantity(text: &CelString<'_>) -> CelBool {
    Quantity::parse(text.inner()).is_some().into()
}

fn quantity(text: &CelString<'_>) -> Result<CelDouble, ExecutionError> {
    let text = text.inner();
    let amount = Quantity::parse(text).map(|amount| CelDouble::from(amount.to_number()));
    amount.ok_or_else(|| failed("quantity", &format!("`{text}` is not a quantity")))
}

fn digest(text: &CelString<'_>) -> CelBool {
    is_digest(text.inner()).into()
}

fn image_ref(value: &CelString<'_>) -> CelMap<'static> {
    let image = ImageRef::split(value.inner());
    map(vec![
        ("registry", Box::new(text(&image.registry))),
        ("repository", Box::new(text(&image.repository))),
        ("tag", Box::new(text(&image.tag))),
        ("digest", Box::new(text(&image.digest))),
    ])
}
