//! The disk is full: submissions are refused with a page that says so, and go on once there is space again.

use std::{io::Write, path::Path, process::Command};

use tests::{
    citizen::{Citizen, Outcome, case_of},
    officer::Officer,
    patience::Patience,
    platform::Platform,
    traces::Traces,
    visitor::Page,
};

/// Enough for a platform that has just begun.
const SIZE: &str = "size=160m,mode=0700";

/// A small file system in memory, gone with its owner.
struct Small<'a>(&'a Path);

impl Small<'_> {
    fn mount(at: &Path) -> Option<Small<'_>> {
        std::fs::create_dir_all(at).expect("a temporary folder");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(at).status();
        mounted.is_ok_and(|status| status.success()).then_some(Small(at))
    }

    fn fill(&self) {
        let mut ballast = std::fs::File::create(self.0.join("ballast")).expect("there is space for a name");
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![0; size];
            while ballast.write_all(&block).is_ok() {}
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("ballast")).expect("it was filled");
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        // Lazily: a process that is only now ending may still hold a file.
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_submissions_and_says_so_and_all_goes_on_with_space() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let Some(disk) = Small::mount(&data) else {
        println!("skipped: a small file system can only be mounted by root");
        return;
    };
    let platform = Platform::start_in(folder).await;
    let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
    let mut officer = Officer::of(&platform, "registrar-tashkent").await;
    let Outcome::Submitted(before) = citizen.try_apply().await else { panic!("nothing was full yet") };
    let check = citizen.try_answer().await.expect("nothing was full yet");
    disk.fill();
    let refused = citizen.visitor.send(&check.form("/check")).await;
    says_so(&refused);
    // Whoever only reads is not troubled.
    assert!(citizen.visitor.open(&citizen.address(before, "")).await.status.is_success());
    disk.empty();
    let taken = citizen.visitor.send(&check.form("/check")).await;
    assert!(
        taken.status.is_success(),
        "there is space again, yet {}:\n{}\n{}",
        taken.status,
        taken.text(),
        platform.log()
    );
    let case = case_of(&check.url);
    let traces = Traces::of(&platform);
    let mut patience = Patience::default();
    while patience.lasts_while(traces.moved().await) {
        for case in [before, case] {
            if traces.outcome(case).await.is_empty() {
                citizen.try_pay(case).await;
            }
        }
        officer.approve_all().await;
        if traces.outcome(before).await == "granted" && traces.outcome(case).await == "granted" {
            traces.outboxes_drain().await;
            return traces.nothing_twice().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    panic!("it did not go on:\n{}", platform.log());
}

fn says_so(page: &Page) {
    assert_eq!(page.status, 503, "{}", page.text());
    assert!(page.html.contains("store.full"), "{}", page.text());
}
