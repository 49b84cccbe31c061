//! Why a PDF is not made.

/// Why a PDF is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// A font file is missing, or is not a TrueType font.
    #[error("the fonts for documents cannot be read")]
    Font,
    /// The fonts lack a character of the text: a document must not show boxes in its place.
    #[error("the fonts for documents lack a character")]
    MissingGlyph(char),
    /// The image cannot be decoded.
    #[error("the image cannot be decoded")]
    Image,
    /// The document breaks a rule of PDF/A.
    #[error("the document is not valid PDF/A")]
    Invalid,
}
