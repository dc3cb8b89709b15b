//! Finds the type and the highest cost of an expression before it ever runs.

use std::{collections::BTreeSet, sync::Arc};

use cel::{
    IdedExpr,
    common::ast::{CallExpr, EntryExpr, Expr as Node, LiteralValue, SelectExpr, SourceInfo, operators as op},
};

use super::{
    ExprProblem, Fields, ITEMS_MAX, TEXT_MAX, Type, TypeEnv,
    functions::{self, MACROS},
};

pub struct Inferred {
    pub of: Type,
    pub cost: u64,
    pub reads: BTreeSet<String>,
    pub calls: BTreeSet<&'static str>,
}

pub fn infer(tree: &IdedExpr, env: &TypeEnv, places: &SourceInfo) -> Result<Inferred, ExprProblem> {
    let mut judge = Judge { env, places, locals: Vec::new(), reads: BTreeSet::new(), calls: BTreeSet::new() };
    let (of, cost) = judge.node(tree)?;
    Ok(Inferred { of, cost, reads: judge.reads, calls: judge.calls })
}

type Typed = (Type, u64);

struct Judge<'a> {
    env: &'a TypeEnv,
    places: &'a SourceInfo,
    locals: Vec<(String, Type)>,
    reads: BTreeSet<String>,
    calls: BTreeSet<&'static str>,
}

impl Judge<'_> {
    fn problem(&self, node: &IdedExpr, code: &'static str, message: impl Into<String>) -> ExprProblem {
        let offset = self.places.offset_for(node.id).map_or(0, |(start, _)| start as usize);
        ExprProblem { code, message: message.into(), offset }
    }

    fn node(&mut self, node: &IdedExpr) -> Result<Typed, ExprProblem> {
        match &node.expr {
            Node::Literal(literal) => self.literal(node, literal),
            Node::Ident(name) => self.name(node, name),
            Node::Select(select) => self.select(node, select),
            Node::Call(call) => self.call(node, call),
            Node::List(list) => {
                let (mut of, mut cost) = (None, 1_u64);
                for element in &list.elements {
                    let (element_type, element_cost) = self.node(element)?;
                    cost = cost.saturating_add(element_cost);
                    of = Some(match of {
                        None => element_type,
                        Some(of) => Type::join(of, element_type).ok_or_else(|| {
                            self.problem(element, "expr.type", "the values of a list are of one type")
                        })?,
                    });
                }
                let item = Arc::new(of.unwrap_or(Type::Any));
                Ok((Type::List { item, max: list.elements.len() as u64 }, cost))
            }
            Node::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.node(&entry.key)?;
                    }
                }
                Err(self.problem(
                    node,
                    "expr.unsupported",
                    "objects cannot be made in an expression; name each value by itself",
                ))
            }
            Node::Struct(_) | Node::Comprehension(_) | Node::Unspecified => {
                Err(self.problem(node, "expr.unsupported", "this form of CEL is not supported"))
            }
        }
    }

    fn literal(&self, node: &IdedExpr, literal: &LiteralValue) -> Result<Typed, ExprProblem> {
        let of = match literal {
            LiteralValue::Boolean(_) => Type::Bool,
            LiteralValue::Int(_) => Type::Int,
            LiteralValue::Null => Type::Null,
            LiteralValue::String(text) => Type::Text { max: text.inner().len() as u64 },
            LiteralValue::Double(_) => {
                let message = "a double is never exact; write decimal('0.1'), or percent(ref.bhm, '10')";
                return Err(self.problem(node, "expr.double", message));
            }
            LiteralValue::UInt(_) | LiteralValue::Bytes(_) => {
                return Err(self.problem(node, "expr.unsupported", "write a plain number or text"));
            }
        };
        Ok((of, 1))
    }

    fn name(&mut self, node: &IdedExpr, name: &str) -> Result<Typed, ExprProblem> {
        if let Some((_, of)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            return Ok((of.clone(), 1));
        }
        match self.env.variables.get(name) {
            Some(of) => {
                self.reads.insert(name.to_owned());
                Ok((of.clone(), 1))
            }
            None => {
                let known = self
                    .env
                    .variables
                    .keys()
                    .map(String::as_str)
                    .chain(self.locals.iter().map(|(name, _)| name.as_str()));
                let message = format!("`{name}` is not known here{}", nearest(name, known));
                Err(self.problem(node, "expr.unknown-name", message))
            }
        }
    }

    fn select(&mut self, node: &IdedExpr, select: &SelectExpr) -> Result<Typed, ExprProblem> {
        let (of, cost) = self.node(&select.operand)?;
        if let Some(path) = path_of(node)
            && !self.locals.iter().any(|(local, _)| path.split('.').next() == Some(local))
        {
            self.reads.insert(path);
        }
        let field = match &of {
            Type::Any => Type::Any,
            Type::Object(fields) => self.field(node, fields, &select.field)?,
            other => {
                let message = format!("`{}` is asked of {other}, which has no fields", select.field);
                return Err(self.problem(node, "expr.type", message));
            }
        };
        Ok((field, cost + 1))
    }

    fn field(&self, node: &IdedExpr, fields: &Fields, name: &str) -> Result<Type, ExprProblem> {
        match fields.fields.get(name) {
            Some(of) => Ok(of.clone()),
            None if fields.open => Ok(Type::Any),
            None => {
                let near = nearest(name, fields.fields.keys().map(String::as_str));
                Err(self.problem(node, "expr.unknown-field", format!("there is no field `{name}` here{near}")))
            }
        }
    }

    fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Typed, ExprProblem> {
        match call.func_name.as_str() {
            op::LOGICAL_AND | op::LOGICAL_OR | op::LOGICAL_NOT => self.logical(call),
            op::CONDITIONAL => self.conditional(node, call),
            op::EQUALS | op::NOT_EQUALS | op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS => {
                self.comparison(node, call)
            }
            op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO | op::NEGATE => {
                self.arithmetic(node, call)
            }
            op::IN => self.membership(node, call),
            op::INDEX => self.index(node, call),
            op::HAS => self.has(node, call),
            name if MACROS.contains(&name) && call.target.is_some() => self.over_list(node, call),
            name => self.function(node, name, call),
        }
    }

    fn logical(&mut self, call: &CallExpr) -> Result<Typed, ExprProblem> {
        let mut cost = 1_u64;
        for operand in &call.args {
            let (of, operand_cost) = self.node(operand)?;
            cost = cost.saturating_add(operand_cost);
            if !Type::Bool.accepts(&of) {
                return Err(self.problem(operand, "expr.type", format!("a condition is needed here, this is {of}")));
            }
        }
        Ok((Type::Bool, cost))
    }

    fn conditional(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Typed, ExprProblem> {
        let [condition, yes, no] = call.args.as_slice() else {
            return Err(self.problem(node, "expr.arguments", "write condition ? value : other value"));
        };
        let (of, cost) = self.node(condition)?;
        if !Type::Bool.accepts(&of) {
            return Err(self.problem(condition, "expr.type", format!("a condition is needed here, this is {of}")));
        }
        let (yes_type, yes_cost) = self.node(yes)?;
        let (no_type, no_cost) = self.node(no)?;
        let message = format!("both values are of one type; these are {yes_type} and {no_type}");
        let of = yes_type.join(no_type).ok_or_else(|| self.problem(node, "expr.type", message))?;
        Ok((of, cost.saturating_add(yes_cost.max(no_cost)).saturating_add(1)))
    }

    fn operands(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<(Type, Type, u64), ExprProblem> {
        let [left, right] = call.args.as_slice() else {
            return Err(self.problem(node, "expr.arguments", "two values are needed"));
        };
        let (left, left_cost) = self.node(left)?;
        let (right, right_cost) = self.node(right)?;
        let compared = text_cost(&left).max(text_cost(&right));
        Ok((left, right, left_cost.saturating_add(right_cost).saturating_add(1 + compared)))
    }

    fn comparison(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Typed, ExprProblem> {
        let (left, right, cost) = self.operands(node, call)?;
        let equality = matches!(call.func_name.as_str(), op::EQUALS | op::NOT_EQUALS);
        let ordered = |of: &Type| !matches!(of, Type::List { .. } | Type::Object(_) | Type::Null | Type::Bool);
        let fits =
            left.accepts(&right) || right.accepts(&left) || (equality && (left == Type::Null || right == Type::Null));
        if !fits || !(equality || (ordered(&left) && ordered(&right))) {
            let hint =
                if left == Type::Money || right == Type::Money { "; write money('100') for an amount" } else { "" };
            let message = format!("{left} and {right} cannot be compared so{hint}");
            return Err(self.problem(node, "expr.type", message));
        }
        Ok((Type::Bool, cost))
    }

    fn arithmetic(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Typed, ExprProblem> {
        let name = call.func_name.as_str();
        if name == op::NEGATE {
            let [operand] = call.args.as_slice() else {
                return Err(self.problem(node, "expr.arguments", "one value is needed"));
            };
            let (of, cost) = self.node(operand)?;
            return match of {
                Type::Int | Type::Decimal | Type::Money | Type::Any => Ok((of, cost + 1)),
                other => Err(self.problem(node, "expr.type", format!("{other} has no negative"))),
            };
        }
        let (left, right, cost) = self.operands(node, call)?;
        let of = result_of(name, &left, &right);
        match of {
            Some(of) => Ok((of, cost)),
            None => Err(self.problem(node, "expr.type", refused(name, &left, &right))),
        }
    }

    fn membership(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Typed, ExprProblem> {
        let (left, right, cost) = self.operands(node, call)?;
        match &right {
            Type::Any => Ok((Type::Bool, cost.saturating_add(ITEMS_MAX))),
            Type::List { item, max } if item.accepts(&left) || left.accepts(item) => {
                Ok((Type::Bool, cost.saturating_add(max.saturating_mul(1 + text_cost(item)))))
            }
            other => Err(self.problem(node, "expr.type", format!("{left} cannot be looked for in {other}"))),
        }
    }

    fn index(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Typed, ExprProblem> {
        let (left, right, cost) = self.operands(node, call)?;
        match (&left, &right) {
            (Type::Any, _) => Ok((Type::Any, cost)),
            (Type::List { item, .. }, Type::Int | Type::Any) => Ok(((**item).clone(), cost)),
            (Type::Object(_), Type::Text { .. } | Type::Any) => Ok((Type::Any, cost)),
            _ => Err(self.problem(node, "expr.type", format!("{left} has no element by {right}"))),
        }
    }

    fn has(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Typed, ExprProblem> {
        match call.args.as_slice() {
            [field] if matches!(field.expr, Node::Select(_)) => {
                let (_, cost) = self.node(field)?;
                Ok((Type::Bool, cost + 1))
            }
            _ => Err(self.problem(node, "expr.arguments", "write has(data.field)")),
        }
    }

    /// `list.all(x, condition)` and its sisters: the body counts once for each item.
    fn over_list(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Typed, ExprProblem> {
        let name = call.func_name.clone();
        let usage = || format!("write list.{name}(item, …)");
        let (Some(target), [variable, body]) = (&call.target, call.args.as_slice()) else {
            return Err(self.problem(node, "expr.arguments", usage()));
        };
        let Node::Ident(variable) = &variable.expr else {
            return Err(self.problem(node, "expr.arguments", usage()));
        };
        let (list, list_cost) = self.node(target)?;
        let (item, max) = match list {
            Type::List { item, max } => ((*item).clone(), max),
            Type::Any => (Type::Any, ITEMS_MAX),
            other => return Err(self.problem(target, "expr.type", format!("a list is needed here, this is {other}"))),
        };
        self.locals.push((variable.clone(), item.clone()));
        let judged = self.node(body);
        self.locals.pop();
        let (body_type, body_cost) = judged?;
        if name != op::MAP && !Type::Bool.accepts(&body_type) {
            return Err(self.problem(body, "expr.type", format!("a condition is needed here, this is {body_type}")));
        }
        let of = match name.as_str() {
            op::MAP => Type::List { item: Arc::new(body_type), max },
            op::FILTER => Type::List { item: Arc::new(item), max },
            _ => Type::Bool,
        };
        let cost = list_cost.saturating_add(max.saturating_mul(body_cost.saturating_add(1)));
        Ok((of, cost.saturating_add(1)))
    }

    fn function(&mut self, node: &IdedExpr, name: &str, call: &CallExpr) -> Result<Typed, ExprProblem> {
        let Some(function) = functions::find(name) else {
            let near = nearest(name, functions::names());
            return Err(self.problem(node, "expr.unknown-function", format!("there is no function `{name}`{near}")));
        };
        self.calls.insert(function.name);
        let mut arguments = Vec::new();
        let mut cost = 1_u64;
        for argument in call.target.as_deref().into_iter().chain(&call.args) {
            let (of, argument_cost) = self.node(argument)?;
            cost = cost.saturating_add(argument_cost);
            arguments.push(of);
        }
        let of = function.judge(&arguments).map_err(|message| {
            let code = if function.takes(arguments.len()) { "expr.type" } else { "expr.arguments" };
            self.problem(node, code, message)
        })?;
        functions::check_literals(name, &call.args).map_err(|message| self.problem(node, "expr.literal", message))?;
        let size: u64 = arguments.iter().map(size_cost).fold(0, u64::saturating_add);
        Ok((of, cost.saturating_add(size)))
    }
}

/// `data.marriage.date` when the node spells exactly a path.
pub fn path_of(node: &IdedExpr) -> Option<String> {
    match &node.expr {
        Node::Ident(name) => Some(name.clone()),
        Node::Select(select) => Some(format!("{}.{}", path_of(&select.operand)?, select.field)),
        _ => None,
    }
}

fn result_of(name: &str, left: &Type, right: &Type) -> Option<Type> {
    use Type::{Any, Decimal, Int, Money};
    match (name, left, right) {
        (_, Any, _) | (_, _, Any) => Some(Any),
        (_, Int, Int) => Some(Int),
        (op::ADD | op::SUBSTRACT | op::MULTIPLY, Int | Decimal, Int | Decimal) => Some(Decimal),
        (op::ADD | op::SUBSTRACT, Money, Money) => Some(Money),
        (op::MULTIPLY, Money, Int) | (op::MULTIPLY, Int, Money) => Some(Money),
        (op::ADD, Type::Text { max: a }, Type::Text { max: b }) => Some(Type::Text { max: (a + b).min(TEXT_MAX * 4) }),
        (op::ADD, Type::List { .. }, Type::List { .. }) => left.clone().join(right.clone()),
        _ => None,
    }
}

fn refused(name: &str, left: &Type, right: &Type) -> String {
    let with_money = *left == Type::Money || *right == Type::Money;
    let hint = match name {
        op::DIVIDE if with_money => "; write share(amount, 1, 3), which says how it rounds",
        op::DIVIDE => "; a quotient is not exact: multiply, or use share on an amount",
        op::MULTIPLY if with_money => "; write percent(amount, '12.5'), which says how it rounds",
        op::ADD | op::SUBSTRACT if with_money => "; write money('100') for an amount",
        _ => "",
    };
    format!("{left} and {right} cannot be combined so{hint}")
}

/// Comparing texts costs by their length.
fn text_cost(of: &Type) -> u64 {
    match of {
        Type::Text { max } => max / 100,
        Type::Any => TEXT_MAX / 100,
        Type::List { item, max } => max.saturating_mul(1 + text_cost(item)),
        _ => 0,
    }
}

fn size_cost(of: &Type) -> u64 {
    match of {
        Type::List { max, .. } => *max,
        other => text_cost(other),
    }
}

fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    let scored = known.map(|word| (strsim::damerau_levenshtein(wrong, word), word));
    match scored.min() {
        Some((distance, word)) if distance <= 2.max(wrong.len() / 3) => format!("; did you mean `{word}`?"),
        _ => String::new(),
    }
}
