//! The signed record: what a certificate says, small enough for the address in its QR code.
//!
//! A code is `version key fields… signature`. Each text is preceded by its length in one byte, days are counted from the year 1 in
//! four bytes, most significant first. The signature (Ed25519, 64 bytes) covers everything before it. There is one way to write a
//! record and no other is read, so a changed byte is either no record or not what was signed. The holder's name stands in it sealed
//! by the house, because addresses are kept in logs and histories.

use chrono::{Datelike, NaiveDate};

use super::Held;
use crate::base::catalogue::Grade;
use crate::base::identity::told;

/// The version written.
const VERSION: u8 = 1;
/// Bytes of a signature.
const SIGNATURE: usize = 64;
/// The most bytes a code may have: beyond it nothing is looked at.
pub const MOST: usize = 1024;

/// What a certificate says, as it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which key of the association signs it.
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
    /// Name of the holder, sealed by the house.
    pub holder: Vec<u8>,
}

/// Why a code proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordError {
    /// Not the whole of a code, or none at all.
    Cut,
    /// Written by a later edition.
    Version,
    /// No key of the association has this number.
    Key,
    /// The signature does not fit.
    Forged,
}

told!(RecordError {
    Cut "record_cut" "核验码不完整，请重新扫描证书上的二维码，或按证书编号查询";
    Version "record_version" "核验码的版本无法识别，请按证书编号查询";
    Key "record_key" "核验未通过：该核验码不是本协会签发的，请按证书编号查询";
    Forged "record_forged" "核验未通过：该核验码不是本协会签发的，或者内容被改动过";
});

impl Record {
    /// A record of a certificate.
    pub fn of(held: &Held, institution: &str, holder: Vec<u8>, key: u8) -> Self {
        Self {
            key,
            number: held.number.clone(),
            domain: held.domain.clone(),
            grade: held.grade,
            issued_on: held.issued_on,
            valid_until: held.valid_until,
            institution: institution.to_owned(),
            holder,
        }
    }

    /// The bytes that are signed. A text of more than 255 bytes is cut at a character.
    pub fn message(&self) -> Vec<u8> {
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

    /// Takes a code apart into what is signed, as a record and as bytes, and its signature. Whether that fits is for who has the keys.
    pub fn parse(code: &[u8]) -> Result<(Self, &[u8], &[u8]), RecordError> {
        if code.len() > MOST {
            return Err(RecordError::Cut);
        }
        let length = code.len().checked_sub(SIGNATURE).ok_or(RecordError::Cut)?;
        let (message, signature) = code.split_at_checked(length).ok_or(RecordError::Cut)?;
        let mut rest = Rest(message);
        if rest.byte()? != VERSION {
            return Err(RecordError::Version);
        }
        let record = Self {
            key: rest.byte()?,
            number: rest.text()?,
            domain: rest.text()?,
            grade: Grade::from_digit(rest.byte()?).ok_or(RecordError::Cut)?,
            issued_on: rest.day()?,
            valid_until: rest.day()?,
            institution: rest.text()?,
            holder: rest.bytes()?.to_vec(),
        };
        if rest.0.is_empty() { Ok((record, message, signature)) } else { Err(RecordError::Cut) }
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

/// As much of a text as fits behind one byte of length.
fn cut(text: &str) -> &str {
    let end = (0..=text.len().min(usize::from(u8::MAX))).rev().find(|i| text.is_char_boundary(*i));
    end.and_then(|end| text.get(..end)).unwrap_or("")
}

/// What of a message is not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], RecordError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(RecordError::Cut)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, RecordError> {
        self.take(1)?.first().copied().ok_or(RecordError::Cut)
    }

    fn bytes(&mut self) -> Result<&'a [u8], RecordError> {
        let length = self.byte()?;
        self.take(usize::from(length))
    }

    fn text(&mut self) -> Result<String, RecordError> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| RecordError::Cut)
    }

    fn day(&mut self) -> Result<NaiveDate, RecordError> {
        let bytes: [u8; 4] = self.take(4)?.try_into().map_err(|_| RecordError::Cut)?;
        NaiveDate::from_num_days_from_ce_opt(i32::from_be_bytes(bytes)).ok_or(RecordError::Cut)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record() -> Record {
        Record {
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

    fn code(record: &Record) -> Vec<u8> {
        let mut code = record.message();
        code.extend([9; SIGNATURE]);
        code
    }

    #[test]
    fn a_record_reads_back_and_is_short_enough_for_a_code() {
        let code = code(&record());
        let (read, message, signature) = Record::parse(&code).unwrap();
        assert_eq!((&read, message, signature), (&record(), record().message().as_slice(), [9; SIGNATURE].as_slice()));
        assert!(code.len() < 200, "{}", code.len());
    }

    #[test]
    fn what_is_no_record_is_told_apart() {
        let whole = code(&record());
        let changed = |at: usize, to: u8| {
            let mut code = whole.clone();
            code[at] = to;
            code
        };
        let longer = [whole.as_slice(), b"x"].concat();
        for (what, code, error) in [
            ("nothing", Vec::new(), RecordError::Cut),
            ("a signature alone", vec![1; SIGNATURE], RecordError::Cut),
            ("half", whole[..whole.len() / 2].to_vec(), RecordError::Cut),
            ("one byte less", whole[..whole.len() - 1].to_vec(), RecordError::Cut),
            ("one byte more", longer, RecordError::Cut),
            ("another version", changed(0, 2), RecordError::Version),
            ("a length beyond the end", changed(2, 255), RecordError::Cut),
            ("no such grade", changed(2 + 19 + 4, 9), RecordError::Cut),
            ("no text", changed(3, 0xff), RecordError::Cut),
            ("too much", vec![1; MOST + 1], RecordError::Cut),
        ] {
            assert_eq!(Record::parse(&code).unwrap_err(), error, "{what}");
        }
    }

    #[test]
    fn a_name_too_long_is_cut_at_a_character() {
        let long = Record { institution: "认".repeat(100), ..record() };
        let code = code(&long);
        let (read, ..) = Record::parse(&code).unwrap();
        assert_eq!(read.institution, "认".repeat(85));
    }

    proptest! {
        #[test]
        fn reading_is_total_and_what_is_read_is_written_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok((read, message, _)) = Record::parse(&bytes) {
                prop_assert_eq!(read.message(), message);
            }
        }

        #[test]
        fn a_changed_byte_is_no_record_or_another_message(at in 0usize..120, by in 1u8..) {
            let mut code = code(&record());
            let at = at % (code.len() - SIGNATURE);
            code[at] ^= by;
            if let Ok((read, message, _)) = Record::parse(&code) {
                prop_assert_eq!(read.message(), message);
                let signed = record().message();
                prop_assert_ne!(message, signed.as_slice());
            }
        }
    }
}
