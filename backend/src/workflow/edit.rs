//! Edits of a draft, merged with changes of other devices.

use std::collections::BTreeMap;

use domain::engine::draft::merge_fields;
use domain::engine::flow::{ANSWER, RESPONSES};
use domain::engine::form::{Answers, Fields, FileRef, Path, Record, Value};
use uuid::Uuid;

use crate::infra::db::Tx;
use crate::infra::secret::Keys;
use crate::matter::{LoadedMatter, MatterError};
use crate::workflow::save::base_answers;

/// One edit of a draft.
#[derive(Clone)]
pub enum DraftEdit {
    /// The fields of one page, based on a revision.
    Fields {
        /// Code of the step.
        step: String,
        /// The revision that the page showed.
        base: i64,
        /// All fields of the page; missing ones are unanswered. Files are unchanged.
        fields: Fields,
    },
    /// One record, new or edited, based on a revision.
    Record {
        /// Name of its list.
        list: String,
        /// The revision that the page showed.
        base: i64,
        /// The record; its files are unchanged.
        record: Record,
    },
    /// Responses to the items of a return, based on a revision.
    Responses {
        /// The revision that the page showed.
        base: i64,
        /// Responses by item id.
        texts: BTreeMap<Uuid, String>,
    },
    /// Records added from 基本信息库.
    AddRecords {
        /// Name of the list.
        list: String,
        /// The records, with ids of this matter.
        records: Vec<Record>,
    },
    /// A record is removed.
    RemoveRecord {
        /// Name of the list.
        list: String,
        /// Id of the record.
        record: Uuid,
    },
    /// Files are attached.
    Attach {
        /// Path of the answer.
        path: Path,
        /// The files.
        files: Vec<FileRef>,
    },
    /// A file is removed.
    Detach {
        /// Path of the answer.
        path: Path,
        /// Id of the file.
        file: Uuid,
    },
}

/// The answers after an edit.
///
/// # Errors
/// [`MatterError::EditConflicts`] if a field was changed to two different answers; [`MatterError::TooManyRecords`] for a full list;
/// [`MatterError::NotFound`] for a step, list or record that does not exist.
pub(crate) async fn edited_answers(tx: &mut Tx, keys: &Keys, matter: &LoadedMatter, edit: DraftEdit) -> Result<Answers, MatterError> {
    let mut answers = matter.answers.clone();
    match edit {
        DraftEdit::Fields { step, base, fields } => {
            let base = base_answers(tx, keys, matter, base).await?;
            edit_fields(matter, &mut answers, &base, &step, &fields)?;
        }
        DraftEdit::Record { list, base, record } => {
            let base = base_answers(tx, keys, matter, base).await?;
            edit_record(matter, &mut answers, &base, &list, &record)?;
        }
        DraftEdit::Responses { base, texts } => {
            let base = base_answers(tx, keys, matter, base).await?;
            edit_responses(matter, &mut answers, &base, &texts)?;
        }
        DraftEdit::AddRecords { list, records } => add_records(matter, &mut answers, &list, records)?,
        DraftEdit::RemoveRecord { list, record } => {
            if !answers.remove_record(&list, record) {
                return Err(MatterError::NotFound);
            }
        }
        DraftEdit::Attach { path, files } => {
            let mut all = attached_files(&answers, &path)?;
            all.extend(files);
            put_answer(&mut answers, &path, Value::Files(all));
        }
        DraftEdit::Detach { path, file } => {
            let mut all = attached_files(&answers, &path)?;
            all.retain(|f| f.file != file);
            put_answer(&mut answers, &path, Value::Files(all));
        }
    }
    Ok(answers)
}

fn edit_fields(matter: &LoadedMatter, answers: &mut Answers, base: &Answers, step: &str, fields: &Fields) -> Result<(), MatterError> {
    let step = matter.kind.form.step(step).ok_or(MatterError::NotFound)?;
    let names: Vec<&str> = step.fields().map(|f| f.name).collect();
    let merged = merge_page(&names, &base.fields, fields, &answers.fields, Path::field)?;
    for name in names {
        answers.fields.remove(name);
    }
    answers.fields.extend(merged);
    Ok(())
}

fn edit_record(matter: &LoadedMatter, answers: &mut Answers, base: &Answers, list: &str, record: &Record) -> Result<(), MatterError> {
    let (_, records) = matter.kind.form.records(list).ok_or(MatterError::NotFound)?;
    let (id, none) = (record.id, Fields::new());
    let current = answers.record(list, id);
    if current.is_none() && answers.records(list).count() >= records.max {
        return Err(MatterError::TooManyRecords);
    }
    let current = current.map_or(&none, |r| &r.fields);
    let base = base.record(list, id).map_or(&none, |r| &r.fields);
    let names: Vec<&str> = records.fields.iter().map(|f| f.name).collect();
    let fields = merge_page(&names, base, &record.fields, current, |name| Path::Cell(list.to_owned(), id, name.to_owned()))?;
    answers.put_record(list, Record { id, fields, removed: false });
    Ok(())
}

fn edit_responses(matter: &LoadedMatter, answers: &mut Answers, base: &Answers, texts: &BTreeMap<Uuid, String>) -> Result<(), MatterError> {
    for item in matter.open_items().unwrap_or_default() {
        let Some(text) = texts.get(&item.id) else { continue };
        let response = |answers: &Answers| answers.record(RESPONSES.name, item.id).map_or_else(Fields::new, |r| r.fields.clone());
        let typed = if text.is_empty() { Fields::new() } else { Fields::from([(ANSWER.name.to_owned(), text.as_str().into())]) };
        let path = |name: &str| Path::Cell(RESPONSES.name.to_owned(), item.id, name.to_owned());
        let fields = merge_page(&[ANSWER.name], &response(base), &typed, &response(answers), path)?;
        answers.put_record(RESPONSES.name, Record { id: item.id, fields, removed: false });
    }
    Ok(())
}

fn add_records(matter: &LoadedMatter, answers: &mut Answers, list: &str, records: Vec<Record>) -> Result<(), MatterError> {
    let (_, form_list) = matter.kind.form.records(list).ok_or(MatterError::NotFound)?;
    if answers.records(list).count() + records.len() > form_list.max {
        return Err(MatterError::TooManyRecords);
    }
    for record in records {
        // A record added before may have been changed since.
        if answers.record(list, record.id).is_none() {
            answers.put_record(list, record);
        }
    }
    Ok(())
}

/// Merges what was typed on a page that showed `base` into the current fields. Files are attached in another way and stay unchanged.
fn merge_page(names: &[&str], base: &Fields, typed: &Fields, current: &Fields, path: impl Fn(&str) -> Path) -> Result<Fields, MatterError> {
    let is_file = |name: &str, value: &Value| !names.contains(&name) || matches!(value, Value::Files(_));
    let without_files =
        |all: &Fields| -> Fields { all.iter().filter(|(n, v)| !is_file(n, v)).map(|(n, v)| (n.clone(), v.clone())).collect() };
    let mut questions = Vec::new();
    let mut fields = merge_fields(&without_files(base), &without_files(typed), &without_files(current), path, &mut questions);
    if !questions.is_empty() {
        for question in &questions {
            if let Path::Field(name) | Path::Cell(_, _, name) = &question.path {
                match &question.mine {
                    Some(mine) => fields.insert(name.clone(), mine.clone()),
                    None => fields.remove(name),
                };
            }
        }
        return Err(MatterError::EditConflicts(questions, fields));
    }
    let files = current.iter().filter(|(n, v)| names.contains(&n.as_str()) && matches!(v, Value::Files(_)));
    fields.extend(files.map(|(n, v)| (n.clone(), v.clone())));
    Ok(fields)
}

/// The files of the answer at a path; an error if it lies in a record that does not exist.
fn attached_files(answers: &Answers, path: &Path) -> Result<Vec<FileRef>, MatterError> {
    let exists = match path {
        Path::Field(_) => true,
        Path::Cell(list, id, _) => answers.record(list, *id).is_some(),
        Path::Row(..) => false,
    };
    if exists { Ok(files_at(answers, path).to_vec()) } else { Err(MatterError::NotFound) }
}

/// The files of the answer at a path; none if there is no such answer.
pub(crate) fn files_at<'a>(answers: &'a Answers, path: &Path) -> &'a [FileRef] {
    let value = match path {
        Path::Field(name) => answers.fields.get(name),
        Path::Cell(list, id, name) => answers.record(list, *id).and_then(|record| record.fields.get(name)),
        Path::Row(..) => None,
    };
    value.map_or(&[], Value::files)
}

fn put_answer(answers: &mut Answers, path: &Path, value: Value) {
    let fields = match path {
        Path::Cell(list, id, _) => answers.records.get_mut(list).and_then(|rs| rs.iter_mut().find(|r| r.id == *id)).map(|r| &mut r.fields),
        _ => Some(&mut answers.fields),
    };
    if let (Some(fields), Path::Field(name) | Path::Cell(_, _, name)) = (fields, path) {
        if value.is_empty() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value);
        }
    }
}
