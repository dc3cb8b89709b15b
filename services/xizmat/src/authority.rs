//! `xizmat ca`: makes the authority whose seals documents bear, once, with the root key kept offline, and places it.

use std::path::PathBuf;

use boot::{Kit, Stage};
use clap::Subcommand;
use kernel::Failure;
use signing::RootKey;

#[derive(Subcommand)]
pub enum What {
    /// Makes the root, which signs the issuing key and is then sealed into a file that is carried away.
    Init {
        /// Folder of the authority, as the configuration's `signing.ca_dir` names it.
        #[arg(long)]
        folder: PathBuf,
        /// Name of the platform in the certificates.
        #[arg(long)]
        name: String,
        /// File the sealed root key is written to; keep it offline.
        #[arg(long)]
        root_key: PathBuf,
        /// File with the passphrase that seals the root key.
        #[arg(long)]
        passphrase_file: PathBuf,
        /// For a trial platform: every name contains TRIAL.
        #[arg(long)]
        trial: bool,
    },
    /// Puts an authority that was made elsewhere into a service's folder, once; one that is there already stays.
    Place {
        /// Folder with `root.pem`, `issuing.pem`, `sealing.key` and `issuing.key`, as a mounted Secret shows them.
        #[arg(long)]
        from: PathBuf,
        /// Folder of the authority, as the configuration's `signing.ca_dir` names it.
        #[arg(long)]
        folder: PathBuf,
    },
}

pub fn run(what: &What) -> Result<(), Failure> {
    match what {
        What::Init { folder, name, root_key, passphrase_file, trial } => {
            let stage = if *trial { Stage::Trial } else { Stage::Production };
            let kit = Kit::system(stage);
            let offline = RootKey::Offline { file: root_key, passphrase_file };
            signing::init_authority(folder, name, stage, &offline, &*kit.clock, &kit.random)?;
            println!("The authority lies in {}.", folder.display());
            println!("Carry {} away now: no running service needs it.", root_key.display());
            Ok(())
        }
        What::Place { from, folder } => signing::place_authority(from, folder),
    }
}
