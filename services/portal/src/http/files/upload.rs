//! Files on their way from a browser to the host: read piece by piece, each acknowledged before many more are read, none ever whole
//! in memory.

use std::{mem, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        Multipart, Path, State,
        multipart::{self, MultipartError},
    },
    response::{IntoResponse, Redirect, Response},
};
use kernel::{CommandId, Failure, Hash};
use proto::{
    Empty,
    eservice::v1::{AttachFileRequest, CaseReply, Field, PutPiecesRequest, operations},
};

use super::{FieldPlace, Parts, is_elsewhere, read, render};
use tokio::time::Instant;

use crate::{
    http::{Portal, Shared, fault::Refused, posted::check_token, visit::Citizen},
    store::Session,
};

/// As the hosts of e-services keep them.
const PIECE_BYTES: usize = 256 * 1024;
/// So many go with one message: NATS carries at most 1 MB.
const TOGETHER: usize = 3;
/// Between attempts at a host that is away for a moment.
const PAUSES: [Duration; 3] = [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)];
/// How long nothing may come; what came buys as much time as it should have taken. A browser that trickles holds no connection here.
const PATIENCE: Duration = Duration::from_secs(60);
const BYTES_A_SECOND_MIN: u64 = 2 * 1024;
const LONGEST: Duration = Duration::from_secs(2 * 3600);
/// For how long the rest of what is refused is read: a browser shows an answer only after it has sent everything.
const DRAIN_PATIENCE: Duration = Duration::from_secs(20);
const TOKEN_BYTES_MAX: usize = 1024;
/// What else a form brings that has an input for files.
const WORDS_BYTES_MAX: usize = 64 * 1024;
const CONTROLS_MAX: usize = 64;

/// What keeps a file from being taken.
pub enum Stopped {
    /// Key of the sentence for it, on the page.
    Said(&'static str),
    Refused(Refused),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        match failure.code.as_ref() {
            "file.type" => Self::Said("files-wrong-kind"),
            "file.size" => Self::Said("files-wrong-size"),
            "file.too-many" => Self::Said("files-too-many"),
            "file.case-full" => Self::Said("files-full"),
            "file.not-stored" => Self::Said("files-cut"),
            _ => Self::Refused(Refused(failure)),
        }
    }
}

impl From<MultipartError> for Stopped {
    fn from(_: MultipartError) -> Self {
        Self::Said("files-cut")
    }
}

/// The `_token` of the form comes first; then each file.
pub async fn take(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path(parts): Path<Parts>,
    mut sent: Multipart,
) -> Result<Response, Refused> {
    let place = FieldPlace::new(parts)?;
    let (_, field) = read(&portal, &visit, &session, &place).await?;
    let stopped = match all(&portal, &session, (&place, &field), &mut sent, &mut Vec::new()).await {
        Ok(0) => Stopped::Said("files-none"),
        Ok(_) => return Ok(Redirect::to(&place.path()).into_response()),
        Err(stopped) => stopped,
    };
    drained(&mut sent).await;
    match stopped {
        Stopped::Said(error) => {
            let (shown, field) = read(&portal, &visit, &session, &place).await?;
            render(&portal, &visit, &place, shown.service_title, field, error)
        }
        Stopped::Refused(Refused(failure)) if is_elsewhere(&failure) => {
            Ok(Redirect::to(&place.case.path("")).into_response())
        }
        Stopped::Refused(refused) => Err(refused),
    }
}

/// How far a sender has come, and until when they are waited for.
struct Pace {
    begun: Instant,
    bytes: u64,
}

impl Pace {
    /// What comes next, if it comes in time.
    async fn next<T>(&self, coming: impl Future<Output = Result<T, MultipartError>>) -> Result<T, Stopped> {
        let came = tokio::time::timeout_at(self.begun + allowed(self.bytes), coming).await;
        Ok(came.map_err(|_| Stopped::Said("files-slow"))??)
    }

    async fn chunk(&mut self, part: &mut multipart::Field<'_>) -> Result<Option<Bytes>, Stopped> {
        let chunk = self.next(part.chunk()).await?;
        self.bytes += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        Ok(chunk)
    }
}

/// How long all of it may have taken when so much has come.
fn allowed(bytes: u64) -> Duration {
    (PATIENCE + Duration::from_secs(bytes / BYTES_A_SECOND_MIN)).min(LONGEST)
}

/// Takes every file, and says how many there were; what else came is put beside the controls, in its order.
pub async fn all(
    portal: &Portal,
    session: &Session,
    (place, field): (&FieldPlace, &Field),
    sent: &mut Multipart,
    controls: &mut Vec<(String, String)>,
) -> Result<u32, Stopped> {
    let (mut proved, mut taken) = (false, 0_u32);
    let mut pace = Pace { begun: Instant::now(), bytes: 0 };
    while let Some(part) = pace.next(sent.next_field()).await? {
        match part.name() {
            Some("_token") => {
                let token = words(part, &mut pace, TOKEN_BYTES_MAX).await?;
                check_token(&session.opened.form_token, &token).map_err(Stopped::Refused)?;
                proved = true;
            }
            Some("file") => {
                if !proved {
                    check_token(&session.opened.form_token, "").map_err(Stopped::Refused)?;
                }
                taken += u32::from(one(portal, session, place, field, (part, &mut pace)).await?);
            }
            Some(name) if controls.len() < CONTROLS_MAX => {
                let name = name.to_owned();
                controls.push((name, words(part, &mut pace, WORDS_BYTES_MAX).await?));
            }
            _ => {}
        }
    }
    if !proved {
        check_token(&session.opened.form_token, "").map_err(Stopped::Refused)?;
    }
    Ok(taken)
}

async fn words(mut part: multipart::Field<'_>, pace: &mut Pace, most: usize) -> Result<String, Stopped> {
    let mut words = Vec::new();
    while let Some(chunk) = pace.chunk(&mut part).await? {
        if words.len() + chunk.len() > most {
            return Err(Stopped::Said("files-cut"));
        }
        words.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&words).into_owned())
}

/// False: the input was left empty.
async fn one(
    portal: &Portal,
    session: &Session,
    place: &FieldPlace,
    field: &Field,
    (mut part, pace): (multipart::Field<'_>, &mut Pace),
) -> Result<bool, Stopped> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let mut sending = Sending { portal, session, place, pieces: Vec::new(), waiting: Vec::new(), piece: Vec::new() };
    let mut left = u64::try_from(field.size_max).unwrap_or_default();
    while let Some(chunk) = pace.chunk(&mut part).await? {
        left = left.checked_sub(chunk.len() as u64).ok_or(Stopped::Said("files-wrong-size"))?;
        sending.push(&chunk).await?;
    }
    sending.close().await?;
    if sending.pieces.is_empty() {
        return if name.is_empty() { Ok(false) } else { Err(Stopped::Said("files-wrong-size")) };
    }
    let request = AttachFileRequest {
        case_id: place.case.case.to_vec(),
        page: place.page.clone(),
        at: place.at.clone(),
        name,
        pieces: sending.pieces.iter().map(|piece| piece.to_vec()).collect(),
        enclosed: place.enclosed.clone(),
    };
    // The same file again is the same file: an id of its own would say nothing more.
    let command = CommandId::new(portal.clock.as_ref(), portal.random.as_ref());
    let reply: CaseReply =
        portal.services.command(session, &operations::ATTACH_FILE, place.case.host(), &request, command).await?;
    portal.sessions.note_seen(session, place.case.case, reply.version).await?;
    Ok(true)
}

/// One file on its way.
struct Sending<'a> {
    portal: &'a Portal,
    session: &'a Session,
    place: &'a FieldPlace,
    /// Of which it is made so far.
    pieces: Vec<Hash>,
    /// Full pieces that were not sent yet.
    waiting: Vec<Vec<u8>>,
    /// The one that grows.
    piece: Vec<u8>,
}

impl Sending<'_> {
    async fn push(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
            if self.piece.len() == PIECE_BYTES {
                self.waiting.push(mem::take(&mut self.piece));
                if self.waiting.len() == TOGETHER {
                    self.send().await?;
                }
            }
        }
        Ok(())
    }

    async fn close(&mut self) -> Result<(), Failure> {
        if !self.piece.is_empty() {
            self.waiting.push(mem::take(&mut self.piece));
        }
        if self.waiting.is_empty() { Ok(()) } else { self.send().await }
    }

    /// Returns once the host keeps what was sent.
    async fn send(&mut self) -> Result<(), Failure> {
        let begins = self.pieces.is_empty();
        self.pieces.extend(self.waiting.iter().map(|piece| Hash::of(piece)));
        let request = PutPiecesRequest {
            case_id: self.place.case.case.to_vec(),
            page: self.place.page.clone(),
            at: self.place.at.clone(),
            pieces: mem::take(&mut self.waiting),
            begins,
            enclosed: self.place.enclosed.clone(),
        };
        for pause in PAUSES {
            match self.ask(&request).await {
                Err(failure) if failure.kind.retry() => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
        }
        self.ask(&request).await
    }

    async fn ask(&self, request: &PutPiecesRequest) -> Result<(), Failure> {
        let command = CommandId::new(self.portal.clock.as_ref(), self.portal.random.as_ref());
        let host = self.place.case.host();
        let services = &self.portal.services;
        let Empty {} = services.command(self.session, &operations::PUT_PIECES, host, request, command).await?;
        Ok(())
    }
}

/// Reads the rest of what is refused, for a while.
pub async fn drained(sent: &mut Multipart) {
    let _ = tokio::time::timeout(DRAIN_PATIENCE, drain(sent)).await;
}

/// Reads on without keeping anything.
async fn drain(sent: &mut Multipart) {
    while let Ok(Some(mut part)) = sent.next_field().await {
        while let Ok(Some(_)) = part.chunk().await {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_sends_is_waited_for_as_long_as_enough_comes_and_never_for_ever() {
        assert_eq!(allowed(0), PATIENCE);
        assert_eq!(allowed(BYTES_A_SECOND_MIN * 30), PATIENCE + Duration::from_secs(30));
        assert_eq!(allowed(256 * 1024 * 1024), LONGEST);
    }
}
