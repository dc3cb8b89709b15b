//! What the operator reads of grants: what waits for whom, what is in force, and that a last day ends it without anybody's edit.

use std::{sync::Arc, time::Duration};

use boot::{Kit, OsRandom, Stage, SystemClock};
use bus::Bus;
use jiff::{ToSpan, tz::TimeZone};
use kernel::{Clock, id::PersonId};
use proto::exchange::v1::{
    ApproveGrantRequest, EnforcedGrant, EventName, JudgeQuestionsRequest, ListGrantChangesRequest, Question,
    ReadEnforcedGrantRequest, TaskRole,
    operations::{APPROVE_GRANT, JUDGE_QUESTIONS, LIST_GRANT_CHANGES, READ_ENFORCED_GRANT},
};

use super::platform::Platform;

const GRANT: (&str, &str, &str) = ("civil-status", "Grant", "justice-marriages");
const REQUEST: (&str, &str, &str) = ("justice", "GrantRequest", "marriages");

async fn read(operator: &Bus, (agency, kind, name): (&str, &str, &str), hash: &[u8]) -> EnforcedGrant {
    let (kind, name, hash) = (kind.into(), name.into(), hash.to_vec());
    let request = ReadEnforcedGrantRequest { agency: agency.into(), kind, name, hash };
    operator.request(&READ_ENFORCED_GRANT, agency, &request).await.unwrap()
}

async fn approve(platform: &Platform, hash: &[u8], person: u8) {
    let request = ApproveGrantRequest { agency: GRANT.0.into(), name: GRANT.2.into(), hash: hash.to_vec() };
    let person = platform.on_behalf(&APPROVE_GRANT, PersonId::from_bytes([person; 16]), true, &request);
    platform.bus("portal").await.request_for(&APPROVE_GRANT, GRANT.0, &request, &person).await.unwrap();
}

/// Of a question that the service asks, one that its registry does not know, and one to nobody; of a task that nobody lends an officer to;
/// of a share of its fees, and of an event.
async fn refusals(operator: &Bus) -> Vec<String> {
    let named = [("civil-status", "find"), ("civil-status", "erase"), ("land", "find")];
    let question = |(registry, operation): (&str, &str)| Question {
        owner: registry.into(),
        registry: registry.into(),
        operation: operation.into(),
    };
    let request = JudgeQuestionsRequest {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        questions: named.map(question).to_vec(),
        tasks: vec![TaskRole { agency: "civil-status".into(), role: "expert".into() }],
        beneficiaries: vec!["civil-status".into()],
        events: vec![EventName { owner: "civil-status".into(), name: "record-lost".into() }],
    };
    operator.request(&JUDGE_QUESTIONS, "justice", &request).await.unwrap().refusals
}

async fn changed(operator: &Bus, since_us: i64) -> (Vec<(String, String)>, i64) {
    let request = ListGrantChangesRequest { since_us };
    let changes = operator.request(&LIST_GRANT_CHANGES, "platform", &request).await.unwrap();
    (changes.grants.into_iter().map(|grant| (grant.name, grant.to)).collect(), changes.now_us)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_waits_for_its_officers_is_in_force_and_ends_on_its_last_day_without_an_edit() {
    let clock = Arc::new(SystemClock::default());
    let platform = Platform::start_with(Kit::new(clock.clone(), Arc::new(OsRandom), Stage::Trial));
    platform.start_exchange().await;
    platform.start_identity().await;
    platform.appoint(GRANT.0, "grant-approver");
    let operator = platform.bus("operator").await;
    let strict = |agency: &mut serde_json::Value| agency["spec"]["fourEyes"] = true.into();
    platform.publish(&operator, "civil-status/agency.yaml", strict).await.unwrap();
    for file in ["justice/agency.yaml", "civil-status/registry.yaml", "justice/grant-request.yaml"] {
        platform.publish(&operator, file, |_| ()).await.unwrap();
    }
    assert_eq!(read(&operator, REQUEST, &[]).await.state, "none", "nobody has given it");
    let (nothing, begun) = changed(&operator, i64::MAX).await;
    assert_eq!(nothing, []);
    let today = clock.now().to_jiff().to_zoned(TimeZone::get("Asia/Tashkent").unwrap()).date();
    let last_day = today.checked_add(3.days()).unwrap().to_string();
    let until = |last_day: &str| {
        let last_day = last_day.to_owned();
        move |grant: &mut serde_json::Value| {
            grant["spec"]["until"] = last_day.into();
            grant["spec"]["beneficiary"] = true.into();
            grant["spec"]["events"] = serde_json::json!(["record-lost"]);
        }
    };
    let hash = platform.publish(&operator, "civil-status/grant.yaml", until(&last_day)).await.unwrap();
    let never = ["exchange.no-operation", "exchange.no-registry"];
    let none = "exchange.no-grant";
    assert_eq!(refusals(&operator).await, [none, never[0], never[1], none, none, none]);
    let both = vec![("justice-marriages".to_owned(), "justice".to_owned())];
    let (published, before_approval) = changed(&operator, begun).await;
    assert_eq!(published, both);

    approve(&platform, &hash, 1).await;
    let waits = read(&operator, GRANT, &hash).await;
    assert_eq!((waits.state.as_str(), waits.approvals, waits.approvals_needed), ("waiting", 1, 2));
    assert_eq!((&waits.hash, waits.in_force.len(), waits.until_us), (&hash, 0, 0));
    assert_eq!(read(&operator, REQUEST, &[]).await.state, "waiting");
    approve(&platform, &hash, 2).await;
    let holds = read(&operator, GRANT, &hash).await;
    assert_eq!((holds.state.as_str(), &holds.in_force), ("in-force", &hash));
    assert_eq!(refusals(&operator).await, ["", never[0], never[1], none, "", ""]);
    assert_eq!(read(&operator, REQUEST, &[]).await.in_force, hash);
    let (approved, after) = changed(&operator, before_approval).await;
    assert_eq!((approved, changed(&operator, after).await.0), (both, Vec::new()));

    // A changed spec waits; the approved one stays in force until its own last day.
    let later = today.checked_add(30.days()).unwrap().to_string();
    let longer = platform.publish(&operator, "civil-status/grant.yaml", until(&later)).await.unwrap();
    let waits = read(&operator, GRANT, &longer).await;
    assert_eq!((waits.state.as_str(), &waits.hash, &waits.in_force), ("waiting", &longer, &hash));
    assert_eq!(waits.until_us, holds.until_us);
    assert_eq!(read(&operator, GRANT, &hash).await, holds, "who takes the change back has what was approved");
    assert_eq!(read(&operator, REQUEST, &[]).await.state, "in-force");
    clock.shift(Duration::from_micros(u64::try_from(waits.until_us - clock.now().micros()).unwrap()));
    let alone = read(&operator, GRANT, &longer).await;
    assert_eq!((alone.state.as_str(), alone.in_force.len()), ("waiting", 0), "its last day is over");
    assert_eq!(read(&operator, REQUEST, &[]).await.state, "waiting");
    clock.shift(Duration::from_secs(31 * 24 * 3600));
    let after = refusals(&operator).await;
    assert_eq!([&after[0], &after[4]], [none, none], "nothing is granted any more");
    let over = read(&operator, GRANT, &longer).await;
    assert_eq!((over.state.as_str(), read(&operator, REQUEST, &[]).await.state.as_str()), ("expired", "expired"));
}
