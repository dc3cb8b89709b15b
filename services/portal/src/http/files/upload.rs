//! Files that a form without a script sends in one go, read piece by piece.

use axum::{
    body::Bytes,
    extract::{Multipart, Path, State, multipart},
    response::{IntoResponse, Redirect, Response},
};
use proto::eservice::v1::Field;

use super::{
    FieldPlace, Parts, is_elsewhere, read, render,
    sending::{DRAIN_PATIENCE, Pace, Sending, Stopped},
};
use crate::{
    http::{Portal, Shared, fault::Refused, posted::check_token, visit::Filling},
    store::Session,
};

const TOKEN_BYTES_MAX: usize = 1024;

/// The `_token` of the form comes first; then each file.
pub async fn take(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path(parts): Path<Parts>,
    mut sent: Multipart,
) -> Result<Response, Refused> {
    let place = FieldPlace::new(parts, &session)?;
    let (_, field) = read(&portal, &visit, &session, &place).await?;
    let stopped = match all(&portal, &session, &place, &field, &mut sent).await {
        Ok(()) => return Ok(Redirect::to(&place.path()).into_response()),
        Err(stopped) => stopped,
    };
    let _ = tokio::time::timeout(DRAIN_PATIENCE, drain(&mut sent)).await;
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

async fn all(
    portal: &Portal,
    session: &Session,
    place: &FieldPlace,
    field: &Field,
    sent: &mut Multipart,
) -> Result<(), Stopped> {
    let (mut proved, mut taken) = (false, 0_u32);
    let mut pace = Pace::begin();
    while let Some(part) = pace.next(sent.next_field()).await? {
        match part.name() {
            Some("_token") => {
                let token = word(part, &mut pace).await?;
                check_token(&session.opened.form_token, &token).map_err(Stopped::Refused)?;
                proved = true;
            }
            Some("file") => {
                if !proved {
                    check_token(&session.opened.form_token, "").map_err(Stopped::Refused)?;
                }
                let sending = Sending::new(portal, session, place);
                taken += u32::from(one(sending, field, (part, &mut pace)).await?);
            }
            _ => {}
        }
    }
    if taken == 0 { Err(Stopped::Said("files-none")) } else { Ok(()) }
}

async fn word(mut part: multipart::Field<'_>, pace: &mut Pace) -> Result<String, Stopped> {
    let mut word = Vec::new();
    while let Some(chunk) = chunk(pace, &mut part).await? {
        if word.len() + chunk.len() > TOKEN_BYTES_MAX {
            return Err(Stopped::Said("files-cut"));
        }
        word.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&word).into_owned())
}

/// What comes next of one part of the form.
async fn chunk(pace: &mut Pace, part: &mut multipart::Field<'_>) -> Result<Option<Bytes>, Stopped> {
    let chunk = pace.next(part.chunk()).await?;
    pace.came(chunk.as_ref().map_or(0, Bytes::len));
    Ok(chunk)
}

/// False: the input was left empty.
async fn one(
    mut sending: Sending<'_>,
    field: &Field,
    (mut part, pace): (multipart::Field<'_>, &mut Pace),
) -> Result<bool, Stopped> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let mut left = u64::try_from(field.size_max).unwrap_or_default();
    while let Some(chunk) = chunk(pace, &mut part).await? {
        left = left.checked_sub(chunk.len() as u64).ok_or(Stopped::Said("files-wrong-size"))?;
        sending.push(&chunk).await?;
    }
    sending.close().await?;
    if sending.is_empty() {
        return if name.is_empty() { Ok(false) } else { Err(Stopped::Said("files-wrong-size")) };
    }
    sending.attach(name).await?;
    Ok(true)
}

/// Reads on without keeping anything.
async fn drain(sent: &mut Multipart) {
    while let Ok(Some(mut part)) = sent.next_field().await {
        while let Ok(Some(_)) = part.chunk().await {}
    }
}
