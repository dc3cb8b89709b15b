//! The house's own tasks: generate what is generated, and check the arrows between rooms.

mod arrows;
mod generate;
mod image;
mod sources;
mod tidy;
mod tokens;
mod trust;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "The house's own tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Regenerates everything that is generated and checked in.
    Gen {
        /// Only compares; fails on a difference.
        #[arg(long)]
        check: bool,
    },
    /// Makes the product's image, an OCI archive, with its bill of materials.
    Image(image::Options),
    /// Fails on a dependency that the architecture forbids.
    Arrows,
    /// Fails on what the house style forbids and no lint sees, and on a promise of `docs/trust.md` whose test is gone.
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Gen { check } => generate::run(check),
        Task::Image(options) => image::run(&options),
        Task::Arrows => arrows::run(),
        Task::Tidy => tidy::run().and_then(|()| trust::run()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
