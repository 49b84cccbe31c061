//! 证书编号 as people write it.

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text is no certificate number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateNumberError {
    /// A character that certificate numbers do not contain.
    Sign(WrongSign),
    /// Not year, grade and domain, and serial number.
    Shape,
    /// A serial number with another count of digits than seven.
    Serial(usize),
}

reader_error_texts!(CertificateNumberError {
    Shape "not_a_certificate_number" "证书编号格式不正确，应为 年份-N级别领域-流水号，如 2026-N0QMS-4000001";
    Serial(count) "certificate_serial" "证书编号最后一段应为 7 位数字，现有 {} 位，如 2026-N0QMS-4000001";
});

const NUMBER: Notation = Notation {
    name: "证书编号",
    labels: &["注册证书编号", "注册证书号", "证书编号", "证书号码", "证书号", "注册证书", "编号", "证书", "no.", "no:", "\u{2116}", "第"],
    endings: &["号"],
    left_out: " ._",
    holds: |c| c.is_ascii_alphanumeric() || c == '-',
};

/// Reads a certificate number such as `2026-N0QMS-4000001`: with any dash or none, blanks, a label, small letters, or the address of its page.
///
/// # Errors
/// The [`CertificateNumberError`], if the text is no certificate number.
pub fn read_certificate_number(text: &str) -> Result<String, CertificateNumberError> {
    // Only the page of a certificate has `/` before its number.
    let number = NUMBER.read(text.rsplit(['/', '\u{FF0F}']).next().unwrap_or(text))?;
    let parts: Vec<&str> = number.split('-').filter(|part| !part.is_empty()).collect();
    let (year, kind, serial) = match parts.as_slice() {
        [year, kind, serial] => (*year, *kind, *serial),
        [whole] => without_hyphens(whole).ok_or(CertificateNumberError::Shape)?,
        _ => return Err(CertificateNumberError::Shape),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fits = kind
        .strip_prefix('N')
        .and_then(|kind| kind.strip_prefix(['0', '1', '2', '3']))
        .is_some_and(|domain| (2..=6).contains(&domain.len()));
    if year.len() != 4 || !digits(year) || !fits || !digits(serial) {
        return Err(CertificateNumberError::Shape);
    }
    if serial.len() == 7 { Ok(format!("{year}-{kind}-{serial}")) } else { Err(CertificateNumberError::Serial(serial.len())) }
}

/// The parts of a number without hyphens; `None` if it is not clear where they end.
fn without_hyphens(whole: &str) -> Option<(&str, &str, &str)> {
    let (year, rest) = whole.split_at_checked(4)?;
    let (kind, serial) = rest.split_at_checked(rest.len().checked_sub(7)?)?;
    kind.ends_with(|c: char| c.is_ascii_uppercase()).then_some((year, kind, serial))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_spelling_is_the_same_number() {
        let spellings = [
            "2026-N0QMS-4000001",
            "2026-n0qms-4000001",
            "2026\u{2010}N0QMS\u{2010}4000001",
            "2026\u{2011}N0QMS\u{2011}4000001",
            "2026\u{2013}N0QMS\u{2013}4000001",
            "2026\u{2014}N0QMS\u{2014}4000001",
            "2026\u{2212}N0QMS\u{2212}4000001",
            "2026－N0QMS－4000001",
            "2026 - N0QMS - 4000001",
            "2026-N0QMS-400 0001",
            "证书编号：2026-N0QMS-4000001",
            "编号 2026-n0qms-4000001",
            "No. 2026-N0QMS-4000001",
            "№2026-N0QMS-4000001",
            "２０２６－Ｎ０ＱＭＳ－４０００００１",
            "2026-N0QMS-4000001。",
            "第2026-N0QMS-4000001号",
            "2026N0QMS4000001",
            "https://example.cn/verify/2026-N0QMS-4000001",
            "2026\u{A0}-N0QMS-4000001",
            "\u{200B}2026-N0QMS-4000001",
            "2026--N0QMS--4000001",
            "“2026-N0QMS-4000001”",
            "注册证书编号:2026-N0QMS-4000001",
        ];
        for text in spellings {
            assert_eq!(read_certificate_number(text).as_deref(), Ok("2026-N0QMS-4000001"), "{text}");
        }
    }

    #[test]
    fn a_refused_number_says_why() {
        let shape = "证书编号格式不正确，应为 年份-N级别领域-流水号，如 2026-N0QMS-4000001";
        for (text, said) in [
            ("", shape),
            ("2026-X0QMS-4000001", shape),
            ("26-N0QMS-4000001", shape),
            ("2026-N9QMS-4000001", shape),
            ("2026-N0-4000001", shape),
            ("2026-N0QMS-4000001-1", shape),
            ("2026-N0QMS-40OO001", shape),
            ("2026-N0QMS-1", "证书编号最后一段应为 7 位数字，现有 1 位，如 2026-N0QMS-4000001"),
            ("2026-N0QMS-40000011", "证书编号最后一段应为 7 位数字，现有 8 位，如 2026-N0QMS-4000001"),
            ("2026-N0QMS-40000#1", "证书编号中的“#”无法识别，请改正或删去"),
            ("张伟", "证书编号中的“张”无法识别，请改正或删去"),
            ("2026-N0QMS-400000一", "证书编号中的“一”无法识别，请改正或删去"),
        ] {
            assert_eq!(read_certificate_number(text).unwrap_err().text(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn stored_forms_read_back(stored in "20[0-9]{2}-N[0-3][A-Z]{2,6}-[0-9]{7}") {
            prop_assert_eq!(read_certificate_number(&stored), Ok(stored.clone()));
        }

        #[test]
        fn what_is_read_reads_back(text in ".{0,40}") {
            if let Ok(stored) = read_certificate_number(&text) {
                prop_assert_eq!(read_certificate_number(&stored), Ok(stored.clone()));
            }
        }
    }
}
