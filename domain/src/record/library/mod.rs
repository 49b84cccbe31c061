//! 基本信息库: records of an application that are not in it yet, and their counterparts there.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::engine::form::{Answers, Fields, Form, Record, RecordList, Value};

/// A person's records, by list.
pub type LibraryRecords = BTreeMap<String, Vec<Record>>;

/// A record of an application that can be saved in the library.
#[derive(Clone)]
pub struct LibraryOffer {
    /// The list it belongs to.
    pub list: &'static RecordList,
    /// The record in the application.
    pub record: Uuid,
    /// The library record that it becomes.
    pub entry: Record,
    /// The library record with other content that it replaces, if there is one.
    pub replaced: Option<Record>,
}

/// The id of a library record when added to a matter. It is derived from both, so that adding it twice adds it once, and the copy can be
/// traced to its source.
pub fn imported_id(matter: Uuid, entry: Uuid) -> Uuid {
    let mut mixed = *matter.as_bytes();
    for (byte, other) in mixed.iter_mut().zip(entry.as_bytes()) {
        *byte ^= other;
    }
    uuid::Builder::from_custom_bytes(mixed).into_uuid()
}

/// The records of an application that are not in the library with the same content. A changed copy of a library record is offered as its
/// update.
pub fn offers(form: &Form, matter: Uuid, answers: &Answers, library: &LibraryRecords) -> Vec<LibraryOffer> {
    let none = Vec::new();
    let steps: &'static [crate::engine::form::Step] = form.steps;
    let mut all = Vec::new();
    for list in steps.iter().flat_map(|s| s.records()).filter(|l| l.library) {
        let saved = library.get(list.name).unwrap_or(&none);
        for record in answers.records(list.name) {
            let fields = list.reusable(&record.fields);
            if content(&fields).next().is_none() || saved.iter().any(|k| content(&list.reusable(&k.fields)).eq(content(&fields))) {
                continue;
            }
            let same = saved.iter().find(|k| k.id == record.id || imported_id(matter, k.id) == record.id);
            let entry = Record { id: same.map_or(record.id, |k| k.id), fields: with_other_fields(list, fields, same), removed: false };
            all.push(LibraryOffer { list, record: record.id, entry, replaced: same.cloned() });
        }
    }
    all
}

/// The answers, and those of the library record to fields that this list does not have: another kind's list of the same name has them.
fn with_other_fields(list: &RecordList, mut fields: Fields, saved: Option<&Record>) -> Fields {
    let others = saved.into_iter().flat_map(|saved| &saved.fields).filter(|(name, _)| list.field(name).is_none());
    fields.extend(others.map(|(name, value)| (name.clone(), value.clone())));
    fields
}

/// The content compared: every answer but files, which are new with each upload.
fn content(fields: &Fields) -> impl Iterator<Item = (&String, &Value)> {
    fields.iter().filter(|(_, v)| !matches!(v, Value::Files(_)) && !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::FileRef;
    use crate::engine::form::{FIELD, Field, Part, Step, When, Widget};

    static FORM: Form = Form {
        version: 1,
        upgrade: |_| (),
        steps: &[Step {
            code: "education",
            title: "教育经历",
            intro: "",
            shown: When::Always,
            parts: &[Part::Records(&RecordList {
                name: "education",
                label: "教育经历",
                hint: "",
                required: When::Always,
                max: 10,
                title: &["school"],
                span: None,
                library: true,
                fields: &[
                    Field { name: "school", label: "学校", ..FIELD },
                    Field { name: "diploma", label: "学历证书", widget: Widget::files(3), ..FIELD },
                ],
            })],
        }],
    };

    const MATTER: Uuid = Uuid::from_u128(0xA);

    fn record(id: u128, school: &str) -> Record {
        Record { id: Uuid::from_u128(id), fields: [("school".into(), school.into())].into(), removed: false }
    }

    fn application(records: &[Record]) -> Answers {
        let mut answers = Answers::default();
        for record in records {
            answers.put_record("education", record.clone());
        }
        answers
    }

    fn library(records: &[Record]) -> LibraryRecords {
        [("education".to_owned(), records.to_vec())].into()
    }

    #[test]
    fn a_record_is_offered_unless_the_library_has_the_same_content() {
        let answers = application(&[record(1, "甲大学"), record(2, "乙大学")]);
        let found = offers(&FORM, MATTER, &answers, &library(&[record(7, "甲大学")]));
        assert_eq!(found.iter().map(|o| (o.record.as_u128(), o.replaced.is_some())).collect::<Vec<_>>(), [(2, false)]);
        assert_eq!(found[0].entry.text("school"), "乙大学");
    }

    #[test]
    fn a_saved_record_is_no_longer_offered() {
        let answers = application(&[record(1, "甲大学")]);
        let first = offers(&FORM, MATTER, &answers, &LibraryRecords::new());
        let after: Vec<Record> = first.into_iter().map(|o| o.entry).collect();
        assert!(offers(&FORM, MATTER, &answers, &library(&after)).is_empty());
    }

    #[test]
    fn a_changed_copy_of_a_library_record_is_an_update_of_it() {
        let mut copy = record(0, "甲大学（新名）");
        copy.id = imported_id(MATTER, Uuid::from_u128(7));
        let found = offers(&FORM, MATTER, &application(&[copy.clone()]), &library(&[record(7, "甲大学")]));
        assert_eq!((found[0].replaced.is_some(), found[0].entry.id), (true, Uuid::from_u128(7)));
        let elsewhere = offers(&FORM, Uuid::from_u128(0xB), &application(&[copy]), &library(&[record(7, "甲大学")]));
        assert!(!elsewhere[0].replaced.is_some(), "another matter's record is not this one");
    }

    #[test]
    fn a_saved_record_changed_in_the_application_is_an_update_of_it() {
        let found = offers(&FORM, MATTER, &application(&[record(1, "乙大学")]), &library(&[record(1, "甲大学")]));
        assert_eq!((found[0].replaced.is_some(), found[0].entry.id), (true, Uuid::from_u128(1)));
    }

    #[test]
    fn an_update_keeps_what_the_list_of_another_kind_asks_for() {
        let mut saved = record(1, "甲大学");
        saved.fields.insert("tutor".into(), "李四".into());
        let found = offers(&FORM, MATTER, &application(&[record(1, "乙大学")]), &library(&[saved.clone()]));
        assert_eq!((found[0].entry.text("school"), found[0].entry.text("tutor")), ("乙大学", "李四"));
        assert!(offers(&FORM, MATTER, &application(&[record(1, "甲大学")]), &library(&[saved])).is_empty());
    }

    #[test]
    fn files_are_saved_but_not_compared() {
        let file = FileRef { file: Uuid::from_u128(9), name: "a.jpg".into(), size: 1, mime: "image/jpeg".into() };
        let mut with = record(1, "甲大学");
        with.fields.insert("diploma".into(), Value::Files(vec![file]));
        let answers = application(&[with]);
        assert!(offers(&FORM, MATTER, &answers, &library(&[record(7, "甲大学")])).is_empty());
        assert_eq!(offers(&FORM, MATTER, &answers, &LibraryRecords::new())[0].entry.fields.len(), 2);
    }

    #[test]
    fn empty_and_removed_records_are_not_offered() {
        let mut answers = application(&[record(1, "甲大学"), Record { id: Uuid::from_u128(2), fields: Fields::new(), removed: false }]);
        answers.remove_record("education", Uuid::from_u128(1));
        assert!(offers(&FORM, MATTER, &answers, &LibraryRecords::new()).is_empty());
    }
}
