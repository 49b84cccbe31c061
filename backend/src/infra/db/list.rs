//! Lists read page by page: their filter, and the place where the next page begins.

use chrono::{DateTime, Utc};
use domain::base::identity::is_name_mark;
use domain::base::text::nfc;
use uuid::Uuid;

/// Restricts a list of matters.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// `open`, `closed`, or anything else for all.
    pub state: String,
    /// Text that the title contains.
    pub text: String,
}

impl ListFilter {
    /// The pattern for `like … escape '\\'`.
    pub(crate) fn title_pattern(&self) -> String {
        containing(&self.text)
    }
}

/// The `like … escape '\\'` pattern for columns that contain a text: any character stands for a dot, hyphen, apostrophe or bracket, which
/// have several spellings, and all others stand for themselves. Such marks alone stand for themselves too, or they would find everything.
pub(crate) fn containing(text: &str) -> String {
    let has_letters = text.chars().any(char::is_alphanumeric);
    let mut pattern = String::from("%");
    for c in nfc(text).chars() {
        let is_bracket = matches!(c, '(' | ')' | '[' | ']' | '（' | '）' | '［' | '］' | '【' | '】' | '〔' | '〕');
        match c {
            '%' | '_' | '\\' => pattern.extend(['\\', c]),
            c if has_letters && (is_bracket || is_name_mark(c) && !c.is_whitespace()) => pattern.push('_'),
            c => pattern.push(c),
        }
    }
    pattern.push('%');
    pattern
}

/// Time and id of the last row of the page before; none for the first page.
pub type Cursor = Option<(DateTime<Utc>, Uuid)>;

/// The values a row is compared with: rows of an earlier time, or of the same time and a greater id, follow. The first page has a time in
/// the far future.
pub(crate) fn bounds(cursor: Cursor) -> (DateTime<Utc>, Uuid) {
    cursor.unwrap_or((DateTime::<Utc>::from_timestamp(253_370_764_800, 0).unwrap_or_default(), Uuid::nil()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_finds_every_spelling_of_a_mark_and_nothing_else() {
        assert_eq!(containing("中恒标准认证(北京)"), "%中恒标准认证_北京_%");
        assert_eq!(containing("2026–N1QMS"), "%2026_N1QMS%");
        assert_eq!(containing("50% a_b\\"), "%50\\% a\\_b\\\\%");
        assert_eq!(containing("'"), "%'%");
    }
}
