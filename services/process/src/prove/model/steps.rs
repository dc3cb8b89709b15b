//! The ways out of each kind of step, as the engine takes them.

use std::collections::HashMap;

use api::{Join, Outcome, ServiceDefinition, Step, StepKind, Table};

use super::{Fork, Kind, Payment, SET_MAX, StepWays, Unfit, Verdict, Way, conditions::Conditions};
use crate::prove::state::{Local, Told};

/// Something was decided that the applicant has to hear.
const UNTOLD: Local = Local { told: Told::No, decided: false, due: false, spoken: false, silent: false, issued: 0 };

pub struct Reader<'m, 'd> {
    pub definition: &'d ServiceDefinition,
    pub index: &'m HashMap<&'d str, usize>,
    pub payments: &'m [Payment<'d>],
    pub conditions: &'m Conditions,
}

impl Reader<'_, '_> {
    pub fn read(&self, step: &Step, starts: &[usize]) -> Result<StepWays, Unfit> {
        let kind = step.kind().ok_or(Unfit::Broken)?;
        let undone_by = step.compensate.as_deref().map(|by| self.at(by)).transpose()?;
        let alone = !matches!(
            kind,
            StepKind::Notify(_) | StepKind::Set(_) | StepKind::Emit(_) | StepKind::Decide(_) | StepKind::End(_)
        );
        let is = match kind {
            StepKind::End(_) => Kind::End,
            StepKind::Parallel(parallel) => {
                if parallel.branches.len() > SET_MAX {
                    return Err(Unfit::TooLarge);
                }
                let starts = parallel.branches.iter().map(|branch| self.at(&branch.start));
                let starts = starts.collect::<Result<Vec<_>, _>>()?;
                let late = step.timeout.and(step.on_timeout.as_deref()).map(|to| self.at(to)).transpose()?;
                let next = self.next(step)?;
                // A branch without a step would let branches begin and meet for ever, with nobody to see it.
                if starts.contains(&next) {
                    return Err(Unfit::Broken);
                }
                Kind::Fork(Fork { starts, next, any: parallel.join == Join::Any, late, undoable: undone_by.is_some() })
            }
            _ => Kind::Plain,
        };
        let mut ways = Vec::new();
        if matches!(is, Kind::Plain) {
            self.ways(step, &kind, starts, &mut ways)?;
            self.troubles(step, &kind, &mut ways)?;
            let forgets = self.conditions.changed(self.definition, step);
            for way in &mut ways {
                way.forgets = forgets;
            }
        }
        Ok(StepWays { kind: is, ways, alone, undone_by })
    }

    fn at(&self, name: &str) -> Result<usize, Unfit> {
        self.index.get(name).copied().ok_or(Unfit::Broken)
    }

    fn next(&self, step: &Step) -> Result<usize, Unfit> {
        self.at(step.next.as_deref().ok_or(Unfit::Broken)?)
    }

    /// By which the step is done; what undoes it is known from then on.
    fn done(&self, step: &Step, how: impl Into<String>) -> Result<Way, Unfit> {
        let undoable = step.compensate.is_some();
        Ok(Way { how: how.into(), to: self.next(step)?, undoable, ..Way::default() })
    }

    fn ways(&self, step: &Step, kind: &StepKind<'_>, starts: &[usize], ways: &mut Vec<Way>) -> Result<(), Unfit> {
        match kind {
            StepKind::Form(_) => {
                let begins = starts.contains(&self.at(&step.name)?);
                ways.push(self.done(step, form(step, begins))?);
            }
            StepKind::Task(task) => {
                for outcome in &task.outcomes {
                    ways.push(self.outcome(task.agency.as_deref(), outcome)?);
                }
            }
            StepKind::Payment(_) => self.payment(step, ways)?,
            StepKind::Call(_) => ways.push(self.done(step, "the registry answers")?),
            StepKind::Decide(decide) => {
                for (at, case) in decide.cases.iter().enumerate() {
                    let how = format!("`{}` holds", case.when);
                    self.chosen(step, Some(at), how, &case.next, ways)?;
                }
                if let Some(table) = &decide.table {
                    self.tabled(step, table, ways)?;
                }
                if let Some(otherwise) = &decide.otherwise {
                    self.chosen(step, None, "no condition holds".to_owned(), otherwise, ways)?;
                }
            }
            StepKind::Document(name) => {
                let declared = self.definition.spec.documents.iter().enumerate().find(|(_, one)| one.name == *name);
                let (at, declared) = declared.ok_or(Unfit::Broken)?;
                let spoken = tells_reasons(&declared.template);
                let local = Local { issued: 1 << at, spoken, silent: !spoken, ..Local::default() };
                ways.push(Way { local, ..self.done(step, "the document is issued")? });
            }
            StepKind::Notify(_) => {
                let local = Local { told: Told::Yes, ..Local::default() };
                ways.push(Way { local, ..self.done(step, "")? });
            }
            StepKind::Wait(wait) => {
                let how = if wait.span.is_some() || wait.until.is_some() { "the time comes" } else { "it comes" };
                ways.push(self.done(step, how)?);
            }
            StepKind::Refund(names) => {
                let mut way = self.done(step, "the money goes back")?;
                for name in *names {
                    let named = self.at(name)?;
                    let paid = self.payments.iter().enumerate().filter(|(_, payment)| payment.step == named);
                    way.refunds |= paid.fold(0, |set, (at, _)| set | 1 << at);
                    way.undoes.push(named);
                }
                ways.push(way);
            }
            StepKind::Emit(_) | StepKind::Set(_) => ways.push(self.done(step, "")?),
            StepKind::Parallel(_) | StepKind::End(_) => {}
            StepKind::Signature(_) | StepKind::ForEach(_) | StepKind::Subprocess(_) => return Err(Unfit::Broken),
        }
        Ok(())
    }

    fn outcome(&self, agency: Option<&str>, outcome: &Outcome) -> Result<Way, Unfit> {
        let own = agency.is_none_or(|agency| agency == self.definition.spec.agency);
        let local = if self.definition.returns(outcome) {
            Local::default()
        } else {
            Local { decided: true, due: own && !outcome.reasons.is_empty(), ..UNTOLD }
        };
        Ok(Way {
            how: format!("an officer decides `{}`", outcome.name),
            to: self.at(&outcome.next)?,
            local,
            ..Way::default()
        })
    }

    fn payment(&self, step: &Step, ways: &mut Vec<Way>) -> Result<(), Unfit> {
        let here = self.at(&step.name)?;
        let payment = self.payments.iter().position(|payment| payment.step == here).ok_or(Unfit::Broken)?;
        ways.push(Way { pays: Some((payment, Verdict::Paid)), ..self.done(step, "the fee is paid")? });
        ways.push(Way { pays: Some((payment, Verdict::Nothing)), ..self.done(step, "nothing is to be paid")? });
        if let Some(to) = step.timeout.and(step.on_timeout.as_deref()) {
            let how = "the fee is not paid in time".to_owned();
            let pays = Some((payment, Verdict::Lapsed));
            ways.push(Way { how, to: self.at(to)?, local: UNTOLD, pays, ..Way::default() });
        }
        if let Some(to) = step.on_error.as_deref() {
            let how = "the fee cannot be paid".to_owned();
            let pays = Some((payment, Verdict::Refused));
            ways.push(Way { how, to: self.at(to)?, local: UNTOLD, pays, ..Way::default() });
        }
        Ok(())
    }

    fn chosen(
        &self,
        step: &Step,
        case: Option<usize>,
        how: String,
        next: &str,
        ways: &mut Vec<Way>,
    ) -> Result<(), Unfit> {
        let to = self.at(next)?;
        if let Some((known, holds)) = self.conditions.chosen(step, case) {
            let undoable = step.compensate.is_some();
            ways.push(Way { how, to, known, holds, undoable, ..Way::default() });
        }
        Ok(())
    }

    /// Any rule of a table may hold: whether it can is judged apart.
    fn tabled(&self, step: &Step, table: &Table, ways: &mut Vec<Way>) -> Result<(), Unfit> {
        let rules =
            table.rules.iter().filter_map(|rule| Some((format!("`{}` holds", rule.name), rule.next.as_deref()?)));
        let collected = table.collect.iter().map(|collect| ("rules hold".to_owned(), collect.next.as_str()));
        for (how, next) in rules.chain(collected) {
            let undoable = step.compensate.is_some();
            ways.push(Way { how, to: self.at(next)?, undoable, ..Way::default() });
        }
        Ok(())
    }

    /// Ways of a step that did not come to what it is for.
    fn troubles(&self, step: &Step, kind: &StepKind<'_>, ways: &mut Vec<Way>) -> Result<(), Unfit> {
        if matches!(kind, StepKind::Payment(_)) {
            return Ok(());
        }
        let timed = match kind {
            StepKind::Wait(wait) => wait.message.is_some() || wait.event.is_some(),
            kind => !matches!(kind, StepKind::Decide(_) | StepKind::Set(_) | StepKind::Emit(_) | StepKind::Refund(_)),
        };
        let late = if matches!(kind, StepKind::Form(_)) { "nobody answers in time" } else { "the time is over" };
        let troubles = [
            ("they decline", step.on_declined.as_deref()),
            ("nothing is found", step.on_not_found.as_deref()),
            ("no answer comes", step.on_unavailable.as_deref()),
            (late, step.timeout.and(step.on_timeout.as_deref()).filter(|_| timed)),
            ("it fails", step.on_error.as_deref()),
        ];
        for (how, to) in troubles {
            if let Some(to) = to {
                ways.push(Way { how: how.to_owned(), to: self.at(to)?, local: UNTOLD, ..Way::default() });
            }
        }
        Ok(())
    }
}

fn form(step: &Step, begins: bool) -> String {
    match step.asks() {
        Some(party) => format!("`{party}` agrees"),
        None if begins => "the applicant sends the application".to_owned(),
        None => "the applicant answers".to_owned(),
    }
}

/// A template that lies beside the definition, and is not at hand, may say anything.
fn tells_reasons(template: &str) -> bool {
    template.starts_with("templates/") || template.contains("reasons")
}
