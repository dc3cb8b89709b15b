//! Replaced: an officer has a document with an error made anew, or two of them without its slip, and whoever verifies the old one is
//! told.

use std::{process::Command, time::Duration};

use kernel::CaseId;
use tests::{
    citizen::Citizen,
    officer::{Officer, task_of},
    patience::Patience,
    platform::{Platform, binary},
    shared,
    traces::{self, Traces},
    visitor::{Page, Visitor},
};
use url::Url;

#[test]
fn a_document_with_an_error_is_replaced_and_the_old_one_verifies_no_more() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        officer.decide(case, "approve", &[]).await;
        let issued = citizen.until_told(case, "Copy issued").await;
        let traces = Traces::of(&platform);
        let number = ended(&traces, case).await;
        let first = printed(&issued).remove(0);
        assert!(verified(&platform.ready.portal, &first).await.shows("The document is genuine"), "{first:?}");

        let own = officer.search("number", &number, "").await;
        assert!(own.shows("0 applications found"), "it is in nobody's queue:\n{}", own.text());
        let shown = officer.come_back(case, &number, "The citizen says that the name is wrong").await;
        let link = shown.links().into_iter().find(|link| link.path().ends_with("/recall"));
        let link = link.unwrap_or_else(|| panic!("it cannot be withdrawn:\n{}", shown.text()));
        let form = officer.visitor.open(link.as_str()).await.form("/recall");
        let nothing = officer.visitor.send(&form).await;
        assert!(nothing.status == 422 && nothing.shows("Choose a reason"), "{}", nothing.text());
        let form = nothing.form("/recall").set("_reason", "error").set("_what", "replace");
        let sent = officer.visitor.send(&form).await;
        assert!(sent.status.is_success(), "{}:\n{}", sent.url, sent.text());

        let told = citizen.until(case, "", |page| page.shows("Replaced by a newer one")).await;
        assert!(
            told.shows("The document has an error") && told.shows("Document replaced by a new one"),
            "{}",
            told.text()
        );
        let numbers = printed(&told);
        assert_eq!(numbers.len(), 2, "{}", told.text());
        for (document, genuine) in [(&numbers[0], false), (&numbers[1], true)] {
            let verdict = verified(&platform.ready.portal, document).await;
            assert_eq!(verdict.shows("The document is genuine"), genuine, "{document:?}:\n{}", verdict.text());
        }
        offline(&platform, &mut citizen, &told).await;
        traces.nothing_is_left(case, "granted").await;
    });
}

#[test]
fn a_slip_in_a_document_is_corrected_by_two_officers_and_both_stay_to_be_seen() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut first = Officer::of(&platform, "registrar-tashkent").await;
        first.decide(case, "approve", &[]).await;
        let issued = printed(&citizen.until_told(case, "Copy issued").await).remove(0);
        let traces = Traces::of(&platform);
        let number = ended(&traces, case).await;

        let shown = to_correct(&mut first, case, &number).await;
        let form = shown.form("/correct");
        let stood = form.get(PLACE).unwrap_or_else(|| panic!("{}", shown.text())).to_owned();
        let unchanged = first.visitor.send(&shown.form("/correct").set("_reason", "error")).await;
        assert!(unchanged.status == 422 && unchanged.shows("Change at least one field"), "{}", unchanged.text());
        let slip = unchanged.form("/correct").set(PLACE, "Yunusobod tumani FHDYO boʻlimi").set("_reason", "error");
        let proposed = first.visitor.send(&slip).await;
        assert!(proposed.shows("Waits for a second officer"), "{}", proposed.text());
        let own = first.visitor.open(&at(&proposed)).await.form("/correct");
        let own = first.visitor.send(&own).await;
        assert!(own.shows("Another officer has to agree"), "{}", own.text());

        let mut second = Officer::of(&platform, "lead").await;
        let link = waiting_for_a_second(&mut second, case).await;
        let mine = first.visitor.open(&format!("{}/officer?holder=second", first.portal)).await;
        assert_eq!(task_of(&mine, case), None, "nobody agrees to their own:\n{}", mine.text());
        let asked = second.visitor.open(link.as_str()).await;
        let shown = second.explain(&asked, "A colleague wants a slip corrected").await;
        let shown = second.visitor.open(&at(&shown)).await;
        assert!(shown.shows("A colleague proposed what is chosen below"), "{}", shown.text());
        let agreed = second.visitor.send(&shown.form("/correct")).await;
        assert!(agreed.status.is_success(), "{}:\n{}", agreed.url, agreed.text());

        let told = citizen.until(case, "", |page| page.shows("Replaced by a newer one")).await;
        let numbers = printed(&told);
        assert_eq!((numbers.len(), &numbers[0]), (2, &issued), "{}", told.text());
        for words in ["Yunusobod tumani FHDYO boʻlimi", "A slip in the document was corrected", &numbers[1].0, &stood]
        {
            assert!(told.shows(words), "{words:?}:\n{}", told.text());
        }
        let mut pages = told.links().into_iter().filter(|link| link.path().contains("/readable/"));
        let newer = pages.next_back().unwrap_or_else(|| panic!("nothing can be read:\n{}", told.text()));
        let anybody = verified(&platform.ready.portal, &numbers[1]).await.form("/verify/read");
        for page in [citizen.visitor.open(newer.as_str()).await, Visitor::new("en").send(&anybody).await] {
            for words in ["Yunusobod tumani FHDYO boʻlimi", "The original is the sealed PDF", &numbers[1].0, "SPECIMEN"]
            {
                assert!(page.shows(words), "{words:?}:\n{}", page.text());
            }
        }
        let old = verified(&platform.ready.portal, &issued).await;
        assert!(!old.shows("The document is genuine") && old.shows(&numbers[1].0), "{}", old.text());
        assert!(verified(&platform.ready.portal, &numbers[1]).await.shows("The document is genuine"));
        traces.nothing_is_left(case, "granted").await;
    });
}

const PLACE: &str = "_value:facts.record.place";

/// Address of the page on which the document of this task's page is corrected.
fn at(task: &Page) -> String {
    let link = task.links().into_iter().find(|link| link.path().ends_with("/correct"));
    link.unwrap_or_else(|| panic!("it cannot be corrected:\n{}", task.text())).to_string()
}

/// Where whoever may agree finds what is proposed of a document, in their queue.
async fn waiting_for_a_second(officer: &mut Officer, case: CaseId) -> Url {
    let patience = Patience::default();
    let address = format!("{}/officer?holder=second", officer.portal);
    let mut queue = officer.visitor.open(&address).await;
    while patience.lasts() {
        if let Some(link) = task_of(&queue, case) {
            assert!(queue.shows("Withdrawal or correction of a document"), "{}", queue.text());
            return link;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        queue = officer.visitor.open(&address).await;
    }
    panic!("nobody is shown what waits for them:\n{}", queue.text())
}

/// The number of a case in which nothing is open any more, also as the docket has it: no queue leads there.
async fn ended(traces: &Traces, case: CaseId) -> String {
    traces.nothing_is_left(case, "granted").await;
    traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0)
}

/// The page on which the document of an ended case is corrected, after the officer has said why they open it.
async fn to_correct(officer: &mut Officer, case: CaseId, number: &str) -> Page {
    let shown = officer.come_back(case, number, "The place is written wrongly").await;
    officer.visitor.open(&at(&shown)).await
}

/// With the public list the program tells the two apart without asking anybody.
async fn offline(platform: &Platform, citizen: &mut Citizen, page: &Page) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut kept = Vec::new();
    for name in ["root.pem", "status-list.jws"] {
        let address = Url::parse(&format!("{}/verify/{name}", platform.ready.portal)).expect("an address");
        let (status, bytes) = Visitor::new("en").download(&address).await;
        assert!(status.is_success(), "{name}: {status}");
        kept.push(traces::file(folder.path(), name, &bytes));
    }
    let links = page.links().into_iter().filter(|link| link.path().contains("/documents/"));
    for (link, valid) in links.zip([false, true]) {
        let pdf = traces::file(folder.path(), "document.pdf", &citizen.visitor.download(&link).await.1);
        let mut command = Command::new(binary("xizmat"));
        command.args(["verify", "document"]).arg(pdf).arg("--trust").arg(&kept[0]).arg("--status-list").arg(&kept[1]);
        let said = command.output().expect("the platform's own binary");
        assert_eq!(said.status.success(), valid, "{link}: {said:?}");
    }
}

/// Number and code of each document, as the application's page has them.
fn printed(page: &Page) -> Vec<(String, String)> {
    let text = page.text();
    let word = |part: Option<&str>| {
        let first = part.unwrap_or_default().split_whitespace().next().unwrap_or_default();
        first.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_owned()
    };
    let parts: Vec<&str> = text.split("Check code: ").collect();
    parts.windows(2).map(|pair| (word(pair[0].rsplit("Number: ").next()), word(Some(pair[1])))).collect()
}

/// What anybody is told of it.
async fn verified(portal: &str, (number, code): &(String, String)) -> Page {
    let mut anybody = Visitor::new("en");
    let form = anybody.open(&format!("{portal}/verify")).await.form("/verify");
    anybody.send(&form.set("number", number).set("code", code)).await
}
