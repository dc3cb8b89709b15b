//! Forms of the state as the catalogue lists them.

use std::sync::Arc;

use ::bus::Call;
use kernel::{Failure, Language};
use proto::register::v1::{ListStateFormsRequest, StateForms};

use super::{Register, catalogue};
use crate::domain::forms;

/// Of what the catalogue shows today; a form that no service uses any more is gone.
pub async fn list(register: Arc<Register>, call: Call<ListStateFormsRequest>) -> Result<StateForms, Failure> {
    let ListStateFormsRequest { language, after } = &call.request;
    let language = Language::parse(language)?;
    let mut tx = register.database.read().await?;
    let listed = catalogue::listed(&register, &mut tx).await?;
    let definitions = listed.iter().map(|listed| &*listed.definition);
    Ok(forms::page_after(forms::forms(definitions, language.tag()), after))
}
