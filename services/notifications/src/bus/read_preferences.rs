//! `read-preferences`: how a person wants to be told.

use kernel::{Failure, Language};
use proto::notifications::v1::{Preferences as Told, ReadPreferencesRequest};

use super::{Office, themselves};
use crate::{domain::preferences::Preferences, store::preferences};

pub async fn handle(office: &Office, call: bus::Call<ReadPreferencesRequest>) -> Result<Told, Failure> {
    let person = call.person()?;
    themselves(person)?;
    let mut tx = office.database.read().await?;
    Ok(told(preferences::of(&mut tx, person.id).await?))
}

pub fn told(preferences: Preferences) -> Told {
    let Preferences { sms, email, language } = preferences;
    Told { sms, email, language: language.map(Language::tag).unwrap_or_default().to_owned() }
}
