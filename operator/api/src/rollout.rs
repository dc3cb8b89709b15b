//! How a changed presentation is brought in: by shares of the people, watched by what becomes of their cases.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{Span, Unit, is_default};

/// How a new revision is brought in that changes nothing but the presentation. What changes the law takes effect for everybody
/// at once, on its day. Without it, every revision does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rollout {
    /// Shares of the people whose new applications follow the new revision, from the first to `100%`. A person stays with the
    /// revision they met.
    pub steps: Vec<Percent>,
    /// Cases on the new revision before it is judged at a step. When left out: 20.
    #[serde(default = "min_cases", skip_serializing_if = "is_min_cases")]
    pub min_cases: u32,
    /// How long a step waits for these cases; then it goes on without a judgement, and the status says so. When left out: 3 days.
    #[serde(default = "max_wait", skip_serializing_if = "is_max_wait")]
    pub max_wait: Span,
    /// Whether a revision must first be tried on cases of the past.
    #[serde(default, skip_serializing_if = "is_default")]
    pub backtest: Backtest,
    /// What happens when a revision that changes the law does badly. It never returns to the old law by itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_bad_health: OnBadHealth,
}

/// Whether a revision must first be tried on cases of the past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Backtest {
    /// It need not.
    #[default]
    Off,
    /// It should, and the check says so.
    Advised,
    /// Without it nothing is brought in.
    Required,
}

/// What happens when a revision that changes the law does badly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnBadHealth {
    /// The status and an event say so.
    #[default]
    Alarm,
    /// New applications are refused with a notice, too, until a person goes on.
    Stop,
}

/// A share of the people, from `1%` to `100%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Percent(u8);

/// What is wrong with a written share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no share of the people; write a whole number from `1%` to `100%`")]
pub struct PercentError(String);

impl Percent {
    /// Everybody.
    pub const ALL: Self = Self(100);

    /// Of a hundred.
    pub fn number(self) -> u32 {
        u32::from(self.0)
    }
}

impl Rollout {
    /// When `minCases` is left out.
    pub const MIN_CASES: u32 = 20;
    /// When `maxWait` is left out.
    pub const MAX_WAIT: Span = Span { amount: 3, unit: Unit::Days };
}

fn min_cases() -> u32 {
    Rollout::MIN_CASES
}

fn is_min_cases(count: &u32) -> bool {
    *count == Rollout::MIN_CASES
}

fn max_wait() -> Span {
    Rollout::MAX_WAIT
}

fn is_max_wait(span: &Span) -> bool {
    *span == Rollout::MAX_WAIT
}

impl FromStr for Percent {
    type Err = PercentError;

    fn from_str(written: &str) -> Result<Self, PercentError> {
        let wrong = || PercentError(written.chars().take(40).collect());
        let number = written.strip_suffix('%').filter(|number| !number.starts_with(['+', '0'])).ok_or_else(wrong)?;
        let number: u8 = number.parse().map_err(|_| wrong())?;
        if number <= 100 { Ok(Self(number)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}%", self.0)
    }
}

impl TryFrom<String> for Percent {
    type Error = PercentError;

    fn try_from(written: String) -> Result<Self, PercentError> {
        written.parse()
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> Self {
        percent.to_string()
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "percent",
            "description": "A share of the people: `5%`, `25%`, `100%`.",
            "pattern": "^([1-9][0-9]?|100)%$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_whole_number_of_percent() {
        assert_eq!("5%".parse::<Percent>().unwrap().number(), 5);
        assert_eq!("100%".parse::<Percent>().unwrap(), Percent::ALL);
        for wrong in ["", "%", "5", "0%", "05%", "+5%", "101%", "2.5%", "5 %", "-1%", "999999999999%"] {
            assert!(wrong.parse::<Percent>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_left_out_is_not_written_either() {
        let short: Rollout = serde_json::from_str(r#"{"steps": ["5%", "100%"]}"#).unwrap();
        assert_eq!((short.min_cases, short.max_wait.to_string().as_str()), (20, "3 days"));
        let full = r#"{"steps": ["5%", "100%"], "minCases": 20, "maxWait": "3 days", "backtest": "off", "onBadHealth": "alarm"}"#;
        assert_eq!(serde_json::from_str::<Rollout>(full).unwrap(), short);
        assert_eq!(serde_json::to_string(&short).unwrap(), r#"{"steps":["5%","100%"]}"#);
    }
}
