//! What people see of a picture is what is stored of it.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, GrayAlphaImage, ImageEncoder, LumaA, Rgb, Rgba, RgbaImage};
use moxcms::ColorProfile;

use super::*;

fn png(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
    bytes
}

/// A picture with a different colour at each place.
fn colourful(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 7 + y * 3) as u8, (x * y) as u8, (x ^ y) as u8]))
}

fn jpeg_of(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
    bytes
}

fn first_pixel(stored: &[u8]) -> [u8; 3] {
    image::load_from_memory(stored).unwrap().to_rgb8().get_pixel(0, 0).0
}

#[test]
fn what_is_transparent_is_white() {
    let seal = RgbaImage::from_fn(4, 4, |_, _| Rgba([0, 0, 0, 0]));
    assert_eq!(first_pixel(&draw_png(&png(&seal.into())).unwrap()), [255; 3]);
    let quarter = RgbaImage::from_pixel(4, 4, Rgba([255, 0, 0, 64]));
    assert_eq!(first_pixel(&draw_png(&png(&quarter.into())).unwrap()), [255, 191, 191]);
    let signature = GrayAlphaImage::from_pixel(4, 4, LumaA([0, 0]));
    assert_eq!(first_pixel(&draw_png(&png(&signature.into())).unwrap()), [255; 3]);
    let solid = RgbaImage::from_pixel(4, 4, Rgba([10, 20, 30, 255]));
    assert_eq!(first_pixel(&draw_png(&png(&solid.into())).unwrap()), [10, 20, 30]);
}

#[test]
fn colours_are_those_of_the_embedded_profile() {
    let profile = ColorProfile::new_adobe_rgb().encode().unwrap();
    let pixels: Vec<u8> = [171, 35, 44].repeat(16 * 16);
    let (mut jpeg, mut png) = (Vec::new(), Vec::new());
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 100);
    encoder.set_icc_profile(profile.clone()).unwrap();
    encoder.write_image(&pixels, 16, 16, ExtendedColorType::Rgb8).unwrap();
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_icc_profile(profile).unwrap();
    encoder.write_image(&pixels, 16, 16, ExtendedColorType::Rgb8).unwrap();
    for stored in [draw_jpeg(&jpeg).unwrap(), draw_png(&png).unwrap()] {
        let seen = first_pixel(&stored);
        let near = seen.iter().zip([200, 30, 40]).all(|(shade, expected)| shade.abs_diff(expected) <= 6);
        assert!(near, "{seen:?}");
    }
}

#[test]
fn a_profile_that_cannot_be_read_or_is_for_other_pixels_changes_nothing() {
    for profile in [b"no profile at all".to_vec(), ColorProfile::new_gray_with_gamma(2.2).encode().unwrap()] {
        let mut bytes = Vec::new();
        let mut encoder = PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile).unwrap();
        encoder.write_image(&[10, 20, 30], 1, 1, ExtendedColorType::Rgb8).unwrap();
        assert_eq!(first_pixel(&draw_png(&bytes).unwrap()), [10, 20, 30]);
    }
}

#[test]
fn a_picture_that_is_cut_off_is_refused_also_with_an_end_mark() {
    for image in [colourful(200, 160), RgbImage::from_pixel(200, 160, Rgb([250, 250, 250]))] {
        let whole = jpeg_of(&image);
        assert!(draw_jpeg(&whole).is_ok());
        for part in [50, 90] {
            let cut = &whole[..whole.len() * part / 100];
            assert_eq!(draw_jpeg(cut), Err(FileError::CutOff), "{part}");
            assert_eq!(draw_jpeg(&[cut, END_OF_IMAGE].concat()), Err(FileError::CutOff), "{part} with an end mark");
        }
        let bytes = png(&image.into());
        assert_eq!(draw_png(&bytes[..bytes.len() / 2]), Err(FileError::CutOff));
    }
    assert_eq!(draw_jpeg(&jpeg_of(&colourful(9, 9))[..20]), Err(FileError::Damaged));
}

#[test]
fn a_whole_picture_is_taken_without_its_end_mark_and_with_anything_after_it() {
    let whole = jpeg_of(&colourful(200, 160));
    assert!(draw_jpeg(&whole[..whole.len() - 2]).is_ok());
    assert!(draw_jpeg(&[whole.as_slice(), b"trailing \xFF\xD8\xFF data"].concat()).is_ok());
}

#[test]
fn pictures_of_every_depth_are_taken() {
    let rgb16 = image::ImageBuffer::<Rgb<u16>, _>::from_pixel(8, 8, Rgb([65535, 0, 32768]));
    let stored = draw_png(&png(&DynamicImage::ImageRgb16(rgb16))).unwrap();
    assert_eq!(first_pixel(&stored), [255, 0, 128]);
    let grey16 = image::ImageBuffer::<image::Luma<u16>, _>::from_pixel(8, 8, image::Luma([32768]));
    assert_eq!(first_pixel(&draw_png(&png(&DynamicImage::ImageLuma16(grey16))).unwrap()), [128; 3]);
}

#[test]
fn the_size_of_a_jpeg_is_read_from_its_head_as_it_is_looked_at() {
    let bytes = jpeg_of(&colourful(295, 413));
    assert_eq!(jpeg_size(&bytes), Some((295, 413)));
    assert_eq!(jpeg_size(&bytes[..bytes.len() / 2]), Some((295, 413)), "the head is enough");
    // An Exif segment after the first marker, with a rotation.
    let exif = |turn: u8| {
        [b"\xFF\xE1\0\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[turn], b"\0\0\0\0\0\0"].concat()
    };
    let turned = [&bytes[..2], &exif(6), &bytes[2..]].concat();
    assert_eq!(jpeg_size(&turned), Some((413, 295)));
    let odd = [&bytes[..2], &exif(99), &bytes[2..]].concat();
    assert_eq!(jpeg_size(&draw_jpeg(&odd).unwrap()), Some((295, 413)));
    for other in [&b""[..], b"\x89PNG\r\n\x1a\n", b"\xFF\xD8\xFF", b"%PDF-1.4"] {
        assert_eq!(jpeg_size(other), None);
    }
}

#[test]
fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() {
    // A PNG header of 16384 × 16384 pixels without data.
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x40\0\0\0\x40\0\x08\x06\0\0\0".to_vec();
    bytes.extend_from_slice(&0x0d70_8f28_u32.to_be_bytes());
    let error = draw_png(&bytes).unwrap_err();
    assert!(matches!(error, FileError::Pixels | FileError::Damaged), "{error:?}");
}
