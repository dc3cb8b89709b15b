//! What each role may do on NATS: allow-lists that follow from the contracts, and nothing besides (trust, rule 5).

use bus::{consumer_name, stream_name, subject};
use proto::permissions::{CALLS, EVENTS};

use crate::domain::claims::Permissions;

/// Asks services who they are and how they do (`nats micro ls`), and may do nothing else.
pub const OBSERVER: &str = "observer";
/// The exchange's user in the system account: it pushes account claims and may do nothing else.
pub const PUSHER: &str = "exchange-system";
/// Subject on which a server takes account claims.
pub const CLAIMS_UPDATE: &str = "$SYS.REQ.CLAIMS.UPDATE";

/// The permissions of a role of the platform account.
pub fn of_role(role: &str) -> Permissions {
    let mut permissions = Permissions { responses: serves(role), ..Permissions::default() };
    permissions.subscribe.push(format!("{}.>", subject::inbox_prefix(role)));
    ask(role, &mut permissions);
    serve(role, &mut permissions);
    produce(role, &mut permissions);
    follow(role, &mut permissions);
    match role {
        // The exchange alone asks agencies' registries.
        "exchange" => permissions.publish.push("registry.*.*.*".into()),
        OBSERVER => permissions.publish.extend(["$SRV.*", "$SRV.*.*", "$SRV.*.*.*"].map(String::from)),
        _ => {}
    }
    permissions
}

/// The exchange in the system account.
pub fn of_pusher() -> Permissions {
    Permissions {
        publish: vec![CLAIMS_UPDATE.into()],
        subscribe: vec![format!("{}.>", subject::inbox_prefix(PUSHER))],
        responses: false,
    }
}

/// An agency's own system in the agency's own account: serves its registries, sees its own services.
pub fn of_agent() -> Permissions {
    let own = ["registry.*.*", "$SRV.*", "$SRV.*.*", "$SRV.*.*.*"].map(String::from);
    let mut subscribe = own.to_vec();
    subscribe.push(format!("{}.>", subject::inbox_prefix("agent")));
    Permissions { publish: own.to_vec(), subscribe, responses: true }
}

fn serves(role: &str) -> bool {
    CALLS.iter().any(|(callee, ..)| *callee == role)
}

/// Requests end with the role's own name.
fn ask(role: &str, permissions: &mut Permissions) {
    for (callee, operation, callers) in CALLS {
        if callers.contains(&role) {
            permissions.publish.push(format!("{callee}.v1.{operation}.*.{role}"));
        }
    }
}

fn serve(role: &str, permissions: &mut Permissions) {
    if !serves(role) {
        return;
    }
    for (callee, operation, _) in CALLS {
        if *callee == role {
            permissions.subscribe.push(format!("{role}.v1.{operation}.*.*"));
        }
    }
    for verb in ["PING", "INFO", "STATS"] {
        permissions.subscribe.push(format!("$SRV.{verb}"));
        permissions.subscribe.push(format!("$SRV.{verb}.{role}"));
        permissions.subscribe.push(format!("$SRV.{verb}.{role}.*"));
    }
}

/// A producer owns its stream and makes its consumers, because whoever makes a consumer chooses what it sees.
fn produce(role: &str, permissions: &mut Permissions) {
    if !EVENTS.iter().any(|(producer, ..)| *producer == role) {
        return;
    }
    let stream = stream_name(role);
    for (producer, name, _) in EVENTS {
        if *producer == role {
            permissions.publish.push(subject::event(producer, name, "*"));
        }
    }
    for verb in ["CREATE", "UPDATE", "INFO"] {
        permissions.publish.push(format!("$JS.API.STREAM.{verb}.{stream}"));
    }
    permissions.publish.push(format!("$JS.API.CONSUMER.CREATE.{stream}.>"));
}

fn follow(role: &str, permissions: &mut Permissions) {
    let mut producers: Vec<_> =
        EVENTS.iter().filter(|(_, _, consumers)| consumers.contains(&role)).map(|(producer, ..)| *producer).collect();
    producers.sort_unstable();
    producers.dedup();
    for producer in producers {
        let (stream, consumer) = (stream_name(producer), consumer_name(role));
        permissions.publish.push(format!("$JS.API.CONSUMER.INFO.{stream}.{consumer}"));
        permissions.publish.push(format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"));
        permissions.publish.push(format!("$JS.ACK.{stream}.{consumer}.>"));
    }
}

#[cfg(test)]
mod tests {
    use proto::permissions::ROLES;

    use super::*;

    #[test]
    fn nobody_is_granted_everything_and_every_request_ends_with_its_sender() {
        for role in ROLES.iter().copied().chain([OBSERVER]) {
            let permissions = of_role(role);
            for subject in permissions.publish.iter().chain(&permissions.subscribe) {
                let forbidden = [">", "*", "_INBOX.>", "inbox.>", "$JS.API.>", "$JS.>", "$SYS.>"];
                assert!(!forbidden.contains(&subject.as_str()), "{role} {subject}");
                assert!(!subject.starts_with("*."), "{role} {subject}");
            }
            for subject in
                permissions.publish.iter().filter(|subject| subject.contains(".v1.") && !subject.contains(".event."))
            {
                assert!(subject.ends_with(&format!(".{role}")), "{role} {subject}");
            }
        }
    }
}
