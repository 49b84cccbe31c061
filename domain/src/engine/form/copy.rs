//! 复制为新申请: the answers that a new application takes over.

use uuid::Uuid;

use super::answers::{Answers, Record};
use super::definition::{Form, Step, reusable};

/// The answers that a new application on this form takes over, files included. Records get new ids.
pub fn copy_answers(form: &Form, answers: &Answers, mut new_id: impl FnMut() -> Uuid) -> Answers {
    let mut copied = Answers { fields: reusable(form.fields().map(|(_, f)| f), &answers.fields), ..Answers::default() };
    let steps: &'static [Step] = form.steps;
    for list in steps.iter().flat_map(|s| s.records()) {
        for record in answers.records(list.name).take(list.max) {
            copied.put_record(list.name, Record { id: new_id(), fields: list.reusable(&record.fields), removed: false });
        }
    }
    copied
}
