//! A service that decides by itself where the register is clean, and asks an officer where it is not.

use tests::{
    citizen::{Citizen, answered, case_of},
    officer::{Officer, task_of},
    platform::Platform,
    shared,
    traces::Traces,
    visitor::Page,
};

use crate::queue::until;

const SERVICE: &str = "services/interior/no-criminal-record";

async fn applied(platform: &Platform, person: &str) -> (Citizen, kernel::CaseId) {
    let mut citizen = Citizen::sign_in(platform, person, "kaa").await;
    citizen.service = SERVICE;
    let page = citizen.begin().await;
    let case = case_of(&page.url);
    let check = citizen.answer(page, &[("use.kind", "work")]).await;
    let sent = citizen.visitor.send(&check.form("/check")).await;
    assert!(sent.status.is_success(), "{} on {}:\n{}", sent.status, sent.url, sent.text());
    (citizen, case)
}

#[test]
fn who_has_no_record_gets_the_certificate_without_anybody_deciding() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (mut citizen, case) = applied(&platform, "botir").await;
        let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        assert!(page.shows("Maǵlıwmatnama berildi"), "{}", page.text());
        citizen.document(&page).await;
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[]).await;
        let tasks = traces.count("eservice", case, "SELECT count(*) FROM case_tasks WHERE case_id = $1").await;
        assert_eq!(tasks, 0, "nobody was asked");
    });
}

#[test]
fn who_had_another_name_gets_it_from_an_inspector_for_the_register_was_not_asked_under_it() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (mut citizen, case) = applied(&platform, "dilnoza").await;
        let mut inspector = Officer::of(&platform, "inspector").await;
        let task = inspector.task(case).await;
        assert!(task.shows("Rahimova Dilnoza Rustamovna"), "the officer reads what it was:\n{}", task.text());
        for words in
            ["A rule chooses the way", "None of the rules of this step held.", "Single register of convictions, "]
        {
            assert!(task.shows(words), "why it came to them is told: {words:?}\n{}", task.text());
        }
        inspector.decide(case, "approve", &[]).await;
        citizen.until_told(case, "Maǵlıwmatnama berildi").await;
        Traces::of(&platform).nothing_is_left(case, "granted").await;
    });
}

#[test]
fn one_press_takes_the_next_case_the_same_press_no_other_and_two_who_press_at_once_take_two() {
    shared::walk(async {
        let narrowed = "/officer?agency=interior&service=no-criminal-record";
        // Of its own: elsewhere others wait for a decision, too.
        let platform = Platform::start().await;
        let traces = Traces::of(&platform);
        let (_, first) = applied(&platform, "dilnoza").await;
        let (_, second) = applied(&platform, "rustam").await;
        let both = |page: &Page| [first, second].iter().all(|case| task_of(page, *case).is_some());
        let mut one = Officer::of(&platform, "inspector").await;
        let mut other = Officer::of(&platform, "inspector-second").await;
        let press = until(&mut one, narrowed, both).await.form("/officer/next");
        let rival = until(&mut other, narrowed, both).await.form("/officer/next");
        let (taken, theirs) = tokio::join!(one.visitor.send(&press), other.visitor.send(&rival));
        for page in [&taken, &theirs] {
            assert!(page.shows("You have this task") && page.has_input("_outcome"), "{}", page.text());
        }
        assert_ne!(taken.url.path(), theirs.url.path(), "nobody takes what a colleague has");
        let again = one.visitor.send(&press).await;
        assert_eq!(again.url.path(), taken.url.path(), "the same press takes nothing more");

        let forms = [(&mut one, &taken), (&mut other, &theirs)];
        for (officer, task) in forms {
            let form = task.form("/officer/tasks/").set("_outcome", "approve");
            let decided = officer.visitor.send(&form).await;
            assert!(decided.shows("Your decision has been recorded."), "{}", decided.text());
            let narrowed =
                decided.url.query_pairs().any(|pair| pair == ("service".into(), "no-criminal-record".into()));
            assert!(narrowed, "back where they came from: {}", decided.url);
            let nothing = officer.visitor.send(&decided.form("/officer/next")).await;
            assert!(nothing.shows("Your own queue has no case here that you can take."), "{}", nothing.text());
        }
        for case in [first, second] {
            traces.nothing_is_left(case, "granted").await;
            let mut acts = traces.acts("eservice", case).await;
            acts.retain(|act| act.starts_with("task."));
            assert_eq!(acts, ["task.claimed", "task.decided"]);
        }
    });
}

#[test]
fn a_match_goes_to_an_inspector_who_refuses_with_the_article() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (mut citizen, case) = applied(&platform, "rustam").await;
        let mut inspector = Officer::of(&platform, "inspector").await;
        let task = inspector.task(case).await;
        assert!(task.shows("169-modda, 2-qism"), "the officer reads what the court has:\n{}", task.text());
        inspector.decide(case, "refuse", &[("_reasons:refuse", "convicted")]).await;
        let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        assert!(page.shows("Jinoyat kodeksi, 77-modda"), "{}", page.text());
        Traces::of(&platform).nothing_is_left(case, "rejected").await;
    });
}

#[test]
fn a_refusal_is_appealed_and_another_inspector_allows_it() {
    shared::walk(async {
        const WHY: &str = "The regional court quashed the judgment on 2 March.";
        let platform = shared::platform().await;
        let (mut citizen, case) = applied(&platform, "rustam").await;
        let mut first = Officer::of(&platform, "inspector").await;
        first.decide(case, "refuse", &[("_reasons:refuse", "convicted")]).await;
        let page = citizen.until_told(case, "Qarar ústinen shaǵım etiw").await;

        let question = citizen.visitor.send(&page.form("/onward/appeal")).await;
        assert!(question.url.path().ends_with("/pages/grounds"), "{}:\n{}", question.url, question.text());
        let appeal = case_of(&question.url);
        let check = citizen.answer(question, &[("appeal.grounds", WHY)]).await;
        let sent = citizen.visitor.send(&check.form("/check")).await;
        assert!(sent.url.path().ends_with("/confirmation"), "{}:\n{}", sent.url, sent.text());

        let mut second = Officer::of(&platform, "inspector-second").await;
        let task = second.task(appeal).await;
        for words in [WHY, "There is a conviction that is not spent"] {
            assert!(task.shows(words), "{words:?} is missing:\n{}", task.text());
        }
        assert_eq!(first.find(appeal).await, None, "whoever refused it does not find it");
        second.decide(appeal, "allow", &[]).await;
        let page = citizen.until_told(appeal, "Maǵlıwmatnama berildi").await;
        citizen.document(&page).await;
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "rejected").await;
        traces.nothing_is_left(appeal, "granted").await;
    });
}

#[test]
fn a_granted_certificate_is_asked_for_again_with_one_press_and_the_first_one_stays() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (mut citizen, first) = applied(&platform, "botir").await;
        let page = citizen.until_told(first, "Jańa maǵlıwmatnama alıw").await;
        let question = citizen.visitor.send(&page.form("/onward/renew")).await;
        assert!(question.url.path().ends_with("/pages/use"), "{}:\n{}", question.url, question.text());
        let kept = question.form("/pages/");
        assert_eq!(kept.get("use.kind"), Some("work"), "what was answered is there:\n{}", question.html);
        let again = case_of(&question.url);
        let check = citizen.answer(question, &[]).await;
        citizen.visitor.send(&check.form("/check")).await;
        for case in [again, first] {
            let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
            citizen.document(&page).await;
        }
        let traces = Traces::of(&platform);
        traces.nothing_is_left(first, "granted").await;
        traces.nothing_is_left(again, "granted").await;
    });
}

#[test]
fn what_the_archive_knows_of_a_name_is_shown_with_its_source_and_can_be_called_wrong() {
    shared::walk(async {
        const KNOWN: &str = "Nazarov Rustam Akmalovich";
        const RIGHT: &str = "Nazirov Rustam Akmalovich";
        const NAME: &str = "formerName.name";
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "rustam", "kaa").await;
        citizen.service = SERVICE;
        let page = citizen.begin().await;
        let case = case_of(&page.url);
        let fact = citizen.visitor.send(&answered(&page, &[("use.kind", "work")])).await;
        assert!(fact.url.path().ends_with("/pages/name"), "{}:\n{}", fact.url, fact.text());
        for words in [KNOWN, "Puqaralıq halatı aktleriniń birden-bir elektron arxivi"] {
            assert!(fact.shows(words), "{words:?} is missing:\n{}", fact.text());
        }
        assert!(!fact.has_input(NAME), "what is known is not asked for:\n{}", fact.html);

        let asked = citizen.visitor.send(&fact.form("/pages/").set("_disputed", NAME)).await;
        assert!(asked.has_input(NAME) && !asked.has_errors() && asked.shows(KNOWN), "{}", asked.text());
        let check = citizen.visitor.send(&asked.form("/pages/").set(NAME, RIGHT)).await;
        assert!(check.url.path().ends_with("/check") && check.shows(RIGHT), "{}:\n{}", check.url, check.text());
        citizen.visitor.send(&check.form("/check")).await;

        let mut inspector = Officer::of(&platform, "inspector").await;
        let task = inspector.task(case).await;
        for words in [KNOWN, RIGHT, "The applicant says this is wrong"] {
            assert!(task.shows(words), "{words:?} is missing:\n{}", task.text());
        }
        inspector.decide(case, "approve", &[]).await;
        citizen.until_told(case, "Maǵlıwmatnama berildi").await;
        Traces::of(&platform).nothing_is_left(case, "granted").await;
    });
}
