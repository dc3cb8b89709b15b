//! A length of time as people read it in each language.

use api::{Span, Unit};

/// `2 working days` in a language.
pub fn said(span: Span, language: &str) -> String {
    let amount = span.amount;
    let word = match language {
        "uz" => latin(span.unit),
        "uz-Cyrl" => cyrillic(span.unit),
        "kaa" => karakalpak(span.unit),
        "ru" => russian(span.unit, amount),
        _ => return span.to_string(),
    };
    format!("{amount} {word}")
}

fn latin(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "soniya",
        Unit::Minutes => "daqiqa",
        Unit::Hours => "soat",
        Unit::Days => "kun",
        Unit::WorkingDays => "ish kuni",
        Unit::Weeks => "hafta",
        Unit::Months => "oy",
        Unit::Years => "yil",
    }
}

fn cyrillic(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "сония",
        Unit::Minutes => "дақиқа",
        Unit::Hours => "соат",
        Unit::Days => "кун",
        Unit::WorkingDays => "иш куни",
        Unit::Weeks => "ҳафта",
        Unit::Months => "ой",
        Unit::Years => "йил",
    }
}

fn karakalpak(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "sekund",
        Unit::Minutes => "minut",
        Unit::Hours => "saat",
        Unit::Days => "kún",
        Unit::WorkingDays => "jumıs kúni",
        Unit::Weeks => "hápte",
        Unit::Months => "ay",
        Unit::Years => "jıl",
    }
}

fn russian(unit: Unit, amount: u32) -> &'static str {
    let (one, few, many) = match unit {
        Unit::Seconds => ("секунда", "секунды", "секунд"),
        Unit::Minutes => ("минута", "минуты", "минут"),
        Unit::Hours => ("час", "часа", "часов"),
        Unit::Days => ("день", "дня", "дней"),
        Unit::WorkingDays => ("рабочий день", "рабочих дня", "рабочих дней"),
        Unit::Weeks => ("неделя", "недели", "недель"),
        Unit::Months => ("месяц", "месяца", "месяцев"),
        Unit::Years => ("год", "года", "лет"),
    };
    match (amount % 10, amount % 100) {
        (1, teen) if teen != 11 => one,
        (2..=4, teen) if !(12..=14).contains(&teen) => few,
        _ => many,
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn lengths_of_time_are_said_in_each_language() {
        let days = |amount: u32| format!("{amount} working days").parse().unwrap();
        assert_eq!(said(days(3), "ru"), "3 рабочих дня");
        assert_eq!(said(days(11), "ru"), "11 рабочих дней");
        assert_eq!(said(days(21), "ru"), "21 рабочий день");
        assert_eq!(said(days(3), "uz"), "3 ish kuni");
        assert_eq!(said(days(1), "en"), "1 working day");
    }
}
