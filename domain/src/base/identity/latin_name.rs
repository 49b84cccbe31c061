//! 姓名拼音: a name in Latin letters.

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign, nfc};

/// Why a text is no name in Latin letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatinNameError {
    /// A character that such names do not contain.
    Sign(WrongSign),
    /// No letter.
    NoLetter,
}

reader_error_texts!(LatinNameError {
    NoLetter "no_latin_letter" "请用拼音或外文字母填写姓名，如 Zhang San";
});

const NAME: Notation = Notation {
    name: "姓名拼音",
    labels: &["姓名拼音", "拼音", "name"],
    endings: &[],
    left_out: "",
    holds: |c| is_letter(c) || " -'.,".contains(c),
};

/// Reads a name in Latin letters, with or without accents: one blank between its parts, straight apostrophes and hyphens.
///
/// # Errors
/// The [`LatinNameError`], if the text is no such name.
pub fn read_latin_name(text: &str) -> Result<String, LatinNameError> {
    let composed = nfc(text);
    let bare = NAME.bare(&composed);
    if let Some(wrong) = bare.chars().find(|c| !(NAME.holds)(*c)) {
        return Err(NAME.wrong(&composed, wrong).into());
    }
    let name = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().any(is_letter) { Ok(name) } else { Err(LatinNameError::NoLetter) }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || c.is_alphabetic() && matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_spelling_is_the_same_name() {
        for text in [
            "Zhang San",
            " Zhang  San ",
            "Zhang\u{3000}San",
            "Ｚｈａｎｇ Ｓａｎ",
            "拼音：Zhang San",
            "Zhang San。",
            "“Zhang San”",
            "Zhang\u{200B} San",
            "Zhang\u{A0}San",
            "Zhang\u{2009}San",
            "Zhang San\r\n",
            "Zhang\tSan",
            "姓名拼音：Zhang San",
            "Name: Zhang San",
            "Zhang San;",
            "\u{202A}Zhang San\u{202C}",
            "\"Zhang San\"",
        ] {
            assert_eq!(read_latin_name(text).as_deref(), Ok("Zhang San"), "{text}");
        }
        for (text, name) in [
            ("Shaun O’Neil", "Shaun O'Neil"),
            ("Jean–Luc", "Jean-Luc"),
            ("lu\u{308}\u{30C} bu", "lǚ bu"),
            ("Ayguli·Memet", "Ayguli.Memet"),
            ("SMITH, JOHN", "SMITH, JOHN"),
            ("Nguyễn Văn A", "Nguyễn Văn A"),
            ("Ōe Þór", "Ōe Þór"),
        ] {
            assert_eq!(read_latin_name(text).as_deref(), Ok(name), "{text}");
            assert_eq!(read_latin_name(name).as_deref(), Ok(name), "what is stored reads back");
        }
    }

    #[test]
    fn a_refused_name_names_the_first_wrong_character() {
        for (text, sign) in [
            ("张三", '张'),
            ("Zhang 三", '三'),
            ("Zhang1", '1'),
            ("Zhang@San", '@'),
            ("Иван", 'И'),
            ("Zhang_San", '_'),
            ("Zhang/San", '/'),
            ("×", '×'),
        ] {
            assert_eq!(read_latin_name(text), Err(LatinNameError::Sign(WrongSign { kind: "姓名拼音", sign })), "{text}");
        }
        for text in ["", " ", "-", "..", "'"] {
            assert_eq!(read_latin_name(text), Err(LatinNameError::NoLetter), "{text}");
        }
    }

    proptest! {
        #[test]
        fn stored_names_read_back(name in "[A-Z][a-z]{1,9}( [A-Z][a-zàéǚ]{1,9}){0,3}") {
            prop_assume!(!name.to_lowercase().starts_with("name"));
            prop_assert_eq!(read_latin_name(&name), Ok(name.clone()));
        }

        #[test]
        fn what_is_read_reads_back(text in ".{0,30}") {
            if let Ok(name) = read_latin_name(&text) {
                prop_assert_eq!(read_latin_name(&name), Ok(name.clone()));
            }
        }
    }
}
