//! A document of one page with two fonts. Positions are in points from the lower left corner.

use chrono::{Datelike, NaiveDate};
use image::ImageFormat;
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::error::KrillaError;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use crate::infra::pdf::error::PdfError;
use crate::infra::pdf::font::DocumentFont;
use crate::infra::pdf::renderer::FontData;

/// Red, green and blue.
pub type Colour = [u8; 3];

/// Width and height of a page, in points.
#[derive(Debug, Clone, Copy)]
pub struct PageSize {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl PageSize {
    /// A4.
    pub const A4: Self = Self { width: 595.28, height: 841.89 };
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub struct TextStyle {
    /// Whether it is set in the bold font.
    pub bold: bool,
    /// Font size in points.
    pub size: f32,
    /// Space added behind each character, in points.
    pub spacing: f32,
    /// Its colour.
    pub colour: Colour,
}

/// An image for a document.
pub struct Photo(Image);

impl Photo {
    /// Takes a JPEG as it is, and encodes any other image as one.
    ///
    /// # Errors
    /// [`PdfError::Image`] if the bytes are no image.
    pub fn read(bytes: &[u8]) -> Result<Self, PdfError> {
        let jpeg = match image::guess_format(bytes) {
            Ok(ImageFormat::Jpeg) => bytes.to_vec(),
            _ => encode_jpeg(bytes)?,
        };
        Image::from_jpeg(jpeg.into(), false).map(Self).map_err(|_| PdfError::Image)
    }
}

fn encode_jpeg(bytes: &[u8]) -> Result<Vec<u8>, PdfError> {
    let image = image::load_from_memory(bytes).map_err(|_| PdfError::Image)?.to_rgb8();
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90);
    image.write_with_encoder(encoder).map_err(|_| PdfError::Image)?;
    Ok(jpeg)
}

/// Draws a document of one page, as PDF/A-2u. `on` is its day of creation.
///
/// # Errors
/// [`PdfError::Font`] if a font cannot be used; [`PdfError::Invalid`] if the page breaks a rule of PDF/A; whatever `draw` fails with.
pub fn draw_document<E: From<PdfError>>(
    (title, author, on): (&str, &str, NaiveDate),
    size: PageSize,
    fonts: &FontData,
    draw: impl FnOnce(&mut SinglePage<'_>) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_U).finish().map_err(|_| PdfError::Invalid)?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(metadata(title, author, on));
    let mut page = document.start_page_with(PageSettings::from_wh(size.width, size.height).ok_or(PdfError::Invalid)?);
    let mut single =
        SinglePage { surface: page.surface(), size, regular: DocumentFont::open(&fonts.regular)?, bold: DocumentFont::open(&fonts.bold)? };
    draw(&mut single)?;
    drop(single);
    page.finish();
    document.finish().map_err(|error| E::from(finish_error(&error)))
}

fn finish_error(error: &KrillaError) -> PdfError {
    match error {
        KrillaError::Font(..) => PdfError::Font,
        KrillaError::Image(..) => PdfError::Image,
        _ => PdfError::Invalid,
    }
}

fn metadata(title: &str, author: &str, on: NaiveDate) -> Metadata {
    let year = u16::try_from(on.year()).unwrap_or(0);
    let day = |n: u32| u8::try_from(n).unwrap_or(1);
    let date = DateTime::new(year).month(day(on.month())).day(day(on.day()));
    Metadata::new().title(title.to_owned()).authors(vec![author.to_owned()]).language("zh-CN".to_owned()).creation_date(date)
}

/// The page while it is drawn.
pub struct SinglePage<'a> {
    surface: Surface<'a>,
    size: PageSize,
    regular: DocumentFont<'a>,
    bold: DocumentFont<'a>,
}

impl SinglePage<'_> {
    fn font(&self, style: &TextStyle) -> &DocumentFont<'_> {
        if style.bold { &self.bold } else { &self.regular }
    }

    /// The width of a text, with the space behind its last character.
    pub fn text_width(&self, text: &str, style: &TextStyle) -> f32 {
        let characters = text.chars().fold(0.0, |n, _| n + 1.0);
        self.font(style).width(text) * style.size + characters * style.spacing
    }

    /// Writes a text that begins at a point of its base line.
    ///
    /// # Errors
    /// [`PdfError::MissingGlyph`] if the font lacks one of its characters.
    pub fn write(&mut self, text: &str, x: f32, y: f32, style: &TextStyle) -> Result<(), PdfError> {
        let font = self.font(style);
        let (glyphs, font) = (font.glyphs(text, style.spacing / style.size)?, font.embedded());
        let start = Point::from_xy(x, self.size.height - y);
        self.surface.set_fill(Some(fill(style.colour)));
        self.surface.set_stroke(None);
        self.surface.draw_glyphs(start, &glyphs, font, text, style.size, false);
        Ok(())
    }

    /// Draws a line through points.
    pub fn line(&mut self, points: &[(f32, f32)], width: f32, colour: Colour) {
        let mut path = PathBuilder::new();
        for (place, (x, y)) in points.iter().enumerate() {
            let y = self.size.height - y;
            if place == 0 { path.move_to(*x, y) } else { path.line_to(*x, y) }
        }
        self.draw(path.finish(), None, Some((width, colour)));
    }

    /// Draws a rectangle, left, lower, width and height: filled, outlined with a line of a width, or both.
    pub fn rectangle(&mut self, rectangle: [f32; 4], filled: Option<Colour>, outlined: Option<(f32, Colour)>) {
        self.rectangles(&[rectangle], filled, outlined);
    }

    /// Draws several rectangles as one shape.
    pub fn rectangles(&mut self, rectangles: &[[f32; 4]], filled: Option<Colour>, outlined: Option<(f32, Colour)>) {
        let mut path = PathBuilder::new();
        for [x, y, width, height] in rectangles {
            if let Some(rect) = Rect::from_xywh(*x, self.size.height - y - height, *width, *height) {
                path.push_rect(rect);
            }
        }
        self.draw(path.finish(), filled, outlined);
    }

    fn draw(&mut self, path: Option<Path>, filled: Option<Colour>, outlined: Option<(f32, Colour)>) {
        let Some(path) = path else { return };
        self.surface.set_fill(filled.map(fill));
        self.surface.set_stroke(outlined.map(|(width, colour)| Stroke { paint: rgb_colour(colour).into(), width, ..Stroke::default() }));
        self.surface.draw_path(&path);
    }

    /// Draws an image into a rectangle: left, lower, width and height.
    pub fn image(&mut self, Photo(image): Photo, [x, y, width, height]: [f32; 4]) {
        let Some(size) = Size::from_wh(width, height) else { return };
        self.surface.push_transform(&Transform::from_translate(x, self.size.height - y - height));
        self.surface.draw_image(image, size);
        self.surface.pop();
    }
}

fn rgb_colour([red, green, blue]: Colour) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

fn fill(colour: Colour) -> Fill {
    Fill { paint: rgb_colour(colour).into(), ..Fill::default() }
}
