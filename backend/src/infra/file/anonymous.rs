//! PDF files without what names their author or owner beside the pages themselves.

use lopdf::{Dictionary, Document, Object, ObjectId};

use crate::infra::file::pdf::load;

/// Entries of the catalog that a reader needs to show pages. Left out are, among others, outlines, names, forms and signatures.
const CATALOG: &[&[u8]] = &[b"Type", b"Pages", b"Version", b"PageLayout", b"PageMode", b"OCProperties"];
/// Entries of a page.
const PAGE: &[&[u8]] = &[
    b"Type",
    b"Parent",
    b"Resources",
    b"MediaBox",
    b"CropBox",
    b"BleedBox",
    b"TrimBox",
    b"ArtBox",
    b"Rotate",
    b"UserUnit",
    b"Contents",
    b"Annots",
    b"Group",
];
/// Entries of an annotation: where it stands and what it looks like. Left out are, among others, author, text, field names and values,
/// and links.
const ANNOTATION: &[&[u8]] = &[
    b"Type",
    b"Subtype",
    b"Rect",
    b"AP",
    b"AS",
    b"F",
    b"BS",
    b"Border",
    b"C",
    b"IC",
    b"QuadPoints",
    b"InkList",
    b"L",
    b"Vertices",
    b"FT",
    b"OC",
];
/// Entries of any dictionary that hold properties, or texts in place of what is shown; `Properties` are those of marked content.
const PROPERTIES: &[&[u8]] = &[b"Metadata", b"PieceInfo", b"LastModified", b"Alt", b"ActualText", b"E", b"AF", b"Properties"];

/// A PDF file without title, author and other properties (`/Info` and XMP), outlines, names, forms, signatures, and texts of annotations.
/// What its pages show is unchanged. `None` if the file cannot be read, so that nothing of it is shown.
pub fn without_properties(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut document = load(bytes).ok()?;
    document.encryption_state = None;
    document.trailer.remove(b"Info");
    keep_entries(document.catalog_mut().ok()?, CATALOG);
    let pages: Vec<ObjectId> = document.page_iter().collect();
    for page in pages {
        let annotations = plain_annotations(&mut document, page);
        let page = document.get_dictionary_mut(page).ok()?;
        keep_entries(page, PAGE);
        page.set("Annots", annotations);
    }
    document.objects.retain(|_, object| !is_metadata(object));
    // The properties of a JPEG inside another encoding cannot be reached.
    if document.objects.values().any(|object| object.as_stream().is_ok_and(|stream| holds_jpeg(&stream.dict) == Some(false))) {
        return None;
    }
    document.objects.values_mut().for_each(clean);
    // What nothing refers to any more would still stand in the file.
    document.prune_objects();
    let mut written = Vec::new();
    document.save_to(&mut written).ok()?;
    Some(written)
}

fn keep_entries(dictionary: &mut Dictionary, kept: &[&[u8]]) {
    let left_out: Vec<Vec<u8>> = dictionary.iter().map(|(key, _)| key.clone()).filter(|key| !kept.contains(&key.as_slice())).collect();
    for key in left_out {
        dictionary.remove(&key);
    }
}

/// The annotations of a page, without what they say.
fn plain_annotations(document: &mut Document, page: ObjectId) -> Vec<Object> {
    let items = document.get_dictionary(page).and_then(|page| page.get_deref(b"Annots", document)).and_then(Object::as_array);
    let mut items = items.cloned().unwrap_or_default();
    for item in &mut items {
        let annotation = match item {
            Object::Reference(id) => document.get_dictionary_mut(*id).ok(),
            direct => direct.as_dict_mut().ok(),
        };
        if let Some(annotation) = annotation {
            keep_entries(annotation, ANNOTATION);
        }
    }
    items
}

/// Whether the content of a stream is a JPEG: `Some(true)` as it stands, `Some(false)` under another encoding.
fn holds_jpeg(stream: &Dictionary) -> Option<bool> {
    let filters = match stream.get(b"Filter") {
        Ok(Object::Array(filters)) => filters.as_slice(),
        Ok(filter) => std::slice::from_ref(filter),
        Err(_) => return None,
    };
    let is_jpeg = |filter: &Object| filter.as_name().is_ok_and(|name| name == b"DCTDecode" || name == b"DCT");
    filters.iter().any(is_jpeg).then_some(filters.len() == 1)
}

/// Removes properties from an object, at any depth.
fn clean(object: &mut Object) {
    let dictionary = match object {
        Object::Array(items) => return items.iter_mut().for_each(clean),
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => {
            if holds_jpeg(&stream.dict) == Some(true) {
                let plain = without_comments(&stream.content);
                stream.set_content(plain);
            }
            &mut stream.dict
        }
        _ => return,
    };
    for key in PROPERTIES {
        dictionary.remove(key);
    }
    // Layers must have a name.
    if dictionary.has_type(b"OCG") {
        dictionary.set("Name", Object::string_literal(""));
    }
    dictionary.iter_mut().for_each(|(_, value)| clean(value));
}

/// A JPEG without Exif, XMP and comments; the segments that say how its colours are read stay.
fn without_comments(jpeg: &[u8]) -> Vec<u8> {
    let (mut plain, mut at) = (jpeg.get(..2).unwrap_or(jpeg).to_vec(), 2);
    while let Some([0xFF, marker, high, low]) = jpeg.get(at..at + 4).and_then(|head| <[u8; 4]>::try_from(head).ok()) {
        let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
        if marker == 0xDA || end > jpeg.len() {
            break;
        }
        if !matches!(marker, 0xE1 | 0xE3..=0xED | 0xEF | 0xFE) {
            plain.extend_from_slice(jpeg.get(at..end).unwrap_or_default());
        }
        at = end;
    }
    plain.extend_from_slice(jpeg.get(at..).unwrap_or_default());
    plain
}

fn is_metadata(object: &Object) -> bool {
    matches!(object, Object::Stream(stream) if stream.dict.has_type(b"Metadata"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::file::testing::{jpeg, pdf_of_objects};

    /// A file with a name wherever one can stand beside the page.
    fn named() -> Vec<u8> {
        named_with("/Filter/DCTDecode")
    }

    fn named_with(filter: &str) -> Vec<u8> {
        let comment = [b"\xFF\xFE\0\x08OUYANG".to_vec(), b"\xFF\xE1\0\x08OUYANG".to_vec()].concat();
        let picture = jpeg(8, 8);
        let picture = [&picture[..2], &comment, &picture[2..]].concat();
        let picture_head = format!("<</Type/XObject/Subtype/Image/Width 8/Height 8/BitsPerComponent 8/ColorSpace/DeviceRGB{filter}");
        pdf_of_objects(
            &[
                (b"<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R/Outlines 7 0 R/Names<</Dests<</Names[(OUYANG)[3 0 R/Fit]]>>>>/Lang(OUYANG)/AcroForm<</Fields[9 0 R]>>/OCProperties<</OCGs[11 0 R]/D<<>>>>>>", None),
                (b"<</Type/Pages/Kids[3 0 R]/Count 1>>", None),
                (b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Resources<</XObject<</I 10 0 R>>>>/Contents 6 0 R/Annots[9 0 R<</Subtype/Text/Rect[0 0 1 1]/T(OUYANG)/Contents(OUYANG)>>]/PieceInfo<</App<</Private(OUYANG)>>>>>>", None),
                (b"<</Title(OUYANG)/Author(OUYANG)/Producer(x)>>", None),
                (b"<</Type/Metadata/Subtype/XML", Some(b"OUYANG")),
                (b"<<", Some(b"0 0 9 9 re S")),
                (b"<</Type/Outlines/First 8 0 R/Last 8 0 R>>", None),
                (b"<</Title(OUYANG)/Parent 7 0 R>>", None),
                (b"<</Type/Annot/Subtype/Widget/FT/Sig/T(OUYANG)/TU(OUYANG)/V<</Name(OUYANG)>>/Rect[0 0 9 9]>>", None),
                (picture_head.as_bytes(), Some(&picture)),
                (b"<</Type/OCG/Name(OUYANG)>>", None),
            ],
            "/Info 4 0 R",
        )
    }

    #[test]
    fn no_name_beside_the_page_is_left_and_the_page_stays() {
        assert!(String::from_utf8_lossy(&named()).contains("OUYANG"));
        let written = without_properties(&named()).unwrap();
        let document = Document::load_mem(&written).unwrap();
        assert_eq!(document.get_pages().len(), 1);
        assert!(!format!("{document:?}").contains("OUYANG") && !String::from_utf8_lossy(&written).contains("OUYANG"));
        let text = String::from_utf8_lossy(&written);
        assert!(text.contains("0 0 9 9 re S") && text.contains("DCTDecode") && text.contains("Widget"), "{text}");
    }

    #[test]
    fn a_picture_is_cleaned_however_its_encoding_is_written_or_the_file_is_not_shown() {
        let written = without_properties(&named_with("/Filter[/DCTDecode]")).unwrap();
        assert!(!String::from_utf8_lossy(&written).contains("OUYANG"));
        assert_eq!(without_properties(&named_with("/Filter[/ASCIIHexDecode/DCTDecode]")), None);
    }

    #[test]
    fn properties_of_marked_content_are_left_out() {
        let properties = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Resources<</Properties<</P<</Title(OUYANG)>>>>>>/Contents 4 0 R>>";
        let file = pdf_of_objects(
            &[
                (b"<</Type/Catalog/Pages 2 0 R>>", None),
                (b"<</Type/Pages/Kids[3 0 R]/Count 1>>", None),
                (properties, None),
                (b"<<", Some(b"0 0 9 9 re S")),
            ],
            "",
        );
        assert!(!String::from_utf8_lossy(&without_properties(&file).unwrap()).contains("OUYANG"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_shown() {
        assert_eq!(without_properties(b"%PDF-1.4\nOUYANG\n%%EOF"), None);
    }
}
