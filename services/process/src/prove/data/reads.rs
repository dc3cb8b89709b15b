//! What an expression reads and what it knows where it does: `has(facts.x)` before a `&&` guards what stands after it.

use std::collections::BTreeSet;

use cel::{
    IdedExpr,
    common::ast::{Expr as Node, operators as op},
};

use crate::{
    expr::path_of,
    prove::tree::{overlap, parts, spelled},
};

/// Paths that are there, and conditions (`if …`) that hold.
pub type Known = BTreeSet<String>;

#[derive(Debug, Clone)]
pub struct Read {
    pub path: String,
    pub known: Known,
}

/// What a case may lack. Everything else has been there since it was opened, or is judged elsewhere.
pub fn may_lack(path: &str) -> bool {
    ["data.", "facts."].iter().any(|root| path.starts_with(root))
        || ["case.decision", "case.origin"].iter().any(|root| overlap(path, root) && path != "case")
}

/// The key under which it is known that a condition holds.
fn holding(spelled: &str) -> String {
    format!("if {spelled}")
}

/// The conditions that all hold where this one does.
pub fn conditions(node: &IdedExpr, found: &mut Known) {
    match &node.expr {
        Node::Call(call) if call.func_name == op::LOGICAL_AND => {
            call.args.iter().for_each(|part| conditions(part, found));
        }
        _ => found.extend(spelled(node).map(|spelled| holding(&spelled))),
    }
}

/// Every path that is read where nothing in the expression itself says that it is there.
pub fn reads(node: &IdedExpr, known: &Known, found: &mut Vec<Read>) {
    if let Some(path) = path_of(node) {
        if may_lack(&path) && !is_known(&path, known) {
            found.push(Read { path, known: known.clone() });
        }
        return;
    }
    let with = |more: &IdedExpr, truth: bool, evaluated: bool| {
        let mut all = known.clone();
        holds(more, truth, evaluated, &mut all);
        all
    };
    if let Node::Call(call) = &node.expr {
        match (call.func_name.as_str(), call.args.as_slice()) {
            // The side that decides is enough, also where the other one cannot be judged: each guards the other.
            (op::LOGICAL_AND, [left, right]) => {
                reads(left, &with(right, true, false), found);
                return reads(right, &with(left, true, false), found);
            }
            (op::LOGICAL_OR, [left, right]) => {
                reads(left, &with(right, false, false), found);
                return reads(right, &with(left, false, false), found);
            }
            (op::CONDITIONAL, [condition, yes, no]) => {
                reads(condition, known, found);
                reads(yes, &with(condition, true, true), found);
                return reads(no, &with(condition, false, true), found);
            }
            (op::HAS, [field]) if path_of(field).is_some() => return,
            _ => {}
        }
    }
    for part in parts(node) {
        reads(part, known, found);
    }
}

/// What is there, or holds, once this came out as `truth`. `evaluated`: what it reads is there, since it came out at all.
pub fn holds(node: &IdedExpr, truth: bool, evaluated: bool, found: &mut Known) {
    if truth {
        found.extend(spelled(node).map(|spelled| holding(&spelled)));
    } else {
        found.extend(spelled(node).map(|spelled| holding(&format!("!{spelled}"))));
    }
    let Node::Call(call) = &node.expr else { return read_by(node, evaluated, found) };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (op::LOGICAL_NOT, [operand]) => holds(operand, !truth, evaluated, found),
        (op::LOGICAL_AND | op::LOGICAL_OR, [left, right]) => {
            let (mut one, mut other) = (Known::new(), Known::new());
            holds(left, truth, evaluated, &mut one);
            holds(right, truth, evaluated, &mut other);
            if truth == (call.func_name == op::LOGICAL_AND) {
                found.extend(one);
                found.extend(other);
            } else {
                // One side may have decided alone.
                found.extend(one.intersection(&other).cloned());
            }
        }
        (op::CONDITIONAL, [condition, yes, no]) => {
            let (mut one, mut other) = (Known::new(), Known::new());
            holds(condition, true, evaluated, &mut one);
            holds(yes, truth, evaluated, &mut one);
            holds(condition, false, evaluated, &mut other);
            holds(no, truth, evaluated, &mut other);
            found.extend(one.intersection(&other).cloned());
        }
        (op::HAS, [field]) => {
            if truth {
                found.extend(path_of(field));
            }
        }
        _ => read_by(node, evaluated, found),
    }
}

/// All that had to be read for it to come out.
fn read_by(node: &IdedExpr, evaluated: bool, found: &mut Known) {
    if evaluated {
        let mut read = Vec::new();
        reads(node, &Known::new(), &mut read);
        found.extend(read.into_iter().map(|read| read.path));
    }
}

/// Whether the value, a part of it or what it is part of is there.
fn is_known(path: &str, known: &Known) -> bool {
    known.iter().any(|there| !there.starts_with("if ") && overlap(there, path))
}
