//! Somebody registers with a child where they live: the owner of the dwelling agrees in their own session, and the office of the
//! address decides.

use std::time::Duration;

use kernel::CaseId;
use tests::{
    citizen::{Citizen, answered, case_of},
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform},
    shared,
    traces::Traces,
    visitor::Page,
};

const SERVICE: &str = "services/interior/residence-registration";
/// Dilnoza's, as OneID's counterpart knows her.
const OWNER: &str = "41503920170217";
/// Botir's.
const APPLICANT: &str = "30207880170130";
const NAME: &str = "Aliyev Botir Shavkatovich";
const CHILD: &str = "Aliyeva Zarina Botirovna";
/// Longer ago a sign-in may not be when the application is sent.
const TOO_LATE: u64 = 16 * 60;
/// Zarina as the archive has her: her name is told, her number is not.
const KNOWN: &str = "Aliyeva Zarina Botirovna 09.04.2015";
const KNOWN_PINFL: &str = "60904150170441";
const ANSWERS: [(&str, &str); 10] = [
    ("address.soato", "1735401"),
    ("address.street", "Berdaq"),
    ("address.house", "12"),
    ("owner.pinfl", OWNER),
    ("resident.name", NAME),
    ("household.children", "true"),
    ("children.0.name", CHILD),
    ("_date:day:children.0.birthDate", "9"),
    ("_date:month:children.0.birthDate", "2"),
    ("_date:year:children.0.birthDate", "2019"),
];

async fn applied(platform: &Platform) -> (Citizen, CaseId) {
    let mut citizen = Citizen::sign_in(platform, "botir", "kaa").await;
    citizen.service = SERVICE;
    let page = citizen.begin().await;
    let case = case_of(&page.url);
    let check = citizen.answer(page, &ANSWERS).await;
    for words in ["Nókis qalası", CHILD, NAME] {
        assert!(check.shows(words), "{words:?} is missing:\n{}", check.text());
    }
    let sent = citizen.visitor.send(&check.form("/check")).await;
    assert!(sent.url.path().ends_with("/confirmation"), "nothing is to be paid: {}\n{}", sent.url, sent.text());
    citizen.until_told(case, "Onıń juwabın kútip atırmız.").await;
    (citizen, case)
}

fn asked(case: CaseId) -> String {
    format!("/asked/interior/residence-registration/{case}")
}

/// The owner's view of the request, once it is there.
async fn request(owner: &mut Citizen, case: CaseId) -> Page {
    let address = format!("{}{}", owner.portal, asked(case));
    let patience = Patience::default();
    loop {
        let page = owner.visitor.open(&address).await;
        if page.status.is_success() && page.shows("Juwabıńız kútilmekte") {
            return page;
        }
        assert!(patience.lasts(), "{address} stays as it is ({}):\n{}", page.status, page.text());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[test]
fn an_owner_agrees_in_their_own_session_and_the_office_of_the_address_registers_parent_and_child() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (mut applicant, case) = applied(&platform).await;

        let mut owner = Citizen::sign_in(&platform, "dilnoza", "kaa").await;
        let told = request(&mut owner, case).await;
        for words in [NAME, CHILD, "Nókis qalası", "Berdaq", "Úy iyesi"] {
            assert!(told.shows(words), "who agrees knows to what: {words:?} is missing:\n{}", told.text());
        }
        assert!(!told.shows("+998907654321"), "and nothing else of the application:\n{}", told.text());
        let mut stranger = Citizen::sign_in(&platform, "aygul", "kaa").await;
        let closed = stranger.visitor.open(&format!("{}{}", stranger.portal, asked(case))).await;
        assert_eq!(closed.status, 404, "{}", closed.text());

        let question = owner.visitor.link(&told, "/pages/term").await;
        let check = owner.visitor.send(&question.form("/pages/").set("consent.kind", "permanent")).await;
        assert!(check.shows("Múddetsiz") && check.shows("Úy meniki"), "on {}:\n{}", check.url, check.text());
        let agreed = owner.visitor.send(&check.form("/check")).await;
        assert!(agreed.shows("Siz razı boldıńız"), "on {}:\n{}", agreed.url, agreed.text());
        let inbox = owner.visitor.open(&format!("{}/inbox", owner.portal)).await;
        assert!(inbox.shows("Úyińizde dizimge alıw ushın razılıǵıńız soraldı"), "{}", inbox.text());

        let mut elsewhere = Officer::of(&platform, "migration-tashkent").await;
        let mut officer = Officer::of(&platform, "migration-nukus").await;
        let task = officer.task(case).await;
        for words in [NAME, CHILD, "Berdaq"] {
            assert!(task.shows(words), "{words:?} is missing:\n{}", task.text());
        }
        assert_eq!(elsewhere.find(case).await, None, "the office follows the address");
        officer.decide(case, "approve", &[]).await;
        let page = applicant.until_told(case, "Dizimge alındı").await;
        applicant.document(&page).await;
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[]).await;
    });
}

#[test]
fn an_owner_who_declines_ends_it_and_who_then_names_themselves_asks_nobody() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (mut applicant, case) = applied(&platform).await;
        let mut owner = Citizen::sign_in(&platform, "dilnoza", "kaa").await;
        let told = request(&mut owner, case).await;
        let sure = owner.visitor.link(&told, "/decline").await;
        let declined = owner.visitor.send(&sure.form("/decline")).await;
        assert!(declined.shows("Siz bas tarttıńız"), "on {}:\n{}", declined.url, declined.text());

        let page = applicant.until_told(case, "Usı juwaplar menen qaytadan arza beriw").await;
        assert!(page.shows("Úy iyesi razı bolmadı"), "{}", page.text());
        let question = applicant.visitor.send(&page.form("/onward/again")).await;
        assert!(question.url.path().ends_with("/pages/address"), "{}:\n{}", question.url, question.text());
        let again = case_of(&question.url);
        let filled = question.form("/pages/");
        assert_eq!((filled.get("address.soato"), filled.get("address.house")), (Some("1735401"), Some("12")));
        let check = applicant.answer(question, &[("owner.pinfl", APPLICANT)]).await;
        assert!(check.shows(CHILD), "{}", check.text());
        applicant.visitor.send(&check.form("/check")).await;
        let mut officer = Officer::of(&platform, "migration-nukus").await;
        officer.decide(again, "refuse", &[("_reasons:refuse", "no-such-dwelling")]).await;
        applicant.until_told(again, "Bul mánzilde turaq jay joq").await;
        // A refusal can be appealed once it has ended the case.
        applicant.until_told(again, "Qarar ústinen shaǵım etiw").await;
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "declined").await;
        traces.nothing_is_left(again, "rejected").await;
    });
}

#[test]
fn a_child_of_the_archive_is_chosen_and_sending_asks_to_sign_in_again_and_loses_nothing() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "kaa").await;
        citizen.service = SERVICE;
        let mut page = citizen.begin().await;
        let case = case_of(&page.url);
        while !page.url.path().ends_with("/pages/child") {
            let path = page.url.path().to_owned();
            page = citizen.visitor.send(&answered(&page, &ANSWERS)).await;
            assert!(page.url.path() != path, "not taken on {path}:\n{}", page.text());
        }
        assert!(page.shows(KNOWN) && !page.html.contains(KNOWN_PINFL), "{}", page.html);
        assert!(!page.shows("Kamola"), "she is of age:\n{}", page.text());
        let more = citizen.visitor.send(&page.form("/pages/").set("child.pinfl", &word_for(&page, KNOWN))).await;
        assert!(more.has_input("child.others") && !more.has_errors(), "{}", more.text());
        let next = citizen.visitor.send(&more.form("/pages/").set("child.others", "false")).await;
        assert!(next.url.path().ends_with("/pages/contact"), "nobody is typed: {}\n{}", next.url, next.text());
        let check = citizen.answer(next, &[]).await;
        assert!(check.shows(KNOWN), "{}", check.text());

        platform.advance(TOO_LATE).await;
        let asked = citizen.visitor.send(&check.form("/check")).await;
        let oneid = citizen.visitor.link(&asked, "/oneid").await;
        let check = citizen.visitor.send(&oneid.form("sign-in").set("person", "botir")).await;
        assert!(check.url.path().ends_with("/check") && check.shows(KNOWN), "{}:\n{}", check.url, check.text());
        let sent = citizen.visitor.send(&check.form("/check")).await;
        assert!(sent.url.path().ends_with("/confirmation"), "{}:\n{}", sent.url, sent.text());

        let mut owner = Citizen::sign_in(&platform, "dilnoza", "kaa").await;
        let told = request(&mut owner, case).await;
        assert!(told.shows(KNOWN) && !told.html.contains(KNOWN_PINFL), "{}", told.text());
    });
}

/// What a browser sends for the choice of this label.
fn word_for(page: &Page, label: &str) -> String {
    let (before, _) = page.html.split_once(label).expect("a choice of this label");
    let (_, input) = before.rsplit_once("type=\"radio\"").expect("before its label");
    let (_, value) = input.split_once("value=\"").expect("a radio has a value");
    value.split('"').next().expect("a quoted value").to_owned()
}
