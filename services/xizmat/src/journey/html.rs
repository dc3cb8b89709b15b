//! HTML as far as a visitor needs it: tags with their attributes, and the text between them.
//!
//! Read are our own pages and those of counterparts, which are well formed: a browser's whole parser has no other use in the
//! product.

/// What a page consists of, in its order.
#[derive(Debug, PartialEq, Eq)]
pub enum Node {
    Open(Tag),
    Close(String),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(present, _)| present == name).map(|(_, value)| value.as_str())
    }

    /// An attribute's value, or nothing.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn has_class(&self, class: &str) -> bool {
        self.text("class").split_whitespace().any(|one| one == class)
    }
}

/// Elements whose content is text whatever stands in it; nobody sees the first two.
const UNSEEN: [&str; 2] = ["script", "style"];
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

pub fn read(html: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        say(&rest[..at], &mut nodes);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some((inside, after)) = tag(&rest[1..]) else { break };
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            nodes.push(Node::Close(name.trim().to_lowercase()));
        } else if !inside.starts_with('!') {
            rest = open(inside, rest, &mut nodes);
        }
    }
    say(rest, &mut nodes);
    nodes
}

/// What stands between `<` and `>`, and what follows; a `>` inside quotes is part of it.
fn tag(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return Some((&text[..at], &text[at + 1..])),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(begun), _) if begun == letter => quote = None,
            _ => {}
        }
    }
    None
}

/// Gives back what is left to read after the tag and, where it is raw, its content.
fn open<'t>(inside: &str, rest: &'t str, nodes: &mut Vec<Node>) -> &'t str {
    let end = inside.find(|letter: char| letter.is_whitespace() || letter == '/').unwrap_or(inside.len());
    let name = inside[..end].to_lowercase();
    let raw = RAW.contains(&name.as_str());
    let unseen = UNSEEN.contains(&name.as_str());
    let close = format!("</{name}");
    nodes.push(Node::Open(Tag { name, attributes: attributes(&inside[end..]) }));
    if !raw {
        return rest;
    }
    let content = rest.find(&close).unwrap_or(rest.len());
    if !unseen {
        say(&rest[..content], nodes);
    }
    &rest[content..]
}

fn attributes(mut text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '/');
        if text.is_empty() {
            return found;
        }
        let end = text.find(|letter: char| letter.is_whitespace() || "=/".contains(letter)).unwrap_or(text.len());
        let (name, after) = text.split_at(end);
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(given) => value(given.trim_start()),
            None => ("", after),
        };
        found.push((name.to_lowercase(), decoded(value)));
        text = after;
    }
}

fn value(text: &str) -> (&str, &str) {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].split_once(quote).unwrap_or((&text[1..], "")),
        _ => text.split_at(text.find(char::is_whitespace).unwrap_or(text.len())),
    }
}

fn say(text: &str, nodes: &mut Vec<Node>) {
    if !text.is_empty() {
        nodes.push(Node::Text(decoded(text)));
    }
}

/// Escapes that templates write; anything else stays as it is.
fn decoded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let escape = rest[1..].split_once(';').and_then(|(name, after)| Some((letter(name)?, after)));
        let (found, after) = escape.unwrap_or(('&', &rest[1..]));
        plain.push(found);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn letter(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(html: &str) -> Vec<Tag> {
        let tags = read(html).into_iter().filter_map(|node| match node {
            Node::Open(tag) => Some(tag),
            Node::Close(_) | Node::Text(_) => None,
        });
        tags.collect()
    }

    #[test]
    fn attributes_are_read_quoted_or_not_and_without_a_value() {
        let tags = opened("<!doctype html><INPUT type='radio' name=\"a>b\" value=x CHECKED/><br/><!-- <p> -->");
        assert_eq!(tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["input", "br"]);
        assert_eq!((tags[0].text("type"), tags[0].text("name"), tags[0].text("value")), ("radio", "a>b", "x"));
        assert!(tags[0].has("checked") && !tags[0].has("disabled"));
    }

    #[test]
    fn escapes_are_undone_and_what_is_none_stays() {
        let nodes = read("<p title=\"&#34;a&quot;\">1 &lt; 2 &amp; 3 &#x41;&#39; &none; & x</p>");
        let Node::Open(paragraph) = &nodes[0] else { panic!("{nodes:?}") };
        assert_eq!(paragraph.text("title"), "\"a\"");
        assert_eq!(nodes[1], Node::Text("1 < 2 & 3 A' &none; & x".into()));
        assert_eq!(nodes[2], Node::Close("p".into()));
    }

    #[test]
    fn what_stands_in_scripts_and_text_boxes_is_no_markup() {
        let nodes = read("<style>a > b {}</style><script>if (a < b) {}</script><textarea>\n<b>&amp;</textarea>");
        let texts: Vec<&Node> = nodes.iter().filter(|node| matches!(node, Node::Text(_))).collect();
        assert_eq!(texts, [&Node::Text("\n<b>&".into())]);
        assert_eq!(opened("<style>a > b {}</style><textarea><b></textarea>").len(), 2);
        assert!(read("an end <that never").len() == 2);
    }
}
