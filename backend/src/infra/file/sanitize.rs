//! Type check and sanitising of uploaded files. The type is what the content is; a name says nothing about it.

use domain::engine::form::FileKind;
use memchr::memmem;

use crate::infra::file::ForeignKind;
use crate::infra::file::error::FileError;
use crate::infra::file::pdf::accept_pdf;
use crate::infra::file::picture::{draw_jpeg, draw_png};

/// Readers look for the header of a PDF in so many first bytes.
const PDF_HEADER_WITHIN: usize = 1024;

/// An accepted file type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// PDF.
    Pdf,
}

impl MediaType {
    /// The kind of file, as forms name it.
    pub fn kind(self) -> FileKind {
        match self {
            MediaType::Jpeg => FileKind::Jpeg,
            MediaType::Png => FileKind::Png,
            MediaType::Pdf => FileKind::Pdf,
        }
    }

    /// Media type.
    pub fn mime(self) -> &'static str {
        self.kind().mime()
    }

    /// Checks that an answer takes a content of this kind.
    ///
    /// # Errors
    /// [`MediaType::of`]; [`FileError::ForeignHere`] and [`FileError::OtherKind`] where the answer does not take every kind.
    pub fn check(bytes: &[u8], kinds: &'static [FileKind]) -> Result<(), FileError> {
        match MediaType::of(bytes) {
            Ok(media) if !kinds.contains(&media.kind()) => Err(FileError::OtherKind(media.kind(), kinds)),
            Err(FileError::Foreign(kind)) if kinds != FileKind::ALL => Err(FileError::ForeignHere(kind, kinds)),
            found => found.map(|_| ()),
        }
    }

    /// The type of a content.
    ///
    /// # Errors
    /// [`FileError::Empty`], or [`FileError::Foreign`] with the kind that was found.
    pub fn of(bytes: &[u8]) -> Result<Self, FileError> {
        match bytes {
            [] => Err(FileError::Empty),
            _ if bytes.starts_with(b"\xFF\xD8\xFF") => Ok(MediaType::Jpeg),
            _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Ok(MediaType::Png),
            _ => match pdf_header(bytes) {
                // The content in front of the header is dropped; if another program would open the file by it, the file is of that kind.
                Some(at) => match ForeignKind::in_front(bytes.get(..at).unwrap_or_default()) {
                    Some(kind) => Err(FileError::Foreign(kind)),
                    None => Ok(MediaType::Pdf),
                },
                None => Err(FileError::Foreign(ForeignKind::of(bytes))),
            },
        }
    }
}

/// Detects the type of a file and returns the bytes to store. Images are drawn anew, which removes metadata and hidden data.
///
/// # Errors
/// [`MediaType::of`]; what the content lacks, or has too much of.
pub fn sanitize(bytes: Vec<u8>) -> Result<(MediaType, Vec<u8>), FileError> {
    let media = MediaType::of(&bytes)?;
    let sanitized = match media {
        MediaType::Jpeg => draw_jpeg(&bytes)?,
        MediaType::Png => draw_png(&bytes)?,
        MediaType::Pdf => accept_pdf(bytes.get(pdf_header(&bytes).unwrap_or(0)..).unwrap_or_default())?,
    };
    Ok((media, sanitized))
}

/// Where the header of a PDF stands.
fn pdf_header(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..PDF_HEADER_WITHIN + 5).unwrap_or(bytes);
    memmem::find(head, b"%PDF-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::file::testing::{jpeg, pdf, pdf_with};

    #[test]
    fn a_picture_is_drawn_anew_without_what_was_hidden_in_it() {
        let mut bytes = jpeg(40, 30);
        bytes.extend_from_slice(b"<script>hidden</script>");
        let (media, sanitized) = sanitize(bytes).unwrap();
        assert_eq!(media, MediaType::Jpeg);
        assert!(!sanitized.windows(6).any(|w| w == b"hidden"));
    }

    #[test]
    fn a_drawing_or_a_page_is_not_taken_and_the_refusal_says_what_it_is() {
        for (text, kind) in [
            ("<svg xmlns='http://www.w3.org/2000/svg'/>", ForeignKind::Svg),
            ("<html></html>", ForeignKind::WebPage),
            ("GIF89a", ForeignKind::Gif),
            ("PK\u{3}\u{4}", ForeignKind::Archive),
        ] {
            assert_eq!(sanitize(text.into()).unwrap_err(), FileError::Foreign(kind), "{text}");
        }
        assert_eq!(sanitize(Vec::new()).unwrap_err(), FileError::Empty);
    }

    #[test]
    fn a_pdf_is_stored_from_its_header_on() {
        let whole = pdf(b"scan");
        assert_eq!(sanitize(whole.clone()), Ok((MediaType::Pdf, whole.clone())));
        for front in
            [&b"\r\n"[..], b"\xEF\xBB\xBF", &[b' '; 200], &[b'x'; 100], b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n"]
        {
            assert_eq!(sanitize([front, &whole].concat()), Ok((MediaType::Pdf, whole.clone())), "{front:?}");
        }
        assert!(sanitize([&[b' '; 2000][..], &whole].concat()).is_err());
        assert_eq!(sanitize(pdf_with(b"", "/OpenAction<</S/JavaScript>>", "")), Err(FileError::ActiveContent));
    }

    #[test]
    fn a_pdf_behind_something_that_other_programs_open_is_of_their_kind() {
        for (front, kind) in [
            (&b"MZ\x90\0"[..], ForeignKind::Program),
            (b"PK\x03\x04abc", ForeignKind::Archive),
            (b"ab PK\x03\x04abc", ForeignKind::Archive),
            (b"<html><body>", ForeignKind::WebPage),
            (b"x<SCRIPT>alert(1)</SCRIPT>", ForeignKind::WebPage),
            (b"GIF89a", ForeignKind::Gif),
        ] {
            assert_eq!(sanitize([front, &pdf(b"")].concat()), Err(FileError::Foreign(kind)));
        }
    }
}
