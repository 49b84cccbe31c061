//! Text from outside: the one type for parameters, parts of paths and answers as they arrive, and the one function that makes it.

use std::fmt;

/// Text from outside that every layer takes: valid Unicode without characters that no keyboard types and no database stores alike. Its content
/// is not normalised yet.
#[derive(Clone, PartialEq, Eq)]
pub struct CleanText(String);

/// Text from outside that is refused: not UTF-8, a control character, or a code that is no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("text with characters that cannot be typed")]
pub struct UncleanText;

impl CleanText {
    /// Checks text.
    ///
    /// # Errors
    /// [`UncleanText`] for NUL and other control characters, except those that end lines or separate words, and for codes that are no
    /// characters.
    pub fn parse(text: &str) -> Result<Self, UncleanText> {
        if text.chars().any(is_refused) { Err(UncleanText) } else { Ok(Self(text.to_owned())) }
    }

    /// Checks bytes as they arrived. Lone surrogates are not UTF-8.
    ///
    /// # Errors
    /// [`UncleanText`] for bytes that are not UTF-8, and as [`CleanText::parse`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UncleanText> {
        Self::parse(std::str::from_utf8(bytes).map_err(|_| UncleanText)?)
    }

    /// Checks a percent-encoded part of an address, or a URL-encoded form.
    ///
    /// # Errors
    /// [`UncleanText`] for what the encoding stands for.
    pub fn from_encoded(encoded: &[u8]) -> Result<Self, UncleanText> {
        Self::from_bytes(&decode(encoded))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

// Text from outside may be personal data, so debug output omits it.
impl fmt::Debug for CleanText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CleanText(…)")
    }
}

/// Tabs and ends of lines and pages occur in pasted text.
fn is_refused(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | '\u{0B}' | '\u{0C}' => false,
        '\u{0}'..='\u{1F}' | '\u{7F}' | '\u{FDD0}'..='\u{FDEF}' => true,
        c => u32::from(c) & 0xFFFE == 0xFFFE,
    }
}

fn decode(encoded: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_and_paste_is_taken() {
        for text in ["", "张伟 Zhang\tWei\r\n", "第一页\u{0C}第二页\u{0B}", "👩‍🔬", "\u{FFFD}"] {
            assert_eq!(CleanText::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn control_characters_and_codes_that_are_no_characters_are_refused() {
        for text in ["a\0", "\u{1}", "\u{7F}", "\u{FFFE}", "\u{FFFF}", "\u{1FFFE}", "\u{FDD0}"] {
            assert_eq!(CleanText::parse(text), Err(UncleanText), "{text:?}");
        }
    }

    #[test]
    fn an_encoded_text_is_what_it_stands_for() {
        assert_eq!(CleanText::from_encoded("a%E5%BC%A0+b%".as_bytes()).unwrap().as_str(), "a张+b%");
        for encoded in ["%00", "a=%00", "%ED%A0%80", "%ed%bf%bf", "%FF", "%EF%BF%BE"] {
            assert_eq!(CleanText::from_encoded(encoded.as_bytes()), Err(UncleanText), "{encoded}");
        }
    }
}
