//! Expressions that Kubernetes compiles, in definitions, admission policies and webhooks: what is certainly wrong with one.
//!
//! Types are not looked at. Functions and names are those of `k8s.io/apiserver/pkg/cel/environment`, of every version.

use std::sync::LazyLock;

use cel::common::ast::{Expr, IdedExpr, LiteralValue};
use cel::parser::PrattParser;
use regex::Regex;

use super::{DEPTH_LIMIT, ENVIRONMENT, Kind, LINK_LIMIT, Mistake, SOURCE_LIMIT, Typed, kind, nearest, syntax, unknown};
use crate::template::go::regex as go;

/// Functions and methods of CEL, of its extensions that Kubernetes has, and of Kubernetes itself.
const FUNCTIONS: &str = "add all allowed annotations apiGroup asApproximateFloat asInteger base64.decode base64.encode bind bool bytes charAt check \
    cidr compareTo contains containsCIDR containsIP decode distinct dns1035Label dns1035LabelPrefix dns1123Label dns1123LabelPrefix \
    dns1123Subdomain dns1123SubdomainPrefix double duration dyn encode endsWith equivalent error errored escapeKey exists existsOne \
    exists_one family fieldSelector filter find findAll first flatten format getDate getDayOfMonth getDayOfWeek getDayOfYear getEscapedPath \
    getFullYear getHost getHostname getHours getMilliseconds getMinutes getMonth getPort getQuery getScheme getSeconds greatest group has \
    hasValue indexOf int intersects ip isCIDR isCanonical isGlobalUnicast isGreaterThan isIP isInteger isLessThan isLinkLocalMulticast \
    isLinkLocalUnicast isLoopback isQuantity isSemver isSorted isURL isUnspecified join labelSelector labelValue last lastIndexOf least \
    lowerAscii major map masked matches max min minor name named namespace none of ofNonZeroValue optFlatMap optMap optional.none \
    optional.of optional.ofNonZeroValue or orValue patch path prefixLength qualifiedName quantity quote range reason replace resource \
    reverse semver serviceAccount sign size slice sort sortBy split startsWith string strings.quote sub subresource substring sum \
    timestamp transformList transformMap transformMapEntry trim type uint unwrap upperAscii uri url uuid validate value byte date datetime";

/// What stands before functions and types, and is no variable.
const NAMESPACES: &str = "base64 bool bytes cel cidr double format google ip jsonpatch JSONPatch int k8s kubernetes list lists map math net \
    null_type Object optional quantity semver sets string strings uint";

/// Macros that make names of their own, which the parser leaves as they are.
const MACROS: [&str; 7] =
    ["bind", "optFlatMap", "optMap", "sortBy", "transformList", "transformMap", "transformMapEntry"];

/// Macros over items and where they stand: `list.all(i, x, condition)`.
static INDEXED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\.(?:all|exists|exists_one|existsOne|transform[A-Za-z]+)\(\s*\w+\s*,\s*\w+\s*,").expect("a pattern")
});

/// Functions whose last argument is a regular expression.
const PATTERNS: [&str; 3] = ["find", "findAll", "matches"];

/// Why an expression is not read.
#[derive(Debug)]
pub enum Unread {
    /// It is no expression.
    Wrong(Mistake),
    /// It is beyond the bounds, in words.
    Beyond(String),
}

/// An expression that could be read.
#[derive(Debug)]
pub struct Foreign {
    source: String,
    tree: IdedExpr,
}

impl Foreign {
    /// Reads an expression.
    ///
    /// # Errors
    /// Where it is none, or where that cannot be told.
    pub fn read(source: &str) -> Result<Self, Unread> {
        if source.len() > SOURCE_LIMIT {
            return Err(Unread::Beyond(format!("the expression is longer than {SOURCE_LIMIT} bytes")));
        }
        syntax::check_depth(source, usize::from(DEPTH_LIMIT), LINK_LIMIT)
            .map_err(|mistake| Unread::Beyond(mistake.message))?;
        let quick = PrattParser::new().max_recursion_depth(DEPTH_LIMIT).enable_optional_syntax(true);
        let whole = || ENVIRONMENT.parser().max_recursion_depth(DEPTH_LIMIT).parse(source);
        let tree = quick.parse(source).or_else(|_| whole());
        let tree = tree.map_err(|errors| Unread::Wrong(syntax::mistake(source, &errors)))?;
        Ok(Self { source: source.to_owned(), tree })
    }

    /// A name or a function that nobody declares, or a pattern that is none.
    pub fn mistake(&self, variables: &[&str]) -> Option<Mistake> {
        let is_known = |list: &str, name: &str| list.split_whitespace().any(|known| known == name);
        let names = syntax::free_names(&self.tree);
        let is_macro = |name: &syntax::Name| name.is_function && MACROS.contains(&name.text.as_str());
        let has_names = INDEXED.is_match(&self.source) || names.iter().any(is_macro);
        let undeclared = names
            .into_iter()
            .filter(|name| name.text.starts_with(|first: char| first.is_ascii_alphabetic()))
            .find_map(|name| {
                if name.is_function {
                    let is_type = name.text.contains('.') && !name.text.starts_with("strings.")
                        || name.text.starts_with(char::is_uppercase);
                    let help = nearest(&name.text, FUNCTIONS.split_whitespace());
                    return (!is_type && !is_known(FUNCTIONS, &name.text))
                        .then(|| unknown("function", &name.text, 0, help));
                }
                let is_declared =
                    has_names || variables.contains(&name.text.as_str()) || is_known(NAMESPACES, &name.text);
                let help = nearest(&name.text, variables.iter().copied());
                (!is_declared).then(|| unknown("name", &name.text, 0, help))
            });
        undeclared.or_else(|| self.patterns())
    }

    /// A pattern written in the expression that Go refuses.
    fn patterns(&self) -> Option<Mistake> {
        let mut found = None;
        visit(&self.tree, &mut |expression| {
            let Expr::Call(call) = expression else { return };
            let Some(Expr::Literal(LiteralValue::String(pattern))) = call.args.last().map(|last| &last.expr) else {
                return;
            };
            if !PATTERNS.contains(&call.func_name.as_str()) || found.is_some() {
                return;
            }
            let pattern = pattern.inner();
            if let Err(reason) = go::translate(pattern) {
                let message = format!("`{pattern}` is no regular expression of Go: {reason}");
                found = Some(Mistake { offset: 0, message, help: None });
            }
        });
        found
    }

    /// What kind of value it has, where `self` is of a kind; nothing certain where a macro makes names that are not known here.
    pub fn typed<'a>(&self, own: &Kind<'a>) -> Typed<'a> {
        let is_macro = |name: &syntax::Name| name.is_function && MACROS.contains(&name.text.as_str());
        if INDEXED.is_match(&self.source) || syntax::free_names(&self.tree).iter().any(is_macro) {
            return Typed { kind: Kind::Any, mistake: None, loops: 0 };
        }
        kind::typed(&self.tree, own)
    }

    /// Whether it has a variable.
    pub fn names(&self, variable: &str) -> bool {
        syntax::free_names(&self.tree).iter().any(|name| !name.is_function && name.text == variable)
    }

    /// The fields that are asked of a variable, each as the names that lead to it.
    pub fn fields(&self, variable: &str) -> Vec<Vec<String>> {
        let mut found = vec![];
        // A variable of the same name inside hides this one: then nothing is certain.
        if self.source.contains(&format!("({variable},")) {
            return found;
        }
        visit(&self.tree, &mut |expression| {
            let mut names = vec![];
            let mut at = expression;
            while let Expr::Select(select) = at {
                names.push(select.field.clone());
                at = &select.operand.expr;
            }
            if matches!(at, Expr::Ident(name) if name == variable) && !names.is_empty() {
                names.reverse();
                found.push(names);
            }
        });
        found
    }
}

/// Shows every part of an expression.
fn visit(tree: &IdedExpr, see: &mut impl FnMut(&Expr)) {
    see(&tree.expr);
    for part in syntax::parts(tree) {
        visit(part, see);
    }
}
