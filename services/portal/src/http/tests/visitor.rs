//! Plausible data of the pages that anybody sees, from the home page to the verdict on a document.

use std::collections::BTreeMap;

use askama::Template;
use proto::{eservice::v1 as eservice, register::v1 as register};

use super::{DAY, HOSTILE, NOW, SCRIPT_LINK, text};
use crate::http::{
    catalogue, eligibility as checking, forms as prescribed, frame::Frame, pages, passport as passports,
    registries as asking, start as starting, twin, verify,
};

pub fn sum() -> proto::Money {
    proto::Money { minor: 4_120_000, currency: "UZS".into() }
}

pub fn own(words: &str) -> Option<proto::Text> {
    Some(proto::Text { by_language: BTreeMap::from([("uz".to_owned(), words.to_owned())]) })
}

pub fn card() -> register::ServiceCard {
    register::ServiceCard {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        title: "Nikoh guvohnomasi nusxasi".into(),
        summary: "Nikoh tuzilganligi haqidagi guvohnomaning takroriy nusxasini onlayn oling.".into(),
        agency_title: "Adliya vazirligi".into(),
        level: "hosted".into(),
        paper_role: "registrar".into(),
    }
}

pub fn service() -> register::ServicePage {
    register::ServicePage {
        card: Some(card()),
        legal_basis: vec![register::Link {
            title: "Oila kodeksi, 14-modda".into(),
            uri: "https://lex.uz/docs/104720".into(),
        }],
        fees: vec![register::Fee { title: "Davlat boji".into(), amount: Some(sum()), earned: "onResult".into() }],
        promised: "3 ish kuni".into(),
        assurance: "substantial".into(),
        audience: vec!["citizens".into()],
        documents: vec!["Nikoh guvohnomasining takroriy nusxasi (PDF)".into()],
        needs: vec!["Nikoh qayd etilgan sana va FHDYO boʻlimi".into()],
        offices: vec![register::Office {
            name: "yunusobod".into(),
            title: "Yunusobod tumani FHDYO boʻlimi".into(),
            area: "1726266".into(),
            address: "Toshkent, Amir Temur koʻchasi 95".into(),
            hours: "Dushanba–juma, 9:00–18:00".into(),
            phone: "+998712000000".into(),
            closed: vec![register::ClosedDay { date: "2026-12-30".into(), reason: "Taʼmirlash".into() }],
        }],
        mandates: vec!["attorney".into(), "parent".into()],
        eligibility: questions(),
        ..Default::default()
    }
}

/// Enough cases and ratings to tell of them.
pub fn experience() -> eservice::Experience {
    eservice::Experience { decided: 200, half_days: 0, nine_of_ten_days: 4, rated: 37, score_hundredths: 426 }
}

fn questions() -> Vec<register::EligibilityQuestion> {
    let option = |value: &str, label: &str, hint: &str| register::EligibilityOption {
        value: value.into(),
        label: label.into(),
        hint: hint.into(),
    };
    let question = |name: &str, label: &str, hint: &str, options| register::EligibilityQuestion {
        name: name.into(),
        label: label.into(),
        hint: hint.into(),
        options,
    };
    let whose = vec![option("own", "Oʻzimniki", ""), option("parents", "Ota-onamniki", HOSTILE)];
    vec![
        question("registeredHere", "Nikoh Oʻzbekistonda qayd etilganmi?", "", Vec::new()),
        question("whose", HOSTILE, "Guvohnomada koʻrsatilgan shaxslar", whose),
    ]
}

/// The check before the start: one question was left out.
pub fn eligibility(f: Frame) -> String {
    let answers = BTreeMap::from([("whose".to_owned(), "parents".to_owned())]);
    let asked = checking::asked(&f, &service(), &answers, &["registeredHere".to_owned()]);
    checking::EligibilityPage { f, card: card(), path: "/x".into(), asked }.render().unwrap()
}

pub fn eligible(f: Frame, outcome: &str) -> String {
    let answers =
        BTreeMap::from([("whose".to_owned(), "own".to_owned()), ("registeredHere".to_owned(), "true".to_owned())]);
    let asked = checking::asked(&f, &service(), &answers, &[]);
    let verdict = register::EligibilityVerdict {
        outcome: outcome.into(),
        text: HOSTILE.into(),
        legal_basis: service().legal_basis.pop(),
        instead: "Nikoh qayd etilgan davlatning elchixonasiga murojaat qiling.".into(),
        ..Default::default()
    };
    checking::VerdictPage { f, card: card(), path: "/x".into(), asked, verdict, open: true }.render().unwrap()
}

pub fn closed_service() -> register::ServicePage {
    register::ServicePage { closed: "unhealthy".into(), ..service() }
}

/// Two revisions, the second of which changed a fee and a question.
pub fn passport(f: Frame) -> String {
    let change = |section: &str, item: &str, what: &str, kind: &str| register::RevisionChange {
        section: section.into(),
        item: item.into(),
        what: what.into(),
        kind: kind.into(),
    };
    let revision = |number: u8, changes: Vec<register::RevisionChange>| register::PassportRevision {
        revision: vec![number; 32],
        admitted_us: NOW - i64::from(number) * DAY,
        effective_from: "2026-12-01".into(),
        share: if number == 1 { 25 } else { 100 },
        change: if changes.is_empty() { "first".into() } else { "law".into() },
        current: number == 2,
        changes,
        untold: 3,
        ..Default::default()
    };
    let law = || {
        Some(register::Link { title: "Davlat boji toʻgʻrisidagi qonun".into(), uri: "https://lex.uz/docs/1".into() })
    };
    let waiver = register::PassportWaiver {
        title: "Nogironligi boʻlganlar".into(),
        when: "“Imtiyoz” – “Ha”".into(),
        rule: "bazaviy hisoblash miqdorining 5 foizi".into(),
        legal_basis: law(),
    };
    let fee = register::PassportFee {
        title: "Davlat boji".into(),
        rule: "bazaviy hisoblash miqdorining 10 foizi".into(),
        amount: Some(sum()),
        earned: "onReview".into(),
        legal_basis: law(),
        waivers: vec![waiver],
    };
    // Nobody named a law for it.
    let lawless = register::PassportFee { legal_basis: None, waivers: Vec::new(), ..fee.clone() };
    let changes = vec![change("fees", HOSTILE, "changed", "law"), change("", "", "moved", "presentation")];
    let passport = register::Passport {
        agency_uri: "https://adliya.uz".into(),
        agency_phone: "+998 71 233 44 55".into(),
        fees: vec![fee, lawless],
        effective_from: "2026-01-01".into(),
        act: law(),
        opens: "2026-01-01".into(),
        closes: "2026-12-31".into(),
        questions: vec!["Nikoh qayd etilgan sana".into(), HOSTILE.into()],
        evidence: vec!["Pasport nusxasi".into()],
        forms: vec![register::PassportForm {
            title: "Takroriy guvohnoma olish uchun ariza".into(),
            owner: "Adliya vazirligi".into(),
            version: "2".into(),
            legal_basis: Some(register::Link { title: "387-son qaror, ilova".into(), uri: "https://lex.uz".into() }),
            uri: "https://adliya.uz/blank".into(),
            key: "form-0a".into(),
        }],
        registries: vec![register::AskedRegistry {
            registry: "civil-status".into(),
            purpose: "Nikoh yozuvini tekshirish".into(),
            legal_basis: law(),
        }],
        purpose: "Nikoh yozuvini topish".into(),
        kept: "5 yil".into(),
        drafts_kept: "30 kun".into(),
        kept_by: law(),
        documents: vec![register::PassportDocument { title: "Nusxa".into(), valid_for: "1 yil".into() }],
        revisions: vec![revision(1, changes), revision(2, Vec::new())],
        drafts: vec!["kaa".into(), "en".into()],
        ..Default::default()
    };
    let pages = pages::Pages::of("/services/justice/x/passport", "", "0a");
    passports::PassportPage { f, card: card(), service: service(), passport, pages }.render().unwrap()
}

/// Of two owners, one without a link and used by many.
pub fn forms(f: Frame) -> String {
    let form = |number: u8, title: &str, uri: &str, untold: i32| register::StateForm {
        form: Some(register::PassportForm {
            title: title.into(),
            owner: "Adliya vazirligi".into(),
            version: "2016-11-14".into(),
            legal_basis: Some(register::Link { title: "387-son qaror, ilova".into(), uri: "https://lex.uz".into() }),
            uri: uri.into(),
            key: format!("form-{number:02x}"),
        }),
        services: vec![register::FormService {
            agency: "justice".into(),
            service: "marriage-certificate-copy".into(),
            title: card().title,
        }],
        untold,
    };
    let told = [
        form(1, "Takroriy guvohnoma olish uchun ariza", "https://adliya.uz/blank", 0),
        form(2, HOSTILE, "javascript:alert(1)", 3),
    ];
    let pages = pages::Pages::of("/forms", "", "form-02");
    prescribed::FormsPage { f, forms: told.map(prescribed::Entry::of).into(), pages }.render().unwrap()
}

pub fn life_events() -> Vec<register::LifeEvent> {
    let event =
        |name: &str, title: &str, services| register::LifeEvent { name: name.into(), title: title.into(), services };
    vec![
        event("marriage", "Nikoh va oila", 1),
        event("child", "Farzand tugʻilishi", 4),
        event("home", "Uy-joy", 5),
        event("business", "Tadbirkorlik boshlash", 12),
    ]
}

pub fn home(f: Frame) -> String {
    let unfinished = catalogue::Unfinished { title: card().title, href: "/x".into(), key: "home-unfinished-draft" };
    catalogue::HomePage { f, life_events: life_events(), services: vec![card(); 3], unfinished: vec![unfinished] }
        .render()
        .unwrap()
}

pub fn start(f: Frame, draft: Option<String>) -> String {
    let path = text("/services/justice/x");
    let problem = text(if draft.is_some() { "unknown" } else { "" });
    starting::StartPage {
        f,
        service: service(),
        title: card().title,
        path,
        draft,
        draft_opened: NOW,
        unanswered: false,
        record: text(HOSTILE),
        problem,
        about_child: false,
        children: vec![eservice::Principal { record: "2015-1".into(), name: HOSTILE.into() }],
        children_away: true,
        registries: asked_registries(),
        registries_away: false,
    }
    .render()
    .unwrap()
}

/// One under an act whose text can be read, one whose owner does not say what it tells.
pub fn asked_registries() -> Vec<eservice::AskedRegistry> {
    let filling = eservice::AskedRegistry {
        title: "Fuqarolik holati dalolatnomalari yagona elektron arxivi".into(),
        fields: vec!["Sana".into(), "FHDYo boʻlimi".into()],
        purpose: "Nikoh yozuvini topish va guvohnoma nusxasini berish".into(),
        legal_basis: "Vazirlar Mahkamasining 2016-yil 14-noyabrdagi 387-son qarori".into(),
        uri: "https://lex.uz".into(),
    };
    let called =
        eservice::AskedRegistry { title: HOSTILE.into(), fields: vec![], uri: SCRIPT_LINK.into(), ..filling.clone() };
    vec![filling, called]
}

pub fn registries(f: Frame) -> String {
    asking::RegistriesPage { f, base: "/x".into(), registries: asked_registries() }.render().unwrap()
}

pub fn verdict(f: Frame) -> String {
    let finding = |state: &str| Some(proto::signing::v1::Finding { state: state.into(), ..Default::default() });
    let verdict = proto::signing::v1::Verdict {
        verdict: "valid".into(),
        integrity: finding("ok"),
        issuer: finding("ok"),
        time: finding("not-checked"),
        withdrawn: finding("failed"),
        number: "justice-2026-17".into(),
        kind: "Nikoh guvohnomasi nusxasi".into(),
        agency_title: "Adliya vazirligi".into(),
        sealed_us: NOW,
        status: "superseded".into(),
        superseded_by: "justice-2026-18".into(),
        specimen: true,
        ..Default::default()
    };
    let html = verify::VerdictPage { f, verdict, code: HOSTILE.into() }.render().unwrap();
    assert!(html.contains("action=\"/verify/read\""), "{html}");
    html
}

/// A document that was replaced, read by its holder.
pub fn twin(f: Frame) -> String {
    let said = "<div lang=\"uz-Latn\"><p><strong>SPECIMEN</strong></p><h2>Nusxa</h2><table><tr><td>№</td><td>1</td></tr></table></div>";
    let page = twin::TwinPage {
        f,
        back: "/x".into(),
        title: HOSTILE.into(),
        number: "justice-2026-17".into(),
        status: "superseded".into(),
        reason: HOSTILE.into(),
        superseded_by: "justice-2026-18".into(),
        pdf: "/x/documents/1".into(),
        html: said.into(),
    };
    let html = page.render().unwrap();
    assert!(html.contains(said) && html.matches("<h1").count() == 1, "{html}");
    html
}
