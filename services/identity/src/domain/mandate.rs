//! For whom a provider says that somebody acts: a bounded list of companies that can be recognised again.

use std::collections::BTreeMap;

use kernel::tin::Tin;

use super::person::Company;

/// Whoever speaks for a company by its charter; the word of definitions and assertions.
pub const DIRECTOR: &str = "director";
/// Nobody directs more in earnest; more would be more to choose from than a page shows.
const COMPANIES_MAX: usize = 50;
const NAME_CHARS_MAX: usize = 300;

/// Companies with a taxpayer number and a name, each once, in the order of their numbers.
pub fn directed(companies: &[Company]) -> Vec<&Company> {
    let known: BTreeMap<&str, &Company> = companies
        .iter()
        .filter(|company| is_tin(company.tin.reveal()) && is_name(company.name.reveal()))
        .map(|company| (company.tin.reveal().as_str(), company))
        .collect();
    known.into_values().take(COMPANIES_MAX).collect()
}

fn is_tin(text: &str) -> bool {
    Tin::parse(text).is_ok_and(|tin| tin.reveal() == text)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= NAME_CHARS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_needs_a_number_and_a_name_and_counts_once() {
        let company =
            |tin: &str, name: &str| Company { tin: tin.to_owned().into(), name: name.to_owned().into(), basic: false };
        let long = "a".repeat(NAME_CHARS_MAX + 1);
        let told = [
            company("309876543", "Anor"),
            company("301234567", "Bahor"),
            company("309876543", "Anor"),
            company("30123456", "Eight digits"),
            company("30123456x", "A letter"),
            company("301234568", ""),
            company("301234569", &long),
        ];
        let numbers: Vec<&str> = directed(&told).into_iter().map(|company| company.tin.reveal().as_str()).collect();
        assert_eq!(numbers, ["301234567", "309876543"]);
        let many: Vec<Company> = (0..60).map(|number| company(&format!("3000000{number:02}"), "Many")).collect();
        assert_eq!(directed(&many).len(), COMPANIES_MAX);
    }
}
