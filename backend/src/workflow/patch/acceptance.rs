//! Which changes of a patch are taken: those of open answers that stay within every limit.

use domain::engine::draft::Op;
use domain::engine::draft::sync::{RefusedOp, merge_patch};
use domain::engine::flow::{RESPONSES, is_unlocked};
use domain::engine::form::{Answers, Field, FileKind, Form, Oversized, Path, Record, changes, oversized_answers};
use uuid::Uuid;

use crate::infra::file::FileError;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::files::{check_totals, file_count_at, files_at};

/// The changes that are taken: those of answers that are open, and that keep every text, list and file field within its limit. The others
/// with their reason. `base`: the answers that the changes start from.
pub(super) fn acceptable(matter: &LoadedMatter, base: &Answers, ops: Vec<Op>) -> (Vec<Op>, Vec<RefusedOp>) {
    let (form, present) = (matter.kind.form, &matter.answers);
    let merged = merge_patch(base, present, &ops).answers;
    let mut refused = locked_changes(matter, &merged);
    refused.extend(records_beyond(form, present, &merged));
    refused.extend(files_beyond(form, present, &merged));
    refused.extend(files_of_other_kinds(form, present, &merged));
    refused.extend(texts_beyond(form, present, &merged));
    let taken = ops.into_iter().filter(|op| !refused.iter().any(|r| r.covers(&op.path))).collect();
    (taken, refused)
}

/// The changes outside the items of the last return.
fn locked_changes(matter: &LoadedMatter, after: &Answers) -> Vec<RefusedOp> {
    let Some(items) = matter.open_items() else { return Vec::new() };
    let locked = changes(&matter.answers, after).into_iter().filter(|path| !is_unlocked(matter.kind.form, items, path));
    locked.map(|path| RefusedOp { path, text: MatterError::Locked.text() }).collect()
}

/// The answers that would become too long to be saved.
fn texts_beyond(form: &Form, before: &Answers, after: &Answers) -> Vec<RefusedOp> {
    let oversized = oversized_answers(form, &[&RESPONSES], before, after);
    let refused = oversized.into_iter().filter_map(|answer| match &answer {
        Oversized::Answer { path, .. } => Some(RefusedOp { path: path.clone(), text: answer.text() }),
        Oversized::Draft => None,
    });
    refused.collect()
}

/// The added records that a list has no room for.
fn records_beyond(form: &Form, before: &Answers, after: &Answers) -> Vec<RefusedOp> {
    let mut refused = Vec::new();
    for list in form.steps.iter().flat_map(|s| s.records()) {
        let is_added = |r: &&Record| before.records(list.name).all(|known| known.id != r.id);
        let added: Vec<&Record> = after.records(list.name).filter(is_added).collect();
        let text = format!("{}最多 {} 条，这一条没有保存到服务器。请移除一条，或删除这一条。", list.label, list.max);
        let row = |id| RefusedOp { path: Path::Row(list.name.to_owned(), id), text: text.clone() };
        // Records removed by the same patch make room.
        let kept = after.records(list.name).count().saturating_sub(added.len());
        refused.extend(added.into_iter().skip(list.max.saturating_sub(kept)).map(|r| row(r.id)));
    }
    refused
}

/// The answers that would get more files than their field takes.
fn files_beyond(form: &'static Form, before: &Answers, after: &Answers) -> Vec<RefusedOp> {
    let grown = changed_cells(before, after).into_iter().filter_map(|path| {
        let max = form.field_at(&path).and_then(Field::accepted_files)?.most;
        let (was, is) = (file_count_at(before, &path).unwrap_or(0), file_count_at(after, &path).unwrap_or(0));
        (is > was && is > max).then_some(RefusedOp { path, text: FileError::TooMany(max).text() })
    });
    grown.collect()
}

/// The answers that would get a file of a kind that their field does not take.
fn files_of_other_kinds(form: &'static Form, before: &Answers, after: &Answers) -> Vec<RefusedOp> {
    let changed = changed_cells(before, after).into_iter().filter_map(|path| {
        let accepted = form.field_at(&path).and_then(Field::accepted_files)?;
        let known = files_at(before, &path).unwrap_or_default();
        let new = files_at(after, &path)?.iter().filter(|file| known.iter().all(|other| other.file != file.file));
        let refused = new.into_iter().find_map(|file| {
            let kind = FileKind::ALL.iter().find(|kind| kind.mime() == file.mime).filter(|_| !accepted.takes(&file.mime))?;
            Some(FileError::OtherKind(*kind, accepted.kinds).text_of(&file.name))
        })?;
        Some(RefusedOp { path, text: refused })
    });
    changed.collect()
}

/// Refuses a patch that attaches more files than a matter takes.
pub(super) fn check_file_totals(app: &AppState, form: &'static Form, before: &Answers, after: &Answers) -> Result<(), MatterError> {
    let grows = |path: &Path| file_count_at(after, path).unwrap_or(0) > file_count_at(before, path).unwrap_or(0);
    if changed_cells(before, after).iter().any(grows) { check_totals(app, form, after) } else { Ok(()) }
}

/// Paths of the changed answers; of an added or removed record, those of all its answers.
fn changed_cells(before: &Answers, after: &Answers) -> Vec<Path> {
    let cells = |path| match path {
        Path::Row(list, id) => cells_of(after, &list, id),
        path => vec![path],
    };
    changes(before, after).into_iter().flat_map(cells).collect()
}

/// Paths of the answers of one record.
fn cells_of(answers: &Answers, list: &str, id: Uuid) -> Vec<Path> {
    let names = answers.record(list, id).into_iter().flat_map(|record| record.fields.keys());
    names.map(|name| Path::Cell(list.to_owned(), id, name.clone())).collect()
}
