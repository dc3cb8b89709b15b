//! A page as a visitor without JavaScript uses it: links, forms as they stand, and what the page calls wrong.

use url::Url;

use super::html::{self, Node, Tag};

pub struct Page {
    pub url: Url,
    /// Addresses on the way here, the first one asked for first.
    pub trail: Vec<Url>,
    nodes: Vec<Node>,
}

/// A form with everything that its inputs hold now.
#[derive(Debug)]
pub struct Form {
    pub action: Url,
    pub posts: bool,
    pub fields: Vec<(String, String)>,
    /// Buttons that say by name and value that they were pressed.
    buttons: Vec<(String, String)>,
    /// Every input's name, also of those that hold nothing yet, with what can be chosen.
    inputs: Vec<(String, String)>,
}

impl Page {
    pub fn read(url: Url, trail: Vec<Url>, html: &str) -> Self {
        Self { url, trail, nodes: html::read(html) }
    }

    fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Open(tag) => Some(tag),
            Node::Close(_) | Node::Text(_) => None,
        })
    }

    /// The language in which it says that it is.
    pub fn language(&self) -> &str {
        self.tags().find(|tag| tag.name == "html").map_or("", |tag| tag.text("lang"))
    }

    /// The words of its first heading.
    pub fn heading(&self) -> String {
        let begun = self.nodes.iter().skip_while(|node| !matches!(node, Node::Open(tag) if tag.name == "h1"));
        let inside = begun.take_while(|node| !matches!(node, Node::Close(name) if name == "h1"));
        let words = inside.filter_map(|node| match node {
            Node::Text(text) => Some(text.trim()),
            Node::Open(_) | Node::Close(_) => None,
        });
        words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
    }

    pub fn has_class(&self, class: &str) -> bool {
        self.tags().any(|tag| tag.has_class(class))
    }

    pub fn links(&self) -> Vec<Url> {
        let links = self.tags().filter(|tag| tag.name == "a").filter_map(|tag| tag.get("href"));
        links.filter_map(|href| self.url.join(href).ok()).collect()
    }

    /// The first link whose path is told by this.
    pub fn link(&self, told: impl Fn(&str) -> bool) -> Option<Url> {
        self.links().into_iter().find(|link| told(link.path()))
    }

    /// Inputs that the page calls wrong, by their ids: never what was typed.
    pub fn mistakes(&self) -> Vec<String> {
        if !self.has_class("govuk-error-summary") {
            return Vec::new();
        }
        let anchors = self.tags().filter(|tag| tag.name == "a").filter_map(|tag| tag.text("href").strip_prefix('#'));
        anchors.filter(|id| *id != "main").map(str::to_owned).collect()
    }

    /// The stable code that an error page shows and links to.
    pub fn code(&self) -> Option<String> {
        let help = self.link_with_query("/help")?;
        help.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned())
    }

    fn link_with_query(&self, path: &str) -> Option<Url> {
        self.links().into_iter().find(|link| link.path() == path && link.query().is_some())
    }

    /// Says a trial of itself to everybody who reads it; a platform in production does not.
    pub fn is_of_a_trial(&self) -> bool {
        self.has_class("govuk-phase-banner")
    }

    pub fn forms(&self) -> Vec<Form> {
        let mut forms = Vec::new();
        let mut nodes = self.nodes.iter();
        while let Some(node) = nodes.next() {
            if let Node::Open(tag) = node
                && tag.name == "form"
            {
                let inside = nodes.by_ref().take_while(|node| !matches!(node, Node::Close(name) if name == "form"));
                forms.extend(Form::read(&self.url, tag, inside));
            }
        }
        forms
    }

    /// The form that is sent to an address with this end.
    pub fn form(&self, end: &str) -> Option<Form> {
        self.forms().into_iter().find(|form| form.action.path().ends_with(end))
    }

    /// A form with a button of this value, and the button pressed.
    pub fn pressed(&self, value: &str) -> Option<Form> {
        self.forms().into_iter().find_map(|form| form.press(value))
    }
}

impl Form {
    fn read<'n>(page: &Url, tag: &Tag, inside: impl Iterator<Item = &'n Node>) -> Option<Self> {
        let action = match tag.text("action") {
            "" => page.clone(),
            action => page.join(action).ok()?,
        };
        let posts = tag.text("method").eq_ignore_ascii_case("post");
        let mut form = Self { action, posts, fields: Vec::new(), buttons: Vec::new(), inputs: Vec::new() };
        let (mut list, mut typed) = (None::<Choice>, None::<(String, String)>);
        for node in inside {
            match node {
                Node::Open(tag) => match tag.name.as_str() {
                    "input" => form.input(tag),
                    "button" => form.button(tag),
                    "select" => list = tag.get("name").map(Choice::of),
                    "option" => {
                        if let Some(list) = &mut list {
                            list.offer(tag);
                        }
                    }
                    "textarea" => typed = tag.get("name").map(|name| (name.to_owned(), String::new())),
                    _ => {}
                },
                Node::Text(text) => {
                    if let Some((_, holds)) = &mut typed {
                        // The first line end belongs to the markup.
                        holds.push_str(text.strip_prefix('\n').unwrap_or(text));
                    }
                }
                Node::Close(name) => match name.as_str() {
                    "select" => form.hold(list.take().map(Choice::held)),
                    "textarea" => form.hold(typed.take()),
                    _ => {}
                },
            }
        }
        Some(form)
    }

    fn hold(&mut self, field: Option<(String, String)>) {
        if let Some((name, value)) = field {
            self.inputs.push((name.clone(), String::new()));
            self.fields.push((name, value));
        }
    }

    fn input(&mut self, tag: &Tag) {
        let Some(name) = tag.get("name") else { return };
        let (name, value) = (name.to_owned(), tag.text("value").to_owned());
        match tag.text("type") {
            "submit" => self.buttons.push((name, value)),
            "file" | "button" | "reset" | "image" => {}
            "radio" | "checkbox" => {
                self.inputs.push((name.clone(), value.clone()));
                if tag.has("checked") {
                    self.fields.push((name, value));
                }
            }
            _ => self.hold(Some((name, value))),
        }
    }

    fn button(&mut self, tag: &Tag) {
        if let Some(name) = tag.get("name")
            && matches!(tag.text("type"), "" | "submit")
        {
            self.buttons.push((name.to_owned(), tag.text("value").to_owned()));
        }
    }

    fn press(mut self, value: &str) -> Option<Self> {
        let button = self.buttons.iter().find(|(_, one)| one == value)?.clone();
        self.fields.push(button);
        Some(self)
    }

    pub fn has(&self, name: &str) -> bool {
        self.inputs.iter().any(|(present, _)| present == name)
    }

    /// What the last input of this name holds: a hidden empty one comes before each box.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().rev().find(|(present, _)| present == name).map(|(_, value)| value.as_str())
    }

    /// The first value that can be chosen under this name.
    pub fn first_choice(&self, name: &str) -> Option<String> {
        self.inputs.iter().find(|(present, value)| present == name && !value.is_empty()).map(|(_, value)| value.clone())
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(present, _)| present != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }
}

/// A list of which one value is chosen: the one that is marked, else the first.
struct Choice {
    name: String,
    first: Option<String>,
    marked: Option<String>,
}

impl Choice {
    fn of(name: &str) -> Self {
        Self { name: name.to_owned(), first: None, marked: None }
    }

    fn offer(&mut self, option: &Tag) {
        let value = option.text("value").to_owned();
        if option.has("selected") {
            self.marked = Some(value.clone());
        }
        self.first.get_or_insert(value);
    }

    fn held(self) -> (String, String) {
        (self.name, self.marked.or(self.first).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        Page::read(Url::parse("https://gov.example/a/b?c=d").unwrap(), Vec::new(), html)
    }

    fn pairs(form: &Form) -> Vec<(&str, &str)> {
        form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    #[test]
    fn a_form_holds_what_a_browser_would_send() {
        let html = "<form method=\"POST\" action=\"../send\"><input type=hidden name=_token value=t>\
            <input type=\"hidden\" name=\"kind\" value=\"\"><input type=radio name=kind value=one>\
            <input type=radio name=kind value=two checked><input type=checkbox name=agree value=true>\
            <select name=\"failure\"><option value=\"none\">none</option><option value=\"late\">late</option></select>\
            <select name=\"office\"><option value=\"\">–</option><option value=\"x\" selected>X</option></select>\
            <textarea name=\"note\">\nas typed</textarea><input type=file name=file>\
            <button name=\"action\" value=\"pay\">Pay</button><button>Continue</button></form>";
        let page = page(html);
        let form = page.form("/send").unwrap();
        assert_eq!(form.action.as_str(), "https://gov.example/send");
        assert!(form.posts && form.has("agree") && !form.has("file"));
        let held = [
            ("_token", "t"),
            ("kind", ""),
            ("kind", "two"),
            ("failure", "none"),
            ("office", "x"),
            ("note", "as typed"),
        ];
        assert_eq!(pairs(&form), held);
        assert_eq!((form.get("kind"), form.first_choice("kind").as_deref()), (Some("two"), Some("one")));
        assert_eq!(page.pressed("pay").unwrap().fields.last().unwrap(), &("action".to_owned(), "pay".to_owned()));
        assert!(page.pressed("decline").is_none());
    }

    #[test]
    fn an_answer_takes_the_place_of_everything_under_its_name() {
        let page = page("<form action=x><input type=hidden name=a value=''><input type=radio name=a value=1></form>");
        let mut form = page.forms().remove(0);
        form.set("a", "1");
        assert_eq!(pairs(&form), [("a", "1")]);
        assert!(!form.posts);
    }

    #[test]
    fn a_page_tells_its_language_heading_stage_mistakes_and_code() {
        let html = "<html lang=\"uz-Latn\"><body><a href=\"#main\">skip</a><div class=\"govuk-phase-banner x\"></div>\
            <div class=\"govuk-error-summary\"><a href=\"#contact.phone\">wrong</a></div>\
            <h1 class=\"l\">Of <b>two</b> parts </h1><a href=\"/help\">help</a><a href=\"/help?code=bus.busy\">help</a>";
        let page = page(html);
        assert_eq!((page.language(), page.heading().as_str()), ("uz-Latn", "Of two parts"));
        assert!(page.is_of_a_trial());
        assert_eq!(page.mistakes(), ["contact.phone"]);
        assert_eq!(page.code().as_deref(), Some("bus.busy"));
        assert_eq!(page.link(|path| path == "/help").unwrap().as_str(), "https://gov.example/help");
    }
}
