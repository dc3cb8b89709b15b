//! What citizens read: the catalogue by event of life, agency and words, and a service's own page.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use ::bus::Call;
use api::{Agency, Level, ServiceDefinition};
use kernel::{Failure, Hash, Language};
use proto::register::v1::{Catalogue, LifeEvent, ReadServiceRequest, SearchCatalogueRequest, ServicePage};
use sql::Tx;

use super::{Register, placement::ENDING, unreadable};
use crate::{
    domain::{
        choice::{self, Entry},
        page::{self, Reader},
        words,
    },
    store,
};

/// A service in the catalogue with what its card needs.
pub struct Listed {
    pub entry: Entry,
    pub definition: Arc<ServiceDefinition>,
}

pub async fn search(register: Arc<Register>, call: Call<SearchCatalogueRequest>) -> Result<Catalogue, Failure> {
    let request = call.request;
    let language = language(&request.language)?;
    let mut tx = register.database.read().await?;
    let agencies = agencies(&mut tx).await?;
    let listed = listed(&register, &mut tx).await?;
    let life_events = life_events(&agencies, &listed, language);
    let scores = scores(&mut tx, &request.query).await?;
    let mut found: Vec<_> = listed
        .into_iter()
        .filter(|service| request.agency.is_empty() || service.entry.agency == request.agency)
        .filter(|service| {
            request.life_event.is_empty() || service.definition.spec.life_events.contains(&request.life_event)
        })
        .filter(|service| !request.paper || !page::paper_role(&service.definition).is_empty())
        .filter_map(|service| {
            let score = scores.as_ref().map_or(Some(0), |scores| scores.get(&service.entry.revision).copied())?;
            let agency = agencies.get(&service.entry.agency)?;
            Some((score, page::card(&service.definition, agency, language)))
        })
        .collect();
    found.sort_by(|(a, one), (b, other)| {
        b.cmp(a).then_with(|| one.title.cmp(&other.title)).then_with(|| one.service.cmp(&other.service))
    });
    Ok(Catalogue { life_events, services: found.into_iter().map(|(_, card)| card).collect() })
}

pub async fn page(register: Arc<Register>, call: Call<ReadServiceRequest>) -> Result<ServicePage, Failure> {
    let request = call.request;
    let language = language(&request.language)?;
    let mut tx = register.database.read().await?;
    let entries = store::entries(&mut tx, Some((&request.agency, &request.service))).await?;
    let entry = choice::current(&entries, &register.today(), register.shows_drafts());
    let entry = entry.ok_or_else(|| Failure::not_found("service.unknown", "There is no such service."))?;
    let agency = register.agency(&mut tx, &request.agency).await?;
    let definition = register.definition(&mut tx, entry.revision).await?;
    let reader = Reader { language, now: register.clock.now(), trial: register.shows_drafts() };
    let closed = store::placement(&mut tx, &request.agency, &request.service).await?.closed;
    Ok(ServicePage { closed, ..page::page(&definition, entry.revision, &agency, reader) })
}

/// An unknown language is refused rather than answered in another one.
fn language(tag: &str) -> Result<&'static str, Failure> {
    Ok(Language::parse(tag)?.tag())
}

pub async fn agencies(tx: &mut Tx) -> Result<BTreeMap<String, Agency>, Failure> {
    let resources = store::agencies(tx).await?;
    let read = resources.iter().map(|resource| {
        let agency: Agency = serde_json::from_slice(resource).map_err(|error| unreadable(&error))?;
        Ok((agency.metadata.name.clone(), agency))
    });
    read.collect()
}

pub async fn listed(register: &Register, tx: &mut Tx) -> Result<Vec<Listed>, Failure> {
    let entries = store::entries(tx, None).await?;
    // What ends is found by those who know its address, and says so there.
    let ending = store::closed(tx, ENDING).await?;
    let current = choice::catalogue(&entries, &register.today(), register.shows_drafts());
    register.keep_only(&current.iter().map(|entry| entry.revision).collect());
    let mut listed = Vec::new();
    for entry in current {
        if ending.contains(&(entry.agency.clone(), entry.service.clone())) {
            continue;
        }
        let definition = register.definition(tx, entry.revision).await?;
        if definition.spec.level != Level::External {
            listed.push(Listed { entry, definition });
        }
    }
    Ok(listed)
}

/// Events of life that lead to a service, with how many; in the order in which agencies list them.
fn life_events(agencies: &BTreeMap<String, Agency>, listed: &[Listed], language: &str) -> Vec<LifeEvent> {
    let mut events: Vec<LifeEvent> = Vec::new();
    for event in agencies.values().flat_map(|agency| &agency.spec.life_events) {
        if events.iter().any(|known| known.name == event.name) {
            continue;
        }
        let services =
            listed.iter().filter(|service| service.definition.spec.life_events.contains(&event.name)).count();
        if services > 0 {
            let title = event.title.in_language(language).to_owned();
            events.push(LifeEvent {
                name: event.name.clone(),
                title,
                services: i32::try_from(services).unwrap_or(i32::MAX),
            });
        }
    }
    events
}

/// How well each revision fits the query: every word must be found. Nothing when nothing was typed.
async fn scores(tx: &mut Tx, query: &str) -> Result<Option<HashMap<Hash, i64>>, Failure> {
    let typed = words::query(query);
    if typed.is_empty() {
        return Ok(if query.trim().is_empty() { None } else { Some(HashMap::new()) });
    }
    let mut total: Option<HashMap<Hash, i64>> = None;
    for word in &typed {
        let mut best: HashMap<Hash, i64> = HashMap::new();
        for occurrence in store::words_like(tx, word).await? {
            let score = words::fit(word, &occurrence.word) * occurrence.weight;
            if score > 0 {
                let kept = best.entry(occurrence.revision).or_default();
                *kept = score.max(*kept);
            }
        }
        total = Some(match total {
            None => best,
            Some(total) => best
                .into_iter()
                .filter_map(|(revision, score)| Some((revision, total.get(&revision)? + score)))
                .collect(),
        });
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use process::check::{File, Folder, Options};

    use super::*;
    use crate::domain::{admission, description, passport};

    fn read(path: &str) -> String {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(path)).unwrap()
    }

    fn example() -> (ServiceDefinition, Agency) {
        let agency = process::check::check(&read("justice/agency.yaml"), "agency.yaml", &Options::default());
        let (agency, _) = admission::read_agency(agency.value.unwrap().to_string().as_bytes(), "justice").unwrap();
        let files = ["service.yaml", "templates/certificate.typ", "templates/refusal.typ"];
        let files = files
            .map(|path| File { path: path.into(), text: read(&format!("justice/marriage-certificate-copy/{path}")) });
        let folder = Folder { path: String::new(), files: files.into() };
        let rendered = folder.check(&Options::default()).unwrap().value.unwrap();
        let admissible = admission::judge(rendered.to_string().as_bytes(), &agency, false, &Compiles).unwrap();
        assert_eq!(process::revision::read(&admissible.canonical, admissible.revision).unwrap(), admissible.definition);
        (admissible.definition, agency)
    }

    struct Compiles;

    impl process::check::TemplateChecker for Compiles {
        fn check(&self, _: &str, _: &serde_json::Value) -> Result<(), Vec<process::check::TemplateProblem>> {
            Ok(())
        }

        fn read(&self, _: &str, _: &serde_json::Value) -> Result<Option<String>, String> {
            Ok(None)
        }
    }

    #[tokio::test]
    async fn people_find_a_service_in_five_languages_either_script_and_with_a_typing_error() {
        let (definition, agency) = example();
        for (engine, database) in testkit::databases(store::MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let revision = Hash::of(b"example");
            store::index(&mut tx, revision, &words::of_service(&definition, &agency)).await.unwrap();
            for typed in [
                "nikoh",
                "Никоҳ гувоҳномаси",
                "nikox guvohnoma",
                "нусха",
                "guvohnomasi nusxasi",
                "marriage certificate",
                "marrage",
                "копия свидетельства",
                "свидетелство о браке",
                "neke gúwalıǵı",
                "neke guwaligi",
                "Adliya",
            ] {
                let found = scores(&mut tx, typed).await.unwrap().unwrap();
                assert!(found.contains_key(&revision), "{engine}: {typed}");
            }
            for typed in ["pasport", "nikoh pasport", "xyzzy", "%", "' OR 1=1 --"] {
                let found = scores(&mut tx, typed).await.unwrap().unwrap();
                assert!(found.is_empty(), "{engine}: {typed}: {found:?}");
            }
            assert!(scores(&mut tx, "  ").await.unwrap().is_none(), "{engine}");
            tx.commit().await.unwrap();
        }
    }

    #[test]
    fn a_service_page_says_what_it_costs_takes_and_gives() {
        let (definition, mut agency) = example();
        let closed = |date: &str| api::ClosedDay { date: date.into(), reason: None };
        agency.spec.offices[0].closed = ["2026-12-30", "2026-11-23", "2026-11-24"].map(closed).to_vec();
        let now = kernel::Time::from_jiff("2026-11-24T06:00:00Z".parse().unwrap());
        let reader = Reader { language: "ru", now, trial: true };
        let page = page::page(&definition, Hash::of(b"example"), &agency, reader);
        let card = page.card.unwrap();
        assert_eq!(card.title, "Копия свидетельства о браке");
        assert_eq!((card.paper_role.as_str(), page.paper_role.as_str()), ("registrar", "registrar"));
        assert_eq!(
            page.fees[0].amount.as_ref().map(|money| (money.minor, money.currency.as_str())),
            Some((4_120_000, "UZS"))
        );
        assert_eq!(page.promised, "3 рабочих дня");
        assert_eq!(page.documents, ["Копия свидетельства о браке"]);
        assert_eq!((page.offices.len(), page.needs.len(), page.specimen), (5, 2, true));
        assert_eq!(page.life_events[0].title, "Брак и семья");
        assert_eq!(page.offices[0].hours, "Вторник–суббота, 9:00–18:00");
        let days: Vec<_> = page.offices[0].closed.iter().map(|day| day.date.as_str()).collect();
        assert_eq!(days, ["2026-11-24", "2026-12-30"], "those to come, the next one first");
    }

    #[test]
    fn a_passport_says_rules_in_words_whom_it_asks_and_how_long_it_keeps() {
        let (definition, agency) = example();
        let now = kernel::Time::from_jiff("2026-11-24T06:00:00Z".parse().unwrap());
        let told = passport::passport(&definition, Hash::of(b"example"), &agency, (Language::Ru, now, true));
        let fee = &told.fees[0];
        assert_eq!(fee.rule, "10 % базовой расчётной величины");
        assert_eq!(fee.amount.as_ref().map(|money| money.minor), Some(4_120_000));
        assert_eq!(fee.waivers[0].when, "«Льгота» – «Да, у меня инвалидность I или II группы»");
        assert!(fee.waivers[0].rule.is_empty() && fee.waivers[0].legal_basis.is_some());
        assert_eq!(told.questions[0], "Дата регистрации брака");
        assert_eq!((told.questions.len(), told.evidence.len()), (9, 1));
        assert_eq!(told.registries[0].registry, "civil-status");
        assert_eq!((told.kept.as_str(), told.drafts_kept.as_str()), ("5 лет", "30 дней"));
        assert_eq!(told.documents[0].valid_for, "1 год");
        assert_eq!(told.effective_from, "2026-01-01");
        assert_eq!(told.agency_uri, "https://adliya.uz");
        let form = &told.forms[0];
        assert_eq!((form.owner.as_str(), form.version.as_str()), ("Министерство юстиции", "2016-11-14"));
        assert!(form.title.starts_with("Заявление") && form.legal_basis.is_some(), "{form:?}");
    }

    #[test]
    fn a_description_for_machines_holds_every_language_and_offices_only_where_they_are_wanted() {
        let (definition, agency) = example();
        let now = kernel::Time::from_jiff("2026-11-24T06:00:00Z".parse().unwrap());
        let entry = Entry {
            revision: Hash::of(b"example"),
            agency: "justice".into(),
            service: "marriage-certificate-copy".into(),
            admitted: now,
            effective_from: String::new(),
            draft: false,
            share: 100,
            placed: now,
            change: "first".into(),
            reason: String::new(),
        };
        let one = description::description(&definition, &entry, &agency, (now, true));
        assert_eq!(one.title.as_ref().unwrap().by_language.len(), 5);
        assert_eq!(one.fees[0].rule.as_ref().unwrap().by_language["en"], "10 % of the base calculation amount");
        assert_eq!((one.offices.len(), one.documents.len(), one.needs.len()), (5, 1, 2));
        assert_eq!(one.promised.as_ref().unwrap().by_language["ru"], "3 рабочих дня");
        let form = &one.forms[0];
        assert_eq!((form.name.as_str(), form.version.as_str()), ("application-for-a-copy", "2016-11-14"));
        assert_eq!(form.owner.as_ref().unwrap().by_language["en"], "Ministry of Justice");
        let shown = passport::passport(&definition, entry.revision, &agency, (Language::Ru, now, true));
        assert_eq!(form.key, shown.forms[0].key, "one address in every language");
        assert!(one.promised_duration.is_empty(), "working days have no duration");
        assert!(description::description(&definition, &entry, &agency, (now, false)).offices.is_empty());
    }

    #[test]
    fn a_definition_of_another_agency_is_refused() {
        let (definition, mut agency) = example();
        agency.metadata.name = "tax".into();
        let bytes = serde_json::to_vec(&definition).unwrap();
        let problems = admission::judge(&bytes, &agency, true, &Compiles).unwrap_err();
        assert!(problems.iter().any(|problem| problem.code == "definition.not-the-owner"));
    }
}
