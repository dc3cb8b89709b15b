//! From rows to definitions: each is judged as every definition is, and against the other rows.

use std::collections::{BTreeMap, BTreeSet};

use api::{Agency, Text};
use process::check::{Options, Problem, Severity, check_json};
use serde_json::Value;

use super::{
    columns,
    sheet::{self, Sheet},
};

/// What became of a row.
#[derive(Debug)]
pub struct Made {
    pub row: u32,
    pub name: String,
    pub definition: Value,
}

/// What became of a spreadsheet.
#[derive(Debug, Default)]
pub struct Imported {
    /// In the order of the rows.
    pub made: Vec<Made>,
    /// Each at its row and column.
    pub problems: Vec<Problem>,
}

impl Imported {
    /// Something is wrong that no definition may have.
    pub fn fails(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// Where problems are said to be.
struct Told<'a> {
    file: &'a str,
    sheet: &'a Sheet,
    problems: Vec<Problem>,
}

impl Told<'_> {
    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        (row, column): (u32, &str),
        message: String,
        help: String,
    ) {
        let place = self.sheet.column(column);
        let path = usize::try_from(place).ok().and_then(|place| self.sheet.header.get(place.checked_sub(1)?));
        let path = path.map_or(column, String::as_str).to_owned();
        let file = self.file.to_owned();
        let story = Vec::new();
        self.problems.push(Problem { code, file, line: row, column: place, path, message, help, severity, story });
    }
}

/// Every row as a definition of `agency`, with everything that is wrong with it.
pub fn import(sheet: &Sheet, file: &str, agency: &str, known: Option<&Agency>) -> Imported {
    let mut told = Told { file, sheet, problems: Vec::new() };
    header(&mut told);
    let mut made = Vec::new();
    let mut elsewhere = BTreeSet::new();
    for (number, row) in &sheet.rows {
        let definition = columns::definition(row, agency);
        let options = Options { agency: known, ..Options::default() };
        let report = check_json(definition.to_string().as_bytes(), &options);
        for problem in report.problems {
            let column = columns::of_problem(problem.code, &problem.path);
            // What is wrong with the agency is wrong in every row: once is enough.
            let place = if column.is_empty() && problem.path.starts_with("metadata.namespace") { 0 } else { *number };
            if place > 0 || elsewhere.insert((problem.code, problem.message.clone())) {
                told.add(problem.severity, problem.code, (place, column), problem.message, problem.help);
            }
        }
        let name = definition["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        made.push(Made { row: *number, name, definition });
    }
    twice(&mut told);
    let mut problems = told.problems;
    problems.sort_by(|a, b| (a.line, a.column, a.code).cmp(&(b.line, b.column, b.code)));
    Imported { made, problems }
}

fn header(told: &mut Told<'_>) {
    let sheet = told.sheet;
    for (place, name) in sheet::strange(sheet) {
        let message = format!("`{name}` is no column, or stands here a second time");
        let help = format!("columns are {}", columns::all().join(", "));
        told.add(Severity::Error, "listing.unknown-column", (1, ""), message, help);
        if let Some(last) = told.problems.last_mut() {
            last.column = place;
        }
    }
    for column in ["name", "title"].into_iter().filter(|column| sheet.column(column) == 0) {
        let message = format!("there is no column `{column}`");
        let help = "write the names of the columns into the first row; `register export` shows all of them".to_owned();
        told.add(Severity::Error, "listing.missing-column", (1, column), message, help);
    }
}

/// Two rows with one name are one service by mistake; two with one title may be.
fn twice(told: &mut Told<'_>) {
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    let mut titles: BTreeMap<(&str, String), u32> = BTreeMap::new();
    let sheet = told.sheet;
    for (number, row) in &sheet.rows {
        if let Some(name) = row.get("name").map(|name| name.trim()) {
            let first = *names.entry(name).or_insert(*number);
            if first != *number {
                let message = format!("row {first} has the name `{name}` too");
                let help = "give one of them another name, or delete it".to_owned();
                told.add(Severity::Error, "listing.duplicate-name", (*number, "name"), message, help);
            }
        }
        for tag in Text::LANGUAGES {
            let column = format!("title.{tag}");
            let Some(title) = row.get(&column) else { continue };
            let first = *titles.entry((tag, compared(title))).or_insert(*number);
            if first != *number {
                let message = format!("row {first} has the title “{title}” too");
                let help = "say in both what tells the services apart, or delete one of them".to_owned();
                told.add(Severity::Warning, "listing.duplicate-title", (*number, &column), message, help);
            }
        }
    }
}

/// Titles of services that the agency has, by language and in small letters, each with where it stands.
pub type Titles = BTreeMap<(&'static str, String), String>;

/// A title as it is compared.
pub fn compared(title: &str) -> String {
    title.trim().to_lowercase()
}

/// Rows with the title of a service that is there under another name: what one agency describes twice may be one service.
pub fn namesakes(imported: &mut Imported, sheet: &Sheet, file: &str, there: &Titles) {
    let mut told = Told { file, sheet, problems: Vec::new() };
    for (number, row) in &sheet.rows {
        for tag in Text::LANGUAGES {
            let column = format!("title.{tag}");
            let Some(title) = row.get(&column) else { continue };
            if let Some(place) = there.get(&(tag, compared(title))) {
                let message = format!("{place} has the title “{title}” too");
                let help = "give this row that service's name, or say in both what tells them apart".to_owned();
                told.add(Severity::Warning, "listing.duplicate-title", (*number, &column), message, help);
            }
        }
    }
    imported.problems.extend(told.problems);
    imported.problems.sort_by(|a, b| (a.line, a.column, a.code).cmp(&(b.line, b.column, b.code)));
}

/// Links of the spreadsheet, each with the rows in which it stands.
pub fn links(sheet: &Sheet) -> BTreeMap<String, Vec<u32>> {
    let mut found: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (number, row) in &sheet.rows {
        let links = row.get("legalBasis.uri").into_iter().flat_map(|cell| cell.split('\n')).map(str::trim);
        for link in links.filter(|link| link.starts_with("https://")) {
            found.entry(link.to_owned()).or_default().push(*number);
        }
    }
    found
}

/// Links that lead nowhere, as problems of the rows in which they stand.
pub fn dead(imported: &mut Imported, sheet: &Sheet, file: &str, dead: &BTreeMap<String, String>) {
    let rows = links(sheet);
    let mut told = Told { file, sheet, problems: Vec::new() };
    for (link, why) in dead {
        for row in rows.get(link).into_iter().flatten() {
            let (message, help) =
                (format!("{link}: {why}"), "give the address at which the act can be read".to_owned());
            told.add(Severity::Warning, "listing.dead-link", (*row, "legalBasis.uri"), message, help);
        }
    }
    imported.problems.extend(told.problems);
    imported.problems.sort_by(|a, b| (a.line, a.column, a.code).cmp(&(b.line, b.column, b.code)));
}
