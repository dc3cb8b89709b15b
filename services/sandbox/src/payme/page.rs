//! The page people pay on: an amount and three buttons, usable without scripts and on any phone.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{
    Payme,
    merchant::Answer,
    receipt::{Failure, Order},
};

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:2rem auto;padding:0 1rem}\
    button{font:inherit;display:block;width:100%;padding:.8rem;margin:.6rem 0;border:2px solid #0b6e6e;\
    background:#fff;color:#0b4f4f}button.main{background:#0b6e6e;color:#fff}button:focus,select:focus,a:focus\
    {outline:3px solid #b8860b;outline-offset:2px}.amount{font-size:1.8rem;font-weight:700}.note{background:#fff4ce;\
    padding:.6rem;border-left:6px solid #8a6d00}select{font:inherit;width:100%;padding:.5rem}";

struct Words {
    title: &'static str,
    amount: &'static str,
    pay: &'static str,
    decline: &'static str,
    close: &'static str,
    trial: &'static str,
    refused: &'static str,
    back: &'static str,
}

fn words(language: &str) -> Words {
    match language {
        "uz" => Words {
            title: "Toʻlov",
            amount: "Toʻlanadigan summa",
            pay: "Toʻlash",
            decline: "Karta rad etilsin",
            close: "Toʻlamasdan qaytish",
            trial: "Sinov sahifasi: haqiqiy pul olinmaydi.",
            refused: "Toʻlov amalga oshmadi",
            back: "Qaytish",
        },
        "en" => Words {
            title: "Payment",
            amount: "Amount to pay",
            pay: "Pay",
            decline: "Let the card be declined",
            close: "Go back without paying",
            trial: "Trial page: no real money is taken.",
            refused: "The payment did not go through",
            back: "Go back",
        },
        _ => Words {
            title: "Оплата",
            amount: "Сумма к оплате",
            pay: "Оплатить",
            decline: "Пусть карта будет отклонена",
            close: "Вернуться без оплаты",
            trial: "Тестовая страница: настоящие деньги не списываются.",
            refused: "Оплата не прошла",
            back: "Вернуться",
        },
    }
}

pub async fn checkout(State(payme): State<Arc<Payme>>, Path(parameters): Path<String>) -> Response {
    let order = Order::read(&parameters).filter(|order| order.merchant == payme.settings.merchant_id);
    let Some(order) = order else {
        return (StatusCode::NOT_FOUND, broken()).into_response();
    };
    let words = words(&order.language);
    let options = Failure::ALL.map(|failure| format!("<option value=\"{0}\">{0}</option>", failure.name())).concat();
    let Words { amount, pay, decline, close, trial, .. } = words;
    let body = format!(
        "<p class=\"note\">{trial}</p><p>{amount}</p><p class=\"amount\">{}</p>\
         <form method=\"post\" action=\"/payme/pay\"><input type=\"hidden\" name=\"order\" value=\"{}\">\
         <p><label for=\"failure\">Failure</label><select id=\"failure\" name=\"failure\">{options}</select></p>\
         <button class=\"main\" name=\"action\" value=\"pay\">{pay}</button>\
         <button name=\"action\" value=\"decline\">{decline}</button>\
         <button name=\"action\" value=\"close\">{close}</button></form>",
        escaped(&kernel::Money::uzs(order.amount).to_string()),
        escaped(&parameters),
    );
    shown(&order.language, words.title, &body).into_response()
}

/// The merchant refused: its own sentence, in the language of the page.
pub fn refused(order: &Order, answer: &Answer) -> Response {
    let words = words(&order.language);
    let sentence = match answer {
        Answer::Error(_, message) => message[&order.language].as_str().or(message.as_str()).unwrap_or_default(),
        Answer::Result | Answer::Nothing => "",
    };
    let body =
        format!("<p>{}</p><p><a href=\"{}\">{}</a></p>", escaped(sentence), escaped(&order.return_url), words.back);
    shown(&order.language, words.refused, &body).into_response()
}

pub fn broken() -> impl IntoResponse {
    shown("en", "This payment link cannot be read", "<p>Go back to the page you came from and start again.</p>")
}

fn shown(language: &str, title: &str, body: &str) -> impl IntoResponse {
    let page = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{title} — Payme (sandbox)</title><style>{STYLE}</style>\
         </head><body><main><h1>{title}</h1>{body}</main></body></html>",
        escaped(language),
    );
    ([(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")], Html(page))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
