//! A registrar who approves whatever stands in the queue, over plain HTTP.

use tests::{platform::Platform, visitor::Visitor};

pub struct Officer {
    pub visitor: Visitor,
    portal: String,
}

impl Officer {
    pub async fn sign_in(platform: &Platform, login: &str) -> Self {
        let portal = platform.ready.portal.clone();
        let account = platform.ready.accounts.iter().find(|account| account.login == login).expect("a demo officer");
        let mut visitor = Visitor::new("en");
        let page = visitor.open(&format!("{portal}/officer")).await;
        let form = page.form("/officer").set("login", &account.login).set("password", &account.password);
        let page = visitor.send(&form).await;
        let page = visitor.send(&page.form("/code").set("code", &code(platform, login))).await;
        assert!(page.url.path() == "/officer", "signed in, yet on {}:\n{}", page.url, page.text());
        Self { visitor, portal }
    }

    /// Decides every task that stands in the queue now; says how many decisions were taken.
    pub async fn decide_all(&mut self, outcome: &str) -> usize {
        let Ok(queue) = self.visitor.try_open(&format!("{}/officer", self.portal)).await else { return 0 };
        if !queue.status.is_success() {
            return 0;
        }
        let mut decided = 0;
        for link in queue.links() {
            if !link.path().starts_with("/officer/tasks/") {
                continue;
            }
            let Ok(task) = self.visitor.try_open(link.as_str()).await else { return decided };
            if !task.status.is_success() || !task.html.contains("name=\"_outcome\"") {
                continue;
            }
            let form = task.form("/officer/tasks/").set("_outcome", outcome);
            let form = if outcome == "refuse" { form.set("_reasons:refuse", "no-record") } else { form };
            if matches!(self.visitor.acknowledged(&form).await, Ok(Some(_))) {
                decided += 1;
            }
        }
        decided
    }
}

/// What the officer's authenticator shows now.
fn code(platform: &Platform, login: &str) -> String {
    let output = std::process::Command::new(tests::platform::binary("xizmat"))
        .args(["demo-code", login, "--data"])
        .arg(platform.data())
        .output()
        .expect("the platform's own binary");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
