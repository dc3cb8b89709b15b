//! The database's floor: one row a transaction, nothing else.

use std::time::Duration;

use sql::{Database, Migration, Migrations, Settings, args};

use crate::{Outcome, load};

const MIGRATIONS: Migrations =
    &[Migration::new(1, "rows", "CREATE TABLE bench_rows (number AUTOID, body BLOB NOT NULL);")];
/// About what a small event of a case takes.
const ROW: [u8; 200] = [7; 200];

/// Commits of one row a second, through the same connections that the cases use.
pub async fn commits(settings: &Settings, askers: usize, lasting: Duration) -> Outcome<f64> {
    let database = Database::open(settings, MIGRATIONS).await?;
    let done = load::closed(askers, lasting, |_| {
        let database = database.clone();
        move || {
            let database = database.clone();
            async move {
                let mut tx = database.begin().await?;
                tx.execute("INSERT INTO bench_rows (body) VALUES ($1)", args![ROW.to_vec()]).await?;
                Ok(tx.commit().await?)
            }
        }
    })
    .await;
    database.close().await;
    done
}
