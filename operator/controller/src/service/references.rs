//! Whether registries would answer what a service asks them, and other agencies take its tasks and their share of its fees and tell it
//! their events. A registry or grant that is not there yet stops nobody from applying a definition; it is shown as what the service waits for.

use api::ServiceDefinition;
use kernel::Failure;
use proto::exchange::v1::{EventName, JudgeQuestionsRequest, Question, TaskRole};

use crate::{outcome::Fact, run::Operator};

pub const CONDITION: &str = "ReferencesResolved";

/// What a service needs of other agencies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Needs {
    pub questions: Vec<Question>,
    pub tasks: Vec<TaskRole>,
    /// Agencies that get a share of its fees.
    pub beneficiaries: Vec<String>,
    /// Events of other agencies that begin its cases.
    pub events: Vec<EventName>,
}

pub fn needs(definition: &ServiceDefinition) -> Needs {
    let question = |(owner, registry, operation): (&str, &str, &str)| Question {
        owner: owner.to_owned(),
        registry: registry.to_owned(),
        operation: operation.to_owned(),
    };
    let task = |(agency, role): (&str, &str)| TaskRole { agency: agency.to_owned(), role: role.to_owned() };
    let event = |(owner, name): (&str, &str)| EventName { owner: owner.to_owned(), name: name.to_owned() };
    Needs {
        questions: definition.questions().into_iter().map(question).collect(),
        tasks: definition.opinions().into_iter().map(task).collect(),
        beneficiaries: definition.beneficiaries().into_iter().map(str::to_owned).collect(),
        events: definition.events().into_iter().map(event).collect(),
    }
}

/// Nothing of a service that needs no other agency.
pub async fn resolve(
    operator: &Operator,
    (agency, service): (&str, &str),
    needs: Needs,
) -> Result<Option<Fact>, Failure> {
    if needs == Needs::default() {
        return Ok(None);
    }
    let (agency, service) = (agency.to_owned(), service.to_owned());
    let Needs { questions, tasks, beneficiaries, events } = needs.clone();
    let asked = JudgeQuestionsRequest { agency, service, questions, tasks, beneficiaries, events };
    let refusals = operator.platform.refusals(asked).await?;
    Ok(Some(told(&needs, &refusals)))
}

/// Refusals of questions come first, then those of tasks, then those of shares, then those of events.
fn told(needs: &Needs, refusals: &[String]) -> Fact {
    let (questions, tasks) = (needs.questions.len(), needs.tasks.len());
    // What an exchange of the release before does not judge is not granted by its silence.
    if refusals.len() < questions + tasks + needs.beneficiaries.len() + needs.events.len() {
        let waits = "The exchange runs an earlier release and does not judge all that is asked for; it is asked again until it does.";
        return Fact::coming("NotJudged", waits);
    }
    let (of_questions, others) = refusals.split_at(questions);
    let (of_tasks, others) = others.split_at(tasks);
    let (of_shares, of_events) = others.split_at(needs.beneficiaries.len());
    let open: Vec<_> = needs.questions.iter().zip(of_questions).filter(|(_, code)| !code.is_empty()).collect();
    let unlent: Vec<_> = needs.tasks.iter().zip(of_tasks).filter(|(_, code)| !code.is_empty()).collect();
    let unshared: Vec<_> = needs.beneficiaries.iter().zip(of_shares).filter(|(_, code)| !code.is_empty()).collect();
    let untold: Vec<_> = needs.events.iter().zip(of_events).filter(|(_, code)| !code.is_empty()).collect();
    if open.is_empty() && unlent.is_empty() && unshared.is_empty() && untold.is_empty() {
        let all = "Registries answer everything that it asks, and other agencies take its tasks and their shares and tell it their events.";
        return Fact::holds("Granted", all);
    }
    let line = |(question, code): &(&Question, &String)| {
        let Question { owner, registry, operation } = question;
        let why = match code.as_str() {
            "exchange.no-registry" => "the registry has not been applied, or was deleted",
            "exchange.no-operation" => "the registry has no such operation",
            "exchange.no-grant" => "no approved Grant covers it; ask for one by a GrantRequest",
            _ => "it is refused",
        };
        format!("`{registry}/{operation}` of `{owner}`: {why} ({code}).")
    };
    let ungranted = open.iter().all(|(_, code)| code.as_str() == "exchange.no-grant");
    let reason = if ungranted { "NoGrant" } else { "NoRegistry" };
    let task = |(TaskRole { agency, role }, code): &(&TaskRole, &String)| {
        format!(
            "tasks for `{role}` of `{agency}`: no approved Grant names the role; ask for one by a GrantRequest ({code})."
        )
    };
    let share = |(agency, code): &(&String, &String)| {
        format!(
            "a share of fees for `{agency}`: no approved Grant gives `beneficiary`, and nobody can pay until one does; ask for one by a \
             GrantRequest ({code})."
        )
    };
    let event = |(EventName { owner, name }, code): &(&EventName, &String)| {
        format!(
            "the event `{name}` of `{owner}`: no approved Grant names it in `events`, and no case begins from it; ask for one by a \
             GrantRequest ({code})."
        )
    };
    let lines = open.iter().map(line).chain(unlent.iter().map(task)).chain(unshared.iter().map(share));
    Fact::coming(reason, lines.chain(untold.iter().map(event)).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::State;

    fn question(operation: &str) -> Question {
        Question { owner: "civil-status".into(), registry: "civil-status".into(), operation: operation.into() }
    }

    #[test]
    fn what_is_not_there_yet_is_named_with_what_helps() {
        let questions = Needs { questions: vec![question("find"), question("list")], ..Needs::default() };
        let all = told(&questions, &[String::new(), String::new()]);
        assert_eq!((all.state, all.reason), (State::Holds, "Granted"));
        let some = told(&questions, &[String::new(), "exchange.no-grant".into()]);
        assert_eq!((some.state, some.reason), (State::Coming, "NoGrant"));
        assert!(
            some.message.starts_with("`civil-status/list` of `civil-status`: no approved Grant"),
            "{}",
            some.message
        );
        let none = told(&questions, &["exchange.no-registry".into(), "exchange.no-grant".into()]);
        assert_eq!((none.reason, none.message.lines().count()), ("NoRegistry", 2));
        let tasks = vec![TaskRole { agency: "health".into(), role: "expert".into() }];
        let with_task = Needs { questions: vec![question("find")], tasks, ..Needs::default() };
        let unlent = told(&with_task, &[String::new(), "exchange.no-grant".into()]);
        assert_eq!((unlent.state, unlent.reason), (State::Coming, "NoGrant"));
        assert!(unlent.message.starts_with("tasks for `expert` of `health`: no approved Grant"), "{}", unlent.message);
        let with_share = Needs { beneficiaries: vec!["treasury".into()], ..with_task };
        let unshared = told(&with_share, &[String::new(), String::new(), "exchange.no-grant".into()]);
        assert_eq!((unshared.state, unshared.reason), (State::Coming, "NoGrant"));
        assert!(
            unshared.message.starts_with("a share of fees for `treasury`: no approved Grant"),
            "{}",
            unshared.message
        );
        assert_eq!(told(&with_share, &[const { String::new() }; 3]).reason, "Granted");
        let earlier = told(&with_share, &[const { String::new() }; 2]);
        assert_eq!((earlier.state, earlier.reason), (State::Coming, "NotJudged"), "an exchange that knows no shares");
        let events = vec![EventName { owner: "civil-status".into(), name: "child-born".into() }];
        let with_event = Needs { events, ..with_share };
        let mut refusals = [const { String::new() }; 4];
        assert_eq!(told(&with_event, &refusals).reason, "Granted");
        refusals[3] = "exchange.no-grant".into();
        let untold = told(&with_event, &refusals);
        assert_eq!((untold.state, untold.reason), (State::Coming, "NoGrant"));
        assert!(untold.message.starts_with("the event `child-born` of `civil-status`: no"), "{}", untold.message);
    }
}
