//! Layout of the certificate, in points from the lower left corner of an A4 page.

use crate::infra::pdf::{Colour, FontData, PageSize, Photo, SinglePage, TextStyle, draw_document};
use crate::infra::qr_code::{QrCode, Run};
use crate::service::certificate::print::error::PrintError;
use chrono::{Datelike, NaiveDate};

const WIDTH: f32 = PageSize::A4.width;
const HEIGHT: f32 = PageSize::A4.height;
/// Left margin, and distance of the values from it.
const LEFT: f32 = 84.0;
const VALUES: f32 = 92.0;
/// Width of the values, beside the photo.
const VALUE_WIDTH: f32 = 232.0;
/// Left, lower, width and height of the photo: 25 by 35 millimetres, half as large again.
const PHOTO: [f32; 4] = [411.0, 405.0, 100.0, 140.0];
/// Left, lower and side of the QR code.
const CODE: [f32; 3] = [LEFT, 104.0, 116.0];

const GREEN: Colour = [15, 90, 82];
const GOLD: Colour = [176, 141, 60];
const RED: Colour = [163, 50, 31];
const BLACK: Colour = [0, 0, 0];
const WHITE: Colour = [255, 255, 255];
const INK: Colour = [28, 36, 33];
const SOFT: Colour = [92, 102, 97];

/// Content of a certificate.
pub struct CertificateSheet {
    /// Issuer.
    pub issuer: String,
    /// 证书编号.
    pub number: String,
    /// Labels and values.
    pub entries: Vec<(&'static str, String)>,
    /// 批准日期.
    pub issued_on: NaiveDate,
    /// JPEG or PNG.
    pub photo: Option<Vec<u8>>,
    /// Address in the QR code.
    pub address: String,
}

/// A day as text.
pub fn day(day: NaiveDate) -> String {
    format!("{} 年 {} 月 {} 日", day.year(), day.month(), day.day())
}

const fn text(size: f32, colour: Colour) -> TextStyle {
    TextStyle { bold: false, size, spacing: 0.0, colour }
}

const fn heading(size: f32, spacing: f32, colour: Colour) -> TextStyle {
    TextStyle { bold: true, size, spacing, colour }
}

/// The page under construction.
struct Page<'p, 'a>(&'p mut SinglePage<'a>);

impl CertificateSheet {
    /// Draws the PDF.
    ///
    /// # Errors
    /// [`PrintError::MissingGlyph`] for a character that the fonts lack, [`PrintError::Photo`] for a photo that cannot be decoded,
    /// [`PrintError::QrCode`] for an address that is too long.
    pub fn draw(&self, fonts: &FontData) -> Result<Vec<u8>, PrintError> {
        let photo = self.photo.as_deref().map(Photo::read).transpose()?;
        let title = format!("注册证书 {}", self.number);
        draw_document((&title, &self.issuer, self.issued_on), PageSize::A4, fonts, |page| {
            let mut page = Page(page);
            page.frame();
            self.head(&mut page)?;
            self.body(&mut page)?;
            page.photo(photo)?;
            self.foot(&mut page)
        })
    }

    fn head(&self, page: &mut Page<'_, '_>) -> Result<(), PrintError> {
        page.mark(WIDTH / 2.0, 752.0, 34.0);
        page.centred(&self.issuer, 702.0, &heading(17.0, 3.0, GREEN))?;
        page.centred("注册证书", 632.0, &heading(40.0, 14.0, INK))?;
        page.centred(&format!("证书编号：{}", self.number), 600.0, &text(11.5, SOFT))?;
        page.0.line(&[(150.0, 582.0), (WIDTH - 150.0, 582.0)], 0.8, GOLD);
        Ok(())
    }

    fn body(&self, page: &mut Page<'_, '_>) -> Result<(), PrintError> {
        let mut y = 536.0;
        for (place, (label, value)) in self.entries.iter().enumerate() {
            page.write(label, LEFT, y, &text(12.0, SOFT))?;
            // The holder's name comes first, larger.
            let how = if place == 0 { heading(17.0, 2.0, INK) } else { text(12.5, INK) };
            for line in page.wrapped(value, VALUE_WIDTH, &how) {
                page.write(&line, LEFT + VALUES, y, &how)?;
                y -= 18.0;
            }
            y -= 9.0;
        }
        let statement = "上述人员符合本协会人员注册要求，准予注册，特发此证。";
        page.write(statement, LEFT, (y - 14.0).min(282.0), &text(13.0, INK))
    }

    fn foot(&self, page: &mut Page<'_, '_>) -> Result<(), PrintError> {
        page.code(&self.address)?;
        page.write("扫描二维码核验证书真伪和当前状态", CODE[0], 88.0, &text(8.5, SOFT))?;
        let right = WIDTH - LEFT;
        page.ending(&self.issuer, right, 158.0, &heading(14.0, 1.0, INK))?;
        page.ending(&day(self.issued_on), right, 132.0, &text(12.0, INK))?;
        page.centred("本证书为电子证书，可自行打印；证书是否有效，以查询结果为准。", 56.0, &text(8.0, SOFT))
    }
}

impl Page<'_, '_> {
    fn write(&mut self, text: &str, x: f32, y: f32, style: &TextStyle) -> Result<(), PrintError> {
        Ok(self.0.write(text, x, y, style)?)
    }

    fn centred(&mut self, text: &str, y: f32, style: &TextStyle) -> Result<(), PrintError> {
        // Spacing also follows the last character.
        let x = (WIDTH - self.0.text_width(text, style) + style.spacing) / 2.0;
        self.write(text, x, y, style)
    }

    fn ending(&mut self, text: &str, x: f32, y: f32, style: &TextStyle) -> Result<(), PrintError> {
        let x = x - self.0.text_width(text, style) + style.spacing;
        self.write(text, x, y, style)
    }

    /// Wraps a text to a width.
    fn wrapped(&self, text: &str, width: f32, style: &TextStyle) -> Vec<String> {
        let mut lines = vec![String::new()];
        for character in text.chars() {
            let full = lines.last().is_some_and(|line| !line.is_empty() && self.0.text_width(&format!("{line}{character}"), style) > width);
            if full {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
        }
        lines
    }

    fn border(&mut self, inset: f32, width: f32, colour: Colour) {
        self.0.rectangle([inset, inset, WIDTH - 2.0 * inset, HEIGHT - 2.0 * inset], None, Some((width, colour)));
    }

    /// Draws two borders and a square in each corner.
    fn frame(&mut self) {
        self.border(26.0, 3.0, GREEN);
        self.border(33.0, 0.8, GOLD);
        self.border(36.5, 0.4, GOLD);
        for x in [26.0, WIDTH - 44.0] {
            for y in [26.0, HEIGHT - 44.0] {
                self.0.rectangle([x, y, 18.0, 18.0], Some(WHITE), Some((1.4, GREEN)));
                self.0.rectangle([x + 5.5, y + 5.5, 7.0, 7.0], Some(GREEN), None);
            }
        }
    }

    /// Draws the logo: a square seal with a tick.
    fn mark(&mut self, x: f32, y: f32, side: f32) {
        let at = |dx: f32, dy: f32| (x + dx * side, y + dy * side);
        self.0.rectangle([x - side / 2.0, y - side / 2.0, side, side], None, Some((side * 0.08, RED)));
        self.0.line(&[at(-0.26, -0.01), at(-0.08, -0.19), at(0.27, 0.2)], side * 0.1, RED);
    }

    fn photo(&mut self, photo: Option<Photo>) -> Result<(), PrintError> {
        let [x, y, width, height] = PHOTO;
        match photo {
            Some(photo) => self.0.image(photo, PHOTO),
            None => self.write("照片", x + width / 2.0 - 12.0, y + height / 2.0 - 5.0, &text(12.0, SOFT))?,
        }
        self.0.rectangle(PHOTO, None, Some((0.6, SOFT)));
        Ok(())
    }

    /// Draws the QR code as rectangles of dark modules. The page around it is its quiet zone.
    fn code(&mut self, address: &str) -> Result<(), PrintError> {
        let code = QrCode::of(address).ok_or(PrintError::QrCode)?;
        let [x, y, side] = CODE;
        // Modules are counted from the upper left corner.
        let step = side / units(code.size);
        let rectangle = |run: &Run| [x + units(run.column) * step, y + side - units(run.row + 1) * step, units(run.length) * step, step];
        let modules: Vec<[f32; 4]> = code.runs.iter().map(rectangle).collect();
        self.0.rectangles(&modules, Some(BLACK), None);
        Ok(())
    }
}

/// Converts a number of modules, at most 177.
fn units(count: i32) -> f32 {
    f32::from(i16::try_from(count).unwrap_or(i16::MAX))
}
