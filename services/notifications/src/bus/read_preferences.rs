//! `read-preferences`: how a person wants to be told.

use kernel::{Failure, Language, PersonId};
use proto::notifications::v1::{Preferences as Told, ReadPreferencesRequest};

use super::{Office, themselves};
use crate::{
    domain::preferences::Preferences,
    store::{preferences, returned_mail},
};

pub async fn handle(office: &Office, call: bus::Call<ReadPreferencesRequest>) -> Result<Told, Failure> {
    let person = call.person()?;
    themselves(person)?;
    let mut tx = office.database.read().await?;
    let wanted = preferences::of(&mut tx, person.id).await?;
    drop(tx);
    Ok(Told { email_returned: email_returned(office, person.id).await?, ..told(wanted) })
}

/// Whether what is sent to the address that the person has today comes back.
async fn email_returned(office: &Office, person: PersonId) -> Result<bool, Failure> {
    let Some(returns) = &office.returns else { return Ok(false) };
    let now = office.clock.now();
    let mut tx = office.database.read().await?;
    let any = returned_mail::has_any(&mut tx, person, returns.enough, now).await?;
    drop(tx);
    if !any {
        return Ok(false);
    }
    // What they chose is shown, whether or not identity answers.
    let Ok(reach) = office.contacts.of(person, None).await else { return Ok(false) };
    let address = returns.path.remembered(reach.email.reveal());
    let mut tx = office.database.read().await?;
    returned_mail::is_unreachable(&mut tx, person, address, returns.enough, now).await
}

pub fn told(preferences: Preferences) -> Told {
    let Preferences { sms, email, language } = preferences;
    let language = language.map(Language::tag).unwrap_or_default().to_owned();
    Told { sms, email, language, ..Told::default() }
}
