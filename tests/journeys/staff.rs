//! An agency's administrator invites an officer, names who stands in for another, and ends an access, without whoever runs the
//! platform.

use tests::{
    citizen::Citizen,
    officer::{Officer, code, sign_in},
    platform::{Manner, Platform},
    shared,
    terminal::{as_officer, as_officer_typing},
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

/// A terminal at which an administrator says who serves in the agency.
struct Desk {
    platform: Platform,
}

impl Desk {
    /// Runs `xizmat officers WHAT…` as the administrator, each time with a code that was not used yet.
    async fn officers(&self, what: &[&str], lines: &[&str]) -> String {
        self.platform.advance(60).await;
        as_officer_typing(&self.platform, "administrator", &[&["officers"][..], what].concat(), lines).await
    }

    /// The id under which the list has the officer of this name, and what it says of them.
    async fn listed(&self, name: &str) -> (String, String) {
        let list = self.officers(&["list"], &[]).await;
        let mut lines = list.lines().skip_while(|line| !line.contains(name));
        let first = lines.next().unwrap_or_else(|| panic!("{name} is not listed:\n{list}"));
        let id = first.split_whitespace().next().expect("an id stands first").to_owned();
        let more: Vec<&str> = lines.take_while(|line| line.starts_with(' ')).collect();
        (id, [&[first][..], more.as_slice()].concat().join("\n"))
    }
}

#[test]
fn an_administrator_at_a_terminal_invites_gives_substitutes_and_ends() {
    shared::walk(async {
        // Of its own: every command takes a code, and a code counts once.
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let desk = Desk { platform: Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await };
        let traces = Traces::of(&desk.platform);
        let invite = ["invite", "--login", "registrar-bukhara", "--name", "Aygul Reyimova", "--office", "bukhara"];
        let invite = [&invite[..], &["--role", "registrar"]].concat();
        let refused = desk.officers(&invite, &["41105950350125"]).await;
        assert!(refused.contains("pinfl.check-digit") && !refused.contains("/invitation/"), "{refused}");
        let invited = desk.officers(&invite, &[PINFL]).await;
        assert!(invited.contains("/invitation/") && invited.contains("registrar in bukhara, since"), "{invited}");
        assert!(!invited.contains(PINFL), "the number stands nowhere:\n{invited}");
        let (person, listed) = desk.listed("Aygul Reyimova").await;
        assert!(listed.contains("(no account yet)"), "{listed}");

        let given = desk.officers(&["give", &person, "--role", "cashier", "--office", "bukhara"], &[]).await;
        assert!(given.contains("cashier in bukhara, since"), "{given}");
        let ended = desk.officers(&["end", &person, "--role", "cashier", "--office", "bukhara"], &[]).await;
        assert!(ended.contains("cashier in bukhara, ") && !ended.contains("cashier in bukhara, since"), "{ended}");
        assert!(ended.contains("registrar in bukhara, since"), "the other one stays:\n{ended}");

        let (substitute, _) = desk.listed("Anvar Sodiqov").await;
        let (absent, _) = desk.listed("Gulnara Saparova").await;
        let stands_in = ["substitute", &absent, "--by", &substitute];
        let named = desk.officers(&[&stands_in[..], &["--until", "2099-01-01T00:00:00Z"]].concat(), &[]).await;
        assert!(named.contains("Anvar Sodiqov stands in"), "{named}");
        let over = desk.officers(&[&stands_in[..], &["--end"]].concat(), &[]).await;
        assert!(over.contains("Gulnara Saparova") && !over.contains("stands in"), "{over}");

        let gone = desk.officers(&["end", &person], &[]).await;
        assert!(gone.contains("registrar in bukhara, ") && !gone.contains(", since"), "{gone}");
        let (own, _) = desk.listed("Kamola Ergasheva").await;
        let refused = desk.officers(&["end", &own], &[]).await;
        assert!(refused.contains("identity.own-access"), "nobody changes their own access:\n{refused}");
        let refused = as_officer(&desk.platform, "registrar-nukus", &["officers", "list"]).await;
        assert!(refused.contains("identity.administrators-only") && !refused.contains("Kamola"), "{refused}");
        let acts = "SELECT count(DISTINCT act) FROM audit WHERE act IN ('identity.officer-invited', 'identity.role-given', \
                    'identity.role-ended', 'identity.substitute-named', 'identity.substitute-ended', \
                    'identity.access-ended', 'identity.staff-refused')";
        assert_eq!(traces.total("identity", acts).await, 7, "each is an act of the record");
        let open = "SELECT (SELECT count(*) FROM substitutes) + (SELECT count(*) FROM invitations WHERE proof = 1)";
        assert_eq!(traces.total("identity", open).await, 0, "nothing of it is left");
    });
}

#[test]
fn a_role_that_an_administrator_gives_on_the_page_is_there_and_ends_there() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut administrator = Officer::of(&platform, "administrator").await;
        let page = page_of(&mut administrator, "Nodira Aliyeva").await;
        let give = page.forms("/staff/justice/").into_iter().find(|form| form.get("_act") == Some("give"));
        let give = give.expect("a role can be given").set("_role", "cashier").set("_office", "samarkand");
        let given = administrator.visitor.send(&give).await;
        assert!(given.shows("takes effect within a minute"), "{}", given.text());
        let of_cashier = |page: &Page| {
            let forms = page.forms("/staff/justice/").into_iter();
            let mut ends = forms.filter(|form| form.get("_act") == Some("end-role"));
            ends.find(|form| form.get("_role") == Some("cashier") && form.get("_office") == Some("samarkand"))
        };
        let end = of_cashier(&given).unwrap_or_else(|| panic!("it is not there:\n{}", given.text()));
        let ended = administrator.visitor.send(&end).await;
        assert!(ended.shows("takes effect within a minute") && of_cashier(&ended).is_none(), "{}", ended.text());
    });
}
