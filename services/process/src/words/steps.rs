//! The process as a numbered list of sentences: what each step does, who does it, how long it may take and where it leads.

use api::{
    Call, Decide, End, Form, Join, LegalBasis, OnDeadline, Outcome, Parallel, PartyKind, Questions, Set, Step,
    StepKind, Task, Text, Wait,
};

use super::{
    Words,
    phrases::{Phrase, process},
};

/// One step, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepWords {
    /// From one, in the order of the definition; other steps name it so.
    pub number: usize,
    /// As the definition names it.
    pub name: String,
    pub title: String,
    /// A sentence each.
    pub lines: Vec<String>,
}

impl<'a> Words<'a> {
    /// Every step in the order of the definition.
    pub fn steps(&self) -> Vec<StepWords> {
        let steps = self.definition.steps().iter().enumerate();
        steps
            .map(|(index, step)| StepWords {
                number: index + 1,
                name: step.name.clone(),
                title: self.step_title(step),
                lines: self.step_lines(step),
            })
            .collect()
    }

    /// What a step is, in a few words.
    pub fn step_title(&self, step: &'a Step) -> String {
        match step.kind() {
            Some(StepKind::Form(_)) => self.say(&process::TITLE_FORM, &[]),
            Some(StepKind::Task(task)) => match &task.title {
                Some(title) => self.text(title).to_owned(),
                None => self.say(&process::TITLE_TASK, &[]),
            },
            Some(StepKind::Payment(fee)) => self.say(&process::TITLE_PAYMENT, &[&self.fee_named(fee)]),
            Some(StepKind::Call(call)) => self.say(&process::TITLE_CALL, &[&self.quoted(&call.registry)]),
            Some(StepKind::Decide(_)) => self.say(&process::TITLE_DECIDE, &[]),
            Some(StepKind::Document(name)) => self.say(&process::TITLE_DOCUMENT, &[&self.document_named(name)]),
            Some(StepKind::Signature(signature)) => {
                self.say(&process::TITLE_SIGNATURE, &[&self.document_named(&signature.document)])
            }
            Some(StepKind::Notify(name)) => self.say(&process::TITLE_NOTIFY, &[&self.message_named(name)]),
            Some(StepKind::Wait(_)) => self.say(&process::TITLE_WAIT, &[]),
            Some(StepKind::Refund(_)) => self.say(&process::TITLE_REFUND, &[]),
            Some(StepKind::Emit(emit)) => self.say(&process::TITLE_EMIT, &[&self.event_named(&emit.event)]),
            Some(StepKind::Parallel(_)) => self.say(&process::TITLE_PARALLEL, &[]),
            Some(StepKind::ForEach(_)) => self.say(&process::TITLE_EACH, &[]),
            Some(StepKind::Subprocess(other)) => self.say(&process::TITLE_SUBPROCESS, &[&self.quoted(&other.service)]),
            Some(StepKind::Set(_)) => self.say(&process::TITLE_SET, &[]),
            Some(StepKind::End(end)) => self.say(&process::TITLE_END, &[&self.ending(end)]),
            None => step.name.clone(),
        }
    }

    fn step_lines(&self, step: &'a Step) -> Vec<String> {
        let mut lines = match step.kind() {
            Some(kind) => self.doing(kind),
            None => Vec::new(),
        };
        lines.extend(self.beginnings(step));
        let process = self.definition.spec.process.as_ref().filter(|process| process.start == step.name);
        if let Some(office) = process.and_then(|process| process.office.as_deref()) {
            lines.push(self.say(&process::RESPONSIBLE, &[&self.rule(office)]));
        }
        if let Some(who) = &step.who {
            let is_company = self.definition.party(who).is_some_and(|party| party.kind == PartyKind::Company);
            let phrase = if is_company { &process::WHO_COMPANY } else { &process::WHO };
            lines.push(self.say(phrase, &[&self.party_named(who)]));
        }
        if let Some(invite) = &step.invite {
            lines.push(self.say(&process::INVITED, &[&self.message_named(invite)]));
        }
        if let Some(retry) = &step.retry {
            lines.push(self.say(&process::RETRIED, &[&retry.attempts.to_string()]));
        }
        if let Some(timeout) = step.timeout {
            lines.push(self.say(&process::TIMEOUT, &[&self.span(timeout)]));
        }
        let ways: [(&Option<String>, &Phrase); 7] = [
            (&step.on_timeout, &process::AFTER_TIMEOUT),
            (&step.on_declined, &process::DECLINED),
            (&step.on_not_found, &process::NOT_FOUND),
            (&step.on_unavailable, &process::UNAVAILABLE),
            (&step.on_error, &process::FAILED),
            (&step.compensate, &process::UNDONE_BY),
            (&step.next, &process::NEXT),
        ];
        lines.extend(ways.into_iter().filter_map(|(to, phrase)| to.as_ref().map(|to| self.leads(phrase, to))));
        lines
    }

    fn doing(&self, kind: StepKind<'a>) -> Vec<String> {
        match kind {
            StepKind::Form(_) => vec![self.say(&process::FILLS_IN, &[])],
            StepKind::Task(task) => self.task(task),
            StepKind::Payment(fee) => vec![self.say(&process::PAYS, &[&self.fee_named(fee)])],
            StepKind::Call(call) => self.call(call),
            StepKind::Decide(decide) => self.decide(decide),
            StepKind::Document(name) => {
                let seal = self.definition.document(name).map_or(name, |document| document.seal.as_str());
                vec![self.say(&process::MADE, &[&self.document_named(name), &self.quoted(self.agency(seal))])]
            }
            StepKind::Signature(signature) => {
                vec![self.say(&process::SIGNS, &[&self.document_named(&signature.document)])]
            }
            StepKind::Notify(name) => vec![self.say(&process::TOLD, &[&self.message_named(name)])],
            StepKind::Wait(wait) => self.wait(wait),
            StepKind::Refund(steps) => steps.iter().map(|step| self.undone(step)).collect(),
            StepKind::Emit(emit) => {
                let mut lines = vec![self.say(&process::EMITS, &[])];
                lines.extend(emit.attributes.iter().map(|(name, source)| self.sent(name, source)));
                lines.extend(emit.legal_basis.as_ref().map(|act| self.basis(act)));
                lines
            }
            StepKind::Parallel(parallel) => self.parallel(parallel),
            StepKind::ForEach(each) => {
                vec![self.say(&process::EACH_ITEM, &[&self.rule(&each.items), &self.number(&each.start)])]
            }
            StepKind::Subprocess(other) => vec![self.say(&process::RUNS, &[&self.quoted(&other.service)])],
            StepKind::Set(values) => values.iter().map(|value| self.set(value)).collect(),
            StepKind::End(end) => self.end(end),
        }
    }

    fn task(&self, task: &'a Task) -> Vec<String> {
        let mut lines = vec![self.say(&process::ROLE, &[&self.quoted(&task.role)])];
        if let Some(agency) = &task.agency {
            lines.push(self.say(&process::TASK_AGENCY, &[&self.quoted(self.agency(agency))]));
        }
        if let Some(office) = &task.office {
            lines.push(self.say(&process::OFFICE, &[&self.rule(office)]));
        }
        if task.four_eyes {
            lines.push(self.say(&process::FOUR_EYES, &[]));
        }
        if !task.shows.is_empty() {
            let pages: Vec<String> = task.shows.iter().map(|key| self.page_named(key)).collect();
            lines.push(self.say(&process::SHOWS, &[&pages.join(", ")]));
        }
        if let Some(deadline) = &task.deadline {
            lines.extend(self.deadline(deadline));
            lines.push(match task.on_deadline {
                OnDeadline::Escalate => self.say(&process::ESCALATED, &[]),
                OnDeadline::Approve => self.silence(task, "approve"),
                OnDeadline::Refuse => self.silence(task, "refuse"),
            });
        }
        if let Some(questions) = &task.questions {
            lines.extend(self.questions(task, questions));
        }
        lines.extend(task.outcomes.iter().flat_map(|outcome| self.outcome(outcome)));
        lines
    }

    fn deadline(&self, deadline: &api::Deadline) -> Vec<String> {
        let always = deadline.always().map(|span| self.say(&process::DEADLINE, &[&self.span(span)]));
        let terms = deadline.terms().iter().map(|term| match &term.when {
            Some(when) => self.say(&process::DEADLINE_WHEN, &[&self.rule(when), &self.span(term.is)]),
            None => self.say(&process::DEADLINE_OTHERWISE, &[&self.span(term.is)]),
        });
        always.into_iter().chain(terms).collect()
    }

    fn questions(&self, task: &'a Task, questions: &'a Questions) -> Vec<String> {
        let told = self.message_named(&questions.notify);
        let mut lines = vec![
            self.say(&process::QUESTIONS, &[&questions.at_most.to_string(), &told]),
            self.say(&process::ANSWERS, &[&self.span(questions.deadline)]),
        ];
        if let Some(reminder) = &questions.reminder {
            let (after, reminds) = (self.span(reminder.after), self.message_named(&reminder.notify));
            lines.push(self.say(&process::REMINDED, &[&after, &reminds]));
        }
        lines.push(match &questions.on_silence {
            Some(name) => {
                let outcome = task.outcomes.iter().find(|outcome| outcome.name == *name);
                let label = outcome.map_or(name.as_str(), |outcome| self.text_or(Some(&outcome.label), name));
                self.say(&process::UNANSWERED_DECIDES, &[&self.quoted(label)])
            }
            None => self.say(&process::UNANSWERED, &[]),
        });
        lines
    }

    fn silence(&self, task: &'a Task, name: &'a str) -> String {
        let outcome = task.outcomes.iter().find(|outcome| outcome.name == name);
        let label = outcome.map_or(name, |outcome| self.text_or(Some(&outcome.label), name));
        self.say(&process::SILENCE, &[&self.quoted(label)])
    }

    fn outcome(&self, outcome: &'a Outcome) -> Vec<String> {
        let label = self.quoted(self.text_or(Some(&outcome.label), &outcome.name));
        let mut lines = vec![self.say(&process::DECISION_LEADS, &[&label, &self.number(&outcome.next)])];
        lines.extend(outcome.reasons.iter().map(|reason| {
            let text = self.text_or(Some(&reason.text), &reason.code);
            let text = match &reason.article {
                Some(article) => format!("{text} ({article})"),
                None => text.to_owned(),
            };
            self.say(&process::REASON, &[&label, &self.quoted(&text)])
        }));
        lines
    }

    fn call(&self, call: &'a Call) -> Vec<String> {
        let mut lines = Vec::new();
        if call.consent {
            lines.push(self.say(&process::CONSENT, &[]));
        }
        lines.push(self.say(&process::ASKS, &[&self.quoted(&call.registry), &self.quoted(&call.operation)]));
        lines.extend(call.input.iter().map(|(name, source)| self.sent(name, source)));
        lines.push(self.say(&process::PURPOSE, &[self.text(&call.purpose)]));
        lines.extend(call.legal_basis.as_ref().map(|act| self.basis(act)));
        lines
    }

    fn sent(&self, name: &str, source: &str) -> String {
        self.say(&process::SENT_TO_IT, &[&self.quoted(name), &self.rule(source)])
    }

    /// The sentence that names a law.
    fn basis(&self, act: &'a LegalBasis) -> String {
        self.say(&process::BASIS, &[self.act(act)])
    }

    fn decide(&self, decide: &'a Decide) -> Vec<String> {
        let cases = decide.cases.iter();
        let mut lines: Vec<String> =
            cases.map(|case| self.say(&process::WHEN, &[&self.rule(&case.when), &self.number(&case.next)])).collect();
        lines.extend(decide.table.iter().flat_map(|table| self.table(table)));
        lines.extend(decide.otherwise.as_ref().map(|otherwise| self.leads(&process::OTHERWISE, otherwise)));
        lines
    }

    fn wait(&self, wait: &Wait) -> Vec<String> {
        let Wait { span, until, event, message } = wait;
        let mut lines = Vec::new();
        lines.extend(span.map(|span| self.say(&process::WAITS_FOR, &[&self.span(span)])));
        lines.extend(until.as_ref().map(|until| self.say(&process::WAITS_UNTIL, &[&self.rule(until)])));
        lines.extend(event.as_ref().map(|event| self.say(&process::WAITS_FOR_EVENT, &[&self.quoted(event)])));
        lines.extend(message.as_ref().map(|name| self.say(&process::WAITS_FOR_MESSAGE, &[&self.quoted(name)])));
        lines
    }

    /// A payment is paid back; another step is undone by the one that it names for that.
    fn undone(&self, name: &str) -> String {
        let pays = self.definition.step(name).is_some_and(|step| step.payment.is_some());
        self.leads(if pays { &process::REFUNDS } else { &process::UNDOES }, name)
    }

    fn parallel(&self, parallel: &Parallel) -> Vec<String> {
        let branches = parallel.branches.iter();
        let mut lines: Vec<String> = branches
            .map(|branch| self.say(&process::BRANCH, &[&self.quoted(&branch.name), &self.number(&branch.start)]))
            .collect();
        lines.push(match parallel.join {
            Join::All => self.say(&process::JOIN_ALL, &[]),
            Join::Any => self.say(&process::JOIN_ANY, &[]),
        });
        lines
    }

    pub(super) fn set(&self, value: &Set) -> String {
        let name = self.named(&format!("data.{}", value.at));
        self.say(&process::SETS, &[&name, &self.rule(&value.to)])
    }

    fn end(&self, end: &'a End) -> Vec<String> {
        let mut lines = vec![self.say(&process::ENDS, &[&self.ending(end)])];
        if !end.delivers.is_empty() {
            let delivered: Vec<String> = end.delivers.iter().map(|name| self.document_named(name)).collect();
            lines.push(self.say(&process::DELIVERS, &[&delivered.join(", ")]));
        }
        lines
    }

    /// Who enters here what came on paper; from which ended cases another one begins at this step, and until when.
    fn beginnings(&self, step: &'a Step) -> Vec<String> {
        let mut lines = Vec::new();
        for start in self.definition.spec.starts.iter().filter(|start| start.step == step.name) {
            let title = self.quoted(self.text_or(start.title.as_ref(), &start.name));
            if let Some(role) = &start.role {
                lines.push(self.say(&process::ON_PAPER, &[&title, &self.quoted(role)]));
            }
            if let Some(event) = &start.event {
                let agency = event.agency.as_ref().unwrap_or(&self.definition.spec.agency);
                let agency = self.quoted(self.agency(agency));
                lines.push(self.say(&process::BY_EVENT, &[&title, &agency, &self.quoted(&event.name)]));
            }
            lines.extend(start.legal_basis.as_ref().map(|act| self.basis(act)));
            let Some(from) = &start.from else { continue };
            let outcomes: Vec<String> = from.outcomes.iter().map(|outcome| self.ended(outcome)).collect();
            lines.push(self.say(&process::BEGINS, &[&title, &outcomes.join(", ")]));
            if let Some(within) = from.within {
                lines.push(self.say(&process::BEGINS_WITHIN, &[&self.span(within)]));
            }
            if from.same_officers {
                lines.push(self.say(&process::BEGINS_SAME, &[]));
            }
            if !start.carry.is_empty() {
                let carried: Vec<String> = start.carry.iter().map(|path| self.carried(path)).collect();
                lines.push(self.say(&process::CARRIED, &[&carried.join(", ")]));
            }
        }
        lines
    }

    /// What another case takes over: values that one question asked for, a group of them, or a registry's answer.
    fn carried(&self, path: &str) -> String {
        if path.starts_with("facts.") {
            return self.named(path);
        }
        let group = format!("{path}.");
        let fields = self.definition.spec.forms.iter().flat_map(Form::fields).map(|(_, field)| field);
        let within = fields.filter(|field| field.at == path || field.at.starts_with(&group));
        let mut labels: Vec<String> = Vec::new();
        for label in within.map(|field| self.quoted(self.label(field))) {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        if labels.is_empty() { self.quoted(path) } else { labels.join(", ") }
    }

    fn ended(&self, outcome: &'a str) -> String {
        let mut ends = self.definition.steps().iter().filter_map(|step| step.end.as_ref());
        let end = ends.find(|end| end.outcome == outcome);
        end.map_or_else(|| self.quoted(outcome), |end| self.ending(end))
    }

    fn ending(&self, end: &'a End) -> String {
        self.quoted(self.text_or(end.label.as_ref(), &end.outcome))
    }

    pub(super) fn leads(&self, phrase: &Phrase, to: &str) -> String {
        self.say(phrase, &[&self.number(to)])
    }

    /// The number under which a step stands in the list.
    pub(super) fn number(&self, step: &str) -> String {
        let position = self.definition.steps().iter().position(|known| known.name == step);
        position.map_or_else(|| self.quoted(step), |index| (index + 1).to_string())
    }

    fn fee_named(&self, name: &str) -> String {
        self.quoted(self.definition.fee(name).map_or(name, |fee| self.fee(fee)))
    }

    fn document_named(&self, name: &str) -> String {
        self.titled(self.definition.document(name).and_then(|document| document.title.as_ref()), name)
    }

    fn party_named(&self, name: &str) -> String {
        match self.definition.party(name) {
            Some(party) => self.titled(party.title.as_ref(), name),
            None => self.quoted(name),
        }
    }

    fn message_named(&self, name: &str) -> String {
        self.titled(self.definition.notification(name).and_then(|message| message.title.as_ref()), name)
    }

    fn event_named(&self, name: &str) -> String {
        let event = self.definition.spec.integration.events.iter().find(|event| event.name == name);
        self.titled(event.and_then(|event| event.title.as_ref()), name)
    }

    fn page_named(&self, key: &str) -> String {
        let page = self.definition.spec.forms.iter().find_map(|form| form.page(key));
        self.titled(page.map(|page| &page.title), key)
    }

    fn titled(&self, title: Option<&'a Text>, name: &str) -> String {
        let title = title.map(|title| self.text(title)).filter(|title| !title.is_empty());
        self.quoted(title.unwrap_or(name))
    }
}
