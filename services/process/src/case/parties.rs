//! Parties besides the applicant: who was asked, what came of it, and the case as one of them works on it.

use api::PartyKind;
use kernel::{Failure, Time, id::PersonId, pinfl::Pinfl, tin::Tin};
use serde::{Deserialize, Serialize};

use super::{Applicant, CaseState, Identity, RetryAsked, Token, TokenId, Waiting};

/// By which number a party is known. Never printed: it is personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Number {
    /// A person's.
    Pinfl(String),
    /// A company's, for which whoever directs it answers.
    Tin(String),
}

impl Number {
    /// What stands where a party's number is to stand, as such a party's.
    pub fn parse(kind: PartyKind, text: &str) -> Result<Self, Failure> {
        Ok(match kind {
            PartyKind::Person => Self::Pinfl(Pinfl::parse(text)?.reveal().to_owned()),
            PartyKind::Company => Self::Tin(Tin::parse(text)?.reveal().to_owned()),
        })
    }

    /// A person's PINFL; a company has none.
    pub fn pinfl(&self) -> Option<&str> {
        match self {
            Self::Pinfl(pinfl) => Some(pinfl),
            Self::Tin(_) => None,
        }
    }
}

/// A party who was asked. Never printed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownParty {
    pub person: PersonId,
    /// By which they were identified; what somebody writes into the data later changes nothing about who was asked.
    #[serde(flatten)]
    pub number: Number,
    /// The step that asked them last, and its form.
    pub step: String,
    pub form: String,
    pub asked: Time,
    pub answer: PartyAnswer,
    /// When the answer became what it is.
    pub changed: Time,
}

/// A party whom the case is about and whom nobody asks. Never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// As it stood where the definition says.
    #[serde(flatten)]
    pub number: Number,
    /// None: identity has not said yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartyAnswer {
    Waiting,
    Consented,
    Declined,
    /// Nobody waits for the answer any more: the time was over, or the application was taken back.
    Lapsed,
}

impl PartyAnswer {
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Consented => "consented",
            Self::Declined => "declined",
            Self::Lapsed => "lapsed",
        }
    }
}

impl CaseState {
    /// The token that waits for this party, and the form that they are asked to fill in.
    pub fn waits_for(&self, party: &str) -> Option<(&Token, &str)> {
        self.tokens.values().find_map(|token| match &token.waiting {
            Waiting::Party { party: asked, form } if asked == party => Some((token, form.as_str())),
            _ => None,
        })
    }

    /// What this person is in the case besides an applicant: the part in which they are waited for, else the one that changed last.
    pub fn part_of(&self, person: PersonId) -> Option<(&str, &KnownParty)> {
        let parts = self.parties.iter().filter(|(_, party)| party.person == person);
        let part = parts.max_by_key(|(_, party)| (party.answer == PartyAnswer::Waiting, party.changed));
        part.map(|(name, party)| (name.as_str(), party))
    }

    /// Whether this officer took the application in on paper. It makes them no party: they typed what somebody else signed.
    pub fn is_taken_in_by(&self, officer: PersonId) -> bool {
        self.taken_in.as_ref().is_some_and(|taken| taken.officer == officer)
    }

    /// The same, or had it before somebody took it over: they decide nothing of what they typed, or one officer alone could make up an
    /// application and grant it.
    pub fn is_typed_by(&self, officer: PersonId) -> bool {
        self.taken_in.as_ref().is_some_and(|taken| taken.officer == officer || taken.before.contains(&officer))
    }

    /// Whether identity knows who applies: it knows everybody but some for whom an officer typed.
    pub fn is_identified(&self) -> bool {
        self.taken_in.as_ref().is_none_or(|taken| !taken.unidentified)
    }

    /// Whether it is not known yet whose paper it is.
    pub fn awaits_identity(&self) -> bool {
        let identity = self.taken_in.as_ref().and_then(|taken| taken.identity.as_ref());
        matches!(identity, Some(Identity::NotYet | Identity::Said { .. }))
    }

    /// Officers who typed it.
    pub fn typists(&self) -> impl Iterator<Item = PersonId> {
        self.taken_in.iter().flat_map(|taken| taken.before.iter().copied().chain([taken.officer]))
    }

    /// Whether this officer decides nothing of it: they have a part of their own in it, or typed it.
    pub fn is_kept_from(&self, officer: PersonId) -> bool {
        self.takes_part(officer) || self.is_typed_by(officer)
    }

    /// As what somebody sent it the first time: `applicant`, `representative`, `officer`. Nothing before.
    pub fn sent_by(&self) -> Option<&'static str> {
        self.submitted_by.map(|by| self.stands_as(by))
    }

    /// As what somebody who types for the applicant does so.
    pub(crate) fn stands_as(&self, by: PersonId) -> &'static str {
        if self.is_typed_by(by) {
            return "officer";
        }
        let own = self.applicant.as_ref().is_none_or(|applicant| applicant.person == by);
        if own { "applicant" } else { "representative" }
    }

    /// Whether somebody has a part of their own in the case: they apply, act, sent it or answered for the applicant, are asked in it,
    /// it is about them, or they decided or had a part in the one that it began from.
    pub fn takes_part(&self, person: PersonId) -> bool {
        let applies = |applicant: &Applicant| applicant.person == person || applicant.actor == person;
        let acted = self.submitted_by == Some(person) || self.acted.contains(&person);
        // Whoever typed what came on paper is no party: somebody else signed it.
        let acted = acted && !self.is_typed_by(person);
        let before = self.origin.as_ref().is_some_and(|origin| origin.kept_off().any(|kept_off| *kept_off == person));
        let stands_in_it = self.part_of(person).is_some() || self.subjects().any(|(subject, _)| subject == person);
        acted || before || self.applicant.as_ref().is_some_and(applies) || stands_in_it
    }

    /// Whom the case is about besides whoever applies and is asked, once identity has said who they are.
    pub fn subjects(&self) -> impl Iterator<Item = (PersonId, &Number)> {
        self.subjects.values().filter_map(|subject| Some((subject.person?, &subject.number)))
    }

    /// Who wants a failed step to be tried again; whoever has come to take part in the case since has asked for nothing.
    pub fn retry_asked(&self, token: TokenId) -> Option<&RetryAsked> {
        self.retries.get(&token).filter(|asked| !self.takes_part(asked.by))
    }

    /// Somebody acts for the applicant who is not known to take part yet.
    pub(crate) fn remember_acting(&mut self, person: PersonId) {
        if !self.takes_part(person) && !self.is_typed_by(person) {
            self.acted.insert(person);
        }
    }

    pub fn consenting(&self) -> impl Iterator<Item = &KnownParty> {
        self.parties.values().filter(|party| party.answer == PartyAnswer::Consented)
    }

    /// The case as a party who is waited for works on it: their form is the open one, and what an officer sent back to the
    /// applicant is no matter of theirs.
    pub fn as_asked(&self, party: &str) -> Option<CaseState> {
        let (token, form) = self.waits_for(party)?;
        let waiting = Waiting::Applicant { form: form.to_owned() };
        let token = Token { waiting, ..token.clone() };
        let mut seen = self.clone();
        seen.returned = None;
        seen.tokens = std::iter::once((token.id, token)).collect();
        Some(seen)
    }
}
