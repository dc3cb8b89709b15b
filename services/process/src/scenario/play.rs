//! Plays one `when`.

use std::collections::{BTreeMap, BTreeSet};

use api::Form;
use kernel::Hash;

use super::{World, file::When};
use crate::{Command, evidence::FileReference, forms};

/// `Err` when the scenario itself cannot be played; a refusal of the service is kept for `expect`.
pub fn play(world: &mut World<'_>, when: &When) -> Result<(), String> {
    let set = [
        when.answer.is_some(),
        when.dispute.is_some(),
        when.submit.is_some(),
        when.pay.is_some(),
        when.wait.is_some(),
        when.decide.is_some(),
        when.receive.is_some(),
        when.withdraw.is_some(),
        when.discard.is_some(),
        when.registry.is_some(),
    ];
    if set.iter().filter(|set| **set).count() != 1 {
        let names = "answer, dispute, submit, pay, wait, decide, receive, withdraw, discard, registry";
        return Err(format!("each `when` says exactly one of {names}"));
    }
    if let Some(answer) = &when.registry {
        world.set_registry(answer.clone());
        return Ok(());
    }
    world.open();
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
    let command = command_of(world, when)?;
    world.command(&command);
    world.settle()
}

fn command_of(world: &World<'_>, when: &When) -> Result<Command, String> {
    if when.submit.is_some() {
        return Ok(Command::Submit {
            number: "TEST-2026-1".to_owned(),
            shown_hash: Hash::of(b"shown"),
            by: World::applicant(),
            language: world.state.language,
            mandate: None,
            signed_in: None,
        });
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
            officer: World::officer(),
        });
    }
    Ok(Command::DiscardDraft)
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
