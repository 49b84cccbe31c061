//! The sheet itself: what stands where, in points from the lower left corner of an A4 page.

use std::io::Cursor;

use chrono::{Datelike, NaiveDate};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{ColorType, ImageDecoder};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::service::certificate::print::PrintError;
use crate::service::certificate::print::font::{Font, Refs};

const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
/// Where the text begins, and how far the values stand from it.
const LEFT: f32 = 84.0;
const VALUES: f32 = 92.0;
/// Width of the values, beside the photo.
const VALUE_WIDTH: f32 = 232.0;
/// Left, lower, width and height of the photo: 25 by 35 millimetres, half as large again.
const PHOTO: [f32; 4] = [411.0, 405.0, 100.0, 140.0];
/// Left, lower and side of the QR code.
const CODE: [f32; 3] = [LEFT, 104.0, 116.0];

type Colour = [f32; 3];
const GREEN: Colour = [0.059, 0.353, 0.322];
const GOLD: Colour = [0.690, 0.553, 0.235];
const RED: Colour = [0.639, 0.196, 0.122];
const BLACK: Colour = [0.0, 0.0, 0.0];
const INK: Colour = [0.11, 0.14, 0.13];
const SOFT: Colour = [0.36, 0.40, 0.38];

const TEXT: Name<'_> = Name(b"F1");
const STRONG: Name<'_> = Name(b"F2");
const PICTURE: Name<'_> = Name(b"I1");

/// What a sheet says.
pub struct Sheet {
    /// Who issues it.
    pub issuer: String,
    /// 证书编号.
    pub number: String,
    /// Labels and values.
    pub facts: Vec<(&'static str, String)>,
    /// 批准日期.
    pub issued_on: NaiveDate,
    /// JPEG or PNG.
    pub photo: Option<Vec<u8>>,
    /// Where the QR code leads.
    pub address: String,
}

/// A day in words.
pub fn day(day: NaiveDate) -> String {
    format!("{} 年 {} 月 {} 日", day.year(), day.month(), day.day())
}

/// One text: what, how large, how far apart, in which colour.
struct Style {
    strong: bool,
    size: f32,
    apart: f32,
    colour: Colour,
}

const fn style(size: f32, colour: Colour) -> Style {
    Style { strong: false, size, apart: 0.0, colour }
}

/// A page being drawn.
struct Page<'a> {
    content: Content,
    text: Font<'a>,
    strong: Font<'a>,
}

impl Sheet {
    /// Draws the sheet, with the bytes of the two fonts.
    pub fn draw(&self, text: &[u8], strong: &[u8]) -> Result<Vec<u8>, PrintError> {
        let mut page = Page { content: Content::new(), text: Font::open(text)?, strong: Font::open(strong)? };
        let picture = self.photo.as_deref().map(Picture::read).transpose()?;
        page.frame();
        self.head(&mut page)?;
        self.body(&mut page)?;
        page.photo(picture.is_some())?;
        self.foot(&mut page)?;
        let Page { content, text, strong } = page;
        let mut pdf = Pdf::new();
        let mut last = 0;
        let mut next = || {
            last += 1;
            Ref::new(last)
        };
        let (catalog, pages, sheet, stream, info, image) = (next(), next(), next(), next(), next(), next());
        let mut refs = || Refs { font: next(), cid: next(), descriptor: next(), cmap: next(), file: next() };
        let (one, two) = (refs(), refs());
        let mut root = pdf.catalog(catalog);
        root.pages(pages);
        root.lang(TextStr("zh-CN"));
        root.finish();
        pdf.pages(pages).kids([sheet]).count(1);
        let mut a4 = pdf.page(sheet);
        a4.parent(pages).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(stream);
        let mut resources = a4.resources();
        resources.fonts().pair(TEXT, one.font).pair(STRONG, two.font);
        if picture.is_some() {
            resources.x_objects().pair(PICTURE, image);
        }
        resources.finish();
        a4.finish();
        pdf.stream(stream, &content.finish());
        text.embed(&mut pdf, "NotoSansSC-Regular", one)?;
        strong.embed(&mut pdf, "NotoSansSC-Bold", two)?;
        if let Some(picture) = picture {
            picture.embed(&mut pdf, image);
        }
        pdf.document_info(info).title(TextStr(&format!("注册证书 {}", self.number))).author(TextStr(&self.issuer));
        Ok(pdf.finish())
    }

    fn head(&self, page: &mut Page<'_>) -> Result<(), PrintError> {
        page.mark(WIDTH / 2.0, 752.0, 34.0);
        page.centred(&self.issuer, 702.0, &Style { strong: true, size: 17.0, apart: 3.0, colour: GREEN })?;
        page.centred("注册证书", 632.0, &Style { strong: true, size: 40.0, apart: 14.0, colour: INK })?;
        page.centred(&format!("证书编号：{}", self.number), 600.0, &style(11.5, SOFT))?;
        page.line([150.0, 582.0, WIDTH - 150.0, 582.0], 0.8, GOLD);
        Ok(())
    }

    fn body(&self, page: &mut Page<'_>) -> Result<(), PrintError> {
        let mut y = 536.0;
        for (place, (label, value)) in self.facts.iter().enumerate() {
            page.write(label, LEFT, y, &style(12.0, SOFT))?;
            // The holder's name comes first, and stands out.
            let how = if place == 0 { Style { strong: true, size: 17.0, apart: 2.0, colour: INK } } else { style(12.5, INK) };
            for line in page.wrapped(value, VALUE_WIDTH, &how) {
                page.write(&line, LEFT + VALUES, y, &how)?;
                y -= 18.0;
            }
            y -= 9.0;
        }
        let statement = "上述人员符合本协会人员注册要求，准予注册，特发此证。";
        page.write(statement, LEFT, (y - 14.0).min(282.0), &style(13.0, INK))
    }

    fn foot(&self, page: &mut Page<'_>) -> Result<(), PrintError> {
        page.code(&self.address)?;
        page.write("扫描二维码核验证书真伪和当前状态", CODE[0], 88.0, &style(8.5, SOFT))?;
        let right = WIDTH - LEFT;
        page.ending(&self.issuer, right, 158.0, &Style { strong: true, size: 14.0, apart: 1.0, colour: INK })?;
        page.ending(&day(self.issued_on), right, 132.0, &style(12.0, INK))?;
        page.centred("本证书为电子证书，可自行打印；证书是否有效，以查询结果为准。", 56.0, &style(8.0, SOFT))
    }
}

impl Page<'_> {
    fn width(&self, text: &str, style: &Style) -> f32 {
        let font = if style.strong { &self.strong } else { &self.text };
        let letters = text.chars().fold(0.0, |n, _| n + 1.0);
        font.width(text) * style.size + letters * style.apart
    }

    fn write(&mut self, text: &str, x: f32, y: f32, style: &Style) -> Result<(), PrintError> {
        let (font, name) = if style.strong { (&mut self.strong, STRONG) } else { (&mut self.text, TEXT) };
        let line = font.line(text)?;
        let [r, g, b] = style.colour;
        self.content.begin_text();
        self.content.set_fill_rgb(r, g, b).set_char_spacing(style.apart).set_font(name, style.size);
        self.content.next_line(x, y).show(Str(&line.glyphs));
        self.content.end_text();
        Ok(())
    }

    fn centred(&mut self, text: &str, y: f32, style: &Style) -> Result<(), PrintError> {
        // What stands apart has a gap behind its last letter too.
        let x = (WIDTH - self.width(text, style) + style.apart) / 2.0;
        self.write(text, x, y, style)
    }

    fn ending(&mut self, text: &str, x: f32, y: f32, style: &Style) -> Result<(), PrintError> {
        let x = x - self.width(text, style) + style.apart;
        self.write(text, x, y, style)
    }

    /// A text in lines no wider than this.
    fn wrapped(&self, text: &str, width: f32, style: &Style) -> Vec<String> {
        let mut lines = vec![String::new()];
        for letter in text.chars() {
            let full = lines.last().is_some_and(|line| !line.is_empty() && self.width(&format!("{line}{letter}"), style) > width);
            if full {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(letter);
            }
        }
        lines
    }

    fn line(&mut self, [x1, y1, x2, y2]: [f32; 4], thick: f32, [r, g, b]: Colour) {
        self.content.set_stroke_rgb(r, g, b).set_line_width(thick).move_to(x1, y1).line_to(x2, y2).stroke();
    }

    fn border(&mut self, inset: f32, thick: f32, [r, g, b]: Colour) {
        self.content.set_stroke_rgb(r, g, b).set_line_width(thick);
        self.content.rect(inset, inset, WIDTH - 2.0 * inset, HEIGHT - 2.0 * inset).stroke();
    }

    /// Two borders, and a square set into each corner.
    fn frame(&mut self) {
        self.border(26.0, 3.0, GREEN);
        self.border(33.0, 0.8, GOLD);
        self.border(36.5, 0.4, GOLD);
        let [r, g, b] = GREEN;
        for x in [26.0, WIDTH - 44.0] {
            for y in [26.0, HEIGHT - 44.0] {
                self.content.set_fill_rgb(1.0, 1.0, 1.0).set_stroke_rgb(r, g, b).set_line_width(1.4);
                self.content.rect(x, y, 18.0, 18.0).fill_nonzero_and_stroke();
                self.content.set_fill_rgb(r, g, b).rect(x + 5.5, y + 5.5, 7.0, 7.0).fill_nonzero();
            }
        }
    }

    /// The mark of the platform: a seal with a tick.
    fn mark(&mut self, x: f32, y: f32, side: f32) {
        let [r, g, b] = RED;
        let at = |dx: f32, dy: f32| (x + dx * side, y + dy * side);
        self.content.set_stroke_rgb(r, g, b).set_line_width(side * 0.08);
        self.content.rect(x - side / 2.0, y - side / 2.0, side, side).stroke();
        let [(x1, y1), (x2, y2), (x3, y3)] = [at(-0.26, -0.01), at(-0.08, -0.19), at(0.27, 0.2)];
        self.content.set_line_width(side * 0.1).move_to(x1, y1).line_to(x2, y2).line_to(x3, y3).stroke();
    }

    fn photo(&mut self, there: bool) -> Result<(), PrintError> {
        let [x, y, width, height] = PHOTO;
        if there {
            self.content.save_state().transform([width, 0.0, 0.0, height, x, y]).x_object(PICTURE).restore_state();
        } else {
            self.write("照片", x + width / 2.0 - 12.0, y + height / 2.0 - 5.0, &style(12.0, SOFT))?;
        }
        let [r, g, b] = SOFT;
        self.content.set_stroke_rgb(r, g, b).set_line_width(0.6).rect(x, y, width, height).stroke();
        Ok(())
    }

    /// The QR code: runs of dark modules as rectangles. The page around it is its quiet zone.
    fn code(&mut self, address: &str) -> Result<(), PrintError> {
        let code = QrCode::encode_text(address, QrCodeEcc::Medium).map_err(|_| PrintError::Code)?;
        let [x, y, side] = CODE;
        // Modules are counted from the upper left corner.
        let (mut at_y, step) = (y + side, side / units(code.size()));
        let [r, g, b] = BLACK;
        self.content.set_fill_rgb(r, g, b);
        for row in 0..code.size() {
            at_y -= step;
            let mut column = 0;
            while column < code.size() {
                let run = (column..code.size()).take_while(|c| code.get_module(*c, row)).fold(0, |n, _| n + 1);
                if run > 0 {
                    self.content.rect(x + units(column) * step, at_y, units(run) * step, step);
                }
                column += run.max(1);
            }
        }
        self.content.fill_nonzero();
        Ok(())
    }
}

/// A count of modules; a QR code has at most 177 in a row.
fn units(count: i32) -> f32 {
    f32::from(i16::try_from(count).unwrap_or(i16::MAX))
}

/// A photo as a PDF holds it.
struct Picture {
    jpeg: Vec<u8>,
    width: i32,
    height: i32,
    grey: bool,
}

impl Picture {
    /// A JPEG is taken as it is; another picture is drawn anew.
    fn read(bytes: &[u8]) -> Result<Self, PrintError> {
        match JpegDecoder::new(Cursor::new(bytes)) {
            Ok(decoder) => Self::of(bytes.to_vec(), &decoder),
            Err(_) => {
                let image = image::load_from_memory(bytes).map_err(|_| PrintError::Photo)?.to_rgb8();
                let mut jpeg = Vec::new();
                image.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 90)).map_err(|_| PrintError::Photo)?;
                let decoder = JpegDecoder::new(Cursor::new(jpeg.as_slice())).map_err(|_| PrintError::Photo)?;
                Self::of(jpeg.clone(), &decoder)
            }
        }
    }

    fn of(jpeg: Vec<u8>, decoder: &impl ImageDecoder) -> Result<Self, PrintError> {
        let (width, height) = decoder.dimensions();
        let side = |length: u32| i32::try_from(length).map_err(|_| PrintError::Photo);
        Ok(Self { jpeg, width: side(width)?, height: side(height)?, grey: decoder.color_type() == ColorType::L8 })
    }

    fn embed(&self, pdf: &mut Pdf, id: Ref) {
        let mut image = pdf.image_xobject(id, &self.jpeg);
        image.filter(Filter::DctDecode);
        image.width(self.width).height(self.height).bits_per_component(8);
        if self.grey {
            image.color_space().device_gray();
        } else {
            image.color_space().device_rgb();
        }
    }
}
