//! What was typed, chosen and attached.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Answers by field name.
pub type Fields = BTreeMap<String, Value>;

/// All answers of one form.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Single fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: Fields,
    /// Records by list name, in the order they were added.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub records: BTreeMap<String, Vec<Record>>,
}

/// One record of a list, known by an id that never changes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Made where the record is made.
    pub id: Uuid,
    /// Its answers.
    #[serde(default)]
    pub fields: Fields,
    /// Taken out again; kept so that another device learns of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

/// One answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Text, a day, a number, or the code of a choice.
    Text(String),
    /// Codes of several choices.
    Many(Vec<String>),
    /// Attached files.
    Files(Vec<FileRef>),
}

/// A file that was attached; the bytes are kept elsewhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Id of the stored file.
    pub file: Uuid,
    /// Name it came with.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Media type found by content.
    pub mime: String,
}

impl Value {
    /// Nothing was answered.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Text(t) => t.is_empty(),
            Value::Many(m) => m.is_empty(),
            Value::Files(f) => f.is_empty(),
        }
    }

    /// The text, or an empty one for other answers.
    pub fn text(&self) -> &str {
        match self {
            Value::Text(t) => t,
            _ => "",
        }
    }

    /// Whether this code is (among) the answer.
    pub fn has(&self, code: &str) -> bool {
        match self {
            Value::Text(t) => t == code,
            Value::Many(m) => m.iter().any(|c| c == code),
            Value::Files(_) => false,
        }
    }

    /// The attached files, or none.
    pub fn files(&self) -> &[FileRef] {
        match self {
            Value::Files(f) => f,
            _ => &[],
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl Answers {
    /// The text of a single field; empty when unanswered.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", Value::text)
    }

    /// The codes of a field of several choices; none when unanswered.
    pub fn codes(&self, name: &str) -> &[String] {
        match self.fields.get(name) {
            Some(Value::Many(codes)) => codes,
            _ => &[],
        }
    }

    /// The records of a list that were not taken out.
    pub fn records(&self, list: &str) -> impl Iterator<Item = &Record> {
        self.records.get(list).into_iter().flatten().filter(|r| !r.gone)
    }

    /// One record of a list, if it is there.
    pub fn record(&self, list: &str, id: Uuid) -> Option<&Record> {
        self.records(list).find(|r| r.id == id)
    }

    /// Puts a record at its place, or at the end when it is new.
    pub fn put_record(&mut self, list: &str, record: Record) {
        let records = self.records.entry(list.to_owned()).or_default();
        match records.iter_mut().find(|r| r.id == record.id) {
            Some(old) => *old = record,
            None => records.push(record),
        }
    }

    /// Takes a record out. Returns whether it was there.
    pub fn remove_record(&mut self, list: &str, id: Uuid) -> bool {
        let found = self.records.get_mut(list).and_then(|rs| rs.iter_mut().find(|r| r.id == id && !r.gone));
        match found {
            Some(record) => {
                record.gone = true;
                record.fields.clear();
                true
            }
            None => false,
        }
    }

    /// Every file attached anywhere.
    pub fn files(&self) -> impl Iterator<Item = &FileRef> {
        let in_records = self.records.values().flatten().filter(|r| !r.gone).flat_map(|r| r.fields.values());
        self.fields.values().chain(in_records).flat_map(Value::files)
    }
}

impl Record {
    /// The text of one of its fields; empty when unanswered.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", Value::text)
    }
}

// Answers are personal: a debug print shows only that they are there.
impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answers(…)")
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({})", self.id)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value(…)")
    }
}

impl fmt::Debug for FileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileRef({})", self.file)
    }
}
