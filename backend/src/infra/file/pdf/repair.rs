//! Documents whose table of objects is missing or wrong, such as after an end of line was changed or the last line is lost.

use std::collections::BTreeMap;

use lopdf::{Document, Object, ObjectStream};

use super::budget::PdfBudget;
use super::lexer::{Node, Scan};

/// The mark at the end of a document.
pub const END: &[u8] = b"%%EOF";

/// The file with a table of the objects that were found in it, the last version of each. `None` without a catalog, or if it is `encrypted`
/// against what is expected.
pub fn with_table(bytes: &[u8], found: &Scan, encrypted: bool) -> Option<Vec<u8>> {
    let last = |key: &[u8]| {
        let values = found.trailers.iter().flat_map(|trailer| trailer.entries()).filter(|(own, _)| own == key);
        values.filter_map(|(_, value)| if let Node::Reference(number) = value { Some(*number) } else { None }).next_back()
    };
    let catalog = found.objects.iter().filter(|object| object.node.as_ref().is_some_and(|node| node.is_named(b"Type", b"Catalog")));
    let root = last(b"Root").or_else(|| catalog.map(|object| object.number).next_back())?;
    let key = if encrypted { key_of(found)? } else { String::new() };
    if !encrypted && found.trailers.iter().any(|trailer| trailer.values(b"Encrypt").next().is_some()) {
        return None;
    }
    let places: BTreeMap<u32, usize> = found.objects.iter().map(|object| (object.number, object.start)).collect();
    let mut written = bytes.to_vec();
    let table = written.len();
    written.extend_from_slice(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, place) in &places {
        written.extend_from_slice(format!("{number} 1\n{place:010} 00000 n \n").as_bytes());
    }
    let size = places.last_key_value().map_or(0, |(number, _)| number.saturating_add(1));
    let info = last(b"Info").map_or_else(String::new, |info| format!("/Info {info} 0 R"));
    written.extend_from_slice(format!("trailer<</Size {size}/Root {root} 0 R{info}{key}>>\nstartxref\n{table}\n").as_bytes());
    written.extend_from_slice(END);
    written.push(b'\n');
    Some(written)
}

/// The parts of a key that stand in the trailer of an encrypted file. `None` if a reader might use others.
fn key_of(found: &Scan) -> Option<String> {
    let only = |key: &'static [u8]| {
        let mut values = found.trailers.iter().flat_map(move |trailer| trailer.values(key));
        let first = values.next()?;
        Some((first, values))
    };
    let (encryption, mut others) = only(b"Encrypt")?;
    let Node::Reference(number) = encryption else { return None };
    let versions = found.objects.iter().filter(|object| object.number == *number).count();
    let (id, mut other_ids) = only(b"ID")?;
    // Only the first part of an identity belongs to the key.
    let first_part = |id: &Node| if let Node::Array(parts) = id { parts.first().cloned() } else { None };
    if versions != 1 || !others.all(|other| other == encryption) || !other_ids.all(|other| first_part(other) == first_part(id)) {
        return None;
    }
    let Node::Text(text) = first_part(id)? else { return None };
    let text: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("/Encrypt {number} 0 R/ID[<{text}><{text}>]"))
}

/// The document written anew, with the objects of its object streams as objects of their own, which a plain table can name.
pub fn expanded(mut document: Document) -> Option<Vec<u8>> {
    let is_container =
        |object: &Object| matches!(object, Object::Stream(stream) if stream.dict.has_type(b"ObjStm") || stream.dict.has_type(b"XRef"));
    let (containers, plain): (Vec<_>, Vec<_>) =
        std::mem::take(&mut document.objects).into_iter().partition(|(_, object)| is_container(object));
    document.objects = plain.into_iter().collect();
    for (_, container) in containers {
        if let Object::Stream(mut stream) = container
            && stream.dict.has_type(b"ObjStm")
        {
            for (id, object) in ObjectStream::new_with_limit(&mut stream, Some(PdfBudget::for_structure().bytes())).ok()?.objects {
                document.objects.entry(id).or_insert(object);
            }
        }
    }
    document.max_id = document.objects.keys().map(|(number, _)| *number).max().unwrap_or(0);
    let mut written = Vec::new();
    document.save_to(&mut written).ok()?;
    Some(written)
}
