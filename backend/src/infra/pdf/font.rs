//! Fonts: measured here, embedded by krilla with the glyphs that were used and no other.

use std::sync::Arc;

use krilla::text::{Font, GlyphId, KrillaGlyph};

use crate::infra::pdf::error::PdfError;

/// A TrueType font.
pub(crate) struct DocumentFont<'a> {
    face: ttf_parser::Face<'a>,
    embedded: Font,
}

impl<'a> DocumentFont<'a> {
    /// Opens a TrueType font.
    pub(crate) fn open(bytes: &'a Arc<Vec<u8>>) -> Result<Self, PdfError> {
        let face = ttf_parser::Face::parse(bytes, 0).map_err(|_| PdfError::Font)?;
        let embedded = Font::new(Arc::clone(bytes).into(), 0).ok_or(PdfError::Font)?;
        Ok(Self { face, embedded })
    }

    /// The font as krilla embeds it.
    pub(crate) fn embedded(&self) -> Font {
        self.embedded.clone()
    }

    /// The width of a character in parts of the font size; 0 if the font lacks it.
    fn advance(&self, character: char) -> f32 {
        let units = self.face.glyph_index(character).and_then(|g| self.face.glyph_hor_advance(g)).unwrap_or(0);
        f32::from(units) / f32::from(self.face.units_per_em())
    }

    /// The width of a text in parts of the font size.
    pub(crate) fn width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.advance(c)).sum()
    }

    /// The glyphs of a text, each followed by a space in parts of the font size. A character that the font lacks is an error.
    pub(crate) fn glyphs(&self, text: &str, spacing: f32) -> Result<Vec<KrillaGlyph>, PdfError> {
        let glyph = |(start, character): (usize, char)| {
            let index = self.face.glyph_index(character).ok_or(PdfError::MissingGlyph(character))?;
            let range = start..start + character.len_utf8();
            let advance = self.advance(character) + spacing;
            Ok(KrillaGlyph::new(GlyphId::new(u32::from(index.0)), advance, 0.0, 0.0, 0.0, range, None))
        };
        text.char_indices().map(glyph).collect()
    }
}
