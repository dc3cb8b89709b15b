//! The databases of agencies, for the operator: the schema is the e-service hosts' own, and only here do both meet.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use boot::secrets;
use controller::{Config, Databases, Engine, HostDatabase, Provided};
use kernel::{Failure, Hash, Random, bytes};

/// On the server whose administrator the file names.
struct OnPostgresql {
    administrator_url_file: PathBuf,
    random: Arc<dyn Random>,
}

/// None where the operator starts no hosts, or these keep their cases elsewhere.
pub fn of(config: &Config) -> Result<Option<Arc<dyn Databases>>, Failure> {
    let Some(file) = &config.database.administrator_url_file else { return Ok(None) };
    if config.host_image.is_none() || config.database.kind != Engine::Postgresql {
        return Ok(None);
    }
    // Said at the start, not at the first service.
    secrets::read(file)?;
    Ok(Some(Arc::new(OnPostgresql { administrator_url_file: file.clone(), random: Arc::new(boot::OsRandom) })))
}

impl OnPostgresql {
    /// Read each time: the file may be replaced while the operator runs.
    fn administrator(&self) -> Result<String, Failure> {
        secrets::read(&self.administrator_url_file)
    }
}

#[async_trait]
impl Databases for OnPostgresql {
    async fn exists(&self, database: &str) -> Result<bool, Failure> {
        Ok(sql::is_provisioned(&self.administrator()?, database).await?)
    }

    async fn provide(&self, wanted: HostDatabase) -> Result<Provided, Failure> {
        let HostDatabase { database, role, password, services } = wanted;
        // Nobody needs the owner between two expansions of the schema: its password is a new one each time, and kept nowhere.
        let owner_password = Hash::from_bytes(bytes(&*self.random)).to_string();
        let hosts = vec![sql::Host { name: role, password, hosted: sql::Hosted::Only(services) }];
        let plan = sql::Plan { database, owner_password, hosts };
        let made = sql::provision_with(&self.administrator()?, &plan, eservice::store::MIGRATIONS).await?;
        let url = made.host_urls.into_iter().next().expect("a plan of one host has one URL");
        Ok(Provided { url })
    }

    async fn withdraw(&self, database: &str, role: &str) -> Result<(), Failure> {
        Ok(sql::withdraw(&self.administrator()?, database, role).await?)
    }
}
