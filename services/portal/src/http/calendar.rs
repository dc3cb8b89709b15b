//! The day by which an application must be answered, as a file for the calendar that its applicant keeps.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::{Language, Time};
use proto::eservice::v1::Case;

use super::{
    Shared,
    fault::{Refused, no_such_page},
    submit::read_case,
    visit::{CasePlace, Citizen},
};
use crate::{
    domain::calendar::{self, Entry},
    locales::TEXTS,
};

/// Known once the application was sent.
pub async fn deadline(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let case = read_case(&portal, &visit, &session, &at).await?;
    if case.submitted_us == 0 {
        return Err(no_such_page().into());
    }
    let link = format!("{}{}", portal.config.base_url, at.path(""));
    let file = calendar::written(&entry(&case, visit.language, link), portal.clock.now());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8; method=PUBLISH")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"application.ics\"")),
    ];
    Ok((headers, file).into_response())
}

/// It stands while somebody must answer by a day; else it is taken back, and the day is when that came about.
fn entry(case: &Case, language: Language, link: String) -> Entry {
    let stands = case.due_us > 0 && case.phase != "ended";
    let last = case.timeline.iter().map(|row| row.time_us).max();
    let day = if case.due_us > 0 { case.due_us } else { last.unwrap_or(case.submitted_us) };
    let values = [
        ("service", case.service_title.as_str().into()),
        ("number", case.number.as_str().into()),
        ("link", link.as_str().into()),
    ];
    Entry {
        uid: super::frame::hex(&case.case_id),
        version: case.version,
        day: Time::from_micros(day),
        cancelled: !stands,
        language,
        title: TEXTS.with(language, "calendar-title", &values),
        text: TEXTS.with(language, "calendar-text", &values),
        link,
    }
}

#[cfg(test)]
mod tests {
    use proto::eservice::v1::TimelineRow;

    use super::*;

    /// 24 November 2026, 09:30 in Tashkent.
    const NOW: i64 = 1_795_494_600_000_000;
    const DAY: i64 = 86_400_000_000;

    fn case() -> Case {
        Case {
            case_id: vec![7; 16],
            version: 9,
            number: "justice-2026-17".into(),
            service_title: "Copy of a marriage certificate".into(),
            phase: "running".into(),
            submitted_us: NOW - DAY,
            due_us: NOW + 2 * DAY,
            timeline: vec![TimelineRow { time_us: NOW, ..Default::default() }],
            ..Default::default()
        }
    }

    fn told(case: &Case) -> String {
        let file = calendar::written(&entry(case, Language::En, "https://x.uz/a".into()), Time::from_micros(NOW));
        file.replace("\r\n ", "")
    }

    #[test]
    fn the_day_by_law_stands_under_service_and_number_and_nothing_of_the_person() {
        let file = told(&Case { office: "Yunusabad".into(), rating_words: "Dilnoza".into(), ..case() });
        for line in [
            "UID:07070707070707070707070707070707@xizmat",
            "SEQUENCE:9",
            "STATUS:CONFIRMED",
            "DTSTART;VALUE=DATE:20261126",
            "SUMMARY;LANGUAGE=en:Copy of a marriage certificate\\, justice-2026-17: answer due by law",
            "URL:https://x.uz/a",
        ] {
            assert!(file.lines().any(|told| told == line), "{line}: {file}");
        }
        assert!(!file.contains("Yunusabad") && !file.contains("Dilnoza"), "{file}");
    }

    #[test]
    fn an_application_that_ended_or_came_back_takes_the_same_entry_out_of_the_calendar() {
        for (phase, due_us, day) in
            [("ended", 0, "20261124"), ("ended", NOW + 2 * DAY, "20261126"), ("returned", 0, "20261124")]
        {
            let file = told(&Case { phase: phase.into(), due_us, version: 12, ..case() });
            for line in ["UID:07070707070707070707070707070707@xizmat", "SEQUENCE:12", "STATUS:CANCELLED"] {
                assert!(file.lines().any(|told| told == line), "{phase}: {line}: {file}");
            }
            assert!(file.contains(&format!("DTSTART;VALUE=DATE:{day}")), "{phase}: {file}");
        }
    }
}
