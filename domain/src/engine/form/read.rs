//! Reading the plain post of a page.

use super::answers::{Fields, Value};
use super::{Field, Widget};
use crate::base::text::{normalise, normalise_lines};

/// A post that the page could not have sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A control that is not on the page.
    #[error("unknown field")]
    Unknown(String),
}

/// Reads the answers of `fields` from the pairs of a post into `into`. Files are left as they are: they come another way.
///
/// Controls whose name starts with `_` steer the page and are no answers. A field that was not sent is read as unanswered, since
/// a browser does not send empty tick boxes. Text is normalised but never judged here: saving does not validate.
pub fn read_fields<'a>(
    fields: impl Iterator<Item = &'a Field> + Clone,
    post: &[(String, String)],
    into: &mut Fields,
) -> Result<(), ReadError> {
    let known = |name: &str| name.starts_with('_') || fields.clone().any(|f| f.name == name);
    if let Some((name, _)) = post.iter().find(|(name, _)| !known(name)) {
        return Err(ReadError::Unknown(name.clone()));
    }
    for field in fields.clone() {
        let sent = || post.iter().filter(|(n, _)| n == field.name).map(|(_, v)| v.clone());
        let value = match field.widget {
            Widget::Files(_) => continue,
            Widget::Many(_) => Value::Many(sent().collect()),
            _ => Value::Text(sent().next().unwrap_or_default()),
        };
        let value = tidy(field, value).unwrap_or(Value::Text(String::new()));
        if value.is_empty() {
            into.remove(field.name);
        } else {
            into.insert(field.name.to_owned(), value);
        }
    }
    Ok(())
}

/// An answer as it is kept: its text normalised, never judged. None if it is not of the kind its field takes.
pub fn tidy(field: &Field, value: Value) -> Option<Value> {
    Some(match (&field.widget, value) {
        (Widget::Files(_), Value::Files(files)) => Value::Files(files),
        (Widget::Many(_), Value::Many(codes)) => Value::Many(codes.iter().map(|v| normalise(v)).collect()),
        // Who agreed to another text has not agreed to this one.
        (Widget::Agree(statement), Value::Text(text)) => Value::Text(if text == statement.version { text } else { String::new() }),
        (Widget::Lines(_), Value::Text(text)) => Value::Text(normalise_lines(&text)),
        (Widget::Files(_) | Widget::Many(_), _) | (_, Value::Many(_) | Value::Files(_)) => return None,
        (_, Value::Text(text)) => Value::Text(normalise(&text)),
    })
}
