//! Fonts in a PDF: measured, and embedded with the glyphs that were used and no other.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;

use crate::service::certificate::print::PrintError;

/// Ids of the objects one font takes.
#[derive(Debug, Clone, Copy)]
pub struct Refs {
    /// The font itself.
    pub font: Ref,
    pub cid: Ref,
    pub descriptor: Ref,
    pub cmap: Ref,
    pub file: Ref,
}

/// A font, and what of it was used.
pub struct Font<'a> {
    bytes: &'a [u8],
    face: ttf_parser::Face<'a>,
    glyphs: GlyphRemapper,
    /// New number of each glyph, its letter and its width in thousandths of the size.
    used: BTreeMap<u16, (char, f32)>,
}

/// A text as a PDF shows it.
pub struct Line {
    /// Two bytes a glyph.
    pub glyphs: Vec<u8>,
    /// Width, in parts of the size.
    pub width: f32,
}

const ORDERING: SystemInfo<'_> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

impl<'a> Font<'a> {
    /// Opens a TrueType font.
    pub fn open(bytes: &'a [u8]) -> Result<Self, PrintError> {
        let face = ttf_parser::Face::parse(bytes, 0).map_err(|_| PrintError::Font)?;
        Ok(Self { bytes, face, glyphs: GlyphRemapper::new(), used: BTreeMap::new() })
    }

    fn thousandths(&self, units: f32) -> f32 {
        units * 1000.0 / f32::from(self.face.units_per_em())
    }

    /// Writes a text. A letter the font does not have is refused: a certificate must not show boxes.
    pub fn line(&mut self, text: &str) -> Result<Line, PrintError> {
        let mut line = Line { glyphs: Vec::with_capacity(text.len()), width: 0.0 };
        for letter in text.chars() {
            let glyph = self.face.glyph_index(letter).ok_or(PrintError::Letter)?;
            let width = self.thousandths(f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)));
            let new = self.glyphs.remap(glyph.0);
            self.used.insert(new, (letter, width));
            line.glyphs.extend_from_slice(&new.to_be_bytes());
            line.width += width / 1000.0;
        }
        Ok(line)
    }

    /// How wide a text would be, in parts of the size.
    pub fn width(&self, text: &str) -> f32 {
        let advance = |letter| self.face.glyph_index(letter).and_then(|g| self.face.glyph_hor_advance(g)).unwrap_or(0);
        text.chars().map(|c| self.thousandths(f32::from(advance(c))) / 1000.0).sum()
    }

    /// Embeds what was used.
    pub fn embed(self, pdf: &mut Pdf, name: &str, refs: Refs) -> Result<(), PrintError> {
        let subset = subsetter::subset(self.bytes, 0, &self.glyphs).map_err(|_| PrintError::Font)?;
        // Six letters before the name say that it is a part.
        let name = format!("REGISA+{name}");
        let name = Name(name.as_bytes());
        pdf.type0_font(refs.font).base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(refs.cid).to_unicode(refs.cmap);
        let mut cid = pdf.cid_font(refs.cid);
        cid.subtype(CidFontType::Type2).base_font(name).system_info(ORDERING).font_descriptor(refs.descriptor).default_width(1000.0);
        cid.cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = cid.widths();
        for (glyph, (_, width)) in &self.used {
            widths.same(*glyph, *glyph, *width);
        }
        drop(widths);
        drop(cid);
        let scale = |units: i16| self.thousandths(f32::from(units));
        let bounds = self.face.global_bounding_box();
        pdf.font_descriptor(refs.descriptor)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(scale(bounds.x_min), scale(bounds.y_min), scale(bounds.x_max), scale(bounds.y_max)))
            .italic_angle(0.0)
            .ascent(scale(self.face.ascender()))
            .descent(scale(self.face.descender()))
            .cap_height(scale(self.face.capital_height().unwrap_or(self.face.ascender())))
            .stem_v(80.0)
            .font_file2(refs.file);
        let mut cmap = UnicodeCmap::new(Name(b"Custom"), ORDERING);
        for (glyph, (letter, _)) in &self.used {
            cmap.pair(*glyph, *letter);
        }
        pdf.cmap(refs.cmap, &cmap.finish());
        let length = i32::try_from(subset.len()).unwrap_or(i32::MAX);
        pdf.stream(refs.file, &subset).pair(Name(b"Length1"), length);
        Ok(())
    }
}
