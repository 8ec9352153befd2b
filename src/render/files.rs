//! `.Files`: the files of a chart that are neither templates nor read by Helm itself (`pkg/engine/files.go`).

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;

use super::engine;
use crate::chart::Chart;
use crate::template::call::Call;
use crate::template::funcs::{Fault, Func, Type};
use crate::template::string::Str;
use crate::template::value::{Data, List, Map, Object, Value, View};

/// `engine.files`: contents by path.
#[derive(Debug, Clone, Default)]
pub(super) struct Files(BTreeMap<Arc<str>, Arc<[u8]>>);

impl Files {
    /// What templates of a chart may read.
    pub(super) fn of(chart: &Chart) -> Self {
        let is_read = |path: &str| match path {
            "Chart.yaml" | "Chart.lock" | "values.yaml" | "values.schema.json" => true,
            _ => path.starts_with("templates/") || (path.starts_with("charts/") && !path.ends_with(".prov")),
        };
        let files = chart.files.iter().filter(|file| !is_read(&file.path));
        Self(files.map(|file| (file.path.as_str().into(), Arc::clone(&file.data))).collect())
    }

    fn bytes(&self, path: &str) -> &[u8] {
        self.0.get(path).map(|data| &**data).unwrap_or_default()
    }

    /// Contents by the last part of their paths, as the data of a ConfigMap.
    fn by_name(&self, text: fn(&[u8]) -> Str) -> Value {
        let entries = self.0.iter().map(|(path, data)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            (Arc::from(name), Value::from(text(data)))
        });
        Map::typed(entries.collect(), Map::STRINGS).into()
    }
}

static GET: Func =
    Func::new("Get", &[Type::String], |_, args| with(args, |files, path| text(files.bytes(path)).into()));
static GET_BYTES: Func = Func::new("GetBytes", &[Type::String], |_, args| {
    with(args, |files, path| Data::Bytes(files.0.get(path).cloned().unwrap_or_else(|| Arc::from([]))).into())
});
static LINES: Func = Func::new("Lines", &[Type::String], |_, args| with(args, |files, path| lines(files.bytes(path))));
static GLOB: Func =
    Func::new("Glob", &[Type::String], |_, args| with(args, |files, path| Value::object(glob(files, path))));
static AS_CONFIG: Func = Func::new("AsConfig", &[], |call, args| as_yaml(call, args, |files| files.by_name(text)));
static AS_SECRETS: Func = Func::new("AsSecrets", &[], |call, args| as_yaml(call, args, |files| files.by_name(base64)));

fn with(args: &[Value], make: impl Fn(&Files, &str) -> Value) -> Result<Value, Fault> {
    match args {
        [files, path, ..] => Ok(make(files.as_object::<Files>().ok_or("not files")?, &path.text())),
        _ => Err("no path".into()),
    }
}

fn text(bytes: &[u8]) -> Str {
    Str::from_bytes(bytes.to_vec())
}

fn base64(bytes: &[u8]) -> Str {
    crate::template::go::base::encode64(bytes).into()
}

fn as_yaml(call: &mut Call<'_>, args: &[Value], make: fn(&Files) -> Value) -> Result<Value, Fault> {
    let files = args.first().and_then(Value::as_object::<Files>).ok_or("not files")?;
    match engine::table().get("toYaml") {
        Some(to_yaml) => (to_yaml.body)(call, &[make(files)]),
        None => Ok(Value::from("")),
    }
}

fn lines(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return List::strings::<Value>([]).into();
    }
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    List::strings(body.split(|byte| *byte == b'\n').map(text)).into()
}

/// The files whose paths match; a pattern that is none matches everything.
fn glob(files: &Files, pattern: &str) -> Files {
    let matcher = matcher(pattern);
    let fits = |path: &str| matcher.as_ref().is_none_or(|matcher| matcher.is_match(path));
    Files(
        files
            .0
            .iter()
            .filter(|(path, _)| fits(path))
            .map(|(path, data)| (Arc::clone(path), Arc::clone(data)))
            .collect(),
    )
}

/// A pattern of gobwas/glob with `/` as separator, as a regular expression.
fn matcher(pattern: &str) -> Option<Regex> {
    let mut out = String::from(r"(?s)\A");
    let mut depth = 0_usize;
    let mut rest = pattern.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '*' if rest.next_if_eq(&'*').is_some() => {
                while rest.next_if_eq(&'*').is_some() {}
                out.push_str(".*");
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '{' => {
                depth += 1;
                out.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            '[' => class(&mut rest, &mut out)?,
            '\\' => out.push_str(&regex::escape(&rest.next()?.to_string())),
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    out.push_str(r"\z");
    if depth > 0 { None } else { Regex::new(&out).ok() }
}

fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if rest.next_if_eq(&'!').is_some() {
        out.push('^');
    }
    loop {
        match rest.next()? {
            ']' => break,
            '-' => out.push('-'),
            '\\' => out.push_str(&regex::escape(&rest.next()?.to_string())),
            '&' | '~' => return None,
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    out.push(']');
    Some(())
}

impl Object for Files {
    fn type_name(&self) -> &'static str {
        "engine.files"
    }

    fn view(&self) -> View {
        View::Map(self.0.iter().map(|(path, data)| (Arc::clone(path), Data::Bytes(Arc::clone(data)).into())).collect())
    }

    fn method(&self, name: &str) -> Option<&'static Func> {
        [&GET, &GET_BYTES, &LINES, &GLOB, &AS_CONFIG, &AS_SECRETS].into_iter().find(|method| method.name == name)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_helm() {
        let cases = [
            ("config/*", "config/a.conf", true),
            ("config/*", "config/sub/a.conf", false),
            ("config/**", "config/sub/a.conf", true),
            ("**.conf", "config/sub/a.conf", true),
            ("**/a.conf", "a.conf", false),
            ("{a,b}.{x,yaml}", "b.yaml", true),
            ("[!a-c]?.txt", "dz.txt", true),
            ("[a-c].txt", "d.txt", false),
            (r"a\*b", "a*b", true),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(matcher(pattern).expect("a pattern").is_match(path), expected, "{pattern} {path}");
        }
    }
}
