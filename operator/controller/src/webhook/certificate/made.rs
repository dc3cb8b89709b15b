//! Makes a certificate that the API server believes: an authority signs it, and its key is thrown away at once.
//!
//! Nobody can sign a second certificate under the same authority, so the one secret to keep is the certificate's own key.

use std::{fmt, time::Duration};

use kernel::{Failure, Random, Time};

use crate::certificate::{self, Asked, Authority, Purpose, Signed, Term};

/// A certificate with its key and the authority to believe, all as PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    pub authority: String,
    pub certificate: String,
    pub key: String,
}

/// A key is printed nowhere.
impl fmt::Debug for Pair {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pair").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// For these names and addresses, for as long from now.
pub fn make(names: &[String], valid: Duration, now: Time, random: &dyn Random) -> Result<Pair, Failure> {
    if let Some(name) = names.iter().find(|name| !certificate::is_name(name)) {
        let message = format!("`{name}` in `operator.webhook.names` is neither the name of a host nor an address.");
        return Err(Failure::invalid("operator.webhook", message));
    }
    pair(names, Term { valid, now, random }).map_err(unusable)
}

fn pair(names: &[String], term: Term<'_>) -> Result<Pair, certificate::Error> {
    // Each authority has a name of its own, so that a reader of both never takes one for the other.
    let authority = Authority::make(&format!("xizmat webhook authority {}", term.now.seconds()), term)?;
    let asked = Asked { subject: "xizmat webhook", names, purposes: &[Purpose::Serves] };
    let Signed { certificate, key } = authority.sign(&asked, term)?;
    Ok(Pair { authority: authority.certificate().to_owned(), certificate, key })
}

fn unusable(error: certificate::Error) -> Failure {
    Failure::internal("operator.certificate", "The webhook's certificate could not be made.").with_detail(error)
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;
    use crate::certificate::{BACKDATED, bears, counts};

    const NOW: Time = Time::from_seconds(1_800_000_000);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn a_certificate_bears_its_names_and_counts_from_an_hour_ago() {
        let names = ["xizmat-webhook.xizmat.svc".to_owned(), "10.250.0.254".to_owned()];
        let pair = make(&names, 90 * DAY, NOW, &SeededRandom::new(1)).unwrap();
        assert_eq!(counts(&pair.certificate), Some((NOW.minus(BACKDATED), NOW.plus(90 * DAY))));
        assert!(bears(&pair.certificate, &names) && !bears(&pair.certificate, &names[..1]));
        assert!(!format!("{pair:?}").contains("PRIVATE"), "a key is printed nowhere");
        let chain = format!("{}{}", pair.certificate, pair.authority);
        assert!(bears(&chain, &names), "the first of a chain is the one that serves");
        assert_eq!(counts("no certificate"), None);
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        for name in ["", "a b", "ўзбек.uz", "*"] {
            let failure = make(&[name.to_owned()], DAY, NOW, &SeededRandom::new(1)).unwrap_err();
            assert_eq!(failure.code, "operator.webhook", "{name}");
        }
    }
}
