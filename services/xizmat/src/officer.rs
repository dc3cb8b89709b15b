//! An officer's command from the terminal: who they are, where the platform runs, and the one request they make of it.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use boot::Stage;
use bus::{Bus, subject::Address};
use clap::Args;
use controller::ROLE as OPERATOR;
use kernel::Failure;
use prost::Message;
use proto::Operation;

use crate::{sign_in::Session, up::on_behalf};

#[derive(Args)]
pub struct Officer {
    /// The agency on whose behalf it is done.
    #[arg(long)]
    pub agency: String,
    /// Login of the officer; the code of their authenticator is asked for.
    // A name of its own: some commands have a login of somebody else, too.
    #[arg(id = "as", long, value_name = "LOGIN")]
    login: String,
    /// File that holds the password, readable by its owner only.
    #[arg(long)]
    password_file: PathBuf,
    /// The running platform's data folder.
    #[arg(long, env = "XIZMAT_DATA", default_value = "data")]
    data: PathBuf,
}

impl Officer {
    /// Signs in and asks: the agency's matters, or the host of one of its services.
    pub async fn ask<Q: Message, R: Message + Default>(
        &self,
        operation: &Operation<Q, R>,
        service: Option<&str>,
        request: &Q,
    ) -> Result<R, Failure> {
        crate::serve::install_crypto();
        // A rehearsal's time is not this machine's.
        let shift = Some(self.data.join("run/clock-shift")).filter(|file| file.exists());
        let kit = crate::serve::kit(stage(&self.data)?, shift)?;
        let running = std::fs::read(self.data.join("run/addresses.json"));
        let running: serde_json::Value =
            running.ok().and_then(|text| serde_json::from_slice(&text).ok()).ok_or_else(|| {
                let message =
                    format!("No platform is running on {}. Start it, or name another --data.", self.data.display());
                Failure::unavailable("cli.not-running", message)
            })?;
        let address = |name: &str| running[name].as_str().unwrap_or_default().to_owned();
        let nats = exchange::keys::Folder::open(&self.data.join("nats"))?;
        let settings = bus::Settings {
            url: address("nats"),
            credentials_file: nats.credentials(OPERATOR),
            role: OPERATOR.to_owned(),
            key_file: nats.signing_key(OPERATOR),
            trusted_keys_file: nats.trusted_keys(),
            ..bus::Settings::default()
        };
        let bus = Bus::connect(&settings, kit.clock.clone(), kit.random.clone()).await?;
        let password = boot::secrets::read(&self.password_file)?;
        let session = Session::open_as(&address("identity"), &self.login, password.trim(), code()?, &kit).await?;
        let person = on_behalf(&session, operation, request, &kit).await?;
        bus.request_for(operation, Address { agency: &self.agency, service }, request, &person).await
    }
}

fn stage(data: &Path) -> Result<Stage, Failure> {
    let text = std::fs::read_to_string(data.join("stage")).unwrap_or_default();
    let known = [Stage::Trial, Stage::Production].into_iter().find(|stage| stage.as_str() == text.trim());
    known.ok_or_else(|| Failure::invalid("cli.no-platform", format!("{} is no data folder.", data.display())))
}

/// A code counts once and only for half a minute: it may be typed.
fn code() -> Result<String, Failure> {
    eprint!("Code of the authenticator: ");
    let mut line = String::new();
    let read = std::io::stderr().flush().and_then(|()| std::io::stdin().read_line(&mut line));
    read.map_err(|error| Failure::invalid("cli.no-code", "No code was given.").with_detail(error))?;
    Ok(line.trim().to_owned())
}
