//! A service that is only described: from an agency's spreadsheet to its passport, for people and for programs, and back again;
//! and a booklet that is the same however often it is made.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tests::{
    citizen::SERVICE,
    patience::Patience,
    platform::{Manner, Platform, binary, repository},
    shared,
    traces::file,
    visitor::{Page, Visitor},
};

use crate::watch::copy;

const LISTED: &str = "services/justice/archive-extract";
const LANGUAGES: [&str; 5] = ["uz", "uz-Cyrl", "kaa", "ru", "en"];
const EXAMPLES: [(&str, &str); 4] = [
    ("construction", "building-permit"),
    ("interior", "no-criminal-record"),
    ("interior", "residence-registration"),
    ("justice", "marriage-certificate-copy"),
];
const TITLE: &str = "Extract from the archive";
const FORM: &str = "Application for another copy of a civil status document";
const NEW_TITLE: &str = "Extract from the state archive";

/// One service, with every text in every language.
fn spreadsheet() -> String {
    let mut columns = vec![("name".to_owned(), "archive-extract".to_owned())];
    for (part, words) in
        [("title", TITLE), ("summary", "What the archive keeps"), ("legalBasis.title", "Law on Archives")]
    {
        let spoken = |tag: &str| if tag == "en" { words.to_owned() } else { format!("{words} {tag}") };
        columns.extend(LANGUAGES.map(|tag| (format!("{part}.{tag}"), spoken(tag))));
    }
    for (name, cell) in [
        ("lifeEvents", "lost-documents"),
        ("audience", "citizen\nbusiness"),
        ("legalBasis.uri", "https://lex.uz/docs/1"),
        ("promised", "10 days"),
    ] {
        columns.push((name.to_owned(), format!("\"{cell}\"")));
    }
    let (names, cells): (Vec<String>, Vec<String>) = columns.into_iter().unzip();
    format!("{}\n{}\n", names.join(","), cells.join(","))
}

fn xizmat(arguments: &[&str], path: &Path) -> Output {
    Command::new(binary("xizmat")).args(arguments).arg(path).output().expect("the platform's own binary")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

async fn until(platform: &Platform, path: &str, expected: impl Fn(&Page) -> bool) -> Page {
    let mut visitor = Visitor::new("en");
    let patience = Patience::default();
    let mut text = String::new();
    while patience.lasts() {
        let page = visitor.open(&format!("{}/{path}", platform.ready.portal)).await;
        if expected(&page) {
            return page;
        }
        text = page.text();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("{path} never came\n{text}");
}

async fn linked(platform: &Platform, path: &str) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/{path}", platform.ready.portal);
    let answer = client.get(&url).send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
    assert_eq!(answer.headers()["content-type"], "application/ld+json", "{url}");
    answer.json().await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

#[test]
fn a_listed_service_comes_from_a_spreadsheet_and_its_passport_tells_people_and_programs_what_became_of_it() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let definitions = folder.path().join("definitions");
        copy(&repository().join("examples"), &definitions);
        let sheet = file(folder.path(), "services.csv", spreadsheet().as_bytes());
        let justice = definitions.join("justice").display().to_string();
        let imported = xizmat(&["register", "import", "--agency", "justice", "--out", &justice], &sheet);
        assert!(imported.status.success(), "{}", said(&imported));

        let manner = Manner { watched: Some(definitions.clone()), ..Manner::default() };
        let platform = Platform::start_as(folder, manner).await;
        let passport = until(&platform, &format!("{LISTED}/passport"), |page| page.shows(TITLE)).await;
        for words in ["Law on Archives", "Described only", "10 days", "The first revision", "Lost documents"] {
            assert!(passport.shows(words), "{words}:\n{}", passport.text());
        }
        let page = until(&platform, LISTED, |page| page.shows(TITLE)).await;
        assert!(!page.html.contains(&format!("{LISTED}/start")), "nobody can apply for it here");
        assert!(page.html.contains("\"@type\":\"GovernmentService\""), "{}", page.html);

        let one = linked(&platform, &format!("{LISTED}.jsonld")).await;
        assert_eq!(
            (&one["@type"], &one["cv:processingTime"]["@value"]),
            (&"cpsv:PublicService".into(), &"P10D".into())
        );
        let all = linked(&platform, "services.jsonld").await;
        let services = all["dct:hasPart"].as_array().expect("services");
        let names: Vec<&str> = services.iter().filter_map(|one| one["dct:identifier"].as_str()).collect();
        let of_justice: Vec<&str> = names.into_iter().filter(|name| name.starts_with("justice/")).collect();
        assert_eq!(of_justice, ["justice/archive-extract", "justice/marriage-certificate-copy"]);
        let hosted = until(&platform, &format!("{SERVICE}/passport"), |page| page.shows("How it is computed")).await;
        assert!(hosted.shows("10 % of the base calculation amount"), "{}", hosted.text());
        for page in [hosted, until(&platform, "forms", |page| page.shows(FORM)).await] {
            for words in [FORM, "Ministry of Justice", "Version 2016-11-14", "No. 387 of 14 November 2016"] {
                assert!(page.shows(words), "{words}:\n{}", page.text());
            }
        }
        let forms = until(&platform, "forms", |page| page.shows("Services that use this form")).await;
        assert!(forms.html.contains(&format!("href=\"/{SERVICE}\"")), "each leads to its services:\n{}", forms.html);
        let told = linked(&platform, &format!("{SERVICE}.jsonld")).await;
        let form = &told["dct:references"][0];
        let key = form["@id"].as_str().and_then(|id| id.split_once("/forms#")).expect("an address").1;
        assert!(forms.html.contains(&format!("id=\"{key}\"")), "it stands at that address");
        assert_eq!(form["dcat:version"], "2016-11-14");

        let definition = definitions.join("justice/archive-extract/service.yaml");
        let text = std::fs::read_to_string(&definition).expect("it was imported");
        let changed = text.replace(&format!("\"{TITLE}\""), &format!("\"{NEW_TITLE}\""));
        assert_ne!(changed, text);
        std::fs::write(&definition, changed).expect("the folder can be written");
        let told = "Title: changed (wording or layout)";
        until(&platform, &format!("{LISTED}/passport"), |page| page.shows(NEW_TITLE) && page.shows(told)).await;

        // What people see now goes back to the agency as it would come again.
        let workbook = platform.folder.path().join("again.xlsx");
        let exported = xizmat(&["register", "export", "--out", &workbook.display().to_string()], &definitions);
        assert!(exported.status.success(), "{}", said(&exported));
        let again = xizmat(&["register", "import", "--agency", "justice"], &workbook);
        assert!(said(&again).contains(NEW_TITLE), "{}", said(&again));
        assert!(again.status.success(), "{}", said(&again));
    });
}

/// What `make conformance` has the profile's own shapes judge (`tests/conformance/cpsv-ap`).
#[test]
fn outside_readers_get_the_examples_as_linked_data() {
    shared::walk(async {
        let platform = shared::platform().await;
        let samples = std::env::var_os("XIZMAT_SEALED_SAMPLES");
        let give = |name: &str, told: &Value| {
            let Some(folder) = &samples else { return };
            file(Path::new(folder), &format!("example-{name}.jsonld"), told.to_string().as_bytes());
        };
        let all = linked(&platform, "services.jsonld").await;
        assert_eq!(all["dct:hasPart"].as_array().map(Vec::len), Some(EXAMPLES.len()), "{all:#}");
        give("register", &all);
        for (agency, service) in EXAMPLES {
            let one = linked(&platform, &format!("services/{agency}/{service}.jsonld")).await;
            assert_eq!(one["dct:identifier"], format!("{agency}/{service}"));
            let channels = one["cv:hasChannel"].as_array().expect("it can be applied for");
            assert!(channels.iter().any(|channel| channel["dct:identifier"] == "online"), "{one:#}");
            assert_eq!(one["dct:title"].as_array().map(Vec::len), Some(LANGUAGES.len()), "{one:#}");
            give(service, &one);
        }
    });
}

#[test]
fn a_spreadsheet_with_mistakes_writes_nothing_and_says_where_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let twice = spreadsheet();
    let row = twice.split_once('\n').expect("a header").1;
    let sheet = file(folder.path(), "services.csv", format!("{twice}{row}").as_bytes());
    let out = folder.path().join("out");
    let out_named = out.display().to_string();
    let refused = xizmat(&["register", "import", "--agency", "justice", "--out", &out_named], &sheet);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("services.csv:3:1: error"), "{}", said(&refused));
    assert!(said(&refused).contains("listing.duplicate-name"), "{}", said(&refused));
    assert!(!out.exists(), "nothing is left behind");
}

#[test]
fn a_folder_of_services_is_reported_with_every_language_that_nobody_has_reviewed() {
    let report = xizmat(&["texts"], &repository().join("examples"));
    assert_eq!(report.status.code(), Some(1), "{}", said(&report));
    let told = String::from_utf8_lossy(&report.stdout).into_owned();
    let (services, drafts) = (told.matches("/service.yaml\n").count(), told.matches(": draft (").count());
    assert_eq!((services, drafts), (4, 20), "four services of the examples in five languages: {told}");
}

#[test]
fn a_booklet_is_the_same_however_often_it_is_made_and_its_hash_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = repository().join("examples/justice/marriage-certificate-copy");
    let made = |name: &str| {
        let out = folder.path().join(name);
        let output = xizmat(&["booklet", "--lang", "uz", "--out", &out.display().to_string()], &service);
        assert!(output.status.success(), "{}", said(&output));
        let line = String::from_utf8_lossy(&output.stdout).into_owned();
        let hash = line.split("  ").next().expect("a hash").to_owned();
        let html = std::fs::read(&out).expect("it was written");
        assert_eq!(kernel::Hash::of(&html).to_string(), hash);
        html
    };
    assert_eq!(made("one.html"), made("two.html"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 2, "nothing else is written");
}
