//! Measures the platform beside the floors of the same machine in the same run: a table for people, JSON for later runs.

mod assertions;
mod cases;
mod definitions;
mod documents;
mod figure;
mod floor;
mod http;
mod load;
mod mixed;
mod neighbours;
mod pages;
mod processes;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use figure::Table;

/// Anything that ends a measurement: whoever runs it reads what went wrong.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(name = "bench", about = "Measures the platform beside the floors of this machine")]
struct Options {
    /// How long each figure is measured.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Only these parts: definitions, cases, documents, platform (pages, assertions, memory), mixed, starts.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Where the figures are written as JSON.
    #[arg(long, default_value = "target/bench.json")]
    out: PathBuf,
}

fn main() -> ExitCode {
    // The renderer confines the process it runs in, so it must come before anything else starts a thread.
    if std::env::args().nth(1).as_deref() == Some("worker") {
        return signing::worker::main();
    }
    let options = Options::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("bench: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(measure(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(options: &Options) -> Outcome {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let lasting = Duration::from_secs(options.seconds.max(1));
    let wanted = |part: &str| options.only.is_empty() || options.only.iter().any(|name| name == part);
    let mut table = Table::new(options.seconds.max(1))?;
    if wanted("definitions") {
        definitions::measure(&mut table, lasting)?;
    }
    if wanted("cases") {
        cases::measure(&mut table, lasting).await?;
    }
    if wanted("documents") {
        documents::measure(&mut table, lasting)?;
    }
    if wanted("platform") {
        processes::under_load(&mut table, lasting).await?;
    }
    if wanted("mixed") {
        mixed::measure(&mut table, lasting).await?;
    }
    if wanted("starts") {
        processes::starts(&mut table).await?;
    }
    table.write(&options.out)?;
    println!("\nWritten to {}.", options.out.display());
    Ok(())
}
