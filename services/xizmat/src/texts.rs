//! `xizmat texts`: which languages of a service nobody has reviewed as they stand, each of their texts, and the line that says that
//! somebody has; of many services, which languages of which are open.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use api::{ServiceDefinition, Text};
use clap::Args;
use kernel::Language;
use process::check::{Report, Spoken, hash_of_texts, spoken, unreviewed};

use crate::check::{judge, sources};

#[derive(Args)]
pub struct Options {
    /// A service's folder or file. Of several, or of a folder of services: how many texts of each language are open.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Only this language: uz, uz-Cyrl, kaa, ru or en.
    #[arg(long, value_parser = language)]
    lang: Option<Language>,
    /// The service as it was reviewed, its folder or file: what is the same there is not listed.
    #[arg(long, value_name = "PATH")]
    before: Option<PathBuf>,
    /// Prints what to write below `spec.texts.reviewed` once somebody has read all texts of this language.
    #[arg(long, value_name = "LANGUAGE", value_parser = language, conflicts_with_all = ["lang", "before"])]
    reviewed: Option<Language>,
}

fn language(tag: &str) -> Result<Language, String> {
    Language::parse(tag).map_err(|failure| failure.message.to_string())
}

/// 0: everything is reviewed; 1: some languages are drafts; 2: something cannot be read.
pub fn run(options: &Options) -> ExitCode {
    told(options).unwrap_or_else(|message| {
        eprintln!("xizmat: {message}");
        ExitCode::from(2)
    })
}

fn told(options: &Options) -> Result<ExitCode, String> {
    let services = services(&options.paths)?;
    let wanted = |tag: &&str| options.lang.is_none_or(|language| language.tag() == *tag);
    let [(_, report)] = services.as_slice() else {
        if options.reviewed.is_some() || options.before.is_some() {
            return Err("name the folder or the file of one service".to_owned());
        }
        let mut clean = true;
        for (file, report) in &services {
            let lines = summary(report, wanted)?;
            clean &= lines.iter().all(|(_, open)| *open == 0);
            println!("{file}");
            lines.iter().for_each(|line| println!("  {}", state(line)));
        }
        return Ok(ended(clean));
    };
    if let Some(language) = options.reviewed {
        println!("{}", line(report, language.tag())?);
        return Ok(ExitCode::SUCCESS);
    }
    let before = options.before.as_deref().map(service).transpose()?;
    listed(report, before.as_ref(), wanted)
}

fn ended(clean: bool) -> ExitCode {
    if clean { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Each language with how many texts of it nobody has reviewed as they stand.
fn summary(report: &Report, wanted: impl Fn(&&str) -> bool) -> Result<Vec<(&'static str, usize)>, String> {
    let drafts = drafts(report)?;
    let open = |tag: &'static str| -> Result<_, String> {
        let open = if drafts.contains(&tag) { texts(report, tag)?.len() } else { 0 };
        Ok((tag, open))
    };
    Text::LANGUAGES.into_iter().filter(wanted).map(open).collect()
}

fn state((tag, open): &(&str, usize)) -> String {
    if *open == 0 { format!("{tag}: reviewed") } else { format!("{tag}: draft ({open} texts)") }
}

/// Every text of one service that somebody still has to read.
fn listed(report: &Report, before: Option<&Report>, wanted: impl Fn(&&str) -> bool) -> Result<ExitCode, String> {
    let drafts = drafts(report)?;
    for tag in Text::LANGUAGES.into_iter().filter(&wanted) {
        if !drafts.contains(&tag) {
            println!("{tag}: reviewed");
            continue;
        }
        let known = before.map(|before| as_read(before, tag)).transpose()?.flatten();
        println!("{tag}: draft");
        for one in open(report, tag, known.as_ref())? {
            println!("  {}: {}", one.path, shown(&one).replace('\n', "\n    "));
        }
    }
    Ok(ended(!drafts.iter().any(wanted)))
}

/// A letter is read in the booklet: its template says it in five languages at once.
fn shown(one: &Spoken) -> &str {
    match one.text.as_str() {
        "" => "(missing)",
        _ if one.path.ends_with(".template") => "(a letter; `xizmat booklet` shows what it says)",
        text => text,
    }
}

/// Services below these paths, each with its file.
fn services(paths: &[PathBuf]) -> Result<Vec<(String, Report)>, String> {
    let found = sources(paths)?;
    let judged = found.iter().zip(judge(&found));
    // An agency or a grant is no service; what is neither cannot be read.
    let services = judged.filter(|(_, report)| report.resource.is_none()).map(|(source, report)| {
        let name = source.name.clone();
        if report.definition.is_some() { Ok((name, report)) } else { Err(unreadable(&name)) }
    });
    let services = services.collect::<Result<Vec<_>, String>>()?;
    if services.is_empty() { Err("there is no service here".to_owned()) } else { Ok(services) }
}

fn unreadable(file: &str) -> String {
    format!("{file}: this cannot be read; `xizmat check` says why")
}

fn service(path: &Path) -> Result<Report, String> {
    let mut services = services(&[path.to_owned()])?.into_iter();
    match (services.next(), services.next()) {
        (Some((_, report)), None) => Ok(report),
        _ => Err(format!("{}: name the folder or the file of one service that can be read", path.display())),
    }
}

fn definition(report: &Report) -> Result<&ServiceDefinition, String> {
    report.definition.as_ref().ok_or_else(|| "this is no service".to_owned())
}

fn drafts(report: &Report) -> Result<Vec<&'static str>, String> {
    definition(report).map(unreviewed)
}

/// Texts as the register will read them.
fn texts(report: &Report, tag: &str) -> Result<Vec<Spoken>, String> {
    let value = serde_json::to_value(definition(report)?).map_err(|error| error.to_string())?;
    Ok(spoken(&value, tag))
}

/// What to write into the definition, below `spec.texts.reviewed`.
fn line(report: &Report, tag: &str) -> Result<String, String> {
    let texts = texts(report, tag)?;
    if let Some(missing) = texts.iter().find(|one| one.text.trim().is_empty()) {
        return Err(format!("{}: the text is missing in {tag}; nobody can have reviewed it", missing.path));
    }
    Ok(format!("{tag}: \"{}\"", hash_of_texts(tag, &texts)))
}

/// The texts of the language in a definition in which they stand as they were reviewed; otherwise they prove nothing.
fn as_read(before: &Report, tag: &str) -> Result<Option<BTreeMap<String, String>>, String> {
    if drafts(before)?.contains(&tag) {
        return Ok(None);
    }
    Ok(Some(texts(before, tag)?.into_iter().map(|one| (one.path, one.text)).collect()))
}

/// What still has to be read: all of it, or what is not as it was read.
fn open(report: &Report, tag: &str, known: Option<&BTreeMap<String, String>>) -> Result<Vec<Spoken>, String> {
    let mut texts = texts(report, tag)?;
    texts.retain(|one| known.and_then(|known| known.get(&one.path)) != Some(&one.text));
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use process::check::{Options as Knows, check_json};
    use serde_json::{Value, json};

    use super::*;

    fn value(title: &str) -> Value {
        let text = |words: &str| json!({"uz": words, "uz-Cyrl": words, "kaa": words, "ru": words, "en": words});
        json!({
            "apiVersion": api::API_VERSION, "kind": "ServiceDefinition",
            "metadata": {"name": "archive", "namespace": "justice"},
            "spec": {
                "title": text(title), "summary": text("What the archive keeps"),
                "agency": "justice", "level": "listed",
            },
        })
    }

    fn report(value: &Value) -> Report {
        check_json(value.to_string().as_bytes(), &Knows::default())
    }

    /// As a reviewer leaves it.
    fn reviewed(mut value: Value, tag: &str) -> Value {
        let line = line(&report(&value), tag).unwrap();
        let hash = line.split('"').nth(1).unwrap();
        value["spec"]["texts"]["reviewed"][tag] = hash.into();
        value
    }

    #[test]
    fn the_printed_line_makes_a_language_reviewed_until_a_text_of_it_changes() {
        let before = reviewed(value("Archive"), "kaa");
        assert_eq!(drafts(&report(&before)).unwrap(), ["uz", "uz-Cyrl", "ru", "en"]);
        let mut after = before.clone();
        after["spec"]["title"]["kaa"] = json!("Arxiv");
        assert!(drafts(&report(&after)).unwrap().contains(&"kaa"));
        let known = as_read(&report(&before), "kaa").unwrap();
        let changed = open(&report(&after), "kaa", known.as_ref()).unwrap();
        assert_eq!(changed.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["spec.title"]);
        assert_eq!(open(&report(&after), "kaa", None).unwrap().len(), 2);
    }

    #[test]
    fn many_services_are_reported_by_language_and_what_is_reviewed_has_nothing_open() {
        let report = report(&reviewed(value("Archive"), "kaa"));
        let all = summary(&report, |_| true).unwrap();
        assert_eq!(all, [("uz", 2), ("uz-Cyrl", 2), ("kaa", 0), ("ru", 2), ("en", 2)]);
        assert_eq!((state(&all[2]), state(&all[4])), ("kaa: reviewed".into(), "en: draft (2 texts)".into()));
        assert_eq!(summary(&report, |tag| *tag == "kaa").unwrap(), [("kaa", 0)]);
    }

    #[test]
    fn a_folder_of_services_is_one_report_and_what_cannot_be_read_is_named() {
        let folder = testkit::folder().join("texts");
        let write = |name: &str, text: &str| {
            let file = folder.join(name).join("service.yaml");
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write("archive", &value("Archive").to_string());
        write("library", &value("Library").to_string());
        let found = services(std::slice::from_ref(&folder)).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].0.ends_with("archive/service.yaml"), "{}", found[0].0);
        write("broken", "spec: [");
        let refused = services(std::slice::from_ref(&folder)).unwrap_err();
        assert!(refused.contains("broken/service.yaml"), "{refused}");
    }

    #[test]
    fn what_nobody_reviewed_proves_nothing_of_what_came_after() {
        assert_eq!(as_read(&report(&value("Archive")), "en").unwrap(), None);
    }

    #[test]
    fn a_language_with_a_missing_text_cannot_have_been_reviewed() {
        let mut value = value("Archive");
        value["spec"]["summary"]["ru"] = json!(" ");
        assert!(line(&report(&value), "ru").unwrap_err().starts_with("spec.summary: "));
    }
}
