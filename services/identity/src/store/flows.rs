//! Sign-ins under way: bound to one browser, forgotten after a quarter of an hour.

use std::time::Duration;

use kernel::{Failure, Hash, Language, PersonId, bytes};
use sql::{AssertSqlSafe, Row, Value, args};

use super::Store;
use crate::domain::authorize::Request;

const LIFE: Duration = Duration::from_secs(15 * 60);
/// Second factors that may be tried in one flow before the password is asked again.
pub const TRIES_MAX: i64 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowId(pub [u8; 16]);

pub struct Flow {
    pub id: FlowId,
    pub request: Request,
    pub language: Language,
    /// The officer whose password was right and whose code is still missing.
    pub officer: Option<PersonId>,
}

const COLUMNS: &str = "flow, request, language, officer";

impl Store {
    pub async fn begin_flow(&self, browser: &str, request: &Request, language: Language) -> Result<FlowId, Failure> {
        let id = FlowId(bytes(&*self.random));
        let request = serde_json::to_string(request).expect("a request is plain strings");
        let expires = self.now().plus(LIFE);
        let mut tx = self.database.begin().await?;
        tx.execute(
            "INSERT INTO flows (flow, browser_hash, request, language, tries, expires_us) VALUES ($1, $2, $3, $4, 0, $5)",
            args![
                id.0.to_vec(),
                Hash::of(browser.as_bytes()).to_vec(),
                request,
                language.tag().to_owned(),
                expires.micros()
            ],
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Only in the browser it was begun in.
    pub async fn flow(&self, id: FlowId, browser: &str) -> Result<Option<Flow>, Failure> {
        let mut tx = self.database.read().await?;
        let sql = format!("SELECT {COLUMNS} FROM flows WHERE flow = $1 AND browser_hash = $2 AND expires_us > $3");
        let browser = Hash::of(browser.as_bytes()).to_vec();
        let row = tx.fetch_optional(AssertSqlSafe(sql), args![id.0.to_vec(), browser, self.now().micros()]).await?;
        row.map(|row| read(&row)).transpose()
    }

    /// Takes the flow that was sent to a provider with this state; the state works once.
    pub async fn returned_flow(&self, state: &str, browser: &str) -> Result<Option<Flow>, Failure> {
        let mut tx = self.database.begin().await?;
        let sql =
            format!("SELECT {COLUMNS} FROM flows WHERE state_hash = $1 AND browser_hash = $2 AND expires_us > $3");
        let state = Hash::of(state.as_bytes()).to_vec();
        let browser = Hash::of(browser.as_bytes()).to_vec();
        let row = tx.fetch_optional(AssertSqlSafe(sql), args![state.clone(), browser, self.now().micros()]).await?;
        let Some(row) = row else { return Ok(None) };
        let taken = tx.execute("UPDATE flows SET state_hash = NULL WHERE state_hash = $1", args![state]).await?;
        tx.commit().await?;
        if taken == 0 {
            return Ok(None);
        }
        read(&row).map(Some)
    }

    pub async fn send_flow_away(&self, id: FlowId, state: &str) -> Result<(), Failure> {
        let state = Hash::of(state.as_bytes()).to_vec();
        self.change_flow("UPDATE flows SET state_hash = $1 WHERE flow = $2", args![state, id.0.to_vec()]).await
    }

    pub async fn set_flow_language(&self, id: FlowId, language: Language) -> Result<(), Failure> {
        let sql = "UPDATE flows SET language = $1 WHERE flow = $2";
        self.change_flow(sql, args![language.tag().to_owned(), id.0.to_vec()]).await
    }

    /// The first factor was right; none takes it back.
    pub async fn set_flow_officer(&self, id: FlowId, officer: Option<PersonId>) -> Result<(), Failure> {
        let sql = "UPDATE flows SET officer = $1, tries = 0 WHERE flow = $2";
        self.change_flow(sql, args![officer.map(PersonId::to_vec), id.0.to_vec()]).await
    }

    /// False when the flow has used up its tries.
    pub async fn try_flow(&self, id: FlowId) -> Result<bool, Failure> {
        let mut tx = self.database.begin().await?;
        let counted = tx
            .execute(
                "UPDATE flows SET tries = tries + 1 WHERE flow = $1 AND tries < $2",
                args![id.0.to_vec(), TRIES_MAX],
            )
            .await?;
        tx.commit().await?;
        Ok(counted == 1)
    }

    async fn change_flow(&self, sql: &'static str, args: Vec<Value>) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        tx.execute(sql, args).await?;
        Ok(tx.commit().await?)
    }
}

fn read(row: &Row) -> Result<Flow, Failure> {
    let unreadable = || Failure::internal("identity.flow-unreadable", "The sign-in could not be continued.");
    let id = row.blob(0)?.try_into().map_err(|_| unreadable())?;
    let officer = row.opt_blob(3)?;
    Ok(Flow {
        id: FlowId(id),
        request: serde_json::from_str(&row.text(1)?).map_err(|_| unreadable())?,
        language: Language::parse(&row.text(2)?).unwrap_or_default(),
        officer: officer.map(|officer| PersonId::from_slice(&officer)).transpose()?,
    })
}
