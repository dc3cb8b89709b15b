//! A browser without JavaScript: it keeps cookies, follows redirects, and knows ways inside a cluster to public addresses.

use std::{collections::BTreeMap, fmt, time::Duration};

use kernel::Failure;
use reqwest::{Client, Response, StatusCode, header, redirect::Policy};
use tokio::time::Instant;
use url::Url;

use super::page::{Form, Page};

/// One answer is waited for this long.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(1);
const REDIRECTS_MAX: usize = 15;
/// Stands between the parts of a form with a file; no document of ours holds it.
const BOUNDARY: &str = "xizmat-journey-5f1c0a7e9b3d";

pub struct Browser {
    client: Client,
    /// The platform's address, as people know it.
    home: Url,
    /// Addresses that begin with the first are asked at the second; the first way that fits counts.
    ways: Vec<(String, String)>,
    /// By origin and name; paths and lifetimes do not matter in one visit.
    cookies: BTreeMap<(String, String), String>,
    /// How long a page of the platform, or what it is to become, is awaited.
    pub patience: Duration,
}

/// What is sent along.
enum Body {
    Nothing,
    Fields(Vec<(String, String)>),
    File(Vec<u8>),
}

struct Answer {
    status: StatusCode,
    /// Where a redirect leads.
    to: Option<Url>,
    bytes: Vec<u8>,
}

impl Browser {
    pub fn new(home: Url, ways: Vec<(String, String)>, patience: Duration) -> Result<Self, Failure> {
        let client = Client::builder().timeout(ANSWER_WITHIN).redirect(Policy::none()).no_proxy().build();
        let client = client
            .map_err(|error| Failure::internal("journey.client", "The HTTP client cannot start.").with_detail(error))?;
        Ok(Self { client, home, ways, cookies: BTreeMap::new(), patience })
    }

    /// An address of the platform.
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.home.clone();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        url.set_path(path);
        url.set_query((!query.is_empty()).then_some(query));
        url
    }

    pub fn is_home(&self, url: &Url) -> bool {
        url.origin() == self.home.origin()
    }

    pub async fn open(&mut self, url: &Url) -> Result<Page, Failure> {
        self.go(url.clone(), Body::Nothing).await
    }

    /// Where one address leads, without going there.
    pub async fn look(&mut self, url: &Url) -> Result<Url, Failure> {
        let answer = self.ask(url, &Body::Nothing).await?;
        let page = Page::read(url.clone(), Vec::new(), &String::from_utf8_lossy(&answer.bytes));
        answer.to.ok_or_else(|| failed(&page, answer.status, "a redirect"))
    }

    pub async fn send(&mut self, form: &Form) -> Result<Page, Failure> {
        if form.posts {
            return self.go(form.action.clone(), Body::Fields(form.fields.clone())).await;
        }
        let mut url = form.action.clone();
        url.query_pairs_mut().clear().extend_pairs(&form.fields);
        self.go(url, Body::Nothing).await
    }

    /// As a form with one input for a file would send it (RFC 7578).
    pub async fn upload(&mut self, url: &Url, file: Vec<u8>) -> Result<Page, Failure> {
        self.go(url.clone(), Body::File(file)).await
    }

    pub async fn download(&mut self, url: &Url) -> Result<Vec<u8>, Failure> {
        let answer = self.ask(url, &Body::Nothing).await?;
        if answer.status.is_success() {
            return Ok(answer.bytes);
        }
        let page = Page::read(url.clone(), Vec::new(), &String::from_utf8_lossy(&answer.bytes));
        Err(failed(&page, answer.status, "a file"))
    }

    async fn go(&mut self, mut url: Url, mut body: Body) -> Result<Page, Failure> {
        let mut trail = Vec::new();
        for _ in 0..REDIRECTS_MAX {
            let answer = self.ask(&url, &body).await?;
            trail.push(url.clone());
            if let Some(to) = answer.to {
                (url, body) = (to, Body::Nothing);
                continue;
            }
            let page = Page::read(url, trail, &String::from_utf8_lossy(&answer.bytes));
            return if answer.status.is_success() { Ok(page) } else { Err(failed(&page, answer.status, "a page")) };
        }
        let message = format!("{} leads on without end; expected a page. {}", place(&url), look_at(&url));
        Err(Failure::unavailable("journey.page", message))
    }

    /// Asks again while the platform itself is not there: its forms may be sent twice and take effect once. What others were
    /// sent is not sent to them again.
    async fn ask(&mut self, url: &Url, body: &Body) -> Result<Answer, Failure> {
        let until = Instant::now() + self.patience;
        let mut told = false;
        loop {
            let answer = self.once(url, body).await;
            let there = answer
                .as_ref()
                .is_ok_and(|answer| !answer.status.is_server_error() && answer.status != StatusCode::TOO_MANY_REQUESTS);
            let repeats = self.is_home(url) || matches!(body, Body::Nothing);
            if there || !repeats || Instant::now() >= until {
                return answer;
            }
            if !told {
                eprintln!("{} is not there yet; it is asked for again.", place(url));
                told = true;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn once(&mut self, url: &Url, body: &Body) -> Result<Answer, Failure> {
        let inner = self.inner(url);
        let origin = url.origin().ascii_serialization();
        let request = match body {
            Body::Nothing => self.client.get(inner),
            Body::Fields(fields) => self.client.post(inner).form(fields).header(header::ORIGIN, &origin),
            Body::File(file) => {
                let kind = format!("multipart/form-data; boundary={BOUNDARY}");
                let request = self.client.post(inner).body(with_file(file)).header(header::CONTENT_TYPE, kind);
                request.header(header::ORIGIN, &origin)
            }
        };
        let cookies = self.cookies.iter().filter(|((of, _), _)| *of == origin);
        let cookies: Vec<String> = cookies.map(|((_, name), value)| format!("{name}={value}")).collect();
        let sent = request.header(header::COOKIE, cookies.join("; ")).send().await;
        let response = sent.map_err(|error| silent(url, &error.without_url()))?;
        self.keep(&origin, &response);
        let status = response.status();
        let to = response.headers().get(header::LOCATION).filter(|_| status.is_redirection());
        let to = to.and_then(|to| url.join(to.to_str().ok()?).ok());
        let bytes = response.bytes().await.map_err(|error| silent(url, &error.without_url()))?;
        Ok(Answer { status, to, bytes: bytes.to_vec() })
    }

    fn inner(&self, url: &Url) -> String {
        let address = url.as_str();
        let way = self.ways.iter().find_map(|(public, inner)| {
            let rest = address.strip_prefix(public.as_str())?;
            // A port is no longer port, nor a name a longer name.
            (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then(|| format!("{inner}{rest}"))
        });
        way.unwrap_or_else(|| address.to_owned())
    }

    fn keep(&mut self, origin: &str, response: &Response) {
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let Ok(cookie) = cookie.to_str() else { continue };
            let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            let key = (origin.to_owned(), name.trim().to_owned());
            if value.is_empty() || cookie.to_lowercase().contains("max-age=0") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.trim().to_owned());
            }
        }
    }
}

fn with_file(file: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"document.pdf\"\r\n\
         content-type: application/pdf\r\n\r\n"
    );
    [head.as_bytes(), file, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
}

/// An address without what may belong to a person's visit.
pub fn place(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// Who makes the page, and so where its reason stands.
pub fn look_at(url: &Url) -> String {
    let parts: Vec<&str> = url.path().split('/').skip(1).collect();
    let who = match parts.as_slice() {
        ["identity", ..] => "the role identity".to_owned(),
        ["sign-in" | "signed-in"] => "the roles portal and identity".to_owned(),
        ["verify", ..] => "the roles portal and signing".to_owned(),
        ["" | "search" | "life-events", ..] | ["services", _, _] => "the roles portal and register".to_owned(),
        ["services" | "applications", agency, service, ..] => {
            format!("the role portal and the host of {agency}/{service}")
        }
        _ => format!("whoever answers at {}", url.origin().ascii_serialization()),
    };
    format!("Look at {who}: first whether the pods are ready, then into the log.")
}

fn failed(page: &Page, status: StatusCode, expected: &str) -> Failure {
    let code = page.code().map(|code| format!(", code {code} (docs/errors/{code}.md)")).unwrap_or_default();
    let place = place(&page.url);
    let message = format!("{place} answers {status}{code}; expected {expected}. {}", look_at(&page.url));
    Failure::unavailable("journey.page", message)
}

fn silent(url: &Url, error: &dyn fmt::Display) -> Failure {
    let message = format!("{} does not answer: {error}; expected a page. {}", place(url), look_at(url));
    Failure::unavailable("journey.page", message)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use axum::{
        Router,
        body::Bytes,
        http::HeaderMap,
        response::{IntoResponse, Redirect},
        routing::{get, post},
    };

    use super::*;

    const GOV: &str = "https://gov.example";

    async fn served(router: Router) -> Browser {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let ways = vec![(GOV.to_owned(), inner)];
        Browser::new(Url::parse(GOV).unwrap(), ways, Duration::ZERO).unwrap()
    }

    fn known(headers: &HeaderMap) -> bool {
        headers.get("cookie").is_some_and(|cookie| cookie == "visit=1")
    }

    #[tokio::test]
    async fn a_page_is_followed_inside_the_cluster_to_where_people_end() {
        let there = async |headers: HeaderMap| {
            if known(&headers) { StatusCode::OK } else { StatusCode::FORBIDDEN }
        };
        let leave = async || ([("set-cookie", "visit=1; Path=/; HttpOnly")], Redirect::to("https://gov.example/there"));
        let router = Router::new()
            .route("/there", get(there))
            .route("/leave", get(leave))
            .route("/round", get(async || Redirect::to("/round")));
        let mut browser = served(router).await;
        for wrong in ["/there", "/round", "/missing"] {
            let url = browser.at(wrong);
            assert_eq!(browser.open(&url).await.map(|_| ()).unwrap_err().code, "journey.page", "{wrong}");
        }
        let page = browser.open(&browser.at("/leave?a=b")).await.unwrap();
        assert_eq!((page.url.path(), page.trail.len()), ("/there", 2));
        assert_eq!(browser.look(&browser.at("/round")).await.unwrap().path(), "/round");
        assert_eq!(browser.look(&browser.at("/there")).await.unwrap_err().code, "journey.page");
    }

    #[tokio::test]
    async fn a_failure_names_page_code_and_where_to_look_and_nothing_of_a_visit() {
        let fault =
            async || (StatusCode::SERVICE_UNAVAILABLE, axum::response::Html("<a href=\"/help?code=bus.busy\">"));
        let mut browser = served(Router::new().route("/services/a/b/start", get(fault))).await;
        let url = browser.at("/services/a/b/start?token=secret");
        let message = browser.open(&url).await.map(|_| ()).unwrap_err().message;
        for words in
            ["https://gov.example/services/a/b/start answers 503", "docs/errors/bus.busy.md", "the host of a/b"]
        {
            assert!(message.contains(words), "{words}: {message}");
        }
        assert!(!message.contains("secret"), "{message}");
    }

    #[tokio::test]
    async fn forms_and_files_arrive_as_a_browser_sends_them() {
        let form = async |headers: HeaderMap, body: String| {
            let whole = headers["origin"] == GOV && body == "a=1&b=%26";
            if whole { StatusCode::OK } else { StatusCode::BAD_REQUEST }
        };
        let file = async |headers: HeaderMap, body: Bytes| {
            let kind = headers["content-type"].to_str().unwrap_or_default().to_owned();
            let whole = kind.contains(BOUNDARY) && body.windows(8).any(|part| part == b"%PDF-1.7");
            if whole { StatusCode::OK } else { StatusCode::BAD_REQUEST }
        };
        let mut browser = served(Router::new().route("/form", post(form)).route("/file", post(file))).await;
        let url = browser.at("/page");
        let html = "<form method=post action=/form><input name=a value=1><input name=b value='&amp;'></form>";
        let form = Page::read(url, Vec::new(), html).forms().remove(0);
        browser.send(&form).await.unwrap();
        browser.upload(&browser.at("/file"), b"%PDF-1.7".to_vec()).await.unwrap();
    }

    #[tokio::test]
    async fn a_page_that_is_not_there_yet_is_asked_for_again() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let starting = move || {
            let number = count.fetch_add(1, Ordering::SeqCst);
            async move { if number == 0 { StatusCode::BAD_GATEWAY.into_response() } else { "here".into_response() } }
        };
        let mut browser = served(Router::new().route("/", get(starting))).await;
        browser.patience = Duration::from_secs(30);
        browser.open(&browser.at("/")).await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_way_leads_only_from_the_whole_of_an_address() {
        let browser = served(Router::new()).await;
        for other in ["https://gov.example.evil/", "https://gov.example:8443/"] {
            assert_eq!(browser.inner(&Url::parse(other).unwrap()), other);
        }
        assert!(browser.inner(&browser.at("/a?b=c")).ends_with("/a?b=c"));
    }
}
