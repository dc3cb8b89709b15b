//! An agency's system that is not ours, in another language, serves its registry over the bus: `make conformance` walks this.

use std::process::Stdio;

use serde_json::json;
use tests::{
    citizen::Citizen,
    officer::Officer,
    platform::{Platform, repository},
    shared,
    traces::Traces,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

#[test]
#[ignore = "needs an interpreter with a NATS client: `make conformance` makes one"]
fn a_registry_served_in_python_fills_in_the_form_and_stands_before_the_officer() {
    shared::walk(async {
        let platform = Platform::start().await;
        platform.tell("registry", json!({"fault": "down"})).await;
        let _agent = agent(&platform).await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let page = citizen.begin().await;
        assert!(page.shows("14 May 2016"), "what the agent knows is filled in:\n{}", page.text());
        let check = citizen.answer(page, &[]).await;
        let case = tests::citizen::case_of(&check.url);
        citizen.visitor.send(&check.form("/check")).await;
        let pay = citizen.until(case, "pay", |page| page.url.path().ends_with("/pay")).await;
        citizen.pay(&pay, "pay", "none").await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        assert!(task.shows("9001"), "the act's number as the agent answered it:\n{}", task.text());
        officer.decide(case, "approve", &[]).await;
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        Traces::of(&platform).nothing_is_left(case, "granted").await;
    });
}

/// The agent, when it serves; it ends with the journey.
async fn agent(platform: &Platform) -> Child {
    let python = std::env::var_os("OUTSIDE_PYTHON").expect("OUTSIDE_PYTHON names an interpreter");
    let mut agent = Command::new(python)
        .arg(repository().join("tests/conformance/bus/agent.py"))
        .arg(&platform.ready.nats)
        .arg(platform.data().join("nats/agents/civil-status.creds"))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the interpreter starts");
    let mut lines = BufReader::new(agent.stdout.take().expect("its output is ours")).lines();
    let said = lines.next_line().await.expect("it speaks");
    assert_eq!(said.as_deref(), Some("ready"));
    agent
}
