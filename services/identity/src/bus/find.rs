//! Whom an auditor looks for: by PINFL, or an officer by their login. Nobody is made known by it.

use kernel::{Failure, PersonId, pinfl::Pinfl};
use proto::identity::v1::{FindPersonRequest, FoundPerson};

use crate::{
    provider::Provider,
    store::{self, Record},
};

pub async fn person(provider: &Provider, request: &FindPersonRequest, caller: &str) -> Result<FoundPerson, Failure> {
    let actor = PersonId::from_slice(&request.actor)?;
    let store = &provider.store;
    let (by, found) = match (request.pinfl.trim(), request.login.trim()) {
        ("", "") => return Err(Failure::invalid("identity.nobody-named", "Name a PINFL or a login.")),
        ("", login) => {
            let account = store.seals.officer_account(login);
            ("login", store.password(account).await?.map(|known| known.person))
        }
        (pinfl, _) => {
            let pinfl = Pinfl::parse(pinfl)?;
            let mut tx = store.database.read().await?;
            ("pinfl", store.person_with(&mut tx, pinfl.reveal()).await?)
        }
    };
    let mut tx = store.database.begin().await?;
    let looked = Record {
        act: "identity.person-looked-for",
        actor: Some(actor),
        through: caller,
        subject: found.map(PersonId::to_vec).unwrap_or_default(),
        agency: "platform",
        purpose: "",
        detail: serde_json::json!({ "by": by, "found": found.is_some() }),
    };
    store::record(&mut tx, store.now(), looked).await?;
    tx.commit().await?;
    Ok(FoundPerson { person: found.map(PersonId::to_vec).unwrap_or_default() })
}
