//! What others met with in a service, for its page: asked of its host at most every few minutes, and left out while it is away.

use std::time::Duration;

use bus::subject::Address;
use kernel::{Kept, Time};
use proto::eservice::v1::{Experience, ReadExperienceRequest, operations::READ_EXPERIENCE};

use super::Portal;

/// Numbers of many days do not change within minutes.
const FRESH: Duration = Duration::from_secs(300);
/// A host that did not answer is left alone for so long.
const AWAY: Duration = Duration::from_secs(60);
const SERVICES_MAX: usize = 1_024;

/// By `agency/service`: what was told, and until when that counts.
pub struct Experiences(Kept<String, (Experience, Time)>);

impl Default for Experiences {
    fn default() -> Self {
        Self(Kept::at_most(SERVICES_MAX))
    }
}

pub async fn of(portal: &Portal, agency: &str, service: &str) -> Experience {
    let (name, now) = (format!("{agency}/{service}"), portal.clock.now());
    if let Some((told, until)) = portal.experiences.0.get(&name)
        && now < until
    {
        return told;
    }
    let request = ReadExperienceRequest { agency: agency.to_owned(), service: service.to_owned() };
    let host = Address::service(agency, service);
    let (told, fresh) = match portal.services.ask_host(&READ_EXPERIENCE, host, &request).await {
        Ok(told) => (told, FRESH),
        Err(failure) => {
            tracing::info!(code = %failure.code, "how a service fares is not shown");
            (Experience::default(), AWAY)
        }
    };
    portal.experiences.0.put(name, (told, now.plus(fresh)));
    told
}
