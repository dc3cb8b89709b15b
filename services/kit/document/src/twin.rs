//! The same content as plain HTML, for screen readers and phones: what the template says, without how it is laid out.
//!
//! Of the compiler's HTML only plain elements and their text are taken over. Whoever wrote the template, it brings in no script, no
//! style, no picture, and no link but to a secure address.

use serde_json::Value;
use typst::utils::PicoStr;
use typst_html::{HtmlDocument, HtmlElement, HtmlNode};

use crate::{Options, TemplateProblem, problem, world::TemplateWorld};

/// More than a document of many pages says; a message holds it whole.
const BYTES_MAX: usize = 400_000;
const PLAIN: [&str; 32] = [
    "blockquote",
    "caption",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "section",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
const ATTRIBUTES: [&str; 5] = ["colspan", "rowspan", "scope", "start", "value"];
/// The same word as over the pages of the PDF.
const SPECIMEN: &str = "<p><strong>SPECIMEN</strong></p>";

/// An element for a page of its own, whose first heading is a second one. The same arguments give the same bytes.
///
/// # Errors
/// Every problem of the template that stops it; so does whatever HTML cannot say and would leave out.
pub fn twin(template: &str, inputs: &Value, options: &Options) -> Result<Vec<u8>, Vec<TemplateProblem>> {
    let read = read(template, inputs, options);
    // Nothing of one citizen's document stays in the compiler's memory for the next one.
    typst::comemo::evict(0);
    read
}

fn read(template: &str, inputs: &Value, options: &Options) -> Result<Vec<u8>, Vec<TemplateProblem>> {
    let world = TemplateWorld::to_be_read(template, inputs, options)?;
    let compiled = typst::compile::<HtmlDocument>(&world);
    let document = compiled.output.map_err(|problems| problem::all(&world, &problems))?;
    if let Some(lost) = compiled.warnings.iter().find(|warning| is_loss(&warning.message)) {
        return Err(vec![TemplateProblem::anywhere(lost.message.to_string())]);
    }
    let mut html = format!("<div lang=\"{}\">", language(&options.language));
    if options.specimen {
        html.push_str(SPECIMEN);
    }
    let body = document.root().children.iter().filter_map(|node| match node {
        HtmlNode::Element(element) if named(element.tag.into_inner(), "body") => Some(element),
        _ => None,
    });
    for element in body {
        children(element, &mut html).map_err(|problem| vec![problem])?;
    }
    html.push_str("</div>");
    if html.len() > BYTES_MAX {
        return Err(vec![TemplateProblem::anywhere("The document says too much for one page of HTML.")]);
    }
    Ok(html.into_bytes())
}

/// Paper, margins and what repeats on each page are no content: a screen reader passes over them in the PDF, too.
fn is_loss(warning: &str) -> bool {
    warning.ends_with("ignored during HTML export") && !warning.starts_with("page set rule")
}

/// As a page says it: Uzbek has two scripts.
fn language(tag: &str) -> &str {
    if tag == "uz" { "uz-Latn" } else { tag }
}

fn named(name: PicoStr, wanted: &str) -> bool {
    name.resolve().as_str() == wanted
}

fn children(element: &HtmlElement, html: &mut String) -> Result<(), TemplateProblem> {
    for node in &element.children {
        match node {
            HtmlNode::Tag(_) => {}
            HtmlNode::Text(text, _) => escape(text, html),
            HtmlNode::Element(element) => one(element, html)?,
            HtmlNode::Frame(_) => return Err(picture()),
        }
    }
    Ok(())
}

fn one(element: &HtmlElement, html: &mut String) -> Result<(), TemplateProblem> {
    let name = element.tag.into_inner().resolve();
    match name.as_str() {
        "br" => html.push_str("<br>"),
        "img" => described(element, html),
        "math" | "svg" => return Err(picture()),
        "script" | "style" => {}
        "h1" => wrapped("h2", element, html)?,
        "a" => linked(element, html)?,
        name if PLAIN.contains(&name) => wrapped(name, element, html)?,
        _ => children(element, html)?,
    }
    Ok(())
}

fn wrapped(name: &str, element: &HtmlElement, html: &mut String) -> Result<(), TemplateProblem> {
    html.push('<');
    html.push_str(name);
    for (attribute, value) in &element.attrs.0 {
        let attribute = attribute.into_inner().resolve();
        if ATTRIBUTES.contains(&attribute.as_str()) {
            said(attribute.as_str(), value, html);
        }
    }
    html.push('>');
    children(element, html)?;
    html.push_str("</");
    html.push_str(name);
    html.push('>');
    Ok(())
}

fn linked(element: &HtmlElement, html: &mut String) -> Result<(), TemplateProblem> {
    let Some(to) = attribute(element, "href").filter(|to| to.starts_with("https://")) else {
        return children(element, html);
    };
    html.push_str("<a rel=\"noreferrer\"");
    said("href", to, html);
    html.push('>');
    children(element, html)?;
    html.push_str("</a>");
    Ok(())
}

/// What a picture shows, in the template's own words.
fn described(element: &HtmlElement, html: &mut String) {
    if let Some(words) = attribute(element, "alt").filter(|words| !words.is_empty()) {
        html.push_str("<span>");
        escape(words, html);
        html.push_str("</span>");
    }
}

fn attribute<'e>(element: &'e HtmlElement, wanted: &str) -> Option<&'e str> {
    let mut all = element.attrs.0.iter();
    all.find(|(name, _)| named(name.into_inner(), wanted)).map(|(_, value)| value.as_str())
}

fn said(name: &str, value: &str, html: &mut String) {
    html.push(' ');
    html.push_str(name);
    html.push_str("=\"");
    escape(value, html);
    html.push('"');
}

fn escape(text: &str, html: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            letter => html.push(letter),
        }
    }
}

fn picture() -> TemplateProblem {
    TemplateProblem::anywhere("The document holds a drawing or a formula that HTML cannot say in words.")
}
