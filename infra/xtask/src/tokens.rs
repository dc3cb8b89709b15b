//! Reading Rust as tokens: enough to see calls and their arguments, also inside macros, without a compiler.

use proc_macro2::{Delimiter, Group, TokenTree};

pub fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

pub fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

pub fn group(token: Option<&TokenTree>, wanted: Delimiter) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == wanted => Some(group),
        _ => None,
    }
}

pub fn tokens(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// Arguments of a call, by the commas between them. (Commas of turbofish types split too; codes never stand there.)
pub fn arguments(group: &Group) -> Vec<Vec<TokenTree>> {
    let all = tokens(group);
    all.split(|token| is_punct(Some(token), ',')).map(<[TokenTree]>::to_vec).collect()
}

/// The text of a string literal, as the program sees it.
pub fn text(token: Option<&TokenTree>) -> Option<String> {
    let Some(TokenTree::Literal(literal)) = token else { return None };
    let written = literal.to_string();
    if let Some(raw) = written.strip_prefix('r') {
        return Some(raw.trim_matches('#').trim_matches('"').to_owned());
    }
    let inside = written.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut letters = inside.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some('\n')) => while letters.next_if(|next| next.is_whitespace()).is_some() {},
            ('\\', Some('n')) => {
                letters.next();
                out.push('\n');
            }
            ('\\', Some(_)) => out.extend(letters.next()),
            _ => out.push(letter),
        }
    }
    Some(out)
}

/// A sentence given as a literal, as `format!("…")` or as either with a method after it.
pub fn sentence(argument: &[TokenTree]) -> Option<String> {
    if let Some(text) = text(argument.first()) {
        return Some(text);
    }
    if ident(argument.first())? == "format" && is_punct(argument.get(1), '!') {
        return text(tokens(group(argument.get(2), Delimiter::Parenthesis)?).first());
    }
    None
}

/// Past `#[cfg(test)]` and the item under it; nothing when none stands here.
pub fn after_test_item(all: &[TokenTree], at: usize) -> Option<usize> {
    let attribute = is_punct(all.get(at), '#').then(|| group(all.get(at + 1), Delimiter::Bracket)).flatten()?;
    if attribute.stream().to_string().replace(' ', "") != "cfg(test)" {
        return None;
    }
    let ends = |token: &TokenTree| is_punct(Some(token), ';') || group(Some(token), Delimiter::Brace).is_some();
    Some(all.iter().skip(at + 2).position(ends).map_or(all.len(), |item| at + 2 + item + 1))
}
