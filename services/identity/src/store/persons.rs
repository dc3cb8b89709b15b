//! Persons: created at their first proofed sign-in or appointment, found by a keyed hash of their PINFL.

use kernel::{Failure, Hash, Language, PersonId, sealed::CaseKey};
use sql::{Tx, args};

use super::Store;
use crate::domain::person::Facts;

pub struct Person {
    pub id: PersonId,
    pub facts: Facts,
    pub language: Language,
}

impl Store {
    pub async fn person(&self, id: PersonId) -> Result<Option<Person>, Failure> {
        let mut tx = self.database.read().await?;
        self.person_in(&mut tx, id).await
    }

    pub(crate) async fn person_in(&self, tx: &mut Tx, id: PersonId) -> Result<Option<Person>, Failure> {
        let row = tx
            .fetch_optional(
                "SELECT wrapped_key, facts, language FROM persons WHERE person = $1 AND forgotten_us IS NULL",
                args![id.to_vec()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let key = self.key_of(&row.blob(0)?)?;
        let facts = open(&key, &row.blob(1)?, id)?;
        let language = Language::parse(&row.text(2)?).unwrap_or_default();
        Ok(Some(Person { id, facts, language }))
    }

    /// Remembers what a provider just said about a person, under the id they always had.
    pub(crate) async fn remember(&self, tx: &mut Tx, facts: Facts, language: Language) -> Result<PersonId, Failure> {
        let hash = self.seals.lookup("pinfl", facts.pinfl.reveal());
        self.remember_under(tx, hash, facts, language).await
    }

    /// The same of whoever is found by this keyed hash: a person's of their PINFL, a company's of its taxpayer number.
    pub(crate) async fn remember_under(
        &self,
        tx: &mut Tx,
        hash: Hash,
        facts: Facts,
        language: Language,
    ) -> Result<PersonId, Failure> {
        let known = tx
            .fetch_optional(
                "SELECT person, wrapped_key, facts, forgotten_us FROM persons WHERE pinfl_hash = $1",
                args![hash.to_vec()],
            )
            .await?;
        let now = self.now().micros();
        let Some(row) = known else {
            let id = PersonId::new(&*self.clock, &*self.random);
            let key = CaseKey::generate(&*self.random);
            let wrapped = key.wrap(&self.seals.wrapping, &*self.random);
            let sealed = self.seal(&key, &facts, id);
            tx.execute(
                "INSERT INTO persons (person, pinfl_hash, wrapped_key, facts, language, created_us, updated_us, needed_us)
                 VALUES ($1, $2, $3, $4, $5, $6, $6, $6)",
                args![id.to_vec(), hash.to_vec(), wrapped, sealed, language.tag().to_owned(), now],
            )
            .await?;
            return Ok(id);
        };
        let id = PersonId::from_slice(&row.blob(0)?)?;
        // Whoever was forgotten comes back under the id they always had, with a new key and nothing of before.
        let (key, wrapped, facts) = if row.opt_int(3)?.is_some() {
            let key = CaseKey::generate(&*self.random);
            let wrapped = key.wrap(&self.seals.wrapping, &*self.random);
            (key, wrapped, facts)
        } else {
            let wrapped = row.blob(1)?;
            let key = self.key_of(&wrapped)?;
            let facts = open(&key, &row.blob(2)?, id)?.updated_by(facts);
            (key, wrapped, facts)
        };
        let sealed = self.seal(&key, &facts, id);
        tx.execute(
            "UPDATE persons SET wrapped_key = $1, facts = $2, language = $3, updated_us = $4, needed_us = $4, forgotten_us = NULL
             WHERE person = $5",
            args![wrapped, sealed, language.tag().to_owned(), now, id.to_vec()],
        )
        .await?;
        Ok(id)
    }

    /// Who has this PINFL, also if they were forgotten since.
    pub(crate) async fn person_with(&self, tx: &mut Tx, pinfl: &str) -> Result<Option<PersonId>, Failure> {
        self.person_under(tx, self.seals.lookup("pinfl", pinfl)).await
    }

    async fn person_under(&self, tx: &mut Tx, hash: Hash) -> Result<Option<PersonId>, Failure> {
        let row = tx.fetch_optional("SELECT person FROM persons WHERE pinfl_hash = $1", args![hash.to_vec()]).await?;
        row.map(|row| PersonId::from_slice(&row.blob(0)?)).transpose()
    }

    /// Who has this PINFL and is known: of whoever was forgotten something has to be known first. To be looked for is to be needed;
    /// it comes first, so that nobody is forgotten between this look and what is made of it.
    pub(crate) async fn known_with(&self, tx: &mut Tx, pinfl: &str) -> Result<Option<PersonId>, Failure> {
        self.known_under(tx, self.seals.lookup("pinfl", pinfl)).await
    }

    /// The same of whoever is found by this keyed hash.
    pub(super) async fn known_under(&self, tx: &mut Tx, hash: Hash) -> Result<Option<PersonId>, Failure> {
        let Some(person) = self.person_under(tx, hash).await? else { return Ok(None) };
        self.needed(tx, person).await?;
        Ok(self.person_key(tx, person).await?.map(|_| person))
    }

    /// The key that seals everything about one person.
    pub(crate) async fn person_key(&self, tx: &mut Tx, id: PersonId) -> Result<Option<CaseKey>, Failure> {
        let select = "SELECT wrapped_key FROM persons WHERE person = $1 AND forgotten_us IS NULL";
        let row = tx.fetch_optional(select, args![id.to_vec()]).await?;
        row.map(|row| self.key_of(&row.blob(0)?)).transpose()
    }

    fn key_of(&self, wrapped: &[u8]) -> Result<CaseKey, Failure> {
        CaseKey::unwrap(&self.seals.wrapping, wrapped)
    }

    fn seal(&self, key: &CaseKey, facts: &Facts, id: PersonId) -> Vec<u8> {
        let plain = serde_json::to_vec(facts).expect("facts are plain strings");
        key.seal(&plain, &place(id), &*self.random)
    }
}

fn open(key: &CaseKey, sealed: &[u8], id: PersonId) -> Result<Facts, Failure> {
    let plain = key.open(sealed, &place(id))?;
    serde_json::from_slice(&plain).map_err(|error| {
        // The parser's own words could repeat a value; only the place is told.
        let place = format!("stored JSON, line {}, column {}", error.line(), error.column());
        Failure::internal("identity.facts-unreadable", "Stored data could not be read.").with_detail(place)
    })
}

/// Binds sealed facts to their row.
fn place(id: PersonId) -> Vec<u8> {
    [b"facts".as_slice(), id.as_bytes()].concat()
}
