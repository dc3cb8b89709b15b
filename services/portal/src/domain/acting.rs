//! For whom somebody acts: themselves, or one of those whom identity names for their session.

use serde::{Deserialize, Serialize};

/// The kind of mandate by which somebody acts for a company.
pub const DIRECTOR: &str = "director";

/// Somebody who may be acted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Opaque id.
    pub principal: String,
    /// The kind of mandate, as definitions name it.
    pub kind: String,
    pub name: String,
    /// Taxpayer number.
    #[serde(default)]
    pub tin: String,
}

/// For whom somebody acts after signing in, and whether they are asked first.
#[derive(Debug, PartialEq, Eq)]
pub struct After {
    pub acting: Option<Principal>,
    pub asks: bool,
}

/// Whoever signs in once more in the middle of something goes on for whom they had chosen. `before`: what the same person's
/// session had chosen, where there was one; `named`: for whom identity lets them act now.
pub fn after_sign_in(before: Option<Option<&Principal>>, named: &[Principal]) -> After {
    match before {
        None => After { acting: None, asks: !named.is_empty() },
        Some(None) => After { acting: None, asks: false },
        Some(Some(chosen)) => {
            let still = named.iter().find(|one| one.principal == chosen.principal).cloned();
            After { asks: still.is_none(), acting: still }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_again_keeps_for_whom_one_acts_while_the_mandate_lasts() {
        let company =
            |id: &str| Principal { principal: id.into(), kind: DIRECTOR.into(), name: id.into(), tin: String::new() };
        let (bahor, anor) = (company("bahor"), company("anor"));
        let both = [anor.clone(), bahor.clone()];
        let after = |acting: Option<&Principal>, asks| After { acting: acting.cloned(), asks };
        assert_eq!(after_sign_in(None, &both), after(None, true), "whoever comes anew is asked");
        assert_eq!(after_sign_in(None, &[]), after(None, false));
        assert_eq!(after_sign_in(Some(None), &both), after(None, false), "they had chosen themselves");
        assert_eq!(after_sign_in(Some(Some(&bahor)), &both), after(Some(&bahor), false));
        assert_eq!(
            after_sign_in(Some(Some(&bahor)), &[anor]),
            after(None, true),
            "the mandate has ended: nobody is put in its place"
        );
        assert_eq!(after_sign_in(Some(Some(&bahor)), &[]), after(None, true));
    }
}
