//! Which stable codes the sources raise: found where a literal stands as the `code` of a call, a field or a constant.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::Codes;
use crate::{
    generate::Outcome,
    sources,
    tokens::{after_test_item, arguments, group, ident, is_punct, sentence, text, tokens},
};

/// What stands for outside parties has their codes, not ours; tests raise what they like.
const FOREIGN: [&str; 4] =
    ["services/sandbox", "services/kit/testkit", "services/process/src/scenario/world.rs", "infra/xtask"];
/// Constructors of a `Failure`, which a macro writes.
const KINDS: [&str; 9] = [
    "invalid",
    "not_found",
    "conflict",
    "stale",
    "forbidden",
    "unauthenticated",
    "too_many",
    "unavailable",
    "internal",
];
/// These take a `code` that is no refusal: an event in a case's history, a finding that all is well.
const HARMLESS: [&str; 2] = ["note", "ok"];

/// One place that raises a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    pub file: String,
    /// Type or variable before the function's name, for example `Failure` or `findings`.
    pub on: String,
    /// The function, for example `not_found` or `warn`.
    pub by: String,
    pub message: Option<String>,
    pub help: Option<String>,
}

/// Function names, with the place of the argument that is called `code`.
type Takers = BTreeMap<String, BTreeSet<usize>>;

pub fn codes(root: &Path) -> Outcome<Codes> {
    let mut files = Vec::new();
    sources::visit(root, &mut |path, written| {
        let test = path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
        let place = path.display().to_string();
        if test || FOREIGN.iter().any(|folder| place.starts_with(folder)) {
            return Ok(());
        }
        let stream: TokenStream = written.parse().map_err(|error| format!("{place}: {error}"))?;
        files.push((place, stream));
        Ok(())
    })?;
    let mut takers = Takers::new();
    for (_, stream) in &files {
        learn(stream.clone(), &mut takers);
    }
    takers.entry("new".into()).or_default().extend([0, 1]);
    for kind in KINDS {
        takers.entry(kind.into()).or_default().insert(0);
    }
    HARMLESS.iter().for_each(|name| drop(takers.remove(*name)));
    let mut reader = Reader { file: String::new(), takers, said: BTreeMap::new(), codes: Codes::new() };
    for (file, stream) in files {
        reader.file = file;
        reader.said.clear();
        reader.read(stream.into_iter().collect());
    }
    Ok(reader.codes)
}

/// Finds every function with a parameter named `code`.
fn learn(stream: TokenStream, takers: &mut Takers) {
    let all: Vec<TokenTree> = stream.into_iter().collect();
    for (at, token) in all.iter().enumerate() {
        if let TokenTree::Group(inner) = token {
            learn(inner.stream(), takers);
        }
        if ident(Some(token)).is_none_or(|word| word != "fn") {
            continue;
        }
        let Some(name) = ident(all.get(at + 1)) else { continue };
        let parameters = all.iter().skip(at + 2).take(8).find_map(|next| group(Some(next), Delimiter::Parenthesis));
        let Some(parameters) = parameters else { continue };
        let named = |parameter: &Vec<TokenTree>| ident(parameter.first()).is_some_and(|word| word == "code");
        let is_self =
            |parameter: &Vec<TokenTree>| parameter.iter().any(|one| ident(Some(one)).is_some_and(|w| w == "self"));
        let list: Vec<Vec<TokenTree>> = arguments(parameters).into_iter().filter(|one| !is_self(one)).collect();
        takers.entry(name).or_default().extend(list.iter().position(named));
    }
}

struct Reader {
    file: String,
    takers: Takers,
    /// What `let message = "…"` said last, by name.
    said: BTreeMap<String, String>,
    codes: Codes,
}

impl Reader {
    fn read(&mut self, all: Vec<TokenTree>) {
        let mut at = 0;
        while at < all.len() {
            if let Some(after) = after_test_item(&all, at) {
                at = after;
                continue;
            }
            self.look(&all, at);
            if let Some(TokenTree::Group(inner)) = all.get(at) {
                self.read(tokens(inner));
            }
            at += 1;
        }
    }

    fn look(&mut self, all: &[TokenTree], at: usize) {
        let Some(word) = ident(all.get(at)) else { return };
        if word == "fn" {
            self.said.clear();
        }
        match word.as_str() {
            "let" => self.remember(all, at),
            "fn" if ident(all.get(at + 1)).is_some_and(|name| name == "code") => self.all_in_body(all, at),
            "code" if is_punct(all.get(at + 1), ':') || is_punct(all.get(at + 1), '=') => {
                self.keep(text(all.get(at + 2)), ("", ""), None, None);
            }
            "CODE" if is_punct(all.get(at + 1), ':') => self.keep(text(all.get(at + 5)), ("", "constant"), None, None),
            "fn" => {}
            name => {
                let declared = at > 0 && ident(all.get(at - 1)).is_some_and(|before| before == "fn");
                if let Some(call) = group(all.get(at + 1), Delimiter::Parenthesis).filter(|_| !declared) {
                    self.call(name, &receiver(all, at), call);
                }
            }
        }
    }

    fn remember(&mut self, all: &[TokenTree], at: usize) {
        if let (Some(name), true) = (ident(all.get(at + 1)), is_punct(all.get(at + 2), '='))
            && let Some(said) = sentence(all.get(at + 3..).unwrap_or_default())
        {
            self.said.insert(name, said);
        }
    }

    fn call(&mut self, name: &str, on: &str, call: &Group) {
        let Some(places) = self.takers.get(name).cloned() else { return };
        let list = arguments(call);
        let alone = |at: &usize| list.get(*at).filter(|one| one.len() == 1 && is_code(text(one.first()).as_deref()));
        let Some(place) = places.iter().find(|at| alone(at).is_some()).copied() else { return };
        // A finding says where before it says what, and ends with what to write instead.
        let mut said = list.iter().skip(place + 1).filter_map(|one| self.sentence(one));
        let (message, help) = (said.next(), said.next());
        self.keep(list.get(place).and_then(|one| text(one.first())), (on, name), message, help);
    }

    fn sentence(&self, argument: &[TokenTree]) -> Option<String> {
        sentence(argument)
            .or_else(|| self.said.get(&ident(argument.first())?).cloned())
            .filter(|text| text.contains(' '))
    }

    /// `fn code(self) -> &'static str { match self { … => "payment.closed" } }`
    fn all_in_body(&mut self, all: &[TokenTree], at: usize) {
        let body = all.iter().skip(at).find_map(|next| group(Some(next), Delimiter::Brace));
        for token in body.map(tokens).unwrap_or_default() {
            for inner in group(Some(&token), Delimiter::Brace).map(tokens).unwrap_or_default() {
                self.keep(text(Some(&inner)), ("", "code"), None, None);
            }
        }
    }

    fn keep(&mut self, code: Option<String>, (on, by): (&str, &str), message: Option<String>, help: Option<String>) {
        if let Some(code) = code.filter(|code| is_code(Some(code))) {
            let (file, on, by) = (self.file.clone(), on.to_owned(), by.to_owned());
            let raised = Raised { file, on, by, message, help };
            let places = self.codes.entry(code).or_default();
            if !places.contains(&raised) {
                places.push(raised);
            }
        }
    }
}

/// `Failure` in `Failure::invalid(…)`, `findings` in `self.findings.error(…)`.
fn receiver(all: &[TokenTree], at: usize) -> String {
    let before = |back: usize| at.checked_sub(back).and_then(|place| all.get(place));
    match (is_punct(before(1), '.'), is_punct(before(1), ':')) {
        (true, _) => ident(before(2)).unwrap_or_default(),
        (_, true) => ident(before(3)).unwrap_or_default(),
        _ => String::new(),
    }
}

/// `room.kebab-reason`; paths in a resource look the same and are none.
fn is_code(text: Option<&str>) -> bool {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let Some((room, reason)) = text.and_then(|text| text.split_once('.')) else { return false };
    part(room) && part(reason) && !["spec", "metadata"].contains(&room)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Codes {
        let stream: TokenStream = source.parse().unwrap();
        let mut takers =
            Takers::from([("invalid".to_owned(), BTreeSet::from([0])), ("new".into(), BTreeSet::from([0, 1]))]);
        learn(stream.clone(), &mut takers);
        let mut reader = Reader { file: "x.rs".into(), takers, said: BTreeMap::new(), codes: Codes::new() };
        reader.read(stream.into_iter().collect());
        reader.codes
    }

    #[test]
    fn codes_are_found_where_they_are_raised_and_nowhere_else() {
        let found = read(
            r#"
            fn error(&mut self, code: &'static str, path: &str, message: String, help: String) {}
            fn f() -> Failure {
                let message = format!("Port {port} is taken. Stop the other program.");
                findings.error("definition.name", "spec.name", "the name is odd", "write another");
                let taken = vec![Failure::invalid("up.port-in-use", message)];
                if failure.code == "case.not-found" { act("case.opened"); open("file.toml"); }
            }
            #[cfg(test)]
            mod tests { fn f() { Failure::invalid("test.only", "No."); } }
            "#,
        );
        assert_eq!(found.keys().collect::<Vec<_>>(), ["definition.name", "up.port-in-use"]);
        let name = &found["definition.name"][0];
        assert_eq!((name.message.as_deref(), name.help.as_deref()), (Some("the name is odd"), Some("write another")));
        assert!(found["up.port-in-use"][0].message.as_deref().unwrap().starts_with("Port {port}"));
    }
}
