//! 税号: 统一社会信用代码, or the older 纳税人识别号.

use super::credit_code::{CreditCode, CreditCodeError};
use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text is no tax number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxNumberError {
    /// A character that tax numbers do not contain.
    Sign(WrongSign),
    /// Another count of characters than 15 to 20.
    Length(usize),
    /// 18 characters that are no valid credit code.
    Check,
}

reader_error_texts!(TaxNumberError {
    Length(count) "tax_number_length" "税号应为 15 至 20 位数字或大写字母，现有 {} 位";
    Check "tax_number_check" "18 位税号应为有效的统一社会信用代码，其校验位不符，请逐位核对";
});

const NUMBER: Notation = Notation {
    name: "税号",
    labels: &["统一社会信用代码", "纳税人识别号", "信用代码", "税号"],
    endings: &[],
    left_out: " -._",
    holds: |c| c.is_ascii_alphanumeric(),
};

/// Reads a tax number of 15 to 20 characters; one of 18 is a credit code.
///
/// # Errors
/// The [`TaxNumberError`], if the text is no tax number.
pub fn read_tax_number(text: &str) -> Result<String, TaxNumberError> {
    let number = NUMBER.read(text)?;
    match number.len() {
        18 => match CreditCode::parse(&number) {
            Ok(code) => Ok(code.as_str().to_owned()),
            Err(CreditCodeError::Sign(wrong)) => Err(wrong.into()),
            Err(_) => Err(TaxNumberError::Check),
        },
        15..=20 => Ok(number),
        count => Err(TaxNumberError::Length(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_spelling_is_the_same_number() {
        for text in [
            "91350100M000100Y43",
            "91350100m000100y43",
            "91350100 m000100y43",
            "91 350100 M000100Y4 3",
            "91350100\u{A0}M000100Y43",
            "91350100-M000100Y-43",
            "91350100\u{2011}M000100Y43",
            "91350100\u{2013}M000100Y43",
            "91350100.M000100Y.43",
            "91350100_M000100Y43",
            "９１３５０１００Ｍ０００１００Ｙ４３",
            "税号：91350100M000100Y43",
            "纳税人识别号 91350100-M000100Y-43",
            "统一社会信用代码:91350100M000100Y43",
            "91350100M000100Y43。",
            "“91350100M000100Y43”",
            "\u{200B}91350100M000100Y43",
        ] {
            assert_eq!(read_tax_number(text).as_deref(), Ok("91350100M000100Y43"), "{text}");
        }
        for text in ["110101199003070", "110101 199003 070 ", "税号 110101-199003-070"] {
            assert_eq!(read_tax_number(text).as_deref(), Ok("110101199003070"), "an older number: {text}");
        }
    }

    #[test]
    fn a_refused_number_says_why() {
        for (text, said) in [
            ("", "税号应为 15 至 20 位数字或大写字母，现有 0 位"),
            ("1234", "税号应为 15 至 20 位数字或大写字母，现有 4 位"),
            ("11010119900307", "税号应为 15 至 20 位数字或大写字母，现有 14 位"),
            ("110101199003070110101", "税号应为 15 至 20 位数字或大写字母，现有 21 位"),
            ("91350100M000100Y44", "18 位税号应为有效的统一社会信用代码，其校验位不符，请逐位核对"),
            ("19350100M000100Y43", "18 位税号应为有效的统一社会信用代码，其校验位不符，请逐位核对"),
            ("91350100M000100Y4#", "税号中的“#”无法识别，请改正或删去"),
            ("91350100М000100Y43", "税号中的“М”（U+041C）无法识别，请改正或删去"),
            ("91350100M00010中Y4", "税号中的“中”无法识别，请改正或删去"),
        ] {
            assert_eq!(read_tax_number(text).unwrap_err().text(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn stored_numbers_read_back(number in "[0-9A-Z]{15,17}|[0-9A-Z]{19,20}") {
            prop_assert_eq!(read_tax_number(&number), Ok(number.clone()));
        }

        #[test]
        fn what_is_read_reads_back(text in ".{0,30}") {
            if let Ok(number) = read_tax_number(&text) {
                prop_assert_eq!(read_tax_number(&number), Ok(number.clone()));
            }
        }
    }
}
