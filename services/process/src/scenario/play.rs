//! Plays one `when`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use api::Form;
use kernel::Hash;

use super::{World, file::When};
use crate::{Command, evidence::FileReference, forms};

/// How long a scenario's officer has a task to ask something in it.
const CLAIMED_FOR: Duration = Duration::from_secs(4 * 3_600);

/// `Err` when the scenario itself cannot be played; a refusal of the service is kept for `expect`.
pub fn play(world: &mut World<'_>, when: &When) -> Result<(), String> {
    let set = [
        when.answer.is_some(),
        when.dispute.is_some(),
        when.submit.is_some(),
        when.pay.is_some(),
        when.agree.is_some(),
        when.decline.is_some(),
        when.wait.is_some(),
        when.decide.is_some(),
        when.ask.is_some(),
        when.reply.is_some(),
        when.receive.is_some(),
        when.withdraw.is_some(),
        when.discard.is_some(),
        when.begin.is_some(),
        when.announce.is_some(),
        when.registry.is_some(),
    ];
    if set.iter().filter(|set| **set).count() != 1 {
        let names = "answer, dispute, submit, pay, agree, decline, wait, decide, ask, reply, receive, withdraw, discard, begin, \
                     announce, registry";
        return Err(format!("each `when` says exactly one of {names}"));
    }
    if let Some(answer) = &when.registry {
        world.set_registry(answer.clone());
        return Ok(());
    }
    if let Some(announce) = &when.announce {
        world.announce(&announce.start, &announce.data);
        return world.settle();
    }
    world.open();
    if let Some(begin) = &when.begin {
        world.begin(&begin.start);
        return Ok(());
    }
    if let Some(span) = when.wait {
        return world.pass(world.facts().calendar.deadline(world.now, span));
    }
    if when.pay.is_some() {
        return world.pay();
    }
    if let Some(fields) = &when.dispute {
        world.disputed.clone_from(fields);
        return answer(world, &BTreeMap::new());
    }
    if let Some(answers) = &when.answer {
        return answer(world, answers);
    }
    if let Some(answers) = &when.agree
        && !asked(world, answers)?
    {
        return Ok(());
    }
    if let Some(text) = &when.ask {
        return ask(world, text);
    }
    let command = command_of(world, when)?;
    world.command(&command);
    agree(world);
    world.settle()
}

/// Where two officers decide, the second one agrees: a scenario tells what comes of decisions.
fn agree(world: &mut World<'_>) {
    let proposed = world.state.open_tasks().find(|task| task.proposed().is_some()).map(|task| task.id);
    if let Some(task) = proposed {
        let officer = world.second();
        world.command(&Command::ConfirmTask { task, officer });
    }
}

fn command_of(world: &World<'_>, when: &When) -> Result<Command, String> {
    if when.submit.is_some() {
        return Ok(Command::Submit {
            number: "TEST-2026-1".to_owned(),
            shown_hash: Hash::of(b"shown"),
            by: if world.state.taken_in.is_some() { World::clerk() } else { World::applicant() },
            language: world.state.language,
            mandate: None,
            signed_in: None,
        });
    }
    if when.agree.is_some() {
        let (by, language) = (World::party(), world.state.language);
        return Ok(Command::Consent { by, actor: by, shown_hash: Hash::of(b"shown"), language });
    }
    if when.decline.is_some() {
        return Ok(Command::Decline { by: World::party(), actor: World::party() });
    }
    if let Some(message) = &when.receive {
        return Ok(Command::ReceiveMessage { name: message.name.clone(), body: message.body.clone() });
    }
    if when.withdraw.is_some() {
        return Ok(Command::Withdraw { by: World::applicant() });
    }
    if let Some(decide) = &when.decide {
        let wanted = |step: &str| decide.task.as_ref().is_none_or(|name| name == step);
        let task = world.state.open_tasks().find(|task| wanted(&task.step)).ok_or("no such task is open")?;
        return Ok(Command::DecideTask {
            task: task.id,
            outcome: decide.outcome.clone(),
            reasons: decide.reasons.clone(),
            note: decide.note.clone(),
            marked: decide.marked.clone(),
            officer: world.officer(),
        });
    }
    if let Some(text) = &when.reply {
        let open = world.state.questions.iter().find(|question| question.is_open()).ok_or("no question is open")?;
        return Ok(Command::AnswerQuestion { number: open.number, text: text.clone(), by: World::applicant() });
    }
    Ok(Command::DiscardDraft)
}

/// Only whoever has a task asks.
fn ask(world: &mut World<'_>, text: &str) -> Result<(), String> {
    let task = world.state.open_tasks().next().ok_or("no task is open")?.id;
    let (officer, until) = (world.officer(), world.now.plus(CLAIMED_FOR));
    if world.command(&Command::ClaimTask { task, officer, until }) {
        world.command(&Command::AskApplicant { task, officer, text: text.to_owned() });
    }
    world.settle()
}

/// Saves every page that is to be shown, in order, with the given answers over those already there.
fn answer(world: &mut World<'_>, answers: &BTreeMap<String, String>) -> Result<(), String> {
    let form = forms::current(world.process, &world.state).ok_or("no form can be filled in now")?;
    if let Some(unknown) = answers.keys().find(|at| form.field(at).is_none()) {
        return Err(format!("the form has no field `{unknown}`"));
    }
    let mut saved = BTreeSet::new();
    loop {
        let assessment = forms::assess(world.process, &world.state, &world.facts(), form);
        let sequence = forms::sequence(&world.state, form, &assessment);
        let Some(page) = sequence.pages.iter().find(|page| !saved.contains(*page)).cloned() else {
            return Ok(());
        };
        let mut values = world.state.answers.clone();
        values.extend(answers.iter().map(|(at, text)| (at.clone(), word_for(world, form, at, text))));
        let disputed: BTreeSet<String> = world.disputed.iter().cloned().collect();
        let save = Command::SaveAnswers { page: page.clone(), values, disputed, shown: None };
        // Which files are asked for may hang on what was just answered; the page is left once they are there.
        if !world.command(&save) || (attach(world, form, &page, answers) && !world.command(&save)) {
            return Ok(());
        }
        saved.insert(page);
    }
}

/// Saves every page of the form of the party who is asked; false where one is refused.
fn asked(world: &mut World<'_>, answers: &BTreeMap<String, String>) -> Result<bool, String> {
    let part = world.state.part_of(World::party()).map(|(name, _)| name.to_owned());
    let seen = |world: &World<'_>| part.as_deref().and_then(|name| world.state.as_asked(name));
    let form = seen(world).and_then(|seen| forms::current(world.process, &seen)).ok_or("no party is asked now")?;
    if let Some(unknown) = answers.keys().find(|at| form.field(at).is_none()) {
        return Err(format!("the form has no field `{unknown}`"));
    }
    let mut saved = BTreeSet::new();
    loop {
        let Some(seen) = seen(world) else { return Ok(false) };
        let assessment = forms::assess(world.process, &seen, &world.facts(), form);
        let sequence = forms::sequence(&seen, form, &assessment);
        let Some(page) = sequence.pages.iter().find(|page| !saved.contains(*page)).cloned() else {
            return Ok(true);
        };
        let mut values = seen.answers.clone();
        values.extend(answers.clone());
        let Some(asks) = form.page(&page) else { return Ok(false) };
        let shown = forms::shown_hash(form, asks, &seen.prefill, &seen.answers, &seen.disputed);
        if !world.command(&Command::SavePartyAnswers { by: World::party(), page: page.clone(), values, shown }) {
            return Ok(false);
        }
        saved.insert(page);
    }
}

/// A scenario names what is chosen from a registry's list; a browser would send the word that stands for it.
fn word_for(world: &World<'_>, form: &Form, at: &str, text: &str) -> String {
    let offered = form.field(at).and_then(|field| forms::offered(world.process, &world.state, field));
    let chosen = offered.into_iter().flatten().find(|offered| offered.value == text);
    chosen.map_or_else(|| text.to_owned(), |offered| offered.choice.clone())
}

/// Attaches files of these names; what would be in them does not matter to the service.
fn attach(world: &mut World<'_>, form: &Form, page: &str, answers: &BTreeMap<String, String>) -> bool {
    let mut attached = false;
    for field in form.page(page).into_iter().flat_map(|page| &page.fields) {
        let (Some(evidence), Some(names)) = (&field.evidence, answers.get(&field.at)) else { continue };
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let file = FileReference {
                hash: Hash::of(name.as_bytes()),
                name: name.to_owned(),
                size: 1,
                media_type: evidence.types.first().cloned().unwrap_or_default(),
            };
            attached |= world.command(&Command::AttachFile { page: page.to_owned(), at: field.at.clone(), file });
        }
    }
    attached
}
