//! Lists read page by page: their filter, and the place where the next page begins.

use chrono::{DateTime, Utc};
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

/// The `like … escape '\\'` pattern for columns that contain a text literally.
pub(crate) fn containing(text: &str) -> String {
    let escaped: String = text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect();
    format!("%{escaped}%")
}

/// Time and id of the last row of the page before; none for the first page.
pub type Cursor = Option<(DateTime<Utc>, Uuid)>;

/// The values a row is compared with: rows of an earlier time, or of the same time and a greater id, follow. The first page has a time in
/// the far future.
pub(crate) fn bounds(cursor: Cursor) -> (DateTime<Utc>, Uuid) {
    cursor.unwrap_or((DateTime::<Utc>::from_timestamp(253_370_764_800, 0).unwrap_or_default(), Uuid::nil()))
}
