//! `xizmat audit`: recomputes every chain of acts from the databases themselves, and keeps what was seen of their ends.

mod chains;
mod checkpoint;
mod export;
#[cfg(test)]
mod tests;

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};
use kernel::{Failure, Time};

use crate::{Sources, serve, settings::Settings};
use chains::{Chain, State};
use checkpoint::Checkpoint;

#[derive(Subcommand)]
pub enum What {
    /// Proves that no act was changed, removed or put in between, in any chain.
    ///
    /// Ends with an error where one does not hold. That its end was not cut off shows a checkpoint that was written before and
    /// kept elsewhere.
    Verify {
        #[command(flatten)]
        place: Place,
        /// A checkpoint of an earlier day: each chain must still hold what it names.
        #[arg(long, value_name = "CHECKPOINT")]
        against: Option<PathBuf>,
        /// Prints one line of JSON for each chain.
        #[arg(long)]
        json: bool,
    },
    /// Prints where each chain ends now, signed by the operator's key where it is there. Keep it where whoever can write into the
    /// databases cannot.
    Checkpoint {
        #[command(flatten)]
        place: Place,
    },
    /// Verifies the signature of a list of acts that an auditor took from the portal, without any connection.
    VerifyExport {
        file: PathBuf,
        /// Public keys of the platform's services (`trusted-keys.json`).
        #[arg(long)]
        trusted_keys: PathBuf,
    },
}

/// Where the databases are.
#[derive(Args)]
pub struct Place {
    /// The data folder of a platform that `xizmat up` runs or ran; elsewhere name a --config: every database in it is read, and of
    /// the operator's every database of its server.
    #[arg(long, env = "XIZMAT_DATA", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    sources: Sources,
}

impl Place {
    fn settings(&self) -> Result<Settings, Failure> {
        let mut sources = self.sources.clone();
        let own = self.data.join("run/settings.toml");
        if sources.config.is_none() && own.exists() {
            sources.config = Some(own);
        }
        serve::load(&Settings::default(), &sources)
    }

    /// The data folder whose files are read, where no configuration says where the databases are.
    fn folder(&self) -> Option<PathBuf> {
        self.sources.config.is_none().then(|| self.data.join("db"))
    }
}

pub async fn run(what: What) -> Result<(), Failure> {
    serve::install_crypto();
    match what {
        What::Verify { place, against, json } => verify(&place, against, json).await,
        What::Checkpoint { place } => {
            let settings = place.settings()?;
            let chains = chains::read(&settings, place.folder().as_deref(), None).await?;
            unbroken(&chains)?;
            let checkpoint = Checkpoint::of(&chains, boot::Kit::system(settings.stage).clock.now());
            print(&checkpoint.sealed(&settings.operator.bus)?)
        }
        What::VerifyExport { file, trusted_keys } => print(&export::verify(&file, &trusted_keys)?),
    }
}

async fn verify(place: &Place, against: Option<PathBuf>, json: bool) -> Result<(), Failure> {
    let settings = place.settings()?;
    let earlier = against.map(|file| checkpoint::read(&file, &settings.operator.bus)).transpose()?;
    let chains = chains::read(&settings, place.folder().as_deref(), earlier.as_ref()).await?;
    if !json {
        print(&format!("{:<24}{:<9}{:>9}  {:<22}{:<22}{}", "CHAIN", "STATE", "ACTS", "FIRST", "LAST", "HEAD"))?;
    }
    for chain in &chains {
        print(&if json { chain.json().to_string() } else { line(chain) })?;
    }
    unbroken(&chains)
}

fn unbroken(chains: &[Chain]) -> Result<(), Failure> {
    if chains.is_empty() {
        let message =
            "No chain of acts was found here. Name the platform's --data folder or a --config with its databases.";
        return Err(Failure::invalid("audit.no-chain", message));
    }
    let broken = chains.iter().filter(|chain| !matches!(chain.state, State::Holds)).count();
    match broken {
        0 => Ok(()),
        _ => Err(Failure::invalid(
            "audit.broken",
            format!("{broken} chains do not hold. Keep the data as it is and tell the auditor."),
        )),
    }
}

fn line(chain: &Chain) -> String {
    let second = |time: Option<Time>| -> String {
        time.map_or_else(|| "-".to_owned(), |time| time.to_string().chars().take(19).collect())
    };
    let proof = chain.proof;
    let (first, last) = (second(proof.first), second(proof.last));
    let state = if matches!(chain.state, State::Holds) { "ok" } else { "BROKEN" };
    let line = format!("{:<24}{state:<9}{:>9}  {first:<22}{last:<22}{}", chain.name, proof.acts, proof.head);
    match &chain.state {
        State::Holds => line,
        State::Broken(why) => format!("{line}\n  {why}"),
    }
}

/// Whoever reads on may have had enough: that is nothing to tell them.
fn print(line: &str) -> Result<(), Failure> {
    let written = writeln!(std::io::stdout(), "{line}");
    written.or_else(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(Failure::invalid("audit.unwritable", "The result could not be printed.").with_detail(error)),
    })
}
