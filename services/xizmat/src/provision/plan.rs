//! Which file goes to whom: one Secret a reader, with that reader's files and no other. Nothing is read or written here.

use std::path::PathBuf;

use super::certificate;

/// Everybody's public keys.
pub const TRUSTED_KEYS: &str = "nats/trusted-keys.json";

/// Roles that have a key an agency, and how its file is called there.
const AGENCY_KEYS: [(&str, &str); 3] = [("eservice", "key"), ("notifications", "key"), ("signing", "documents.key")];

pub struct Plan {
    pub release: String,
    pub roles: Vec<&'static str>,
    pub agencies: Vec<String>,
    pub nats_nodes: Vec<String>,
    /// Where servers find their certificate, when they speak to each other under one.
    pub nats_tls: Option<PathBuf>,
    /// What the certificate bears that is made for them; without any, somebody else makes it.
    pub nats_names: Vec<String>,
    /// Whether each service has a PostgreSQL database.
    pub databases: bool,
}

/// One Secret: each of its keys, and the file in the folder that it holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Parcel {
    pub name: String,
    pub files: Vec<(String, String)>,
}

impl Plan {
    /// The Secret that keeps everything; nobody reads it but `xizmat provision`.
    pub fn kept(&self) -> String {
        self.named("keys")
    }

    /// Keys of 32 bytes that are no part of the bus or of identity.
    pub fn own_keys(&self) -> Vec<String> {
        let own = [
            "nats/data.key",
            "keys/lookup.key",
            "keys/numbers.key",
            "keys/bounces.key",
            "keys/reasons.key",
            "keys/portal-session.key",
        ];
        let mut keys = own.map(str::to_owned).to_vec();
        for (role, suffix) in AGENCY_KEYS {
            keys.extend(self.agencies.iter().map(|agency| agency_key(role, agency, suffix)));
        }
        keys
    }

    pub fn with_database(&self) -> impl Iterator<Item = &'static str> {
        self.roles.iter().copied().filter(|role| self.databases && *role != controller::ROLE)
    }

    /// Every Secret besides the one that keeps everything.
    pub fn parcels(&self) -> Vec<Parcel> {
        let mut nats = vec![("operator.conf", "nats/operator.conf"), ("cluster.conf", "nats/cluster.conf")];
        if !self.nats_names.is_empty() {
            let shown = [certificate::CERTIFICATE, certificate::KEY, certificate::AUTHORITY];
            nats.extend(["tls.crt", "tls.key", "ca.crt"].into_iter().zip(shown));
        }
        let mut parcels =
            vec![self.parcel("nats", nats), self.parcel("observer", [("bus.creds", "nats/users/observer.creds")])];
        for role in &self.roles {
            let mut files = vec![
                ("bus.creds".to_owned(), format!("nats/users/{role}.creds")),
                ("bus.key".to_owned(), format!("nats/signing/{role}.key")),
            ];
            files.extend(own_files(role).iter().map(|(key, file)| ((*key).to_owned(), (*file).to_owned())));
            if self.with_database().any(|one| one == *role) {
                files.push(("database.url".to_owned(), database_url(role, "host")));
                let owner = [("database.url", database_url(role, "owner"))];
                parcels.push(self.parcel(&format!("{role}-owner"), owner));
            }
            parcels.push(Parcel { name: self.named(role), files });
        }
        for (role, suffix) in AGENCY_KEYS.iter().filter(|(role, _)| self.roles.contains(role)) {
            if !self.agencies.is_empty() {
                let key = |agency: &String| (format!("{agency}.{suffix}"), agency_key(role, agency, suffix));
                let files = self.agencies.iter().map(key);
                parcels.push(self.parcel(&format!("{role}-agencies"), files));
            }
        }
        parcels
    }

    fn named(&self, what: &str) -> String {
        format!("{}-{what}", self.release)
    }

    fn parcel<K: Into<String>, F: Into<String>>(&self, what: &str, files: impl IntoIterator<Item = (K, F)>) -> Parcel {
        let files = files.into_iter().map(|(key, file)| (key.into(), file.into())).collect();
        Parcel { name: self.named(what), files }
    }
}

/// The URL under which `who` (`owner` or `host`) reaches a service's database.
pub fn database_url(role: &str, who: &str) -> String {
    format!("database/{role}-{who}.url")
}

fn agency_key(role: &str, agency: &str, suffix: &str) -> String {
    format!("agencies/{role}/{agency}.{suffix}")
}

/// What a role holds besides its place on the bus. The exchange's are mounted as the folder they come from (`_` for `/`).
fn own_files(role: &str) -> &'static [(&'static str, &'static str)] {
    const LOOKUP: (&str, &str) = ("lookup.key", "keys/lookup.key");
    const PORTAL_SECRET: (&str, &str) = ("portal-client-secret", "identity/portal-client-secret");
    match role {
        "exchange" => &[
            ("operator.nk", "nats/operator.nk"),
            ("accounts_system.nk", "nats/accounts/system.nk"),
            ("accounts_system.signing.nk", "nats/accounts/system.signing.nk"),
            ("accounts_platform.nk", "nats/accounts/platform.nk"),
            ("accounts_platform.signing.nk", "nats/accounts/platform.signing.nk"),
            ("users_exchange-system.creds", "nats/users/exchange-system.creds"),
            ("data.key", "nats/data.key"),
        ],
        "identity" => &[
            ("signing-key.pem", "identity/signing-key.pem"),
            ("sealing-key", "identity/sealing-key"),
            PORTAL_SECRET,
            LOOKUP,
        ],
        "eservice" => &[LOOKUP],
        "notifications" => &[("numbers.key", "keys/numbers.key"), ("bounces.key", "keys/bounces.key")],
        "docket" => &[("reasons.key", "keys/reasons.key")],
        "portal" => &[PORTAL_SECRET, ("portal-session.key", "keys/portal-session.key")],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn plan(databases: bool, agencies: &[&str]) -> Plan {
        Plan {
            release: "x".into(),
            roles: proto::permissions::ROLES.to_vec(),
            agencies: agencies.iter().map(|agency| (*agency).to_owned()).collect(),
            nats_nodes: Vec::new(),
            nats_tls: None,
            nats_names: Vec::new(),
            databases,
        }
    }

    fn by_name(plan: &Plan) -> BTreeMap<String, BTreeMap<String, String>> {
        let parcels = plan.parcels();
        let count = parcels.len();
        let named: BTreeMap<_, _> =
            parcels.into_iter().map(|parcel| (parcel.name, parcel.files.into_iter().collect())).collect();
        assert_eq!(named.len(), count, "two Secrets of one name");
        named
    }

    #[test]
    fn each_role_gets_its_own_credentials_and_nobody_elses() {
        let parcels = by_name(&plan(false, &[]));
        for role in proto::permissions::ROLES {
            let files = &parcels[&format!("x-{role}")];
            assert_eq!(files["bus.creds"], format!("nats/users/{role}.creds"));
            for (name, other) in parcels.iter().filter(|(name, _)| **name != format!("x-{role}")) {
                let leaks = other.values().any(|file| *file == files["bus.creds"] || *file == files["bus.key"]);
                assert!(!leaks, "{name} holds what is {role}'s");
            }
        }
    }

    #[test]
    fn only_the_exchange_holds_keys_that_make_accounts() {
        for (name, files) in by_name(&plan(true, &["justice"])).iter().filter(|(name, _)| *name != "x-exchange") {
            assert!(!files.values().any(|file| file.contains("accounts/") || file.contains("operator.nk")), "{name}");
        }
    }

    #[test]
    fn servers_get_a_certificate_that_was_made_for_them_and_nobody_gets_its_signers_key() {
        let plain = by_name(&plan(false, &[]));
        assert!(!plain["x-nats"].contains_key("tls.crt"), "somebody else makes it, or there is none");
        let encrypted = Plan { nats_names: vec!["x-nats".into()], ..plan(false, &[]) };
        let parcels = by_name(&encrypted);
        assert_eq!(parcels["x-nats"]["tls.key"], certificate::KEY);
        assert_eq!(parcels["x-nats"]["ca.crt"], certificate::AUTHORITY);
        for (name, files) in &parcels {
            assert!(!files.values().any(|file| file.ends_with("ca.key")), "{name}");
            assert!(name == "x-nats" || !files.values().any(|file| file == certificate::KEY), "{name}");
        }
    }

    #[test]
    fn who_owns_a_database_stands_apart_from_who_serves() {
        let parcels = by_name(&plan(true, &[]));
        assert_eq!(parcels["x-payments"]["database.url"], "database/payments-host.url");
        assert_eq!(parcels["x-payments-owner"]["database.url"], "database/payments-owner.url");
        assert!(!parcels.contains_key("x-operator-owner"), "the operator keeps nothing");
        assert!(!by_name(&plan(false, &[])).contains_key("x-payments-owner"));
    }

    #[test]
    fn an_agency_has_a_key_of_its_own_at_each_service() {
        let plan = plan(false, &["justice", "civil-status"]);
        let parcels = by_name(&plan);
        assert_eq!(parcels["x-eservice-agencies"]["justice.key"], "agencies/eservice/justice.key");
        assert_eq!(parcels["x-notifications-agencies"]["justice.key"], "agencies/notifications/justice.key");
        let signing = &parcels["x-signing-agencies"]["civil-status.documents.key"];
        assert!(plan.own_keys().contains(signing), "what is handed out is made");
    }
}
