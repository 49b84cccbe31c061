//! PDF files without what names their author or owner beside the pages themselves.

mod content;
mod picture;

use std::collections::HashSet;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use crate::infra::file::pdf::{PdfBudget, load, plain_content};
use content::without_hidden_texts;
use picture::{jpeg_without_comments, jpeg2000_without_comments};

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
/// Entries of any dictionary that hold properties, or texts in place of what is shown.
const PROPERTIES: &[&[u8]] = &[b"Metadata", b"PieceInfo", b"LastModified", b"Alt", b"ActualText", b"E", b"AF"];

/// A PDF file without title, author and other properties (`/Info` and XMP), outlines, names, forms, signatures, and texts of annotations.
/// What its pages show is unchanged. `None` if the file cannot be read, so that nothing of it is shown.
pub fn without_properties(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut document = load(bytes).ok()?;
    document.encryption_state = None;
    document.trailer.remove(b"Info");
    keep_entries(document.catalog_mut().ok()?, CATALOG);
    let pages: Vec<ObjectId> = document.page_iter().collect();
    for page in &pages {
        let annotations = plain_annotations(&mut document, *page);
        let page = document.get_dictionary_mut(*page).ok()?;
        keep_entries(page, PAGE);
        page.set("Annots", annotations);
    }
    document.objects.retain(|_, object| !is_metadata(object));
    let layers = document.objects.iter().filter(|(_, object)| is_layer(object)).map(|(id, _)| *id).collect();
    document.objects.values_mut().try_for_each(|object| clean(object, &layers))?;
    clean_contents(&mut document, &pages)?;
    // What nothing refers to any more would still stand in the file.
    document.prune_objects();
    let mut written = Vec::new();
    document.save_to(&mut written).ok()?;
    Some(written)
}

/// Cleans what draws pages, forms, patterns, appearances of annotations, and letters of drawn fonts. A page gets one stream of content, as
/// an instruction may stand in two of them.
fn clean_contents(document: &mut Document, pages: &[ObjectId]) -> Option<()> {
    let mut budget = PdfBudget::for_content();
    for page in pages {
        let parts = document.get_page_contents(*page).into_iter();
        let parts = parts.map(|id| plain_content(document.get_object(id).ok()?.as_stream().ok()?, &mut budget).ok());
        let content = parts.collect::<Option<Vec<Vec<u8>>>>()?.join(&b"\n"[..]);
        let content = document.add_object(compressed(Dictionary::new(), without_hidden_texts(&content)?));
        document.get_dictionary_mut(*page).ok()?.set("Contents", content);
    }
    let mut drawings = HashSet::new();
    for (id, object) in &document.objects {
        if let Object::Stream(stream) = object
            && (stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Form") || stream.dict.has(b"PatternType"))
        {
            drawings.insert(*id);
        }
        add_drawings(object, &mut drawings);
    }
    // The states of an appearance may stand in an object of their own.
    let states: Vec<Object> = drawings.iter().filter_map(|id| document.objects.get(id)).filter(|o| o.as_dict().is_ok()).cloned().collect();
    states.iter().for_each(|state| add_references(state, &mut drawings));
    for id in drawings {
        if let Some(Object::Stream(stream)) = document.objects.get_mut(&id) {
            let content = without_hidden_texts(&plain_content(stream, &mut budget).ok()?)?;
            *stream = compressed(std::mem::take(&mut stream.dict), content);
        }
    }
    Some(())
}

/// The streams that a dictionary names as appearances of an annotation or letters of a font.
fn add_drawings(object: &Object, drawings: &mut HashSet<ObjectId>) {
    match object {
        Object::Array(items) => items.iter().for_each(|item| add_drawings(item, drawings)),
        Object::Dictionary(entries) | Object::Stream(Stream { dict: entries, .. }) => {
            for (key, value) in entries {
                if matches!(key.as_slice(), b"AP" | b"CharProcs") {
                    add_references(value, drawings);
                }
                add_drawings(value, drawings);
            }
        }
        _ => {}
    }
}

fn add_references(object: &Object, found: &mut HashSet<ObjectId>) {
    match object {
        Object::Reference(id) => {
            found.insert(*id);
        }
        Object::Dictionary(entries) => entries.iter().for_each(|(_, value)| add_references(value, found)),
        _ => {}
    }
}

/// A stream of this content, whose dictionary said how it was encoded before.
fn compressed(mut dictionary: Dictionary, content: Vec<u8>) -> Stream {
    dictionary.remove(b"Filter");
    dictionary.remove(b"DecodeParms");
    let mut stream = Stream::new(dictionary, content);
    // Without compression it says the same.
    let _ = stream.compress();
    stream
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

/// Removes the properties of a picture. `None` if they cannot be reached.
fn clean_picture(stream: &mut Stream) -> Option<()> {
    if !stream.dict.has(b"Filter") {
        return Some(());
    }
    let plain = match stream.filters().ok()?.as_slice() {
        [b"DCTDecode" | b"DCT"] => jpeg_without_comments(&stream.content),
        [b"JPXDecode"] => jpeg2000_without_comments(&stream.content)?,
        // Another encoding stands around the picture.
        filters if filters.iter().any(|filter| matches!(*filter, b"DCTDecode" | b"DCT" | b"JPXDecode")) => return None,
        _ => return Some(()),
    };
    stream.set_content(plain);
    Some(())
}

/// Removes properties from an object, at any depth. `None` if it holds some that cannot be reached.
fn clean(object: &mut Object, layers: &HashSet<ObjectId>) -> Option<()> {
    let dictionary = match object {
        Object::Array(items) => return items.iter_mut().try_for_each(|item| clean(item, layers)),
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => {
            clean_picture(stream)?;
            &mut stream.dict
        }
        _ => return Some(()),
    };
    for key in PROPERTIES {
        dictionary.remove(key);
    }
    // Of the properties of marked content, layers decide what is shown.
    if let Ok(properties) = dictionary.get_mut(b"Properties") {
        match properties {
            Object::Dictionary(named) => {
                *named = std::mem::take(named)
                    .into_iter()
                    .filter(|(_, value)| value.as_reference().is_ok_and(|id| layers.contains(&id)))
                    .collect();
            }
            other => *other = Object::Dictionary(Dictionary::new()),
        }
    }
    // Layers must have a name.
    if dictionary.has_type(b"OCG") {
        dictionary.set("Name", Object::string_literal(""));
    }
    dictionary.iter_mut().try_for_each(|(_, value)| clean(value, layers))
}

fn is_layer(object: &Object) -> bool {
    object.as_dict().is_ok_and(|dictionary| dictionary.has_type(b"OCG") || dictionary.has_type(b"OCMD"))
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
        assert!(text.contains("0 0 9 9 re\nS") && text.contains("DCTDecode") && text.contains("Widget"), "{text}");
    }

    #[test]
    fn a_picture_is_cleaned_however_its_encoding_is_written_or_the_file_is_not_shown() {
        let written = without_properties(&named_with("/Filter[/DCTDecode]")).unwrap();
        assert!(!String::from_utf8_lossy(&written).contains("OUYANG"));
        for unreachable in ["/Filter[/ASCIIHexDecode/DCTDecode]", "/Filter 12 0 R", "/Filter[12 0 R]"] {
            assert_eq!(without_properties(&named_with(unreachable)), None, "{unreachable}");
        }
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

    /// A page with this content and these resources, and one more stream with its dictionary.
    fn page(content: &str, resources: &str, more: (&str, &[u8])) -> Vec<u8> {
        let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Resources<<{resources}>>/Contents[4 0 R]>>");
        pdf_of_objects(
            &[
                (b"<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>>>", None),
                (b"<</Type/Pages/Kids[3 0 R]/Count 1>>", None),
                (page.as_bytes(), None),
                (b"<<", Some(content.as_bytes())),
                (more.0.as_bytes(), Some(more.1)),
                (b"<</Type/OCG/Name(OUYANG)>>", None),
            ],
            "",
        )
    }

    #[test]
    fn texts_inside_the_content_of_pages_forms_and_fonts_are_left_out() {
        let hidden = "/Span<</ActualText(OUYANG)>>BDC 0 0 9 9 re S EMC % OUYANG\n";
        for (resources, head) in [
            ("/XObject<</F 5 0 R>>", "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]"),
            ("/Pattern<</P 5 0 R>>", "<</PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9/Resources<<>>"),
            ("/Font<</F<</Type/Font/Subtype/Type3/CharProcs<</a 5 0 R>>>>>>", "<<"),
        ] {
            let written = without_properties(&page(hidden, resources, (head, hidden.as_bytes()))).unwrap();
            let text = String::from_utf8_lossy(&written);
            assert!(!text.contains("OUYANG") && text.matches("0 0 9 9 re").count() == 2, "{head}: {text}");
        }
    }

    #[test]
    fn a_hidden_layer_stays_hidden() {
        let written = without_properties(&page("/OC/L BDC S EMC", "/Properties<</L 6 0 R/X<</T(OUYANG)>>>>", ("<<", b""))).unwrap();
        let text = String::from_utf8_lossy(&written);
        assert!(!text.contains("OUYANG") && text.contains("/OC /L BDC") && text.contains("/OFF"), "{text}");
        assert!(text.contains("/Properties<</L"), "{text}");
    }

    #[test]
    fn a_jpeg_2000_picture_that_cannot_be_cleaned_is_not_shown() {
        let head = "<</Type/XObject/Subtype/Image/Width 1/Height 1/Filter/JPXDecode";
        let broken = page("S", "/XObject<</I 5 0 R>>", (head, b"\0\0\0\x0CjP  OUYANG"));
        assert_eq!(without_properties(&broken), None);
        let whole = page("S", "/XObject<</I 5 0 R>>", (head, b"\0\0\0\x0Exml OUYANG"));
        assert!(!String::from_utf8_lossy(&without_properties(&whole).unwrap()).contains("OUYANG"));
    }

    #[test]
    fn pages_that_draw_one_large_content_again_and_again_are_not_shown() {
        let drawing = page("S", "/XObject<</F 5 0 R>>", ("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]", &vec![b' '; 1 << 20]));
        assert!(without_properties(&drawing).is_some());
        let again = "5 0 R ".repeat(70);
        let often = String::from_utf8(drawing).unwrap().replace("/Contents[4 0 R]", &format!("/Contents[{again}]"));
        let table = often.find("xref\n").unwrap();
        let often = format!("{}startxref\n{table}\n%%EOF\n", &often[..often.find("startxref").unwrap()]);
        let (_, repaired) = crate::infra::file::sanitize(often.into_bytes()).unwrap();
        assert_eq!(without_properties(&repaired), None);
    }

    #[test]
    fn documents_that_are_taken_can_be_shown_to_blind_readers() {
        for file in crate::infra::file::corpus::taken().into_iter().filter(|file| file.media == crate::infra::file::MediaType::Pdf) {
            let (_, stored) = crate::infra::file::sanitize(file.bytes).unwrap();
            assert!(without_properties(&stored).is_some(), "{}", file.about);
        }
    }
}
