//! Dynamic pages a second over loopback, beside a server that answers with as many fixed bytes.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, stream};
use tests::{
    citizen::{Citizen, SERVICE},
    platform::Platform,
};
use url::Url;

use crate::{
    Outcome,
    figure::Table,
    http::{self, Connection},
    load,
};

const CONNECTIONS: usize = 32;
/// The portal lets one network ask 300 times at once and one session 120 times; a measurement stays below.
const PAGES_A_NETWORK: u32 = 250;
const PAGES_A_SESSION: u32 = 100;
const SESSIONS_A_SECOND: usize = 10;
const SESSIONS_MAX: usize = 60;

pub async fn measure(table: &mut Table, platform: &Platform, lasting: Duration) -> Outcome {
    let portal = Url::parse(&platform.ready.portal)?;
    let path = format!("/{SERVICE}");
    let request = http::get(portal.authority(), &path, "");
    let port = portal.port().ok_or("the portal told no port")?;
    let body = Connection::open(http::visitor(0), port).await?.exchange(&request).await?.body;
    let floor = fixed(body, lasting).await?;
    let pages = anonymous(port, Arc::new(request), lasting).await?;
    table.beside("service page, nobody signed in", pages, "pages/s", ("fixed bytes from axum/s", floor));

    let sessions = SESSIONS_MAX.min(SESSIONS_A_SECOND * usize::try_from(lasting.as_secs())?);
    let mut asked = Vec::new();
    for _ in 0..sessions {
        asked.push(question(platform).await?);
    }
    let body = Connection::open(http::visitor(0), port).await?.exchange(&asked[0]).await?.body;
    let floor = fixed(body, lasting).await?;
    let begun = Instant::now();
    stream::iter(asked)
        .map(|request| read(port, request))
        .buffer_unordered(CONNECTIONS)
        .try_collect::<Vec<()>>()
        .await?;
    let pages = sessions as f64 * f64::from(PAGES_A_SESSION) / begun.elapsed().as_secs_f64();
    table.beside("question page of a signed-in citizen", pages, "pages/s", ("fixed bytes from axum/s", floor));
    Ok(())
}

/// Many visitors: each connection goes on as another network before the portal would hold it back.
async fn anonymous(port: u16, request: Arc<Vec<u8>>, lasting: Duration) -> Outcome<f64> {
    let networks = Arc::new(AtomicU32::new(1));
    load::closed(CONNECTIONS, lasting, |_| {
        let (request, networks) = (request.clone(), networks.clone());
        let kept: Arc<tokio::sync::Mutex<Option<(Connection, u32)>>> = Arc::default();
        move || {
            let (request, networks, kept) = (request.clone(), networks.clone(), kept.clone());
            async move {
                let mut kept = kept.lock().await;
                let (mut connection, used) = match kept.take() {
                    Some((connection, used)) if used < PAGES_A_NETWORK => (connection, used),
                    _ => {
                        let network = http::visitor(networks.fetch_add(1, Ordering::Relaxed));
                        (Connection::open(network, port).await?, 0)
                    }
                };
                answered(&mut connection, &request).await?;
                *kept = Some((connection, used + 1));
                Ok(())
            }
        }
    })
    .await
}

/// A citizen signs in, begins an application, and asks for its first question as a browser would.
async fn question(platform: &Platform) -> Outcome<Vec<u8>> {
    let mut citizen = Citizen::sign_in(platform, "botir", "uz").await;
    let page = citizen.begin().await;
    let cookies = citizen.visitor.cookies_for(&page.url);
    Ok(http::get(page.url.authority(), page.url.path(), &cookies))
}

async fn read(port: u16, request: Vec<u8>) -> Outcome {
    let mut connection = Connection::open(Ipv4Addr::LOCALHOST, port).await?;
    for _ in 0..PAGES_A_SESSION {
        answered(&mut connection, &request).await?;
    }
    Ok(())
}

async fn answered(connection: &mut Connection, request: &[u8]) -> Outcome {
    let answer = connection.exchange(request).await?;
    if answer.status == 200 {
        return Ok(());
    }
    Err(format!("a page was answered with {}", answer.status).into())
}

/// The floor: axum in this process, which answers with the page's own (compressed) bytes.
async fn fixed(body: Vec<u8>, lasting: Duration) -> Outcome<f64> {
    let body = axum::body::Bytes::from(body);
    let router = axum::Router::new().route("/", axum::routing::get(async move || body.clone()));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let request = Arc::new(http::get("localhost", "/", ""));
    let pages = anonymous(port, request, lasting).await;
    server.abort();
    pages
}
