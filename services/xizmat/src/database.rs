//! `xizmat database provision`: a PostgreSQL database with its owner and the roles that serve from it.

use std::path::{Path, PathBuf};

use boot::secrets;
use clap::{Args, Subcommand};
use kernel::{Failure, Hash};

#[derive(Subcommand)]
pub enum What {
    /// Makes a database, the role that owns its schema and a role that serves from it, or brings them up to date.
    ///
    /// Writes two files for the configuration: `<database>-owner.url` (`owner_url_file`) and `<database>-<host>.url`
    /// (`url_file`). Passwords are made once and kept in files beside them.
    Provision(Provision),
}

#[derive(Args)]
pub struct Provision {
    /// Name of the database: a service's, or one for an agency's e-services.
    database: String,
    /// A file that holds the URL of a role that may make databases and roles.
    #[arg(long)]
    administrator_url_file: PathBuf,
    /// Folder for URLs and passwords; only their owner can read the files.
    #[arg(long)]
    keys: PathBuf,
    /// Who serves: one name a host.
    #[arg(long, default_value = "host")]
    host: String,
    /// The host sees only this service's rows (`agency/service`); may be repeated. Left out: every service's.
    #[arg(long = "service", value_name = "AGENCY/SERVICE")]
    services: Vec<String>,
}

pub async fn run(what: What) -> Result<(), Failure> {
    let What::Provision(Provision { database, administrator_url_file, keys, host, services }) = what;
    if let Some(service) = services.iter().find(|service| !service.contains('/')) {
        let message = format!("`{service}` does not name a service: write the agency before it, `justice/{service}`.");
        return Err(Failure::invalid("database.service", message));
    }
    let random = boot::OsRandom;
    let password = |role: &str| -> Result<String, Failure> {
        let key = secrets::read_or_make_key(&keys.join(format!("{database}-{role}.password")), &random)?;
        Ok(Hash::from_bytes(key).to_string())
    };
    let hosted = if services.is_empty() { sql::Hosted::Every } else { sql::Hosted::Only(services) };
    let hosts = vec![sql::Host { password: password(&host)?, name: host.clone(), hosted, connections: None }];
    let plan = sql::Plan { owner_password: password("owner")?, database: database.clone(), hosts };
    let made = sql::provision(&secrets::read(&administrator_url_file)?, &plan).await?;
    let urls = std::iter::once(("owner", &made.owner_url)).chain(made.host_urls.iter().map(|url| (host.as_str(), url)));
    for (role, url) in urls {
        let file = keys.join(format!("{database}-{role}.url"));
        keep(&file, url)?;
        println!("{}", file.display());
    }
    Ok(())
}

/// The server may have another address than the last time.
fn keep(file: &Path, url: &str) -> Result<(), Failure> {
    if file.exists() && secrets::read(file)? == url {
        return Ok(());
    }
    // Nobody else writes here; what is missing for a moment is read at a service's next start.
    let _ = std::fs::remove_file(file);
    secrets::write_new(file, url.as_bytes())
}
