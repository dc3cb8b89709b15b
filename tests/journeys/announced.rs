//! An agency's own system announces what happened, and a case begins by itself: the officer decides it, its applicant reads why it began,
//! and what begins none is on record.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use tests::{
    citizen::{Citizen, case_of},
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform, repository},
    shared,
    traces::Traces,
};

use crate::watch::copy;

const SERVICE: &str = "justice/marriage-certificate-copy/service.yaml";
const FORM: &str = "    - {name: apply, kind: form, step: apply}\n";
/// The archive finds that a record is lost, and the registrar of that office has the case at once.
const EVENT: &str = r#"    - name: lost
      kind: event
      step: review
      title:
        uz: "Yozuv yo‘qolgan"
        uz-Cyrl: "Ёзув йўқолган"
        kaa: "Jazıw joǵalǵan"
        ru: "Запись утрачена"
        en: "A record was lost"
      event:
        agency: civil-status
        name: record-lost
        data:
          type: object
          additionalProperties: false
          required: [spouse, date, office, changed, reason, phone, benefit]
          properties:
            spouse: {type: object, required: [pinfl], properties: {pinfl: {type: string, maxLength: 14}}}
            date: {type: string, format: date}
            office: {type: string, maxLength: 60}
            changed: {type: boolean}
            reason: {type: string, enum: [lost, damaged]}
            phone: {type: string, maxLength: 13}
            benefit: {type: string, enum: [none]}
        applicant: spouse.pinfl
        set:
          - {at: marriage.date, from: date}
          - {at: marriage.office, from: office}
          - {at: formerName.changed, from: changed}
          - {at: reason.kind, from: reason}
          - {at: contact.phone, from: phone}
          - {at: benefit.kind, from: benefit}
"#;
const GRANT: &str = "civil-status/grant.yaml";
const OPERATIONS: &str = "  operations: [my-marriages, find]\n";
const DILNOZA: &str = "41503920170217";

/// Puts something behind a line of a file.
fn behind(file: &Path, line: &str, more: &str) {
    let text = std::fs::read_to_string(file).expect("copied");
    let changed = text.replacen(line, &format!("{line}{more}"), 1);
    assert_ne!(changed, text, "{}", file.display());
    std::fs::write(file, changed).expect("the folder can be written");
}

async fn archive(platform: &Platform) -> async_nats::Client {
    async_nats::ConnectOptions::new()
        .custom_inbox_prefix("inbox.agent")
        .credentials_file(platform.data().join("nats/agents/civil-status.creds"))
        .await
        .expect("the archive's credentials")
        .connect(&platform.ready.nats)
        .await
        .expect("the bus takes the archive's system")
}

fn lost(id: &str, pinfl: &str) -> Value {
    json!({"specversion": "1.0", "id": id, "type": "record-lost", "source": "/archive", "data": {
        "spouse": {"pinfl": pinfl}, "date": "2016-05-14", "office": "tashkent-yunusabad", "changed": false,
        "reason": "lost", "phone": "+998901112233", "benefit": "none",
    }})
}

/// Announces it, and gives the receipt.
async fn announce(archive: &async_nats::Client, event: &Value) -> Value {
    let reply = archive.request("announce", event.to_string().into()).await.expect("the exchange answers");
    serde_json::from_slice(&reply.payload).expect("a receipt")
}

async fn until_count(traces: &Traces, sql: &'static str, expected: i64) {
    let patience = Patience::default();
    while traces.total("eservice", sql).await != expected {
        assert!(patience.lasts(), "{sql} is not {expected}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Which event it was, why and what helps, and nothing of what it said; nobody else is told.
async fn whoever_leads_reads_what_began_none(platform: &Platform) {
    let mut lead = Officer::of(platform, "head-tashkent").await;
    let address = format!("{}/officer/events", lead.portal);
    let patience = Patience::default();
    let page = loop {
        let page = lead.visitor.open(&address).await;
        if page.shows("lost-2") {
            break page;
        }
        assert!(patience.lasts(), "no event is told:\n{}", page.text());
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    for said in ["A record was lost", "civil-status", "pinfl.check-digit", "Ask the agency to correct the number"] {
        assert!(page.shows(said), "{said}:\n{}", page.text());
    }
    assert!(!page.shows("31203850") && !page.shows("lost-1"), "{}", page.text());
    let mut registrar = Officer::of(platform, "registrar-tashkent").await;
    let refused = registrar.visitor.open(&address).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let mut administrator = Officer::of(platform, "administrator").await;
    let queue = administrator.visitor.open(&format!("{}/officer", administrator.portal)).await;
    let page = administrator.visitor.link(&queue, "/officer/events").await;
    assert!(page.shows("lost-2"), "{}", page.text());
}

#[test]
fn what_an_agencys_system_announces_begins_one_case_that_its_applicant_sees() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let definitions = folder.path().join("definitions");
        copy(&repository().join("examples"), &definitions);
        behind(&definitions.join(SERVICE), FORM, EVENT);
        behind(&definitions.join(GRANT), OPERATIONS, "  events: [record-lost]\n");
        let platform = Platform::start_as(folder, Manner { watched: Some(definitions), ..Manner::default() }).await;
        let traces = Traces::of(&platform);
        // The service listens from a moment on; what is announced before begins nothing.
        until_count(&traces, "SELECT count(*) FROM event_places", 1).await;
        let archive = archive(&platform).await;
        let receipt = announce(&archive, &lost("lost-1", DILNOZA)).await;
        assert_eq!(receipt["outcome"], "taken", "{receipt}");
        assert_eq!(announce(&archive, &lost("lost-1", DILNOZA)).await, receipt, "once");
        announce(&archive, &lost("lost-2", "31203850000016")).await;
        until_count(&traces, "SELECT count(*) FROM cases WHERE begun_by = 'lost'", 1).await;
        until_count(&traces, "SELECT count(*) FROM audit WHERE act = 'event.not-begun'", 1).await;

        whoever_leads_reads_what_began_none(&platform).await;

        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let address = format!("{}/applications", citizen.portal);
        let patience = Patience::default();
        let case = loop {
            let page = citizen.visitor.open(&address).await;
            let own = "/applications/justice/marriage-certificate-copy/";
            if let Some(link) = page.links().into_iter().find(|link| link.path().starts_with(own)) {
                break case_of(&link);
            }
            assert!(patience.lasts(), "her list is empty:\n{}", page.text());
            tokio::time::sleep(Duration::from_millis(300)).await;
        };
        let page = citizen.until(case, "", |page| page.shows("A record was lost")).await;
        assert!(page.shows("Begun from an agency’s announcement"), "{}", page.text());
        let uses = citizen.visitor.open(&format!("{}/data-use", citizen.portal)).await;
        assert!(uses.shows("A record was lost"), "who told whom about her, and why:\n{}", uses.text());
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        assert!(task.shows("14 May 2016") && task.shows("A record was lost"), "what and whence:\n{}", task.text());
        officer.decide(case, "approve", &[]).await;
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(case, "granted").await;
        until_count(&traces, "SELECT count(*) FROM cases WHERE begun_by = 'lost'", 1).await;
        let unread = "SELECT count(*) FROM announced_events WHERE content IS NULL OR place > 2";
        assert_eq!(traces.total("exchange", unread).await, 0, "each has one place, and is kept");
    });
}
