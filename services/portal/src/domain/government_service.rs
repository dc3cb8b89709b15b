//! A service as search engines read it: schema.org's `GovernmentService`, in the language of the page that it stands in.

use kernel::{Currency, Money};
use proto::register::v1::{Fee, ServiceCard, ServicePage};
use serde_json::{Value, json};

/// Text for a data block in a page. `audience` says for whom a word of the definition means.
pub fn block(card: &ServiceCard, service: &ServicePage, language: &str, audience: impl Fn(&str) -> String) -> String {
    let at = format!("/services/{}/{}", card.agency, card.service);
    let mut told = json!({
        "@context": "https://schema.org", "@type": "GovernmentService",
        "@id": at, "url": at, "name": card.title, "description": card.summary,
        "areaServed": { "@type": "Country", "name": "UZ" },
        "serviceOperator": { "@type": "GovernmentOrganization", "name": card.agency_title },
    });
    let whom: Vec<Value> =
        service.audience.iter().map(|word| json!({ "@type": "Audience", "audienceType": audience(word) })).collect();
    let gives: Vec<Value> =
        service.documents.iter().map(|title| json!({ "@type": "DigitalDocument", "name": title })).collect();
    let costs: Vec<Value> = service.fees.iter().filter_map(offer).collect();
    for (property, values) in [("audience", whom), ("serviceOutput", gives), ("offers", costs)] {
        if !values.is_empty() {
            told[property] = Value::Array(values);
        }
    }
    if matches!(card.level.as_str(), "hosted" | "") && service.closed.is_empty() {
        told["availableChannel"] = json!({
            "@type": "ServiceChannel", "serviceUrl": format!("{at}/start"), "availableLanguage": language
        });
    }
    inert(&told)
}

/// Only what is the same for everybody.
fn offer(fee: &Fee) -> Option<Value> {
    let amount = fee.amount.as_ref()?;
    let currency = Currency::parse(&amount.currency).ok()?;
    let price = Money { minor: amount.minor, currency }.to_decimal().to_string();
    Some(json!({ "@type": "Offer", "name": fee.title, "price": price, "priceCurrency": currency.code() }))
}

/// Nothing in it can end the block or begin markup, whatever a definition says.
fn inert(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(title: &str, level: &str) -> ServiceCard {
        ServiceCard {
            agency: "justice".into(),
            service: "copy".into(),
            title: title.into(),
            level: level.into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_title_cannot_leave_the_block_and_reads_as_it_was_written() {
        let hostile = "</script><script>alert(1)</script>&";
        let block = block(&card(hostile, "hosted"), &ServicePage::default(), "en", str::to_owned);
        assert!(!block.contains(['<', '>', '&']), "{block}");
        let read: Value = serde_json::from_str(&block).unwrap();
        assert_eq!(read["name"], hostile);
        assert_eq!(read["availableChannel"]["serviceUrl"], "/services/justice/copy/start");
    }

    #[test]
    fn what_cannot_be_applied_for_here_has_no_channel_and_a_computed_fee_no_price() {
        let fee = |amount| Fee { title: "Duty".into(), amount, earned: String::new() };
        let amount = proto::Money { minor: 4_120_000, currency: "UZS".into() };
        let page = ServicePage { fees: vec![fee(Some(amount)), fee(None)], ..Default::default() };
        let read: Value = serde_json::from_str(&block(&card("Copy", "listed"), &page, "en", str::to_owned)).unwrap();
        assert!(read.get("availableChannel").is_none());
        assert_eq!(
            read["offers"],
            json!([{ "@type": "Offer", "name": "Duty", "price": "41200.00", "priceCurrency": "UZS" }])
        );
    }
}
