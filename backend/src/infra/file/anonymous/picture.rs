//! Pictures inside PDF pages without what names people beside the picture itself.

/// A JPEG without Exif, XMP and comments; the segments that say how its colours are read stay.
pub fn jpeg_without_comments(jpeg: &[u8]) -> Vec<u8> {
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

/// Boxes of JPEG 2000 that a reader needs to show the picture, those inside the header included.
const BOXES: &[&[u8; 4]] =
    &[b"jP  ", b"ftyp", b"jp2h", b"jp2c", b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef", b"res ", b"resc", b"resd"];

/// Overwrites all other boxes of a JPEG 2000 picture and the comments of its code stream with zeros, so that no offset changes. `None` if a
/// box is broken.
pub fn jpeg2000_without_comments(picture: &[u8]) -> Option<Vec<u8>> {
    let mut plain = picture.to_vec();
    if picture.starts_with(&[0xFF, 0x4F]) {
        clear_comments(&mut plain)?;
    } else {
        clear_boxes(&mut plain)?;
    }
    Some(plain)
}

fn clear_boxes(mut boxes: &mut [u8]) -> Option<()> {
    while !boxes.is_empty() {
        let word = |at: usize| boxes.get(at..at + 4).and_then(|word| <[u8; 4]>::try_from(word).ok());
        let kind = word(4)?;
        let (head, length) = match u32::from_be_bytes(word(0)?) {
            0 => (8, boxes.len()),
            1 => (16, usize::try_from(u64::from_be_bytes(boxes.get(8..16)?.try_into().ok()?)).ok()?),
            length => (8, usize::try_from(length).ok()?),
        };
        let (this, rest) = boxes.split_at_mut_checked(length)?;
        let content = this.get_mut(head..)?;
        match &kind {
            b"jp2h" => clear_boxes(content)?,
            b"jp2c" => clear_comments(content)?,
            kind if BOXES.contains(&kind) => {}
            _ => {
                content.fill(0);
                this.get_mut(4..8)?.copy_from_slice(b"free");
            }
        }
        boxes = rest;
    }
    Some(())
}

/// Clears the comments of a code stream: in its main header, and in the headers of its tile parts.
fn clear_comments(stream: &mut [u8]) -> Option<()> {
    let mut at = 2;
    let mut tile_end = stream.len();
    loop {
        let marker = u16::from_be_bytes(stream.get(at..at + 2)?.try_into().ok()?);
        match marker {
            // The data of a tile part follow.
            0xFF93 => at = tile_end,
            0xFFD9 => return Some(()),
            _ => {
                let length = usize::from(u16::from_be_bytes(stream.get(at + 2..at + 4)?.try_into().ok()?));
                if marker == 0xFF90 {
                    let size = usize::try_from(u32::from_be_bytes(stream.get(at + 6..at + 10)?.try_into().ok()?)).ok()?;
                    tile_end = if size == 0 { stream.len() } else { at.checked_add(size)? };
                }
                if marker == 0xFF64 {
                    stream.get_mut(at + 6..at + 2 + length)?.fill(b' ');
                }
                at += 2 + length;
            }
        }
        // Some writers leave out the end mark.
        if at >= stream.len() {
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&u32::try_from(content.len() + 8).unwrap().to_be_bytes()[..], kind, content].concat()
    }

    /// A code stream with a comment in the main header and in that of its only tile part.
    fn code_stream() -> Vec<u8> {
        let comment = b"\xFF\x64\0\x0A\0\x01OUYANG";
        let tile_header = [b"\xFF\x90\0\x0A\0\0\0\0\0\x20\0\x01".as_slice(), comment, b"\xFF\x93"].concat();
        let data = b"\xFF\x64\0\x0Aab";
        assert_eq!(tile_header.len() + data.len(), 0x20);
        [b"\xFF\x4F\xFF\x51\0\x04ab".as_slice(), comment, &tile_header, data, b"\xFF\xD9"].concat()
    }

    #[test]
    fn boxes_and_comments_of_a_jpeg_2000_picture_are_cleared_and_nothing_moves() {
        let header = [boxed(b"ihdr", b"0123456789abcd"), boxed(b"uuid", b"OUYANG")].concat();
        let stream = code_stream();
        let picture = [
            boxed(b"jP  ", b"\r\n\x87\n"),
            boxed(b"ftyp", b"jp2 "),
            boxed(b"jp2h", &header),
            boxed(b"xml ", b"<OUYANG/>"),
            boxed(b"jp2c", &stream),
        ]
        .concat();
        for picture in [picture, stream] {
            let plain = jpeg2000_without_comments(&picture).unwrap();
            assert_eq!(plain.len(), picture.len());
            assert!(!String::from_utf8_lossy(&plain).contains("OUYANG"));
            assert!(plain.ends_with(b"\xFF\x64\0\x0Aab\xFF\xD9"), "the data of the tile are as they were");
        }
    }

    #[test]
    fn a_broken_jpeg_2000_picture_is_none() {
        for picture in [b"\0\0\0\x09ftyp".as_slice(), b"\0\0\0\x04ftyp", b"OUYANG", b"\xFF\x4F\xFF\x64\0\xFFOUYANG"] {
            assert_eq!(jpeg2000_without_comments(picture), None);
        }
    }
}
