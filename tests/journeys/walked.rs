//! `xizmat journey`, which `helm test` runs: a machine walks as a citizen does, and says what it did not walk and what fails.

use std::process::Stdio;

use kernel::CaseId;
use tests::{
    citizen::{DUTY, case_of},
    officer::Officer,
    platform::{Platform, binary, repository},
    shared,
    traces::Traces,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

const SERVICE: [&str; 2] = ["--service", "justice/marriage-certificate-copy"];
const ANSWERS: [&str; 6] = [
    "marriage.date=2012-06-16",
    "marriage.office=tashkent-yunusabad",
    "formerName.changed=false",
    "reason.kind=lost",
    "benefit.kind=none",
    "contact.phone=+998907654321",
];

#[test]
fn a_machine_walks_to_a_verified_document_as_a_citizen_does() {
    shared::walk(async {
        let platform = shared::platform().await;
        let oneid = format!("{}/oneid/sso/oauth/Authorization.do", platform.counterparts.url);
        let mut journey =
            begun(&platform, &[&SERVICE[..], &["--person", "botir", "--oneid", &oneid]].concat(), &ANSWERS);
        let case = journey.case().await;
        Officer::of(&platform, "registrar-tashkent").await.decide(case, "approve", &[]).await;
        let (succeeded, said, failed) = journey.end().await;
        assert!(succeeded, "{said}\n{failed}");
        for part in [
            "the front page in five languages",
            "the list of services",
            "the page of justice/marriage-certificate-copy in five languages",
            "signing in up to OneID",
            "signing in as botir",
            "sending the application",
            "paying the fee",
            "downloading the document",
            "verifying the document: it is genuine",
        ] {
            assert!(said.lines().any(|line| line.starts_with("walked ") && line.contains(part)), "{part:?}: {said}");
        }
        assert!(!said.contains("not walked"), "{said}");
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[("justice", DUTY)]).await;
    });
}

#[test]
fn where_an_officer_decides_it_ends_before_and_says_so() {
    shared::walk(async {
        let platform = shared::platform().await;
        let more = [&SERVICE[..], &["--person", "botir", "--until", "paid"]].concat();
        let mut journey = begun(&platform, &more, &ANSWERS);
        let case = journey.case().await;
        let (succeeded, said, failed) = journey.end().await;
        assert!(succeeded, "{said}\n{failed}");
        assert!(said.contains("walked      paying the fee") && said.contains("not walked  the decision"), "{said}");
        Officer::of(&platform, "registrar-tashkent").await.decide(case, "approve", &[]).await;
    });
}

#[test]
fn without_a_person_it_walks_up_to_oneid_and_says_that_nobody_signs_in() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (succeeded, said, failed) = begun(&platform, &[], &[]).end().await;
        assert!(succeeded, "{said}\n{failed}");
        assert!(said.contains("walked      signing in up to OneID"), "{said}");
        assert!(said.contains("not walked  signing in at OneID and applying: nobody to sign in"), "{said}");
    });
}

#[test]
fn every_failure_names_page_expectation_and_where_to_look() {
    shared::walk(async {
        let platform = shared::platform().await;
        let person = [&SERVICE[..], &["--person", "botir"]].concat();
        let nobody = [&SERVICE[..], &["--person", "nobody"]].concat();
        let cases: [(&[&str], &[&str], &[&str]); 4] = [
            (&["--service", "justice/none"], &[], &["/services/justice/none answers 404", "journey.page", "register"]),
            (
                &["--oneid", "https://id.example/sso"],
                &[],
                &["expected a way to https://id.example/sso", "journey.sign-in"],
            ),
            (&nobody, &ANSWERS, &["no button of the value \"nobody\"", "journey.sign-in"]),
            (&person, &ANSWERS[..5], &["/pages/contact", "wrong is: contact.phone", "journey.answer"]),
        ];
        for (more, answers, words) in cases {
            let (succeeded, said, failed) = begun(&platform, more, answers).end().await;
            assert!(!succeeded, "{more:?}: {said}");
            for word in words {
                assert!(failed.contains(word), "{word:?} is missing: {failed}");
            }
        }
    });
}

/// What `tests/cluster/long` applies for in pods is judged here, before any cluster is raised.
#[test]
fn the_service_that_decides_by_itself_can_be_published() {
    let definition = repository().join("tests/cluster/at-once.yaml");
    let checked = std::process::Command::new(binary("xizmat")).arg("check").arg(definition).output();
    let checked = checked.expect("build it first: make build");
    assert!(checked.status.success(), "{checked:?}");
}

struct Journey {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: String,
}

fn begun(platform: &Platform, more: &[&str], answers: &[&str]) -> Journey {
    let answers = answers.iter().flat_map(|answer| ["--answer", answer]);
    let mut child = Command::new(binary("xizmat"))
        .args(["journey", &platform.ready.portal, "--patience-s", "300"])
        .args(more)
        .args(answers)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("build it first: make build");
    let lines = BufReader::new(child.stdout.take().expect("piped above")).lines();
    Journey { child, lines, said: String::new() }
}

impl Journey {
    /// Reads on until it has sent its application.
    async fn case(&mut self) -> CaseId {
        while let Some(line) = self.lines.next_line().await.expect("its output is text") {
            self.said += &format!("{line}\n");
            if let Some(address) = line.strip_prefix("walked      sending the application ") {
                return case_of(&address.parse().expect("it names an address"));
            }
        }
        let mut failed = String::new();
        let errors = self.child.stderr.as_mut().expect("piped above");
        errors.read_to_string(&mut failed).await.expect("its output is text");
        panic!("it ended before it applied:\n{}\n{failed}", self.said)
    }

    /// Whether it succeeded, what it said, and what failed.
    async fn end(mut self) -> (bool, String, String) {
        while let Some(line) = self.lines.next_line().await.expect("its output is text") {
            self.said += &format!("{line}\n");
        }
        let ended = self.child.wait_with_output().await.expect("it ends");
        (ended.status.success(), self.said, String::from_utf8_lossy(&ended.stderr).into_owned())
    }
}
