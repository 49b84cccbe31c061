//! PDF files without the properties that name their author.

use lopdf::{Document, LoadOptions, Object};

use crate::infra::file::pdf::DECOMPRESSED;

/// Keys of a dictionary that hold properties of a document or of the program that wrote it.
const PROPERTIES: &[&[u8]] = &[b"Metadata", b"PieceInfo", b"LastModified"];

/// A PDF file without title, author and other properties (`/Info` and XMP). What its pages show is unchanged. `None` if the file cannot be
/// read, so that nothing of it is shown.
pub fn without_properties(bytes: &[u8]) -> Option<Vec<u8>> {
    let options = LoadOptions { max_decompressed_size: Some(DECOMPRESSED), ..LoadOptions::default() };
    let mut document = Document::load_mem_with_options(bytes, options).ok().filter(|document| !document.is_encrypted())?;
    document.trailer.remove(b"Info");
    document.objects.retain(|_, object| !is_metadata(object));
    for object in document.objects.values_mut() {
        let dictionary = match object {
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &mut stream.dict,
            _ => continue,
        };
        for key in PROPERTIES {
            dictionary.remove(key);
        }
    }
    // The dictionary of properties is an object that nothing refers to any more.
    document.prune_objects();
    let mut written = Vec::new();
    document.save_to(&mut written).ok()?;
    Some(written)
}

fn is_metadata(object: &Object) -> bool {
    matches!(object, Object::Stream(stream) if stream.dict.get(b"Type").and_then(Object::as_name).is_ok_and(|name| name == b"Metadata"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: &str = "%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 6 0 R/PieceInfo<</App<</Private(OUYANG)>>>>>>endobj
4 0 obj<</Title(OUYANG)/Author(OUYANG)/Producer(x)>>endobj
5 0 obj<</Type/Metadata/Subtype/XML/Length 6>>stream
OUYANG
endstream
endobj
6 0 obj<</Length 11>>stream
0 0 9 9 re S
endstream
endobj
trailer<</Root 1 0 R/Info 4 0 R/Size 7>>
%%EOF";

    /// The file with a table of its objects.
    fn named() -> Vec<u8> {
        let body = NAMED.split("trailer").next().unwrap();
        let offsets: String = (1..7).map(|n| format!("{:010} 00000 n \n", body.find(&format!("\n{n} 0 obj")).unwrap() + 1)).collect();
        let table = format!("xref\n0 7\n0000000000 65535 f \n{offsets}");
        format!("{body}{table}trailer<</Root 1 0 R/Info 4 0 R/Size 7>>\nstartxref\n{}\n%%EOF\n", body.len()).into_bytes()
    }

    #[test]
    fn author_title_and_other_properties_are_gone_and_the_page_stays() {
        assert!(String::from_utf8_lossy(&named()).contains("OUYANG"));
        let written = without_properties(&named()).unwrap();
        let document = Document::load_mem(&written).unwrap();
        assert_eq!(document.get_pages().len(), 1);
        assert!(!format!("{document:?}").contains("OUYANG") && !String::from_utf8_lossy(&written).contains("OUYANG"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_shown() {
        assert_eq!(without_properties(b"%PDF-1.4\nOUYANG\n%%EOF"), None);
    }
}
