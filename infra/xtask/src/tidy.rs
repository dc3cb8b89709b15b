//! House style that no lint sees: long files, files without a purpose, unfinished work, migrations with one number.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{generate::root, sources};

/// Lines of one file that ship, without its tests.
const LINES_MAX: usize = 500;
/// Written in pieces, so that this file does not find itself.
const UNFINISHED: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
];

pub fn run() -> Result<(), String> {
    let root = root();
    let mut wrong = Vec::new();
    sources::visit(&root, &mut |path, text| {
        wrong.extend(faults(path, text).into_iter().map(|fault| format!("{}{fault}", path.display())));
        Ok(())
    })?;
    let numbers = repeated(&root.join("services"));
    wrong.extend(numbers);
    if wrong.is_empty() { Ok(()) } else { Err(format!("Not tidy:\n  {}", wrong.join("\n  "))) }
}

fn faults(path: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push(": opens without a `//!` sentence that says why it exists".to_owned());
    }
    let test = path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
    let lines = text.lines().take_while(|line| *line != "mod tests {").count();
    if lines > LINES_MAX && !test {
        found.push(format!(": {lines} lines; split it by meaning (at most {LINES_MAX} before its tests)"));
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(word) = UNFINISHED.iter().find(|word| holds(line, word)) {
            found.push(format!(":{}: `{word}`", number + 1));
        }
    }
    found
}

/// The word itself, not a part of another.
fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let joins = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        let after = line[at + word.len()..].chars().next();
        !joins(line[..at].chars().next_back()) && (word.ends_with('(') || !joins(after))
    })
}

/// Migrations of one folder are told apart by the digits at their beginning; one may have a file for each engine.
fn repeated(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut numbers: BTreeMap<String, String> = BTreeMap::new();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            wrong.extend(repeated(&path));
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let migration = name.split('.').next().unwrap_or_default().to_owned();
            let number: String = name.chars().take_while(char::is_ascii_digit).collect();
            if let Some(other) = numbers.insert(number.clone(), migration.clone())
                && !number.is_empty()
                && other != migration
            {
                wrong.push(format!("{}: `{migration}` has the number of `{other}`", folder.display()));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_work_long_files_and_files_without_a_purpose_are_found() {
        let long = "//! Long.\n".repeat(LINES_MAX + 1);
        let tested = format!("//! Short.\nmod tests {{\n{}}}\n", "x\n".repeat(LINES_MAX));
        let unfinished = format!("//! A.\n// {}: later\nlet a = {}1);\n", UNFINISHED[0], UNFINISHED[4]);
        let path = Path::new("services/a/src/lib.rs");
        assert_eq!(faults(path, "use std::fs;\n").len(), 1);
        assert_eq!(faults(path, &long).len(), 1);
        assert_eq!(faults(path, &tested), Vec::<String>::new());
        assert_eq!(faults(path, &unfinished).len(), 2);
        assert_eq!(faults(path, "//! A.\nfn autodoc() { my_todo(); }\n"), Vec::<String>::new());
    }
}
