//! `xizmat verify`: anybody checks a document, without any connection.

use std::{path::PathBuf, process::ExitCode};

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
        /// Prints the verdict as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// 0: valid; 1: not valid; 2: cannot be read.
pub fn run(what: &What) -> ExitCode {
    let What::Document { file, trust, status_list, json } = what;
    let read = |path: &PathBuf| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let inputs = read(file).and_then(|pdf| Ok((pdf, read(trust)?, status_list.as_ref().map(read).transpose()?)));
    let (pdf, root, list) = match inputs {
        Ok(inputs) => inputs,
        Err(message) => {
            eprintln!("xizmat: {message}");
            return ExitCode::from(2);
        }
    };
    match signing::verify_offline(&pdf, &root, list.as_deref()) {
        Ok(verdict) => {
            println!("{}", if *json { verdict.to_json() } else { verdict.to_string() });
            if verdict.is_valid() { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(failure) => {
            eprintln!("xizmat: {failure}");
            ExitCode::from(2)
        }
    }
}
