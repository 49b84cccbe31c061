//! Documents whose table of objects is missing or wrong, such as after an end of line was changed or the last line is lost.

use std::collections::BTreeMap;

use lopdf::{Document, Object, ObjectStream};

use super::lexer::{Node, Scan};

/// Maximum size of one decompressed object stream, in bytes.
pub const DECOMPRESSED: usize = 32 << 20;
/// The mark at the end of a document.
pub const END: &[u8] = b"%%EOF";

/// The file with a table of the objects that were found in it, the last version of each. `None` without a catalog.
pub fn with_table(bytes: &[u8], found: &Scan) -> Option<Vec<u8>> {
    let last = |key: &[u8]| {
        let values = found.trailers.iter().flat_map(|trailer| trailer.entries()).filter(|(own, _)| own == key);
        values.filter_map(|(_, value)| if let Node::Reference(number) = value { Some(*number) } else { None }).next_back()
    };
    let catalog = found.objects.iter().filter(|object| object.node.as_ref().is_some_and(|node| node.is_named(b"Type", b"Catalog")));
    let root = last(b"Root").or_else(|| catalog.map(|object| object.number).next_back())?;
    let encrypted = found.trailers.iter().any(|trailer| trailer.values(b"Encrypt").next().is_some());
    // The parts of a key that stand in the trailer would have to be written again.
    if encrypted {
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
    written.extend_from_slice(format!("trailer<</Size {size}/Root {root} 0 R{info}>>\nstartxref\n{table}\n").as_bytes());
    written.extend_from_slice(END);
    written.push(b'\n');
    Some(written)
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
            for (id, object) in ObjectStream::new_with_limit(&mut stream, Some(DECOMPRESSED)).ok()?.objects {
                document.objects.entry(id).or_insert(object);
            }
        }
    }
    document.max_id = document.objects.keys().map(|(number, _)| *number).max().unwrap_or(0);
    let mut written = Vec::new();
    document.save_to(&mut written).ok()?;
    Some(written)
}
