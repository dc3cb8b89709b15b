//! A database as an earlier release left it, then opened by today's.

use sql::{AssertSqlSafe, Database, Migrations, Settings, Value};

use crate::stores;

/// On every engine: a database at the schema of the first `until` migrations, with these rows of that time, brought up
/// to today's schema. The rows' statements bind nothing but blobs (`$1`, …).
pub async fn expanded(
    migrations: Migrations,
    until: usize,
    rows: &[(&str, &[&[u8]])],
) -> Vec<(&'static str, Settings, Database)> {
    let mut expanded = Vec::new();
    for (engine, settings) in stores() {
        let fail = |error: sql::Error| -> Database { panic!("{engine}: {error}") };
        let old = Database::open(&settings, &migrations[..until]).await.unwrap_or_else(fail);
        let mut tx = old.begin().await.unwrap_or_else(|error| panic!("{engine}: {error}"));
        for (row, blobs) in rows {
            let blobs = blobs.iter().map(|blob| Value::Blob(Some(blob.to_vec()))).collect();
            let inserted = tx.execute(AssertSqlSafe((*row).to_owned()), blobs).await;
            inserted.unwrap_or_else(|error| panic!("{engine}: {row}: {error}"));
        }
        tx.commit().await.unwrap_or_else(|error| panic!("{engine}: {error}"));
        old.close().await;
        let new = Database::open(&settings, migrations).await.unwrap_or_else(fail);
        expanded.push((engine, settings, new));
    }
    expanded
}
