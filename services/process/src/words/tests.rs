//! Every rule and step of real definitions is told in every language, whole and without a piece of its machinery.

use api::{ServiceDefinition, StepKind};
use kernel::Language;

use super::Words;
use crate::{
    check::{File, Folder, Options},
    sample,
};

fn marriage() -> ServiceDefinition {
    let text = include_str!("../../../../examples/justice/marriage-certificate-copy/service.yaml");
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let files = vec![
        file("service.yaml", text),
        file("templates/certificate.typ", "= Certificate"),
        file("templates/refusal.typ", "= Refusal"),
    ];
    Folder { path: String::new(), files }.check(&Options::default()).unwrap().definition.unwrap()
}

fn in_english(source: &str) -> String {
    Words::new(&sample::definition(), Language::En).told(source).unwrap_or_else(|| panic!("{source} has no words"))
}

#[test]
fn rules_are_told_with_the_words_of_the_forms() {
    for (source, words) in [
        ("data.goods.kind == 'food'", "“Goods” is “food”"),
        ("data.shop.opened <= today()", "“Opened on” is not later than today"),
        (
            "data.goods.stalls > 3 && data.goods.kind in ['food', 'other']",
            "“Stalls” is more than 3 and “Goods” is one of: “food”, “other”",
        ),
        ("data.risk == 'high'", "“risk” is “high”"),
        (
            "data.goods.kind == 'food' && (data.goods.stalls < 2 || has(data.goods.area))",
            "“Goods” is “food” and (“Stalls” is less than 2 or “Area in m²” is given)",
        ),
        ("!(data.goods.stalls >= 2)", "it is not so that “Stalls” is at least 2"),
        ("percent(ref.bhm, '10') * data.goods.stalls", "10 % of the base calculation amount × “Stalls”"),
        ("percent(ref.bhm, '12.5', 'down')", "12.5 % of the base calculation amount (rounded down)"),
        ("money('34000.50')", "34\u{202f}000,50\u{a0}UZS"),
        ("share(money('100'), 1, 3)", "100,00\u{a0}UZS × 1/3"),
        ("date('2026-01-31') > data.shop.opened", "31.01.2026 is after “Opened on”"),
        ("facts.disability.group in [1, 2]", "“group” in the answer of the registry “social” is one of: 1, 2"),
        ("age(applicant.birthDate) >= 18", "full years from the applicant's date of birth until today is at least 18"),
        (
            "data.goods.kind == 'alcohol' ? money('2') : money('1')",
            "if “Goods” is “alcohol”: 2,00\u{a0}UZS; otherwise: 1,00\u{a0}UZS",
        ),
        (
            "age(birthDate(data.goods.licence)) < 18",
            "full years from the date of birth in “Number” until today is less than 18",
        ),
        ("officeFor(data.shop.soato)", "the office that answers for “Area”"),
        ("[1, 2].exists(x, x == data.goods.stalls)", "for at least one “x” of 1, 2: “x” is “Stalls”"),
    ] {
        assert_eq!(in_english(source), words, "{source}");
    }
}

#[test]
fn a_chosen_answer_is_told_as_people_see_it() {
    let definition = marriage();
    let words = |language| Words::new(&definition, language).rule("data.benefit.kind == 'disability'");
    assert_eq!(words(Language::En), "“Exemption” is “Yes, I have a disability of group I or II”");
    assert_eq!(words(Language::Ru), "«Льгота» – «Да, у меня инвалидность I или II группы»");
    let yes = Words::new(&definition, Language::En).rule("data.formerName.changed");
    assert_eq!(yes, "“My name has changed” is yes");
}

#[test]
fn what_the_check_before_the_start_means_is_told_with_its_questions() {
    let definition = marriage();
    let words = |source| Words::new(&definition, Language::En).rule(source);
    assert_eq!(words("!answers.registeredHere"), "“Was the marriage registered in Uzbekistan” is no");
    assert_eq!(words("answers.whose == 'own'"), "“Whose marriage is it” is “My own”");
}

#[test]
fn what_cannot_be_told_whole_stays_as_it_is_written() {
    let definition = sample::definition();
    let words = Words::new(&definition, Language::En);
    for source in ["data.goods.stalls % 2 == 0", "nobody.knows", "1 +"] {
        assert_eq!(words.told(source), None, "{source}");
        assert_eq!(words.rule(source), format!("“{source}”"));
    }
}

/// Conditions, amounts and offices of a definition.
fn rules(definition: &ServiceDefinition) -> Vec<&str> {
    let mut found = Vec::new();
    for (page, field) in definition.spec.forms.iter().flat_map(api::Form::fields) {
        found.extend(page.when.as_deref());
        found.extend(field.when.as_deref());
        found.extend(field.check.iter().map(|check| check.that.as_str()));
    }
    found.extend(definition.spec.eligibility.iter().flat_map(|check| &check.rules).map(|rule| rule.when.as_str()));
    for fee in &definition.spec.fees {
        found.push(fee.amount.as_str());
        found.extend(fee.waivers.iter().map(|waiver| waiver.when.as_str()));
        found.extend(fee.waivers.iter().filter_map(|waiver| waiver.amount.as_deref()));
    }
    for step in definition.steps() {
        match step.kind() {
            Some(StepKind::Task(task)) => {
                found.extend(task.office.as_deref());
                let terms = task.deadline.iter().flat_map(api::Deadline::terms);
                found.extend(terms.filter_map(|term| term.when.as_deref()));
            }
            Some(StepKind::Decide(decide)) => found.extend(decide.cases.iter().map(|case| case.when.as_str())),
            Some(StepKind::Set(values)) => found.extend(values.iter().map(|value| value.to.as_str())),
            Some(StepKind::Call(call)) => found.extend(call.input.values().map(String::as_str)),
            _ => {}
        }
    }
    found
}

#[test]
fn every_rule_of_the_examples_is_told_in_every_language() {
    for definition in [sample::definition(), marriage()] {
        for language in Language::ALL {
            let words = Words::new(&definition, language);
            for source in rules(&definition) {
                let told = words.told(source).unwrap_or_else(|| panic!("{source} has no words in {}", language.tag()));
                for piece in ["{", "}", "==", "data.", "ref.", "facts.", "answers."] {
                    assert!(!told.contains(piece), "{source} in {}: {told}", language.tag());
                }
            }
        }
    }
}

#[test]
fn a_deadline_by_office_is_told_entry_by_entry_in_every_language() {
    let mut definition = sample::definition();
    let process = definition.spec.process.as_mut().unwrap();
    process.office = Some("officeFor(data.shop.soato)".into());
    let review = process.steps.iter_mut().find(|step| step.name == "review").unwrap();
    let by_office = "[{when: \"case.office.name == 'nukus'\", is: 5 working days}, {is: 2 working days}]";
    review.task.as_mut().unwrap().deadline = Some(serde_saphyr::from_str(by_office).unwrap());
    for language in Language::ALL {
        let words = Words::new(&definition, language);
        let lines = words.steps().into_iter().find(|step| step.name == "review").unwrap().lines;
        let (far, near) =
            (words.span("5 working days".parse().unwrap()), words.span("2 working days".parse().unwrap()));
        let office = words.rule("case.office.name == 'nukus'");
        let told = lines.iter().position(|line| line.contains(&office) && line.contains(&far)).unwrap();
        assert!(lines[told + 1].contains(&near) && !lines[told + 1].contains(&office), "{}", lines[told + 1]);
        assert!(!office.contains("case.office"), "{office}");
    }
}

/// The sample, whose step `route` decides by this table.
fn by_table(table: &str) -> ServiceDefinition {
    let mut definition = sample::definition();
    let steps = &mut definition.spec.process.as_mut().unwrap().steps;
    let route = steps.iter_mut().find(|step| step.name == "route").unwrap();
    route.decide = Some(serde_saphyr::from_str(table).unwrap());
    definition
}

fn told_table(table: &str, language: Language) -> Vec<String> {
    let definition = by_table(table);
    let mut steps = Words::new(&definition, language).steps().into_iter();
    steps.find(|step| step.name == "route").unwrap().lines
}

#[test]
fn a_table_is_told_rule_by_rule_with_the_names_that_people_have_for_its_inputs() {
    let table = "{table: {hit: first, inputs: [{is: data.goods.kind}, {is: data.goods.stalls, label: {en: Number of stalls}}], rules: [\
                 {name: few, when: ['\"food\", \"other\"', '1..3'], next: pay, article: Article 5}, \
                 {name: old, when: ['not(\"food\")', '< 9'], set: [{at: risk, to: \"'high'\"}], next: both}, \
                 {name: rest, when: ['-', '-'], next: both}]}}";
    assert_eq!(
        told_table(table, Language::En),
        [
            "The first of these rules that holds decides.",
            "Rule “few” (Article 5): if “Goods” is one of: “food”, “other” and “Number of stalls” is from 1 to 3, both included, step 8.",
            "Rule “old”: if it is not so that “Goods” is “food” and “Number of stalls” is less than 9, step 5.",
            "“old”: “risk” is set to: “high”.",
            "Rule “rest”: in any case, step 5.",
        ]
    );
    let collect = "{table: {hit: collect, inputs: [{is: data.shop.opened}, {is: \"percent(ref.bhm, '10')\"}], rules: [\
                   {name: old, when: ['< 2020-01-31', '-'], gives: '2'}, {name: dear, when: ['-', '>= 34000.5'], gives: '3'}], \
                   collect: {at: goods.area, next: pay}}, otherwise: both}";
    assert_eq!(
        told_table(collect, Language::En),
        [
            "What all rules that hold give is added up: “Area in m²”. Then step 8.",
            "Rule “old”: if “Opened on” is before 31.01.2020, it gives 2.",
            "Rule “dear”: if 10 % of the base calculation amount is at least 34\u{202f}000,50\u{a0}UZS, it gives 3.",
            "Otherwise: step 5.",
        ]
    );
    for language in Language::ALL {
        for line in [told_table(table, language), told_table(collect, language)].concat() {
            assert!(!line.contains(['{', '}']) && !line.contains("data."), "{line}");
        }
    }
}

#[test]
fn every_step_says_what_it_does_and_every_way_leads_to_a_number() {
    for definition in [sample::definition(), marriage()] {
        for language in Language::ALL {
            let steps = Words::new(&definition, language).steps();
            assert_eq!(steps.len(), definition.steps().len());
            for (told, step) in steps.iter().zip(definition.steps()) {
                assert!(!told.title.is_empty() && !told.lines.is_empty(), "{} in {}", step.name, language.tag());
                for way in step.outgoing() {
                    let number = steps.iter().find(|other| other.name == way.to).unwrap().number.to_string();
                    let leads = |line: &String| line.split(|c: char| !c.is_ascii_digit()).any(|part| part == number);
                    assert!(told.lines.iter().any(leads), "{}.{}: {:?}", step.name, way.field, told.lines);
                }
            }
        }
    }
}

#[test]
fn a_company_that_is_asked_is_told_apart_from_a_person() {
    let residence = include_str!("../sample/residence.yaml");
    let company = residence.replace("{name: owner, ", "{name: owner, kind: company, ");
    for (text, expected) in [
        (residence.to_owned(), "Who is asked: “Owner”."),
        (company, "Who is asked: a company, “Owner”. Whoever directs it then answers for it."),
    ] {
        let definition: ServiceDefinition = serde_saphyr::from_str(&text).unwrap();
        let steps = Words::new(&definition, Language::En).steps();
        assert!(steps[1].lines.contains(&expected.to_owned()), "{steps:?}");
    }
}

#[test]
fn the_steps_of_the_example_read_as_a_registrar_would_tell_them() {
    let definition = marriage();
    let steps = Words::new(&definition, Language::En).steps();
    assert_eq!(steps[2].title, "Payment: “State duty”");
    assert_eq!(
        steps[2].lines,
        ["The applicant pays: “State duty”.", "Time: 3 days.", "When the time is over: step 10.", "Then: step 4."]
    );
    assert_eq!(steps[3].lines[0], "An officer with the role “registrar” decides.");
    assert!(steps[3].lines.contains(&"The decision “Issue the copy” leads to step 5.".to_owned()), "{steps:?}");
    let reason = "A possible reason for “Refuse”: “No record of such a marriage was found (387-son qaror, 203-band)”.";
    assert!(steps[3].lines.contains(&reason.to_owned()), "{steps:?}");
}
