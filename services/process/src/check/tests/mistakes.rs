//! Broken definitions, each with the code and the exact place that must be named.

use super::{SOUND, of};
use crate::check::{Options, Severity, check};

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
    ("input: date}", "input: date, check: [{that: ¦age(birthDate(data.born)) < 18, message: {en: A}}]}", "expr.type"),
    ("input: date}", "input: date, check: [{that: ¦birthDate('62001040170218'), message: {en: A}}]}", "expr.type"),
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
        "{name: granted, end: {outcome: granted, delivers: [paper]}}",
        "¦{name: granted, end: {outcome: granted}, notify: refused}",
        "step.several-kinds",
    ),
    ("{name: granted, end: {outcome: granted, delivers: [paper]}}", "¦{name: granted}", "step.no-kind"),
    (", onTimeout: late", "", "step.timeout-to-nowhere"),
    (
        "{name: tell, notify: refused, next: refund}",
        "{name: tell, notify: refused, next: weigh}\n      - {name: weigh, compensate: ¦refund, task: {role: clerk, outcomes: [{name: keep, label: {en: Keep}, next: refund}]}}",
        "step.task-compensate",
    ),
    (
        "{name: tell, notify: refused, next: refund}",
        "{name: tell, notify: refused, next: both}\n      - {name: both, parallel: {branches: [{name: a, start: weigh}, {name: b, start: pause}]}, next: refund}\n      - {name: weigh, task: {role: clerk, outcomes: [{name: keep, label: {en: Keep}, next: refund}, {name: return, label: {en: Return}, next: ¦apply}]}}\n      - {name: pause, wait: {for: 1 day}, next: refund}",
        "parallel.returns",
    ),
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
        "  starts: [{name: a, kind: form, step: apply}, {name: b, kind: officer, step: apply, role: clerk, identifiedBy: ¦[notYetKnown]}]\n  fees:\n",
        "start.notify",
    ),
    (
        "  fees:\n",
        "  starts: [{name: a, kind: form, step: apply}, {name: b, kind: officer, step: apply, role: clerk, notify: ¦granted}]\n  fees:\n",
        "start.notify",
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

/// The same of a task's deadline.
const DEADLINES: &[(&str, &str)] = &[
    ("¦3 fortnights", "definition.span"),
    ("¦5", "definition.wrong-type"),
    ("[{is: ¦3 fortnights}]", "definition.span"),
    ("[{¦after: 1 day, is: 3 days}]", "definition.unknown-field"),
    ("[¦{when: age(data.born) > 60}]", "definition.missing-field"),
    ("¦[]", "task.deadline-open"),
    ("[{when: age(data.born) > 60, is: 5 days}, ¦{when: age(data.born) > 17, is: 3 days}]", "task.deadline-open"),
    ("[¦{is: 5 days}, {is: 3 days}]", "task.deadline-unreached"),
    ("[{when: ¦\"'x'\", is: 5 days}, {is: 3 days}]", "expr.type"),
    ("[{when: ¦case.office.name == 'nukus', is: 5 days}, {is: 3 days}]", "expr.unknown-field"),
];

#[test]
fn each_mistake_is_named_at_its_place() {
    let wrong: Vec<String> = BROKEN.iter().filter_map(|(from, to, code)| misnamed(from, to, code)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const TELL: &str = "{name: tell, notify: refused, next: refund}";

/// Between `tell` and `refund` somebody decides within this time.
fn within(deadline: &str) -> String {
    format!(
        "{{name: tell, notify: refused, next: weigh}}\n      - {{name: weigh, task: {{role: clerk, deadline: {deadline}, outcomes: [{{name: keep, label: {{en: Keep}}, next: refund}}]}}}}"
    )
}

#[test]
fn each_mistake_in_a_deadline_is_named_at_its_place() {
    let wrong: Vec<String> =
        DEADLINES.iter().filter_map(|(deadline, code)| misnamed(TELL, &within(deadline), code)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for sound in ["3 working days", "[{when: age(data.born) > 60, is: 5 days}, {is: 3 days}]", "[{is: 3 days}]"] {
        let source = SOUND.replacen(TELL, &within(sound), 1);
        let report = check(&source, "service.yaml", &Options::default());
        assert!(report.runs(), "{sound}: {}", of(&report));
    }
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
