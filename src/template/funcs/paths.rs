//! Paths and URLs.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::go::path;
use crate::template::go::url::Url;
use crate::template::value::{Map, Value};

const TEXT: &[Type] = &[Type::String];

/// The family. Helm's machines run Unix, so the `os…` functions are those without `os`.
pub const FUNCS: &[Func] = &[
    Func::new("base", TEXT, base).slow(),
    Func::new("clean", TEXT, clean).slow(),
    Func::new("dir", TEXT, dir).slow(),
    Func::new("ext", TEXT, ext).slow(),
    Func::new("getHostByName", TEXT, get_host_by_name),
    Func::new("isAbs", TEXT, is_abs),
    Func::new("osBase", TEXT, base).slow(),
    Func::new("osClean", TEXT, clean).slow(),
    Func::new("osDir", TEXT, dir).slow(),
    Func::new("osExt", TEXT, ext).slow(),
    Func::new("osIsAbs", TEXT, is_abs),
    Func::new("urlJoin", &[Type::Map], url_join).deep(),
    Func::new("urlParse", TEXT, url_parse).slow(),
];

fn base(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(path::base(&args[0].text()).into())
}

fn clean(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(path::clean(&args[0].text()).into())
}

fn dir(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(path::dir(&args[0].text()).into())
}

fn ext(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(path::ext(&args[0].text()).into())
}

fn is_abs(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(args[0].bytes().starts_with(b"/").into())
}

/// Helm looks up no name while it renders without a cluster.
fn get_host_by_name(_: &mut Call<'_>, _: &[Value]) -> Result<Value, Fault> {
    Ok("".into())
}

/// Bytes of an address that are escaped in the time of a step.
const JOINED_PER_STEP: u64 = 8;

fn url_parse(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let url = Url::parse(&args[0].text()).map_err(|error| format!("unable to parse url: {error}"))?;
    let fields = [
        ("fragment", url.fragment.as_str().into()),
        ("host", url.host.as_str().into()),
        ("hostname", url.hostname().into()),
        ("opaque", url.opaque.as_str().into()),
        ("path", url.path.as_str().into()),
        ("query", url.query.as_str().into()),
        ("scheme", url.scheme.as_str().into()),
        ("userinfo", url.userinfo().into()),
    ];
    Ok(fields.into_iter().collect::<Map>().into())
}

fn url_join(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let map = super::dicts::map_of(&args[0]);
    let written: usize = map.snapshot().iter().map(|(_, value)| value.bytes().len()).sum();
    call.step(written as u64 / JOINED_PER_STEP)?;
    let field = |key: &str| -> Result<String, Fault> {
        let Some(value) = map.get(key) else { return Ok(String::new()) };
        if value.is_nil() {
            return Err(super::show::NIL_POINTER.into());
        }
        let text = value.as_string().map(|text| text.as_str().into_owned());
        let kind = value.kind();
        text.ok_or_else(|| format!("unable to parse {key} key, must be of type string, but {kind} found").into())
    };
    let mut url = Url {
        scheme: field("scheme")?,
        host: field("host")?,
        path: field("path")?,
        query: field("query")?,
        opaque: field("opaque")?,
        fragment: field("fragment")?,
        user: None,
    };
    let userinfo = field("userinfo")?;
    if !userinfo.is_empty() {
        let parsed = Url::parse(&format!("proto://{userinfo}@host"));
        url.user = parsed.map_err(|error| format!("unable to parse userinfo in dict: {error}"))?.user;
    }
    Ok(url.to_string().into())
}
