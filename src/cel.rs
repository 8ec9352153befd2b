//! The condition language of rules: CEL, compiled once, evaluated within bounds and in a fixed order.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use cel::common::ast::IdedExpr;
use cel::parser::PrattParser;
use cel::{Context, Env, Value};

use crate::budget::Budget;
use crate::text::suggest::nearest;

mod bind;
mod bounds;
mod foreign;
mod functions;
mod kind;
mod kubernetes;
mod lists;
mod patterns;
mod steps;
mod syntax;
mod value;
mod versions;

pub use foreign::{Foreign, Unread};
pub use functions::FUNCTIONS;
pub use kind::{Kind, Size, Typed};
pub use kubernetes::typed;
pub use syntax::{NO_KEY, fails_on_value};
pub(crate) use value::map;
pub use value::{escaped, from_json, from_node, show};

/// Steps that a rule may take over everything of a chart that it judges. One takes some two microseconds; rules take a few hundred.
const STEPS: u64 = 500_000;

/// What a rule's expressions may cost over one chart.
pub fn budget() -> Budget {
    Budget::new(STEPS, 1)
}

/// Longest expression, in bytes: parsing and evaluating recurse, and a rule that needs more is a native one.
const SOURCE_LIMIT: usize = 8 * 1024;
/// Most brackets around a part of an expression.
const DEPTH_LIMIT: u16 = 32;
/// Most operators, fields and indices of an expression.
const LINK_LIMIT: usize = 400;

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    env.add_extension(cel::extensions::strings).expect("the standard library has no function of these names");
    env.add_extension(functions::extension).expect("neither library has a function of these names");
    env.add_extension(kubernetes::extension).expect("nor has any of those a function of these names");
    env.add_extension(lists::extension).expect("no list has a method of these names");
    env.add_extension(versions::extension).expect("no mapping has a method of these names");
    env.add_extension(patterns::extension).expect("`@` cannot stand in a name that a rule calls");
    env.add_extension(bounds::extension).expect("`@` cannot stand in a name that a rule calls");
    Arc::new(env)
});

/// An expression over the variables of a target.
#[derive(Debug, Clone)]
pub struct Expression {
    source: Arc<str>,
    variables: &'static [&'static str],
    is_trusted: bool,
    compiled: Arc<OnceLock<Compiled>>,
}

/// What is made of its text.
#[derive(Debug)]
struct Compiled {
    tree: IdedExpr,
    names: Vec<String>,
}

/// Why an expression does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Byte offset in the expression.
    pub offset: usize,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// The variables of an evaluation.
pub type Scope = BTreeMap<&'static str, Value>;

impl Expression {
    /// Compiles an expression over the variables of these names.
    ///
    /// # Errors
    /// A syntax error, an unknown name or function, or an expression beyond the bounds.
    pub fn compile(source: &str, variables: &'static [&'static str]) -> Result<Self, Mistake> {
        let expression = Self { is_trusted: false, ..Self::trusted(source, variables) };
        expression.compiled()?;
        Ok(expression)
    }

    /// An expression that is known to compile, and does so when it is used first: compiling those of chartgate's own rules was
    /// a third of a run over a small chart.
    pub fn trusted(source: &str, variables: &'static [&'static str]) -> Self {
        Self { source: source.into(), variables, is_trusted: true, compiled: Arc::default() }
    }

    /// Whether it becomes the same tree where it is not trusted.
    #[cfg(test)]
    pub(crate) fn is_read_alike(&self) -> bool {
        let full = Compiled::new(&self.source, self.variables).map(|compiled| compiled.shape());
        let trusted = Compiled::trusted(&self.source, self.variables).map(|compiled| compiled.shape());
        full.is_ok() && full == trusted
    }

    fn compiled(&self) -> Result<&Compiled, Mistake> {
        if let Some(compiled) = self.compiled.get() {
            return Ok(compiled);
        }
        let make = if self.is_trusted { Compiled::trusted } else { Compiled::new };
        let compiled = make(&self.source, self.variables)?;
        Ok(self.compiled.get_or_init(|| compiled))
    }

    /// Its text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The expression's value.
    ///
    /// # Errors
    /// Why it has none, in words: a missing key, types that do not fit, too many steps.
    pub fn evaluate(&self, scope: &Scope, budget: &Budget) -> Result<Value, String> {
        budget.spend(1).map_err(|exceeded| exceeded.to_string())?;
        let Compiled { tree, names } = self.compiled().map_err(|mistake| mistake.message)?;
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        for (name, value) in scope.iter().filter(|(name, _)| names.iter().any(|used| used == *name)) {
            context.add_variable_from_value(*name, value.clone());
        }
        steps::within(budget, || Value::resolve(tree, &context)).map_err(|error| syntax::words(&error))
    }

    /// The expression's value where it is true or false.
    ///
    /// # Errors
    /// As [`Expression::evaluate`]; also where the value is neither.
    pub fn holds(&self, scope: &Scope, budget: &Budget) -> Result<bool, String> {
        match self.evaluate(scope, budget)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(format!("`{}` is {}, not true or false", self.source.trim(), other.type_of())),
        }
    }
}

impl Compiled {
    fn new(source: &str, variables: &[&str]) -> Result<Self, Mistake> {
        if source.len() > SOURCE_LIMIT {
            let message = format!("the expression is longer than {SOURCE_LIMIT} bytes");
            return Err(Mistake { offset: 0, message, help: None });
        }
        syntax::check_depth(source, usize::from(DEPTH_LIMIT), LINK_LIMIT)?;
        let parser = ENVIRONMENT.parser().max_recursion_depth(DEPTH_LIMIT);
        let (tree, places) =
            parser.parse_with_source_info(source).map_err(|errors| syntax::mistake(source, &errors))?;
        let tree = bind::unfolded(tree);
        let mut names = vec![];
        for name in syntax::free_names(&tree) {
            let offset = syntax::offset(source, &name, places.offset_for(name.id));
            if name.is_function {
                if !FUNCTIONS.iter().any(|(function, _)| *function == name.text) {
                    let help = nearest(&name.text, FUNCTIONS.iter().map(|(function, _)| *function));
                    return Err(unknown("function", &name.text, offset, help));
                }
            } else if variables.contains(&name.text.as_str()) {
                names.push(name.text);
            } else if !functions::TYPES.contains(&name.text.as_str()) {
                return Err(unknown("name", &name.text, offset, nearest(&name.text, variables.iter().copied())));
            }
        }
        Ok(Self::bounded(tree, names))
    }

    /// The same for an expression without a mistake, by the library's other parser: it is quick to get going, and says less of mistakes.
    fn trusted(source: &str, variables: &[&str]) -> Result<Self, Mistake> {
        let parser = PrattParser::new().max_recursion_depth(DEPTH_LIMIT).enable_optional_syntax(true);
        let tree = parser.parse(source).map_err(|errors| syntax::mistake(source, &errors))?;
        let tree = bind::unfolded(tree);
        let names = syntax::free_names(&tree).into_iter().map(|name| name.text);
        let names = names.filter(|name| variables.contains(&name.as_str())).collect();
        Ok(Self::bounded(tree, names))
    }

    fn bounded(tree: IdedExpr, mut names: Vec<String>) -> Self {
        names.sort();
        names.dedup();
        Self { tree: bounds::bounded(tree), names }
    }

    /// Tree and names without the numbers of nodes.
    #[cfg(test)]
    fn shape(&self) -> String {
        let numbers = regex::Regex::new(r"\bid: [0-9]+").expect("a pattern");
        numbers.replace_all(&format!("{self:?}"), "").into_owned()
    }
}

fn unknown(what: &str, name: &str, offset: usize, meant: Option<&str>) -> Mistake {
    let help = meant.map(|meant| format!("did you mean `{meant}`?"));
    Mistake { offset, message: format!("unknown {what} `{name}`"), help }
}

#[cfg(test)]
mod tests;
