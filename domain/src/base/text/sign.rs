//! Characters: which ones look alike, which ones cannot be seen, and how a sentence names one.

use std::fmt::Write;

/// A character at which a text stops being of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongSign {
    /// Name of the kind of text: 手机号码.
    pub kind: &'static str,
    /// The character, as typed.
    pub sign: char,
}

impl WrongSign {
    /// Message for the user, which names the character.
    pub fn text(self) -> String {
        format!("{}中的{}无法识别，请改正或删去", self.kind, quoted(self.sign))
    }
}

/// A character in quotation marks, with its code if another character may look like it.
pub fn quoted(sign: char) -> String {
    if sign == ' ' {
        return "空格".to_owned();
    }
    let mut text = String::from("“");
    if !is_ignorable(sign) {
        text.push(sign);
    }
    text.push('”');
    if !sign.is_ascii() && !is_han(sign) {
        // Writing to a string does not fail.
        let _ = write!(text, "（U+{:04X}）", u32::from(sign));
    }
    text
}

/// Whether a character is a Chinese character, including the extensions and 〇.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether a character has no shape of its own: zero width, direction of writing, variant of the character before it.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            // Fillers of Korean syllables.
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Whether a character is written as a hyphen, dash or minus sign.
pub(crate) fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'
            ..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2500}' | '\u{2E3A}' | '\u{2E3B}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
    )
}

/// Whether a character is written as a middle dot between the parts of a name. The full stops are not among them.
pub(crate) fn is_middle_dot(c: char) -> bool {
    matches!(
        c,
        '\u{B7}'
            | '\u{387}'
            | '\u{1427}'
            | '\u{16EB}'
            | '\u{2022}'
            | '\u{2024}'
            | '\u{2027}'
            | '\u{2218}'
            | '\u{2219}'
            | '\u{22C5}'
            | '\u{25CF}'
            | '\u{25E6}'
            | '\u{26AB}'
            | '\u{2981}'
            | '\u{2E31}'
            | '\u{2E33}'
            | '\u{30FB}'
            | '\u{318D}'
            | '\u{A78F}'
            | '\u{FE52}'
            | '\u{FF65}'
            | '\u{10101}'
    )
}

/// Whether a character is written as an apostrophe.
pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '\u{B4}' | '\u{2B9}' | '\u{2BB}' | '\u{2BC}' | '\u{2BD}' | '\u{2C8}' | '\u{2018}'
            ..='\u{201B}' | '\u{2032}' | '\u{2035}' | '\u{FF07}'
    )
}

/// The ASCII character that a character of a number or code stands for, such as a full-width digit or any dash; others as they are.
pub(crate) fn plain(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3002}' | '\u{FF61}' => '.',
        '\u{3001}' | '\u{FE50}' | '\u{FE51}' | '\u{FF64}' => ',',
        '\u{2236}' | '\u{FE55}' => ':',
        '\u{FE54}' => ';',
        '\u{2044}' | '\u{2215}' | '\u{2571}' => '/',
        '\u{3010}' | '\u{3014}' | '\u{3008}' | '\u{300A}' | '\u{300C}' | '\u{FE59}' => '(',
        '\u{3011}' | '\u{3015}' | '\u{3009}' | '\u{300B}' | '\u{300D}' | '\u{FE5A}' => ')',
        '\u{FFE5}' => '\u{A5}',
        c if is_hyphen(c) => '-',
        c if is_middle_dot(c) => '.',
        c if is_apostrophe(c) => '\'',
        c if c.is_whitespace() || c.is_control() => ' ',
        c => c,
    }
}

/// The canonical composition (NFC) of a text: one code for each letter with its marks.
pub fn nfc(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { compose(text) }
}

#[cfg(not(target_arch = "wasm32"))]
fn compose(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfc().collect()
}

/// The browser has the tables already; they would be a third of the first visit.
#[cfg(target_arch = "wasm32")]
fn compose(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFC").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_a_character_so_that_it_can_be_found() {
        assert_eq!(quoted('O'), "“O”");
        assert_eq!(quoted('中'), "“中”");
        assert_eq!(quoted('\u{425}'), "“\u{425}”（U+0425）");
        assert_eq!(quoted('\u{200B}'), "“”（U+200B）");
        assert_eq!(WrongSign { kind: "手机号码", sign: 'O' }.text(), "手机号码中的“O”无法识别，请改正或删去");
    }

    #[test]
    fn letters_with_marks_and_compatibility_characters_have_one_code() {
        assert_eq!(nfc("Nguye\u{302}\u{303}n"), "Nguy\u{1EC5}n");
        assert_eq!(nfc("\u{F9D2}"), "\u{622E}");
    }
}
