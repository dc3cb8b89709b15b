//! Dates and sums of money the way people write them in each language. Civil time in Uzbekistan is UTC+5 all year.

use kernel::{Language, Money, Time};

const TASHKENT_OFFSET_S: i64 = 5 * 3600;

const UZ: [&str; 12] =
    ["yanvar", "fevral", "mart", "aprel", "may", "iyun", "iyul", "avgust", "sentabr", "oktabr", "noyabr", "dekabr"];
const UZ_CYRL: [&str; 12] = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
];
const KAA: [&str; 12] =
    ["yanvar", "fevral", "mart", "aprel", "may", "iyun", "iyul", "avgust", "sentyabr", "oktyabr", "noyabr", "dekabr"];
const RU: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];
const EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day in Tashkent: `2026-yil 24-noyabr`, `24 ноября 2026 года`, `24 November 2026`.
pub fn date(language: Language, time: Time) -> String {
    let (year, month, day) = civil((time.seconds() + TASHKENT_OFFSET_S).div_euclid(86_400));
    written(language, year, month, day)
}

/// The day and the time in Tashkent, to the minute.
pub fn date_time(language: Language, time: Time) -> String {
    let second = (time.seconds() + TASHKENT_OFFSET_S).rem_euclid(86_400);
    format!("{}, {:02}:{:02}", date(language, time), second / 3600, second / 60 % 60)
}

/// A plain ISO 8601 day; what is not one is shown as it is.
pub fn date_of_iso(language: Language, iso: &str) -> String {
    let mut parts = iso.splitn(3, '-').map(str::parse::<i64>);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month @ 1..=12)), Some(Ok(day @ 1..=31))) => written(language, year, month, day),
        _ => iso.to_owned(),
    }
}

fn written(language: Language, year: i64, month: i64, day: i64) -> String {
    let name =
        |names: [&'static str; 12]| usize::try_from(month - 1).ok().and_then(|at| names.get(at).copied()).unwrap_or("");
    match language {
        Language::Uz => format!("{year}-yil {day}-{}", name(UZ)),
        Language::UzCyrl => format!("{year} йил {day} {}", name(UZ_CYRL)),
        Language::Kaa => format!("{year}-jıl {day}-{}", name(KAA)),
        Language::Ru => format!("{day} {} {year} года", name(RU)),
        Language::En => format!("{day} {} {year}", name(EN)),
    }
}

/// `41 200 soʻm`, with tiyin only where there are any.
pub fn money(language: Language, amount: Money) -> String {
    let number = amount.to_string();
    let number = number.split('\u{a0}').next().unwrap_or_default();
    let number = number.strip_suffix(",00").unwrap_or(number);
    let unit = match language {
        Language::Uz => "soʻm",
        Language::UzCyrl => "сўм",
        Language::Kaa => "swm",
        Language::Ru => "сум",
        Language::En => "soum",
    };
    format!("{number}\u{a0}{unit}")
}

/// Days since 1970-01-01 to the proleptic Gregorian calendar (Hinnant, `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_in_tashkent() {
        let late = Time::from_seconds(1_795_552_800 - 60);
        assert_eq!(date_time(Language::En, late), format!("{}, {}", date(Language::En, late), "01:39"));
        assert_eq!(date(Language::Uz, Time::from_seconds(0)), "1970-yil 1-yanvar");
        // 2028-02-29T20:00Z is already March in Tashkent.
        assert_eq!(date(Language::Ru, Time::from_seconds(1_835_467_200)), "1 марта 2028 года");
        assert_eq!(date_of_iso(Language::En, "2026-02-09"), "9 February 2026");
        assert_eq!(date_of_iso(Language::En, "soon"), "soon");
    }

    #[test]
    fn tiyin_are_shown_only_where_there_are_any() {
        assert_eq!(money(Language::Uz, Money::uzs(4_120_000)), "41\u{202f}200\u{a0}soʻm");
        assert_eq!(money(Language::Ru, Money::uzs(4_120_050)), "41\u{202f}200,50\u{a0}сум");
    }
}
