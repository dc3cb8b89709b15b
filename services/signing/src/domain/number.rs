//! Numbers of documents: `{agency}-{year}-{n}`, without gaps within an agency, a year and a pattern.

use kernel::Failure;

pub const STANDARD: &str = "{agency}-{year}-{n}";
const PATTERN_CHARS_MAX: usize = 60;

/// Fills a pattern in. It must name `{agency}`, `{year}` and `{n}` (else two documents could get one number), and
/// beside them only letters, digits, dots, dashes and slashes.
pub fn fill(pattern: &str, agency: &str, year: i16, n: i64) -> Result<String, Failure> {
    let refused = || {
        Failure::invalid(
            "document.numbering",
            "The numbering must hold {agency}, {year} and {n}, and beside them only letters, digits, dots, dashes and slashes.",
        )
    };
    let mut rest = pattern.to_owned();
    for (name, value) in [("{agency}", agency.to_owned()), ("{year}", year.to_string()), ("{n}", n.to_string())] {
        if rest.matches(name).count() != 1 {
            return Err(refused());
        }
        rest = rest.replace(name, &value);
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-./".contains(letter);
    if pattern.len() > PATTERN_CHARS_MAX || !rest.chars().all(plain) {
        return Err(refused());
    }
    Ok(rest)
}

/// Which count of a pattern a number is; none where it is of another pattern.
pub fn count(pattern: &str, agency: &str, year: i64, given: &str) -> Option<i64> {
    let named = pattern.replace("{agency}", agency).replace("{year}", &year.to_string());
    let (before, after) = named.split_once("{n}")?;
    let count: i64 = given.strip_prefix(before)?.strip_suffix(after)?.parse().ok()?;
    (format!("{before}{count}{after}") == given).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_could_give_one_number_twice_is_refused() {
        assert_eq!(fill(STANDARD, "justice", 2026, 17).unwrap(), "justice-2026-17");
        assert_eq!(fill("{year}/{agency}.{n}", "justice", 2026, 1).unwrap(), "2026/justice.1");
        assert_eq!(count(STANDARD, "justice", 2026, "justice-2026-17"), Some(17));
        assert_eq!(count("{year}/{agency}.{n}", "justice", 2026, "2026/justice.9"), Some(9));
        for foreign in ["justice-2025-17", "notary-2026-17", "justice-2026-017", "justice-2026-", ""] {
            assert_eq!(count(STANDARD, "justice", 2026, foreign), None, "{foreign}");
        }
        for pattern in
            ["{agency}-{n}", "{year}-{n}", "{agency}-{year}", "{agency}-{year}-{n}-{n}", "<{agency}-{year}-{n}"]
        {
            assert_eq!(fill(pattern, "justice", 2026, 1).unwrap_err().code, "document.numbering", "{pattern}");
        }
    }
}
