//! 居民身份证号码 (GB 11643-1999, check by ISO 7064 MOD 11-2).

use std::fmt;

use chrono::NaiveDate;

use super::mask::mask_ends;
use super::sex::Sex;
use crate::base::calendar::{age, parse_day};
use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign, is_ignorable};

/// A valid resident identity number.
#[derive(Clone, PartialEq, Eq)]
pub struct ResidentId {
    number: String,
    birth: NaiveDate,
    sex: Sex,
}

/// Why a text is not a resident identity number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResidentIdError {
    /// A character that such numbers do not contain.
    Sign(WrongSign),
    /// Not 17 digits and a digit or X.
    Shape,
    /// Another count of characters than 18.
    Length(usize),
    /// An old number of 15 digits.
    Old,
    /// The birth date in it does not exist.
    NoSuchDay,
    /// The birth date lies in the future or before 1900.
    Birth,
    /// The holder is younger than 16 or older than 100.
    Age,
    /// The check character is wrong.
    Check,
}

reader_error_texts!(ResidentIdError {
    Length(count) "id_length" "身份证号码应为 18 位，现有 {} 位";
    Shape "id_shape" "身份证号码应为 18 位：17 位数字加 1 位数字或 X";
    Old "id_old" "这是 15 位旧号码，请填写 18 位身份证号码";
    NoSuchDay "id_no_such_day" "身份证号码中的出生日期不存在，请核对";
    Birth "id_birth" "身份证号码中的出生日期不在有效范围内，请核对";
    Age "id_age" "用户须年满 16 周岁、不满 101 周岁，请核对身份证号码";
    Check "id_check" "身份证号码的校验位不符，请逐位核对";
});

/// Ages at which a person may have an account, in years.
const AGES: std::ops::RangeInclusive<i32> = 16..=100;

/// Whether a person born on this day may have an account: 16 to 100 years old.
pub fn of_age(birth: NaiveDate, today: NaiveDate) -> bool {
    AGES.contains(&age(birth, today))
}

impl ResidentId {
    /// Parses a number in any usual spelling: with blanks or hyphens, and with a sign that looks like X as its last character.
    ///
    /// # Errors
    /// The first check that fails: characters, format, date of birth, check character, age.
    pub fn parse(text: &str, today: NaiveDate) -> Result<Self, ResidentIdError> {
        let number = read_number(text)?;
        match number.len() {
            18 => {}
            15 if number.bytes().all(|b| b.is_ascii_digit()) => return Err(ResidentIdError::Old),
            0 => return Err(ResidentIdError::Shape),
            count => return Err(ResidentIdError::Length(count)),
        }
        let check = check_character(&number).ok_or(ResidentIdError::Shape)?;
        let (birth, sex) = birth_and_sex(&number).ok_or(ResidentIdError::NoSuchDay)?;
        if birth > today {
            return Err(ResidentIdError::Birth);
        }
        if !number.ends_with(check) {
            return Err(ResidentIdError::Check);
        }
        if !AGES.contains(&age(birth, today)) {
            return Err(ResidentIdError::Age);
        }
        Ok(Self { number, birth, sex })
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// Sex, from the 17th digit.
    pub fn sex(&self) -> Sex {
        self.sex
    }

    /// Birth date.
    pub fn birth_date(&self) -> NaiveDate {
        self.birth
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResidentId({})", mask_ends(&self.number))
    }
}

const NUMBER: Notation = Notation {
    name: "证件号码",
    labels: &["居民身份证号码", "公民身份号码", "身份证号码", "身份证号", "证件号码", "身份证", "证件号"],
    endings: &[],
    left_out: " -.()_",
    holds: |c| c.is_ascii_digit() || c == 'X',
};

/// Signs that are read as the X at the end: they look like it, and telephone menus ask for `*`. The check character refuses them in a number
/// that does not end with X.
const LOOK_LIKE_X: [char; 10] =
    ['*', '\u{FF0A}', '\u{D7}', '\u{2715}', '\u{2716}', '\u{2169}', '\u{2179}', '\u{425}', '\u{445}', '\u{3A7}'];

/// Digits and an X of a number of this format, as typed.
pub(super) fn read_number(text: &str) -> Result<String, WrongSign> {
    let text: String = text.chars().filter(|c| !is_ignorable(*c)).collect();
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '。' | '.' | ';' | '；' | ',' | '，'));
    match end.strip_suffix(|c| LOOK_LIKE_X.contains(&c) || c == '\u{3C7}' || c == '\u{2573}') {
        Some(digits) => NUMBER.read(&format!("{digits}X")),
        None => NUMBER.read(end),
    }
}

/// The check character of the first 17 of 18 characters; `None` unless they are 17 digits and a digit or X.
pub(super) fn check_character(number: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHARACTERS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    if number.len() != 18 {
        return None;
    }
    let (digits, last) = number.split_at_checked(17)?;
    if last != "X" && !last.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut sum = 0;
    for (c, weight) in digits.chars().zip(WEIGHTS) {
        sum += c.to_digit(10)? * weight;
    }
    CHARACTERS.get(usize::try_from(sum % 11).ok()?).copied()
}

/// Birth date (7th to 14th character) and sex (17th); `None` if the calendar has no such day.
pub(super) fn birth_and_sex(number: &str) -> Option<(NaiveDate, Sex)> {
    let (y, m, d) = (number.get(6..10)?, number.get(10..12)?, number.get(12..14)?);
    let birth = parse_day(&format!("{y}-{m}-{d}")).ok()?;
    let odd = number.get(16..17)?.parse::<u8>().ok()? % 2 == 1;
    Some((birth, if odd { Sex::Male } else { Sex::Female }))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn today() -> NaiveDate {
        "2026-11-23".parse().unwrap()
    }

    fn parse(text: &str) -> Result<ResidentId, ResidentIdError> {
        ResidentId::parse(text, today())
    }

    #[test]
    fn the_standards_own_vectors_have_right_check_characters() {
        for number in ["11010519491231002X", "440524188001010014", "34052419800101001X"] {
            assert_eq!(check_character(number), number.chars().last(), "{number}");
        }
    }

    #[test]
    fn sex_and_birth_date_are_read_from_the_number() {
        for (number, sex, birth) in [
            ("110101199003070011", Sex::Male, "1990-03-07"),
            ("11010119900307002X", Sex::Female, "1990-03-07"),
            ("110101199003070038", Sex::Male, "1990-03-07"),
            ("310104200002290110", Sex::Male, "2000-02-29"),
            ("310104200002290129", Sex::Female, "2000-02-29"),
            ("44030519880812007x", Sex::Male, "1988-08-12"),
        ] {
            let id = parse(number).unwrap();
            assert_eq!((id.sex(), id.birth_date().to_string().as_str()), (sex, birth));
        }
    }

    #[test]
    fn each_fault_has_its_own_answer() {
        for (number, error) in [
            ("", ResidentIdError::Shape),
            ("1101011990030700", ResidentIdError::Length(16)),
            ("110101199003070X11", ResidentIdError::Shape),
            ("110101900307001", ResidentIdError::Old),
            ("110101199003070012", ResidentIdError::Check),
            ("110101199902290010", ResidentIdError::NoSuchDay),
            ("440524188001010014", ResidentIdError::NoSuchDay),
            ("110101209903070010", ResidentIdError::Birth),
        ] {
            assert_eq!(parse(number).unwrap_err(), error, "{number}");
        }
    }

    #[test]
    fn every_usual_spelling_is_the_same_number() {
        let spellings = [
            "11010119900307002X",
            "11010119900307002x",
            "110101 19900307 002X",
            "110101-19900307-002X",
            "110101\u{A0}19900307\u{A0}002X",
            "110101\u{2011}19900307\u{2013}002X",
            "11010119900307002\u{D7}",
            "11010119900307002\u{2169}",
            "11010119900307002\u{425}",
            "11010119900307002\u{445}",
            "11010119900307002\u{3C7}",
            "11010119900307002*",
            "11010119900307002＊",
            "１１０１０１１９９００３０７００２Ｘ",
            "身份证号：11010119900307002X",
            "公民身份号码 110101 19900307 002X",
            "11010119900307002X。",
            "\u{202D}11010119900307002X\u{202C}",
            "11010119900307002 X",
            "(11010119900307002X)",
            "110101 1990 0307 002 x",
        ];
        for text in spellings {
            assert_eq!(parse(text).map(|id| id.number), Ok("11010119900307002X".to_owned()), "{text}");
        }
    }

    #[test]
    fn a_refused_number_says_why() {
        for (text, said) in [
            ("1101011990030700", "身份证号码应为 18 位，现有 16 位"),
            ("1101011990030700211", "身份证号码应为 18 位，现有 19 位"),
            ("11010119900307001Y", "证件号码中的“Y”无法识别，请改正或删去"),
            ("1101011990030700一", "证件号码中的“一”无法识别，请改正或删去"),
            ("11O101199003070011", "证件号码中的“O”无法识别，请改正或删去"),
            ("1****************1", "证件号码中的“*”无法识别，请改正或删去"),
            ("110101/19900307/0011", "证件号码中的“/”无法识别，请改正或删去"),
            ("110101900307001", "这是 15 位旧号码，请填写 18 位身份证号码"),
            ("11010119900307001*", "身份证号码的校验位不符，请逐位核对"),
            ("110101199902290010", "身份证号码中的出生日期不存在，请核对"),
        ] {
            assert_eq!(parse(text).unwrap_err().text(), said, "{text}");
        }
    }

    #[test]
    fn a_person_under_sixteen_cannot_register() {
        let child = with_check("11010120111124001");
        assert_eq!(parse(&child).unwrap_err(), ResidentIdError::Age);
        let sixteen = with_check("11010120101123001");
        assert!(parse(&sixteen).is_ok());
    }

    #[test]
    fn a_debug_print_hides_the_number() {
        let print = format!("{:?}", parse("110101199003070011").unwrap());
        assert!(!print.contains("19900307"), "{print}");
    }

    /// Seventeen digits with their check character appended.
    pub(crate) fn with_check(digits: &str) -> String {
        let check = check_character(&format!("{digits}0")).unwrap();
        format!("{digits}{check}")
    }

    prop_compose! {
        fn numbers()(area in 110_000u32..660_000, days in 0u64..27_000, seq in 0u32..1000) -> String {
            let birth = NaiveDate::from_ymd_opt(1930, 1, 1).unwrap() + chrono::Days::new(days);
            with_check(&format!("{area}{}{seq:03}", birth.format("%Y%m%d")))
        }
    }

    proptest! {
        #[test]
        fn every_well_formed_number_is_taken(number in numbers()) {
            prop_assert!(parse(&number).unwrap().as_str() == number);
        }

        #[test]
        fn one_wrong_digit_is_always_found(number in numbers(), place in 0usize..17, add in 1u32..10) {
            let wrong: String = number.chars().enumerate().map(|(i, c)| match c.to_digit(10) {
                Some(d) if i == place => char::from_digit((d + add) % 10, 10).unwrap(),
                _ => c,
            }).collect();
            prop_assert!(parse(&wrong).is_err());
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,24}") {
            let _ = parse(&text);
        }
    }
}
