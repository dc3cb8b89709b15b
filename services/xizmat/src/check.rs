//! `check`, `render` and `test`: the tools of those who write definitions. The judging itself is `process::check`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use api::Resource;
use clap::{Args, ValueEnum};
use process::check::{self as checker, File, Report, Severity};

use crate::templates::Typst;

const READABLE_MAX: u64 = 1 << 20;

#[derive(Args)]
pub struct Options {
    /// Files, service folders, agency folders, or a folder of agencies.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How problems are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Sarif,
}

#[derive(Args)]
pub struct RenderOptions {
    /// A service's folder or file.
    path: PathBuf,
}

#[derive(Args)]
pub struct TestOptions {
    /// Services' folders.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// 0: nothing to mend; 1: problems; 2: something cannot be read.
pub fn check(options: &Options) -> ExitCode {
    let found = match sources(&options.paths) {
        Ok(found) => found,
        Err(message) => return unreadable(&message),
    };
    let reports = judge(&found);
    let problems: Vec<checker::Problem> = reports.iter().flat_map(|report| report.problems.clone()).collect();
    let written = match options.format {
        Format::Human => checker::Format::Human,
        Format::Json => checker::Format::Json,
        Format::Sarif => checker::Format::Sarif,
    };
    print!("{}", written.write(&problems));
    if problems.iter().all(|problem| problem.severity == Severity::Warning) {
        if options.format == Format::Human {
            println!("{} checked, nothing to mend.", reports.len());
        }
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}

pub fn render(options: &RenderOptions) -> ExitCode {
    let found = match sources(std::slice::from_ref(&options.path)) {
        Ok(found) => found,
        Err(message) => return unreadable(&message),
    };
    for report in judge(&found) {
        if !report.runs() {
            eprint!("{}", checker::Format::Human.write(&report.problems));
            return ExitCode::from(1);
        }
        let Some(value) = &report.value else { continue };
        println!("---\n{}", serde_saphyr::to_string(value).expect("a resource is plain values"));
    }
    ExitCode::SUCCESS
}

pub fn test(options: &TestOptions) -> ExitCode {
    let mut failed = 0;
    let mut passed = 0;
    for path in &options.paths {
        let found = match sources(std::slice::from_ref(path)) {
            Ok(found) => found,
            Err(message) => return unreadable(&message),
        };
        for (source, report) in found.iter().zip(judge(&found)) {
            let offices = offices(source);
            let Some(definition) = report.definition.as_ref().filter(|_| report.runs()) else {
                if report.resource.is_none() {
                    eprint!("{}", checker::Format::Human.write(&report.problems));
                    failed += 1;
                }
                continue;
            };
            for scenario in source.files.iter().filter(|file| file.path.starts_with("scenarios/")) {
                for outcome in process::scenario::run_file(definition, &offices, &scenario.text) {
                    println!("{outcome}");
                    if outcome.passed() { passed += 1 } else { failed += 1 }
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn offices(source: &Source) -> Vec<api::Office> {
    agency_of(source).map(|agency| agency.spec.offices).unwrap_or_default()
}

/// The agency whose folder a service lies in.
pub fn agency_of(source: &Source) -> Option<api::Agency> {
    let text = fs::read_to_string(source.agency_folder.as_ref()?.join("agency.yaml")).ok()?;
    match checker::check(&text, "agency.yaml", &checker::Options::default()).resource {
        Some(Resource::Agency(agency)) => Some(*agency),
        _ => None,
    }
}

fn unreadable(message: &str) -> ExitCode {
    eprintln!("xizmat: {message}");
    ExitCode::from(2)
}

/// One resource to judge, with the files beside it.
pub struct Source {
    /// As the problems name it.
    pub name: String,
    /// The agency's folder, where it is known.
    pub agency: Option<String>,
    agency_folder: Option<PathBuf>,
    pub content: String,
    pub files: Vec<File>,
}

/// Judges every resource with what the others say: the agencies' offices, the registries' contracts.
pub fn judge(sources: &[Source]) -> Vec<Report> {
    let templates = Typst::new().ok();
    let alone: Vec<Report> = sources.iter().map(|source| one(source, None, &[], None)).collect();
    let first = alone.clone();
    let resources = || first.iter().filter_map(|report| report.resource.as_ref());
    let registries: Vec<api::Registry> = resources()
        .filter_map(
            |resource| if let Resource::Registry(registry) = resource { Some(registry.as_ref().clone()) } else { None },
        )
        .collect();
    let agencies: Vec<&api::Agency> = resources()
        .filter_map(|resource| if let Resource::Agency(agency) = resource { Some(agency.as_ref()) } else { None })
        .collect();
    let again = |(source, report): (&Source, Report)| {
        if report.definition.is_none() {
            return report;
        }
        let owner = agencies.iter().find(|agency| source.agency.as_deref() == Some(agency.metadata.name.as_str()));
        one(source, owner.copied(), &registries, templates.as_ref())
    };
    sources.iter().zip(alone).map(again).collect()
}

fn one(
    source: &Source,
    agency: Option<&api::Agency>,
    registries: &[api::Registry],
    templates: Option<&Typst>,
) -> Report {
    let options = checker::Options {
        agency,
        registries,
        files: &source.files,
        // Templates are compiled once, in the second round.
        templates: templates.map(|templates| templates as &dyn checker::TemplateChecker),
        ..checker::Options::default()
    };
    checker::check(&source.content, &source.name, &options)
}

/// Finds resources: a file, a service's folder, an agency's folder, or a folder of agencies' folders.
pub fn sources(paths: &[PathBuf]) -> Result<Vec<Source>, String> {
    let mut found = Vec::new();
    for path in paths {
        collect(path, &mut found, 0)?;
    }
    Ok(found)
}

fn collect(path: &Path, found: &mut Vec<Source>, depth: u32) -> Result<(), String> {
    if path.is_file() {
        found.push(source(path, Vec::new())?);
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(path)
        .map_err(|error| format!("{}: {error}", path.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    entries.sort();
    if entries.iter().any(|entry| entry.ends_with("service.yaml")) {
        let files = beside(path)?;
        found.push(source(&path.join("service.yaml"), files)?);
        return Ok(());
    }
    for entry in entries {
        let yaml = entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if entry.is_file() && yaml {
            found.push(source(&entry, Vec::new())?);
        } else if entry.is_dir() && depth < 3 {
            collect(&entry, found, depth + 1)?;
        }
    }
    Ok(())
}

fn source(path: &Path, files: Vec<File>) -> Result<Source, String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // `<agency>/agency.yaml`, `<agency>/<service>/service.yaml`: the folder with an agency.yaml is the agency's.
    let absolute = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let owner = absolute.ancestors().take(2).find(|folder| folder.join("agency.yaml").is_file());
    let agency = owner.and_then(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()));
    let agency_folder = owner.map(Path::to_owned);
    Ok(Source { name: path.display().to_string(), agency, agency_folder, content: read(path)?, files })
}

/// Templates and scenarios, with paths relative to the service's folder.
fn beside(folder: &Path) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for part in ["templates", "scenarios"] {
        let Ok(entries) = fs::read_dir(folder.join(part)) else { continue };
        for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push(File { path: format!("{part}/{name}"), text: read(&entry.path())? });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read(path: &Path) -> Result<String, String> {
    let named = |error: std::io::Error| format!("{}: {error}", path.display());
    let length = fs::metadata(path).map_err(named)?.len();
    // Nobody reads ten megabytes to say that they are too many; the checker says it of what is just above.
    if length > 2 * READABLE_MAX {
        return Err(format!(
            "{}: {length} bytes are far too many for a definition; at most 1 MB is read.",
            path.display()
        ));
    }
    fs::read_to_string(path).map_err(named)
}
