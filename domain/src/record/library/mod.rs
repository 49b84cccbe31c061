//! 基本信息库: which records of an application are not in it yet, and which record there is the same one.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::engine::form::{Answers, Fields, Form, Record, Records, Value};

/// A person's kept records, by list.
pub type Kept = BTreeMap<String, Vec<Record>>;

/// A record of an application that could be kept.
#[derive(Clone)]
pub struct Offer {
    /// The list it belongs to.
    pub list: &'static Records,
    /// The record in the application.
    pub record: Uuid,
    /// The kept record that it becomes, or replaces.
    pub kept: Record,
    /// Whether that record is there already, with other content.
    pub update: bool,
}

/// The id of a kept record once it is taken into a matter: the same for the same two, so that taking it twice takes it once, and
/// the application's record can be traced to the kept one.
pub fn taken_id(matter: Uuid, kept: Uuid) -> Uuid {
    let mut mixed = *matter.as_bytes();
    for (byte, other) in mixed.iter_mut().zip(kept.as_bytes()) {
        *byte ^= other;
    }
    uuid::Builder::from_custom_bytes(mixed).into_uuid()
}

/// The records of an application that are not kept with the same content. One that was taken from a kept record, or kept before, and
/// changed since is offered as an update of it.
pub fn offers(form: &Form, matter: Uuid, answers: &Answers, kept: &Kept) -> Vec<Offer> {
    let none = Vec::new();
    let steps: &'static [crate::engine::form::Step] = form.steps;
    let mut all = Vec::new();
    for list in steps.iter().flat_map(|s| s.records()).filter(|l| l.library) {
        let there = kept.get(list.name).unwrap_or(&none);
        for record in answers.records(list.name) {
            let fields = list.lasting(&record.fields);
            if content(&fields).next().is_none() || there.iter().any(|k| content(&list.lasting(&k.fields)).eq(content(&fields))) {
                continue;
            }
            let same = there.iter().find(|k| k.id == record.id || taken_id(matter, k.id) == record.id);
            let kept = Record { id: same.map_or(record.id, |k| k.id), fields, gone: false };
            all.push(Offer { list, record: record.id, kept, update: same.is_some() });
        }
    }
    all
}

/// What makes two records the same: every answer but the files, which are new each time they are uploaded.
fn content(fields: &Fields) -> impl Iterator<Item = (&String, &Value)> {
    fields.iter().filter(|(_, v)| !matches!(v, Value::Files(_)) && !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::FileRef;
    use crate::kind::registration::FORM;

    const MATTER: Uuid = Uuid::from_u128(0xA);

    fn record(id: u128, school: &str) -> Record {
        Record { id: Uuid::from_u128(id), fields: [("school".into(), school.into())].into(), gone: false }
    }

    fn application(records: &[Record]) -> Answers {
        let mut answers = Answers::default();
        for record in records {
            answers.put_record("education", record.clone());
        }
        answers
    }

    fn kept(records: &[Record]) -> Kept {
        [("education".to_owned(), records.to_vec())].into()
    }

    #[test]
    fn what_is_not_kept_is_offered_and_what_has_the_same_content_is_not() {
        let answers = application(&[record(1, "甲大学"), record(2, "乙大学")]);
        let found = offers(&FORM, MATTER, &answers, &kept(&[record(7, "甲大学")]));
        assert_eq!(found.iter().map(|o| (o.record.as_u128(), o.update)).collect::<Vec<_>>(), [(2, false)]);
        assert_eq!(found[0].kept.text("school"), "乙大学");
    }

    #[test]
    fn once_it_is_kept_it_is_no_longer_offered() {
        let answers = application(&[record(1, "甲大学")]);
        let first = offers(&FORM, MATTER, &answers, &Kept::new());
        let after: Vec<Record> = first.into_iter().map(|o| o.kept).collect();
        assert!(offers(&FORM, MATTER, &answers, &kept(&after)).is_empty());
    }

    #[test]
    fn a_record_taken_from_the_library_and_changed_is_an_update_of_it() {
        let mut taken = record(0, "甲大学（新名）");
        taken.id = taken_id(MATTER, Uuid::from_u128(7));
        let found = offers(&FORM, MATTER, &application(&[taken.clone()]), &kept(&[record(7, "甲大学")]));
        assert_eq!((found[0].update, found[0].kept.id), (true, Uuid::from_u128(7)));
        let elsewhere = offers(&FORM, Uuid::from_u128(0xB), &application(&[taken]), &kept(&[record(7, "甲大学")]));
        assert!(!elsewhere[0].update, "another matter's record is not this one");
    }

    #[test]
    fn a_record_kept_from_this_application_and_changed_is_an_update_of_it() {
        let found = offers(&FORM, MATTER, &application(&[record(1, "乙大学")]), &kept(&[record(1, "甲大学")]));
        assert_eq!((found[0].update, found[0].kept.id), (true, Uuid::from_u128(1)));
    }

    #[test]
    fn files_go_along_and_are_not_compared() {
        let file = FileRef { file: Uuid::from_u128(9), name: "a.jpg".into(), size: 1, mime: "image/jpeg".into() };
        let mut with = record(1, "甲大学");
        with.fields.insert("diploma".into(), Value::Files(vec![file]));
        let answers = application(&[with]);
        assert!(offers(&FORM, MATTER, &answers, &kept(&[record(7, "甲大学")])).is_empty());
        assert_eq!(offers(&FORM, MATTER, &answers, &Kept::new())[0].kept.fields.len(), 2);
    }

    #[test]
    fn empty_records_and_those_taken_out_are_not_offered() {
        let mut answers = application(&[record(1, "甲大学"), Record { id: Uuid::from_u128(2), fields: Fields::new(), gone: false }]);
        answers.remove_record("education", Uuid::from_u128(1));
        assert!(offers(&FORM, MATTER, &answers, &Kept::new()).is_empty());
    }
}
