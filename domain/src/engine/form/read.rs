//! Parsing of form posts.

use super::answers::{Fields, Value};
use super::definition::Field;
use super::reader::read_text;
use super::widget::Widget;
use crate::base::calendar::parse_day;
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
/// browsers omit empty checkboxes. Text is stored in the one form of its kind if it can be read, and is
/// not validated, since saving never validates.
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
            Widget::Day(_) => Value::Text(typed_day(post, field.name)),
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

/// The stored form of a text; a text that cannot be read is normalised only, since saving never validates.
fn stored_form(field: &Field, text: &str) -> String {
    read_text(field, text, usize::MAX).unwrap_or_else(|_| normalise(text))
}

/// Beginning of the name of a date picker, before the name of its field.
pub const PICKER: &str = "_pick_";

/// Name of the date picker beside a typed day.
pub fn picker_name(field: &str) -> String {
    format!("{PICKER}{field}")
}

/// Name of the hidden control with the day that the picker showed when the page was sent.
pub fn picker_shown_name(field: &str) -> String {
    format!("_shown_{field}")
}

/// The day of a field that can be typed and picked. What was changed since the page was sent counts; two different days are both kept, joined,
/// and refused by [`parse_day`] until one is left.
pub fn typed_day(post: &[(String, String)], field: &str) -> String {
    let sent = |name: &str| post.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let (typed, picked) = (normalise(sent(field)), normalise(sent(&picker_name(field))));
    let shown = normalise(sent(&picker_shown_name(field)));
    if picked.is_empty() || picked == shown {
        return typed;
    }
    let day = parse_day(&typed).map(|day| day.to_string());
    if typed.is_empty() || day.as_ref().is_ok_and(|day| *day == picked || *day == shown) { picked } else { format!("{typed} 或 {picked}") }
}

/// Normalises an answer without validation. `None` if its type does not fit the field.
pub fn normalise_value(field: &Field, value: Value) -> Option<Value> {
    Some(match (&field.widget, value) {
        (Widget::Files(_), Value::Files(files)) => Value::Files(files),
        (Widget::Many(_), Value::Many(codes)) => Value::Many(codes.iter().map(|v| normalise(v)).collect()),
        // Consent to another version of the text does not count.
        (Widget::Agree(statement), Value::Text(text)) => Value::Text(if text == statement.version { text } else { String::new() }),
        // Forms of earlier releases said `no` where now nothing is ticked.
        (Widget::Tick(_), Value::Text(text)) => Value::Text(if text == "yes" { text } else { String::new() }),
        (Widget::Lines(_), Value::Text(text)) => Value::Text(normalise_lines(&text)),
        (Widget::Files(_) | Widget::Many(_), _) | (_, Value::Many(_) | Value::Files(_)) => return None,
        (_, Value::Text(text)) => Value::Text(stored_form(field, &text)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picked_day_counts_if_it_was_changed_and_never_replaces_a_typed_one_silently() {
        let both = "2020-09-02 或 2020-09-03";
        for (typed, picked, shown, day) in [
            ("", "", "", ""),
            ("2020/9/1", "", "", "2020/9/1"),
            ("", "2020-09-01", "", "2020-09-01"),
            ("2020-09-01", "2020-09-01", "2020-09-01", "2020-09-01"),
            ("2020年9月2日", "2020-09-01", "2020-09-01", "2020年9月2日"),
            ("2020-09-01", "2020-09-03", "2020-09-01", "2020-09-03"),
            ("2020-09-03", "2020-09-03", "2020-09-01", "2020-09-03"),
            ("2020/9/3", "2020-09-03", "", "2020-09-03"),
            ("", "2020-09-03", "2020-09-01", "2020-09-03"),
            ("", "2020-09-01", "2020-09-01", ""),
            ("2020-09-02", "2020-09-03", "2020-09-01", both),
            ("2020-09-02", "2020-09-03", "", both),
        ] {
            let post = [("start", typed), ("_pick_start", picked), ("_shown_start", shown)];
            let post: Vec<(String, String)> = post.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            assert_eq!(typed_day(&post, "start"), day, "{typed} {picked} {shown}");
        }
        assert_eq!(parse_day(both).unwrap_err().code(), "day_several");
    }
}
