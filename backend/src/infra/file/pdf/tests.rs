//! Harmless documents pass and active ones do not, however their names are written.

use lopdf::{Document, Object, SaveOptions, dictionary};

use super::check_pdf;
use crate::infra::file::error::FileError;
use crate::infra::file::testing::{pdf, pdf_with};

/// A document with an entry of its catalog.
fn with_entry(key: &str, value: impl Into<Object>) -> Document {
    let mut document = Document::load_mem(&pdf(b"")).unwrap();
    let value = value.into();
    document.catalog_mut().unwrap().set(key, value);
    document
}

fn plain(document: &mut Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn in_object_streams(document: &mut Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = SaveOptions::builder().use_object_streams(true).use_xref_streams(true).build();
    document.save_with_options(&mut bytes, options).unwrap();
    bytes
}

/// Bytes without a pattern, the same for each seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn scans_pass_whatever_bytes_their_pictures_have() {
    for seed in 0..20 {
        assert_eq!(check_pdf(&pdf(&noise(seed, 1 << 20))), Ok(()), "{seed}");
    }
    assert_eq!(check_pdf(&pdf(b"/JS /JavaScript /Launch /EmbeddedFile /RichMedia")), Ok(()));
    let words = pdf_with(b"", "/Info 5 0 R", "5 0 obj<</Title(No. reg/JS-2026-01 /JavaScript)/Producer(/Launch)>>endobj\n");
    assert_eq!(check_pdf(&words), Ok(()));
}

#[test]
fn a_byte_order_mark_before_the_header_and_an_object_stream_do_no_harm() {
    assert_eq!(check_pdf(&[b"\xEF\xBB\xBF".to_vec(), pdf(b"")].concat()), Ok(()));
    assert_eq!(check_pdf(&in_object_streams(&mut with_entry("Lang", Object::string_literal("zh")))), Ok(()));
}

#[test]
fn a_link_to_click_passes_and_one_that_opens_by_itself_does_not() {
    let link = |key: &str| with_entry(key, dictionary! { "S" => "URI", "URI" => Object::string_literal("https://example.org/") });
    assert_eq!(check_pdf(&plain(&mut link("A"))), Ok(()));
    assert_eq!(check_pdf(&plain(&mut link("OpenAction"))), Err(FileError::ActiveContent));
    let apart = pdf_with(b"", "/OpenAction 5 0 R", "5 0 obj<</S/URI/URI(https://example.org/)>>endobj\n");
    assert_eq!(check_pdf(&apart), Err(FileError::ActiveContent));
    let event = pdf_with(b"", "/AA<</WC<</S/URI/URI(https://example.org/)>>>>", "");
    assert_eq!(check_pdf(&event), Err(FileError::ActiveContent));
}

#[test]
fn actions_are_found_in_plain_objects_in_object_streams_and_under_escaped_names() {
    for action in ["JavaScript", "Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "Movie", "Rendition"] {
        let mut document = with_entry("OpenAction", dictionary! { "S" => action });
        assert_eq!(check_pdf(&plain(&mut document)), Err(FileError::ActiveContent), "{action}");
        assert_eq!(check_pdf(&in_object_streams(&mut document)), Err(FileError::ActiveContent), "{action}");
    }
    for kind in ["/Launch", "/GoToE", "/SubmitForm"] {
        let apart = pdf_with(b"", "/OpenAction<</S 5 0 R>>", &format!("5 0 obj{kind} endobj\n"));
        assert_eq!(check_pdf(&apart), Err(FileError::ActiveContent), "{kind} in an object of its own");
    }
    for escaped in ["/OpenAction<</S/J#61vaScript/J#53(app.alert)>>", "/OpenAction<</S/L#61unch>>", "/AcroForm<</XF#41[]>>"] {
        assert_eq!(check_pdf(&pdf_with(b"", escaped, "")), Err(FileError::ActiveContent), "{escaped}");
    }
}

#[test]
fn attached_files_are_told_apart_from_scripts() {
    let mut names = with_entry("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => Vec::<Object>::new() } });
    assert_eq!(check_pdf(&plain(&mut names)), Err(FileError::Attachment));
    assert_eq!(check_pdf(&pdf_with(b"", "/AF[<</Type/Filespec/E#46<<>>>>]", "")), Err(FileError::Attachment));
}

#[test]
fn torn_empty_and_wrapped_documents_are_damaged() {
    let whole = pdf(&noise(1, 10_000));
    for torn in [
        b"%PDF-1.4\n%%EOF\n".to_vec(),
        b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF\n".to_vec(),
        [&whole[..whole.len() / 2], b"\n%%EOF\n"].concat(),
        [&whole[..400], &[0; 4000][..]].concat(),
        Vec::from(*b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"),
    ] {
        assert_eq!(check_pdf(&torn), Err(FileError::Damaged), "{}", String::from_utf8_lossy(&torn[..40.min(torn.len())]));
    }
}
