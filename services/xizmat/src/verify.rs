//! `xizmat verify`: anybody checks a document or a receipt, without any connection.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;

#[derive(Subcommand)]
pub enum What {
    /// A sealed PDF.
    Document {
        file: PathBuf,
        /// The root certificate that is trusted (PEM).
        #[arg(long)]
        trust: PathBuf,
        /// A signed status list: without it "withdrawn" is not checked.
        #[arg(long)]
        status_list: Option<PathBuf>,
        /// The list of seals that were withdrawn (`/verify/seals.crl`): without it such a seal still counts.
        #[arg(long)]
        revocation_list: Option<PathBuf>,
        /// Prints the verdict as JSON.
        #[arg(long)]
        json: bool,
    },
    /// The text of a receipt's QR code.
    Receipt {
        text: String,
        /// The root certificate that is trusted (PEM).
        #[arg(long)]
        trust: PathBuf,
        /// The keys that the platform publishes (`/verify/keys.pem`).
        #[arg(long)]
        keys: PathBuf,
        /// Prints what the receipt says as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// 0: valid; 1: not valid; 2: cannot be read.
pub fn run(what: &What) -> ExitCode {
    let judged = match what {
        What::Document { file, trust, status_list, revocation_list, json } => {
            document((file, trust), status_list.as_deref(), revocation_list.as_deref(), *json)
        }
        What::Receipt { text, trust, keys, json } => receipt(text, trust, keys, *json),
    };
    judged.unwrap_or_else(|message| {
        eprintln!("xizmat: {message}");
        ExitCode::from(2)
    })
}

fn document(
    (file, trust): (&Path, &Path),
    status_list: Option<&Path>,
    revocation_list: Option<&Path>,
    json: bool,
) -> Result<ExitCode, String> {
    let (pdf, root) = (read(file)?, read(trust)?);
    let (status, seals) = (status_list.map(read).transpose()?, revocation_list.map(read).transpose()?);
    let lists = signing::Published { status_list: status.as_deref(), revocation_list: seals.as_deref() };
    let verdict = signing::verify_offline(&pdf, &root, lists).map_err(|failure| failure.to_string())?;
    println!("{}", if json { verdict.to_json() } else { verdict.to_string() });
    Ok(if verdict.is_valid() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn receipt(text: &str, trust: &Path, keys: &Path, json: bool) -> Result<ExitCode, String> {
    match signing::verify_receipt_offline(text, &read(trust)?, &read(keys)?) {
        Ok(said) if json => println!("{}", serde_json::to_string(&said).map_err(|error| error.to_string())?),
        Ok(said) => println!("{said}"),
        Err(failure) if failure.code == "verify.receipt-forged" => {
            eprintln!("xizmat: {failure}");
            return Ok(ExitCode::from(1));
        }
        Err(failure) => return Err(failure.to_string()),
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
