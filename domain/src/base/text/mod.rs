//! Text: from outside as it arrives, and normalised, so that equal appearance gives equal text.

mod clean;
mod notation;
mod sign;

pub use clean::{CleanText, UncleanText};
pub(crate) use notation::Notation;
pub use sign::{WrongSign, is_han, nfc, quoted};
pub(crate) use sign::{is_apostrophe, is_hyphen, is_ignorable, is_middle_dot};

/// Normalises one line: full-width characters become half-width, control characters and runs of blanks become one blank, ends are trimmed.
pub fn normalise(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars().map(half_width) {
        if c.is_control() || c.is_whitespace() {
            if !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !invisible(c) {
            line.push(c);
        }
    }
    line.trim().to_owned()
}

/// Normalises several lines: line ends become `\n`, other control characters are removed, ends are trimmed. Full-width punctuation stays.
pub fn normalise_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| *c == '\n' || !(c.is_control() || invisible(*c)))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Half-width form of letters, digits and signs that occur in names, numbers and addresses. Chinese punctuation is unchanged.
fn half_width(c: char) -> char {
    match c {
        '\u{FF10}'..='\u{FF19}'
        | '\u{FF21}'..='\u{FF3A}'
        | '\u{FF41}'..='\u{FF5A}'
        | '\u{FF20}'
        | '\u{FF0E}'
        | '\u{FF0D}'
        | '\u{FF3F}'
        | '\u{FF0B}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// Whether a character is zero-width or changes the writing direction.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_digits_and_blanks_become_plain() {
        assert_eq!(normalise(" \u{FF11}\u{FF11}0101\u{3000}X "), "110101 X");
        assert_eq!(normalise("zhang\u{FF20}example\u{FF0E}com"), "zhang@example.com");
    }

    #[test]
    fn marks_that_turn_the_direction_of_writing_vanish() {
        assert_eq!(normalise("a\u{202E}gpj.exe\u{0000}"), "agpj.exe");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(normalise_lines("一\r\n二\u{0007}\t2\r三 "), "一\n二 2\n三");
    }
}
