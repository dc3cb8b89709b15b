//! A tree of what there is, each with its state and the reason for it; what is not ready is said before the tree.

use std::fmt::Write as _;

use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// What it is: `agency`, `service`, `revision`, `host`, `pod`.
    pub kind: &'static str,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// One word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// For a person.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    Ready,
    NotReady,
    Paused,
    /// It is being removed.
    Ending,
    Unknown,
}

impl State {
    fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not ready",
            Self::Paused => "paused",
            Self::Ending => "is being removed",
            Self::Unknown => "not looked at yet",
        }
    }
}

impl Node {
    pub fn new(kind: &'static str, name: impl Into<String>) -> Self {
        let (name, state) = (name.into(), None);
        Self { kind, name, state, reason: String::new(), message: String::new(), below: Vec::new() }
    }

    pub fn is(mut self, state: State, reason: &str, message: &str) -> Self {
        self.state = Some(state);
        self.reason = reason.to_owned();
        self.message = message.to_owned();
        self
    }

    pub fn says(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// State, reason and message in one line; a message of many lines is cut after the first.
    fn told(&self) -> String {
        let mut message = self.message.lines();
        let mut first = message.next().unwrap_or_default().to_owned();
        let more = message.count();
        if more > 0 {
            let _ = write!(first, " (and {more} more lines: kubectl xizmat why)");
        }
        // A reason that is good needs no word.
        let reason = if self.state == Some(State::Ready) { "" } else { &self.reason };
        let state = self.state.map(State::words).unwrap_or_default();
        let head = [state, reason].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        [head, first].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
    }
}

/// First what is not ready, then everything.
pub fn draw(roots: &[Node]) -> String {
    let mut out = String::new();
    let mut services = Vec::new();
    roots.iter().for_each(|root| collect(root, "service", &mut services));
    let wrong: Vec<&&Node> = services.iter().filter(|service| service.state != Some(State::Ready)).collect();
    match (services.len(), wrong.len()) {
        (0, _) => {}
        (1, 0) => out.push_str("The service is ready.\n\n"),
        (all, 0) => {
            let _ = writeln!(out, "All {all} services are ready.\n");
        }
        (all, some) => {
            let _ = writeln!(out, "{some} of {all} {} not ready:", if some == 1 { "is" } else { "are" });
            for service in wrong {
                let _ = writeln!(out, "  {} {}", service.name, service.told());
            }
            out.push('\n');
        }
    }
    for root in roots {
        let _ = writeln!(out, "{}", line(root));
        branches(&root.below, "", &mut out);
    }
    out
}

fn collect<'a>(node: &'a Node, kind: &str, found: &mut Vec<&'a Node>) {
    if node.kind == kind {
        found.push(node);
    }
    node.below.iter().for_each(|below| collect(below, kind, found));
}

fn branches(nodes: &[Node], before: &str, out: &mut String) {
    for (at, node) in nodes.iter().enumerate() {
        let last = at + 1 == nodes.len();
        let (branch, under) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        let _ = writeln!(out, "{before}{branch}{}", line(node));
        branches(&node.below, &format!("{before}{under}"), out);
    }
}

fn line(node: &Node) -> String {
    let told = node.told();
    let named = [node.kind, &node.name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    [named, told].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str, state: State, reason: &str, message: &str) -> Node {
        Node::new("service", name).is(state, reason, message)
    }

    #[test]
    fn what_is_not_ready_stands_before_the_tree_with_its_reason() {
        let mut agency = Node::new("agency", "justice").is(State::Ready, "Live", "");
        let mut copy = service("copy", State::NotReady, "Starting", "0 of 2 copies take requests.");
        copy.below.push(Node::new("revision", "b028d2635661").says("100 %, 1 open case"));
        copy.below.push(Node::new("host", "copy"));
        agency.below = vec![copy, service("name", State::Ready, "Live", "Citizens find it.")];
        let expected = "\
1 of 2 is not ready:
  copy not ready, Starting: 0 of 2 copies take requests.

agency justice  ready
├── service copy  not ready, Starting: 0 of 2 copies take requests.
│   ├── revision b028d2635661  100 %, 1 open case
│   └── host copy
└── service name  ready: Citizens find it.
";
        assert_eq!(draw(&[agency]), expected);
    }

    #[test]
    fn a_refusal_of_many_lines_is_counted_instead_of_breaking_the_tree() {
        let node =
            service("copy", State::NotReady, "Invalid", "spec.fees[0]: no\nspec.title: no\nRevision a keeps running.");
        assert_eq!(node.told(), "not ready, Invalid: spec.fees[0]: no (and 2 more lines: kubectl xizmat why)");
    }
}
