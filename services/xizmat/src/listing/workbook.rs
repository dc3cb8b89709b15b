//! A spreadsheet as Excel and LibreOffice keep it (Office Open XML, `.xlsx`): its first sheet, as text.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use rust_xlsxwriter::{Format, FormatAlign, Workbook};

/// Larger ones are no lists of services; what is in a file can be a thousand times longer than the file.
pub const BYTES_MAX: usize = 4 << 20;
const ROWS_MAX: u32 = 10_000;
const COLUMNS_MAX: u32 = 200;
/// Wide enough to read a title in.
const WIDTH: f64 = 28.0;

/// Whether these are the bytes of a workbook: a ZIP archive begins so, and no text does.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Rows that hold something, by the numbers that the spreadsheet shows. A formula counts as what it showed when it was saved.
pub fn read(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, String> {
    if bytes.len() > BYTES_MAX {
        return Err(format!("{} bytes are too many for a list of services", bytes.len()));
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let name = book.sheet_names().into_iter().next().ok_or("there is no sheet in the workbook")?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| error.to_string())?;
    let mut rows: Vec<(u32, Vec<String>)> = Vec::new();
    // Cell by cell: a single one at the sheet's far end would otherwise stand for everything before it.
    while let Some(cell) = cells.next_cell().map_err(|error| error.to_string())? {
        let (row, column) = cell.get_position();
        let Some(text) = text(cell.get_value()) else { continue };
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(format!("row {}, column {} lies outside of any list of services", row + 1, column + 1));
        }
        if rows.last().is_none_or(|(last, _)| *last != row + 1) {
            rows.push((row + 1, Vec::new()));
        }
        if let Some((_, cells)) = rows.last_mut() {
            let place = column as usize;
            cells.resize(cells.len().max(place + 1), String::new());
            cells[place] = text;
        }
    }
    Ok(rows)
}

/// A date stays the date that was typed, whatever the cell's format shows of it.
fn text(value: &DataRef<'_>) -> Option<String> {
    let text = match value {
        DataRef::Empty => None,
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            Some(format!("{year:04}-{month:02}-{day:02}"))
        }
        DataRef::DateTime(length) => Some(length.as_f64().to_string()),
        DataRef::Int(number) => Some(number.to_string()),
        DataRef::Float(number) => Some(number.to_string()),
        DataRef::Bool(word) => Some(word.to_string()),
        DataRef::SharedString(text) => Some((*text).to_owned()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Some(text.clone()),
        DataRef::Error(error) => Some(error.to_string()),
    };
    text.filter(|text| !text.is_empty())
}

/// Every cell as text: what begins with a sign of a formula stays what it says.
pub fn write(records: &[Vec<&str>]) -> Result<Vec<u8>, String> {
    let told = |error: rust_xlsxwriter::XlsxError| error.to_string();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0).map_err(told)?;
    let (head, cell) = (Format::new().set_bold(), Format::new().set_text_wrap().set_align(FormatAlign::Top));
    for (row, record) in (0_u32..).zip(records) {
        for (column, text) in (0_u16..).zip(record).filter(|(_, text)| !text.is_empty()) {
            let format = if row == 0 { &head } else { &cell };
            sheet.write_string_with_format(row, column, *text, format).map_err(told)?;
        }
    }
    for (column, _) in (0_u16..).zip(records.first().into_iter().flatten()) {
        sheet.set_column_width(column, WIDTH).map_err(told)?;
    }
    book.save_to_buffer().map_err(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was_with_the_numbers_of_its_rows() {
        let records =
            [vec!["name", "title.en", "needs.en"], vec!["copy", "=1+1", "one\ntwo"], vec![], vec!["", "@x", ""]];
        let bytes = write(&records).unwrap();
        assert!(is_one(&bytes));
        let rows = read(&bytes).unwrap();
        let texts = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let expected = [(1, texts(&records[0])), (2, texts(&records[1])), (4, texts(&["", "@x"]))];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_date_that_a_spreadsheet_made_of_what_was_typed_is_that_date_again() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 1, 31).unwrap();
        sheet.write_with_format(0, 0, &day, &Format::new().set_num_format("dd.mm.yyyy")).unwrap();
        sheet.write(0, 1, 10).unwrap();
        let rows = read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(rows, [(1, vec!["2026-01-31".to_owned(), "10".to_owned()])]);
    }

    #[test]
    fn what_is_no_workbook_or_reaches_beyond_a_list_is_refused() {
        assert!(!is_one(b"name,title.en\n"));
        assert!(read(b"PK\x03\x04 and then nothing").is_err());
        assert!(read(&vec![0; BYTES_MAX + 1]).unwrap_err().contains("too many"));
        let mut book = Workbook::new();
        book.add_worksheet().write(1_048_575, 16_383, "far away").unwrap();
        let refused = read(&book.save_to_buffer().unwrap()).unwrap_err();
        assert!(refused.starts_with("row 1048576, column 16384 "), "{refused}");
    }
}
