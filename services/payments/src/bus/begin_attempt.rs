//! `begin-attempt`: the payer chose a provider; the answer is where to send the browser. Nothing the browser brings back counts.

use kernel::{Failure, Hash, IntentId, Language};
use proto::payments::v1::{BeginAttemptReply, BeginAttemptRequest};
use sql::Action;

use super::{Office, keep, recall, standing::may_pay};
use crate::{desk::unknown_intent, domain::provider::Checkout, store};

pub async fn handle(office: &Office, call: bus::Call<BeginAttemptRequest>) -> Result<BeginAttemptReply, Failure> {
    let person = call.person()?;
    let request = &call.request;
    let id = IntentId::from_slice(&request.intent)?;
    allowed(&office.return_origins, &request.return_url)?;
    let language = Language::parse(&request.language)?;
    let command = Hash::of_parts(&[b"begin-attempt", person.command_id.as_bytes()]);
    let action = Action::of_person(person.id, command.as_bytes());
    let mut tx = office.database.read().await?;
    let intent = store::intents::find(&mut tx, id).await?.ok_or_else(unknown_intent)?;
    drop(tx);
    if !may_pay(office, &intent, person).await? {
        return Err(unknown_intent());
    }
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let (intent, attempt) = office.desk.begin(&mut tx, id, &request.provider).await?;
    let checkout = Checkout { intent: id, amount: intent.amount, return_url: &request.return_url, language };
    let answer = BeginAttemptReply {
        attempt: attempt.id.to_vec(),
        url: office.desk.provider(&request.provider)?.checkout_url(&checkout)?,
    };
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// People are sent back to the platform's own pages only.
fn allowed(origins: &[String], url: &str) -> Result<(), Failure> {
    let inside = |origin: &String| {
        let rest = url.strip_prefix(origin.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    if url.len() <= 512 && origins.iter().any(inside) {
        return Ok(());
    }
    Err(Failure::invalid("payment.return-url", "The address to return to is not one of the platform's."))
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn people_return_to_the_platform_only() {
        let origins = ["https://xizmat.example".to_owned()];
        assert!(allowed(&origins, "https://xizmat.example/pay/1").is_ok());
        for foreign in [
            "https://xizmat.example.evil.org/pay",
            "https://xizmat.example@evil.org/",
            "https://evil.org/https://xizmat.example/",
            "",
        ] {
            assert_eq!(allowed(&origins, foreign).unwrap_err().code, "payment.return-url");
        }
    }
}
