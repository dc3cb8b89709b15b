//! What a person takes away of everything about them, as JSON that a program of theirs can read.

use kernel::{Language, Time};
use proto::{
    Money, Text,
    docket::v1::Entry,
    eservice::v1::{
        Answers, Asked, Case, Decision, File, OfficerNotes, PartyView, Question, Row, Section, TimelineRow,
    },
    exchange::v1::DataUseRow,
    identity::v1::Person,
    notifications::v1::{ChannelState, Message, Preferences},
    payments::v1::CasePayment,
};
use serde_json::{Value, json};

/// RFC 3339; nothing where the moment has not come.
pub fn time(micros: i64) -> Value {
    if micros == 0 { Value::Null } else { Time::from_micros(micros).to_string().into() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn money(amount: Option<&Money>) -> Value {
    amount.map_or(Value::Null, |amount| json!({"minor": amount.minor, "currency": amount.currency}))
}

pub fn person(person: &Person) -> Value {
    json!({
        "id": hex(&person.person), "pinfl": person.pinfl, "givenName": person.given_name,
        "familyName": person.family_name, "patronymic": person.patronymic, "birthDate": person.birth_date,
        "sex": person.sex, "passport": person.passport, "address": person.address, "phone": person.phone,
        "email": person.email, "taxpayerNumber": person.tin, "legalName": person.legal_name,
    })
}

/// An application of which only the list tells.
pub fn listed(entry: &Entry, lacking: Value) -> Value {
    json!({
        "agency": entry.agency, "service": entry.service, "number": entry.number, "phase": entry.phase,
        "opened": time(entry.opened_us), "case": lacking,
    })
}

pub fn erased(case: &Case) -> Value {
    json!({
        "agency": case.agency, "service": case.service, "title": case.service_title, "number": case.number,
        "phase": case.phase, "erased": time(case.erased_us), "erasedUnder": case.erased_under,
    })
}

/// `address`: of the case's page; what it links to lies beneath.
pub fn application(case: &Case, address: &str, [answers, notes, payments]: [Value; 3]) -> Value {
    let documents = case.documents.iter().map(|document| {
        let at = format!("{address}/documents/{}", hex(&document.document_id));
        json!({
            "title": document.title, "number": document.number, "code": document.code, "status": document.status,
            "reason": document.reason, "article": document.article, "supersededBy": document.superseded_by, "address": at,
        })
    });
    json!({
        "agency": case.agency, "service": case.service, "title": case.service_title, "number": case.number,
        "phase": case.phase, "status": case.status, "outcome": case.outcome, "office": case.office,
        "channel": case.channel, "sentBy": case.sent_by, "beganAs": case.start_title,
        "beganFrom": case.origin.as_ref().map(|origin| &origin.number),
        "paperOriginal": case.original, "received": time(case.received_us),
        "submitted": time(case.submitted_us), "due": time(case.due_us), "address": address,
        "decision": case.decision.as_ref().map(decision),
        "earlierDecisions": case.earlier.iter().map(decision).collect::<Vec<_>>(),
        "otherPeopleAsked": case.parties.iter().map(party).collect::<Vec<_>>(),
        "answers": answers,
        "officersNotes": notes,
        "documents": documents.collect::<Vec<_>>(),
        "files": case.files.iter().map(|one| file(one, address)).collect::<Vec<_>>(),
        "payments": payments,
        "questions": case.questions.iter().map(|one| question(one, address)).collect::<Vec<_>>(),
        "history": history(&case.timeline),
        "rating": (case.rated > 0).then(|| json!({"score": case.rated, "words": case.rating_words})),
    })
}

/// Their own part in somebody else's application, and nothing else of it.
pub fn asked(asked: &Asked, address: &str) -> Value {
    let told = asked.told.iter().map(|row| json!({"question": row.label, "answer": row.value}));
    json!({
        "agency": asked.agency, "service": asked.service, "title": asked.service_title, "askedAs": asked.title,
        "state": asked.state, "asked": time(asked.asked_us), "until": time(asked.until_us), "address": address,
        "told": told.collect::<Vec<_>>(),
        "answers": sections(&asked.sections), "confirmed": asked.declaration,
        "history": history(&asked.timeline),
    })
}

/// Somebody else who was asked: what they answered only where the service shares it.
fn party(party: &PartyView) -> Value {
    json!({
        "askedAs": party.title, "state": party.state, "asked": time(party.asked_us), "changed": time(party.changed_us),
        "until": time(party.until_us), "answers": sections(&party.sections),
    })
}

fn history(timeline: &[TimelineRow]) -> Value {
    timeline.iter().map(|row| json!({"time": time(row.time_us), "what": row.code, "who": row.actor})).collect()
}

/// What an officer asked, and what was answered.
fn question(question: &Question, address: &str) -> Value {
    let files = |files: &[File]| files.iter().map(|one| file(one, address)).collect::<Vec<_>>();
    json!({
        "asked": time(question.asked_us), "question": question.text, "until": time(question.until_us),
        "answered": time(question.answered_us), "answer": question.answer, "state": question.state,
        "files": files(&question.files), "answerFiles": files(&question.answer_files),
    })
}

/// What officers wrote down for each other.
pub fn notes(notes: &OfficerNotes) -> Value {
    notes.notes.iter().map(|note| json!({"time": time(note.time_us), "note": note.text})).collect()
}

fn decision(decision: &Decision) -> Value {
    let reasons = decision.reasons.iter().map(|reason| json!({"text": reason.text, "article": reason.article}));
    json!({
        "outcome": decision.outcome, "label": decision.label, "time": time(decision.time_us),
        "reasons": reasons.collect::<Vec<_>>(), "note": decision.note, "appeal": decision.appeal,
    })
}

fn file(file: &File, address: &str) -> Value {
    let at = format!("{address}/file/{}", hex(&file.id));
    json!({"name": file.name, "type": file.kind, "bytes": file.size, "address": at})
}

pub fn answers(answers: &Answers) -> Value {
    sections(&answers.sections)
}

fn sections(sections: &[Section]) -> Value {
    let row = |row: &Row| {
        json!({
            "at": row.at, "question": row.label, "answer": row.value, "source": row.source,
            "disputed": row.disputed, "registrySays": row.registry_value,
        })
    };
    let section =
        |section: &Section| json!({"title": section.title, "rows": section.rows.iter().map(row).collect::<Vec<_>>()});
    sections.iter().map(section).collect()
}

pub fn payments(payments: &[CasePayment]) -> Value {
    let payment = |payment: &CasePayment| {
        let refunds = payment.refunds.iter().map(|refund| {
            json!({"amount": money(refund.amount.as_ref()), "state": refund.state, "reason": refund.reason, "settled": time(refund.settled_us)})
        });
        json!({
            "amount": money(payment.amount.as_ref()), "state": payment.state, "paid": time(payment.captured_us),
            "refunds": refunds.collect::<Vec<_>>(),
        })
    };
    payments.iter().map(payment).collect()
}

/// `base_url`: of the portal, which says of each why it came.
pub fn message(message: &Message, base_url: &str) -> Value {
    let channel = |one: &ChannelState| {
        json!({
            "channel": one.channel, "state": one.state, "sent": time(one.sent_us), "settled": time(one.settled_us),
            "why": one.why,
        })
    };
    json!({
        "time": time(message.time_us), "agency": message.agency, "service": message.service,
        "title": message.title, "body": message.body, "class": message.class, "read": message.read,
        "delivery": message.channels.iter().map(channel).collect::<Vec<_>>(),
        "whyItCame": format!("{base_url}/inbox/{}/why", hex(&message.message_id)),
    })
}

pub fn preferences(wanted: &Preferences) -> Value {
    json!({
        "sms": wanted.sms, "email": wanted.email, "language": wanted.language, "emailReturned": wanted.email_returned,
    })
}

/// Who looked, where, what for and by which law; of what an officer typed, the words stand in the purpose's place.
pub fn look(row: &DataUseRow, language: Language) -> Value {
    let call = row.kind == "call";
    let purpose = if call { row.purpose.as_str() } else { "" };
    json!({
        "time": time(row.time_us), "kind": row.kind, "agency": row.asking_agency, "service": row.actor,
        "office": row.office, "role": row.role, "owner": row.owner, "registry": row.registry,
        "operation": row.operation, "fields": row.fields, "outcome": row.outcome,
        "purpose": words(row.purpose_text.as_ref(), purpose, language),
        "reasonTyped": row.reasoned, "reason": (!call && !row.purpose.is_empty()).then_some(&row.purpose),
        "legalBasis": words(row.legal_basis_text.as_ref(), &row.legal_basis, language),
        "aboutRepresentative": row.about_representative,
    })
}

fn words(text: Option<&Text>, plain: &str, language: Language) -> String {
    let texts = text.map(|text| &text.by_language);
    let found = texts.and_then(|texts| texts.get(language.tag()).or_else(|| texts.get("uz")));
    found.map_or_else(|| plain.to_owned(), Clone::clone)
}

#[cfg(test)]
mod tests {
    use proto::eservice::v1::OfficerNote;

    use super::*;

    #[test]
    fn an_application_is_told_with_its_answers_and_where_its_files_lie() {
        let row =
            Row { at: "marriage.date".into(), label: "Date".into(), value: "2012-06-16".into(), ..Row::default() };
        let shown = Answers {
            sections: vec![Section { title: "Marriage".into(), rows: vec![row], ..Section::default() }],
            ..Answers::default()
        };
        let case = Case {
            number: "JUS-1".into(),
            files: vec![File { id: vec![0xab; 2], name: "scan.pdf".into(), ..File::default() }],
            submitted_us: 1_795_410_000_000_000,
            questions: vec![Question { answer: "Yes.".into(), ..Question::default() }],
            earlier: vec![Decision { note: "The scan cannot be read.".into(), ..Decision::default() }],
            parties: vec![PartyView { title: "Owner".into(), state: "consented".into(), ..PartyView::default() }],
            channel: "web".into(),
            sent_by: "applicant".into(),
            rated: 5,
            rating_words: "Fast".into(),
            ..Case::default()
        };
        let note = OfficerNote { text: "See room 7.".into(), ..OfficerNote::default() };
        let parts = [answers(&shown), notes(&OfficerNotes { notes: vec![note] }), payments(&[])];
        let told = application(&case, "https://my.example/applications/a/b/c", parts);
        assert_eq!(told["officersNotes"][0]["note"], "See room 7.");
        assert_eq!(told["answers"][0]["rows"][0]["answer"], "2012-06-16");
        assert_eq!(told["files"][0]["address"], "https://my.example/applications/a/b/c/file/abab");
        assert_eq!(told["earlierDecisions"][0]["note"], "The scan cannot be read.");
        assert_eq!(told["otherPeopleAsked"][0]["askedAs"], "Owner");
        assert_eq!((told["channel"].as_str(), told["sentBy"].as_str()), (Some("web"), Some("applicant")));
        assert_eq!(told["rating"], json!({"score": 5, "words": "Fast"}));
        assert_eq!((told["due"].is_null(), told["payments"].is_array()), (true, true));
        assert_eq!(
            (told["questions"][0]["answer"].as_str(), told["questions"][0]["answered"].is_null()),
            (Some("Yes."), true)
        );
        assert!(told["submitted"].as_str().is_some_and(|time| time.ends_with('Z')), "{told}");
    }

    #[test]
    fn of_anothers_application_only_ones_own_part_is_told() {
        let row = Row { label: "For how many months".into(), value: "12".into(), ..Row::default() };
        let part = Asked {
            state: "consented".into(),
            title: "Owner".into(),
            asked_us: 1,
            sections: vec![Section { rows: vec![row], ..Section::default() }],
            declaration: "I let them live here.".into(),
            ..Asked::default()
        };
        let told = asked(&part, "https://my.example/asked/a/b/c");
        assert_eq!((told["askedAs"].as_str(), told["state"].as_str()), (Some("Owner"), Some("consented")));
        assert!(told["until"].is_null() && told["number"].is_null(), "{told}");
        assert_eq!(told["answers"][0]["rows"][0]["answer"], "12", "what they answered is theirs");
        assert_eq!(told["confirmed"], "I let them live here.");
    }

    #[test]
    fn what_an_officer_typed_is_told_beside_what_the_law_says_the_look_was_for() {
        let purpose = Text { by_language: [("en".to_owned(), "To decide".to_owned())].into() };
        let opened = DataUseRow {
            kind: "opening".into(),
            purpose: "The archive asked".into(),
            purpose_text: Some(purpose),
            reasoned: true,
            ..DataUseRow::default()
        };
        let told = look(&opened, Language::En);
        assert_eq!((told["purpose"].as_str(), told["reason"].as_str()), (Some("To decide"), Some("The archive asked")));
        let asked = DataUseRow { kind: "call".into(), purpose: "To compare".into(), ..DataUseRow::default() };
        let told = look(&asked, Language::En);
        assert_eq!((told["purpose"].as_str(), told["reason"].is_null()), (Some("To compare"), true), "{told}");
    }

    #[test]
    fn a_message_says_how_it_got_there_and_where_it_is_explained() {
        let sms = ChannelState { channel: "sms".into(), state: "delivered".into(), ..ChannelState::default() };
        let sent = Message { message_id: vec![0xcd; 2], channels: vec![sms], ..Message::default() };
        let told = message(&sent, "https://my.example");
        assert_eq!(told["delivery"][0]["state"], "delivered");
        assert_eq!(told["whyItCame"], "https://my.example/inbox/cdcd/why");
    }
}
