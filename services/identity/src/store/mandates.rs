//! For whom whoever has a session may act: what their provider said when it began, and nothing that it said before.

use std::time::Duration;

use kernel::{Failure, Hash, Language, PersonId, SessionId, Time, tin::Tin};
use sql::{Tx, args};

use super::Store;
use crate::domain::{
    mandate::{DIRECTOR, directed},
    person::{Company, Facts},
    session::Session,
};

/// Whoever directed a company within the last year has no say in what it applies for.
pub(super) const DIRECTED: Duration = Duration::from_secs(365 * 24 * 3600);

/// Somebody for whom a session may act, under the id they always have.
pub struct Mandate {
    pub principal: PersonId,
    pub kind: String,
    pub facts: Facts,
}

impl Store {
    /// Keeps which companies the provider named; each gets its id when it is named for the first time.
    pub(crate) async fn assert_companies(
        &self,
        tx: &mut Tx,
        session: &Session,
        companies: &[Company],
        language: Language,
    ) -> Result<(), Failure> {
        for company in directed(companies) {
            let facts = Facts { tin: company.tin.clone(), legal_name: company.name.clone(), ..Facts::default() };
            let hash = self.company_hash(company.tin.reveal());
            let principal = self.remember_under(tx, hash, facts, language).await?;
            tx.execute(
                "INSERT INTO mandates (session, principal, kind, asserted_us) VALUES ($1, $2, $3, $4)",
                args![session.id.to_vec(), principal.to_vec(), DIRECTOR.to_owned(), session.authenticated.micros()],
            )
            .await?;
            tx.execute(
                "INSERT INTO directors (person, company, named_us) VALUES ($1, $2, $3)
                 ON CONFLICT (person, company) DO UPDATE SET named_us = excluded.named_us",
                args![session.proof.person.to_vec(), principal.to_vec(), session.authenticated.micros()],
            )
            .await?;
        }
        Ok(())
    }

    /// The company with this number, under the id it always has. Of one for which nobody has signed in the number is all that is known;
    /// what a director's sign-in said of another is not written over.
    pub async fn company_with(&self, tin: &Tin) -> Result<PersonId, Failure> {
        let hash = self.company_hash(tin.reveal());
        let mut tx = self.database.begin().await?;
        let company = match self.known_under(&mut tx, hash).await? {
            Some(company) => company,
            None => {
                let facts = Facts { tin: tin.reveal().to_owned().into(), ..Facts::default() };
                self.remember_under(&mut tx, hash, facts, Language::default()).await?
            }
        };
        tx.commit().await?;
        Ok(company)
    }

    fn company_hash(&self, tin: &str) -> Hash {
        self.seals.lookup("tin", tin)
    }

    /// Companies that a provider named a person director of, not longer ago than counts.
    pub async fn directed_by(&self, person: PersonId) -> Result<Vec<PersonId>, Failure> {
        let mut tx = self.database.read().await?;
        let sql = "SELECT company FROM directors WHERE person = $1 AND named_us > $2 ORDER BY company";
        let since = self.now().minus(DIRECTED).micros();
        let rows = tx.fetch_all(sql, args![person.to_vec(), since]).await?;
        rows.iter().map(|row| PersonId::from_slice(&row.blob(0)?)).collect()
    }

    /// Whom a provider named director of the company last, not longer ago than counts.
    pub async fn director_of(&self, company: PersonId) -> Result<Option<PersonId>, Failure> {
        let mut tx = self.database.read().await?;
        let sql =
            "SELECT person FROM directors WHERE company = $1 AND named_us > $2 ORDER BY named_us DESC, person LIMIT 1";
        let since = self.now().minus(DIRECTED).micros();
        let row = tx.fetch_optional(sql, args![company.to_vec(), since]).await?;
        row.map(|row| PersonId::from_slice(&row.blob(0)?)).transpose()
    }

    /// The kind of mandate that a session has for somebody, if it was asserted after `since`.
    pub async fn mandate(
        &self,
        session: SessionId,
        principal: PersonId,
        since: Time,
    ) -> Result<Option<String>, Failure> {
        let mut tx = self.database.read().await?;
        let sql = "SELECT kind FROM mandates WHERE session = $1 AND principal = $2 AND asserted_us > $3";
        let row = tx.fetch_optional(sql, args![session.to_vec(), principal.to_vec(), since.micros()]).await?;
        Ok(row.map(|row| row.text(0)).transpose()?)
    }

    /// Everybody for whom a session may act, by what was asserted after `since`.
    pub async fn mandates(&self, session: SessionId, since: Time) -> Result<Vec<Mandate>, Failure> {
        let mut tx = self.database.read().await?;
        let sql = "SELECT principal, kind FROM mandates WHERE session = $1 AND asserted_us > $2 ORDER BY principal";
        let rows = tx.fetch_all(sql, args![session.to_vec(), since.micros()]).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let principal = PersonId::from_slice(&row.blob(0)?)?;
            if let Some(person) = self.person_in(&mut tx, principal).await? {
                found.push(Mandate { principal, kind: row.text(1)?, facts: person.facts });
            }
        }
        Ok(found)
    }
}
