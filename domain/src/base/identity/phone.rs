//! Telephone numbers: mobile numbers, landlines with area code and extension, service numbers.

use super::contact::{Mobile, is_digits, without_country};
use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneError {
    /// A character that telephone numbers do not contain.
    Sign(WrongSign),
    /// Neither a mobile nor a landline number.
    Shape,
    /// A landline number without area code.
    AreaMissing,
    /// An extension that is not one to five digits.
    Extension,
}

reader_error_texts!(PhoneError {
    Shape "phone_shape" "请填写手机号码，或带区号的固定电话，如 010-12345678";
    AreaMissing "phone_area_missing" "固定电话缺少区号，请填写如 010-12345678";
    Extension "phone_extension" "分机号应为 1 至 5 位数字，如 010-12345678-801";
});

const PHONE: Notation = Notation {
    name: "电话号码",
    labels: &["联系电话", "固定电话", "电话号码", "手机号码", "手机号", "电话", "手机", "座机", "phone", "tel"],
    endings: &[],
    left_out: "",
    holds: |c| c.is_ascii_digit() || BETWEEN.contains(&c) || c == '+',
};

/// What stands between the parts of a number.
const BETWEEN: [char; 9] = [' ', '-', '.', '(', ')', '[', ']', '/', '_'];
/// What stands before an extension; longer words first.
const EXTENSION: [&str; 10] = ["转分机", "分机号", "分机", "转", "ext", "x", "#", "*", ",", ";"];

/// Reads a telephone number: `13900001234`, `010-12345678`, `0571-87654321-801`, `400-123-4567`.
///
/// # Errors
/// The [`PhoneError`], if the text is neither a mobile, nor a landline, nor a service number.
pub fn read_phone(text: &str) -> Result<String, PhoneError> {
    let bare = PHONE.bare(text).to_lowercase();
    let (main, extension) = match EXTENSION.iter().filter_map(|word| bare.split_once(word)).min_by_key(|(main, _)| main.len()) {
        Some((main, extension)) => (main, Some(EXTENSION.iter().fold(extension, |rest, word| rest.trim_start_matches(word)))),
        None => (bare.as_str(), None),
    };
    let inner = |c: &char| !c.is_ascii_digit() && !BETWEEN.contains(c);
    let wrong = main.chars().find(|c| !(PHONE.holds)(*c)).or_else(|| extension.and_then(|e| e.chars().find(inner)));
    if let Some(wrong) = wrong {
        return Err(PHONE.wrong(text, wrong.to_ascii_uppercase()).into());
    }
    let parts: Vec<&str> = main.split(BETWEEN).filter(|part| !part.is_empty()).collect();
    let (number, inner_extension) = with_extension(&parts).or_else(|| Some((national(&parts.concat())?, None))).ok_or_else(|| {
        let digits = parts.concat();
        if is_digits(&digits) && matches!(digits.len(), 7 | 8) { PhoneError::AreaMissing } else { PhoneError::Shape }
    })?;
    let extension: Option<String> = extension.map(|e| e.chars().filter(char::is_ascii_digit).collect());
    match extension.as_deref().or(inner_extension) {
        None => Ok(number),
        Some(e) if (1..=5).contains(&e.len()) && number.contains('-') => Ok(format!("{number}-{e}")),
        Some(_) => Err(PhoneError::Extension),
    }
}

/// A number whose last part is an extension: area code, number, extension, or a whole number and an extension.
fn with_extension<'a>(parts: &[&'a str]) -> Option<(String, Option<&'a str>)> {
    let (last, before) = parts.split_last()?;
    if before.is_empty() || !is_digits(last) {
        return None;
    }
    let by_area = before.last().is_some_and(|number| before.len() >= 2 && matches!(number.len(), 7 | 8));
    if !by_area && national(&parts.concat()).is_some() {
        return None;
    }
    Some((national(&before.concat())?, Some(last)))
}

/// The stored form of a number without extension.
fn national(digits: &str) -> Option<String> {
    let from_abroad = digits.starts_with(['+']) || digits.starts_with("00");
    let number = match digits.strip_prefix("86") {
        // No area code begins with 8, and no service number of this length with 86.
        Some(rest) if !from_abroad && digits.len() >= 12 => rest,
        _ => without_country(digits, 11),
    };
    if !is_digits(number) {
        return None;
    }
    if let Ok(mobile) = Mobile::parse(number) {
        return Some(mobile.as_str().to_owned());
    }
    if number.len() == 10 && (number.starts_with("400") || number.starts_with("800")) {
        let (first, rest) = number.split_at_checked(3)?;
        let (second, third) = rest.split_at_checked(3)?;
        return Some(format!("{first}-{second}-{third}"));
    }
    let number = if number != digits && !number.starts_with('0') { format!("0{number}") } else { number.to_owned() };
    let area_length = if number.starts_with("01") || number.starts_with("02") { 3 } else { 4 };
    let (area, rest) = number.split_at_checked(area_length)?;
    (area.starts_with('0') && !area.starts_with("00") && matches!(rest.len(), 7 | 8)).then(|| format!("{area}-{rest}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_usual_spelling_is_the_same_telephone_number() {
        for text in [
            "010-12345678",
            "010 12345678",
            "（010）12345678",
            "(010) 1234 5678",
            "01012345678",
            "010\u{2014}12345678",
            "010\u{2013}12345678",
            "010\u{2212}12345678",
            "010－12345678",
            "+86-10-12345678",
            "+86 10 1234 5678",
            "86-10-12345678",
            "0086 10 12345678",
            "+86 (0)10 12345678",
            "010-1234 5678",
            "010-1234-5678",
            "tel:010-12345678",
            "电话：010-12345678",
            "０１０－１２３４５６７８",
            "010.12345678",
            "010-12345678。",
        ] {
            assert_eq!(read_phone(text).as_deref(), Ok("010-12345678"), "{text}");
        }
        for text in [
            "010-12345678-801",
            "010-12345678转801",
            "010 12345678 转 801",
            "（010）12345678 分机 801",
            "01012345678-801",
            "010-12345678#801",
            "010-12345678*801",
            "01012345678,801",
            "010-12345678 ext. 801",
            "010-12345678x801",
            "010-12345678转分机801",
            "+86 10 12345678-801",
            "010 12345678 801",
            "010-12345678；801",
            "010-12345678－801",
        ] {
            assert_eq!(read_phone(text).as_deref(), Ok("010-12345678-801"), "{text}");
        }
        for (text, stored) in [
            ("0571-87654321", "0571-87654321"),
            ("057187654321", "0571-87654321"),
            ("0571-8765432", "0571-8765432"),
            ("021-1234567", "021-1234567"),
            ("400-123-4567", "400-123-4567"),
            ("4001234567", "400-123-4567"),
            ("400 1234 567", "400-123-4567"),
            ("800-810-1234", "800-810-1234"),
            ("400-123-4567转2", "400-123-4567-2"),
            ("139 0000 1234", "13900001234"),
            ("+86 139-0000-1234", "13900001234"),
            ("013900001234", "13900001234"),
        ] {
            assert_eq!(read_phone(text).as_deref(), Ok(stored), "{text}");
        }
    }

    #[test]
    fn a_refused_telephone_number_says_why() {
        for (text, said) in [
            ("", "请填写手机号码，或带区号的固定电话，如 010-12345678"),
            ("12345", "请填写手机号码，或带区号的固定电话，如 010-12345678"),
            ("010-123", "请填写手机号码，或带区号的固定电话，如 010-12345678"),
            ("+1 415 555 0100", "请填写手机号码，或带区号的固定电话，如 010-12345678"),
            ("12345678", "固定电话缺少区号，请填写如 010-12345678"),
            ("1234-5678", "固定电话缺少区号，请填写如 010-12345678"),
            ("010-12345678-123456", "分机号应为 1 至 5 位数字，如 010-12345678-801"),
            ("010-12345678转", "分机号应为 1 至 5 位数字，如 010-12345678-801"),
            ("13900001234转801", "分机号应为 1 至 5 位数字，如 010-12345678-801"),
            ("010-1234567O", "电话号码中的“O”无法识别，请改正或删去"),
            ("010-12345678（张女士）", "电话号码中的“张”无法识别，请改正或删去"),
            ("010-12345678转a1", "电话号码中的“a”无法识别，请改正或删去"),
        ] {
            assert_eq!(read_phone(text).unwrap_err().text(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn stored_forms_read_back(text in "0(10|2[0-9]|[3-9][0-9]{2})-[2-8][0-9]{6,7}(-[0-9]{1,5})?|1[3-9][0-9]{9}|[48]00-[0-9]{3}-[0-9]{4}(-[0-9]{1,5})?") {
            let read = read_phone(&text);
            prop_assert_eq!(read.as_deref(), Ok(text.as_str()));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[-0-9 +()转x#]{0,20}|.{0,20}") {
            let _ = read_phone(&text);
        }
    }
}
