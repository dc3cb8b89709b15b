//! An agency's administrator invites an officer, names who stands in for another, and ends an access, without whoever runs the
//! platform.

use tests::{
    citizen::Citizen,
    officer::{Officer, code, sign_in},
    shared,
    terminal::as_officer,
    traces::Traces,
    visitor::{Page, Visitor},
};

/// Of the person whom the counterpart of OneID calls `aygul`.
const PINFL: &str = "41105950350124";
const PASSWORD: &str = "nine-quinces-on-a-shelf";

/// The address that the administrator hands over, as the page shows it.
fn invitation(page: &Page) -> String {
    let text = page.text();
    let address = text.lines().find(|line| line.contains("/invitation/"));
    address.unwrap_or_else(|| panic!("no address is shown:\n{text}")).trim().to_owned()
}

/// As the page shows it to be typed: eight groups of four.
fn key_shown(text: &str) -> String {
    let (_, after) = text.split_once("then type the code it shows:").expect("the page says what to do");
    after.split_whitespace().take(8).collect()
}

/// The page of the officer of this name.
pub async fn page_of(administrator: &mut Officer, name: &str) -> Page {
    let list = administrator.visitor.open(&format!("{}/staff", administrator.portal)).await;
    assert!(list.shows(name), "{}", list.text());
    for link in list.links().into_iter().filter(|link| link.path().starts_with("/staff/justice/")) {
        let page = administrator.visitor.open(link.as_str()).await;
        if page.html.contains(&format!("<h1 class=\"govuk-heading-xl\">{name}</h1>")) {
            return page;
        }
    }
    panic!("{name} has no page:\n{}", list.text())
}

#[test]
fn an_administrator_invites_an_officer_who_proves_to_be_themself_and_ends_their_access() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut administrator = Officer::of(&platform, "administrator").await;
        let ask = administrator.visitor.open(&format!("{}/staff/justice/invite", administrator.portal)).await;
        let form = ask.form("/invite").set("_name", "Aygul Reyimova").set("_login", "registrar-bukhara");
        let form = form.set("_office", "bukhara").set("_role", "registrar");
        let refused = administrator.visitor.send(&form.clone().set("_pinfl", "41105950350125")).await;
        assert!(
            refused.shows("This is not a PINFL") && refused.html.contains("registrar-bukhara"),
            "{}",
            refused.text()
        );
        let told = administrator.visitor.send(&form.set("_pinfl", PINFL)).await;
        let address = invitation(&told);

        let stranger = Visitor::new("en").open(&address).await;
        assert_eq!(stranger.status, 401, "{}", stranger.text());
        assert!(stranger.shows("First sign in to the portal with OneID"), "{}", stranger.text());
        let mut invited = Citizen::sign_in(&platform, "aygul", "en").await;
        let page = invited.visitor.open(&address).await;
        assert!(page.shows("Welcome, Aygul Reyimova"), "{}", page.text());
        let secret = key_shown(&page.text());
        let form = page.form("/invitation/").set("password", PASSWORD).set("code", &code(&secret, platform.ahead()));
        let done = invited.visitor.send(&form).await;
        assert!(done.shows("You can now sign in as an officer"), "{}", done.text());
        let mut officer = sign_in(&platform, ("registrar-bukhara", PASSWORD, &secret)).await;
        let queue = format!("{}/officer", platform.ready.portal);
        assert!(officer.open(&queue).await.shows("Aygul Reyimova"));
        let staff = officer.open(&format!("{}/staff", platform.ready.portal)).await;
        assert!(staff.shows("You administer no agency"), "{}", staff.text());
        let forbidden = officer.open(&format!("{}/staff/justice/invite", platform.ready.portal)).await;
        assert_eq!(forbidden.status, 403, "{}", forbidden.text());

        let page = page_of(&mut administrator, "Aygul Reyimova").await;
        let ended = administrator.visitor.send(&page.form("/staff/justice/").set("_act", "end")).await;
        assert!(ended.shows("takes effect within a minute"), "{}", ended.text());
        let nothing = officer.open(&queue).await;
        assert!(nothing.shows("You have no role yet"), "at once: {} {}", nothing.url, nothing.text());
        let out = officer.open(&format!("{}/data-use", platform.ready.portal)).await;
        assert!(out.url.path() != "/data-use" || !out.status.is_success(), "identity speaks for them: {}", out.text());
        let acts = "SELECT COUNT(*) FROM audit WHERE act IN \
                    ('identity.officer-invited', 'identity.access-ended', 'identity.staff-refused')";
        assert!(traces.total("identity", acts).await >= 3);
        let open = "SELECT COUNT(*) FROM invitations WHERE proof = 1";
        assert_eq!(traces.total("identity", open).await, 0, "no invitation is left");
    });
}

#[test]
fn a_substitute_takes_the_tasks_of_whom_they_stand_in_for_and_nobody_changes_their_own_access() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let listed = as_officer(&platform, "administrator", &["officers", "list"]).await;
        let line = listed.lines().find(|line| line.contains("Anvar Sodiqov")).unwrap_or_else(|| panic!("{listed}"));
        let by = line.split_whitespace().next().expect("an id stands first");
        // Whose marriage is recorded in Nukus.
        let mut citizen = Citizen::sign_in(&platform, "aygul", "en").await;
        let case = citizen.apply_and_pay(&[]).await;

        let mut administrator = Officer::of(&platform, "administrator").await;
        let away = page_of(&mut administrator, "Gulnara Saparova").await;
        let form = away.form("/staff/justice/").set("_act", "substitute").set("_person", by).set("_since", "");
        let past = administrator.visitor.send(&form.clone().set("_until", "2020-01-01")).await;
        assert!(past.shows("The end must be a day after the beginning"), "{}", past.text());
        let named = administrator.visitor.send(&form.set("_until", "2099-01-01")).await;
        assert!(named.shows("takes effect within a minute") && named.shows("Anvar Sodiqov"), "{}", named.text());
        let mut substitute = Officer::of(&platform, "chief-accountant").await;
        substitute.decide(case, "approve", &[]).await;
        traces.nothing_is_left(case, "granted").await;

        let form = named.form("/staff/justice/").set("_act", "end-substitute").set("_person", by);
        let over = administrator.visitor.send(&form).await;
        assert!(over.shows("takes effect within a minute"), "{}", over.text());
        let own = page_of(&mut administrator, "Kamola Ergasheva").await;
        assert!(own.shows("This is you. Nobody changes their own access"), "{}", own.text());
        let refused = administrator.visitor.send(&own.form("/staff/justice/").set("_act", "end")).await;
        assert!(refused.shows("Nobody changes their own access") && refused.has_errors(), "{}", refused.text());
        let left = "SELECT COUNT(*) FROM substitutes";
        assert_eq!(traces.total("identity", left).await, 0, "nobody stands in any more");
    });
}
