//! The same answer for programs: JSON or YAML instead of words.

use clap::{Args, ValueEnum};
use serde::Serialize;

#[derive(Args)]
pub struct Output {
    /// For programs instead of people.
    #[arg(short, long, value_enum)]
    output: Option<Format>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Json,
    Yaml,
}

impl Output {
    /// Prints the answer as it was asked for.
    pub fn print(&self, answer: &impl Serialize, words: impl FnOnce() -> String) {
        let whole = "an answer is texts, numbers, lists and maps";
        match self.output {
            Some(Format::Json) => println!("{}", serde_json::to_string_pretty(answer).expect(whole)),
            Some(Format::Yaml) => print!("{}", serde_saphyr::to_string(answer).expect(whole)),
            None => print!("{}", words()),
        }
    }
}
