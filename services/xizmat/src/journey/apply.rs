//! A citizen's application: answered, sent, paid for, decided, and its document verified. Only ever made on a trial.

use std::time::Duration;

use clap::ValueEnum;
use kernel::Failure;
use tokio::time::Instant;
use url::Url;

use super::{
    browser::{Browser, look_at, place},
    not_walked,
    page::{Form, Page},
    public::Start,
    walked,
};

/// What an application ends with, as far as it is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// It is sent.
    Submitted,
    /// Its fee is paid.
    Paid,
    /// It is decided without an officer, and its document is genuine.
    Document,
}

/// What is filled in, by the place in the data.
pub type Answers = [(String, String)];

const POLL: Duration = Duration::from_millis(500);
const QUESTIONS_MAX: usize = 60;
/// The button of a counterpart's payment page that pays.
const PAY: &str = "pay";

pub async fn walk(browser: &mut Browser, start: &Start, answers: &Answers, until: Until) -> Result<(), Failure> {
    let page = begin(browser, start).await?;
    let check = answer(browser, page, answers).await?;
    walked(&format!("the questions of {}", start.service));
    let case = send(browser, &check).await?;
    walked(&format!("sending the application {}", place(&case)));
    if until == Until::Submitted {
        not_walked("paying, the decision and its document", "it is walked until `submitted`");
        return Ok(());
    }
    let Some(document) = follow(browser, &case, until).await? else {
        not_walked("the decision and its document", "it is walked until `paid`, for an officer decides");
        return Ok(());
    };
    verify(browser, &document).await
}

/// The first question of a new application: what earlier journeys left half done is left alone.
async fn begin(browser: &mut Browser, start: &Start) -> Result<Page, Failure> {
    let page = browser.open(&start.address).await?;
    let mut form = page.form("/start").ok_or_else(|| lacks(&page, "a form that begins the application"))?;
    form.set("_choice", "new");
    browser.send(&form).await
}

async fn answer(browser: &mut Browser, mut page: Page, answers: &Answers) -> Result<Page, Failure> {
    for _ in 0..QUESTIONS_MAX {
        if page.url.path().ends_with("/check") {
            return Ok(page);
        }
        let mut form = page.form(page.url.path()).ok_or_else(|| lacks(&page, "a question"))?;
        fill_in(&mut form, answers);
        page = browser.send(&form).await?;
        let mistakes = page.mistakes();
        if !mistakes.is_empty() {
            return Err(not_taken(&page, &mistakes.join(", ")));
        }
    }
    Err(not_taken(&page, "a question that comes again and again"))
}

/// A day is three inputs; what the page does not ask now is left out.
fn fill_in(form: &mut Form, answers: &Answers) {
    for (at, value) in answers {
        if form.has(at) {
            form.set(at, value);
        } else if form.has(&format!("_date:day:{at}")) {
            let mut parts = value.splitn(3, '-');
            for part in ["year", "month", "day"] {
                form.set(&format!("_date:{part}:{at}"), parts.next().unwrap_or_default());
            }
        }
    }
}

/// The page itself must say that it is of a trial: where it says nothing, real people's cases are made.
async fn send(browser: &mut Browser, check: &Page) -> Result<Url, Failure> {
    if !check.is_of_a_trial() {
        return Err(in_production(&check.url));
    }
    let form =
        check.form("/check").ok_or_else(|| lacks(check, "a form that sends the application, with nothing missing"))?;
    let page = browser.send(&form).await?;
    let sent = ["/pay", "/confirmation"].iter().any(|end| page.url.path().ends_with(end));
    if !sent {
        return Err(lacks(&page, "the page after the application is sent"));
    }
    let mut case = check.url.clone();
    case.set_path(check.url.path().trim_end_matches("/check"));
    case.set_query(None);
    Ok(case)
}

/// Looks at the application as its citizen does, pays when it is asked to, and gives back the document. None: paid, and no more
/// is wanted.
async fn follow(browser: &mut Browser, case: &Url, until: Until) -> Result<Option<Url>, Failure> {
    let mut end = Instant::now() + browser.patience;
    let mut paid = false;
    loop {
        let page = browser.open(case).await?;
        if let Some(fee) = page.link(|path| path == format!("{}/pay", case.path())).filter(|_| !paid) {
            pay(browser, &fee).await?;
            walked("paying the fee, at a counterpart of the provider");
            if until == Until::Paid {
                return Ok(None);
            }
            (paid, end) = (true, Instant::now() + browser.patience);
            continue;
        }
        let documents = format!("{}/documents/", case.path());
        if let Some(document) = page.link(|path| path.starts_with(&documents)) {
            walked("the decision, with a document");
            return Ok(Some(document));
        }
        // Colours of the phase: ended, or given back to the citizen.
        if page.has_class("govuk-tag--green") || page.has_class("govuk-tag--orange") {
            return Err(undecided(case, "has ended, or came back for correction, without a document"));
        }
        if Instant::now() >= end {
            let found = if until == Until::Paid { "asks for no fee" } else { "has no document yet" };
            return Err(undecided(case, found));
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn pay(browser: &mut Browser, fee: &Url) -> Result<(), Failure> {
    let page = browser.open(fee).await?;
    let mut form = page.form("/pay").ok_or_else(|| lacks(&page, "a choice of payment providers"))?;
    if form.get("_provider").is_none() {
        let provider = form.first_choice("_provider").ok_or_else(|| lacks(&page, "a payment provider"))?;
        form.set("_provider", &provider);
    }
    let mut page = browser.send(&form).await?;
    if browser.is_home(&page.url) {
        // A page in between says where people are led.
        let away = page.links().into_iter().find(|link| link.scheme().starts_with("http") && !browser.is_home(link));
        page = browser.open(&away.ok_or_else(|| lacks(&page, "a link to the provider"))?).await?;
    }
    let form =
        page.pressed(PAY).ok_or_else(|| lacks(&page, "a counterpart of the provider, with a button that pays"))?;
    let page = browser.send(&form).await?;
    let taken = browser.is_home(&page.url) && !page.url.path().ends_with("/pay");
    if taken { Ok(()) } else { Err(lacks(&page, "the way back from the provider, paid")) }
}

/// As whoever is shown the document does: by the file, without signing in.
async fn verify(browser: &mut Browser, document: &Url) -> Result<(), Failure> {
    let pdf = browser.download(document).await?;
    let size = pdf.len();
    if !pdf.starts_with(b"%PDF-") {
        return Err(not_genuine(document, "is no PDF"));
    }
    walked(&format!("downloading the document ({size} bytes)"));
    let verdict = browser.upload(&browser.at("/verify/file"), pdf).await?;
    let genuine = verdict.has_class("govuk-tag--green") && !verdict.has_class("govuk-tag--red");
    if !genuine {
        return Err(not_genuine(&verdict.url, "does not find the document that was just issued genuine"));
    }
    walked("verifying the document: it is genuine");
    Ok(())
}

pub fn in_production(page: &Url) -> Failure {
    let message = format!(
        "{} does not say that it is of a trial: this is a platform in production, where an application would be a real \
         person's case, so nobody signs in or applies. Leave `--person` out (the chart's tests.citizen.person).",
        place(page)
    );
    Failure::forbidden("journey.production", message)
}

fn lacks(page: &Page, expected: &str) -> Failure {
    let message = format!("{} lacks what is next; expected {expected}. {}", place(&page.url), look_at(&page.url));
    Failure::unavailable("journey.page", message)
}

fn not_taken(page: &Page, inputs: &str) -> Failure {
    let message = format!(
        "{} does not take the answers; wrong is: {inputs}. Give each an answer that the service takes: `--answer AT=VALUE` (the \
         chart's tests.application.answers), a day as 2012-06-16.",
        place(&page.url)
    );
    Failure::invalid("journey.answer", message)
}

fn undecided(case: &Url, found: &str) -> Failure {
    let message = format!(
        "{} {found}; expected it to go on by itself. Does an officer decide, walk it until `paid` or `submitted`. {}",
        place(case),
        look_at(case)
    );
    Failure::unavailable("journey.undecided", message)
}

fn not_genuine(url: &Url, found: &str) -> Failure {
    let message = format!(
        "{} {found}; expected a sealed document that verifies. Look at the log of the role signing.",
        place(url)
    );
    Failure::unavailable("journey.document", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, html: &str) -> Page {
        Page::read(Url::parse("https://gov.example").unwrap().join(path).unwrap(), Vec::new(), html)
    }

    #[test]
    fn a_day_is_three_inputs_and_what_is_not_asked_is_left_out() {
        let html = "<form method=post action=x><input name='_date:day:born'><input name='_date:month:born'>\
            <input name='_date:year:born'><input type=radio name=kind value=lost><input type=hidden name=_token value=t></form>";
        let mut form = page("/x", html).forms().remove(0);
        let answers = [("born", "2012-06-16"), ("kind", "lost"), ("phone", "1")];
        fill_in(&mut form, &answers.map(|(at, value)| (at.to_owned(), value.to_owned())));
        let found =
            ["_date:day:born", "_date:month:born", "_date:year:born", "kind", "_token"].map(|name| form.get(name));
        assert_eq!(found, [Some("16"), Some("06"), Some("2012"), Some("lost"), Some("t")]);
        assert!(form.get("phone").is_none());
    }

    #[tokio::test]
    async fn nothing_is_sent_to_a_platform_that_does_not_call_itself_a_trial() {
        let home = Url::parse("http://gov.example").unwrap();
        // Nobody listens there: what would be sent fails with another code.
        let nowhere = vec![("http://gov.example".to_owned(), "http://127.0.0.1:1".to_owned())];
        let mut browser = Browser::new(home, nowhere, Duration::ZERO).unwrap();
        let form = "<form method=post action='http://gov.example/applications/a/b/c/check'></form>";
        let path = "http://gov.example/applications/a/b/c/check";
        let failure = send(&mut browser, &page(path, form)).await.unwrap_err();
        assert_eq!(failure.code, "journey.production");
        let trial = format!("<div class='govuk-phase-banner'></div>{form}");
        let failure = send(&mut browser, &page(path, &trial)).await.unwrap_err();
        assert_eq!(failure.code, "journey.page");
    }
}
