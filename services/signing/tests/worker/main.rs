//! Hostile templates against the real worker process. This program is its own worker: `worker` as its first argument.

#![expect(clippy::unwrap_used, reason = "a test without the standard harness")]

mod office;

use std::{
    os::unix::process::ExitStatusExt,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use document::Options;
use serde_json::json;
use signing::worker::{Limits, Refusal, Workers};

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("worker") => return signing::worker::main(),
        Some("confined") => return confined(),
        _ => {}
    }
    let tests: [(&str, fn()); 12] = [
        ("a_template_is_rendered_by_the_worker", a_template_is_rendered_by_the_worker),
        (
            "a_worker_has_given_up_its_environment_files_and_processes",
            a_worker_has_given_up_its_environment_files_and_processes,
        ),
        ("a_call_that_computing_does_not_need_ends_the_process", a_call_that_computing_does_not_need_ends_the_process),
        ("a_worker_that_ended_while_idle_costs_no_request", a_worker_that_ended_while_idle_costs_no_request),
        ("a_worker_that_waits_for_a_processor_does_not_spin", a_worker_that_waits_for_a_processor_does_not_spin),
        ("a_page_to_be_read_is_made_by_the_worker", a_page_to_be_read_is_made_by_the_worker),
        ("a_spinning_template_is_stopped", a_spinning_template_is_stopped),
        ("a_template_that_hoards_memory_is_stopped", a_template_that_hoards_memory_is_stopped),
        ("a_template_with_too_many_pages_is_stopped", a_template_with_too_many_pages_is_stopped),
        ("an_answer_that_is_too_large_is_stopped", an_answer_that_is_too_large_is_stopped),
        ("deep_nesting_ends_the_worker_and_nothing_else", deep_nesting_ends_the_worker_and_nothing_else),
        ("documents_are_issued_read_verified_and_withdrawn", office::documents_are_issued_read_verified_and_withdrawn),
    ];
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    for (name, test) in tests.into_iter().filter(|(name, _)| name.contains(&filter)) {
        test();
        println!("test {name} ... ok");
    }
    ExitCode::SUCCESS
}

fn workers(deadline_s: u64) -> Workers {
    let limits = Limits { deadline: Duration::from_secs(deadline_s), ..Limits::default() };
    Workers::of_this_program(limits).unwrap()
}

fn options() -> Options {
    Options {
        language: "kaa".into(),
        title: "Nusqa".into(),
        identity: "test-2026-1".into(),
        specimen: true,
        qr: "https://xizmat.example/verify".into(),
        issued_s: 1_796_000_000,
        pages_max: 20,
    }
}

fn render(workers: &Workers, template: &str) -> Result<Vec<u8>, Refusal> {
    workers.render(template, &document::sample_inputs(json!({}), "kaa"), &options())
}

/// After it has given up every right.
fn a_page_to_be_read_is_made_by_the_worker() {
    let workers = workers(30);
    let twin = |template: &str| workers.twin(template, &document::sample_inputs(json!({}), "kaa"), &options());
    let html = twin("= Nusqa\n#grid(columns: 2, [a], [b])\n#image(\"qr.svg\", alt: \"QR\")").unwrap();
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains("<h2>Nusqa</h2>") && html.contains("<span>QR</span>"), "{html}");
    assert!(matches!(twin("= A\n#unknown"), Err(Refusal::Template(_))));
    assert!(render(&workers, "= A").is_ok(), "the same worker goes on");
}

fn a_template_is_rendered_by_the_worker() {
    let workers = workers(30);
    let first = render(&workers, "= Nusqa\n#image(\"qr.svg\", alt: \"QR\")").unwrap();
    assert!(first.starts_with(b"%PDF-"));
    let Err(Refusal::Template(problems)) = render(&workers, "= A\n#unknown") else { panic!("it was rendered") };
    assert_eq!((problems[0].line, problems[0].column), (2, 2));
    assert_eq!(render(&workers, "= Nusqa\n#image(\"qr.svg\", alt: \"QR\")").unwrap(), first);
    assert_eq!(workers.check("= A"), Ok(()));
    assert!(workers.check("#{").is_err());
}

/// Every worker that waits for a request.
fn kept() -> Vec<String> {
    let ourselves = std::process::id();
    let children = std::fs::read_to_string(format!("/proc/{ourselves}/task/{ourselves}/children")).unwrap();
    let kept: Vec<String> = children.split_whitespace().map(str::to_owned).collect();
    assert!(!kept.is_empty());
    kept
}

fn signal(name: &str) {
    assert!(Command::new("kill").arg(name).args(kept()).status().unwrap().success());
}

/// As the kernel sees it, whatever the worker says of itself.
fn a_worker_has_given_up_its_environment_files_and_processes() {
    let workers = workers(30);
    render(&workers, "= A").unwrap();
    for worker in kept() {
        let seen = |what: &str| std::fs::read_to_string(format!("/proc/{worker}/{what}")).unwrap();
        assert_eq!(seen("environ"), "");
        let status = seen("status");
        assert!(status.lines().any(|line| line.split_whitespace().eq(["Seccomp:", "2"])), "no filter: {status}");
        let limits = seen("limits");
        for what in ["Max open files", "Max processes", "Max file size", "Max core file size"] {
            let most = limits.lines().find_map(|line| line.strip_prefix(what)).unwrap();
            assert!(most.split_whitespace().take(2).eq(["0", "0"]), "{what}: {most}");
        }
    }
}

/// Gives up what a worker gives up, and then does what no template can make it do.
fn confined() -> ExitCode {
    signing::worker::confine().unwrap();
    match std::env::args().nth(2).as_deref() {
        Some("socket") => drop(std::net::UdpSocket::bind("127.0.0.1:0")),
        Some("program") => drop(Command::new("/bin/true").status()),
        Some("thread") => drop(std::thread::Builder::new().spawn(|| {})),
        _ => {}
    }
    ExitCode::SUCCESS
}

fn a_call_that_computing_does_not_need_ends_the_process() {
    let ended = |deed: &str| {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args(["confined", deed]).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
    };
    assert_eq!(ended("nothing").code(), Some(0), "who only computes is left alone");
    for deed in ["socket", "program", "thread"] {
        let status = ended(deed);
        assert_eq!(status.signal(), Some(libc::SIGSYS), "{deed}: {status}");
    }
}

fn a_worker_that_ended_while_idle_costs_no_request() {
    let workers = workers(30);
    render(&workers, "= A").unwrap();
    signal("-KILL");
    render(&workers, "= A").unwrap();
}

fn a_worker_that_waits_for_a_processor_does_not_spin() {
    let workers = workers(1);
    // On a busy machine the first try may be too slow, too.
    assert!((0..20).any(|_| render(&workers, "= A").is_ok()));
    signal("-STOP");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_secs(2));
            signal("-CONT");
        });
        render(&workers, "= A").unwrap();
    });
}

fn code_of(outcome: Result<Vec<u8>, Refusal>) -> String {
    match outcome {
        Err(Refusal::Worker(failure)) => {
            println!("  {failure:?}");
            failure.code.into_owned()
        }
        Err(Refusal::Template(problems)) => problems[0].message.clone(),
        Ok(_) => "rendered".into(),
    }
}

fn a_spinning_template_is_stopped() {
    let workers = workers(3);
    let spinning = "#let spin(n) = { for i in range(99999) { for j in range(99999) { n = n + 1 } } }\n#spin(0)";
    assert_eq!(code_of(render(&workers, spinning)), "document.too-slow");
    // On a busy machine the first try may be too slow, too.
    assert!((0..20).any(|_| render(&workers, "= A").is_ok()), "the next one has a fresh worker");
}

fn a_template_that_hoards_memory_is_stopped() {
    let workers = workers(30);
    let hoarding = "#let all = ()\n#for i in range(64) { all.push(\"x\" * 100000000 + str(i)) }\n#all.len()";
    assert_eq!(code_of(render(&workers, hoarding)), "document.too-much");
    assert!(render(&workers, "= A").is_ok());
}

fn a_template_with_too_many_pages_is_stopped() {
    let code = code_of(render(&workers(30), "#for n in range(21) {\n [= A]\n pagebreak()\n}"));
    assert!(code.contains("pages"), "{code}");
}

fn an_answer_that_is_too_large_is_stopped() {
    let limits = Limits { output_bytes: 1024, deadline: Duration::from_secs(30), ..Limits::default() };
    let workers = Workers::of_this_program(limits).unwrap();
    assert_eq!(code_of(render(&workers, "= A")), "document.too-much");
}

fn deep_nesting_ends_the_worker_and_nothing_else() {
    let workers = workers(30);
    let nested = format!("#{}1{}", "(".repeat(90_000), ")".repeat(90_000));
    assert_ne!(code_of(render(&workers, &nested)), "rendered");
    assert!(render(&workers, "= A").is_ok());
}
