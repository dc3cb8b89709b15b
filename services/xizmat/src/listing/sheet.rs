//! A spreadsheet as a workbook or as comma-separated values (RFC 4180), as programs of several countries write them: with `;` or
//! tabs too.

use std::collections::BTreeSet;

use super::{
    columns::{self, Row},
    workbook,
};

/// Larger files are no lists of services.
pub const BYTES_MAX: u64 = 16 << 20;
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Columns by their places, and rows by the numbers that the spreadsheet shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub header: Vec<String>,
    pub rows: Vec<(u32, Row)>,
}

impl Sheet {
    /// From one; 0: there is none that begins so.
    pub fn column(&self, beginning: &str) -> u32 {
        let begins = |name: &str| {
            let rest = name.strip_prefix(beginning).filter(|_| !beginning.is_empty());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let place = self.header.iter().position(|name| begins(name));
        place.map_or(0, |place| number(place + 1))
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Reads a file; a sentence says why it cannot be.
pub fn read(bytes: &[u8]) -> Result<Sheet, String> {
    let records = if workbook::is_one(bytes) { workbook::read(bytes)? } else { separated(bytes)? };
    let mut sheet = Sheet::default();
    for (row, record) in records {
        // Lines of a cell are kept, also empty ones: they say which item of a list something belongs to.
        let cells = record.iter().map(|cell| cell.trim_matches([' ', '\t', '\u{a0}']).replace("\r\n", "\n"));
        if sheet.header.is_empty() {
            sheet.header = cells.collect();
            continue;
        }
        // Otherwise the rest of a text with a separator in it would be gone without a word.
        if record.iter().skip(sheet.header.len()).any(|cell| !cell.trim().is_empty()) {
            return Err(format!(
                "row {row} has more cells than there are columns; put quotation marks around a text with commas"
            ));
        }
        let named = sheet.header.iter().cloned().zip(cells).filter(|(_, cell)| !cell.trim().is_empty());
        let filled: Row = named.collect();
        if !filled.is_empty() {
            sheet.rows.push((row, filled));
        }
    }
    Ok(sheet)
}

fn separated(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| "the file is not UTF-8; save it as “CSV UTF-8”".to_owned())?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let told = |(index, record): (usize, Result<csv::StringRecord, csv::Error>)| {
        let record = record.map_err(|error| error.to_string())?;
        Ok((number(index + 1), record.iter().map(str::to_owned).collect()))
    };
    reader.records().enumerate().map(told).collect()
}

/// Whichever stands most often in the first line.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default().as_bytes();
    let count = |separator: &u8| first.iter().filter(|byte| *byte == separator).count();
    // Of equals the first: `max_by_key` would take the last.
    SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(b',')
}

/// Names in the header that are no columns, and how often a column stands there twice.
pub fn strange(sheet: &Sheet) -> Vec<(u32, &str)> {
    let known: BTreeSet<String> = columns::all().into_iter().collect();
    let mut seen = BTreeSet::new();
    let places = sheet.header.iter().enumerate().filter(|(_, name)| !known.contains(*name) || !seen.insert(*name));
    places.map(|(place, name)| (number(place + 1), name.as_str())).collect()
}

/// How a spreadsheet is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Separated,
    Workbook,
}

/// Every column, one row a service.
pub fn write(rows: &[Row], form: Form) -> Result<Vec<u8>, String> {
    let header = columns::all();
    let mut records: Vec<Vec<&str>> = vec![header.iter().map(String::as_str).collect()];
    for row in rows {
        records.push(header.iter().map(|name| row.get(name).map(String::as_str).unwrap_or_default()).collect());
    }
    if form == Form::Workbook {
        return workbook::write(&records);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        writer.write_record(record).map_err(|error| error.to_string())?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_of_other_countries_marks_at_the_beginning_and_empty_rows_are_understood() {
        for separator in [",", ";", "\t"] {
            let text =
                format!("\u{feff}name{separator}title.en\n\n copy {separator}\"Copy{separator} of\"\n{separator}\n");
            let sheet = read(text.as_bytes()).unwrap();
            assert_eq!(sheet.header, ["name", "title.en"], "{separator:?}");
            assert_eq!(sheet.rows.len(), 1, "{separator:?}: {sheet:?}");
            assert_eq!(sheet.rows[0].1["title.en"], format!("Copy{separator} of"));
            assert_eq!((sheet.column("title"), sheet.column("needs")), (2, 0));
        }
        assert!(read(b"name\n\xff").unwrap_err().contains("UTF-8"));
    }

    #[test]
    fn a_text_that_its_separator_cuts_in_two_is_refused_and_not_shortened() {
        assert!(read(b"name,title.en\na,Fine,\nb,Copy, of a deed\n").unwrap_err().starts_with("row 3 "));
        assert_eq!(read(b"name,title.en\na,Fine, ,\n").unwrap().rows.len(), 1, "empty cells hold nothing");
    }

    #[test]
    fn a_column_that_is_not_known_or_stands_twice_is_strange() {
        let sheet = read(b"name,titel.en,name\na,b,c\n").unwrap();
        assert_eq!(strange(&sheet), [(2, "titel.en"), (3, "name")]);
    }
}
