//! A hundred megabytes over a bad line: the platform never has them whole, ends in the middle and goes on, and whoever reads them for
//! hours gets them.

use reqwest::StatusCode;
use tests::{
    citizen::{Citizen, case_of},
    platform::{Manner, Platform, repository},
    shared,
    traces::Traces,
    uploads::{Download, PIECE_BYTES, Upload, hash_of},
};

use super::files::{attached, scan};
use crate::watch::copy;

const DEFINITION: &str = "justice/marriage-certificate-copy/service.yaml";
const FILES: &str = "files/benefit/benefit.evidence";
const BYTES: usize = 100 * 1024 * 1024;
/// As much as the page's script sends at once.
const PART: usize = 6 * PIECE_BYTES;
/// What all services together, in one process, may hold more than before at any moment.
const MEMORY_KIB: u64 = 64 * 1024;
const FIFTY_MINUTES: u64 = 50 * 60;

#[test]
fn a_hundred_megabytes_go_there_and_back_within_sixty_four_however_often_it_is_interrupted_and_however_long_it_takes() {
    shared::walk(async {
        let mut platform = taking_large_files().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = citizen.begin().await;
        let case = case_of(&page.url);
        citizen.answer(page, &[("benefit.kind", "disability"), ("benefit.certificate", "TM 0012345")]).await;
        let files = citizen.visitor.open(&citizen.address(case, FILES)).await;
        let content = scan(BYTES);
        let upload = Upload::begin(&citizen.visitor, &files, "Loyiha.pdf", BYTES).await;

        let memory = Memory::of(platform.process());
        let come = sent(&upload, &content, 0, BYTES / 2).await;
        memory.grew_by_at_most(MEMORY_KIB);
        platform.kill().await;
        platform.start_again().await;
        let stands = upload.stands().await.expect("what was acknowledged is there");
        assert_eq!((stands.offset, stands.hash), (come, hash_of(&content[..come])));

        let memory = Memory::of(platform.process());
        assert_eq!(sent(&upload, &content, come, BYTES).await, BYTES);
        let page = citizen.until(case, FILES, |page| attached(page).len() == 1).await;
        memory.grew_by_at_most(MEMORY_KIB);

        let memory = Memory::of(platform.process());
        let mut download = Download::begin(&citizen.visitor, &attached(&page)[0]).await;
        for _ in 0..2 {
            download.read(BYTES / 3).await;
            download.is_stuck().await;
            // Nobody does anything else in this session.
            platform.advance(FIFTY_MINUTES).await;
        }
        download.read(BYTES).await;
        assert!(download.read == content, "it comes back as it was");
        memory.grew_by_at_most(MEMORY_KIB);
        let left = "SELECT count(*) FROM case_upload_pieces WHERE case_id = $1";
        assert_eq!(Traces::of(&platform).count("eservice", case, left).await, 0, "nothing is left on its way");
        assert!(platform.stop().await.success());
    });
}

/// Sends part after part until so much has come.
async fn sent(upload: &Upload, content: &[u8], mut come: usize, until: usize) -> usize {
    while come < until {
        let end = content.len().min(come + PART);
        let (status, now, words) = upload.send(come, &content[come..end]).await;
        assert_eq!((status, now), (StatusCode::NO_CONTENT, Some(end)), "{words}");
        come = end;
    }
    come
}

/// The example, with a question that takes the largest files there are.
async fn taking_large_files() -> Platform {
    let folder = tempfile::tempdir().expect("a folder");
    let definitions = folder.path().join("definitions");
    copy(&repository().join("examples"), &definitions);
    let text = std::fs::read_to_string(definitions.join(DEFINITION)).expect("copied");
    let larger = text.replace("size: 10485760}", &format!("size: {BYTES}}}"));
    assert_ne!(larger, text);
    std::fs::write(definitions.join(DEFINITION), larger).expect("the folder can be written");
    let manner = Manner { rehearsal: true, watched: Some(definitions), ..Manner::default() };
    Platform::start_as(folder, manner).await
}

/// What a process holds, from a moment on.
struct Memory {
    process: u32,
    before_kib: u64,
}

impl Memory {
    /// The most that it held before is forgotten.
    fn of(process: u32) -> Self {
        std::fs::write(format!("/proc/{process}/clear_refs"), "5").expect("the process is ours");
        Self { process, before_kib: kib(process, "VmRSS:") }
    }

    fn grew_by_at_most(&self, most_kib: u64) {
        let grew = kib(self.process, "VmHWM:").saturating_sub(self.before_kib);
        println!("{grew} KiB more than the {} before", self.before_kib);
        assert!(grew <= most_kib, "{grew} KiB more than the {} before", self.before_kib);
    }
}

fn kib(process: u32, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it is running");
    let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("the kernel tells it");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
