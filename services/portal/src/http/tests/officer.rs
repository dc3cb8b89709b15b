//! Plausible data of an officer's pages.

use askama::Template;
use proto::{docket::v1 as docket, eservice::v1 as eservice, signing::v1 as signing};

use super::{
    DAY, HOSTILE, NOW,
    application::{channels, questions, sections, timeline},
    text,
    visitor::{card, own},
};
use crate::http::{finance, frame::Frame, officer, pages, reissue};

fn waiting(number: u8, due: i64, assignee: Vec<u8>) -> docket::Task {
    docket::Task {
        case_id: vec![1; 16],
        task_id: vec![number; 16],
        number: format!("justice-2026-{number}"),
        agency: "justice".into(),
        service: "copy".into(),
        office: "Yunusobod".into(),
        role: "registrar".into(),
        due_us: due,
        title: own("Nikoh yozuvini tekshirish"),
        assignee_name: if assignee == ME { String::new() } else { HOSTILE.into() },
        assignee,
        ..Default::default()
    }
}

const ME: [u8; 16] = [7; 16];
/// Where the next case is taken.
const NEXT: &str = "action=\"/officer/next\"";

pub fn queue(f: Frame) -> String {
    let html = queue_page(f, true).render().unwrap();
    assert_eq!(html.matches("href=\"/finance?agency=").count(), 2, "whose money waits leads to it: {html}");
    assert_eq!(
        html.matches("/officer/claims/").count(),
        2,
        "only what nobody has is taken, no own proposal, and nothing that they typed: {html}"
    );
    assert!(!html.contains(&format!("pick-{}", "09".repeat(16))), "nor do they decide it with others: {html}");
    assert_eq!(html.matches(NEXT).count(), 1, "what was done leads to the next case: {html}");
    html
}

/// `papers`: the officer takes in what comes on paper.
pub fn queue_page(f: Frame, papers: bool) -> officer::QueuePage {
    // One that nobody has, one of one's own, one of somebody else's.
    let others = vec![8; 16];
    // One that a colleague proposed how to decide, and one's own proposal.
    let proposed = |number: u8, by: &[u8]| docket::Task { proposer: by.to_vec(), ..waiting(number, 0, Vec::new()) };
    // And a document that a colleague wants to withdraw.
    let recall = docket::Task { recall: true, ..proposed(8, &[8; 16]) };
    let tasks = vec![
        waiting(3, NOW - DAY, Vec::new()),
        waiting(4, NOW + DAY, ME.to_vec()),
        waiting(5, NOW + DAY, others),
        proposed(6, &[8; 16]),
        proposed(7, &ME),
        recall,
        docket::Task { kept_off: true, ..waiting(9, NOW + DAY, Vec::new()) },
    ];
    let kept = docket::QueueFilter {
        name: HOSTILE.into(),
        agency: "justice".into(),
        holder: "mine".into(),
        ..Default::default()
    };
    let wanted = officer::Wanted {
        agency: "justice".into(),
        office: "yunusobod".into(),
        holder: "mine".into(),
        decided: "yes".into(),
        ..Default::default()
    };
    officer::QueuePage {
        f,
        officer: "Saida Yusupova".into(),
        person: ME.to_vec(),
        agencies: vec![text("justice"), text("interior")],
        leads: true,
        papers,
        ending: vec![docket::EndingHold {
            agency: "justice".into(),
            service: "copy".into(),
            number: "JUS-2026-000018".into(),
            until_us: NOW + DAY,
            own: true,
        }],
        suspended: ["justice", "interior"].map(suspended).into(),
        wanted,
        services: vec![("copy".into(), card().title)],
        offices: vec![("yunusobod".into(), "Yunusobod tumani FHDYO boʻlimi".into())],
        roles: vec![text("registrar")],
        filters: vec![kept],
        tasks,
        now: NOW,
        stale: false,
        pages: pages::Pages::of("/officer?agency=justice", "1.2", "5.6"),
    }
}

fn suspended(agency: &str) -> finance::Suspended {
    finance::Suspended { agency: agency.into(), count: 3, first_us: NOW + DAY }
}

pub fn search(f: Frame) -> String {
    let case = |task: Vec<u8>, phase: &str, status: &str| docket::FoundCase {
        case_id: vec![1; 16],
        agency: "justice".into(),
        service: "copy".into(),
        number: "JUS-2026-000017".into(),
        phase: phase.into(),
        status: status.into(),
        office: String::new(),
        title: own(&card().title),
        task_id: task,
    };
    let cases = vec![case(vec![3; 16], "running", "reviewing"), case(Vec::new(), "ended", "granted")];
    let typed =
        officer::Typed { agency: "justice".into(), kind: "name".into(), text: HOSTILE.into(), reason: HOSTILE.into() };
    let template = officer::SearchPage {
        f,
        agencies: vec![text("justice"), text("interior")],
        typed,
        found: Some(docket::Found { cases, more: true }),
        wrong: Some(("reason", "reason-long")),
    };
    let html = template.render().unwrap();
    assert_eq!(html.matches("/officer/tasks/").count(), 1, "only where a task leads to it: {html}");
    html
}

pub fn ratings(f: Frame) -> String {
    let rating = |score: i32, words: &str| eservice::Rating { score, text: words.into(), rated_us: NOW };
    let ratings = eservice::Ratings {
        given: vec![1, 0, 2, 5, 30],
        ratings: vec![rating(5, "Tez va qulay"), rating(1, HOSTILE)],
        next_us: NOW,
    };
    let (agency, service) = ("justice".into(), card().service);
    crate::http::rating::RatingsPage { f, agency, services: vec![card()], service, ratings }.render().unwrap()
}

pub fn stuck(f: Frame) -> String {
    let one = |number: u8, kind: &str| eservice::StuckCase {
        case_id: vec![number; 16],
        number: format!("justice-2026-{number}"),
        token: 1,
        kind: kind.into(),
        step: "issue".into(),
        since_us: NOW - DAY,
        ..Default::default()
    };
    let failed = |number: u8| eservice::StuckCase { code: "seal.refused".into(), ..one(number, "step") };
    let asked = |number: u8, by: &[u8]| eservice::StuckCase {
        asked_by: by.to_vec(),
        asked_name: HOSTILE.into(),
        asked_reason: HOSTILE.into(),
        asked_us: NOW,
        ..failed(number)
    };
    let kinds = ["answer", "payment", "refund", "message", "question", "party", "applicant"];
    let mut cases = vec![failed(1), asked(2, &[8; 16]), asked(3, &ME)];
    cases.push(eservice::StuckCase { proposed: true, ..one(4, "task") });
    // A case that has ended owes it.
    cases.push(eservice::StuckCase { token: 0, code: "payment.unknown-provider".into(), ..one(13, "refund-refused") });
    cases.extend((5..).zip(kinds).map(|(number, kind)| one(number, kind)));
    let (original, officer) = (HOSTILE.to_owned(), HOSTILE.to_owned());
    cases.push(eservice::StuckCase { number: String::new(), original, officer, ..one(12, "paper") });
    let wrong = Some((format!("stuck-{}-1", "01".repeat(16)), "stuck-reason-wrong", HOSTILE.to_owned()));
    let html = crate::http::stuck::StuckPage {
        f,
        agencies: vec![text("justice"), text("interior")],
        agency: "justice".into(),
        services: vec![card()],
        service: card().service,
        stuck: eservice::Stuck { cases, count: 40 },
        person: ME.to_vec(),
        wrong,
        done: "asked".into(),
    }
    .render()
    .unwrap();
    assert!(html.contains("name=\"_place\" value=\"0\""), "what an ended case owes is tried again there, too: {html}");
    html
}

/// One of each reason, and more than there is room for.
pub fn events(f: Frame) -> String {
    let codes =
        ["start.event-data", "pinfl.check-digit", "start.event-gone", "start.late", "intake.closed", "case.exists"];
    let event = |code: &str| docket::EventNotBegun {
        service: card().service,
        start: "born".into(),
        title: own("Bola tugʻildi"),
        owner: "civil-status".into(),
        event: "child-born".into(),
        id: "birth-2026-118".into(),
        code: code.into(),
        announced_us: NOW - DAY,
        time_us: NOW,
    };
    let told = docket::NotBegun {
        agencies: vec![text("justice"), text("interior")],
        agency: "justice".into(),
        events: codes.map(event).into(),
        more: true,
        ..Default::default()
    };
    officer::EventsPage { f, told, services: [(card().service, card().title)].into() }.render().unwrap()
}

pub fn load(f: Frame) -> String {
    let amount = docket::Amount { open: 9, late: 2, due_in_1: 1, due_in_3: 3, due_in_5: 4, ages: vec![1, 2, 3, 2, 1] };
    let office = |name: &str| docket::OfficeLoad { office: name.into(), amount: Some(amount.clone()), unclaimed: 4 };
    let officer_load = docket::OfficerLoad { officer: vec![8; 16], name: HOSTILE.into(), amount: Some(amount.clone()) };
    let load = docket::Load {
        agencies: vec![text("justice"), text("interior")],
        agency: "justice".into(),
        offices: vec![office(""), office("yunusobod")],
        officers: vec![officer_load],
        ..Default::default()
    };
    let said = ["unstaffed-kept-off", "unstaffed-nobody", "unstaffed-typing", "unstaffed-more"].map(|key| f.t(key));
    let titles = [("yunusobod".to_owned(), "Yunusobod tumani FHDYO boʻlimi".to_owned())].into();
    let html =
        officer::LoadPage { f, load, titles, unstaffed: Some(unstaffed()), back: Some((3, 1)) }.render().unwrap();
    assert_eq!(
        html.matches("due=").count(),
        4 + 4 + 2,
        "each number of what is or will be late leads to its list: {html}"
    );
    assert!(html.contains("office=yunusobod&") && html.contains("office=&"), "by the office's name: {html}");
    assert!(html.contains("justice-2026-41") && said.iter().all(|words| html.contains(words)), "{html}");
    html
}

/// One that its only officer is kept off, one for which there is none, and paper that nobody can type.
pub fn unstaffed() -> docket::Unstaffed {
    let task = |number: &str, kept_off: bool| docket::UnstaffedTask {
        number: number.into(),
        title: waiting(3, 0, vec![]).title,
        office: if kept_off { String::new() } else { "Yunusobod tumani FHDYO boʻlimi".into() },
        role: "registrar".into(),
        due_us: if kept_off { 0 } else { NOW },
        kept_off,
        typing: number.is_empty(),
    };
    let tasks = vec![task("justice-2026-41", true), task("justice-2026-42", false), task("", false)];
    docket::Unstaffed { tasks, more: true }
}

pub fn held(f: Frame) -> String {
    let (officer, other) = (vec![8; 16], vec![9; 16]);
    let colleague = |person: &[u8], role: &str| docket::Colleague {
        officer: person.to_vec(),
        name: HOSTILE.into(),
        role: role.into(),
        office: "Yunusobod".into(),
    };
    let of_another_role = docket::Task { role: "clerk".into(), ..waiting(4, 0, officer.clone()) };
    let held = docket::Held {
        name: HOSTILE.into(),
        tasks: vec![waiting(3, NOW - DAY, officer.clone()), of_another_role],
        colleagues: vec![colleague(&officer, "registrar"), colleague(&other, "registrar")],
        next: "5.6".into(),
    };
    let listed = officer::Listed { agency: "justice".into(), officer: "08".repeat(16), ..Default::default() };
    let pages = pages::Pages::of(&listed.path(), "", &held.next);
    let page = officer::HeldPage { f, listed, titles: std::collections::BTreeMap::new(), held, now: NOW, pages };
    let html = page.render().unwrap();
    assert_eq!(html.matches("<option").count(), 1, "to whoever has the role, and not to whoever has it: {html}");
    html
}

/// What will be late in an office, whoever has it: of a colleague, of nobody, and a document's, which nobody is given.
pub fn ahead(f: Frame) -> String {
    let recall = docket::Task { recall: true, proposer: vec![8; 16], ..waiting(5, 0, Vec::new()) };
    let held = docket::Held {
        tasks: vec![waiting(3, NOW + DAY, vec![8; 16]), waiting(4, NOW + DAY, Vec::new()), recall],
        colleagues: vec![docket::Colleague {
            officer: vec![9; 16],
            name: HOSTILE.into(),
            role: "registrar".into(),
            office: "Yunusobod".into(),
        }],
        ..Default::default()
    };
    let listed = officer::Listed {
        agency: "justice".into(),
        office: Some("yunusobod".into()),
        due: "3".into(),
        after: "1.2".into(),
        ..Default::default()
    };
    let titles = [("yunusobod".to_owned(), "Yunusobod tumani FHDYO boʻlimi".to_owned())].into();
    let pages = pages::Pages::of(&listed.path(), &listed.after, "");
    let html = officer::HeldPage { f, listed, titles, held, now: NOW, pages }.render().unwrap();
    assert_eq!(html.matches("<option").count(), 2, "a document is given to nobody: {html}");
    assert!(html.contains("name=\"_office\"") && !html.contains("/officer/load/take-back"), "{html}");
    html
}

pub fn task(f: Frame) -> String {
    let reasons = vec![eservice::Reason {
        code: "no-record".into(),
        text: "Nikoh yozuvi topilmadi".into(),
        article: "Oila kodeksi, 14-modda".into(),
    }];
    let outcome = |name: &str, label: &str| eservice::OutcomeChoice {
        name: name.into(),
        label: label.into(),
        ..Default::default()
    };
    let task = eservice::TaskPage {
        number: "justice-2026-17".into(),
        service_title: card().title,
        title: "Nikoh yozuvini tekshirish".into(),
        sections: sections(),
        outcomes: vec![
            outcome("approve", "Tasdiqlash"),
            eservice::OutcomeChoice { reasons, needs_reason: true, ..outcome("refuse", "Rad etish") },
            eservice::OutcomeChoice { returns: true, ..outcome("return", "Tuzatishga qaytarish") },
        ],
        due_us: NOW - DAY,
        office: "Yunusobod tumani FHDYO boʻlimi".into(),
        timeline: timeline(),
        applicant: "Karimova Dilnoza Rustamovna".into(),
        applicant_language: "kaa".into(),
        returnable: vec![eservice::ReturnableField { at: "marriage.date".into(), label: "Nikoh sanasi".into() }],
        payment: "paid".into(),
        start_title: "Qaror ustidan shikoyat qilish".into(),
        origin: Some(super::application::origin()),
        correction: Some(correction()),
        notes: vec![note("Malika Yusupova"), note("")],
        ..Default::default()
    };
    let chosen = officer::Chosen { outcome: "refuse".into(), note: HOSTILE.into(), ..Default::default() };
    let errors =
        vec![(text("reason-refuse-no-record"), "task-reason-missing"), (text("internal-note"), "notes-missing")];
    let (same, unmarked) = (f.t("correction-same"), f.t("correction-unmarked"));
    let html = task_page(f, task, chosen, errors);
    assert!(html.contains(&same) && html.contains(&unmarked), "each mark says what became of it: {html}");
    html
}

fn note(name: &str) -> eservice::OfficerNote {
    eservice::OfficerNote { officer: ME.to_vec(), name: name.into(), text: HOSTILE.into(), time_us: NOW }
}

/// A mark that was followed, one that was not, and what else was changed.
fn correction() -> eservice::Correction {
    let field = |label: &str, before: &str, after: &str| eservice::CorrectedField {
        label: label.into(),
        kind: "text".into(),
        before: before.into(),
        after: after.into(),
        changed: before != after,
        ..Default::default()
    };
    let marked =
        |field: eservice::CorrectedField| eservice::CorrectedField { marked: true, note: HOSTILE.into(), ..field };
    eservice::Correction {
        returned_us: NOW - DAY,
        sent_us: NOW,
        note: HOSTILE.into(),
        fields: vec![
            marked(field("Nikoh sanasi", "2012-06-16", "2012-06-17")),
            marked(field("Nikoh joyi", HOSTILE, HOSTILE)),
            field("Telefon", "", HOSTILE),
        ],
    }
}

pub fn task_page(
    f: Frame,
    task: eservice::TaskPage,
    chosen: officer::Chosen,
    errors: Vec<(String, &'static str)>,
) -> String {
    let (action, claims, second, preview) = ("/x".into(), "/y".into(), "/z".into(), "/p".into());
    let person = ME.to_vec();
    let (next, late, noted) = (text("/officer?office=a&late=yes"), true, HOSTILE.into());
    let page =
        officer::TaskTemplate { f, task, person, action, claims, second, preview, next, late, chosen, noted, errors };
    page.render().unwrap()
}

/// What a registry said, what was answered, what is nobody's to read here and what was not there; a fee with its law, and decisions.
pub fn rules(f: Frame) -> String {
    let fact = |label: &str, kind: &str, value: &str, whence: &str| eservice::RuleFact {
        row: Some(eservice::Row {
            label: label.into(),
            value: value.into(),
            kind: kind.into(),
            source: if whence == "law" { "2025-08-01".into() } else { HOSTILE.into() },
            read_us: NOW - DAY,
            ..Default::default()
        }),
        whence: whence.into(),
    };
    let result = |kind: &str, title: &str, rule: &str, result: &str| eservice::RuleResult {
        kind: kind.into(),
        title: title.into(),
        rule: rule.into(),
        result: result.into(),
        time_us: NOW,
        ..Default::default()
    };
    let way = eservice::RuleResult {
        facts: vec![
            fact("Holati", "fact", "clean", "registry"),
            fact("Nikoh sanasi", "fact", "2012-06-16", "answer"),
            fact("JSHSHIR", "withheld", "", "person"),
            fact("Eski ismi", "absent", "", "computed"),
        ],
        ..result("way", "Qoida boʻyicha yoʻl tanlash", "", HOSTILE)
    };
    let act = |uri: &str| eservice::RuleAct { title: HOSTILE.into(), uri: uri.into() };
    let fee = eservice::RuleResult {
        amount: Some(proto::Money { minor: 4_120_000, currency: "UZS".into() }),
        facts: vec![fact("BHM", "fact", "412 000,00 UZS", "law")],
        acts: vec![act("https://lex.uz"), act(super::SCRIPT_LINK)],
        ..result("fee", "Davlat boji", HOSTILE, "")
    };
    let reason = eservice::Reason { text: HOSTILE.into(), article: "Oila kodeksi, 14-modda".into(), code: text("no") };
    let decided = eservice::RuleResult { reasons: vec![reason], ..result("decision", "Tekshirish", "", "Rad etish") };
    let task = eservice::TaskPage {
        number: "justice-2026-17".into(),
        title: "Nikoh yozuvini tekshirish".into(),
        rules: vec![way, fee, decided, result("silence", "Tekshirish", "", "Tasdiqlash")],
        ..Default::default()
    };
    let said = ["rules-none", "rules-silence", "rules-withheld", "rules-from-answer", "not-given"].map(|key| f.t(key));
    let html = task_page(f, task, officer::Chosen::default(), Vec::new());
    assert!(said.iter().all(|words| html.contains(words)) && html.contains("14-modda"), "{html}");
    html
}

/// Somebody else has it: there is nothing to decide, and what was sent is refused.
pub fn claimed(f: Frame) -> String {
    let claim =
        |officer: &[u8]| Some(eservice::Claim { officer: officer.to_vec(), name: HOSTILE.into(), until_us: NOW + DAY });
    let of = |officer: &[u8]| eservice::TaskPage {
        number: "justice-2026-17".into(),
        title: "Nikoh yozuvini tekshirish".into(),
        claim: claim(officer),
        ..Default::default()
    };
    let own = task_page(super::frame(f.language, f.kind), of(&ME), officer::Chosen::default(), Vec::new());
    assert!(own.contains("/y/release") && own.contains("id=\"decision\""), "{own}");
    assert!(!own.contains(NEXT), "this one comes first: {own}");
    let errors = vec![(text("decision"), "claim-taken")];
    let html = task_page(f, of(&[8; 16]), officer::Chosen::default(), errors);
    assert!(!html.contains("=\"/y") && !html.contains("_outcome") && html.contains(NEXT), "{html}");
    html
}

/// A task of two officers, and what one of them proposed.
fn proposed(by: &[u8]) -> eservice::TaskPage {
    let reason = eservice::Reason {
        code: "no-record".into(),
        text: "Nikoh yozuvi topilmadi".into(),
        article: "Oila kodeksi, 14-modda".into(),
    };
    let proposal = eservice::Proposal {
        officer: by.to_vec(),
        name: HOSTILE.into(),
        outcome: "refuse".into(),
        label: "Rad etish".into(),
        reasons: vec![reason.clone()],
        note: HOSTILE.into(),
        marked: vec![eservice::MarkedField { at: "marriage.date".into(), note: HOSTILE.into() }],
        time_us: NOW - DAY,
        ..Default::default()
    };
    let outcome = eservice::OutcomeChoice {
        name: "refuse".into(),
        label: "Rad etish".into(),
        reasons: vec![reason],
        needs_reason: true,
        ..Default::default()
    };
    eservice::TaskPage {
        number: "justice-2026-17".into(),
        title: "Nikoh yozuvini tekshirish".into(),
        returnable: vec![eservice::ReturnableField { at: "marriage.date".into(), label: "Nikoh sanasi".into() }],
        outcomes: vec![outcome],
        of_two: true,
        proposal: Some(proposal),
        ..Default::default()
    }
}

/// Somebody else proposed: it is agreed to or sent back, and nothing else; whoever proposed it waits.
pub fn second(f: Frame) -> String {
    let own = task_page(super::frame(f.language, f.kind), proposed(&ME), officer::Chosen::default(), Vec::new());
    assert!(!own.contains("=\"/z") && !own.contains("=\"/y") && !own.contains("type=\"radio\""), "{own}");
    assert!(own.contains(NEXT), "whoever proposed goes on: {own}");
    let errors = vec![(text("back-note"), "second-note-missing")];
    let html = task_page(f, proposed(&[8; 16]), officer::Chosen::default(), errors);
    assert!(html.contains("=\"/z\"") && html.contains("=\"/z/back\"") && !html.contains("type=\"radio\""), "{html}");
    html
}

/// What was sent back is the first officer's to propose anew.
pub fn sent_back(f: Frame) -> String {
    let mut task = proposed(&ME);
    if let Some(proposal) = &mut task.proposal {
        proposal.sent_back_us = NOW;
        proposal.sent_back_by = HOSTILE.into();
        proposal.sent_back_note = HOSTILE.into();
    }
    let chosen = officer::Chosen::before(&task);
    let html = task_page(f, task, chosen, Vec::new());
    assert!(html.contains("value=\"no-record\" checked") && !html.contains("=\"/z"), "{html}");
    html
}

/// What the applicant would read, in their language, and what they would get as a file.
pub fn preview(f: Frame) -> String {
    let task = eservice::TaskPage { proposal: None, ..proposed(&ME) };
    let message = eservice::PreviewedMessage { title: HOSTILE.into(), body: HOSTILE.into() };
    let letter = eservice::PreviewedDocument { name: "refusal".into(), title: "Rad etish xati".into() };
    let preview = eservice::DecisionPreview { messages: vec![message], documents: vec![letter], pdf: Vec::new() };
    let chosen = officer::Chosen {
        outcome: "refuse".into(),
        reasons: vec![text("no-record")],
        note: HOSTILE.into(),
        marked: vec![eservice::MarkedField { at: "marriage.date".into(), note: HOSTILE.into() }],
        contradicts: false,
    };
    let html = officer::PreviewPage { f, task, action: "/x".into(), file: "/p/document".into(), chosen, preview };
    let html = html.render().unwrap();
    assert_eq!(html.matches("value=\"no-record\"").count(), 2, "the decision and the file are asked for alike: {html}");
    html
}

/// Two that are decided alike, and two that are not: they say why.
pub fn together(f: Frame, stage: officer::Stage) -> String {
    let picked = |task: u8, wrong: Option<&'static str>| {
        let (case, task) = ("01".repeat(16), format!("{task:02x}").repeat(16));
        let place = officer::TaskPlace::new((text("justice"), text("copy"), case, task)).unwrap();
        officer::Picked { place, number: HOSTILE.into(), version: 7, wrong }
    };
    let reason = eservice::Reason {
        code: "no-record".into(),
        text: "Nikoh yozuvi topilmadi".into(),
        article: "Oila kodeksi, 14-modda".into(),
    };
    let outcome = eservice::OutcomeChoice {
        name: "refuse".into(),
        label: "Rad etish".into(),
        reasons: vec![reason],
        needs_reason: true,
        ..Default::default()
    };
    let reasons = vec![text("no-record")];
    let page = officer::TogetherPage {
        f,
        queue: "/officer?agency=justice".into(),
        stage,
        picked: vec![
            picked(3, None),
            picked(4, None),
            picked(5, Some("together-unread")),
            picked(6, Some("together-outdated")),
        ],
        outcomes: vec![outcome],
        of_two: true,
        chosen: officer::Chosen { outcome: "refuse".into(), reasons, note: HOSTILE.into(), ..Default::default() },
        errors: Vec::new(),
    };
    let html = page.render().unwrap();
    let sent = html.matches("name=\"_task\"").count();
    assert_eq!(sent, if stage == officer::Stage::Done { 0 } else { 2 }, "what does not fit goes no further: {html}");
    html
}

/// The officer who has the task asks; while an answer is awaited, there is nothing to decide.
pub fn ask(f: Frame) -> String {
    let claim = eservice::Claim { officer: ME.to_vec(), name: String::new(), until_us: NOW + DAY };
    let task = |questions: Vec<eservice::Question>, questions_left: i32| eservice::TaskPage {
        number: "justice-2026-17".into(),
        service_title: card().title,
        title: "Nikoh yozuvini tekshirish".into(),
        claim: Some(claim.clone()),
        awaited_until_us: if questions.is_empty() { 0 } else { NOW + DAY },
        awaited_question: if questions.is_empty() { 0 } else { 3 },
        questions,
        questions_left,
        ..Default::default()
    };
    let shown = |task: eservice::TaskPage| {
        task_page(super::frame(f.language, f.kind), task, officer::Chosen::default(), Vec::new())
    };
    let link = f.t("ask-link");
    assert!(shown(task(Vec::new(), 1)).contains(&link), "something can be asked");
    assert!(!shown(task(Vec::new(), 0)).contains(&link), "nothing more can be asked");
    let waiting = shown(task(questions(), 0));
    assert!(!waiting.contains("_outcome") && waiting.contains("id=\"decision\""), "{waiting}");
    assert!(waiting.contains("/take-back\"") && waiting.contains("name=\"_number\" value=\"3\""), "{waiting}");
    assert!(waiting.contains(NEXT), "{waiting}");
    let (typed, wrong, file_error) = (HOSTILE.into(), Some("ask-refused"), "files-none");
    let enclosing = questions().remove(2).enclosing;
    let task = eservice::TaskPage { enclosing, ..task(questions(), 1) };
    officer::AskPage { f, task, back: "/x".into(), action: "/y".into(), typed, wrong, file_error }.render().unwrap()
}

/// One of one's own task: it can be taken back; nobody else's can.
pub fn awaiting(f: Frame) -> String {
    let task = |claim: Option<eservice::Claim>| eservice::TaskPage {
        number: "justice-2026-17".into(),
        title: "Nikoh yozuvini tekshirish".into(),
        questions: questions(),
        awaited_until_us: NOW + DAY,
        awaited_question: 3,
        claim,
        ..Default::default()
    };
    let shown = |f: Frame, claim| task_page(f, task(claim), officer::Chosen::default(), Vec::new());
    let free = shown(super::frame(f.language, f.kind), None);
    assert!(!free.contains("/take-back") && free.contains("=\"/y\""), "it is taken first: {free}");
    shown(f, Some(eservice::Claim { officer: ME.to_vec(), name: String::new(), until_us: NOW + DAY }))
}

/// The own agency reads what another one said; the other one sees no name and no history.
pub fn opinions(f: Frame) -> String {
    let said = eservice::Decision {
        label: "Eʼtirozimiz yoʻq".into(),
        note: HOSTILE.into(),
        time_us: NOW,
        reasons: vec![eservice::Reason { text: "Hujjat toʻliq".into(), ..Default::default() }],
        ..Default::default()
    };
    let opinion = |decision: Option<eservice::Decision>, awaited_until_us: i64| eservice::Opinion {
        agency: "health".into(),
        title: HOSTILE.into(),
        decision,
        awaited_until_us,
    };
    let beside = eservice::Decision { outcome: "objection".into(), label: String::new(), ..said.clone() };
    let given = vec![opinion(Some(said), 0), opinion(Some(beside), 0), opinion(None, NOW + DAY), opinion(None, 0)];
    let task = |opinion: bool, opinions: Vec<eservice::Opinion>| eservice::TaskPage {
        number: "justice-2026-17".into(),
        title: "Nikoh yozuvini tekshirish".into(),
        sections: sections(),
        opinion,
        opinions,
        ..Default::default()
    };
    let asked = task_page(super::frame(f.language, f.kind), task(true, Vec::new()), Default::default(), Vec::new());
    let applicant = format!("<dt class=\"govuk-summary-list__key\">{}</dt>", f.t("task-applicant"));
    assert!(!asked.contains("/x/messages") && !asked.contains(&applicant), "{asked}");
    assert!(!asked.contains("_internal"), "another agency reads no notes and writes none: {asked}");
    let (own, theirs) = (f.t("task-note-hint"), f.t("opinion-note-hint"));
    assert!(asked.contains(&theirs) && !asked.contains(&own), "no applicant reads an opinion: {asked}");
    let objection = f.t("opinion-outcome-objection");
    let html = task_page(f, task(false, given), officer::Chosen::default(), Vec::new());
    assert!(html.contains(&objection), "what was said beside the process has the reader's words: {html}");
    html
}

/// Asked beside the process: it is answered, and nobody takes it.
pub fn requested(f: Frame) -> String {
    let outcome = |name: &str| eservice::OutcomeChoice { name: name.into(), ..Default::default() };
    let task = eservice::TaskPage {
        number: "justice-2026-17".into(),
        sections: sections(),
        outcomes: vec![outcome("no-objection"), outcome("objection")],
        opinion: true,
        request: HOSTILE.into(),
        ..Default::default()
    };
    let html = task_page(f, task, officer::Chosen::default(), Vec::new());
    assert!(html.contains("outcome-no-objection") && !html.contains("=\"/y\""), "{html}");
    html
}

/// Whom to ask, what they see, and what they are asked.
pub fn request(f: Frame) -> String {
    let lender = |agency: &str| eservice::Lender { agency: agency.into(), role: "expert".into() };
    let shown = |page: &str, title: &str| eservice::ShownPage { page: page.into(), title: title.into() };
    let lenders = eservice::Lenders {
        number: "justice-2026-17".into(),
        lenders: vec![lender("health"), lender("interior")],
        pages: vec![shown("date", "Nikoh sanasi"), shown("office", HOSTILE)],
    };
    let wanted = officer::WantedOpinion { pages: vec![text("office")], text: HOSTILE.into(), ..Default::default() };
    let errors = vec![("lender-1", "opinion-who-missing"), ("request", "opinion-refused")];
    let page = officer::OpinionPage { f, lenders, back: "/x".into(), action: "/y".into(), wanted, errors };
    let html = page.render().unwrap();
    assert_eq!(html.matches(" checked").count(), 1, "what was chosen stays: {html}");
    html
}

pub fn messages(f: Frame) -> String {
    let message = proto::notifications::v1::CaseMessage {
        message_id: vec![2; 16],
        title: HOSTILE.into(),
        time_us: NOW,
        class: "informative".into(),
        channels: channels(),
        body: String::new(),
    };
    officer::MessagesPage { f, task: "/x".into(), messages: vec![message] }.render().unwrap()
}

pub fn reason(f: Frame) -> String {
    let (action, typed) = ("/x".into(), HOSTILE.into());
    officer::ReasonPage { f, action, closed: true, typed, wrong: Some("reason-long") }.render().unwrap()
}

pub fn decided(f: Frame) -> String {
    officer::DecidedPage { f, task: "/x".into(), queue: "/officer".into() }.render().unwrap()
}

fn recall_page(
    f: Frame,
    choice: eservice::RecallChoice,
    chosen: officer::Wish,
    errors: Vec<(&'static str, &'static str)>,
) -> String {
    let document = eservice::DocumentLink {
        title: "Nikoh guvohnomasining nusxasi".into(),
        number: "justice-2026-17".into(),
        ..Default::default()
    };
    let reason = |code: &str| eservice::Reason { code: code.into(), text: HOSTILE.into(), article: String::new() };
    let choice = eservice::RecallChoice { reasons: vec![reason("error"), reason("court")], of_two: true, ..choice };
    let (task, action, person) = ("/x".into(), "/x/recall".into(), ME.to_vec());
    officer::RecallPage { f, task, action, version: 7, document, choice, person, chosen, errors }.render().unwrap()
}

/// Nothing was chosen yet.
pub fn recall(f: Frame) -> String {
    let errors = vec![("reason", "recall-reason-missing"), ("what", "recall-what-missing")];
    let html = recall_page(f, eservice::RecallChoice::default(), officer::Wish::default(), errors);
    assert!(html.contains("href=\"#reason-error\"") && html.contains("id=\"reason-error\""), "{html}");
    assert!(html.contains("href=\"#what-withdraw\"") && !html.contains(" checked"), "{html}");
    html
}

/// A new one is being made: the old one can still be withdrawn, and not be replaced once more.
pub fn recall_replacing(f: Frame) -> String {
    let choice = eservice::RecallChoice { replacing: true, ..Default::default() };
    let html = recall_page(f, choice, officer::Wish::default(), Vec::new());
    assert!(html.contains("id=\"what-withdraw\"") && !html.contains("id=\"what-replace\""), "{html}");
    html
}

/// A colleague proposed it: sending the same agrees.
pub fn recall_proposed(f: Frame) -> String {
    let proposal = eservice::RecallProposal {
        officer: vec![8; 16],
        reason: "court".into(),
        note: HOSTILE.into(),
        replace: true,
        time_us: NOW - DAY,
        corrections: Vec::new(),
    };
    let choice = eservice::RecallChoice { proposal: Some(proposal), ..Default::default() };
    let chosen = officer::Wish { reason: "court".into(), what: "replace".into(), note: HOSTILE.into() };
    let html = recall_page(f, choice, chosen, Vec::new());
    assert_eq!(html.matches(" checked").count(), 2, "{html}");
    html
}

/// A colleague proposed a correction; what was typed since cannot stand there.
pub fn correct(f: Frame) -> String {
    let field = |name: &str, value: &str| eservice::CorrectableField {
        at: format!("facts.record.{name}"),
        label: HOSTILE.into(),
        value: value.into(),
    };
    let reason = |code: &str, article: &str| eservice::Reason {
        code: code.into(),
        text: HOSTILE.into(),
        article: article.into(),
    };
    let slip = eservice::FieldCorrection { at: "facts.record.date".into(), value: "16.06.2012".into() };
    let proposal = eservice::RecallProposal { officer: vec![8; 16], corrections: vec![slip], ..Default::default() };
    let choice = eservice::RecallChoice {
        reasons: vec![reason("error", "387-son qaror, 208-band"), reason("court", "")],
        proposal: Some(proposal),
        corrects: vec![field("date", "06.06.2012"), field("place", ""), field("name", HOSTILE)],
        ..Default::default()
    };
    let values = [("facts.record.date".to_owned(), HOSTILE.to_owned())].into();
    let written = officer::Written { reason: "error".into(), values, note: HOSTILE.into() };
    let document = eservice::DocumentLink {
        title: "Nikoh guvohnomasining nusxasi".into(),
        number: "justice-2026-17".into(),
        ..Default::default()
    };
    let errors = vec![("value-facts.record.date".to_owned(), "correct-value")];
    let (task, action, person) = ("/x".into(), "/x/correct".into(), ME.to_vec());
    let page = officer::CorrectPage { f, task, action, version: 7, document, choice, person, written, errors };
    let html = page.render().unwrap();
    assert!(html.contains("value-facts.record.date-error") && html.contains("06.06.2012"), "{html}");
    assert!(!html.contains("reason-court"), "a reason without an article corrects nothing: {html}");
    html
}

/// Of three orders one is a colleague's, one the reader's own, and one is done; a fourth was typed wrongly.
pub fn reissue(f: Frame) -> String {
    let order = |own: bool, approved: bool| eservice::Reissue {
        batch: vec![9; 32],
        document: "certificate".into(),
        reason: "error".into(),
        note: HOSTILE.into(),
        documents: 3,
        issued: if approved { 2 } else { 0 },
        refused_count: i64::from(approved),
        refused: vec![eservice::RefusedReissue { number: "justice-2026-17".into(), code: "document.template".into() }],
        numbers: vec!["justice-2026-18".into()],
        approved,
        finished: approved,
        own,
        proposed_us: NOW - DAY,
        ..Default::default()
    };
    let said = eservice::Reason { code: "error".into(), text: HOSTILE.into(), article: String::new() };
    let choice = eservice::ReissueChoice { document: "certificate".into(), title: HOSTILE.into(), reasons: vec![said] };
    let meant = eservice::Reissuable { documents: 3, numbers: vec!["justice-2026-18".into()], ..Default::default() };
    let html = reissue::ReissuePage {
        f,
        agencies: vec!["justice".into(), "interior".into()],
        agency: "justice".into(),
        services: Vec::new(),
        service: "marriage-certificate-copy".into(),
        orders: vec![order(false, false), order(true, false), order(true, true)],
        choices: vec![choice],
        wish: reissue::Wish { what: "certificate/error".into(), note: HOSTILE.into(), ..Default::default() },
        meant: Some(meant),
        errors: vec![("note", "reissue-note-wrong"), ("from", "audit-date-wrong")],
        done: "ordered".into(),
    };
    let html = html.render().unwrap();
    assert_eq!(html.matches("/officer/reissue/approve").count(), 1, "nobody approves their own order: {html}");
    assert_eq!(html.matches(" checked").count(), 1, "{html}");
    html
}

/// Of four seals a colleague doubts one, the reader another; one was withdrawn and one is in order.
pub fn seals(f: Frame) -> String {
    let seal = |serial: u8, own: bool, withdrawn_us: i64| signing::SealStands {
        serial: vec![serial; 20],
        since_us: NOW - 90 * DAY,
        until_us: NOW + 1_000 * DAY,
        reason: HOSTILE.into(),
        doubted_from_us: NOW - DAY,
        own,
        withdrawn_us,
    };
    let in_order = signing::SealStands { reason: String::new(), doubted_from_us: 0, ..seal(4, false, 0) };
    let html = officer::SealsPage {
        f,
        agencies: vec!["justice".into(), "interior".into()],
        agency: "justice".into(),
        seals: vec![in_order, seal(1, false, 0), seal(2, true, 0), seal(3, false, NOW)],
        word: officer::Word { from: "2026-11-24T09:30".into(), reason: HOSTILE.into(), ..Default::default() },
        errors: vec![("seal", "seals-which-missing"), ("from", "seals-from-wrong"), ("reason", "seals-reason-wrong")],
        done: "doubted".into(),
    };
    let html = html.render().unwrap();
    assert_eq!(html.matches("/officer/seals/withdraw").count(), 1, "nobody withdraws what they doubted alone: {html}");
    assert_eq!(
        html.matches("type=\"radio\"").count(),
        2,
        "nothing is said of what a colleague said or is over: {html}"
    );
    html
}

pub fn sealed(f: Frame) -> String {
    let document = signing::SealedDocument {
        number: "justice-2026-17".into(),
        service: "marriage-certificate-copy".into(),
        kind: HOSTILE.into(),
        sealed_us: NOW,
    };
    let seal = signing::SealStands { serial: vec![1; 20], doubted_from_us: NOW - DAY, ..Default::default() };
    let seal = signing::SealStands { reason: HOSTILE.into(), ..seal };
    let pages = pages::Pages::of("/officer/seals/documents?agency=justice&serial=01", "", "justice-2026-17");
    officer::SealedTemplate { f, agency: "justice".into(), seal, documents: vec![document], pages }.render().unwrap()
}

pub fn grants(f: Frame) -> String {
    let grant = proto::exchange::v1::GrantStatus {
        agency: "justice".into(),
        name: "civil-status-to-social".into(),
        hash: vec![9; 32],
        state: "waiting".into(),
        to_agency: "Ijtimoiy himoya agentligi".into(),
        registry: "civil-status".into(),
        operations: vec!["find-marriage".into()],
        purpose: "Nafaqa tayinlash".into(),
        until: "2027-12-31".into(),
        approvals: 1,
        approvals_needed: 2,
        roles: vec!["registrar".into()],
        beneficiary: true,
        events: vec!["record-lost".into()],
    };
    // One that waits, one that the officer may take back, and one that is another agency's to take back.
    let given = proto::exchange::v1::GrantStatus { name: "given".into(), state: "approved".into(), ..grant.clone() };
    let taken = proto::exchange::v1::GrantStatus { name: "taken".into(), agency: "social".into(), ..given.clone() };
    let page = officer::GrantsPage { f, grants: vec![grant, given, taken], agencies: vec!["justice".into()] };
    let html = page.render().unwrap();
    assert_eq!(html.matches("/officer/grants/revoke").count(), 1, "{html}");
    html
}
