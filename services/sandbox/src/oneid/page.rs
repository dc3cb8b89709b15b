//! The counterpart's own pages: plain, and nothing like the platform's, so that nobody takes one for the other.

use std::fmt::Write;

use super::{Fields, field, state::Person};

const HEAD: &str = "<!doctype html><html lang=\"uz\"><head><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>OneID sandbox</title><style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:30rem;\
    margin:2rem auto;padding:0 1rem;background:#f5f7fb}button{font:inherit;display:block;width:100%;padding:.8rem;\
    border:2px solid #1c4e9c;border-radius:6px;background:#fff;color:#173f80}button:focus{outline:3px solid #b8860b;\
    outline-offset:2px}#refuse{border-color:#666;color:#444}</style></head><body>\
    <main><h1>OneID sandbox</h1><p>Sinov uchun. Fictional citizens only. Только для испытаний.</p>";
const FOOT: &str = "</main></body></html>";

pub fn sign_in(persons: &[Person], fields: &Fields) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("<form method=\"post\" action=\"../../sign-in\">");
    for name in ["redirect_uri", "state"] {
        let value = escaped(field(fields, name));
        add(&mut page, format_args!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"));
    }
    for person in persons {
        let key = escaped(&person.key);
        let name = escaped(&format!("{} {} {}", person.family_name, person.given_name, person.patronymic));
        let button =
            format_args!("<p><button type=\"submit\" name=\"person\" value=\"{key}\" id=\"{key}\">{name}</button></p>");
        add(&mut page, button);
    }
    page.push_str(
        "<p><button type=\"submit\" name=\"person\" value=\"\" id=\"refuse\">Bekor qilish / Cancel</button></p></form>",
    );
    page.push_str(FOOT);
    page
}

pub fn message(text: &str) -> String {
    format!("{HEAD}<p>{}</p>{FOOT}", escaped(text))
}

fn add(page: &mut String, part: std::fmt::Arguments<'_>) {
    page.write_fmt(part).expect("writing to a string cannot fail");
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
