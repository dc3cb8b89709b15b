//! Whether links lead somewhere: asked from the command line only, by whoever wrote them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::{StreamExt, stream};
use kernel::Failure;
use reqwest::{Client, Method, StatusCode};

/// How long an answer may take, and how many are awaited at once.
const PATIENCE: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 8;

/// Follows no way that leaves https.
pub fn client() -> Result<Client, Failure> {
    crate::serve::install_crypto();
    let name = concat!("xizmat/", env!("CARGO_PKG_VERSION"));
    let client = Client::builder().https_only(true).timeout(PATIENCE).user_agent(name).build();
    client.map_err(|error| Failure::internal("listing.client", "No link can be looked at.").with_detail(error))
}

/// What is wrong with each link that is dead.
pub async fn dead(client: &Client, links: BTreeSet<String>) -> BTreeMap<String, String> {
    let judged = stream::iter(links).map(|link| async move {
        let wrong = judge(client, &link).await;
        wrong.map(|wrong| (link, wrong))
    });
    judged.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}

/// Some servers know only how to show a page, not how to speak about it.
async fn judge(client: &Client, link: &str) -> Option<String> {
    let head = ask(client, Method::HEAD, link).await;
    match head {
        Ok(status) if status.is_success() => None,
        _ => match ask(client, Method::GET, link).await {
            Ok(status) if status.is_success() => None,
            Ok(status) => Some(format!("it answers {}", status.as_u16())),
            Err(error) if error.is_timeout() => Some(format!("no answer in {} seconds", PATIENCE.as_secs())),
            Err(_) => Some("no answer".to_owned()),
        },
    }
}

async fn ask(client: &Client, method: Method, link: &str) -> Result<StatusCode, reqwest::Error> {
    Ok(client.request(method, link).send().await?.status())
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::Method as Asked, routing::get};

    use super::*;

    #[tokio::test]
    async fn a_page_that_is_gone_and_a_server_that_is_away_are_told_and_one_that_only_shows_is_not() {
        let only_shown = async |method: Asked| {
            if method == Asked::HEAD { axum::http::StatusCode::METHOD_NOT_ALLOWED } else { axum::http::StatusCode::OK }
        };
        let router = Router::new().route("/there", get(async || "a law")).route("/shown", get(only_shown));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let free = testkit::free_port();
        let away = format!("http://127.0.0.1:{free}/there");
        let links = [format!("{base}/there"), format!("{base}/shown"), format!("{base}/gone"), away.clone()];
        crate::serve::install_crypto();
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let told = dead(&client, links.into()).await;
        server.abort();
        let expected = [(format!("{base}/gone"), "it answers 404".to_owned()), (away, "no answer".to_owned())];
        assert_eq!(told, BTreeMap::from(expected));
    }
}
