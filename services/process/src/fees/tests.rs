//! What is asked is exact, explained, and says what it rests on.

use kernel::{Money, Time};
use serde_json::{Map, json};

use super::{Charge, FeeFault, Inputs, charge, standard_amount};
use crate::{calendar::Calendar, reference::Reference, sample};

fn inputs(kind: &str) -> Inputs {
    Inputs {
        data: json!({"goods": {"kind": kind, "stalls": 1}}),
        sources: [].into(),
        facts: json!({}),
        applicant: Map::new(),
        credit: Vec::new(),
        office: None,
        as_of: sample::tuesday(),
    }
}

fn charged(inputs: &Inputs) -> Result<Charge, FeeFault> {
    charge(&sample::process(), "duty", inputs, &Reference::standard(), &Calendar::standard())
}

#[test]
fn an_amount_is_split_to_the_tiyin_and_shows_its_values() {
    let charge = charged(&inputs("other")).unwrap();
    assert_eq!(charge.amount, Money::uzs(4_120_000));
    let parts: Vec<i64> = charge.split.iter().map(|part| part.amount.minor).collect();
    assert_eq!(parts, [2_746_667, 1_373_333]);
    assert_eq!(parts.iter().sum::<i64>(), charge.amount.minor);
    assert_eq!(charge.values.len(), 1);
    assert_eq!((charge.values[0].name.as_str(), charge.values[0].from.as_str()), ("bhm", "2025-08-01"));
    assert!(!charge.values[0].verified);
}

#[test]
fn what_rests_on_the_applicants_word_says_so() {
    assert!(charged(&inputs("other")).unwrap().declared);
    let mut sourced = inputs("other");
    sourced.sources.insert("data.goods".into(), "trade/register".into());
    assert!(!charged(&sourced).unwrap().declared);
}

#[test]
fn a_waiver_with_a_source_needs_the_fact_from_that_source() {
    let mut from_elsewhere = inputs("other");
    from_elsewhere.facts = json!({"disability": {"group": 1}});
    from_elsewhere.sources.insert("facts.disability".into(), "somewhere/else".into());
    assert!(charged(&from_elsewhere).unwrap().waiver.is_none());
    from_elsewhere.sources.insert("facts.disability".into(), "social/disability".into());
    let charge = charged(&from_elsewhere).unwrap();
    assert_eq!((charge.amount, charge.full), (Money::ZERO, Money::uzs(4_120_000)));
    assert!(!charge.waiver.unwrap().declared);
    let half = charged(&inputs("food")).unwrap();
    assert_eq!(half.amount, Money::uzs(2_060_000));
    assert!(half.waiver.unwrap().declared);
}

#[test]
fn the_value_of_the_day_of_submission_counts() {
    let mut before = inputs("other");
    before.as_of = "2025-07-31T10:00:00Z".parse::<Time>().unwrap();
    assert_eq!(charged(&before).unwrap().amount, Money::uzs(3_750_000));
    before.as_of = "2023-01-01T10:00:00Z".parse::<Time>().unwrap();
    assert_eq!(charged(&before).unwrap_err().code, "expr.no-reference");
}

#[test]
fn a_fee_that_depends_on_answers_has_no_standard_amount() {
    let mut fee = sample::definition().spec.fees.remove(0);
    assert_eq!(standard_amount(&fee, sample::tuesday()), None);
    fee.amount = "percent(ref.bhm, '10')".into();
    assert_eq!(standard_amount(&fee, sample::tuesday()), Some(Money::uzs(4_120_000)));
}
