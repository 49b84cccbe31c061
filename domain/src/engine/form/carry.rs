//! 复制为新申请: which answers go over into a new application.

use uuid::Uuid;

use super::answers::{Answers, Fields, Record};
use super::{Field, Form, Records, Widget};

impl Field {
    /// Whether the answer counts for one application only: a statement that was ticked, a signature.
    pub fn once(&self) -> bool {
        self.fresh || matches!(self.widget, Widget::Tick(_) | Widget::Agree(_))
    }
}

impl Records {
    /// The answers of a record that this list asks for, without those that count for one application only.
    pub fn lasting(&self, fields: &Fields) -> Fields {
        lasting(self.fields.iter(), fields)
    }
}

/// The answers that go over into a new application on this form, files included. Records become new ones.
pub fn carry_over(form: &Form, answers: &Answers, mut new_id: impl FnMut() -> Uuid) -> Answers {
    let mut carried = Answers { fields: lasting(form.fields().map(|(_, f)| f), &answers.fields), ..Answers::default() };
    let steps: &'static [super::Step] = form.steps;
    for list in steps.iter().flat_map(|s| s.records()) {
        for record in answers.records(list.name).take(list.max) {
            carried.put_record(list.name, Record { id: new_id(), fields: list.lasting(&record.fields), gone: false });
        }
    }
    carried
}

fn lasting(fields: impl Iterator<Item = &'static Field>, answers: &Fields) -> Fields {
    fields.filter(|f| !f.once()).filter_map(|f| Some((f.name.to_owned(), answers.get(f.name)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::{FileRef, Value};
    use crate::kind::KINDS;
    use crate::kind::registration::FORM;

    fn ids() -> impl FnMut() -> Uuid {
        let mut next = 100;
        move || {
            next += 1;
            Uuid::from_u128(next)
        }
    }

    fn answered() -> Answers {
        let mut answers = Answers::default();
        for (name, value) in [("domain", "QMS"), ("declared", "yes"), ("signed_name", "林晓月"), ("of_an_older_form", "x")] {
            answers.fields.insert(name.into(), value.into());
        }
        let file = FileRef { file: Uuid::from_u128(9), name: "a.jpg".into(), size: 1, mime: "image/jpeg".into() };
        answers.fields.insert("photo".into(), Value::Files(vec![file.clone()]));
        for id in [1, 2] {
            let fields = [("school".into(), "华东理工大学".into()), ("diploma".into(), Value::Files(vec![file.clone()]))].into();
            answers.put_record("education", Record { id: Uuid::from_u128(id), fields, gone: false });
        }
        answers.remove_record("education", Uuid::from_u128(2));
        answers
    }

    #[test]
    fn answers_and_files_go_over_and_declarations_do_not() {
        let new = carry_over(&FORM, &answered(), ids());
        assert_eq!(new.text("domain"), "QMS");
        for left in ["declared", "signed_name", "of_an_older_form"] {
            assert!(!new.fields.contains_key(left), "{left}");
        }
        assert_eq!(new.files().count(), 2);
    }

    #[test]
    fn records_become_new_ones_and_those_taken_out_stay_out() {
        let new = carry_over(&FORM, &answered(), ids());
        let all = new.records.get("education").unwrap();
        assert_eq!(all.iter().map(|r| r.id).collect::<Vec<_>>(), [Uuid::from_u128(101)]);
        assert_eq!(all[0].text("school"), "华东理工大学");
    }

    #[test]
    fn nothing_that_is_ticked_lasts() {
        for field in KINDS.iter().flat_map(|k| k.form.fields()).map(|(_, f)| f) {
            assert!(!matches!(field.widget, Widget::Tick(_) | Widget::Agree(_)) || field.once(), "{}", field.name);
        }
    }
}
