//! Services as linked data of the European profile CPSV-AP 3.2 (JSON-LD 1.1), valid against its SHACL shapes.
//!
//! The context stands in each document, so that nobody has to fetch one. What the profile has no word for is left out.

use kernel::{Currency, Language, Money};
use proto::{
    Text,
    register::v1::{
        DescribedAct, DescribedFee, DescribedForm, DescribedName, DescribedOffice, Descriptions, ServiceDescription,
    },
};
use serde_json::{Map, Value, json};

use crate::locales::TEXTS;

/// Country, languages and currency as the EU's authority tables name them.
const COUNTRY: &str = "http://publications.europa.eu/resource/authority/country/UZB";
const LANGUAGE: &str = "http://publications.europa.eu/resource/authority/language/";
const CURRENCY: &str = "http://publications.europa.eu/resource/authority/currency/";

/// One service by itself.
pub fn document(base: &str, told: &ServiceDescription) -> Value {
    let mut document = Map::from_iter([("@context".to_owned(), context())]);
    document.extend(service(base, told));
    Value::Object(document)
}

/// A page of the register. `place` is the page's own address; `next` is the one after it.
pub fn catalogue(base: &str, told: &Descriptions, (place, next): (&str, Option<&str>)) -> Value {
    let mut view = node(place, "hydra:PartialCollectionView");
    put(&mut view, "hydra:next", next.map(|next| json!({ "@id": next })));
    let services: Vec<Value> = told.services.iter().map(|one| Value::Object(service(base, one))).collect();
    let publisher = json!({
        "@id": format!("{base}/#portal"), "@type": "foaf:Agent", "dct:identifier": base,
        "dct:title": Language::ALL.map(|language| literal(language, "Xizmat")),
    });
    json!({
        "@context": context(), "@id": format!("{}#all", register(base)), "@type": "dcat:Dataset",
        "dct:identifier": "services",
        "dct:title": interface("home-title"),
        "dct:description": interface("footer-about"),
        "dct:publisher": publisher,
        "dcat:landingPage": page(&format!("{base}/search?q=")),
        "dct:hasPart": services,
        "hydra:view": view,
    })
}

/// Where the register begins.
fn register(base: &str) -> String {
    format!("{base}/services.jsonld")
}

fn context() -> Value {
    json!({
        "cpsv": "http://purl.org/vocab/cpsv#", "cv": "http://data.europa.eu/m8g/", "dct": "http://purl.org/dc/terms/",
        "dcat": "http://www.w3.org/ns/dcat#", "eli": "http://data.europa.eu/eli/ontology#",
        "foaf": "http://xmlns.com/foaf/0.1/", "hydra": "http://www.w3.org/ns/hydra/core#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "skos": "http://www.w3.org/2004/02/skos/core#",
        "time": "http://www.w3.org/2006/time#", "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}

type Node = Map<String, Value>;

fn node(id: impl Into<String>, kind: &str) -> Node {
    Map::from_iter([("@id".to_owned(), Value::from(id.into())), ("@type".to_owned(), Value::from(kind))])
}

/// Leaves out what there is not.
fn put(node: &mut Node, property: &str, value: Option<Value>) {
    if let Some(value) = value {
        node.insert(property.to_owned(), value);
    }
}

fn list(values: impl Iterator<Item = Node>) -> Option<Value> {
    let values: Vec<Value> = values.map(Value::Object).collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

/// A text in the languages that have it.
fn literals(text: Option<&Text>) -> Option<Value> {
    let by_language = &text?.by_language;
    let there = Language::ALL.into_iter().filter_map(|language| Some((language, by_language.get(language.tag())?)));
    let all: Vec<Value> = there.map(|(language, words)| literal(language, words)).collect();
    (!all.is_empty()).then_some(Value::Array(all))
}

/// The profile asks for a text: where nobody wrote one, the name stands for it.
fn literals_or(text: Option<&Text>, name: &str) -> Value {
    literals(text).unwrap_or_else(|| json!([{ "@value": name, "@language": "und" }]))
}

fn literal(language: Language, words: &str) -> Value {
    json!({ "@value": words, "@language": language.html_tag() })
}

/// A text of the portal itself.
fn interface(key: &str) -> Value {
    Language::ALL.into_iter().map(|language| literal(language, &TEXTS.get(language, key))).collect()
}

fn page(url: &str) -> Value {
    json!({ "@id": url, "@type": "foaf:Document" })
}

fn service(base: &str, told: &ServiceDescription) -> Node {
    let at = format!("{base}/services/{}/{}", told.agency, told.service);
    let part = |name: &str| format!("{at}#{name}");
    let mut node = node(part("service"), "cpsv:PublicService");
    let title = literals_or(told.title.as_ref(), &told.service);
    let description = literals(told.summary.as_ref()).unwrap_or_else(|| title.clone());
    let always = [
        ("dct:identifier", json!(format!("{}/{}", told.agency, told.service))),
        ("dct:title", title),
        ("dct:description", description),
        ("dct:spatial", json!({ "@id": COUNTRY, "@type": "dct:Location" })),
        ("cv:hasCompetentAuthority", authority(base, told)),
        ("foaf:page", page(&at)),
    ];
    node.extend(always.map(|(property, value)| (property.to_owned(), value)));
    put(&mut node, "dct:language", languages(told.title.as_ref()));
    put(&mut node, "dct:audience", list(told.audience.iter().map(|word| audience(base, word))));
    put(&mut node, "cv:isGroupedBy", list(told.life_events.iter().map(|event| life_event(base, event))));
    put(&mut node, "cv:contactPoint", contact(&part("contact"), told));
    put(&mut node, "cv:hasChannel", list(channels(&at, told).into_iter()));
    let acts = told.legal_basis.iter().enumerate();
    put(&mut node, "cv:hasLegalResource", list(acts.map(|(at, act)| law(part(&format!("law-{}", at + 1)), act))));
    put(&mut node, "dct:references", list(told.forms.iter().map(|form| state_form(base, form))));
    let needs = told.needs.iter().enumerate();
    let needs = needs.map(|(at, need)| need_of(part(&format!("need-{}", at + 1)), at, need));
    put(&mut node, "cv:holdsRequirement", list(needs));
    let evidence = told.evidence.iter().map(|file| titled(part(&format!("file-{}", file.name)), "cv:Evidence", file));
    put(&mut node, "cpsv:hasInput", list(evidence));
    let outputs = told.documents.iter();
    let outputs = outputs.map(|document| titled(part(&format!("result-{}", document.name)), "cv:Output", document));
    put(&mut node, "cpsv:produces", list(outputs));
    put(&mut node, "cv:hasCost", list(told.fees.iter().map(|fee| cost(part(&format!("fee-{}", fee.name)), fee))));
    put(&mut node, "cpsv:follows", promise(part("promised"), told.promised.as_ref()));
    let duration = Some(&told.promised_duration).filter(|duration| !duration.is_empty());
    put(
        &mut node,
        "cv:processingTime",
        duration.map(|duration| json!({ "@value": duration, "@type": "xsd:duration" })),
    );
    node
}

fn authority(base: &str, told: &ServiceDescription) -> Value {
    let title = literals_or(told.agency_title.as_ref(), &told.agency);
    let mut node = node(format!("{}#agency-{}", register(base), told.agency), "cv:PublicOrganisation");
    let always = [
        ("dct:identifier", json!(told.agency)),
        ("skos:prefLabel", title),
        ("dct:spatial", json!({ "@id": COUNTRY, "@type": "dct:Location" })),
    ];
    node.extend(always.map(|(property, value)| (property.to_owned(), value)));
    put(&mut node, "foaf:homepage", https(&told.agency_uri).map(page));
    Value::Object(node)
}

/// Only an address that is one goes out as a link.
fn https(uri: &str) -> Option<&str> {
    url::Url::parse(uri).is_ok_and(|url| url.scheme() == "https").then_some(uri)
}

/// Languages in which the service is described; both scripts are Uzbek.
fn languages(title: Option<&Text>) -> Option<Value> {
    let title = title?;
    let there = |tags: &[&str]| tags.iter().any(|tag| title.by_language.contains_key(*tag));
    let known: [(&str, &[&str]); 4] =
        [("UZB", &["uz", "uz-Cyrl"]), ("KAA", &["kaa"]), ("RUS", &["ru"]), ("ENG", &["en"])];
    let known = known.into_iter().filter(|(_, tags)| there(tags));
    list(known.map(|(code, _)| node(format!("{LANGUAGE}{code}"), "dct:LinguisticSystem")))
}

fn audience(base: &str, word: &str) -> Node {
    let mut concept = node(format!("{}#audience-{word}", register(base)), "skos:Concept");
    let names = Language::ALL.into_iter().filter_map(|language| {
        let name = TEXTS.find(language, &format!("audience-{word}"), &[])?;
        Some(literal(language, &name))
    });
    let names: Vec<Value> = names.collect();
    put(&mut concept, "skos:prefLabel", (!names.is_empty()).then_some(Value::Array(names)));
    concept
}

fn life_event(base: &str, event: &DescribedName) -> Node {
    let id = format!("{base}/life-events/{}#event", event.name);
    let mut event = titled(id, "cv:Event", event);
    event.insert("@type".to_owned(), json!(["cv:LifeEvent", "cv:Event"]));
    event
}

/// Something with a name that stays and a title for people.
fn titled(id: String, kind: &str, named: &DescribedName) -> Node {
    let mut node = node(id, kind);
    node.insert("dct:identifier".to_owned(), json!(named.name));
    node.insert("dct:title".to_owned(), literals_or(named.title.as_ref(), &named.name));
    node
}

fn contact(id: &str, told: &ServiceDescription) -> Option<Value> {
    let phone = Some(&told.agency_phone).filter(|phone| !phone.is_empty());
    let site = https(&told.agency_uri);
    if phone.is_none() && site.is_none() {
        return None;
    }
    let mut point = node(id, "cv:ContactPoint");
    put(&mut point, "cv:telephone", phone.map(|phone| json!(phone)));
    put(&mut point, "cv:contactPage", site.map(page));
    Some(Value::Object(point))
}

/// Online, where people can apply here; and every office.
fn channels(at: &str, told: &ServiceDescription) -> Vec<Node> {
    let mut all = Vec::new();
    if told.level == "hosted" {
        let mut online = node(format!("{at}#online"), "cv:Channel");
        online.insert("dct:identifier".to_owned(), json!("online"));
        online.insert("foaf:page".to_owned(), page(&format!("{at}/start")));
        all.push(online);
    }
    all.extend(told.offices.iter().map(|known| office(format!("{at}#office-{}", known.name), known)));
    all
}

fn office(id: String, office: &DescribedOffice) -> Node {
    let mut channel = node(id.as_str(), "cv:Channel");
    channel.insert("dct:identifier".to_owned(), json!(office.name));
    channel.insert("dct:title".to_owned(), literals_or(office.title.as_ref(), &office.name));
    put(&mut channel, "dct:description", literals(office.address.as_ref()));
    let hours = literals(office.hours.as_ref())
        .map(|hours| json!({ "@id": format!("{id}-hours"), "@type": "time:TemporalEntity", "dct:description": hours }));
    put(&mut channel, "cv:openingHours", hours);
    let phone = Some(&office.phone).filter(|phone| !phone.is_empty());
    put(&mut channel, "cv:telephone", phone.map(|phone| json!(phone)));
    channel
}

/// Several acts may stand at one address: each has an id of its own.
fn law(id: String, act: &DescribedAct) -> Node {
    let mut node = node(id, "eli:LegalResource");
    put(&mut node, "dct:title", literals(act.title.as_ref()));
    put(&mut node, "rdfs:seeAlso", https(&act.uri).map(|uri| json!({ "@id": uri })));
    node
}

/// A form that an act prescribes, under its address on the page of all forms: services that use it speak of the same one.
fn state_form(base: &str, form: &DescribedForm) -> Node {
    let id = format!("{base}/forms#{}", form.key);
    let mut node = node(id.as_str(), "foaf:Document");
    node.insert("dct:identifier".to_owned(), json!(form.name));
    node.insert("dct:title".to_owned(), literals_or(form.title.as_ref(), &form.name));
    node.insert("dcat:version".to_owned(), json!(form.version));
    put(&mut node, "dct:creator", literals(form.owner.as_ref()).map(|owner| json!({ "foaf:name": owner })));
    let act = form.legal_basis.as_ref().map(|act| Value::Object(law(format!("{id}-law"), act)));
    put(&mut node, "cv:hasLegalResource", act);
    put(&mut node, "rdfs:seeAlso", https(&form.uri).map(|uri| json!({ "@id": uri })));
    node
}

fn need_of(id: String, place: usize, need: &Text) -> Node {
    let name = format!("need-{}", place + 1);
    let mut node = node(id, "cv:Requirement");
    node.insert("dct:title".to_owned(), literals_or(Some(need), &name));
    node.insert("dct:identifier".to_owned(), json!(name));
    node
}

fn cost(id: String, fee: &DescribedFee) -> Node {
    let mut node = node(id, "cv:Cost");
    node.insert("dct:identifier".to_owned(), json!(fee.name));
    put(&mut node, "dct:title", literals(fee.title.as_ref()));
    put(&mut node, "dct:description", literals(fee.rule.as_ref()));
    let amount = fee.amount.as_ref().and_then(|amount| {
        let currency = Currency::parse(&amount.currency).ok()?;
        Some((Money { minor: amount.minor, currency }.to_decimal().to_string(), currency.code()))
    });
    if let Some((value, currency)) = amount {
        node.insert("cv:hasValue".to_owned(), json!({ "@value": value, "@type": "xsd:double" }));
        node.insert(
            "cv:currency".to_owned(),
            json!({ "@id": format!("{CURRENCY}{currency}"), "@type": "skos:Concept" }),
        );
    }
    node
}

/// The time that is promised, in words: working days have no duration without a calendar.
fn promise(id: String, promised: Option<&Text>) -> Option<Value> {
    let said = literals(promised)?;
    let mut rule = node(id, "cpsv:Rule");
    rule.insert("dct:identifier".to_owned(), json!("promised"));
    rule.insert("dct:title".to_owned(), interface("service-time"));
    rule.insert("dct:description".to_owned(), said);
    Some(Value::Object(rule))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    const BASE: &str = "https://xizmat.example";

    fn text(words: &str) -> Option<Text> {
        let by_language =
            Language::ALL.map(|language| (language.tag().to_owned(), format!("{words} {}", language.tag())));
        Some(Text { by_language: by_language.into() })
    }

    fn named(name: &str) -> DescribedName {
        DescribedName { name: name.into(), title: text(name) }
    }

    /// With everything that a description may hold.
    fn full() -> ServiceDescription {
        let fee =
            |name: &str, amount| DescribedFee { name: name.into(), title: text("Duty"), amount, rule: text("10 %") };
        let amount = proto::Money { minor: 4_120_050, currency: "UZS".into() };
        ServiceDescription {
            agency: "justice".into(),
            service: "copy".into(),
            revision: vec![7; 32],
            admitted_us: 1,
            level: "hosted".into(),
            title: text("Copy <script>"),
            summary: text("A copy"),
            agency_title: text("Ministry"),
            agency_uri: "https://adliya.uz".into(),
            agency_phone: "+998712334455".into(),
            legal_basis: vec![
                DescribedAct { title: text("Law"), uri: "https://lex.uz".into() },
                DescribedAct { title: text("Decree"), uri: "https://lex.uz".into() },
            ],
            life_events: vec![named("marriage")],
            audience: vec!["citizen".into(), "business".into()],
            fees: vec![fee("duty", Some(amount)), fee("other", None)],
            documents: vec![named("certificate")],
            needs: vec![text("A card").unwrap_or_default(); 2],
            evidence: vec![named("photo.face")],
            offices: vec![DescribedOffice {
                name: "nukus".into(),
                title: text("Office"),
                address: text("Street"),
                hours: text("9 to 18"),
                phone: "+998612220000".into(),
                area: "1735".into(),
            }],
            promised: text("3 days"),
            promised_duration: "P3D".into(),
            forms: vec![DescribedForm {
                key: "form-0a".into(),
                name: "application for a copy".into(),
                title: text("Application"),
                owner: text("Ministry"),
                version: "2016-11-14".into(),
                legal_basis: Some(DescribedAct { title: text("Decree"), uri: "https://lex.uz".into() }),
                uri: "javascript:alert(1)".into(),
            }],
        }
    }

    /// With nothing but what cannot be missing.
    fn bare() -> ServiceDescription {
        ServiceDescription {
            agency: "justice".into(),
            service: "bare".into(),
            level: "listed".into(),
            agency_uri: "javascript:alert(1)".into(),
            ..Default::default()
        }
    }

    fn samples() -> [(&'static str, Value); 3] {
        let all = Descriptions { services: vec![full(), bare()], next: "justice/copy".into() };
        let place = format!("{BASE}/services.jsonld");
        let next = format!("{place}?after=justice%2Fcopy");
        [
            ("service", document(BASE, &full())),
            ("bare", document(BASE, &bare())),
            ("register", catalogue(BASE, &all, (&place, Some(&next)))),
        ]
    }

    #[test]
    fn an_amount_is_exact_and_a_fee_without_one_has_none() {
        let service = document(BASE, &full());
        assert_eq!(service["cv:hasCost"][0]["cv:hasValue"]["@value"], "41200.50");
        assert!(service["cv:hasCost"][1].get("cv:hasValue").is_none());
    }

    #[test]
    fn a_form_of_the_state_has_its_owner_its_act_and_its_version_and_one_address_for_all_services() {
        let service = document(BASE, &full());
        let form = &service["dct:references"][0];
        assert_eq!(form["@id"], format!("{BASE}/forms#form-0a"));
        assert_eq!(form["dcat:version"], "2016-11-14");
        assert_eq!(form["dct:creator"]["foaf:name"][4]["@value"], "Ministry en");
        assert_eq!(form["cv:hasLegalResource"]["dct:title"].as_array().unwrap().len(), 5);
        assert!(form.get("rdfs:seeAlso").is_none(), "that is no https link");
    }

    #[test]
    fn what_is_no_https_link_is_no_link_and_what_has_no_text_has_its_name() {
        let service = document(BASE, &bare());
        assert!(!service.to_string().contains("javascript"));
        assert_eq!(service["dct:title"], json!([{ "@value": "bare", "@language": "und" }]));
        assert!(service.get("cv:hasChannel").is_none(), "a service that is only listed has no channel online");
    }

    #[test]
    fn both_scripts_of_uzbek_are_told_apart_and_counted_as_one_language() {
        let service = document(BASE, &full());
        let tags: Vec<&str> =
            service["dct:title"].as_array().unwrap().iter().filter_map(|one| one["@language"].as_str()).collect();
        assert_eq!(tags, ["uz-Latn", "uz-Cyrl", "kaa", "ru", "en"]);
        assert_eq!(service["dct:language"].as_array().unwrap().len(), 4);
    }

    /// What `make conformance` has the profile's own shapes judge (`tests/conformance/cpsv-ap`).
    #[test]
    fn outside_readers_get_services_as_linked_data() {
        for (name, sample) in samples() {
            let ids = sample.to_string();
            assert!(ids.starts_with("{\"@context\":{"), "{name}");
            let Some(folder) = std::env::var_os("XIZMAT_SEALED_SAMPLES") else { continue };
            fs::write(Path::new(&folder).join(format!("{name}.jsonld")), ids).unwrap();
        }
    }
}
