//! Files for tests.

use image::codecs::jpeg::JpegEncoder;
use lopdf::{Dictionary, Stream};

/// A JPEG of one colour.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let image = image::RgbImage::from_pixel(width, height, image::Rgb([90, 120, 150]));
    // Writing to memory does not fail.
    let _ = image.write_with_encoder(JpegEncoder::new(&mut out));
    out
}

/// A PDF of these objects, numbered from 1: their content, and the data of streams, whose dictionaries are left open. `trailer` is added to
/// that of the file.
pub fn pdf_of_objects(objects: &[(&[u8], Option<&[u8]>)], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, (content, stream)) in (1..).zip(objects) {
        offsets.push(out.len());
        out.extend_from_slice(format!("{number} 0 obj").as_bytes());
        out.extend_from_slice(content);
        if let Some(stream) = stream {
            out.extend_from_slice(format!("/Length {}>>stream\n", stream.len()).as_bytes());
            out.extend_from_slice(stream);
            out.extend_from_slice(b"\nendstream");
        }
        out.extend_from_slice(b" endobj\n");
    }
    finish(out, &offsets, trailer)
}

/// A PDF of a page and this many object streams, each of which holds a text of so many bytes and is small by itself.
pub fn pdf_that_inflates(streams: usize, size: usize) -> Vec<u8> {
    let mut stream = Stream::new(Dictionary::new(), [b"9 0 (", vec![b' '; size].as_slice(), b")"].concat());
    // Without compression the file is only larger.
    let _ = stream.compress();
    let mut objects: Vec<(&[u8], Option<&[u8]>)> = vec![
        (b"<</Type/Catalog/Pages 2 0 R>>", None),
        (b"<</Type/Pages/Kids[3 0 R]/Count 1>>", None),
        (b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>", None),
    ];
    objects.resize(3 + streams, (b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode", Some(&stream.content)));
    pdf_of_objects(&objects, "")
}

/// Adds the table of the objects and the trailer.
fn finish(mut out: Vec<u8>, offsets: &[usize], trailer: &str) -> Vec<u8> {
    let start = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1).as_bytes());
    for offset in offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    out.extend_from_slice(format!("trailer<</Size {}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n", offsets.len() + 1).as_bytes());
    out
}

/// A PDF of one page whose picture consists of these bytes.
pub fn pdf(picture: &[u8]) -> Vec<u8> {
    pdf_with(picture, "", "")
}

/// The same with more entries of its catalog and more objects, numbered from 5.
pub fn pdf_with(picture: &[u8], catalog: &str, objects: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    let mut add = |out: &mut Vec<u8>, head: &str, stream: Option<&[u8]>| {
        offsets.push(out.len());
        out.extend_from_slice(head.as_bytes());
        if let Some(stream) = stream {
            out.extend_from_slice(b"stream\n");
            out.extend_from_slice(stream);
            out.extend_from_slice(b"\nendstream\nendobj\n");
        }
    };
    add(&mut out, &format!("1 0 obj<</Type/Catalog/Pages 2 0 R{catalog}>>endobj\n"), None);
    add(&mut out, "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n", None);
    add(&mut out, "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</XObject<</I 4 0 R>>>>>>endobj\n", None);
    let image = format!("4 0 obj<</Type/XObject/Subtype/Image/Width 1/Height 1/Length {}>>", picture.len());
    add(&mut out, &image, Some(picture));
    if !objects.is_empty() {
        add(&mut out, objects, None);
    }
    finish(out, &offsets, "")
}

/// A PDF of exactly so many bytes, at least a kilobyte.
pub fn pdf_of_size(size: usize) -> Vec<u8> {
    let picture = |length: usize| (0..length).map(|i| b'a' + u8::try_from(i % 23).unwrap_or(0)).collect::<Vec<u8>>();
    let mut length = size - pdf(b"").len();
    loop {
        let bytes = pdf(&picture(length));
        match bytes.len().checked_sub(size) {
            Some(0) => return bytes,
            // The length itself is written with more digits.
            Some(more) => length -= more,
            None => length += size - bytes.len(),
        }
    }
}
