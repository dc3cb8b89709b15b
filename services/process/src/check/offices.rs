//! Where an agency's offices are and what they serve: no place may belong to two of them.

use std::collections::BTreeMap;

use api::{Agency, Office};

use super::{findings::Findings, names::is_name, passport::date};

/// Digits of the country, a region, a district or city, and a settlement.
const LENGTHS: [usize; 4] = [2, 4, 7, 10];
const COUNTRY: &str = "17";

/// Judges each office by itself, and all of them beside each other.
pub fn check(agency: &Agency, findings: &mut Findings) {
    let offices = &agency.spec.offices;
    let mut serves: BTreeMap<&str, &str> = BTreeMap::new();
    for (index, office) in offices.iter().enumerate() {
        let path = format!("spec.offices[{index}]");
        named(office, &offices[..index], &path, findings);
        for (place, area) in office.soato.iter().enumerate() {
            let path = format!("{path}.soato[{place}]");
            if !is_soato(area) {
                findings.error(
                    "office.soato",
                    &path,
                    format!("`{area}` is not a SOATO code"),
                    "write the digits of a region (`1726`), a district or city (`1726266`), a settlement (10 digits), or `17` for the country",
                );
            } else if let Some(other) = serves.insert(area, &office.name) {
                findings.error(
                    "office.area-twice",
                    &path,
                    format!("the area {area} is listed for `{other}` already"),
                    "leave it to one office; an area within it may have an office of its own",
                );
            }
        }
        for (place, day) in office.closed.iter().enumerate() {
            date(&day.date, &format!("{path}.closed[{place}].date"), findings);
        }
    }
}

fn named(office: &Office, before: &[Office], path: &str, findings: &mut Findings) {
    let path = format!("{path}.name");
    if !is_name(&office.name) {
        findings.error(
            "definition.name",
            &path,
            "a name has small letters, digits and dashes",
            "for example `tashkent-yunusabad`",
        );
    }
    if before.iter().any(|other| other.name == office.name) {
        findings.error(
            "definition.duplicate-name",
            &path,
            format!("`{}` is used twice", office.name),
            "give one of them another name",
        );
    }
}

fn is_soato(area: &str) -> bool {
    LENGTHS.contains(&area.len()) && area.starts_with(COUNTRY) && area.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::check::{Options, check_json};

    fn found(offices: &Value) -> Vec<String> {
        let title = json!({"uz": "A", "uz-Cyrl": "А", "kaa": "A", "ru": "А", "en": "A"});
        let office = |office: &Value| {
            let mut office = office.clone();
            office["title"] = title.clone();
            office
        };
        let offices: Vec<Value> = offices.as_array().unwrap().iter().map(office).collect();
        let agency = json!({
            "apiVersion": "xizmat.dev/v1alpha1", "kind": "Agency", "metadata": {"name": "a"},
            "spec": {"title": title, "offices": offices},
        });
        let report = check_json(agency.to_string().as_bytes(), &Options::default());
        report.problems.iter().map(|problem| format!("{} {}", problem.code, problem.path)).collect()
    }

    #[test]
    fn areas_within_each_other_have_offices_of_their_own_and_the_same_area_has_one() {
        let nested = json!([
            {"name": "country", "soato": ["17"]}, {"name": "city", "soato": ["1726", "1727"]},
            {"name": "district", "soato": ["1726266", "1726266550"]},
        ]);
        assert_eq!(found(&nested), [""; 0]);
        let twice = json!([{"name": "a", "soato": ["1726"]}, {"name": "b", "soato": ["1727", "1726"]}]);
        assert_eq!(found(&twice), ["office.area-twice spec.offices[1].soato[1]"]);
    }

    #[test]
    fn a_code_is_of_the_country_a_region_a_district_or_a_settlement() {
        for wrong in ["", "1", "172", "17262", "1826", "172626", "17262665", "17262665500", "17a6", " 1726"] {
            let offices = json!([{"name": "a", "soato": [wrong]}]);
            assert_eq!(found(&offices), ["office.soato spec.offices[0].soato[0]"], "{wrong:?}");
        }
    }

    #[test]
    fn a_day_on_which_an_office_is_closed_is_a_day() {
        let closed = |date: &str| found(&json!([{"name": "a", "soato": ["1726"], "closed": [{"date": date}]}]));
        assert_eq!(closed("2026-03-02"), [""; 0]);
        assert_eq!(closed("2026-02-30"), ["definition.date spec.offices[0].closed[0].date"]);
    }
}
