//! Planted faults: values that are not there on some way, and what a registry told that goes where it may not.

use api::{Registry, Resource};

use crate::{
    check::{Options, Severity, check},
    sample::SERVICE,
};

const NOTHING: [(&str, String, String); 0] = [];

fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(SERVICE.to_owned(), |source, (from, to)| {
        assert!(source.contains(from), "{from}");
        source.replacen(from, to, 1)
    })
}

fn told(changes: &[(&str, &str)], registries: &[Registry]) -> Vec<(&'static str, String, String)> {
    let options = Options { registries, ..Options::default() };
    let report = check(&changed(changes), "service.yaml", &options);
    let judged = report.problems.into_iter().filter(|problem| matches!(problem.code, "data.unset" | "data.purpose"));
    judged.map(|problem| (problem.code, problem.path, problem.message)).collect()
}

const SOATO: &str = "attributes: {soato: data.shop.soato}";

fn emitting(expression: &str) -> Vec<(&'static str, String, String)> {
    told(&[(SOATO, &format!("attributes: {{soato: \"{expression}\"}}"))], &[])
}

#[test]
fn the_sample_reads_nothing_that_may_not_be_there() {
    assert_eq!(told(&[], &[]), NOTHING);
}

#[test]
fn a_fact_that_a_registry_may_not_have_told_is_not_read_unasked() {
    let found = emitting("facts.disability.group");
    let way =
        "`apply` \u{2192} `judge` \u{2192} `benefit` (onNotFound) \u{2192} `route` \u{2192} `pay` \u{2192} `reserve`";
    let message = format!("`facts.disability.group` may not be there: a case comes here by {way}");
    let at = "spec.process.steps[8].emit.attributes.soato".to_owned();
    assert_eq!(found, [("data.unset", at, message)]);
    for guarded in [
        "has(facts.disability.group) ? facts.disability.group : 0",
        "has(facts.disability) && facts.disability.group == 1",
        "facts.disability.group == 1 && has(facts.disability.group)",
        "!has(facts.disability.group) || facts.disability.group == 1",
    ] {
        assert_eq!(emitting(guarded), NOTHING, "{guarded}");
    }
    for unguarded in [
        "!has(facts.disability.group) && facts.disability.group == 1",
        "has(facts.disability.group) ? 0 : facts.disability.group",
        "has(facts.disability.group) || facts.disability.group == 1",
        "facts.disability.group > 0 && facts.disability.group < 3",
    ] {
        assert!(!emitting(unguarded).is_empty(), "{unguarded}");
    }
}

#[test]
fn what_a_decision_has_asked_for_is_there_behind_it() {
    let route = "{name: route, decide: {cases: [{when: data.risk == 'high', next: both}], otherwise: pay}}";
    let asks = "{name: route, decide: {cases: [{when: data.risk == 'high', next: both}, {when: \"has(facts.disability.group)\", next: mark}], otherwise: pay}}\n      - {name: mark, set: [{at: risk, to: \"facts.disability.group == 1 ? 'low' : 'high'\"}], next: pay}";
    assert_eq!(told(&[(route, asks)], &[]), NOTHING);
    let not = asks.replacen("\"has(", "\"!has(", 1);
    assert_eq!(told(&[(route, &not)], &[]).len(), 1);
}

#[test]
fn a_value_that_no_form_asks_for_is_set_before_it_is_read() {
    let judge =
        "{name: judge, set: [{at: risk, to: \"data.goods.kind == 'alcohol' ? 'high' : 'low'\"}], next: benefit}";
    let found = told(&[(judge, "{name: judge, set: [{at: goods.licence, to: \"'x'\"}], next: benefit}")], &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].1.as_str()), ("data.unset", "spec.process.steps[3].decide.cases[0].when"));
    let optional = emitting("data.goods.area");
    assert_eq!(optional.len(), 1, "{optional:?}");
    let report =
        check(&changed(&[(SOATO, "attributes: {soato: data.goods.licence}")]), "service.yaml", &Options::default());
    let asked_sometimes = report.problems.iter().find(|problem| problem.code == "data.unset").unwrap();
    assert_eq!(asked_sometimes.severity, Severity::Warning, "it may well be there");
    assert_eq!(emitting("data.goods.kind == 'alcohol' ? data.goods.licence : ''"), NOTHING);
    assert_eq!(emitting("case.decision.outcome").len(), 1, "nobody has decided yet");
}

#[test]
fn where_branches_meet_each_has_brought_what_it_set() {
    let fire = "{name: fire, wait: {message: fire-report}, timeout: 10 days, onTimeout: pay, next: pay}";
    let asks =
        "{name: fire, call: {registry: fire, operation: report, purpose: {en: To know}}, next: pay, onNotFound: lapse}";
    let reads = "attributes: {soato: \"data.risk == 'high' ? facts.report.text : ''\"}";
    let all = told(&[(fire, asks), (SOATO, reads)], &[]);
    assert_eq!(all.len(), 1, "the other way to pay has no report: {all:?}");
    let high = "{name: route, decide: {cases: [{when: data.risk == 'high', next: both}], otherwise: pay}}";
    let always = "{name: route, notify: issued, next: both}";
    assert_eq!(told(&[(fire, asks), (SOATO, reads), (high, always)], &[]), NOTHING);
    let first = [(fire, asks), (SOATO, reads), (high, always), ("start: fire}]}", "start: fire}], join: any}")];
    assert_eq!(told(&first, &[]).len(), 1, "the police may have been first");
}

fn registry(sensitivity: &str) -> Registry {
    let source = format!(
        "apiVersion: xizmat.dev/v1alpha1\nkind: Registry\nmetadata: {{name: social, namespace: social}}\nspec:\n  title: {{en: Social}}\n  agency: social\n  operations:\n    - name: disability\n      title: {{en: Disability}}\n      dataSubject: pinfl\n      sensitivity: {sensitivity}\n      input: {{type: object, properties: {{pinfl: {{type: string, maxLength: 14}}}}}}\n      output: {{type: object, properties: {{group: {{type: integer, minimum: 1, maximum: 3}}}}}}\n"
    );
    match check(&source, "registry.yaml", &Options::default()).resource {
        Some(Resource::Registry(registry)) => *registry,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_special_goes_out_only_by_an_act() {
    let leaking = "attributes: {soato: \"has(facts.disability.group) ? facts.disability.group : 0\"}";
    let special = [registry("special")];
    let found = told(&[(SOATO, leaking)], &special);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].1.as_str()), ("data.purpose", "spec.process.steps[8].emit.attributes.soato"));
    assert_eq!(told(&[(SOATO, leaking)], &[registry("personal")]), NOTHING);
    let by_act = format!("{leaking}, legalBasis: {{title: {{en: A law}}}}");
    assert_eq!(told(&[(SOATO, &by_act)], &special), NOTHING);
    let judge = "data.goods.kind == 'alcohol' ? 'high' : 'low'";
    let through = "has(facts.disability.group) ? 'high' : 'low'";
    let set = told(&[(judge, through), (SOATO, "attributes: {soato: data.risk}")], &special);
    assert_eq!(set.len(), 1, "also through what is computed from it: {set:?}");
    let fire = "{name: fire, wait: {message: fire-report}, timeout: 10 days, onTimeout: pay, next: pay}";
    let asks = "{name: fire, call: {registry: fire, operation: report, input: {group: \"has(facts.disability) ? facts.disability.group : 0\"}, purpose: {en: To know}}, next: pay}";
    let asked = told(&[(fire, asks)], &special);
    assert_eq!(asked.iter().map(|(code, _, _)| *code).collect::<Vec<_>>(), ["data.purpose"], "another registry");
}
