//! A registrar who opens tasks and decides them, over plain HTTP.

use kernel::Clock;
use std::time::Duration;

use kernel::CaseId;
use totp_rs::{Algorithm, Builder, Secret};
use url::Url;

use crate::{
    platform::Platform,
    visitor::{Page, Visitor},
};

const POLL: Duration = Duration::from_millis(300);

pub struct Officer {
    pub visitor: Visitor,
    pub portal: String,
}

impl Officer {
    /// A session of this officer; signs in where nobody has.
    pub async fn of(platform: &Platform, login: &str) -> Self {
        let mut officers = platform.officers.lock().await;
        if !officers.contains_key(login) {
            let visitor = sign_in(platform, login).await;
            officers.insert(login.to_owned(), visitor);
        }
        Self { visitor: officers[login].clone(), portal: platform.ready.portal.clone() }
    }

    /// The task that waits for a decision in this case.
    pub async fn task(&mut self, case: CaseId) -> Page {
        for _ in 0..100 {
            if let Some(link) = self.find(case).await {
                return self.visitor.open(link.as_str()).await;
            }
            tokio::time::sleep(POLL).await;
        }
        panic!("no task of {case} reaches the queue")
    }

    pub async fn find(&mut self, case: CaseId) -> Option<Url> {
        let queue = self.visitor.open(&format!("{}/officer", self.portal)).await;
        assert!(queue.status.is_success(), "{}:\n{}", queue.status, queue.text());
        let case = case.to_string();
        queue.links().into_iter().find(|link| link.path().starts_with("/officer/tasks/") && link.path().contains(&case))
    }

    /// Decides; `more` are the other inputs of the page.
    pub async fn decide(&mut self, case: CaseId, outcome: &str, more: &[(&str, &str)]) -> Page {
        let task = self.task(case).await;
        let mut form = task.form("/officer/tasks/").set("_outcome", outcome);
        for (name, value) in more {
            form = form.set(name, value);
        }
        let page = self.visitor.send(&form).await;
        assert_eq!(page.url.path(), "/officer", "{}:\n{}", page.status, page.text());
        page
    }
}

async fn sign_in(platform: &Platform, login: &str) -> Visitor {
    let account = platform.ready.accounts.iter().find(|account| account.login == login).expect("a demo officer");
    let mut visitor = Visitor::new("en");
    let page = visitor.open(&format!("{}/officer", platform.ready.portal)).await;
    let form = page.form("/officer").set("login", &account.login).set("password", &account.password);
    let page = visitor.send(&form).await;
    let mut page = visitor.send(&page.form("/code").set("code", &code(&account.totp_secret, platform.ahead()))).await;
    if page.url.path().ends_with("/code") {
        // Each code counts once, and the platform itself may have used this one: the next is taken a little early.
        page = visitor.send(&page.form("/code").set("code", &code(&account.totp_secret, platform.ahead() + 30))).await;
    }
    assert_eq!(page.url.path(), "/officer", "signed in, yet {}:\n{}", page.status, page.text());
    visitor
}

/// What the officer's authenticator shows now.
fn code(secret: &str, ahead: u64) -> String {
    let now = u64::try_from(boot::SystemClock::default().now().seconds()).expect("it is after 1970");
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_secret(Secret::new_stack(from_base32(secret)));
    totp.build().expect("a secret of its length").generate(now + ahead).to_string()
}

fn from_base32(text: &str) -> [u8; 20] {
    let mut secret = [0; 20];
    for (letters, bytes) in text.as_bytes().chunks(8).zip(secret.chunks_mut(5)) {
        let bits = letters.iter().fold(0_u64, |bits, letter| {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                digit => digit - b'2' + 26,
            };
            bits << 5 | u64::from(value)
        });
        bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    secret
}
