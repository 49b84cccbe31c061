//! Checks of uploaded PDFs: taken if and only if it opens without a password, has a page, and no reader can reach an action or an attached
//! file from its trailers.
//!
//! The document is parsed, so the bytes of scans and the words of a text are never taken for names, and names written with `#xx` or in object
//! streams are recognised. Where readers may see different things — a key that occurs twice, an object in several versions, a second table —
//! all of them are judged. Links to click that lead to a page or a message are usual in certificates and pass; what opens by itself does not.

mod budget;
mod judge;
mod lexer;
mod repair;
mod tables;

use std::collections::{HashMap, HashSet};

use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, LoadOptions, Object};
use memchr::memmem;

use crate::infra::file::error::FileError;
pub(super) use budget::PdfBudget;
use judge::{Objects, judge};
use lexer::{Node, Scan, first_of, object_at, objects_in_stream, scan};
pub(super) use lexer::{is_blank, is_regular};
use repair::END;
pub(super) use tables::plain_content;
use tables::{inflated, measure, measure_members};

/// Checks a PDF that begins with its header, and returns it as it is stored: without what stands after its end, and with a table of its
/// objects if its own cannot be used.
///
/// # Errors
/// [`FileError::Torn`], [`FileError::NoPage`], [`FileError::NotADocument`], [`FileError::WrappedPicture`] if it cannot be read; [`FileError::Inflated`]
/// if reading it costs too much; [`FileError::Encrypted`], [`FileError::ActiveContent`], [`FileError::Attachment`].
pub fn accept_pdf(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
    let ended = with_end(bytes);
    let found = scanned(&ended)?;
    if found.objects.is_empty() {
        let picture = memmem::find(&ended, b"\xFF\xD8\xFF").is_some();
        return Err(if picture { FileError::WrappedPicture } else { FileError::NotADocument });
    }
    match load(&ended) {
        Ok(document) => {
            check(&ended, &document, &found)?;
            Ok(ended)
        }
        Err(error @ (FileError::Encrypted | FileError::Inflated)) => Err(error),
        Err(_) => repaired(&ended, &found),
    }
}

fn scanned(bytes: &[u8]) -> Result<Scan, FileError> {
    let mut budget = PdfBudget::for_structure();
    let found = scan(bytes, budget.parts());
    budget.check()?;
    Ok(found)
}

/// The file with a new table of its objects, if all that it refers to is there.
fn repaired(bytes: &[u8], found: &Scan) -> Result<Vec<u8>, FileError> {
    let repaired = repair::with_table(bytes, found, false).ok_or(FileError::Torn)?;
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
    check(&written, &document, &scanned(&written)?)?;
    Ok(written)
}

/// Loads a document that opens without a password, if that does not cost too much.
pub(super) fn load(bytes: &[u8]) -> Result<Document, FileError> {
    if measure(bytes)? {
        measure_decrypted(bytes)?;
    }
    load_measured(bytes)
}

fn load_measured(bytes: &[u8]) -> Result<Document, FileError> {
    let options = LoadOptions { max_decompressed_size: Some(PdfBudget::for_structure().bytes()), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) | lopdf::Error::UnsupportedSecurityHandler(_) => FileError::Encrypted,
        _ => FileError::Torn,
    })?;
    // It is removed from the trailer of a document that was opened.
    if document.trailer.has(b"Encrypt") { Err(FileError::Encrypted) } else { Ok(document) }
}

/// Measures the object streams of an encrypted file. Under a table that names only what stands in the file itself, the library decrypts
/// them and does not open them.
fn measure_decrypted(bytes: &[u8]) -> Result<(), FileError> {
    let found = scanned(bytes)?;
    if !found.objects.iter().filter_map(|object| object.node.as_ref()).any(|node| node.is_named(b"Type", b"ObjStm")) {
        return Ok(());
    }
    let plain = repair::with_table(bytes, &found, true).ok_or(FileError::Torn)?;
    measure(&plain)?;
    let document = load_measured(&plain)?;
    let mut budget = PdfBudget::for_structure();
    for object in document.objects.values() {
        if let Object::Stream(stream) = object
            && stream.dict.has_type(b"ObjStm")
        {
            measure_members(&plain_content(stream, &mut budget)?, &node_of(object), &mut budget)?;
        }
    }
    Ok(())
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

/// All objects of a file: those found in it, those at the places that its tables name, and those in object streams, of which one at a time
/// is decompressed.
fn objects_of(bytes: &[u8], document: &Document, found: &Scan) -> Result<Objects, FileError> {
    let decrypted = document.encryption_state.is_some();
    let plain = |node: Node| if decrypted { without_texts(node) } else { node };
    let (mut objects, mut budget, listed) = (Objects::new(), PdfBudget::for_structure(), listed_in(document));
    for object in &found.objects {
        let node = object.node.clone().map(plain);
        if let (Some(node), Some(data)) = (&node, &object.stream)
            && node.is_named(b"Type", b"ObjStm")
            && !decrypted
        {
            let content = inflated(node, bytes.get(data.clone()).unwrap_or_default(), &mut budget)?;
            add_members(&mut objects, listed.get(&object.number), members_of(&content, node, &mut budget)?);
        }
        objects.entry(object.number).or_default().push(node);
    }
    if decrypted {
        for (id, object) in &document.objects {
            let node = node_of(object);
            if let Object::Stream(stream) = object
                && stream.dict.has_type(b"ObjStm")
            {
                let content = plain_content(stream, &mut budget)?;
                add_members(&mut objects, listed.get(&id.0), members_of(&content, &node, &mut budget)?);
            }
            objects.entry(id.0).or_default().push(Some(node));
        }
    }
    let places: HashSet<(usize, u32)> = found.objects.iter().map(|object| (object.start, object.number)).collect();
    for (number, entry) in &document.reference_table.entries {
        if let XrefEntry::Normal { offset, .. } = entry
            && let Ok(offset) = usize::try_from(*offset)
            && !places.contains(&(offset, *number))
            && let Some(object) = object_at(bytes, offset, budget.parts())
        {
            budget.check()?;
            for number in [*number, object.number] {
                objects.entry(number).or_default().push(object.node.clone().map(plain));
            }
        }
    }
    Ok(objects)
}

/// The numbers by which the table of a file calls the objects of each object stream, and their places in it.
fn listed_in(document: &Document) -> HashMap<u32, Vec<(u32, usize)>> {
    let mut listed: HashMap<u32, Vec<(u32, usize)>> = HashMap::new();
    for (number, entry) in &document.reference_table.entries {
        if let XrefEntry::Compressed { container, index } = entry {
            listed.entry(*container).or_default().push((*number, usize::from(*index)));
        }
    }
    listed
}

fn members_of(content: &[u8], node: &Node, budget: &mut PdfBudget) -> Result<Vec<(u32, Option<Node>)>, FileError> {
    objects_in_stream(content, first_of(node).ok_or(FileError::Torn)?, budget)
}

/// Adds the objects of an object stream under their own numbers, and under those by which the table of the file calls them.
fn add_members(objects: &mut Objects, listed: Option<&Vec<(u32, usize)>>, members: Vec<(u32, Option<Node>)>) {
    for (number, index) in listed.into_iter().flatten() {
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
