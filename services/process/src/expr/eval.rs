//! Evaluates a checked expression with a step budget; every failure is a `Fault`, never a panic.

use std::cell::{Cell, RefCell};

use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr as Node, LiteralValue, SelectExpr, operators as op},
};
use serde_json::Value as Json;

use crate::reference::ReferenceValue;

use super::{
    Evaluated, Fault, Scope, Value, exact,
    functions::{self, MACROS},
};

/// Steps allowed beyond the static bound, for values that are larger than the schema says (facts of a registry).
const STEPS_SPARE: u64 = 10_000;

pub fn evaluate<'a>(tree: &'a IdedExpr, scope: &'a Scope<'a>, cost: u64) -> Result<Evaluated<'a>, Fault> {
    let run =
        Run { scope, steps_left: Cell::new(cost.saturating_add(STEPS_SPARE)), references: RefCell::new(Vec::new()) };
    let value = run.node(tree, &Locals::None)?;
    Ok(Evaluated { value, references: run.references.into_inner() })
}

struct Run<'a> {
    scope: &'a Scope<'a>,
    steps_left: Cell<u64>,
    references: RefCell<Vec<&'a ReferenceValue>>,
}

/// The items of the surrounding `all`, `map` and so on, innermost first.
enum Locals<'l, 'a> {
    None,
    Item { name: &'l str, value: Value<'a>, outer: &'l Locals<'l, 'a> },
}

impl<'a> Locals<'_, 'a> {
    fn get(&self, wanted: &str) -> Option<Value<'a>> {
        match self {
            Self::None => None,
            Self::Item { name, value, .. } if *name == wanted => Some(value.clone()),
            Self::Item { outer, .. } => outer.get(wanted),
        }
    }
}

impl<'a> Run<'a> {
    fn spend(&self, steps: u64) -> Result<(), Fault> {
        let left = self.steps_left.get().checked_sub(steps);
        self.steps_left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or_else(|| Fault::new("expr.cost", "the expression took more steps than it may"))
    }

    fn node(&self, node: &'a IdedExpr, locals: &Locals<'_, 'a>) -> Result<Value<'a>, Fault> {
        self.spend(1)?;
        match &node.expr {
            Node::Literal(literal) => literal_value(literal),
            Node::Ident(name) => {
                let found = locals.get(name).or_else(|| self.scope.variable(name));
                found.ok_or_else(|| Fault::new("expr.unknown-name", format!("`{name}` is not known here")))
            }
            Node::Select(select) => self.select(select, locals),
            Node::Call(call) => self.call(call, locals),
            Node::List(list) => {
                let items = list.elements.iter().map(|element| self.node(element, locals));
                Ok(Value::List(items.collect::<Result<_, _>>()?))
            }
            _ => Err(unsupported()),
        }
    }

    fn select(&self, select: &'a SelectExpr, locals: &Locals<'_, 'a>) -> Result<Value<'a>, Fault> {
        let operand = self.node(&select.operand, locals)?;
        self.field(&operand, &select.field)?.ok_or_else(|| missing(&select.field))
    }

    fn field(&self, operand: &Value<'a>, name: &str) -> Result<Option<Value<'a>>, Fault> {
        match operand {
            Value::Json(Json::Object(fields)) => fields.get(name).map(Value::of_json).transpose(),
            Value::Reference => {
                let value = self.scope.reference.value(name, self.scope.as_of);
                let value = value.ok_or_else(|| {
                    Fault::new(
                        "expr.no-reference",
                        format!("no value of ref.{name} is known for the day of the application"),
                    )
                })?;
                self.references.borrow_mut().push(value);
                Ok(Some(Value::Money(value.amount)))
            }
            Value::Null => Ok(None),
            other => Err(Fault::kind("object", other.kind())),
        }
    }

    fn call(&self, call: &'a CallExpr, locals: &Locals<'_, 'a>) -> Result<Value<'a>, Fault> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_AND, [left, right]) => self.either(left, right, locals, false),
            (op::LOGICAL_OR, [left, right]) => self.either(left, right, locals, true),
            (op::LOGICAL_NOT, [operand]) => Ok(Value::Bool(!self.node(operand, locals)?.as_bool()?)),
            (op::CONDITIONAL, [condition, yes, no]) => {
                let chosen = if self.node(condition, locals)?.as_bool()? { yes } else { no };
                self.node(chosen, locals)
            }
            (op::HAS, [field]) => self.has(field, locals).map(Value::Bool),
            (op::NEGATE, [operand]) => negate(&self.node(operand, locals)?),
            (name, [variable, body]) if MACROS.contains(&name) && call.target.is_some() => {
                self.over_list(name, call, variable, body, locals)
            }
            (name, arguments) => {
                let mut values = Vec::with_capacity(arguments.len() + 1);
                for argument in call.target.as_deref().into_iter().chain(arguments) {
                    let value = self.node(argument, locals)?;
                    self.spend(weight(&value))?;
                    values.push(value);
                }
                self.apply(name, &values)
            }
        }
    }

    fn apply(&self, name: &str, values: &[Value<'a>]) -> Result<Value<'a>, Fault> {
        if let [left, right] = values {
            let ordering = || left.compare(right);
            match name {
                op::EQUALS => return Ok(Value::Bool(left.equals(right))),
                op::NOT_EQUALS => return Ok(Value::Bool(!left.equals(right))),
                op::LESS => return Ok(Value::Bool(ordering()?.is_lt())),
                op::LESS_EQUALS => return Ok(Value::Bool(ordering()?.is_le())),
                op::GREATER => return Ok(Value::Bool(ordering()?.is_gt())),
                op::GREATER_EQUALS => return Ok(Value::Bool(ordering()?.is_ge())),
                op::ADD => return add(left, right),
                op::SUBSTRACT => return subtract(left, right),
                op::MULTIPLY => return multiply(left, right),
                op::DIVIDE => return whole(left, right, i64::checked_div),
                op::MODULO => return whole(left, right, i64::checked_rem),
                op::IN => return Ok(Value::Bool(right.items()?.iter().any(|item| item.equals(left)))),
                op::INDEX => return self.index(left, right),
                _ => {}
            }
        }
        let function = functions::find(name).filter(|function| function.takes(values.len()));
        let function = function.ok_or_else(unsupported)?;
        (function.evaluate)(values, self.scope)
    }

    /// As CEL says: the side that decides is enough, even when the other one fails.
    fn either(
        &self,
        left: &'a IdedExpr,
        right: &'a IdedExpr,
        locals: &Locals<'_, 'a>,
        decides: bool,
    ) -> Result<Value<'a>, Fault> {
        let judge = |side: &'a IdedExpr| self.node(side, locals).and_then(|value| value.as_bool());
        let left = judge(left);
        if left == Ok(decides) {
            return Ok(Value::Bool(decides));
        }
        match (left, judge(right)) {
            (_, Ok(right)) if right == decides => Ok(Value::Bool(decides)),
            (Ok(_), Ok(right)) => Ok(Value::Bool(right)),
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
        }
    }

    /// Whether a field is there and not null; a missing parent means no, so one `has` guards a whole path.
    fn has(&self, field: &'a IdedExpr, locals: &Locals<'_, 'a>) -> Result<bool, Fault> {
        let Node::Select(select) = &field.expr else {
            return Err(unsupported());
        };
        if matches!(select.operand.expr, Node::Select(_)) && !self.has(&select.operand, locals)? {
            return Ok(false);
        }
        let operand = self.node(&select.operand, locals)?;
        if matches!(operand, Value::Reference) {
            return Ok(self.scope.reference.value(&select.field, self.scope.as_of).is_some());
        }
        Ok(!matches!(self.field(&operand, &select.field)?, None | Some(Value::Null)))
    }

    fn index(&self, container: &Value<'a>, key: &Value<'a>) -> Result<Value<'a>, Fault> {
        match (container, key) {
            (Value::Json(Json::Object(_)), Value::Text(name)) => {
                self.field(container, name)?.ok_or_else(|| missing(name))
            }
            (list, Value::Int(at)) => {
                let found = usize::try_from(*at).ok().and_then(|at| list.items().ok()?.into_iter().nth(at));
                found.ok_or_else(|| Fault::new("expr.index", "the list has no element at this place"))
            }
            _ => Err(Fault::kind("list or object", container.kind())),
        }
    }

    fn over_list(
        &self,
        name: &str,
        call: &'a CallExpr,
        variable: &'a IdedExpr,
        body: &'a IdedExpr,
        locals: &Locals<'_, 'a>,
    ) -> Result<Value<'a>, Fault> {
        let (Some(target), Node::Ident(variable)) = (&call.target, &variable.expr) else {
            return Err(unsupported());
        };
        let mut kept = Vec::new();
        let (mut holding, mut count) = (0_usize, 0_usize);
        for item in self.node(target, locals)?.items()? {
            let inner = Locals::Item { name: variable, value: item.clone(), outer: locals };
            let value = self.node(body, &inner)?;
            count += 1;
            if name == op::MAP {
                kept.push(value);
            } else if value.as_bool()? {
                holding += 1;
                kept.push(item);
            }
        }
        Ok(match name {
            op::ALL => Value::Bool(holding == count),
            op::EXISTS => Value::Bool(holding > 0),
            op::EXISTS_ONE => Value::Bool(holding == 1),
            _ => Value::List(kept),
        })
    }
}

fn unsupported() -> Fault {
    Fault::new("expr.unsupported", "this form of CEL is not supported")
}

fn missing(field: &str) -> Fault {
    Fault::new("expr.missing", format!("`{field}` is not there; guard it with has(…)"))
}

/// Long texts and lists cost more to look at.
fn weight(value: &Value<'_>) -> u64 {
    match value {
        Value::Text(text) => text.len() as u64 / 100,
        Value::List(items) => items.len() as u64,
        Value::Json(Json::Array(items)) => items.len() as u64,
        _ => 0,
    }
}

fn literal_value(literal: &LiteralValue) -> Result<Value<'_>, Fault> {
    match literal {
        LiteralValue::Boolean(bool) => Ok(Value::Bool(*bool.inner())),
        LiteralValue::Int(int) => Ok(Value::Int(*int.inner())),
        LiteralValue::Null => Ok(Value::Null),
        LiteralValue::String(text) => Ok(Value::Text(text.inner().into())),
        LiteralValue::Double(_) | LiteralValue::UInt(_) | LiteralValue::Bytes(_) => Err(unsupported()),
    }
}

fn overflow() -> Fault {
    Fault::new("expr.overflow", "the number is too large")
}

fn money(result: Result<kernel::Money, kernel::Failure>) -> Result<Value<'static>, Fault> {
    result.map(Value::Money).map_err(|_| overflow())
}

fn negate<'a>(value: &Value<'a>) -> Result<Value<'a>, Fault> {
    match value {
        Value::Int(int) => int.checked_neg().map(Value::Int).ok_or_else(overflow),
        Value::Decimal(decimal) => Ok(Value::Decimal(-*decimal)),
        Value::Money(amount) => exact::multiply_money(*amount, -1).map(Value::Money),
        other => Err(Fault::kind("number", other.kind())),
    }
}

pub fn add<'a>(left: &Value<'a>, right: &Value<'a>) -> Result<Value<'a>, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int).ok_or_else(overflow),
        (Value::Money(a), Value::Money(b)) => money(a.checked_add(*b)),
        (Value::Text(a), Value::Text(b)) => Ok(Value::Text(format!("{a}{b}").into())),
        (Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => {
            exact::add(left.as_decimal()?, right.as_decimal()?).map(Value::Decimal)
        }
        _ => {
            let mut items = left.items()?;
            items.extend(right.items()?);
            Ok(Value::List(items))
        }
    }
}

fn subtract<'a>(left: &Value<'a>, right: &Value<'a>) -> Result<Value<'a>, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_sub(*b).map(Value::Int).ok_or_else(overflow),
        (Value::Money(a), Value::Money(b)) => money(a.checked_sub(*b)),
        (Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => {
            exact::subtract(left.as_decimal()?, right.as_decimal()?).map(Value::Decimal)
        }
        _ => Err(Fault::kind(left.kind(), right.kind())),
    }
}

fn multiply<'a>(left: &Value<'a>, right: &Value<'a>) -> Result<Value<'a>, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_mul(*b).map(Value::Int).ok_or_else(overflow),
        (Value::Money(amount), Value::Int(by)) | (Value::Int(by), Value::Money(amount)) => {
            exact::multiply_money(*amount, *by).map(Value::Money)
        }
        (Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => {
            exact::multiply(left.as_decimal()?, right.as_decimal()?).map(Value::Decimal)
        }
        _ => Err(Fault::kind(left.kind(), right.kind())),
    }
}

fn whole<'a>(left: &Value<'a>, right: &Value<'a>, operation: fn(i64, i64) -> Option<i64>) -> Result<Value<'a>, Fault> {
    let result = operation(left.as_int()?, right.as_int()?);
    result.map(Value::Int).ok_or_else(|| Fault::new("expr.division", "a division by zero, or a result too large"))
}
