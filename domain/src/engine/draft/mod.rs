//! Drafts: patches, and the merge of concurrent changes by devices and tabs.
//!
//! Three-way, per field, pure and total; the same code in the browser and on the server. Changed on one side: taken. Both alike:
//! taken. Both differ: a question, with both values; submission waits until it is resolved. A record removed on one side and edited
//! on the other stays and becomes a question.

pub mod device;
pub mod sensitive;
pub mod sync;
pub mod transfer_file;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::form::{Answers, Fields, Path, Record, Value};

/// The changes of one device since a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// Id of the matter that the draft belongs to.
    pub matter: Uuid,
    /// Base revision of the device.
    pub base_rev: i64,
    /// Device id; identifies the patch together with `seq`.
    pub device: Uuid,
    /// Number of the patch on the device.
    pub seq: u64,
    /// The changes, in order.
    pub ops: Vec<Op>,
    /// An earlier patch of the same browser whose reply is not known yet and whose changes are part of this one, in whatever order the two
    /// arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<PatchKey>,
}

/// Names a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatchKey {
    /// Id of the device.
    pub device: Uuid,
    /// Number of the patch on the device.
    pub seq: u64,
}

/// A change of one answer; without a value it is cleared, or the record is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Op {
    /// Path of the answer or record.
    pub path: Path,
    /// The new value; none removes the answer or the record.
    pub value: Option<Value>,
}

/// A conflict: an answer that both sides changed to different values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Path of the answer, or of a record that one side removed.
    pub path: Path,
    /// The value on this side.
    pub mine: Option<Value>,
    /// The value on the other side.
    pub theirs: Option<Value>,
}

/// The result of a merge. Where there is a question, the other side's value stands until it is resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The answers of both sides together.
    pub answers: Answers,
    /// The conflicts, one question each.
    pub questions: Vec<Question>,
}

/// Both texts of a conflict as one answer, for fields that are [`joinable`](crate::engine::form::Field::joinable).
pub fn join(mine: &str, theirs: &str) -> String {
    format!("{theirs}；{mine}")
}

/// Applies changes to their base answers. Unknown records are added.
pub fn apply(answers: &mut Answers, ops: &[Op]) {
    for op in ops {
        match &op.path {
            Path::Field(name) => set(&mut answers.fields, name, op.value.clone()),
            Path::Row(list, id) if op.value.is_some() => restore_row(answers, list, *id),
            Path::Row(list, id) => {
                answers.remove_record(list, *id);
            }
            Path::Cell(list, id, name) => set_cell(answers, list, *id, name, op.value.clone()),
        }
    }
}

/// The answer at a path; `None` if there is none, or for a record.
pub(crate) fn value_at<'a>(answers: &'a Answers, path: &Path) -> Option<&'a Value> {
    match path {
        Path::Field(name) => answers.fields.get(name),
        Path::Cell(list, id, name) => answers.record(list, *id)?.fields.get(name),
        Path::Row(..) => None,
    }
}

fn set(fields: &mut Fields, name: &str, value: Option<Value>) {
    match value.filter(|v| !v.is_empty()) {
        Some(value) => {
            fields.insert(name.to_owned(), value);
        }
        None => {
            fields.remove(name);
        }
    }
}

/// Sets a field of a record; an unknown or removed record is restored.
fn set_cell(answers: &mut Answers, list: &str, id: Uuid, name: &str, value: Option<Value>) {
    restore_row(answers, list, id);
    let rows = answers.records.entry(list.to_owned()).or_default();
    if let Some(row) = rows.iter_mut().find(|r| r.id == id) {
        set(&mut row.fields, name, value);
    }
}

fn restore_row(answers: &mut Answers, list: &str, id: Uuid) {
    let rows = answers.records.entry(list.to_owned()).or_default();
    match rows.iter_mut().find(|r| r.id == id) {
        Some(row) => row.removed = false,
        None => rows.push(Record { id, fields: Fields::new(), removed: false }),
    }
}

/// Merges two versions with a common base.
pub fn merge(base: &Answers, mine: &Answers, theirs: &Answers) -> Merged {
    let mut questions = Vec::new();
    let fields = merge_fields(&base.fields, &mine.fields, &theirs.fields, Path::field, &mut questions);
    let lists: BTreeSet<&String> = base.records.keys().chain(mine.records.keys()).chain(theirs.records.keys()).collect();
    let mut records = BTreeMap::new();
    for list in lists {
        let merged = merge_rows(list, base, mine, theirs, &mut questions);
        if !merged.is_empty() {
            records.insert(list.clone(), merged);
        }
    }
    Merged { answers: Answers { fields, records }, questions }
}

/// Merges the fields of a form or a record; appends conflicts to `questions`.
pub fn merge_fields(base: &Fields, mine: &Fields, theirs: &Fields, path: impl Fn(&str) -> Path, questions: &mut Vec<Question>) -> Fields {
    let names: BTreeSet<&String> = base.keys().chain(mine.keys()).chain(theirs.keys()).collect();
    let mut merged = Fields::new();
    for name in names {
        let (b, m, t) = (base.get(name), mine.get(name), theirs.get(name));
        let value = if m == t || m == b {
            t
        } else if t == b {
            m
        } else {
            questions.push(Question { path: path(name), mine: m.cloned(), theirs: t.cloned() });
            t
        };
        if let Some(value) = value {
            merged.insert(name.clone(), value.clone());
        }
    }
    merged
}

fn merge_rows(list: &str, base: &Answers, mine: &Answers, theirs: &Answers, questions: &mut Vec<Question>) -> Vec<Record> {
    let rows = |answers: &Answers| answers.records.get(list).cloned().unwrap_or_default();
    let (base, mine, theirs) = (rows(base), rows(mine), rows(theirs));
    let find = |rows: &[Record], id: Uuid| rows.iter().find(|r| r.id == id).cloned();
    // The other side's order, then own records in their order.
    let mut ids: Vec<Uuid> = theirs.iter().map(|r| r.id).collect();
    ids.extend(mine.iter().map(|r| r.id).filter(|id| !theirs.iter().any(|r| r.id == *id)));
    let mut merged = Vec::new();
    for id in ids {
        let (b, m, t) = (find(&base, id), find(&mine, id), find(&theirs, id));
        merged.push(match (m, t) {
            (Some(m), Some(t)) => merge_row(list, b.as_ref(), m, t, questions),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => continue,
        });
    }
    merged
}

fn merge_row(list: &str, base: Option<&Record>, mine: Record, theirs: Record, questions: &mut Vec<Question>) -> Record {
    let none = Fields::new();
    let id = theirs.id;
    let was = base.map_or(&none, |b| &b.fields);
    let text = |r: &Record| Some(Value::Text(if r.removed { "gone" } else { "kept" }.into()));
    match (mine.removed, theirs.removed) {
        (true, true) => theirs,
        (false, false) => {
            let cell = |name: &str| Path::Cell(list.to_owned(), id, name.to_owned());
            let fields = merge_fields(was, &mine.fields, &theirs.fields, cell, questions);
            Record { id, fields, removed: false }
        }
        (mine_removed, _) => {
            let (present, removed) = if mine_removed { (&theirs, &mine) } else { (&mine, &theirs) };
            // Removed on one side and unchanged on the other: removed. Edited on the other: kept, with a question.
            let restored = base.is_some_and(|b| b.removed);
            if base.is_some_and(|b| b.fields == present.fields && !b.removed) {
                return removed.clone();
            }
            if !restored {
                questions.push(Question { path: Path::Row(list.to_owned(), id), mine: text(&mine), theirs: text(&theirs) });
            }
            present.clone()
        }
    }
}

#[cfg(test)]
mod tests;
