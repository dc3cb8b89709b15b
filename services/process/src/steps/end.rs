//! `end`: the case is over; everything that still runs in it stops.

use api::End;

use super::Flow;
use crate::{
    case::TokenId,
    engine::{Run, promise},
    event::What,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, name: &str, end: &End) -> Flow {
    close(run, token, name, (&end.outcome, &end.delivers));
    Flow::Ended
}

/// What others had still to undo is undone first; then the token comes to this end again.
pub fn close(run: &mut Run<'_>, token: TokenId, name: &str, (outcome, delivers): (&str, &[String])) {
    let others = run.state.tokens.keys().copied().filter(|other| *other != token);
    let mut left = Vec::new();
    for other in others.collect::<Vec<_>>() {
        left.extend(run.drop_token(other, token));
    }
    if !left.is_empty() {
        run.inherit(token, left, Some(name));
        return run.leave(token, "undo", None);
    }
    run.drop_work(token);
    promise::forget(run);
    run.emit(What::TokenEnded { token });
    run.emit(What::Ended { outcome: outcome.to_owned(), delivers: delivers.to_vec() });
}
