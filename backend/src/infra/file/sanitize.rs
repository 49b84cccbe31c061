//! Type check and sanitising of uploaded files.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder};

use crate::infra::file::error::FileError;
use crate::infra::file::pdf::check_pdf;

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
    /// Media type.
    pub fn mime(self) -> &'static str {
        match self {
            MediaType::Jpeg => "image/jpeg",
            MediaType::Png => "image/png",
            MediaType::Pdf => "application/pdf",
        }
    }

    fn endings(self) -> &'static [&'static str] {
        match self {
            MediaType::Jpeg => &["jpg", "jpeg"],
            MediaType::Png => &["png"],
            MediaType::Pdf => &["pdf"],
        }
    }
}

/// Maximum pixels of an image.
const PIXELS: u64 = 40_000_000;
/// Maximum memory of a decoded image, in bytes.
const DECODED: u64 = 160 * 1024 * 1024;

/// Detects the type of a file and returns the bytes to store. Images are re-encoded, which removes metadata and hidden data.
pub fn sanitize(name: &str, bytes: Vec<u8>) -> Result<(MediaType, Vec<u8>), FileError> {
    if bytes.is_empty() {
        return Err(FileError::Empty);
    }
    let media = sniff(&bytes).ok_or(FileError::UnsupportedType)?;
    let ending = name.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    if !media.endings().contains(&ending.as_str()) {
        return Err(FileError::Extension);
    }
    let sanitized = match media {
        MediaType::Jpeg => {
            let decoder = JpegDecoder::new(Cursor::new(&bytes)).map_err(|_| FileError::Damaged)?;
            draw(decoder, |image, out| image.write_with_encoder(JpegEncoder::new_with_quality(out, 90)))?
        }
        MediaType::Png => {
            let decoder = PngDecoder::new(Cursor::new(&bytes)).map_err(|_| FileError::Damaged)?;
            draw(decoder, |image, out| image.write_with_encoder(PngEncoder::new(out)))?
        }
        MediaType::Pdf => {
            check_pdf(&bytes)?;
            bytes
        }
    };
    Ok((media, sanitized))
}

/// Displayed width and height of a JPEG, from its header; `None` for other content.
pub fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut decoder = JpegDecoder::new(Cursor::new(bytes)).ok()?;
    let (width, height) = decoder.dimensions();
    let lying = matches!(
        decoder.orientation().ok()?,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    Some(if lying { (height, width) } else { (width, height) })
}

/// Whether the content is an image, which is decoded.
pub(crate) fn is_image(bytes: &[u8]) -> bool {
    matches!(sniff(bytes), Some(MediaType::Jpeg | MediaType::Png))
}

fn sniff(bytes: &[u8]) -> Option<MediaType> {
    let begins = |head: &[u8]| bytes.starts_with(head);
    match bytes {
        _ if begins(b"\xFF\xD8\xFF") => Some(MediaType::Jpeg),
        _ if begins(b"\x89PNG\r\n\x1a\n") => Some(MediaType::Png),
        // Readers look for the header of a PDF in its first kilobyte.
        _ if bytes.get(..1024).unwrap_or(bytes).windows(5).any(|w| w == b"%PDF-") => Some(MediaType::Pdf),
        _ => None,
    }
}

fn draw(
    mut decoder: impl ImageDecoder,
    encode: impl FnOnce(&DynamicImage, &mut Vec<u8>) -> image::ImageResult<()>,
) -> Result<Vec<u8>, FileError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS || decoder.total_bytes() > DECODED {
        return Err(FileError::Pixels);
    }
    let turn = decoder.orientation().map_err(|_| FileError::Damaged)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| FileError::Damaged)?;
    image.apply_orientation(turn);
    let image = match image {
        plain @ (DynamicImage::ImageRgb8(_) | DynamicImage::ImageLuma8(_)) => plain,
        other => DynamicImage::ImageRgb8(other.to_rgb8()),
    };
    let mut out = Vec::new();
    encode(&image, &mut out).map_err(|_| FileError::Damaged)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::file::testing::{pdf, pdf_with};

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut out = Vec::new();
        DynamicImage::new_rgb8(width, height).write_with_encoder(JpegEncoder::new(&mut out)).unwrap();
        out
    }

    #[test]
    fn a_picture_is_drawn_anew_without_what_was_hidden_in_it() {
        let mut bytes = jpeg(40, 30);
        bytes.extend_from_slice(b"<script>hidden</script>");
        let (media, sanitized) = sanitize("photo.JPG", bytes).unwrap();
        assert_eq!(media, MediaType::Jpeg);
        assert!(!sanitized.windows(6).any(|w| w == b"hidden"));
    }

    #[test]
    fn the_size_of_a_jpeg_is_read_from_its_head_as_it_is_looked_at() {
        let bytes = jpeg(295, 413);
        assert_eq!(jpeg_size(&bytes), Some((295, 413)));
        assert_eq!(jpeg_size(&bytes[..bytes.len() / 2]), Some((295, 413)), "the head is enough");
        // An Exif segment after the first marker, with a rotation.
        let exif = b"\xFF\xE1\0\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let turned = [&bytes[..2], exif, &bytes[2..]].concat();
        assert_eq!(jpeg_size(&turned), Some((413, 295)));
        for other in [&b""[..], b"\x89PNG\r\n\x1a\n", b"\xFF\xD8\xFF", b"%PDF-1.4"] {
            assert_eq!(jpeg_size(other), None);
        }
    }

    #[test]
    fn a_drawing_or_a_page_is_not_taken_whatever_it_is_called() {
        for text in ["<svg xmlns='http://www.w3.org/2000/svg'/>", "<html></html>", "GIF89a", "PK\u{3}\u{4}"] {
            assert_eq!(sanitize("photo.jpg", text.into()).unwrap_err(), FileError::UnsupportedType, "{text}");
        }
    }

    #[test]
    fn name_and_content_must_agree() {
        for name in ["a.png", "a.pdf", "a", "a.jpg.svg"] {
            assert_eq!(sanitize(name, jpeg(4, 4)).unwrap_err(), FileError::Extension, "{name}");
        }
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() {
        // A PNG header of 16384 × 16384 pixels without data.
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x40\0\0\0\x40\0\x08\x06\0\0\0".to_vec();
        bytes.extend_from_slice(&0x0d70_8f28_u32.to_be_bytes());
        let error = sanitize("a.png", bytes).unwrap_err();
        assert!(matches!(error, FileError::Pixels | FileError::Damaged), "{error:?}");
    }

    #[test]
    fn half_a_picture_is_damaged() {
        let whole = jpeg(200, 200);
        assert_eq!(sanitize("a.jpg", whole[..20].to_vec()).unwrap_err(), FileError::Damaged);
        assert_eq!(sanitize("a.jpg", Vec::new()).unwrap_err(), FileError::Empty);
    }

    #[test]
    fn a_pdf_is_stored_as_it_is_or_refused() {
        let whole = pdf(b"scan");
        assert_eq!(sanitize("a.pdf", whole.clone()), Ok((MediaType::Pdf, whole.clone())));
        assert_eq!(sanitize("a.pdf", [b"\xEF\xBB\xBF", whole.as_slice()].concat()).unwrap().0, MediaType::Pdf);
        assert_eq!(sanitize("a.pdf", b"%PDF-1.7\n%%EOF".to_vec()), Err(FileError::Damaged));
        assert_eq!(sanitize("a.pdf", pdf_with(b"", "/OpenAction<</S/JavaScript>>", "")), Err(FileError::ActiveContent));
    }
}
