//! Checks of uploaded PDFs: readable without a password, at least one page, nothing that acts by itself and nothing attached.
//!
//! The document is parsed, so the bytes of scans and the words of a text are never taken for names, and names written with `#xx` or in object
//! streams are recognised. Active content counts wherever it stands in the document, also where no page refers to it today.

use lopdf::{Dictionary, Document, LoadOptions, Object};

use crate::infra::file::error::FileError;

/// Maximum size of one decompressed object stream, in bytes.
pub(super) const DECOMPRESSED: usize = 32 << 20;

/// Types of actions that run code, leave the document, or play media.
const ACTIONS: &[&[u8]] =
    &[b"JavaScript", b"Launch", b"SubmitForm", b"ImportData", b"GoToR", b"GoToE", b"Movie", b"Rendition", b"RichMediaExecute"];
/// Types of annotations that hold media or files.
const ANNOTATIONS: &[&[u8]] = &[b"Movie", b"Screen", b"RichMedia", b"3D"];

/// Checks a PDF.
///
/// # Errors
/// [`FileError::Damaged`] if it cannot be read or has no page, [`FileError::Encrypted`], [`FileError::ActiveContent`], [`FileError::Attachment`].
pub fn check_pdf(bytes: &[u8]) -> Result<(), FileError> {
    let options = LoadOptions { max_decompressed_size: Some(DECOMPRESSED), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) | lopdf::Error::UnsupportedSecurityHandler(_) => FileError::Encrypted,
        _ => FileError::Damaged,
    })?;
    if document.is_encrypted() {
        return Err(FileError::Encrypted);
    }
    if document.page_iter().next().is_none() {
        return Err(FileError::Damaged);
    }
    // A second table of objects is read by some readers and not by others, so they would not see the same document.
    if document.trailer.has(b"XRefStm") {
        return Err(FileError::ActiveContent);
    }
    document.objects.values().try_for_each(|object| check_object(&document, object))
}

fn check_object(document: &Document, object: &Object) -> Result<(), FileError> {
    match object {
        Object::Array(items) => items.iter().try_for_each(|item| check_object(document, item)),
        Object::Dictionary(dictionary) => check_dictionary(document, dictionary),
        Object::Stream(stream) => check_dictionary(document, &stream.dict),
        _ => Ok(()),
    }
}

fn check_dictionary(document: &Document, dictionary: &Dictionary) -> Result<(), FileError> {
    // The value may stand in an object of its own.
    let name = |key: &[u8]| dictionary.get_deref(key, document).and_then(Object::as_name).unwrap_or_default();
    let acts = dictionary.has(b"JS") || dictionary.has(b"JavaScript") || dictionary.has(b"XFA") || dictionary.has(b"RichMediaContent");
    if acts || ACTIONS.contains(&name(b"S")) || (name(b"Type") == b"Annot" && ANNOTATIONS.contains(&name(b"Subtype"))) {
        return Err(FileError::ActiveContent);
    }
    // A link that a reader clicks is harmless; one that opens by itself is not.
    if opens_address(document, dictionary) {
        return Err(FileError::ActiveContent);
    }
    if dictionary.has(b"EmbeddedFiles")
        || dictionary.has(b"EF")
        || name(b"Type") == b"EmbeddedFile"
        || name(b"Subtype") == b"FileAttachment"
    {
        return Err(FileError::Attachment);
    }
    dictionary.iter().try_for_each(|(_, value)| check_object(document, value))
}

/// Whether an address is opened without a click: when the document or a page is opened, or by another event.
fn opens_address(document: &Document, dictionary: &Dictionary) -> bool {
    let is_address = |action: &Dictionary| action.get_deref(b"S", document).and_then(Object::as_name).is_ok_and(|kind| kind == b"URI");
    let at = |key: &[u8]| dictionary.get_deref(key, document).and_then(Object::as_dict);
    let events = at(b"AA").into_iter().flat_map(|events| events.iter().map(|(event, _)| events.get_deref(event, document)));
    at(b"OpenAction").is_ok_and(is_address) || events.flatten().filter_map(|action| action.as_dict().ok()).any(is_address)
}

#[cfg(test)]
mod tests;
