//! Officers and what citizens see of them: nobody works on a case that names them, every opening is told, none goes without
//! a reason outside of one's own queue, and of two who decide one does.

use kernel::{CaseId, SeededRandom};
use tests::{
    citizen::{Citizen, SERVICE},
    officer::Officer,
    patience::Patience,
    shared,
    traces::Traces,
    visitor::Page,
};
use url::Url;

const OFFICE: &str = "Civil registry office, Yunusabad district, Tashkent";

#[test]
fn an_officer_whom_the_registry_names_neither_sees_nor_decides_the_case_and_a_superior_says_why_they_do() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        // Married to the registrar of the office that decides.
        let mut citizen = Citizen::sign_in(&platform, "rustam", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut lead = Officer::of(&platform, "lead").await;
        let address = until_queued(&mut lead, case).await;
        let mut spouse = Officer::of(&platform, "registrar-tashkent").await;
        assert_eq!(spouse.find(case).await, None, "not in the queue of whom it names");
        let page = spouse.visitor.open(address.as_str()).await;
        assert_eq!(page.status, 404, "{}", page.text());
        let asked = lead.visitor.open(address.as_str()).await;
        assert!(asked.shows("This task is not in your own queue") && !asked.shows("Rustam"), "{}", asked.text());
        let token = spouse.visitor.open(&format!("{}/officer", spouse.portal)).await.form("/sign-out");
        let token = token.get("_token").unwrap_or_default().to_owned();
        let forged = asked.form("/reason").set("_token", &token).set("_reason", "I am curious");
        assert_eq!(spouse.visitor.send(&forged).await.status, 404);
        let refused = traces.acts("eservice", case).await;
        assert_eq!(refused.iter().filter(|act| *act == "case.refused").count(), 2, "{refused:?}");
        let silent = lead.visitor.send(&asked.form("/reason")).await;
        assert_eq!(silent.errors(), [("reason".to_owned(), "Say why you open this case".to_owned())]);
        let task = lead.explain(&silent, "The registrar is the applicant's wife").await;
        assert!(task.shows("Yusupov Rustam Akmalovich"), "{}", task.text());
        let forged = task.form("/officer/tasks/").set("_token", &token).set("_outcome", "approve");
        assert_eq!(spouse.visitor.send(&forged).await.status, 404);
        let done = lead.visitor.send(&task.form("/officer/tasks/").set("_outcome", "approve")).await;
        assert!(done.shows("Your decision has been recorded."), "{}", done.text());
        traces.nothing_is_left(case, "granted").await;
        let page = until_uses(&mut citizen, case, 1, "The registrar is the applicant's wife").await;
        assert!(page.shows("An officer opened your application") && page.shows("Registrar"), "{}", page.text());
        assert!(!page.shows("Sherzod") && !page.shows("I am curious"), "{}", page.text());
        let reason = "SELECT purpose FROM audit WHERE subject = $1 AND act = 'task.decided'";
        let kept = traces.texts("eservice", case, reason).await;
        assert!(kept.len() == 1 && kept[0].starts_with("sealed:"), "what was typed may be about people: {kept:?}");
    });
}

#[test]
fn an_opening_from_the_own_queue_and_of_a_document_is_told_to_the_applicant_and_strangers_read_nothing() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        assert!(task.has_input("_outcome"), "one's own queue asks for no reason:\n{}", task.text());
        officer.visitor.send(&task.form("/officer/tasks/").set("_outcome", "approve")).await;
        let page = until_uses(&mut citizen, case, 1, "An officer opened your application").await;
        assert!(page.shows(OFFICE) && page.shows("Check the record of the marriage"), "{}", page.text());
        assert_eq!(openings(&page, case), 1, "opened and decided is one opening:\n{}", page.text());
        let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        let document = page.links().into_iter().find(|link| link.path().contains("/documents/")).expect("just seen");
        let name = document.path_segments().and_then(|mut parts| parts.next_back()).expect("an id").to_owned();
        let document = Url::parse(&format!("{}/documents/{name}", task.url)).expect("an address");
        let closed = officer.visitor.open(document.as_str()).await;
        assert!(closed.shows("This task has been decided or is no longer needed."), "{}", closed.text());
        let again = officer.explain(&closed, "A copy for the court").await;
        assert!(!again.has_input("_outcome") && again.links().contains(&document), "{}", again.html);
        let (status, pdf) = officer.visitor.download(&document).await;
        assert!(status.is_success() && pdf.starts_with(b"%PDF-"), "{status}");
        for login in ["registrar-nukus", "data-steward"] {
            let mut stranger = Officer::of(&platform, login).await;
            let (status, body) = stranger.visitor.download(&document).await;
            assert!(status == 404 && !body.starts_with(b"%PDF"), "{login}: {status}");
        }
        let refused = traces.acts("eservice", case).await;
        assert_eq!(refused.iter().filter(|act| *act == "case.refused").count(), 2, "{refused:?}");
        let page = until_uses(&mut citizen, case, 3, "An officer opened a document of your application").await;
        assert!(page.shows("A copy for the court"), "{}", page.text());
        for language in ["uz", "ru", "kaa"] {
            citizen.visitor.language = language;
            assert_eq!(openings(&uses(&mut citizen).await, case), 3, "{language}");
        }
        traces.nothing_is_left(case, "granted").await;
    });
}

#[test]
fn of_two_officers_who_decide_at_once_one_is_recorded_and_the_other_sees_what_is() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut one = Officer::of(&platform, "registrar-tashkent").await;
        let mut other = Officer::of(&platform, "lead").await;
        let approve = one.task(case).await.form("/officer/tasks/").set("_outcome", "approve");
        let refuse = other.task(case).await.form("/officer/tasks/").set("_outcome", "refuse");
        let refuse = refuse.set("_reasons:refuse", "no-record");
        let (approved, refused) = tokio::join!(one.visitor.send(&approve), other.visitor.send(&refuse));
        let (first, second, outcome) = match approved.status.as_u16() {
            200 => (approved, refused, "granted"),
            _ => (refused, approved, "rejected"),
        };
        assert_eq!((first.status.as_u16(), first.url.path()), (200, "/officer"), "{}", first.text());
        assert!(first.shows("Your decision has been recorded."), "{}", first.text());
        assert_eq!(second.status, 409, "{}", second.text());
        assert!(second.shows("This has been decided meanwhile"), "{}", second.text());
        assert!(second.links().iter().any(|link| link.path() == "/officer"), "it leads back:\n{}", second.html);
        traces.nothing_is_left(case, outcome).await;
        let acts = traces.acts("eservice", case).await;
        assert_eq!(acts.iter().filter(|act| *act == "task.decided").count(), 1, "{acts:?}");
    });
}

#[test]
fn a_long_list_of_applications_is_read_page_by_page_without_javascript() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "rustam", "en").await;
        let start = citizen.visitor.open(&format!("{}/{SERVICE}/start", citizen.portal)).await;
        let (random, mut made) = (SeededRandom::new(51), Vec::new());
        for _ in 0..51 {
            let command = kernel::CommandId::from_bytes(kernel::bytes(&random));
            let form = start.form("/start").set("_choice", "new").set("_command", &command.to_string());
            let to = citizen.visitor.acknowledged(&form).await.expect("the portal answers");
            made.push(tests::citizen::case_of(&to.expect("a draft was opened")));
        }
        let list = format!("{}/applications", citizen.portal);
        let mut seen = cases(&citizen.visitor.open(&list).await);
        assert_eq!(seen.len(), 50, "a page is no longer");
        let mut page = citizen.visitor.open(&list).await;
        while let Some(older) = older(&page) {
            page = citizen.visitor.open(older.as_str()).await;
            assert!(page.shows("Back to the newest"), "{}", page.text());
            seen.extend(cases(&page));
        }
        for case in &made {
            let times = seen.iter().filter(|seen| **seen == *case).count();
            assert_eq!(times, 1, "{case} is shown {times} times of {}", seen.len());
        }
    });
}

#[test]
fn each_link_of_an_officers_menu_opens_and_duties_of_others_are_not_in_it() {
    const DUTIES: [&str; 6] =
        ["/officer/audit", "/officer/records", "/publication", "/officer/seals", "/finance", "/staff"];
    shared::walk(async {
        let platform = shared::platform().await;
        let held: [(&str, &[&str]); 6] = [
            ("registrar-nukus", &[]),
            ("auditor", &["/officer/audit"]),
            ("archivist", &["/officer/records"]),
            ("lawyer", &["/publication", "/officer/seals"]),
            ("treasurer", &["/finance"]),
            ("administrator", &["/officer/seals", "/staff"]),
        ];
        for (login, duties) in held {
            let mut officer = Officer::of(&platform, login).await;
            let page = officer.visitor.open(&format!("{}/officer/search", officer.portal)).await;
            let menu = page.html.split("<nav").nth(1).and_then(|part| part.split("</nav>").next()).unwrap_or_default();
            let links: Vec<&str> =
                menu.split("href=\"").skip(1).map(|part| part.split('"').next().unwrap_or_default()).collect();
            let told: Vec<&str> = DUTIES.into_iter().filter(|duty| links.contains(duty)).collect();
            assert_eq!(told, duties, "{login}: {links:?}");
            for link in &links {
                let page = officer.visitor.open(&format!("{}{link}", officer.portal)).await;
                assert!(page.status.is_success(), "{login}: {link} is {}:\n{}", page.status, page.text());
            }
            assert!(links.contains(&"/officer"), "{login}: {links:?}");
        }
    });
}

async fn until_queued(officer: &mut Officer, case: CaseId) -> Url {
    let patience = Patience::default();
    while patience.lasts() {
        if let Some(link) = officer.find(case).await {
            return link;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    panic!("{case} reaches no queue")
}

async fn uses(citizen: &mut Citizen) -> Page {
    citizen.visitor.open(&format!("{}/data-use", citizen.portal)).await
}

/// How many openings of the case by officers the page lists.
fn openings(page: &Page, case: CaseId) -> usize {
    cases(page).into_iter().filter(|listed| *listed == case).count()
}

async fn until_uses(citizen: &mut Citizen, case: CaseId, count: usize, words: &str) -> Page {
    let patience = Patience::default();
    while patience.lasts() {
        let page = uses(citizen).await;
        if openings(&page, case) >= count && page.shows(words) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    panic!("{words:?} is not told:\n{}", uses(citizen).await.text())
}

fn older(page: &Page) -> Option<Url> {
    let leads_on = |link: &Url| link.fragment().is_none() && !link.as_str().contains("lang=");
    page.links().into_iter().find(|link| leads_on(link) && link.query().is_some_and(|query| query.contains("after=")))
}

fn cases(page: &Page) -> Vec<CaseId> {
    let links = page.links().into_iter().filter(|link| link.path().starts_with("/applications/justice/"));
    links.map(|link| tests::citizen::case_of(&link)).collect()
}
