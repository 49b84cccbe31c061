//! The characters for which the fonts of documents have glyphs.

use crate::infra::pdf::error::PdfError;

/// Characters per word of the set.
const BITS: usize = 64;
/// Words for every code of Unicode.
const WORDS: usize = 0x11_0000 / BITS;

/// The characters that both fonts have, as a set of bits: 136 KB instead of two fonts of 10 MB.
pub(crate) struct FontCoverage(Vec<u64>);

impl FontCoverage {
    /// Reads the tables of two fonts.
    ///
    /// # Errors
    /// [`PdfError::Font`] if one of them is not a TrueType font.
    pub(crate) fn of(regular: &[u8], bold: &[u8]) -> Result<Self, PdfError> {
        let (regular, bold) = (covered(regular)?, covered(bold)?);
        Ok(Self(regular.iter().zip(&bold).map(|(a, b)| a & b).collect()))
    }

    /// The characters of a text that the fonts lack, each once, in their order.
    pub(crate) fn missing_in(&self, text: &str) -> Vec<char> {
        let mut missing: Vec<char> = Vec::new();
        for c in text.chars() {
            if !self.has(c) && !missing.contains(&c) {
                missing.push(c);
            }
        }
        missing
    }

    fn has(&self, c: char) -> bool {
        usize::try_from(u32::from(c)).is_ok_and(|code| self.0.get(code / BITS).is_some_and(|word| word >> (code % BITS) & 1 == 1))
    }
}

fn covered(font: &[u8]) -> Result<Vec<u64>, PdfError> {
    let face = ttf_parser::Face::parse(font, 0).map_err(|_| PdfError::Font)?;
    let mut words = vec![0_u64; WORDS];
    for table in face.tables().cmap.into_iter().flat_map(|cmap| cmap.subtables).filter(|table| table.is_unicode()) {
        table.codepoints(|code| {
            let Ok(code) = usize::try_from(code) else { return };
            if let Some(word) = words.get_mut(code / BITS) {
                *word |= 1 << (code % BITS);
            }
        });
    }
    Ok(words)
}
