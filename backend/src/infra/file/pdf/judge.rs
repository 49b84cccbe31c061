//! What a document would do when it is opened: every object that a reader can reach from a trailer is looked at, in all versions that the
//! file has of it.

use std::collections::{HashMap, HashSet};

use super::lexer::Node;
use crate::infra::file::error::FileError;

/// Types of actions that run code, leave the document, or play media.
const ACTIONS: &[&[u8]] =
    &[b"JavaScript", b"Launch", b"SubmitForm", b"ImportData", b"GoToR", b"GoToE", b"Movie", b"Sound", b"Rendition", b"RichMediaExecute"];
/// Types of actions that only show another place of the document; all others are not done without a click.
const MOVES: &[&[u8]] = &[b"GoTo", b"GoToDp", b"Thread", b"SetOCGState", b"Trans", b"GoTo3DView"];
/// Named actions that show another page, or ask whether to print.
const NAMED: &[&[u8]] = &[b"NextPage", b"PrevPage", b"FirstPage", b"LastPage", b"Print"];
/// Types of annotations that play media.
const ANNOTATIONS: &[&[u8]] = &[b"Movie", b"Screen", b"RichMedia", b"3D", b"Sound"];
/// Schemes of addresses behind a link; others open files or run code.
const SCHEMES: &[&str] = &["http:", "https:", "mailto:", "tel:"];
/// Entries with dictionaries whose keys are free names, such as those of fonts.
const FREE_KEYS: &[&[u8]] = &[
    b"Font",
    b"XObject",
    b"ExtGState",
    b"ColorSpace",
    b"Pattern",
    b"Shading",
    b"Properties",
    b"CharProcs",
    b"Dests",
    b"RoleMap",
    b"ClassMap",
    b"Colorants",
    b"Info",
];
/// Maximum number of references that lead to one value.
const HOPS: usize = 8;

/// The objects of a file by number, in all their versions. `None` stands for one that cannot be read.
pub type Objects = HashMap<u32, Vec<Option<Node>>>;

/// How a part of a document was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Context {
    Plain,
    /// A dictionary whose keys say nothing.
    FreeKeys,
    /// The appearances of an annotation.
    Appearances,
    /// The interactive form.
    Form,
    /// The events of a document, a page or a field.
    Events,
    /// An action that runs without a click.
    Automatic,
}

/// Judges a document from its trailers on.
///
/// # Errors
/// [`FileError::ActiveContent`], [`FileError::Attachment`]; [`FileError::Torn`] for an object that cannot be read, and for one that is
/// missing if `complete` is asked for or the tables of the file name it.
pub fn judge(objects: &Objects, trailers: &[Node], expected: impl Fn(u32) -> bool) -> Result<(), FileError> {
    let mut judge = Judge { objects, seen: HashSet::new(), open: Vec::new() };
    for (key, value) in trailers.iter().flat_map(Node::entries) {
        match key.as_slice() {
            b"Prev" | b"Encrypt" => {}
            b"Info" => judge.open.push((value, Context::FreeKeys)),
            _ => judge.open.push((value, Context::Plain)),
        }
    }
    while let Some((node, context)) = judge.open.pop() {
        match node {
            Node::Reference(number) => judge.follow(*number, context, &expected)?,
            Node::Array(items) => judge.open.extend(items.iter().map(|item| (item, context))),
            Node::Dictionary(entries) => {
                if !matches!(context, Context::FreeKeys | Context::Appearances) {
                    judge.check(node, context)?;
                }
                judge.open.extend(entries.iter().filter_map(|(key, value)| Some((value, below(key, context)?))));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The context of an entry; `None` for data of programs, which readers pass over.
fn below(key: &[u8], context: Context) -> Option<Context> {
    match (context, key) {
        (Context::Events, _) | (Context::Automatic, b"Next") => Some(Context::Automatic),
        (Context::Appearances, b"N" | b"R" | b"D") => Some(Context::FreeKeys),
        (Context::FreeKeys, _) => Some(Context::Plain),
        (_, b"PieceInfo") => None,
        (_, b"AcroForm") => Some(Context::Form),
        (_, b"OpenAction") => Some(Context::Automatic),
        (_, b"AA") => Some(Context::Events),
        (_, b"AP") => Some(Context::Appearances),
        (_, key) if FREE_KEYS.contains(&key) => Some(Context::FreeKeys),
        _ => Some(Context::Plain),
    }
}

struct Judge<'a> {
    objects: &'a Objects,
    seen: HashSet<(u32, Context)>,
    open: Vec<(&'a Node, Context)>,
}

impl<'a> Judge<'a> {
    fn follow(&mut self, number: u32, context: Context, expected: &impl Fn(u32) -> bool) -> Result<(), FileError> {
        if !self.seen.insert((number, context)) {
            return Ok(());
        }
        match self.objects.get(&number) {
            Some(versions) => {
                for version in versions {
                    self.open.push((version.as_ref().ok_or(FileError::Torn)?, context));
                }
                Ok(())
            }
            None if expected(number) => Err(FileError::Torn),
            // A reference to nothing stands for nothing.
            None => Ok(()),
        }
    }

    fn check(&self, node: &'a Node, context: Context) -> Result<(), FileError> {
        let kinds = self.names(node, b"S");
        let is = |kinds: &[&[u8]], kind: &[u8]| kinds.contains(&kind);
        let runs = kinds.iter().any(|kind| ACTIONS.contains(kind));
        let opens = is(&kinds, b"URI") && (context == Context::Automatic || !self.leads_to_a_page(node));
        let subtypes = self.names(node, b"Subtype");
        let plays = subtypes.iter().any(|kind| ANNOTATIONS.contains(kind)) || node.values(b"RichMediaContent").next().is_some();
        let moves =
            |kind: &&[u8]| MOVES.contains(kind) || (*kind == b"Named" && self.names(node, b"N").iter().all(|name| NAMED.contains(name)));
        let acts = context == Context::Automatic && !kinds.iter().all(moves);
        let postscript = is(&subtypes, b"PS") || is(&self.names(node, b"Subtype2"), b"PS");
        let scripted = context == Context::Form && node.values(b"XFA").any(|value| !matches!(value, Node::Other));
        if runs || opens || plays || acts || postscript || scripted {
            return Err(FileError::ActiveContent);
        }
        let is_there = |key: &'a [u8]| self.values(node, key).into_iter().any(|value| !matches!(value, Node::Other));
        // A stream, a drawing or an action whose content stands in another file.
        let elsewhere = is_there(b"F") && (is_there(b"Length") || is(&kinds, b"Thread")) || is_there(b"Ref") && is(&subtypes, b"Form");
        let attached = elsewhere
            || is_there(b"Collection") && is(&self.names(node, b"Type"), b"Catalog")
            || node.values(b"EF").any(|value| !matches!(value, Node::Other))
            || is(&subtypes, b"FileAttachment")
            || is(&self.names(node, b"Type"), b"EmbeddedFile");
        if attached { Err(FileError::Attachment) } else { Ok(()) }
    }

    /// Whether all addresses of a link have a scheme that a browser opens as a page or a message.
    fn leads_to_a_page(&self, node: &'a Node) -> bool {
        self.values(node, b"URI").into_iter().all(|value| match value {
            Node::Text(text) => {
                let address = String::from_utf8_lossy(text).trim().to_ascii_lowercase();
                let scheme = address.split(['/', '?', '#']).next().unwrap_or_default().contains(':');
                !address.starts_with("\\\\")
                    && (!scheme || SCHEMES.iter().any(|scheme| address.starts_with(scheme)) || host_and_port(&address))
            }
            _ => true,
        })
    }

    /// The names that a key has, directly or in objects of their own.
    fn names(&self, node: &'a Node, key: &[u8]) -> Vec<&'a [u8]> {
        self.values(node, key)
            .into_iter()
            .filter_map(|value| if let Node::Name(name) = value { Some(name.as_slice()) } else { None })
            .collect()
    }

    /// All values that a key has, in all versions of objects.
    fn values(&self, node: &'a Node, key: &[u8]) -> Vec<&'a Node> {
        let mut values: Vec<&Node> = node.entries().iter().filter(|(own, _)| own == key).map(|(_, value)| value).collect();
        for _ in 0..HOPS {
            if !values.iter().any(|value| matches!(value, Node::Reference(_))) {
                break;
            }
            values = values.into_iter().flat_map(|value| self.resolved(value)).collect();
        }
        values
    }

    fn resolved(&self, value: &'a Node) -> Vec<&'a Node> {
        match value {
            Node::Reference(number) => self.objects.get(number).into_iter().flatten().flatten().collect(),
            value => vec![value],
        }
    }
}

/// `www.example.org:8080`: an address without a scheme.
fn host_and_port(address: &str) -> bool {
    let host = address.split(['/', '?', '#']).next().unwrap_or_default();
    host.split_once(':').is_some_and(|(name, port)| name.contains('.') && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}
