//! Where the API server asks: reads a question within bounds, has it judged aside, and counts what came of it.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use boot::metrics;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::{Instant, timeout, timeout_at},
};

use super::{
    conversion, measure, refusal,
    review::{self, Cause, Review, Verdict, answer},
    verdict::{self, Site},
};

/// How long a question may take to arrive and to wait for its turn; the API server waits for 5 s in all.
const ARRIVES: Duration = Duration::from_secs(3);
/// The same of a conversion, for which the API server waits for 30 s: late is better than a resource that nobody can read.
const CONVERSION_ARRIVES: Duration = Duration::from_secs(25);
/// Past this a resource is let through unjudged, and the controller judges it in its own time.
const JUDGED: Duration = Duration::from_secs(2);
/// Questions that are read at the same time, in KiB: many small ones or a few large ones.
const ROOM_KIB: usize = 32 << 10;
/// Questions that are judged at the same time, on a machine that has so many processors.
const TURNS_MAX: usize = 4;
const UNJUDGED: &str = "this could not be judged now; the operator judges it in its own time and says so in its status";

/// A few at a time, each on a thread that may be busy for a while.
struct Desk {
    site: Site,
    others: &'static [conversion::Version],
    room: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    judge: fn(&review::Request, Site) -> Verdict,
}

pub fn router(site: Site, others: &'static [conversion::Version]) -> Router {
    routes(Desk::new(site, others, verdict::of))
}

fn routes(desk: Desk) -> Router {
    Router::new().route("/judge", post(judge)).route("/convert", post(convert)).with_state(Arc::new(desk))
}

async fn judge(State(desk): State<Arc<Desk>>, body: Body) -> Response {
    let begun = Instant::now();
    let mut labels = Labels::default();
    let (response, outcome) = match desk.judged(body, &mut labels).await {
        Ok((uid, verdict, outcome)) => (axum::Json(answer(&uid, &verdict)).into_response(), outcome),
        Err(turned) => (turned.answer(), turned.outcome()),
    };
    metrics::ADMISSION.observe(&[labels.kind, labels.operation, outcome], begun.elapsed());
    response
}

async fn convert(State(desk): State<Arc<Desk>>, body: Body) -> Response {
    let begun = Instant::now();
    let (response, outcome) = match desk.converted(body).await {
        Ok(answer) => {
            let outcome = if answer["response"]["result"]["status"] == "Success" { "converted" } else { "refused" };
            (axum::Json(answer).into_response(), outcome)
        }
        Err(turned) => (turned.answer(), turned.outcome()),
    };
    metrics::ADMISSION.observe(&["several", "CONVERT", outcome], begun.elapsed());
    response
}

/// What a question is about, in words of ours: they become labels.
#[derive(Default)]
struct Labels {
    kind: &'static str,
    operation: &'static str,
}

/// Why a question got no verdict. The API server then does what the configuration says about a webhook that failed.
enum Turned {
    Malformed(String),
    TooMuch(measure::Excess),
    Busy,
}

impl Turned {
    fn outcome(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::TooMuch(_) => "malformed",
            Self::Busy => "busy",
        }
    }

    fn answer(&self) -> Response {
        let (status, message) = match self {
            Self::Malformed(message) => (StatusCode::BAD_REQUEST, message.clone()),
            Self::TooMuch(excess) => (StatusCode::PAYLOAD_TOO_LARGE, format!("This is too much: {}.", excess.text())),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Others are judged now; ask again.".to_owned()),
        };
        (status, format!("{message}\n")).into_response()
    }
}

impl Desk {
    fn new(site: Site, others: &'static [conversion::Version], judge: fn(&review::Request, Site) -> Verdict) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let [room, turns] = [ROOM_KIB, processors.clamp(2, TURNS_MAX)].map(|places| Arc::new(Semaphore::new(places)));
        Self { site, others, room, turns, judge }
    }

    async fn judged(&self, body: Body, labels: &mut Labels) -> Result<(String, Verdict, &'static str), Turned> {
        let (question, turn) = self.arrived(body, ARRIVES).await?;
        let (read, turn) = aside(turn, move || read_within_bounds(&question.bytes)).await?;
        let (request, excess) = read?;
        labels.kind = api::Kind::parse(&request.kind.kind).map_or("other", api::Kind::name);
        labels.operation = operation(&request.operation);
        let (uid, writes) = (request.uid.clone(), labels.operation != "DELETE");
        if let Some(excess) = excess {
            return if writes {
                Ok((uid, too_much(&request, excess), "refused"))
            } else {
                Err(Turned::TooMuch(excess))
            };
        }
        let (judge, site) = (self.judge, self.site);
        match aside(turn, move || judge(&request, site)).await {
            Ok((verdict @ Verdict::Allowed { .. }, _)) => Ok((uid, verdict, "allowed")),
            Ok((verdict, _)) => Ok((uid, verdict, "refused")),
            Err(_) if writes => Ok((uid, Verdict::unjudged(UNJUDGED), "unjudged")),
            Err(turned) => Err(turned),
        }
    }

    async fn converted(&self, body: Body) -> Result<serde_json::Value, Turned> {
        let (question, turn) = self.arrived(body, CONVERSION_ARRIVES).await?;
        let others = self.others;
        let (answer, _) = aside(turn, move || {
            measure::bounded(&question.bytes).map_err(Turned::TooMuch)?;
            let request = read(&question.bytes, conversion::API_VERSION, conversion::KIND)?;
            Ok(conversion::answer(others, request))
        })
        .await?;
        answer
    }

    /// The whole question, when there is room for it, and its turn.
    async fn arrived(&self, body: Body, patience: Duration) -> Result<(Question, OwnedSemaphorePermit), Turned> {
        let until = Instant::now() + patience;
        let length =
            body.size_hint().upper().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(measure::BYTES_MAX);
        if length > measure::BYTES_MAX {
            return Err(Turned::TooMuch(measure::Excess::Bytes));
        }
        let wanted = u32::try_from(length.div_ceil(1024).max(1)).unwrap_or(u32::MAX);
        let room = self.room.clone().acquire_many_owned(wanted);
        let Ok(Ok(room)) = timeout_at(until, room).await else { return Err(Turned::Busy) };
        let bytes = match timeout_at(until, axum::body::to_bytes(body, length)).await {
            Ok(Ok(bytes)) => bytes,
            _ => return Err(Turned::Malformed("The question did not arrive.".to_owned())),
        };
        let Ok(Ok(turn)) = timeout_at(until, self.turns.clone().acquire_owned()).await else {
            return Err(Turned::Busy);
        };
        Ok((Question { bytes, _room: room }, turn))
    }
}

/// Its bytes take up room until they are read.
struct Question {
    bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

/// Of a question that is too much, only what is needed to refuse it.
fn read_within_bounds(body: &[u8]) -> Result<(review::Request, Option<measure::Excess>), Turned> {
    match measure::bounded(body) {
        Ok(()) => Ok((read(body, review::API_VERSION, review::KIND)?, None)),
        Err(excess) => Ok((read::<review::Heading>(body, review::API_VERSION, review::KIND)?.into(), Some(excess))),
    }
}

fn too_much(request: &review::Request, excess: measure::Excess) -> Verdict {
    let code = "source.too-much";
    let message = format!("this is too much: {}; make it smaller or flatter ({code})", excess.text());
    let about = refusal::About { kind: &request.kind.kind, name: &request.name };
    refusal::refused(about, vec![Cause { field: String::new(), reason: "FieldValueInvalid", message }], Vec::new())
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8], api_version: &str, kind: &str) -> Result<T, Turned> {
    let review: Review<T> =
        serde_json::from_slice(body).map_err(|error| Turned::Malformed(format!("This cannot be read: {error}")))?;
    review.asks(api_version, kind).ok_or_else(|| Turned::Malformed(format!("This is no {kind} ({api_version}).")))
}

/// Work that takes its time keeps its turn until it is done, even when nobody waits for it any more; a fault of ours in it is
/// told like work that takes too long.
async fn aside<T: Send + 'static>(
    turn: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<(T, OwnedSemaphorePermit), Turned> {
    let span = tracing::Span::current();
    let working = spawn_blocking(move || {
        let _inside = span.enter();
        (work(), turn)
    });
    match timeout(JUDGED, working).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panicked)) => {
            tracing::error!(error = %panicked, "a fault of ours while judging");
            Err(Turned::Busy)
        }
        Err(_) => Err(Turned::Busy),
    }
}

fn operation(named: &str) -> &'static str {
    match named {
        "CREATE" => "CREATE",
        "UPDATE" => "UPDATE",
        "DELETE" => "DELETE",
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
