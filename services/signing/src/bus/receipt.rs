//! Receipts: what payments has in its books, on the platform's own form, sealed by the agency whose case was paid for.

use std::sync::Arc;

use ::bus::Call;
use api::{Document, Fee, ServiceDefinition, Text};
use boot::Stage;
use kernel::{Currency, Failure, Hash, Language, Money, PersonId, Time, id::DocumentId};
use process::calendar::civil_date;
use proto::signing::v1::{DocumentChunk, IssueReceiptRequest, ReadReceiptRequest, Receipt};
use serde_json::{Map, json};

use super::{
    Office,
    admitted::{self, Asked},
    issue::{Draft, Order, agency_titles, representative, whole_seconds},
    read::chunk,
    unknown_document,
};
use crate::{
    domain::verify::receipt::{self, Statement},
    store::documents::{self, RECEIPT, Stored},
};

/// The form, with its words in the five languages.
const TEMPLATE: &str = include_str!("../../templates/receipt.typ");
const NUMBER_CHARS_MAX: usize = 60;

pub async fn issue(office: &Arc<Office>, call: Call<IssueReceiptRequest>) -> Result<Receipt, Failure> {
    let request = &call.request;
    let language = Language::parse(&request.language)?;
    let number = numbered(request, &call.agency, language)?;
    let action_id = Hash::of(number.as_bytes()).to_vec();
    let asked = admitted::Asked { action_id, ..admitted::looked_at(request.case.as_ref(), &call.agency)? };
    let lane = office.lane(&call.agency);
    let _turn = lane.lock().await;
    if let Some(made) = made_before(office, &number, &asked).await? {
        return Ok(made);
    }
    let order = order(office, &call, asked, language).await?;
    let now = whole_seconds(office.clock.now());
    let (draft, seal, files) = Draft::sealed(office, &order, number.clone(), now).await?;
    let mut tx = office.database.begin().await?;
    sql::case_log::hold(&mut tx, order.asked.case, &order.asked.agency).await?;
    let stored = draft.store(office, &mut tx, &order, &seal, &files).await;
    let kept = match stored {
        Ok(()) => tx.commit().await.map_err(Failure::from),
        Err(failure) => {
            drop(tx);
            Err(failure)
        }
    };
    match kept {
        Ok(()) => Ok(answer(&draft.stored)),
        // Another replica of signing may have made it meanwhile: then that one counts.
        Err(failure) => made_before(office, &number, &order.asked).await?.ok_or(failure),
    }
}

pub async fn read(office: &Arc<Office>, call: Call<ReadReceiptRequest>) -> Result<DocumentChunk, Failure> {
    let id = DocumentId::from_slice(&call.request.document_id).map_err(|_| unknown_document())?;
    let mut tx = office.database.read().await?;
    let found = documents::by_id(&mut tx, id).await?;
    drop(tx);
    let fits = |document: &Stored| document.kind == RECEIPT && document.agency == call.agency && is_there(document);
    let document = found.filter(fits).ok_or_else(unknown_document)?;
    chunk(office, &document, call.request.offset).await
}

/// What stands on the paper as its number: the receipt's, which all languages share, and the language.
fn numbered(request: &IssueReceiptRequest, agency: &str, language: Language) -> Result<String, Failure> {
    let number = request.number.as_str();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let own = number.strip_prefix(agency).is_some_and(|rest| rest.starts_with('-'));
    if !own || number.len() > NUMBER_CHARS_MAX || !number.chars().all(plain) {
        return Err(Failure::invalid("receipt.number", "The number of a receipt begins with its agency."));
    }
    Ok(format!("{number}.{}", language.tag()))
}

/// Of an erased case nothing can be read.
fn is_there(document: &Stored) -> bool {
    !document.wrapped_key.is_empty()
}

async fn made_before(office: &Office, number: &str, asked: &Asked) -> Result<Option<Receipt>, Failure> {
    let mut tx = office.database.read().await?;
    let Some(made) = documents::by_number(&mut tx, number).await? else { return Ok(None) };
    if made.kind != RECEIPT || made.case != asked.case {
        let message = "Another receipt bears this number. Payments was restored to before it was given.";
        return Err(Failure::conflict("receipt.number-used", message));
    }
    if !is_there(&made) {
        return Err(unknown_document().with_detail("the case was erased"));
    }
    Ok(Some(answer(&made)))
}

fn answer(made: &Stored) -> Receipt {
    Receipt { document_id: made.id.to_vec(), size: made.size }
}

async fn order(
    office: &Office,
    call: &Call<IssueReceiptRequest>,
    asked: Asked,
    language: Language,
) -> Result<Order, Failure> {
    let request = &call.request;
    let definition = admitted::of_case(office, &asked).await?;
    let fee = definition.spec.fees.iter().find(|fee| fee.name == request.fee);
    let fee = fee.ok_or_else(|| Failure::invalid("receipt.fee", "The revision has no fee of this name."))?;
    let titles = titles(&request.kind)?;
    let amount = amount(request)?;
    let day = civil_date(Time::from_micros(request.time_us)).to_string();
    let statement = Statement {
        number: request.number.clone(),
        kind: request.kind.clone(),
        amount: amount.minor,
        currency: amount.currency.code().to_owned(),
        date: day.clone(),
        purpose: format!("{}/{}", asked.service, fee.name),
        agency: asked.agency.clone(),
        specimen: office.stage == Stage::Trial,
    };
    let authority = &office.authority;
    let facts = json!({
        "number": request.number, "kind": request.kind, "amount": amount.to_string(), "date": day,
        "service": definition.spec.title.in_language(language.tag()), "fee": fee_title(&definition, fee, language),
        "case": request.case_number, "provider": request.provider, "transaction": request.transaction,
    });
    Ok(Order {
        caller: call.caller.clone(),
        body_hash: call.body_hash,
        agency_titles: agency_titles(office, &asked.agency).await?,
        language,
        holder: PersonId::from_slice(&request.holder)?,
        representative: representative(&request.representative)?,
        host_inputs: Map::from_iter([("receipt".to_owned(), facts)]),
        statement: Some(receipt::sign(&statement, &authority.issuing, &*authority.key)?),
        template: None,
        declared: Document {
            name: RECEIPT.to_owned(),
            title: Some(titles),
            template: TEMPLATE.to_owned(),
            seal: asked.agency.clone(),
            numbering: None,
            valid_for: None,
            recall: None,
        },
        asked,
    })
}

/// Above zero, in the currency that there is.
fn amount(request: &IssueReceiptRequest) -> Result<Money, Failure> {
    let refused = || Failure::invalid("receipt.amount", "A receipt is for an amount above zero.");
    let amount = request.amount.as_ref().filter(|amount| amount.minor > 0).ok_or_else(refused)?;
    Currency::parse(&amount.currency)?;
    Ok(Money::uzs(amount.minor))
}

fn fee_title(definition: &ServiceDefinition, fee: &Fee, language: Language) -> String {
    let titled = fee.title.as_ref().unwrap_or(&definition.spec.title);
    titled.in_language(language.tag()).to_owned()
}

fn titles(kind: &str) -> Result<Text, Failure> {
    let said = match kind {
        "payment" => {
            ["Toʻlov kvitansiyasi", "Тўлов квитанцияси", "Tólem kvitanciyası", "Квитанция об оплате", "Payment receipt"]
        }
        "refund" => [
            "Pul qaytarilgani haqida kvitansiya",
            "Пул қайтарилгани ҳақида квитанция",
            "Aqsha qaytarılǵanı haqqında kvitanciya",
            "Квитанция о возврате",
            "Refund receipt",
        ],
        _ => return Err(Failure::invalid("receipt.kind", "A receipt is for a payment or a refund.")),
    };
    let [uz, uz_cyrl, kaa, ru, en] = said.map(|text| Some(text.to_owned()));
    Ok(Text { uz, uz_cyrl, kaa, ru, en })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_filled_in_every_language() {
        for language in Language::ALL {
            for kind in ["payment", "refund"] {
                let mut inputs = document::sample_inputs(json!({}), language.tag());
                inputs["receipt"] = json!({
                    "number": "justice-2026-R1", "kind": kind, "amount": "41 200,00 UZS", "date": "2026-11-29",
                    "service": "Nusxa", "fee": "Boj", "case": "JUS-1", "provider": "payme", "transaction": "t1",
                });
                assert_eq!(document::check_with(TEMPLATE, &inputs), Ok(()), "{} {kind}", language.tag());
                assert!(titles(kind).unwrap().missing().is_empty());
            }
            assert!(TEMPLATE.contains(&format!("\"{}\": (", language.tag())));
        }
    }

    #[test]
    fn a_receipts_number_is_of_its_agency_and_nothing_else() {
        let of = |number: &str| {
            let request = IssueReceiptRequest { number: number.into(), ..IssueReceiptRequest::default() };
            numbered(&request, "justice", Language::UzCyrl).map_err(|failure| failure.code.into_owned())
        };
        assert_eq!(of("justice-2026-R1").unwrap(), "justice-2026-R1.uz-Cyrl");
        for foreign in
            ["health-2026-R1", "justice2026-R1", "justice-2026-<R1>", "", &format!("justice-{}", "1".repeat(60))]
        {
            assert_eq!(of(foreign).unwrap_err(), "receipt.number", "{foreign}");
        }
    }
}
