//! By what a case is found: keyed hashes of numbers, phone and names of whoever applies, and of whoever acts for them.

use kernel::{
    Hash,
    lookup::{Kind, hashes as keyed},
};
use process::CaseState;
use serde_json::Value;

/// Sorted, so that their order tells nothing.
pub fn hashes(key: &[u8; 32], state: &CaseState) -> Vec<Hash> {
    let Some(applicant) = &state.applicant else { return Vec::new() };
    let text = |name: &str| applicant.profile.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut found = keyed(key, Kind::Pinfl, text("pinfl"));
    found.extend(keyed(key, Kind::Phone, text("phone")));
    for name in ["given_name", "family_name", "patronymic"] {
        found.extend(keyed(key, Kind::Name, text(name)));
    }
    // A company's name stands nowhere else.
    if !text("tin").is_empty() {
        found.extend(keyed(key, Kind::Tin, text("tin")));
        found.extend(keyed(key, Kind::Name, text("name")));
    }
    if let Some(mandate) = &applicant.mandate {
        found.extend(keyed(key, Kind::Pinfl, &mandate.attorney));
        found.extend(keyed(key, Kind::Name, &mandate.representative));
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use kernel::{PersonId, Time};
    use process::case::{Applicant, Mandate};
    use serde_json::json;

    use super::*;

    const KEY: [u8; 32] = [3; 32];

    #[test]
    fn a_case_is_found_by_the_applicant_and_by_whoever_acts_for_them() {
        let person = PersonId::from_bytes([2; 16]);
        let profile = json!({"pinfl": "31203850000015", "phone": "+998901234567", "family_name": "Каримова"});
        let mandate = Mandate {
            kind: "attorney".into(),
            record: "1".into(),
            source: "notary/attorney".into(),
            representative: "Yusupov Sardor".into(),
            attorney: "30207880170130".into(),
            until: Time::default(),
            checked: Time::default(),
            ended: None,
        };
        let mut state = CaseState::absent(kernel::CaseId::from_bytes([1; 16]));
        assert!(hashes(&KEY, &state).is_empty(), "nobody applies yet");
        state.applicant = Some(Applicant {
            person,
            actor: person,
            mandate: Some(mandate),
            assurance: "substantial".into(),
            profile: profile.as_object().cloned().unwrap_or_default(),
        });
        let found = hashes(&KEY, &state);
        for (kind, typed) in [
            (Kind::Pinfl, "31203850000015"),
            (Kind::Phone, "90 123 45 67"),
            (Kind::Name, "KARIMOVA"),
            (Kind::Pinfl, "30207880170130"),
            (Kind::Name, "sardor yusupov"),
        ] {
            assert!(keyed(&KEY, kind, typed).iter().all(|hash| found.contains(hash)), "{typed}");
        }
        assert_eq!(found.len(), 6);
        let company = json!({"tin": "301234567", "name": "«Anor Savdo» MChJ"});
        state.applicant.as_mut().unwrap().profile = company.as_object().cloned().unwrap_or_default();
        let found = hashes(&KEY, &state);
        for (kind, typed) in [(Kind::Name, "anor"), (Kind::Tin, "301 234 567")] {
            let hashes = keyed(&KEY, kind, typed);
            assert!(!hashes.is_empty() && hashes.iter().all(|hash| found.contains(hash)), "a company by {typed}");
        }
    }
}
