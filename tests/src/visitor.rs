//! A visitor: keeps cookies, follows redirects, fills in forms as they stand in the page. No JavaScript.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Client, Response, StatusCode, header, redirect::Policy};
use scraper::{ElementRef, Html, Selector};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use url::Url;

#[derive(Clone)]
pub struct Visitor {
    client: Client,
    cookies: BTreeMap<(String, String), String>,
    pub language: &'static str,
    /// Asks again when told to ask less often.
    pub patient: bool,
}

const AGAIN: Duration = Duration::from_millis(250);
/// When a person reloads a page that does not come.
const LOST: Duration = Duration::from_secs(60);

/// What the visitor sees.
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub html: String,
}

/// A form of the page with everything its inputs hold now.
#[derive(Clone, Debug)]
pub struct Form {
    action: Url,
    method: String,
    pub values: Vec<(String, String)>,
}

impl Visitor {
    pub fn new(language: &'static str) -> Self {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(LOST)
            .build()
            .expect("a client without options");
        Self { client, cookies: BTreeMap::new(), language, patient: false }
    }

    pub async fn open(&mut self, url: &str) -> Page {
        self.try_open(url).await.unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// For a platform that may be gone at any moment.
    pub async fn try_open(&mut self, url: &str) -> Result<Page, reqwest::Error> {
        let url = Url::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        self.follow("GET", url, None).await
    }

    /// Opens a link of the page by a part of its address.
    pub async fn link(&mut self, page: &Page, part: &str) -> Page {
        let url = page.links().into_iter().find(|link| link.as_str().contains(part));
        let url = url.unwrap_or_else(|| panic!("no link with {part:?} on {}:\n{}", page.url, page.text()));
        self.follow("GET", url.clone(), None).await.unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    pub async fn send(&mut self, form: &Form) -> Page {
        self.try_send(form).await.unwrap_or_else(|error| panic!("{}: {error}", form.action))
    }

    /// Sends a form without following: where it leads to, when it was taken.
    pub async fn acknowledged(&mut self, form: &Form) -> Result<Option<Url>, reqwest::Error> {
        let response = self.request("POST", form.action.clone(), Some(form.values.clone())).await?;
        let to = response.headers().get(header::LOCATION).filter(|_| response.status().is_redirection());
        Ok(to.and_then(|to| form.action.join(to.to_str().ok()?).ok()))
    }

    pub async fn try_send(&mut self, form: &Form) -> Result<Page, reqwest::Error> {
        if form.method == "get" {
            let mut url = form.action.clone();
            url.query_pairs_mut().clear().extend_pairs(&form.values);
            return self.follow("GET", url, None).await;
        }
        self.follow("POST", form.action.clone(), Some(form.values.clone())).await
    }

    /// Bytes behind an address, as a download.
    pub async fn download(&mut self, url: &Url) -> (StatusCode, Vec<u8>) {
        let response = self.request("GET", url.clone(), None).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        let status = response.status();
        (status, response.bytes().await.expect("the body arrives").to_vec())
    }

    /// Sends bytes that no browser would make out of a form.
    pub async fn send_raw(&mut self, form: &Form, kind: &str, body: Vec<u8>) -> Page {
        self.try_send_raw(form, kind, body).await.unwrap_or_else(|error| panic!("{}: {error}", form.action))
    }

    pub async fn try_send_raw(&mut self, form: &Form, kind: &str, body: Vec<u8>) -> Result<Page, reqwest::Error> {
        let url = form.action.clone();
        let request = self.client.post(url.clone()).header(header::COOKIE, self.cookies_for(&url));
        let request =
            request.header(header::ORIGIN, url.origin().ascii_serialization()).header(header::CONTENT_TYPE, kind);
        let request = request.header(header::ACCEPT_LANGUAGE, self.language);
        let response = request.body(body).send().await?;
        let status = response.status();
        Ok(Page { url, status, html: response.text().await? })
    }

    /// Asks as a page's own script does.
    pub async fn ask(
        &self,
        method: &str,
        url: &Url,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<Response, reqwest::Error> {
        let request = self.client.request(method.parse().expect("a known method"), url.clone());
        let request =
            self.beside(url, headers).into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.body(body).send().await
    }

    /// Begins to send a body in the same way, and hangs up after so many bytes of it.
    pub async fn hang_up(
        &self,
        method: &str,
        url: &Url,
        headers: &[(&'static str, String)],
        body: &[u8],
        after: usize,
    ) {
        let (host, port) = (url.host_str().expect("a host"), url.port_or_known_default().expect("a port"));
        let mut connection = TcpStream::connect((host, port)).await.expect("somebody listens");
        let mut head = format!("{method} {} HTTP/1.1\r\nhost: {host}:{port}\r\n", url.path());
        for (name, value) in self.beside(url, headers) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        connection.write_all(head.as_bytes()).await.expect("it is read");
        connection.write_all(&body[..after]).await.expect("it is read");
        connection.shutdown().await.expect("it was open");
    }

    /// What a browser says beside what its page wants to be said.
    fn beside(&self, url: &Url, headers: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
        let always = [
            ("cookie", self.cookies_for(url)),
            ("origin", url.origin().ascii_serialization()),
            ("accept-language", self.language.to_owned()),
        ];
        always.into_iter().chain(headers.iter().cloned()).collect()
    }

    /// The cookies a browser would send there.
    pub fn cookies_for(&self, url: &Url) -> String {
        let host =
            format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let mine = self.cookies.iter().filter(|((of, _), _)| *of == host);
        mine.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    async fn follow(
        &mut self,
        method: &str,
        url: Url,
        body: Option<Vec<(String, String)>>,
    ) -> Result<Page, reqwest::Error> {
        let (mut method, mut url, mut body) = (method.to_owned(), url, body);
        for _ in 0..15 {
            let response = self.request(&method, url.clone(), body.take()).await?;
            let status = response.status();
            let Some(to) = response.headers().get(header::LOCATION).filter(|_| status.is_redirection()) else {
                let html = response.text().await?;
                return Ok(Page { url, status, html });
            };
            url = url.join(to.to_str().expect("addresses are ASCII")).expect("a redirect names an address");
            "GET".clone_into(&mut method);
        }
        panic!("redirected more than 15 times, last to {url}");
    }

    async fn request(
        &mut self,
        method: &str,
        url: Url,
        body: Option<Vec<(String, String)>>,
    ) -> Result<Response, reqwest::Error> {
        let host =
            format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let mut request = self
            .client
            .request(method.parse().expect("a known method"), url.clone())
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(header::COOKIE, self.cookies_for(&url));
        if let Some(values) = body {
            request = request.form(&values).header(header::ORIGIN, url.origin().ascii_serialization());
        }
        let request = request.build()?;
        let again = || request.try_clone().expect("a form can be sent again");
        let mut response = self.client.execute(again()).await?;
        while self.patient && response.status() == StatusCode::TOO_MANY_REQUESTS {
            tokio::time::sleep(AGAIN).await;
            response = self.client.execute(again()).await?;
        }
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("cookies are ASCII");
            let (name, value) = text.split(';').next().and_then(|pair| pair.split_once('=')).expect("name=value");
            let key = (host.clone(), name.to_owned());
            if value.is_empty() || text.to_lowercase().contains("max-age=0") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
        Ok(response)
    }
}

impl Page {
    pub fn text(&self) -> String {
        let document = Html::parse_document(&self.html);
        let main = select("main").map_or_else(
            || document.root_element(),
            |main| document.select(&main).next().unwrap_or(document.root_element()),
        );
        main.text().map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    pub fn shows(&self, words: &str) -> bool {
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        squeeze(&self.text()).contains(&squeeze(words))
    }

    /// Whether something on the page is called wrong.
    pub fn has_errors(&self) -> bool {
        self.html.contains("class=\"govuk-error-summary\"")
    }

    /// The sentences about what is wrong, each with the id of the input that it leads to.
    pub fn errors(&self) -> Vec<(String, String)> {
        let document = Html::parse_document(&self.html);
        let links = Selector::parse(".govuk-error-summary a[href^='#']").expect("a selector");
        let told = document.select(&links).map(|link| {
            let at = link.value().attr("href").unwrap_or_default().trim_start_matches('#').to_owned();
            (at, link.text().collect())
        });
        told.collect()
    }

    /// Whether the page has an element of this id.
    pub fn has_id(&self, id: &str) -> bool {
        self.html.contains(&format!(" id=\"{id}\""))
    }

    pub fn links(&self) -> Vec<Url> {
        let document = Html::parse_document(&self.html);
        let anchors = Selector::parse("a[href]").expect("a selector");
        let hrefs = document.select(&anchors).filter_map(|anchor| anchor.value().attr("href"));
        hrefs.filter_map(|href| self.url.join(href).ok()).collect()
    }

    /// The form whose action contains this; an empty part is the first form inside `main`.
    pub fn form(&self, part: &str) -> Form {
        let document = Html::parse_document(&self.html);
        let forms = Selector::parse(if part.is_empty() { "main form" } else { "form" }).expect("a selector");
        let found =
            document.select(&forms).map(|form| self.read_form(form)).find(|form| form.action.as_str().contains(part));
        found.unwrap_or_else(|| panic!("no form with {part:?} on {} ({}):\n{}", self.url, self.status, self.text()))
    }

    /// Every form whose action contains this, in the page's order.
    pub fn forms(&self, part: &str) -> Vec<Form> {
        let document = Html::parse_document(&self.html);
        let forms = Selector::parse("form").expect("a selector");
        let all = document.select(&forms).map(|form| self.read_form(form));
        all.filter(|form| form.action.as_str().contains(part)).collect()
    }

    /// Whether the page asks for an input of this name.
    pub fn has_input(&self, name: &str) -> bool {
        let document = Html::parse_document(&self.html);
        let inputs = Selector::parse("input[name], textarea[name], select[name]").expect("a selector");
        document.select(&inputs).any(|input| input.value().attr("name") == Some(name))
    }

    fn read_form(&self, form: ElementRef<'_>) -> Form {
        let action = self.url.join(form.value().attr("action").unwrap_or_default()).expect("an action is an address");
        let method = form.value().attr("method").unwrap_or("get").to_lowercase();
        let inputs = Selector::parse("input[name], textarea[name], select[name], button[name]").expect("a selector");
        let values = form.select(&inputs).filter_map(value_of).collect();
        Form { action, method, values }
    }
}

impl Form {
    /// Sets the input of this name, which need not hold anything yet (an unchecked radio does not).
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.values.retain(|(present, _)| present != name);
        self.values.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As a button with an address of its own sends it.
    pub fn sent_to(mut self, address: &str) -> Self {
        self.action = self.action.join(address).expect("an address");
        self
    }

    /// The value that counts: the last, as a hidden empty one comes before each box.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(present, _)| present == name).map(|(_, value)| value.as_str())
    }
}

fn select(selector: &str) -> Option<Selector> {
    Selector::parse(selector).ok()
}

fn value_of(input: ElementRef<'_>) -> Option<(String, String)> {
    let element = input.value();
    let name = element.attr("name")?.to_owned();
    let value = element.attr("value").unwrap_or_default().to_owned();
    match (element.name(), element.attr("type").unwrap_or("text")) {
        ("button", _) => None,
        ("textarea", _) => Some((name, input.text().collect())),
        ("select", _) => {
            let chosen = Selector::parse("option[selected]").expect("a selector");
            let value =
                input.select(&chosen).next().and_then(|option| option.value().attr("value")).unwrap_or_default();
            Some((name, value.to_owned()))
        }
        (_, "radio" | "checkbox") => element.attr("checked").map(|_| (name, value)),
        (_, "submit" | "file" | "button") => None,
        _ => Some((name, value)),
    }
}
