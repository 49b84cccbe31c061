//! Identity documents a person can register with (docs/domain.md §11.3).

use std::fmt;

use chrono::NaiveDate;

use super::mask::mask_ends;
use super::resident_id::{ResidentId, ResidentIdError, birth_and_sex, check_character, read_number};
use super::sex::Sex;
use crate::base::text::{Notation, WrongSign};

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
    /// A character that such numbers do not contain.
    #[error("wrong character")]
    Sign(WrongSign),
    /// The check character is wrong.
    #[error("wrong check character")]
    Check,
    /// The birth date in it does not exist or lies in the future.
    #[error("no such birth date")]
    Birth,
}

impl DocumentError {
    /// Message for the user.
    pub fn text(self) -> String {
        let text = match self {
            DocumentError::ResidentId(error) => return error.text(),
            DocumentError::Sign(wrong) => return wrong.text(),
            DocumentError::Check => "证件号码的校验位不符，请逐位核对",
            DocumentError::Birth => "证件号码中的出生日期不存在，请核对",
            DocumentError::Shape(kind) => match kind {
                DocumentType::ResidentId => return ResidentIdError::Shape.text(),
                DocumentType::HkmoPermit => "通行证号码应为 H 或 M 加 8 位数字，不含换证次数",
                DocumentType::TwPermit => "通行证号码应为 8 位数字，不含换证次数",
                DocumentType::HkmotwResidence => "居住证号码应为 18 位，以 81、82 或 83 开头",
                DocumentType::ForeignerPr => "永久居留身份证号码应为 18 位并以 9 开头，旧证为 3 位字母加 12 位数字",
                DocumentType::Passport => "护照号码应为 5 至 17 位字母和数字",
            },
        };
        text.to_owned()
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            DocumentError::ResidentId(error) => error.code(),
            DocumentError::Check => "document_check",
            DocumentError::Birth => "document_birth",
            DocumentError::Shape(_) => "document_shape",
            DocumentError::Sign(_) => "wrong_character",
        }
    }
}

impl From<WrongSign> for DocumentError {
    fn from(wrong: WrongSign) -> Self {
        DocumentError::Sign(wrong)
    }
}

const NUMBER: Notation = Notation {
    name: "证件号码",
    labels: &["通行证号码", "证件号码", "护照号码", "通行证号", "护照号", "证件号", "通行证", "护照", "passport", "no.", "no:", "\u{2116}"],
    endings: &[],
    left_out: " -._",
    // Brackets surround the issue count of an old permit.
    holds: |c| c.is_ascii_alphanumeric() || matches!(c, '(' | ')'),
};

/// Digits of the number of a permit, which stays the same when the permit is issued again.
const PERMIT_DIGITS: usize = 8;
/// Number of issue counts, of two digits, that permits print behind their number.
const ISSUE_COUNTS: usize = 100;

impl Document {
    /// Parses a number in any usual spelling; `today` is needed to check the birth date. The issue count of a permit is left out: a permit that
    /// was issued again is the same document.
    ///
    /// # Errors
    /// The first check that fails for a document of this type.
    pub fn parse(kind: DocumentType, text: &str, today: NaiveDate) -> Result<Self, DocumentError> {
        let shape = DocumentError::Shape(kind);
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        let (number, holds) = match kind {
            DocumentType::ResidentId => {
                let id = ResidentId::parse(text, today)?;
                (id.as_str().to_owned(), Some((id.sex(), id.birth_date())))
            }
            DocumentType::HkmoPermit | DocumentType::TwPermit => {
                let number: String = NUMBER.read(text)?.chars().filter(|c| !matches!(c, '(' | ')')).collect();
                (permit_number(kind, &number).ok_or(shape)?, None)
            }
            DocumentType::HkmotwResidence => {
                let number = read_number(text)?;
                if !["810000", "820000", "830000"].iter().any(|area| number.starts_with(area)) {
                    return Err(shape);
                }
                let holds = built_in(&number, shape, today)?;
                (number, Some(holds))
            }
            DocumentType::ForeignerPr => {
                let number = read_number(text).or_else(|_| without_brackets(text))?;
                match number.split_at_checked(3) {
                    Some((country, rest)) if number.len() == 15 && country.bytes().all(|b| b.is_ascii_uppercase()) && digits(rest) => {
                        (number, None)
                    }
                    _ if number.starts_with('9') => {
                        let holds = built_in(&number, shape, today)?;
                        (number, Some(holds))
                    }
                    _ => return Err(shape),
                }
            }
            DocumentType::Passport => {
                let number = without_brackets(text)?;
                if !(5..=17).contains(&number.len()) {
                    return Err(shape);
                }
                (number, None)
            }
        };
        Ok(Self { kind, number, holds })
    }

    /// Other numbers under which earlier versions stored the same document: those of a permit with each issue count. `typed`: the text from
    /// which it was parsed, which may end with the letter of an old permit.
    pub fn former_numbers(&self, typed: &str) -> Vec<String> {
        if !matches!(self.kind, DocumentType::HkmoPermit | DocumentType::TwPermit) {
            return Vec::new();
        }
        let letter =
            NUMBER.read(typed).ok().and_then(|number| number.trim_end_matches(')').chars().last()).filter(char::is_ascii_uppercase);
        let letter = letter.filter(|_| self.kind == DocumentType::TwPermit).map(String::from);
        let endings = std::iter::once(String::new()).chain(letter);
        endings.flat_map(|ending| (0..ISSUE_COUNTS).map(move |count| format!("{}{count:02}{ending}", self.number))).collect()
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

fn without_brackets(text: &str) -> Result<String, WrongSign> {
    let number = NUMBER.read(text)?;
    match number.chars().find(|c| matches!(c, '(' | ')')) {
        Some(bracket) => Err(NUMBER.wrong(text, bracket)),
        None => Ok(number),
    }
}

/// The number of a permit without its issue count of two digits, and without the letter that old permits of Taiwan have behind it.
fn permit_number(kind: DocumentType, number: &str) -> Option<String> {
    let digits = match kind {
        DocumentType::HkmoPermit => number.strip_prefix(['H', 'M'])?,
        _ if number.len() == PERMIT_DIGITS + 3 => number.strip_suffix(|c: char| c.is_ascii_uppercase())?,
        _ => number,
    };
    let fits = digits.bytes().all(|b| b.is_ascii_digit()) && matches!(digits.len(), PERMIT_DIGITS | 10);
    let prefix = usize::from(kind == DocumentType::HkmoPermit);
    number.get(..prefix + PERMIT_DIGITS).filter(|_| fits).map(str::to_owned)
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
mod tests;
