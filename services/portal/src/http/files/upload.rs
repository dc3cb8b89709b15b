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
/// What else a form brings that has an input for files.
const WORDS_BYTES_MAX: usize = 64 * 1024;
const CONTROLS_MAX: usize = 64;

/// The `_token` of the form comes first; then each file.
pub async fn take(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path(parts): Path<Parts>,
    mut sent: Multipart,
) -> Result<Response, Refused> {
    let place = FieldPlace::new(parts, &session)?;
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

/// Takes every file, and says how many there were; what else came is put beside the controls, in its order.
pub async fn all(
    portal: &Portal,
    session: &Session,
    (place, field): (&FieldPlace, &Field),
    sent: &mut Multipart,
    controls: &mut Vec<(String, String)>,
) -> Result<u32, Stopped> {
    let (mut proved, mut taken) = (false, 0_u32);
    let mut pace = Pace::begin();
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
                let sending = Sending::new(portal, session, place);
                taken += u32::from(one(sending, field, (part, &mut pace)).await?);
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
    while let Some(chunk) = chunk(pace, &mut part).await? {
        if words.len() + chunk.len() > most {
            return Err(Stopped::Said("files-cut"));
        }
        words.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&words).into_owned())
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
