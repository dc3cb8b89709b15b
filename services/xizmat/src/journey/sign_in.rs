//! From a service's start to OneID: each address on the way must be the right one. Past it only a counterpart lets a machine.

use kernel::Failure;
use url::Url;

use super::{
    browser::{Browser, look_at, place},
    public::Start,
    walked,
};

/// Where citizens prove who they are, with what identity asks there.
pub struct OneId(Url);

/// Leaves the portal as somebody who is not signed in. None: identity offers no OneID, and nobody `needs` it or says where it is.
pub async fn leave(
    browser: &mut Browser,
    start: &Start,
    expected: Option<&Url>,
    needs: bool,
) -> Result<Option<OneId>, Failure> {
    let page = browser.open(&start.address).await?;
    let authorize = browser.at("/identity/authorize");
    let asked = page.trail.iter().find(|url| place(url) == place(&authorize));
    let asked =
        asked.ok_or_else(|| strays(&page.url, "another page", &format!("one to sign in, by way of {authorize}")))?;
    has(
        asked,
        &[
            ("response_type", Some("code")),
            ("client_id", None),
            ("redirect_uri", Some(browser.at("/signed-in").as_str())),
            ("state", None),
            ("nonce", None),
            ("code_challenge", None),
            ("code_challenge_method", Some("S256")),
        ],
    )?;
    walked(&format!("the start of {}, which leads to signing in", start.service));
    let link = page.link(|path| path.starts_with("/identity/sign-in/") && path.ends_with("/oneid"));
    let Some(link) = link else {
        let where_to = expected.map_or_else(|| "OneID (config.identity.oneid)".to_owned(), place);
        let missed = strays(&page.url, "no link to OneID", &format!("a link that leads to {where_to}"));
        return if needs || expected.is_some() { Err(missed) } else { Ok(None) };
    };
    let oneid = browser.look(&link).await?;
    if let Some(expected) = expected.filter(|expected| place(expected) != place(&oneid)) {
        return Err(strays(&link, &format!("a way to {}", place(&oneid)), &format!("a way to {}", place(expected))));
    }
    has(
        &oneid,
        &[
            ("response_type", Some("one_code")),
            ("client_id", None),
            ("redirect_uri", Some(browser.at("/identity/oneid/callback").as_str())),
            ("scope", None),
            ("state", None),
        ],
    )?;
    walked(&format!("signing in up to OneID at {}", place(&oneid)));
    Ok(Some(OneId(oneid)))
}

/// Presses the person's button at a counterpart, and is back at the start, signed in.
pub async fn enter(browser: &mut Browser, oneid: &OneId, person: &str, start: &Start) -> Result<(), Failure> {
    let page = browser.open(&oneid.0).await?;
    let form = page.pressed(person).ok_or_else(|| {
        strays(
            &page.url,
            &format!("no button of the value {person:?}"),
            "a counterpart of OneID that signs this person in",
        )
    })?;
    let page = browser.send(&form).await?;
    if place(&page.url) != place(&start.address) {
        return Err(strays(&page.url, "another end of signing in", &format!("{}, signed in", place(&start.address))));
    }
    walked(&format!("signing in as {person}, at a counterpart of OneID"));
    Ok(())
}

/// `None`: something must stand there, whatever it is.
fn has(url: &Url, expected: &[(&str, Option<&str>)]) -> Result<(), Failure> {
    for (name, value) in expected {
        let found = url.query_pairs().find(|(present, _)| present == name).map(|(_, value)| value.into_owned());
        let right = match (&found, value) {
            (Some(found), Some(value)) => found == value,
            (Some(found), None) => !found.is_empty(),
            (None, _) => false,
        };
        if !right {
            let expected = value.map_or_else(|| format!("one with {name}"), |value| format!("one with {name}={value}"));
            // What is there instead may be a secret of this visit: only fixed words are told.
            return Err(strays(url, &format!("a request that has {name} otherwise"), &expected));
        }
    }
    Ok(())
}

fn strays(url: &Url, found: &str, expected: &str) -> Failure {
    let message = format!("{} shows {found}; expected {expected}. {}", place(url), look_at(url));
    Failure::unavailable("journey.sign-in", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_sign_in_is_right_in_each_part_and_no_secret_is_told() {
        let url = Url::parse("https://gov.example/identity/authorize?response_type=code&state=s3cret&nonce=").unwrap();
        assert!(has(&url, &[("response_type", Some("code")), ("state", None)]).is_ok());
        for wrong in [("response_type", Some("token")), ("nonce", None), ("scope", None), ("state", Some("other"))] {
            let failure = has(&url, &[wrong]).unwrap_err();
            assert_eq!(failure.code, "journey.sign-in");
            assert!(failure.message.contains(wrong.0) && !failure.message.contains("s3cret"), "{}", failure.message);
        }
    }
}
