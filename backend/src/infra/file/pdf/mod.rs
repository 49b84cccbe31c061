//! Checks of uploaded PDFs: taken if and only if it opens without a password, has a page, and no reader can reach an action or an attached
//! file from its trailers.
//!
//! The document is parsed, so the bytes of scans and the words of a text are never taken for names, and names written with `#xx` or in object
//! streams are recognised. Where readers may see different things — a key that occurs twice, an object in several versions, a second table —
//! all of them are judged. Links to click that lead to a page or a message are usual in certificates and pass; what opens by itself does not.

mod judge;
mod lexer;
mod repair;

use std::collections::{HashMap, HashSet};

use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, LoadOptions, Object, Stream};
use memchr::memmem;

use crate::infra::file::error::FileError;
use judge::{Objects, judge};
use lexer::{Node, Scan, object_at, objects_in_stream, scan};
pub(super) use lexer::{is_blank, is_regular};
pub(super) use repair::DECOMPRESSED;
use repair::END;

/// Checks a PDF that begins with its header, and returns it as it is stored: without what stands after its end, and with a table of its
/// objects if its own cannot be used.
///
/// # Errors
/// [`FileError::Torn`], [`FileError::NoPage`], [`FileError::NotADocument`], [`FileError::WrappedPicture`] if it cannot be read;
/// [`FileError::Encrypted`], [`FileError::ActiveContent`], [`FileError::Attachment`].
pub fn accept_pdf(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
    let ended = with_end(bytes);
    let found = scan(&ended);
    if found.objects.is_empty() {
        let picture = memmem::find(&ended, b"\xFF\xD8\xFF").is_some();
        return Err(if picture { FileError::WrappedPicture } else { FileError::NotADocument });
    }
    match load(&ended) {
        Ok(document) => {
            check(&ended, &document, &found)?;
            Ok(ended)
        }
        Err(FileError::Encrypted) => Err(FileError::Encrypted),
        Err(_) => repaired(&ended, &found),
    }
}

/// The file with a new table of its objects, if all that it refers to is there.
fn repaired(bytes: &[u8], found: &Scan) -> Result<Vec<u8>, FileError> {
    let repaired = repair::with_table(bytes, found).ok_or(FileError::Torn)?;
    let document = load(&repaired)?;
    let mut objects = objects_of(&repaired, &document, found)?;
    for torn in found.objects.iter().filter(|object| !object.whole) {
        objects.insert(torn.number, vec![None]);
    }
    judge(&objects, &trailers_of(&document, found), |_| true)?;
    let written = match found.objects.iter().any(|object| object.node.as_ref().is_some_and(|node| node.is_named(b"Type", b"ObjStm"))) {
        true => repair::expanded(document).ok_or(FileError::Torn)?,
        false => repaired,
    };
    let document = load(&written)?;
    check(&written, &document, &scan(&written))?;
    Ok(written)
}

/// Loads a document that opens without a password.
pub(super) fn load(bytes: &[u8]) -> Result<Document, FileError> {
    let options = LoadOptions { max_decompressed_size: Some(DECOMPRESSED), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) | lopdf::Error::UnsupportedSecurityHandler(_) => FileError::Encrypted,
        _ => FileError::Torn,
    })?;
    // It is removed from the trailer of a document that was opened.
    if document.trailer.has(b"Encrypt") { Err(FileError::Encrypted) } else { Ok(document) }
}

fn check(bytes: &[u8], document: &Document, found: &Scan) -> Result<(), FileError> {
    let objects = objects_of(bytes, document, found)?;
    let listed =
        |number: u32| matches!(document.reference_table.get(number), Some(XrefEntry::Normal { .. } | XrefEntry::Compressed { .. }));
    judge(&objects, &trailers_of(document, found), listed)?;
    if document.page_iter().next().is_none() { Err(FileError::NoPage) } else { Ok(()) }
}

/// The trailers of a file, and the one by which it was opened.
fn trailers_of(document: &Document, found: &Scan) -> Vec<Node> {
    let mut trailers = found.trailers.clone();
    trailers.push(node_of(&Object::Dictionary(document.trailer.clone())));
    trailers
}

/// All objects of a file: those found in it, those at the places that its tables name, and those in object streams.
fn objects_of(bytes: &[u8], document: &Document, found: &Scan) -> Result<Objects, FileError> {
    let decrypted = document.encryption_state.is_some();
    let mut objects = Objects::new();
    let mut streams = Vec::new();
    for object in &found.objects {
        let node = object.node.clone().map(|node| if decrypted { without_texts(node) } else { node });
        if let (Some(node), Some(data)) = (&node, &object.stream)
            && node.is_named(b"Type", b"ObjStm")
            && !decrypted
        {
            streams.push((object.number, content_of(node, bytes.get(data.clone()).unwrap_or_default())?, first_of(node)));
        }
        objects.entry(object.number).or_default().push(node);
    }
    if decrypted {
        for (id, object) in &document.objects {
            if let Object::Stream(stream) = object
                && stream.dict.has_type(b"ObjStm")
            {
                let content = stream.get_plain_content_with_limit(DECOMPRESSED).map_err(|_| FileError::Torn)?;
                streams.push((id.0, content, first_of(&node_of(object))));
            }
            objects.entry(id.0).or_default().push(Some(node_of(object)));
        }
    }
    let places: HashSet<(usize, u32)> = found.objects.iter().map(|object| (object.start, object.number)).collect();
    for (number, entry) in &document.reference_table.entries {
        if let XrefEntry::Normal { offset, .. } = entry
            && let Ok(offset) = usize::try_from(*offset)
            && !places.contains(&(offset, *number))
            && let Some(object) = object_at(bytes, offset)
        {
            for number in [*number, object.number] {
                objects.entry(number).or_default().push(object.node.clone().map(|node| if decrypted { without_texts(node) } else { node }));
            }
        }
    }
    add_streams(&mut objects, document, streams)?;
    Ok(objects)
}

/// Adds the objects of object streams under their own numbers, and under those by which the table of the file calls them.
fn add_streams(objects: &mut Objects, document: &Document, streams: Vec<(u32, Vec<u8>, Option<usize>)>) -> Result<(), FileError> {
    let mut listed: HashMap<u32, Vec<(u32, usize)>> = HashMap::new();
    for (number, entry) in &document.reference_table.entries {
        if let XrefEntry::Compressed { container, index } = entry {
            listed.entry(*container).or_default().push((*number, usize::from(*index)));
        }
    }
    for (container, content, first) in streams {
        let members = first.and_then(|first| objects_in_stream(&content, first)).ok_or(FileError::Torn)?;
        for (number, index) in listed.get(&container).into_iter().flatten() {
            if let Some((other, node)) = members.get(*index)
                && other != number
            {
                objects.entry(*number).or_default().push(node.clone());
            }
        }
        for (number, node) in members {
            objects.entry(number).or_default().push(node);
        }
    }
    Ok(())
}

fn first_of(node: &Node) -> Option<usize> {
    node.integer(b"First").and_then(|first| usize::try_from(first).ok())
}

/// The decompressed content of an object stream.
fn content_of(node: &Node, data: &[u8]) -> Result<Vec<u8>, FileError> {
    let mut dictionary = Dictionary::new();
    for (key, value) in node.entries() {
        dictionary.set(key.clone(), object_of(value));
    }
    Stream::new(dictionary, data.to_vec()).get_plain_content_with_limit(DECOMPRESSED).map_err(|_| FileError::Torn)
}

fn object_of(node: &Node) -> Object {
    match node {
        Node::Dictionary(entries) => Object::Dictionary(entries.iter().map(|(key, value)| (key.clone(), object_of(value))).collect()),
        Node::Array(items) => Object::Array(items.iter().map(object_of).collect()),
        Node::Name(name) => Object::Name(name.clone()),
        Node::Integer(number) => Object::Integer(*number),
        Node::Reference(number) => Object::Reference((*number, 0)),
        Node::Text(_) | Node::Other => Object::Null,
    }
}

fn node_of(object: &Object) -> Node {
    let entries = |dictionary: &Dictionary| Node::Dictionary(dictionary.iter().map(|(key, value)| (key.clone(), node_of(value))).collect());
    match object {
        Object::Dictionary(dictionary) => entries(dictionary),
        Object::Stream(stream) => entries(&stream.dict),
        Object::Array(items) => Node::Array(items.iter().map(node_of).collect()),
        Object::Name(name) => Node::Name(name.clone()),
        Object::String(text, _) => Node::Text(text.clone()),
        Object::Integer(number) => Node::Integer(*number),
        Object::Reference((number, _)) => Node::Reference(*number),
        Object::Null | Object::Boolean(_) | Object::Real(_) => Node::Other,
    }
}

/// The node without its strings, which are encrypted.
fn without_texts(node: Node) -> Node {
    match node {
        Node::Text(_) => Node::Other,
        Node::Array(items) => Node::Array(items.into_iter().map(without_texts).collect()),
        Node::Dictionary(entries) => Node::Dictionary(entries.into_iter().map(|(key, value)| (key, without_texts(value))).collect()),
        node => node,
    }
}

/// The file up to its last end mark; a missing one is added.
fn with_end(bytes: &[u8]) -> Vec<u8> {
    let last = memmem::rfind(bytes, END);
    match last.map(|at| at + END.len()) {
        // Blanks and ends of lines stay, so that most files are stored as they are.
        Some(end) if bytes.get(end..).is_some_and(|rest| rest.iter().all(|byte| byte.is_ascii_whitespace())) => bytes.to_vec(),
        Some(end) => [bytes.get(..end).unwrap_or(bytes), b"\n"].concat(),
        None => [bytes, b"\n", END, b"\n"].concat(),
    }
}

#[cfg(test)]
mod tests;
