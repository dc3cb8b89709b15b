//! Whether registries would answer what a service asks them, and other agencies take its tasks. A registry or grant that is not there
//! yet stops nobody from applying a definition; it is shown as what the service waits for.

use api::ServiceDefinition;
use kernel::Failure;
use proto::exchange::v1::{JudgeQuestionsRequest, Question, TaskRole};

use crate::{outcome::Fact, run::Operator};

pub const CONDITION: &str = "ReferencesResolved";

/// What a service needs of other agencies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Needs {
    pub questions: Vec<Question>,
    pub tasks: Vec<TaskRole>,
}

pub fn needs(definition: &ServiceDefinition) -> Needs {
    let question = |(owner, registry, operation): (&str, &str, &str)| Question {
        owner: owner.to_owned(),
        registry: registry.to_owned(),
        operation: operation.to_owned(),
    };
    let task = |(agency, role): (&str, &str)| TaskRole { agency: agency.to_owned(), role: role.to_owned() };
    Needs {
        questions: definition.questions().into_iter().map(question).collect(),
        tasks: definition.opinions().into_iter().map(task).collect(),
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
    let Needs { questions, tasks } = needs.clone();
    let asked = JudgeQuestionsRequest { agency: agency.to_owned(), service: service.to_owned(), questions, tasks };
    let refusals = operator.platform.refusals(asked).await?;
    Ok(Some(told(&needs, &refusals)))
}

/// Refusals of questions come first, then those of tasks.
fn told(needs: &Needs, refusals: &[String]) -> Fact {
    let (of_questions, of_tasks) = refusals.split_at(needs.questions.len().min(refusals.len()));
    let open: Vec<_> = needs.questions.iter().zip(of_questions).filter(|(_, code)| !code.is_empty()).collect();
    let unlent: Vec<_> = needs.tasks.iter().zip(of_tasks).filter(|(_, code)| !code.is_empty()).collect();
    if open.is_empty() && unlent.is_empty() {
        return Fact::holds("Granted", "Registries answer everything that it asks, and other agencies take its tasks.");
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
    let lines: Vec<String> = open.iter().map(line).chain(unlent.iter().map(task)).collect();
    Fact::coming(reason, lines.join("\n"))
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
        let questions = Needs { questions: vec![question("find"), question("list")], tasks: Vec::new() };
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
        let with_task = Needs { questions: vec![question("find")], tasks };
        let unlent = told(&with_task, &[String::new(), "exchange.no-grant".into()]);
        assert_eq!((unlent.state, unlent.reason), (State::Coming, "NoGrant"));
        assert!(unlent.message.starts_with("tasks for `expert` of `health`: no approved Grant"), "{}", unlent.message);
    }
}
