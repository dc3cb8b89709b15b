//! Databases as they are, for whoever only looks: nothing is made, expanded or written.

use std::path::Path;

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::{Database, Error, Settings, address, args, database::read_url};

/// A database and its name: that of the file, or the server's own.
pub struct Inspected {
    pub name: String,
    pub database: Database,
}

/// The database of these settings, as whoever serves from it sees it; None where they name none.
pub async fn inspect(settings: &Settings) -> Result<Option<Inspected>, Error> {
    match (&settings.file, &settings.url_file) {
        (Some(file), _) => inspect_file(file).await.map(Some),
        (None, Some(url_file)) => {
            let database = Database::at(&read_url(url_file).await?, 1).await?;
            let mut tx = database.read().await?;
            let name = tx.fetch_one("SELECT current_database()::text", args![]).await?.text(0)?;
            drop(tx);
            Ok(Some(Inspected { name, database }))
        }
        (None, None) => Ok(None),
    }
}

async fn inspect_file(file: &Path) -> Result<Inspected, Error> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Inspected { name, database: Database::existing(file).await? })
}

/// Every database of a PostgreSQL server that holds a chain of acts, in the order of their names. Others are left alone.
pub async fn inspect_server(administrator_url: &str) -> Result<Vec<Inspected>, Error> {
    let options = address::options(administrator_url.trim())?;
    let mut found = Vec::new();
    for name in names(&options).await? {
        let url = address::url(&options.clone().database(&name));
        let database = Database::at(&url, 1).await?;
        let mut tx = database.read().await?;
        let has_chain = "SELECT CASE WHEN to_regclass('audit_head') IS NULL THEN 0 ELSE 1 END";
        let has_chain = tx.fetch_one(has_chain, args![]).await?.bool(0)?;
        drop(tx);
        if has_chain {
            found.push(Inspected { name, database });
        } else {
            database.close().await;
        }
    }
    Ok(found)
}

async fn names(options: &PgConnectOptions) -> Result<Vec<String>, Error> {
    let connected = PgConnection::connect_with(options).await;
    let mut administrator = connected.map_err(|error| address::unprotected(error, options))?;
    let names = "SELECT datname::text FROM pg_database
                 WHERE datallowconn AND NOT datistemplate AND has_database_privilege(datname, 'CONNECT')
                 ORDER BY datname";
    let names = sqlx::query_scalar(names).fetch_all(&mut administrator).await?;
    administrator.close().await?;
    Ok(names)
}
