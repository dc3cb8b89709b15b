//! `xizmat register`: services that are only listed, from a spreadsheet of an agency and back to one.

mod columns;
mod import;
mod links;
mod sheet;
#[cfg(test)]
mod tests;
mod workbook;
mod written;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use api::{Agency, Level, Resource, ServiceDefinition};
use clap::{Args, Subcommand};
use process::check::{Format, Options, Problem, Severity, check};

use crate::check::{judge, sources};
use import::Imported;

#[derive(Subcommand)]
pub enum What {
    /// Makes a definition of `level: listed` of each row of a spreadsheet, and says everything that is wrong in it.
    Import(ImportOptions),
    /// Writes the services that are only listed into a spreadsheet with the same columns.
    Export(ExportOptions),
}

#[derive(Args)]
pub struct ImportOptions {
    /// The spreadsheet, a workbook (`.xlsx`) or CSV in UTF-8; the first row of its first sheet names the columns.
    file: PathBuf,
    /// The agency that answers for the services.
    #[arg(long)]
    agency: String,
    /// The agency's folder of definitions. Left out: resources for `kubectl apply` are printed.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Asks every link whether it leads somewhere.
    #[arg(long)]
    links: bool,
}

#[derive(Args)]
pub struct ExportOptions {
    /// Files, service folders, agency folders, or a folder of agencies.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The spreadsheet: a workbook where its name ends in `.xlsx`, else CSV. Left out: CSV is printed.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// 0: nothing to mend; 1: problems; 2: something cannot be read or written.
pub fn run(what: What) -> ExitCode {
    let done = match what {
        What::Import(options) => import_file(&options),
        What::Export(options) => export(&options),
    };
    done.unwrap_or_else(|message| {
        eprintln!("xizmat: {message}");
        ExitCode::from(2)
    })
}

fn import_file(options: &ImportOptions) -> Result<ExitCode, String> {
    let sheet = sheet::read(&read(&options.file)?).map_err(|error| named(&options.file, error))?;
    let known = options.out.as_deref().map(|folder| agency(folder, &options.agency)).transpose()?.flatten();
    let file = options.file.display().to_string();
    let mut imported = import::import(&sheet, &file, &options.agency, known.as_ref());
    if options.links {
        let dead = dead_links(import::links(&sheet).into_keys().collect())?;
        import::dead(&mut imported, &sheet, &file, &dead);
    }
    // Only names that are names become parts of paths.
    if let Some(folder) = options.out.as_ref().filter(|_| !imported.fails()) {
        others(&mut imported, folder, &file);
        let titles = titles(&imported, folder);
        import::namesakes(&mut imported, &sheet, &file, &titles);
    }
    eprint!("{}", Format::Human.write(&imported.problems));
    if imported.fails() {
        eprintln!("Nothing was written.");
        return Ok(ExitCode::from(1));
    }
    match &options.out {
        Some(folder) => write(&imported, folder)?,
        None => imported.made.iter().for_each(|made| print!("---\n{}", written::yaml(&made.definition))),
    }
    let clean = imported.problems.iter().all(|problem| problem.severity == Severity::Warning);
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn named(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let length = fs::metadata(path).map_err(|error| named(path, error))?.len();
    if length > sheet::BYTES_MAX {
        return Err(named(path, format!("{length} bytes are too many for a list of services")));
    }
    fs::read(path).map_err(|error| named(path, error))
}

/// The agency whose folder it is, when the folder says so; another one's folder is refused.
fn agency(folder: &Path, wanted: &str) -> Result<Option<Agency>, String> {
    let file = folder.join("agency.yaml");
    let Ok(text) = fs::read_to_string(&file) else { return Ok(None) };
    let report = check(&text, &file.display().to_string(), &Options::default());
    match report.resource {
        Some(Resource::Agency(agency)) if agency.metadata.name == wanted => Ok(Some(*agency)),
        _ => Err(named(&file, format!("this is not the agency `{wanted}`"))),
    }
}

fn dead_links(links: BTreeSet<String>) -> Result<BTreeMap<String, String>, String> {
    let client = links::client().map_err(|failure| failure.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    Ok(runtime.block_on(links::dead(&client, links)))
}

/// A service that grew beyond a list is never overwritten by one, nor is one of which nobody can tell.
fn others(imported: &mut Imported, folder: &Path, file: &str) {
    for made in &imported.made {
        let path = definition_file(folder, &made.name);
        if !path.exists() {
            continue;
        }
        // What does not read, such as what an editor kept in another encoding, may be anything.
        let text = fs::read_to_string(&path).unwrap_or_default();
        let there = check(&text, &path.display().to_string(), &Options::default()).definition;
        if there.is_none_or(|there| there.spec.level != Level::Listed) {
            imported.problems.push(Problem {
                code: "listing.not-listed",
                file: file.to_owned(),
                line: made.row,
                column: 0,
                path: "name".to_owned(),
                message: format!("{} holds a service that is more than listed, or that does not read", path.display()),
                help: "change that definition by hand, or give this row another name".to_owned(),
                severity: Severity::Error,
                story: Vec::new(),
            });
        }
    }
}

/// Titles of what lies in the folder and stays there: rows take the place of services with their names.
fn titles(imported: &Imported, folder: &Path) -> import::Titles {
    let mut titles = import::Titles::new();
    let mut services: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    services.sort();
    let is_row = |name: &str| imported.made.iter().any(|made| made.name == name);
    for service in services.iter().filter_map(|path| path.file_name()?.to_str()).filter(|name| !is_row(name)) {
        let file = definition_file(folder, service);
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let place = file.display().to_string();
        let Some(there) = check(&text, &place, &Options::default()).definition else { continue };
        for (tag, title) in there.spec.title.iter() {
            titles.entry((tag, import::compared(title))).or_insert_with(|| place.clone());
        }
    }
    titles
}

fn definition_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).join("service.yaml")
}

fn write(imported: &Imported, folder: &Path) -> Result<(), String> {
    for made in &imported.made {
        let path = definition_file(folder, &made.name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| named(parent, error))?;
        fs::write(&path, written::yaml(&made.definition)).map_err(|error| named(&path, error))?;
    }
    eprintln!("{} services were written to {}.", imported.made.len(), folder.display());
    Ok(())
}

fn export(options: &ExportOptions) -> Result<ExitCode, String> {
    let found = sources(&options.paths)?;
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for (source, report) in found.iter().zip(judge(&found)) {
        let listed = report.definition.as_ref().filter(|definition| definition.spec.level == Level::Listed);
        let (Some(definition), Some(value)) = (listed, &report.value) else { continue };
        let row = columns::row(value);
        // Whatever no column holds would be lost on the way back.
        let back = serde_json::from_value(columns::definition(&row, &definition.spec.agency));
        let same = back.is_ok_and(|back: ServiceDefinition| back.spec == definition.spec);
        if same {
            rows.push(row);
        } else {
            problems.push(more_than_columns(&source.name));
        }
    }
    rows.sort_by(|one, other| one.get("name").cmp(&other.get("name")));
    let is_workbook = options.out.as_ref().and_then(|out| out.extension()).is_some_and(|end| end == "xlsx");
    let form = if is_workbook { sheet::Form::Workbook } else { sheet::Form::Separated };
    let written = sheet::write(&rows, form)?;
    match &options.out {
        Some(file) => fs::write(file, written).map_err(|error| named(file, error))?,
        None => print!("{}", String::from_utf8_lossy(&written)),
    }
    eprint!("{}", Format::Human.write(&problems));
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn more_than_columns(file: &str) -> Problem {
    Problem {
        code: "listing.more-than-columns",
        file: file.to_owned(),
        line: 0,
        column: 0,
        path: String::new(),
        message: "the definition says more than the columns hold, and was left out".to_owned(),
        help: "keep it as a file".to_owned(),
        severity: Severity::Error,
        story: Vec::new(),
    }
}
