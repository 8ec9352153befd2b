//! `--set` expressions: `image.tag=1.2,args[0]=x,list={a,b}` (Helm's `pkg/strvals`).

use std::iter::Peekable;
use std::str::Chars;
use std::sync::Arc;

use super::place::{Key, Places};
use super::{Error, lay_under};
use crate::budget::Budget;
use crate::template::origin::{OriginId, Origins};
use crate::template::value::{Data, List, Map, Value};
use crate::text::Location;

/// Highest index of a list that may be set.
const MAX_INDEX: usize = 65_536;
/// Deepest nesting of a key.
const MAX_LEVEL: usize = 30;

/// Most elements of lists that all expressions of a rendering make. Helm bounds each index, and so 25 KB of them take 3 GB there.
const ELEMENTS: u64 = 1 << 20;
/// Elements that are copied in the time and room of one that is made.
const COPIED: usize = 64;

/// A count of the elements that expressions make, for all expressions of one rendering.
pub fn elements() -> Budget {
    Budget::new(ELEMENTS, MAX_LEVEL)
}

/// How the text of a value is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `--set`: `true`, `null` and whole numbers are what they look like.
    Typed,
    /// `--set-string`: text, whatever it looks like.
    Text,
    /// `--set-json`: JSON.
    Json,
    /// `--set-file`: text, which [`inlined`] took from files.
    File,
}

/// Lays the values of an expression over `values`, in place. `at` is where the expression stands.
///
/// # Errors
/// Helm's words for an expression that it cannot read, and where all expressions make more than `elements` allows.
pub fn apply(
    values: &Map,
    expression: &str,
    form: Form,
    at: Location,
    elements: &Budget,
    places: &mut Places,
) -> Result<(), Error> {
    let fail = |message: String| match elements.spend(0) {
        Ok(()) => Error { message, location: Some(at), is_limit: false },
        Err(_) => Error {
            message: format!("what is set makes lists of more than {ELEMENTS} elements together"),
            location: Some(at),
            is_limit: true,
        },
    };
    let within = places.add(at, None);
    let mut reader = Reader { input: expression.chars().peekable(), form, at, elements, places, within };
    if form == Form::Json && expression.trim_start().starts_with('{') {
        let json = serde_json::from_str(expression)
            .map_err(|_| fail(format!("failed parsing --set-json data JSON: {expression}")))?;
        if let Data::Map(over) = reader.of_json(&json).data {
            lay_under(values, &over, reader.places);
        }
        return Ok(());
    }
    while reader.input.peek().is_some() {
        reader.key(values, 0).map_err(|message| fail(format!("failed parsing {} data: {message}", form.flag())))?;
    }
    Ok(())
}

impl Form {
    fn flag(self) -> &'static str {
        match self {
            Self::Typed => "--set",
            Self::Text => "--set-string",
            Self::Json => "--set-json",
            Self::File => "--set-file",
        }
    }
}

/// A `--set-file` expression with the text of each file in the place of its path.
///
/// # Errors
/// What `read` says of a path.
pub fn inlined<E>(expression: &str, mut read: impl FnMut(&str) -> Result<String, E>) -> Result<String, E> {
    let mut input = expression.chars().peekable();
    let mut out = String::new();
    while let Some(next) = input.next() {
        out.push(next);
        if next == '\\' {
            out.extend(input.next());
        }
        if next != '=' {
            continue;
        }
        let is_list = input.next_if_eq(&'{').is_some();
        out.extend(is_list.then_some('{'));
        loop {
            let (path, stop) = until(&mut input, if is_list { &[',', '}'] } else { &[','] });
            let text = if path.is_empty() && !is_list { String::new() } else { read(&path)? };
            out.extend(text.chars().flat_map(|character| ['\\', character]));
            out.extend(stop);
            if !is_list || stop != Some(',') {
                break;
            }
        }
    }
    Ok(out)
}

/// Text up to one of `stops`, which is consumed; none where the input ends before.
fn until(input: &mut Peekable<Chars<'_>>, stops: &[char]) -> (String, Option<char>) {
    let mut text = String::new();
    while let Some(next) = input.next() {
        match next {
            stop if stops.contains(&stop) => return (text, Some(stop)),
            '\\' => text.extend(input.next()),
            other => text.push(other),
        }
    }
    (text, None)
}

struct Reader<'a> {
    input: Peekable<Chars<'a>>,
    form: Form,
    /// Where the expression stands.
    at: Location,
    elements: &'a Budget,
    places: &'a mut Places,
    /// The value that is being read.
    within: OriginId,
}

type Read<T> = Result<T, String>;

impl Reader<'_> {
    fn put(&mut self, map: &Map, key: &str, value: Value) {
        if key.is_empty() {
            return;
        }
        let value = value.with_origins(self.origins());
        if let Some(old) = map.get(key) {
            self.places.shadow(&value, &old);
        }
        map.insert(Arc::from(key), value);
    }

    fn origins(&self) -> Origins {
        Origins::one(self.within)
    }

    /// What is read of a value one step below the one that is being read.
    fn below<T>(&mut self, step: Key, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.within;
        self.within = self.places.add(self.at, Some((outer, step)));
        let done = read(self);
        self.within = outer;
        done
    }

    /// One key with its value, below `map`.
    fn key(&mut self, map: &Map, level: usize) -> Read<()> {
        let (key, stop) = until(&mut self.input, &['=', '[', ',', '.']);
        self.below(Key::Name(Arc::from(&*key)), |reader| reader.behind(&key, stop, map, level))
    }

    /// What follows a key.
    fn behind(&mut self, key: &str, stop: Option<char>, map: &Map, level: usize) -> Read<()> {
        match stop {
            None if key.is_empty() => Ok(()),
            None => Err(format!("key \"{key}\" has no value")),
            Some(',') => Err(format!("key \"{key}\" has no value (cannot end with ,)")),
            Some('=') => {
                let value = self.value()?;
                self.put(map, key, value);
                Ok(())
            }
            Some('[') => {
                let index = self.index()?;
                let old = match map.get(key).map(|value| value.data) {
                    None => vec![],
                    Some(Data::List(list)) => self.copied(&list)?,
                    Some(_) => return Err(format!("unable to parse key: `{key}` is not a list")),
                };
                let list = self.item(old, index, level)?;
                self.put(map, key, List::new(list).into());
                Ok(())
            }
            Some(_) => self.nested(map, key, level + 1),
        }
    }

    fn nested(&mut self, map: &Map, key: &str, level: usize) -> Read<()> {
        if level > MAX_LEVEL {
            let limit = format!("maximum supported nested level of {MAX_LEVEL}");
            return Err(format!("value name nested level is greater than {limit}"));
        }
        let inner = match map.get(key).map(|value| value.data) {
            None => Map::located(std::collections::BTreeMap::new(), Map::ANY, self.origins()),
            Some(Data::Map(map)) => map,
            Some(_) => return Err(format!("unable to parse key: `{key}` is not a map")),
        };
        self.key(&inner, level)?;
        if inner.is_empty() {
            return Err(format!("key map \"{key}\" has no value"));
        }
        self.put(map, key, inner.into());
        Ok(())
    }

    fn index(&mut self) -> Read<usize> {
        let (text, stop) = until(&mut self.input, &[']']);
        let number: i64 = match stop {
            Some(_) => text.parse().map_err(|_| format!("error parsing index: `{text}` is not a number"))?,
            None => return Err("error parsing index: EOF".to_owned()),
        };
        match usize::try_from(number) {
            Err(_) => Err(format!("negative {number} index not allowed")),
            Ok(index) if index > MAX_INDEX => {
                Err(format!("index of {index} is greater than maximum supported index of {MAX_INDEX}"))
            }
            Ok(index) => Ok(index),
        }
    }

    /// The elements of a list that is there already.
    fn copied(&self, list: &List) -> Read<Vec<Value>> {
        self.elements.spend(list.len() / COPIED).map_err(|exceeded| exceeded.to_string())?;
        Ok(list.to_vec())
    }

    /// What follows the `]` of an index.
    fn item(&mut self, list: Vec<Value>, index: usize, level: usize) -> Read<Vec<Value>> {
        self.below(Key::Index(index), |reader| reader.behind_index(list, index, level))
    }

    fn behind_index(&mut self, mut list: Vec<Value>, index: usize, level: usize) -> Read<Vec<Value>> {
        let (text, stop) = until(&mut self.input, &['[', '.', '=']);
        if !text.is_empty() {
            return Err(format!("unexpected data at end of array index: \"{text}\""));
        }
        let old = list.get(index).map(|value| value.data.clone());
        let value = match stop {
            Some('=') => self.value()?,
            Some('[') => {
                let next = self.index()?;
                let inner = if let Some(Data::List(inner)) = old { self.copied(&inner)? } else { vec![] };
                List::new(self.item(inner, next, level)?).into()
            }
            Some(_) => {
                let inner = if let Some(Data::Map(inner)) = old { inner } else { Map::new() };
                self.key(&inner, level)?;
                inner.into()
            }
            None => return Err("EOF".to_owned()),
        };
        if list.len() <= index {
            self.elements.spend(index + 1 - list.len()).map_err(|exceeded| exceeded.to_string())?;
            list.resize(index + 1, Value::NIL);
        }
        list[index] = value.with_origins(self.origins());
        Ok(list)
    }

    /// What follows `=`, with the comma behind it.
    fn value(&mut self) -> Read<Value> {
        if self.form == Form::Json {
            return self.json();
        }
        if self.input.peek() == Some(&'{') {
            self.input.next();
            return self.list();
        }
        let (text, _) = until(&mut self.input, &[',']);
        Ok(self.typed(&text))
    }

    fn list(&mut self) -> Read<Value> {
        let mut items = vec![];
        loop {
            let (text, stop) = until(&mut self.input, &[',', '}']);
            items.push(self.typed(&text));
            match stop {
                Some(',') => {}
                Some(_) => {
                    self.input.next_if_eq(&',');
                    return Ok(List::new(items).into());
                }
                None => return Err("list must terminate with '}'".to_owned()),
            }
        }
    }

    fn json(&mut self) -> Read<Value> {
        if self.is_blank() {
            return Ok(Value::NIL);
        }
        let rest: String = self.input.clone().collect();
        let mut stream = serde_json::Deserializer::from_str(&rest).into_iter::<serde_json::Value>();
        let json = stream.next().transpose().map_err(|error| error.to_string())?.unwrap_or_default();
        let length = rest.get(..stream.byte_offset()).map_or(0, |read| read.chars().count());
        self.input.by_ref().take(length).for_each(drop);
        self.is_blank();
        Ok(self.of_json(&json))
    }

    /// Consumes white space and a comma behind it; whether anything else follows first.
    fn is_blank(&mut self) -> bool {
        while self.input.next_if(|next| next.is_whitespace()).is_some() {}
        self.input.peek().is_none() || self.input.next_if_eq(&',').is_some()
    }

    fn typed(&self, text: &str) -> Value {
        let value = match text {
            _ if matches!(self.form, Form::Text | Form::File) => Value::from(text),
            "0" => Data::Int64(0).into(),
            _ if text.eq_ignore_ascii_case("true") => true.into(),
            _ if text.eq_ignore_ascii_case("false") => false.into(),
            _ if text.eq_ignore_ascii_case("null") => Value::NIL,
            _ if text.starts_with('0') => Value::from(text),
            _ => text.parse::<i64>().map_or_else(|_| Value::from(text), |number| Data::Int64(number).into()),
        };
        value.with_origins(self.origins())
    }

    fn of_json(&mut self, json: &serde_json::Value) -> Value {
        let data = match json {
            serde_json::Value::Null => Data::Nil,
            serde_json::Value::Bool(value) => Data::Bool(*value),
            serde_json::Value::Number(number) => Data::Float(number.as_f64().unwrap_or_default()),
            serde_json::Value::String(text) => Data::String(text.as_str().into()),
            serde_json::Value::Array(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(index, item)| self.below(Key::Index(index), |reader| reader.of_json(item)));
                Data::List(List::new(items.collect()))
            }
            serde_json::Value::Object(entries) => {
                let entry = |(key, value): (&String, &serde_json::Value)| {
                    let key: Arc<str> = Arc::from(key.as_str());
                    (Arc::clone(&key), self.below(Key::Name(key), |reader| reader.of_json(value)))
                };
                let entries = entries.iter().map(entry).collect();
                Data::Map(Map::located(entries, Map::ANY, self.origins()))
            }
        };
        Value::from(data).with_origins(self.origins())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::limits::Limits;
    use crate::text::{Address, Source, Sources, Span};

    fn set(expressions: &[(&str, Form)]) -> Result<String, String> {
        let source = Sources::new().add(Source::new("--set", Address::Rendered, ""));
        let (values, mut places, elements) = (Map::new(), Places::default(), elements());
        for (expression, form) in expressions {
            apply(&values, expression, *form, Location::new(source, Span::default()), &elements, &mut places)
                .map_err(|error| error.message)?;
        }
        let mut budget = crate::template::limits::Budget::new(Limits::default());
        let printed = crate::template::print::sprint(&mut budget, &[values.into()]);
        Ok(printed.expect("short").text().into_owned())
    }

    #[test]
    fn expressions_set_what_helm_sets() {
        let cases = [
            ("a=1,b=x,c=true,d=null", "map[a:1 b:x c:true d:<nil>]"),
            ("a.b.c=1,a.b.d=007", "map[a:map[b:map[c:1 d:007]]]"),
            (r"a\.b=1\,2", "map[a.b:1,2]"),
            ("l={a,2,},m=", "map[l:[a 2 ] m:]"),
            ("l[1]=x,l[0].a=1", "map[l:[map[a:1] x]]"),
            ("l[0][1]=x", "map[l:[[<nil> x]]]"),
        ];
        for (expression, expected) in cases {
            assert_eq!(set(&[(expression, Form::Typed)]).as_deref(), Ok(expected), "{expression}");
        }
        assert_eq!(set(&[("a=1", Form::Text)]).as_deref(), Ok("map[a:1]"));
        assert_eq!(set(&[(r#"a=[1,{"b":2}],c=,d="x""#, Form::Json)]).as_deref(), Ok("map[a:[1 map[b:2]] c:<nil> d:x]"));
        assert_eq!(
            set(&[("a.b=1", Form::Typed), (r#"{"a":{"c":2}}"#, Form::Json)]).as_deref(),
            Ok("map[a:map[b:1 c:2]]")
        );
    }

    #[test]
    fn files_stand_in_the_place_of_their_paths() {
        let read = |path: &str| match path {
            "f" => Ok("he,l{l}o\n"),
            "g" => Ok("{x\\"),
            other => Err(format!("open {other}: no such file or directory")),
        };
        let value = |expression: &str| {
            inlined(expression, |path| read(path).map(str::to_owned))
                .map(|expression| set(&[(&expression, Form::File)]))
        };
        let recorded = [
            ("a=f", "map[a:he,l{l}o\n]"),
            ("a={f,g}", "map[a:[he,l{l}o\n {x\\]]"),
            ("a[1]=g", "map[a:[<nil> {x\\]]"),
            ("a=f,b.c=g", "map[a:he,l{l}o\n b:map[c:{x\\]]"),
            ("a={f},b=g", "map[a:[he,l{l}o\n] b:{x\\]"),
            ("a=", "map[a:]"),
        ];
        for (expression, expected) in recorded {
            assert_eq!(value(expression), Ok(Ok(expected.to_owned())), "{expression}");
        }
        for (expression, path) in [("a={}", ""), ("a={f,h}", "h"), ("a=null", "null")] {
            assert_eq!(value(expression), Err(format!("open {path}: no such file or directory")), "{expression}");
        }
        assert_eq!(value("a={f}x"), Ok(Err("failed parsing --set-file data: key \"x\" has no value".to_owned())));
    }

    #[test]
    fn lists_are_bounded_over_all_expressions() {
        let many = |count: usize| -> Vec<String> { (0..count).map(|index| format!("a{index}[65000]=1")).collect() };
        let set_all = |all: &[String]| set(&all.iter().map(|one| (one.as_str(), Form::Typed)).collect::<Vec<_>>());
        assert!(set_all(&many(16)).is_ok());
        let message = "what is set makes lists of more than 1048576 elements together";
        assert_eq!(set_all(&many(17)), Err(message.to_owned()));
        assert_eq!(set_all(&[many(17).join(",")]), Err(message.to_owned()));
        // What stands in a list already is copied for each expression that adds to it.
        let one: Vec<String> = (0..12_000).map(|index| format!("a[{index}]=1")).collect();
        assert_eq!(set_all(&one), Err(message.to_owned()));
    }

    #[test]
    fn what_helm_cannot_read_is_an_error() {
        for expression in ["a", "a,b=1", "l[x]=1", "l[-1]=1", "l={a", "a=1,a.b=2", "l[0]x=1"] {
            assert!(set(&[(expression, Form::Typed)]).is_err(), "{expression}");
        }
    }
}
