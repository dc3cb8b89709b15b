//! Which hosts there should be: where a service runs, where it still runs, and what may go once it runs elsewhere.

use std::collections::BTreeMap;

use super::{
    name::SHARED,
    validate::{Amounts, Copies, Wish},
};
use crate::config::Engine;

/// An agency's namespace as it is now.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The namespace is being deleted.
    pub going: bool,
    pub members: Vec<Member>,
    /// Hosts that are there, by name.
    pub hosts: BTreeMap<String, Stands>,
}

/// A definition of the namespace.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: String,
    pub uid: String,
    /// It is being deleted, and nothing of it is left but what runs it. Until then it is a member like the others.
    pub going: bool,
    /// The register admitted it, now or earlier, or cannot say so in a recovery.
    pub admitted: bool,
    pub wish: Wish,
}

/// A host that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stands {
    pub services: Vec<String>,
    /// Every copy is of its latest making and takes requests.
    pub settled: bool,
}

/// A host as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub name: String,
    /// In order.
    pub services: Vec<String>,
    /// Name and uid of the definition with which everything goes; none where an agency's services share it.
    pub owner: Option<(String, String)>,
    pub copies: Copies,
    pub amounts: Amounts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    pub host: Host,
    /// Only once that host has settled: nobody is without a place in between.
    pub then: Then,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    Stay,
    Bring(Host),
    Remove(String),
}

/// Where a definition runs; nothing for one that is only described and never ran.
pub fn place(name: &str, around: &Around, engine: Engine) -> Option<Places> {
    let own = around.members.iter().find(|member| member.name == name)?;
    if !runs(own, around) {
        return None;
    }
    if is_dedicated(&own.wish, engine) {
        return Some(Places { host: dedicated(own), then: without(name, around, engine) });
    }
    let members: Vec<&Member> = sharing(around, engine, |member| member.name == name || member.admitted);
    let then = if around.hosts.contains_key(name) { Then::Remove(name.to_owned()) } else { Then::Stay };
    Some(Places { host: shared(&members, engine), then })
}

/// What is left of a definition that goes.
pub struct Leaving {
    pub own: Option<String>,
    pub shared: Then,
}

pub fn leave(name: &str, around: &Around, engine: Engine) -> Leaving {
    let own = around.hosts.contains_key(name).then(|| name.to_owned());
    Leaving { own, shared: without(name, around, engine) }
}

/// The shared host after a service left it.
fn without(name: &str, around: &Around, engine: Engine) -> Then {
    let held = |stands: &Stands| stands.services.iter().any(|service| service == name);
    if !around.hosts.get(SHARED).is_some_and(held) {
        return Then::Stay;
    }
    let members = sharing(around, engine, |member| member.name != name && member.admitted);
    if members.is_empty() { Then::Remove(SHARED.to_owned()) } else { Then::Bring(shared(&members, engine)) }
}

/// A service that is no longer hosted keeps its host: cases that began run to their end.
fn runs(member: &Member, around: &Around) -> bool {
    member.wish.hosted || around.hosts.values().any(|stands| stands.services.contains(&member.name))
}

/// A file has one writer: on SQLite all services of an agency are together, whatever they wish.
pub fn is_dedicated(wish: &Wish, engine: Engine) -> bool {
    wish.dedicated && engine == Engine::Postgresql
}

fn sharing(around: &Around, engine: Engine, counts: impl Fn(&Member) -> bool) -> Vec<&Member> {
    let here = |member: &Member| around.hosts.get(SHARED).is_some_and(|host| host.services.contains(&member.name));
    let elsewhere = |member: &Member| around.hosts.get(&member.name).is_some_and(|host| host.settled);
    let stays = |member: &Member| !is_dedicated(&member.wish, engine) || here(member) && !elsewhere(member);
    let mut members: Vec<&Member> = around
        .members
        .iter()
        .filter(|member| !member.going && runs(member, around) && counts(member) && stays(member))
        .collect();
    members.sort_by(|one, other| one.name.cmp(&other.name));
    members
}

fn dedicated(member: &Member) -> Host {
    let Member { name, uid, going: _, admitted: _, wish } = member;
    let Wish { hosted: _, dedicated: _, copies, amounts } = wish;
    Host {
        name: name.clone(),
        services: vec![name.clone()],
        owner: Some((name.clone(), uid.clone())),
        copies: *copies,
        amounts: *amounts,
    }
}

/// As many copies and as much for each as the most demanding of them asks for.
fn shared(members: &[&Member], engine: Engine) -> Host {
    let most = |of: fn(&Wish) -> i32| members.iter().map(|member| of(&member.wish)).max().unwrap_or(1);
    let copies = match engine {
        Engine::Postgresql => Copies { min: most(|wish| wish.copies.min), max: most(|wish| wish.copies.max) },
        Engine::Sqlite => Copies { min: 1, max: 1 },
    };
    let amounts = members.iter().map(|member| member.wish.amounts);
    let amounts = amounts.reduce(|one, other| Amounts {
        cpu: one.cpu.max(other.cpu),
        memory: one.memory.max(other.memory),
        cpu_kept: one.cpu_kept || other.cpu_kept,
        memory_kept: one.memory_kept || other.memory_kept,
    });
    Host {
        name: SHARED.to_owned(),
        services: members.iter().map(|member| member.name.clone()).collect(),
        owner: None,
        copies,
        amounts: amounts.unwrap_or(super::validate::AMOUNTS),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::host::validate::wish;

    fn member(name: &str, isolation: &str) -> Member {
        let spec = json!({"deployment": {"isolation": isolation}});
        let wish = wish(name, &spec).unwrap();
        Member { name: name.into(), uid: format!("uid-{name}"), going: false, admitted: true, wish }
    }

    fn around(members: &[(&str, &str)], hosts: &[(&str, &[&str], bool)]) -> Around {
        let stands = |(name, services, settled): &(&str, &[&str], bool)| {
            let services = services.iter().map(|service| service.to_string()).collect();
            (name.to_string(), Stands { services, settled: *settled })
        };
        Around {
            going: false,
            members: members.iter().map(|(name, isolation)| member(name, isolation)).collect(),
            hosts: hosts.iter().map(stands).collect(),
        }
    }

    fn placed(name: &str, around: &Around) -> (String, Vec<String>, Then) {
        let Places { host, then } = place(name, around, Engine::Postgresql).unwrap();
        (host.name, host.services, then)
    }

    #[test]
    fn services_that_share_are_in_one_host_and_one_alone_is_in_its_own() {
        let around = around(&[("b", "shared"), ("a", "shared"), ("c", "dedicated")], &[]);
        assert_eq!(placed("a", &around), (SHARED.into(), vec!["a".into(), "b".into()], Then::Stay));
        assert_eq!(placed("c", &around), ("c".into(), vec!["c".into()], Then::Stay));
    }

    #[test]
    fn a_service_leaves_its_old_place_only_for_a_new_one() {
        let to_shared = around(&[("a", "shared")], &[("a", &["a"], true)]);
        assert_eq!(placed("a", &to_shared).2, Then::Remove("a".into()), "after the shared host has settled");
        // While its own host starts, another service's look leaves it in the shared one.
        let moving =
            around(&[("a", "dedicated"), ("b", "shared")], &[(SHARED, &["a", "b"], true), ("a", &["a"], false)]);
        assert_eq!(placed("b", &moving).1, ["a", "b"]);
        let Then::Bring(rest) = placed("a", &moving).2 else { panic!("brought") };
        assert_eq!(rest.services, ["b"], "after its own host has settled");
        let moved = around_settled(moving);
        assert_eq!(placed("b", &moved).1, ["b"]);
    }

    fn around_settled(mut around: Around) -> Around {
        around.hosts.get_mut("a").unwrap().settled = true;
        around
    }

    #[test]
    fn the_shared_host_goes_with_its_last_service() {
        let last = around(&[("a", "dedicated")], &[(SHARED, &["a"], true)]);
        assert_eq!(placed("a", &last).2, Then::Remove(SHARED.into()));
        let mut going = around(&[("a", "shared"), ("b", "shared")], &[(SHARED, &["a", "b"], true)]);
        going.members[0].going = true;
        let Leaving { own, shared } = leave("a", &going, Engine::Postgresql);
        let Then::Bring(rest) = shared else { panic!("brought") };
        assert_eq!((own, rest.services), (None, vec!["b".to_owned()]));
        going.members[1].going = true;
        assert_eq!(leave("b", &going, Engine::Postgresql).shared, Then::Remove(SHARED.into()));
    }

    #[test]
    fn what_is_only_kept_moves_to_the_shared_host_in_one_copy() {
        let mut kept = around(&[("a", "dedicated")], &[("a", &["a"], true)]);
        kept.members[0].wish = kept.members[0].wish.clone().only_kept();
        let Places { host, then } = place("a", &kept, Engine::Postgresql).unwrap();
        assert_eq!((host.name.as_str(), host.copies), (SHARED, Copies { min: 1, max: 1 }));
        assert_eq!(then, Then::Remove("a".into()), "after the shared host has settled");
    }

    #[test]
    fn a_definition_that_was_never_admitted_has_no_place_beside_others() {
        let mut two = around(&[("a", "shared"), ("b", "shared")], &[]);
        two.members[1].admitted = false;
        assert_eq!(placed("a", &two).1, ["a"]);
    }

    #[test]
    fn a_service_that_is_only_described_from_now_on_keeps_its_host() {
        let mut listed = around(&[("a", "dedicated")], &[]);
        listed.members[0].wish.hosted = false;
        assert_eq!(place("a", &listed, Engine::Postgresql), None);
        listed.hosts.insert("a".into(), Stands { services: vec!["a".into()], settled: true });
        assert_eq!(placed("a", &listed).0, "a");
    }

    #[test]
    fn on_sqlite_an_agency_has_one_host_of_one_copy() {
        let around = around(&[("a", "dedicated"), ("b", "shared")], &[]);
        let Places { host, then } = place("a", &around, Engine::Sqlite).unwrap();
        assert_eq!((host.services, then), (vec!["a".to_owned(), "b".to_owned()], Then::Stay));
        assert_eq!(host.copies, Copies { min: 1, max: 1 });
    }
}
