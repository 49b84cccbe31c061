//! A page as an indented outline of its elements and texts, for comparison.

use std::collections::HashMap;
use std::fmt::Write;

/// Attributes that are no part of what a page shows or sends. The value of `crossorigin` is a nonce.
const LEFT_OUT: [&str; 6] = ["class", "crossorigin", "nonce", "data-component", "data-props", "data-children"];
const VOID: [&str; 13] = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements whose text is no text of the page.
const RAW: [&str; 2] = ["script", "style"];

/// The outline of a page. Ids are numbered in order of appearance.
pub fn outline(html: &str) -> String {
    let mut out = Outline::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (tag, after) = split_tag(rest);
        rest = after;
        if tag.starts_with('!') {
            continue;
        }
        out.tag(tag);
        let name = tag.split_whitespace().next().unwrap_or("");
        if RAW.contains(&name) {
            rest = rest.find(&format!("</{name}")).map_or("", |at| &rest[at..]);
        }
    }
    without_ids(&out.lines)
}

#[derive(Default)]
struct Outline {
    lines: String,
    text: String,
    depth: usize,
}

impl Outline {
    fn tag(&mut self, tag: &str) {
        self.flush_text();
        if tag.starts_with('/') {
            self.depth = self.depth.saturating_sub(1);
            return;
        }
        let (name, mut rest) = tag.split_at(tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len()));
        self.indent();
        self.lines.push_str(name);
        while let Some((attribute, value, after)) = split_attribute(rest) {
            rest = after;
            match value {
                _ if LEFT_OUT.contains(&attribute) => {}
                Some(value) => write!(self.lines, " {attribute}=\"{value}\"").unwrap(),
                None => write!(self.lines, " {attribute}").unwrap(),
            }
        }
        self.lines.push('\n');
        if !VOID.contains(&name) && !tag.ends_with('/') {
            self.depth += 1;
        }
    }

    fn flush_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        let words: Vec<&str> = text.split_whitespace().collect();
        if !words.is_empty() {
            self.indent();
            writeln!(self.lines, "| {}", words.join(" ")).unwrap();
        }
    }

    fn indent(&mut self) {
        self.lines.push_str(&"  ".repeat(self.depth));
    }
}

/// Splits `<tag …>` off: the text between the brackets, and the rest.
fn split_tag(html: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, c) in html.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '>') => return (&html[1..at], &html[at + 1..]),
            _ => {}
        }
    }
    (&html[1..], "")
}

/// Splits the next attribute off: name, value, and the rest.
fn split_attribute(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
    if text.is_empty() {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.strip_prefix('=') else { return Some((name, None, rest)) };
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let (value, after) = value[1..].split_once(quote).unwrap_or((&value[1..], ""));
            Some((name, Some(value), after))
        }
        _ => {
            let (value, after) = value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()));
            Some((name, Some(value), after))
        }
    }
}

/// A text with its ids numbered in order of appearance, and with the codes of certificates left out.
pub fn without_ids(text: &str) -> String {
    let mut numbers = HashMap::new();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if let Some(id) = text.get(at..at + 36).filter(|id| is_uuid(id)) {
            let next = numbers.len() + 1;
            write!(out, "ID-{}", numbers.entry(id).or_insert(next)).unwrap();
            at += 36;
        } else if text[at..].starts_with("verify?c=") {
            out.push_str("verify?c=CODE");
            at += text[at..].find(['"', '&', '<', '\n']).unwrap_or(text.len() - at);
        } else {
            let c = text[at..].chars().next().unwrap();
            out.push(c);
            at += c.len_utf8();
        }
    }
    out
}

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

#[test]
fn an_outline_shows_elements_attributes_and_texts() {
    let page = "<!DOCTYPE html><main class=\"a\"><p id=x>一<!>二 &lt;</p><br><script>let a = '<p>';</script></main>\
                01890a5d-ac96-774b-bcce-b302099a8057";
    assert_eq!(outline(page), "main\n  p id=\"x\"\n    | 一二 &lt;\n  br\n  script\n");
    assert_eq!(without_ids("/a/01890a5d-ac96-774b-bcce-b302099a8057\""), "/a/ID-1\"");
}
