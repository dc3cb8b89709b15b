//! Who may write and connect for an agency: users, groups and tools' accounts, none of them the cluster's own, and a NATS key.

use api::{Agency, Engineer};

use super::findings::Findings;

/// Names that begin so belong to the cluster itself: everybody who is signed in, its administrators, its controllers.
const RESERVED: &str = "system:";
/// Namespace and name follow: a tool applies in the agency's name, as people do.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";
/// Namespaces of the cluster itself.
const OWN_NAMESPACES: &str = "kube-";
const NAME_BYTES_MAX: usize = 253;

pub fn check(agency: &Agency, findings: &mut Findings) {
    for (index, engineer) in agency.spec.engineers.iter().enumerate() {
        one(engineer, &format!("spec.engineers[{index}]"), findings);
    }
    let nats = agency.spec.public_key.as_ref().and_then(|key| key.nats.as_deref());
    if nats.is_some_and(|key| !is_user_key(key)) {
        findings.error(
            "agency.nats-key",
            "spec.publicKey.nats",
            "this is not a public NATS user key",
            "it has 56 capital letters and digits and begins with `U`; the seed, which begins with `SU`, stays with the agency",
        );
    }
}

fn one(engineer: &Engineer, path: &str, findings: &mut Findings) {
    let (field, name) = match (&engineer.user, &engineer.group) {
        (Some(user), None) => ("user", user),
        (None, Some(group)) => ("group", group),
        _ => {
            let help = "write `- user: …` or `- group: …`, one entry each";
            findings.error("agency.engineer", path, "an engineer is one user or one group", help);
            return;
        }
    };
    let path = format!("{path}.{field}");
    if name.starts_with(RESERVED) && !(field == "user" && is_service_account(name)) {
        findings.error(
            "agency.engineer",
            &path,
            format!("`{name}` is a name of the cluster itself"),
            "name people, or a group of people, of this agency, or a tool: `system:serviceaccount:NAMESPACE:NAME`",
        );
    } else if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        let message = format!("a name has 1 to {NAME_BYTES_MAX} bytes and no control characters");
        findings.error(
            "agency.engineer",
            &path,
            message,
            "write it as the API server knows it (`kubectl auth whoami`)",
        );
    }
}

/// One account, not everybody's in a namespace, and none of the cluster's controllers.
fn is_service_account(user: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let account = user.strip_prefix(SERVICE_ACCOUNT).and_then(|account| account.split_once(':'));
    account.is_some_and(|(namespace, name)| {
        let is_named = !namespace.is_empty() && namespace.bytes().all(plain) && !name.is_empty();
        is_named && name.bytes().all(|byte| plain(byte) || byte == b'.') && !namespace.starts_with(OWN_NAMESPACES)
    })
}

/// As NATS writes one: its kind, the key and a sum in base32.
fn is_user_key(key: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
    key.len() == 56 && key.starts_with('U') && key.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::check::{Options, check_json};

    fn found(spec: Value) -> Vec<String> {
        let title = json!({"uz": "A", "uz-Cyrl": "А", "kaa": "A", "ru": "А", "en": "A"});
        let mut agency = json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": "Agency", "metadata": {"name": "a"}});
        agency["spec"] = spec;
        agency["spec"]["title"] = title;
        let report = check_json(agency.to_string().as_bytes(), &Options::default());
        report.problems.iter().map(|problem| format!("{} {}", problem.code, problem.path)).collect()
    }

    #[test]
    fn an_engineer_is_a_user_or_a_group_that_is_not_the_clusters_own() {
        let engineers = |engineers: Value| found(json!({"engineers": engineers}));
        let tool = "system:serviceaccount:flux-system:justice";
        let named = json!([{"user": "oidc:dilnoza@justice.example"}, {"group": "justice-engineers"}, {"user": tool}]);
        assert_eq!(engineers(named), [""; 0]);
        for (wrong, path) in [
            (json!({}), ""),
            (json!({"user": "a", "group": "b"}), ""),
            (json!({"group": "system:authenticated"}), ".group"),
            (json!({"group": "system:serviceaccounts:flux-system"}), ".group"),
            (json!({"group": tool}), ".group"),
            (json!({"user": "system:admin"}), ".user"),
            (json!({"user": "system:serviceaccount:kube-system:replicaset-controller"}), ".user"),
            (json!({"user": "system:serviceaccount:justice"}), ".user"),
            (json!({"user": "system:serviceaccount::justice"}), ".user"),
            (json!({"user": "system:serviceaccount:flux-system:"}), ".user"),
            (json!({"user": "system:serviceaccount:flux-system:a:b"}), ".user"),
            (json!({"user": ""}), ".user"),
            (json!({"group": "a\nb"}), ".group"),
            (json!({"user": "a".repeat(254)}), ".user"),
        ] {
            assert_eq!(engineers(json!([{"user": "a"}, wrong])), [format!("agency.engineer spec.engineers[1]{path}")]);
        }
    }

    #[test]
    fn a_key_is_a_public_one_of_a_user() {
        let key = |key: &str| found(json!({"publicKey": {"nats": key}}));
        assert_eq!(key("UBPA6E5FXVNVEL3VRJFU5QSFMNI4LAVKGTLJFVRFXZ6HU2GPC5QFCHYN"), [""; 0]);
        for wrong in ["ABPA6E5FXVNVEL3VRJFU5QSFMNI4LAVKGTLJFVRFXZ6HU2GPC5QFCHYN", "SUA", "UB"] {
            assert_eq!(key(wrong), ["agency.nats-key spec.publicKey.nats"]);
        }
    }
}
