//! As much of a browser as signing in needs: one cookie, and redirects.

use reqwest::{Client, RequestBuilder, header};
use url::Url;

pub struct Browser {
    http: Client,
    cookie: String,
}

enum Answer {
    Led(Url),
    Shown(Url, String),
}

const REDIRECTS_MAX: usize = 8;

impl Browser {
    pub fn new(http: &Client) -> Self {
        Self { http: http.clone(), cookie: String::new() }
    }

    async fn send(&mut self, request: RequestBuilder) -> Result<Answer, String> {
        let answer = request.header(header::COOKIE, &self.cookie).send().await.map_err(|error| error.to_string())?;
        if let Some(set) = answer.headers().get(header::SET_COOKIE).and_then(|set| set.to_str().ok()) {
            set.split(';').next().unwrap_or_default().clone_into(&mut self.cookie);
        }
        let (at, status) = (answer.url().clone(), answer.status());
        let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
        match to.filter(|_| status.is_redirection()) {
            Some(to) => at.join(&to).map(Answer::Led).map_err(|error| format!("{}: {error}", at.path())),
            None if status.is_success() => {
                let page = answer.text().await.map_err(|error| error.to_string())?;
                Ok(Answer::Shown(at, page))
            }
            None => Err(format!("{}: {status}", at.path())),
        }
    }

    /// Where a request leads that leads on.
    pub async fn led(&mut self, request: RequestBuilder) -> Result<Url, String> {
        match self.send(request).await? {
            Answer::Led(to) => Ok(to),
            Answer::Shown(at, _) => Err(format!("{} leads nowhere", at.path())),
        }
    }

    /// Follows until a page is shown, or until it would leave for `home`.
    pub async fn walk(&mut self, request: RequestBuilder, home: &str) -> Result<(Url, String), String> {
        let mut request = request;
        for _ in 0..REDIRECTS_MAX {
            match self.send(request).await? {
                Answer::Led(to) if to.as_str().starts_with(home) => return Ok((to, String::new())),
                Answer::Led(to) => request = self.http.get(to),
                Answer::Shown(at, page) => return Ok((at, page)),
            }
        }
        Err("redirects without end".to_owned())
    }

    /// The form of a page as the browser posts it back to where the page is.
    pub fn filled(&self, at: &Url, form: &[(&str, String)]) -> RequestBuilder {
        self.http.post(at.clone()).header(header::ORIGIN, at.origin().ascii_serialization()).form(form)
    }
}
