//! A page: a heading that follows the sources, and advice, written from the message until somebody writes it better.

use std::collections::BTreeSet;

use super::collect::Raised;

const MARK: &str = "<!-- From the sources; delete this line to write it by hand. -->";
const WHAT: &str = "**What happened.**";
const DO: &str = "**What to do.**";

/// What kind of thing a code names, how it is told, and what usually helps.
struct Nature {
    told: &'static str,
    usual: &'static str,
}

const fn nature(told: &'static str, usual: &'static str) -> Nature {
    Nature { told, usual }
}

pub fn write(code: &str, raised: &[Raised], present: Option<&str>) -> String {
    let natures: BTreeSet<&str> = raised.iter().map(|one| nature_of(code, one).told).collect();
    let places: BTreeSet<String> = raised.iter().map(|one| format!("`{}`", one.file)).collect();
    let told = natures.into_iter().collect::<Vec<_>>().join("; ");
    let places = places.into_iter().collect::<Vec<_>>().join(", ");
    let body = present.and_then(by_hand).map_or_else(|| from_sources(code, raised), str::to_owned);
    format!("# {code}\n\n{told} · {places}\n\n{body}")
}

/// The first sentence about what happened, for the index.
pub fn summary(page: &str) -> String {
    let told = page.split_once(WHAT).map_or("", |(_, rest)| rest);
    let paragraph = told.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    split(paragraph.trim()).0
}

fn by_hand(page: &str) -> Option<&str> {
    let body = page.splitn(3, "\n\n").nth(2)?;
    (!body.starts_with(MARK)).then_some(body)
}

fn from_sources(code: &str, raised: &[Raised]) -> String {
    let best = raised.iter().find(|one| one.message.is_some()).or(raised.first());
    let usual = best.map(|one| nature_of(code, one).usual).unwrap_or_default();
    let message = best.and_then(|one| one.message.as_deref()).map(readable).unwrap_or_else(|| words_of(code));
    let (what, advice) = split(&message);
    let help = best.and_then(|one| one.help.as_deref()).map(readable).filter(|help| help != ".").unwrap_or_default();
    let advice =
        [advice.as_str(), help.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let advice = if advice.is_empty() { usual.to_owned() } else { advice };
    format!("{MARK}\n{WHAT} {what}\n\n{DO} {advice}\n")
}

/// A message as a sentence: its places for values become ‹names›.
fn readable(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message.trim();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let name = name.split(':').next().unwrap_or_default();
        out.push_str(&if name.is_empty() { "…".to_owned() } else { format!("‹{name}›") });
        rest = after;
    }
    out.push_str(rest);
    let mut letters = out.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let sentence = format!("{first}{}", letters.as_str()).replace('\n', " ");
    if sentence.ends_with(['.', '!', '?']) { sentence } else { format!("{sentence}.") }
}

fn words_of(code: &str) -> String {
    let (room, reason) = code.split_once('.').unwrap_or(("", code));
    readable(&format!("{room}: {}", reason.replace('-', " ")))
}

/// The first sentence, and the others.
fn split(text: &str) -> (String, String) {
    let ends = text.match_indices(". ").find(|(at, _)| text[at + 2..].starts_with(|next: char| !next.is_lowercase()));
    match ends {
        Some((at, _)) => (text[..=at].to_owned(), text[at + 2..].trim().to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

fn nature_of(code: &str, raised: &Raised) -> Nature {
    let place = raised.file.as_str();
    match (raised.on.as_str(), raised.by.as_str()) {
        ("Failure" | "Refusal", kind) => refusal(kind),
        ("Finding", "not_checked") => {
            nature("A point that verification could not check", "Verify again, with what was missing at hand.")
        }
        ("Finding", _) => nature(
            "A finding about a document",
            "Do not rely on the file. Ask its holder for the original, or the agency that issued it.",
        ),
        ("findings" | "self", "publish") => nature(
            "A problem in a definition that stops publishing, not trying out",
            "Mend it before the revision is published; a draft may still be tried out.",
        ),
        ("findings" | "self", "warn") => nature("A warning about a definition", "Consider it; nothing is stopped."),
        _ if code.starts_with("field.") => {
            nature("An answer in a form", "The page is shown again with every answer kept; correct the marked field.")
        }
        _ if place.contains("/check/")
            || place.contains("/prove/")
            || place.contains("/compile")
            || place.contains("/infer")
            || place.ends_with("admission.rs") =>
        {
            nature("An error in a definition", "`xizmat check` names the file, line and column; mend it there.")
        }
        _ if place.contains("/engine/") || place.contains("/steps/") || place.contains("/perform") => nature(
            "A step of a case",
            "The case follows the step's `onError`; without one it waits for an officer, and nothing is lost.",
        ),
        ("", _) if place.contains("/payments/") => nature(
            "A refusal to a payment provider, or a finding about money",
            "The finding names the payment; money that belongs to nobody's service is given back.",
        ),
        _ if code.starts_with("expr.") || code.starts_with("fee.") => nature(
            "An expression in a definition",
            "Mend the expression; `xizmat test` shows the case in which it fails.",
        ),
        (_, kind) => refusal(kind),
    }
}

fn refusal(kind: &str) -> Nature {
    match kind {
        "invalid" => {
            nature("Invalid · HTTP 400", "Correct what the message names; unchanged, the request is refused again.")
        }
        "not_found" => nature(
            "Not found · HTTP 404",
            "Check the address or the number. What belongs to somebody else is answered in the same way.",
        ),
        "conflict" => nature("Conflict · HTTP 409", "Look at the present state first: it does not allow this."),
        "stale" => nature("Stale · HTTP 409", "Open the page again, look at what changed, then decide anew."),
        "forbidden" => nature(
            "Forbidden · HTTP 403",
            "Ask whoever administers the account or the service if it should be allowed.",
        ),
        "unauthenticated" => nature("Not signed in · HTTP 401", "Sign in again and repeat what you did."),
        "too_many" => nature("Too many · HTTP 429", "Wait a little, then try again."),
        "unavailable" => {
            nature("Unavailable · HTTP 503", "Try again in a few minutes. Nothing that was confirmed is lost.")
        }
        "internal" => nature(
            "Internal · HTTP 500",
            "Try again. If it stays, look for the code in the log of the service: the detail stands only there.",
        ),
        _ => nature("A refusal", "The message beside the code says what to do."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raised() -> Vec<Raised> {
        vec![Raised {
            file: "services/xizmat/src/serve.rs".into(),
            on: "Failure".into(),
            by: "conflict".into(),
            message: Some("Cannot listen on {address}: {error}. Stop the other program.".into()),
            help: None,
        }]
    }

    #[test]
    fn a_page_says_what_happened_what_to_do_and_where() {
        let page = write("up.port-in-use", &raised(), None);
        assert!(page.starts_with("# up.port-in-use\n\nConflict · HTTP 409 · `services/xizmat/src/serve.rs`\n"));
        assert!(page.contains(
            "**What happened.** Cannot listen on ‹address›: ‹error›.\n\n**What to do.** Stop the other program.\n"
        ));
        assert_eq!(summary(&page), "Cannot listen on ‹address›: ‹error›.");
    }

    #[test]
    fn what_a_person_wrote_is_kept_and_what_was_generated_follows_the_sources() {
        let generated = write("up.port-in-use", &raised(), None);
        let by_hand =
            generated.replace(&format!("{MARK}\n"), "").replace("Stop the other program.", "Choose another port.");
        let moved = vec![Raised { file: "services/xizmat/src/other.rs".into(), message: None, ..raised()[0].clone() }];
        let kept = write("up.port-in-use", &moved, Some(&by_hand));
        assert!(kept.contains("Choose another port.") && kept.contains("other.rs"));
        assert!(!write("up.port-in-use", &moved, Some(&generated)).contains("Stop the other program."));
    }
}
