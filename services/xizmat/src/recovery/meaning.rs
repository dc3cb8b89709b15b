//! What is done about each kind of disagreement, and by whom.

pub struct Meaning {
    pub done: &'static str,
    /// Who does it: the platform, or people.
    pub by: &'static str,
}

const PLATFORM: &str = "the platform";

/// Every code, and which of the services hear of it.
pub static MEANINGS: [(&str, &[&str], Meaning); 16] = [
    (
        "recovery.case-ahead",
        &["eservice"],
        Meaning {
            done: "what was done after the backup has to be done again; tell whoever did it. The case's number stays taken",
            by: "the agency",
        },
    ),
    (
        "recovery.case-lost",
        &["eservice"],
        Meaning {
            done: "the application has to be made again; tell the applicant. Its number is not given to another",
            by: "the agency",
        },
    ),
    (
        "recovery.erasure-undone",
        &["eservice"],
        Meaning {
            done: "an ended case is erased again at the first start; one that runs, by its retention or a new order. \
                   Its number stays taken",
            by: PLATFORM,
        },
    ),
    (
        "recovery.payment-asked-again",
        &[],
        Meaning { done: "the case asks for it again under the same id and hears how it stands", by: PLATFORM },
    ),
    (
        "recovery.payment-untold",
        &[],
        Meaning { done: "the case reads the verdict anew from payments' log", by: PLATFORM },
    ),
    (
        "recovery.payment-unknown",
        &["payments"],
        Meaning {
            done: "nobody pays it any more; what it holds counts when the case asks for the fee again, or goes back",
            by: PLATFORM,
        },
    ),
    (
        "recovery.payment-without-case",
        &["payments"],
        Meaning { done: "nobody pays it any more; what it holds goes back to the payer", by: PLATFORM },
    ),
    (
        "recovery.payment-lost",
        &["eservice"],
        Meaning { done: "the case asks for another intent; a payment made meanwhile is refused", by: PLATFORM },
    ),
    (
        "recovery.capture-lost",
        &[],
        Meaning {
            done: "compare with the provider's statement; the case goes on as paid, the ledger does not have the money",
            by: "the treasurer",
        },
    ),
    (
        "recovery.ending-unknown",
        &["payments"],
        Meaning { done: "payments forgets the end and judges the case's money when it ends again", by: PLATFORM },
    ),
    (
        "recovery.document-asked-again",
        &[],
        Meaning { done: "the case asks for it again under the same id and gets the same document", by: PLATFORM },
    ),
    (
        "recovery.document-unknown",
        &["signing"],
        Meaning {
            done: "it counts until the case issues it again, which supersedes it; decide the case, or withdraw the document",
            by: "the agency",
        },
    ),
    (
        "recovery.document-lost",
        &["signing"],
        Meaning {
            done: "the file in the holder's hands cannot be verified by its number; issue it again. Its number stays taken",
            by: "the agency",
        },
    ),
    (
        "recovery.person-lost",
        &[],
        Meaning {
            done: "the applicant signs in as somebody new and does not see the case; restore a newer identity",
            by: "whoever runs the platform",
        },
    ),
    (
        "recovery.seal-in-force",
        &[],
        Meaning {
            done: "what a forger sealed with it counts again: at the first start two officers withdraw it anew (/officer/seals)",
            by: "the agency",
        },
    ),
    (
        "recovery.consumer-ahead",
        &[],
        Meaning {
            done: "the log begins a new epoch and is read from its start; what took effect is recognised",
            by: PLATFORM,
        },
    ),
];

pub fn of(code: &str) -> &'static Meaning {
    let found = MEANINGS.iter().find(|(known, ..)| *known == code);
    &found.expect("every code that is found has a meaning").2
}

pub fn hears(code: &str, role: &str) -> bool {
    MEANINGS.iter().any(|(known, roles, _)| *known == code && roles.contains(&role))
}
