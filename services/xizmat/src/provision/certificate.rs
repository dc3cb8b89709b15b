//! Under what certificate the bus's servers are known: an authority of the platform's own signs it, and both are made once.
//!
//! Nothing else has to be there for the bus to be encrypted. The authority stays, so that whoever was told of it is not told
//! again when the servers show another certificate.

use std::time::Duration;

use boot::Kit;
use controller::certificate::{self, Asked, Authority, Purpose, Signed, Term};
use kernel::Failure;

use super::folder::Folder;

/// Where servers and clients find them, in a folder each.
pub const AUTHORITY: &str = "nats/tls/ca.crt";
pub const CERTIFICATE: &str = "nats/tls/tls.crt";
pub const KEY: &str = "nats/tls/tls.key";
const AUTHORITY_KEY: &str = "nats/tls/ca.key";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Renewed with three years left, so it outlives what it signs.
const AUTHORITY_VALID: Duration = DAY.saturating_mul(3650);
const CERTIFICATE_VALID: Duration = DAY.saturating_mul(730);

/// Makes what is missing, and another certificate when the one before bears other names or a third of its time is left.
pub fn make(folder: &Folder, names: &[String], kit: &Kit) -> Result<(), Failure> {
    if names.is_empty() {
        return Ok(());
    }
    if let Some(name) = names.iter().find(|name| !certificate::is_name(name)) {
        let message = format!("`{name}` in `--nats-name` is neither the name of a host nor an address.");
        return Err(Failure::invalid("provision.nats-name", message));
    }
    let term = |valid| Term { valid, now: kit.clock.now(), random: &*kit.random };
    let (authority, is_new) = authority(folder, term(AUTHORITY_VALID))?;
    let shown = text(folder, CERTIFICATE);
    let fits = !certificate::is_due(&shown, kit.clock.now()) && certificate::bears(&shown, names);
    if fits && !is_new && !text(folder, KEY).is_empty() {
        return Ok(());
    }
    // Between servers of a cluster, whoever calls shows it, too.
    let asked = Asked { subject: "xizmat bus", names, purposes: &[Purpose::Serves, Purpose::Connects] };
    let Signed { certificate, key } = authority.sign(&asked, term(CERTIFICATE_VALID)).map_err(unmade)?;
    folder.write(KEY, key.as_bytes())?;
    folder.write(CERTIFICATE, certificate.as_bytes())
}

/// And whether nobody was told of it yet.
fn authority(folder: &Folder, term: Term<'_>) -> Result<(Authority, bool), Failure> {
    let kept = Authority::read(&text(folder, AUTHORITY), &text(folder, AUTHORITY_KEY));
    let (authority, is_new) = match kept {
        Some(kept) if !certificate::is_due(kept.certificate(), term.now) => return Ok((kept, false)),
        Some(kept) => (kept.renewed(term), false),
        // One that took another's place is told from it by its name.
        None => (Authority::make(&format!("xizmat bus authority {}", term.now.seconds()), term), true),
    };
    let authority = authority.map_err(unmade)?;
    folder.write(AUTHORITY_KEY, authority.key().map_err(unmade)?.as_bytes())?;
    folder.write(AUTHORITY, authority.certificate().as_bytes())?;
    Ok((authority, is_new))
}

/// What is not there is empty.
fn text(folder: &Folder, name: &str) -> String {
    folder.read(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn unmade(error: certificate::Error) -> Failure {
    Failure::internal("provision.certificate", "The bus's certificate could not be made.").with_detail(error)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use boot::Stage;
    use kernel::{ManualClock, Time};

    use super::*;

    fn names() -> Vec<String> {
        ["xizmat-nats", "xizmat-nats.xizmat.svc", "localhost", "10.0.0.1"].map(str::to_owned).to_vec()
    }

    /// Authority, certificate and key as they are kept after a run at this day.
    fn run(folder: &Folder, day: u32, names: &[String]) -> [String; 3] {
        let mut kit = Kit::system(Stage::Trial);
        kit.clock = Arc::new(ManualClock::at(Time::from_seconds(1_800_000_000).plus(day * DAY)));
        make(folder, names, &kit).unwrap();
        [AUTHORITY, CERTIFICATE, KEY].map(|name| text(folder, name))
    }

    #[test]
    fn a_certificate_stays_until_a_third_of_its_time_is_left_and_its_authority_for_longer() {
        let folder = Folder::new(&testkit::folder().join("provision-certificate"));
        let first = run(&folder, 0, &names());
        assert!(certificate::bears(&first[1], &names()));
        assert_eq!(run(&folder, 480, &names()), first);
        let second = run(&folder, 490, &names());
        assert!(second[0] == first[0] && second[1] != first[1] && second[2] != first[2], "the authority stays");
        let key = text(&folder, AUTHORITY_KEY);
        let third = run(&folder, 2500, &names());
        assert_ne!(third[0], first[0], "the authority counts for longer");
        assert_eq!(text(&folder, AUTHORITY_KEY), key, "under the same key");
    }

    #[test]
    fn other_names_or_another_authority_need_another_certificate() {
        let folder = Folder::new(&testkit::folder().join("provision-certificate-names"));
        let first = run(&folder, 0, &names());
        let more = [names(), vec!["bus.example".to_owned()]].concat();
        let second = run(&folder, 1, &more);
        assert!(second[0] == first[0] && second[1] != first[1]);
        // Whose key has leaked is deleted.
        std::fs::remove_file(folder.path(AUTHORITY_KEY)).unwrap();
        let third = run(&folder, 2, &more);
        assert!(third[0] != second[0] && third[1] != second[1]);
    }

    #[test]
    fn a_name_that_is_none_is_refused_and_without_names_nothing_is_made() {
        let folder = Folder::new(&testkit::folder().join("provision-certificate-none"));
        let kit = Kit::system(Stage::Trial);
        assert_eq!(make(&folder, &["*.example".to_owned()], &kit).unwrap_err().code, "provision.nats-name");
        make(&folder, &[], &kit).unwrap();
        assert_eq!(text(&folder, AUTHORITY), "");
    }
}
