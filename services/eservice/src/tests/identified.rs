//! Paper of which it was not known whose it is: two officers say it before it is sent, and from then on it is that person's.

use kernel::{CaseId, Failure, PersonId};
use proto::{
    Event as _,
    eservice::v1::{CaseOpened, IdentifyApplicantRequest, ListTakenInRequest, Paper, TakenIn},
};

use super::{
    paper::{APPLICANT, acts, code, come_to_rest, list, paper, read, send, take, take_over, told},
    platform::{OWNER_PINFL, SPOUSE_PINFL},
    world::{CITIZEN, COLLEAGUE, EXPERT, HEAD, LEAD, NUKUS, OFFICER, World, person},
};
use crate::{
    bus::{identify, paper as taken, submit},
    store::{MIGRATIONS, cases},
};

fn unknown() -> Paper {
    let contact = "+998 90 123-45-67".into();
    Paper { identified: "not-yet".into(), pinfl: String::new(), contact, ..paper() }
}

fn said(case: &[u8], pinfl: &str, born: &str, family_name: &str) -> IdentifyApplicantRequest {
    let (pinfl, born, family_name) = (pinfl.to_owned(), born.to_owned(), family_name.to_owned());
    IdentifyApplicantRequest { case_id: case.to_vec(), pinfl, born, family_name }
}

async fn says(world: &World, who: u8, said: IdentifyApplicantRequest) -> Result<(), Failure> {
    Box::pin(identify::identify(world.host.clone(), world.call(who, said))).await.map(|_| ())
}

/// Who stands in the case for the person whom nobody knows yet.
async fn nobody_known(world: &World, case: &[u8]) -> PersonId {
    let mut tx = world.host.database.read().await.unwrap();
    let case = cases::read(&mut tx, &world.host.keys, CaseId::from_slice(case).unwrap()).await.unwrap();
    case.unwrap().state.applicant.unwrap().person
}

async fn listed(world: &World, who: u8) -> TakenIn {
    let request = ListTakenInRequest { agency: "justice".into(), service: "marriage-certificate-copy".into() };
    taken::list(world.host.clone(), world.call(who, request)).await.unwrap()
}

#[tokio::test]
async fn two_officers_say_whose_paper_it_is_and_then_it_is_sent_and_theirs() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_later(database).await;
        let case = take(&world, OFFICER, unknown()).await.unwrap().case_id;
        assert_eq!(code(take(&world, NUKUS, unknown()).await), "paper.taken-already", "{engine}");
        Box::pin(world.fill_in(OFFICER, &case)).await;
        let request = Box::pin(world.submission(OFFICER, &case)).await;
        assert!(world.platform.about.lock().unwrap().is_empty(), "{engine}: no registry is asked about nobody");
        let early = Box::pin(submit::submit(world.host.clone(), world.call(OFFICER, request))).await;
        assert_eq!(code(early), "paper.not-identified", "{engine}");
        let own = list(&world, OFFICER).await;
        assert_eq!((own[0].identity.as_str(), own[0].contact.as_str()), ("not-yet", "+998 90 123-45-67"), "{engine}");
        let right = || said(&case, OWNER_PINFL, "1988-07-02", "Саидов");
        says(&world, OFFICER, right()).await.unwrap();
        assert_eq!(code(says(&world, OFFICER, right()).await), "paper.second", "{engine}");
        assert_eq!(read(&world, APPLICANT, &case).await, "case.not-found", "{engine}: one alone gives it to nobody");
        let others = listed(&world, COLLEAGUE).await.to_identify;
        let [one] = others.as_slice() else { panic!("{engine}: {others:?}") };
        assert_eq!((one.identity.as_str(), one.original.as_str()), ("said", "K-12/2026"), "{engine}");
        assert!(one.applicant.is_empty() && one.contact.is_empty(), "{engine}: nobody is named");
        let call = world.call(COLLEAGUE, right());
        let mut again = world.call(COLLEAGUE, right());
        again.person.clone_from(&call.person);
        let agreed = Box::pin(identify::identify(world.host.clone(), call)).await.unwrap();
        let repeated = Box::pin(identify::identify(world.host.clone(), again)).await.unwrap();
        assert_eq!(repeated, agreed, "{engine}: the answer was lost on its way");
        assert_eq!(code(says(&world, NUKUS, right()).await), "paper.known", "{engine}");
        let shown: Vec<CaseOpened> = told(&world, CaseOpened::NAME).await;
        let [shown] = shown.as_slice() else { panic!("{engine}: {shown:?}") };
        assert_eq!(shown.applicant, person(APPLICANT).to_vec(), "{engine}: they read that it was taken in");
        let detail = &acts(&world, "paper.identified").await[0];
        assert_eq!(detail["applicant"], person(APPLICANT).to_string(), "{engine}: {detail}");
        assert!(!detail.to_string().contains(OWNER_PINFL) && !detail.to_string().contains("Saidov"), "{engine}");
        assert_eq!(acts(&world, "paper.identity-said").await.len(), 1, "{engine}");

        assert_eq!(read(&world, APPLICANT, &case).await, "case.not-found", "{engine}: while it is typed");
        send(&world, OFFICER, &case).await;
        come_to_rest(&world).await;
        assert_eq!(world.case(APPLICANT, &case).await.original, "K-12/2026", "{engine}: it is theirs");
        assert_eq!(read(&world, CITIZEN, &case).await, "case.not-found", "{engine}");
        assert_eq!(world.platform.actions("notify"), 1, "{engine}: they are told");
        assert_eq!(
            code(take(&world, NUKUS, paper()).await),
            "paper.taken-already",
            "{engine}: under their number, too"
        );
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn nobody_says_whose_paper_it_is_without_the_role_of_themselves_or_against_the_paper() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_later(database).await;
        let case = take(&world, OFFICER, unknown()).await.unwrap().case_id;
        for (who, request, refused) in [
            (CITIZEN, said(&case, OWNER_PINFL, "1988-07-02", "Saidov"), "case.not-found"),
            (HEAD, said(&case, OWNER_PINFL, "1988-07-02", "Saidov"), "case.not-found"),
            (EXPERT, said(&case, OWNER_PINFL, "1988-07-02", "Saidov"), "case.not-found"),
            (COLLEAGUE, said(&case, OWNER_PINFL, "1988-07-03", "Saidov"), "paper.born"),
            (COLLEAGUE, said(&case, OWNER_PINFL, "1988-07-02", "Karimov"), "paper.differs"),
            (COLLEAGUE, said(&case, SPOUSE_PINFL, "1985-03-12", "Saidov"), "paper.differs"),
            (COLLEAGUE, said(&case, "30207880170131", "1988-07-02", "Saidov"), "pinfl.check-digit"),
        ] {
            assert_eq!(code(says(&world, who, request).await), refused, "{engine}: {who}");
        }
        assert_eq!(acts(&world, "paper.refused").await.len(), 4, "{engine}: who tries numbers is on record");
        assert_eq!(acts(&world, "case.refused").await.len(), 3, "{engine}");
        let mut through = world.call(COLLEAGUE, said(&case, OWNER_PINFL, "1988-07-02", "Saidov"));
        through.person.as_mut().unwrap().actor = nobody_known(&world, &case).await;
        let refused = Box::pin(identify::identify(world.host.clone(), through)).await;
        assert_eq!(code(refused), "case.not-found", "{engine}: whoever acts is judged, too");
        let known = take(&world, OFFICER, Paper { original: "K-13".into(), ..paper() }).await.unwrap().case_id;
        let of_known = said(&known, OWNER_PINFL, "1988-07-02", "Saidov");
        assert_eq!(code(says(&world, COLLEAGUE, of_known).await), "case.not-found", "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_registries_know_is_asked_once_it_is_known_whose_paper_it_is_and_before_it_is_sent() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_later(database).await;
        for (original, pages_again) in [("K-1", true), ("K-2", false)] {
            let typed = Paper { original: original.into(), ..unknown() };
            let case = take(&world, OFFICER, typed).await.unwrap().case_id;
            Box::pin(world.fill_in(OFFICER, &case)).await;
            let right = || said(&case, OWNER_PINFL, "1988-07-02", "Saidov");
            says(&world, OFFICER, right()).await.unwrap();
            Box::pin(world.page(OFFICER, &case, "date")).await;
            assert!(world.platform.about.lock().unwrap().is_empty(), "{engine}: one alone gives it to nobody");
            says(&world, COLLEAGUE, right()).await.unwrap();
            if pages_again {
                Box::pin(world.page(OFFICER, &case, "date")).await;
            } else {
                Box::pin(world.submission(OFFICER, &case)).await;
            }
            let about = std::mem::take(&mut *world.platform.about.lock().unwrap());
            assert!(!about.is_empty(), "{engine}: {original}");
            assert!(about.iter().all(|(_, who, _)| *who == person(APPLICANT).to_vec()), "{engine}: {about:?}");
            send(&world, OFFICER, &case).await;
            come_to_rest(&world).await;
            world.platform.about.lock().unwrap().clear();
        }
    }
}

#[tokio::test]
async fn however_much_others_have_lying_the_second_officer_sees_whose_paper_is_to_be_said() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_later(database).await;
        for number in 1..=cases::TAKEN_IN_MAX {
            take(&world, NUKUS, Paper { original: format!("N-{number}"), ..paper() }).await.unwrap();
        }
        world.clock.advance(std::time::Duration::from_secs(1));
        let case = take(&world, OFFICER, unknown()).await.unwrap().case_id;
        let said_of = |list: TakenIn| list.to_identify.into_iter().map(|one| (one.case_id, one.identity));
        assert!(said_of(listed(&world, COLLEAGUE).await).eq([(case.clone(), "not-yet".to_owned())]), "{engine}");
        says(&world, OFFICER, said(&case, OWNER_PINFL, "1988-07-02", "Saidov")).await.unwrap();
        assert!(said_of(listed(&world, COLLEAGUE).await).eq([(case.clone(), "said".to_owned())]), "{engine}");
        says(&world, COLLEAGUE, said(&case, OWNER_PINFL, "1988-07-02", "Saidov")).await.unwrap();
        assert_eq!(said_of(listed(&world, LEAD).await).count(), 0, "{engine}: it is known");
    }
}

#[tokio::test]
async fn who_goes_on_with_paper_of_nobody_known_is_on_record_and_told_to_nobody_before_that_is_known() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_later(database).await;
        let case = take(&world, OFFICER, unknown()).await.unwrap().case_id;
        let over = async |who: u8| {
            world.clock.advance(std::time::Duration::from_secs(3 * 86_400));
            take_over(&world, who, &case).await.unwrap();
            (acts(&world, "paper.taken-over").await, told::<CaseOpened>(&world, CaseOpened::NAME).await)
        };
        let (recorded, heard) = over(COLLEAGUE).await;
        let [one] = recorded.as_slice() else { panic!("{engine}: {recorded:?}") };
        assert!(one["opening"].is_null() && heard.is_empty(), "{engine}: {one} {heard:?}");
        for who in [OFFICER, NUKUS] {
            says(&world, who, said(&case, OWNER_PINFL, "1988-07-02", "Saidov")).await.unwrap();
        }
        let (recorded, heard) = over(LEAD).await;
        assert!(recorded.len() == 2 && !recorded[1]["opening"].is_null(), "{engine}: {recorded:?}");
        assert!(heard.len() == 2 && heard[1].applicant == person(APPLICANT).to_vec(), "{engine}: {heard:?}");
        world.nothing_is_left_behind().await;
    }
}
