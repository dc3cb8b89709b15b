//! Every chain of acts of a platform: one a database, wherever its databases are.

use std::path::Path;

use kernel::{Failure, Hash};
use sql::{Inspected, audit, audit::Proof};

use super::checkpoint::Checkpoint;
use crate::{databases, settings::Settings};

/// What one chain proves.
pub struct Chain {
    /// Of the database: the file's, or PostgreSQL's own.
    pub name: String,
    /// As far as it holds.
    pub proof: Proof,
    pub state: State,
}

pub enum State {
    Holds,
    /// The first row that does not fit, or what an earlier checkpoint has and the chain has not.
    Broken(String),
}

impl Chain {
    pub fn json(&self) -> serde_json::Value {
        let Proof { acts, head, erased, first, last } = self.proof;
        let broken = match &self.state {
            State::Holds => None,
            State::Broken(why) => Some(why),
        };
        serde_json::json!({
            "chain": self.name, "holds": broken.is_none(), "broken": broken, "acts": acts, "erased": erased,
            "first": first, "last": last, "head": head,
        })
    }
}

/// Reads all chains, in the order of their names. `folder`: of SQLite files, instead of those that the settings name. What an
/// earlier checkpoint names and nobody has any more is a broken chain, too.
pub async fn read(
    settings: &Settings,
    folder: Option<&Path>,
    earlier: Option<&Checkpoint>,
) -> Result<Vec<Chain>, Failure> {
    let mut found = Vec::new();
    if let Some(folder) = folder {
        found.extend(files(folder).await?);
    }
    for database in named(settings) {
        // A folder that was copied has settings that name the original.
        if folder.is_none() || database.url_file.is_some() {
            found.extend(sql::inspect(database).await?);
        }
    }
    if let Some(administrator) = databases::administrator_url(&settings.operator).await? {
        found.extend(sql::inspect_server(&administrator).await?);
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let mut chains = Vec::new();
    for one in each_once(found).await? {
        chains.push(examined(one, earlier).await);
    }
    for (name, acts) in earlier.into_iter().flat_map(Checkpoint::names) {
        if !chains.iter().any(|chain| chain.name == name) {
            let why = format!("The checkpoint knows {acts} acts of it, and there is no such chain.");
            chains.push(Chain { name: name.to_owned(), proof: Proof::start(), state: State::Broken(why) });
        }
    }
    Ok(chains)
}

/// What settings and the server both name is read once. Two databases under one name would be one chain to a checkpoint, and the other
/// of them would be proved by nobody.
async fn each_once(found: Vec<Inspected>) -> Result<Vec<Inspected>, Failure> {
    let mut once: Vec<Inspected> = Vec::new();
    for one in found {
        match once.last() {
            Some(other) if other.name == one.name => {
                if begins(&one).await != begins(other).await {
                    let message = format!(
                        "Two databases are named `{}`. Verify each with a --config that names only one of them.",
                        one.name
                    );
                    return Err(Failure::invalid("audit.same-name", message));
                }
                one.database.close().await;
            }
            _ => once.push(one),
        }
    }
    Ok(once)
}

/// The hash of the first act: no two chains have the same, because each act is salted. None: it has none, or cannot be read.
async fn begins(one: &Inspected) -> Option<Hash> {
    let mut tx = one.database.read().await.ok()?;
    let first = audit::read(&mut tx, 0, 1).await.ok()?;
    first.first().map(|act| act.hash)
}

fn named(settings: &Settings) -> [&sql::Settings; 9] {
    [
        &settings.exchange.database,
        &settings.identity.database,
        &settings.register.database,
        &settings.signing.database,
        &settings.notifications.database,
        &settings.payments.database,
        &settings.eservice.database,
        &settings.docket.database,
        &settings.portal.database,
    ]
}

async fn files(folder: &Path) -> Result<Vec<Inspected>, Failure> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let unreadable =
        |error: std::io::Error| Failure::invalid("audit.unreadable", format!("{}: {error}.", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "sqlite") {
            found.extend(sql::inspect(&sql::Settings::file(&path)).await?);
        }
    }
    Ok(found)
}

/// What cannot be read is not proved.
async fn examined(one: Inspected, earlier: Option<&Checkpoint>) -> Chain {
    let witnessed = earlier.and_then(|checkpoint| checkpoint.of_chain(&one.name));
    let outcome = examine(&one, witnessed.map_or(0, |(acts, _)| acts)).await;
    one.database.close().await;
    let name = one.name;
    let examined = match outcome {
        Ok(examined) => examined,
        Err(error) => return Chain { name, proof: Proof::start(), state: State::Broken(error.to_string()) },
    };
    let state = match (examined.broken, witnessed) {
        (Some(broken), _) => State::Broken(broken.to_string()),
        (None, Some((acts, head))) => against(examined.hash_at, acts, head),
        (None, None) => State::Holds,
    };
    Chain { name, proof: examined.proof, state }
}

async fn examine(one: &Inspected, at: i64) -> Result<audit::Examined, sql::Error> {
    let mut tx = one.database.read().await?;
    audit::examine(&mut tx, at).await
}

fn against(found: Option<Hash>, acts: i64, head: Hash) -> State {
    match found {
        Some(hash) if hash == head => State::Holds,
        Some(_) => {
            State::Broken(format!("Act {acts} is another one than the checkpoint has: the chain was written anew."))
        }
        None => State::Broken(format!("The checkpoint knows {acts} acts: the chain's end was cut off.")),
    }
}
