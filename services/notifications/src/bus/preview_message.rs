//! `preview-message`: what a person would read, before anything is decided. Nothing is sent or kept.

use kernel::{Failure, PersonId};
use proto::notifications::v1::{MessagePreview, PreviewMessageRequest};
use serde_json::Value;

use super::{
    Office,
    send::{language, own},
};
use crate::domain::text::{self, Writer};

pub async fn handle(office: &Office, call: bus::Call<PreviewMessageRequest>) -> Result<MessagePreview, Failure> {
    let request = &call.request;
    let malformed = || Failure::invalid("notification.malformed-preview", "The request must name its case.");
    let case = request.case.as_ref().ok_or_else(malformed)?;
    let admitted = own(office, &call.agency, case).await?;
    let definition = &*admitted.definition;
    let notification = text::find(definition, &request.notification)?;
    let language = language(office, PersonId::from_slice(&request.recipient)?, &request.language).await?;
    let inputs: Value = serde_json::from_slice(&request.inputs).map_err(|_| malformed())?;
    let agency = admitted.agency.in_language(language.tag());
    let letter = Writer { definition, language, agency, inputs: &inputs }.write(notification)?;
    Ok(MessagePreview { title: letter.title, body: letter.body })
}
