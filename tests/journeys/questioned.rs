//! Asked: an officer needs to know something, the time stands still, the citizen answers, and the decision follows.

use tests::{citizen::Citizen, officer::Officer, shared, traces::Traces};

use crate::files::{attached, download, scan, upload};

const NOTE: &str = "The register of 1987 lies in room 7.";
const MISTAKE: &str = "Which of the two cars is yours?";
const QUESTION: &str = "Under which name was the marriage registered?";
const ANSWER: &str = "Under the name of my mother.";

#[test]
fn a_citizen_answers_an_officers_question_and_the_decision_waits_for_it() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        let empty = officer.visitor.send(&task.form("/officer/notes/").set("_internal", " ")).await;
        assert_eq!(empty.errors(), [("internal-note".to_owned(), "Write something, or leave the note out".to_owned())]);
        let task = officer.visitor.send(&empty.form("/officer/notes/").set("_internal", NOTE)).await;
        assert!(task.shows(NOTE) && task.shows("Malika Yusupova"), "{}", task.text());
        let taken = officer.visitor.send(&task.form("/officer/claims/")).await;
        let form = officer.visitor.link(&taken, "/officer/questions/").await;
        let empty = officer.visitor.send(&form.form("/officer/questions/")).await;
        assert_eq!(empty.errors(), [("question".to_owned(), "Write your question".to_owned())]);
        let mistaken = officer.visitor.send(&empty.form("/officer/questions/").set("_question", MISTAKE)).await;
        let task = officer.visitor.send(&mistaken.form("/take-back")).await;
        assert!(task.shows("The officer took the question back.") && task.has_input("_outcome"), "{}", task.text());
        let none = citizen.visitor.open(&citizen.address(case, "questions/1")).await;
        assert!(!none.has_input("_answer") && none.shows("Nothing has to be answered."), "{}", none.text());
        let form = officer.visitor.link(&task, "/officer/questions/").await;
        let asked = officer.visitor.send(&form.form("/officer/questions/").set("_question", QUESTION)).await;
        assert!(asked.shows("We are waiting for the applicant’s answer"), "{}", asked.text());
        assert!(!asked.has_input("_outcome"), "nothing is decided meanwhile:\n{}", asked.text());

        let told = citizen.until_told(case, QUESTION).await;
        assert!(!told.shows("Malika") && !told.shows(NOTE), "never who, nor what they note:\n{}", told.text());
        let page = citizen.visitor.link(&told, "/questions/2").await;
        // As the button beside the files sends it: nothing is answered yet, and nothing of what was typed is lost.
        let mut attaching = page.form("/questions/2").set("_answer", ANSWER);
        attaching.values.push(("_attach".to_owned(), "yes".to_owned()));
        let lease = scan(700);
        let kept = upload(&mut citizen.visitor, &attaching, &[("lease.pdf", &lease[..])]).await;
        assert!(kept.shows("lease.pdf") && kept.shows(ANSWER), "{}", kept.text());
        let refused = upload(&mut citizen.visitor, &attaching, &[("letter.pdf", &b"not a PDF"[..])]).await;
        assert!(refused.shows("This file is of another kind") && refused.shows(ANSWER), "{}", refused.text());
        let page = citizen.until(case, "questions/2", |page| attached(page).len() == 1).await;
        let answered = citizen.visitor.send(&page.form("/questions/2").set("_answer", ANSWER)).await;
        assert!(download(&mut citizen.visitor, &attached(&answered)[0]).await == lease);
        assert!(answered.shows(ANSWER) && answered.shows("An officer is looking at your application."));
        let again = citizen.visitor.open(&citizen.address(case, "questions/2")).await;
        assert!(!again.has_input("_answer"), "it is answered once:\n{}", again.text());

        let task = officer.task(case).await;
        assert!(task.shows(ANSWER) && task.has_input("_outcome"), "{}", task.text());
        assert!(download(&mut officer.visitor, &attached(&task)[0]).await == lease, "whoever asked reads it");
        officer.decide(case, "approve", &[]).await;
        traces.nothing_is_left(case, "granted").await;
        let mut acts = traces.acts("eservice", case).await;
        let told = ["task.asked", "task.question-taken-back", "case.answered", "task.decided"];
        acts.retain(|act| told.contains(&act.as_str()));
        assert_eq!(acts, ["task.asked", "task.question-taken-back", "task.asked", "case.answered", "task.decided"]);
    });
}
