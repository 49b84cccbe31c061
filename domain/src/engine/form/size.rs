//! Upper bounds of a saved draft. A save never validates, so the bounds are far above those of a submission; they only keep one account from
//! filling the disk.

use uuid::Uuid;

use super::answers::{Answers, Fields, Value};
use super::compare::changes;
use super::definition::{Field, Form, RecordList};
use super::path::Path;
use super::widget::Widget;

/// A saved text may be this many times as long as a submitted one.
const SLACK: usize = 4;
/// Maximum length of codes, days and numbers in a submission, in characters.
const SHORT: usize = 64;
/// Maximum number of codes of one answer.
const MAX_CODES: usize = 500;
/// Maximum size of the answers of one draft, in bytes as JSON.
pub const MAX_DRAFT_BYTES: usize = 1 << 20;

/// Why answers cannot be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oversized {
    /// One answer is too long.
    Answer {
        /// Path of the answer.
        path: Path,
        /// Its label.
        label: &'static str,
        /// Maximum number of characters.
        max: usize,
    },
    /// All answers together exceed [`MAX_DRAFT_BYTES`].
    Draft,
}

impl Oversized {
    /// Text for the person.
    pub fn text(&self) -> String {
        match self {
            Oversized::Answer { label, max, .. } => format!("“{label}”最多可暂存 {max} 个字，请缩短后再保存"),
            Oversized::Draft => "填写的内容合计超过 1 MB，请删减后再保存".into(),
        }
    }
}

impl Field {
    /// Maximum length of a saved answer, in characters. Files are limited by their number.
    pub fn max_saved_chars(&self) -> usize {
        match self.widget {
            Widget::Line(max, _) | Widget::Lines(max) => max.saturating_mul(SLACK),
            _ => SHORT * SLACK,
        }
    }

    fn is_oversized(&self, value: &Value) -> bool {
        let max = self.max_saved_chars();
        let long = |text: &str| text.chars().nth(max).is_some();
        match value {
            Value::Text(text) => long(text),
            Value::Many(codes) => codes.len() > MAX_CODES || codes.iter().any(|code| long(code)),
            Value::Files(_) => false,
        }
    }
}

/// Checks the answers that a save changes, and the size of the draft if the save makes it larger. What was saved before is not checked
/// again: it does not prevent saving other answers. `others` are lists of records outside the form.
///
/// # Errors
/// The first answer that is too long, or [`Oversized::Draft`].
pub fn check_size(form: &Form, others: &[&'static RecordList], before: &Answers, after: &Answers) -> Result<(), Oversized> {
    if let Some(answer) = oversized_answers(form, others, before, after).into_iter().next() {
        return Err(answer);
    }
    let size = |answers: &Answers| serde_json::to_vec(answers).map_or(usize::MAX, |json| json.len());
    let size_after = size(after);
    if size_after > MAX_DRAFT_BYTES && size_after > size(before) { Err(Oversized::Draft) } else { Ok(()) }
}

/// The answers that a save would make too long, each as [`Oversized::Answer`].
pub fn oversized_answers(form: &Form, others: &[&'static RecordList], before: &Answers, after: &Answers) -> Vec<Oversized> {
    let list_of = |name: &str| others.iter().copied().find(|l| l.name == name).or_else(|| form.records(name).map(|(_, list)| list));
    let mut oversized = Vec::new();
    for path in changes(before, after) {
        match &path {
            Path::Field(name) => {
                let value = after.fields.get(name);
                let field = form.field_at(&path).filter(|f| value.is_some_and(|v| f.is_oversized(v)));
                oversized.extend(field.map(|field| Oversized::Answer { path, label: field.label, max: field.max_saved_chars() }));
            }
            Path::Cell(name, id, _) | Path::Row(name, id) => {
                if let Some((list, record)) = list_of(name).zip(after.record(name, *id)) {
                    oversized.extend(
                        oversized_cells(list, *id, &record.fields).filter(|answer| !oversized.contains(answer)).collect::<Vec<_>>(),
                    );
                }
            }
        }
    }
    oversized
}

/// The answers of a record that are too long.
fn oversized_cells(list: &'static RecordList, id: Uuid, fields: &Fields) -> impl Iterator<Item = Oversized> {
    list.fields.iter().filter(move |field| fields.get(field.name).is_some_and(|value| field.is_oversized(value))).map(move |field| {
        let path = Path::Cell(list.name.to_owned(), id, field.name.to_owned());
        Oversized::Answer { path, label: field.label, max: field.max_saved_chars() }
    })
}

/// Checks the answers of one record.
///
/// # Errors
/// [`Oversized::Answer`] for the first answer that is too long.
pub fn check_record_size(list: &'static RecordList, id: Uuid, fields: &Fields) -> Result<(), Oversized> {
    oversized_cells(list, id, fields).next().map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::{FIELD, Part, Record, Step, TextFormat, When};

    static ROWS: RecordList = RecordList {
        name: "rows",
        label: "经历",
        hint: "",
        required: When::Never,
        max: 5,
        fields: &[Field { name: "note", label: "说明", widget: Widget::Lines(10), ..FIELD }],
        title: &["note"],
        span: None,
        library: false,
    };
    static FORM: Form = Form {
        version: 1,
        upgrade: |_| {},
        steps: &[Step {
            code: "one",
            title: "",
            intro: "",
            shown: When::Always,
            parts: &[
                Part::Fields(
                    "",
                    &[
                        Field { name: "name", label: "单位", widget: Widget::Line(20, TextFormat::Any), ..FIELD },
                        Field { name: "day", label: "日期", widget: Widget::Day(crate::engine::form::DayRange::Any), ..FIELD },
                    ],
                ),
                Part::Records(&ROWS),
            ],
        }],
    };

    fn with(name: &str, chars: usize) -> Answers {
        Answers { fields: Fields::from([(name.to_owned(), "字".repeat(chars).as_str().into())]), ..Answers::default() }
    }

    #[test]
    fn an_answer_can_be_saved_up_to_four_times_the_length_of_a_submitted_one() {
        for (name, max) in [("name", 80), ("day", 256)] {
            assert_eq!(check_size(&FORM, &[], &Answers::default(), &with(name, max)), Ok(()), "{name}");
            let Err(Oversized::Answer { path, max: longest, .. }) = check_size(&FORM, &[], &Answers::default(), &with(name, max + 1))
            else {
                panic!("{name}");
            };
            assert_eq!((path, longest), (Path::field(name), max));
        }
        for (chars, fits) in [(40, true), (41, false)] {
            let mut answers = Answers::default();
            let fields = Fields::from([("note".to_owned(), "字".repeat(chars).as_str().into())]);
            answers.put_record("rows", Record { id: Uuid::nil(), fields, removed: false });
            assert_eq!(check_size(&FORM, &[], &Answers::default(), &answers).is_ok(), fits, "{chars}");
            assert_eq!(check_size(&FORM, &[], &answers, &answers), Ok(()), "what was saved before is not checked again");
        }
    }

    #[test]
    fn a_draft_over_one_mebibyte_can_only_become_smaller() {
        // Answers of an earlier version of the form have no length of their own.
        let (large, larger) = (with("former", MAX_DRAFT_BYTES), with("former", MAX_DRAFT_BYTES + 1));
        assert_eq!(check_size(&FORM, &[], &Answers::default(), &large), Err(Oversized::Draft));
        assert_eq!(check_size(&FORM, &[], &large, &larger), Err(Oversized::Draft));
        assert_eq!(check_size(&FORM, &[], &larger, &large), Ok(()));
        assert_eq!(check_size(&FORM, &[], &Answers::default(), &with("former", MAX_DRAFT_BYTES / 4)), Ok(()));
    }
}
