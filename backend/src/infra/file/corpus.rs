//! Files that must be taken and files that must be refused, made here. Tests send each of them on every way by which files arrive.

mod documents;
mod pictures;

use crate::infra::file::{FileError, ForeignKind, MediaType};

pub use documents::{noise, noise_scan};

/// A file that must be taken.
pub struct Taken {
    /// What is unusual about it.
    pub about: String,
    /// Name on the sender's device.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
    /// Its type.
    pub media: MediaType,
}

/// A file that must be refused.
pub struct Refused {
    /// What is wrong with it.
    pub about: String,
    /// Name on the sender's device.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
    /// The reason.
    pub error: FileError,
}

/// Names that people's devices give to pictures and documents.
const NAMES: &[&str] = &[
    "a.jfif",
    "a.JPE",
    "证书",
    "mmexport1700000000000",
    "a.jpg.",
    "a.jpg ",
    "image.jpg?x=1",
    "a.jpg_tmp",
    "照片.JPEG",
    "扫描件.pdf",
    "a.png",
    "..\\..\\windows\\x.pdf",
    "甲/乙\\丙:?*.pdf",
    "证明\u{202E}fdp.exe",
    "no\nline.jpg",
];

/// Files that must be taken.
pub fn taken() -> Vec<Taken> {
    let mut files = Vec::new();
    let mut add = |about: &str, name: &str, media: MediaType, bytes: Vec<u8>| {
        files.push(Taken { about: about.to_owned(), name: name.to_owned(), bytes, media });
    };
    for name in NAMES {
        add("an unusual name", name, MediaType::Jpeg, pictures::plain_jpeg());
    }
    for length in [260, 5_000] {
        add("a long name", &format!("{}.jpg", "长".repeat(length)), MediaType::Png, pictures::plain_png());
    }
    for (about, bytes) in pictures::jpegs() {
        add(about, "照片.jpg", MediaType::Jpeg, bytes);
    }
    for (about, bytes) in pictures::pngs() {
        add(about, "图片.png", MediaType::Png, bytes);
    }
    for (about, bytes) in documents::harmless() {
        add(&about, "证明.pdf", MediaType::Pdf, bytes);
    }
    files
}

/// Files that must be refused.
pub fn refused() -> Vec<Refused> {
    let mut files = Vec::new();
    let mut add = |about: &str, name: &str, error: FileError, bytes: Vec<u8>| {
        files.push(Refused { about: about.to_owned(), name: name.to_owned(), bytes, error });
    };
    for (about, kind, bytes) in foreign() {
        add(about, "照片.jpg", FileError::Foreign(kind), bytes);
    }
    for (about, error, bytes) in pictures::damaged() {
        add(about, "照片.jpg", error, bytes);
    }
    for (about, error, bytes) in documents::unusable() {
        add(&about, "证明.pdf", error, bytes);
    }
    files
}

/// Content of other kinds, as far as it is looked at.
fn foreign() -> Vec<(&'static str, ForeignKind, Vec<u8>)> {
    let compound = |word: &str| {
        let wide: Vec<u8> = word.bytes().flat_map(|byte| [byte, 0]).collect();
        [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(), &[0; 1000], &wide, &[0; 100]].concat()
    };
    let archive = |member: &str| [b"PK\x03\x04\x14\0\0\0\0\0", member.as_bytes(), &[7; 200], b"PK\x05\x06"].concat();
    let brand = |brand: &[u8]| [b"\0\0\0\x18ftyp", brand, b"\0\0\0\0", brand, b"mif1", &[9; 200]].concat();
    let headed = |head: &[u8]| [head, &[0x11; 300]].concat();
    vec![
        ("HEIC", ForeignKind::Heic, brand(b"heic")),
        ("HEIC with ten bits", ForeignKind::Heic, brand(b"heix")),
        ("a sequence of HEIC", ForeignKind::Heic, brand(b"msf1")),
        ("AVIF", ForeignKind::Avif, brand(b"avif")),
        ("WebP", ForeignKind::WebP, headed(b"RIFF\x10\0\0\0WEBPVP8L")),
        ("GIF of 1987", ForeignKind::Gif, headed(b"GIF87a")),
        ("GIF", ForeignKind::Gif, headed(b"GIF89a")),
        ("TIFF", ForeignKind::Tiff, headed(b"II*\0")),
        ("TIFF, big-endian", ForeignKind::Tiff, headed(b"MM\0*")),
        ("BMP", ForeignKind::Bmp, headed(b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0")),
        ("SVG", ForeignKind::Svg, b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()),
        ("JPEG 2000", ForeignKind::OtherJpeg, headed(b"\0\0\0\x0CjP  \r\n\x87\n")),
        ("JPEG XL", ForeignKind::OtherJpeg, headed(b"\0\0\0\x0CJXL \r\n\x87\n")),
        ("Photoshop", ForeignKind::Photoshop, headed(b"8BPS\0\x01")),
        ("Word 97", ForeignKind::Wordprocessing, compound("WordDocument")),
        ("Excel 97", ForeignKind::Excel, compound("Workbook")),
        ("PowerPoint 97", ForeignKind::Slides, compound("PowerPoint Document")),
        ("an installer", ForeignKind::Office, compound("Property")),
        ("Word", ForeignKind::Wordprocessing, archive("word/document.xml")),
        ("RTF", ForeignKind::Wordprocessing, headed(b"{\\rtf1\\ansi")),
        ("Excel", ForeignKind::Excel, archive("xl/workbook.xml")),
        ("PowerPoint", ForeignKind::Slides, archive("ppt/presentation.xml")),
        ("LibreOffice", ForeignKind::Wordprocessing, archive("mimetypeapplication/vnd.oasis.opendocument.text")),
        ("OFD", ForeignKind::Ofd, archive("OFD.xml")),
        ("CAJ", ForeignKind::Caj, headed(b"CAJ\0")),
        ("ZIP", ForeignKind::Archive, archive("证书.jpg")),
        ("RAR", ForeignKind::Archive, headed(b"Rar!\x1A\x07\x01\0")),
        ("7z", ForeignKind::Archive, headed(b"7z\xBC\xAF\x27\x1C")),
        ("gzip", ForeignKind::Archive, headed(b"\x1F\x8B\x08")),
        ("a page", ForeignKind::WebPage, b"<!DOCTYPE html><html><body>x</body></html>".to_vec()),
        ("a script in a page", ForeignKind::WebPage, b"  <script>alert(1)</script>".to_vec()),
        ("an electronic invoice", ForeignKind::Xml, b"\xEF\xBB\xBF<?xml version='1.0'?><EInvoice/>".to_vec()),
        ("a program", ForeignKind::Program, headed(b"MZ\x90\0")),
        ("a program of Unix", ForeignKind::Program, headed(b"\x7FELF")),
        ("a script", ForeignKind::Program, b"#!/bin/sh\necho".to_vec()),
        ("a video", ForeignKind::Media, brand(b"isom").into_iter().map(|byte| if byte == b'm' { b'n' } else { byte }).collect()),
        ("sound", ForeignKind::Media, headed(b"ID3\x03")),
        ("a text", ForeignKind::Text, b"name,number\r\n1,2\r\n".to_vec()),
        ("noise", ForeignKind::Unknown, vec![1; 500]),
    ]
}

#[cfg(test)]
mod tests;
