//! A registrar who opens tasks and decides them, over plain HTTP.

use kernel::Clock;
use std::time::Duration;

use kernel::CaseId;
use totp_rs::{Algorithm, Builder, Secret};
use url::Url;

use crate::{
    patience::Patience,
    platform::Platform,
    visitor::{Form, Page, Visitor},
};

const POLL: Duration = Duration::from_millis(300);
/// What an officer types who opens a task outside of their own queue.
pub const REASON: &str = "The head of the office asked for it";

pub struct Officer {
    pub visitor: Visitor,
    pub portal: String,
}

impl Officer {
    /// A session of this officer; signs in where nobody has.
    pub async fn of(platform: &Platform, login: &str) -> Self {
        let mut officers = platform.officers.lock().await;
        if !officers.contains_key(login) {
            let account =
                platform.ready.accounts.iter().find(|account| account.login == login).expect("a demo officer");
            let visitor = sign_in(platform, (login, &account.password, &account.totp_secret)).await;
            officers.insert(login.to_owned(), visitor);
        }
        Self { visitor: officers[login].clone(), portal: platform.ready.portal.clone() }
    }

    /// The task that waits for a decision in this case.
    pub async fn task(&mut self, case: CaseId) -> Page {
        let patience = Patience::default();
        while patience.lasts() {
            if let Some(link) = self.find(case).await {
                let page = self.visitor.open(link.as_str()).await;
                return if page.has_input("_reason") { self.explain(&page, REASON).await } else { page };
            }
            tokio::time::sleep(POLL).await;
        }
        let queue = self.visitor.open(&format!("{}/officer", self.portal)).await;
        panic!("no task of {case} reaches the queue:\n{}", queue.text())
    }

    /// Says why the case is opened; the page that comes is the task's.
    pub async fn explain(&mut self, page: &Page, reason: &str) -> Page {
        self.visitor.send(&page.form("/reason").set("_reason", reason)).await
    }

    pub async fn find(&mut self, case: CaseId) -> Option<Url> {
        let queue = self.visitor.open(&format!("{}/officer", self.portal)).await;
        assert!(queue.status.is_success(), "{}:\n{}", queue.status, queue.text());
        task_of(&queue, case)
    }

    /// Looks for applications; `why`: beyond their own queue.
    pub async fn search(&mut self, kind: &str, text: &str, why: &str) -> Page {
        let form = self.visitor.open(&format!("{}/officer/search", self.portal)).await.form("/officer/search");
        self.visitor.send(&form.set("_kind", kind).set("_text", text).set("_reason", why)).await
    }

    /// Comes to a case in which nothing is open for them as one does who knows its number: by a search, by the link that it shows, and
    /// with a reason for both.
    pub async fn come_back(&mut self, case: CaseId, number: &str, why: &str) -> Page {
        let found = self.search("number", number, why).await;
        let link = task_of(&found, case).unwrap_or_else(|| panic!("no link leads to {number}:\n{}", found.text()));
        let page = self.visitor.open(link.as_str()).await;
        if page.has_input("_reason") { self.explain(&page, why).await } else { page }
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

    /// Approves every task that stands in the queue now, while the platform may be gone at any moment; says how many
    /// decisions were taken.
    pub async fn approve_all(&mut self) -> usize {
        let Ok(queue) = self.visitor.try_open(&format!("{}/officer", self.portal)).await else { return 0 };
        if !queue.status.is_success() {
            return 0;
        }
        let mut decided = 0;
        for link in queue.links().into_iter().filter(|link| link.path().starts_with("/officer/tasks/")) {
            let Ok(task) = self.visitor.try_open(link.as_str()).await else { return decided };
            if !task.status.is_success() || !task.has_input("_outcome") {
                continue;
            }
            let form = task.form("/officer/tasks/").set("_outcome", "approve");
            if matches!(self.visitor.acknowledged(&form).await, Ok(Some(_))) {
                decided += 1;
            }
        }
        decided
    }
}

/// The link of a list under which a task of this case is opened.
pub fn task_of(page: &Page, case: CaseId) -> Option<Url> {
    let case = case.to_string();
    page.links().into_iter().find(|link| link.path().starts_with("/officer/tasks/") && link.path().contains(&case))
}

/// An officer whose clicks after reading are counted, as a hand makes them: each choice and each tick is one, so is each button.
/// Typing is none. A page that shows what a decision would do is read anew.
pub struct Clicking<'a> {
    officer: &'a mut Officer,
    clicks: u32,
}

impl<'a> Clicking<'a> {
    const CLICKS_MAX: u32 = 2;

    pub fn after_reading(officer: &'a mut Officer) -> Self {
        Self { officer, clicks: 0 }
    }

    pub fn tick(&mut self, form: Form, name: &str, value: &str) -> Form {
        self.click();
        form.set(name, value)
    }

    pub async fn press(&mut self, form: &Form) -> Page {
        self.click();
        self.officer.visitor.send(form).await
    }

    fn click(&mut self) {
        self.clicks += 1;
        assert!(self.clicks <= Self::CLICKS_MAX, "more than {} clicks after reading", Self::CLICKS_MAX);
    }
}

/// Signs in for another client than the portal; gives the address at which identity sends the officer back to it.
pub async fn sign_in_at(platform: &Platform, login: &str, start: &str) -> Url {
    let account = platform.ready.accounts.iter().find(|account| account.login == login).expect("a demo officer");
    let mut visitor = Visitor::new("en");
    let page = visitor.open(start).await;
    let form = page.form("/officer").set("login", &account.login).set("password", &account.password);
    let page = visitor.send(&form).await;
    let form = page.form("/code").set("code", &code(&account.totp_secret, platform.ahead()));
    visitor.acknowledged(&form).await.expect("identity answers").expect("the code is taken")
}

/// Login, password and the secret that the authenticator knows.
pub async fn sign_in(platform: &Platform, (login, password, secret): (&str, &str, &str)) -> Visitor {
    let mut visitor = Visitor::new("en");
    let page = visitor.open(&format!("{}/officer", platform.ready.portal)).await;
    let form = page.form("/officer").set("login", login).set("password", password);
    let page = visitor.send(&form).await;
    let mut page = visitor.send(&page.form("/code").set("code", &code(secret, platform.ahead()))).await;
    if page.url.path().ends_with("/code") {
        // Each code counts once, and the platform itself may have used this one: the next is taken a little early.
        page = visitor.send(&page.form("/code").set("code", &code(secret, platform.ahead() + 30))).await;
    }
    assert_eq!(page.url.path(), "/officer", "signed in, yet {}:\n{}", page.status, page.text());
    visitor
}

/// What the officer's authenticator shows now.
pub fn code(secret: &str, ahead: u64) -> String {
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
