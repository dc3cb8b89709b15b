//! Every page with plausible data in five languages: nothing untranslated, nothing unescaped, nothing too heavy. With
//! `XIZMAT_PAGES=folder` the pages are written there, to be looked at in a browser.

mod application;
mod audit;
mod cash;
mod finance;
mod officer;
mod paper;
mod publication;
mod staff;
mod visitor;

use std::{fs, path::PathBuf};

use application::{
    acting, agreeing, answer, application, asked, case, changed_question, check, data_use, declining, erased,
    faulty_question, file_preview, files_page, for_company, inbox, list, moved_question, parts, pay, preferred,
    question_of_entries, question_of_files, questioned, rating_page, single_question, subject, tracking, why,
    withdrawing,
};
use askama::Template;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
    middleware::from_fn_with_state,
    response::Html,
    routing::get,
};
use kernel::Language;
use officer::{
    ahead, ask, awaiting, claimed, correct, decided, events, grants, held, load, messages, opinions, preview, queue,
    queue_page, ratings, reason, recall, recall_proposed, recall_replacing, reissue, request, requested, rules, sealed,
    seals, search, second, sent_back, stuck, task, together,
};
use proto::eservice::v1::Experience;
use tower::ServiceExt;
use visitor::{
    card, closed_service, eligibility, eligible, experience, forms, home, passport, registries, service, start, twin,
    verdict,
};

use super::{applications, catalogue, frame::Frame, own_data, pay as paying, submit, verify};
use crate::{assets, domain::sign_in::Kind};

/// 24 November 2026, 09:30 in Tashkent.
const NOW: i64 = 1_795_494_600_000_000;

const DAY: i64 = 86_400_000_000;

const HOSTILE: &str = "<script>alert(1)</script>";

const SCRIPT_LINK: &str = "javascript:alert(1)";

fn frame(language: Language, kind: Option<Kind>) -> Frame {
    Frame {
        language,
        place: "/services/justice/marriage-certificate-copy".into(),
        kind,
        represents: kind == Some(Kind::Citizen),
        acting: None,
        menu: vec![("/officer/audit", "audit-title"), ("/finance", "finance-menu")],
        token: "t".repeat(86),
        command: "0".repeat(32),
        trial: true,
        css: assets::CSS,
        js: assets::JS,
    }
}

fn text(words: &str) -> String {
    words.to_owned()
}

/// Every page by name, in one language.
#[expect(clippy::too_many_lines, reason = "a list of pages, one line or a few each")]
fn pages(language: Language) -> Vec<(&'static str, String)> {
    let anyone = || frame(language, None);
    let citizen = || frame(language, Some(Kind::Citizen));
    let officer = || frame(language, Some(Kind::Officer));
    vec![
        ("home", home(citizen())),
        (
            "life-event",
            catalogue::LifeEventPage { f: anyone(), title: "Nikoh va oila".into(), services: vec![card(); 2] }
                .render()
                .unwrap(),
        ),
        (
            "search",
            catalogue::SearchPage { f: anyone(), query: HOSTILE.into(), found: 2, services: vec![card(); 2] }
                .render()
                .unwrap(),
        ),
        (
            "search-nothing",
            catalogue::SearchPage { f: anyone(), query: "x".into(), found: 0, services: vec![] }.render().unwrap(),
        ),
        (
            "service",
            catalogue::ServicePage { f: anyone(), card: card(), service: service(), experience: experience() }
                .render()
                .unwrap(),
        ),
        (
            "service-closed",
            catalogue::ServicePage {
                f: anyone(),
                card: card(),
                service: closed_service(),
                experience: Experience::default(),
            }
            .render()
            .unwrap(),
        ),
        ("passport", passport(anyone())),
        ("forms", forms(anyone())),
        ("eligibility", eligibility(anyone())),
        ("eligible", eligible(anyone(), "eligible")),
        ("eligible-not", eligible(anyone(), "not")),
        ("start", start(citizen(), None)),
        ("start-draft", start(citizen(), Some("/x".into()))),
        ("start-company", start(for_company(citizen()), None)),
        ("registries", registries(citizen())),
        ("acting", acting(citizen())),
        ("acting-company", acting(for_company(citizen()))),
        ("question", single_question(citizen())),
        ("question-faulty", faulty_question(citizen())),
        ("question-changed", changed_question(citizen())),
        ("question-files", question_of_files(citizen())),
        ("question-moved", moved_question(citizen())),
        ("question-entries", question_of_entries(citizen())),
        ("files", files_page(citizen(), 4, "files-wrong-kind")),
        ("files-full", files_page(citizen(), 2, "files-too-many")),
        ("files-none", files_page(citizen(), 0, "")),
        ("parts", parts(citizen())),
        ("check", check(citizen())),
        ("rating", rating_page(citizen())),
        ("own-data", own_data::OwnDataPage { f: citizen() }.render().unwrap()),
        ("officer-ratings", ratings(officer())),
        ("pay", pay(citizen())),
        (
            "leave",
            paying::LeavePage {
                f: citizen(),
                url: "https://pay.example/1".into(),
                host: "pay.example".into(),
                base: "/x".into(),
            }
            .render()
            .unwrap(),
        ),
        (
            "returned",
            paying::ReturnedPage { f: citizen(), base: "/x".into(), number: "justice-2026-17".into() }
                .render()
                .unwrap(),
        ),
        (
            "confirmation",
            submit::ConfirmationPage { f: citizen(), case: case("running"), base: "/x".into() }.render().unwrap(),
        ),
        ("applications", list(citizen(), false)),
        ("applications-represented", list(citizen(), true)),
        ("applications-represented-company", list(for_company(citizen()), true)),
        ("application", application(citizen())),
        ("tracking", tracking(citizen())),
        ("asked", asked(citizen(), "waiting")),
        ("asked-company", asked(for_company(citizen()), "waiting")),
        ("asked-declined", asked(citizen(), "declined")),
        ("asked-agreed", asked(citizen(), "consented")),
        ("asked-check", agreeing(citizen())),
        ("asked-decline", declining(citizen())),
        ("questioned", questioned(citizen())),
        ("answer", answer(citizen())),
        (
            "discard",
            applications::DiscardPage {
                f: citizen(),
                case: case("draft"),
                base: "/x".into(),
                typed: false,
                missing: false,
            }
            .render()
            .unwrap(),
        ),
        ("withdraw", withdrawing(citizen())),
        ("erased", erased(citizen())),
        ("subject", subject(citizen())),
        ("inbox", inbox(citizen())),
        ("preferences", preferred(citizen())),
        ("why", why(citizen())),
        ("data-use", data_use(citizen())),
        (
            "verify",
            verify::VerifyPage { f: anyone(), number: HOSTILE.into(), error: "verify-code-missing" }.render().unwrap(),
        ),
        ("verdict", verdict(anyone())),
        ("twin", twin(anyone())),
        ("queue", queue(officer())),
        ("task", task(officer())),
        ("rules", rules(officer())),
        ("claimed", claimed(officer())),
        ("second", second(officer())),
        ("sent-back", sent_back(officer())),
        ("preview", preview(officer())),
        ("together", together(officer(), super::officer::Stage::Choose)),
        ("together-check", together(officer(), super::officer::Stage::Check)),
        ("together-done", together(officer(), super::officer::Stage::Done)),
        ("ask", ask(officer())),
        ("awaiting", awaiting(officer())),
        ("opinions", opinions(officer())),
        ("opinion-requested", requested(officer())),
        ("opinion-request", request(officer())),
        ("officer-search", search(officer())),
        ("paper", paper::services(officer())),
        ("paper-none", paper::nothing(officer())),
        ("paper-take", paper::take(officer())),
        ("paper-closed", paper::closed(officer())),
        ("paper-check", paper::check(officer())),
        ("paper-check-ex-officio", paper::check_ex_officio(officer())),
        ("paper-sent", paper::sent(officer())),
        ("paper-discard", paper::discard(officer())),
        ("paper-taken-in", paper::taken_in(citizen())),
        ("paper-kept-off", paper::kept_off(officer())),
        ("paper-identify", paper::identify(officer())),
        ("load", load(officer())),
        ("held", held(officer())),
        ("ahead", ahead(officer())),
        ("stuck", stuck(officer())),
        ("events", events(officer())),
        ("messages", messages(officer())),
        ("reason", reason(officer())),
        ("decided", decided(officer())),
        ("file-preview", file_preview(officer())),
        ("file-preview-own", file_preview(citizen())),
        ("recall", recall(officer())),
        ("recall-proposed", recall_proposed(officer())),
        ("recall-replacing", recall_replacing(officer())),
        ("correct", correct(officer())),
        ("reissue", reissue(officer())),
        ("seals", seals(officer())),
        ("sealed", sealed(officer())),
        ("grants", grants(officer())),
        ("audit", audit::form(officer())),
        ("audit-faulty", audit::faulty(officer())),
        ("audit-found", audit::found(officer())),
        ("audit-act", audit::one(officer())),
        ("records", audit::kept(officer())),
        ("finance", finance::waiting(officer())),
        ("finance-refunds", finance::refunds(officer())),
        ("finance-payments", finance::payments(officer())),
        ("finance-payments-amount", finance::payments_by_amount(officer())),
        ("cash", cash::counter(officer())),
        ("cash-before", cash::before(officer())),
        ("cash-refused", cash::refused(officer())),
        ("cash-receipt", cash::receipt(officer())),
        ("finance-payment", finance::payment(officer())),
        ("finance-settlement", finance::settlement(officer())),
        ("finance-days", finance::days(officer())),
        ("finance-day", finance::day(officer())),
        ("staff", staff::list(officer())),
        ("staff-nobody", staff::nobody(officer())),
        ("staff-invite", staff::invite(officer())),
        ("staff-invited", staff::invited(officer())),
        ("staff-officer", staff::officer(officer())),
        ("staff-oneself", staff::oneself(officer())),
        ("publication", publication::list(officer())),
        ("publication-nobody", publication::nobody(officer())),
        ("publication-open", publication::open(officer())),
        ("publication-spoken", publication::spoken(officer())),
        ("fault", super::fault::sample(anyone())),
        ("help", catalogue::HelpPage { f: anyone(), code: "portal.not-found".into() }.render().unwrap()),
        ("accessibility", catalogue::AccessibilityPage { f: anyone() }.render().unwrap()),
    ]
}

#[test]
fn what_people_typed_is_never_markup() {
    for (name, html) in pages(Language::Uz) {
        assert!(!html.contains(HOSTILE) && !html.contains(&format!("href=\"{SCRIPT_LINK}")), "{name}");
        assert!(!html.contains("style=") && !html.contains(" onclick"), "{name}: the policy would refuse it");
    }
}

#[test]
fn a_form_of_the_state_stands_with_its_owner_act_version_and_the_services_that_use_it() {
    let html = forms(frame(Language::En, None));
    for part in [
        "id=\"form-01\"",
        "Owner: Adliya vazirligi",
        "Version 2016-11-14",
        "href=\"https://lex.uz\"",
        "href=\"/services/justice/marriage-certificate-copy\"",
        "other services: 3",
        "href=\"/forms?after=form-02\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("href=\"javascript"), "{html}");
    assert!(passport(frame(Language::En, None)).contains("href=\"/forms#form-0a\""));
}

#[test]
fn a_passport_says_of_every_fee_that_is_kept_that_it_is_whether_a_law_is_named_or_not() {
    let html = passport(frame(Language::En, None));
    assert_eq!(html.matches("It is kept even if you are refused.").count(), 2);
}

#[test]
fn where_an_office_says_that_it_is_closed_it_says_that_no_decision_is_due_later_for_it() {
    let (_, html) = pages(Language::En).into_iter().find(|(name, _)| *name == "service").unwrap();
    assert!(html.contains("Closed on") && html.contains("A decision is not due any later because of it."), "{html}");
}

#[test]
fn whoever_acts_for_a_company_is_not_told_that_nobody_acts_for_it() {
    let citizen = || frame(Language::En, Some(Kind::Citizen));
    let company = list(for_company(citizen()), true);
    assert!(company.contains("You act for a company now") && !company.contains("Nobody acts for you"), "{company}");
    let link = "/applications?represented=yes";
    assert!(acting(citizen()).contains(link) && !acting(for_company(citizen())).contains(link));
}

#[test]
fn whoever_directs_a_company_that_is_asked_reads_that_the_company_is_and_not_they() {
    let citizen = || frame(Language::En, Some(Kind::Citizen));
    let (own, company) = (asked(citizen(), "waiting"), asked(for_company(citizen()), "waiting"));
    assert!(own.contains("needs your agreement"), "{own}");
    assert!(company.contains("the agreement of the company for which you act"), "{company}");
    assert!(!company.contains("needs your agreement"), "{company}");
}

#[test]
fn whom_an_application_is_about_reads_that_it_is_and_nothing_of_it() {
    let citizen = frame(Language::En, Some(Kind::Citizen));
    let (whole, html) = (case("about"), subject(citizen));
    assert!(html.contains("what it says is not shown to you") && html.contains("/data-use"), "{html}");
    assert!(!whole.number.is_empty() && !html.contains(&whole.number), "{html}");
    assert!(!whole.office.is_empty() && !html.contains(&whole.office), "{html}");
}

#[test]
fn whoever_leads_reads_of_each_event_that_began_no_case_why_in_their_language_and_with_its_code() {
    for (language, why) in [
        (Language::Uz, "Hodisada xizmatga kerak narsa yoʻq."),
        (Language::Ru, "В событии нет того, что нужно услуге."),
        (Language::En, "The event does not say what the service needs."),
    ] {
        let html = events(frame(language, Some(Kind::Officer)));
        assert!(html.contains(why) && html.contains("start.event-data"), "{}: {html}", language.tag());
        assert!(html.contains("birth-2026-118"), "{}: {html}", language.tag());
    }
}

#[test]
fn the_way_to_applications_on_paper_is_shown_to_whoever_takes_them_in_alone() {
    for papers in [true, false] {
        let html = queue_page(frame(Language::En, Some(Kind::Officer)), papers).render().unwrap();
        assert_eq!(html.contains("href=\"/officer/paper\""), papers, "{html}");
    }
}

#[test]
fn what_a_registry_was_asked_for_is_said_in_the_readers_language() {
    let asked = |language: Language| {
        let words = |said: &str| {
            let said = [("uz", "Toʻldirish"), ("ru", "Заполнить")]
                .map(|(tag, word)| (tag.to_owned(), format!("{said}: {word}")));
            Some(proto::Text { by_language: said.into() })
        };
        let row = proto::exchange::v1::DataUseRow {
            kind: "call".into(),
            purpose_text: words("Why"),
            legal_basis_text: words("Law"),
            ..Default::default()
        };
        let older =
            proto::exchange::v1::DataUseRow { purpose_text: None, purpose: "Kept as it was".into(), ..row.clone() };
        let pages = super::pages::Pages::of("/data-use", "", "");
        super::account::DataUsePage { f: frame(language, None), rows: vec![row, older], pages }.render().unwrap()
    };
    for (language, word) in [(Language::Uz, "Toʻldirish"), (Language::Ru, "Заполнить"), (Language::En, "Toʻldirish")]
    {
        let html = asked(language);
        for said in [format!("Why: {word}"), format!("Law: {word}"), "Kept as it was".to_owned()] {
            assert!(html.contains(&said), "{}: {said}", language.tag());
        }
    }
}

#[test]
fn which_registries_are_asked_is_told_above_the_button_that_begins() {
    for draft in [None, Some("/x".to_owned())] {
        let html = start(frame(Language::En, Some(Kind::Citizen)), draft);
        let (above, _) = html.split_once("<button class=\"govuk-button\"").unwrap();
        for words in [
            "you confirm that you have read what is taken and why",
            "At most this is taken: Sana, FHDYo boʻlimi",
            "Why: Nikoh yozuvini topish",
            "Legal basis: <a class=\"govuk-link\" href=\"https://lex.uz\"",
        ] {
            assert!(above.contains(words), "{words}: {html}");
        }
        assert_eq!(above.matches("Why: ").count(), 2, "once each: {html}");
    }
}

#[test]
fn the_calendar_gets_the_day_by_law_where_it_is_told() {
    let citizen = || frame(Language::En, Some(Kind::Citizen));
    let confirmed =
        submit::ConfirmationPage { f: citizen(), case: case("running"), base: "/x".into() }.render().unwrap();
    let (running, ended) = (tracking(citizen()), application(citizen()));
    assert!(!ended.contains("/x/calendar"), "{ended}");
    for (html, words) in [(confirmed, "Add the date to your calendar"), (running, "Add the date to your calendar")] {
        let link = format!("<a class=\"govuk-link\" href=\"/x/calendar\" download>{words}");
        assert_eq!((html.matches(&link).count(), html.matches("/x/calendar").count()), (1, 1), "{html}");
    }
}

#[test]
fn every_page_says_its_language_and_has_one_heading() {
    for language in Language::ALL {
        for (name, html) in pages(language) {
            let opening = format!("<html class=\"govuk-template\" lang=\"{}\"", language.html_tag());
            assert!(html.contains(&opening), "{name}");
            assert_eq!(html.matches("<h1").count(), 1, "{name} in {}", language.tag());
        }
    }
}

#[test]
fn ids_are_unique_and_every_label_finds_its_input() {
    let values = |html: &str, attribute: &str| -> Vec<String> {
        let opening = format!(" {attribute}=\"");
        let parts = html.split(&opening).skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
    };
    for (name, html) in pages(Language::En) {
        let mut ids = values(&html, "id");
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: an id is given twice");
        for target in values(&html, "for") {
            assert!(ids.contains(&target), "{name}: no input {target}");
        }
        for target in values(&html, "aria-describedby").iter().flat_map(|list| list.split(' ')) {
            assert!(ids.iter().any(|id| id == target), "{name}: no description {target}");
        }
        for target in values(&html, "href").iter().filter_map(|target| target.strip_prefix('#')) {
            assert!(ids.iter().any(|id| id == target), "{name}: the link to #{target} leads nowhere");
        }
    }
}

/// What whoever has no style and no script yet gets with a page.
fn brought(assets: &[&web::Asset]) -> usize {
    const HEAD_BYTES: usize = 700;
    assets.iter().map(|asset| asset.gzip.len() + HEAD_BYTES).sum()
}

#[tokio::test]
async fn a_first_view_weighs_at_most_twenty_kilobytes() {
    for language in Language::ALL {
        for (name, html) in pages(language) {
            let every = brought(&[&assets::CSS_FILE, &assets::JS_FILE]);
            // Some pages have a script more.
            let more = if html.contains(assets::UPLOAD) { brought(&[&assets::UPLOAD_FILE]) } else { 0 };
            let bytes = weight(language, html).await + every + more;
            assert!(bytes <= 20_000, "{name} in {}: {bytes} bytes", language.tag());
        }
    }
}

/// Officers work at a desk; and a passport is read for itself, not passed on the way to something.
#[tokio::test]
async fn a_repeat_view_weighs_at_most_four_kilobytes_and_an_officers_at_most_five() {
    for language in Language::ALL {
        for (name, html) in pages(language) {
            let most = if html.contains("xz-header__note") || name == "passport" { 5_000 } else { 4_000 };
            let bytes = weight(language, html).await;
            assert!(bytes <= most, "{name} in {}: {bytes} bytes, not {most}", language.tag());
        }
    }
}

/// A page's bytes on the wire, compressed and with everything that is said of it, as HTTP/1.1 over TLS has them.
async fn weight(language: Language, html: String) -> usize {
    /// Status, date and how the body is cut, which the server adds.
    const FRAMING_BYTES: usize = 100;
    let page = move || async move { ([(header::CONTENT_LANGUAGE, language.html_tag())], Html(html)) };
    let secure = from_fn_with_state(web::Secure { https: true }, web::secure);
    let router = Router::new().route("/", get(page)).layer(web::compression()).layer(secure);
    let request = Request::get("/").header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    assert_eq!(head.headers[header::CONTENT_ENCODING], "gzip");
    let lines = head.headers.iter().map(|(name, value)| format!("{name}: \r\n").len() + value.len());
    lines.sum::<usize>() + to_bytes(body, usize::MAX).await.unwrap().len() + FRAMING_BYTES
}

#[test]
fn pages_can_be_written_out_to_be_looked_at() {
    let Some(folder) = std::env::var_os("XIZMAT_PAGES").map(PathBuf::from) else { return };
    fs::create_dir_all(folder.join("assets")).unwrap();
    for asset in assets::ALL {
        fs::write(folder.join("assets").join(asset.name), asset.plain).unwrap();
    }
    // As other services' pages link to it.
    fs::write(folder.join("assets/govuk.css"), assets::CSS_FILE.plain).unwrap();
    for language in Language::ALL {
        for (name, html) in pages(language) {
            let html = html.replace("\"/assets/", "\"assets/");
            fs::write(folder.join(format!("{name}-{}.html", language.tag())), html).unwrap();
        }
    }
}
