//! `allOf`, `anyOf`, `oneOf` and `not`.

use super::Checker;
use crate::budget::Exceeded;
use crate::schema::source::Schema;
use crate::schema::violation::Violation;
use crate::text::Location;
use crate::yaml::Node;

impl Checker<'_> {
    pub(super) fn alternatives(&mut self, node: &Node, at: Location, schema: Schema<'_>) -> Result<(), Exceeded> {
        for part in schema.alternatives("allOf") {
            self.value(node, at, part)?;
        }
        let any = self.tried(node, at, schema, "anyOf")?;
        if !any.is_empty() && !any.iter().any(Vec::is_empty) {
            self.none_fits(&any, at, schema, "anyOf")?;
        }
        let one = self.tried(node, at, schema, "oneOf")?;
        let fitting = one.iter().filter(|found| found.is_empty()).count();
        if !one.is_empty() && fitting == 0 {
            self.none_fits(&one, at, schema, "oneOf")?;
        } else if fitting > 1 {
            self.budget.spend(names(schema, "oneOf"))?;
            let fields = required(schema, "oneOf");
            let help = (!fields.is_empty()).then(|| format!("exactly one of {} may be set", fields.join(", ")));
            let message = format!("{} fits {fitting} alternatives of `oneOf`, exactly one is allowed", self.subject());
            self.report(at, message, help, schema.location());
        }
        if let Some(forbidden) = schema.get("not").filter(|schema| schema.as_map().is_some())
            && self.attempt(node, at, Schema::Written(forbidden))?.is_empty()
        {
            self.wrong(at, "is what the schema forbids with `not`", Schema::Written(forbidden));
        }
        Ok(())
    }

    /// What is wrong under each alternative.
    fn tried(
        &mut self,
        node: &Node,
        at: Location,
        schema: Schema<'_>,
        key: &str,
    ) -> Result<Vec<Vec<Violation>>, Exceeded> {
        schema.alternatives(key).map(|alternative| self.attempt(node, at, alternative)).collect()
    }

    fn attempt(&mut self, node: &Node, at: Location, schema: Schema<'_>) -> Result<Vec<Violation>, Exceeded> {
        let outer = std::mem::take(&mut self.found);
        let result = self.value(node, at, schema);
        let inner = std::mem::replace(&mut self.found, outer);
        result.map(|()| inner)
    }

    fn none_fits(
        &mut self,
        tried: &[Vec<Violation>],
        at: Location,
        schema: Schema<'_>,
        key: &str,
    ) -> Result<(), Exceeded> {
        self.budget.spend(names(schema, key))?;
        let fields = required(schema, key);
        let nearest = tried.iter().min_by_key(|found| found.len()).and_then(|found| found.first());
        let help = if fields.is_empty() {
            nearest.map(|violation| format!("the nearest alternative says: {}", violation.message))
        } else {
            Some(format!("set one of {}", fields.join(", ")))
        };
        let message = format!("{} fits none of the {} alternatives of `{key}`", self.subject(), tried.len());
        self.report(at, message, help, schema.location());
        Ok(())
    }
}

/// How many alternatives and names [`required`] looks at.
fn names(schema: Schema<'_>, key: &str) -> usize {
    schema.alternatives(key).map(|alternative| 1 + alternative.get("required").map_or(0, Node::weight)).sum()
}

/// The fields that the alternatives ask for, where that is all they do.
fn required(schema: Schema<'_>, key: &str) -> Vec<String> {
    let alternatives: Vec<_> = schema.alternatives(key).collect();
    if !alternatives.iter().all(|schema| schema.is_only("required")) {
        return vec![];
    }
    let names = |schema: &Schema<'_>| schema.texts("required").map(|name| format!("`{name}`")).collect::<Vec<_>>();
    alternatives.iter().map(|schema| names(schema).join(" with ")).collect()
}
