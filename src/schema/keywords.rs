//! The keywords of a schema, each as Kubernetes' fork of go-openapi judges it.

use super::checker::{Checker, shortened};
use super::source::Schema;
use super::violation::Correction;
use super::{format, object};
use crate::budget::Exceeded;
use crate::text::Location;
use crate::text::suggest::nearest;
use crate::yaml::edit::quoted;
use crate::yaml::{Mapping, Node, Style, Value};

mod list;
mod number;
mod one_of;

impl Checker<'_> {
    /// Judges a value. `at` is where to say what the value as a whole lacks: its key, mostly.
    pub(super) fn value(&mut self, node: &Node, at: Location, schema: Schema<'_>) -> Result<(), Exceeded> {
        let _level = self.budget.enter()?;
        self.budget.spend(schema.keywords())?;
        if !self.has_type(node, schema) {
            return Ok(());
        }
        // Null is one of those too, where it is allowed at all.
        self.listed(node, schema)?;
        if !node.is_null() {
            match &node.value {
                Value::String(text) => self.text(text, node, schema)?,
                Value::Seq(items) => self.list(items, node, at, schema)?,
                Value::Map(mapping) => self.map(mapping, node, at, schema)?,
                _ => self.number(node, schema),
            }
            self.chosen(node, schema);
            self.alternatives(node, at, schema)?;
        }
        Ok(())
    }

    fn has_type(&mut self, node: &Node, schema: Schema<'_>) -> bool {
        let types = schema.types();
        let fits = |wanted: &&str| match (*wanted, &node.value) {
            ("object", Value::Map(_))
            | ("array", Value::Seq(_))
            | ("string", Value::String(_))
            | ("boolean", Value::Bool(..))
            | ("integer", Value::Int(..) | Value::Uint(..))
            | ("number", Value::Int(..) | Value::Uint(..) | Value::Float(..))
            | ("null", Value::Null) => true,
            ("integer", Value::Float(value, _)) => value.fract() == 0.0,
            _ => false,
        };
        let fits = types.is_empty() || types.iter().any(fits) || (node.is_null() && schema.is_nullable());
        if !fits {
            let wanted: Vec<_> = types.iter().map(|name| in_words(name)).collect();
            self.wrong(node.location, format!("is {}, not {}", shown(node), wanted.join(" or ")), schema);
            let last = self.found.last_mut().expect("just reported");
            last.help = match (types.first().copied(), node.scalar_text()) {
                (Some("string"), Some(text)) => Some(format!("put it in quotes: `\"{}\"`", shortened(text))),
                (Some("integer" | "number"), Some(text)) if is_number(node) => {
                    Some(format!("write `{text}` without quotes"))
                }
                (Some("boolean"), Some(text @ ("true" | "false"))) => Some(format!("write `{text}` without quotes")),
                _ => None,
            };
            last.correction = match (types.first().copied(), node.scalar_text()) {
                (Some("string"), Some(text)) if node.style == Style::Plain => Some(Correction::Value(quoted(text))),
                (Some("integer" | "number"), Some(text)) if is_number(node) => Some(Correction::Value(text.to_owned())),
                (Some("boolean"), Some(text @ ("true" | "false"))) => Some(Correction::Value(text.to_owned())),
                _ => None,
            };
        }
        fits
    }

    fn listed(&mut self, node: &Node, schema: Schema<'_>) -> Result<(), Exceeded> {
        let Some(values) = schema.get("enum").and_then(Node::as_seq) else { return Ok(()) };
        for value in values {
            self.budget.spend(value.weight())?;
        }
        if !values.iter().any(|value| number::same(value, node)) {
            let names: Vec<_> = values.iter().take(12).map(|value| format!("`{}`", plain(value))).collect();
            let more = if values.len() > names.len() { ", …" } else { "" };
            let what = format!("is {}, not one of {}{more}", shown(node), names.join(", "));
            self.wrong(node.location, what, schema);
        }
        Ok(())
    }

    /// What one of Kubernetes' own fields has to be besides its type.
    fn chosen(&mut self, node: &Node, schema: Schema<'_>) {
        let choices = schema.choices();
        let Some(text) = node.as_str().filter(|text| !choices.is_empty() && !choices.contains(text)) else { return };
        // What has to say something is refused as such where it is empty.
        if text.is_empty() && (schema.may_be_empty() || schema.is_filled()) {
            return;
        }
        let names: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
        let (what, help) = if text.is_empty() {
            let help = "write one of them, or leave the field out where it is not needed";
            ("is empty".to_owned(), Some(help.to_owned()))
        } else {
            let close = nearest(text, choices.iter().copied()).map(|close| format!("did you mean `{close}`?"));
            (format!("is `{}`", shortened(text)), close)
        };
        self.wrong(node.location, format!("{what}, not one of {}", names.join(", ")), schema);
        let last = self.found.last_mut().expect("just reported");
        last.help = help;
    }

    fn text(&mut self, text: &str, node: &Node, schema: Schema<'_>) -> Result<(), Exceeded> {
        self.budget.scan(text.len())?;
        if text.is_empty() && schema.is_filled() {
            let path = self.path();
            self.report(node.location, format!("required field `{path}` is missing"), None, None);
            return Ok(());
        }
        let length = text.chars().count();
        let bound = |key: &str| schema.get(key).and_then(number::size);
        if let Some(least) = bound("minLength").filter(|least| length < *least) {
            self.wrong(node.location, format!("is {length} characters long, shorter than {least}"), schema);
        }
        if let Some(most) = bound("maxLength").filter(|most| length > *most) {
            self.wrong(node.location, format!("is {length} characters long, longer than {most}"), schema);
        }
        if let Some(pattern) = schema.get("pattern")
            && let Some(source) = pattern.as_str()
            && !self.matches(pattern, text)?
        {
            self.wrong(node.location, format!("is `{}`, which does not match `{source}`", shortened(text)), schema);
        }
        let counts = |name: &&str| schema.is_own() || format::words(name).is_none();
        if let Some(name) = schema.format().filter(counts).filter(|_| !(text.is_empty() && schema.may_be_empty())) {
            self.budget.scan(name.len() + text.len() * 8)?;
            if !format::holds(name, text) {
                let what = format::words(name).map_or_else(|| format!("no `{name}`"), str::to_owned);
                self.wrong(node.location, format!("is `{}`, which is {what}", shortened(text)), schema);
            }
        }
        Ok(())
    }

    fn map(&mut self, mapping: &Mapping, node: &Node, at: Location, schema: Schema<'_>) -> Result<(), Exceeded> {
        let mut entries = mapping.effective();
        self.budget.spend(schema.lookup_cost() * entries.len())?;
        if schema.is_own() {
            // To Kubernetes' own types null is as good as nothing.
            entries.retain(|(_, entry)| !entry.value.is_null());
        }
        self.count("minProperties", "maxProperties", "entries", entries.len(), at, schema);
        for name in schema.required() {
            self.budget.spend(entries.len() + 1)?;
            if !entries.iter().any(|(key, _)| key == name) {
                let path = self.path().key(name);
                self.report(at, format!("required field `{path}` is missing"), None, schema.location());
            }
        }
        if schema.is_resource() {
            object::embedded(node, at, self)?;
        }
        for (key, entry) in entries {
            self.budget.scan(key.len())?;
            if let Some(schema) = schema.field(&key) {
                let (value, at) = (&entry.value, entry.key.location);
                self.within_key(&key, |checker| checker.value(value, at, schema))?;
            }
        }
        Ok(())
    }

    /// Judges a number of things by two keywords.
    fn count(&mut self, least: &str, most: &str, what: &str, found: usize, at: Location, schema: Schema<'_>) {
        let bound = |key: &str| schema.get(key).and_then(number::size);
        if let Some(least) = bound(least).filter(|least| found < *least) {
            self.wrong(at, format!("has {found} {what}, fewer than {least}"), schema);
        }
        if let Some(most) = bound(most).filter(|most| found > *most) {
            self.wrong(at, format!("has {found} {what}, more than {most}"), schema);
        }
    }
}

/// Whether a text is a number in quotes.
fn is_number(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.parse::<i64>().is_ok())
}

fn in_words(name: &str) -> String {
    match name {
        "object" => "a mapping".into(),
        "array" => "a list".into(),
        "integer" => "a whole number".into(),
        "null" => "null".into(),
        _ => format!("a {name}"),
    }
}

/// A value for a message: scalars as they are written, collections by their kind.
fn shown(node: &Node) -> String {
    node.scalar_text().map_or_else(|| node.kind().into(), |text| format!("{} `{}`", node.kind(), shortened(text)))
}

fn plain(node: &Node) -> String {
    node.scalar_text().map_or_else(|| node.kind().into(), shortened)
}
