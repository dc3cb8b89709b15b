//! The functions of expressions: what each takes, gives and does.

use cel::{
    IdedExpr,
    common::ast::{Expr as Node, LiteralValue},
};
use jiff::{ToSpan, civil::Date};
use kernel::pinfl::Pinfl;

use crate::calendar::{civil_date, whole_years};

use super::{
    Fault, Scope, Type, Value,
    exact::{self, Rounding},
};

/// Written as `list.all(x, …)`; they are not functions but forms.
pub const MACROS: [&str; 5] = ["all", "exists", "exists_one", "map", "filter"];

type Evaluate = for<'a> fn(&[Value<'a>], &Scope<'a>) -> Result<Value<'a>, Fault>;

pub struct Function {
    pub name: &'static str,
    /// How it is written: shown when it is used wrongly.
    usage: &'static str,
    least: usize,
    most: usize,
    judge: fn(&[Type]) -> Option<Type>,
    pub evaluate: Evaluate,
}

impl Function {
    pub fn takes(&self, count: usize) -> bool {
        (self.least..=self.most).contains(&count)
    }

    pub fn judge(&self, arguments: &[Type]) -> Result<Type, String> {
        let fits = self.takes(arguments.len()).then(|| (self.judge)(arguments)).flatten();
        fits.ok_or_else(|| {
            let given: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            format!("`{}` is written {}; this gives it ({})", self.name, self.usage, given.join(", "))
        })
    }
}

pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name).chain(MACROS).chain(["has"])
}

/// Numbers and dates written as texts are read before anybody applies.
pub fn check_literals(name: &str, arguments: &[IdedExpr]) -> Result<(), String> {
    let text = |index: usize| match arguments.get(index).map(|argument| &argument.expr) {
        Some(Node::Literal(LiteralValue::String(text))) => Some(text.inner()),
        _ => None,
    };
    let checked = match name {
        "percent" => text(1).map(exact::parse).transpose().map(|_| ()).and_then(|()| rounding_word(text(2))),
        "share" => rounding_word(text(3)),
        "decimal" => text(0).map(exact::parse).transpose().map(|_| ()),
        "money" => text(0).map(|text| exact::parse(text).and_then(exact::money)).transpose().map(|_| ()),
        "date" => text(0).map(|text| Value::Text(text.into()).as_date()).transpose().map(|_| ()),
        _ => Ok(()),
    };
    checked.map_err(|fault| fault.message)
}

fn rounding_word(word: Option<&str>) -> Result<(), Fault> {
    word.map(Rounding::parse).transpose().map(|_| ())
}

macro_rules! function {
    ($name:literal, $usage:literal, $least:literal..=$most:literal, $judge:expr, $evaluate:expr) => {
        Function { name: $name, usage: $usage, least: $least, most: $most, judge: $judge, evaluate: $evaluate }
    };
}

fn all(arguments: &[Type], fits: fn(&Type) -> bool, result: Type) -> Option<Type> {
    arguments.iter().all(fits).then_some(result)
}

fn is_money(of: &Type) -> bool {
    Type::Money.accepts(of)
}

fn is_date(of: &Type) -> bool {
    Type::Date.accepts(of)
}

fn is_number_or_text(of: &Type) -> bool {
    of.is_number() || of.is_text()
}

static FUNCTIONS: &[Function] = &[
    function!("percent", "percent(amount, '10') or percent(amount, '10', 'down')", 2..=3, percent_type, percent),
    function!("share", "share(amount, 1, 3) or share(amount, 1, 3, 'down')", 3..=4, share_type, share),
    function!(
        "money",
        "money('34000.50'), in so'm",
        1..=1,
        |types| all(types, is_number_or_text, Type::Money),
        |values, _| { values[0].as_decimal().and_then(exact::money).map(Value::Money) }
    ),
    function!("decimal", "decimal('0.5')", 1..=1, |types| all(types, is_number_or_text, Type::Decimal), |values, _| {
        values[0].as_decimal().map(Value::Decimal)
    }),
    function!("roundSom", "roundSom(amount) or roundSom(amount, 'up')", 1..=2, round_som_type, round_som),
    function!("sum", "sum(list)", 1..=1, sum_type, sum),
    function!("min", "min(a, b)", 1..=8, extreme_type, |values, _| extreme(values, std::cmp::Ordering::is_lt)),
    function!("max", "max(a, b)", 1..=8, extreme_type, |values, _| extreme(values, std::cmp::Ordering::is_gt)),
    function!("size", "size(list) or size(text)", 1..=1, size_type, size),
    function!("string", "string(number)", 1..=1, |_| Some(Type::text()), |values, _| {
        let json = values[0].to_json();
        Ok(Value::Text(json.as_str().map_or_else(|| json.to_string(), str::to_owned).into()))
    }),
    function!(
        "startsWith",
        "text.startsWith('a')",
        2..=2,
        |types| all(types, Type::is_text, Type::Bool),
        |values, _| { Ok(Value::Bool(values[0].as_text()?.starts_with(values[1].as_text()?))) }
    ),
    function!("endsWith", "text.endsWith('a')", 2..=2, |types| all(types, Type::is_text, Type::Bool), |values, _| {
        Ok(Value::Bool(values[0].as_text()?.ends_with(values[1].as_text()?)))
    }),
    function!("contains", "text.contains('a')", 2..=2, |types| all(types, Type::is_text, Type::Bool), |values, _| {
        Ok(Value::Bool(values[0].as_text()?.contains(values[1].as_text()?)))
    }),
    function!("date", "date('2026-01-31')", 1..=1, |types| all(types, is_date, Type::Date), |values, _| {
        values[0].as_date().map(Value::Date)
    }),
    function!("today", "today()", 0..=0, |_| Some(Type::Date), |_, scope| Ok(Value::Date(civil_date(scope.now)))),
    function!(
        "age",
        "age(birthDate), whole years today",
        1..=1,
        |types| all(types, is_date, Type::Int),
        |values, scope| { years_between(values[0].as_date()?, civil_date(scope.now)).map(Value::Int) }
    ),
    function!("years", "years(from, to), whole years", 2..=2, |types| all(types, is_date, Type::Int), |values, _| {
        years_between(values[0].as_date()?, values[1].as_date()?).map(Value::Int)
    }),
    function!(
        "birthDate",
        "birthDate(data.child.pinfl), the day of birth in a PINFL",
        1..=1,
        |types| all(types, Type::is_text, Type::Date),
        |values, _| {
            let pinfl = Pinfl::parse(values[0].as_text()?);
            let pinfl = pinfl.map_err(|_| Fault::new("expr.no-pinfl", "the text is not a PINFL"))?;
            Value::Text(pinfl.birth_date().into()).as_date().map(Value::Date)
        }
    ),
    function!("days", "days(from, to)", 2..=2, |types| all(types, is_date, Type::Int), |values, _| {
        let span = values[0].as_date()?.until(values[1].as_date()?).map_err(|_| far())?;
        Ok(Value::Int(i64::from(span.get_days())))
    }),
    function!("addDays", "addDays(date, 10)", 2..=2, add_type, |values, _| shift(values, |date, n| date
        .checked_add(n.days())
        .ok())),
    function!("addMonths", "addMonths(date, 1)", 2..=2, add_type, |values, _| shift(values, |date, n| date
        .checked_add(n.months())
        .ok())),
    function!("addYears", "addYears(date, 1)", 2..=2, add_type, |values, _| shift(values, |date, n| date
        .checked_add(n.years())
        .ok())),
    function!("isWorkingDay", "isWorkingDay(date)", 1..=1, |types| all(types, is_date, Type::Bool), |values, scope| {
        Ok(Value::Bool(scope.calendar.is_worked(values[0].as_date()?)))
    }),
    function!(
        "officeFor",
        "officeFor(data.address.soato)",
        1..=1,
        |types| all(types, Type::is_text, Type::text()),
        |values, scope| {
            let office = scope.office_for(values[0].as_text()?);
            let office =
                office.ok_or_else(|| Fault::new("expr.no-office", "no office of the agency serves this place"))?;
            Ok(Value::Text(office.name.as_str().into()))
        }
    ),
];

fn percent_type(types: &[Type]) -> Option<Type> {
    let fits = is_money(&types[0]) && is_number_or_text(&types[1]) && types.get(2).is_none_or(Type::is_text);
    fits.then_some(Type::Money)
}

fn percent<'a>(values: &[Value<'a>], _: &Scope<'a>) -> Result<Value<'a>, Fault> {
    let rounding = rounding_of(values.get(2))?;
    exact::percent(values[0].as_money()?, values[1].as_decimal()?, rounding).map(Value::Money)
}

fn share_type(types: &[Type]) -> Option<Type> {
    let whole = |of: &Type| Type::Int.accepts(of);
    let fits = is_money(&types[0]) && whole(&types[1]) && whole(&types[2]) && types.get(3).is_none_or(Type::is_text);
    fits.then_some(Type::Money)
}

fn share<'a>(values: &[Value<'a>], _: &Scope<'a>) -> Result<Value<'a>, Fault> {
    let (numerator, denominator) = (values[1].as_int()?, values[2].as_int()?);
    let amount = values[0].as_money()?;
    exact::share(amount, numerator.into(), denominator.into(), rounding_of(values.get(3))?).map(Value::Money)
}

fn rounding_of(word: Option<&Value<'_>>) -> Result<Rounding, Fault> {
    word.map_or(Ok(Rounding::HalfUp), |word| Rounding::parse(word.as_text()?))
}

fn round_som_type(types: &[Type]) -> Option<Type> {
    (is_money(&types[0]) && types.get(1).is_none_or(Type::is_text)).then_some(Type::Money)
}

/// To whole so'm: a hundredth of the tiyin, rounded, times a hundred.
fn round_som<'a>(values: &[Value<'a>], _: &Scope<'a>) -> Result<Value<'a>, Fault> {
    let soms = exact::share(values[0].as_money()?, 1, 100, rounding_of(values.get(1))?)?;
    exact::multiply_money(soms, 100).map(Value::Money)
}

fn sum_type(types: &[Type]) -> Option<Type> {
    match &types[0] {
        Type::Any => Some(Type::Any),
        Type::List { item, .. } if matches!(**item, Type::Int | Type::Decimal | Type::Money | Type::Any) => {
            Some((**item).clone())
        }
        _ => None,
    }
}

fn sum<'a>(values: &[Value<'a>], _: &Scope<'a>) -> Result<Value<'a>, Fault> {
    let mut items = values[0].items()?.into_iter();
    let Some(first) = items.next() else {
        return Ok(Value::Int(0));
    };
    items.try_fold(first, |total, item| super::eval::add(&total, &item))
}

fn extreme_type(types: &[Type]) -> Option<Type> {
    if let [Type::List { item, .. }] = types {
        return Some((**item).clone());
    }
    let mut types = types.iter().cloned();
    let first = types.next()?;
    types.try_fold(first, Type::join)
}

fn extreme<'a>(values: &[Value<'a>], better: fn(std::cmp::Ordering) -> bool) -> Result<Value<'a>, Fault> {
    let values = match values {
        [list] => list.items()?,
        several => several.to_vec(),
    };
    let mut values = values.into_iter();
    let first =
        values.next().ok_or_else(|| Fault::new("expr.empty", "an empty list has no smallest or largest value"))?;
    values.try_fold(first, |best, value| Ok(if better(value.compare(&best)?) { value } else { best }))
}

fn size_type(types: &[Type]) -> Option<Type> {
    matches!(types[0], Type::Any | Type::List { .. } | Type::Text { .. } | Type::Object(_)).then_some(Type::Int)
}

fn size<'a>(values: &[Value<'a>], _: &Scope<'a>) -> Result<Value<'a>, Fault> {
    let size = match &values[0] {
        Value::Text(text) => text.chars().count(),
        Value::Json(serde_json::Value::Object(fields)) => fields.len(),
        list => list.items()?.len(),
    };
    Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

fn add_type(types: &[Type]) -> Option<Type> {
    (is_date(&types[0]) && Type::Int.accepts(&types[1])).then_some(Type::Date)
}

fn far() -> Fault {
    Fault::new("expr.date", "the date is too far away")
}

fn shift<'a>(values: &[Value<'a>], by: fn(Date, i32) -> Option<Date>) -> Result<Value<'a>, Fault> {
    let count = i32::try_from(values[1].as_int()?).ok().filter(|count| count.abs() <= 36_600).ok_or_else(far)?;
    by(values[0].as_date()?, count).map(Value::Date).ok_or_else(far)
}

fn years_between(from: Date, to: Date) -> Result<i64, Fault> {
    whole_years(from, to).ok_or_else(far)
}
