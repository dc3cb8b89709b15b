//! Officers decide: after reading in two clicks at most, two of them where the law asks for it, and several applications alike.

use kernel::CaseId;
use tests::{
    citizen::Citizen,
    officer::{Clicking, Officer},
    platform::{Manner, Platform, repository},
    shared,
    terminal::as_officer,
    traces::Traces,
};

use crate::{queue::until, staff::page_of, watch::copy};

const DEFINITION: &str = "justice/marriage-certificate-copy/service.yaml";
const NUMBER: &str = "SELECT number FROM cases WHERE case_id = $1";

/// Acts of officers about the case's tasks, in their order.
async fn acts(traces: &Traces, case: CaseId) -> Vec<String> {
    let mut acts = traces.acts("eservice", case).await;
    acts.retain(|act| act.starts_with("task."));
    acts
}

/// The example, in which two officers decide.
async fn of_two() -> Platform {
    let folder = tempfile::tempdir().expect("a folder");
    let definitions = folder.path().join("definitions");
    copy(&repository().join("examples"), &definitions);
    let text = std::fs::read_to_string(definitions.join(DEFINITION)).expect("copied");
    let of_two = text
        .replace("role: registrar\n          office:", "role: registrar\n          fourEyes: true\n          office:");
    assert_ne!(of_two, text);
    std::fs::write(definitions.join(DEFINITION), of_two).expect("the folder can be written");
    let manner = Manner { watched: Some(definitions), ..Manner::default() };
    Platform::start_as(folder, manner).await
}

#[test]
fn what_the_applicant_would_get_is_seen_before_it_is_decided_and_it_takes_two_clicks() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "ru").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        assert!(task.shows("In the registry"), "answers stand beside facts:\n{}", task.text());
        let preview = task.url.path().replacen("/tasks/", "/preview/", 1);
        let mut clicking = Clicking::after_reading(&mut officer);
        let form = clicking.tick(task.form("/officer/tasks/"), "_outcome", "approve").sent_to(&preview);
        let shown = clicking.press(&form).await;
        assert!(shown.shows("Nothing is decided yet."), "{}", shown.text());
        assert!(shown.text().chars().any(|letter| ('а'..='я').contains(&letter)), "in the applicant's language");
        assert_eq!(traces.outcome(case).await, "", "looking decides nothing");
        let file = shown.form("/document");
        let mut clicking = Clicking::after_reading(&mut officer);
        let decided = clicking.press(&shown.form("/officer/tasks/")).await;
        assert!(decided.shows("Your decision has been recorded."), "{}", decided.text());
        let late = officer.visitor.send(&file).await;
        assert!(late.status.is_client_error(), "of what is decided there is no preview: {}", late.status);
        traces.nothing_is_left(case, "granted").await;
        assert!(traces.acts("eservice", case).await.contains(&"decision.previewed".to_owned()));
    });
}

#[test]
fn two_officers_decide_and_the_applicant_reads_that_both_checked_it() {
    shared::walk(async {
        let platform = of_two().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut first = Officer::of(&platform, "registrar-tashkent").await;
        let mut second = Officer::of(&platform, "lead").await;

        let task = first.task(case).await;
        let mut clicking = Clicking::after_reading(&mut first);
        let form = clicking.tick(task.form("/officer/tasks/"), "_outcome", "approve").set("_note", "Volume 7");
        let proposed = clicking.press(&form).await;
        assert!(proposed.shows("Your proposal waits for another officer."), "{}", proposed.text());
        let own = first.visitor.open(task.url.as_str()).await;
        assert!(own.shows("Another officer has to check it") && !own.has_id("outcome-approve"), "{}", own.text());
        let waiting = citizen.until(case, "", |page| page.status.is_success()).await;
        assert!(!waiting.shows("Checked by two officers") && !waiting.shows("Volume 7"), "{}", waiting.text());

        let task = second.task(case).await;
        assert!(task.shows("Malika Yusupova") && task.shows("Volume 7"), "{}", task.text());
        let back = second.visitor.send(&task.form("/back").set("_note", "Which page?")).await;
        assert!(back.shows("The proposal was sent back"), "{}", back.text());
        let task = first.task(case).await;
        assert!(task.shows("Which page?"), "{}", task.text());
        let form = task.form("/officer/tasks/");
        assert_eq!(
            (form.get("_outcome"), form.get("_note")),
            (Some("approve"), Some("Volume 7")),
            "as it was proposed"
        );
        first.visitor.send(&form.set("_note", "Volume 7, page 12")).await;

        let task = second.task(case).await;
        let agreed = Clicking::after_reading(&mut second).press(&task.form("/officer/second/")).await;
        assert!(agreed.shows("Your decision has been recorded."), "{}", agreed.text());
        citizen.until_told(case, "Checked by two officers").await;
        traces.nothing_is_left(case, "granted").await;
        let expected = ["task.proposed", "task.sent-back", "task.proposed", "task.confirmed"];
        assert_eq!(acts(&traces, case).await, expected);
    });
}

#[test]
fn a_proposal_that_nobody_can_check_is_named_to_who_leads_and_administers_until_somebody_can() {
    shared::walk(async {
        const KEPT_OFF: &str =
            "Everybody who has this role has a part in the case, typed the application, or proposed its decision";
        let platform = of_two().await;
        let traces = Traces::of(&platform);
        let listed = as_officer(&platform, "administrator", &["officers", "list"]).await;
        let line = listed.lines().find(|line| line.contains("Anvar Sodiqov")).unwrap_or_else(|| panic!("{listed}"));
        let by = line.split_whitespace().next().expect("an id stands first");
        // Married to the registrar of the office that decides: she has a part in it.
        let mut citizen = Citizen::sign_in(&platform, "rustam", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let number = traces.texts("eservice", case, NUMBER).await.remove(0);
        let mut first = Officer::of(&platform, "lead").await;
        let task = first.task(case).await;
        let proposed = first.visitor.send(&task.form("/officer/tasks/").set("_outcome", "approve")).await;
        assert!(proposed.shows("Your proposal waits for another officer."), "{}", proposed.text());

        let mut head = Officer::of(&platform, "head-tashkent").await;
        until(&mut head, "/officer/load", |page| page.shows(&number) && page.shows(KEPT_OFF)).await;
        let mut administrator = Officer::of(&platform, "administrator").await;
        until(&mut administrator, "/staff", |page| page.shows(&number) && page.shows(KEPT_OFF)).await;
        let away = page_of(&mut administrator, "Malika Yusupova").await;
        let form = away.form("/staff/justice/").set("_act", "substitute").set("_person", by).set("_since", "");
        let named = administrator.visitor.send(&form.set("_until", "2099-01-01")).await;
        assert!(named.shows("takes effect within a minute"), "{}", named.text());
        until(&mut administrator, "/staff", |page| !page.shows(&number) && !page.shows("It is not known now")).await;

        let mut second = Officer::of(&platform, "chief-accountant").await;
        let task = second.task(case).await;
        let agreed = second.visitor.send(&task.form("/officer/second/")).await;
        assert!(agreed.shows("Your decision has been recorded."), "{}", agreed.text());
        traces.nothing_is_left(case, "granted").await;
    });
}

#[test]
fn what_is_decided_alike_was_read_and_what_was_not_is_left_and_says_why() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let (read, unread) = (citizen.apply_and_pay(&[]).await, citizen.apply_and_pay(&[]).await);
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let page = officer.task(read).await;
        // The other one has reached the queue, and nobody has opened it.
        let patience = tests::patience::Patience::default();
        let mut other = officer.find(unread).await;
        while other.is_none() && patience.lasts() {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            other = officer.find(unread).await;
        }
        let other = other.expect("it waits, too");
        let queue = officer.visitor.open(&format!("{}/officer", officer.portal)).await;
        let mut ticked = queue.form("/officer/together");
        for path in [page.url.path(), other.path()] {
            ticked.values.push(("_task".to_owned(), path.replacen("/officer/tasks/", "", 1)));
        }
        let chosen = officer.visitor.send(&ticked).await;
        let number = traces.texts("eservice", unread, NUMBER).await.remove(0);
        assert!(chosen.shows(&format!("{number} : you have not opened it yet")), "{}", chosen.text());
        let form = chosen.form("/officer/together/check");
        assert_eq!(form.values.iter().filter(|(name, _)| name == "_task").count(), 1, "{}", chosen.text());
        let mut clicking = Clicking::after_reading(&mut officer);
        let form = clicking.tick(form, "_outcome", "approve");
        let check = clicking.press(&form).await;
        let done = Clicking::after_reading(&mut officer).press(&check.form("/officer/together/decide")).await;
        assert!(done.shows("1 application was decided"), "{}", done.text());
        traces.nothing_is_left(read, "granted").await;
        assert_eq!(acts(&traces, read).await, ["task.claimed", "task.decided"]);
        assert_eq!(acts(&traces, unread).await, Vec::<String>::new(), "nothing was done to the other");
        officer.decide(unread, "approve", &[]).await;
        traces.nothing_is_left(unread, "granted").await;
    });
}
