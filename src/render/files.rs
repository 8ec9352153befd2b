//! `.Files`: the files of a chart that are neither templates nor read by Helm itself (`pkg/engine/files.go`).

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::functions::table;
use crate::budget::pattern::{Weight, reading, weighed};
use crate::chart::Chart;
use crate::helm::Major;
use crate::template::call::Call;
use crate::template::funcs::{Fault, Func, Type};
use crate::template::limits::Exceeded;
use crate::template::string::Str;
use crate::template::value::{Data, List, Map, Object, Value, View};

/// A file that a template asked for and the chart does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lacking {
    /// The folder of the chart in its tree.
    pub folder: String,
    /// The path, or the pattern.
    pub path: String,
    /// Whether it is a pattern that finds nothing.
    pub is_pattern: bool,
}

/// Files that were asked for in vain, of all charts of a rendering.
#[derive(Debug, Clone, Default)]
pub(super) struct Vain(Arc<Mutex<BTreeSet<Lacking>>>);

/// Files that are noted; a loop may ask for any number.
const NOTED: usize = 1_000;

impl Vain {
    fn note(&self, folder: &str, path: &str, is_pattern: bool) {
        // A panic elsewhere leaves the set whole.
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < NOTED {
            noted.insert(Lacking { folder: folder.to_owned(), path: path.to_owned(), is_pattern });
        }
    }

    /// All that were noted.
    pub(super) fn all(&self) -> Vec<Lacking> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// `engine.files`: contents by path.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    all: BTreeMap<Arc<str>, Arc<[u8]>>,
    /// The chart's folder.
    folder: Arc<str>,
    vain: Vain,
}

impl Files {
    /// What templates of a chart may read.
    pub(super) fn of(chart: &Chart, vain: &Vain) -> Self {
        let files = chart.files.iter().filter(|file| is_file_for_templates(&file.path));
        let all = files.map(|file| (file.path.as_str().into(), Arc::clone(&file.data))).collect();
        Self { all, folder: chart.folder.as_str().into(), vain: vain.clone() }
    }

    fn bytes(&self, path: &str) -> &[u8] {
        self.found(path).map(|data| &**data).unwrap_or_default()
    }

    fn found(&self, path: &str) -> Option<&Arc<[u8]>> {
        let found = self.all.get(path);
        if found.is_none() {
            self.vain.note(&self.folder, path, false);
        }
        found
    }

    /// Contents by the last part of their paths, as the data of a ConfigMap.
    fn by_name(&self, text: fn(&[u8]) -> Str) -> Value {
        let entries = self.all.iter().map(|(path, data)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            (Arc::from(name), Value::from(text(data)))
        });
        Map::typed(entries.collect(), Map::STRINGS).into()
    }
}

/// Whether templates may read a file of a chart: those that Helm reads itself are kept from them.
pub fn is_file_for_templates(path: &str) -> bool {
    let is_read = match path {
        "Chart.yaml" | "Chart.lock" | "values.yaml" | "values.schema.json" => true,
        _ => path.starts_with("templates/") || (path.starts_with("charts/") && !path.ends_with(".prov")),
    };
    !is_read
}

/// A pattern by which `.Files.Glob` finds files, ready to be compared; one that is none or asks for too much finds everything.
#[derive(Debug)]
pub struct FilePattern(Option<Regex>);

impl FilePattern {
    /// Reads a pattern.
    pub fn new(pattern: &str) -> Self {
        Self(matcher(pattern).ok().flatten().map(|(matcher, _)| matcher))
    }

    /// Whether it finds a file.
    pub fn fits(&self, path: &str) -> bool {
        self.0.as_ref().is_none_or(|matcher| matcher.is_match(path))
    }
}

static GET: Func = Func::new("Get", &[Type::String], |call, args| {
    let (files, path) = asked(args)?;
    call.text(files.bytes(&path).len())?;
    Ok(text(files.bytes(&path)).into())
});
static GET_BYTES: Func = Func::new("GetBytes", &[Type::String], |_, args| {
    let (files, path) = asked(args)?;
    Ok(Data::Bytes(files.found(&path).cloned().unwrap_or_else(|| Arc::from([]))).into())
});
static LINES: Func = Func::new("Lines", &[Type::String], |call, args| {
    let (files, path) = asked(args)?;
    lines(call, files.bytes(&path))
});
static GLOB: Func = Func::new("Glob", &[Type::String], |call, args| {
    let (files, path) = asked(args)?;
    Ok(Value::object(glob(call, files, &path)?))
});
static AS_CONFIG: Func = Func::new("AsConfig", &[], |call, args| as_yaml(call, args, text));
static AS_SECRETS: Func = Func::new("AsSecrets", &[], |call, args| as_yaml(call, args, base64));

/// The files and the path that a method is given.
fn asked(args: &[Value]) -> Result<(&Files, std::borrow::Cow<'_, str>), Fault> {
    match args {
        [files, path, ..] => Ok((files.as_object::<Files>().ok_or("not files")?, path.text())),
        _ => Err("no path".into()),
    }
}

fn text(bytes: &[u8]) -> Str {
    Str::from_bytes(bytes.to_vec())
}

fn base64(bytes: &[u8]) -> Str {
    crate::template::go::base::encode64(bytes).into()
}

fn as_yaml(call: &mut Call<'_>, args: &[Value], text: fn(&[u8]) -> Str) -> Result<Value, Fault> {
    let files = args.first().and_then(Value::as_object::<Files>).ok_or("not files")?;
    call.list(files.all.len())?;
    call.text(files.all.values().map(|data| data.len()).sum())?;
    match table(Major::default()).get("toYaml") {
        Some(to_yaml) => (to_yaml.body)(call, &[files.by_name(text)]),
        None => Ok(Value::from("")),
    }
}

fn lines(call: &mut Call<'_>, bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.is_empty() {
        return Ok(List::strings::<Value>([]).into());
    }
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    call.text(body.len())?;
    call.list(body.split(|byte| *byte == b'\n').count())?;
    Ok(List::strings(body.split(|byte| *byte == b'\n').map(text)).into())
}

/// The files whose paths match; a pattern that is none matches everything.
fn glob(call: &mut Call<'_>, files: &Files, pattern: &str) -> Result<Files, Fault> {
    call.step(reading(pattern) as u64)?;
    let matcher = matcher(pattern)?;
    let weight = matcher.as_ref().map_or(0, |(_, weight)| weight.building());
    call.step(weight as u64)?;
    for path in files.all.keys() {
        call.step(matcher.as_ref().map_or(1, |(_, weight)| weight.searching(path.len())) as u64)?;
    }
    let fits = |path: &str| matcher.as_ref().is_none_or(|(matcher, _)| matcher.is_match(path));
    let fitting = files.all.iter().filter(|(path, _)| fits(path));
    let all: BTreeMap<_, _> = fitting.map(|(path, data)| (Arc::clone(path), Arc::clone(data))).collect();
    if all.is_empty() {
        files.vain.note(&files.folder, pattern, true);
    }
    Ok(Files { all, ..files.clone() })
}

/// The expression that stands for a pattern, and what it costs; none for what is no pattern.
fn matcher(pattern: &str) -> Result<Option<(Regex, Weight)>, Fault> {
    let Some(expression) = expression(pattern) else { return Ok(None) };
    match weighed(&expression, |size| RegexBuilder::new(&expression).size_limit(size).build()) {
        Ok(matcher) => Ok(Some(matcher)),
        Err(regex::Error::CompiledTooBig(_)) => Err(Exceeded::Steps.into()),
        Err(_) => Ok(None),
    }
}

/// A pattern of gobwas/glob with `/` as separator, as a regular expression.
fn expression(pattern: &str) -> Option<String> {
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
    (depth == 0).then_some(out)
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
        View::Map(
            self.all.iter().map(|(path, data)| (Arc::clone(path), Data::Bytes(Arc::clone(data)).into())).collect(),
        )
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
            let (matcher, _) = matcher(pattern).ok().flatten().expect("a pattern");
            assert_eq!(matcher.is_match(path), expected, "{pattern} {path}");
        }
    }
}
