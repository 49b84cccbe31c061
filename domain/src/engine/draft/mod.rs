//! Drafts: patches, and the merge of what two devices or two tabs made of the same draft.
//!
//! Three-way, per field, pure and total; the same code in the browser and on the server. Changed on one side: taken. Both alike:
//! taken. Both differ: a question, with both values; submitting waits until it is settled. A row taken out on one side and edited
//! on the other stays, and is asked about.

pub mod carry;
pub mod keep;
pub mod sync;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::form::{Answers, Path, Record, Value};

/// What one device did to a draft since a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// The draft.
    pub matter: Uuid,
    /// The revision the device had.
    pub base_rev: i64,
    /// The device; with `seq` it makes the patch known again.
    pub device: Uuid,
    /// Counts the device's patches.
    pub seq: u64,
    /// What changed.
    pub ops: Vec<Op>,
}

/// One answer changed; without a value it is unanswered, or the row is taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Op {
    /// Which.
    pub path: Path,
    /// To what.
    pub value: Option<Value>,
}

/// An answer that two sides changed differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which answer, or which row when one side took it out.
    pub path: Path,
    /// What this side has.
    pub mine: Option<Value>,
    /// What the other side has.
    pub theirs: Option<Value>,
}

/// Two sides in one. Where there is a question, the other side's value stands until it is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The answers.
    pub answers: Answers,
    /// What must be asked.
    pub questions: Vec<Question>,
}

type Fields = BTreeMap<String, Value>;

/// Applies a patch to the answers it was made from. Paths that name no row add the row.
pub fn apply(answers: &mut Answers, ops: &[Op]) {
    for op in ops {
        match &op.path {
            Path::Field(name) => set(&mut answers.fields, name, op.value.clone()),
            Path::Row(list, id) if op.value.is_some() => keep_row(answers, list, *id),
            Path::Row(list, id) => {
                answers.remove_record(list, *id);
            }
            Path::Cell(list, id, name) => set_cell(answers, list, *id, name, op.value.clone()),
        }
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

/// Sets a field of a row; a row that is not there, or was taken out, comes back.
fn set_cell(answers: &mut Answers, list: &str, id: Uuid, name: &str, value: Option<Value>) {
    keep_row(answers, list, id);
    let rows = answers.records.entry(list.to_owned()).or_default();
    if let Some(row) = rows.iter_mut().find(|r| r.id == id) {
        set(&mut row.fields, name, value);
    }
}

fn keep_row(answers: &mut Answers, list: &str, id: Uuid) {
    let rows = answers.records.entry(list.to_owned()).or_default();
    match rows.iter_mut().find(|r| r.id == id) {
        Some(row) => row.gone = false,
        None => rows.push(Record { id, fields: Fields::new(), gone: false }),
    }
}

/// Merges two sides that grew out of one.
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

/// Merges the fields of one form or one row; adds to the questions.
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
    // The other side's order, then rows only this side has, in its order.
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
    let text = |r: &Record| Some(Value::Text(if r.gone { "gone" } else { "kept" }.into()));
    match (mine.gone, theirs.gone) {
        (true, true) => theirs,
        (false, false) => {
            let cell = |name: &str| Path::Cell(list.to_owned(), id, name.to_owned());
            let fields = merge_fields(was, &mine.fields, &theirs.fields, cell, questions);
            Record { id, fields, gone: false }
        }
        (mine_gone, _) => {
            let (kept, was_gone) = if mine_gone { (&theirs, &mine) } else { (&mine, &theirs) };
            // Taken out on one side and left alone on the other: out. Edited on the other: it stays, and is asked about.
            let brought_back = base.is_some_and(|b| b.gone);
            if base.is_some_and(|b| b.fields == kept.fields && !b.gone) {
                return was_gone.clone();
            }
            if !brought_back {
                questions.push(Question { path: Path::Row(list.to_owned(), id), mine: text(&mine), theirs: text(&theirs) });
            }
            kept.clone()
        }
    }
}

#[cfg(test)]
mod tests;
