//! Pictures of all kinds, written byte by byte where no encoder at hand writes them.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};
use moxcms::ColorProfile;

use crate::infra::file::FileError;

/// Side of a picture.
const SIDE: u32 = 48;

fn colourful() -> RgbImage {
    let shade = |value: u32| u8::try_from(value % 256).unwrap_or(0);
    RgbImage::from_fn(SIDE, SIDE, |x, y| Rgb([shade(x * 7 + y * 3), shade(x * y), shade(x ^ y)]))
}

fn jpeg(image: &DynamicImage, profile: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    let _ = profile.map(|profile| encoder.set_icc_profile(profile));
    // Writing to memory does not fail.
    let _ = image.write_with_encoder(encoder);
    bytes
}

fn png(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = image.write_with_encoder(PngEncoder::new(&mut bytes));
    bytes
}

/// A common JPEG.
pub fn plain_jpeg() -> Vec<u8> {
    jpeg(&colourful().into(), None)
}

/// A common PNG.
pub fn plain_png() -> Vec<u8> {
    png(&colourful().into())
}

/// JPEGs that must be taken.
pub fn jpegs() -> Vec<(&'static str, Vec<u8>)> {
    let plain = plain_jpeg();
    let with = |segment: &[u8]| [plain.get(..2).unwrap_or_default(), segment, plain.get(2..).unwrap_or_default()].concat();
    let exif =
        |turn: u8| [b"\xFF\xE1\0\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[turn], &[0; 6]].concat();
    vec![
        ("grey", jpeg(&DynamicImage::from(colourful()).to_luma8().into(), None)),
        ("progressive", drawn(3, true, b"")),
        ("baseline by another encoder", drawn(3, false, b"")),
        ("CMYK with the mark of Adobe", drawn(4, false, b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0\0")),
        ("Adobe RGB", jpeg(&colourful().into(), ColorProfile::new_adobe_rgb().encode().ok())),
        ("Display P3", jpeg(&colourful().into(), ColorProfile::new_display_p3().encode().ok())),
        ("a profile that cannot be read", jpeg(&colourful().into(), Some(b"nothing".to_vec()))),
        ("lying on its side", with(&exif(6))),
        ("an orientation that does not exist", with(&exif(99))),
        ("Exif that leads nowhere", with(b"\xFF\xE1\0\x10Exif\0\0MM\0\x2A\xFF\xFF\xFF\xFF")),
        ("a comment in the marks of a page", with(b"\xFF\xFE\0\x14<script>x</script>")),
        ("a comment with a wrong length", with(b"\xFF\xFE\0\x0Aa comment")),
        ("something after its end", [plain.as_slice(), b"\xFF\xD8\xFF other picture"].concat()),
        ("no end mark", plain.get(..plain.len() - 2).unwrap_or_default().to_vec()),
    ]
}

/// PNGs that must be taken.
pub fn pngs() -> Vec<(&'static str, Vec<u8>)> {
    let image = DynamicImage::from(colourful());
    let seal = RgbaImage::from_fn(8, 8, |x, _| Rgba([255, 0, 0, u8::try_from(x * 30).unwrap_or(0)]));
    let header = |depth: u8, colour: u8| [&8_u32.to_be_bytes()[..], &2_u32.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
    let rows = |row: &[u8]| [&[0], row, &[0], row].concat();
    let frame =
        |sequence: u32| [&sequence.to_be_bytes()[..], &8_u32.to_be_bytes(), &2_u32.to_be_bytes(), &[0; 8], &[0, 1, 0, 10, 0, 0]].concat();
    let grey = rows(&[1, 50, 100, 150, 200, 250, 7, 9]);
    vec![
        ("colour", png(&image)),
        ("grey", png(&image.to_luma8().into())),
        ("transparent", png(&seal.into())),
        ("grey and transparent", png(&image.to_luma_alpha8().into())),
        ("16 bit", png(&image.to_rgb16().into())),
        ("16 bit, transparent", png(&image.to_rgba16().into())),
        ("16 bit grey", png(&image.to_luma16().into())),
        ("1 bit", chunks(&[(b"IHDR", header(1, 0)), (b"IDAT", stored(&rows(&[0b1010_1010])))])),
        (
            "a palette with transparency",
            chunks(&[
                (b"IHDR", header(8, 3)),
                (b"PLTE", vec![255, 0, 0, 0, 255, 0]),
                (b"tRNS", vec![0, 255]),
                (b"IDAT", stored(&rows(&[0, 1, 0, 1, 0, 1, 0, 1]))),
            ]),
        ),
        (
            "an animation",
            chunks(&[
                (b"IHDR", header(8, 0)),
                (b"acTL", [&2_u32.to_be_bytes()[..], &0_u32.to_be_bytes()].concat()),
                (b"fcTL", frame(0)),
                (b"IDAT", stored(&grey)),
                (b"fcTL", frame(1)),
                (b"fdAT", [&2_u32.to_be_bytes()[..], &stored(&grey)].concat()),
            ]),
        ),
        ("a comment", chunks(&[(b"IHDR", header(8, 0)), (b"tEXt", b"Author\0<script>".to_vec()), (b"IDAT", stored(&grey))])),
    ]
}

/// Pictures that must be refused.
pub fn damaged() -> Vec<(&'static str, FileError, Vec<u8>)> {
    let (jpeg, png) = (plain_jpeg(), plain_png());
    let part = |bytes: &[u8], percent: usize| bytes.get(..bytes.len() * percent / 100).unwrap_or_default().to_vec();
    let ended = |bytes: Vec<u8>| [bytes.as_slice(), b"\xFF\xD9"].concat();
    let huge = [&20_000_u32.to_be_bytes()[..], &20_000_u32.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    vec![
        ("nothing", FileError::Empty, Vec::new()),
        ("half a JPEG", FileError::CutOff, part(&jpeg, 50)),
        ("a JPEG without its last tenth", FileError::CutOff, part(&jpeg, 90)),
        ("a JPEG cut off, with an end mark", FileError::CutOff, ended(part(&jpeg, 85))),
        ("the head of a JPEG", FileError::Damaged, jpeg.get(..20).unwrap_or_default().to_vec()),
        ("half a PNG", FileError::CutOff, part(&png, 50)),
        ("a PNG without its last tenth", FileError::CutOff, part(&png, 90)),
        ("the head of a PNG", FileError::Damaged, png.get(..12).unwrap_or_default().to_vec()),
        ("more dots than memory", FileError::Pixels, chunks(&[(b"IHDR", huge), (b"IDAT", stored(&[0; 4]))])),
    ]
}

/// A JPEG of one block for each component, baseline or progressive, with tables of a few codes.
fn drawn(components: u8, progressive: bool, segment: &[u8]) -> Vec<u8> {
    let mut out = b"\xFF\xD8".to_vec();
    let mut add = |marker: u8, data: &[u8]| {
        out.extend([0xFF, marker]);
        out.extend(u16::try_from(data.len() + 2).unwrap_or(0).to_be_bytes());
        out.extend_from_slice(data);
    };
    if let Some(data) = segment.get(4..) {
        add(0xEE, data);
    }
    add(0xDB, &[&[0][..], &[8; 64]].concat());
    let parts: Vec<u8> = (1..=components).flat_map(|number| [number, 0x11, 0]).collect();
    add(if progressive { 0xC2 } else { 0xC0 }, &[&[8, 0, 8, 0, 8, components][..], &parts].concat());
    // Categories 0 to 3 have codes of two and three bits; the only code of the other table ends a block.
    add(0xC4, &[&[0x00][..], &[0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0, 2, 3, 1]].concat());
    add(0xC4, &[&[0x10][..], &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0]].concat());
    let all: Vec<u8> = (1..=components).flat_map(|number| [number, 0x00]).collect();
    let scan = |out: &mut Vec<u8>, parts: &[u8], band: [u8; 3], data: &[u8]| {
        out.extend([0xFF, 0xDA]);
        out.extend(u16::try_from(parts.len() + 6).unwrap_or(0).to_be_bytes());
        out.push(u8::try_from(parts.len() / 2).unwrap_or(0));
        out.extend_from_slice(parts);
        out.extend_from_slice(&band);
        out.extend_from_slice(data);
    };
    if progressive {
        // Category 0 for each component: 00 00 00, filled with ones.
        scan(&mut out, &all, [0, 0, 0], &[0b0000_0011]);
        for number in 1..=components {
            scan(&mut out, &[number, 0x00], [1, 63, 0], &[0b0111_1111]);
        }
    } else {
        // Category 0 and the end of the block for each component: 000, filled with ones.
        let bits = u32::from(components) * 3;
        let data = (u32::MAX >> bits).to_be_bytes();
        scan(&mut out, &all, [0, 63, 0], data.get(..usize::try_from(bits.div_ceil(8)).unwrap_or(0)).unwrap_or_default());
    }
    out.extend_from_slice(b"\xFF\xD9");
    out
}

/// A PNG of these chunks.
fn chunks(parts: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let end: (&[u8; 4], Vec<u8>) = (b"IEND", Vec::new());
    for (name, data) in parts.iter().chain([&end]) {
        let body = [name.as_slice(), data].concat();
        out.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
        out.extend_from_slice(&body);
        out.extend(checksum(&body).to_be_bytes());
    }
    out
}

/// CRC-32 as PNG uses it.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// A zlib stream without compression.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(0);
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    [&[0x78, 0x01, 1][..], &length.to_le_bytes(), &(!length).to_le_bytes(), data, &((high << 16) | low).to_be_bytes()].concat()
}
