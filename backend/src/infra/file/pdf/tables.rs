//! What the tables of a file make the library read, measured before it loads the file: it opens each table and each object stream at a
//! limit of its own, reads an object as often as tables name it, and reserves what the widths of a table ask for.

use std::collections::{BTreeMap, HashMap};

use lopdf::{Dictionary, Object, Stream};
use memchr::memmem::rfind;

use super::budget::PdfBudget;
use super::lexer::{Found, Node, first_of, integers_at, object_at, objects_in_stream, trailer_after};
use crate::infra::file::error::FileError;

/// Maximum number of tables that are read for one file.
const TABLES: usize = 256;
/// Maximum bytes of a number in a table.
const WIDTH: i64 = 8;
/// The library looks for the end of the file, and for the start of its table, in so many bytes.
const END_WITHIN: usize = 512;
const START_WITHIN: usize = 25;

/// Where a table says that an object is.
enum Place {
    At(usize),
    In(u32),
}

/// Measures what loading a file costs, and returns whether it is encrypted; what its object streams hold is then not known yet.
///
/// # Errors
/// [`FileError::Inflated`] if it costs too much, [`FileError::Torn`] if its tables cannot be followed.
pub fn measure(bytes: &[u8]) -> Result<bool, FileError> {
    let mut budget = PdfBudget::for_structure();
    // A file names each of its objects once; some are read again for the length of a stream.
    let mut read = bytes.len().saturating_mul(2).saturating_add(1 << 20);
    let FileTables { places, encrypted } = read_tables(bytes, &mut budget, &mut read)?;
    let mut containers: HashMap<u32, usize> = HashMap::new();
    let mut lengths = Vec::new();
    for (number, place) in &places {
        let Place::At(offset) = place else { continue };
        let Some(object) = object_at(bytes, *offset, budget.parts()) else {
            budget.check()?;
            continue;
        };
        take_read(&mut read, object.end.saturating_sub(*offset))?;
        let (Some(node), Some(data)) = (&object.node, &object.stream) else { continue };
        lengths.extend(node.values(b"Length").filter_map(|value| if let Node::Reference(number) = value { Some(*number) } else { None }));
        if node.is_named(b"Type", b"ObjStm") {
            let before = budget.bytes();
            match inflated(node, bytes.get(data.clone()).unwrap_or_default(), &mut budget) {
                Ok(content) => measure_members(&content, node, &mut budget)?,
                // The library passes over it as well.
                Err(FileError::Torn) => {}
                Err(error) => return Err(error),
            }
            containers.insert(*number, before - budget.bytes());
        }
    }
    for number in lengths {
        if let Some(Place::In(container)) = places.get(&number) {
            budget.take(containers.get(container).copied().unwrap_or(0))?;
        }
    }
    Ok(encrypted)
}

/// Takes what reading the objects of an object stream costs.
///
/// # Errors
/// [`FileError::Inflated`] if it costs more than is left.
pub fn measure_members(content: &[u8], node: &Node, budget: &mut PdfBudget) -> Result<(), FileError> {
    match first_of(node).map(|first| objects_in_stream(content, first, budget)) {
        Some(Err(FileError::Inflated)) => Err(FileError::Inflated),
        _ => Ok(()),
    }
}

/// The content of a stream, taken from the budget.
///
/// # Errors
/// [`FileError::Inflated`] if it is larger than what is left; [`FileError::Torn`] if it cannot be decompressed.
pub fn inflated(node: &Node, data: &[u8], budget: &mut PdfBudget) -> Result<Vec<u8>, FileError> {
    let mut dictionary = Dictionary::new();
    for (key, value) in node.entries() {
        dictionary.set(key.clone(), object_of(value));
    }
    plain_content(&Stream::new(dictionary, data.to_vec()), budget)
}

/// The same of a stream that was loaded.
pub fn plain_content(stream: &Stream, budget: &mut PdfBudget) -> Result<Vec<u8>, FileError> {
    let content = stream.get_plain_content_with_limit(budget.bytes()).map_err(|error| match error {
        lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => FileError::Inflated,
        _ => FileError::Torn,
    })?;
    budget.take_bytes(content.len())?;
    Ok(content)
}

/// What the tables of a file say.
struct FileTables {
    places: BTreeMap<u32, Place>,
    encrypted: bool,
}

/// Reads all tables, newer ones before older ones.
fn read_tables(bytes: &[u8], budget: &mut PdfBudget, read: &mut usize) -> Result<FileTables, FileError> {
    let (mut places, mut encrypted) = (BTreeMap::new(), false);
    let (mut pending, mut tables) = (vec![table_start(bytes).ok_or(FileError::Torn)?], 0);
    while let Some(start) = pending.pop() {
        tables += 1;
        if tables > TABLES {
            return Err(FileError::Inflated);
        }
        let rest = bytes.get(start..).ok_or(FileError::Torn)?;
        let trailer = if rest.starts_with(b"xref") {
            plain_table(bytes, start, budget, read, &mut places)?
        } else {
            let object = object_at(bytes, start, budget.parts()).ok_or(FileError::Torn)?;
            take_read(read, object.end - start)?;
            table_stream(bytes, &object, budget, &mut places)?
        };
        budget.check()?;
        encrypted |= trailer.values(b"Encrypt").next().is_some();
        for key in [&b"Prev"[..], b"XRefStm"] {
            for value in trailer.values(key) {
                if let Node::Integer(at) = value {
                    let at = usize::try_from(*at).map_err(|_| FileError::Torn)?;
                    // One that leads back is not followed again by the library; one that is named often counts as often.
                    pending.push(at);
                }
            }
        }
    }
    Ok(FileTables { places, encrypted })
}

/// Where the newest table stands, found as the library finds it.
fn table_start(bytes: &[u8]) -> Option<usize> {
    let tail = bytes.len().saturating_sub(END_WITHIN);
    let end = tail + rfind(bytes.get(tail..)?, b"%%EOF")?;
    let from = end.checked_sub(START_WITHIN)?;
    let word = from + rfind(bytes.get(from..end)?, b"startxref")?;
    integers_at(bytes, word + b"startxref".len()).first().and_then(|(at, _)| usize::try_from(*at).ok())
}

/// The trailer of a table in text, whose objects are added.
fn plain_table(
    bytes: &[u8],
    start: usize,
    budget: &mut PdfBudget,
    read: &mut usize,
    places: &mut BTreeMap<u32, Place>,
) -> Result<Node, FileError> {
    let mut at = start + b"xref".len();
    loop {
        let head = integers_at(bytes, at);
        let [(first, _), (count, end)] =
            head.get(..2).and_then(|pair| <&[_; 2]>::try_from(pair).ok()).copied().unwrap_or([(0, at), (-1, at)]);
        if count < 0 {
            break;
        }
        at = end;
        for index in 0..count {
            let entry = integers_at(bytes, at);
            let (Some((offset, _)), Some((_, end))) = (entry.first(), entry.get(1)) else { break };
            let Some(kind) = bytes.get(*end..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'n' | b'f'))) else { break };
            if bytes.get(end + kind) == Some(&b'n')
                && let (Ok(number), Ok(offset)) = (u32::try_from(first.saturating_add(index)), usize::try_from(*offset))
            {
                places.entry(number).or_insert(Place::At(offset));
            }
            at = end + kind + 1;
        }
    }
    let (trailer, end) = trailer_after(bytes, at, budget.parts()).ok_or(FileError::Torn)?;
    take_read(read, end - start)?;
    Ok(trailer)
}

/// The dictionary of a table that is a stream, whose objects are added.
fn table_stream(bytes: &[u8], object: &Found, budget: &mut PdfBudget, places: &mut BTreeMap<u32, Place>) -> Result<Node, FileError> {
    let (Some(node), Some(data)) = (&object.node, &object.stream) else { return Err(FileError::Torn) };
    let widths = widths_of(node).ok_or(FileError::Torn)?;
    let content = inflated(node, bytes.get(data.clone()).unwrap_or_default(), budget)?;
    let sections = match node.values(b"Index").next() {
        Some(Node::Array(items)) => items.iter().map(|item| if let Node::Integer(n) = item { *n } else { 0 }).collect(),
        _ => vec![0, node.integer(b"Size").unwrap_or(0)],
    };
    let mut rows = content.chunks_exact(widths.iter().sum());
    for &[first, count] in sections.as_chunks::<2>().0 {
        for (index, row) in (0..count).zip(&mut rows) {
            *budget.parts() = budget.parts().saturating_sub(1);
            let mut row = row;
            let mut number = |width: usize| {
                let (value, rest) = row.split_at_checked(width).unwrap_or((row, &[]));
                row = rest;
                value.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
            };
            let [kind, place, _] = widths.map(&mut number);
            let place = match (if widths.first() == Some(&0) { 1 } else { kind }, usize::try_from(place), u32::try_from(place)) {
                (1, Ok(offset), _) => Place::At(offset),
                (2, _, Ok(container)) => Place::In(container),
                _ => continue,
            };
            if let Ok(number) = u32::try_from(first.saturating_add(index)) {
                places.entry(number).or_insert(place);
            }
        }
        budget.check()?;
    }
    Ok(node.clone())
}

/// The widths of the columns of a table. `None` if one is not usual, or if a row is empty, of which a table may have any number.
fn widths_of(node: &Node) -> Option<[usize; 3]> {
    let mut all = node.values(b"W").map(|value| {
        let Node::Array(items) = value else { return None };
        let widths: Option<Vec<usize>> = items
            .iter()
            .map(|item| match item {
                Node::Integer(width @ 0..=WIDTH) => usize::try_from(*width).ok(),
                _ => None,
            })
            .collect();
        <[usize; 3]>::try_from(widths?.get(..3)?).ok().filter(|widths| widths.iter().sum::<usize>() > 0)
    });
    let widths = all.next()??;
    // A key that occurs twice is read differently by the library.
    all.next().is_none().then_some(widths)
}

fn take_read(read: &mut usize, bytes: usize) -> Result<(), FileError> {
    *read = read.checked_sub(bytes).ok_or(FileError::Inflated)?;
    Ok(())
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
