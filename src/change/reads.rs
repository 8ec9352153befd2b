//! Which values a chart's templates read, as far as their text says it: followed through `with`, `range`, variables and includes.
//!
//! Where the text does not say, more counts as read rather than less.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::chart::Chart;
use crate::render::Cache;
use crate::template::ast::{Branch, NodeId, Pipe, Syntax, Tree, Unit};
use crate::text::Location;

mod bare;

pub use bare::Bare;

/// Nested nodes that are followed.
const NESTING: usize = 200;
/// Nodes that are looked at.
const STEPS: usize = 2_000_000;
/// Keys of a path that are followed into other templates.
const LENGTH: usize = 24;
/// Keys of a path that are told apart: deeper values are read with what holds them.
const LONGEST: usize = 64;
/// Any key.
const ANY: &str = "*";
/// Functions that write a value as a text.
const WRITES: [&str; 10] = [
    "toYaml",
    "mustToYaml",
    "toYamlPretty",
    "toJson",
    "mustToJson",
    "toPrettyJson",
    "mustToPrettyJson",
    "toRawJson",
    "mustToRawJson",
    "toToml",
];
/// Functions that make another text of a text and read nothing in it.
const FOLDS: [&str; 20] = [
    "adler32sum",
    "b64enc",
    "indent",
    "nindent",
    "nospace",
    "quote",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "squote",
    "substr",
    "toString",
    "trim",
    "trimAll",
    "trimPrefix",
    "trimSuffix",
    "trunc",
    "lower",
    "upper",
    "print",
];

/// Functions that make of a text what tells nothing of it.
const SUMS: [&str; 4] = ["adler32sum", "sha1sum", "sha256sum", "sha512sum"];

/// Functions that a value need not be there for.
const ASKING: [&str; 10] =
    ["and", "coalesce", "default", "empty", "hasKey", "kindIs", "not", "or", "required", "ternary"];

/// Functions that take a value by its keys.
const KEYED: [&str; 3] = ["dig", "get", "index"];

type Names = Vec<Arc<str>>;

/// The values that templates read.
#[derive(Debug, Default)]
pub struct Reads {
    /// Paths, and whether everything below is read with them.
    paths: BTreeMap<Names, bool>,
    /// Whether any value may be read.
    everything: bool,
    /// Whether all of them are printed in one text.
    is_dumped: bool,
}

/// What an expression stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// The values at a path.
    Values(Names),
    /// A text that stands in the template.
    Text(String),
    /// The values at a path as one text: a checksum of it reads none of them, and all values in one text are there to be looked at.
    Dump(Names),
    /// Something else; where fields of it lead through `Values`, it is taken for the root.
    Other,
}

/// A place of a template that stands for a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The expression, `.Values.image.tag` say.
    pub at: Location,
    /// The value's path; `*` is any key.
    pub path: Vec<Arc<str>>,
}

impl Reads {
    /// What a chart's own templates read.
    pub fn of(chart: &Chart, cache: &Cache) -> Self {
        let mut walk = Walk::default();
        walk.go_through(chart, cache);
        walk.reads
    }

    /// Every place of a chart's own templates that stands for a value, in their order; one place may stand for several.
    pub fn sites(chart: &Chart, cache: &Cache) -> Vec<Site> {
        let mut walk = Walk { sites: Some(BTreeSet::new()), ..Walk::default() };
        walk.go_through(chart, cache);
        walk.sites.into_iter().flatten().collect()
    }

    /// Whether the same, or whether all values are printed in one text, where who gets that may read it.
    pub fn may_read(&self, path: &[String]) -> bool {
        self.is_dumped || self.reads(path)
    }

    /// How many paths are read.
    pub fn count(&self) -> usize {
        self.paths.len()
    }

    /// Whether the value at a path, a part of it, or something that holds it as a whole is read.
    pub fn reads(&self, path: &[String]) -> bool {
        let fits = |(read, is_whole): (&Names, &bool)| {
            let same = read.iter().zip(path).all(|(read, key)| **read == *ANY || **read == **key);
            same && (read.len() >= path.len() || *is_whole)
        };
        self.everything || self.paths.iter().any(fits)
    }
}

impl Reads {
    /// The keys that are read right below a path.
    pub fn below(&self, path: &[String]) -> impl Iterator<Item = &str> {
        let fits =
            move |read: &&Names| read.len() > path.len() && read.iter().zip(path).all(|(read, key)| **read == **key);
        self.paths.keys().filter(fits).map(|read| &*read[path.len()]).filter(|key| *key != ANY)
    }
}

#[derive(Default)]
struct Walk {
    reads: Reads,
    defined: HashMap<Arc<str>, Tree>,
    /// Templates that were followed, with what they were given.
    seen: BTreeSet<(Arc<str>, Known)>,
    /// Places that stand for values, where somebody asks.
    sites: Option<BTreeSet<Site>>,
    /// What is printed as it is, where somebody asks.
    bare: Option<Bare>,
    steps: usize,
    depth: usize,
}

/// Where a node stands.
#[derive(Clone)]
struct Scope<'a> {
    unit: &'a Unit,
    dot: Known,
    variables: BTreeMap<Arc<str>, Known>,
}

impl Walk {
    fn go_through(&mut self, chart: &Chart, cache: &Cache) {
        let mut trees = vec![];
        for file in &chart.templates {
            match cache.template(file) {
                Ok(parsed) => trees.extend(parsed),
                Err(_) => self.reads.everything = true,
            }
        }
        self.defined = trees.iter().map(|tree| (Arc::clone(&tree.name), tree.clone())).collect();
        for tree in &trees {
            self.template(tree, &Known::Other);
        }
    }

    /// Notes that nodes of a unit stand for something, where it is a value and somebody asks.
    fn site(&mut self, unit: &Unit, (first, last): (NodeId, NodeId), known: &Known) {
        let (Some(sites), Some(source), Known::Values(path)) = (&mut self.sites, unit.source, known) else { return };
        let span = unit.node(first).span.to(unit.node(last).span);
        sites.insert(Site { at: Location::new(source, span), path: path.clone() });
    }

    fn template(&mut self, tree: &Tree, dot: &Known) {
        if !self.seen.insert((Arc::clone(&tree.name), dot.clone())) && *dot != Known::Other {
            return;
        }
        let unit = Arc::clone(&tree.unit);
        let variables = BTreeMap::from([(Arc::from("$"), dot.clone())]);
        let mut scope = Scope { unit: &unit, dot: dot.clone(), variables };
        self.node(tree.root, &mut scope);
    }

    fn node(&mut self, id: NodeId, scope: &mut Scope<'_>) {
        self.steps += 1;
        if self.depth >= NESTING || self.steps > STEPS {
            self.reads.everything = true;
            return;
        }
        self.depth += 1;
        let unit = scope.unit;
        match unit.node(id).syntax {
            Syntax::Action(pipe) => {
                let printed = self.operand(pipe, scope);
                self.prints(pipe, scope);
                let declares = matches!(unit.node(pipe).syntax, Syntax::Pipe(pipe) if !pipe.variables.is_empty());
                if !declares {
                    self.print(&printed);
                }
            }
            Syntax::If(branch) | Syntax::With(branch) => {
                let mut inner = scope.clone();
                let condition = self.within_condition(|walk| walk.operand(branch.pipe, &mut inner));
                self.asks(&condition);
                self.part(&condition);
                let is_with = matches!(unit.node(id).syntax, Syntax::With(_));
                let dot = if is_with { condition } else { scope.dot.clone() };
                self.branch(branch, Scope { dot, ..inner }, scope);
            }
            Syntax::Range(branch) => {
                let mut inner = scope.clone();
                let ranged = self.within_condition(|walk| walk.operand(branch.pipe, &mut inner));
                self.asks(&ranged);
                let element = extended(ranged, [Arc::from(ANY)]);
                self.part(&element);
                if let Syntax::Pipe(Pipe { variables, .. }) = unit.node(branch.pipe).syntax {
                    inner
                        .variables
                        .extend(variables.iter().next().map(|name| (Arc::clone(unit.name(name)), Known::Other)));
                    inner.variables.extend(
                        variables.iter().next_back().map(|name| (Arc::clone(unit.name(name)), element.clone())),
                    );
                }
                self.branch(branch, Scope { dot: element, ..inner }, scope);
            }
            Syntax::Template { name, pipe } => {
                let dot = pipe.map_or(Known::Other, |pipe| self.operand(pipe, scope));
                self.call(unit.name(name), &dot);
            }
            Syntax::List(nodes) => {
                for node in unit.nodes(nodes) {
                    self.node(*node, scope);
                }
            }
            _ => {}
        }
        self.depth -= 1;
    }

    fn branch(&mut self, branch: Branch, mut inner: Scope<'_>, outer: &Scope<'_>) {
        self.node(branch.body, &mut inner);
        if let Some(otherwise) = branch.otherwise {
            self.node(otherwise, &mut Scope { dot: outer.dot.clone(), ..inner });
        }
    }

    fn call(&mut self, name: &str, dot: &Known) {
        match (self.defined.get(name).cloned(), dot) {
            // With anything else it was followed already.
            (Some(tree), Known::Values(path)) if path.len() < LENGTH => self.template(&tree, dot),
            (Some(_), Known::Other | Known::Text(_)) => {}
            _ => self.whole(dot),
        }
    }

    fn pipe(&mut self, pipe: Pipe, scope: &mut Scope<'_>) -> Known {
        let mut value = None;
        for command in scope.unit.nodes(pipe.commands) {
            let nodes: &[NodeId] = match scope.unit.node(*command).syntax {
                Syntax::Command(nodes) => scope.unit.nodes(nodes),
                _ => std::slice::from_ref(command),
            };
            value = Some(self.command(nodes, value, scope));
        }
        let value = value.unwrap_or(Known::Other);
        for name in pipe.variables.iter() {
            if pipe.assign {
                self.whole(&value);
            }
            let known = if pipe.assign { Known::Other } else { value.clone() };
            scope.variables.insert(Arc::clone(scope.unit.name(name)), known);
        }
        value
    }

    fn command(&mut self, nodes: &[NodeId], piped: Option<Known>, scope: &mut Scope<'_>) -> Known {
        let Some((first, rest)) = nodes.split_first() else { return Known::Other };
        if let Syntax::Function(function) = &scope.unit.node(*first).syntax {
            let mut arguments: Vec<Known> = rest.iter().map(|node| self.operand(*node, scope)).collect();
            arguments.extend(piped);
            let known = self.function(function.name, &arguments);
            if KEYED.contains(&function.name) {
                self.site(scope.unit, (*first, *nodes.last().unwrap_or(first)), &known);
            }
            return known;
        }
        let value = self.operand(*first, scope);
        if rest.is_empty() && piped.is_none() {
            return value;
        }
        let arguments: Vec<Known> = rest.iter().map(|node| self.operand(*node, scope)).collect();
        for argument in arguments.iter().chain(&piped) {
            self.whole(argument);
        }
        Known::Other
    }

    fn operand(&mut self, id: NodeId, scope: &mut Scope<'_>) -> Known {
        self.steps += 1;
        if self.depth >= NESTING || self.steps > STEPS {
            self.reads.everything = true;
            return Known::Other;
        }
        self.depth += 1;
        let unit = scope.unit;
        let known = match unit.node(id).syntax {
            Syntax::Dot => scope.dot.clone(),
            Syntax::Field(fields) => through(scope.dot.clone(), unit.fields(fields)),
            Syntax::Variable { name, fields } => {
                through(scope.variables.get(unit.name(name)).cloned().unwrap_or(Known::Other), unit.fields(fields))
            }
            Syntax::Chain { node, fields } => through(self.operand(node, scope), unit.fields(fields)),
            Syntax::Pipe(pipe) => self.pipe(pipe, scope),
            Syntax::Command(nodes) => self.command(unit.nodes(nodes), None, scope),
            Syntax::String(_) => Known::Text(unit.source_of(id).trim_matches(['"', '`']).to_owned()),
            _ => Known::Other,
        };
        if matches!(
            unit.node(id).syntax,
            Syntax::Dot | Syntax::Field(_) | Syntax::Variable { .. } | Syntax::Chain { .. }
        ) {
            self.site(unit, (id, id), &known);
        }
        self.depth -= 1;
        known
    }

    fn function(&mut self, name: &str, arguments: &[Known]) -> Known {
        if ASKING.contains(&name) {
            for argument in arguments {
                self.asks(argument);
            }
        }
        self.may_set(name, arguments);
        match (name, arguments) {
            (name, [Known::Values(path)]) if WRITES.contains(&name) => return Known::Dump(path.clone()),
            (name, [Known::Values(path)]) if path.is_empty() && FOLDS.contains(&name) => return Known::Dump(vec![]),
            (name, [.., Known::Dump(_)]) if SUMS.contains(&name) => return Known::Other,
            (name, [.., Known::Dump(path)]) if FOLDS.contains(&name) => return Known::Dump(path.clone()),
            ("keys", [Known::Values(path)]) if path.is_empty() => return Known::Other,
            ("omit", [base @ Known::Values(path), ..]) if path.is_empty() => return base.clone(),
            ("pick", [base, keys @ ..]) => {
                for key in keys {
                    self.whole(&keyed(base, std::slice::from_ref(key)));
                }
            }
            ("include", [Known::Text(name), dot]) => self.call(name, dot),
            ("index" | "get", [base, keys @ ..]) => return keyed(base, keys),
            ("dig", [keys @ .., default, base]) => {
                self.whole(default);
                return keyed(base, keys);
            }
            ("hasKey", [base, keys @ ..]) => self.part(&keyed(base, keys)),
            ("pluck", [key, bases @ ..]) => {
                for base in bases {
                    self.whole(&keyed(base, std::slice::from_ref(key)));
                }
            }
            ("default", [default, value]) => {
                self.whole(default);
                return value.clone();
            }
            ("required", [_, value]) | ("deepCopy" | "mustDeepCopy", [value]) => return value.clone(),
            ("not" | "empty" | "len", [value]) | ("kindIs" | "typeIs", [_, value]) => self.part(value),
            ("and", [conditions @ .., value]) => {
                for condition in conditions {
                    self.part(condition);
                }
                return value.clone();
            }
            ("or" | "coalesce", [values @ .., last]) => {
                for value in values {
                    self.whole(value);
                }
                return last.clone();
            }
            _ => {
                for argument in arguments {
                    self.whole(argument);
                }
            }
        }
        Known::Other
    }

    /// Something is printed; all values in one text are read by nobody for sure.
    fn print(&mut self, known: &Known) {
        if is_of_all(known) {
            self.reads.is_dumped = true;
        } else {
            self.whole(known);
        }
    }

    fn whole(&mut self, known: &Known) {
        self.note(known, true);
    }

    fn part(&mut self, known: &Known) {
        self.note(known, false);
    }

    fn note(&mut self, known: &Known, is_whole: bool) {
        self.asks_in_condition(known);
        match known {
            // Whoever parses a text of them again may read anything.
            Known::Values(path) | Known::Dump(path) if path.is_empty() => self.reads.everything |= is_whole,
            Known::Values(path) | Known::Dump(path) => *self.reads.paths.entry(path.clone()).or_default() |= is_whole,
            Known::Text(_) | Known::Other => {}
        }
    }
}

/// Whether something is all values, as they are or as one text.
fn is_of_all(known: &Known) -> bool {
    matches!(known, Known::Values(path) | Known::Dump(path) if path.is_empty())
}

/// What fields of something stand for.
fn through<'f>(known: Known, fields: impl Iterator<Item = &'f str>) -> Known {
    let mut fields = fields.map(Arc::from);
    match known {
        Known::Values(_) => extended(known, fields),
        _ if fields.any(|field| *field == *"Values") => Known::Values(fields.take(LONGEST).collect()),
        _ => Known::Other,
    }
}

fn extended(known: Known, keys: impl IntoIterator<Item = Arc<str>>) -> Known {
    match known {
        Known::Values(mut path) => {
            let room = LONGEST.saturating_sub(path.len());
            path.extend(keys.into_iter().take(room));
            Known::Values(path)
        }
        _ => Known::Other,
    }
}

/// What keys of something stand for; one that the text does not say is any.
fn keyed(base: &Known, keys: &[Known]) -> Known {
    let name = |key: &Known| match key {
        Known::Text(text) => Arc::from(text.as_str()),
        _ => Arc::from(ANY),
    };
    match (base, keys.first()) {
        (Known::Other, Some(Known::Text(text))) if text == "Values" => {
            Known::Values(keys[1..].iter().map(name).collect())
        }
        _ => extended(base.clone(), keys.iter().map(name)),
    }
}
