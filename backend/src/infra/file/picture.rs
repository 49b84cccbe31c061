//! Pictures are drawn anew: upright, in sRGB, over white, without metadata and without anything after their end.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageResult, RgbImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

use crate::infra::file::error::FileError;

/// Maximum pixels of an image.
const PIXELS: u64 = 40_000_000;
/// Maximum memory of a decoded image, in bytes.
const DECODED: u64 = 160 * 1024 * 1024;
/// Put at the end of the data of a JPEG: where data is missing, a decoder draws from it.
const FILLER: [u8; 4] = [0x5A, 0x33, 0xC6, 0x1D];
const FILLED: usize = 4096;
const END_OF_IMAGE: &[u8] = b"\xFF\xD9";

/// A JPEG as it is stored.
///
/// # Errors
/// [`FileError::Pixels`]; [`FileError::Damaged`] if it cannot be decoded to its last row.
pub fn draw_jpeg(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
    let image = decode_jpeg(bytes)?;
    if !is_whole(bytes, &image) {
        return Err(FileError::CutOff);
    }
    draw(image.turned()?, |image, out| image.write_with_encoder(JpegEncoder::new_with_quality(out, 90)))
}

/// A PNG as it is stored; of an animation, its first picture.
///
/// # Errors
/// As [`draw_jpeg`].
pub fn draw_png(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
    let decoder = PngDecoder::new(Cursor::new(bytes)).map_err(|_| FileError::Damaged)?;
    let image = Decoded::read(decoder).map_err(|error| if error == FileError::Damaged { FileError::CutOff } else { error })?;
    draw(image.turned()?, |image, out| image.write_with_encoder(PngEncoder::new(out)))
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

/// A decoded picture with what its file says about it.
struct Decoded {
    image: DynamicImage,
    turn: Orientation,
    profile: Option<ColorProfile>,
}

impl Decoded {
    fn read(mut decoder: impl ImageDecoder) -> Result<Self, FileError> {
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > PIXELS || decoder.total_bytes() > DECODED {
            return Err(FileError::Pixels);
        }
        // A picture whose metadata cannot be read is shown as it is.
        let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let profile = decoder.icc_profile().ok().flatten().and_then(|profile| ColorProfile::new_from_slice(&profile).ok());
        let image = DynamicImage::from_decoder(decoder).map_err(|_| FileError::Damaged)?;
        Ok(Self { image, turn, profile })
    }

    /// The picture upright, in sRGB, over white.
    fn turned(self) -> Result<DynamicImage, FileError> {
        let Self { image, turn, profile } = self;
        let converted = profile.and_then(|profile| in_srgb(&image, &profile));
        let mut image = match converted {
            Some(converted) => DynamicImage::ImageRgb8(converted),
            None => over_white(image),
        };
        image.apply_orientation(turn);
        Ok(image)
    }
}

fn decode_jpeg(bytes: &[u8]) -> Result<Decoded, FileError> {
    Decoded::read(JpegDecoder::new(Cursor::new(bytes)).map_err(|_| FileError::Damaged)?)
}

/// Whether a JPEG has data for its last row. Decoders fill what is missing with grey or with what the end of the data happens to say; so a
/// picture that lacks data looks different when other data follows, and a whole one does not.
fn is_whole(bytes: &[u8], image: &Decoded) -> bool {
    let (end, has_end) = end_of_data(bytes);
    let data = bytes.get(..end).unwrap_or(bytes);
    let filler: Vec<u8> = FILLER.iter().copied().cycle().take(FILLED).collect();
    match decode_jpeg(&[data, &filler, END_OF_IMAGE].concat()) {
        Ok(filled) => filled.image.as_bytes() == image.image.as_bytes(),
        Err(_) => has_end,
    }
}

/// Where the data of the first picture of a JPEG ends, and whether a mark says so.
fn end_of_data(bytes: &[u8]) -> (usize, bool) {
    let byte = |at: usize| bytes.get(at).copied();
    let mut at = 2;
    while let (Some(first), Some(marker)) = (byte(at), byte(at + 1)) {
        match marker {
            // Decoders pass over bytes between segments.
            _ if first != 0xFF => at += 1,
            0xD9 => return (at, true),
            0xFF => at += 1,
            0x01 | 0xD0..=0xD7 => at += 2,
            _ => {
                let length = usize::from(byte(at + 2).unwrap_or(0)) << 8 | usize::from(byte(at + 3).unwrap_or(0));
                at += 2 + length.max(2);
                if marker == 0xDA {
                    at = end_of_scan(bytes, at);
                }
            }
        }
    }
    (at.min(bytes.len()), false)
}

/// Where the next marker stands after the data of a scan.
fn end_of_scan(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let ends = |pair: &[u8]| matches!(pair, [0xFF, marker] if !matches!(marker, 0x00 | 0xD0..=0xD7 | 0xFF));
    rest.windows(2).position(ends).map_or(bytes.len(), |at| from + at)
}

/// The picture in sRGB over white, by its embedded profile; `None` if the profile is not one for its pixels.
fn in_srgb(image: &DynamicImage, profile: &ColorProfile) -> Option<RgbImage> {
    let srgb = ColorProfile::new_srgb();
    let grey = !image.color().has_color();
    let (source, layout) = match (profile.color_space, grey) {
        (DataColorSpace::Gray, true) => (image.to_luma8().into_raw(), Layout::Gray),
        (DataColorSpace::Rgb, _) => (image.to_rgb8().into_raw(), Layout::Rgb),
        _ => return None,
    };
    let transform: Arc<dyn TransformExecutor<u8> + Send + Sync> =
        profile.create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default()).ok()?;
    let mut converted = RgbImage::new(image.width(), image.height());
    transform.transform(&source, &mut converted).ok()?;
    if image.color().has_alpha() {
        let alpha = image.to_rgba8();
        for (pixel, alpha) in converted.pixels_mut().zip(alpha.pixels()) {
            pixel.0 = pixel.0.map(|shade| over(shade, alpha.0[3]));
        }
    }
    Some(converted)
}

/// The picture without transparency, in 8 bits a channel.
fn over_white(image: DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return match image.color() {
            ColorType::L8 | ColorType::Rgb8 => image,
            ColorType::L16 => DynamicImage::ImageLuma8(image.into_luma8()),
            _ => DynamicImage::ImageRgb8(image.into_rgb8()),
        };
    }
    let seen = image.into_rgba8();
    let mut plain = RgbImage::new(seen.width(), seen.height());
    for (pixel, image::Rgba([red, green, blue, alpha])) in plain.pixels_mut().zip(seen.pixels()) {
        pixel.0 = [red, green, blue].map(|shade| over(*shade, *alpha));
    }
    DynamicImage::ImageRgb8(plain)
}

/// A shade of this opacity over white.
fn over(shade: u8, alpha: u8) -> u8 {
    let (shade, alpha) = (u32::from(shade), u32::from(alpha));
    u8::try_from((shade * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

fn draw(image: DynamicImage, encode: impl FnOnce(&DynamicImage, &mut Vec<u8>) -> ImageResult<()>) -> Result<Vec<u8>, FileError> {
    let mut out = Vec::new();
    encode(&image, &mut out).map_err(|_| FileError::Damaged)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
