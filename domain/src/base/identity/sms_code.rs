//! 验证码 as people copy it: six digits, alone or in the message that brought them.

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text holds no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsCodeError {
    /// A character instead of a digit.
    Sign(WrongSign),
    /// No digits.
    Shape,
    /// Another count of digits than six.
    Length(usize),
    /// Two different codes.
    Several,
}

reader_error_texts!(SmsCodeError {
    Shape "code_shape" "请填写 6 位数字验证码";
    Length(count) "code_length" "验证码应为 6 位数字，现有 {} 位";
    Several "code_several" "这里有两个验证码，请只填写最近收到的一个";
});

const LENGTH: usize = 6;

const CODE: Notation = Notation {
    name: "验证码",
    labels: &["短信验证码", "邮件验证码", "验证码", "code"],
    endings: &[],
    left_out: " -.,_",
    holds: |c| c.is_ascii_digit(),
};

/// Reads a code of six digits: `048748`, `048 748`, `048-748`, twice the same, with a label, or within a whole message.
///
/// # Errors
/// The [`SmsCodeError`], if the text holds no code, or two of them.
pub fn read_sms_code(text: &str) -> Result<String, SmsCodeError> {
    let bare = CODE.bare(text);
    // Digits that only blanks and hyphens separate are one number.
    let groups = bare.split(|c: char| !c.is_ascii_digit() && !matches!(c, ' ' | '-'));
    let numbers = groups.map(|group| group.chars().filter(char::is_ascii_digit).collect::<String>());
    let mut codes = numbers.filter_map(|number| once(&number));
    match codes.next() {
        Some(code) if codes.all(|other| other == code) => Ok(code),
        Some(_) => Err(SmsCodeError::Several),
        None => {
            let digits = CODE.read(text)?;
            match once(&digits) {
                Some(code) => Ok(code),
                None if digits.is_empty() => Err(SmsCodeError::Shape),
                None => Err(SmsCodeError::Length(digits.len())),
            }
        }
    }
}

/// The code that a number is, or is twice.
fn once(number: &str) -> Option<String> {
    match number.split_at_checked(LENGTH) {
        Some((code, "")) => Some(code.to_owned()),
        Some((code, again)) if code == again => Some(code.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_spelling_is_the_same_code() {
        let spellings = [
            "048748",
            "048 748",
            "048-748",
            "048\u{A0}748",
            "０４８７４８",
            "048748 ",
            "048748048748",
            "048748 048748",
            "048748\r\n",
            "验证码：048748",
            "验证码 048 748",
            "048748。",
            "短信验证码：048748，2 分钟内有效",
            "0 4 8 7 4 8",
            "048\u{2013}748",
            "\u{200B}048748\u{200E}",
            "“048748”",
            "【认证人员综合服务平台】您正在办理注册，验证码 048748，2 分钟内有效，请勿告知他人。",
            "[048748]",
            "code: 048748",
            "048.748",
            "G-048748",
            "048748，048748",
        ];
        for text in spellings {
            assert_eq!(read_sms_code(text).as_deref(), Ok("048748"), "{text}");
        }
    }

    #[test]
    fn a_refused_code_says_why() {
        for (text, said) in [
            ("", "请填写 6 位数字验证码"),
            ("12", "验证码应为 6 位数字，现有 2 位"),
            ("0487481", "验证码应为 6 位数字，现有 7 位"),
            ("048748048749", "验证码应为 6 位数字，现有 12 位"),
            ("04874O", "验证码中的“O”无法识别，请改正或删去"),
            ("04874l", "验证码中的“l”无法识别，请改正或删去"),
            ("abcde", "验证码中的“a”无法识别，请改正或删去"),
            ("没收到", "验证码中的“没”无法识别，请改正或删去"),
            ("048748 或者 048749", "这里有两个验证码，请只填写最近收到的一个"),
            ("4874九", "验证码中的“九”无法识别，请改正或删去"),
        ] {
            assert_eq!(read_sms_code(text).unwrap_err().text(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn stored_forms_read_back(stored in "[0-9]{6}") {
            prop_assert_eq!(read_sms_code(&stored), Ok(stored.clone()));
        }

        #[test]
        fn what_is_read_reads_back(text in ".{0,40}") {
            if let Ok(stored) = read_sms_code(&text) {
                prop_assert_eq!(read_sms_code(&stored), Ok(stored.clone()));
            }
        }
    }
}
