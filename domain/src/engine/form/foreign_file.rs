//! Kinds of files that are not stored: recognised by content, so that a refusal can say what the file is and what to do.

use memchr::memmem;

use super::PortraitError;
use super::accepted_files::{FileKind, kinds_label};

/// A kind of file that is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignKind {
    /// HEIC, of Apple devices.
    Heic,
    /// AVIF.
    Avif,
    /// WebP.
    WebP,
    /// GIF.
    Gif,
    /// TIFF, and camera formats built on it.
    Tiff,
    /// BMP.
    Bmp,
    /// SVG.
    Svg,
    /// JPEG 2000 or JPEG XL.
    OtherJpeg,
    /// Photoshop.
    Photoshop,
    /// Word or a compatible program.
    Wordprocessing,
    /// Excel or a compatible program.
    Excel,
    /// Slides of `PowerPoint` or a compatible program.
    Slides,
    /// Another file of an office suite.
    Office,
    /// OFD, the Chinese standard of fixed-layout documents.
    Ofd,
    /// CAJ, of the CNKI library.
    Caj,
    /// ZIP, RAR, 7z, gzip or tar.
    Archive,
    /// HTML.
    WebPage,
    /// XML, such as an electronic invoice.
    Xml,
    /// A program.
    Program,
    /// Video or sound.
    Media,
    /// Plain text.
    Text,
    /// Nothing known.
    Unknown,
}

impl ForeignKind {
    /// The kind of a content that is neither JPEG, PNG nor PDF.
    pub fn of(bytes: &[u8]) -> Self {
        known(bytes).unwrap_or_else(|| if is_text(bytes) { ForeignKind::Text } else { ForeignKind::Unknown })
    }

    /// The kind of a content in front of a document, if it is one that other programs would run or open.
    pub fn in_front(bytes: &[u8]) -> Option<Self> {
        let page =
            has(bytes, b"<script") || has(bytes, b"<html") || has(bytes, b"<!doctype") || has(bytes, b"<svg") || has(bytes, b"<?php");
        known(bytes).or_else(|| page.then_some(ForeignKind::WebPage)).or_else(|| has(bytes, b"PK\x03\x04").then_some(ForeignKind::Archive))
    }

    /// What the file is, for the user.
    fn label(self) -> &'static str {
        match self {
            ForeignKind::Heic => "HEIC 图片（苹果手机的照片格式）",
            ForeignKind::Avif => "AVIF 图片",
            ForeignKind::WebP => "WebP 图片",
            ForeignKind::Gif => "GIF 图片",
            ForeignKind::Tiff => "TIFF 图片",
            ForeignKind::Bmp => "BMP 图片",
            ForeignKind::Svg => "SVG 图形",
            ForeignKind::OtherJpeg => "JPEG 2000 或 JPEG XL 图片",
            ForeignKind::Photoshop => "Photoshop（PSD）图片",
            ForeignKind::Wordprocessing => "Word 文档",
            ForeignKind::Excel => "Excel 表格",
            ForeignKind::Slides => "PowerPoint 演示文稿",
            ForeignKind::Office => "办公软件文档",
            ForeignKind::Ofd => "OFD 版式文件",
            ForeignKind::Caj => "CAJ 文献",
            ForeignKind::Archive => "压缩包（ZIP、RAR、7z 等）",
            ForeignKind::WebPage => "网页",
            ForeignKind::Xml => "XML 文件",
            ForeignKind::Program => "可执行程序",
            ForeignKind::Media => "视频或音频",
            ForeignKind::Text => "文本文件",
            ForeignKind::Unknown => "无法识别的文件",
        }
    }

    /// How to get a file that is taken.
    fn way_out(self) -> &'static str {
        match self {
            ForeignKind::Heic => "请在手机“设置 - 相机 - 格式”中选择“兼容性最佳”后重拍，或将照片导出为 JPG 后上传",
            ForeignKind::Avif
            | ForeignKind::WebP
            | ForeignKind::Gif
            | ForeignKind::Tiff
            | ForeignKind::Bmp
            | ForeignKind::Svg
            | ForeignKind::OtherJpeg
            | ForeignKind::Photoshop => "请用看图软件另存为 JPG 或 PNG 后上传",
            ForeignKind::Wordprocessing | ForeignKind::Excel | ForeignKind::Slides | ForeignKind::Office => {
                "请在办公软件中“另存为”或“导出”PDF 后上传"
            }
            ForeignKind::Ofd => "请用 OFD 阅读器“打印为 PDF”或转换为 PDF 后上传；电子发票可在开票平台下载 PDF 版式文件",
            ForeignKind::Caj => "请用 CAJ 阅读器“打印为 PDF”后上传",
            ForeignKind::Archive => "请解压后逐个上传其中的文件",
            ForeignKind::WebPage | ForeignKind::Text => "请打开后“打印为 PDF”，再上传",
            ForeignKind::Xml => "电子发票请在开票平台下载 PDF 版式文件后上传",
            ForeignKind::Program => "请选择证明材料的扫描件或照片",
            ForeignKind::Media => "请选择证明材料的扫描件或照片",
            ForeignKind::Unknown => "文件可能已损坏，请用原来的软件打开确认，再另存为 JPG、PNG 或 PDF 后上传",
        }
    }

    /// The kinds that its way out names.
    fn leads_to(self) -> &'static [FileKind] {
        match self {
            ForeignKind::Heic => &[FileKind::Jpeg],
            ForeignKind::Avif
            | ForeignKind::WebP
            | ForeignKind::Gif
            | ForeignKind::Tiff
            | ForeignKind::Bmp
            | ForeignKind::Svg
            | ForeignKind::OtherJpeg
            | ForeignKind::Photoshop => &[FileKind::Jpeg, FileKind::Png],
            ForeignKind::Wordprocessing
            | ForeignKind::Excel
            | ForeignKind::Slides
            | ForeignKind::Office
            | ForeignKind::Ofd
            | ForeignKind::Caj
            | ForeignKind::WebPage
            | ForeignKind::Text
            | ForeignKind::Xml => &[FileKind::Pdf],
            ForeignKind::Archive | ForeignKind::Program | ForeignKind::Media => &[],
            ForeignKind::Unknown => FileKind::ALL,
        }
    }

    /// Message for the user.
    pub fn text(self) -> String {
        format!("{}，只能上传 JPG、PNG、PDF 文件。{}", self.found(), self.way_out())
    }

    /// The same where only these kinds are taken. How to get a file of another kind is left out.
    pub fn text_among(self, kinds: &[FileKind]) -> String {
        if kinds == FileKind::ALL {
            return self.text();
        }
        let way_out = if self.leads_to().iter().all(|kind| kinds.contains(kind)) { self.way_out() } else { "" };
        format!("{}，此处只能上传 {}。{way_out}", self.found(), kinds_label(kinds))
    }

    fn found(self) -> String {
        let label = self.label();
        // A blank between Chinese and Latin letters.
        let blank = if label.starts_with(|c: char| c.is_ascii()) { " " } else { "" };
        format!("这是{blank}{label}")
    }
}

/// Message for a photo that a browser cannot open, from the beginning of its content.
pub fn unopened_photo_message(head: &[u8]) -> String {
    if head.starts_with(b"\xFF\xD8\xFF") || head.starts_with(b"\x89PNG") {
        "图片已损坏，无法打开，请用看图软件打开确认，另存后再上传".to_owned()
    } else if has(head.get(..1024).unwrap_or(head), b"%PDF-") {
        format!("这是 PDF 文件，{}", PortraitError::Kind.text())
    } else {
        ForeignKind::of(head).text()
    }
}

fn known(bytes: &[u8]) -> Option<ForeignKind> {
    let begins = |head: &[u8]| bytes.starts_with(head);
    let at = |from: usize, word: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(word));
    Some(match bytes {
        _ if at(4, b"ftyp") => brand(bytes),
        _ if begins(b"RIFF") && at(8, b"WEBP") => ForeignKind::WebP,
        _ if begins(b"GIF87a") || begins(b"GIF89a") => ForeignKind::Gif,
        _ if begins(b"II*\0") || begins(b"MM\0*") || begins(b"II+\0") || begins(b"MM\0+") => ForeignKind::Tiff,
        _ if begins(b"BM") && at(6, b"\0\0\0\0") => ForeignKind::Bmp,
        _ if begins(b"\xFF\x0A") || at(4, b"jP  \r\n\x87\n") || at(4, b"JXL \r\n\x87\n") || begins(b"\xFF\x4F\xFF\x51") => {
            ForeignKind::OtherJpeg
        }
        _ if begins(b"8BPS") => ForeignKind::Photoshop,
        _ if begins(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") => compound(bytes),
        _ if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") || begins(b"PK\x07\x08") => zip(bytes),
        _ if begins(b"Rar!\x1A\x07") || begins(b"7z\xBC\xAF\x27\x1C") || begins(b"\x1F\x8B") || at(257, b"ustar") => ForeignKind::Archive,
        _ if begins(b"{\\rtf") => ForeignKind::Wordprocessing,
        _ if begins(b"CAJ") || begins(b"HN\0\0") || begins(b"KDH ") => ForeignKind::Caj,
        _ if begins(b"MZ") || begins(b"\x7FELF") || begins(b"#!") || begins(b"\xCA\xFE\xBA\xBE") => ForeignKind::Program,
        _ if begins(b"RIFF") || begins(b"ID3") || begins(b"OggS") || begins(b"\x1A\x45\xDF\xA3") || begins(b"fLaC") || begins(b"FLV") => {
            ForeignKind::Media
        }
        _ => return markup(bytes),
    })
}

/// Files of the ISO base media format, by their brand.
fn brand(bytes: &[u8]) -> ForeignKind {
    let brands = bytes.get(8..64.min(bytes.len())).unwrap_or_default();
    if has(brands, b"avif") || has(brands, b"avis") {
        return ForeignKind::Avif;
    }
    let heic = [&b"heic"[..], b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"];
    if heic.iter().any(|brand| has(brands, brand)) { ForeignKind::Heic } else { ForeignKind::Media }
}

/// Compound files of earlier office suites, by the names of their streams, which are UTF-16.
fn compound(bytes: &[u8]) -> ForeignKind {
    let wide = |word: &str| word.bytes().flat_map(|byte| [byte, 0]).collect::<Vec<u8>>();
    let contains = |word: &str| memmem::find(bytes, &wide(word)).is_some();
    match () {
        () if contains("WordDocument") => ForeignKind::Wordprocessing,
        () if contains("Workbook") || contains("Book") => ForeignKind::Excel,
        () if contains("PowerPoint Document") => ForeignKind::Slides,
        () => ForeignKind::Office,
    }
}

/// ZIP archives, by the names of their members.
fn zip(bytes: &[u8]) -> ForeignKind {
    let contains = |word: &str| memmem::find(bytes, word.as_bytes()).is_some();
    match () {
        () if contains("OFD.xml") => ForeignKind::Ofd,
        () if contains("word/") || contains("opendocument.text") => ForeignKind::Wordprocessing,
        () if contains("xl/") || contains("opendocument.spreadsheet") => ForeignKind::Excel,
        () if contains("ppt/") || contains("opendocument.presentation") => ForeignKind::Slides,
        () => ForeignKind::Archive,
    }
}

/// Text with tags, from the first tag on.
fn markup(bytes: &[u8]) -> Option<ForeignKind> {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if !start.starts_with(b"<") {
        return None;
    }
    let head = start.get(..1024).unwrap_or(start);
    match () {
        () if has(head, b"<svg") => Some(ForeignKind::Svg),
        () if [&b"<html"[..], b"<!doctype html", b"<script", b"<head", b"<body"].iter().any(|tag| has(head, tag)) => {
            Some(ForeignKind::WebPage)
        }
        () if has(head, b"<?xml") => Some(ForeignKind::Xml),
        () => None,
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..512).unwrap_or(bytes);
    let readable = |byte: &u8| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r');
    let is_utf8 = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    head.iter().all(readable) && (is_utf8 || head.iter().filter(|byte| byte.is_ascii()).count() * 2 > head.len())
}

/// Whether a text contains a word, in any case.
fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|at| at.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_content() {
        let wide: Vec<u8> = "WordDocument".bytes().flat_map(|b| [b, 0]).collect();
        let old = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), vec![0; 600], wide].concat();
        for (bytes, kind) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], ForeignKind::Heic),
            (b"\0\0\0\x18ftypmif1\0\0\0\0avifmif1", ForeignKind::Avif),
            (b"\0\0\0\x18ftypisom\0\0\0\0mp42", ForeignKind::Media),
            (b"RIFF\x10\0\0\0WEBPVP8 ", ForeignKind::WebP),
            (b"GIF89a\x01\0", ForeignKind::Gif),
            (b"II*\0\x08\0\0\0", ForeignKind::Tiff),
            (b"BM\x36\0\0\0\0\0\0\0\x36", ForeignKind::Bmp),
            (b"PK\x03\x04....OFD.xml", ForeignKind::Ofd),
            (b"PK\x03\x04....[Content_Types].xml..word/document.xml", ForeignKind::Wordprocessing),
            (b"PK\x03\x04....xl/workbook.xml", ForeignKind::Excel),
            (b"PK\x03\x04....a.txt", ForeignKind::Archive),
            (&old, ForeignKind::Wordprocessing),
            (b" <?xml version='1.0'?><svg/>", ForeignKind::Svg),
            (b"<?xml version='1.0'?><EInvoice/>", ForeignKind::Xml),
            (b"<!DOCTYPE html>", ForeignKind::WebPage),
            (b"MZ\x90\0", ForeignKind::Program),
            (b"hello", ForeignKind::Text),
            ("审核员简历".as_bytes(), ForeignKind::Text),
            (b"\x01\x02\x03\x04", ForeignKind::Unknown),
        ] {
            assert_eq!(ForeignKind::of(bytes), kind);
            assert_eq!(unopened_photo_message(bytes), kind.text());
            assert!(kind.text().contains("只能上传 JPG、PNG、PDF 文件"), "{}", kind.text());
        }
    }

    #[test]
    fn where_fewer_kinds_are_taken_the_message_names_them_and_leads_to_no_other() {
        let pdf = &[FileKind::Pdf][..];
        for (kind, kinds, said) in [
            (ForeignKind::Slides, pdf, "这是 PowerPoint 演示文稿，此处只能上传 PDF。请在办公软件中“另存为”或“导出”PDF 后上传"),
            (ForeignKind::Gif, pdf, "这是 GIF 图片，此处只能上传 PDF。"),
            (ForeignKind::Text, &[FileKind::Png], "这是文本文件，此处只能上传 PNG 图片。"),
        ] {
            assert_eq!(kind.text_among(kinds), said);
        }
        assert_eq!(ForeignKind::Gif.text_among(FileKind::ALL), ForeignKind::Gif.text());
    }

    #[test]
    fn a_photo_that_does_not_open_is_told_apart_from_a_damaged_one() {
        assert!(unopened_photo_message(b"\xFF\xD8\xFF\xE0 torn").contains("已损坏"));
        assert!(unopened_photo_message(b"\x89PNG\r\n").contains("已损坏"));
        assert!(unopened_photo_message(b"%PDF-1.7\n").starts_with("这是 PDF 文件，"));
        assert!(unopened_photo_message(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").contains("苹果手机"));
    }
}
