//! Answers of a form.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Answers by field name.
pub type Fields = BTreeMap<String, Value>;

/// All answers of one form.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Answers to the fields outside records.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: Fields,
    /// Records by list name, in the order they were added.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub records: BTreeMap<String, Vec<Record>>,
}

/// One record of a list, with a stable id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Record id, chosen by its creator.
    pub id: Uuid,
    /// Answers of the record.
    #[serde(default)]
    pub fields: Fields,
    /// Whether the record was removed; kept for synchronisation with other devices.
    #[serde(rename = "gone", default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}

/// The answer to one field.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Text, a day, a number, or the code of a choice.
    Text(String),
    /// Codes of several choices.
    Many(Vec<String>),
    /// The files attached to the answer.
    Files(Vec<FileRef>),
}

/// A reference to an attached file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Id of the stored file.
    pub file: Uuid,
    /// Name of the file on the uploader's device.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Media type found by content.
    pub mime: String,
}

impl Value {
    /// Whether the answer is empty.
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

    /// Whether the answer is or contains this code.
    pub fn contains(&self, code: &str) -> bool {
        match self {
            Value::Text(t) => t == code,
            Value::Many(m) => m.iter().any(|c| c == code),
            Value::Files(_) => false,
        }
    }

    /// The codes of one or several choices.
    pub fn codes(&self) -> Vec<&str> {
        match self {
            Value::Text(code) if code.is_empty() => Vec::new(),
            Value::Text(code) => vec![code],
            Value::Many(codes) => codes.iter().map(String::as_str).collect(),
            Value::Files(_) => Vec::new(),
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

impl Value {
    /// The answer as text without the labels of a form: codes stay codes, files are named.
    pub fn raw_text(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Many(codes) => codes.join("、"),
            Value::Files(files) => files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join("、"),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl Answers {
    /// Whether there is neither an answer nor a record.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.records.is_empty()
    }

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

    /// The records of a list that were not removed.
    pub fn records(&self, list: &str) -> impl Iterator<Item = &Record> {
        self.records.get(list).into_iter().flatten().filter(|r| !r.removed)
    }

    /// One record of a list, if it is there.
    pub fn record(&self, list: &str, id: Uuid) -> Option<&Record> {
        self.records(list).find(|r| r.id == id)
    }

    /// Replaces a record, or appends a new one.
    pub fn put_record(&mut self, list: &str, record: Record) {
        let records = self.records.entry(list.to_owned()).or_default();
        match records.iter_mut().find(|r| r.id == record.id) {
            Some(old) => *old = record,
            None => records.push(record),
        }
    }

    /// Removes a record. Returns whether it existed.
    pub fn remove_record(&mut self, list: &str, id: Uuid) -> bool {
        let found = self.records.get_mut(list).and_then(|rs| rs.iter_mut().find(|r| r.id == id && !r.removed));
        match found {
            Some(record) => {
                record.removed = true;
                record.fields.clear();
                true
            }
            None => false,
        }
    }

    /// All attached files.
    pub fn files(&self) -> impl Iterator<Item = &FileRef> {
        let in_records = self.records.values().flatten().filter(|r| !r.removed).flat_map(|r| r.fields.values());
        self.fields.values().chain(in_records).flat_map(Value::files)
    }
}

impl Record {
    /// The text of a field; empty when unanswered.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", Value::text)
    }
}

// Answers are personal data, so debug output omits them.
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
