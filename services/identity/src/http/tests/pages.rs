//! Every page that people see while they sign in, with what they may have typed, in five languages. With `XIZMAT_PAGES=folder` the
//! pages are written there, to be looked at in a browser beside the portal's, whose style they share.

use std::{fs, path::PathBuf};

use askama::Template;
use boot::Stage;
use kernel::{Failure, Language};

use super::world::world;
use crate::{
    http::page::{Account, Choose, Code, Frame, Invited, Leave, Message, Officer, Password},
    provider::Provider,
};

const HOSTILE: &str = "\"><script>alert(1)</script>";

fn text(words: &str) -> String {
    words.to_owned()
}

/// Every page by name, in one language.
fn pages(provider: &Provider, language: Language) -> Vec<(&'static str, String)> {
    let csrf = || "t".repeat(86);
    let blank = |path: &str, title: &str| Frame::new(provider, language, path, title);
    let faulty = |path: &str, title: &str, wrong: &[(&'static str, &str)]| {
        wrong.iter().fold(blank(path, title), |frame, &(field, key)| {
            let message = frame.say.get(key);
            frame.wrong(field, message)
        })
    };
    let said = |title: &str, text: &str| {
        let frame = blank("", title);
        Message { text: frame.say.get(text), frame, code: String::new() }.render().unwrap()
    };
    let choose = |offered: bool| {
        let [oneid, password] = ["/sign-in/1/oneid", "/sign-in/1/password"].map(|way| offered.then(|| text(way)));
        Choose { frame: blank("/sign-in/1", "choose-title"), oneid, password }.render().unwrap()
    };
    let password = |pinfl: &str, wrong: &[(&'static str, &str)]| {
        let frame = faulty("/sign-in/1/password", "password-title", wrong);
        Password { frame, action: text("/x"), back: text("/sign-in/1"), csrf: csrf(), pinfl: text(pinfl) }
    };
    let officer = |login: &str, wrong: &[(&'static str, &str)]| {
        let frame = faulty("/sign-in/1/officer", "officer-title", wrong);
        Officer { frame, action: text("/x"), csrf: csrf(), login: text(login) }
    };
    let code = |wrong: &[(&'static str, &str)]| {
        let frame = faulty("/sign-in/1/code", "code-title", wrong);
        Code { frame, action: text("/x"), csrf: csrf() }
    };
    let account = |wrong: &[(&'static str, &str)]| {
        let frame = faulty("/account", "account-title", wrong);
        Account { frame, action: text("/x"), csrf: csrf() }
    };
    let invited = |name: &str, wrong: &[(&'static str, &str)]| {
        let frame = faulty("/invitation/1", "invitation-title", wrong);
        Invited { frame, action: text("/x"), csrf: csrf(), name: text(name), secret: ["ABCD"; 8].join(" ") }
    };
    let waiting = || {
        let frame = blank("", "wait-title");
        Message { text: frame.say.number("wait-text", "seconds", 32), frame, code: String::new() }
    };
    let failed = || {
        let failure = Failure::forbidden("identity.no-appointment", "You have no role in any office today.");
        let frame = blank("", "error-title");
        Message { text: frame.say.failure(&failure), frame, code: failure.code.to_string() }
    };
    let (guessable, refused) = ("error-identity-password-guessable", "code-refused");
    vec![
        ("choose", choose(true)),
        ("choose-nothing", choose(false)),
        ("password", password("", &[]).render().unwrap()),
        ("password-refused", password(HOSTILE, &[("password", "password-refused")]).render().unwrap()),
        ("password-pinfl-wrong", password(HOSTILE, &[("pinfl", "password-pinfl-wrong")]).render().unwrap()),
        ("officer", officer("", &[]).render().unwrap()),
        ("officer-refused", officer(HOSTILE, &[("password", "officer-refused")]).render().unwrap()),
        ("code", code(&[]).render().unwrap()),
        ("code-refused", code(&[("code", refused)]).render().unwrap()),
        ("account", account(&[]).render().unwrap()),
        ("account-refused", account(&[("password", guessable)]).render().unwrap()),
        ("account-done", said("account-done-title", "account-done-text")),
        ("invitation", invited(HOSTILE, &[]).render().unwrap()),
        ("invitation-refused", invited("Olim Nazarov", &[("code", refused)]).render().unwrap()),
        ("invitation-done", said("invitation-done-title", "invitation-done-text")),
        (
            "logout",
            Leave { frame: blank("/logout", "logout-title"), action: text("/x"), csrf: csrf() }.render().unwrap(),
        ),
        ("logged-out", said("logged-out-title", "logged-out-text")),
        ("wait", waiting().render().unwrap()),
        ("failed", failed().render().unwrap()),
    ]
}

#[tokio::test]
async fn every_sign_in_page_says_its_language_has_one_heading_and_takes_nothing_typed_for_markup() {
    let provider = world(Stage::Trial).await.provider;
    for language in Language::ALL {
        for (name, html) in pages(&provider, language) {
            assert!(html.contains(&format!("<html lang=\"{}\"", language.html_tag())), "{name}");
            assert_eq!(html.matches("<h1").count(), 1, "{name} in {}", language.tag());
            assert!(!html.contains("<script") && !html.contains("style="), "{name} in {}", language.tag());
        }
    }
}

#[tokio::test]
async fn the_sign_in_pages_can_be_written_out_to_be_looked_at() {
    let Some(folder) = std::env::var_os("XIZMAT_PAGES").map(PathBuf::from) else { return };
    let provider = world(Stage::Trial).await.provider;
    fs::create_dir_all(&folder).unwrap();
    for language in Language::ALL {
        for (name, html) in pages(&provider, language) {
            let html = html.replace("\"/assets/", "\"assets/");
            fs::write(folder.join(format!("identity-{name}-{}.html", language.tag())), html).unwrap();
        }
    }
}
