//! `xizmat answers`: asks pages as a browser would, redirects and cookies included, from inside a cluster (`helm test`).

use std::{collections::BTreeMap, time::Duration};

use clap::Args;
use kernel::Failure;
use reqwest::{Client, Response, header, redirect::Policy};
use url::Url;

use crate::serve::install_crypto;

const PATIENCE: Duration = Duration::from_secs(10);
/// A platform that has just started, or a busy machine: a page is asked for again, for so long and so often.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_secs(1);
const REDIRECTS_MAX: usize = 8;

#[derive(Args)]
pub struct Options {
    /// Addresses as people know them; each must end in a page (200).
    #[arg(required = true)]
    pages: Vec<Url>,
    /// Asks addresses that begin with PUBLIC at INNER instead; may be repeated, the first that fits counts.
    #[arg(long, value_name = "PUBLIC=INNER")]
    through: Vec<String>,
}

pub async fn run(options: Options) -> Result<(), Failure> {
    install_crypto();
    let ways: Vec<(&str, &str)> = options.through.iter().filter_map(|way| way.split_once('=')).collect();
    let client = Client::builder()
        .timeout(PATIENCE)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| Failure::internal("answers.client", "The HTTP client cannot start.").with_detail(error))?;
    for page in options.pages {
        let ended = patiently(&client, &page, &ways).await?;
        println!("{page} answers{}", if ended == page { String::new() } else { format!(" at {}", ended.path()) });
    }
    Ok(())
}

async fn patiently(client: &Client, page: &Url, ways: &[(&str, &str)]) -> Result<Url, Failure> {
    for _ in 1..TRIES {
        match follow(client, page.clone(), ways).await {
            Err(failure) => eprintln!("{failure} It is asked for again."),
            found => return found,
        }
        tokio::time::sleep(PAUSE).await;
    }
    follow(client, page.clone(), ways).await
}

/// Where the page was found.
async fn follow(client: &Client, page: Url, ways: &[(&str, &str)]) -> Result<Url, Failure> {
    let mut cookies = BTreeMap::new();
    let mut at = page;
    for _ in 0..REDIRECTS_MAX {
        let sent: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let asked = client.get(inner(at.as_str(), ways)).header(header::COOKIE, sent.join("; ")).send().await;
        let answer = asked.map_err(|error| silent(&at, &error.without_url()))?;
        keep(&answer, &mut cookies);
        if answer.status().is_redirection() {
            let to = answer.headers().get(header::LOCATION).and_then(|to| at.join(to.to_str().ok()?).ok());
            at = to.ok_or_else(|| silent(&at, &"it leads nowhere"))?;
            continue;
        }
        return if answer.status().is_success() { Ok(at) } else { Err(silent(&at, &answer.status())) };
    }
    Err(silent(&at, &"it leads on without end"))
}

fn inner(address: &str, ways: &[(&str, &str)]) -> String {
    let way = ways.iter().find_map(|(public, inner)| Some(format!("{inner}{}", address.strip_prefix(public)?)));
    way.unwrap_or_else(|| address.to_owned())
}

/// One person's browser, one visit: paths and lifetimes of cookies do not matter.
fn keep(answer: &Response, cookies: &mut BTreeMap<String, String>) {
    for cookie in answer.headers().get_all(header::SET_COOKIE) {
        let pair = cookie.to_str().ok().and_then(|text| text.split(';').next()?.split_once('='));
        if let Some((name, value)) = pair {
            cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
}

fn silent(page: &Url, why: &dyn std::fmt::Display) -> Failure {
    // A query may hold what belongs to a person's visit.
    let place = format!("{}{}", page.origin().ascii_serialization(), page.path());
    Failure::unavailable("answers.silent", format!("{place} does not answer as it should: {why}."))
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        http::{HeaderMap, StatusCode},
        response::Redirect,
        routing::get,
    };

    use super::*;

    async fn site() -> String {
        let signed = |headers: HeaderMap| async move {
            let known = headers.get("cookie").is_some_and(|cookie| cookie == "visit=1");
            if known { StatusCode::OK } else { StatusCode::FORBIDDEN }
        };
        let leave =
            || async { ([("set-cookie", "visit=1; Path=/; HttpOnly")], Redirect::to("https://gov.example/there")) };
        let router = Router::new()
            .route("/", get(|| async { "home" }))
            .route("/leave", get(leave))
            .route("/there", get(signed))
            .route("/round", get(|| async { Redirect::to("/round") }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn a_page_is_followed_inside_the_cluster_to_where_people_end() {
        let site = site().await;
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let ways = [("https://gov.example", site.as_str())];
        let ask = |path: &str| follow(&client, Url::parse(&format!("https://gov.example{path}")).unwrap(), &ways);
        assert_eq!(ask("/").await.unwrap().path(), "/");
        assert_eq!(ask("/leave").await.unwrap().path(), "/there");
        for wrong in ["/there", "/round", "/missing"] {
            assert_eq!(ask(wrong).await.unwrap_err().code, "answers.silent", "{wrong}");
        }
    }
}
