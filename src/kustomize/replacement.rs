//! `replacements`: a field of one object copied into fields of others.

use super::id::Id;
use super::selector::Selector;
use super::{Error, Object, edit};
use crate::budget::Budget;
use crate::text::Location;
use crate::yaml::{Node, Value, resolve};

/// Bytes and nodes of an object that are looked at in the time of a step.
const BYTES_PER_STEP: usize = 16;

/// An entry of `replacements`.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Where the value comes from.
    pub source: Source,
    /// Where it goes.
    pub targets: Vec<Target>,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// It is written out.
    Value(Node),
    /// A field of an object.
    Field(Reference),
}

/// A field of the one object that has these; empty ones fit any.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// The object.
    pub id: Id,
    /// Its field; `metadata.name` where it is empty.
    pub path: String,
    /// Which part of it.
    pub options: Options,
}

/// Fields of some objects.
#[derive(Debug, Clone)]
pub struct Target {
    /// The objects.
    pub select: Selector,
    /// Those that are left out.
    pub reject: Vec<Selector>,
    /// The fields.
    pub paths: Vec<String>,
    /// Which part of them.
    pub options: Options,
}

/// Which part of a field is read or written.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What the parts are split at; empty for the whole.
    pub delimiter: String,
    /// Which of the parts.
    pub index: i64,
    /// Whether a field that is not there is made.
    pub create: bool,
}

impl Options {
    /// Reads `options`.
    pub fn read(node: Option<&Node>) -> Self {
        let text = |field: &str| node.and_then(|node| node.get(field)).and_then(Node::scalar_text);
        Self {
            delimiter: text("delimiter").unwrap_or("").to_owned(),
            index: text("index").and_then(|index| index.parse().ok()).unwrap_or(0),
            create: text("create") == Some("true"),
        }
    }
}

impl Replacement {
    pub(super) fn apply(
        &self,
        objects: &mut [Object],
        (at, is_whole): (Location, bool),
        budget: &Budget,
    ) -> Result<(), Error> {
        let reference = match &self.source {
            Source::Value(value) => {
                return self.targets.iter().try_for_each(|target| target.apply(objects, value, (at, budget)));
            }
            Source::Field(reference) => reference,
        };
        let value = reference.value(objects, at, is_whole)?;
        for target in &self.targets {
            target.apply(objects, &value, (at, budget))?;
            // Kustomize reads the field anew each time.
            let after = reference.value(objects, at, is_whole);
            if !after.is_ok_and(|after| after.same_meaning(&value)) {
                return Err(Error::ours(at, "a replacement that changes what it reads is not followed"));
            }
        }
        Ok(())
    }
}

impl Reference {
    fn value(&self, objects: &[Object], at: Location, is_whole: bool) -> Result<Node, Error> {
        let mut found = objects.iter().filter(|object| object.ids().any(|id| self.selects(&id)));
        let object = match (found.next(), found.next()) {
            (Some(object), None) => object,
            (None, _) if !is_whole => {
                return Err(Error::ours(at, "a replacement reads an object that is not known here"));
            }
            (None, _) => return Err(Error::refused(at, "no object matches the source of a replacement")),
            (Some(_), Some(_)) => {
                return Err(Error::refused(at, "more than one object matches the source of a replacement"));
            }
        };
        let path = if self.path.is_empty() { "metadata.name" } else { &self.path };
        if parts(path).iter().any(|part| part == "*") {
            return Err(Error::refused(
                at,
                format!("`{path}`, the source of a replacement, may not be more than one field"),
            ));
        }
        let filled: Vec<String> = parts(path).into_iter().filter(|part| !part.is_empty()).collect();
        let value = lookup(&object.root, &filled).filter(|value| !is_empty(value)).ok_or_else(|| {
            let label = object.id().label();
            if object.id().kind == "Secret" {
                return Error::ours(
                    at,
                    format!("`{path}` of `{label}` is the source of a replacement, and Secrets are not read"),
                );
            }
            Error::refused(at, format!("`{path}`, the source of a replacement, is not in `{label}`"))
        })?;
        if self.options.delimiter.is_empty() {
            return Ok(value.clone());
        }
        let text =
            value.scalar_text().ok_or_else(|| Error::refused(at, "`delimiter` splits text, and this is none"))?;
        let part =
            usize::try_from(self.options.index).ok().and_then(|index| text.split(&self.options.delimiter).nth(index));
        let part = part.ok_or_else(|| Error::refused(at, format!("`{text}` has no part {}", self.options.index)))?;
        Ok(edit::text(part, value.location))
    }

    fn selects(&self, id: &Id) -> bool {
        let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        fits(&self.id.group, &id.group)
            && fits(&self.id.version, &id.version)
            && fits(&self.id.kind, &id.kind)
            && fits(&self.id.name, &id.name)
            && (self.id.namespace.is_empty() || self.id.effective_namespace() == id.effective_namespace())
    }
}

impl Target {
    fn apply(&self, objects: &mut [Object], value: &Node, (at, budget): (Location, &Budget)) -> Result<(), Error> {
        let spend = |steps: usize| budget.spend(steps).map_err(|exceeded| Error::costly(at, exceeded));
        spend(objects.len())?;
        let refused = |message: String| Error::refused(at, message);
        let select = self.select.compile().map_err(refused)?;
        let reject = self.reject.iter().map(Selector::compile).collect::<Result<Vec<_>, _>>().map_err(refused)?;
        for object in objects {
            let ids: Vec<Id> = object.ids().collect();
            let mut rejected = false;
            // Labels reject by themselves, and so does an identity.
            for selector in &reject {
                rejected |= selector.has_marks() && selector.fits_marks(&object.root).map_err(refused)?;
                rejected |= selector.has_identity() && ids.iter().any(|id| selector.fits_written(id));
            }
            let is_selected =
                select.fits_marks(&object.root).map_err(refused)? && ids.iter().any(|id| select.fits_written(id));
            if is_selected && !rejected {
                for path in &self.paths {
                    object.root = self.put(&object.root, path, value, at)?;
                    let Some(size) = edit::size(&object.root) else {
                        return Err(Error::ours(at, "replacements make the object larger than is followed"));
                    };
                    spend(size / BYTES_PER_STEP)?;
                }
                if object.id().name.is_empty() {
                    return Err(refused("a replacement leaves an object without a name".to_owned()));
                }
            }
        }
        Ok(())
    }

    fn put(&self, root: &Node, path: &str, value: &Node, at: Location) -> Result<Node, Error> {
        let mut count = 0;
        let after = self.at_path(root, &parts(path), value, &mut count).map_err(|message| Error::ours(at, message))?;
        match count {
            0 => Err(Error::refused(at, format!("a replacement finds no field `{path}`"))),
            _ => Ok(after),
        }
    }

    /// The node with the value in every field at a path; fields that are found are counted.
    fn at_path(&self, node: &Node, path: &[String], value: &Node, count: &mut usize) -> Result<Node, String> {
        let Some((part, rest)) = path.split_first() else {
            *count += 1;
            return Ok(self.placed(node, value));
        };
        if let Some(items) = node.as_seq() {
            let mut items = items.to_vec();
            // The last of a list can be read, and not written to.
            let wanted = if part == "-" { Wanted::None } else { Wanted::read(part, items.len()) };
            let fits = |(index, item): (usize, &Node)| wanted.fits(index, item);
            if self.options.create && matches!(wanted, Wanted::With(..)) && !items.iter().enumerate().any(fits) {
                return Err("a replacement that makes items of a list is not followed".to_owned());
            }
            for (index, item) in items.iter_mut().enumerate() {
                if wanted.fits(index, item) {
                    *item = self.at_path(item, rest, value, count)?;
                }
            }
            return Ok(edit::with_value(node, Value::Seq(items.into())));
        }
        if node.scalar_text().is_some() {
            return Err("a replacement inside text is not followed".to_owned());
        }
        // These are for lists alone.
        if !matches!(Wanted::read(part, 0), Wanted::None) {
            return Ok(node.clone());
        }
        match node.get(part) {
            Some(child) if !child.is_null() || rest.is_empty() => {
                Ok(edit::with(node, part, self.at_path(child, rest, value, count)?))
            }
            _ if self.options.create && rest.iter().any(|part| part.starts_with('[') || part == "*") => {
                Err("a replacement that makes items of a list is not followed".to_owned())
            }
            _ if self.options.create => {
                *count += 1;
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                Ok(edit::with_at(node, &path, value.clone()))
            }
            _ => Ok(node.clone()),
        }
    }

    /// The value in the place of a field, or of a part of it.
    fn placed(&self, old: &Node, value: &Node) -> Node {
        // A text takes the text of what comes, and a list has none.
        if old.scalar_text().is_some() && value.scalar_text().is_none() {
            return edit::text("", value.location);
        }
        let (Some(text), Some(new)) = (old.scalar_text(), value.scalar_text()) else { return value.clone() };
        if self.options.delimiter.is_empty() {
            // A text stays one, and what is none becomes what the new text says.
            let is_text = matches!(old.value, Value::String(_));
            let value_of = if is_text { Value::String(new.into()) } else { resolve::plain(new) };
            return edit::with_value(value, value_of);
        }
        let mut parts: Vec<&str> = text.split(self.options.delimiter.as_str()).collect();
        match usize::try_from(self.options.index) {
            Err(_) => parts.insert(0, new),
            Ok(index) if index >= parts.len() => parts.push(new),
            Ok(index) => parts[index] = new,
        }
        edit::text(parts.join(&self.options.delimiter), value.location)
    }
}

/// Which items of a list a part of a path is for.
enum Wanted {
    All,
    Index(usize),
    With(String, String),
    None,
}

impl Wanted {
    fn read(part: &str, length: usize) -> Self {
        if part == "*" {
            return Self::All;
        }
        if let Some((key, value)) =
            part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).and_then(|rest| rest.split_once('='))
        {
            return Self::With(key.to_owned(), value.to_owned());
        }
        match part {
            "-" => length.checked_sub(1).map_or(Self::None, Self::Index),
            number => number.parse().map_or(Self::None, Self::Index),
        }
    }

    fn fits(&self, index: usize, item: &Node) -> bool {
        match self {
            Self::All => true,
            Self::Index(wanted) => *wanted == index,
            Self::With(key, value) if key.is_empty() => item.scalar_text() == Some(value),
            Self::With(key, value) => item.get(key).and_then(Node::scalar_text) == Some(value),
            Self::None => false,
        }
    }
}

fn is_empty(node: &Node) -> bool {
    node.is_null()
        || node.as_map().is_some_and(|mapping| mapping.entries().is_empty())
        || node.as_seq().is_some_and(<[Node]>::is_empty)
}

/// The node at a path without wildcards.
fn lookup<'a>(root: &'a Node, path: &[String]) -> Option<&'a Node> {
    path.iter().try_fold(root, |node, part| match node.as_seq() {
        Some(items) => {
            let wanted = Wanted::read(part, items.len());
            items.iter().enumerate().find(|(index, item)| wanted.fits(*index, item)).map(|(_, item)| item)
        }
        None => node.get(part),
    })
}

/// The parts of a path between dots; dots in brackets and behind a backslash are none.
fn parts(path: &str) -> Vec<String> {
    let (mut all, mut in_brackets, mut letters) = (vec![String::new()], false, path.chars().peekable());
    while let Some(letter) = letters.next() {
        let is_escaped = letter == '\\' && letters.peek() == Some(&'.');
        match letter {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            _ => {}
        }
        let last = all.last_mut().expect("the list begins with a part");
        if is_escaped {
            last.extend(letters.next());
        } else if letter == '.' && !in_brackets {
            all.push(String::new());
        } else {
            last.push(letter);
        }
    }
    // Brackets around a key with dots in it; those around `name=value` stay.
    let bare = |part: String| match part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(key) if !key.contains('=') => key.to_owned(),
        _ => part,
    };
    all.into_iter().map(bare).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kustomize::{Build, Change, Part, Step};
    use crate::text::{Address, Source as Text, Sources};
    use crate::yaml::Document;

    /// What a build makes of one ConfigMap by one change.
    fn made(object: &str, change: impl FnOnce(&dyn Fn(&str) -> Node) -> Change) -> Result<usize, Error> {
        let sources = Sources::new();
        let parsed = |text: &str| {
            let id = sources.add(Text::new("a.yaml", Address::Rendered, text));
            Document::parse(id, text).expect("YAML")
        };
        let document = parsed(object);
        let at = document.root.location;
        let step = Step { at, change: change(&|text| parsed(text).root) };
        let build = Build { parts: vec![Part::Object(document)], steps: vec![step] };
        build.objects(&[]).map(|objects| objects[0].root.weight())
    }

    #[test]
    fn what_replacements_make_ends_within_a_bound() {
        let object = format!("kind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: b, c: {}}}\n", "d".repeat(100_000));
        let options = Options { delimiter: "-".into(), index: 1_000_000, create: false };
        let grown = |count: usize, options: &Options| {
            let target = Target {
                select: Selector::default(),
                reject: vec![],
                paths: vec!["data.a".to_owned(); count],
                options: options.clone(),
            };
            made(&object, |parsed| {
                let source = Source::Value(parsed(&"x".repeat(1_000_000)));
                Change::Replace(Replacement { source, targets: vec![target] })
            })
        };
        assert!(grown(3, &options).is_ok());
        let error = grown(100, &options).expect_err("a text that grows and grows");
        assert!(error.is_ours && error.message.contains("larger than is followed"), "{error}");
        let error = grown(1_000, &Options::default()).expect_err("many fields");
        assert!(error.is_ours && error.message.contains("too much"), "{error}");
    }

    #[test]
    fn many_labels_are_laid_over_an_object_at_once() {
        let pairs: Vec<String> = (0..20_000).map(|number| format!("a{number}: b")).collect();
        let pairs = pairs.join("\n");
        let labels = |parsed: &dyn Fn(&str) -> Node| Change::Mark { field: "labels", pairs: parsed(&pairs) };
        let weight = made("kind: ConfigMap\nmetadata: {name: a, labels: {a1: c, own: d}}\n", labels);
        assert!(weight.is_ok_and(|weight| weight > 20_000));
    }
}
