//! Where a case may stand: tokens in a tree, and what its way so far made of money, documents and messages.

use super::model::{Model, Verdict, Way};

/// Whether the applicant was told since something was decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Told {
    /// Nothing was decided, and nothing said.
    #[default]
    Nothing,
    /// Something was said, and nothing decided since.
    Yes,
    /// Something was decided, and nothing said since.
    No,
}

/// What one token has seen, or one way adds to it. A branch begins with nothing, and what it has seen is added where it ends: so
/// what branches do at the same time is never mistaken for what must have happened before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Local {
    pub told: Told,
    /// An officer decided, and did not return the application.
    pub decided: bool,
    /// The last decision has reasons that the applicant has to read.
    pub due: bool,
    /// A document since then tells them.
    pub spoken: bool,
    /// A document since then keeps silent about them.
    pub silent: bool,
    /// Documents that were issued.
    pub issued: u64,
}

impl Local {
    /// This, and `later` after it.
    pub fn then(self, later: Self) -> Self {
        let told = if later.told == Told::Nothing { self.told } else { later.told };
        let issued = self.issued | later.issued;
        if later.decided {
            return Self { told, issued, ..later };
        }
        Self {
            told,
            decided: self.decided,
            due: self.due,
            spoken: self.spoken || later.spoken,
            silent: self.silent || later.silent,
            issued,
        }
    }

    /// This and `other` at the same time.
    pub fn beside(self, other: Self) -> Self {
        Self {
            told: self.told.max(other.told),
            decided: self.decided || other.decided,
            due: self.due || other.due,
            spoken: self.spoken || other.spoken,
            silent: self.silent || other.silent,
            issued: self.issued | other.issued,
        }
    }

    /// The same with more documents: nothing is wrong there that is not wrong here.
    pub fn is_poorer(self, other: Self) -> bool {
        self.issued & !other.issued == 0 && Self { issued: 0, ..self } == Self { issued: 0, ..other }
    }
}

/// What all tokens of a case share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shared {
    /// Payment steps whose money is with the agency.
    pub captured: u64,
    /// Payment steps that were left unpaid, and their fee is not settled since.
    pub cancelled: u64,
    /// Conditions whose truth is known, because something was decided by them.
    pub known: u64,
    /// Which of them hold.
    pub holds: u64,
    /// Steps that can be undone, in the order in which they were last done.
    pub done: Vec<usize>,
}

impl Shared {
    /// After this way out of a step; nothing where the way cannot be taken now.
    pub fn after(&self, model: &Model<'_>, step: usize, way: &Way) -> Option<Self> {
        if way.known & self.known & (way.holds ^ self.holds) != 0 {
            return None;
        }
        let mut after = self.clone();
        if let Some((payment, verdict)) = way.pays {
            after.pay(model, payment, verdict)?;
        }
        after.captured &= !way.refunds;
        after.known |= way.known;
        after.holds = (after.holds & !way.known) | way.holds;
        after.known &= !way.forgets;
        after.holds &= after.known;
        if way.undoable {
            after.add_done(step);
        }
        Some(after)
    }

    pub fn add_done(&mut self, step: usize) {
        self.done.retain(|done| *done != step);
        self.done.push(step);
    }

    fn pay(&mut self, model: &Model<'_>, payment: usize, verdict: Verdict) -> Option<()> {
        let (bit, declared) = (1 << payment, &model.payments[payment]);
        // Entered again, it asks only for the difference.
        let nothing_more = self.captured & bit != 0 && !declared.grows;
        match verdict {
            Verdict::Paid | Verdict::Lapsed if nothing_more => return None,
            Verdict::Paid => {
                self.captured |= bit;
                self.cancelled &= !declared.same_fee;
            }
            Verdict::Nothing => self.cancelled &= !declared.same_fee,
            Verdict::Lapsed | Verdict::Refused => self.cancelled |= bit,
        }
        Some(())
    }

    /// Whether a case can be in both at once.
    pub fn agrees(&self, other: &Self) -> bool {
        self.known & other.known & (self.holds ^ other.holds) == 0
    }
}

/// One token, and those that work for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    pub step: usize,
    /// Steps that it does next, whatever their `next` says: what undoes others.
    pub plan: Vec<usize>,
    pub local: Local,
    /// Where it waits for branches.
    pub fork: Option<Box<Branches>>,
}

/// Branches that are under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Branches {
    /// Those that are followed step by step.
    pub open: Vec<(usize, Token)>,
    /// Those that touch nothing which others see: they are taken as a whole.
    pub closed: u64,
    /// One of these will never arrive, and none of them ends the case.
    pub stuck: bool,
    /// What those that arrived have seen.
    pub joined: Local,
}

/// A place in the space of all that may happen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    Running(Token, Shared),
    /// The case is over.
    Ended {
        step: usize,
        local: Local,
        shared: Shared,
    },
    /// A branch that is looked at alone has arrived where the others meet it.
    Joined(Local),
}
