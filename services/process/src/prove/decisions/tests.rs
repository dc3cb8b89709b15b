//! Planted faults are found with an example, and what is said of random conditions is what the evaluator says of every value.

use kernel::Time;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    domain::{Class, Origin, classes},
    judge::{Found, Order, Question, Truth},
    logic::Reader,
};
use crate::{
    calendar::Calendar,
    check::{Options, check},
    expr::{Expr, Scope, Type, TypeEnv, compile},
    reference::Reference,
    sample::SERVICE,
};

const NOTHING: [(&str, String, String); 0] = [];

const ROUTE: &str = "{name: route, decide: {cases: [{when: data.risk == 'high', next: both}], otherwise: pay}}";

/// What is said of the sample where its step `route` decides so.
fn told(decide: &str) -> Vec<(&'static str, String, String)> {
    assert!(SERVICE.contains(ROUTE));
    let source = SERVICE.replacen(ROUTE, &format!("{{name: route, decide: {decide}}}"), 1);
    let report = check(&source, "service.yaml", &Options::default());
    let judged = report.problems.into_iter().filter(|problem| {
        problem.path.contains(".decide") || problem.code.starts_with("decision.") || problem.code.starts_with("expr.")
    });
    let told = judged.map(|problem| {
        let path = problem.path.rsplit_once(".decide").map_or(String::new(), |(_, rest)| rest.to_owned());
        (problem.code, path, problem.message)
    });
    told.collect()
}

fn table(hit: &str, rules: &str, otherwise: &str) -> String {
    format!(
        "{{table: {{hit: {hit}, inputs: [{{is: data.goods.kind}}, {{is: data.goods.stalls}}], rules: [{rules}]}}{otherwise}}}"
    )
}

#[test]
fn a_table_that_covers_everything_once_has_nothing_to_find_fault_with() {
    let rules = "{name: food, when: ['\"food\"', '-'], next: pay}, {name: few, when: ['not(\"food\")', '< 10'], next: pay}, \
                 {name: many, when: ['\"alcohol\", \"other\"', '10..50'], next: both}";
    assert_eq!(told(&table("unique", rules, "")), NOTHING);
}

#[test]
fn a_gap_is_told_with_what_nobody_thought_of() {
    let rules = "{name: food, when: ['\"food\"', '-'], next: pay}, {name: few, when: ['-', '< 10'], next: pay}, \
                 {name: many, when: ['\"alcohol\"', '>= 10'], next: both}";
    let gap = "nothing says what follows where `data.goods.kind` is \"other\" and `data.goods.stalls` is 10";
    assert_eq!(told(&table("first", rules, "")), [("decision.gap", ".table".to_owned(), gap.to_owned())]);
    assert_eq!(told(&table("first", rules, ", otherwise: both")), NOTHING);
}

#[test]
fn two_rules_of_one_input_are_told_where_only_one_may_hold() {
    let rules = "{name: few, when: ['-', '<= 10'], next: pay}, {name: food, when: ['\"food\"', '10..50'], next: both}";
    let overlap = "more than one rule holds where `data.goods.stalls` is 10 and `data.goods.kind` is \"food\"";
    let at = ".table".to_owned();
    assert_eq!(told(&table("unique", rules, ", otherwise: pay")), [("decision.overlap", at, overlap.to_owned())]);
    assert_eq!(told(&table("first", rules, ", otherwise: pay")), NOTHING);
}

#[test]
fn what_no_input_reaches_is_told() {
    let shadowed = "{name: all, when: ['-', '-'], next: both}, {name: food, when: ['\"food\"', '-'], next: pay}";
    let message = "nothing reaches the rule `food`: wherever it holds, the rule `all` decides before it".to_owned();
    assert_eq!(told(&table("first", shadowed, "")), [("decision.unreachable", ".table.rules[1]".to_owned(), message)]);
    let codes = |decide: &str| -> Vec<(&'static str, String)> {
        told(decide).into_iter().map(|(code, path, _)| (code, path)).collect()
    };
    let beyond = "{name: huge, when: ['-', '> 50'], next: both}";
    let never = [("decision.unreachable", ".table.rules[0]".to_owned())];
    assert_eq!(codes(&table("first", beyond, ", otherwise: pay")), never, "the schema allows fifty");
    let unknown = "{name: arms, when: ['\"arms\"', '-'], next: both}";
    assert_eq!(codes(&table("first", unknown, ", otherwise: pay")), never, "nobody can choose it");
    let narrower = "{cases: [{when: data.goods.stalls > 5, next: both}, {when: data.goods.stalls > 10, next: both}], otherwise: pay}";
    assert_eq!(codes(narrower), [("decision.unreachable", ".cases[1].when".to_owned())]);
    let complete = "{cases: [{when: data.goods.stalls > 5, next: both}, {when: data.goods.stalls <= 5, next: pay}]";
    assert!(codes(&format!("{complete}}}")).is_empty());
    let over = format!("{complete}, otherwise: pay}}");
    assert_eq!(codes(&over), [("decision.unreachable", ".otherwise".to_owned())]);
}

#[test]
fn what_cannot_be_read_is_no_fault_but_said_where_it_matters() {
    let starting = "{table: {inputs: [{is: data.shop.soato.startsWith('17')}, {is: data.shop.soato.endsWith('0')}], rules: [\
                    {name: near, when: ['true', '-'], next: both}, {name: round, when: ['-', 'true'], next: pay}]}, otherwise: pay}";
    let codes: Vec<&str> = told(starting).into_iter().map(|(code, _, _)| code).collect();
    assert_eq!(codes, ["decision.not-judged"]);
    let many: Vec<String> = (0..17).map(|digit| format!("data.shop.soato.startsWith('{digit}')")).collect();
    let many = format!("{{cases: [{{when: \"{}\", next: both}}], otherwise: pay}}", many.join(" || "));
    let codes: Vec<&str> = told(&many).into_iter().map(|(code, _, _)| code).collect();
    assert_eq!(codes, ["decision.not-judged"], "too many to try");
}

#[test]
fn what_is_wrong_with_a_table_is_told_at_its_place() {
    let one = |rule: &str| {
        table("unique", &format!("{rule}, {{name: rest, when: ['-', '> 40'], next: both}}"), ", otherwise: pay")
    };
    for (decide, code, path) in [
        (one("{name: a, when: ['food', '< 9'], next: pay}"), "table.cell", ".table.rules[0].when[0]"),
        (one("{name: a, when: ['< 9'], next: pay}"), "table.cells", ".table.rules[0].when"),
        (one("{name: a, when: ['-', '\"x\"'], next: pay}"), "expr.type", ".table.rules[0].when[1]"),
        (one("{name: a, when: ['-', '< 9']}"), "table.consequence", ".table.rules[0]"),
        (one("{name: a, when: ['-', '< 9'], next: nowhere}"), "process.unknown-step", ".table.rules[0].next"),
        (
            one("{name: a, when: ['-', '< 9'], then: pay, next: pay}"),
            "definition.unknown-field",
            ".table.rules[0].then",
        ),
        (one("{name: rest, when: ['-', '< 9'], next: pay}"), "definition.duplicate-name", ".table.rules[1].name"),
        (
            table("collect", "{name: a, when: ['-', '< 9'], gives: '1'}", ", otherwise: pay"),
            "table.collect",
            ".table.collect",
        ),
        ("{otherwise: pay}".to_owned(), "step.no-cases", ".cases"),
    ] {
        let told = told(&decide);
        assert!(told.iter().any(|(is, at, _)| *is == code && at == path), "{decide}: {told:?}");
    }
}

/// Conditions over a whole number, a number and a text.
fn condition() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let whole = (sign.clone(), 0..4_i64).prop_map(|(sign, number)| format!("data.x {sign} {number}"));
    let halves = prop::sample::select(vec!["decimal('0.5')", "1", "decimal('1.5')", "decimal('2.25')"]);
    let number = (sign, halves).prop_map(|(sign, number)| format!("{number} {sign} data.y"));
    let text =
        prop::sample::select(vec!["data.t == 'a'", "data.t != 'b'", "data.t in ['a', 'c']", "!(data.t in ['c'])"]);
    let test = prop_oneof![whole, number, text.prop_map(str::to_owned), Just("true".to_owned())];
    test.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} && {other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} || {other})")),
            inner.clone().prop_map(|one| format!("!({one})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

/// Every value around what conditions compare with, as the evaluator judges.
fn by_brute_force(conditions: &[Expr]) -> Vec<Vec<bool>> {
    let (reference, calendar, nothing) = (Reference::standard(), Calendar::standard(), json!({}));
    let now: Time = "2026-11-24T05:00:00Z".parse().unwrap();
    let mut all = Vec::new();
    for x in -1..=4 {
        for y in ["0", "0.5", "0.75", "1", "1.25", "1.5", "2", "2.25", "3"] {
            for t in ["a", "b", "c", "d"] {
                let y: Value = serde_json::from_str(y).unwrap();
                let data = json!({"x": x, "y": y, "t": t});
                let scope = Scope {
                    data: &data,
                    facts: &nothing,
                    case: &nothing,
                    applicant: &nothing,
                    now,
                    as_of: now,
                    reference: &reference,
                    calendar: &calendar,
                    offices: &[],
                };
                all.push(conditions.iter().map(|condition| condition.holds(&scope).unwrap()).collect());
            }
        }
    }
    all
}

proptest! {
    #[test]
    fn what_is_proved_is_what_the_evaluator_says_of_every_value(sources in prop::collection::vec(condition(), 1..4)) {
        let env = TypeEnv::new([(
            "data",
            Type::object([("x", Type::Int), ("y", Type::Decimal), ("t", Type::text())]),
        )]);
        let compiled: Vec<Expr> = sources.iter().map(|source| compile(source, &env).unwrap()).collect();
        let trees: Vec<Vec<_>> = compiled.iter().map(|expr| vec![expr.tree()]).collect();
        let (reader, rules) = Reader::read(&env, &trees);
        let all: Vec<Vec<Class>> =
            reader.variables.iter().map(|variable| classes(variable, Origin::default())).collect();
        let opaque = vec![false; all.len()];
        prop_assert!(reader.variables.iter().all(|variable| !variable.opaque));
        let question = |order| {
            let (rules, classes, opaque) = (rules.as_slice(), all.as_slice(), opaque.as_slice());
            Question { rules, known: &[], classes, opaque, order, entangled: false }
        };
        let tried = by_brute_force(&compiled);
        let first = question(Order::First).judge().unwrap();
        for rule in 0..rules.len() {
            let reached = tried.iter().any(|holds| holds.iter().position(|holds| *holds) == Some(rule));
            prop_assert_eq!(first.reached[rule], reached, "{} of {:?}", rule, sources);
        }
        let gap = tried.iter().any(|holds| !holds.contains(&true));
        prop_assert_eq!(matches!(first.gap, Found::Surely(_)), gap, "{:?}", sources);
        let unique = question(Order::Unique).judge().unwrap();
        let overlap = tried.iter().any(|holds| holds.iter().filter(|holds| **holds).count() > 1);
        prop_assert_eq!(matches!(unique.overlap, Found::Surely(_)), overlap, "{:?}", sources);
        if let Found::Surely(at) = &first.gap {
            let asked = question(Order::First);
            prop_assert!(rules.iter().all(|rule| asked.truth(rule, at) == Truth::No));
        }
    }
}
