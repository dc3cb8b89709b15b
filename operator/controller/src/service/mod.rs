//! A service: its definition becomes an admitted revision that hosts run and citizens find.

mod apply;
mod build;
mod status;
mod validate;

use crate::{
    host,
    kind::Applied,
    outcome::{Outcome, Stopped},
    owner,
    run::Operator,
};

pub async fn reconcile(operator: &Operator, applied: &Applied) -> Result<Outcome, Stopped> {
    let agency = owner::of(operator, applied).await?;
    let sound = validate::validate(applied, &agency, operator.platform.trial())?;
    let wanted = build::build(sound, &agency, &operator.config.portal_url);
    let admitted = apply::apply(operator, applied, &agency, &wanted).await?;
    let hosting = match &admitted {
        Some(_) => host::reconcile(operator, applied, &agency).await?,
        None => None,
    };
    Ok(status::done(wanted, admitted, hosting, &operator.today()))
}
