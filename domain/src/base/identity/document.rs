//! Identity documents a person can register with (docs/domain.md §11.3).

use std::fmt;

use chrono::NaiveDate;

use super::mask::mask_ends;
use super::resident_id::{ResidentId, ResidentIdError, birth_and_sex, check_character};
use super::sex::Sex;

/// 证件类型.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentType {
    /// 居民身份证.
    ResidentId,
    /// 港澳居民来往内地通行证.
    HkmoPermit,
    /// 台湾居民来往大陆通行证.
    TwPermit,
    /// 港澳台居民居住证.
    HkmotwResidence,
    /// 外国人永久居留身份证.
    ForeignerPr,
    /// 护照.
    Passport,
}

impl DocumentType {
    /// Every type.
    pub const ALL: [DocumentType; 6] = [
        DocumentType::ResidentId,
        DocumentType::HkmoPermit,
        DocumentType::TwPermit,
        DocumentType::HkmotwResidence,
        DocumentType::ForeignerPr,
        DocumentType::Passport,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            DocumentType::ResidentId => "resident_id",
            DocumentType::HkmoPermit => "hkmo_permit",
            DocumentType::TwPermit => "tw_permit",
            DocumentType::HkmotwResidence => "hkmotw_residence",
            DocumentType::ForeignerPr => "foreigner_pr",
            DocumentType::Passport => "passport",
        }
    }

    /// The type with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.code() == code)
    }

    /// Chinese name of the type.
    pub const fn label(self) -> &'static str {
        match self {
            DocumentType::ResidentId => "居民身份证",
            DocumentType::HkmoPermit => "港澳居民来往内地通行证",
            DocumentType::TwPermit => "台湾居民来往大陆通行证",
            DocumentType::HkmotwResidence => "港澳台居民居住证",
            DocumentType::ForeignerPr => "外国人永久居留身份证",
            DocumentType::Passport => "护照",
        }
    }
}

/// A document with a valid number.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    kind: DocumentType,
    number: String,
    holds: Option<(Sex, NaiveDate)>,
}

/// Why a number does not belong to a document of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A citizen's ID number has a fault.
    #[error(transparent)]
    ResidentId(#[from] ResidentIdError),
    /// The format does not match the document type.
    #[error("not of the shape of a {0:?}")]
    Shape(DocumentType),
    /// The check character is wrong.
    #[error("wrong check character")]
    Check,
    /// The birth date in it does not exist or lies in the future.
    #[error("no such birth date")]
    Birth,
}

impl DocumentError {
    /// Message for the user.
    pub fn text(self) -> &'static str {
        match self {
            DocumentError::ResidentId(error) => error.text(),
            DocumentError::Check => "证件号码的校验位不符，请逐位核对",
            DocumentError::Birth => "证件号码中的出生日期不存在，请核对",
            DocumentError::Shape(kind) => match kind {
                DocumentType::ResidentId => ResidentIdError::Shape.text(),
                DocumentType::HkmoPermit => "通行证号码应为 H 或 M 加 8 位数字",
                DocumentType::TwPermit => "通行证号码应为 8 位数字",
                DocumentType::HkmotwResidence => "居住证号码应为 18 位，以 81、82 或 83 开头",
                DocumentType::ForeignerPr => "永久居留身份证号码应为 18 位并以 9 开头，旧证为 3 位字母加 12 位数字",
                DocumentType::Passport => "护照号码应为 5 至 17 位字母和数字",
            },
        }
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            DocumentError::ResidentId(error) => error.code(),
            DocumentError::Check => "document_check",
            DocumentError::Birth => "document_birth",
            DocumentError::Shape(_) => "document_shape",
        }
    }
}

impl Document {
    /// Parses a number as typed; `today` is needed to check the birth date.
    ///
    /// # Errors
    /// The first check that fails for a document of this type.
    pub fn parse(kind: DocumentType, text: &str, today: NaiveDate) -> Result<Self, DocumentError> {
        let number: String = text.to_ascii_uppercase();
        let shape = DocumentError::Shape(kind);
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        let plain = |fits: bool| if fits { Ok(None) } else { Err(shape) };
        let holds = match kind {
            DocumentType::ResidentId => {
                let id = ResidentId::parse(&number, today)?;
                Some((id.sex(), id.birth_date()))
            }
            DocumentType::HkmoPermit => {
                let rest = number.strip_prefix(['H', 'M']).unwrap_or("");
                plain(digits(rest) && matches!(rest.len(), 8 | 10))?
            }
            DocumentType::TwPermit => {
                let old = number.strip_suffix(|c: char| c.is_ascii_uppercase());
                plain(digits(&number) && matches!(number.len(), 8 | 10) || old.is_some_and(|o| digits(o) && o.len() == 10))?
            }
            DocumentType::HkmotwResidence => {
                let area = ["810000", "820000", "830000"].iter().any(|a| number.starts_with(a));
                if !area {
                    return Err(shape);
                }
                Some(built_in(&number, shape, today)?)
            }
            DocumentType::ForeignerPr if number.len() == 15 => {
                let (country, rest) = number.split_at_checked(3).ok_or(shape)?;
                plain(country.bytes().all(|b| b.is_ascii_uppercase()) && digits(rest))?
            }
            DocumentType::ForeignerPr => {
                if !number.starts_with('9') {
                    return Err(shape);
                }
                Some(built_in(&number, shape, today)?)
            }
            DocumentType::Passport => plain((5..=17).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric()))?,
        };
        Ok(Self { kind, number, holds })
    }

    /// The document type.
    pub fn kind(&self) -> DocumentType {
        self.kind
    }

    /// The number, normalised.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Sex, if the number contains it.
    pub fn sex(&self) -> Option<Sex> {
        self.holds.map(|(sex, _)| sex)
    }

    /// Birth date, if the number contains it.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        self.holds.map(|(_, birth)| birth)
    }

    /// The number with all but its first and last character masked.
    pub fn masked(&self) -> String {
        mask_ends(&self.number)
    }
}

fn built_in(number: &str, shape: DocumentError, today: NaiveDate) -> Result<(Sex, NaiveDate), DocumentError> {
    let check = check_character(number).ok_or(shape)?;
    let (birth, sex) = birth_and_sex(number).ok_or(DocumentError::Birth)?;
    if birth > today {
        return Err(DocumentError::Birth);
    }
    if !number.ends_with(check) {
        return Err(DocumentError::Check);
    }
    Ok((sex, birth))
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({:?}, {})", self.kind, self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DocumentType::*;

    fn parse(kind: DocumentType, text: &str) -> Result<Document, DocumentError> {
        Document::parse(kind, text, "2026-11-23".parse().unwrap())
    }

    #[test]
    fn well_formed_numbers_are_taken() {
        for (kind, number, holds) in [
            (ResidentId, "11010119900307002x", true),
            (HkmoPermit, "H12345678", false),
            (HkmoPermit, "M1234567801", false),
            (TwPermit, "12345678", false),
            (TwPermit, "1234567890B", false),
            (HkmotwResidence, "810000198506150514", true),
            (HkmotwResidence, "830000197911010338", true),
            (ForeignerPr, "932682198501010017", true),
            (ForeignerPr, "KAZ110090123105", false),
            (Passport, "E12345678", false),
        ] {
            let document = parse(kind, number).unwrap_or_else(|e| panic!("{number}: {e}"));
            assert_eq!(document.sex().is_some(), holds, "{number}");
            assert_eq!(document.birth_date().is_some(), holds, "{number}");
        }
    }

    #[test]
    fn ill_formed_numbers_are_refused_with_a_text_of_their_own() {
        for (kind, number) in [
            (ResidentId, "110101199003070012"),
            (HkmoPermit, "A12345678"),
            (TwPermit, "1234567"),
            (HkmotwResidence, "840000198506150514"),
            (HkmotwResidence, "810000198506150515"),
            (ForeignerPr, "932682198513010017"),
            (Passport, "E1 2"),
        ] {
            let error = parse(kind, number).unwrap_err();
            assert!(!error.text().is_empty() && !error.code().is_empty());
        }
    }

    #[test]
    fn a_mask_shows_only_the_ends() {
        assert_eq!(parse(ResidentId, "110101199003070011").unwrap().masked(), "1****************1");
    }
}
