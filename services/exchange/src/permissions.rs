//! What each role may do on NATS: allow-lists that follow from the contracts, and nothing besides (trust, rule 5).

use bus::{consumer_name, stream_name, subject};
use proto::permissions::{CALLS, EVENTS, HOSTED};

use crate::{
    bus::{announced, deliver_event},
    domain::claims::Permissions,
};

/// Asks services who they are and how they do (`nats micro ls`), and may do nothing else.
pub const OBSERVER: &str = "observer";
/// The exchange's user in the system account: it pushes account claims, asks servers how they are, and may do nothing else.
pub const PUSHER: &str = "exchange-system";
/// The role that runs in hosts of an agency each.
pub const HOSTS_ROLE: &str = "eservice";
/// Subject on which a server takes account claims.
pub const CLAIMS_UPDATE: &str = "$SYS.REQ.CLAIMS.UPDATE";
/// Subject on which every server says how it is configured and how it does.
pub const SERVERS: &str = "$SYS.REQ.SERVER.PING.VARZ";

/// The permissions of a role of the platform account.
pub fn of_role(role: &str) -> Permissions {
    let mut permissions = Permissions { responses: serves(role), ..Permissions::default() };
    permissions.subscribe.push(format!("{}.>", subject::inbox_prefix(role)));
    ask(role, &mut permissions);
    serve(role, &mut permissions);
    produce(role, &mut permissions);
    follow(role, &mut permissions);
    match role {
        // The exchange alone asks agencies' registries, tells them events and takes theirs, and keeps the stream of hosts, who may not.
        "exchange" => {
            permissions.publish.push("registry.*.*.*".into());
            permissions.publish.push(format!("{}.*", deliver_event::SUBJECT));
            permissions.subscribe.push(format!("{}.*", announced::SUBJECT));
            make_stream(HOSTS_ROLE, &mut permissions);
        }
        HOSTS_ROLE => {
            let nudges = subject::nudge(HOSTS_ROLE, subject::PLATFORM, subject::PLATFORM);
            permissions.publish.push(nudges.clone());
            permissions.subscribe.push(nudges);
        }
        OBSERVER => permissions.publish.extend(["$SRV.*", "$SRV.*.*", "$SRV.*.*.*"].map(String::from)),
        _ => {}
    }
    permissions
}

/// One host of an agency's e-services: what the role may do for that agency, and where it serves one service, for that alone.
pub fn of_host(agency: &str, host: &str, services: &[String]) -> Permissions {
    let mut permissions = Permissions { responses: true, ..Permissions::default() };
    permissions.subscribe.push(format!("{}.>", subject::host_inbox_prefix(HOSTS_ROLE, agency, host)));
    for (callee, operation, callers) in CALLS {
        if callers.contains(&HOSTS_ROLE) {
            permissions.publish.push(format!("{callee}.v1.{operation}.{agency}.{HOSTS_ROLE}"));
            // Logs are read for one's own agency only.
            if *operation != "outbox-read" {
                permissions.publish.push(format!("{callee}.v1.{operation}.{}.{HOSTS_ROLE}", subject::PLATFORM));
            }
        }
        if *callee != HOSTS_ROLE {
            continue;
        }
        let begin = format!("{HOSTS_ROLE}.v1.{operation}.{agency}");
        match (is_hosted(callee, operation), services) {
            (false, _) => permissions.subscribe.push(format!("{begin}.*")),
            (true, [alone]) => permissions.subscribe.push(format!("{begin}.{alone}.*")),
            // Credentials that named hundreds of services would outgrow what a server reads before it knows who speaks.
            (true, _) => permissions.subscribe.push(format!("{begin}.*.*")),
        }
    }
    discoverable(HOSTS_ROLE, &mut permissions);
    for (producer, name, consumers) in EVENTS {
        if *producer == HOSTS_ROLE {
            permissions.publish.push(subject::event(producer, name, agency));
        }
        if consumers.contains(&HOSTS_ROLE) {
            permissions.subscribe.push(subject::event(producer, name, agency));
        }
    }
    // A host's copies wake each other; that another one of the agency's committed something is heard, because the log is theirs, too.
    permissions.publish.push(subject::nudge(HOSTS_ROLE, agency, host));
    permissions.subscribe.push(subject::nudge(HOSTS_ROLE, agency, "*"));
    permissions
}

/// The exchange in the system account.
pub fn of_pusher() -> Permissions {
    Permissions {
        publish: vec![CLAIMS_UPDATE.into(), SERVERS.into()],
        subscribe: vec![format!("{}.>", subject::inbox_prefix(PUSHER))],
        responses: false,
    }
}

/// An agency's own system in the agency's own account: serves its registries, takes events of its services and announces its own,
/// sees its own services.
pub fn of_agent() -> Permissions {
    let own = ["registry.*.*", deliver_event::SUBJECT, "$SRV.*", "$SRV.*.*", "$SRV.*.*.*"].map(String::from);
    let (mut publish, mut subscribe) = (own.to_vec(), own.to_vec());
    publish.push(announced::SUBJECT.to_owned());
    subscribe.push(format!("{}.>", subject::inbox_prefix("agent")));
    Permissions { publish, subscribe, responses: true }
}

fn serves(role: &str) -> bool {
    CALLS.iter().any(|(callee, ..)| *callee == role)
}

fn is_hosted(callee: &str, operation: &str) -> bool {
    HOSTED.contains(&(callee, operation))
}

/// Every request for an operation by `caller` (a role, or `*`).
pub(crate) fn requests(callee: &str, operation: &str, caller: &str) -> String {
    let service = if is_hosted(callee, operation) { ".*" } else { "" };
    format!("{callee}.v1.{operation}.*{service}.{caller}")
}

/// Requests end with the role's own name.
fn ask(role: &str, permissions: &mut Permissions) {
    for (callee, operation, callers) in CALLS {
        if callers.contains(&role) {
            permissions.publish.push(requests(callee, operation, role));
        }
    }
}

fn serve(role: &str, permissions: &mut Permissions) {
    if !serves(role) {
        return;
    }
    for (callee, operation, _) in CALLS {
        if *callee == role {
            permissions.subscribe.push(requests(callee, operation, "*"));
        }
    }
    discoverable(role, permissions);
}

/// Answers who asks which services there are.
fn discoverable(role: &str, permissions: &mut Permissions) {
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
    for (producer, name, _) in EVENTS {
        if *producer == role {
            permissions.publish.push(subject::event(producer, name, "*"));
        }
    }
    make_stream(role, permissions);
}

fn make_stream(producer: &str, permissions: &mut Permissions) {
    let stream = stream_name(producer);
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

    #[test]
    fn a_host_speaks_and_listens_for_its_own_agency_only() {
        let permissions = of_host("justice", "certificate", &["certificate".into()]);
        for subject in permissions.publish.iter().filter(|subject| !subject.starts_with("$SRV")) {
            let agency = subject.split('.').rev().nth(usize::from(!subject.contains(".event."))).unwrap();
            assert!(agency == "justice" || agency == "platform" && !subject.contains("outbox-read"), "{subject}");
        }
        for subject in permissions.subscribe.iter().filter(|subject| !subject.starts_with("$SRV")) {
            assert!(subject.split('.').any(|token| token == "justice"), "{subject}");
        }
        let submits: Vec<_> = permissions.subscribe.iter().filter(|subject| subject.contains(".submit.")).collect();
        assert_eq!(submits, ["eservice.v1.submit.justice.certificate.*"]);
        let nudges = |subjects: &[String]| -> Vec<String> {
            subjects.iter().filter(|one| one.contains(".nudge.")).cloned().collect()
        };
        assert_eq!(nudges(&permissions.publish), ["eservice.v1.nudge.certificate.justice.eservice"], "in its own name");
        assert_eq!(nudges(&permissions.subscribe), ["eservice.v1.nudge.*.justice.eservice"]);
        assert!(!permissions.publish.iter().any(|subject| subject.starts_with("$JS.")), "{permissions:?}");
    }
}
