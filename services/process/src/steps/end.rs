//! `end`: the case is over; everything that still runs in it stops.

use api::End;

use super::Flow;
use crate::{
    case::TokenId,
    engine::{Run, promise},
    event::What,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, end: &End) -> Flow {
    close(run, token, &end.outcome, &end.delivers);
    Flow::Ended
}

pub fn close(run: &mut Run<'_>, token: TokenId, outcome: &str, delivers: &[String]) {
    let others = run.state.tokens.keys().copied().filter(|other| *other != token);
    for other in others.collect::<Vec<_>>() {
        run.drop_token(other);
    }
    run.drop_work(token);
    promise::forget(run);
    run.emit(What::TokenEnded { token });
    run.emit(What::Ended { outcome: outcome.to_owned(), delivers: delivers.to_vec() });
}
