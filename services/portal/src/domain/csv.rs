//! Comma-separated values (RFC 4180) that a spreadsheet opens without running what somebody typed, and sums as people type them.

/// Signs with which a spreadsheet begins a formula, in either width.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A value in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Whatever it says, it stays text.
    Text(String),
    /// Made by us: digits, a sign and a point.
    Number(String),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn count(number: i64) -> Self {
        Self::Number(number.to_string())
    }

    /// An amount in the currency's main unit.
    pub fn sum(amount: &Option<proto::Money>) -> Self {
        Self::Number(kernel::Money::uzs(amount.as_ref().map_or(0, |amount| amount.minor)).to_decimal().to_string())
    }

    fn written(&self) -> String {
        let text = match self {
            Self::Number(number) => return number.clone(),
            Self::Text(text) if text.starts_with(FORMULA) => format!("'{text}"),
            Self::Text(text) => text.clone(),
        };
        if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
    }
}

/// One record, with the line end that the RFC asks for.
pub fn row(cells: impl IntoIterator<Item = Cell>) -> String {
    let written: Vec<String> = cells.into_iter().map(|cell| cell.written()).collect();
    format!("{}\r\n", written.join(","))
}

/// The names of the columns.
pub fn header(names: &[&str]) -> String {
    row(names.iter().map(|name| Cell::text(*name)))
}

/// Tiyin of a sum that somebody typed: `41200`, `41 200,50`. Nothing else is a sum.
pub fn tiyin(typed: &str) -> Option<i64> {
    let plain: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (whole, part) = plain.split_once([',', '.']).unwrap_or((plain.as_str(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<2}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_quoted_by_the_rules_and_ends_as_they_say() {
        let cells = ["plain", "with \"quotes\"", "a,b", "two\nlines"].map(Cell::text);
        assert_eq!(row(cells), "plain,\"with \"\"quotes\"\"\",\"a,b\",\"two\nlines\"\r\n");
        assert_eq!(header(&["day", "net"]), "day,net\r\n");
    }

    #[test]
    fn what_somebody_typed_never_becomes_a_formula_and_our_own_numbers_stay_numbers() {
        for typed in ["=1+1", "+998", "-2", "@SUM(A1)", "\t=1", "＝1"] {
            assert!(row([Cell::text(typed)]).trim_start_matches('"').starts_with('\''), "{typed:?}");
        }
        let owed = Some(proto::Money { minor: -4_120_050, currency: "UZS".into() });
        assert_eq!(row([Cell::sum(&owed), Cell::sum(&None), Cell::count(7)]), "-41200.50,0.00,7\r\n");
    }

    #[test]
    fn a_sum_is_read_as_people_write_it_and_nothing_else_is_one() {
        let read = [("41200", 4_120_000), ("41 200,50", 4_120_050), ("41\u{a0}200.5", 4_120_050), ("0,01", 1)];
        for (typed, expected) in read {
            assert_eq!(tiyin(typed), Some(expected), "{typed}");
        }
        for wrong in ["", "-1", "1,234", "1.2.3", "x", "99999999999999999999"] {
            assert_eq!(tiyin(wrong), None, "{wrong}");
        }
    }
}
