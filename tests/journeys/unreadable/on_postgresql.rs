//! The same on a PostgreSQL server: in its tables' files with all dead rows, in its log as its archive has it, and in dumps of before.

use std::{collections::BTreeSet, path::PathBuf};

use boot::secrets::read_key;
use kernel::{CaseId, sealed::CaseKey};
use tests::{
    platform::{Manner, Platform},
    server::Server,
    shared,
    traces::Traces,
};

use super::{NUMBER, SAID, Sought, erase, files, lived, readable, what_proves_is_there, worded, written};

/// What seals the case, as its keepers use it.
const OPENED: &str = "a key of the case";
/// What wraps these, and whatever else lies beside the databases.
const OUTSIDE: &str = "a key that lies apart";
/// Who keeps something that a key of the case seals.
const KEEPERS: [(&str, &str); 3] = [
    ("eservice", "SELECT encode(wrapped_key, 'hex') FROM cases WHERE case_id = $1"),
    ("notifications", "SELECT encode(wrapped, 'hex') FROM case_key WHERE case_id = $1"),
    ("signing", "SELECT encode(wrapped_key, 'hex') FROM documents WHERE case_id = $1"),
];

#[test]
fn nothing_of_an_erased_case_can_be_read_in_a_servers_files_its_log_or_its_dumps() {
    if std::env::var("XIZMAT_TEST_POSTGRES").as_deref() == Ok("off") {
        return;
    }
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::of_platform(folder.path()).await;
        let manner = Manner { rehearsal: true, settings: server.settings.clone(), ..Manner::default() };
        let platform = Platform::start_as(folder, manner).await;
        server.compresses_nothing().await;
        let traces = Traces::of(&platform);
        let lived = lived(&platform, &traces).await;
        let forms = [
            worded(SAID.iter().copied().chain([(NUMBER, lived.number.as_str())])),
            keys(&platform, &traces, lived.case).await,
        ];
        let sought = Sought::of(forms.concat());
        let [before, after] = ["before", "after"].map(|name| platform.folder.path().join(name));
        server.dump(&before);
        erase(&platform, &traces, &lived).await;
        server.dump(&after);
        server.writes_all().await;

        let kept: BTreeSet<&str> = KEEPERS.iter().map(|(keeper, _)| *keeper).chain([NUMBER]).collect();
        let read = readable(server.files(), &sought);
        for folder in [server.tables(), server.log()] {
            let works = read.iter().any(|(what, file)| *what == NUMBER && file.starts_with(&folder));
            assert!(works, "the search finds what is there in {}", folder.display());
        }
        // Of a removed row the wrapped key lies there until it is written over, and no word.
        let open: Vec<_> = read.iter().filter(|(what, _)| !kept.contains(what)).collect();
        assert!(open.is_empty(), "readable: {open:#?}");
        // The honest limit: a dump of before holds the wrapped keys, and whoever has those that lie apart opens it.
        assert_eq!(names(&readable(&before, &sought)), kept);
        assert_eq!(names(&readable(&after, &sought)), BTreeSet::from([NUMBER]));
        let mut beside = names(&readable(&platform.data(), &sought));
        beside.retain(|what| ![NUMBER, OUTSIDE].contains(what));
        assert!(beside.is_empty(), "readable beside the server: {beside:?}");
        what_proves_is_there(&platform, &lived).await;
    });
}

fn names(read: &BTreeSet<(&'static str, PathBuf)>) -> BTreeSet<&'static str> {
    read.iter().map(|(what, _)| *what).collect()
}

/// In all their forms: each key of the case as it lies at its keeper, as it is when a key that lies apart has opened it, and all of those.
async fn keys(platform: &Platform, traces: &Traces, case: CaseId) -> Vec<(&'static str, Vec<u8>)> {
    let apart = files(&platform.data().join("keys")).into_iter().filter_map(|file| read_key(&file).ok());
    let apart: Vec<[u8; 32]> = apart.collect();
    let mut forms: Vec<_> = apart.iter().flat_map(|key| written(key)).map(|form| (OUTSIDE, form)).collect();
    for (keeper, sql) in KEEPERS {
        let digits = traces.texts(keeper, case, sql).await.remove(0);
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
        let wrapped: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        let opened = apart.iter().find_map(|key| CaseKey::from_bytes(*key).open(&wrapped, b"case-key").ok());
        let opened = opened.unwrap_or_else(|| panic!("no key opens that of {keeper}"));
        forms.extend(written(&wrapped).map(|form| (keeper, form)));
        forms.extend(written(&opened).map(|form| (OPENED, form)));
    }
    forms
}
