//! What a variable can be, as far as conditions tell it apart: one example for each class of values. Numbers and days are cut exactly
//! at the constants and bounds; between two of them one value stands for all.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};
use kernel::Decimal;
use serde_json::Value;

use super::logic::{Kind, Variable};
use crate::{
    expr::{Type, number_of},
    process::compile_schema,
    table::Constant,
};

/// Days and ages are counted from here; which day it is does not matter.
const EPOCH: Date = jiff::civil::date(1970, 1, 1);
/// Nobody is older.
const AGE_MAX: i64 = 150;

#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    Known(Constant),
    /// A text that no condition names.
    OtherText,
    /// There, whatever it is.
    Present,
    Absent,
    Null,
    /// Of a kind that no condition expects; only where nothing says of which kind it is.
    Foreign,
}

/// Values that no condition of the decision tells apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    pub sample: Sample,
    /// Whether there certainly are such values.
    pub certain: bool,
}

/// Where a variable comes from, as far as the definition says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    pub schema: Option<&'a Value>,
    /// It is always there.
    pub always: bool,
    /// A form offers some answers only, which the schema does not say.
    pub offered: bool,
}

/// Every class of the variable.
pub fn classes(variable: &Variable, origin: Origin<'_>) -> Vec<Class> {
    let known = |constant: Constant, certain: bool| Class { sample: Sample::Known(constant), certain };
    let of = match (&variable.of, origin.schema) {
        (Type::Any, Some(schema)) => Type::of_schema(schema),
        (of, _) => of.clone(),
    };
    let mut found: Vec<Class> = match variable.kinds.first() {
        None => vec![Class { sample: Sample::Present, certain: true }],
        Some(Kind::Bool) => {
            let only = listed(origin.schema);
            let possible = |yes: &bool| only.as_ref().is_none_or(|values| values.contains(&&Value::Bool(*yes)));
            [true, false].into_iter().filter(possible).map(|yes| known(Constant::Bool(yes), true)).collect()
        }
        Some(Kind::Text) => texts(variable, origin, &of),
        Some(kind) => numbers(variable, *kind, origin.schema, &of)
            .into_iter()
            .filter_map(|(number, certain)| Some(known(of_units(number, *kind)?, certain)))
            .collect(),
    };
    if !variable.opaque {
        if of == Type::Any {
            found.push(Class { sample: Sample::Foreign, certain: false });
        }
        let nullable = origin.schema.is_some_and(is_nullable);
        if nullable || variable.null {
            found.push(Class { sample: Sample::Null, certain: nullable });
        }
        if variable.has && !origin.always {
            found.push(Class { sample: Sample::Absent, certain: true });
        }
        // What is computed may be bounded in ways that nobody sees.
        if !variable.is_path && range_of_function(variable).is_none() {
            found.iter_mut().for_each(|class| class.certain = false);
        }
    }
    found
}

fn is_nullable(schema: &Value) -> bool {
    schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"))
}

/// The values that a schema lists.
fn listed(schema: Option<&Value>) -> Option<Vec<&Value>> {
    let schema = schema?;
    if let Some(only) = schema.get("const") {
        return Some(vec![only]);
    }
    schema["enum"].as_array().map(|values| values.iter().collect())
}

fn texts(variable: &Variable, origin: Origin<'_>, of: &Type) -> Vec<Class> {
    let known = |text: &str| Class { sample: Sample::Known(Constant::Text(text.to_owned())), certain: true };
    if let Some(values) = listed(origin.schema) {
        return values.into_iter().filter_map(Value::as_str).map(known).collect();
    }
    let named = variable.constants.iter().filter_map(|constant| match constant {
        Constant::Text(text) => Some(text),
        _ => None,
    });
    // What the schema forbids, such as a wrong pattern, never comes.
    let validator = origin.schema.and_then(|schema| compile_schema(schema).ok());
    let possible =
        |text: &&String| validator.as_ref().is_none_or(|validator| validator.is_valid(&Value::String((*text).clone())));
    let mut found: Vec<Class> = named.filter(possible).map(|text| known(text)).collect();
    let certain = !origin.offered && *of != Type::Any;
    found.push(Class { sample: Sample::OtherText, certain });
    found
}

/// Smallest and largest value, and whether it belongs to them.
#[derive(Debug, Clone, Copy, Default)]
struct Range {
    min: Option<(Decimal, bool)>,
    max: Option<(Decimal, bool)>,
}

impl Range {
    fn holds(self, number: Decimal) -> bool {
        self.min.is_none_or(|(min, with)| number > min || (with && number == min))
            && self.max.is_none_or(|(max, with)| number < max || (with && number == max))
    }

    fn of_schema(schema: &Value) -> Self {
        let bound = |word: &str| number_of(&schema.get(word)?.as_number()?.to_string()).ok();
        let strictest =
            |closed: Option<Decimal>, open: Option<Decimal>, open_counts: fn(Decimal, Decimal) -> bool| match (
                closed, open,
            ) {
                (Some(closed), Some(open)) if !open_counts(open, closed) => Some((closed, true)),
                (_, Some(open)) => Some((open, false)),
                (closed, None) => closed.map(|closed| (closed, true)),
            };
        Self {
            min: strictest(bound("minimum"), bound("exclusiveMinimum"), |open, closed| open >= closed),
            max: strictest(bound("maximum"), bound("exclusiveMaximum"), |open, closed| open <= closed),
        }
    }
}

/// Of functions whose results are bounded by what they are.
fn range_of_function(variable: &Variable) -> Option<Range> {
    let from_zero = Some((Decimal::ZERO, true));
    let name = variable.name.split_once('(').map(|(name, _)| name)?;
    match name {
        "age" => Some(Range { min: from_zero, max: Some((Decimal::from(AGE_MAX), true)) }),
        "size" => Some(Range { min: from_zero, max: None }),
        "years" | "days" => Some(Range::default()),
        _ => None,
    }
}

/// One number for each class, in the units in which the kind is counted, and whether it certainly occurs.
fn numbers(variable: &Variable, kind: Kind, schema: Option<&Value>, of: &Type) -> Vec<(Decimal, bool)> {
    if let Some(values) = listed(schema) {
        let numbers = values.into_iter().filter_map(Value::as_number);
        return numbers.filter_map(|number| number_of(&number.to_string()).ok()).map(|number| (number, true)).collect();
    }
    let range = match (kind, schema) {
        (Kind::Number, Some(schema)) => Range::of_schema(schema),
        _ => range_of_function(variable).unwrap_or_default(),
    };
    let whole = matches!(kind, Kind::Money | Kind::Date) || *of == Type::Int;
    let unknown = *of == Type::Any;
    let stepped = schema.is_some_and(|schema| schema.get("multipleOf").is_some());
    let mut cuts: BTreeSet<Decimal> = variable.constants.iter().filter_map(|value| in_units(value, kind)).collect();
    cuts.extend(range.min.into_iter().chain(range.max).map(|(bound, _)| bound));
    let cuts: Vec<Decimal> = cuts.into_iter().collect();
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else {
        return vec![(Decimal::ZERO, !unknown)];
    };
    let mut found = vec![(first.ceil() - Decimal::ONE, !unknown)];
    for (place, cut) in cuts.iter().enumerate() {
        if !whole || cut.fract().is_zero() {
            found.push((*cut, true));
        }
        let Some(next) = cuts.get(place + 1) else { continue };
        let round = cut.floor() + Decimal::ONE;
        if round < *next {
            found.push((round, true));
        } else if !whole {
            found.push(((*cut + *next) / Decimal::TWO, !unknown));
        }
    }
    found.push((last.floor() + Decimal::ONE, !unknown));
    found.retain(|(number, _)| range.holds(*number));
    if stepped {
        found.iter_mut().for_each(|(_, certain)| *certain = false);
    }
    found
}

/// Amounts are counted in tiyin, days from one day on.
fn in_units(constant: &Constant, kind: Kind) -> Option<Decimal> {
    match (constant, kind) {
        (Constant::Number(number), Kind::Money) => number.checked_mul(Decimal::ONE_HUNDRED),
        (Constant::Number(number), _) => Some(*number),
        (Constant::Date(day), _) => Some(Decimal::from(EPOCH.until(*day).ok()?.get_days())),
        _ => None,
    }
}

fn of_units(number: Decimal, kind: Kind) -> Option<Constant> {
    match kind {
        Kind::Money => Some(Constant::Number((number / Decimal::ONE_HUNDRED).normalize())),
        Kind::Date => {
            let days: i32 = number.normalize().to_string().parse().ok()?;
            EPOCH.checked_add(days.days()).ok().map(Constant::Date)
        }
        _ => Some(Constant::Number(number.normalize())),
    }
}
