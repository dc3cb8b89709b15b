//! A working day in the queue: who has a task is seen, a lead takes it back, filters are kept, and a search is told.

use tests::{
    citizen::Citizen,
    officer::{Officer, task_of},
    patience::Patience,
    shared,
    traces::Traces,
    visitor::Page,
};
use url::Url;

/// Dilnoza Karimova's, as OneID tells it with her phone.
const PINFL: &str = "41503920170217";
const NUMBER: &str = "SELECT number FROM cases WHERE case_id = $1";

#[test]
fn whoever_takes_a_task_has_it_others_see_who_and_a_lead_takes_it_back() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut one = Officer::of(&platform, "registrar-tashkent").await;
        let mut other = Officer::of(&platform, "lead").await;
        let late = other.task(case).await.form("/officer/tasks/").set("_outcome", "approve");
        let claim = one.task(case).await.form("/officer/claims/");
        let taken = one.visitor.send(&claim).await;
        assert!(taken.shows("You have this task") && taken.has_input("_outcome"), "{}", taken.text());
        let refused = other.visitor.send(&late).await;
        assert!(refused.shows("Your decision was not recorded."), "{}", refused.text());
        assert!(refused.shows("Malika Yusupova") && !refused.has_input("_outcome"), "{}", refused.text());
        let listed = until(&mut other, "/officer?holder=others", |page| task_of(page, case).is_some()).await;
        assert!(listed.shows("Malika Yusupova"), "{}", listed.text());
        let mine = other.visitor.open(&format!("{}/officer?holder=mine", other.portal)).await;
        assert_eq!(task_of(&mine, case), None, "it is not theirs");

        let closed = one.visitor.open(&format!("{}/officer/load", one.portal)).await;
        assert_eq!(closed.status, 403, "who leads no office sees no load:\n{}", closed.text());
        let mut head = Officer::of(&platform, "head-tashkent").await;
        let page = head.visitor.open(task_of(&listed, case).expect("just seen").as_str()).await;
        assert_eq!(page.status, 404, "a lead opens no case:\n{}", page.text());
        let load = until(&mut head, "/officer/load", |page| held_by_somebody(page).is_some()).await;
        assert!(load.shows("Malika Yusupova"), "{}", load.text());
        let held = head.visitor.open(held_by_somebody(&load).expect("just seen").as_str()).await;
        let number = traces.texts("eservice", case, NUMBER).await.remove(0);
        assert!(held.shows(&number) && !held.shows("Karimova"), "numbers, nobody's names:\n{}", held.text());
        let ahead =
            |link: &Url| link.path() == "/officer/load/tasks" && has(link, "due", "5") && has(link, "officer", "");
        let ahead = load.links().into_iter().find(ahead);
        let ahead = ahead.unwrap_or_else(|| panic!("no list of what is due in 5 days:\n{}", load.text()));
        let due = head.visitor.open(ahead.as_str()).await;
        assert!(due.shows(&number) && due.shows("Malika Yusupova") && !due.shows("Karimova"), "{}", due.text());
        let stuck = "officer/stuck?agency=justice&service=marriage-certificate-copy";
        let closed = one.visitor.open(&format!("{}/{stuck}", one.portal)).await;
        assert_eq!(closed.status, 404, "who leads no office sees nothing that is stuck:\n{}", closed.text());
        let seen = head.visitor.open(&format!("{}/{stuck}", head.portal)).await;
        assert!(seen.shows("Cases that are stuck") && !seen.shows("Karimova"), "{}", seen.text());
        let back = head.visitor.send(&held.form("/officer/load/take-back")).await;
        assert!(back.shows("1 task was given back to the queue"), "{}", back.text());

        one.decide(case, "approve", &[]).await;
        traces.nothing_is_left(case, "granted").await;
        let mut acts = traces.acts("eservice", case).await;
        acts.retain(|act| act.starts_with("task."));
        assert_eq!(acts, ["task.claimed", "task.taken-back", "task.decided"]);
    });
}

#[test]
fn a_narrowed_queue_is_kept_under_a_name_and_forgotten_again() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut officer = Officer::of(&platform, "registrar-nukus").await;
        let address = format!("{}/officer?agency=justice&late=yes&holder=nobody", officer.portal);
        let narrowed = officer.visitor.open(&address).await;
        let kept = officer.visitor.send(&narrowed.form("/officer/filters").set("_name", "Late and free")).await;
        let filter = kept.links().into_iter().find(|link| link.path() == "/officer" && has(link, "late", "yes"));
        let filter = filter.unwrap_or_else(|| panic!("it is not listed:\n{}", kept.text()));
        assert!(has(&filter, "holder", "nobody") && kept.shows("Late and free"), "{filter}");
        let removed = officer.visitor.send(&kept.form("/officer/filters/remove")).await;
        assert!(!removed.shows("Late and free"), "{}", removed.text());
    });
}

#[test]
fn a_search_stays_in_ones_own_queue_or_says_why_and_is_told_to_whom_it_finds() {
    shared::walk(async {
        const WHY: &str = "A letter of the archive, number 77";
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let number = traces.texts("eservice", case, NUMBER).await.remove(0);
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        officer.task(case).await;
        for (kind, typed) in [("name", "КАРИМОВА Дилноза"), ("pinfl", PINFL), ("phone", "90 111 22 33")]
        {
            let found = officer.search(kind, typed, "").await;
            assert!(found.shows(&number) && task_of(&found, case).is_some(), "by {kind}:\n{}", found.text());
            assert!(!found.url.as_str().contains('?'), "nothing of it stands in the address: {}", found.url);
        }
        let nothing = officer.search("phone", "none", "").await;
        assert_eq!(nothing.errors(), [("text".to_owned(), "Type what to look for".to_owned())]);

        let mut elsewhere = Officer::of(&platform, "registrar-nukus").await;
        let own = elsewhere.search("number", &number, "").await;
        assert!(!own.shows("Copy of a marriage certificate"), "another office's, and no reason:\n{}", own.text());
        let found = elsewhere.search("number", &number.to_lowercase(), WHY).await;
        assert!(found.shows("1 application found"), "{}", found.text());
        assert_eq!(task_of(&found, case), None, "they may know of it, and not open it");
        let mut stranger = Officer::of(&platform, "data-steward").await;
        let foreign = stranger.search("number", &number, WHY).await;
        assert!(foreign.shows("0 applications found"), "another agency's:\n{}", foreign.text());

        let uses = format!("{}/data-use", citizen.portal);
        let patience = Patience::default();
        let mut page = citizen.visitor.open(&uses).await;
        while !page.shows(WHY) && patience.lasts() {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            page = citizen.visitor.open(&uses).await;
        }
        assert!(page.shows(WHY), "{}", page.text());
        assert!(page.shows("An officer looked for you and found this application"), "{}", page.text());
        assert!(!page.shows("Gulnara"), "never who");
        let record = "SELECT detail FROM audit WHERE act = 'docket.searched'
                      AND detail LIKE '%' || lower(hex($1)) || '%' ORDER BY sequence";
        let record = traces.texts("docket", case, record).await;
        assert_eq!(record.len(), 4, "{record:?}");
        let told = |detail: &String| ["karimova", PINFL, "901112233"].iter().any(|words| detail.contains(words));
        assert!(!record.iter().any(|detail| told(&detail.to_lowercase())), "{record:?}");

        officer.decide(case, "approve", &[]).await;
        traces.nothing_is_left(case, "granted").await;
    });
}

/// The list of what an officer has, which a lead's page leads to.
fn held_by_somebody(page: &Page) -> Option<Url> {
    let named = |link: &Url| link.query_pairs().any(|(name, value)| name == "officer" && !value.is_empty());
    page.links().into_iter().find(|link| link.path() == "/officer/load/tasks" && named(link))
}

fn has(link: &Url, name: &str, value: &str) -> bool {
    link.query_pairs().any(|(known, given)| known == name && given == value)
        && !link.query_pairs().any(|(known, _)| known == "lang")
}

/// Opens a page again and again until it is as expected: lists follow a moment later.
pub async fn until(officer: &mut Officer, path: &str, expected: impl Fn(&Page) -> bool) -> Page {
    let address = format!("{}{path}", officer.portal);
    let patience = Patience::default();
    while patience.lasts() {
        let page = officer.visitor.open(&address).await;
        if expected(&page) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    panic!("{address} stays as it is:\n{}", officer.visitor.open(&address).await.text())
}
