//! `save-preferences`: a person says how they want to be told. What was asked last counts; a change is in the record.

use kernel::{Failure, Language};
use proto::notifications::v1::Preferences as Told;
use serde_json::json;

use super::{Office, read_preferences::told, themselves};
use crate::{domain::preferences::Preferences, store::preferences};

const ACT: &str = "preferences.changed";

pub async fn handle(office: &Office, call: bus::Call<Told>) -> Result<Told, Failure> {
    let person = call.person()?;
    themselves(person)?;
    let Told { sms, email, language, .. } = &call.request;
    let language = match language.as_str() {
        "" => None,
        tag => Some(Language::parse(tag)?),
    };
    let wanted = Preferences { sms: *sms, email: *email, language };
    let now = office.clock.now();
    let mut tx = office.database.begin().await?;
    let changed = preferences::of(&mut tx, person.id).await?.changed(wanted);
    if !changed.is_empty() {
        preferences::keep(&mut tx, person.id, wanted, now).await?;
        let act = sql::audit::Act {
            time: now,
            actor: Some(person.actor),
            act: ACT.to_owned(),
            subject: person.id.to_vec(),
            agency: bus::subject::PLATFORM.to_owned(),
            detail: json!({"changed": changed}).to_string(),
            ..sql::audit::Act::default()
        };
        sql::audit::append(&mut tx, &act).await?;
        tx.commit().await?;
    }
    Ok(told(wanted))
}
