//! Asks every service what it knows after a restore, and tells each its part of what was found.

use std::collections::{BTreeMap, BTreeSet};

use bus::{
    Bus, NOT_RUNNING,
    subject::{Address, PLATFORM},
};
use kernel::Failure;
use proto::{
    KnownCase, Operation, RecoveryEnd, RecoveryEnded, RecoveryPage, RecoveryRead, Ruling, docket, eservice, exchange,
    identity, notifications, payments, portal, register, signing,
};

use super::{compare::Disagreement, meaning};

const TOGETHER: usize = 200;

type Read = Operation<RecoveryRead, RecoveryPage>;
type End = Operation<RecoveryEnd, RecoveryEnded>;

macro_rules! operations {
    ($($role:ident),*) => {
        [$((stringify!($role), &$role::v1::operations::READ_RECOVERY, &$role::v1::operations::END_RECOVERY)),*]
    };
}

/// In this order they are ended: whoever is asked by others comes before them.
const SERVICES: [(&str, &Read, &End); 8] =
    operations!(exchange, identity, register, signing, notifications, payments, docket, portal);

/// A service by its agency and its name.
pub type Named = (String, String);

/// What everybody who keeps something of a case says about it.
#[derive(Debug, Default, Clone)]
pub struct Known {
    pub eservice: Option<KnownCase>,
    pub docket: Option<KnownCase>,
    pub payments: Option<KnownCase>,
    pub signing: Option<KnownCase>,
    pub notifications: Option<KnownCase>,
}

impl Known {
    fn told(&self) -> impl Iterator<Item = &KnownCase> {
        [&self.eservice, &self.docket, &self.payments, &self.signing, &self.notifications].into_iter().flatten()
    }
}

#[derive(Debug, Default)]
pub struct Knowledge {
    /// By role; the e-services' by agency, too (`eservice/justice`). Without their cases.
    pub pages: BTreeMap<String, RecoveryPage>,
    pub cases: BTreeMap<Vec<u8>, Known>,
    /// Applicants whom identity does not know.
    pub missing: BTreeSet<Vec<u8>>,
    /// Every service that anybody knows of.
    pub services: BTreeSet<Named>,
}

impl Knowledge {
    /// Whose log it is; the e-services have one for all, or one an agency.
    pub fn producer(&self, log: &str) -> Option<&RecoveryPage> {
        let mut hosts = self.pages.iter().filter(|(role, _)| log == "eservice" && role.starts_with("eservice/"));
        self.pages.get(log).or_else(|| hosts.next().map(|(_, page)| page))
    }

    /// Nothing is said or done about these services' cases, whoever knows of them.
    pub fn leave(&mut self, services: &[Named]) {
        let left = |agency: &str, service: &str| {
            services.iter().any(|(of, name)| (of.as_str(), name.as_str()) == (agency, service))
        };
        self.services.retain(|(agency, service)| !left(agency, service));
        self.cases.retain(|_, case| !case.told().any(|told| left(&told.agency, &told.service)));
    }

    fn take(&mut self, role: &str, case: KnownCase) {
        if !case.service.is_empty() {
            self.services.insert((case.agency.clone(), case.service.clone()));
        }
        let known = self.cases.entry(case.case_id.clone()).or_default();
        let place = match role {
            "docket" => &mut known.docket,
            "payments" => &mut known.payments,
            "signing" => &mut known.signing,
            "notifications" => &mut known.notifications,
            _ => &mut known.eservice,
        };
        *place = Some(case);
    }
}

/// `without`: services that nobody is asked about.
pub async fn everybody(bus: &Bus, without: &[Named]) -> Result<Knowledge, Failure> {
    let mut known = Knowledge::default();
    for (role, read, _) in SERVICES {
        let page = pages(bus, read, Address::from(PLATFORM), role, &mut known).await?;
        let named = page.services.iter().filter_map(|service| service.split_once('/'));
        known.services.extend(named.map(|(agency, service)| (agency.to_owned(), service.to_owned())));
        known.pages.insert(role.to_owned(), page);
    }
    known.leave(without);
    let mut hostless = Vec::new();
    for (agency, service) in known.services.clone() {
        let (read, to) = (&eservice::v1::operations::READ_RECOVERY, Address::service(&agency, &service));
        match pages(bus, read, to, "eservice", &mut known).await {
            Ok(page) => {
                known.pages.entry(format!("eservice/{agency}")).or_insert(page);
            }
            Err(failure) if failure.code == NOT_RUNNING => hostless.push(format!("{agency}/{service}")),
            Err(failure) => return Err(failure),
        }
    }
    if !hostless.is_empty() {
        return Err(no_host(&hostless));
    }
    known.missing = strangers(bus, &known).await?;
    Ok(known)
}

/// Whoever does not answer may have cases, and what the others know of these would be taken for what is left of lost ones.
fn no_host(services: &[String]) -> Failure {
    let (all, options) = (services.join(", "), services.join(" --without "));
    let message = format!(
        "No host runs {all}: nobody can say what cases there are. Start the hosts (apply the definitions). A service that \
         ended, and whose cases are all over, is left as it is by: --without {options}"
    );
    Failure::unavailable("recovery.no-host", message)
}

/// Reads all cases of one database; gives what it says about itself.
async fn pages(
    bus: &Bus,
    read: &Read,
    to: Address<'_>,
    role: &str,
    known: &mut Knowledge,
) -> Result<RecoveryPage, Failure> {
    let mut asked = RecoveryRead { limit: i32::MAX, ..RecoveryRead::default() };
    loop {
        let mut page = bus.request(read, to, &asked).await?;
        let cases = std::mem::take(&mut page.cases);
        asked.after = cases.last().map(|case| case.case_id.clone()).unwrap_or_default();
        for case in cases {
            known.take(role, case);
        }
        if !page.more {
            return Ok(page);
        }
    }
}

async fn strangers(bus: &Bus, known: &Knowledge) -> Result<BTreeSet<Vec<u8>>, Failure> {
    let cases = known.cases.values().filter_map(|case| case.eservice.as_ref());
    let things = cases.flat_map(|case| &case.things).filter(|thing| thing.kind == "applicant");
    let persons: BTreeSet<Vec<u8>> = things.map(|thing| thing.id.clone()).collect();
    let persons: Vec<Vec<u8>> = persons.into_iter().collect();
    let mut missing = BTreeSet::new();
    for persons in persons.chunks(TOGETHER) {
        let asked = RecoveryRead { persons: persons.to_vec(), ..RecoveryRead::default() };
        missing.extend(bus.request(&identity::v1::operations::READ_RECOVERY, PLATFORM, &asked).await?.missing);
    }
    Ok(missing)
}

/// First everybody does its part, then everybody ends: a step that fails can be taken again from the first on. Hosts of one
/// database each have a part, and the first of them that ends ends for all.
pub async fn end(bus: &Bus, name: &str, known: &Knowledge, found: &[Disagreement]) -> Result<(), Failure> {
    for whole in [false, true] {
        for (role, _, end) in SERVICES {
            let rulings = found.iter().filter(|one| meaning::hears(one.code, role)).map(ruling).collect();
            tell(bus, end, Address::from(PLATFORM), name, (rulings, whole)).await?;
        }
        for (agency, service) in &known.services {
            // Of an erased case nobody may know any more whose it was: each host looks whether the number is its own.
            let own = |one: &&Disagreement| one.agency.is_empty() || one.agency == *agency && one.service == *service;
            let heard = found.iter().filter(|one| meaning::hears(one.code, "eservice")).filter(own);
            let (end, to) = (&eservice::v1::operations::END_RECOVERY, Address::service(agency, service));
            let of_host = |one| Ruling { agency: agency.clone(), service: service.clone(), ..ruling(one) };
            tell(bus, end, to, name, (heard.map(of_host).collect(), whole)).await?;
        }
    }
    Ok(())
}

async fn tell(
    bus: &Bus,
    end: &End,
    to: Address<'_>,
    name: &str,
    (rulings, whole): (Vec<Ruling>, bool),
) -> Result<(), Failure> {
    if whole {
        let order = RecoveryEnd { name: name.to_owned(), rulings: Vec::new(), whole };
        bus.request(end, to, &order).await?;
        return Ok(());
    }
    // Who has nothing to put right has a part all the same.
    let parts: Vec<&[Ruling]> = if rulings.is_empty() { vec![&[]] } else { rulings.chunks(TOGETHER).collect() };
    for rulings in parts {
        let order = RecoveryEnd { name: name.to_owned(), rulings: rulings.to_vec(), whole };
        bus.request(end, to, &order).await?;
    }
    Ok(())
}

fn ruling(one: &Disagreement) -> Ruling {
    Ruling {
        code: one.code.to_owned(),
        case_id: one.case.clone(),
        agency: one.agency.clone(),
        service: one.service.clone(),
        thing: one.thing.clone(),
        number: one.number.clone(),
    }
}
