//! A steady mix of visitors, citizens who read and answer, and officers: how long a page takes, whether any fails, and whether memory
//! grows. Arrivals do not wait for answers: a page is timed from when its visitor came, so that a stall is not measured as one page.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tests::{
    citizen::{Citizen, SERVICE, answered},
    officer::Officer,
    platform::Platform,
};
use tokio::{task::JoinSet, time::Instant};
use url::Url;

use crate::{
    Outcome,
    figure::Table,
    http::{self, Connection},
    processes::resident,
};

/// Pages a second.
const RATE: u32 = 300;
/// The portal lets one session ask five times a second on and on; these ask about once a second.
const CITIZENS: usize = 120;
/// Below what the portal lets one network ask at once.
const PAGES_A_NETWORK: u32 = 200;
/// Officers whose sessions ask twice a second each.
const LOGINS: [&str; 6] =
    ["registrar-tashkent", "lead", "head-tashkent", "fire-expert", "sanitary-expert", "ecology-expert"];
/// Of a hundred pages: an officer's, a citizen's answer, and what a citizen reads; the others are read by whoever comes along.
const OFFICERS: usize = 4;
const ANSWERS: usize = 8;
const CITIZENS_READ: usize = 38;
/// More that have come and got no answer: the platform has fallen behind for good.
const WAITING_MAX: usize = 3_000;
/// Caches fill within it.
const SETTLED: Duration = Duration::from_secs(20);

/// What one who signed in asks for.
struct Signed {
    pages: Vec<Vec<u8>>,
    /// The first question, answered again and again.
    answer: Option<Vec<u8>>,
}

struct Mix {
    port: u16,
    open_to_all: Vec<Vec<u8>>,
    citizens: Vec<Signed>,
    officers: Vec<Signed>,
    networks: AtomicU32,
    /// Connections that wait for their next page, with what was asked over each.
    idle: Mutex<Vec<(Connection, u32)>>,
    waiting: AtomicUsize,
}

pub async fn measure(table: &mut Table, lasting: Duration) -> Outcome {
    let mut platform = Platform::start().await;
    let mix = Arc::new(Mix::prepare(&platform).await?);
    let begun = Instant::now();
    let (mut all, mut settled) = (JoinSet::new(), None);
    let (mut times, mut failed) = (Vec::new(), 0_u32);
    let mut number = 0;
    while begun.elapsed() < lasting {
        let comes = begun + Duration::from_secs(1) * number / RATE;
        tokio::time::sleep_until(comes).await;
        if mix.waiting.fetch_add(1, Ordering::Relaxed) > WAITING_MAX {
            return Err(format!("after {:?} {WAITING_MAX} pages wait for their answers", begun.elapsed()).into());
        }
        let (mix, number_now) = (mix.clone(), usize::try_from(number)?);
        all.spawn(async move {
            let outcome = mix.visit(number_now).await;
            mix.waiting.fetch_sub(1, Ordering::Relaxed);
            (comes.elapsed(), outcome)
        });
        number += 1;
        while let Some(one) = all.try_join_next() {
            count(one?, &mut times, &mut failed);
        }
        if settled.is_none() && begun.elapsed() >= SETTLED.min(lasting / 2) {
            settled = Some(resident()?);
        }
    }
    while let Some(one) = all.join_next().await {
        count(one?, &mut times, &mut failed);
    }
    let grown = resident()? - settled.unwrap_or_default();
    tell(table, &mut times, (failed, begun.elapsed()), grown);
    platform.stop().await;
    Ok(())
}

fn count((took, outcome): (Duration, Outcome), times: &mut Vec<Duration>, failed: &mut u32) {
    times.push(took);
    if let Err(error) = outcome {
        // The first few say what it was.
        if *failed < 5 {
            eprintln!("mixed: {error}");
        }
        *failed += 1;
    }
}

fn tell(table: &mut Table, times: &mut [Duration], (failed, lasted): (u32, Duration), grown: f64) {
    times.sort_unstable();
    let quantile = |thousandth: usize| {
        let place = (times.len() * thousandth / 1_000).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    table.tell("mixed journeys, pages answered", times.len() as f64 / lasted.as_secs_f64(), "pages/s");
    for (name, thousandth) in [("half of pages", 500), ("95 of 100", 950), ("99 of 100", 990), ("the slowest", 1_000)] {
        table.tell(format!("– {name} within"), quantile(thousandth), "ms");
    }
    table.tell("– failed", f64::from(failed), "pages");
    table.tell("– memory grown since the first moments, all processes", grown, "MiB");
}

impl Mix {
    async fn prepare(platform: &Platform) -> Outcome<Self> {
        let portal = Url::parse(&platform.ready.portal)?;
        let host = portal.authority();
        let open_to_all = ["/".to_owned(), format!("/{SERVICE}"), "/search?q=nikoh".to_owned(), "/verify".to_owned()];
        let mut citizens = Vec::with_capacity(CITIZENS);
        for _ in 0..CITIZENS {
            citizens.push(citizen(platform).await?);
        }
        let mut officers = Vec::with_capacity(LOGINS.len());
        for login in LOGINS {
            let officer = Officer::of(platform, login).await;
            let cookies = officer.visitor.cookies_for(&portal);
            let pages = ["/officer", "/"].map(|path| http::get(host, path, &cookies));
            officers.push(Signed { pages: pages.into(), answer: None });
        }
        Ok(Self {
            port: portal.port().ok_or("the portal told no port")?,
            open_to_all: open_to_all.iter().map(|path| http::get(host, path, "")).collect(),
            citizens,
            officers,
            networks: AtomicU32::new(1),
            idle: Mutex::default(),
            waiting: AtomicUsize::new(0),
        })
    }

    /// The n-th visit: the same number asks for the same page in every run.
    async fn visit(&self, number: usize) -> Outcome {
        let (turn, round) = (number * 37 % 100, number / 100);
        let citizen = &self.citizens[number % self.citizens.len()];
        let of = |pages: &[Vec<u8>]| pages[(number + round) % pages.len()].clone();
        match turn {
            turn if turn < OFFICERS => {
                let officer = &self.officers[(round * OFFICERS + turn) % self.officers.len()];
                self.ask(&of(&officer.pages), false).await
            }
            turn if turn < OFFICERS + ANSWERS => match &citizen.answer {
                Some(answer) => self.ask(answer, true).await,
                None => self.ask(&of(&citizen.pages), false).await,
            },
            turn if turn < OFFICERS + ANSWERS + CITIZENS_READ => self.ask(&of(&citizen.pages), false).await,
            _ => self.ask(&of(&self.open_to_all), false).await,
        }
    }

    /// A page is shown, and whoever sent an answer is led on.
    async fn ask(&self, request: &[u8], leads_on: bool) -> Outcome {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (mut connection, asked) = match kept {
            Some((connection, asked)) if asked < PAGES_A_NETWORK => (connection, asked),
            _ => {
                let network = http::visitor(self.networks.fetch_add(1, Ordering::Relaxed));
                (Connection::open(network, self.port).await?, 0)
            }
        };
        let answer = connection.exchange(request).await?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((connection, asked + 1));
        match (answer.status, leads_on) {
            (200, false) | (303, true) => Ok(()),
            (status, _) => {
                let line = String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned();
                Err(format!("{line} was answered with {status}").into())
            }
        }
    }
}

/// A citizen signs in and begins an application.
async fn citizen(platform: &Platform) -> Outcome<Signed> {
    let mut citizen = Citizen::sign_in(platform, "botir", "uz").await;
    let page = citizen.begin().await;
    let cookies = citizen.visitor.cookies_for(&page.url);
    let paths = [page.url.path(), "/applications", "/inbox", &format!("/{SERVICE}")];
    let pages = paths.map(|path| http::get(page.url.authority(), path, &cookies));
    citizen.visitor.send(&answered(&page, &[])).await;
    // As the page stands once it was answered: sent again, nothing was changed behind its back.
    let page = citizen.visitor.open(page.url.as_str()).await;
    let form = page.form("/pages/");
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.values).finish();
    let answer = http::post_form(page.url.authority(), page.url.path(), &cookies, &body);
    Ok(Signed { pages: pages.into(), answer: Some(answer) })
}
