//! The databases of agencies, for the operator: the schema is the e-service hosts' own, and only here do both meet.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use boot::secrets;
use controller::{Config, Databases, Engine, HostDatabase, Provided, cloudnative::Cluster};
use kernel::{Failure, Hash, Random, bytes};

struct OnPostgresql {
    administrator: Administrator,
    random: Arc<dyn Random>,
}

/// Who knows the URL of the server's administrator.
enum Administrator {
    File(PathBuf),
    /// It may be there later than the operator.
    Cluster(Box<Cluster>),
}

/// None where the operator starts no hosts, or these keep their cases elsewhere.
pub async fn of(config: &Config) -> Result<Option<Arc<dyn Databases>>, Failure> {
    if config.host_image.is_none() || config.database.kind != Engine::Postgresql {
        return Ok(None);
    }
    let Some(administrator) = Administrator::of(config).await? else { return Ok(None) };
    Ok(Some(Arc::new(OnPostgresql { administrator, random: Arc::new(boot::OsRandom) })))
}

/// The URL of the server's administrator, where the operator is told of one.
pub async fn administrator_url(config: &Config) -> Result<Option<String>, Failure> {
    match Administrator::of(config).await? {
        Some(administrator) => administrator.url().await.map(Some),
        None => Ok(None),
    }
}

impl Administrator {
    async fn of(config: &Config) -> Result<Option<Self>, Failure> {
        match (&config.database.administrator_url_file, &config.database.cluster) {
            (Some(file), _) => {
                // Said at the start, not at the first service.
                secrets::read(file)?;
                Ok(Some(Self::File(file.clone())))
            }
            (None, Some(name)) => {
                let kubeconfig_file = config.kubeconfig_file.as_deref();
                let cluster = Cluster::connect(&config.namespace, name, kubeconfig_file).await?;
                Ok(Some(Self::Cluster(Box::new(cluster))))
            }
            (None, None) => Ok(None),
        }
    }

    /// Asked each time: it may be another while the operator runs.
    async fn url(&self) -> Result<String, Failure> {
        match self {
            Self::File(file) => secrets::read(file),
            Self::Cluster(cluster) => cluster.administrator_url().await,
        }
    }
}

#[async_trait]
impl Databases for OnPostgresql {
    async fn exists(&self, database: &str) -> Result<bool, Failure> {
        Ok(sql::is_provisioned(&self.administrator.url().await?, database).await?)
    }

    async fn provide(&self, wanted: HostDatabase) -> Result<Provided, Failure> {
        let HostDatabase { database, role, password, services, connections } = wanted;
        // Nobody needs the owner between two expansions of the schema: its password is a new one each time, and kept nowhere.
        let owner_password = Hash::from_bytes(bytes(&*self.random)).to_string();
        let hosted = sql::Hosted::Only(services);
        let hosts = vec![sql::Host { name: role, password, hosted, connections: Some(connections) }];
        let plan = sql::Plan { database, owner_password, hosts };
        let made = sql::provision_with(&self.administrator.url().await?, &plan, eservice::store::MIGRATIONS).await?;
        let url = made.host_urls.into_iter().next().expect("a plan of one host has one URL");
        let (promised, available) = (made.connections.promised, made.connections.available);
        Ok(Provided { url, promised, available })
    }

    async fn withdraw(&self, database: &str, role: &str) -> Result<(), Failure> {
        Ok(sql::withdraw(&self.administrator.url().await?, database, role).await?)
    }
}

#[cfg(test)]
mod tests {
    use controller::Database;
    use sql::{Database as Opened, Settings, args};

    use super::*;

    fn wanted(services: &[&str]) -> HostDatabase {
        HostDatabase {
            database: "agency_justice".into(),
            role: "copy_0123456789abcdef".into(),
            password: "secret".into(),
            services: services.iter().map(|service| service.to_string()).collect(),
            connections: 24,
        }
    }

    #[tokio::test]
    async fn a_host_serves_from_its_agency_s_database_until_it_is_withdrawn_and_the_cases_stay() {
        let server = testkit::over_network(false);
        let administrator = testkit::folder().join("administrator.url");
        std::fs::write(&administrator, format!("postgres://postgres@127.0.0.1:{}/postgres", server.port)).unwrap();
        let hosting = Config {
            host_image: Some("xizmat".into()),
            database: Database { administrator_url_file: Some(administrator), ..Database::default() },
            ..Config::default()
        };
        let databases = of(&hosting).await.unwrap().unwrap();
        assert!(!databases.exists("agency_justice").await.unwrap());
        for services in [&["justice/copy"][..], &["justice/copy", "justice/divorce"]] {
            // Again with more: what differs is brought up to date, and nobody needs the owner in between.
            let Provided { url, promised, available } = databases.provide(wanted(services)).await.unwrap();
            assert_eq!(promised, 24, "a host's limit is counted once");
            assert!(available > 24 && available < 200, "{available}: some are kept for administrators");
            let file = testkit::folder().join(format!("host-{}.url", services.len()));
            std::fs::write(&file, &url).unwrap();
            let settings = Settings { separate_roles: true, ..Settings::url_file(&file) };
            let opened = Opened::open(&settings, eservice::store::MIGRATIONS).await.unwrap();
            let mut tx = opened.read().await.unwrap();
            let sql = "SELECT COUNT(*) FROM role_services WHERE role = current_user";
            let count = tx.fetch_one(sql, args![]).await.unwrap().int(0).unwrap();
            assert_eq!(count, i64::try_from(services.len()).unwrap());
            let limit = "SELECT rolconnlimit::bigint FROM pg_roles WHERE rolname = current_user";
            assert_eq!(tx.fetch_one(limit, args![]).await.unwrap().int(0).unwrap(), 24, "the server refuses more");
            drop(tx);
            opened.close().await;
        }
        databases.withdraw("agency_justice", "copy_0123456789abcdef").await.unwrap();
        databases.withdraw("agency_justice", "copy_0123456789abcdef").await.unwrap();
        let settings = Settings::url_file(testkit::folder().join("host-2.url"));
        assert!(Opened::open(&settings, eservice::store::MIGRATIONS).await.is_err(), "its role cannot connect");
        assert!(databases.exists("agency_justice").await.unwrap());
    }

    #[tokio::test]
    async fn whoever_starts_no_hosts_or_keeps_cases_in_files_has_no_databases() {
        assert!(of(&Config::default()).await.unwrap().is_none());
        let sqlite = Database { kind: Engine::Sqlite, ..Database::default() };
        let trial = Config { host_image: Some("xizmat".into()), database: sqlite, ..Config::default() };
        assert!(of(&trial).await.unwrap().is_none());
    }
}
