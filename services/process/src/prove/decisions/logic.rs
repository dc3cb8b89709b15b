//! A condition as a combination of tests on variables. What cannot be read becomes a variable of its own, which may be so or not.

use std::collections::{BTreeMap, BTreeSet};

use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr as Node, LiteralValue, operators as op},
};
use kernel::Decimal;

use crate::{
    expr::{Type, TypeEnv, compile, number_of, path_of},
    prove::tree::{paths, spelled},
    table::{Constant, Relation},
};

#[derive(Debug, Clone, PartialEq)]
pub enum Logic {
    Always(bool),
    /// The variable at this place, compared.
    Test(usize, Relation, Constant),
    IsNull(usize),
    Has(usize),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
    If(Box<[Self; 3]>),
}

/// As what a variable is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Bool,
    Number,
    Money,
    Text,
    Date,
}

/// Something that conditions look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// As it is spelled: `data.goods.kind`, `age(applicant.birthDate)`.
    pub name: String,
    /// Whether it is a value by itself, not computed from others.
    pub is_path: bool,
    pub reads: BTreeSet<String>,
    pub of: Type,
    pub kinds: BTreeSet<Kind>,
    pub constants: BTreeSet<Constant>,
    /// Asked whether it is there.
    pub has: bool,
    /// Asked whether it is empty.
    pub null: bool,
    /// A condition that cannot be read.
    pub opaque: bool,
}

/// Reads the conditions of one decision, so that what they look at is told apart once.
pub struct Reader<'e> {
    env: &'e TypeEnv,
    /// Variables that are compared as different kinds: nothing follows from comparing them.
    distrusted: BTreeSet<String>,
    pub variables: Vec<Variable>,
    places: BTreeMap<String, usize>,
}

impl<'e> Reader<'e> {
    /// The conditions of `trees`, each the conjunction of its parts, and what they look at.
    pub fn read(env: &'e TypeEnv, trees: &[Vec<&IdedExpr>]) -> (Self, Vec<Logic>) {
        let mut distrusted = BTreeSet::new();
        loop {
            let (variables, places) = (Vec::new(), BTreeMap::new());
            let mut reader = Self { env, distrusted: distrusted.clone(), variables, places };
            let each = trees.iter().map(|parts| Logic::All(parts.iter().map(|part| reader.logic(part)).collect()));
            let logic = each.collect();
            let mixed = reader.variables.iter().filter(|variable| variable.kinds.len() > 1);
            let mixed: Vec<String> = mixed.map(|variable| variable.name.clone()).collect();
            if mixed.is_empty() {
                return (reader, logic);
            }
            distrusted.extend(mixed);
        }
    }

    pub fn logic(&mut self, node: &IdedExpr) -> Logic {
        let read = match &node.expr {
            Node::Literal(LiteralValue::Boolean(holds)) => Some(Logic::Always(*holds.inner())),
            Node::Ident(_) | Node::Select(_) => self.test(node, Relation::Is, (Kind::Bool, Constant::Bool(true))),
            Node::Call(call) => self.call(call),
            _ => None,
        };
        read.unwrap_or_else(|| self.unread(node))
    }

    fn call(&mut self, call: &CallExpr) -> Option<Logic> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_AND, [left, right]) => Some(Logic::All(vec![self.logic(left), self.logic(right)])),
            (op::LOGICAL_OR, [left, right]) => Some(Logic::Any(vec![self.logic(left), self.logic(right)])),
            (op::LOGICAL_NOT, [operand]) => Some(Logic::Not(Box::new(self.logic(operand)))),
            (op::CONDITIONAL, [condition, yes, no]) => {
                Some(Logic::If(Box::new([self.logic(condition), self.logic(yes), self.logic(no)])))
            }
            (op::EQUALS, [left, right]) => self.equal(left, right),
            (op::NOT_EQUALS, [left, right]) => Some(Logic::Not(Box::new(self.equal(left, right)?))),
            (op::LESS, [left, right]) => self.ordered(left, Relation::Less, Relation::More, right),
            (op::LESS_EQUALS, [left, right]) => self.ordered(left, Relation::AtMost, Relation::AtLeast, right),
            (op::GREATER, [left, right]) => self.ordered(left, Relation::More, Relation::Less, right),
            (op::GREATER_EQUALS, [left, right]) => self.ordered(left, Relation::AtLeast, Relation::AtMost, right),
            (op::IN, [item, list]) => {
                let Node::List(list) = &list.expr else { return None };
                let tests = list.elements.iter().map(|element| self.test(item, Relation::Is, constant(element)?));
                tests.collect::<Option<Vec<_>>>().map(Logic::Any)
            }
            (op::HAS, [field]) => {
                let place = self.variable(field)?;
                self.variables[place].has = true;
                Some(Logic::Has(place))
            }
            _ => None,
        }
    }

    fn equal(&mut self, left: &IdedExpr, right: &IdedExpr) -> Option<Logic> {
        for (one, other) in [(left, right), (right, left)] {
            if matches!(other.expr, Node::Literal(LiteralValue::Null)) {
                let place = self.variable(one)?;
                self.variables[place].null = true;
                return Some(Logic::IsNull(place));
            }
        }
        self.ordered(left, Relation::Is, Relation::Is, right)
    }

    fn ordered(&mut self, left: &IdedExpr, relation: Relation, mirrored: Relation, right: &IdedExpr) -> Option<Logic> {
        match (constant(left), constant(right)) {
            (None, Some(value)) => self.test(left, relation, value),
            (Some(value), None) => self.test(right, mirrored, value),
            _ => None,
        }
    }

    fn test(&mut self, node: &IdedExpr, relation: Relation, (kind, value): (Kind, Constant)) -> Option<Logic> {
        let place = self.variable(node)?;
        let variable = &mut self.variables[place];
        // A day may be written as a text.
        let (kind, value) = match (&variable.of, value) {
            (Type::Date, Constant::Text(text)) => (Kind::Date, Constant::Date(text.parse().ok()?)),
            (_, value) => (kind, value),
        };
        if relation != Relation::Is && matches!(kind, Kind::Bool | Kind::Text) {
            return None;
        }
        if self.distrusted.contains(&variable.name) {
            return None;
        }
        variable.kinds.insert(kind);
        variable.constants.insert(value.clone());
        Some(Logic::Test(place, relation, value))
    }

    fn variable(&mut self, node: &IdedExpr) -> Option<usize> {
        let name = spelled(node)?;
        let mut reads = BTreeSet::new();
        paths(node, &mut reads);
        let of = compile(&name, self.env).map_or(Type::Any, |expr| expr.result().clone());
        Some(self.place(name, path_of(node).is_some(), reads, of, false))
    }

    fn place(&mut self, name: String, is_path: bool, reads: BTreeSet<String>, of: Type, opaque: bool) -> usize {
        // What is compared and what cannot be read may be spelled alike.
        let key = if opaque { format!("? {name}") } else { name.clone() };
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        let place = self.variables.len();
        self.places.insert(key, place);
        let (kinds, constants) = (BTreeSet::new(), BTreeSet::new());
        let (has, null) = (false, false);
        self.variables.push(Variable { name, is_path, reads, of, kinds, constants, has, null, opaque });
        place
    }

    fn unread(&mut self, node: &IdedExpr) -> Logic {
        let name = spelled(node).unwrap_or_else(|| format!("condition {}", self.variables.len()));
        let mut reads = BTreeSet::new();
        paths(node, &mut reads);
        self.open(name, reads)
    }

    /// Something that may be so or not, and nobody can tell before.
    pub fn open(&mut self, name: String, reads: BTreeSet<String>) -> Logic {
        let place = self.place(name, false, reads, Type::Bool, true);
        self.variables[place].kinds.insert(Kind::Bool);
        Logic::Test(place, Relation::Is, Constant::Bool(true))
    }
}

/// A value that is written out.
fn constant(node: &IdedExpr) -> Option<(Kind, Constant)> {
    match &node.expr {
        Node::Literal(LiteralValue::Boolean(yes)) => Some((Kind::Bool, Constant::Bool(*yes.inner()))),
        Node::Literal(LiteralValue::Int(number)) => {
            Some((Kind::Number, Constant::Number(Decimal::from(*number.inner()))))
        }
        Node::Literal(LiteralValue::String(text)) => Some((Kind::Text, Constant::Text(text.inner().to_owned()))),
        Node::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
            (op::NEGATE, [operand]) => match constant(operand)? {
                (kind, Constant::Number(number)) => Some((kind, Constant::Number(-number))),
                _ => None,
            },
            ("decimal", [written]) => Some((Kind::Number, Constant::Number(number(written)?))),
            ("money", [written]) => Some((Kind::Money, Constant::Number(number(written)?))),
            ("date", [written]) => match constant(written)? {
                (_, Constant::Text(text)) => Some((Kind::Date, Constant::Date(text.parse().ok()?))),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn number(node: &IdedExpr) -> Option<Decimal> {
    match constant(node)? {
        (_, Constant::Number(number)) => Some(number),
        (_, Constant::Text(text)) => number_of(&text).ok(),
        _ => None,
    }
}
