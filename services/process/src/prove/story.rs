//! A counter-example as a story: what happens at each step, in plain words.

use super::{model::Model, ways::Hop};
use crate::check::StoryStep;

/// Steps of a story that a message tells: the first and the last ones.
const TOLD_FIRST: usize = 5;
const TOLD_LAST: usize = 6;

/// What happens on this way.
pub fn of(model: &Model<'_>, hops: &[Hop]) -> Vec<StoryStep> {
    let told = hops.iter().map(|hop| match hop {
        Hop::Way { step, way } => (*step, model.nodes[*step].ways[*way].how.clone()),
        Hop::Late { step } => (*step, "the time is over".to_owned()),
    });
    told.map(|(step, how)| StoryStep { step: model.name(step).to_owned(), how }).collect()
}

/// The same to where the case ends.
pub fn to_end(model: &Model<'_>, hops: &[Hop], end: usize) -> Vec<StoryStep> {
    let mut story = of(model, hops);
    let outcome = model.step(end).end.as_ref().map(|end| end.outcome.as_str()).unwrap_or_default();
    story.push(StoryStep { step: model.name(end).to_owned(), how: format!("the case ends with `{outcome}`") });
    story
}

/// In one line, the middle left out where it is long.
pub fn short(story: &[StoryStep]) -> String {
    let one = |told: &StoryStep| {
        let StoryStep { step, how } = told;
        if how.is_empty() { format!("`{step}`") } else { format!("`{step}`: {how}") }
    };
    let mut told: Vec<String> = story.iter().map(one).collect();
    if told.len() > TOLD_FIRST + TOLD_LAST + 1 {
        let last = told.len() - TOLD_LAST;
        told.splice(TOLD_FIRST..last, ["\u{2026}".to_owned()]);
    }
    told.join(" \u{2192} ")
}
