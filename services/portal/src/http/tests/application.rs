//! Plausible data of a citizen's pages, from the first question to the messages and who looked at their data.

use askama::Template;
use kernel::Language;
use proto::{
    docket::v1 as docket, eservice::v1 as eservice, notifications::v1 as notifications, payments::v1 as payments,
};

use super::{
    DAY, HOSTILE, NOW, SCRIPT_LINK, text,
    visitor::{card, own, sum},
};
use crate::{
    domain::acting::Principal,
    http::{
        account, acting as choosing, applications, apply, asked as asking, files as attaching, frame::Frame, pages,
        parts as outline, pay as paying, preferences, rating, submit, thread, withdraw,
    },
};

/// Identity names two companies, one by a hostile name.
pub fn companies() -> Vec<Principal> {
    let company = |id: &str, name: &str| Principal {
        principal: id.into(),
        kind: "director".into(),
        name: name.into(),
        tin: "301234567".into(),
    };
    vec![company(&"1".repeat(32), "«Anor Savdo» MChJ"), company(&"2".repeat(32), HOSTILE)]
}

/// The same page for somebody who acts for a company.
pub fn for_company(f: Frame) -> Frame {
    Frame { acting: companies().pop(), ..f }
}

pub fn acting(f: Frame) -> String {
    choosing::ActingPage { f, principals: companies(), then: text("/applications") }.render().unwrap()
}

pub fn field(at: &str, kind: &str, label: &str) -> eservice::Field {
    eservice::Field { at: at.into(), kind: kind.into(), label: label.into(), required: true, ..Default::default() }
}

pub fn option(value: &str, label: &str, selected: bool) -> eservice::Option {
    eservice::Option { value: value.into(), label: label.into(), selected, ..Default::default() }
}

pub fn page_of(title: &str, fields: Vec<eservice::Field>) -> eservice::Page {
    eservice::Page {
        version: 3,
        form: "application".into(),
        page: "marriage".into(),
        title: title.into(),
        service_title: card().title,
        fields,
        position: 2,
        count: 4,
        back: "who".into(),
        ..Default::default()
    }
}

pub fn question(f: Frame, page: eservice::Page) -> String {
    let mut page = page;
    apply::in_words(&f, &mut page);
    let template = apply::QuestionPage { f, page, back: "/x".into(), action: "/x".into(), shown_hash: "0".repeat(64) };
    template.render().unwrap()
}

pub fn single_question(f: Frame) -> String {
    let mut date = field("marriage.date", "date", "Nikoh qachon qayd etilgan?");
    date.hint = "Masalan, 9 2 2019".into();
    date.why = "Sana yozuvni topish uchun kerak.".into();
    question(f, page_of("Nikoh sanasi", vec![date]))
}

pub fn faulty_question(f: Frame) -> String {
    let mut date = field("marriage.date", "date", "Nikoh qachon qayd etilgan?");
    (date.value, date.error_code) = (text("2026-02-31"), text("field.date"));
    let mut name = field("marriage.spouse", "text", "Turmush oʻrtogʻingizning familiyasi");
    (name.value, name.error, name.autocomplete) = (text(HOSTILE), text("Familiyani yozing."), text("off"));
    (name.marked, name.officer_note) = (true, text("Passportdagi kabi yozing."));
    let mut office = field("marriage.office", "select", "FHDYO boʻlimi");
    office.options = vec![option("a", "Yunusobod tumani", true), option("b", "Chilonzor tumani", false)];
    let mut copies = field("copies", "radios", "Nusxa kimga kerak?");
    copies.options = vec![option("me", "Oʻzimga", true), option("other", "Vakilimga", false)];
    let mut fact = field("who.name", "fact", "Ism-sharif");
    (fact.fact, fact.value, fact.source) = (true, text("Karimova Dilnoza Rustamovna"), text("Aholi reyestri"));
    let mut note = field("note", "textarea", "Izoh");
    note.hint = "Ixtiyoriy".into();
    let agree = field("agree", "checkbox", "Guvohnoma elektron shaklda boʻlishiga roziman");
    let phone = field("phone", "phone", "Telefon");
    let married = field("married", "yes-no", "Hozir nikohdamisiz?");
    question(f, page_of("Nikoh haqida", vec![fact, date, name, office, copies, note, phone, married, agree]))
}

/// Another window was faster.
pub fn changed_question(f: Frame) -> String {
    let mut reason = field("reason", "radios", "Nusxa nima uchun kerak?");
    reason.options = vec![option("lost", "Yoʻqolgan", true), option("damaged", "Yaroqsiz", false)];
    (reason.error_code, reason.kept) = (text("field.changed-meanwhile"), text("Yaroqsiz"));
    let mut name = field("who.name", "text", "Ism-sharif");
    (name.disputed, name.registry_value, name.source) = (true, text("Karimova Dilnoza"), text("Aholi reyestri"));
    (name.value, name.error_code, name.kept) = (text(HOSTILE), text("field.changed-meanwhile"), String::new());
    question(f, page_of("Nusxa haqida", vec![reason, name]))
}

/// The service changed after the draft was begun.
fn moved(told: bool) -> eservice::Moved {
    let place = |label: &str| eservice::FieldPlace { page: "who".into(), at: "who.name".into(), label: label.into() };
    let unnamed = eservice::Row { label: String::new(), ..row("", "9") };
    eservice::Moved {
        dropped: vec![eservice::Row { kind: "yes-no".into(), ..row("Nikohdamisiz?", "true") }, unnamed],
        invalid: vec![place("Nikoh sanasi")],
        added: vec![place(HOSTILE)],
        told,
    }
}

pub fn moved_question(f: Frame) -> String {
    let mut name = field("who.name", "text", "Ism-sharif");
    name.added = true;
    let page = page_of("Siz haqingizda", vec![name, field("who.phone", "phone", "Telefon")]);
    let html = question(f, eservice::Page { moved: Some(moved(false)), ..page.clone() });
    assert!(html.contains("aria-describedby=\"who.name-new\""), "{html}");
    let later = question(super::frame(Language::Uz, None), eservice::Page { moved: Some(moved(true)), ..page });
    assert!(!later.contains("id=\"moved\""), "whoever went on is told once");
    html
}

/// Scans, one of them by a hostile name, one that nobody reads yet and one that nobody ever will.
pub fn scans() -> Vec<eservice::File> {
    let scan = |name: &str, size: i64, state: &str| eservice::File {
        id: vec![u8::try_from(size % 200).unwrap(); 32],
        name: name.into(),
        size,
        kind: "application/pdf".into(),
        state: state.into(),
    };
    vec![scan("Guvohnoma.pdf", 340_123, ""), scan(HOSTILE, 1_500_000, "checking"), scan("Xat.pdf", 70_000, "harmful")]
}

fn field_of_files(files: Vec<eservice::File>, files_max: i32) -> eservice::Field {
    let types = vec![text("application/pdf"), text("image/jpeg")];
    let mut field = field("benefit.evidence", "files", "Nogironlik guvohnomasining nusxasi");
    (field.files, field.types, field.size_max, field.files_max) = (files, types, 10_485_760, files_max);
    field.hint = "Surat yoki skan".into();
    field
}

pub fn question_of_files(f: Frame) -> String {
    let mut files = field_of_files(scans(), 4);
    (files.error_code, files.marked, files.officer_note) = (text("field.file-size"), true, text("Ikkinchi bet yoʻq."));
    let html = question(f, page_of("Imtiyoz", vec![field("benefit.certificate", "text", "Raqami"), files]));
    assert!(html.contains("name=\"_files\" value=\"benefit.evidence\""), "{html}");
    html
}

pub fn files_page(f: Frame, files_max: i32, error: &'static str) -> String {
    let attached = if files_max == 0 { Vec::new() } else { scans() };
    let mut field = field_of_files(attached, files_max.max(1));
    if !error.is_empty() {
        let begun = |name: &str, size| eservice::Upload {
            id: vec![9; 32],
            name: name.into(),
            size,
            offset: 3_145_728,
            ..Default::default()
        };
        field.uploads = vec![begun("Reja.pdf", 9_500_000), begun(HOSTILE, 4_000_000)];
    }
    let (base, back, action, service_title) = (text("/x"), text("/x/pages/benefit"), text("/x/files"), card().title);
    let html = attaching::FilesPage { f, service_title, field, base, back, action, error }.render().unwrap();
    assert_eq!(html.contains("enctype=\"multipart/form-data\""), files_max != 2, "{html}");
    assert_eq!(
        html.matches("/x/file/").count(),
        2 * usize::from(files_max != 0),
        "only what may be read is linked, and looked at: {html}"
    );
    html
}

/// An image, by a hostile name.
pub fn file_preview(f: Frame) -> String {
    let (back, file) = (text("/x"), text("/x/file/1"));
    attaching::PreviewPage { f, name: HOSTILE.into(), back, file }.render().unwrap()
}

pub fn row(label: &str, value: &str) -> eservice::Row {
    eservice::Row { label: label.into(), value: value.into(), ..Default::default() }
}

pub fn sections() -> Vec<eservice::Section> {
    let fact = eservice::Row {
        fact: true,
        source: "Aholi reyestri".into(),
        read_us: NOW,
        ..row("Ism-sharif", "Karimova Dilnoza Rustamovna")
    };
    let differs = eservice::Row {
        differs: true,
        registry_value: "2015-yil 9-fevral".into(),
        ..row("Nikoh sanasi", "2015-yil 2-sentabr")
    };
    let scanned = eservice::Row { kind: "files".into(), files: scans(), ..row("Nusxa", "Guvohnoma.pdf") };
    vec![eservice::Section {
        page: "who".into(),
        title: "Siz haqingizda".into(),
        rows: vec![fact, differs, row("Izoh", HOSTILE), scanned],
    }]
}

/// Two entries of a list, one of them wrong.
pub fn question_of_entries(f: Frame) -> String {
    let entry = |index: usize| {
        let mut name = field(&format!("children.{index}.name"), "text", "Ismi");
        name.value = text(HOSTILE);
        let born = field(&format!("children.{index}.born"), "date", "Tugʻilgan sanasi");
        eservice::Entry { fields: vec![name, born] }
    };
    let mut list = field("children", "entries", "Farzandlaringiz");
    (list.entries, list.entry_title, list.entries_max) = (vec![entry(0), entry(1)], text("Farzand"), 5);
    list.error_code = text("field.entry");
    list.error_parameters.insert(text("item"), text("2"));
    list.entries[1].fields[0].error_code = text("field.required");
    question(f, page_of("Farzandlar", vec![list]))
}

/// A long form: a part that is done, one that waits for another.
pub fn parts(f: Frame) -> String {
    let part = |title: &str, standing: &str, page: &str| eservice::FormPart {
        title: title.into(),
        standing: standing.into(),
        page: page.into(),
    };
    let answers = eservice::Answers {
        service_title: card().title,
        parts: vec![
            part("Siz haqingizda", "done", "who"),
            part(HOSTILE, "in-progress", "marriage"),
            part("Farzandlar", "not-started", "children"),
            part("Toʻlov", "cannot-start", ""),
        ],
        incomplete: vec!["marriage".into()],
        ..Default::default()
    };
    outline::PartsPage { f, answers, base: "/x".into() }.render().unwrap()
}

pub fn check(f: Frame) -> String {
    let answers = eservice::Answers {
        service_title: card().title,
        sections: sections(),
        fees: vec![eservice::FeeLine {
            title: "Davlat boji".into(),
            amount: Some(sum()),
            note: "BHMning 10 foizi".into(),
            declared: false,
        }],
        representation: Some(eservice::Representation {
            kind: "attorney".into(),
            principal: HOSTILE.into(),
            representative: HOSTILE.into(),
            record: "2026-0412-7731".into(),
            until: "2027-06-30".into(),
            ..Default::default()
        }),
        moved: Some(moved(true)),
        sign_in: Some(eservice::SignInAsked { within_s: 900, assurance: "substantial".into() }),
        ..Default::default()
    };
    submit::CheckPage {
        f,
        answers,
        base: "/x".into(),
        shown_hash: "0".repeat(64),
        notice: "check-files-checking",
        asked: false,
    }
    .render()
    .unwrap()
}

pub fn timeline() -> Vec<eservice::TimelineRow> {
    let row = |back: i64, words: &str, actor: &str| eservice::TimelineRow {
        time_us: NOW - back * DAY,
        code: words.into(),
        actor: actor.into(),
        ..Default::default()
    };
    vec![row(0, "task-opened", "system"), row(1, "paid", "applicant"), row(1, "submitted", "applicant")]
}

pub fn case(phase: &str) -> eservice::Case {
    eservice::Case {
        number: "justice-2026-17".into(),
        agency: "justice".into(),
        service_title: card().title,
        phase: phase.into(),
        status: "reviewing".into(),
        timeline: timeline(),
        submitted_us: NOW - DAY,
        due_us: NOW + 2 * DAY,
        office: "Yunusobod tumani FHDYO boʻlimi".into(),
        ..Default::default()
    }
}

pub fn erased(f: Frame) -> String {
    let case = eservice::Case { erased_us: NOW, erased_under: HOSTILE.into(), ..case("erased") };
    applications::ErasedPage { f, case }.render().expect("a page renders")
}

pub fn subject(f: Frame) -> String {
    applications::SubjectPage { f, case: case("about") }.render().expect("a page renders")
}

pub fn rating_page(f: Frame) -> String {
    let errors = vec![("score-5", "rating-missing"), ("text", "rating-too-long")];
    let page = rating::RatingPage { f, case: case("ended"), base: "/x".into(), score: 2, text: HOSTILE.into(), errors };
    let html = page.render().unwrap();
    assert_eq!(html.matches(" checked").count(), 1, "{html}");
    html
}

#[expect(clippy::too_many_lines, reason = "everything that the page can show")]
pub fn application(f: Frame) -> String {
    let decision = eservice::Decision {
        outcome: "refuse".into(),
        label: "Rad etildi".into(),
        reasons: vec![eservice::Reason {
            code: "no-record".into(),
            text: "Nikoh yozuvi topilmadi".into(),
            article: "Oila kodeksi, 14-modda".into(),
        }],
        note: HOSTILE.into(),
        time_us: NOW,
        appeal: "Sudga yoki Adliya vazirligiga 30 kun ichida murojaat qilishingiz mumkin.".into(),
    };
    let document = eservice::DocumentLink {
        document_id: vec![7; 16],
        title: "Rad etish toʻgʻrisida xabarnoma".into(),
        number: "justice-2026-17".into(),
        code: "K7QM-2F9X-RT4W-8HZC".into(),
        status: "valid".into(),
        name: "refusal".into(),
        ..Default::default()
    };
    let slip = eservice::MendedSlip { label: HOSTILE.into(), old: HOSTILE.into(), new: HOSTILE.into() };
    let withdrawn = eservice::DocumentLink {
        status: "superseded".into(),
        reason: HOSTILE.into(),
        superseded_by: "justice-2026-18".into(),
        article: "387-son qaror, 208-band".into(),
        corrections: vec![slip.clone(), eservice::MendedSlip { old: String::new(), ..slip }],
        ..document.clone()
    };
    let way = eservice::Onward {
        start: "appeal".into(),
        title: "Qaror ustidan shikoyat qilish".into(),
        until_us: NOW + 30 * DAY,
        legal_basis: "Maʼmuriy tartib-taomillar toʻgʻrisidagi qonun".into(),
    };
    let begun = eservice::Followed {
        case_id: vec![5; 16],
        title: "Tuzatish".into(),
        number: String::new(),
        phase: "draft".into(),
    };
    let case = eservice::Case {
        decision: Some(decision),
        documents: vec![document, withdrawn],
        onward: vec![way],
        followed: vec![begun],
        ..case("ended")
    };
    let refund = payments::RefundView {
        amount: Some(sum()),
        state: "by-hand".into(),
        reason: "not-delivered".into(),
        booked_us: NOW,
        settled_us: 0,
        receipt: String::new(),
    };
    let payment = payments::CasePayment {
        state: "captured".into(),
        amount: Some(sum()),
        captured_us: NOW - DAY,
        refunds: vec![refund],
        receipt: "justice-2026-R17".into(),
        ..Default::default()
    };
    let all = f.t("track-messages-all");
    let html = applications::ApplicationPage {
        f,
        case,
        base: "/x".into(),
        overdue: false,
        payments: vec![payment],
        messages: messages(),
        may_rate: true,
        represented: true,
    }
    .render()
    .unwrap();
    assert!(html.contains(&all), "where older ones are than the page lists: {html}");
    html
}

/// One that waits for the morning, one that arrived.
fn messages() -> Vec<notifications::CaseMessage> {
    let sms = |state: &str, waits: &str| notifications::ChannelState {
        channel: "sms".into(),
        state: state.into(),
        waits: waits.into(),
        until_us: NOW + DAY,
        ..Default::default()
    };
    let message = |channel: notifications::ChannelState| notifications::CaseMessage {
        message_id: vec![7; 16],
        title: "Nusxangiz tayyor".into(),
        body: HOSTILE.into(),
        time_us: NOW,
        class: "mandatory".into(),
        channels: vec![channel],
    };
    vec![message(sms("queued", "quiet")), message(sms("delivered", ""))]
}

/// An appeal under way, which can be withdrawn.
pub fn tracking(f: Frame) -> String {
    let party = |state: &str, until_us: i64, sections: Vec<eservice::Section>| eservice::PartyView {
        title: "Uy egasi".into(),
        state: state.into(),
        asked_us: NOW,
        changed_us: NOW,
        until_us,
        sections,
    };
    let parties = vec![party("waiting", NOW + DAY, Vec::new()), party("consented", 0, sections())];
    let case = eservice::Case {
        start_title: "Qaror ustidan shikoyat qilish".into(),
        origin: Some(origin()),
        withdrawal: Some(eservice::Withdrawal::default()),
        parties,
        ..case("running")
    };
    applications::ApplicationPage {
        f,
        case,
        base: "/x".into(),
        overdue: true,
        payments: vec![],
        messages: vec![],
        may_rate: false,
        represented: false,
    }
    .render()
    .unwrap()
}

pub fn origin() -> eservice::Origin {
    let reason = eservice::Reason { code: "no-record".into(), text: HOSTILE.into(), article: "14-modda".into() };
    eservice::Origin {
        case_id: vec![4; 16],
        number: "justice-2026-9".into(),
        ending: HOSTILE.into(),
        ended_us: NOW - DAY,
        decision: Some(eservice::Decision { reasons: vec![reason], note: HOSTILE.into(), ..Default::default() }),
    }
}

pub fn withdrawing(f: Frame) -> String {
    let withdrawal = eservice::Withdrawal { returned: Some(sum()), kept: Some(sum()) };
    let case = eservice::Case { intent: vec![3; 16], ..case("running") };
    withdraw::WithdrawPage { f, case, base: "/x".into(), withdrawal }.render().unwrap()
}

fn request(state: &str) -> eservice::Asked {
    let event = |code: &str, actor: &str| eservice::TimelineRow {
        time_us: NOW,
        code: code.into(),
        actor: actor.into(),
        ..Default::default()
    };
    eservice::Asked {
        version: 3,
        service_title: card().title,
        title: "Uy egasi".into(),
        state: state.into(),
        asked_us: NOW,
        until_us: if state == "waiting" { NOW + DAY } else { 0 },
        told: vec![row("Manzil", HOSTILE)],
        first_page: "agree".into(),
        timeline: vec![event("party-asked", "system"), event("party-consented", "party")],
        sections: if state == "consented" { sections() } else { vec![] },
        ..Default::default()
    }
}

pub fn asked(f: Frame, state: &str) -> String {
    let html = asking::AskedPage { f, asked: request(state), base: "/x".into() }.render().unwrap();
    assert_eq!(html.contains("/x/decline"), state == "waiting", "{html}");
    assert_eq!(html.contains("Karimova Dilnoza"), state == "consented", "what they agreed to stays: {html}");
    html
}

pub fn declining(f: Frame) -> String {
    asking::DeclinePage { f, asked: request("waiting"), base: "/x".into() }.render().unwrap()
}

/// What somebody who is asked agrees to.
pub fn agreeing(f: Frame) -> String {
    let told = eservice::Section { title: f.t("asked-told"), rows: vec![row("Manzil", HOSTILE)], ..Default::default() };
    let answers = eservice::Answers {
        service_title: card().title,
        sections: [told].into_iter().chain(sections()).collect(),
        ..Default::default()
    };
    let html = submit::CheckPage { f, answers, base: "/x".into(), shown_hash: "0".repeat(64), notice: "", asked: true }
        .render()
        .unwrap();
    assert!(html.contains("/x/decline") && html.contains("action=\"/x/check\""), "{html}");
    html
}

/// One that was answered, one that nobody answered, one that is open.
pub fn questions() -> Vec<eservice::Question> {
    let question = |number: i32, state: &str| eservice::Question {
        number,
        text: HOSTILE.into(),
        asked_us: NOW - DAY,
        until_us: NOW + 5 * DAY,
        state: state.into(),
        ..Default::default()
    };
    let answered = eservice::Question {
        answer: HOSTILE.into(),
        answered_us: NOW,
        files: scans(),
        answer_files: scans(),
        ..question(1, "answered")
    };
    let enclosing = Some(field_of_files(scans(), 10));
    let open = eservice::Question { files: scans(), enclosing, ..question(3, "open") };
    vec![answered, question(2, "unanswered"), open, question(4, "taken-back")]
}

pub fn questioned(f: Frame) -> String {
    let case = eservice::Case { status: "asked".into(), questions: questions(), ..case("running") };
    let page = applications::ApplicationPage {
        f,
        case,
        base: "/x".into(),
        overdue: false,
        payments: vec![],
        messages: vec![],
        may_rate: false,
        represented: false,
    };
    let html = page.render().unwrap();
    assert_eq!(html.matches("/x/questions/").count(), 1, "only the open one is answered: {html}");
    assert!(html.contains("/x/questions/3"), "{html}");
    html
}

pub fn answer(f: Frame) -> String {
    let question = questions().remove(2);
    let (typed, wrong, file_error) = (HOSTILE.into(), Some("answer-long"), "files-wrong-kind");
    let page = thread::AnswerPage { f, case: case("running"), question, base: "/x".into(), typed, wrong, file_error };
    let html = page.render().unwrap();
    assert!(html.contains("enctype=\"multipart/form-data\"") && html.contains("name=\"_remove\""), "{html}");
    let (words, file) = (html.find("name=\"_answer\""), html.find("name=\"file\""));
    assert!(words.is_some() && words < file, "what was typed comes before what may be refused: {html}");
    html
}

pub fn pay(f: Frame) -> String {
    let providers = ["Payme", "Click"].map(|title| payments::Provider {
        name: title.to_lowercase(),
        title: title.into(),
        trial: true,
    });
    let view = payments::IntentView {
        providers: providers.into(),
        attempt: "declined".into(),
        expires_us: NOW + DAY,
        ..Default::default()
    };
    let evidence = br#"{"formula": "percent(ref.bhm, '10')", "values": [{"name": "bhm", "amount": {"minor": 41200000, "currency": "UZS"}, "from": "2026-08-01"}]}"#;
    let lines = paying::lines(&f, &crate::domain::arithmetic::read(evidence));
    paying::PayPage { f, case: case("running"), view, amount: sum(), lines, base: "/x".into(), unanswered: true }
        .render()
        .unwrap()
}

pub fn list(f: Frame, represented: bool) -> String {
    let entry = |phase: &str, number: &str| docket::Entry {
        case_id: vec![1; 16],
        number: number.into(),
        agency: "justice".into(),
        phase: phase.into(),
        changed_us: NOW,
        due_us: NOW + DAY,
        title: own("Nikoh guvohnomasi nusxasi"),
        ..Default::default()
    };
    let by_another = docket::Entry { representation: "represented".into(), ..entry("running", "justice-2026-18") };
    let asked = docket::Entry { representation: "asked".into(), status: "waiting".into(), ..entry("asked", "") };
    let entries = vec![
        asked,
        by_another.clone(),
        entry("draft", ""),
        entry("returned", "justice-2026-9"),
        entry("running", "justice-2026-17"),
        entry("ended", "justice-2026-3"),
    ];
    let entries = match (represented, f.acts_for().is_empty()) {
        (false, _) => entries,
        (true, true) => vec![by_another],
        (true, false) => Vec::new(),
    };
    applications::ApplicationsPage {
        f,
        entries,
        stale: true,
        pages: older(),
        represented,
        behalf: std::collections::BTreeMap::new(),
    }
    .render()
    .unwrap()
}

pub fn inbox(f: Frame) -> String {
    let message = notifications::Message {
        message_id: vec![2; 16],
        case_id: vec![1; 16],
        title: "Hujjatingiz tayyor".into(),
        body: "Nikoh guvohnomasi nusxasi tayyor. Uni “Arizalarim” boʻlimidan oling.".into(),
        time_us: NOW,
        agency: "justice".into(),
        channels: channels(),
        ..Default::default()
    };
    // Notifications of an older release say how it went in a word each.
    let delivery = std::iter::once(("sms".to_owned(), "delivered".to_owned())).collect();
    let older_release = notifications::Message { delivery, channels: vec![], ..message.clone() };
    account::InboxPage { f, messages: vec![message, older_release], unread: 1, pages: older() }.render().unwrap()
}

/// One that waits for the morning, one that arrived, one that nobody wants, some that did not work and say why.
pub fn channels() -> Vec<notifications::ChannelState> {
    let channel = |channel: &str, state: &str| notifications::ChannelState {
        channel: channel.into(),
        state: state.into(),
        ..Default::default()
    };
    vec![
        notifications::ChannelState { settled_us: NOW, ..channel("inbox", "delivered") },
        notifications::ChannelState { waits: "quiet".into(), until_us: NOW + DAY, ..channel("sms", "queued") },
        notifications::ChannelState { sent_us: NOW, settled_us: NOW, ..channel("sms", "delivered") },
        channel("email", "off"),
        notifications::ChannelState { sent_us: NOW, why: "delayed".into(), ..channel("email", "sent") },
        notifications::ChannelState { settled_us: NOW, why: "returned".into(), ..channel("email", "failed") },
        notifications::ChannelState { settled_us: NOW, why: "unreachable".into(), ..channel("email", "failed") },
        notifications::ChannelState { settled_us: NOW, why: "limit".into(), ..channel("sms", "failed") },
    ]
}

pub fn preferred(f: Frame) -> String {
    let wanted = notifications::Preferences { sms: true, email: false, language: "kaa".into(), email_returned: true };
    let html = preferences::PreferencesPage { f, wanted, saved: true }.render().unwrap();
    assert_eq!(html.matches(" checked").count(), 2, "the box and the language that were chosen: {html}");
    html
}

pub fn why(f: Frame) -> String {
    let act = |uri: &str| notifications::Act { title: "Oila kodeksi, 15-modda".into(), uri: uri.into() };
    let why = notifications::Explanation {
        title: "Hujjatingiz tayyor".into(),
        time_us: NOW,
        case_id: vec![1; 16],
        number: "justice-2026-17".into(),
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        agency_title: "Adliya vazirligi".into(),
        service_title: card().title,
        class: "mandatory".into(),
        urgent: true,
        reason: HOSTILE.into(),
        legal_basis: vec![act("https://lex.uz/docs/104720"), act(""), act(SCRIPT_LINK)],
        language: "uz".into(),
        channels: channels(),
    };
    preferences::WhyPage { f, why }.render().unwrap()
}

pub fn data_use(f: Frame) -> String {
    let row = proto::exchange::v1::DataUseRow {
        time_us: NOW,
        asking_agency: "Adliya vazirligi".into(),
        owner: "Ichki ishlar vazirligi".into(),
        registry: "population".into(),
        operation: "find-person".into(),
        purpose: "an older release's words".into(),
        purpose_text: own("Arizani toʻldirish"),
        legal_basis: "Shaxsga doir maʼlumotlar toʻgʻrisidagi qonun, 18-modda".into(),
        outcome: "found".into(),
        fields: vec!["ism".into(), "tugʻilgan sana".into()],
        ..Default::default()
    };
    let opened = proto::exchange::v1::DataUseRow {
        time_us: NOW,
        kind: "opening".into(),
        asking_agency: "Adliya vazirligi".into(),
        owner: "justice".into(),
        actor: "marriage-certificate-copy".into(),
        case_id: vec![1; 16],
        office: "Yunusobod tumani FHDYO boʻlimi".into(),
        role: "registrar".into(),
        purpose_text: own("Nikoh yozuvini tekshirish"),
        purpose: HOSTILE.into(),
        reasoned: true,
        ..Default::default()
    };
    let row = proto::exchange::v1::DataUseRow { kind: "call".into(), ..row };
    let searched = proto::exchange::v1::DataUseRow { kind: "search".into(), purpose_text: None, ..opened.clone() };
    account::DataUsePage { f, rows: vec![opened, searched, row], pages: older() }.render().unwrap()
}

/// A list with something before and something after.
fn older() -> pages::Pages {
    pages::Pages::of("/inbox", "5", "9")
}
