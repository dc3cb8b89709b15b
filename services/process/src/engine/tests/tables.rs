//! A table decides: by the rules that hold, with what they set or give, and the history says by which of them and from what.

use super::*;
use crate::{
    event::Chosen,
    sample::{SERVICE, offices},
};

const ROUTE: &str = "{name: route, decide: {cases: [{when: data.risk == 'high', next: both}], otherwise: pay}}";
const FIRST: &str = "{table: {hit: first, inputs: [{is: data.goods.kind}, {is: data.goods.stalls}], rules: [\
    {name: alcohol, when: ['\"alcohol\"', '-'], next: both, article: Article 5}, \
    {name: small, when: ['-', '1..3'], set: [{at: risk, to: \"'low'\"}], next: pay, article: Article 6}, \
    {name: food, when: ['not(\"other\")', '<= 10'], set: [{at: risk, to: \"'high'\"}], next: pay}]}, otherwise: both}";
const COLLECT: &str = "{table: {hit: collect, inputs: [{is: data.goods.stalls}], rules: [\
    {name: each, when: ['-'], gives: data.goods.stalls}, {name: several, when: ['> 1'], gives: \"decimal('0.5')\"}, \
    {name: many, when: ['> 20'], gives: '100'}], collect: {at: goods.area, by: sum, next: pay}}}";

fn deciding(decide: &str) -> Process {
    assert!(SERVICE.contains(ROUTE));
    let source = SERVICE.replacen(ROUTE, &format!("{{name: route, decide: {decide}}}"), 1);
    Process::compile(&serde_saphyr::from_str(&source).unwrap()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn played(decide: &str, kind: &str, stalls: u32, then: &str) -> crate::scenario::Report {
    let yaml = format!(
        "title: table\nwhen:\n  - answer: {{shop.soato: '1726266', shop.opened: 2020-01-01, goods.kind: {kind}, goods.licence: ABC-1, goods.stalls: '{stalls}'}}\n  - submit: {{}}\nthen: {{{then}}}\n"
    );
    let yaml = if kind == "alcohol" { yaml } else { yaml.replace("goods.licence: ABC-1, ", "") };
    let scenario = crate::scenario::parse(&yaml).unwrap();
    crate::scenario::run(&deciding(decide), &offices(), &scenario)
}

fn plays(decide: &str, kind: &str, stalls: u32, then: &str) -> Vec<String> {
    let report = played(decide, kind, stalls, then);
    assert!(report.passed(), "{kind} {stalls}: {report}");
    report.covered.into_iter().filter(|covered| covered.starts_with("route/")).collect()
}

#[test]
fn the_first_rule_that_holds_says_what_follows_and_what_is_set() {
    assert_eq!(plays(FIRST, "food", 3, "status: paying, data: {risk: low}"), ["route/small"]);
    assert_eq!(plays(FIRST, "food", 4, "status: paying, data: {risk: high}"), ["route/food"]);
    assert_eq!(plays(FIRST, "alcohol", 2, "status: reviewing, data: {risk: high}"), ["route/alcohol"]);
    assert!(plays(FIRST, "other", 4, "status: reviewing, data: {risk: low}").is_empty(), "otherwise");
}

#[test]
fn what_all_rules_give_is_added_up_or_listed() {
    assert_eq!(plays(COLLECT, "other", 2, "status: paying, data: {goods.area: 2.5}"), ["route/each", "route/several"]);
    assert_eq!(plays(COLLECT, "other", 1, "status: paying, data: {goods.area: 1}"), ["route/each"]);
    let list = COLLECT.replace("by: sum", "by: list");
    plays(&list, "other", 21, "status: paying, data: {goods.area: [21, 0.5, 100]}");
}

#[test]
fn where_two_rules_hold_and_only_one_may_a_person_looks_at_the_case() {
    let unique = FIRST.replace("hit: first", "hit: unique");
    let told: Vec<String> = played(&unique, "food", 3, "").failures.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["afterwards: the step `route` cannot go on by itself: decide.several-rules"]);
}

#[test]
fn the_history_says_by_which_rules_it_was_decided_and_from_what() {
    let mut host = Host::new();
    host.process = deciding(COLLECT);
    let (host, _) = before_paying(host);
    let chosen = host.history.iter().find_map(|event| match &event.what {
        What::Chosen(Chosen { rule, next, fired, inputs, .. }) => {
            Some((rule.as_str(), next.as_str(), fired.len(), inputs.len()))
        }
        _ => None,
    });
    assert!(
        chosen.is_some_and(|(rule, next, fired, inputs)| (rule, next) == ("table", "pay") && fired > 0 && inputs == 1)
    );
}

#[test]
fn a_decision_of_an_older_release_is_read_and_one_by_cases_is_written_as_it_was() {
    let chosen = Chosen { step: "route".into(), rule: "cases[0]".into(), next: "pay".into(), ..Chosen::default() };
    let event = Event::new(tuesday(), What::Chosen(chosen));
    let stored = serde_json::to_value(&event).unwrap();
    assert_eq!(stored["what"], json!({"event": "chosen", "step": "route", "rule": "cases[0]", "next": "pay"}));
    assert!(crate::event::read(stored.to_string().as_bytes()).unwrap() == event);
}
