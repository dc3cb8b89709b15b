//! What anybody needs to verify documents without asking anybody: the root certificate, and the signed lists of documents and of seals
//! that no longer count.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Clock, Failure, Hash, Kept, Time};
use proto::{
    Empty,
    signing::v1::{ReadStatusListRequest, Trust, operations},
};
use tokio::sync::Mutex;

use super::{
    Portal, Shared,
    fault::{self, Refused},
};
use crate::domain::place;

pub const LIST: &str = "application/jose";
pub const CERTIFICATE: &str = "application/x-pem-file";
/// RFC 2585, 4.
pub const REVOCATION_LIST: &str = "application/pkix-crl";
/// Each list costs a signature; who asks meanwhile gets the last one.
const FRESH: Duration = Duration::from_secs(60);
const KEPT: &str = "public, max-age=60";

/// What signing said last, and when.
#[derive(Default)]
pub struct Latest(Mutex<Option<(Time, Trust)>>);

impl Latest {
    /// While signing is away an older list serves: it says itself until when it counts. Nobody waits for signing again meanwhile.
    pub async fn read(&self, portal: &Portal) -> Result<Trust, Failure> {
        let now = portal.clock.now();
        let mut kept = self.0.lock().await;
        if let Some((read, trust)) = &*kept
            && *read <= now
            && now.since(*read) < FRESH
        {
            return Ok(trust.clone());
        }
        match portal.services.ask(&operations::READ_TRUST, &Empty {}).await {
            Ok(trust) => {
                *kept = Some((now, trust.clone()));
                Ok(trust)
            }
            Err(failure) => {
                let (read, trust) = kept.as_mut().ok_or(failure)?;
                *read = now;
                Ok(trust.clone())
            }
        }
    }
}

/// Lists that were asked for lately.
const LISTS_MAX: usize = 64;
const LIST_BYTES_MAX: i64 = 64 * 1024 * 1024;
/// How often a list that changes while it is read is begun anew.
const TRIES: usize = 4;
/// The mean of the Gregorian calendar.
const YEAR_SECONDS: i64 = 31_556_952;
/// No seal is older.
const FIRST_YEAR: i32 = 2026;

/// By agency and year; without both, the list of all.
type Key = (String, i32);

/// Signed lists.
pub struct Lists {
    kept: Kept<Key, List>,
    /// Held by whoever asks signing for it, so that a crowd of readers is one question.
    asking: Kept<Key, Arc<Mutex<()>>>,
}

#[derive(Clone)]
struct List {
    read: Time,
    body: Bytes,
    /// Of the bytes: whoever has them asks whether there are others.
    tag: String,
}

impl Default for Lists {
    fn default() -> Self {
        Self { kept: Kept::at_most(LISTS_MAX), asking: Kept::at_most(LISTS_MAX) }
    }
}

impl Lists {
    async fn read(&self, portal: &Portal, agency: &str, year: i32) -> Result<List, Failure> {
        self.latest((agency.to_owned(), year), &*portal.clock, whole(portal, agency, year)).await
    }

    /// While signing is away an older list serves, as with everything that it says.
    async fn latest(
        &self,
        key: Key,
        clock: &dyn Clock,
        ask: impl Future<Output = Result<Vec<u8>, Failure>>,
    ) -> Result<List, Failure> {
        if let Some(list) = self.fresh(&key, clock.now()) {
            return Ok(list);
        }
        let asking = self.asking.get(&key).unwrap_or_default();
        self.asking.put(key.clone(), asking.clone());
        let _asking = asking.lock().await;
        let now = clock.now();
        // Somebody asked meanwhile.
        if let Some(list) = self.fresh(&key, now) {
            return Ok(list);
        }
        let list = match (ask.await, self.kept.get(&key)) {
            (Ok(body), _) => List { read: now, tag: format!("\"{}\"", Hash::of(&body)), body: body.into() },
            (Err(failure), Some(list)) if failure.kind.retry() => List { read: now, ..list },
            (Err(failure), _) => return Err(failure),
        };
        self.kept.put(key, list.clone());
        Ok(list)
    }

    fn fresh(&self, key: &Key, now: Time) -> Option<List> {
        self.kept.get(key).filter(|list| list.is_fresh(now))
    }
}

impl List {
    fn is_fresh(&self, now: Time) -> bool {
        self.read <= now && now.since(self.read) < FRESH
    }
}

/// A list from all its parts.
async fn whole(portal: &Portal, agency: &str, year: i32) -> Result<Vec<u8>, Failure> {
    for _ in 0..TRIES {
        match parts(portal, agency, year).await {
            Err(failure) if failure.code == "status.remade" => {}
            other => return other,
        }
    }
    Err(Failure::unavailable("portal.list-changes", "The list changes while it is read. Try again in a minute."))
}

async fn parts(portal: &Portal, agency: &str, year: i32) -> Result<Vec<u8>, Failure> {
    let (mut list, mut made) = (Vec::new(), 0);
    loop {
        let offset = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let request = ReadStatusListRequest { agency: agency.to_owned(), year, offset, made };
        let part = portal.services.ask(&operations::READ_STATUS_LIST, &request).await?;
        if part.bytes.is_empty() || part.size > LIST_BYTES_MAX {
            return Err(Failure::internal("portal.list", "A list of documents could not be read."));
        }
        list.extend_from_slice(&part.bytes);
        made = part.made;
        if i64::try_from(list.len()).is_ok_and(|read| read >= part.size) {
            return Ok(list);
        }
    }
}

pub async fn status_list(State(portal): Shared, headers: HeaderMap) -> Result<Response, Refused> {
    let list = portal.lists.read(&portal, "", 0).await?;
    Ok(told(list, &headers))
}

/// What an agency sealed in one year: of years that are far away there is no list, so that nobody makes us sign without end.
pub async fn status_page(
    State(portal): Shared,
    Path((agency, year)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let year = year.parse::<i32>().ok().filter(|year| (FIRST_YEAR..=next_year(portal.clock.now())).contains(year));
    let year = year.filter(|_| place::is_name(&agency)).ok_or_else(fault::no_such_page)?;
    let list = portal.lists.read(&portal, &agency, year).await?;
    Ok(told(list, &headers))
}

/// Never before the next year, and at most a year after it.
fn next_year(now: Time) -> i32 {
    i32::try_from(1971 + now.seconds() / YEAR_SECONDS).unwrap_or(FIRST_YEAR)
}

/// Nothing, where the reader has these bytes.
fn told(list: List, headers: &HeaderMap) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let has = known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == list.tag));
    let mut response = if has { StatusCode::NOT_MODIFIED.into_response() } else { answer(LIST, list.body) };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(KEPT));
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Ok(tag) = HeaderValue::from_str(&list.tag) {
        out.insert(header::ETAG, tag);
    }
    response
}

pub async fn seals(State(portal): Shared) -> Result<Response, Refused> {
    let trust = portal.trust.read(&portal).await?;
    Ok(answer(REVOCATION_LIST, trust.crl))
}

pub async fn root(State(portal): Shared) -> Result<Response, Refused> {
    let trust = portal.trust.read(&portal).await?;
    Ok(answer(CERTIFICATE, trust.root_pem))
}

fn answer(kind: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(KEPT)),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use kernel::ManualClock;

    use super::*;

    #[test]
    fn the_years_that_are_asked_for_end_soon() {
        assert_eq!(next_year(Time::from_seconds(1_795_410_000)), 2027);
        assert_eq!(next_year(Time::default()), 1971);
    }

    #[tokio::test]
    async fn a_crowd_of_readers_is_one_question_a_minute() {
        let (lists, clock) = (Lists::default(), ManualClock::at(Time::from_seconds(1_795_410_000)));
        let asked = AtomicUsize::new(0);
        let read = |list: &'static [u8]| {
            let (lists, clock, asked) = (&lists, &clock, &asked);
            let ask = async move {
                asked.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok::<_, Failure>(list.to_vec())
            };
            async move { lists.latest(("justice".to_owned(), 2026), clock, ask).await.unwrap().body }
        };
        for (times, list) in [(1, &b"old"[..]), (2, &b"new"[..])] {
            let told: [Bytes; 3] = tokio::join!(read(list), read(list), read(list)).into();
            assert!(told.iter().all(|body| body == list), "none is older");
            assert_eq!(asked.load(Ordering::Relaxed), times);
            clock.advance(FRESH);
        }
    }

    #[test]
    fn a_list_serves_for_a_minute_and_not_before_it_was_read() {
        let read = Time::from_seconds(1_795_410_000);
        let list = List { read, body: Bytes::new(), tag: String::new() };
        let after = |seconds: i64| list.is_fresh(Time::from_seconds(read.seconds() + seconds));
        assert_eq!([-1, 0, 59, 60].map(after), [false, true, true, false]);
    }

    #[test]
    fn whoever_has_the_list_is_told_so_and_gets_nothing() {
        let list = || List { read: Time::default(), body: Bytes::from_static(b"a.b.c"), tag: "\"1f\"".into() };
        for (known, status) in [("\"1f\"", 304), ("\"0a\", W/\"1f\"", 304), ("\"0a\"", 200), ("", 200)] {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(known))]);
            let told = told(list(), &headers);
            assert_eq!(told.status().as_u16(), status, "{known}");
            assert_eq!(told.headers()[header::ETAG], "\"1f\"");
            assert_eq!(told.headers()[header::CACHE_CONTROL], KEPT);
        }
    }
}
