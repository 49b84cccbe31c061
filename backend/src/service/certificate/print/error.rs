//! Why a certificate PDF could not be made.

use domain::base::text::quoted;

use crate::infra::db::DbError;
use crate::infra::pdf::PdfError;

/// Why a certificate PDF could not be made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PrintError {
    /// Unknown, or not visible to the caller; the two look alike.
    #[error("no such certificate")]
    NotFound,
    /// The certificate is no longer valid.
    #[error("the certificate no longer holds")]
    NotValid,
    /// The fonts are missing or unreadable.
    #[error("the fonts of certificates cannot be read")]
    Font,
    /// The fonts lack a character.
    #[error("the fonts of certificates lack a character")]
    MissingGlyph(char),
    /// The photo cannot be embedded.
    #[error("the photo cannot be drawn")]
    Photo,
    /// The document breaks a rule of PDF/A.
    #[error("the document is not valid PDF/A")]
    Invalid,
    /// The address is too long for a QR code.
    #[error("the address is too long for a QR code")]
    QrCode,
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl PrintError {
    /// Message for the user.
    pub fn text(&self) -> String {
        let text = match self {
            PrintError::NotFound => "没有找到这个证书",
            PrintError::NotValid => "该证书已不再有效，不能下载",
            PrintError::Font | PrintError::Invalid | PrintError::QrCode => "暂时不能生成证书文件，请稍后再试或联系协会",
            PrintError::MissingGlyph(c) => {
                return format!("证书字库中没有{}字，电子证书文件须由协会人工制作，请联系协会；证书的效力不受影响", quoted(*c));
            }
            PrintError::Photo => "证件照无法读取，不能生成证书文件，请联系协会",
            PrintError::Db(error) => error.text(),
        };
        text.to_owned()
    }

    /// Stable error code.
    pub fn code(&self) -> &'static str {
        match self {
            PrintError::NotFound => "print_not_found",
            PrintError::NotValid => "print_over",
            PrintError::Font => "print_font",
            PrintError::MissingGlyph(_) => "print_letter",
            PrintError::Photo => "print_photo",
            PrintError::Invalid => "print_invalid",
            PrintError::QrCode => "print_code",
            PrintError::Db(_) => "print_db",
        }
    }
}

impl From<PdfError> for PrintError {
    fn from(error: PdfError) -> Self {
        match error {
            PdfError::Font => PrintError::Font,
            PdfError::MissingGlyph(c) => PrintError::MissingGlyph(c),
            PdfError::Image => PrintError::Photo,
            PdfError::Invalid => PrintError::Invalid,
        }
    }
}
