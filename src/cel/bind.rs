//! `cel.bind(x, value, expression)`: a loop over nothing, whose result is the expression with the value as what was gathered so far.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue};
use cel::common::types::CelBool;

/// The expression with each binding as a loop.
pub(super) fn unfolded(mut tree: IdedExpr) -> IdedExpr {
    tree.expr = match tree.expr {
        Expr::Call(call) => of_call(tree.id, call),
        Expr::Comprehension(loops) => Expr::Comprehension(Box::new(of_loop(*loops))),
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(unfolded).collect();
            Expr::List(list)
        }
        Expr::Map(mut map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    entry.key = unfolded(std::mem::take(&mut entry.key));
                    entry.value = unfolded(std::mem::take(&mut entry.value));
                }
            }
            Expr::Map(map)
        }
        Expr::Select(mut select) => {
            select.operand = Box::new(unfolded(*select.operand));
            Expr::Select(select)
        }
        other => other,
    };
    tree
}

fn of_call(id: u64, mut call: CallExpr) -> Expr {
    let is_cel = matches!(call.target.as_ref().map(|target| &target.expr), Some(Expr::Ident(name)) if name == "cel");
    let mut arguments: Vec<IdedExpr> = call.args.into_iter().map(unfolded).collect();
    let name = match arguments.first().map(|first| &first.expr) {
        Some(Expr::Ident(name)) if is_cel && call.func_name == "bind" && arguments.len() == 3 => Some(name.clone()),
        _ => None,
    };
    if let Some(accu_var) = name
        && let (Some(result), Some(accu_init), Some(loop_step)) = (arguments.pop(), arguments.pop(), arguments.pop())
    {
        return Expr::Comprehension(Box::new(ComprehensionExpr {
            iter_range: IdedExpr { id, expr: Expr::List(ListExpr::default()) },
            iter_var: "@none".to_owned(),
            iter_var2: None,
            accu_var,
            accu_init,
            loop_cond: IdedExpr { id, expr: Expr::Literal(LiteralValue::Boolean(CelBool::from(false))) },
            loop_step,
            result,
        }));
    }
    call.args = arguments;
    call.target = call.target.map(|target| Box::new(unfolded(*target)));
    Expr::Call(call)
}

fn of_loop(loops: ComprehensionExpr) -> ComprehensionExpr {
    ComprehensionExpr {
        iter_range: unfolded(loops.iter_range),
        accu_init: unfolded(loops.accu_init),
        loop_cond: unfolded(loops.loop_cond),
        loop_step: unfolded(loops.loop_step),
        result: unfolded(loops.result),
        ..loops
    }
}
