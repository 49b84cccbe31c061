//! Comparison of two revisions of the answers.

use std::collections::BTreeSet;

use super::answers::{Answers, Fields, Record, Value};
use super::context::FormContext;
use super::definition::{Form, RecordList};
use super::path::Path;

/// A difference of one answer, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Path of the changed answer or record.
    pub path: Path,
    /// Label of the field, with the record it belongs to.
    pub label: String,
    /// Old value; empty if there was none.
    pub before: String,
    /// New value; empty if removed.
    pub after: String,
}

/// Paths of all answers that were changed, added or removed.
pub fn changes(old: &Answers, new: &Answers) -> Vec<Path> {
    let mut paths = differing(&old.fields, &new.fields, Path::field);
    let lists: BTreeSet<&String> = old.records.keys().chain(new.records.keys()).collect();
    for list in lists {
        let ids: BTreeSet<_> = old.records(list).chain(new.records(list)).map(|r| r.id).collect();
        for id in ids {
            match (old.record(list, id), new.record(list, id)) {
                (Some(a), Some(b)) => paths.extend(differing(&a.fields, &b.fields, |name| Path::Cell(list.clone(), id, name.to_owned()))),
                _ => paths.push(Path::Row(list.clone(), id)),
            }
        }
    }
    paths
}

fn differing(old: &Fields, new: &Fields, path: impl Fn(&str) -> Path) -> Vec<Path> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names.into_iter().filter(|name| !same(old.get(*name), new.get(*name))).map(|name| path(name)).collect()
}

/// Whether two answers are the same. A file is itself under another name, as blind readers see it.
fn same(old: Option<&Value>, new: Option<&Value>) -> bool {
    match (old, new) {
        (Some(Value::Files(old)), Some(Value::Files(new))) => old.iter().map(|f| f.file).eq(new.iter().map(|f| f.file)),
        (old, new) => old == new,
    }
}

/// Differences as text, for reviewers; answers outside the form are omitted.
pub fn differences(form: &Form, old: &Answers, new: &Answers, context: &FormContext<'_>) -> Vec<Difference> {
    changes(old, new).into_iter().filter_map(|path| difference(form, old, new, path, context)).collect()
}

fn difference(form: &Form, old: &Answers, new: &Answers, path: Path, context: &FormContext<'_>) -> Option<Difference> {
    let (label, before, after) = match &path {
        Path::Field(name) => {
            let field = form.field_at(&path)?;
            let text = |value: Option<&Value>| value.map_or_else(String::new, |v| field.display(v, context));
            (field.label.to_owned(), text(old.fields.get(name)), text(new.fields.get(name)))
        }
        Path::Row(list, id) => {
            let (_, records) = form.records(list)?;
            let text = |record: Option<&Record>| record.map_or_else(String::new, |r| records.title_of(&r.fields, context));
            (records.label.to_owned(), text(old.record(list, *id)), text(new.record(list, *id)))
        }
        Path::Cell(list, id, name) => {
            let (_, records) = form.records(list)?;
            let field = records.field(name)?;
            let text = |answers: &Answers| {
                let value = answers.record(list, *id).and_then(|r| r.fields.get(name));
                value.map_or_else(String::new, |v| field.display(v, context))
            };
            (format!("{} · {}", place(records, new, *id), field.label), text(old), text(new))
        }
    };
    Some(Difference { path, label, before, after })
}

fn place(records: &RecordList, answers: &Answers, id: uuid::Uuid) -> String {
    let place = answers.records(records.name).position(|r| r.id == id);
    place.map_or_else(|| records.label.to_owned(), |i| format!("{}第 {} 条", records.label, i + 1))
}
