//! A file on its way from a browser to the host: never whole in memory, each few pieces acknowledged before many more are read, and
//! nobody waited for who sends nothing.

use std::{mem, time::Duration};

use axum::extract::multipart::MultipartError;
use kernel::{CommandId, Failure, Hash};
use proto::{
    Empty,
    eservice::v1::{AttachFileRequest, CaseReply, PutPiecesRequest, operations},
};
use tokio::time::Instant;

use super::FieldPlace;
use crate::{
    http::{Portal, fault::Refused},
    store::Session,
};

/// As the hosts of e-services keep them.
pub const PIECE_BYTES: usize = 256 * 1024;
/// So many go with one message: NATS carries at most 1 MB.
const TOGETHER: usize = 3;
/// Between attempts at a host that is away for a moment.
pub const PAUSES: [Duration; 3] = [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)];
/// How long nothing may come; what came buys as much time as it should have taken. A browser that trickles holds no connection here.
const PATIENCE: Duration = Duration::from_secs(60);
const BYTES_A_SECOND_MIN: u64 = 2 * 1024;
const LONGEST: Duration = Duration::from_secs(2 * 3600);
/// For how long the rest of what is refused is read: a browser shows an answer only after it has sent everything.
pub const DRAIN_PATIENCE: Duration = Duration::from_secs(20);

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
            "file.too-many" | "file.too-many-at-once" => Self::Said("files-too-many"),
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

impl From<axum::Error> for Stopped {
    fn from(_: axum::Error) -> Self {
        Self::Said("files-cut")
    }
}

/// How far a sender has come, and until when they are waited for.
pub struct Pace {
    begun: Instant,
    bytes: u64,
}

impl Pace {
    pub fn begin() -> Self {
        Self { begun: Instant::now(), bytes: 0 }
    }

    /// What comes next, if it comes in time.
    pub async fn next<T, E>(&self, coming: impl Future<Output = Result<T, E>>) -> Result<T, Stopped>
    where
        Stopped: From<E>,
    {
        let came = tokio::time::timeout_at(self.begun + allowed(self.bytes), coming).await;
        Ok(came.map_err(|_| Stopped::Said("files-slow"))??)
    }

    pub fn came(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }
}

/// How long all of it may have taken when so much has come.
fn allowed(bytes: u64) -> Duration {
    (PATIENCE + Duration::from_secs(bytes / BYTES_A_SECOND_MIN)).min(LONGEST)
}

/// One file on its way.
pub struct Sending<'a> {
    portal: &'a Portal,
    session: &'a Session,
    place: &'a FieldPlace,
    /// The upload of which its pieces are parts; empty: it comes in one go.
    upload: Vec<u8>,
    /// Which piece goes next.
    next: i64,
    /// Of which it is made so far, unless the host counts them.
    pieces: Vec<Hash>,
    /// Full pieces that were not sent yet.
    waiting: Vec<Vec<u8>>,
    /// The one that grows.
    piece: Vec<u8>,
}

impl<'a> Sending<'a> {
    /// In one go.
    pub fn new(portal: &'a Portal, session: &'a Session, place: &'a FieldPlace) -> Self {
        let (pieces, waiting, piece) = (Vec::new(), Vec::new(), Vec::new());
        Self { portal, session, place, upload: Vec::new(), next: 0, pieces, waiting, piece }
    }

    /// From this piece of an upload on.
    pub fn of(self, upload: Hash, next: i64) -> Self {
        Self { upload: upload.to_vec(), next, ..self }
    }

    pub async fn push(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
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

    /// Sends what is full, and gives how much the host has then.
    pub async fn flush(&mut self) -> Result<i64, Failure> {
        if !self.waiting.is_empty() {
            self.send().await?;
        }
        Ok(self.next.saturating_mul(i64::try_from(PIECE_BYTES).unwrap_or(i64::MAX)))
    }

    /// Nothing more comes: the last piece may be shorter.
    pub async fn close(&mut self) -> Result<(), Failure> {
        if !self.piece.is_empty() {
            self.waiting.push(mem::take(&mut self.piece));
        }
        self.flush().await.map(|_| ())
    }

    /// Whether not a single byte has come.
    pub fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// Makes a file of what was sent. The same file again is the same file.
    pub async fn attach(&mut self, name: String) -> Result<(), Failure> {
        let request = AttachFileRequest {
            case_id: self.place.case.case.to_vec(),
            page: self.place.page.clone(),
            at: self.place.at.clone(),
            name,
            pieces: self.pieces.iter().map(|piece| piece.to_vec()).collect(),
            upload: self.upload.clone(),
        };
        let (portal, host) = (self.portal, self.place.case.host());
        // An id of its own would say nothing more.
        let command = CommandId::new(portal.clock.as_ref(), portal.random.as_ref());
        let reply: CaseReply =
            portal.services.command(self.session, &operations::ATTACH_FILE, host, &request, command).await?;
        portal.sessions.note_seen(self.session, self.place.case.case, reply.version).await
    }

    /// Returns once the host keeps what was sent.
    async fn send(&mut self) -> Result<(), Failure> {
        if self.upload.is_empty() {
            self.pieces.extend(self.waiting.iter().map(|piece| Hash::of(piece)));
        }
        let request = PutPiecesRequest {
            case_id: self.place.case.case.to_vec(),
            page: self.place.page.clone(),
            at: self.place.at.clone(),
            pieces: mem::take(&mut self.waiting),
            begins: self.next == 0,
            upload: self.upload.clone(),
            place: self.next,
        };
        self.next = self.next.saturating_add(i64::try_from(request.pieces.len()).unwrap_or(i64::MAX));
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
