//! What kind of value an expression has, and what the API server's compiler certainly refuses of it.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};

use super::{Kind, Size};
use crate::cel::syntax;

/// What is known of an expression.
#[derive(Debug)]
pub struct Typed<'a> {
    /// Its kind.
    pub kind: Kind<'a>,
    /// What the compiler refuses first, in words.
    pub mistake: Option<String>,
    /// How many loops over what has no bound stand inside each other.
    pub loops: usize,
}

/// Functions that give true or false.
const TRUTHS: [&str; 24] = [
    "contains",
    "containsCIDR",
    "containsIP",
    "endsWith",
    "equivalent",
    "hasValue",
    "intersects",
    "isCIDR",
    "isGlobalUnicast",
    "isGreaterThan",
    "isIP",
    "isInteger",
    "isLessThan",
    "isLinkLocalMulticast",
    "isLinkLocalUnicast",
    "isLoopback",
    "isQuantity",
    "isSemver",
    "isSorted",
    "isURL",
    "isUnspecified",
    "matches",
    "startsWith",
    "bool",
];
/// Functions that give a text.
const TEXTS: [&str; 16] = [
    "charAt",
    "find",
    "format",
    "getEscapedPath",
    "getHost",
    "getHostname",
    "getPort",
    "getScheme",
    "join",
    "lowerAscii",
    "quote",
    "replace",
    "string",
    "substring",
    "trim",
    "upperAscii",
];
/// Methods that only texts have.
const OF_TEXT: [&str; 11] = [
    "charAt",
    "endsWith",
    "find",
    "lowerAscii",
    "matches",
    "replace",
    "split",
    "startsWith",
    "substring",
    "trim",
    "upperAscii",
];

/// Looks at an expression over `self` and `oldSelf`, which are of one kind.
pub(in crate::cel) fn typed<'a>(tree: &IdedExpr, own: &Kind<'a>) -> Typed<'a> {
    let names = ["self", "oldSelf"].map(|name| (name.to_owned(), own.clone())).to_vec();
    let mut look = Look { names, mistake: None, depth: 0, loops: 0 };
    let kind = look.at(tree);
    Typed { kind, mistake: look.mistake, loops: look.loops }
}

struct Look<'a> {
    names: Vec<(String, Kind<'a>)>,
    mistake: Option<String>,
    depth: usize,
    loops: usize,
}

impl<'a> Look<'a> {
    fn wrong(&mut self, message: String) -> Kind<'a> {
        self.mistake.get_or_insert(message);
        Kind::Any
    }

    fn at(&mut self, tree: &IdedExpr) -> Kind<'a> {
        match &tree.expr {
            Expr::Unspecified | Expr::Struct(_) => Kind::Any,
            Expr::Ident(name) => {
                let known = self.names.iter().rev().find(|(known, _)| known == name);
                known.map_or(Kind::Any, |(_, kind)| kind.clone())
            }
            Expr::Literal(literal) => of_literal(literal),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(inner) => self.comprehension(inner),
            Expr::List(list) => {
                let kinds: Vec<Kind<'a>> = list.elements.iter().map(|element| self.at(element)).collect();
                let item = kinds.first().filter(|first| kinds.iter().all(|kind| kind == *first));
                Kind::List(Box::new(item.cloned().unwrap_or(Kind::Any)), Size::Bounded)
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.at(&entry.value);
                    }
                }
                Kind::Map(Box::new(Kind::Any), Size::Bounded)
            }
        }
    }

    fn select(&mut self, select: &SelectExpr) -> Kind<'a> {
        let operand = self.at(&select.operand);
        let field = operand.field(&select.field).unwrap_or_else(|message| self.wrong(message));
        if select.test { Kind::Boolean } else { field }
    }

    fn call(&mut self, call: &CallExpr) -> Kind<'a> {
        let name = call.func_name.as_str();
        let target = call.target.as_ref().map(|target| self.at(target));
        let args: Vec<Kind<'a>> = call.args.iter().map(|argument| self.at(argument)).collect();
        match (name, args.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, args) => self.truths(name, args),
            (operators::CONDITIONAL, [condition, then, other]) => {
                let other = if then == other { other.clone() } else { Kind::Any };
                self.truths("?", std::slice::from_ref(condition));
                other
            }
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => {
                if left.differs(right) {
                    let (left, right) = (left.words(), right.words());
                    self.wrong(format!("{left} is compared with {right}"));
                }
                Kind::Boolean
            }
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [left, right],
            ) => {
                if left.differs(right) && !(left.is_number() && right.is_number()) {
                    let (left, right) = (left.words(), right.words());
                    self.wrong(format!("{left} is compared with {right}"));
                }
                Kind::Boolean
            }
            (operators::ADD, [left, right]) => self.sum(left, right),
            (operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO, [left, right]) => {
                self.number(left, right)
            }
            (operators::IN, [item, whole]) => self.member(item, whole),
            (operators::INDEX, [whole, _]) => match whole {
                Kind::List(item, _) | Kind::Map(item, _) => (**item).clone(),
                kind if kind.is_scalar() => self.wrong(format!("`[…]` is asked of {}", kind.words())),
                _ => Kind::Any,
            },
            ("size", args) => self.size(target.as_ref().or(args.first())),
            ("split", _) if target.is_some() => {
                self.text(name, target.as_ref());
                Kind::List(Box::new(Kind::Text), Size::Bounded)
            }
            (name, args) => {
                if OF_TEXT.contains(&name) {
                    self.text(name, target.as_ref().or(args.first()));
                }
                of_function(name)
            }
        }
    }

    fn truths(&mut self, name: &str, args: &[Kind<'a>]) -> Kind<'a> {
        if let Some(other) = args.iter().find(|kind| kind.differs(&Kind::Boolean)) {
            let sign = name.trim_matches(['_']);
            let message = format!("`{sign}` takes true or false, not {}", other.words());
            self.wrong(message);
        }
        Kind::Boolean
    }

    fn sum(&mut self, left: &Kind<'a>, right: &Kind<'a>) -> Kind<'a> {
        let has_span = [left, right].iter().any(|kind| matches!(kind, Kind::Time | Kind::Span));
        match (left, right) {
            (left, right) if left.differs(right) && !has_span => {
                let (left, right) = (left.words(), right.words());
                self.wrong(format!("`+` does not take {left} and {right}"))
            }
            (Kind::Boolean, Kind::Boolean) => self.wrong("`+` does not take booleans".to_owned()),
            (Kind::Integer | Kind::Number | Kind::Text | Kind::Bytes, right) if !has_span && *right != Kind::Any => {
                left.clone()
            }
            _ => Kind::Any,
        }
    }

    fn number(&mut self, left: &Kind<'a>, right: &Kind<'a>) -> Kind<'a> {
        let has_span = [left, right].iter().any(|kind| matches!(kind, Kind::Time | Kind::Span));
        let is_known = *left != Kind::Any && *right != Kind::Any;
        if has_span || !is_known {
            return Kind::Any;
        }
        if left.is_number() && left == right {
            return left.clone();
        }
        let (left, right) = (left.words(), right.words());
        self.wrong(format!("{left} and {right} are reckoned with"))
    }

    fn member(&mut self, item: &Kind<'a>, whole: &Kind<'a>) -> Kind<'a> {
        match whole {
            Kind::List(known, _) if known.is_scalar() && item.is_scalar() && known.differs(item) => {
                let (known, item) = (known.words(), item.words());
                self.wrong(format!("`in` looks for {item}, and each item is {known}"));
            }
            whole if whole.is_scalar() => {
                self.wrong(format!("`in` looks into {}", whole.words()));
            }
            _ => {}
        }
        Kind::Boolean
    }

    fn size(&mut self, of: Option<&Kind<'a>>) -> Kind<'a> {
        if let Some(kind @ (Kind::Boolean | Kind::Integer | Kind::Number | Kind::Time | Kind::Span)) = of {
            self.wrong(format!("`size` is asked of {}", kind.words()));
        }
        Kind::Integer
    }

    fn text(&mut self, name: &str, of: Option<&Kind<'a>>) {
        // Addresses and their kin are of kinds that are not known here.
        if let Some(kind) = of.filter(|kind| kind.differs(&Kind::Text)) {
            self.wrong(format!("`{name}` is asked of {}", kind.words()));
        }
    }

    fn comprehension(&mut self, inner: &ComprehensionExpr) -> Kind<'a> {
        let range = self.at(&inner.iter_range);
        let (first, second, size) = match &range {
            Kind::List(item, size) => ((**item).clone(), Kind::Any, *size),
            Kind::Map(value, size) => (Kind::Text, (**value).clone(), *size),
            Kind::Any => (Kind::Any, Kind::Any, Size::Bounded),
            other => {
                let message = format!("a loop goes over {}", other.words());
                return self.wrong(message);
            }
        };
        let count = usize::from(size == Size::Unbounded);
        self.depth += count;
        self.loops = self.loops.max(self.depth);
        let start = self.at(&inner.accu_init);
        let start = if matches!(start, Kind::List(..) | Kind::Map(..)) { Kind::Any } else { start };
        let known = self.names.len();
        // With two names the first is an index, or a key.
        match &inner.iter_var2 {
            Some(value) => {
                self.names.push((inner.iter_var.clone(), Kind::Any));
                let kind = if second == Kind::Any { first } else { second };
                self.names.push((value.clone(), kind));
            }
            None => self.names.push((inner.iter_var.clone(), first)),
        }
        self.names.push((inner.accu_var.clone(), start));
        self.at(&inner.loop_step);
        let result = self.at(&inner.result);
        let made = made(&inner.loop_step).map(|made| self.at(made));
        self.names.truncate(known);
        self.depth -= count;
        match made {
            Some(item) => Kind::List(Box::new(item), size),
            None => result,
        }
    }
}

/// What a round of `map` or `filter` adds to its list.
fn made(step: &IdedExpr) -> Option<&IdedExpr> {
    if let Expr::List(list) = &step.expr {
        return list.elements.first();
    }
    let Expr::Call(call) = &step.expr else { return None };
    let is_made = [operators::ADD, operators::CONDITIONAL].contains(&call.func_name.as_str());
    let is_accumulator = |part: &IdedExpr| matches!(&part.expr, Expr::Ident(name) if name.starts_with('@'));
    let holds = syntax::parts(step).into_iter().any(is_accumulator);
    if is_made && holds { call.args.iter().find_map(made) } else { None }
}

fn of_literal<'a>(literal: &LiteralValue) -> Kind<'a> {
    match literal {
        LiteralValue::Boolean(_) => Kind::Boolean,
        LiteralValue::Int(_) => Kind::Integer,
        LiteralValue::Double(_) => Kind::Number,
        LiteralValue::String(_) => Kind::Text,
        LiteralValue::Bytes(_) => Kind::Bytes,
        LiteralValue::Null | LiteralValue::UInt(_) => Kind::Any,
    }
}

fn of_function<'a>(name: &str) -> Kind<'a> {
    match name {
        name if TRUTHS.contains(&name) => Kind::Boolean,
        name if TEXTS.contains(&name) => Kind::Text,
        "int" => Kind::Integer,
        "double" => Kind::Number,
        "bytes" => Kind::Bytes,
        "timestamp" => Kind::Time,
        "duration" => Kind::Span,
        _ => Kind::Any,
    }
}

#[cfg(test)]
mod tests {
    use crate::cel::{Foreign, Kind};
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    const SCHEMA: &str = "{type: object, properties: {a: {type: string}, c: {type: integer}, r: {type: number}, b: {type: boolean}, \
        l: {type: array, items: {type: string}}, s: {type: array, maxItems: 5, items: {type: string}}, \
        m: {type: object, additionalProperties: {type: integer}}, namespace: {type: string}, \
        i: {x-kubernetes-int-or-string: true}, d: {type: string, format: date-time}, \
        o: {type: array, items: {type: object, properties: {x: {type: integer}}}}}}";

    /// What is wrong with an expression over an object of that schema, and how many loops without bounds are in it.
    fn seen(expression: &str) -> (String, usize) {
        let sources = Sources::new();
        let id = sources.add(Source::new("schema", Address::Rendered, SCHEMA));
        let schema = Document::parse(id, SCHEMA).expect("YAML").root;
        let read = Foreign::read(expression).expect(expression);
        let typed = read.typed(&Kind::of(&schema, true));
        (typed.mistake.unwrap_or_default(), typed.loops)
    }

    #[test]
    fn what_the_compiler_refuses_is_named() {
        let cases = [
            ("self.a == 1", "a text is compared with a whole number"),
            ("self.c > 'a'", "a whole number is compared with a text"),
            ("self.c == 1.5", "a whole number is compared with a number"),
            ("self.c.size() > 1", "`size` is asked of a whole number"),
            ("self.l.all(x, x > 1)", "a text is compared with a whole number"),
            ("self.o.exists(x, x.x == 'a')", "a whole number is compared with a text"),
            ("self.o.map(x, x.x).all(y, y == 'a')", "a whole number is compared with a text"),
            ("self.o.filter(x, x.x > 1).all(y, y.x == 'a')", "a whole number is compared with a text"),
            ("self.a && self.b", "`&&` takes true or false, not a text"),
            ("!self.a", "`!` takes true or false, not a text"),
            ("self.a + 1 == 'x'", "`+` does not take a text and a whole number"),
            ("1 in self.l", "`in` looks for a whole number, and each item is a text"),
            ("'a' in self.a", "`in` looks into a text"),
            ("self.a.all(x, true)", "a loop goes over a text"),
            ("self.a.b == 1", "`.b` is asked of a text"),
            ("has(self.a.b)", "`.b` is asked of a text"),
            ("self.c.startsWith('a')", "`startsWith` is asked of a whole number"),
            (
                "self.metadata.namespace == 'a'",
                "`metadata.namespace` is not seen by rules, which know `name` and `generateName`",
            ),
            ("self.m['a'] == 'b'", "a whole number is compared with a text"),
            ("self.m.all(k, self.m[k] == 'b')", "a whole number is compared with a text"),
        ];
        for (expression, expected) in cases {
            assert_eq!(seen(expression).0, expected, "{expression}");
        }
    }

    #[test]
    fn what_the_compiler_takes_is_silent() {
        let cases = [
            "self.a == 'x' && self.c > 1 && self.b",
            "self.c < 1.5",
            "size(self.a) > 0 && size(self.m) == self.l.size()",
            "self.metadata.name == 'a' && self.kind == 'T'",
            "self.l.exists_one(x, x.startsWith('a'))",
            "self.i == 1 || self.i == 'a'",
            "self.d > timestamp('2026-01-01T00:00:00Z')",
            "self.d - duration('1h') < self.d",
            "self.o.map(x, x.x).sum() > 1",
            "self.o.map(x, x.x > 1, x.x).all(y, y == 1)",
            "(self.b ? self.c : 1) > 2",
            "self.a.orValue(1) == 2",
            "dyn(self.a) == 1",
            "self.l + ['a'] == self.s",
            "self.__namespace__ == 'a'",
            "self.l.all(x, self.m.exists(k, k == x))",
            "quantity(self.a).isGreaterThan(quantity('1'))",
            "self.l.filter(x, x == 'a').size() < 2",
        ];
        for expression in cases {
            assert_eq!(seen(expression).0, "", "{expression}");
        }
    }

    #[test]
    fn loops_over_what_has_no_bound_are_counted_inside_each_other() {
        let cases = [
            ("self.l.all(x, x == 'a') && self.o.all(x, x.x > 1)", 1),
            ("self.l.all(x, self.o.all(y, y.x > 1))", 2),
            ("self.l.all(x, self.s.all(y, x == y))", 1),
            ("self.l.all(x, self.o.all(y, self.m.all(z, z == x)))", 3),
            ("self.a == 'x'", 0),
        ];
        for (expression, expected) in cases {
            assert_eq!(seen(expression).1, expected, "{expression}");
        }
    }
}
