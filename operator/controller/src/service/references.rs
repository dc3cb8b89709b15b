//! Whether registries would answer what a service asks them. A registry or grant that is not there yet stops nobody from
//! applying a definition; it is shown as what the service waits for.

use api::ServiceDefinition;
use kernel::Failure;
use proto::exchange::v1::{JudgeQuestionsRequest, Question};

use crate::{outcome::Fact, run::Operator};

pub const CONDITION: &str = "ReferencesResolved";

pub fn questions(definition: &ServiceDefinition) -> Vec<Question> {
    let question = |(owner, registry, operation): (&str, &str, &str)| Question {
        owner: owner.to_owned(),
        registry: registry.to_owned(),
        operation: operation.to_owned(),
    };
    definition.questions().into_iter().map(question).collect()
}

/// Nothing of a service that asks no registry.
pub async fn resolve(
    operator: &Operator,
    (agency, service): (&str, &str),
    questions: Vec<Question>,
) -> Result<Option<Fact>, Failure> {
    if questions.is_empty() {
        return Ok(None);
    }
    let asked = JudgeQuestionsRequest { agency: agency.to_owned(), service: service.to_owned(), questions };
    let refusals = operator.platform.refusals(asked.clone()).await?;
    Ok(Some(told(&asked.questions, &refusals)))
}

fn told(questions: &[Question], refusals: &[String]) -> Fact {
    let open: Vec<_> = questions.iter().zip(refusals).filter(|(_, code)| !code.is_empty()).collect();
    if open.is_empty() {
        return Fact::holds("Granted", "Registries answer everything that it asks.");
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
    Fact::coming(reason, open.iter().map(line).collect::<Vec<_>>().join("\n"))
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
        let questions = [question("find"), question("list")];
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
    }
}
