//! Values while an expression is evaluated: exact numbers and money, and the case's JSON borrowed where it lies.

use std::{borrow::Cow, cmp::Ordering};

use jiff::civil::Date;
use kernel::{Decimal, Money};
use serde_json::Value as Json;

use super::{Fault, exact};

#[derive(Debug, Clone)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Money(Money),
    Text(Cow<'a, str>),
    Date(Date),
    List(Vec<Value<'a>>),
    /// A list or object of the case's data.
    Json(&'a Json),
    /// `ref`: the reference values of the day.
    Reference,
}

impl<'a> Value<'a> {
    pub fn of_json(json: &'a Json) -> Result<Self, Fault> {
        Ok(match json {
            Json::Null => Self::Null,
            Json::Bool(bool) => Self::Bool(*bool),
            Json::String(text) => Self::Text(Cow::Borrowed(text)),
            Json::Array(_) | Json::Object(_) => Self::Json(json),
            Json::Number(number) => match number.as_i64() {
                Some(int) => Self::Int(int),
                None => Self::Decimal(exact::parse(&number.to_string())?),
            },
        })
    }

    /// The value as it is kept in data and events; money becomes its amount in so'm as text, exactly.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(bool) => Json::Bool(*bool),
            Self::Int(int) => Json::from(*int),
            Self::Decimal(decimal) => exact::to_json(*decimal),
            Self::Money(money) => Json::String(money.to_decimal().to_string()),
            Self::Text(text) => Json::String(text.to_string()),
            Self::Date(date) => Json::String(date.to_string()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Json(json) => (*json).clone(),
            Self::Reference => Json::Null,
        }
    }

    /// A number that outlives what it was computed from.
    pub fn as_number(&self) -> Result<Value<'static>, Fault> {
        match self {
            Self::Int(int) => Ok(Value::Int(*int)),
            Self::Decimal(decimal) => Ok(Value::Decimal(*decimal)),
            other => Err(Fault::kind("number", other.kind())),
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Decimal(_) => "Decimal",
            Self::Money(_) => "Money",
            Self::Text(_) => "text",
            Self::Date(_) => "date",
            Self::List(_) | Self::Json(Json::Array(_)) => "list",
            Self::Json(_) | Self::Reference => "object",
        }
    }

    pub fn as_bool(&self) -> Result<bool, Fault> {
        match self {
            Self::Bool(bool) => Ok(*bool),
            other => Err(Fault::kind("bool", other.kind())),
        }
    }

    pub fn as_text(&self) -> Result<&str, Fault> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(Fault::kind("text", other.kind())),
        }
    }

    pub fn as_int(&self) -> Result<i64, Fault> {
        match self {
            Self::Int(int) => Ok(*int),
            other => Err(Fault::kind("int", other.kind())),
        }
    }

    /// A number, or a text that writes one: `percent(ref.bhm, '10')`.
    pub fn as_decimal(&self) -> Result<Decimal, Fault> {
        match self {
            Self::Int(int) => Ok(Decimal::from(*int)),
            Self::Decimal(decimal) => Ok(*decimal),
            Self::Text(text) => exact::parse(text),
            other => Err(Fault::kind("Decimal", other.kind())),
        }
    }

    pub fn as_money(&self) -> Result<Money, Fault> {
        match self {
            Self::Money(money) => Ok(*money),
            other => Err(Fault::kind("Money", other.kind())),
        }
    }

    /// A date, or a text that writes one (ISO 8601).
    pub fn as_date(&self) -> Result<Date, Fault> {
        match self {
            Self::Date(date) => Ok(*date),
            Self::Text(text) => {
                text.parse().map_err(|_| Fault::new("expr.date", "the text is not a date (YYYY-MM-DD)"))
            }
            other => Err(Fault::kind("date", other.kind())),
        }
    }

    pub fn items(&self) -> Result<Vec<Value<'a>>, Fault> {
        match self {
            Self::List(items) => Ok(items.clone()),
            Self::Json(Json::Array(items)) => items.iter().map(Self::of_json).collect(),
            other => Err(Fault::kind("list", other.kind())),
        }
    }

    /// Equal in kind and value; an int equals the Decimal of the same value, a date its text.
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Json(a), Self::Json(b)) => a == b,
            (Self::List(_) | Self::Json(Json::Array(_)), Self::List(_) | Self::Json(Json::Array(_))) => {
                match (self.items(), other.items()) {
                    (Ok(a), Ok(b)) => a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.equals(b)),
                    _ => false,
                }
            }
            _ => self.compare(other).is_ok_and(Ordering::is_eq),
        }
    }

    pub fn compare(&self, other: &Self) -> Result<Ordering, Fault> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Ok(a.cmp(b)),
            (Self::Int(a), Self::Int(b)) => Ok(a.cmp(b)),
            (Self::Int(_) | Self::Decimal(_), Self::Int(_) | Self::Decimal(_)) => {
                Ok(self.as_decimal()?.cmp(&other.as_decimal()?))
            }
            (Self::Money(a), Self::Money(b)) if a.currency == b.currency => Ok(a.minor.cmp(&b.minor)),
            (Self::Text(a), Self::Text(b)) => Ok(a.cmp(b)),
            (Self::Date(_), Self::Date(_) | Self::Text(_)) | (Self::Text(_), Self::Date(_)) => {
                Ok(self.as_date()?.cmp(&other.as_date()?))
            }
            _ => Err(Fault::kind(self.kind(), other.kind())),
        }
    }
}
