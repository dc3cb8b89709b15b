//! Prepares NATS for a platform before its server starts: keys, credentials a role, the server's configuration.
//!
//! Nothing is started here. Accounts other than the system account are pushed by the exchange at run time, from its database.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use bus::keys::{Key, TrustedKey};
use kernel::{Clock, Failure, Hash, Random, Time};

use crate::{
    domain::claims,
    keys::{Folder, write},
    permissions,
};

pub const SYSTEM: &str = "system";
pub const PLATFORM: &str = "platform";

/// What was prepared and where it lies.
#[derive(Debug, Clone)]
pub struct Provisioned {
    /// For `nats-server -c`.
    pub server_config: PathBuf,
    /// The part of it by which a server knows who signs accounts; a server with a configuration of its own includes it.
    pub operator_config: PathBuf,
    pub url: String,
    /// Everybody's public signing keys, for every role's `trusted_keys_file`.
    pub trusted_keys_file: PathBuf,
    /// Folder of the keys, for the exchange's own configuration.
    pub folder: PathBuf,
    /// Credentials of the agencies' own systems appear here: `<agency>.creds`.
    pub agents: PathBuf,
}

impl Provisioned {
    /// How a role reaches the bus.
    pub fn bus(&self, role: &str) -> bus::Settings {
        bus::Settings {
            url: self.url.clone(),
            credentials_file: self.folder.join(format!("users/{role}.creds")),
            role: role.to_owned(),
            key_file: self.folder.join(format!("signing/{role}.key")),
            trusted_keys_file: self.trusted_keys_file.clone(),
            ..bus::Settings::default()
        }
    }
}

/// A client's first line carries its credentials with everything it may do, which is more than a server reads by default.
pub const CONTROL_LINE_BYTES_MAX: usize = 16_384;

/// Makes what is missing in `dir` and writes the configuration of a server that listens on `address` (`127.0.0.1:4222`).
///
/// Keys are made once; credentials are written anew each time, so that they carry the permissions of this release.
pub fn prepare(
    dir: &Path,
    address: &str,
    roles: &[&str],
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<Provisioned, Failure> {
    let folder = Folder::open(dir)?;
    let now = clock.now();
    let operator = folder.operator(random)?;
    let system = folder.account(SYSTEM, random)?;
    let system_name = system.identity.public_key();
    let operator_claims = claims::Operator { name: "xizmat", system_account: &system_name };
    let operator_jwt = claims::operator(&operator, &operator_claims, now)?;
    let system_claims = claims::Account {
        name: SYSTEM.into(),
        signing_keys: vec![system.signing.public_key()],
        ..claims::Account::default()
    };
    let system_jwt = claims::account(&operator, &system_name, &system_claims, now)?;
    let pusher = permissions::PUSHER;
    folder.issue(&folder.credentials(pusher), pusher, &system, &permissions::of_pusher(), (now, random))?;
    let platform = folder.account(PLATFORM, random)?;
    for role in roles.iter().copied().chain([permissions::OBSERVER]) {
        bus::subject::token(role)?;
        let allowed = permissions::of_role(role);
        folder.issue(&folder.credentials(role), role, &platform, &allowed, (now, random))?;
    }
    trust(&folder, roles, now, random)?;
    let operator_config = folder.file("operator.conf");
    let signs = settled(&operator_config, who_signs(&operator_jwt, &system_name, &system_jwt))?;
    let server_config = folder.file("server.conf");
    write(&server_config, configuration(&folder, address, &signs).as_bytes())?;
    Ok(Provisioned {
        server_config,
        operator_config,
        url: format!("nats://{address}"),
        trusted_keys_file: folder.trusted_keys(),
        agents: folder.file("agents"),
        folder: dir.to_owned(),
    })
}

/// A role that has another signing key is restarted within this time; messages under the one before count until then. Hosts learn of
/// the new one within ten minutes.
const HANDED_OVER: Duration = Duration::from_secs(1800);

/// Makes each role's signing key. Public keys are only ever added, so that old evidence can be judged; one that another replaced
/// ends, so that whoever got hold of it cannot speak for the role for ever.
fn trust(folder: &Folder, roles: &[&str], now: Time, random: &dyn Random) -> Result<(), Failure> {
    let file = folder.trusted_keys();
    let mut trusted: Vec<TrustedKey> = match std::fs::read(&file) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| {
            Failure::internal("exchange.trusted-keys", format!("{} cannot be read.", file.display())).with_detail(error)
        })?,
        Err(_) => Vec::new(),
    };
    for role in roles {
        let path = folder.signing_key(role);
        if !path.exists() {
            write(&path, Key::generate(random).to_text().as_bytes())?;
        }
        let entry = Key::read(&path)?.trusted(role, now.minus(bus_skew()), None);
        // Whoever stole it would be heard again, too.
        if trusted.iter().any(|known| known.kid == entry.kid && known.not_after.is_some()) {
            return Err(Failure::internal(
                "exchange.signing-key-ended",
                format!("{} was replaced and has ended. Delete it: another key is made.", path.display()),
            ));
        }
        let replaced =
            |known: &&mut TrustedKey| known.service == *role && known.kid != entry.kid && known.not_after.is_none();
        for known in trusted.iter_mut().filter(replaced) {
            known.not_after = Some(now.plus(HANDED_OVER));
        }
        if !trusted.iter().any(|known| known.kid == entry.kid) {
            trusted.push(entry);
        }
    }
    let text = serde_json::to_vec_pretty(&trusted).expect("a list of plain structs is JSON");
    write(&file, &text)
}

/// A message may be signed by a clock that is behind ours.
fn bus_skew() -> Duration {
    Duration::from_secs(300)
}

fn who_signs(operator: &str, system: &str, system_jwt: &str) -> String {
    format!(
        "operator: \"{operator}\"\n\
         system_account: \"{system}\"\n\
         resolver_preload: {{ {system}: \"{system_jwt}\" }}\n"
    )
}

/// What is kept already stays when it says the same, only signed at another time: servers that read it need no restart.
fn settled(file: &Path, text: String) -> Result<String, Failure> {
    let lasting = |text: &str| text.split('"').map(claims::lasting).collect::<Vec<_>>();
    if let Ok(kept) = std::fs::read_to_string(file)
        && lasting(&kept) == lasting(&text)
    {
        return Ok(kept);
    }
    write(file, text.as_bytes())?;
    Ok(text)
}

/// Writes `cluster.conf` beside the other parts: how servers of one cluster find and admit each other. One server has none.
///
/// `certificates` is the folder in which each of them finds `tls.crt`, `tls.key` and `ca.crt`; without it they speak in plain.
pub fn prepare_cluster(
    dir: &Path,
    nodes: &[String],
    certificates: Option<&Path>,
    random: &dyn Random,
) -> Result<PathBuf, Failure> {
    let folder = Folder::open(dir)?;
    let password = boot::secrets::read_or_make_key(&folder.file("cluster.password"), random)?;
    let file = folder.file("cluster.conf");
    write(&file, cluster(nodes, certificates, &Hash::from_bytes(password).to_string()).as_bytes())?;
    Ok(file)
}

fn cluster(nodes: &[String], certificates: Option<&Path>, password: &str) -> String {
    if nodes.len() < 2 {
        return "# One server.\n".to_owned();
    }
    let routes: Vec<String> =
        nodes.iter().map(|node| format!("    \"nats-route://node:{password}@{node}:6222\"\n")).collect();
    // Each shows its certificate to the other, whoever calls.
    let tls = certificates.map(|folder| {
        let file = |name: &str| quoted(folder.join(name));
        let [certificate, key, authority] = ["tls.crt", "tls.key", "ca.crt"].map(file);
        format!("  tls {{ cert_file: {certificate}, key_file: {key}, ca_file: {authority}, timeout: 5 }}\n")
    });
    // Clients come by the Service's name: certificates bear names, and from outside no pod's address can be reached.
    format!(
        "cluster {{\n  name: xizmat\n  listen: \"0.0.0.0:6222\"\n  no_advertise: true\n{}  \
         authorization {{ user: node, password: \"{password}\", timeout: 5 }}\n  routes: [\n{}  ]\n}}\n",
        tls.unwrap_or_default(),
        routes.concat()
    )
}

fn quoted(path: PathBuf) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
}

fn configuration(folder: &Folder, address: &str, signs: &str) -> String {
    format!(
        "# Written at every start; changes are lost.\n\
         server_name: xizmat\n\
         listen: \"{address}\"\n\
         max_payload: 1048576\n\
         max_control_line: {CONTROL_LINE_BYTES_MAX}\n\
         {signs}\
         resolver: {{ type: full, dir: {resolver}, allow_delete: true, interval: \"2m\" }}\n\
         jetstream: {{ store_dir: {storage} }}\n\
         lame_duck_duration: \"30s\"\n",
        resolver = quoted(folder.file("resolver")),
        storage = quoted(folder.file("jetstream")),
    )
}

#[cfg(test)]
mod tests {
    use kernel::{ManualClock, SeededRandom};

    use super::*;

    #[test]
    fn provisioned_again_only_credentials_are_signed_anew() {
        let folder = testkit::folder().join("provisioned-again");
        let clock = ManualClock::at(Time::from_micros(1_700_000_000_000_000));
        let prepare = |seed| prepare(&folder, "127.0.0.1:4222", &["portal"], &clock, &SeededRandom::new(seed)).unwrap();
        let made = prepare(1);
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        let kept = [made.operator_config.clone(), made.trusted_keys_file.clone(), made.server_config.clone()];
        let before = kept.clone().map(|path| read(&path));
        let credentials = read(&folder.join("users/portal.creds"));
        clock.advance(Duration::from_secs(3600));
        prepare(2);
        assert_eq!(kept.map(|path| read(&path)), before);
        let again = read(&folder.join("users/portal.creds"));
        let seed = |text: &str| text.split("SEED-----").nth(1).map(str::to_owned);
        assert_ne!(again, credentials, "signed anew, with the permissions of this release");
        assert_eq!(seed(&again), seed(&credentials), "the key stays");
    }

    #[test]
    fn a_signing_key_that_was_replaced_ends_once_and_its_entry_stays() {
        let folder = testkit::folder().join("provisioned-key-replaced");
        let clock = ManualClock::at(Time::from_seconds(1_700_000_000));
        let prepare =
            |seed| prepare(&folder, "127.0.0.1:4222", &["portal", "docket"], &clock, &SeededRandom::new(seed));
        let trusted = |seed| -> Vec<TrustedKey> {
            serde_json::from_slice(&std::fs::read(prepare(seed).unwrap().trusted_keys_file).unwrap()).unwrap()
        };
        let of = |all: &[TrustedKey], role: &str| -> Vec<Option<Time>> {
            all.iter().filter(|known| known.service == role).map(|known| known.not_after).collect()
        };
        assert!(trusted(1).iter().all(|known| known.not_after.is_none()));
        let key = folder.join("signing/portal.key");
        let before = std::fs::read(&key).unwrap();
        std::fs::remove_file(&key).unwrap();
        clock.advance(Duration::from_secs(3600));
        let replaced = trusted(2);
        assert_eq!(of(&replaced, "portal"), [Some(clock.now().plus(HANDED_OVER)), None]);
        assert_eq!(of(&replaced, "docket"), [None], "another role's key is none of it");
        clock.advance(Duration::from_secs(3600));
        assert_eq!(trusted(3), replaced);
        let current = std::fs::read(&key).unwrap();
        std::fs::write(&key, before).unwrap();
        assert_eq!(prepare(4).unwrap_err().code, "exchange.signing-key-ended", "the key before was put back");
        std::fs::write(&key, current).unwrap();
        assert_eq!(trusted(5), replaced, "nothing else ended meanwhile");
    }

    #[test]
    fn servers_of_a_cluster_admit_each_other_by_a_password_that_stays() {
        let folder = testkit::folder().join("provisioned-cluster");
        let nodes = ["nats-0.nodes", "nats-1.nodes", "nats-2.nodes"].map(str::to_owned);
        let text = |nodes: &[String], certificates, seed| {
            let file = prepare_cluster(&folder, nodes, certificates, &SeededRandom::new(seed)).unwrap();
            std::fs::read_to_string(file).unwrap()
        };
        let cluster = text(&nodes, None, 1);
        assert_eq!(cluster.matches("nats-route://node:").count(), 3, "{cluster}");
        assert!(!cluster.contains("tls"), "{cluster}");
        assert_eq!(text(&nodes, None, 2), cluster);
        assert!(!text(&nodes[..1], None, 3).contains("cluster {"), "one server opens no port for others");
        let encrypted = text(&nodes, Some(Path::new("/etc/nats")), 4);
        assert!(
            encrypted.contains("tls { cert_file: \"/etc/nats/tls.crt\", key_file: \"/etc/nats/tls.key\""),
            "{encrypted}"
        );
    }
}
