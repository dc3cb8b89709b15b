//! A PostgreSQL database a service: its owner, who expands the schema, and a role that serves.

use boot::{Kit, secrets::read_or_make_key};
use controller::secrets::Files;
use kernel::{Failure, Hash};

use super::{
    folder::Folder,
    plan::{Plan, database_url},
};

/// Name of the role that serves, after the database's.
const HOST: &str = "host";

/// Makes what is missing and writes the URLs beside the passwords, which were made once.
pub async fn make(
    folder: &Folder,
    plan: &Plan,
    administrator_url: &str,
    prefix: &str,
    kit: &Kit,
) -> Result<(), Failure> {
    for role in plan.with_database() {
        let password = |who: &str| -> Result<String, Failure> {
            let key = read_or_make_key(&folder.path(&password_file(role, who)), &*kit.random)?;
            Ok(Hash::from_bytes(key).to_string())
        };
        let hosts = vec![sql::Host {
            name: HOST.into(),
            password: password(HOST)?,
            hosted: sql::Hosted::Every,
            connections: None,
        }];
        let wanted = sql::Plan { database: format!("{prefix}_{role}"), owner_password: password("owner")?, hosts };
        let made = sql::provision(administrator_url, &wanted).await?;
        let host_url = made.host_urls.first().expect("one host was asked for");
        for (who, url) in [("owner", &made.owner_url), (HOST, host_url)] {
            folder.write(&database_url(role, who), url.as_bytes())?;
        }
        println!("database {}", wanted.database);
    }
    Ok(())
}

/// Passwords are made before any of them is used, so that they are kept first.
pub fn passwords(plan: &Plan) -> Vec<String> {
    plan.with_database().flat_map(|role| ["owner", HOST].map(|who| password_file(role, who))).collect()
}

/// Whether what was kept the last time opens databases.
pub fn were_made(kept: &Files) -> bool {
    kept.keys().any(|key| key.starts_with("passwords_"))
}

fn password_file(role: &str, who: &str) -> String {
    format!("passwords/{role}-{who}")
}

#[cfg(test)]
mod tests {
    use boot::Stage;

    use super::*;

    #[tokio::test]
    async fn a_service_gets_a_database_that_its_owner_expands_and_that_it_only_serves_from() {
        let plan = Plan {
            release: "x".into(),
            roles: vec!["operator", "payments"],
            agencies: Vec::new(),
            nats_nodes: Vec::new(),
            nats_tls: None,
            nats_names: Vec::new(),
            databases: true,
        };
        let server = testkit::over_network(false);
        let administrator = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port);
        let folder = Folder::new(&testkit::folder().join("provision-databases"));
        let kit = Kit::system(Stage::Production);
        make(&folder, &plan, &administrator, "x", &kit).await.unwrap();
        let urls = || ["owner", HOST].map(|who| folder.read(&database_url("payments", who)).unwrap());
        let before = urls();
        make(&folder, &plan, &administrator, "x", &kit).await.unwrap();
        assert_eq!(urls(), before, "a second run changes neither passwords nor names");
        assert!(folder.read(&database_url("operator", HOST)).is_err(), "the operator keeps nothing");
        let mut settings = sql::Settings::url_file(folder.path(&database_url("payments", HOST)));
        settings.owner_url_file = Some(folder.path(&database_url("payments", "owner")));
        // As in production: whoever serves may not change the schema.
        settings.separate_roles = true;
        sql::stage::fix(&settings, Stage::Production.as_str()).await.unwrap();
        settings.owner_url_file = None;
        settings.url_file = Some(folder.path(&database_url("payments", "owner")));
        assert!(sql::stage::fix(&settings, Stage::Production.as_str()).await.is_err(), "the owner does not serve");
    }
}
