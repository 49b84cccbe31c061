//! How numbers and codes are written: one table entry for each kind, one function that reads by it.

use super::sign::{WrongSign, is_ignorable, plain};

/// How a kind of number or code is written.
pub(crate) struct Notation {
    /// Name of the kind: 手机号码.
    pub(crate) name: &'static str,
    /// Words before it that are not part of it, in lower case; longer words first.
    pub(crate) labels: &'static [&'static str],
    /// Words behind it that are not part of it, in lower case; longer words first.
    pub(crate) endings: &'static [&'static str],
    /// Characters between its parts that are left out.
    pub(crate) left_out: &'static str,
    /// Whether a character, in upper case, is part of it.
    pub(crate) holds: fn(char) -> bool,
}

/// Signs that a sentence leaves before a text. A point before digits is a decimal point.
const BEFORE: &[char] = &[' ', ':', ';', '=', '"', '\'', '\u{201C}', '\u{201D}'];
/// Signs that a sentence leaves behind a text.
const BEHIND: &[char] = &[' ', ';', ',', '.', ':', '!', '?', '"', '\'', '\u{201C}', '\u{201D}'];

impl Notation {
    /// The text without labels, endings and what is left out, in upper case.
    ///
    /// # Errors
    /// The first character that is not part of texts of this kind.
    pub(crate) fn read(&self, text: &str) -> Result<String, WrongSign> {
        let line = self.bare(text);
        let mut read = String::with_capacity(line.len());
        for c in line.chars().filter(|c| !self.left_out.contains(*c)).map(|c| c.to_ascii_uppercase()) {
            if !(self.holds)(c) {
                return Err(self.wrong(text, c));
            }
            read.push(c);
        }
        Ok(read)
    }

    /// The text in plain characters, without labels and endings.
    pub(crate) fn bare(&self, text: &str) -> String {
        let line: String = text.chars().filter(|c| !is_ignorable(*c)).map(plain).collect();
        let mut rest = line.trim_start_matches(BEFORE).trim_end_matches(BEHIND);
        while let Some(shorter) = self.labels.iter().find_map(|label| without_start(rest, label)) {
            rest = shorter.trim_start_matches(BEFORE);
        }
        while let Some(shorter) = self.endings.iter().find_map(|ending| without_end(rest, ending)) {
            rest = shorter.trim_end_matches(BEHIND);
        }
        rest.to_owned()
    }

    /// The error for a plain character, with the character that was typed for it.
    pub(crate) fn wrong(&self, text: &str, plain_sign: char) -> WrongSign {
        let typed = text.chars().find(|c| plain(*c).to_ascii_uppercase() == plain_sign);
        WrongSign { kind: self.name, sign: typed.unwrap_or(plain_sign) }
    }
}

fn without_start<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(label.len())?;
    start.to_lowercase().eq(label).then_some(rest)
}

fn without_end<'a>(text: &'a str, ending: &str) -> Option<&'a str> {
    let (rest, end) = text.split_at_checked(text.len().checked_sub(ending.len())?)?;
    end.to_lowercase().eq(ending).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: Notation =
        Notation { name: "编号", labels: &["编号", "no."], endings: &["号"], left_out: " -", holds: |c| c.is_ascii_digit() };

    #[test]
    fn labels_endings_and_signs_around_are_no_part_of_a_number() {
        for text in ["12 34", "编号：１２３４。", "No. 12-34 号", "编号 No.1234；", "“1234”", "12\u{200B}34"] {
            assert_eq!(NUMBER.read(text).as_deref(), Ok("1234"), "{text}");
        }
    }

    #[test]
    fn the_first_wrong_character_is_named_as_typed() {
        for (text, sign) in [("12，34", '，'), ("12o4x", 'o'), ("编号12#4", '#')] {
            assert_eq!(NUMBER.read(text), Err(WrongSign { kind: "编号", sign }), "{text}");
        }
    }
}
