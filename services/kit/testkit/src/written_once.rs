//! Tries to change what may only be added to.

use sql::{AssertSqlSafe, Database, Migrations, Settings};

use crate::owned;

/// Tries to change and to remove rows of tables that are only added to, as whoever serves and as the owner. Each table
/// comes with one of its columns and holds a row already; none that the migrations declare may be left out.
pub async fn are_written_once(settings: &Settings, migrations: Migrations, tables: &[(&str, &str)]) {
    for declared in migrations.iter().flat_map(|migration| migration.append_only) {
        assert!(tables.iter().any(|(table, _)| *table == declared.table), "{} is not tried", declared.table);
    }
    for role in [settings.clone(), owned(settings)] {
        let database = Database::open(&role, migrations).await.unwrap_or_else(|error| panic!("{error}"));
        for (table, column) in tables {
            let rows = count(&database, table).await;
            assert!(rows > 0, "{table}: nothing to change");
            let mut changes = vec![format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")];
            if role.file.is_some() {
                changes.push(format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"));
            } else {
                changes.push(format!("TRUNCATE {table}"));
            }
            for change in changes {
                let mut tx = database.begin().await.unwrap_or_else(|error| panic!("{error}"));
                let refused = tx.execute(AssertSqlSafe(change.clone()), Vec::new()).await;
                let message = refused.err().map(|error| error.to_string()).unwrap_or_default();
                let by = if role.owner_url_file.is_some() { "permission denied" } else { "written once" };
                assert!(message.contains(by), "{change}: {message:?}");
            }
            assert_eq!(count(&database, table).await, rows, "{table}");
        }
        database.close().await;
    }
}

async fn count(database: &Database, table: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    let mut tx = database.read().await.unwrap_or_else(|error| panic!("{error}"));
    let counted = tx.fetch_one(sql, Vec::new()).await.and_then(|row| row.int(0));
    counted.unwrap_or_else(|error| panic!("{table}: {error}"))
}
