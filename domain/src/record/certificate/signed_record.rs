//! The signed record of a certificate, small enough for the address in its QR code.
//!
//! An encoded record is `version key fields… signature`. Each text is preceded by its length in one byte; days are counted from year 1 in
//! four bytes, most significant first. The signature (Ed25519, 64 bytes) covers everything before it. The encoding is canonical, and
//! other encodings are refused, so every changed byte is detected. The holder's name is sealed by the server, because addresses appear
//! in logs and histories.

use chrono::{Datelike, NaiveDate};

use super::held::HeldCertificate;
use crate::base::catalogue::Grade;
use crate::base::error_texts::error_texts;

/// Version of the encoding.
const VERSION: u8 = 1;
/// Length of a signature in bytes.
const SIGNATURE: usize = 64;
/// Maximum length of an encoded record in bytes.
pub const MAX_CODE_BYTES: usize = 1024;

/// The signed content of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRecord {
    /// Id of the signing key.
    pub key: u8,
    /// 证书编号.
    pub number: String,
    /// Code of the domain.
    pub domain: String,
    /// 注册级别.
    pub grade: Grade,
    /// 批准日期.
    pub issued_on: NaiveDate,
    /// 有效期至.
    pub valid_until: NaiveDate,
    /// Name of the practice institution; may be empty.
    pub institution: String,
    /// Name of the holder, sealed by the server.
    pub holder: Vec<u8>,
}

/// Why a record is not authentic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedRecordError {
    /// Incomplete, or not a record.
    Incomplete,
    /// Of a later version.
    Version,
    /// Unknown signing key.
    Key,
    /// Invalid signature.
    Forged,
}

error_texts!(SignedRecordError {
    Incomplete "record_cut" "核验码不完整，请重新扫描证书上的二维码，或按证书编号查询";
    Version "record_version" "核验码的版本无法识别，请按证书编号查询";
    Key "record_key" "核验未通过：该核验码不是本协会签发的，请按证书编号查询";
    Forged "record_forged" "核验未通过：该核验码不是本协会签发的，或者内容被改动过";
});

impl SignedRecord {
    /// Creates the record of a certificate.
    pub fn new(certificate: &HeldCertificate, institution: &str, holder: Vec<u8>, key: u8) -> Self {
        Self {
            key,
            number: certificate.number.clone(),
            domain: certificate.domain.clone(),
            grade: certificate.grade,
            issued_on: certificate.issued_on,
            valid_until: certificate.valid_until,
            institution: institution.to_owned(),
            holder,
        }
    }

    /// The bytes to sign. Texts are cut to 255 bytes at a character boundary.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION, self.key];
        put(&mut out, cut(&self.number).as_bytes());
        put(&mut out, cut(&self.domain).as_bytes());
        out.push(self.grade.digit());
        put_day(&mut out, self.issued_on);
        put_day(&mut out, self.valid_until);
        put(&mut out, cut(&self.institution).as_bytes());
        put(&mut out, &self.holder);
        out
    }

    /// Splits an encoded record into record, signed bytes and signature, without verifying the signature.
    ///
    /// # Errors
    /// [`SignedRecordError::Incomplete`] or [`SignedRecordError::Version`] if the bytes are not a canonical encoding.
    pub fn parse(code: &[u8]) -> Result<(Self, &[u8], &[u8]), SignedRecordError> {
        if code.len() > MAX_CODE_BYTES {
            return Err(SignedRecordError::Incomplete);
        }
        let length = code.len().checked_sub(SIGNATURE).ok_or(SignedRecordError::Incomplete)?;
        let (message, signature) = code.split_at_checked(length).ok_or(SignedRecordError::Incomplete)?;
        let mut rest = Rest(message);
        if rest.byte()? != VERSION {
            return Err(SignedRecordError::Version);
        }
        let record = Self {
            key: rest.byte()?,
            number: rest.text()?,
            domain: rest.text()?,
            grade: Grade::from_digit(rest.byte()?).ok_or(SignedRecordError::Incomplete)?,
            issued_on: rest.day()?,
            valid_until: rest.day()?,
            institution: rest.text()?,
            holder: rest.bytes()?.to_vec(),
        };
        if rest.0.is_empty() { Ok((record, message, signature)) } else { Err(SignedRecordError::Incomplete) }
    }
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = bytes.get(..usize::from(u8::MAX)).unwrap_or(bytes);
    out.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(bytes);
}

fn put_day(out: &mut Vec<u8>, day: NaiveDate) {
    out.extend_from_slice(&day.num_days_from_ce().to_be_bytes());
}

/// The longest prefix of at most 255 bytes.
fn cut(text: &str) -> &str {
    let end = (0..=text.len().min(usize::from(u8::MAX))).rev().find(|i| text.is_char_boundary(*i));
    end.and_then(|end| text.get(..end)).unwrap_or("")
}

/// The unread part of a message.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], SignedRecordError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(SignedRecordError::Incomplete)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, SignedRecordError> {
        self.take(1)?.first().copied().ok_or(SignedRecordError::Incomplete)
    }

    fn bytes(&mut self) -> Result<&'a [u8], SignedRecordError> {
        let length = self.byte()?;
        self.take(usize::from(length))
    }

    fn text(&mut self) -> Result<String, SignedRecordError> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| SignedRecordError::Incomplete)
    }

    fn day(&mut self) -> Result<NaiveDate, SignedRecordError> {
        let bytes: [u8; 4] = self.take(4)?.try_into().map_err(|_| SignedRecordError::Incomplete)?;
        NaiveDate::from_num_days_from_ce_opt(i32::from_be_bytes(bytes)).ok_or(SignedRecordError::Incomplete)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record() -> SignedRecord {
        SignedRecord {
            key: 3,
            number: "2026-N0QMS-4000001".into(),
            domain: "QMS".into(),
            grade: Grade::Full,
            issued_on: "2026-11-23".parse().unwrap(),
            valid_until: "2029-11-22".parse().unwrap(),
            institution: "华信质量认证中心有限公司".into(),
            holder: vec![7; 39],
        }
    }

    fn code(record: &SignedRecord) -> Vec<u8> {
        let mut code = record.signed_bytes();
        code.extend([9; SIGNATURE]);
        code
    }

    #[test]
    fn a_record_round_trips_and_is_short_enough_for_a_code() {
        let code = code(&record());
        let (read, message, signature) = SignedRecord::parse(&code).unwrap();
        assert_eq!((&read, message, signature), (&record(), record().signed_bytes().as_slice(), [9; SIGNATURE].as_slice()));
        assert!(code.len() < 200, "{}", code.len());
    }

    #[test]
    fn a_malformed_code_is_refused_with_its_reason() {
        let whole = code(&record());
        let changed = |at: usize, to: u8| {
            let mut code = whole.clone();
            code[at] = to;
            code
        };
        let longer = [whole.as_slice(), b"x"].concat();
        for (case, code, error) in [
            ("nothing", Vec::new(), SignedRecordError::Incomplete),
            ("a signature alone", vec![1; SIGNATURE], SignedRecordError::Incomplete),
            ("half", whole[..whole.len() / 2].to_vec(), SignedRecordError::Incomplete),
            ("one byte less", whole[..whole.len() - 1].to_vec(), SignedRecordError::Incomplete),
            ("one byte more", longer, SignedRecordError::Incomplete),
            ("another version", changed(0, 2), SignedRecordError::Version),
            ("a length beyond the end", changed(2, 255), SignedRecordError::Incomplete),
            ("no such grade", changed(2 + 19 + 4, 9), SignedRecordError::Incomplete),
            ("no text", changed(3, 0xff), SignedRecordError::Incomplete),
            ("too much", vec![1; MAX_CODE_BYTES + 1], SignedRecordError::Incomplete),
        ] {
            assert_eq!(SignedRecord::parse(&code).unwrap_err(), error, "{case}");
        }
    }

    #[test]
    fn a_name_too_long_is_cut_at_a_character() {
        let long = SignedRecord { institution: "认".repeat(100), ..record() };
        let code = code(&long);
        let (read, ..) = SignedRecord::parse(&code).unwrap();
        assert_eq!(read.institution, "认".repeat(85));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_the_encoding_is_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok((read, message, _)) = SignedRecord::parse(&bytes) {
                prop_assert_eq!(read.signed_bytes(), message);
            }
        }

        #[test]
        fn a_changed_byte_fails_to_parse_or_changes_the_signed_bytes(at in 0usize..120, by in 1u8..) {
            let mut code = code(&record());
            let at = at % (code.len() - SIGNATURE);
            code[at] ^= by;
            if let Ok((read, message, _)) = SignedRecord::parse(&code) {
                prop_assert_eq!(read.signed_bytes(), message);
                let signed = record().signed_bytes();
                prop_assert_ne!(message, signed.as_slice());
            }
        }
    }
}
