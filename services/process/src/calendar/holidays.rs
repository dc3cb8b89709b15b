//! Uzbekistan's public holidays: fixed days by rule, those that follow the moon by dated list.

use jiff::civil::{Date, date};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    pub day: Date,
    pub name: &'static str,
}

const FIRST_YEAR: i16 = 2024;
const LAST_YEAR: i16 = 2030;

/// Labour Code: the same day every year.
const FIXED: [(i8, i8, &str); 7] = [
    (1, 1, "New Year"),
    (3, 8, "Women's Day"),
    (3, 21, "Navroʻz"),
    (5, 9, "Day of Memory and Honour"),
    (9, 1, "Independence Day"),
    (10, 1, "Teachers' and Instructors' Day"),
    (12, 8, "Constitution Day"),
];

/// First days of Ramazon Hayit and Qurbon Hayit. From 2027 these are astronomical expectations; the state announces the day
/// shortly before, so a host replaces this list by one it loaded.
const HAYIT: [(i16, i8, i8, &str); 14] = [
    (2024, 4, 10, "Ramazon Hayit"),
    (2024, 6, 16, "Qurbon Hayit"),
    (2025, 3, 30, "Ramazon Hayit"),
    (2025, 6, 6, "Qurbon Hayit"),
    (2026, 3, 20, "Ramazon Hayit"),
    (2026, 5, 27, "Qurbon Hayit"),
    (2027, 3, 10, "Ramazon Hayit"),
    (2027, 5, 16, "Qurbon Hayit"),
    (2028, 2, 27, "Ramazon Hayit"),
    (2028, 5, 5, "Qurbon Hayit"),
    (2029, 2, 15, "Ramazon Hayit"),
    (2029, 4, 24, "Qurbon Hayit"),
    (2030, 2, 5, "Ramazon Hayit"),
    (2030, 4, 13, "Qurbon Hayit"),
];

pub fn standard_holidays() -> Vec<Holiday> {
    let fixed = (FIRST_YEAR..=LAST_YEAR)
        .flat_map(|year| FIXED.map(|(month, day, name)| Holiday { day: date(year, month, day), name }));
    let hayit = HAYIT.map(|(year, month, day, name)| Holiday { day: date(year, month, day), name });
    fixed.chain(hayit).collect()
}
