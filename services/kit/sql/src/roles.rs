//! Which role serves on PostgreSQL: one that cannot change the schema, or in a trial the owner itself.

use crate::{Database, Error, Migrations, Settings, args, migration};

/// Counts as the owner: whoever may make tables here or has one, makes roles, or is not held by row-level security.
const OWNS: &str = "SELECT CASE WHEN rolsuper OR rolbypassrls OR rolcreaterole
        OR has_schema_privilege(current_user, current_schema(), 'CREATE')
        OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relnamespace = current_schema()::regnamespace)
    THEN 1 ELSE 0 END FROM pg_roles WHERE rolname = current_user";

/// Looks whom the URL names: a role that serves finds the schema ready; the owner makes it so, where a trial allows that.
pub(crate) async fn settle(database: &Database, migrations: Migrations, settings: &Settings) -> Result<(), Error> {
    let mut tx = database.read().await?;
    let owns = tx.fetch_one(OWNS, args![]).await?.int(0)? == 1;
    drop(tx);
    if !owns {
        return migration::check(database, migrations).await;
    }
    if settings.separate_roles {
        return Err(Error::refused(
            "store.one-role",
            "The role in `url_file` may change the schema. Name a role that cannot, and the owner in `owner_url_file`.",
        ));
    }
    tracing::warn!("one PostgreSQL role owns the schema and serves: row-level security and grants do not hold it");
    migration::run(database, migrations).await
}
