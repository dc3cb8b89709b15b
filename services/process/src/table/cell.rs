//! One cell, as officials read it: `-`, `< 18`, `18..65`, `"a", "b"`, `true`, `2026-01-31`, `not("a")`.

use jiff::civil::Date;
use kernel::Decimal;

use crate::expr::{Type, number_of};

/// What a cell asks of its input.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// `-`
    Any,
    /// One of these is enough.
    One(Vec<Test>),
    /// None of these may be so.
    Not(Vec<Test>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    Compared(Relation, Constant),
    /// With both ends.
    Between(Constant, Constant),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Is,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constant {
    Bool(bool),
    Number(Decimal),
    Text(String),
    Date(Date),
}

/// The longer sign first.
const SIGNS: [(&str, Relation); 4] =
    [("<=", Relation::AtMost), (">=", Relation::AtLeast), ("<", Relation::Less), (">", Relation::More)];

/// Reads a cell; what is wrong with it is a plain sentence.
pub fn read(cell: &str) -> Result<Cell, String> {
    let cell = cell.trim();
    if cell == "-" {
        return Ok(Cell::Any);
    }
    match cell.strip_prefix("not(").and_then(|rest| rest.strip_suffix(')')) {
        Some(inside) => tests(inside).map(Cell::Not),
        None => tests(cell).map(Cell::One),
    }
}

fn tests(text: &str) -> Result<Vec<Test>, String> {
    parts(text).into_iter().map(|part| test(part.trim())).collect()
}

/// Split at the commas that stand outside quotation marks.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut from, mut open) = (Vec::new(), 0, None);
    for (at, letter) in text.char_indices() {
        match (open, letter) {
            (None, '"' | '\'') => open = Some(letter),
            (Some(mark), letter) if mark == letter => open = None,
            (None, ',') => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

fn test(text: &str) -> Result<Test, String> {
    for (sign, relation) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign) {
            return constant(rest.trim()).map(|constant| Test::Compared(relation, constant));
        }
    }
    if !text.starts_with(['"', '\''])
        && let Some((from, to)) = text.split_once("..")
    {
        return Ok(Test::Between(constant(from.trim())?, constant(to.trim())?));
    }
    constant(text).map(|constant| Test::Compared(Relation::Is, constant))
}

fn constant(text: &str) -> Result<Constant, String> {
    for mark in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark)) {
            let plain = !inside.contains(['"', '\'', '\\']) && !inside.contains(char::is_control);
            return if plain {
                Ok(Constant::Text(inside.to_owned()))
            } else {
                Err(format!("{text} has a quotation mark or a backslash in it"))
            };
        }
    }
    match text {
        "true" => return Ok(Constant::Bool(true)),
        "false" => return Ok(Constant::Bool(false)),
        _ => {}
    }
    if text.len() == 10
        && let Ok(day) = text.parse::<Date>()
    {
        return Ok(Constant::Date(day));
    }
    number_of(text).map(Constant::Number).map_err(|_| {
        format!(
            "`{text}` is no number, no date such as 2026-01-31, no text in quotation marks and neither true nor false"
        )
    })
}

impl Cell {
    /// The same as an expression over the input's expression; nothing where whatever comes is taken.
    pub fn condition(&self, input: &str, of: &Type) -> Option<String> {
        match self {
            Self::Any => None,
            Self::One(tests) => Some(any_of(tests, input, of)),
            Self::Not(tests) => Some(format!("!({})", any_of(tests, input, of))),
        }
    }
}

fn any_of(tests: &[Test], input: &str, of: &Type) -> String {
    let told: Vec<String> = tests.iter().map(|test| test.condition(input, of)).collect();
    told.join(" || ")
}

impl Test {
    fn condition(&self, input: &str, of: &Type) -> String {
        match self {
            Self::Compared(relation, constant) => format!("({input}) {} {}", relation.sign(), constant.written(of)),
            Self::Between(from, to) => {
                format!("({input}) >= {} && ({input}) <= {}", from.written(of), to.written(of))
            }
        }
    }
}

impl Relation {
    fn sign(self) -> &'static str {
        match self {
            Self::Is => "==",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

impl Constant {
    /// As an expression: a number beside an amount is an amount in so'm.
    fn written(&self, of: &Type) -> String {
        match self {
            Self::Bool(yes) => yes.to_string(),
            Self::Number(number) if *of == Type::Money => format!("money('{number}')"),
            Self::Number(number) if number.scale() == 0 => number.to_string(),
            Self::Number(number) => format!("decimal('{number}')"),
            Self::Text(text) => format!("'{text}'"),
            Self::Date(day) => format!("date('{day}')"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: &str, of: &Type) -> String {
        read(cell).unwrap_or_else(|wrong| panic!("{cell}: {wrong}")).condition("x", of).unwrap_or_default()
    }

    #[test]
    fn a_cell_is_a_condition_of_the_type_of_its_input() {
        for (cell, of, condition) in [
            ("-", Type::Int, ""),
            ("< 18", Type::Int, "(x) < 18"),
            (">= -5", Type::Int, "(x) >= -5"),
            ("18..65", Type::Int, "(x) >= 18 && (x) <= 65"),
            ("0.5..1.25", Type::Decimal, "(x) >= decimal('0.5') && (x) <= decimal('1.25')"),
            ("<= 41200.50", Type::Money, "(x) <= money('41200.50')"),
            ("\"a\", 'b, c'", Type::text(), "(x) == 'a' || (x) == 'b, c'"),
            ("not(\"a\", \"b\")", Type::text(), "!((x) == 'a' || (x) == 'b')"),
            ("true", Type::Bool, "(x) == true"),
            ("2026-01-31", Type::Date, "(x) == date('2026-01-31')"),
            ("1, > 7", Type::Int, "(x) == 1 || (x) > 7"),
        ] {
            assert_eq!(written(cell, &of), condition, "{cell}");
        }
    }

    #[test]
    fn what_nobody_could_read_is_refused() {
        for cell in ["", "food", "< ", "1..", "\"a", "'it\"s'", "'a\\'", "1,", "=> 5", "2026-02-30", "1 000"] {
            assert!(read(cell).is_err(), "{cell}");
        }
    }
}
