//! Makes a PostgreSQL database and the roles that use it: an owner that expands the schema, and a role a host that serves.

use sqlx::{
    AssertSqlSafe, Connection, PgConnection,
    postgres::{PgConnectOptions, PgRow},
};

use crate::{Database, Error, Migrations, address, args, database::CONNECTION_WAIT, migration, password};

/// Longest name of a database or host: roles are named after both, and PostgreSQL cuts names after 63 bytes.
const NAME_BYTES_MAX: usize = 30;

/// One database: a platform service's, or that of an agency's e-services.
pub struct Plan {
    pub database: String,
    pub owner_password: String,
    pub hosts: Vec<Host>,
}

/// Whoever serves from the database, under a role of its own.
pub struct Host {
    pub name: String,
    pub password: String,
    pub hosted: Hosted,
    /// How many connections all its copies may hold together; the server refuses more. None: as many as it takes.
    pub connections: Option<u32>,
}

/// Whose rows a host sees and writes, where tables are keyed by service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosted {
    Every,
    /// Each as `agency/service`.
    Only(Vec<String>),
}

/// URLs with passwords: they belong into files that only their reader can open.
pub struct Provisioned {
    pub owner_url: String,
    /// In the order of the plan's hosts.
    pub host_urls: Vec<String>,
    pub connections: Connections,
}

/// What a server has to give, and what was promised of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connections {
    /// All limited roles of the server together.
    pub promised: i64,
    /// Without those that are kept for administrators.
    pub available: i64,
}

/// Brings server and plan together; done again, it changes only what differs. The administrator may make databases and
/// roles. Hosts that the plan leaves out stay as they are. PostgreSQL 15 or newer.
pub async fn provision(administrator_url: &str, plan: &Plan) -> Result<Provisioned, Error> {
    provision_with(administrator_url, plan, &[]).await
}

/// The same, and expands the schema of the service that will serve from the database before any host connects.
pub async fn provision_with(
    administrator_url: &str,
    plan: &Plan,
    migrations: Migrations,
) -> Result<Provisioned, Error> {
    for name in plan.hosts.iter().map(|host| &host.name).chain([&plan.database]) {
        judge_name(name)?;
    }
    let (options, mut administrator) = connect(administrator_url).await?;
    let Plan { database, owner_password: _, hosts: _ } = plan;
    let (owner, runtime) = (format!("{database}_owner"), format!("{database}_runtime"));
    login(&mut administrator, &owner, &plan.owner_password).await?;
    if !is_there(&mut administrator, "SELECT FROM pg_roles WHERE rolname = $1", &runtime).await? {
        run(&mut administrator, format!("CREATE ROLE {runtime} NOLOGIN")).await?;
    }
    for host in &plan.hosts {
        let role = role(plan, host);
        login(&mut administrator, &role, &host.password).await?;
        let limit = host.connections.map_or(-1, i64::from);
        run(&mut administrator, format!("ALTER ROLE {role} CONNECTION LIMIT {limit}")).await?;
        run(&mut administrator, format!("GRANT {runtime} TO {role}")).await?;
    }
    make_database(&mut administrator, database, &owner, &runtime).await?;
    let connections = connections(&mut administrator).await?;
    administrator.close().await?;
    let url = |role: &str, password: &str| {
        let options: PgConnectOptions = options.clone().username(role).password(password).database(database);
        address::url(&options)
    };
    let owner_url = url(&owner, &plan.owner_password);
    let owned = Database::at(&owner_url, 1).await?;
    migration::run(&owned, migrations).await?;
    for host in &plan.hosts {
        allow(&owned, &role(plan, host), &host.hosted).await?;
    }
    owned.close().await;
    let host_urls = plan.hosts.iter().map(|host| url(&role(plan, host), &host.password)).collect();
    Ok(Provisioned { owner_url, host_urls, connections })
}

/// Whether there is a database of this name.
pub async fn is_provisioned(administrator_url: &str, database: &str) -> Result<bool, Error> {
    let (_, mut administrator) = connect(administrator_url).await?;
    let found = is_there(&mut administrator, "SELECT FROM pg_database WHERE datname = $1", database).await?;
    administrator.close().await?;
    Ok(found)
}

/// A host's role cannot connect any more, until it is provisioned again; what it wrote stays, and so does the database.
pub async fn withdraw(administrator_url: &str, database: &str, host: &str) -> Result<(), Error> {
    judge_name(database)?;
    judge_name(host)?;
    let (_, mut administrator) = connect(administrator_url).await?;
    let role = format!("{database}_{host}");
    if is_there(&mut administrator, "SELECT FROM pg_roles WHERE rolname = $1", &role).await? {
        run(&mut administrator, format!("ALTER ROLE {role} NOLOGIN")).await?;
    }
    administrator.close().await?;
    Ok(())
}

/// A server that takes connections and says nothing is given up: whoever waits for it keeps others waiting.
async fn connect(administrator_url: &str) -> Result<(PgConnectOptions, PgConnection), Error> {
    let options = address::options(administrator_url.trim())?;
    let Ok(connected) = tokio::time::timeout(CONNECTION_WAIT, PgConnection::connect_with(&options)).await else {
        return Err(Error::Unreachable(format!("no answer within {} s", CONNECTION_WAIT.as_secs())));
    };
    let administrator = connected.map_err(|error| address::unprotected(error, &options))?;
    Ok((options, administrator))
}

fn role(plan: &Plan, host: &Host) -> String {
    format!("{}_{}", plan.database, host.name)
}

async fn connections(administrator: &mut PgConnection) -> Result<Connections, Error> {
    let promised = "SELECT COALESCE(SUM(rolconnlimit), 0)::bigint FROM pg_roles WHERE rolcanlogin AND rolconnlimit > 0";
    let available =
        "SELECT SUM(CASE name WHEN 'max_connections' THEN setting::bigint ELSE -setting::bigint END)::bigint
                     FROM pg_settings
                     WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')";
    Ok(Connections {
        promised: sqlx::query_scalar(promised).fetch_one(&mut *administrator).await?,
        available: sqlx::query_scalar(available).fetch_one(&mut *administrator).await?,
    })
}

/// Names stand in statements as they are.
fn judge_name(name: &str) -> Result<(), Error> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let reserved = ["owner", "runtime"].contains(&name);
    if name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(fits)
        && name.len() <= NAME_BYTES_MAX
        && !reserved
    {
        return Ok(());
    }
    let message = format!(
        "`{name}` cannot name a database or a host: at most {NAME_BYTES_MAX} of a-z, 0-9 and _, the first a letter, \
         and neither `owner` nor `runtime`."
    );
    Err(Error::refused("store.name", message))
}

async fn login(administrator: &mut PgConnection, role: &str, password: &str) -> Result<(), Error> {
    let salt: Vec<u8> =
        sqlx::query_scalar("SELECT uuid_send(gen_random_uuid())").fetch_one(&mut *administrator).await?;
    let verifier = password::verifier(password, &salt);
    let known = is_there(administrator, "SELECT FROM pg_roles WHERE rolname = $1", role).await?;
    let verb = if known { "ALTER" } else { "CREATE" };
    run(administrator, format!("{verb} ROLE {role} LOGIN PASSWORD '{verifier}'")).await
}

async fn make_database(
    administrator: &mut PgConnection,
    database: &str,
    owner: &str,
    runtime: &str,
) -> Result<(), Error> {
    if !is_there(administrator, "SELECT FROM pg_database WHERE datname = $1", database).await? {
        // Only a member of a role can give a database to it.
        run(administrator, format!("GRANT {owner} TO CURRENT_USER")).await?;
        let make = format!("CREATE DATABASE {database} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
        run(administrator, make).await?;
    }
    run(administrator, format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC")).await?;
    run(administrator, format!("GRANT CONNECT ON DATABASE {database} TO {runtime}")).await
}

async fn is_there(administrator: &mut PgConnection, sql: &'static str, name: &str) -> Result<bool, Error> {
    let found: Option<PgRow> = sqlx::query(sql).bind(name).fetch_optional(administrator).await?;
    Ok(found.is_some())
}

async fn run(administrator: &mut PgConnection, sql: String) -> Result<(), Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(administrator).await?;
    Ok(())
}

/// Another list takes effect with the host's next statement.
async fn allow(owned: &Database, role: &str, hosted: &Hosted) -> Result<(), Error> {
    let mut tx = owned.begin().await?;
    tx.execute("DELETE FROM role_services WHERE role = $1", args![role]).await?;
    let every = ["*".to_owned()];
    let services = match hosted {
        Hosted::Every => &every[..],
        Hosted::Only(services) => services,
    };
    for service in services {
        let sql = "INSERT INTO role_services (role, service) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        tx.execute(sql, args![role, service]).await?;
    }
    tx.commit().await
}
