//! Who works in an office: whoever leads it gives its tasks to one of them.

use kernel::Failure;
use proto::identity::v1::{Colleagues, ListColleaguesRequest, Officer};

use super::read::appointment;
use crate::provider::Provider;

/// Their roles in the agency that hold now, and nothing by which a case would recognise them.
pub async fn list(provider: &Provider, request: &ListColleaguesRequest) -> Result<Colleagues, Failure> {
    let now = provider.clock.now();
    let found = provider.store.colleagues(&request.agency, &request.office).await?;
    let officers = found.into_iter().map(|(person, officer)| {
        let held = officer.appointments.into_iter();
        let held = held.filter(|held| held.agency == request.agency && held.is_in_force(now));
        Officer {
            person: person.to_vec(),
            display_name: officer.display_name,
            appointments: held.map(appointment).collect(),
            ..Officer::default()
        }
    });
    Ok(Colleagues { officers: officers.collect() })
}
