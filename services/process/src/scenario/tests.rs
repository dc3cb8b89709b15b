//! The whole way of a case, told as scenarios over the sample service.

use crate::sample::{holds, scenario};

/// Opens, answers and submits; `rest` is what follows.
fn applied(title: &str, given: &str, answers: &str, rest: &str) -> String {
    format!("title: {title}\ngiven: {{{given}}}\nwhen:\n  - answer: {{{answers}}}\n  - submit: {{}}\n{rest}")
}

const SHOP: &str = "shop.soato: '1726266', shop.opened: 2020-01-01";

fn other(title: &str, rest: &str) -> String {
    applied(title, "", &format!("{SHOP}, goods.kind: other, goods.stalls: '2'"), rest)
}

#[test]
fn an_approved_case_delivers_its_document() {
    holds(&other(
        "approved",
        "  - pay: {}\n    expect: {status: reviewing, office: toshkent, due: '0.00'}\n  - decide: {outcome: approve}\nthen: {status: granted, phase: ended, documents: [permit], notifications: [issued], events: [place-reserved], paid: '82400.00', balance: '82400.00', timeline: [submitted, paid, task-opened, decided, issued, ended]}\n",
    ));
}

/// The sample, whose refusals can be appealed within thirty days.
fn appealed(title: &str, rest: &str) {
    let source = crate::sample::SERVICE
        .replacen("        risk:", "        grounds: {type: string, minLength: 3, maxLength: 500}\n        risk:", 1)
        .replacen(
            "  forms:\n",
            "  forms:\n    - name: complaint\n      pages:\n        - {name: why, title: {en: Why?}, fields: [{at: grounds, label: {en: Grounds}}]}\n",
            1,
        )
        .replacen(
            "  process:\n    start: apply\n    steps:\n",
            "  starts:\n    - {name: apply, kind: form, step: apply}\n    - {name: appeal, kind: case, step: appeal, title: {en: Appeal}, from: {outcomes: [rejected], within: 30 days}, carry: [shop, goods]}\n  process:\n    start: apply\n    steps:\n      - {name: appeal, form: complaint, next: reconsider}\n      - name: reconsider\n        task: {role: chief, outcomes: [{name: allow, label: {en: Yes}, next: issue}, {name: uphold, label: {en: No}, next: dismissed}]}\n      - {name: dismissed, end: {outcome: dismissed}}\n",
            1,
        );
    let definition: api::ServiceDefinition = serde_saphyr::from_str(&source).unwrap();
    let process = crate::Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    let refused = "  - pay: {}\n  - decide: {outcome: refuse, reasons: [too-close]}\n    expect: {status: rejected}\n";
    let played = super::parse(&other(title, &format!("{refused}{rest}"))).unwrap();
    let report = super::run(&process, &crate::sample::offices(), &played);
    assert!(report.passed(), "{report}");
}

#[test]
fn a_refused_case_is_appealed_with_its_answers_and_decided_anew() {
    appealed(
        "appealed",
        "  - begin: {start: appeal}\n    expect: {phase: draft, pages: [why], incomplete: [why], data: {shop.soato: '1726266', goods.kind: other}}\n  - answer: {grounds: It is far enough}\n  - submit: {}\n    expect: {status: reviewing, timeline: [submitted, task-opened]}\n  - decide: {outcome: allow}\nthen: {status: granted, documents: [permit], data: {grounds: It is far enough, goods.stalls: 2}, paid: '82400.00', balance: '0.00', timeline: [submitted, task-opened, decided, issued, ended]}\n",
    );
}

#[test]
fn the_last_day_to_appeal_counts_whole_and_a_draft_counts_when_it_is_sent() {
    appealed(
        "on the last day",
        "  - wait: 30 days\n  - wait: 10 h\n  - begin: {start: appeal}\n    expect: {phase: draft, refused: ''}\n  - answer: {grounds: It is far enough}\n  - wait: 1 day\n  - submit: {}\nthen: {phase: draft, refused: start.late}\n",
    );
    appealed(
        "too late",
        "  - wait: 31 days\n  - begin: {start: appeal}\nthen: {status: rejected, refused: start.late}\n",
    );
}

/// The sample, whose cases the building of a shop begins, too.
fn announced(title: &str, rest: &str) {
    let event = "{name: shop-built, applicant: pinfl, data: {type: object, required: [pinfl, soato, opened, goods], properties: {pinfl: {type: string, maxLength: 14}, soato: {type: string, maxLength: 10}, opened: {type: string, format: date}, goods: {type: string, maxLength: 9}}}, set: [{at: shop.soato, from: soato}, {at: shop.opened, from: opened}, {at: goods.kind, from: goods}]}";
    let starts = format!(
        "  starts:\n    - {{name: apply, kind: form, step: apply}}\n    - {{name: built, kind: event, step: judge-built, title: {{en: Built}}, event: {event}}}\n"
    );
    let review = "      - name: judge-built\n        task: {role: chief, outcomes: [{name: allow, label: {en: Yes}, next: issue}, {name: drop, label: {en: No}, next: rejected}]}\n";
    let source = crate::sample::SERVICE.replacen(
        "  process:\n    start: apply\n    steps:\n",
        &format!("{starts}  process:\n    start: apply\n    steps:\n{review}"),
        1,
    );
    let definition: api::ServiceDefinition = serde_saphyr::from_str(&source).unwrap();
    let process = crate::Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    let played = super::parse(&format!("title: {title}\nwhen:\n{rest}")).unwrap();
    let report = super::run(&process, &crate::sample::offices(), &played);
    assert!(report.passed(), "{report}");
}

#[test]
fn an_event_begins_a_case_that_goes_its_way_and_what_it_does_not_say_is_a_refusal() {
    let built = "pinfl: '31203850000015', soato: '1726266', opened: 2020-01-01";
    announced(
        "built",
        &format!(
            "  - announce: {{start: built, data: {{{built}, goods: other}}}}\n    expect: {{status: reviewing, data: {{shop.soato: '1726266', goods.kind: other}}}}\n  - decide: {{outcome: allow}}\nthen: {{status: granted, documents: [permit], timeline: [begun, task-opened, decided, issued, ended]}}\n"
        ),
    );
    for (start, goods, code) in [("built", "weapons", "start.event-data"), ("apply", "other", "start.late")] {
        announced(
            "refused",
            &format!(
                "  - announce: {{start: {start}, data: {{{built}, goods: {goods}}}}}\nthen: {{refused: {code}}}\n"
            ),
        );
    }
}

#[test]
fn only_a_declared_way_leads_on_and_only_from_the_outcomes_it_names() {
    appealed("another way", "  - begin: {start: renew}\nthen: {status: rejected, refused: start.late}\n");
    appealed(
        "an appeal of an appeal",
        "  - begin: {start: appeal}\n  - answer: {grounds: It is far enough}\n  - submit: {}\n  - decide: {outcome: uphold}\n  - begin: {start: appeal}\nthen: {status: dismissed, refused: start.late}\n",
    );
}

#[test]
fn a_paid_case_that_is_refused_gives_everything_back() {
    holds(&other(
        "refused",
        "  - pay: {}\n  - decide: {outcome: refuse, reasons: [too-close]}\nthen: {status: rejected, refunded: '82400.00', balance: '0.00', events: [place-reserved, place-released], notifications: [refused], documents: []}\n",
    ));
}

#[test]
fn a_case_that_nobody_pays_lapses() {
    holds(&other(
        "lapsed",
        "  - wait: 4 days\nthen: {status: lapsed, notifications: [lapsed], paid: '0.00', events: []}\n",
    ));
}

#[test]
fn a_returned_case_asks_only_what_was_marked_and_only_the_difference() {
    holds(&other(
        "returned",
        "  - pay: {}\n  - decide: {outcome: return, marked: {goods.stalls: Count again}}\n    expect: {status: returned, phase: returned, pages: [goods], incomplete: [goods]}\n  - submit: {}\n    expect: {refused: case.incomplete}\n  - answer: {goods.stalls: '3', goods.kind: food}\n    expect: {incomplete: [], data: {goods.kind: other}}\n  - submit: {}\n    expect: {status: paying, due: '41200.00'}\n  - pay: {}\n  - decide: {outcome: approve}\nthen: {status: granted, paid: '123600.00', balance: '123600.00'}\n",
    ));
}

#[test]
fn a_returned_case_that_costs_nothing_more_is_not_asked_to_pay_again() {
    holds(&other(
        "returned, same price",
        "  - pay: {}\n  - decide: {outcome: return, marked: {shop.opened: Wrong}}\n  - answer: {shop.opened: 2021-05-05}\n  - submit: {}\n    expect: {status: reviewing}\n  - decide: {outcome: refuse, reasons: [too-close]}\nthen: {status: rejected, paid: '82400.00', refunded: '82400.00'}\n",
    ));
}

#[test]
fn a_returned_case_that_costs_less_gets_the_difference_back_and_at_the_end_only_the_rest() {
    let cheaper = "  - pay: {}\n  - decide: {outcome: return, marked: {goods.stalls: Count again}}\n  - answer: {goods.stalls: '1'}\n  - submit: {}\n    expect: {status: reviewing, refunded: '41200.00', balance: '41200.00'}\n";
    holds(&other(
        "returned, cheaper",
        &format!(
            "{cheaper}  - decide: {{outcome: approve}}\nthen: {{status: granted, paid: '82400.00', refunded: '41200.00', timeline: [submitted, paid, task-opened, decided, returned, resubmitted, refund-asked, task-opened, refunded, decided, issued, ended]}}\n"
        ),
    ));
    holds(&other(
        "returned, cheaper, then refused",
        &format!(
            "{cheaper}  - decide: {{outcome: refuse, reasons: [too-close]}}\nthen: {{status: rejected, paid: '82400.00', refunded: '82400.00'}}\n"
        ),
    ));
    holds(&other(
        "returned twice",
        &format!(
            "{cheaper}  - decide: {{outcome: return, marked: {{goods.stalls: And again}}}}\n  - answer: {{goods.stalls: '2'}}\n  - submit: {{}}\n    expect: {{status: paying, due: '41200.00'}}\n  - pay: {{}}\n  - decide: {{outcome: return, marked: {{goods.stalls: Once more}}}}\n  - answer: {{goods.stalls: '1'}}\n  - submit: {{}}\n  - decide: {{outcome: approve}}\nthen: {{status: granted, paid: '123600.00', refunded: '82400.00', balance: '41200.00'}}\n"
        ),
    ));
}

#[test]
fn a_waiver_counts_only_from_the_registry_the_law_names() {
    let given = "registries: [{registry: social, operation: disability, answer: {group: 1}}]";
    let answers = format!("{SHOP}, goods.kind: other, goods.stalls: '2'");
    holds(&applied("waived", given, &answers, "then: {status: reviewing, paid: '0.00', calls: [social/disability]}\n"));
    let half = format!("{SHOP}, goods.kind: food, goods.stalls: '2'");
    holds(&applied("reduced", "", &half, "then: {status: paying, due: '41200.00'}\n"));
}

#[test]
fn a_registry_that_is_down_is_asked_again_and_then_done_without() {
    let answers = format!("{SHOP}, goods.kind: other, goods.stalls: '1'");
    let twice = "registries: [{registry: social, operation: disability, unavailable: 2, answer: {group: 2}}]";
    holds(&applied(
        "third time",
        twice,
        &answers,
        "  - wait: 60 s\nthen: {status: reviewing, calls: [social/disability]}\n",
    ));
    let down = "registries: [{registry: social, operation: disability, down: true}]";
    holds(&applied("never", down, &answers, "  - wait: 2 min\nthen: {status: paying, calls: []}\n"));
}

#[test]
fn parallel_branches_meet_and_silence_is_consent_where_the_law_says_so() {
    let answers = format!("{SHOP}, goods.kind: alcohol, goods.stalls: '1', goods.licence: AB-123");
    holds(&applied(
        "both branches",
        "",
        &answers,
        "  - receive: {name: fire-report, body: {ok: true}}\n    expect: {status: reviewing}\n  - wait: 5 days\nthen: {status: paying}\n",
    ));
    holds(&applied(
        "fire is late",
        "",
        &answers,
        "  - decide: {outcome: approve}\n    expect: {status: waiting}\n  - wait: 10 days\nthen: {status: paying}\n",
    ));
}

#[test]
fn a_message_that_comes_early_is_kept_for_its_step() {
    let answers = format!("{SHOP}, goods.kind: alcohol, goods.stalls: '1', goods.licence: AB-123");
    let yaml = format!(
        "title: early\nwhen:\n  - answer: {{{answers}}}\n  - receive: {{name: fire-report}}\n  - submit: {{}}\n  - decide: {{outcome: approve}}\nthen: {{status: paying}}\n"
    );
    holds(&yaml);
}

#[test]
fn a_withdrawn_case_is_undone_and_paid_back() {
    holds(&other(
        "withdrawn",
        "  - pay: {}\n  - withdraw: {}\nthen: {status: withdrawn, refunded: '82400.00', events: [place-reserved, place-released]}\n",
    ));
    holds(&other(
        "withdrawn too late",
        "  - pay: {}\n  - decide: {outcome: approve}\n  - withdraw: {}\nthen: {status: granted, refused: case.not-running}\n",
    ));
}

#[test]
fn what_the_state_knows_is_filled_in_and_can_be_disputed() {
    let given = "registries: [{registry: cadastre, operation: my-shop, answer: {place: {soato: '1735401'}, opened: 2019-09-09}}]";
    holds(&applied(
        "facts",
        given,
        "goods.kind: other, goods.stalls: '1', shop.soato: '9999'",
        "then: {status: paying, data: {shop.soato: '1735401', shop.opened: '2019-09-09'}}\n",
    ));
    let yaml = format!(
        "title: disputed\ngiven: {{{given}}}\nwhen:\n  - dispute: [shop.soato]\n    expect: {{problems: [shop.soato field.required, goods.kind field.required, goods.stalls field.required]}}\n  - answer: {{shop.soato: '1726', goods.kind: other, goods.stalls: '1'}}\n  - submit: {{}}\nthen: {{status: paying, data: {{shop.soato: '1726', shop.opened: '2019-09-09'}}}}\n"
    );
    holds(&yaml);
}

#[test]
fn an_abandoned_draft_is_removed_after_its_time() {
    holds(
        "title: abandoned\nwhen:\n  - answer: {goods.kind: other}\n  - wait: 29 days\n    expect: {phase: draft}\n  - answer: {goods.kind: food}\n  - wait: 29 days\n    expect: {phase: draft}\n  - wait: 2 days\nthen: {phase: discarded}\n",
    );
}

#[test]
fn a_scenario_that_does_not_hold_is_told_with_what_came_out() {
    let report = scenario(&other("wrong", "then: {status: granted, documents: [permit]}\n"));
    let told: Vec<String> = report.failures.iter().map(|failure| failure.at.clone()).collect();
    assert_eq!(told, ["then.status", "then.documents"]);
    assert!(report.failures[0].message.contains("paying"));
    let report = scenario("title: impossible\nwhen: [{pay: {}}]\nthen: {}\n");
    assert_eq!(report.failures[0].at, "when[0]");
    assert!(crate::scenario::parse("title: x\nwhen: []\nthen: {nonsense: 1}\n").is_err());
}

#[test]
fn a_fee_can_depend_on_the_office_that_is_responsible_and_says_that_it_rests_on_a_declared_place() {
    let mut definition = crate::sample::definition();
    definition.spec.process.as_mut().unwrap().office = Some("officeFor(data.shop.soato)".into());
    let fee = &mut definition.spec.fees[0];
    fee.amount = "'1735401' in case.office.soato ? percent(ref.bhm, '5') : percent(ref.bhm, '10')".into();
    fee.waivers.clear();
    let process = crate::Process::compile(&definition).unwrap();
    for (place, due) in [("1726266", "41200.00"), ("1735401", "20600.00")] {
        let yaml = format!(
            "title: office\nwhen:\n  - answer: {{shop.soato: '{place}', shop.opened: 2020-01-01, goods.kind: other, goods.stalls: '1'}}\n  - submit: {{}}\n    expect: {{due: '{due}'}}\n  - pay: {{}}\n  - decide: {{outcome: approve}}\nthen: {{status: granted, paid: '{due}'}}\n"
        );
        let scenario = crate::scenario::parse(&yaml).unwrap();
        let report = crate::scenario::run(&process, &crate::sample::offices(), &scenario);
        assert!(report.passed(), "{report}");
    }
}

/// On Tuesday morning paid at the office that is responsible, whose officers have this long, and on Thursday either late or not.
fn due_by_office(responsible: &str, deadline: &str, offices: &[api::Office], late_at: [(&str, bool); 2]) {
    let mut definition = crate::sample::definition();
    let process = definition.spec.process.as_mut().unwrap();
    process.office = Some(responsible.into());
    let review = process.steps.iter_mut().find(|step| step.name == "review").unwrap();
    review.task.as_mut().unwrap().deadline = Some(serde_saphyr::from_str(deadline).unwrap());
    let process = crate::Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    for (place, is_late) in late_at {
        let late = if is_late { "review" } else { "" };
        let yaml = format!(
            "title: due\nwhen:\n  - answer: {{shop.soato: '{place}', shop.opened: 2020-01-01, goods.kind: other, goods.stalls: '1'}}\n  - submit: {{}}\n  - pay: {{}}\n    expect: {{late: []}}\n  - wait: 40 h\n    expect: {{late: [{late}]}}\n  - decide: {{outcome: approve}}\nthen: {{status: granted}}\n"
        );
        let report = crate::scenario::run(&process, offices, &crate::scenario::parse(&yaml).unwrap());
        assert!(report.passed(), "{place}: {report}");
    }
}

const OF_THE_PLACE: &str = "officeFor(data.shop.soato)";
const BY_OFFICE: &str = "[{when: \"'1735401' in case.office.soato\", is: 3 working days}, {is: 1 working day}]";

#[test]
fn a_deadline_can_depend_on_the_office_that_is_responsible() {
    due_by_office(OF_THE_PLACE, BY_OFFICE, &crate::sample::offices(), [("1735401", false), ("1726266", true)]);
}

#[test]
fn a_case_for_which_no_office_is_responsible_has_the_deadline_of_all_others() {
    due_by_office("officeFor('9999')", BY_OFFICE, &crate::sample::offices(), [("1735401", true), ("1726266", true)]);
}

#[test]
fn a_day_on_which_the_office_is_closed_prolongs_no_deadline() {
    let mut offices = crate::sample::offices();
    for office in &mut offices {
        office.closed = vec![api::ClosedDay { date: "2026-11-25".into(), reason: None }];
    }
    due_by_office(OF_THE_PLACE, "1 working day", &offices, [("1735401", true), ("1726266", true)]);
    due_by_office(OF_THE_PLACE, BY_OFFICE, &offices, [("1735401", false), ("1726266", true)]);
}

/// The sample, whose applications an officer takes in on paper or begins ex officio.
fn by_officer(channel: &str, rest: &str) -> super::Report {
    // What is asked about an applicant's number is asked of nobody here.
    let sample =
        crate::sample::SERVICE.replacen("input: {pinfl: applicant.pinfl}", "input: {kind: data.goods.kind}", 1);
    let source = sample.replacen(
        "  process:\n    start: apply\n",
        "  starts:\n    - {name: apply, kind: form, step: apply}\n    - {name: paper, kind: officer, step: apply, role: clerk, title: {en: On paper}, exOfficio: true}\n  process:\n    start: apply\n",
        1,
    );
    let definition: api::ServiceDefinition = serde_saphyr::from_str(&source).unwrap();
    let process = crate::Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    let answers = format!("{SHOP}, goods.kind: other, goods.stalls: '2'");
    let played = super::parse(&applied(channel, &format!("channel: {channel}"), &answers, rest)).unwrap();
    super::run(&process, &crate::sample::offices(), &played)
}

#[test]
fn what_an_officer_typed_runs_like_any_other_and_nobody_is_written_to_where_nobody_applied() {
    for (channel, notifications) in [("paper", "[issued]"), ("ex-officio", "[]")] {
        let report = by_officer(
            channel,
            &format!(
                "  - pay: {{}}\n  - decide: {{outcome: approve}}\nthen: {{status: granted, documents: [permit], notifications: {notifications}, paid: '82400.00'}}\n"
            ),
        );
        assert!(report.passed(), "{report}");
    }
    holds("title: no paper\ngiven: {channel: paper}\nwhen:\n  - submit: {}\nthen: {refused: case.unknown}\n");
}
