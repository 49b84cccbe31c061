//! 统一社会信用代码 (GB 32100-2015).

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// A valid unified social credit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditCode(String);

/// Why a text is no credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditCodeError {
    /// A character that credit codes do not contain.
    Sign(WrongSign),
    /// Another count of characters than 18.
    Length(usize),
    /// The check character is wrong.
    Check,
}

reader_error_texts!(CreditCodeError {
    Length(count) "credit_code_length" "统一社会信用代码应为 18 位，现有 {} 位";
    Check "credit_code_check" "统一社会信用代码的校验位不符，请逐位核对";
});

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

const CODE: Notation = Notation {
    name: "统一社会信用代码（不含字母 I、O、S、V、Z）",
    labels: &["统一社会信用代码", "社会信用代码", "信用代码", "纳税人识别号", "税号", "代码"],
    endings: &[],
    left_out: " -._",
    holds: |c| ALPHABET.contains(c),
};

impl CreditCode {
    /// Parses a code in any usual spelling, with blanks, hyphens or small letters.
    ///
    /// # Errors
    /// The first check that fails: characters, length, check character.
    pub fn parse(text: &str) -> Result<Self, CreditCodeError> {
        let code = CODE.read(text)?;
        if code.len() != 18 {
            return Err(CreditCodeError::Length(code.len()));
        }
        let check = check_character(&code).ok_or(CreditCodeError::Check)?;
        if code.ends_with(check) { Ok(Self(code)) } else { Err(CreditCodeError::Check) }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the organisation code inside it (9th to 17th character, GB 11714) has a valid check character. Codes without one
    /// are in use, so a mismatch is a warning, not an error.
    pub fn organisation_part_fits(&self) -> bool {
        self.0.get(8..17).is_some_and(organisation_code_fits)
    }
}

/// The check character of the first 17 characters; `None` if one of the 18 is outside the alphabet.
fn check_character(code: &str) -> Option<char> {
    let mut sum = 0;
    let mut weight = 1;
    for (place, c) in code.chars().enumerate() {
        let value = ALPHABET.find(c)?;
        if place < 17 {
            sum += value * weight;
            weight = weight * 3 % 31;
        }
    }
    // 31 − 0 is 31, which the standard writes as the first character.
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}

/// Whether nine characters are a valid organisation code (GB 11714).
fn organisation_code_fits(code: &str) -> bool {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: Option<u32> = code.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(36).map(|v| v * w)).sum();
    let check = match sum.map(|s| 11 - s % 11) {
        Some(10) => Some('X'),
        Some(11) => Some('0'),
        Some(n) => char::from_digit(n, 10),
        None => None,
    };
    code.len() == 9 && check.is_some_and(|c| code.ends_with(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_and_synthetic_codes_are_taken() {
        for code in ["91350100M000100Y43", "91310115MA1K000016", "12100000400000000W", "91350100m000100y43"] {
            assert!(CreditCode::parse(code).is_ok(), "{code}");
        }
    }

    #[test]
    fn each_fault_has_its_own_answer() {
        for (text, said) in [
            ("", "统一社会信用代码应为 18 位，现有 0 位"),
            ("91350100M000100Y4", "统一社会信用代码应为 18 位，现有 17 位"),
            ("91350100M000100Y433", "统一社会信用代码应为 18 位，现有 19 位"),
            ("91350100M000100Y4O", "统一社会信用代码（不含字母 I、O、S、V、Z）中的“O”无法识别，请改正或删去"),
            ("9135010i0M000100Y4", "统一社会信用代码（不含字母 I、O、S、V、Z）中的“i”无法识别，请改正或删去"),
            ("9135010中M000100Y43", "统一社会信用代码（不含字母 I、O、S、V、Z）中的“中”无法识别，请改正或删去"),
            ("91350100M000100Y4*", "统一社会信用代码（不含字母 I、O、S、V、Z）中的“*”无法识别，请改正或删去"),
            ("91350100M000100Y44", "统一社会信用代码的校验位不符，请逐位核对"),
            ("19350100M000100Y43", "统一社会信用代码的校验位不符，请逐位核对"),
        ] {
            assert_eq!(CreditCode::parse(text).unwrap_err().text(), said, "{text}");
        }
    }

    #[test]
    fn every_usual_spelling_is_the_same_code() {
        let spellings = [
            "91350100M000100Y43",
            "91350100m000100y43",
            "91350100 M000100Y 43",
            "91 350100 M000100Y4 3",
            "91350100-M000100Y-43",
            "91350100\u{2013}M000100Y43",
            "91350100\u{A0}M000100Y43",
            "９１３５０１００Ｍ０００１００Ｙ４３",
            "统一社会信用代码：91350100M000100Y43",
            "税号 91350100M000100Y43",
            "91350100M000100Y43。",
            "91350100M000100Y43；",
            "\u{200B}91350100M000100Y43",
            "信用代码:91350100m000100y43",
            "91350100.M000100Y.43",
            "“91350100M000100Y43”",
            "91350100_M000100Y43",
        ];
        for text in spellings {
            assert_eq!(CreditCode::parse(text).map(|code| code.0), Ok("91350100M000100Y43".to_owned()), "{text}");
        }
    }

    #[test]
    fn an_organisation_code_knows_its_check_character() {
        assert!(organisation_code_fits("D2143569X"));
        assert!(!organisation_code_fits("D21435690"));
    }

    fn codes() -> impl Strategy<Value = String> {
        proptest::collection::vec(0usize..31, 17).prop_map(|places| {
            let body: String = places.iter().filter_map(|p| ALPHABET.chars().nth(*p)).collect();
            let check = check_character(&format!("{body}0")).unwrap();
            format!("{body}{check}")
        })
    }

    proptest! {
        #[test]
        fn every_well_formed_code_is_taken_also_when_nothing_remains(code in codes()) {
            prop_assert_eq!(CreditCode::parse(&code).map(|read| read.0), Ok(code.clone()), "the stored form reads back");
        }

        #[test]
        fn one_wrong_character_is_always_found(code in codes(), place in 0usize..18, add in 1usize..31) {
            let wrong: String = code.chars().enumerate().map(|(i, c)| {
                let value = ALPHABET.find(c).unwrap();
                if i == place { ALPHABET.chars().nth((value + add) % 31).unwrap() } else { c }
            }).collect();
            prop_assert_eq!(CreditCode::parse(&wrong), Err(CreditCodeError::Check));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,24}") {
            let _ = CreditCode::parse(&text);
        }
    }
}
