//! How many cases run on which revision and how they fare, as a host tells.

use std::collections::BTreeMap;

use kernel::{Failure, Hash, Time};
use proto::eservice::v1 as wire;

/// Of every revision that has any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    pub revisions: BTreeMap<Hash, Numbers>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Submitted and not ended.
    pub open: u64,
    pub drafts: u64,
    /// Ended and not erased yet; counted now and then.
    pub kept: u64,
    /// When the last of these may be erased.
    pub kept_until: Option<Time>,
    pub figures: Figures,
}

/// Of applications that began since the time that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    pub begun: u64,
    pub submitted: u64,
    /// In how many an expression failed, and in how many a call to another service.
    pub failed_expressions: u64,
    pub failed_calls: u64,
    /// In how many a page was reached and answered, by its name.
    pub pages: BTreeMap<String, (u64, u64)>,
    /// How often a step was left, and how long cases stayed in it (median), by its name.
    pub steps: BTreeMap<String, (u64, u64)>,
}

impl Load {
    pub fn read(told: wire::Load) -> Result<Self, Failure> {
        let numbers = |told: wire::RevisionLoad| {
            let wire::RevisionLoad { revision, open, drafts, kept, kept_until_us, figures } = told;
            let numbers = Numbers {
                open: count(open),
                drafts: count(drafts),
                kept: count(kept),
                kept_until: (kept_until_us > 0).then(|| Time::from_micros(kept_until_us)),
                figures: figures.map(Figures::read).unwrap_or_default(),
            };
            Ok((Hash::from_slice(&revision)?, numbers))
        };
        Ok(Self { revisions: told.revisions.into_iter().map(numbers).collect::<Result<_, Failure>>()? })
    }

    pub fn of(&self, revision: Hash) -> Numbers {
        self.revisions.get(&revision).cloned().unwrap_or_default()
    }

    pub fn open(&self) -> u64 {
        self.revisions.values().map(|numbers| numbers.open).sum()
    }

    /// Revisions on which cases are open or applications are begun.
    pub fn used(&self) -> impl Iterator<Item = Hash> + '_ {
        self.revisions.iter().filter(|(_, numbers)| numbers.open + numbers.drafts > 0).map(|(revision, _)| *revision)
    }

    /// How many ended cases each revision has, where they were counted.
    pub fn ended(&self) -> BTreeMap<Hash, u64> {
        let ended = self.revisions.iter().filter(|(_, numbers)| numbers.kept > 0);
        ended.map(|(revision, numbers)| (*revision, numbers.kept)).collect()
    }

    /// With ended cases as they were counted before.
    pub fn with_ended(mut self, ended: BTreeMap<Hash, u64>) -> Self {
        for (revision, kept) in ended {
            self.revisions.entry(revision).or_default().kept = kept;
        }
        self
    }

    /// Applications that nobody submitted, and cases that have ended and are not erased.
    pub fn kept(&self) -> u64 {
        self.revisions.values().map(|numbers| numbers.kept + numbers.drafts).sum()
    }

    /// When the last ended case may be erased.
    pub fn kept_until(&self) -> Option<Time> {
        self.revisions.values().filter_map(|numbers| numbers.kept_until).max()
    }
}

impl Figures {
    fn read(told: wire::Figures) -> Self {
        let wire::Figures { drafts_opened, submitted, failed_expressions, failed_calls, cases: _, pages, steps } = told;
        let page = |page: wire::PageFigures| (page.page, (count(page.reached), count(page.answered)));
        let step = |step: wire::StepFigures| (step.step, (count(step.left), count(step.median_ms)));
        Self {
            begun: count(drafts_opened),
            submitted: count(submitted),
            failed_expressions: count(failed_expressions),
            failed_calls: count(failed_calls),
            pages: pages.into_iter().map(page).collect(),
            steps: steps.into_iter().map(step).collect(),
        }
    }
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
