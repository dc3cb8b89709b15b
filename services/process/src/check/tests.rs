//! What is said of a definition as a whole: a small sound one, and what makes it unfit to run, to publish or to be read at all.

mod events;
mod examples;
mod mistakes;

use std::fmt::Write as _;

use super::{Format, Options, Report, check};

/// A small definition without a problem.
const SOUND: &str = r##"
apiVersion: xizmat.dev/v1alpha1
kind: ServiceDefinition
metadata: {name: small, namespace: justice}
spec:
  title: {uz: "Kichik", uz-Cyrl: "Кичик", kaa: "Kishi", ru: "Малая", en: "Small"}
  summary: {uz: "Kichik", uz-Cyrl: "Кичик", kaa: "Kishi", ru: "Малая", en: "Small"}
  agency: justice
  lifeEvents: [marriage]
  data:
    retention:
      cases: 5 years
      drafts: 30 days
      legalBasis: {title: {uz: "Arxiv", uz-Cyrl: "Архив", kaa: "Arxiv", ru: "Архив", en: "Archives"}}
    schema:
      type: object
      required: [born]
      properties:
        born: {type: string, format: date}
        count: {type: integer}
  forms:
    - name: application
      pages:
        - title: {uz: "Qachon", uz-Cyrl: "Қачон", kaa: "Qashan", ru: "Когда", en: "When"}
          fields:
            - {at: born, label: {uz: "Sana", uz-Cyrl: "Сана", kaa: "Sáne", ru: "Дата", en: "Date"}, input: date}
  fees:
    - {name: duty, amount: "percent(ref.bhm, '10')", to: [{agency: justice, share: 100}]}
  process:
    start: apply
    steps:
      - {name: apply, form: application, next: pay}
      - {name: pay, payment: duty, timeout: 3 days, onTimeout: late, next: choose}
      - name: choose
        decide: {cases: [{when: age(data.born) > 17, next: issue}], otherwise: tell}
      - {name: tell, notify: refused, next: refund}
      - {name: refund, refund: [pay], next: rejected}
      - {name: late, notify: refused, next: lapsed}
      - {name: issue, document: paper, next: granted}
      - {name: granted, end: {outcome: granted, delivers: [paper]}}
      - {name: rejected, end: {outcome: rejected}}
      - {name: lapsed, end: {outcome: lapsed}}
  documents:
    - {name: paper, title: {uz: "Qogʻoz", uz-Cyrl: "Қоғоз", kaa: "Qaǵaz", ru: "Бумага", en: "Paper"}, template: "= Paper", seal: justice}
  notifications:
    - name: refused
      channels: [inbox]
      text: {uz: "Rad", uz-Cyrl: "Рад", kaa: "Biykar", ru: "Отказ", en: "No: {{ case.number }}"}
"##;

/// A field that asks for files, as it stands in the schema and in the form.
fn with_files(list: &str, field: &str) -> String {
    let source =
        SOUND.replacen("count: {type: integer}", &format!("count: {{type: integer}}\n        scans: {list}"), 1);
    let asked = "input: date}\n";
    let scans = "label: {uz: \"Skan\", uz-Cyrl: \"Скан\", kaa: \"Skan\", ru: \"Скан\", en: \"Scans\"}";
    source.replacen(asked, &format!("{asked}            - {{at: scans, {scans}, {field}}}\n"), 1)
}

#[test]
fn a_field_may_ask_for_files_of_kinds_that_are_known_and_of_a_size_that_can_be_kept() {
    let list = "{type: array, maxItems: 3, items: {type: object}}";
    let sound = "evidence: {types: [application/pdf, image/jpeg], size: 1048576}";
    let report = check(&with_files(list, sound), "service.yaml", &Options::default());
    assert!(report.problems.is_empty(), "{}", of(&report));
    let closed = "{type: array, maxItems: 3, items: {type: object, additionalProperties: false, properties: {hash: {type: string, maxLength: 64}, name: {type: string, maxLength: 20}}}}";
    for (list, field, code, path) in [
        (list, "evidence: {types: [], size: 5}", "form.evidence-types", "evidence.types"),
        (list, "evidence: {types: [text/html], size: 5}", "form.evidence-types", "evidence.types[0]"),
        (list, "evidence: {types: [image/png], size: 0}", "form.evidence-size", "evidence.size"),
        (list, "evidence: {types: [image/png], size: 104857601}", "form.evidence-size", "evidence.size"),
        (list, "input: text, evidence: {types: [image/png], size: 5}", "form.evidence-alone", "input"),
        ("{type: string, maxLength: 9}", sound, "form.evidence-list", "at"),
        ("{type: array, maxItems: 21, items: {type: object}}", sound, "form.evidence-list", "at"),
        (closed, sound, "form.evidence-list", "at"),
    ] {
        let report = check(&with_files(list, field), "service.yaml", &Options::default());
        let told: Vec<_> = report.problems.iter().map(|problem| (problem.code, &*problem.path)).collect();
        let path = format!("spec.forms[0].pages[0].fields[1].{path}");
        assert_eq!(told, [(code, path.as_str())], "{list} {field}: {}", of(&report));
    }
}

fn of(report: &Report) -> String {
    Format::Human.write(&report.problems)
}

#[test]
fn a_hosted_service_that_keeps_cases_for_ever_or_without_an_act_is_not_published() {
    let (before, rest) = SOUND.split_once("    retention:\n").unwrap();
    let (_, after) = rest.split_once("    schema:\n").unwrap();
    let without_act = SOUND.lines().filter(|line| !line.contains("legalBasis")).collect::<Vec<_>>().join("\n");
    for (source, code, path) in [
        (format!("{before}    schema:\n{after}"), "data.no-retention", "spec.data"),
        (without_act, "data.retention-basis", "spec.data.retention"),
    ] {
        let report = check(&source, "service.yaml", &Options::default());
        let told: Vec<_> = report.problems.iter().map(|problem| (problem.code, &*problem.path)).collect();
        assert_eq!(told, [(code, path)], "{}", of(&report));
        assert!(report.runs() && !report.publishes(), "{code}: it can be tried out");
    }
}

#[test]
fn a_rollout_is_written_in_shares_and_a_wait() {
    let rollout = "  rollout: {steps: [5%, 25%, 100%], minCases: 20, maxWait: 3 days}\n  fees:\n";
    let report = check(&SOUND.replacen("  fees:\n", rollout, 1), "service.yaml", &Options::default());
    assert!(report.problems.is_empty(), "{}", of(&report));
    let advised = rollout.replace("maxWait: 3 days", "backtest: advised");
    let report = check(&SOUND.replacen("  fees:\n", &advised, 1), "service.yaml", &Options::default());
    assert!(report.publishes() && report.problems.iter().any(|problem| problem.code == "rollout.backtest"));
}

#[test]
fn a_sound_definition_has_no_problem() {
    let report = check(SOUND, "service.yaml", &Options::default());
    assert!(report.publishes(), "{}", of(&report));
    assert!(report.problems.is_empty(), "{}", of(&report));
    assert_eq!(report.definition.unwrap().steps().len(), 10);
}

#[test]
fn every_problem_is_told_at_once() {
    let source = SOUND
        .replace("next: pay}", "next: pya}")
        .replace("{at: born,", "{at: bron,")
        .replace("lifeEvents:", "lifeEvnts:");
    let report = check(&source, "service.yaml", &Options::default());
    let codes: Vec<_> = report.problems.iter().map(|problem| problem.code).collect();
    for code in ["process.unknown-step", "form.unknown-field", "definition.unknown-field"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    let near = report.problems.iter().find(|problem| problem.code == "definition.unknown-field").unwrap();
    assert_eq!(near.help, "did you mean `lifeEvents`?");
}

#[test]
fn a_grant_about_anyone_without_a_rate_or_with_a_link_in_the_clear_is_refused() {
    let given = include_str!("../../../../examples/civil-status/grant.yaml");
    let anyone = given.replace("about: case", "about: anyone");
    assert!(check(&anyone, "grant.yaml", &Options::default()).runs());
    let report = check(&anyone.replace("  perMinute: 600\n", ""), "grant.yaml", &Options::default());
    let told: Vec<_> = report.problems.iter().map(|problem| (problem.code, &*problem.path)).collect();
    assert_eq!(told, [("definition.missing-field", "spec")], "{}", of(&report));
    let elsewhere = given.replace("https://", "http://");
    let report = check(&elsewhere, "grant.yaml", &Options::default());
    let told: Vec<_> = report.problems.iter().map(|problem| (problem.code, &*problem.path)).collect();
    assert_eq!(told, [("definition.link", "spec.legalBasis.uri")], "{}", of(&report));
}

#[test]
fn a_seal_is_neither_asked_for_nor_given_as_long_as_nobody_may_use_anothers() {
    let given = include_str!("../../../../examples/civil-status/grant.yaml");
    let asked = include_str!("../../../../examples/construction/grant-request-ecology.yaml");
    for (source, file) in [(given, "grant.yaml"), (asked, "grant-request.yaml")] {
        assert!(check(source, file, &Options::default()).runs(), "{file}");
        let not_given = source.replace("\nspec:\n", "\nspec:\n  seal: false\n");
        assert!(check(&not_given, file, &Options::default()).runs(), "{file}");
        let report = check(&not_given.replace("seal: false", "seal: true"), file, &Options::default());
        let told: Vec<_> = report.problems.iter().map(|problem| (problem.code, &*problem.path)).collect();
        assert_eq!(told, [("definition.not-built", "spec.seal")], "{file}: {}", of(&report));
    }
}

#[test]
fn missing_cyrillic_is_proposed_and_stops_only_publishing() {
    let source = SOUND.replace("uz-Cyrl: \"Сана\", ", "");
    let report = check(&source, "service.yaml", &Options::default());
    assert!(report.runs() && !report.publishes());
    assert!(report.problems[0].help.contains("Сана"), "{}", of(&report));
}

#[test]
fn hostile_sources_are_refused_at_once() {
    let bomb = format!("a: &a [x]\nb: &b [{0}]\nc: [{0}]\n", "*a, *a, *a, *a");
    let deep = format!("{}x{}", "[".repeat(5_000), "]".repeat(5_000));
    let lines: String = (0..5_000).fold(String::new(), |mut deep, depth| {
        let _ = writeln!(deep, "{}- ", " ".repeat(depth % 300));
        deep
    });
    for (source, code) in [
        ("x".repeat(10_000_000), Some("source.too-large")),
        (bomb, Some("source.alias")),
        (deep, None),
        (lines, None),
        ("a: \0".into(), Some("source.control-character")),
        (String::new(), Some("source.empty")),
        ("a: 1\n---\nb: 2\n".into(), Some("source.several-documents")),
        ("? [a, b]\n: c\n".into(), Some("source.key")),
        ("\t- a".into(), None),
        ("{{{{".into(), None),
    ] {
        let report = check(&source, "service.yaml", &Options::default());
        assert!(!report.runs());
        if let Some(code) = code {
            assert_eq!(report.problems[0].code, code, "{}", of(&report));
        }
    }
}

#[test]
fn five_thousand_steps_are_judged() {
    let mut steps = String::new();
    for step in 1..5_000 {
        let _ = writeln!(steps, "      - {{name: s{step}, set: [{{at: count, to: {step} + 1}}], next: s{}}}", step + 1);
    }
    let _ = writeln!(steps, "      - {{name: s5000, notify: refused, next: pay}}");
    let source = SOUND.replace("next: pay}\n", &format!("next: s1}}\n{steps}"));
    let report = check(&source, "service.yaml", &Options::default());
    assert!(report.runs(), "{}", of(&report));
}

#[test]
fn of_a_step_without_an_end_the_way_that_leads_there_is_told() {
    let endless = SOUND.replace("refund: [pay], next: rejected", "refund: [pay], next: tell");
    let report = check(&endless, "service.yaml", &Options::default());
    let told: Vec<&str> = report
        .problems
        .iter()
        .filter(|problem| problem.code == "process.no-way-to-end")
        .map(|problem| problem.message.as_str())
        .collect();
    let way = "from the step `tell` no way leads to an end; a case comes there by `apply` \u{2192} `pay` \u{2192} `choose` \u{2192} `tell`";
    assert_eq!((told.len(), told[0]), (2, way));
}

#[test]
fn reports_are_read_by_people_programs_and_scanners() {
    let report = check(&SOUND.replace("start: apply", "start: aply"), "service.yaml", &Options::default());
    let human = of(&report);
    assert!(
        human.contains("error: there is no step `aply` [process.unknown-step]")
            && human.contains("did you mean `apply`?"),
        "{human}"
    );
    let sarif: serde_json::Value = serde_json::from_str(&Format::Sarif.write(&report.problems)).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let region = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], report.problems[0].line);
    let json: serde_json::Value = serde_json::from_str(&Format::Json.write(&report.problems)).unwrap();
    assert_eq!(json["problems"][0]["severity"], "error");
}
