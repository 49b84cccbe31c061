//! Names of files: made here from the name on the sender's device, so that no device reads a name as a path, a command or another kind.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Maximum length of a name with its ending, in characters.
pub const NAME_CHARS: usize = 80;
/// Maximum length of a name with its ending, in bytes of UTF-8: percent-encoded, a name then fits into the headers of common proxies.
pub const NAME_BYTES: usize = 200;

/// Stands where a long name is shortened.
const GAP: char = '…';
/// The name of a file whose own name has nothing to show.
const NAMELESS: &str = "文件";
/// Endings that the ending of the kind replaces.
const REPLACED: &[&str] = &[".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".pdf"];
/// Names of devices in Windows.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// The ending of a file name for a media type that is stored; empty for any other.
pub fn ending(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "application/pdf" => ".pdf",
        _ => "",
    }
}

/// The name under which a file is stored, shown and downloaded: the last part of the sent name in NFC, without control, direction and path
/// characters, shortened in the middle, with the ending of its media type. Applied again it changes nothing.
pub fn stored_name(sent: &str, mime: &str) -> String {
    let ending = ending(mime);
    let mut stem = without_ending(&plain_name(sent)).to_owned();
    if stem.is_empty() {
        NAMELESS.clone_into(&mut stem);
    }
    if is_device(&stem) {
        stem.push('_');
    }
    shortened(&stem, NAME_CHARS - ending.len(), NAME_BYTES - ending.len()) + ending
}

/// The sent name in messages: plain and short, with its own ending.
pub fn shown_name(sent: &str) -> String {
    shortened(&plain_name(sent), NAME_CHARS, NAME_BYTES)
}

/// The last part of a name, without characters that do not show.
fn plain_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).find(|part| !trimmed(part).is_empty()).unwrap_or_default();
    one_blank(&last.nfc().filter_map(plain_char).collect::<String>())
}

/// The character as it stands in a name; `None` if it is left out.
fn plain_char(c: char) -> Option<char> {
    match c {
        ':' | '*' | '?' | '"' | '<' | '>' | '|' | '/' | '\\' => Some('_'),
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() || is_invisible(c) => None,
        c => Some(c),
    }
}

/// Characters without a shape: they turn the direction of writing, join, or are no characters.
fn is_invisible(c: char) -> bool {
    let code = u32::from(c);
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
        || matches!(code, 0xFDD0..=0xFDEF | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F)
        || code & 0xFFFE == 0xFFFE
}

/// Runs of blanks become one.
fn one_blank(name: &str) -> String {
    name.split(' ').filter(|word| !word.is_empty()).collect::<Vec<&str>>().join(" ")
}

/// The name without blanks and dots at its ends, which some systems drop.
fn trimmed(name: &str) -> &str {
    name.trim_matches(is_dropped)
}

fn is_dropped(c: char) -> bool {
    c == '.' || c.is_whitespace() || c.is_control() || is_invisible(c)
}

/// The name without its last ending, if that is one of a kind that is stored.
fn without_ending(name: &str) -> &str {
    let name = name.trim_end_matches(is_dropped);
    let cut = name.rfind('.').filter(|at| name.get(*at..).is_some_and(|own| REPLACED.contains(&own.to_ascii_lowercase().as_str())));
    trimmed(cut.and_then(|at| name.get(..at)).unwrap_or(name))
}

fn is_device(stem: &str) -> bool {
    let lower = stem.to_ascii_lowercase();
    let numbered = |name: &str| lower.strip_prefix(name).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()));
    DEVICES.contains(&lower.as_str()) || numbered("com") || numbered("lpt")
}

/// The beginning and the end of a name that is too long.
fn shortened(name: &str, max_chars: usize, max_bytes: usize) -> String {
    let fits = |name: &str| name.chars().count() <= max_chars && name.len() <= max_bytes;
    if fits(name) {
        return name.to_owned();
    }
    let (chars, bytes) = (max_chars.saturating_sub(1), max_bytes.saturating_sub(GAP.len_utf8()));
    let head = taken(name.chars(), chars.div_ceil(2), bytes.div_ceil(2));
    let left = (chars.saturating_sub(head.chars().count()), bytes.saturating_sub(head.len()));
    let tail: String = taken(name.chars().rev(), left.0, left.1).chars().rev().collect();
    // A mark without its letter would stand over the gap.
    let tail = tail.trim_start_matches(is_combining_mark);
    format!("{}{GAP}{}", head.trim_end(), tail.trim_start())
}

/// The first characters within both limits.
fn taken(chars: impl Iterator<Item = char>, max_chars: usize, max_bytes: usize) -> String {
    let mut part = String::new();
    for c in chars.take(max_chars) {
        if part.len() + c.len_utf8() > max_bytes {
            break;
        }
        part.push(c);
    }
    part
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_ends_as_its_kind_does_whatever_it_was_called() {
        for (sent, mime, stored) in [
            ("a.jfif", "image/jpeg", "a.jpg"),
            ("a.JPE", "image/jpeg", "a.jpg"),
            ("照片.jpeg", "image/jpeg", "照片.jpg"),
            ("证书", "image/jpeg", "证书.jpg"),
            ("mmexport1700000000000", "image/jpeg", "mmexport1700000000000.jpg"),
            ("a.jpg.", "image/jpeg", "a.jpg"),
            ("a.jpg ", "image/jpeg", "a.jpg"),
            ("a.jpg.jpg", "image/jpeg", "a.jpg.jpg"),
            ("image.jpg?x=1", "image/jpeg", "image.jpg_x=1.jpg"),
            ("a.jpg_tmp", "image/jpeg", "a.jpg_tmp.jpg"),
            ("a.jpg", "image/png", "a.png"),
            ("证书.hta", "application/pdf", "证书.hta.pdf"),
            ("证书.PDF", "application/pdf", "证书.pdf"),
            ("2026.09.01 证明", "application/pdf", "2026.09.01 证明.pdf"),
        ] {
            assert_eq!(stored_name(sent, mime), stored, "{sent}");
        }
    }

    #[test]
    fn a_name_is_neither_a_path_nor_a_device_and_shows_what_it_is() {
        for (sent, stored) in [
            ("甲/乙\\丙:?*.pdf", "丙___.pdf"),
            ("..\\..\\windows\\x.pdf", "x.pdf"),
            ("C:\\fakepath\\证书.pdf", "证书.pdf"),
            ("a\t \n b\r.pdf", "a b.pdf"),
            ("证书\u{202E}fdp.exe", "证书fdp.exe.pdf"),
            ("a\0b\u{7F}.pdf", "ab.pdf"),
            ("Nguye\u{302}\u{303}n.pdf", "Nguy\u{1EC5}n.pdf"),
            ("", "文件.pdf"),
            (".pdf", "文件.pdf"),
            ("..", "文件.pdf"),
            ("\u{202E}\u{200B}", "文件.pdf"),
            ("con.pdf", "con_.pdf"),
            ("LPT1", "LPT1_.pdf"),
            ("conto.pdf", "conto.pdf"),
        ] {
            assert_eq!(stored_name(sent, "application/pdf"), stored, "{sent:?}");
        }
    }

    #[test]
    fn a_message_names_the_file_as_it_was_sent() {
        assert_eq!(shown_name("C:\\照片\\IMG_1.HEIC"), "IMG_1.HEIC");
        assert_eq!(shown_name("a\n\u{202E}b.jpg"), "a b.jpg");
        assert!(shown_name(&"长".repeat(5_000)).chars().count() <= NAME_CHARS);
    }

    #[test]
    fn a_long_name_is_shortened_in_the_middle() {
        let long = format!("{}{}{}.pdf", "头", "字".repeat(5_000), "尾");
        let stored = stored_name(&long, "application/pdf");
        assert!(stored.starts_with("头字") && stored.ends_with("字尾.pdf") && stored.contains('…'), "{stored}");
        let latin = stored_name(&"a".repeat(260), "image/png");
        assert_eq!(latin.chars().count(), NAME_CHARS);
        let fits = format!("{}.pdf", "字".repeat(65));
        assert_eq!(stored_name(&fits, "application/pdf"), fits, "a name within both limits is not shortened");
    }

    proptest! {
        #[test]
        fn every_name_is_short_and_plain_and_stays_as_it_is(sent in ".{0,300}", chosen in 0..3_usize) {
            let mime = ["image/jpeg", "image/png", "application/pdf"][chosen];
            let stored = stored_name(&sent, mime);
            prop_assert!(stored.chars().count() <= NAME_CHARS && stored.len() <= NAME_BYTES, "{stored:?}");
            prop_assert!(stored.ends_with(ending(mime)) && stored.len() > ending(mime).len());
            prop_assert!(!stored.chars().any(|c| c.is_control() || is_invisible(c) || "/\\:*?\"<>|".contains(c)), "{stored:?}");
            prop_assert_eq!(stored_name(&stored, mime), stored);
        }
    }
}
