//! What people typed, attached and wrote to one another in a case that was erased lies in no file: neither in the databases and their
//! logs, nor in what the bus keeps and what was logged, nor in a backup of before. Looked for as bytes, however bytes hold words: that a
//! backup of before still holds the key that opens it is another matter.

mod on_postgresql;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use boot::secrets::read_key;
use kernel::{
    CaseId,
    sealed::{AgencyKey, CaseKey},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tests::{
    backup::Backup,
    citizen::{Citizen, case_of},
    officer::Officer,
    platform::{Manner, Platform, binary},
    shared,
    traces::{self, Traces},
};

use crate::{
    erased::{ERASED, chains_hold, erased_everywhere},
    files::{attached, scan, upload},
};

const DAY: u64 = 86_400;
const STORES: [&str; 9] =
    ["eservice", "docket", "payments", "signing", "notifications", "exchange", "identity", "portal", "register"];

const FORMER_NAME: &str = "Zumradova Dilnoza Rustamovna";
const DETAILS: &str = "The copy is for a notary in Chirchiq";
const CERTIFICATE: &str = "TM 0077345";
const FILE_NAME: &str = "ward six of Chirchiq.pdf";
const IN_FILE: &str = "Anamnesis: the patient came from Yangiyer";
const QUESTION: &str = "Why does your mother bear another name?";
const ANSWER: &str = "She took it when she married in Andijon.";
const NOTE: &str = "The archive of Andijon burned in that year.";
const GROUNDS: &str = "My uncle in Andijon has kept the first copy.";
const ORDERED: &str = "The sister from Chirchiq asked for it in letter 77";

/// Stays, and is found wherever the search works.
const NUMBER: &str = "number";
/// Everything, by what it is. There is no exception: what the law keeps (numbers, dates, sums, hashes, who looked and when, the act that
/// orders the erasure) holds none of it.
const SAID: [(&str, &str); 15] = [
    ("typed former name", FORMER_NAME),
    ("typed reason", DETAILS),
    ("typed certificate", CERTIFICATE),
    ("typed phone", "907654321"),
    ("name of a file", FILE_NAME),
    ("content of a file", IN_FILE),
    ("officer's question", QUESTION),
    ("answer to it", ANSWER),
    ("officer's note", NOTE),
    ("grounds of the appeal", GROUNDS),
    ("why it was erased", ORDERED),
    ("given name", "Dilnoza"),
    ("PINFL", "41503920170217"),
    ("phone", "901112233"),
    ("passport", "AB1234567"),
];

#[test]
fn nothing_of_an_erased_case_can_be_read_in_any_file_and_its_proofs_hold() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let traces = Traces::of(&platform);
        let lived = lived(&platform, &traces).await;
        let mut backup = Backup::in_folder(&platform, "backup");
        backup.copy(&platform, &STORES).await;
        erase(&platform, &traces, &lived).await;
        nothing_can_be_read(&[platform.data(), platform.folder.path().join("backup")], &lived.number);
        a_backup_opens_with_the_agencys_key_alone(&platform, lived.case).await;
        what_proves_is_there(&platform, &lived).await;
    });
}

/// A case and the appeal against its end: nothing of either is under way any more.
struct Lived {
    case: CaseId,
    number: String,
    appeal: CaseId,
    /// What was issued.
    document: Vec<u8>,
}

async fn lived(platform: &Platform, traces: &Traces) -> Lived {
    let mut citizen = Citizen::sign_in(platform, "dilnoza", "en").await;
    let (case, document) = refused(platform, &mut citizen).await;
    let number = number(traces, case).await;
    let appeal = appealed(&mut citizen, case).await;
    let told = order_erasure(platform, &number).await;
    assert!(told.contains("has not ended: let it end first"), "while it is appealed:\n{told}");
    let mut second = Officer::of(platform, "registrar-nukus").await;
    second.decide(appeal, "uphold", &[("_reasons:uphold", "unfounded")]).await;
    citizen.until_told(appeal, "The decision stands").await;
    traces.nothing_is_left(case, "rejected").await;
    traces.nothing_is_left(appeal, "upheld").await;
    Lived { case, number, appeal, document }
}

async fn erase(platform: &Platform, traces: &Traces, lived: &Lived) {
    for number in [&lived.number, &number(traces, lived.appeal).await] {
        let told = order_erasure(platform, number).await;
        assert!(told.contains("The case is erased a day after its last change."), "{told}");
    }
    platform.advance(DAY + DAY / 12).await;
    erased_everywhere(traces, &[lived.case, lived.appeal]).await;
}

async fn what_proves_is_there(platform: &Platform, lived: &Lived) {
    let mut citizen = Citizen::sign_in(platform, "dilnoza", "en").await;
    for gone in [lived.case, lived.appeal] {
        let page = citizen.visitor.open(&citizen.address(gone, "")).await;
        assert!(page.status == 404 && page.shows(ERASED), "{}", page.text());
    }
    chains_hold(platform);
    is_proved(platform, &lived.document);
}

/// Refused after a question, with a file that was attached; gives what was issued.
async fn refused(platform: &Platform, citizen: &mut Citizen) -> (CaseId, Vec<u8>) {
    let page = citizen.begin().await;
    let case = case_of(&page.url);
    let answers = [
        ("formerName.changed", "true"),
        ("formerName.name", FORMER_NAME),
        ("reason.kind", "other"),
        ("reason.details", DETAILS),
        ("benefit.kind", "disability"),
        ("benefit.certificate", CERTIFICATE),
    ];
    citizen.answer(page, &answers).await;
    attach(citizen, case).await;
    let check = citizen.visitor.open(&citizen.address(case, "check")).await;
    assert!(check.shows(FORMER_NAME) && check.shows(DETAILS) && check.shows(FILE_NAME), "{}", check.text());
    let sent = citizen.visitor.send(&check.form("/check")).await;
    assert!(sent.status.is_success(), "{}", sent.text());

    let mut officer = Officer::of(platform, "registrar-tashkent").await;
    let task = officer.task(case).await;
    let taken = officer.visitor.send(&task.form("/officer/claims/")).await;
    let form = officer.visitor.link(&taken, "/officer/questions/").await;
    officer.visitor.send(&form.form("/officer/questions/").set("_question", QUESTION)).await;
    let told = citizen.until_told(case, QUESTION).await;
    let page = citizen.visitor.link(&told, "/questions/1").await;
    let answered = citizen.visitor.send(&page.form("/questions/1").set("_answer", ANSWER)).await;
    assert!(answered.shows(ANSWER), "{}", answered.text());
    officer.decide(case, "refuse", &[("_reasons:refuse", "no-record"), ("_note", NOTE)]).await;
    let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
    assert!(page.shows(NOTE), "{}", page.text());
    let document = citizen.document(&page).await;
    (case, document)
}

async fn attach(citizen: &mut Citizen, case: CaseId) {
    let question = citizen.visitor.open(&citizen.address(case, "pages/benefit")).await;
    let files = citizen.visitor.send(&question.form("/pages/").set("_files", "benefit.evidence")).await;
    // Of two pieces, and the words stand in both.
    let content = [&scan(20_000)[..], IN_FILE.as_bytes(), &scan(400_000)[..], IN_FILE.as_bytes()].concat();
    let sent = upload(&mut citizen.visitor, &files.form("/files/"), &[(FILE_NAME, &content[..])]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    citizen.until(case, "files/benefit/benefit.evidence", |page| attached(page).len() == 1).await;
}

async fn appealed(citizen: &mut Citizen, refused: CaseId) -> CaseId {
    let page = citizen.until_told(refused, "Appeal this decision").await;
    let question = citizen.visitor.send(&page.form("/onward/appeal")).await;
    let appeal = case_of(&question.url);
    let check = citizen.answer(question, &[("appeal.grounds", GROUNDS)]).await;
    assert!(check.shows(GROUNDS), "{}", check.text());
    let sent = citizen.visitor.send(&check.form("/check")).await;
    assert!(sent.status.is_success(), "{}", sent.text());
    appeal
}

async fn number(traces: &Traces, case: CaseId) -> String {
    traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0)
}

/// In the portal; what the page says then.
pub async fn order_erasure(platform: &Platform, number: &str) -> String {
    let mut archivist = Officer::of(platform, "archivist").await;
    let address = format!("{}/officer/records?agency=justice&service=marriage-certificate-copy", archivist.portal);
    let page = archivist.visitor.open(&address).await;
    let form = page.form("/officer/records/order").set("_what", "erase").set("_number", number);
    let form = form.set("_reason", ORDERED).set("_basis", "Law on Personal Data, article 11");
    archivist.visitor.send(&form).await.text()
}

/// In each of the folders the number stands: what is looked for would be found there.
fn nothing_can_be_read(folders: &[PathBuf], number: &str) {
    let sought = Sought::of(worded(SAID.iter().copied().chain([(NUMBER, number)])));
    for folder in folders {
        let (numbers, said): (Vec<_>, Vec<_>) =
            readable(folder, &sought).into_iter().partition(|(what, _)| *what == NUMBER);
        assert!(!numbers.is_empty(), "the search finds what is there in {}", folder.display());
        assert!(said.is_empty(), "readable: {said:#?}");
    }
}

/// What is found, and in which file.
fn readable(folder: &Path, sought: &Sought) -> BTreeSet<(&'static str, PathBuf)> {
    let mut read = BTreeSet::new();
    for file in files(folder) {
        let Some(content) = whole(&file) else { continue };
        read.extend(sought.found(&content).into_iter().map(|what| (what, file.clone())));
    }
    read
}

/// The honest limit: with the key of the agency, which lies apart, a backup of before still opens. Without it nothing in the backup does:
/// no key of the platform lies there, in whatever form.
async fn a_backup_opens_with_the_agencys_key_alone(platform: &Platform, case: CaseId) {
    let (backup, keys) = (platform.folder.path().join("backup"), platform.data().join("keys"));
    let options = SqliteConnectOptions::new().filename(backup.join("eservice.sqlite")).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("the copy can be read");
    let wrapped: Vec<u8> = sqlx::query_scalar("SELECT wrapped_key FROM cases WHERE case_id = $1")
        .bind(case.as_bytes().to_vec())
        .fetch_one(&mut connection)
        .await
        .expect("the case lies there");
    let agency = read_key(&keys.join("agencies/justice.key")).expect("the agency's key");
    assert!(CaseKey::unwrap(&AgencyKey::from_bytes(agency), &wrapped).is_ok(), "its own key opens it");
    let others = files(&keys).into_iter().filter_map(|file| read_key(&file).ok()).filter(|key| *key != agency);
    let others: Vec<[u8; 32]> = others.collect();
    assert!(
        others.len() > 2 && others.iter().all(|key| CaseKey::unwrap(&AgencyKey::from_bytes(*key), &wrapped).is_err())
    );
    let all = others.iter().chain([&agency]).flat_map(|key| written(key)).map(|form| ("a key", form));
    assert_eq!(readable(&backup, &Sought::of(all.collect())), BTreeSet::new());
}

/// A key as bytes, as digits, and in base64.
fn written(key: &[u8]) -> [Vec<u8>; 4] {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let base64 = STANDARD_NO_PAD.encode(key).into_bytes();
    [key.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes(), base64]
}

/// Every file is read, but sockets, and what the running platform took away since it was listed.
fn whole(file: &Path) -> Option<Vec<u8>> {
    if !std::fs::metadata(file).is_ok_and(|about| about.is_file()) {
        return None;
    }
    match std::fs::read(file) {
        Ok(content) => Some(content),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{}: {error}", file.display()),
    }
}

fn is_proved(platform: &Platform, document: &[u8]) {
    let file = traces::file(platform.folder.path(), "refusal.pdf", document);
    let mut command = Command::new(binary("xizmat"));
    command.args(["verify", "document"]).arg(&file).arg("--trust").arg(platform.data().join("ca/root.pem"));
    let verdict = command.output().expect("the platform's own binary");
    assert!(verdict.status.success(), "{verdict:?}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Words, in every form in which bytes may hold them, looked for in one pass.
struct Sought {
    forms: Vec<(&'static str, Vec<u8>)>,
    /// Which of them begin with these two bytes.
    beginning: Vec<Vec<usize>>,
}

impl Sought {
    fn of(forms: Vec<(&'static str, Vec<u8>)>) -> Self {
        let mut beginning = vec![Vec::new(); 1 << 16];
        for (at, (_, form)) in forms.iter().enumerate() {
            beginning[start(form)].push(at);
        }
        Self { forms, beginning }
    }

    /// Counted by hand: a server's files are large, and tests are not optimised.
    fn found(&self, content: &[u8]) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        let Some(first) = content.first() else { return found };
        let (mut pair, mut place) = (usize::from(*first), 1);
        while place < content.len() {
            pair = (pair << 8 | usize::from(content[place])) & 0xffff;
            for at in &self.beginning[pair] {
                let (what, form) = &self.forms[*at];
                if content[place - 1..].starts_with(form) {
                    found.insert(*what);
                }
            }
            place += 1;
        }
        found
    }
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// Words in all their forms, by what they are.
fn worded<'a>(words: impl Iterator<Item = (&'static str, &'a str)>) -> Vec<(&'static str, Vec<u8>)> {
    words.flat_map(|(what, words)| forms(words).into_iter().map(move |form| (what, form))).collect()
}

/// As they are, in UTF-16, as hexadecimal digits, in addresses, and in base64 wherever in it they begin.
fn forms(words: &str) -> BTreeSet<Vec<u8>> {
    let hex: String = words.bytes().map(|byte| format!("{byte:02x}")).collect();
    let wide: Vec<u16> = words.encode_utf16().collect();
    let mut forms = BTreeSet::from([
        words.as_bytes().to_vec(),
        wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        words.replace(' ', "%20").into_bytes(),
        words.replace(' ', "+").into_bytes(),
    ]);
    for before in 0..3 {
        let shifted = [&vec![b' '; before][..], words.as_bytes()].concat();
        // Digits that hang on what stands before or after are left out.
        let (first, last) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
        for text in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            forms.insert(text.as_bytes()[first..last].to_vec());
        }
    }
    forms
}

#[test]
fn words_are_found_however_bytes_hold_them() {
    let sought = Sought::of(worded([("answer", ANSWER)].into_iter()));
    let held = |text: &str| sought.found(text.as_bytes()).contains("answer");
    assert!(held(&format!("He wrote: {ANSWER}")) && !held("She took another name when she married."));
    assert!(held(&ANSWER.replace(' ', "%20")) && held(&ANSWER.replace(' ', "+")));
    for before in 0..7 {
        let longer = format!("{}{ANSWER} And so on.", &"before"[..before]);
        assert!(held(&STANDARD_NO_PAD.encode(&longer)) && held(&URL_SAFE_NO_PAD.encode(&longer)), "{before}");
        assert!(held(&longer.bytes().map(|byte| format!("{byte:02X}")).collect::<String>()), "{before}");
        let wide: Vec<u8> = longer.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(sought.found(&wide).contains("answer"), "{before}");
    }
}
