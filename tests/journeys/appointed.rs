//! Whoever runs the platform appoints an officer, who sets up their account by the address they were handed, and works.

use tests::{
    officer::{code, sign_in},
    shared,
    terminal::as_administrator,
    visitor::Visitor,
};

/// Nobody's: a fictional officer of the journey.
const PINFL: &str = "41506870170614";
const PASSWORD: &str = "seven-apricots-in-a-row";

/// As the page shows it to be typed: eight groups of four.
fn key_shown(text: &str) -> String {
    let (_, after) = text.split_once("then type the code it shows:").expect("the page says what to do");
    after.split_whitespace().take(8).collect()
}

#[test]
fn a_new_officer_is_appointed_from_the_command_line_and_signs_in_after_setting_up_their_account() {
    shared::walk(async {
        let platform = shared::platform().await;
        let order = ["--login", "registrar-new", "--name", "Zulfiya Nazarova", "--agency", "justice", "--office"];
        let command =
            [["officers", "appoint"].as_slice(), &order, &["tashkent-yunusabad", "--role", "registrar"]].concat();
        let refused = as_administrator(&platform, &command, "41506870170615").await;
        assert!(refused.contains("pinfl.check-digit") && !refused.contains("invitation"), "{refused}");
        let told = as_administrator(&platform, &command, PINFL).await;
        let invitation = told.lines().find(|line| line.contains("/invitation/")).unwrap_or_else(|| panic!("{told}"));

        let mut visitor = Visitor::new("en");
        let page = visitor.open(invitation).await;
        assert!(page.shows("Welcome, Zulfiya Nazarova"), "{}", page.text());
        let text = page.text();
        let secret = key_shown(&text);
        let form = page.form("/invitation/").set("password", PASSWORD);
        let done = visitor.send(&form.set("code", &code(&secret, platform.ahead()))).await;
        assert!(done.shows("You can now sign in as an officer"), "{}", done.text());
        let gone = visitor.open(invitation).await;
        assert!(gone.shows("has been used or has expired"), "{}", gone.text());

        let mut officer = sign_in(&platform, ("registrar-new", PASSWORD, &secret)).await;
        let queue = officer.open(&format!("{}/officer", platform.ready.portal)).await;
        assert!(queue.status.is_success() && queue.shows("Zulfiya Nazarova"), "{}", queue.text());
        let again = as_administrator(&platform, &command, PINFL).await;
        assert!(again.contains("signs in as before"), "{again}");
    });
}
