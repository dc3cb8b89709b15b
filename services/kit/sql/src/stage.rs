//! Trial or production, written once into each database: no platform starts on the data of the other stage.

use crate::{Database, Error, Settings, args};

/// Writes the stage at the first start; refuses a database that was started as another one.
pub async fn fix(settings: &Settings, stage: &str) -> Result<(), Error> {
    let database = Database::open(settings, &[]).await?;
    let outcome = compare(&database, stage).await;
    database.close().await;
    outcome
}

async fn compare(database: &Database, stage: &str) -> Result<(), Error> {
    let mut tx = database.begin().await?;
    let now = tx.database_now().await?;
    tx.execute(
        "INSERT INTO stage (one, stage, fixed) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING",
        args![stage, now],
    )
    .await?;
    let fixed = tx.fetch_one("SELECT stage FROM stage WHERE one = 1", args![]).await?.text(0)?;
    if fixed != stage {
        return Err(Error::refused(
            "store.stage-fixed",
            format!("This database was first started as {fixed}; it cannot serve as {stage}. Name another database."),
        ));
    }
    tx.commit().await
}
