//! What a host proves itself with: keys on the bus, a role in the database, the agency's key. Made once, renewed when needed.

use bus::keys::Key;
use k8s_openapi::ByteString;
use kernel::{Failure, Hash, Random, bytes};
use nkeys::{KeyPair, KeyPairType};

use super::{
    build::Site,
    connections::{Connections, of_host, shares},
    dereference::{Bus, Found},
    key::{self, Judged},
    name,
    place::Host,
};
use crate::{
    cause,
    outcome::{Fact, Hosting, Stopped},
    platform::{HostDatabase, HostKeys, Provided},
    run::Operator,
};

pub struct Access {
    pub credentials: String,
    pub user_seed: String,
    pub signing_key: String,
    /// What the credentials were made for.
    pub issued: String,
    /// URL and password; none on SQLite.
    pub database: Option<(String, String)>,
    pub trusted_keys: String,
    /// Who signs the bus's certificate, where it is encrypted.
    pub authority: Option<String>,
    pub lookup_key: ByteString,
}

/// Everything, or what is missing as a fact of the host.
pub async fn access(
    operator: &Operator,
    site: &Site,
    host: &Host,
    found: &Found,
    hosting: &mut Hosting,
) -> Result<Option<Access>, Stopped> {
    let (Some(trusted_keys), Some(lookup_key)) = (found.trusted_keys.clone(), found.lookup_key.clone()) else {
        hosting.bus = no_platform_keys(operator, found.trusted_keys.is_none());
        return Ok(None);
    };
    let bus = match credentials(operator, site, host, found).await {
        Ok(bus) => bus,
        Err(failure) => {
            hosting.bus = Fact::failed("BusRefused", cause::told(&failure));
            return Ok(None);
        }
    };
    hosting.bus = Fact::holds("Issued", "The host has credentials for its services.");
    if let Err(fact) = agency_key(operator, site, found).await? {
        hosting.database = fact;
        return Ok(None);
    }
    let database = match database(operator, site, host, found).await {
        Ok(database) => {
            hosting.database = match &database {
                Some(database) => shares(site, host, database.connections),
                None => Fact::holds("Trial", "Cases are in a file on the agency\u{2019}s volume: one host, one copy."),
            };
            database.map(|Database { url, password, connections: _ }| (url, password))
        }
        Err(failure) => {
            hosting.database = no_database(&failure);
            // What stands is kept in repair with the access that it has.
            let Some(known) = found.database.clone() else { return Ok(None) };
            Some(known)
        }
    };
    let Bus { user_seed, signing_key, credentials, issued } = bus;
    let authority = found.authority.clone();
    Ok(Some(Access { credentials, user_seed, signing_key, issued, database, trusted_keys, authority, lookup_key }))
}

/// A server that is only being made comes by itself, and nobody needs to be alarmed.
fn no_database(failure: &Failure) -> Fact {
    let message = cause::told(failure);
    match &*failure.code {
        "cloudnativepg.coming" => Fact::coming("WaitingForCluster", message),
        "cloudnativepg.missing" | "cloudnativepg.no-cluster" => Fact::failed("NoCluster", message),
        _ => Fact::failed("DatabaseAway", message),
    }
}

/// What the host has already. Nobody is asked, and nothing is made.
pub fn as_found(found: &Found) -> Option<Access> {
    let bus = found.bus.as_ref()?;
    Some(Access {
        credentials: bus.credentials.clone(),
        user_seed: bus.user_seed.clone(),
        signing_key: bus.signing_key.clone(),
        issued: bus.issued.clone(),
        database: found.database.clone(),
        trusted_keys: found.trusted_keys.clone()?,
        authority: found.authority.clone(),
        lookup_key: found.lookup_key.clone()?,
    })
}

fn no_platform_keys(operator: &Operator, trusted: bool) -> Fact {
    let config = &operator.config;
    let (kind, object, entry) = match trusted {
        true => ("ConfigMap", &config.trusted_keys_config_map, "trusted-keys.json"),
        false => ("Secret", &config.lookup_key_secret, "lookup.key"),
    };
    let namespace = &config.namespace;
    Fact::coming("NoPlatformKeys", format!("The {kind} `{object}` of `{namespace}` has no `{entry}` yet."))
}

/// Keys stay as long as their Secret does; a token is asked for anew when it would say something else.
async fn credentials(operator: &Operator, site: &Site, host: &Host, found: &Found) -> Result<Bus, Failure> {
    let random = &*operator.random;
    let (user_seed, signing_key) = match &found.bus {
        Some(bus) => (bus.user_seed.clone(), bus.signing_key.clone()),
        None => made(random)?,
    };
    let broken = |error: &dyn std::fmt::Display| {
        Failure::invalid("operator.host-key", format!("The Secret `{}` holds no NATS user.", name::bus(&host.name)))
            .with_detail(error.to_string())
    };
    let user = KeyPair::from_seed(&user_seed).map_err(|error| broken(&error))?;
    let signing = Key::from_text(&signing_key)
        .ok_or_else(|| Failure::invalid("operator.host-key", "The host\u{2019}s signing key is no key."))?;
    let keys = HostKeys {
        agency: site.agency.clone(),
        host: host.name.clone(),
        services: host.services.clone(),
        nats_user: user.public_key(),
        signing_key: signing.public(),
    };
    let issued = sum(&keys, &site.image);
    if let Some(bus) = &found.bus
        && bus.issued == issued
    {
        return Ok(Bus { user_seed, signing_key, credentials: bus.credentials.clone(), issued });
    }
    let token = operator.platform.issue_host(keys).await?;
    Ok(Bus { credentials: credentials_file(&token, &user_seed), user_seed, signing_key, issued })
}

fn made(random: &dyn Random) -> Result<(String, String), Failure> {
    let made = KeyPair::new_from_raw(KeyPairType::User, bytes::<32>(random)).and_then(|user| user.seed());
    let user_seed = made.map_err(|error| Failure::internal("operator.host-key", error.to_string()))?;
    Ok((user_seed, Key::generate(random).to_text()))
}

/// Another release may give other permissions.
fn sum(keys: &HostKeys, image: &str) -> String {
    let HostKeys { agency, host, services, nats_user, signing_key } = keys;
    let services = services.join(",");
    let parts = [agency, host, &services, nats_user, signing_key, image, env!("CARGO_PKG_VERSION")];
    Hash::of_parts(&parts.map(str::as_bytes)).to_string()
}

/// As every client of NATS reads it.
pub fn credentials_file(token: &str, seed: &str) -> String {
    format!(
        "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )
}

/// Made before the first case can be, and never again: another key would not open what is there.
async fn agency_key(operator: &Operator, site: &Site, found: &Found) -> Result<Result<(), Fact>, Stopped> {
    match key::judge(found.agency_key, found.kept_key) {
        Judged::Right => return Ok(Ok(())),
        Judged::Half(key) => {
            tracing::warn!(agency = site.agency, "the agency's key was in one place only, and is kept in both again");
            return key::keep(operator, site, key).await;
        }
        Judged::Differ => return Ok(Err(key::differ(site))),
        Judged::Lost => return Ok(Err(key::lost(site))),
        Judged::None => {}
    }
    let cases = match &operator.databases {
        Some(databases) => match databases.exists(&name::database(&site.agency)).await {
            Ok(exists) => exists,
            Err(failure) => return Ok(Err(no_database(&failure))),
        },
        None => found.volume,
    };
    if cases {
        return Ok(Err(key::lost(site)));
    }
    key::keep(operator, site, Hash::from_bytes(bytes(&*operator.random))).await
}

/// A host's way to its cases on PostgreSQL.
struct Database {
    url: String,
    password: String,
    connections: Connections,
}

async fn database(operator: &Operator, site: &Site, host: &Host, found: &Found) -> Result<Option<Database>, Failure> {
    let Some(databases) = &operator.databases else { return Ok(None) };
    let password = match &found.database {
        Some((_, password)) => password.clone(),
        None => Hash::from_bytes(bytes(&*operator.random)).to_string(),
    };
    let wanted = HostDatabase {
        database: name::database(&site.agency),
        role: name::role(&site.agency, &host.name),
        password: password.clone(),
        services: host.services.iter().map(|service| format!("{}/{service}", site.agency)).collect(),
        connections: of_host(site, host),
    };
    let lately = found.database.as_ref().and_then(|_| operator.provided_lately(&wanted));
    let provided = match lately {
        Some(provided) => provided,
        None => {
            let provided = databases.provide(wanted.clone()).await?;
            operator.has_provided(wanted, provided.clone());
            provided
        }
    };
    let Provided { url, promised, available } = provided;
    let connections = operator.connections().unwrap_or(Connections { promised, available });
    Ok(Some(Database { url, password, connections }))
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;
    use crate::outcome::State;

    #[test]
    fn a_server_that_is_being_made_is_waited_for_and_one_that_cannot_be_is_a_failure() {
        let fact = |code: &'static str| no_database(&Failure::unavailable(code, "Waiting for the Cluster `x`."));
        let coming = fact("cloudnativepg.coming");
        assert_eq!((coming.state, coming.reason), (State::Coming, "WaitingForCluster"));
        assert_eq!(coming.message, "Waiting for the Cluster `x`. (cloudnativepg.coming)");
        assert_eq!(
            (fact("cloudnativepg.missing").state, fact("cloudnativepg.missing").reason),
            (State::Failed, "NoCluster")
        );
        assert_eq!(fact("store.unreachable").reason, "DatabaseAway");
    }

    #[test]
    fn other_services_keys_or_another_release_ask_for_other_credentials() {
        let (seed, signing_key) = made(&SeededRandom::new(1)).unwrap();
        let user = KeyPair::from_seed(&seed).unwrap().public_key();
        assert!(seed.starts_with("SU") && user.starts_with('U') && Key::from_text(&signing_key).is_some());
        let keys = HostKeys {
            agency: "justice".into(),
            host: "shared".into(),
            services: vec!["a".into()],
            nats_user: user,
            signing_key,
        };
        let more = HostKeys { services: vec!["a".into(), "b".into()], ..keys.clone() };
        assert_eq!(sum(&keys, "xizmat:1"), sum(&keys.clone(), "xizmat:1"));
        assert_ne!(sum(&keys, "xizmat:1"), sum(&more, "xizmat:1"));
        assert_ne!(sum(&keys, "xizmat:1"), sum(&keys, "xizmat:2"));
    }
}
