//! 统一社会信用代码 (GB 32100-2015).

use crate::base::error_texts::error_texts;

/// A valid unified social credit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditCode(String);

/// Why a text is no credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditCodeError {
    /// Not 18 characters.
    Length,
    /// A character that credit codes do not use.
    Character,
    /// The check character is wrong.
    Check,
}

error_texts!(CreditCodeError {
    Length "credit_code_length" "统一社会信用代码应为 18 位";
    Character "credit_code_character" "统一社会信用代码只含数字和大写字母，不含 I、O、S、V、Z";
    Check "credit_code_check" "统一社会信用代码的校验位不符，请逐位核对";
});

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

impl CreditCode {
    /// Parses a code as typed.
    ///
    /// # Errors
    /// The first check that fails: length, characters, check character.
    pub fn parse(text: &str) -> Result<Self, CreditCodeError> {
        let code = text.to_ascii_uppercase();
        if code.chars().count() != 18 {
            return Err(CreditCodeError::Length);
        }
        let check = check_character(&code).ok_or(CreditCodeError::Character)?;
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
        for (code, error) in [
            ("91350100M000100Y4", CreditCodeError::Length),
            ("91350100M000100Y4O", CreditCodeError::Character),
            ("9135010中M000100Y43", CreditCodeError::Character),
            ("91350100M000100Y44", CreditCodeError::Check),
        ] {
            assert_eq!(CreditCode::parse(code).unwrap_err(), error, "{code}");
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
            prop_assert!(CreditCode::parse(&code).is_ok());
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
