//! Forms: hidden answers are dropped, facts are held, wrong answers are kept and told at their field.

use std::collections::BTreeSet;

use super::{FieldKind, page_view, review};
use crate::{
    CaseState, Command,
    command::SignedIn,
    decide,
    event::{Declared, What},
    sample::{Law, applicant, open, process, tuesday},
};

fn saved(pages: &[(&str, &[(&str, &str)])]) -> CaseState {
    let (process, law) = (process(), Law::new());
    let mut state = CaseState::absent(kernel::id::CaseId::from_bytes([1; 16]));
    let facts = law.at(tuesday(), 0);
    state = decide(&process, &state, &open(1), &facts).unwrap().state;
    for (page, values) in pages {
        let values = values.iter().map(|(at, text)| ((*at).to_owned(), (*text).to_owned())).collect();
        let command = Command::SaveAnswers { page: (*page).to_owned(), values, disputed: BTreeSet::new(), shown: None };
        state = decide(&process, &state, &command, &facts).unwrap().state;
    }
    state
}

fn problems(state: &CaseState) -> Vec<String> {
    let (process, law) = (process(), Law::new());
    let facts = law.at(tuesday(), 0);
    let form = super::current(&process, state).unwrap();
    let assessment = super::assess(&process, state, &facts, form);
    assessment.problems.iter().map(|problem| format!("{} {} {}", problem.page, problem.at, problem.code)).collect()
}

#[test]
fn hostile_and_wrong_answers_stay_as_typed_and_are_told_at_their_field() {
    let state = saved(&[
        (
            "shop",
            &[("shop.soato", "<script>alert(1)</script>"), ("shop.opened", "31.02.2020\0"), ("shop.phone", "nobody")],
        ),
        ("goods", &[("goods.kind", "weapons"), ("goods.stalls", "99"), ("goods.area", "0,5")]),
    ]);
    assert_eq!(state.answers["shop.soato"], "<script>alert(1)</script>");
    assert_eq!(state.answers["shop.opened"], "31.02.2020");
    assert_eq!(
        problems(&state),
        [
            "application/shop shop.opened field.date",
            "application/shop shop.phone field.phone",
            "application/goods goods.kind field.option",
            "application/shop shop.soato field.max-length",
            "application/goods goods.stalls field.maximum",
            "application/goods goods.area field.minimum",
        ]
    );
    assert_eq!(state.data, serde_json::json!({}));
}

#[test]
fn the_definitions_own_check_speaks_when_the_field_is_right_in_itself() {
    let state = saved(&[("shop", &[("shop.soato", "1726"), ("shop.opened", "01.01.2030")])]);
    assert!(problems(&state).contains(&"application/shop shop.opened field.check".to_owned()));
}

#[test]
fn hidden_answers_are_dropped_and_come_back_when_they_are_shown_again() {
    let goods = |kind: &'static str| -> (&'static str, Vec<(&'static str, &'static str)>) {
        ("goods", vec![("goods.kind", kind), ("goods.stalls", "1")])
    };
    let (page, alcohol) = goods("alcohol");
    let (_, food) = goods("food");
    let state = saved(&[(page, &alcohol), ("licence", &[("goods.licence", "AB-1")])]);
    assert_eq!(state.data["goods"]["licence"], "AB-1");
    let state = saved(&[(page, &alcohol), ("licence", &[("goods.licence", "AB-1")]), (page, &food)]);
    assert!(state.data["goods"].get("licence").is_none());
    let (process, law) = (process(), Law::new());
    assert!(page_view(&process, &state, &law.at(tuesday(), 0), "licence", "en", true).is_none());
    let state = saved(&[(page, &alcohol), ("licence", &[("goods.licence", "AB-1")]), (page, &food), (page, &alcohol)]);
    assert_eq!(state.data["goods"]["licence"], "AB-1");
}

#[test]
fn a_page_shows_kinds_values_and_where_it_stands() {
    let state = saved(&[("shop", &[("shop.soato", "1726")])]);
    let (process, law) = (process(), Law::new());
    let facts = law.at(tuesday(), 0);
    let shop = page_view(&process, &state, &facts, "shop", "en", true).unwrap();
    let kinds: Vec<FieldKind> = shop.fields.iter().map(|field| field.kind).collect();
    assert_eq!(kinds, [FieldKind::Text, FieldKind::Date, FieldKind::Phone]);
    assert_eq!(shop.fields[0].value, "1726");
    assert_eq!(shop.fields[1].problem.as_ref().unwrap().code, "field.required");
    assert_eq!(shop.sequence.back("shop"), None);
    assert_eq!(shop.sequence.next("shop"), Some("goods"));
    let goods = page_view(&process, &state, &facts, "goods", "en", false).unwrap();
    assert_eq!(goods.fields[0].kind, FieldKind::Radios);
    assert!(goods.fields.iter().all(|field| field.problem.is_none()));
    assert!(page_view(&process, &state, &facts, "nowhere", "en", false).is_none());
}

#[test]
fn what_is_shown_has_a_hash_that_changes_with_any_answer() {
    let (process, law) = (process(), Law::new());
    let facts = law.at(tuesday(), 0);
    let hash = |soato: &str| {
        let state = saved(&[("shop", &[("shop.soato", soato), ("shop.opened", "2020-01-01")])]);
        review(&process, &state, &facts, "en").unwrap().hash(&[])
    };
    assert_eq!(hash("1726"), hash("1726"));
    assert_ne!(hash("1726"), hash("1727"));
}

#[test]
fn a_save_writes_over_nothing_that_its_form_did_not_show() {
    let (process, law) = (process(), Law::new());
    let facts = law.at(tuesday(), 0);
    let state = saved(&[("shop", &[("shop.soato", "1726")])]);
    let shown = |page: &str| page_view(&process, &state, &facts, page, "en", false).unwrap().shown;
    let save = |page: &str, at: &str, text: &str, shown| {
        let values = [(at.to_owned(), text.to_owned())].into();
        let command =
            Command::SaveAnswers { page: page.to_owned(), values, disputed: BTreeSet::new(), shown: Some(shown) };
        decide(&process, &state, &command, &facts).map(|decision| decision.state.answers[at].clone())
    };
    let older = page_view(&process, &saved(&[]), &facts, "shop", "en", false).unwrap().shown;
    assert_ne!(older, shown("shop"));
    assert_eq!(save("shop", "shop.soato", "1703", older).unwrap_err().code, "form.page-changed");
    assert_eq!(save("shop", "shop.soato", " 1726 ", older).unwrap(), "1726", "the same answer again is no conflict");
    assert_eq!(save("shop", "shop.soato", "1703", shown("shop")).unwrap(), "1703");
    let untouched = page_view(&process, &saved(&[]), &facts, "goods", "en", false).unwrap().shown;
    assert_eq!(save("goods", "goods.kind", "food", untouched).unwrap(), "food", "another page did not change");
}

#[test]
fn a_submission_records_which_words_were_declared_and_under_which_sign_in() {
    let (process, law) = (process(), Law::new());
    let facts = law.at(tuesday(), 0);
    let state = saved(&[
        ("shop", &[("shop.soato", "1726"), ("shop.opened", "2020-01-01")]),
        ("goods", &[("goods.kind", "food"), ("goods.stalls", "1")]),
    ]);
    let signed_in = SignedIn { at: tuesday(), assurance: "substantial".to_owned() };
    let command = Command::Submit {
        number: "1".to_owned(),
        shown_hash: review(&process, &state, &facts, "en").unwrap().hash(&[]),
        by: applicant(),
        language: kernel::Language::En,
        mandate: None,
        signed_in: Some(signed_in.clone()),
    };
    let events = decide(&process, &state, &command, &facts).unwrap().events;
    let declared = events.iter().find_map(|event| match &event.what {
        What::Submitted { declared, .. } => declared.clone(),
        _ => None,
    });
    let text = Some(kernel::Hash::of(b"All of this is true"));
    assert_eq!(declared, Some(Declared { form: "application".to_owned(), text, signed_in: Some(signed_in) }));
}
