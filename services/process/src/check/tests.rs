//! Broken definitions, each with the code and the exact place that must be named.

use std::{fmt::Write as _, fs, path::Path};

use api::{Agency, Registry, Resource};

use crate::{Process, scenario};

use super::{File, Folder, Format, Options, Report, Severity, TemplateChecker, TemplateProblem, check};

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
      - {name: pay, payment: duty, timeout: 3 days, onTimeout: lapsed, next: choose}
      - name: choose
        decide: {cases: [{when: age(data.born) > 17, next: granted}], otherwise: tell}
      - {name: tell, notify: refused, next: refund}
      - {name: refund, refund: [pay], next: rejected}
      - {name: granted, end: {outcome: granted}}
      - {name: rejected, end: {outcome: rejected}}
      - {name: lapsed, end: {outcome: lapsed}}
  notifications:
    - name: refused
      channels: [inbox]
      text: {uz: "Rad", uz-Cyrl: "Рад", kaa: "Biykar", ru: "Отказ", en: "No: {{ case.number }}"}
"##;

/// What is changed, into what (`¦` stands before the place that must be named), and the code.
const BROKEN: &[(&str, &str, &str)] = &[
    ("lifeEvents: [marriage]", "¦lifeEvnts: [marriage]", "definition.unknown-field"),
    ("  agency: justice\n", "  agency: ¦12\n", "definition.wrong-type"),
    ("timeout: 3 days", "timeout: ¦3 fortnights", "definition.span"),
    ("input: date}", "input: ¦dat}", "definition.wrong-value"),
    ("  agency: justice\n", "  agency: ¦yes\n", "source.ambiguous-scalar"),
    ("  agency: justice\n", "  agency: justice\n  ¦agency: justice\n", "source.duplicate-field"),
    ("lifeEvents: [marriage]", "lifeEvents: &a ¦[marriage]", "source.alias"),
    ("lifeEvents: [marriage]", "lifeEvents: ¦*a", "source.syntax"),
    ("lifeEvents: [marriage]", "lifeEvents: !x ¦[marriage]", "source.tag"),
    ("count: {type: integer}", "count: {type: ¦whole}", "data.schema"),
    ("count: {type: integer}", "count: {$ref: ¦\"https://example.uz/x\"}", "data.reference"),
    ("{at: born,", "{at: ¦bron,", "form.unknown-field"),
    (
        "input: date}",
        "input: date, repeat: {max: 2, entry: {en: A}, fields: []}}\n            - {at: ¦count, label: {en: A}, repeat: {max: 2, entry: {en: A}, fields: []}}",
        "form.entries-data",
    ),
    (
        "  agency: justice\n",
        "  agency: justice\n  eligibility: {questions: [{name: here, label: {en: Here}}], rules: [{when: answers.here, outcome: not, text: {en: No}, legalBasis: {title: {en: A}, uri: ¦\"http://a.uz\"}}]}\n",
        "definition.link",
    ),
    ("input: date}", "input: date, optionsFrom: ¦my-days}", "form.unknown-list"),
    ("input: date}", "input: date, optionsFrom: ¦my-days}", "form.list-field"),
    (
        "lifeEvents: [marriage]",
        "lifeEvents: [marriage]\n  lists: [{name: my-days, registry: a, operation: b, result: days, value: day, label: ¦[]}]",
        "form.list-label",
    ),
    (
        "    - name: application\n      pages:\n        - title:",
        "    - name: application\n      layout: taskList\n      pages:\n        - ¦title:",
        "form.no-section",
    ),
    (
        "    - name: application\n      pages:\n        - title:",
        "    - name: application\n      pages:\n        - section: ¦{en: You}\n          title:",
        "form.section",
    ),
    ("  agency: justice\n", "  agency: justice\n  eligibility: {questions: ¦[], rules: []}\n", "eligibility.size"),
    (
        "  agency: justice\n",
        "  agency: justice\n  eligibility: {questions: [{name: ¦born-here, label: {en: Here}}], rules: []}\n",
        "eligibility.name",
    ),
    (
        "  agency: justice\n",
        "  agency: justice\n  eligibility: {questions: [{name: here, label: {en: Here}}], rules: [{when: ¦data.born != null, outcome: eligible, text: {en: Yes}}]}\n",
        "expr.unknown-name",
    ),
    (
        "  agency: justice\n",
        "  agency: justice\n  eligibility: {questions: [{name: here, label: {en: Here}}], rules: [¦{when: answers.here, outcome: not, text: {en: No}}]}\n",
        "eligibility.no-legal-basis",
    ),
    (
        "  agency: justice\n",
        "  agency: justice\n  access: {submission: {within: ¦1 min}}\n",
        "access.submission-within",
    ),
    (
        "  agency: justice\n",
        "  agency: justice\n  access: {submission: {within: 10 min, assurance: ¦high}}\n",
        "definition.not-built",
    ),
    ("required: [born]", "required: [born, count]", "form.required-not-asked"),
    ("amount: \"percent(ref.bhm, '10')\"", "amount: ¦\"1.5\"", "expr.double"),
    ("amount: \"percent(ref.bhm, '10')\"", "amount: ¦\"'x'\"", "expr.type"),
    ("amount: \"percent(ref.bhm, '10')\"", "amount: ¦\"percent(ref.bmh, '10')\"", "expr.unknown-field"),
    ("when: age(data.born) > 17", "when: ¦age(data.born) >", "expr.syntax"),
    ("to: [{agency: justice, share: 100}]", "to: ¦[]", "fee.nobody"),
    ("to: [{agency: justice, share: 100}]", "to: [{agency: ¦Tax office, share: 100}]", "definition.name"),
    ("start: apply", "start: ¦aply", "process.unknown-step"),
    ("next: pay}", "next: ¦pya}", "process.unknown-step"),
    ("form: application, next", "form: ¦aplication, next", "definition.unknown-name"),
    ("refund: [pay]", "refund: [¦tell]", "process.not-a-payment"),
    ("otherwise: tell", "otherwise: granted", "process.unreachable-step"),
    ("refund: [pay], next: rejected", "refund: [pay], next: tell", "process.no-way-to-end"),
    (
        "{name: granted, end: {outcome: granted}}",
        "¦{name: granted, end: {outcome: granted}, notify: refused}",
        "step.several-kinds",
    ),
    ("{name: granted, end: {outcome: granted}}", "¦{name: granted}", "step.no-kind"),
    (", onTimeout: lapsed", "", "step.timeout-to-nowhere"),
    (
        "{name: apply, form: application, next: pay}",
        "{name: apply, form: application, next: pay, who: ¦spouse}",
        "party.unknown",
    ),
    ("refund: [pay], next: rejected", "signature: ¦{document: x}, next: rejected", "definition.not-built"),
    ("{name: tell, notify", "{name: ¦Tell, notify", "definition.name"),
    ("{name: rejected, end", "{name: ¦granted, end", "definition.duplicate-name"),
    ("No: {{ case.number }}", "No: {{ case.pinfl }}", "text.placeholder"),
    (
        "      channels: [inbox]\n",
        "      channels: [inbox]\n      class: informative\n      urgent: ¦true\n",
        "notification.urgent-informative",
    ),
    (
        "      channels: [inbox]\n",
        "      channels: [inbox]\n      why: {uz: x, uz-Cyrl: x, kaa: x, ru: x, en: \"{{ case.pinfl }}\"}\n",
        "text.placeholder",
    ),
    ("  agency: justice\n", "  agency: ¦tax\n", "definition.not-the-owner"),
    ("  agency: justice\n", "", "definition.missing-field"),
    ("kind: ServiceDefinition", "kind: ¦ServiceDefinitoin", "definition.unknown-kind"),
    ("v1alpha1", "v2", "definition.version"),
    (", ru: \"Малая\", en: \"Small\"}\n  agency", "}\n  agency", "text.missing-language"),
    (
        "ru: \"Архив\", en: \"Archives\"}",
        "ru: \"Архив\", en: \"Archives\"}, uri: ¦\"javascript:alert(1)\"",
        "definition.link",
    ),
    ("  fees:\n", "  rollout: {steps: [¦0%, 100%]}\n  fees:\n", "definition.percent"),
    ("  fees:\n", "  rollout: {steps: [5%, ¦5%, 100%]}\n  fees:\n", "rollout.steps"),
    ("  fees:\n", "  rollout: {steps: [5%, ¦25%]}\n  fees:\n", "rollout.steps"),
    ("  fees:\n", "  rollout: {steps: ¦[]}\n  fees:\n", "rollout.steps"),
    ("  fees:\n", "  rollout: {steps: ¦[1%, 2%, 3%, 4%, 5%, 6%, 7%, 8%, 9%, 10%, 100%]}\n  fees:\n", "rollout.steps"),
    ("  fees:\n", "  rollout: {steps: [100%], minCases: ¦0}\n  fees:\n", "rollout.min-cases"),
    ("  fees:\n", "  rollout: {steps: [100%], maxWait: ¦3 working days}\n  fees:\n", "rollout.max-wait"),
    ("  fees:\n", "  rollout: {steps: [100%], backtest: ¦required}\n  fees:\n", "definition.not-built"),
    ("  fees:\n", "  serviceLevel: {promised: 3 days, calendar: ¦mine}\n  fees:\n", "definition.not-built"),
    ("  fees:\n", "  serviceLevel: {promised: 3 days, onBreach: ¦late}\n  fees:\n", "definition.unknown-name"),
    (
        "{name: refund, refund: [pay], next: rejected}",
        "{name: refund, refund: [pay], next: heard}\n      - {name: heard, wait: {message: ¦report}, next: rejected}",
        "definition.not-built",
    ),
    ("  fees:\n", "  starts: ¦[{name: again, kind: case, step: apply}]\n  fees:\n", "definition.not-built"),
    ("  fees:\n", "  starts: [¦{name: a, kind: event, step: apply}]\n  fees:\n", "start.event"),
    (
        "  fees:\n",
        "  starts: [{name: a, kind: form, step: apply, event: ¦{name: b, data: {type: object}, applicant: c}}]\n  fees:\n",
        "start.event",
    ),
    ("  fees:\n", "  starts: [{name: a, kind: ¦schedule, step: apply}]\n  fees:\n", "definition.not-built"),
    (
        "  fees:\n",
        "  starts: [{name: a, kind: form, step: apply}, ¦{name: b, kind: officer, step: apply, role: clerk}]\n  fees:\n",
        "start.title",
    ),
    (
        "  fees:\n",
        "  starts: [{name: a, kind: form, step: apply}, ¦{name: b, kind: officer, step: apply}]\n  fees:\n",
        "start.role",
    ),
    ("  fees:\n", "  starts: [{name: a, kind: form, step: apply, role: ¦clerk}]\n  fees:\n", "start.role"),
    ("  fees:\n", "  starts: [{name: a, kind: form, step: apply, exOfficio: ¦true}]\n  fees:\n", "start.role"),
    (
        "  fees:\n",
        "  starts: [{name: a, kind: form, step: apply}, {name: b, kind: officer, step: apply, role: clerk, identifiedBy: ¦[tin]}]\n  fees:\n",
        "definition.not-built",
    ),
    (
        "  fees:\n",
        "  starts: [{name: a, kind: form, step: apply}, {name: b, kind: officer, step: ¦pay, role: clerk}]\n  fees:\n",
        "start.step",
    ),
    (
        "  fees:\n    - {name: duty, amount: \"percent(ref.bhm, '10')\"",
        "  starts: [{name: a, kind: form, step: apply}, {name: b, kind: officer, step: apply, role: clerk, exOfficio: true}]\n  fees:\n    - {name: duty, amount: ¦\"applicant.sex == 'f' ? percent(ref.bhm, '10') : percent(ref.bhm, '20')\"",
        "start.lacks",
    ),
    (
        "  fees:\n    - {name: duty, amount: \"percent(ref.bhm, '10')\", to: [{agency: justice, share: 100}]}\n  process:\n    start: apply\n    steps:\n      - {name: apply, form: application, next: pay}\n",
        "  starts: [{name: a, kind: form, step: apply}, {name: b, kind: officer, step: apply, role: clerk, exOfficio: true}]\n  fees:\n    - {name: duty, amount: \"percent(ref.bhm, '10')\", to: [{agency: justice, share: 100}]}\n  process:\n    start: apply\n    steps:\n      - {name: apply, form: application, next: more}\n      - {name: more, form: ¦application, next: pay}\n",
        "start.nobody-answers",
    ),
    ("  fees:\n", "  starts: [{name: a, kind: form, step: ¦pay}]\n  fees:\n", "process.start-asks-nothing"),
    ("  fees:\n", "  starts: [¦{name: a, kind: form, step: apply, carry: [born]}]\n  fees:\n", "start.from"),
    ("  fees:\n", "  starts: [¦{name: a, kind: case, step: apply}]\n  fees:\n", "start.from"),
    (
        "  fees:\n",
        "  starts: [¦{name: a, kind: case, step: apply, from: {outcomes: [rejected]}}]\n  fees:\n",
        "start.title",
    ),
    (
        "  fees:\n",
        "  starts: [{name: a, kind: case, step: apply, from: {outcomes: [¦regected]}}]\n  fees:\n",
        "start.outcome",
    ),
    (
        "  fees:\n",
        "  starts: [{name: a, kind: case, step: apply, from: {outcomes: [rejected], within: ¦3 h}}]\n  fees:\n",
        "start.within",
    ),
    (
        "  fees:\n",
        "  starts: [{name: a, kind: case, step: apply, from: {outcomes: [rejected]}, carry: [¦bron]}]\n  fees:\n",
        "start.carry",
    ),
];

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
    assert_eq!(report.definition.unwrap().steps().len(), 8);
}

#[test]
fn each_mistake_is_named_at_its_place() {
    let wrong: Vec<String> = BROKEN.iter().filter_map(|(from, to, code)| misnamed(from, to, code)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the check says wrongly about one mistake; nothing when it is named at its place.
fn misnamed(from: &str, to: &str, code: &str) -> Option<String> {
    assert!(SOUND.contains(from), "{from}");
    let marked = SOUND.replacen(from, to, 1);
    let report = check(&marked.replace('¦', ""), "service.yaml", &Options::default());
    let publish = matches!(code, "text.missing-language" | "eligibility.no-legal-basis");
    let stops = if publish { Severity::Publish } else { Severity::Error };
    let place = marked.find('¦').map(|place| {
        let line = marked[..place].matches('\n').count() + 1;
        let column = marked[..place].chars().rev().take_while(|c| *c != '\n').count() + 1;
        (line as u32, column as u32)
    });
    let named = report.problems.iter().any(|problem| {
        problem.code == code
            && problem.severity == stops
            && problem.line > 0
            && place.is_none_or(|place| place == (problem.line, problem.column))
    });
    (!named).then(|| format!("{code} at {place:?} for {to}:\n{}", of(&report)))
}

/// The sound service, which an event begins, too.
const BY_EVENT: &str = "  starts:
    - {name: apply, kind: form, step: apply}
    - name: birth
      kind: event
      step: choose
      title: {uz: A, uz-Cyrl: А, kaa: A, ru: А, en: A child was born}
      event:
        agency: civil-status
        name: child-born
        data: {type: object, required: [who, day], properties: {who: {type: string, maxLength: 14}, day: {type: string, format: date}, late: {type: string, format: date}, born: {type: object, properties: {at: {type: string, maxLength: 9}}}}}
        applicant: who
        set: [{at: born, from: day}]
  fees:
";

#[test]
fn a_start_by_an_event_takes_what_the_event_gives_and_the_service_needs() {
    let of_starts = |from: &str, to: &str| -> Vec<(&'static str, String)> {
        assert!(BY_EVENT.contains(from), "{from}");
        let source = SOUND.replacen("  fees:\n", &BY_EVENT.replacen(from, to, 1), 1);
        let report = check(&source, "service.yaml", &Options::default());
        let judged = report.problems.into_iter().filter(|problem| {
            problem.code.starts_with("start.")
                || problem.code.starts_with("data.")
                || problem.code == "definition.not-built"
        });
        judged.map(|problem| (problem.code, problem.path)).collect()
    };
    assert!(of_starts("", "").is_empty(), "it is sound as it stands: {:?}", of_starts("", ""));
    for (from, to, code, path) in [
        ("step: choose", "step: apply", "start.step", "step"),
        ("      title: {uz: A, uz-Cyrl: А, kaa: A, ru: А, en: A child was born}\n", "", "start.title", ""),
        ("name: child-born", "name: child.born", "start.event", "event.name"),
        ("agency: civil-status", "agency: \"*\"", "start.event", "event.agency"),
        ("applicant: who", "applicant: whom", "start.event", "event.applicant"),
        ("applicant: who", "applicant: born", "start.event", "event.applicant"),
        ("applicant: who", "applicant: born.at", "start.event", "event.applicant"),
        ("from: day", "from: night", "start.event", "event.set[0].from"),
        ("from: day", "from: born", "start.event", "event.set[0].from"),
        ("at: born, from", "at: bron, from", "start.event", "event.set[0].at"),
        ("at: born, from", "at: count, from", "start.event", "event.set[0]"),
        ("from: day", "from: late", "start.event", "event.set"),
        (
            "set: [{at: born, from: day}]",
            "set: [{at: born, from: day}, {at: born, from: late}]",
            "start.event",
            "event.set[1].at",
        ),
        ("data: {type: object,", "data: {type: array, maxItems: 1,", "data.not-object", "event.data"),
    ] {
        let told = of_starts(from, to);
        let place = format!("spec.starts[1].{path}");
        let place = place.trim_end_matches('.');
        assert!(told.iter().any(|(is, at)| *is == code && at == place), "{to}: {told:?}");
    }
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

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(path)).unwrap()
}

fn resource(path: &str) -> Resource {
    let report = check(&read(path), path, &Options::default());
    assert!(report.problems.is_empty(), "{}", of(&report));
    report.resource.unwrap()
}

/// An example's agency, and its folder with the two documents' templates.
fn folder_of(agency: &str, service: &str) -> (Agency, Folder) {
    let Resource::Agency(owner) = resource(&format!("{agency}/agency.yaml")) else { panic!("an agency") };
    let given = if service == "building-permit" { "templates/permit.typ" } else { "templates/certificate.typ" };
    let files = ["service.yaml", given, "templates/refusal.typ"];
    let files = files.map(|path| File { path: path.into(), text: read(&format!("{agency}/{service}/{path}")) });
    (*owner, Folder { path: format!("examples/{agency}/{service}"), files: files.into() })
}

fn example() -> (Agency, Registry, Folder) {
    let (agency, folder) = folder_of("justice", "marriage-certificate-copy");
    let Resource::Registry(registry) = resource("civil-status/registry.yaml") else { panic!("a registry") };
    (agency, *registry, folder)
}

#[test]
fn the_example_can_be_published() {
    let (agency, registry, folder) = example();
    let registries = [registry];
    let options = Options { agency: Some(&agency), registries: &registries, ..Options::default() };
    let report = folder.check(&options).unwrap();
    assert!(report.problems.is_empty(), "{}", of(&report));
    let definition = report.definition.unwrap();
    assert!(definition.document("certificate").unwrap().template.contains("#let inputs"));
    for other in [
        "civil-status/agency.yaml",
        "civil-status/grant.yaml",
        "justice/grant-request.yaml",
        "notary/agency.yaml",
        "notary/grant.yaml",
        "justice/grant-request-notary.yaml",
    ] {
        resource(other);
    }
}

#[test]
fn a_step_that_asks_for_an_office_of_an_agency_without_offices_is_refused() {
    let (mut agency, _, folder) = example();
    agency.spec.offices.clear();
    let report = folder.check(&Options { agency: Some(&agency), ..Options::default() }).unwrap();
    let asked = report.problems.iter().find(|problem| problem.code == "expr.no-offices");
    let path = asked.map(|problem| problem.path.clone()).unwrap_or_default();
    assert!(path.ends_with(".task.office") && !report.runs(), "{}", of(&report));
}

#[test]
fn a_mandate_is_proved_by_an_operation_that_can_prove_it() {
    let (agency, registry, folder) = example();
    let Resource::Registry(notary) = resource("notary/registry.yaml") else { panic!("a registry") };
    let found = |registries: &[Registry], folder: &Folder| {
        let options = Options { agency: Some(&agency), registries, ..Options::default() };
        let report = folder.check(&options).unwrap();
        let found = report.problems.iter().map(|problem| format!("{} {}", problem.code, problem.path));
        found.collect::<Vec<_>>()
    };
    assert_eq!(found(&[registry.clone(), (*notary).clone()], &folder), Vec::<String>::new());
    let written = |from: &str, to: &str| {
        let mut changed = folder.clone();
        changed.files[0].text = changed.files[0].text.replace(from, to);
        changed
    };
    let unknown = written("operation: power-of-attorney", "operation: power-of-atorney");
    let at = "spec.access.mandates[0].operation";
    assert_eq!(found(&[(*notary).clone()], &unknown), [format!("registry.unknown-operation {at}")]);
    let unfit =
        written("registry: notary, operation: power-of-attorney", "registry: civil-status, operation: my-marriages");
    let judged = found(std::slice::from_ref(&registry), &unfit);
    assert!(
        judged.len() > 1 && judged.iter().all(|problem| *problem == format!("mandate.contract {at}")),
        "{judged:?}"
    );
    let foreign = written("kind: attorney", "kind: guardian");
    assert!(found(&[], &foreign).iter().any(|problem| problem.contains("spec.access.mandates[0].kind")));
    let mut silent = *notary;
    silent.spec.operations[0].data_subject = None;
    assert_eq!(found(&[silent], &folder), [format!("mandate.contract {at}")]);
    let parent = written(
        "kind: attorney, registry: notary, operation: power-of-attorney",
        "kind: parent, registry: civil-status, operation: my-children",
    );
    assert_eq!(found(std::slice::from_ref(&registry), &parent), Vec::<String>::new());
    let mut nameless = registry.clone();
    for operation in &mut nameless.spec.operations {
        if let Some(children) = operation.output["properties"].get_mut("children") {
            children["items"]["required"] = serde_json::json!(["number", "pinfl", "familyName", "birthDate"]);
        }
    }
    assert_eq!(found(&[nameless], &parent), [format!("mandate.contract {at}")], "a child without a given name");
    let unproved = written(", registry: notary, operation: power-of-attorney", "");
    assert_eq!(found(&[], &unproved), ["mandate.registry spec.access.mandates[0]"]);
}

#[test]
fn a_director_applies_where_companies_are_meant_and_no_registry_is_asked() {
    let (agency, registry, folder) = example();
    let found = |audience: &str, mandate: &str| {
        let mut changed = folder.clone();
        let text = &mut changed.files[0].text;
        *text = text.replace("audience: [citizen]", &format!("audience: [{audience}]"));
        *text = text.replace("kind: attorney, registry: notary, operation: power-of-attorney", mandate);
        let options =
            Options { agency: Some(&agency), registries: std::slice::from_ref(&registry), ..Options::default() };
        let report = changed.check(&options).unwrap();
        let found = report.problems.iter().map(|problem| format!("{} {}", problem.code, problem.path));
        found.collect::<Vec<_>>()
    };
    assert_eq!(found("citizen, business", "kind: director"), Vec::<String>::new());
    let at = "spec.access.mandates[0]";
    assert_eq!(found("citizen", "kind: director"), [format!("mandate.audience {at}.kind")]);
    let asking = "kind: director, registry: civil-status, operation: my-marriages";
    assert_eq!(found("business", asking), [format!("mandate.registry {at}")]);
}

#[test]
fn the_examples_have_nothing_to_find_fault_with_and_their_scenarios_hold() {
    let examples = [
        ("justice", "marriage-certificate-copy", 7),
        ("interior", "no-criminal-record", 4),
        ("interior", "residence-registration", 12),
        ("construction", "building-permit", 10),
    ];
    for (agency, service, least) in examples {
        let (owner, folder) = folder_of(agency, service);
        let report = folder.check(&Options { agency: Some(&owner), ..Options::default() }).unwrap();
        assert!(report.problems.is_empty(), "{service}: {}", of(&report));
        let process =
            Process::compile(&report.definition.unwrap()).unwrap_or_else(|problems| panic!("{service}: {problems:?}"));
        let scenarios =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../examples/{agency}/{service}/scenarios"));
        let (mut played, mut failed) = (0, Vec::new());
        for file in fs::read_dir(scenarios).unwrap() {
            let path = file.unwrap().path();
            let scenario = scenario::parse(&fs::read_to_string(&path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let report = scenario::run(&process, &owner.spec.offices, &scenario);
            if !report.passed() {
                failed.push(format!("{}: {:?}\n{:?}", path.display(), report.failures, report.trace));
            }
            played += 1;
        }
        assert!(failed.is_empty(), "{}", failed.join("\n"));
        assert!(played >= least, "{service}: {played}");
    }
}

#[test]
fn the_agencies_that_have_a_part_in_a_building_permit_give_what_is_asked_of_them() {
    for (giver, what) in [("fire-safety", ""), ("fire-safety", "-fee"), ("sanitary", ""), ("ecology", "")] {
        let Resource::Grant(given) = resource(&format!("{giver}/grant{what}.yaml")) else { panic!("a grant") };
        let asked = resource(&format!("construction/grant-request-{giver}{what}.yaml"));
        let Resource::GrantRequest(asked) = asked else { panic!("a request") };
        assert_eq!(given.spec, asked.spec, "{giver}");
    }
}

/// Finds fault with what it is given, so that its words can be followed to their place.
struct Strict;

impl TemplateChecker for Strict {
    fn check(&self, template: &str, inputs: &serde_json::Value) -> Result<(), Vec<TemplateProblem>> {
        let wrong = inputs["language"] == "kaa" && template.contains("refusal that explains");
        let found = wrong || inputs["data"]["marriage"]["date"] != "2026-01-01";
        if found {
            Err(vec![TemplateProblem { line: 7, column: 3, message: "unknown variable".into() }])
        } else {
            Ok(())
        }
    }
}

#[test]
fn a_template_that_fails_in_one_language_is_named_with_its_line() {
    let (agency, _, folder) = example();
    let report =
        folder.check(&Options { agency: Some(&agency), templates: Some(&Strict), ..Options::default() }).unwrap();
    let problem = &report.problems[0];
    assert_eq!(
        (problem.code, problem.file.as_str(), problem.line, problem.column),
        ("document.template", "examples/justice/marriage-certificate-copy/templates/refusal.typ", 7, 3)
    );
    assert_eq!((problem.message.as_str(), report.problems.len()), ("unknown variable (in kaa)", 1));
}

#[test]
fn the_rendered_resource_passes_as_json_too() {
    let (agency, _, folder) = example();
    let options = Options { agency: Some(&agency), ..Options::default() };
    let rendered = folder.check(&options).unwrap().value.unwrap();
    let report = super::check_json(rendered.to_string().as_bytes(), &options);
    assert!(report.problems.is_empty(), "{}", of(&report));
    assert_eq!(report.definition, folder.check(&options).unwrap().definition);
}

#[test]
fn five_thousand_steps_are_judged() {
    let mut steps = String::new();
    for step in 1..5_000 {
        let _ = writeln!(
            steps,
            "      - {{name: s{step}, set: [{{at: count, to: data.count + {step}}}], next: s{}}}",
            step + 1
        );
    }
    let _ = writeln!(steps, "      - {{name: s5000, notify: refused, next: pay}}");
    let source = SOUND.replace("next: pay}\n", &format!("next: s1}}\n{steps}"));
    let report = check(&source, "service.yaml", &Options::default());
    assert!(report.runs(), "{}", of(&report));
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
