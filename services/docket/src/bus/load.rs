//! What a lead sees of the offices they lead: how much waits there and for whom. Nothing of what the cases hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bus::Call;
use kernel::{Failure, PersonId};
use proto::{
    docket::v1::{Amount, Colleague, Held, ListHeldRequest, Load, OfficeLoad, OfficerLoad, ReadLoadRequest},
    identity::v1::{ListColleaguesRequest, Officer, operations::LIST_COLLEAGUES},
};

use super::{Docket, queue::name_holders};
use crate::{
    domain::{
        load::{Moments, Slice, Whose, add, led},
        queue::{Place, Scope, merged},
    },
    store::load,
};

/// On one page.
const HELD_MAX: usize = 100;

pub async fn read(docket: Arc<Docket>, call: Call<ReadLoadRequest>) -> Result<Load, Failure> {
    let (officer, led) = lead(&docket, &call).await?;
    let agencies: BTreeSet<String> = led.iter().map(|scope| scope.agency.clone()).collect();
    let agency = agencies.get(&call.request.agency).or(agencies.first()).cloned().unwrap_or_default();
    let now = docket.clock.now();
    let moments = Moments::at(now);
    let mut offices: BTreeMap<String, (Amount, i64)> = BTreeMap::new();
    let mut officers: BTreeMap<PersonId, Amount> = BTreeMap::new();
    let mut tx = docket.database.read().await?;
    for scope in led.iter().filter(|scope| scope.agency == agency) {
        for share in load::shares(&mut tx, scope, &officer, &moments).await? {
            let (amount, unclaimed) = offices.entry(share.office).or_default();
            add(amount, &share.amount);
            match share.officer {
                Some(person) => add(officers.entry(person).or_default(), &share.amount),
                None => *unclaimed += share.free,
            }
        }
    }
    drop(tx);
    let offices =
        offices.into_iter().map(|(office, (amount, unclaimed))| OfficeLoad { office, amount: Some(amount), unclaimed });
    let mut named = Vec::new();
    for (person, amount) in officers {
        named.push(OfficerLoad { officer: person.to_vec(), name: docket.name(person).await, amount: Some(amount) });
    }
    named.sort_by(|one, other| (&one.name, &one.officer).cmp(&(&other.name, &other.officer)));
    let (lag_us, stale) = docket.freshness.age(now);
    Ok(Load {
        agencies: agencies.into_iter().collect(),
        agency,
        offices: offices.collect(),
        officers: named,
        lag_us,
        stale,
    })
}

/// What an officer or nobody has, or what is late or soon will be, page by page.
pub async fn held(docket: Arc<Docket>, call: Call<ListHeldRequest>) -> Result<Held, Failure> {
    let (officer, led) = lead(&docket, &call).await?;
    let asked = &call.request;
    let slice = Slice::of(asked, &Moments::at(docket.clock.now()))?;
    let after = Place::parse(&asked.after).unwrap_or_else(Place::start);
    let led: Vec<Scope> = led.into_iter().filter(|scope| scope.agency == asked.agency).collect();
    let most = i64::try_from(HELD_MAX).unwrap_or(i64::MAX);
    let mut found = Vec::new();
    let mut tx = docket.database.read().await?;
    for scope in &led {
        found.extend(load::held(&mut tx, scope, &officer, &slice, (after, most + 1)).await?);
    }
    drop(tx);
    let (mut tasks, next) = merged(found, HELD_MAX);
    name_holders(&docket, &mut tasks).await?;
    let name = match slice.whose {
        Whose::Officer(person) => docket.name(person).await,
        Whose::Anybody | Whose::Nobody => String::new(),
    };
    let next = next.map(|place| place.to_string()).unwrap_or_default();
    Ok(Held { name, tasks, colleagues: colleagues(&docket, &led).await?, next })
}

async fn lead<Q>(docket: &Docket, call: &Call<Q>) -> Result<(Officer, Vec<Scope>), Failure> {
    let officer = docket.appointed(call.person()?).await?;
    let led = led(&officer, docket.clock.now())?;
    Ok((officer, led))
}

/// Who works in the offices, role by role.
async fn colleagues(docket: &Docket, led: &[Scope]) -> Result<Vec<Colleague>, Failure> {
    let mut found = BTreeMap::new();
    for scope in led {
        let request = ListColleaguesRequest { agency: scope.agency.clone(), office: scope.office.clone() };
        let told = docket.bus.request(&LIST_COLLEAGUES, "platform", &request).await?;
        for officer in told.officers {
            for held in officer.appointments.into_iter().filter(|held| held.agency == scope.agency) {
                let name = officer.display_name.clone();
                let colleague = Colleague {
                    officer: officer.person.clone(),
                    name: name.clone(),
                    role: held.role.clone(),
                    office: held.office.clone(),
                };
                found.insert((name, officer.person.clone(), held.role, held.office), colleague);
            }
        }
    }
    Ok(found.into_values().collect())
}
