//! Parsing of form posts.

use super::answers::{Fields, Value};
use super::definition::{Field, Widget};
use crate::base::text::{normalise, normalise_lines};

/// Why a post is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// A field that is not on the page.
    #[error("unknown field")]
    Unknown(String),
}

/// Parses the answers of `fields` from the pairs of a post into `into`. Files are unchanged.
///
/// Names starting with `_` are parameters of the page, not answers. A missing field counts as unanswered, since
/// browsers omit empty checkboxes. Text is normalised but not validated, since saving never validates.
pub fn read_fields<'a>(
    fields: impl Iterator<Item = &'a Field> + Clone,
    post: &[(String, String)],
    into: &mut Fields,
) -> Result<(), PostError> {
    let known = |name: &str| name.starts_with('_') || fields.clone().any(|f| f.name == name);
    if let Some((name, _)) = post.iter().find(|(name, _)| !known(name)) {
        return Err(PostError::Unknown(name.clone()));
    }
    for field in fields.clone() {
        let sent = || post.iter().filter(|(n, _)| n == field.name).map(|(_, v)| v.clone());
        let value = match field.widget {
            Widget::Files(_) => continue,
            Widget::Many(_) => Value::Many(sent().collect()),
            _ => Value::Text(sent().next().unwrap_or_default()),
        };
        let value = normalise_value(field, value).unwrap_or(Value::Text(String::new()));
        if value.is_empty() {
            into.remove(field.name);
        } else {
            into.insert(field.name.to_owned(), value);
        }
    }
    Ok(())
}

/// Normalises an answer without validation. `None` if its type does not fit the field.
pub fn normalise_value(field: &Field, value: Value) -> Option<Value> {
    Some(match (&field.widget, value) {
        (Widget::Files(_), Value::Files(files)) => Value::Files(files),
        (Widget::Many(_), Value::Many(codes)) => Value::Many(codes.iter().map(|v| normalise(v)).collect()),
        // Consent to another version of the text does not count.
        (Widget::Agree(statement), Value::Text(text)) => Value::Text(if text == statement.version { text } else { String::new() }),
        (Widget::Lines(_), Value::Text(text)) => Value::Text(normalise_lines(&text)),
        (Widget::Files(_) | Widget::Many(_), _) | (_, Value::Many(_) | Value::Files(_)) => return None,
        (_, Value::Text(text)) => Value::Text(normalise(&text)),
    })
}
