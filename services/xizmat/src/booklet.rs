//! `xizmat booklet`: a service in plain words of one language, for the lawyer and the head of the agency who approve it.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use kernel::{Hash, Language};
use process::check::{Format, Severity};

use crate::{
    check::{agency_of, judge, sources},
    templates::Typst,
};

#[derive(Args)]
pub struct Options {
    /// A service's folder or file.
    path: PathBuf,
    /// The language: uz, uz-Cyrl, kaa, ru or en.
    #[arg(long, value_parser = language)]
    lang: Language,
    /// The file to write. Left out: the service's name and the language, in this folder.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn language(tag: &str) -> Result<Language, String> {
    Language::parse(tag).map_err(|failure| failure.message.to_string())
}

/// 0: written; 1: there is something to mend first; 2: something cannot be read or written.
pub fn run(options: &Options) -> ExitCode {
    write(options).unwrap_or_else(|message| {
        eprintln!("xizmat: {message}");
        ExitCode::from(2)
    })
}

fn write(options: &Options) -> Result<ExitCode, String> {
    let found = sources(std::slice::from_ref(&options.path))?;
    let reports = judge(&found);
    let mut services = found.iter().zip(&reports).filter(|(_, report)| report.definition.is_some());
    let (Some((source, report)), None) = (services.next(), services.next()) else {
        return Err(format!("{}: name the folder or the file of one service", options.path.display()));
    };
    eprint!("{}", told(&report.problems));
    let Some(definition) = report.definition.as_ref().filter(|_| report.runs()) else { return Ok(ExitCode::from(1)) };
    let templates = Typst::new().map_err(|failure| failure.to_string())?;
    let html = ::booklet::write(definition, agency_of(source).as_ref(), options.lang, &templates)?;
    let name = format!("{}-{}.html", definition.metadata.name, options.lang.tag());
    let file = options.out.clone().unwrap_or_else(|| PathBuf::from(name));
    fs::write(&file, &html).map_err(|error| format!("{}: {error}", file.display()))?;
    // As `sha256sum` writes and checks it.
    println!("{}  {}", Hash::of(html.as_bytes()), file.display());
    Ok(ExitCode::SUCCESS)
}

/// Nothing is said where there is nothing to mend.
fn told(problems: &[process::check::Problem]) -> String {
    let worth = problems.iter().any(|problem| problem.severity != Severity::Warning);
    if worth { Format::Human.write(problems) } else { String::new() }
}
