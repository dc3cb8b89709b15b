//! "Who looked at my data": the signed-in person's own rows, in the words of the registries' owners.

use std::collections::{BTreeMap, BTreeSet};

use bus::Call;
use kernel::Failure;
use proto::exchange::v1::{DataUse, DataUseRow, ListDataUseRequest};

use crate::{
    Exchange,
    store::{self, data_use::Use},
};

const ROWS_MAX: i64 = 100;

pub async fn list(exchange: &Exchange, call: Call<ListDataUseRequest>) -> Result<DataUse, Failure> {
    let person = call.person()?.id;
    let before = match call.request.after.as_str() {
        "" => i64::MAX,
        text => text.parse().map_err(|_| Failure::invalid("exchange.page", "There is no such page."))?,
    };
    let limit = i64::from(call.request.limit).clamp(1, ROWS_MAX);
    let mut tx = exchange.database.read().await?;
    let mut used = store::data_use::of_person(&mut tx, person, before, limit + 1).await?;
    let more = i64::try_from(used.len()).is_ok_and(|count| count > limit);
    if more {
        used.pop();
    }
    let next = used.last().filter(|_| more).map(|(id, _)| id.to_string()).unwrap_or_default();
    let calls = used.iter().filter(|(_, used)| used.opened.is_none());
    let named: BTreeSet<_> = calls.map(|(_, used)| (used.owner.clone(), used.registry.clone())).collect();
    let mut registries = BTreeMap::new();
    for (owner, name) in named {
        let registry = store::resources::known_registry(&mut tx, &owner, &name).await?;
        registries.insert((owner, name), registry);
    }
    let rows = used.into_iter().map(|(_, used)| {
        let registry = registries.get(&(used.owner.clone(), used.registry.clone())).and_then(Option::as_ref);
        let about_representative = used.person != Some(person);
        DataUseRow { about_representative, ..row(used, registry) }
    });
    Ok(DataUse { rows: rows.collect(), next })
}

fn row(used: Use, registry: Option<&api::Registry>) -> DataUseRow {
    let operation = registry.and_then(|registry| registry.operation(&used.operation));
    let title = |field: &String| to_proto(operation.and_then(|operation| operation.title_of(field)));
    if let Some(opened) = used.opened {
        let kind = match (opened.searched, opened.document.is_empty()) {
            (true, _) => "search",
            (false, true) => "opening",
            (false, false) => "document",
        };
        return DataUseRow {
            kind: kind.to_owned(),
            time_us: used.time.micros(),
            asking_agency: used.asking_agency,
            actor: used.service,
            owner: used.owner,
            case_id: used.case_id,
            outcome: used.outcome,
            office: opened.office,
            role: opened.role,
            purpose_text: used.purpose.text(),
            opening: used.cause,
            reasoned: opened.reasoned,
            document: opened.document,
            ..DataUseRow::default()
        };
    }
    DataUseRow {
        field_titles: used.fields.iter().map(title).collect(),
        registry_title: registry.map(|registry| to_proto(Some(&registry.spec.title))),
        time_us: used.time.micros(),
        asking_agency: used.asking_agency,
        owner: used.owner,
        registry: used.registry,
        operation: used.operation,
        purpose: used.purpose.plain(),
        purpose_text: used.purpose.text(),
        legal_basis: used.legal_basis.plain(),
        legal_basis_text: used.legal_basis.text(),
        case_id: used.case_id,
        outcome: used.outcome,
        fields: used.fields,
        actor: used.service,
        kind: "call".to_owned(),
        ..DataUseRow::default()
    }
}

pub fn to_proto(text: Option<&api::Text>) -> proto::Text {
    let languages = text.into_iter().flat_map(api::Text::iter);
    proto::Text { by_language: languages.map(|(tag, words)| (tag.to_owned(), words.to_owned())).collect() }
}
