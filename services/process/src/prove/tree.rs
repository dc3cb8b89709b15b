//! What a parsed expression is made of: how it is spelled, and which paths it reads.

use std::collections::BTreeSet;

use cel::{
    IdedExpr,
    common::ast::{Expr as Node, LiteralValue, operators as op},
};

use crate::expr::path_of;

/// The expression in one spelling, whatever its blanks and brackets were; nothing for a form that expressions do not have.
pub fn spelled(node: &IdedExpr) -> Option<String> {
    Some(match &node.expr {
        Node::Ident(name) => name.clone(),
        Node::Select(select) => format!("{}.{}", spelled(&select.operand)?, select.field),
        Node::Literal(literal) => literal_of(literal)?,
        Node::List(list) => format!("[{}]", all(&list.elements)?.join(", ")),
        Node::Call(call) => {
            let arguments = all(&call.args)?;
            match (call.func_name.as_str(), arguments.as_slice()) {
                (op::LOGICAL_NOT, [operand]) => format!("!{operand}"),
                (op::NEGATE, [operand]) => format!("-{operand}"),
                (op::INDEX, [list, at]) => format!("{list}[{at}]"),
                (op::CONDITIONAL, [condition, yes, no]) => format!("({condition} ? {yes} : {no})"),
                (name, [left, right]) if sign(name).is_some() => {
                    format!("({left} {} {right})", sign(name).unwrap_or_default())
                }
                (name, arguments) => {
                    let call_of = match &call.target {
                        Some(target) => format!("{}.{name}", spelled(target)?),
                        None => name.to_owned(),
                    };
                    format!("{call_of}({})", arguments.join(", "))
                }
            }
        }
        _ => return None,
    })
}

fn all(nodes: &[IdedExpr]) -> Option<Vec<String>> {
    nodes.iter().map(spelled).collect()
}

fn literal_of(literal: &LiteralValue) -> Option<String> {
    Some(match literal {
        LiteralValue::Boolean(yes) => yes.inner().to_string(),
        LiteralValue::Int(number) => number.inner().to_string(),
        LiteralValue::String(text) => format!("'{}'", text.inner()),
        LiteralValue::Null => "null".to_owned(),
        _ => return None,
    })
}

fn sign(name: &str) -> Option<&'static str> {
    Some(match name {
        op::LOGICAL_AND => "&&",
        op::LOGICAL_OR => "||",
        op::EQUALS => "==",
        op::NOT_EQUALS => "!=",
        op::LESS => "<",
        op::LESS_EQUALS => "<=",
        op::GREATER => ">",
        op::GREATER_EQUALS => ">=",
        op::ADD => "+",
        op::SUBSTRACT => "-",
        op::MULTIPLY => "*",
        op::DIVIDE => "/",
        op::MODULO => "%",
        op::IN => "in",
        _ => return None,
    })
}

/// Every path that stands in it, each as long as it is written.
pub fn paths(node: &IdedExpr, found: &mut BTreeSet<String>) {
    if let Some(path) = path_of(node) {
        found.insert(path);
        return;
    }
    for part in parts(node) {
        paths(part, found);
    }
}

/// What stands directly inside.
pub fn parts(node: &IdedExpr) -> Vec<&IdedExpr> {
    match &node.expr {
        Node::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Node::Select(select) => vec![&*select.operand],
        Node::List(list) => list.elements.iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether one path is the other, or a part of it.
pub fn overlap(one: &str, other: &str) -> bool {
    is_within(one, other) || is_within(other, one)
}

/// Whether a path is this one, or a part of it.
pub fn is_within(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
