//! What the rules on keys share that a parent chart sets: whether values.schema.json takes them.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::chart::Chart;
use crate::json_schema::{self, Schema, standing};
use crate::rule::Context;
use crate::text::{Location, Span};
use crate::yaml::{Document, Node};

/// A chart's schema, with the values that it is judged by as they are.
pub(super) struct Judge<'a> {
    chart: &'a Chart,
    schema: Arc<Schema>,
    /// Its text as a tree with places, read when one is asked for.
    document: OnceCell<Option<Document>>,
    values: Json,
    /// What the schema finds wrong with the values by themselves.
    known: BTreeSet<(String, String)>,
}

impl<'a> Judge<'a> {
    /// None where there is no schema, or one that other rules speak of.
    pub(super) fn of(context: &Context<'a>) -> Option<Self> {
        let chart = context.chart;
        let schema = context.cache.schema(chart.schema.as_ref()?)?;
        let values = chart.values.as_ref().and_then(|values| values.root()).map_or_else(|| json!({}), Node::to_json);
        let values = if values.is_object() { values } else { json!({}) };
        let mut judge = Self { chart, schema, document: OnceCell::new(), values, known: BTreeSet::new() };
        judge.known = judge.faults(&judge.values)?;
        Some(judge)
    }

    /// Whether the chart's own values have a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.get(key).is_some()
    }

    /// The place in the schema that refuses a key of this value beside the chart's own values.
    pub(super) fn refusal(&self, key: &str, value: Json) -> Option<Location> {
        let mut values = self.values.clone();
        values.as_object_mut()?.insert(key.to_owned(), value);
        let (way, _) = self.faults(&values)?.difference(&self.known).next()?.clone();
        let file = self.chart.schema.as_ref()?;
        let start = Location::new(file.source, Span::default());
        let document = self.document.get_or_init(|| Document::parse(file.source, &file.text).ok());
        let at = standing(self.schema.root(), &way);
        Some(document.as_ref().and_then(|document| document.root.pointer(&at)).map_or(start, |node| node.location))
    }

    /// The values that are refused for a null in them, by their pointers; not those that are refused without it as well, as users have to set
    /// them. None are known where finding out costs too much, which the rendering says.
    pub(super) fn nulls(&self) -> BTreeSet<String> {
        let mut without = self.values.clone();
        strip(&mut without);
        let Some(left) = self.faults(&without) else { return BTreeSet::new() };
        let wanting: BTreeSet<&str> = left.difference(&self.known).map(|(_, value)| value.as_str()).collect();
        let nulls = self.known.difference(&left).map(|(_, value)| value);
        let is_wanted = |value: &&String| value.rsplit_once('/').is_some_and(|(above, _)| wanting.contains(above));
        nulls.filter(|value| !is_wanted(value)).cloned().collect()
    }

    /// What is wrong with values, as keywords and the places that they judge; none where finding out costs too much.
    fn faults(&self, values: &Json) -> Option<BTreeSet<(String, String)>> {
        let errors = self.schema.faults(values, &json_schema::budget(u64::MAX)).ok()?;
        Some(errors.iter().map(|error| (error.schema_path().to_string(), error.instance_path().to_string())).collect())
    }
}

/// Takes keys away that are null, as Helm 4 does.
fn strip(values: &mut Json) {
    if let Json::Object(map) = values {
        map.retain(|_, value| !value.is_null());
        map.values_mut().for_each(strip);
    }
}
