//! What an expression is made of, and what is wrong with one, in words.

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr};
use cel::{ExecutionError, ParseErrors};

use super::Mistake;

/// Longest part of an evaluation error that is shown; the library prints whole values into some.
const WORDS_LIMIT: usize = 240;

/// A name that an expression does not define itself.
pub(super) struct Name {
    pub(super) text: String,
    pub(super) id: u64,
    pub(super) is_function: bool,
}

/// Refuses what would nest deep in the tree before the parser, which recurses, sees it: brackets, and chains of operators,
/// fields and indices, each of which is a level of its own.
pub(super) fn check_depth(source: &str, levels: usize, links: usize) -> Result<(), Mistake> {
    let (mut depth, mut chained, mut quote) = (0_usize, 0_usize, None);
    for (offset, byte) in source.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => (depth, chained) = (depth + 1, chained + 1),
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b'!' | b'-' | b'+' | b'*' | b'/' | b'%' | b'.' | b'?' | b'<' | b'>' | b'=' | b'|' | b'&') => {
                chained += 1;
            }
            (None, b'n') if is_in(source.as_bytes(), offset) => chained += 1,
            _ => {}
        }
        if depth > levels || chained > links {
            let message = format!("the expression has more than {levels} levels of brackets or {links} operators");
            return Err(Mistake {
                offset,
                message,
                help: Some("split the rule, or move constants to `params`".into()),
            });
        }
    }
    Ok(())
}

/// Whether the operator `in` ends at an offset.
fn is_in(source: &[u8], offset: usize) -> bool {
    let is_word = |at: Option<usize>| {
        at.and_then(|at| source.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let before = |count: usize| offset.checked_sub(count);
    before(1).is_some_and(|at| source[at] == b'i') && !is_word(before(2)) && !is_word(Some(offset + 1))
}

/// Byte offset of a name; that of a call is known by its bracket.
pub(super) fn offset(source: &str, name: &Name, known: Option<(u32, u32)>) -> usize {
    let offset = known.map_or(0, |(start, _)| start as usize).min(source.len());
    let word = name.text.rsplit('.').next().unwrap_or("");
    let before = source.get(..offset).filter(|before| name.is_function && before.ends_with(word));
    before.map_or(offset, |before| before.len() - word.len())
}

/// Every free name in the order of the text.
pub(super) fn free_names(tree: &IdedExpr) -> Vec<Name> {
    let mut names = vec![];
    collect(tree, &mut vec![], &mut names);
    names
}

fn collect(tree: &IdedExpr, bound: &mut Vec<String>, names: &mut Vec<Name>) {
    match &tree.expr {
        Expr::Unspecified | Expr::Literal(_) => {}
        Expr::Ident(name) => {
            if !bound.contains(name) && !name.starts_with('@') {
                names.push(Name { text: name.clone(), id: tree.id, is_function: false });
            }
        }
        Expr::Call(call) => {
            let namespace = call.target.as_deref().and_then(|target| namespace(&target.expr));
            if let (Some(target), None) = (&call.target, namespace) {
                collect(target, bound, names);
            }
            if call.func_name.starts_with(|first: char| first.is_ascii_alphabetic()) {
                let text =
                    namespace.map_or_else(|| call.func_name.clone(), |space| format!("{space}.{}", call.func_name));
                names.push(Name { text, id: tree.id, is_function: true });
            }
            call.args.iter().for_each(|argument| collect(argument, bound, names));
        }
        Expr::Comprehension(comprehension) => collect_comprehension(comprehension, bound, names),
        Expr::List(list) => list.elements.iter().for_each(|element| collect(element, bound, names)),
        Expr::Map(map) => map.entries.iter().for_each(|entry| collect_entry(&entry.expr, bound, names)),
        Expr::Struct(message) => {
            names.push(Name { text: message.type_name.clone(), id: tree.id, is_function: true });
        }
        Expr::Select(select) => collect(&select.operand, bound, names),
    }
}

/// The expressions right below one.
pub(super) fn parts(tree: &IdedExpr) -> Vec<&IdedExpr> {
    fn of_entry(entry: &EntryExpr) -> Vec<&IdedExpr> {
        match entry {
            EntryExpr::StructField(field) => vec![&field.value],
            EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        }
    }
    match &tree.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => vec![],
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(inner) => {
            vec![&inner.iter_range, &inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result]
        }
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map.entries.iter().flat_map(|entry| of_entry(&entry.expr)).collect(),
        Expr::Struct(message) => message.entries.iter().flat_map(|entry| of_entry(&entry.expr)).collect(),
        Expr::Select(select) => vec![&select.operand],
    }
}

fn collect_entry(entry: &EntryExpr, bound: &mut Vec<String>, names: &mut Vec<Name>) {
    match entry {
        EntryExpr::StructField(field) => collect(&field.value, bound, names),
        EntryExpr::MapEntry(entry) => {
            collect(&entry.key, bound, names);
            collect(&entry.value, bound, names);
        }
    }
}

fn collect_comprehension(comprehension: &ComprehensionExpr, bound: &mut Vec<String>, names: &mut Vec<Name>) {
    collect(&comprehension.iter_range, bound, names);
    collect(&comprehension.accu_init, bound, names);
    let outer = bound.len();
    bound.extend([comprehension.iter_var.clone(), comprehension.accu_var.clone()]);
    bound.extend(comprehension.iter_var2.clone());
    for part in [&comprehension.loop_cond, &comprehension.loop_step, &comprehension.result] {
        collect(part, bound, names);
    }
    bound.truncate(outer);
}

/// The namespace that a call's target is, where it is none of the variables: `strings` of `strings.quote(x)`.
fn namespace(target: &Expr) -> Option<&str> {
    match target {
        Expr::Ident(name) if matches!(name.as_str(), "strings" | "optional" | "sets") => Some(name),
        _ => None,
    }
}

/// The first of the parser's errors.
pub(super) fn mistake(source: &str, errors: &ParseErrors) -> Mistake {
    let Some(error) = errors.errors.first() else {
        return Mistake { offset: 0, message: "not an expression".into(), help: None };
    };
    let line = usize::try_from(error.pos.0).unwrap_or(1).max(1);
    let column = usize::try_from(error.pos.1).unwrap_or(0);
    let start: usize = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = source.get(start..).unwrap_or("");
    let offset = start + rest.char_indices().nth(column).map_or(rest.len(), |(offset, _)| offset);
    let said = error.msg.trim_start_matches("Syntax error: ");
    Mistake { offset: offset.min(source.len()), message: format!("not an expression: {}", shortened(said)), help: None }
}

/// How it is said that a key is missing, whose name follows.
pub const NO_KEY: &str = "there is no key `";

/// How it is said that an expression divides by zero.
const NO_QUOTIENT: &str = "it divides by zero";
/// How it is said that a list is too short; the index follows.
const NO_ITEM: &str = "there is no item ";
/// Functions that fail for some values, as they do for the API server.
const FAILING: [&str; 8] =
    ["`cidr`: ", "`duration`: ", "`ip`: ", "`max`: ", "`min`: ", "`quantity`: ", "`timestamp`: ", "`url`: "];

/// Whether an evaluation has no value for what is judged, and would have none anywhere else.
pub fn fails_on_value(reason: &str) -> bool {
    reason == NO_QUOTIENT || reason.starts_with(NO_ITEM) || FAILING.iter().any(|start| reason.starts_with(start))
}

/// Why an evaluation has no value.
pub(super) fn words(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("{NO_KEY}{key}`; ask with `has(…)` first"),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => NO_QUOTIENT.to_owned(),
        ExecutionError::IndexOutOfBounds(index) => format!("{NO_ITEM}{}", super::show(index)),
        ExecutionError::UndeclaredReference(name) => format!("unknown name or method `{name}`"),
        ExecutionError::FunctionError { function, message } if function.starts_with('@') => message.clone(),
        ExecutionError::FunctionError { function, message } => shortened(&format!("`{function}`: {message}")),
        ExecutionError::NoSuchOverload(overload) => shortened(&format!(
            "`{}` does not take {}",
            overload.function().trim_matches(['_', '@']),
            overload.argument_types().join(" and ")
        )),
        other => shortened(&other.to_string()),
    }
}

fn shortened(text: &str) -> String {
    let text = text.lines().next().unwrap_or("");
    let mut end = text.len().min(WORDS_LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let more = if end < text.len() { "…" } else { "" };
    let mut characters = text[..end].chars();
    characters.next().map_or_else(String::new, |first| format!("{}{}{more}", first.to_lowercase(), characters.as_str()))
}
