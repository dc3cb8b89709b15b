//! Prepares NATS for a platform before its server starts: keys, credentials a role, the server's configuration.
//!
//! Nothing is started here. Accounts other than the system account are pushed by the exchange at run time, from its database.

use std::path::{Path, PathBuf};

use bus::keys::{Key, TrustedKey};
use kernel::{Clock, Failure, Random, Time};

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
            host: None,
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
    let server_config = folder.file("server.conf");
    let text = configuration(&folder, address, &operator_jwt, &system_name, &system_jwt);
    write(&server_config, text.as_bytes())?;
    Ok(Provisioned {
        server_config,
        url: format!("nats://{address}"),
        trusted_keys_file: folder.trusted_keys(),
        agents: folder.file("agents"),
        folder: dir.to_owned(),
    })
}

/// Makes each role's signing key; public keys are only ever added, so that old evidence can be judged.
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
        if !trusted.iter().any(|known| known.kid == entry.kid) {
            trusted.push(entry);
        }
    }
    let text = serde_json::to_vec_pretty(&trusted).expect("a list of plain structs is JSON");
    write(&file, &text)
}

/// A message may be signed by a clock that is behind ours.
fn bus_skew() -> std::time::Duration {
    std::time::Duration::from_secs(300)
}

fn configuration(folder: &Folder, address: &str, operator: &str, system: &str, system_jwt: &str) -> String {
    let quoted =
        |path: PathBuf| format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""));
    format!(
        "# Written at every start; changes are lost.\n\
         server_name: xizmat\n\
         listen: \"{address}\"\n\
         max_payload: 1048576\n\
         max_control_line: {CONTROL_LINE_BYTES_MAX}\n\
         operator: \"{operator}\"\n\
         system_account: \"{system}\"\n\
         resolver: {{ type: full, dir: {resolver}, allow_delete: true, interval: \"2m\" }}\n\
         resolver_preload: {{ {system}: \"{system_jwt}\" }}\n\
         jetstream: {{ store_dir: {storage} }}\n\
         lame_duck_duration: \"30s\"\n",
        resolver = quoted(folder.file("resolver")),
        storage = quoted(folder.file("jetstream")),
    )
}
