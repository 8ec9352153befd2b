//! Kubernetes' own functions, as definitions of custom resources call them: durations and times, addresses, URLs, quantities.
//!
//! A duration is its nanoseconds, an address its plain text, a time and a quantity a number: what the API server lets a rule do with them comes out
//! the same, and what it does not is no number's business.
#![expect(clippy::trivially_copy_pass_by_ref, reason = "the library hands arguments over by reference")]

use std::cmp::Ordering;
use std::net::IpAddr;

use cel::common::types::{CelBool, CelDouble, CelInt, CelString};
use cel::{DeclarationError, Env, ExecutionError, Value};

use super::functions::{failed, text};
use crate::template::go::{duration, time, url};

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn span: (CelString) -> Result<CelInt>, name = "duration")?;
    cel::add_overload!(env, fn instant: (CelString) -> Result<CelDouble>, name = "timestamp")?;
    cel::add_member_overload!(env, fn hours: (CelInt) -> CelInt, name = "getHours")?;
    cel::add_member_overload!(env, fn minutes: (CelInt) -> CelInt, name = "getMinutes")?;
    cel::add_member_overload!(env, fn seconds: (CelInt) -> CelInt, name = "getSeconds")?;
    cel::add_member_overload!(env, fn milliseconds: (CelInt) -> CelInt, name = "getMilliseconds")?;
    cel::add_overload!(env, fn is_ip: (CelString) -> CelBool, name = "isIP")?;
    cel::add_overload!(env, fn ip: (CelString) -> Result<CelString>)?;
    cel::add_member_overload!(env, fn family: (CelString) -> Result<CelInt>)?;
    cel::add_member_overload!(env, fn is_unspecified: (CelString) -> Result<CelBool>)?;
    cel::add_member_overload!(env, fn is_loopback: (CelString) -> Result<CelBool>)?;
    cel::add_overload!(env, fn is_cidr: (CelString) -> CelBool, name = "isCIDR")?;
    cel::add_overload!(env, fn cidr: (CelString) -> Result<CelString>)?;
    cel::add_member_overload!(env, fn contains_ip: (CelString, CelString) -> Result<CelBool>, name = "containsIP")?;
    cel::add_member_overload!(env, fn contains_cidr: (CelString, CelString) -> Result<CelBool>, name = "containsCIDR")?;
    cel::add_member_overload!(env, fn prefix_length: (CelString) -> Result<CelInt>)?;
    cel::add_overload!(env, fn is_url: (CelString) -> CelBool, name = "isURL")?;
    cel::add_overload!(env, fn address: (CelString) -> Result<CelString>, name = "url")?;
    cel::add_member_overload!(env, fn scheme: (CelString) -> Result<CelString>, name = "getScheme")?;
    cel::add_member_overload!(env, fn host: (CelString) -> Result<CelString>, name = "getHost")?;
    cel::add_member_overload!(env, fn hostname: (CelString) -> Result<CelString>, name = "getHostname")?;
    cel::add_member_overload!(env, fn port: (CelString) -> Result<CelString>, name = "getPort")?;
    cel::add_member_overload!(env, fn is_greater_than: (CelDouble, CelDouble) -> CelBool)?;
    cel::add_member_overload!(env, fn is_less_than: (CelDouble, CelDouble) -> CelBool)?;
    cel::add_member_overload!(env, fn compare_to: (CelDouble, CelDouble) -> CelInt)?;
    cel::add_member_overload!(env, fn sign: (CelDouble) -> CelInt)
}

fn span(value: &CelString<'_>) -> Result<CelInt, ExecutionError> {
    duration::parse(value.inner()).map(CelInt::from).map_err(|error| failed("duration", &error))
}

/// How times are written, as Go lays them out.
const RFC3339: &str = "2006-01-02T15:04:05Z07:00";

fn instant(value: &CelString<'_>) -> Result<CelDouble, ExecutionError> {
    since(RFC3339, value.inner()).map(CelDouble::from).map_err(|error| failed("timestamp", &error))
}

/// Seconds since 1970.
fn since(layout: &str, text: &str) -> Result<f64, String> {
    let time = time::parse(layout, text)?;
    #[expect(clippy::cast_precision_loss, reason = "years of four digits are exact to a microsecond")]
    let seconds = time.seconds as f64;
    Ok(seconds + f64::from(time.nanos) / 1e9)
}

/// What a text is to rules where its format makes something else of it; none where that is not told here.
pub fn typed(format: &str, text: &str) -> Option<Value> {
    match format {
        "duration" => duration::parse(text).ok().map(Value::Int),
        "date-time" | "datetime" => since(RFC3339, text).ok().map(Value::Float),
        "date" => since("2006-01-02", text).ok().map(Value::Float),
        _ => None,
    }
}

fn of_span(span: &CelInt, unit: i64) -> CelInt {
    CelInt::from(span.inner() / unit)
}

fn hours(span: &CelInt) -> CelInt {
    of_span(span, 3600 * duration::SECOND)
}

fn minutes(span: &CelInt) -> CelInt {
    of_span(span, 60 * duration::SECOND)
}

fn seconds(span: &CelInt) -> CelInt {
    of_span(span, duration::SECOND)
}

/// Of a whole duration, as `k8s.io/apiserver` has it; not the part behind the seconds.
fn milliseconds(span: &CelInt) -> CelInt {
    of_span(span, duration::SECOND / 1000)
}

/// An address; Kubernetes takes no IPv4 one in the form of IPv6.
fn parsed(text: &str) -> Option<IpAddr> {
    let address = text.parse().ok()?;
    let is_mapped = matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some());
    (!is_mapped).then_some(address)
}

fn known(function: &str, text: &str) -> Result<IpAddr, ExecutionError> {
    parsed(text).ok_or_else(|| failed(function, &format!("`{text}` is no IP address")))
}

fn is_ip(value: &CelString<'_>) -> CelBool {
    parsed(value.inner()).is_some().into()
}

fn ip(value: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    Ok(text(&known("ip", value.inner())?.to_string()))
}

fn family(value: &CelString<'_>) -> Result<CelInt, ExecutionError> {
    Ok(CelInt::from(if known("family", value.inner())?.is_ipv4() { 4 } else { 6 }))
}

fn is_unspecified(value: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok(known("isUnspecified", value.inner())?.is_unspecified().into())
}

fn is_loopback(value: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok(known("isLoopback", value.inner())?.is_loopback().into())
}

/// A network: its address, and how many bits of it count.
#[derive(Clone, Copy)]
struct Network(IpAddr, u32);

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address = parsed(address)?;
        let is_plain = bits == "0" || (!bits.starts_with('0') && bits.bytes().all(|byte| byte.is_ascii_digit()));
        let bits = bits.parse().ok().filter(|bits| is_plain && *bits <= width(address))?;
        Some(Self(address, bits))
    }

    fn known(function: &str, text: &str) -> Result<Self, ExecutionError> {
        Self::parse(text).ok_or_else(|| failed(function, &format!("`{text}` is no network such as `10.0.0.0/8`")))
    }

    fn contains(self, other: Self) -> bool {
        let is_alike = width(self.0) == width(other.0) && other.1 >= self.1;
        is_alike && prefix(self.0, self.1) == prefix(other.0, self.1)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The bits of an address that count.
fn prefix(address: IpAddr, bits: u32) -> u128 {
    let (value, width) = match address {
        IpAddr::V4(address) => (u32::from(address).into(), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    value.checked_shr(width - bits).unwrap_or(0)
}

fn is_cidr(value: &CelString<'_>) -> CelBool {
    Network::parse(value.inner()).is_some().into()
}

fn cidr(value: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    let Network(address, bits) = Network::known("cidr", value.inner())?;
    Ok(text(&format!("{address}/{bits}")))
}

fn contains_ip(network: &CelString<'_>, address: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    let address = known("containsIP", address.inner())?;
    let network = Network::known("containsIP", network.inner())?;
    Ok(network.contains(Network(address, width(address))).into())
}

fn contains_cidr(network: &CelString<'_>, inner: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    let [network, inner] = [network, inner].map(|text| Network::known("containsCIDR", text.inner()));
    Ok(network?.contains(inner?).into())
}

fn prefix_length(network: &CelString<'_>) -> Result<CelInt, ExecutionError> {
    Ok(CelInt::from(i64::from(Network::known("prefixLength", network.inner())?.1)))
}

/// What Go's `url.ParseRequestURI` takes: with a scheme, or a path from the root.
fn request(function: &str, text: &str) -> Result<url::Url, ExecutionError> {
    let parsed = url::Url::parse(text).ok().filter(|url| !url.scheme.is_empty() || text.starts_with('/'));
    parsed.ok_or_else(|| failed(function, &format!("`{text}` is no URL")))
}

fn is_url(value: &CelString<'_>) -> CelBool {
    request("isURL", value.inner()).is_ok().into()
}

fn address(value: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    request("url", value.inner()).map(|_| text(value.inner()))
}

fn scheme(value: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    Ok(text(&request("getScheme", value.inner())?.scheme))
}

fn host(value: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    Ok(text(&request("getHost", value.inner())?.host))
}

fn hostname(value: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    Ok(text(request("getHostname", value.inner())?.hostname().trim_matches(['[', ']'])))
}

fn port(value: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    let url = request("getPort", value.inner())?;
    let port = url.host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(text(port.map_or("", |(_, port)| port)))
}

fn order(left: &CelDouble, right: &CelDouble) -> Ordering {
    left.inner().total_cmp(right.inner())
}

fn is_greater_than(left: &CelDouble, right: &CelDouble) -> CelBool {
    order(left, right).is_gt().into()
}

fn is_less_than(left: &CelDouble, right: &CelDouble) -> CelBool {
    order(left, right).is_lt().into()
}

fn compare_to(left: &CelDouble, right: &CelDouble) -> CelInt {
    CelInt::from(order(left, right) as i64)
}

fn sign(value: &CelDouble) -> CelInt {
    CelInt::from(value.inner().total_cmp(&0.0) as i64)
}
