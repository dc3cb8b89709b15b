//! The list of acts that an auditor took from the portal: as the docket signed it, or not at all.

use std::path::Path;

use bus::{
    attest::{self, Attested},
    keys::TrustedKeys,
};
use docket::domain::export::CUT;
use kernel::{Failure, Time};

/// What the last line begins with; the signature covers everything before that line.
const SIGNATURE: &str = "xizmat-signature,";

/// Says who signed the file, and when.
pub fn verify(file: &Path, trusted_keys: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::invalid("audit.unreadable", format!("{}: {error}.", file.display())))?;
    let (list, attested) = parts(&text).ok_or_else(|| unsigned("its last line is no signature"))?;
    let keys = TrustedKeys::read(trusted_keys)?;
    let signer = attest::check(&keys, list.as_bytes(), &attested).map_err(|failure| unsigned(&failure.to_string()))?;
    if signer.role != docket::ROLE {
        return Err(unsigned("another service signed it"));
    }
    let cut = list.ends_with(CUT);
    let rows = list.lines().count().saturating_sub(1 + usize::from(cut));
    let missing = if cut { " It is not whole: older acts are missing." } else { "" };
    Ok(format!("The list is as {} signed it at {}: {rows} acts.{missing}", signer.role, attested.time))
}

fn parts(text: &str) -> Option<(&str, Attested)> {
    let (begin, last) = text.trim_end_matches(['\r', '\n']).rsplit_once("\r\n")?;
    let (time, signature) = last.strip_prefix(SIGNATURE)?.split_once(',')?;
    let attested = Attested { time: time.parse::<Time>().ok()?, signature: signature.to_owned() };
    // The line end before the signature belongs to the list.
    Some((text.get(..begin.len() + 2)?, attested))
}

fn unsigned(why: &str) -> Failure {
    let message =
        "This is not the list as it was signed. Take it from the portal again, and do not save it in another program.";
    Failure::invalid("audit.export", message).with_detail(why)
}

#[cfg(test)]
mod tests {
    use bus::keys::Key;
    use kernel::SeededRandom;

    use super::*;

    #[test]
    fn a_list_is_proved_as_it_was_taken_and_not_when_a_row_is_missing() {
        let (folder, key) = (testkit::folder(), Key::generate(&SeededRandom::new(4)));
        let trusted = folder.join("export-trusted.json");
        let known = vec![key.trusted("docket", Time::from_seconds(0), None)];
        std::fs::write(&trusted, serde_json::to_vec(&known).unwrap()).unwrap();
        let list = "time,act\r\n2026-11-29T00:00:00Z,case.opened\r\n2026-11-29T01:00:00Z,task.decided\r\n";
        let attested = attest::attest(&key, list.as_bytes(), Time::from_seconds(1_790_000_000));
        let signed = format!("{list}{SIGNATURE}{},{}\r\n", attested.time, attested.signature);
        let file = folder.join("acts.csv");
        std::fs::write(&file, &signed).unwrap();
        assert!(verify(&file, &trusted).unwrap().ends_with("2 acts."));
        let part = format!("{list}{CUT}");
        let attested = attest::attest(&key, part.as_bytes(), Time::from_seconds(1_790_000_000));
        std::fs::write(&file, format!("{part}{SIGNATURE}{},{}\r\n", attested.time, attested.signature)).unwrap();
        assert!(verify(&file, &trusted).unwrap().ends_with("2 acts. It is not whole: older acts are missing."));
        for changed in
            [signed.replace("task.decided", "case.opened"), list.to_owned(), signed.replace("01:00", "02:00")]
        {
            std::fs::write(&file, changed).unwrap();
            assert_eq!(verify(&file, &trusted).unwrap_err().code, "audit.export");
        }
    }
}
