//! Pages as structs that know everything they show; the templates have no logic of their own.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Failure, Language};

use super::asking::{Asking, form_token};
use crate::{
    provider::{Provider, origin},
    store::flows::Flow,
    texts::Say,
};

/// What every page has around its content.
pub struct Frame {
    pub say: Say,
    pub title: String,
    pub stylesheet: String,
    pub home: String,
    /// Empty where the page cannot be asked for again.
    pub languages: Vec<Choice>,
    pub trial: bool,
    pub errors: Vec<Wrong>,
}

pub struct Choice {
    pub current: bool,
    pub html_tag: &'static str,
    pub name: &'static str,
    pub address: String,
}

/// A field that was filled in wrongly; the summary links to it.
pub struct Wrong {
    pub field: &'static str,
    pub message: String,
}

fn own_name(language: Language) -> &'static str {
    match language {
        Language::Uz => "Oʻzbekcha",
        Language::UzCyrl => "Ўзбекча",
        Language::Kaa => "Qaraqalpaqsha",
        Language::Ru => "Русский",
        Language::En => "English",
    }
}

impl Frame {
    pub fn new(provider: &Provider, language: Language, path: &str, title: &str) -> Self {
        let offered = Language::ALL.into_iter().filter(|_| !path.is_empty());
        Self {
            say: Say(language),
            title: Say(language).get(title),
            stylesheet: provider.stylesheet.clone(),
            home: provider.home.clone(),
            languages: offered
                .map(|offered| Choice {
                    current: offered == language,
                    html_tag: offered.html_tag(),
                    name: own_name(offered),
                    address: format!("{}?lang={}", provider.address(path), offered.tag()),
                })
                .collect(),
            trial: provider.stage == boot::Stage::Trial,
            errors: Vec::new(),
        }
    }

    pub fn of_flow(provider: &Provider, flow: &Flow, page: &str, title: &str) -> Self {
        let path = format!("/sign-in/{}{page}", flow.id.text());
        Self::new(provider, flow.language, &path, title)
    }

    /// Marks a field; the text is in the person's language.
    pub fn wrong(mut self, field: &'static str, message: String) -> Self {
        self.errors.push(Wrong { field, message });
        self
    }

    pub fn message(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|wrong| wrong.field == field).map(|wrong| wrong.message.as_str())
    }
}

#[derive(Template)]
#[template(path = "choose.html")]
pub struct Choose {
    pub frame: Frame,
    pub oneid: Option<String>,
    pub password: Option<String>,
}

#[derive(Template)]
#[template(path = "password.html")]
pub struct Password {
    pub frame: Frame,
    pub action: String,
    pub back: String,
    pub csrf: String,
    pub pinfl: String,
}

#[derive(Template)]
#[template(path = "officer.html")]
pub struct Officer {
    pub frame: Frame,
    pub action: String,
    pub csrf: String,
    pub login: String,
}

#[derive(Template)]
#[template(path = "code.html")]
pub struct Code {
    pub frame: Frame,
    pub action: String,
    pub csrf: String,
}

#[derive(Template)]
#[template(path = "account.html")]
pub struct Account {
    pub frame: Frame,
    pub action: String,
    pub csrf: String,
}

#[derive(Template)]
#[template(path = "invitation.html")]
pub struct Invited {
    pub frame: Frame,
    pub action: String,
    pub csrf: String,
    pub name: String,
    pub secret: String,
}

#[derive(Template)]
#[template(path = "logout.html")]
pub struct Leave {
    pub frame: Frame,
    pub action: String,
    pub csrf: String,
}

#[derive(Template)]
#[template(path = "message.html")]
pub struct Message {
    pub frame: Frame,
    pub text: String,
    pub code: String,
}

/// A page of a sign-in: its form leads back to the client in the end, and Chromium applies `form-action` to redirects.
pub fn show<T: Template>(page: &T, flow: &Flow) -> Result<Response, Failure> {
    let mut response = plain(page)?;
    let client = origin(&flow.request.redirect_uri);
    response.extensions_mut().insert(web::FormAction(vec![client]));
    Ok(response)
}

/// The same page again because something in it was wrong.
pub fn show_again<T: Template>(page: &T, flow: &Flow) -> Result<Response, Failure> {
    let mut response = show(page, flow)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

pub fn plain<T: Template>(page: &T) -> Result<Response, Failure> {
    let html = page
        .render()
        .map_err(|error| Failure::internal("identity.page", "The page could not be made.").with_detail(error))?;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], html).into_response())
}

/// A page that only says something.
pub fn say(provider: &Provider, language: Language, title: &str, text: &str) -> Result<Response, Failure> {
    let frame = Frame::new(provider, language, "", title);
    let text = frame.say.get(text);
    plain(&Message { frame, text, code: String::new() })
}

pub fn failed(provider: &Provider, asking: &Asking, failure: &Failure) -> Response {
    let status = StatusCode::from_u16(failure.kind.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        tracing::error!(?failure, "a sign-in page failed");
    }
    let frame = Frame::new(provider, asking.language, "", "error-title");
    let text = frame.say.failure(failure);
    let page = plain(&Message { frame, text, code: failure.code.to_string() });
    let mut response = page.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    if status.is_client_error() || status.is_server_error() {
        *response.status_mut() = status;
    }
    response
}

/// Too many attempts: the same for accounts that exist and that do not.
pub fn wait(provider: &Provider, language: Language, seconds: u64) -> Result<Response, Failure> {
    let frame = Frame::new(provider, language, "", "wait-title");
    let text = frame.say.number("wait-text", "seconds", i64::try_from(seconds).unwrap_or(i64::MAX));
    let mut response = plain(&Message { frame, text, code: String::new() })?;
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

/// The hidden field of a form.
pub fn csrf(provider: &Provider, browser: &str, purpose: &[u8]) -> String {
    form_token(provider, browser, purpose).masked(&*provider.random)
}
