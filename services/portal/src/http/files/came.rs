//! A form that may bring files beside its words: the files are taken as they come, and what was written is there whatever becomes
//! of them.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, Multipart, Request},
    http::header,
};
use kernel::{CommandId, Failure, Hash};
use proto::eservice::v1::{CaseReply, Field, RemoveFileRequest, operations};

use super::{
    FieldPlace,
    sending::Stopped,
    upload::{all, drained},
};
use crate::{
    http::{
        Portal,
        fault::Refused,
        posted::{Posted, malformed},
    },
    store::Session,
};

/// As it was sent: with an input for files, or by a program that has none.
pub enum Sent {
    Words(Posted),
    Parts(Multipart),
}

impl FromRequest<Arc<Portal>> for Sent {
    type Rejection = Refused;

    async fn from_request(request: Request, portal: &Arc<Portal>) -> Result<Self, Refused> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            return Multipart::from_request(request, portal).await.map(Self::Parts).map_err(|_| malformed());
        }
        Posted::from_request(request, portal).await.map(Self::Words)
    }
}

/// What came.
pub struct Came {
    pub posted: Posted,
    /// Key of what is wrong with the files; empty: nothing is.
    pub error: &'static str,
    /// The host would not have them at all.
    pub refused: Option<Failure>,
    /// How many files were taken.
    taken: u32,
}

impl Came {
    /// Whether a button of the files was pressed, and not the one that sends everything.
    pub fn is_about_files(&self) -> bool {
        !self.posted.control("_attach").is_empty() || !self.posted.control("_remove").is_empty()
    }

    async fn press(&mut self, portal: &Portal, session: &Session, place: &FieldPlace) -> Result<(), Refused> {
        if let Ok(file) = self.posted.control("_remove").parse::<Hash>() {
            let request = RemoveFileRequest {
                case_id: place.case.case.to_vec(),
                page: place.page.clone(),
                at: place.at.clone(),
                id: file.to_vec(),
                enclosed: place.enclosed.clone(),
            };
            // One that is gone already is taken away once more: an id of its own would say nothing more.
            let command = CommandId::new(portal.clock.as_ref(), portal.random.as_ref());
            let host = place.case.host();
            let sent = portal.services.command(session, &operations::REMOVE_FILE, host, &request, command).await;
            let reply: CaseReply = match sent {
                Ok(reply) => reply,
                Err(failure) => {
                    self.refused = Some(failure);
                    return Ok(());
                }
            };
            portal.sessions.note_seen(session, place.case.case, reply.version).await?;
        } else if !self.posted.control("_attach").is_empty() && self.taken == 0 {
            self.error = "files-none";
        }
        Ok(())
    }
}

impl Sent {
    /// Takes all of it, and does what a button of the files asks for. `field`: what can be enclosed there.
    pub async fn take(
        self,
        portal: &Portal,
        session: &Session,
        place: &FieldPlace,
        field: &Field,
    ) -> Result<Came, Refused> {
        let mut came = match self {
            Self::Words(posted) => Came { posted, error: "", refused: None, taken: 0 },
            Self::Parts(mut sent) => {
                let mut controls = Vec::new();
                let outcome = all(portal, session, (place, field), &mut sent, &mut controls).await;
                let (taken, error, refused) = match outcome {
                    Ok(taken) => (taken, "", None),
                    Err(stopped) => {
                        drained(&mut sent).await;
                        match stopped {
                            Stopped::Said(error) => (0, error, None),
                            Stopped::Refused(Refused(failure)) => (0, "", Some(failure)),
                        }
                    }
                };
                Came { posted: Posted(controls), error, refused, taken }
            }
        };
        if came.error.is_empty() && came.refused.is_none() {
            came.press(portal, session, place).await?;
        }
        Ok(came)
    }
}
