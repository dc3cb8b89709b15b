//! `xizmat audit verify`: recomputes every service's chain of acts from its database.

use std::path::PathBuf;

use clap::Subcommand;
use kernel::Failure;

#[derive(Subcommand)]
pub enum What {
    /// Proves that no act was changed, removed or put in between.
    Verify {
        /// The platform's data folder.
        #[arg(long, env = "XIZMAT_DATA", default_value = "data")]
        data: PathBuf,
    },
}

pub async fn run(what: What) -> Result<(), Failure> {
    let What::Verify { data } = what;
    let folder = data.join("db");
    let unreadable =
        |error: std::io::Error| Failure::invalid("audit.unreadable", format!("{}: {error}.", folder.display()));
    let entries = std::fs::read_dir(&folder).map_err(unreadable)?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sqlite"));
    files.sort();
    let mut broken = 0;
    for file in files {
        let service = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match verify(&file).await {
            Ok(proof) => println!("{service:<14} ok      {} acts, head {}", proof.acts, proof.head),
            Err(error) => {
                broken += 1;
                println!("{service:<14} BROKEN  {error}");
            }
        }
    }
    match broken {
        0 => Ok(()),
        _ => Err(Failure::invalid(
            "audit.broken",
            format!("{broken} chains do not hold. Keep the data as it is and tell the auditor."),
        )),
    }
}

async fn verify(file: &std::path::Path) -> Result<sql::audit::Proof, sql::Error> {
    let database = sql::Database::open(&sql::Settings::file(file), &[]).await?;
    let mut tx = database.read().await?;
    sql::audit::verify(&mut tx).await
}
