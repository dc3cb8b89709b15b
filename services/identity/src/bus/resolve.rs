//! Whom a registry names by PINFL, or which company a case asks by TIN, under the id they always have; somebody who never signed in is
//! made known by it.

use kernel::{Failure, Language, PersonId, pinfl::Pinfl, tin::Tin};
use proto::identity::v1::{Person, ReadPersonRequest, ResolvePersonRequest};

use super::read;
use crate::{
    domain::person::Facts,
    provider::Provider,
    store::{Store, invitations::known_from},
};

pub async fn person(provider: &Provider, request: ResolvePersonRequest, caller: &str) -> Result<Person, Failure> {
    let case_id = request.case_id.clone();
    let person = if request.tin.is_empty() {
        of_pinfl(&provider.store, request).await?
    } else {
        provider.store.company_with(&Tin::parse(&request.tin)?).await?
    };
    let asked = ReadPersonRequest { person: person.to_vec(), case_id };
    read::person(provider, &asked, caller, "platform").await
}

async fn of_pinfl(store: &Store, request: ResolvePersonRequest) -> Result<PersonId, Failure> {
    let pinfl = Pinfl::parse(&request.pinfl)?;
    let mut tx = store.database.begin().await?;
    let known = store.known_with(&mut tx, pinfl.reveal()).await?;
    let person = match known {
        // What the person's own sign-in said is not written over by a third party.
        Some(person) => person,
        None => {
            let facts = Facts {
                family_name: request.family_name.into(),
                given_name: request.given_name.into(),
                patronymic: request.patronymic.into(),
                ..known_from(&pinfl)
            };
            store.remember(&mut tx, facts, Language::default()).await?
        }
    };
    tx.commit().await?;
    Ok(person)
}
