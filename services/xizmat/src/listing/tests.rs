//! A thousand rows with everything that goes wrong in them, and the way there and back.

use std::fs;

use api::ServiceDefinition;
use process::check::{Options, Severity, check};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{columns, definition_file, import, others, sheet, titles, written};

const LANGUAGES: [&str; 5] = api::Text::LANGUAGES;
const FORMS: [sheet::Form; 2] = [sheet::Form::Separated, sheet::Form::Workbook];

/// A row of a spreadsheet with a title and a law in every language.
fn row(name: &str, title: &str) -> columns::Row {
    let mut row = columns::Row::from([("name".to_owned(), name.to_owned())]);
    for tag in LANGUAGES {
        row.insert(format!("title.{tag}"), format!("{title} {tag}"));
        row.insert(format!("summary.{tag}"), "What one gets".to_owned());
        row.insert(format!("legalBasis.title.{tag}"), "A law".to_owned());
    }
    row.insert("legalBasis.uri".to_owned(), "https://lex.uz/docs/1".to_owned());
    row.insert("lifeEvents".to_owned(), "home".to_owned());
    row
}

fn told(rows: &[columns::Row]) -> import::Imported {
    told_from(rows, sheet::Form::Separated)
}

fn told_from(rows: &[columns::Row], form: sheet::Form) -> import::Imported {
    let bytes = sheet::write(rows, form).unwrap();
    import::import(&sheet::read(&bytes).unwrap(), "list.csv", "trade", None)
}

/// Code, row and the name of the column.
fn problems(imported: &import::Imported) -> Vec<(&str, u32, &str)> {
    imported.problems.iter().map(|one| (one.code, one.line, one.path.as_str())).collect()
}

#[test]
fn of_a_thousand_rows_each_mistake_is_told_at_its_row_and_column() {
    let mut rows: Vec<columns::Row> =
        (0..1_000).map(|number| row(&format!("service-{number}"), &format!("Service {number}"))).collect();
    let sound = told(&rows);
    assert!(sound.problems.is_empty(), "{:?}", problems(&sound));
    rows[10].insert("name".to_owned(), "service-3".to_owned());
    for tag in LANGUAGES {
        rows[20].remove(&format!("legalBasis.title.{tag}"));
    }
    rows[20].remove("legalBasis.uri");
    rows[30].insert("legalBasis.uri".to_owned(), "http://lex.uz".to_owned());
    rows[40].remove("title.kaa");
    rows[50].insert("promised".to_owned(), "soon".to_owned());
    rows[60].insert("title.en".to_owned(), "Service 5 en".to_owned());
    rows[70].insert("name".to_owned(), "../../etc".to_owned());
    let expected = [
        ("listing.duplicate-name", 12, "name"),
        ("definition.no-legal-basis", 22, "legalBasis.title.uz"),
        ("definition.link", 32, "legalBasis.uri"),
        ("text.missing-language", 42, "title.uz"),
        ("definition.span", 52, "promised"),
        ("listing.duplicate-title", 62, "title.en"),
        ("definition.name", 72, "name"),
    ];
    for form in FORMS {
        let imported = told_from(&rows, form);
        assert_eq!(problems(&imported), expected);
        assert!(imported.fails());
        assert_eq!(imported.made.len(), 1_000);
    }
}

#[test]
fn no_row_overwrites_a_service_that_grew_beyond_a_list_or_that_does_not_read() {
    let folder = testkit::folder().join("listing");
    let mut imported = told(&["listed", "grown", "broken", "encoded", "new"].map(|name| row(name, name)));
    let listed = imported.made[0].definition.clone();
    let mut grown = listed.clone();
    grown["spec"]["level"] = "hosted".into();
    for (name, content) in [
        ("listed", written::yaml(&listed).into_bytes()),
        ("grown", written::yaml(&grown).into_bytes()),
        ("broken", b"spec: [".to_vec()),
        ("encoded", b"title: \xcd\xe8\xea\xee\xf5".to_vec()),
    ] {
        let file = definition_file(&folder, name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }
    assert!(!imported.fails());
    others(&mut imported, &folder, "list.csv");
    let expected = [3, 4, 5].map(|line| ("listing.not-listed", line, "name"));
    assert_eq!(problems(&imported), expected);
    assert!(imported.fails());
}

#[test]
fn a_title_that_a_service_of_the_agency_has_already_is_told_at_its_row_whatever_its_level() {
    let folder = testkit::folder().join("titles");
    let there = told(&[row("archive", "Archive extract"), row("library", "Library card")]);
    for made in &there.made {
        let mut definition = made.definition.clone();
        if made.name == "library" {
            definition["spec"]["level"] = "external".into();
        }
        let file = definition_file(&folder, &made.name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, written::yaml(&definition)).unwrap();
    }
    let mut rows = [row("archive", "Archive extract"), row("extract", "archive Extract"), row("card", "Card")];
    rows[2].insert("title.ru".to_owned(), "Library card ru ".to_owned());
    let bytes = sheet::write(&rows, sheet::Form::Separated).unwrap();
    let sheet = sheet::read(&bytes).unwrap();
    let mut imported = import::import(&sheet, "list.csv", "trade", None);
    imported.problems.clear();
    let known = titles(&imported, &folder);
    import::namesakes(&mut imported, &sheet, "list.csv", &known);
    // The row `archive` takes the place of the service of that name: the other row was told against it already.
    assert_eq!(problems(&imported), [("listing.duplicate-title", 4, "title.ru")]);
    assert!(imported.problems[0].message.contains("library/service.yaml"), "{}", imported.problems[0].message);
    assert!(!imported.fails());
    let known = titles(&import::Imported::default(), &folder);
    imported.problems.clear();
    import::namesakes(&mut imported, &sheet, "list.csv", &known);
    let lines: Vec<u32> = imported.problems.iter().map(|one| one.line).collect();
    assert_eq!(lines, [2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4]);
}

#[test]
fn what_only_stops_publishing_is_told_and_made_all_the_same() {
    let mut incomplete = row("one", "One");
    incomplete.remove("title.kaa");
    let imported = told(&[incomplete]);
    assert!(!imported.fails());
    assert_eq!(imported.problems[0].severity, Severity::Publish);
}

#[test]
fn a_column_that_nobody_knows_and_one_that_is_missing_are_told_in_the_first_row() {
    let sheet = sheet::read(b"name,titel.uz\na,b\n").unwrap();
    let imported = import::import(&sheet, "list.csv", "trade", None);
    let first: Vec<_> = problems(&imported).into_iter().filter(|(_, row, _)| *row == 1).collect();
    assert_eq!(first, [("listing.missing-column", 1, "title"), ("listing.unknown-column", 1, "")]);
    assert_eq!(imported.problems[1].column, 2);
}

#[test]
fn a_dead_link_is_told_in_every_row_in_which_it_stands() {
    let bytes = sheet::write(&[row("one", "One"), row("two", "Two")], sheet::Form::Separated).unwrap();
    let sheet = sheet::read(&bytes).unwrap();
    let links = import::links(&sheet);
    assert_eq!(links.keys().collect::<Vec<_>>(), ["https://lex.uz/docs/1"]);
    let mut imported = import::import(&sheet, "list.csv", "trade", None);
    let dead = [("https://lex.uz/docs/1".to_owned(), "it answers 404".to_owned())].into();
    import::dead(&mut imported, &sheet, "list.csv", &dead);
    let expected = [("listing.dead-link", 2, "legalBasis.uri"), ("listing.dead-link", 3, "legalBasis.uri")];
    assert_eq!(problems(&imported), expected);
}

/// Words as people write them, with what has a meaning in CSV and in YAML.
fn words() -> impl Strategy<Value = String> {
    "[A-Za-zʻğщ0-9,;:\"'#{}&*!|>%@`~=+-][A-Za-z ,;:\"'#{}\\\\-]{0,12}[a-z0-9\"]"
}

fn text() -> impl Strategy<Value = Value> {
    let languages = proptest::array::uniform5(proptest::option::of(words()));
    languages.prop_filter_map("some language has it", |languages| {
        let there =
            LANGUAGES.into_iter().zip(languages).filter_map(|(tag, words)| Some((tag.to_owned(), json!(words?))));
        let text: Map<String, Value> = there.collect();
        (!text.is_empty()).then_some(Value::Object(text))
    })
}

fn act() -> impl Strategy<Value = Value> {
    (text(), proptest::option::of("[a-z]{1,8}")).prop_map(|(title, path)| match path {
        Some(path) => json!({ "title": title, "uri": format!("https://lex.uz/{path}") }),
        None => json!({ "title": title }),
    })
}

fn listed() -> impl Strategy<Value = Value> {
    let lists = (proptest::collection::vec(act(), 0..4), proptest::collection::vec(text(), 0..4));
    let few = (proptest::option::of(text()), proptest::option::of(1_u32..90), any::<bool>());
    ("[a-z][a-z0-9]{0,9}", text(), few, lists).prop_map(|(name, title, (summary, days, citizens), (acts, needs))| {
        let mut spec = Map::from_iter([
            ("title".to_owned(), title),
            ("agency".to_owned(), json!("trade")),
            ("level".to_owned(), json!("listed")),
        ]);
        let mut put = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                spec.insert(field.to_owned(), value);
            }
        };
        put("summary", summary);
        put("audience", citizens.then(|| json!(["citizen", "business"])));
        put("legalBasis", (!acts.is_empty()).then(|| json!(acts)));
        put("needs", (!needs.is_empty()).then(|| json!(needs)));
        put("serviceLevel", days.map(|days| json!({ "promised": format!("{days} days") })));
        let metadata = json!({ "name": name, "namespace": "trade" });
        json!({ "apiVersion": api::API_VERSION, "kind": "ServiceDefinition", "metadata": metadata, "spec": spec })
    })
}

fn read(value: &Value) -> ServiceDefinition {
    serde_json::from_value(value.clone()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_listed_service_goes_into_a_spreadsheet_and_comes_back_the_same(definition in listed()) {
        for form in FORMS {
            let bytes = sheet::write(&[columns::row(&definition)], form).unwrap();
            let sheet = sheet::read(&bytes).unwrap();
            let back = columns::definition(&sheet.rows[0].1, "trade");
            // `1 days` is written and read as it stands; the types say whether it is the same.
            prop_assert_eq!(read(&back), read(&definition));
        }
    }

    #[test]
    fn a_definition_is_written_as_yaml_that_reads_as_the_same(definition in listed()) {
        let report = check(&written::yaml(&definition), "service.yaml", &Options::default());
        prop_assert!(report.runs(), "{:?}", report.problems);
        prop_assert_eq!(report.definition.unwrap(), read(&definition));
    }
}
