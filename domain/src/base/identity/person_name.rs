//! Names of people: one stored form for all spellings, and equality of names.

use crate::base::text::{WrongSign, is_apostrophe, is_han, is_hyphen, is_ignorable, is_middle_dot, nfc, normalise, quoted};

/// Why a text is not a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonNameError {
    /// A character that names do not contain.
    Sign(WrongSign),
    /// A character of a private font, which no other program can show.
    PrivateUse(char),
    /// No letter at all.
    Empty,
    /// Longer than the rules allow; the maximum.
    Length(usize),
}

impl PersonNameError {
    /// Message for the user.
    pub fn text(self) -> String {
        match self {
            PersonNameError::Sign(wrong) => {
                format!("姓名中的{}不能用于姓名，姓名只含汉字、字母、间隔号“·”和空格；确为证件上的字的，请联系协会", quoted(wrong.sign))
            }
            PersonNameError::PrivateUse(c) => {
                format!("姓名中的{}是本机字库自造的字，平台无法识别，请按证件上的拼音填写姓名，并联系协会登记该字", quoted(c))
            }
            PersonNameError::Empty => "请填写姓名，须与证件一致".to_owned(),
            PersonNameError::Length(max) => format!("姓名最多 {max} 个字"),
        }
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            PersonNameError::Sign(_) => "name_character",
            PersonNameError::PrivateUse(_) => "name_private_use",
            PersonNameError::Empty => "name_length",
            PersonNameError::Length(_) => "name_too_long",
        }
    }
}

/// Reads a person's name of at most `max` characters: NFC, one middle dot `·`, one apostrophe `'`, one hyphen `-`, no blanks between Chinese
/// characters or around the dot, no variation selectors.
///
/// # Errors
/// The [`PersonNameError`] of the first character that is not allowed, or of the length.
pub fn read_person_name(text: &str, max: usize) -> Result<String, PersonNameError> {
    let name = tidy(&plain_name(text));
    if let Some(wrong) = name.chars().find(|c| !is_letter(*c) && !is_mark(*c)) {
        return Err(if is_private_use(wrong) {
            PersonNameError::PrivateUse(wrong)
        } else {
            PersonNameError::Sign(WrongSign { kind: "姓名", sign: typed_sign(text, wrong) })
        });
    }
    if !name.chars().any(|c| c.is_alphabetic() && !is_accent(c)) {
        return Err(PersonNameError::Empty);
    }
    if let Some(wrong) = stray_accent(&name) {
        return Err(PersonNameError::Sign(WrongSign { kind: "姓名", sign: wrong }));
    }
    if name.chars().count() > max { Err(PersonNameError::Length(max)) } else { Ok(name) }
}

/// A name reduced to its letters and digits: composition, width and variants of its letters, case, blanks, and marks between them make no
/// difference.
pub fn fold_name(text: &str) -> String {
    plain_name(text).chars().filter(|c| !is_name_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// Whether two texts are the same name, folded.
pub fn same_name(a: &str, b: &str) -> bool {
    fold_name(a) == fold_name(b)
}

/// Whether a character between the letters of a name does not change it: a blank, dot, hyphen, apostrophe, or a character without a shape.
pub fn is_name_mark(c: char) -> bool {
    c.is_whitespace() || is_middle_dot(c) || is_hyphen(c) || is_apostrophe(c) || is_ignorable(c) || is_full_stop(c)
}

/// One character for each sign that looks the same.
fn plain_name(text: &str) -> String {
    let composed: String = nfc(text).chars().filter(|c| !is_ignorable(*c)).map(one_sign).collect();
    nfc(&normalise(&composed))
}

fn one_sign(c: char) -> char {
    match c {
        c if is_middle_dot(c) => '·',
        c if is_hyphen(c) => '-',
        c if is_apostrophe(c) => '\'',
        c => c,
    }
}

fn is_full_stop(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}')
}

/// The character that was typed for a plain one.
fn typed_sign(text: &str, plain: char) -> char {
    text.chars().find(|c| normalise(&c.to_string()).chars().eq(std::iter::once(plain))).unwrap_or(plain)
}

/// The name without blanks that Chinese names do not have, and with a middle dot for a full stop between Chinese characters.
fn tidy(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut tidy = String::with_capacity(name.len());
    for (index, c) in chars.iter().copied().enumerate() {
        let before = tidy.chars().last();
        let after = chars.get(index + 1..).unwrap_or_default().iter().copied().find(|c| *c != ' ' && *c != '·' && !is_full_stop(*c));
        let chinese = before.is_some_and(|c| is_han(c) || c == '·') && after.is_some_and(is_han);
        match c {
            ' ' if chinese || before == Some('·') || chars.get(index + 1) == Some(&'·') => {}
            c if is_full_stop(c) && chinese => push_dot(&mut tidy),
            '·' => push_dot(&mut tidy),
            c => tidy.push(c),
        }
    }
    tidy.trim_matches(['·', '-', ' ', ',', '，', ';', '；', '。']).to_owned()
}

fn push_dot(name: &mut String) {
    if !name.ends_with('·') {
        name.push('·');
    }
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_combining(c)
}

fn is_mark(c: char) -> bool {
    matches!(c, '·' | ' ' | '\'' | '-' | '.')
}

/// Whether a character is a sign of a letter before it that `char::is_alphabetic` leaves out: accents, and the signs of Indian, Thai, Lao,
/// Tibetan and Burmese letters.
fn is_combining(c: char) -> bool {
    match c {
        '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{65F}' | '\u{E38}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}' | '\u{EB8}'..='\u{ECD}' => true,
        '\u{F0B}' | '\u{F39}' | '\u{F71}'..='\u{F84}' | '\u{1037}' | '\u{1039}' | '\u{103A}' | '\u{17D2}' => true,
        '\u{900}'..='\u{D7F}' => matches!(u32::from(c) & 0x7F, 0x3C | 0x4D),
        _ => false,
    }
}

/// Whether a character is an accent that stands over or under the letter before it.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

/// An accent without a letter before it, or the third one on a letter: no document prints more than two.
fn stray_accent(name: &str) -> Option<char> {
    let mut free = 0;
    name.chars().find(|c| {
        let stray = is_accent(*c) && free == 0;
        free = match is_accent(*c) {
            true => free.max(1) - 1,
            false if is_letter(*c) => 2,
            false => 0,
        };
        stray
    })
}

fn is_private_use(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAX: usize = 80;

    fn read(text: &str) -> Result<String, PersonNameError> {
        read_person_name(text, MAX)
    }

    #[test]
    fn a_name_that_cannot_be_seen_or_is_a_heap_of_accents_is_refused() {
        for text in ["\u{3164}", "\u{115F}\u{1160}", "\u{FFA0}", "\u{345}", "\u{301}张", "Z\u{30A}\u{30B}\u{30D}", "张 \u{301}三"] {
            assert!(read(text).is_err(), "{text:?}");
        }
        assert_eq!(read("张\u{3164}三").unwrap(), "张三");
        assert!(same_name("孙\u{3164}立新", "孙立新"));
        assert!(read("Z\u{30A}\u{30B}").is_ok() && read("Nguye\u{302}\u{303}n Thi\u{323}").is_ok());
    }

    #[test]
    fn every_usual_spelling_is_the_same_name() {
        let dots = [
            '\u{B7}', '\u{2027}', '\u{30FB}', '\u{FF65}', '\u{2219}', '\u{22C5}', '\u{2022}', '\u{FE52}', '\u{1427}', '.', '\u{FF0E}',
            '\u{387}', '\u{2024}', '\u{3002}', '\u{25CF}',
        ];
        for dot in dots {
            for text in [format!("阿依古丽{dot}买买提"), format!("阿依古丽 {dot} 买买提"), format!("阿依古丽{dot}{dot}买买提 ")]
            {
                assert_eq!(read(&text).as_deref(), Ok("阿依古丽·买买提"), "{text}");
            }
        }
        for (stored, spellings) in [
            (
                "Shaun O'Neil",
                &[
                    "Shaun O'Neil",
                    "Shaun O\u{2019}Neil",
                    "Shaun O\u{2018}Neil",
                    "Shaun O\u{2BC}Neil",
                    "Shaun O\u{FF07}Neil",
                    "Shaun  O`Neil",
                    "Ｓｈａｕｎ O'Neil",
                ][..],
            ),
            ("Nguyễn Thị Ánh", &["Nguyễn Thị Ánh", "Nguye\u{302}\u{303}n Thi\u{323} A\u{301}nh"]),
            (
                "Anne-Marie",
                &["Anne-Marie", "Anne\u{2010}Marie", "Anne\u{2011}Marie", "Anne\u{2013}Marie", "Anne\u{2212}Marie", "Anne\u{FF0D}Marie"],
            ),
            ("葛", &["葛", "葛\u{E0100}", "葛\u{FE00}"]),
            ("戮", &["\u{F9D2}"]),
            ("张伟", &["张伟", "张 伟", "张\u{3000}伟", "张\u{200B}伟", " 张伟 ", "张伟，", "张伟。"]),
            ("John F. Kennedy", &["John F. Kennedy", "John F． Kennedy"]),
            ("丹", &["丹"]),
            ("O", &["O"]),
            ("刘〇一", &["刘〇一"]),
            ("สมชาย", &["สมชาย"]),
            ("राम", &["राम"]),
        ] {
            for text in spellings {
                assert_eq!(read(text).as_deref(), Ok(stored), "{text}");
            }
        }
        assert!(read("Maria Alejandra Guadalupe Fernandez de Cordova").is_ok());
    }

    #[test]
    fn a_refused_name_names_the_first_wrong_character() {
        let sign = |sign: &str| format!("姓名中的{sign}不能用于姓名，姓名只含汉字、字母、间隔号“·”和空格；确为证件上的字的，请联系协会");
        for (text, said) in [
            ("<b>张</b>", sign("“<”")),
            ("张伟1", sign("“1”")),
            ("张＿伟", sign("“＿”（U+FF3F）")),
            ("SMITH, JOHN", sign("“,”")),
            ("张伟（先生）", sign("“（”（U+FF08）")),
            ("张?", sign("“?”")),
            ("张□", sign("“□”（U+25A1）")),
            ("张😀", sign("“😀”（U+1F600）")),
            ("··", "请填写姓名，须与证件一致".to_owned()),
            ("", "请填写姓名，须与证件一致".to_owned()),
            (
                "王\u{E863}",
                "姓名中的“\u{E863}”（U+E863）是本机字库自造的字，平台无法识别，请按证件上的拼音填写姓名，并联系协会登记该字".to_owned(),
            ),
        ] {
            assert_eq!(read(text).unwrap_err().text(), said, "{text}");
        }
        assert_eq!(read_person_name(&"长".repeat(31), 30).unwrap_err().text(), "姓名最多 30 个字");
    }

    #[test]
    fn blanks_marks_width_and_case_make_no_other_name() {
        for (a, b) in [
            ("孙立新", "孙 立 新"),
            ("孙立新", "孙　立新"),
            ("迪丽热巴·迪力木拉提", "迪丽热巴•迪力木拉提"),
            ("迪丽热巴·迪力木拉提", "迪丽热巴\u{2027}迪力木拉提"),
            ("迪丽热巴·迪力木拉提", "迪丽热巴迪力木拉提"),
            ("迪丽热巴·迪力木拉提", "迪丽热巴．迪力木拉提"),
            ("迪丽热巴·迪力木拉提", "迪丽热巴。迪力木拉提"),
            ("Anne-Marie O'Neil", "anne marie ONEIL"),
            ("Anne-Marie O'Neil", "ＡＮＮＥ–MARIE O’NEIL"),
            ("Nguyễn", "Nguye\u{302}\u{303}n"),
            ("葛", "葛\u{E0100}"),
            ("戮", "\u{F9D2}"),
        ] {
            assert!(same_name(a, b), "{a} {b}");
        }
        assert!(!same_name("孙立新", "孙立") && !same_name("Nguyễn", "Nguyen"));
    }

    proptest! {
        #[test]
        fn a_stored_name_reads_back_and_equals_its_spellings(text in "[张伟阿依古丽A-Za-zé·. '’•\u{301}\u{3000}-]{1,20}") {
            if let Ok(stored) = read(&text) {
                prop_assert_eq!(read(&stored), Ok(stored.clone()));
                prop_assert!(same_name(&stored, &text));
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,24}") {
            let _ = (read(&text), fold_name(&text));
        }
    }
}
