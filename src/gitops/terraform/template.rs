//! Files that `templatefile` fills in: what it makes of one where all that it puts there is constant, and which files it is asked for.

use std::collections::BTreeSet;

use hcl_edit::expr::{Expression, FuncCall, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::template::{Element, Strip};
use hcl_edit::visit::{Visit, visit_func_call};

use super::hcl::{Text, is_constant};
use super::modules::Calls;
use super::{Reference, is_hcl, unmarked};
use crate::gitops::files::Files;
use crate::gitops::path::folder;
use crate::source::{FILE_LIMIT, Look};
use crate::yaml::Node;

/// The function's name.
pub(super) const FUNCTION: &str = "templatefile";
/// Whether a text may ask for such a file.
const ASKS: Look = Look::at(&[&[FUNCTION]]);
/// Bytes of a text that is filled in.
const MOST: usize = 4_000_000;

/// The text of a template with the variables of a mapping in the places of their names; none where anything else stands there.
pub(super) fn filled(template: &str, variables: &Node) -> Option<String> {
    let parsed = hcl_edit::parser::parse_template(template).ok()?;
    let mut out = String::new();
    for element in &parsed {
        match element {
            Element::Literal(text) => out.push_str(text),
            Element::Interpolation(inner) if inner.strip == Strip::None => {
                let value = named(&inner.expr, variables).filter(|value| !value.is_null() && is_constant(value))?;
                out.push_str(&value.helm_text()?);
            }
            Element::Interpolation(_) | Element::Directive(_) => return None,
        }
        if out.len() > MOST {
            return None;
        }
    }
    Some(out)
}

/// What a name, or a path of names, stands for.
fn named<'v>(expression: &Expression, variables: &'v Node) -> Option<&'v Node> {
    match expression {
        Expression::Variable(name) => variables.get(name.as_str()),
        Expression::Traversal(path) => {
            path.operators.iter().try_fold(named(&path.expr, variables)?, |node, operator| match operator.value() {
                TraversalOperator::GetAttr(name) => node.get(name.as_str()),
                _ => None,
            })
        }
        _ => None,
    }
}

/// Whether a text has anything to fill in. What has nothing is the same wherever it is named, and stays what it is by itself: a call that
/// somebody adds elsewhere takes no deployment away.
pub(super) fn is_open(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// The files of the repository that any `templatefile` fills in: these are no manifests by themselves.
pub(in crate::gitops) fn all(files: &Files<'_>) -> BTreeSet<String> {
    let (mut all, mut calls) = (BTreeSet::new(), None);
    for path in files.search.paths.iter().filter(|path| is_hcl(path)) {
        if !files.search.tree.look(path, FILE_LIMIT, ASKS).unwrap_or(false) {
            continue;
        }
        // What cannot be read is said where it is looked at.
        let Ok((source, read)) = files.text(path) else { continue };
        let written = unmarked(&read.text);
        let Ok(body) = hcl_edit::parser::parse_body(&written) else { continue };
        let roots = calls.get_or_insert_with(|| Calls::of(files)).roots(folder(path));
        let asked = Asked::of(Text { source, text: &written }, &body);
        let located = asked.iter().filter_map(|named| Reference::read(named)?.located(folder(path), &roots));
        let open = located.filter(|file| files.text(file).is_ok_and(|(_, read)| is_open(&read.text)));
        all.extend(open.map(|file| files.place(&file)));
    }
    all
}

/// The paths that calls of the function name.
struct Asked<'t> {
    text: Text<'t>,
    paths: Vec<String>,
}

impl<'t> Asked<'t> {
    fn of(text: Text<'t>, body: &Body) -> Vec<String> {
        let mut asked = Self { text, paths: vec![] };
        asked.visit_body(body);
        asked.paths
    }
}

impl Visit for Asked<'_> {
    fn visit_func_call(&mut self, call: &FuncCall) {
        let is_meant = call.name.namespace.is_empty() && call.name.name.as_str() == FUNCTION;
        let first = call.args.iter().next().filter(|_| is_meant);
        self.paths.extend(first.and_then(|path| self.text.node(path).as_str().map(str::to_owned)));
        visit_func_call(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kustomize::edit;
    use crate::text::{Address, Location, Source, Sources, Span};

    #[test]
    fn constants_come_into_the_places_of_their_names() {
        let at = Location::new(Sources::new().add(Source::new("a.tf", Address::Rendered, "")), Span::default());
        let inner = edit::mapping(vec![edit::entry("b", edit::text("2", at), at)], at);
        let variables = edit::mapping(
            vec![
                edit::entry("a", edit::text("1", at), at),
                edit::entry("m", inner, at),
                edit::entry("open", edit::text("${var.x}", at), at),
            ],
            at,
        );
        for (template, expected) in [
            ("x: ${a}\ny: \"${ m.b }\"\n", Some("x: 1\ny: \"2\"\n")),
            ("plain: \\n\n", Some("plain: \\n\n")),
            ("kept: $${a}\n", Some("kept: ${a}\n")),
            ("gone: ${b}\n", None),
            ("open: ${open}\n", None),
            ("map: ${m}\n", None),
            ("call: ${upper(a)}\n", None),
            ("%{ if a }x%{ endif }\n", None),
        ] {
            assert_eq!(filled(template, &variables).as_deref(), expected, "{template}");
        }
    }
}
