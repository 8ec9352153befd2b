//! A type in one version of Kubernetes: what a field of an object may hold.

use std::ops::RangeInclusive;

use super::Minor;
use super::definitions::{self, Definition, Field};

/// A type in one version. Nothing is built: it is a place in the embedded text.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    kind: ShapeSource,
    minor: Minor,
    /// The definition, where it is one: looked up once, as every question needs it.
    definition: Option<&'static Definition>,
    /// What its value may be besides, as `limits.txt` writes it.
    limit: &'static str,
    /// Whether an empty text is refused like one that is not there.
    is_filled: bool,
}

#[derive(Debug, Clone, Copy)]
enum ShapeSource {
    /// A definition by its name.
    Defined(&'static str),
    /// A type as the embedded file writes it.
    Written(&'static str),
}

/// What a value without parts has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// Text.
    Text,
    /// True or false.
    Boolean,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// Any number.
    Number,
    /// Base64.
    Bytes,
    /// A time as RFC 3339 writes it.
    Time,
    /// An amount, `100Mi` say.
    Quantity,
    /// A whole number or text.
    IntOrText,
    /// A mapping of whatever it likes.
    Object,
    /// Anything.
    Any,
}

impl Shape {
    pub(super) fn defined(name: &'static str, minor: Minor) -> Self {
        let definition = definitions::definition(name);
        Self { kind: ShapeSource::Defined(name), minor, definition, limit: "", is_filled: false }
    }

    /// The version that it is of.
    pub fn minor(self) -> Minor {
        self.minor
    }

    fn written(self, text: &'static str, limit: &'static str) -> Self {
        let definition = text.strip_prefix('#').and_then(definitions::definition);
        Self { kind: ShapeSource::Written(text), minor: self.minor, definition, limit, is_filled: false }
    }

    fn of(self, field: &Field) -> Self {
        Self { is_filled: field.is_filled, ..self.written(field.kind, field.limit) }
    }

    /// The definition's name, where it is one: `core.v1.Container`.
    pub fn name(self) -> Option<&'static str> {
        match self.kind {
            ShapeSource::Defined(name) => Some(name),
            ShapeSource::Written(text) => text.strip_prefix('#'),
        }
    }

    /// The type behind a definition that is only a name for one.
    fn text(self) -> &'static str {
        let whole = self.definition.and_then(|definition| current(&definition.whole, self.minor));
        match (whole, self.kind) {
            (Some(whole), _) => whole.kind,
            (None, ShapeSource::Written(text)) => text,
            (None, ShapeSource::Defined(_)) => "",
        }
    }

    /// What it is, where it has no parts.
    pub fn scalar(self) -> Option<Scalar> {
        Some(match self.text() {
            "s" => Scalar::Text,
            "b" => Scalar::Boolean,
            "i" => Scalar::Int32,
            "l" => Scalar::Int64,
            "d" => Scalar::Number,
            "y" => Scalar::Bytes,
            "t" => Scalar::Time,
            "q" => Scalar::Quantity,
            "x" => Scalar::IntOrText,
            "o" => Scalar::Object,
            "*" => Scalar::Any,
            _ => return None,
        })
    }

    /// The only texts that it may be; empty where any will do.
    pub fn choices(self) -> Vec<&'static str> {
        let is_choice = self.scalar() == Some(Scalar::Text) && !self.limit.is_empty() && !self.limit.starts_with('%');
        if is_choice { self.limit.trim_end_matches('?').split('|').collect() } else { vec![] }
    }

    /// The least and the greatest number that it may be.
    pub fn range(self) -> Option<(i64, i64)> {
        let whole = match self.scalar()? {
            Scalar::Int32 | Scalar::IntOrText => (i32::MIN.into(), i32::MAX.into()),
            Scalar::Int64 => (i64::MIN, i64::MAX),
            _ => return None,
        };
        match self.limit {
            "%port" => return Some((1, 65_535)),
            // 0 stands for the port itself.
            "%target-port" => return Some((0, 65_535)),
            "%percent" | "%share" => return Some((0, i32::MAX.into())),
            _ => {}
        }
        let ends = self.limit.split_once("..");
        Some(ends.and_then(|(least, most)| least.parse().ok().zip(most.parse().ok())).unwrap_or(whole))
    }

    /// The format that its text has to have.
    pub fn format(self) -> Option<&'static str> {
        match self.limit.strip_prefix('%') {
            Some("port" | "target-port") => Some("port-name"),
            format => format.map(|format| format.trim_end_matches('?')),
        }
    }

    /// Whether an empty text counts as left out.
    pub fn may_be_empty(self) -> bool {
        self.limit.ends_with('?') || self.limit == "%target-port"
    }

    /// Whether an empty text is refused like one that is not there.
    pub fn is_filled(self) -> bool {
        self.is_filled
    }

    /// The type of items, where it is a list.
    pub fn items(self) -> Option<Self> {
        let (_, item) = self.text().strip_prefix('[')?.split_once(']')?;
        Some(self.written(item, self.limit))
    }

    /// What no two items may have in common: fields, and none of them for the whole item; none where items may repeat.
    pub fn list_keys(self) -> Option<Vec<&'static str>> {
        let (keys, _) = self.text().strip_prefix('[')?.split_once(']')?;
        match keys {
            "" => None,
            "=" => Some(vec![]),
            keys => Some(keys.split(',').collect()),
        }
    }

    /// The type of every value, where it is a mapping with keys of the user's.
    pub fn values(self) -> Option<Self> {
        self.text().strip_prefix("{}").map(|each| self.written(each, ""))
    }

    /// Whether it is a mapping with fields of its own.
    pub fn has_fields(self) -> bool {
        self.definition.is_some_and(|definition| definition.whole.is_empty())
    }

    /// The type of a field.
    pub fn field(self, name: &str) -> Option<Self> {
        let fields = &self.definition?.fields;
        let first = fields.partition_point(|field| field.name < name);
        let named = fields[first..].iter().take_while(|field| field.name == name);
        named.into_iter().find(|field| field.minors.contains(&self.minor)).map(|field| self.of(field))
    }

    /// The fields of this version.
    pub fn fields(self) -> impl Iterator<Item = (&'static str, Self)> {
        self.current().map(move |field| (field.name, self.of(field)))
    }

    /// The fields of this version that have to be there.
    pub fn required(self) -> impl Iterator<Item = &'static str> {
        self.current().filter(|field| field.is_required).map(|field| field.name)
    }

    /// The stretches of versions that know a field, the oldest first.
    pub fn known_in(self, name: &str) -> Vec<RangeInclusive<Minor>> {
        let fields = self.definition.map(|definition| definition.fields.as_slice()).unwrap_or_default();
        let mut found: Vec<_> =
            fields.iter().filter(|field| field.name == name).map(|field| field.minors.clone()).collect();
        found.sort_by_key(|minors| *minors.start());
        found
    }

    fn current(self) -> impl Iterator<Item = &'static Field> {
        let fields = self.definition.map(|definition| definition.fields.as_slice()).unwrap_or_default();
        fields.iter().filter(move |field| field.minors.contains(&self.minor))
    }
}

fn current(fields: &'static [Field], minor: Minor) -> Option<&'static Field> {
    fields.iter().find(|field| field.minors.contains(&minor))
}
