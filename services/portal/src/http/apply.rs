//! One question a page: shown as the e-service wants it now, kept on the server at every Continue.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use kernel::{CommandId, ErrorKind};
use proto::eservice::v1::{
    Field, Option as Choice, Page, ReadPageRequest, SavePageReply, SavePageRequest, Value, operations,
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    posted::Posted,
    visit::{CasePlace, Filling, Visit},
};
use crate::{
    domain::{form, place},
    store::Session,
};

#[derive(Template)]
#[template(path = "question.html")]
pub struct QuestionPage {
    pub f: Frame,
    pub page: Page,
    pub back: String,
    /// Where the form goes; remembers that the person came from the check page.
    pub action: String,
    /// What the page holds now, for the next save to name.
    pub shown_hash: String,
}

impl QuestionPage {
    /// A page with one field has that field's label as its heading.
    pub fn single(&self) -> bool {
        matches!(self.page.fields.as_slice(), [field] if !field.fact && !field.disputed && !matches!(field.kind.as_str(), "checkbox" | "entries") && self.page.hint.is_empty())
    }

    /// Return in another input goes on, and presses none of the buttons before it.
    pub fn has_buttons(&self) -> bool {
        self.page.fields.iter().any(|field| matches!(field.kind.as_str(), "files" | "entries"))
    }

    pub fn takes_more(&self, list: &Field) -> bool {
        takes_more(list)
    }

    pub fn errors(&self) -> Vec<&Field> {
        self.page.fields.iter().filter(|field| !field.error.is_empty()).collect()
    }
}

/// Whether one more entry fits into a list.
fn takes_more(list: &Field) -> bool {
    i32::try_from(list.entries.len()).is_ok_and(|count| count < list.entries_max)
}

#[derive(Deserialize)]
pub struct From {
    #[serde(default)]
    from: String,
    /// The list to which an entry is added.
    #[serde(default)]
    add: String,
}

impl From {
    pub fn check(&self) -> bool {
        self.from == "check"
    }
}

pub async fn question(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path((agency, service, case, name)): Path<(String, String, String, String)>,
    Query(from): Query<From>,
) -> Result<Response, Refused> {
    let case = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    let mut shown = read(&portal, &visit, &session, &case, &name).await?;
    for list in shown.fields.iter_mut().filter(|field| field.at == from.add && takes_more(field)) {
        list.entries.extend(list.blank.take());
    }
    show(&portal, &visit, &case, shown, from.check())
}

async fn read(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    case: &CasePlace,
    name: &str,
) -> Result<Page, Refused> {
    if !place::is_name(name) {
        return Err(fault::no_such_page().into());
    }
    let request =
        ReadPageRequest { case_id: case.case.to_vec(), page: name.to_owned(), language: visit.language.tag().into() };
    Ok(portal.services.read(session, &operations::READ_PAGE, case.host(), &request).await?)
}

/// What the e-service leaves to us: sentences for what is wrong, and the words yes and no.
pub fn in_words(f: &Frame, page: &mut Page) {
    let parts = page.fields.iter_mut().flat_map(|field| &mut field.entries).flat_map(|entry| &mut entry.fields);
    parts.for_each(|field| field_in_words(f, field));
    page.fields.iter_mut().for_each(|field| field_in_words(f, field));
}

fn field_in_words(f: &Frame, field: &mut Field) {
    if field.error.is_empty() && !field.error_code.is_empty() {
        field.error = f.wrong(field);
    }
    if field.kind == "yes-no" && field.options.is_empty() {
        let option = |value: &str, label: String| Choice {
            value: value.to_owned(),
            label,
            hint: String::new(),
            selected: field.value == value,
        };
        field.options = vec![option("true", f.t("yes")), option("false", f.t("no"))];
    }
}

fn show(portal: &Portal, visit: &Visit, case: &CasePlace, mut shown: Page, check: bool) -> Result<Response, Refused> {
    let f = Frame::new(portal, visit);
    in_words(&f, &mut shown);
    let back = match (check, shown.back.as_str()) {
        (true, _) => case.path("check"),
        (false, _) if shown.begins_part => case.path("parts"),
        (false, "") => case.path(""),
        (false, before) => case.path(&format!("pages/{before}")),
    };
    let from = if check { "?from=check" } else { "" };
    let action = case.path(&format!("pages/{}{from}", shown.page));
    let shown_hash = hex(&shown.shown_hash);
    page(&QuestionPage { f, page: shown, back, action, shown_hash })
}

pub async fn keep(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path((agency, service, case, name)): Path<(String, String, String, String)>,
    Query(from): Query<From>,
    posted: Posted,
) -> Result<Response, Refused> {
    let case = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    if !place::is_name(&name) {
        return Err(fault::no_such_page().into());
    }
    let dropped = posted.control("_drop");
    let mut values = form::answers(&posted.0);
    values.retain(|(at, _)| dropped.is_empty() || !at.starts_with(&format!("{dropped}.")));
    let shown = posted.control("_shown").parse::<kernel::Hash>();
    let request = SavePageRequest {
        case_id: case.case.to_vec(),
        page: name,
        language: visit.language.tag().into(),
        values: values.into_iter().map(|(at, text)| Value { at, text }).collect(),
        disputed: form::controls(&posted.0, "_disputed").into_iter().map(str::to_owned).collect(),
        shown_hash: shown.map(|shown| shown.to_vec()).unwrap_or_default(),
    };
    // What the page held when it was shown tells a repetition from an older form: an id that came with it could not.
    let command = CommandId::new(portal.clock.as_ref(), portal.random.as_ref());
    let sent = portal.services.command(&session, &operations::SAVE_PAGE, case.host(), &request, command).await;
    let reply: SavePageReply = match sent {
        Ok(reply) => reply,
        // A page that can no longer be answered (sent in another tab) leads to what the case is now.
        Err(failure) if failure.kind == ErrorKind::Stale => return Ok(Redirect::to(&case.path("")).into_response()),
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, case.case, reply.version).await?;
    // What was typed beside the files is kept, right or wrong: it is there when the person comes back.
    let files = posted.control("_files");
    if place::is_field(files) {
        return Ok(Redirect::to(&case.path(&format!("files/{}/{files}", request.page))).into_response());
    }
    let mut fields = reply.page.iter().flat_map(|page| &page.fields);
    let changed = fields.any(|field| field.error_code == "field.changed-meanwhile");
    let more = Some(posted.control("_add")).filter(|at| place::is_field(at)).unwrap_or_default();
    if (!more.is_empty() || place::is_field(dropped)) && !changed {
        let from = if from.check() { "check" } else { "" };
        let path = case.path(&format!("pages/{}?from={from}&add={more}", request.page));
        return Ok(Redirect::to(&path).into_response());
    }
    match reply.page {
        Some(again) => show(&portal, &visit, &case, again, from.check()),
        None if reply.ends_part && !from.check() => Ok(Redirect::to(&case.path("parts")).into_response()),
        None if from.check() || reply.next.is_empty() => Ok(Redirect::to(&case.path("check")).into_response()),
        None => Ok(Redirect::to(&case.path(&format!("pages/{}", reply.next))).into_response()),
    }
}
