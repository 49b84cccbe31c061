//! Patches of devices: each is applied once, merged with what other devices changed, and answered with the present state.

use domain::engine::draft::sync::{RefusedOp, SyncReply, merge_patch};
use domain::engine::draft::{Op, Patch, PatchKey, Question, apply};
use domain::engine::flow::{ANSWER, RESPONSES, is_unlocked};
use domain::engine::form::{Answers, Field, FileRef, Form, Oversized, Path, Record, Value, changes, normalise_value, oversized_answers};
use domain::matter::Kind;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{self, Tx};
use crate::infra::file::FileError;
use crate::infra::secret::{Keys, SealContext};
use crate::matter::load::load_own;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::draft::{discarded_owner, insert_draft};
use crate::workflow::edit::files_at;
use crate::workflow::files::{check_portrait, check_totals, file_count_at, file_reference, max_files};
use crate::workflow::save::{base_answers, require_editable, require_unlocked, save_answers};

const ANSWER_COLUMN: &str = "draft_patch.answer_sealed";
/// Changes allowed in one patch.
const MAX_OPS: usize = 2000;
/// Number of the last patches of a device whose questions are repeated; a device waits for the reply before it sends the next patch.
const REPEATABLE: i64 = 8;

/// Applies the patch of a device that names the account whose user typed it.
///
/// # Errors
/// [`MatterError::OtherAccount`] if it is not the caller's, or if the patch of a device that names none would begin a draft; and the errors of
/// [`receive_patch`].
pub async fn receive_device_patch(
    app: &AppState,
    who: &Allowed,
    kind: &'static Kind,
    patch: Patch,
    typed_by: Option<Uuid>,
) -> Result<SyncReply, MatterError> {
    let is_callers = match typed_by {
        Some(account) => account == who.account(),
        None => {
            let mut tx = app.db.read().await?;
            // Of a deleted draft the owner is told just that.
            db::matter::by_id(&mut tx, patch.matter).await?.is_some()
                || discarded_owner(&mut tx, patch.matter).await?.is_some_and(|owner| owner.includes(who.caller()))
        }
    };
    if is_callers { receive_patch(app, who, kind, patch).await } else { Err(MatterError::OtherAccount) }
}

/// Applies a patch. A draft the server does not know is begun with it. A repeated patch changes nothing and gets its questions again, with
/// the present state. Answers that differ from what other devices wrote come back as questions; the server's answer stays until the device
/// settles them. Locked answers, and texts, records and files beyond a limit come back as refused, while the other changes are applied. A patch that changes nothing
/// is answered even where the draft is no longer editable, so that a device learns that the server has all of it.
///
/// # Errors
/// [`MatterError::InvalidPatch`], [`MatterError::NotEditable`], [`MatterError::File`] for a file that the answer does
/// not take or beyond the limits of the matter, the errors of a save, and [`MatterError::UnknownRevision`] for a
/// base revision that does not exist yet.
pub async fn receive_patch(app: &AppState, who: &Allowed, kind: &'static Kind, patch: Patch) -> Result<SyncReply, MatterError> {
    check_portraits(app, who, kind.form, &patch).await?;
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { receive_in_tx(tx, &owned, &caller, kind, patch).await })).await
}

/// The state of an own draft, for a device that takes it up.
pub async fn draft_state(app: &AppState, who: &Allowed, matter: Uuid) -> Result<SyncReply, MatterError> {
    let mut tx = app.db.read().await?;
    let matter = load_own(&mut tx, app, who.caller(), matter).await?;
    Ok(SyncReply { seq: None, revision: matter.revision, answers: matter.answers, questions: Vec::new(), refused: Vec::new() })
}

async fn receive_in_tx(tx: &mut Tx, app: &AppState, caller: &Caller, kind: &'static Kind, patch: Patch) -> Result<SyncReply, MatterError> {
    let id = patch.matter;
    let seq = i64::try_from(patch.seq).map_err(|_| MatterError::InvalidPatch)?;
    if patch.base_rev == 0 {
        insert_draft(tx, app, caller, kind, id, None).await?;
    }
    let context = SealContext::new(ANSWER_COLUMN, id);
    let matter = load_own(tx, app, caller, id).await?;
    if let Some(stored) = db::patch::reply_by_key(tx, id, patch.device, seq).await? {
        return repeated_reply(&app.keys, matter, patch.seq, stored);
    }
    if let Err(closed) = require_editable(&matter) {
        return settled_reply(tx, app, &matter, patch).await?.ok_or(closed);
    }
    let replaced = Replaced::load(tx, id, patch.replaces).await?;
    let base_rev = replaced.as_ref().map_or(patch.base_rev, |replaced| replaced.base(patch.base_rev));
    let base = base_answers(tx, &app.keys, &matter, base_rev).await?;
    let known: Vec<Uuid> = matter.answers.files().chain(base.files()).map(|file| file.file).collect();
    let ops = sanitize(tx, app, &matter, &known, patch.ops).await?;
    let (ops, refused) = acceptable(&matter, &base, ops);
    let merged = merge_patch(&base, &matter.answers, &ops);
    require_unlocked(&matter, &merged.answers)?;
    check_file_totals(app, matter.kind.form, &matter.answers, &merged.answers)?;
    let revision = if merged.answers == matter.answers {
        matter.revision
    } else {
        save_answers(tx, app, &matter, merged.answers.clone()).await?.revision
    };
    let outcome = PatchOutcome { questions: merged.questions, refused };
    let sealed = if outcome.is_empty() { Vec::new() } else { app.keys.seal_json(context, &outcome) };
    db::patch::insert(tx, id, patch.device, seq, revision, &sealed, app.now()).await?;
    if let Some(Replaced { device, seq, stored: None }) = replaced {
        // When it arrives, its changes count as applied.
        db::patch::insert(tx, id, device, seq, revision, &[], app.now()).await?;
    }
    db::patch::drop_questions_before(tx, id, patch.device, seq - REPEATABLE).await?;
    let PatchOutcome { questions, refused } = outcome;
    Ok(SyncReply { seq: Some(patch.seq), revision, answers: merged.answers, questions, refused })
}

/// What of a patch was not applied. It is stored for the case that the reply is lost.
#[derive(Serialize, Deserialize)]
struct PatchOutcome {
    questions: Vec<Question>,
    refused: Vec<RefusedOp>,
}

impl PatchOutcome {
    fn is_empty(&self) -> bool {
        self.questions.is_empty() && self.refused.is_empty()
    }
}

/// The outcome as it is stored; earlier versions stored the questions alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredOutcome {
    Questions(Vec<Question>),
    Whole(PatchOutcome),
}

/// The reply to a patch of a matter that is no longer editable, if the matter has all of the patch already.
async fn settled_reply(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, patch: Patch) -> Result<Option<SyncReply>, MatterError> {
    let known: Vec<Uuid> = matter.answers.files().map(|file| file.file).collect();
    let ops = sanitize(tx, app, matter, &known, patch.ops).await?;
    let mut with_patch = matter.answers.clone();
    apply(&mut with_patch, &ops);
    let reply = || SyncReply {
        seq: Some(patch.seq),
        revision: matter.revision,
        answers: matter.answers.clone(),
        questions: Vec::new(),
        refused: Vec::new(),
    };
    Ok((with_patch == matter.answers).then(reply))
}

/// The patch of the same browser whose changes a later patch contains.
struct Replaced {
    device: Uuid,
    seq: i64,
    /// Its reply, if it arrived first.
    stored: Option<db::patch::StoredReply>,
}

impl Replaced {
    async fn load(tx: &mut Tx, matter: Uuid, key: Option<PatchKey>) -> Result<Option<Self>, MatterError> {
        let Some(PatchKey { device, seq }) = key else { return Ok(None) };
        let seq = i64::try_from(seq).map_err(|_| MatterError::InvalidPatch)?;
        let stored = db::patch::reply_by_key(tx, matter, device, seq).await?;
        Ok(Some(Self { device, seq, stored }))
    }

    /// The revision that the later patch has grown from: the one that holds the earlier patch, unless others' changes stood against it.
    fn base(&self, base_rev: i64) -> i64 {
        let merged = self.stored.as_ref().filter(|stored| stored.answer_sealed.is_empty());
        merged.and_then(|stored| stored.revision).map_or(base_rev, |revision| revision.max(base_rev))
    }
}

/// The reply to a patch that was applied before.
fn repeated_reply(keys: &Keys, matter: LoadedMatter, seq: u64, stored: db::patch::StoredReply) -> Result<SyncReply, MatterError> {
    let context = SealContext::new(ANSWER_COLUMN, matter.id);
    let unreadable = |_| db::DbError::Unreadable(ANSWER_COLUMN.into());
    if stored.revision.is_none() {
        return Ok(keys.unseal_json(context, &stored.answer_sealed).map_err(unreadable)?);
    }
    let PatchOutcome { questions, refused } = match stored.answer_sealed.is_empty() {
        true => PatchOutcome { questions: Vec::new(), refused: Vec::new() },
        false => match keys.unseal_json(context, &stored.answer_sealed).map_err(unreadable)? {
            StoredOutcome::Questions(questions) => PatchOutcome { questions, refused: Vec::new() },
            StoredOutcome::Whole(outcome) => outcome,
        },
    };
    Ok(SyncReply { seq: Some(seq), revision: matter.revision, answers: matter.answers, questions, refused })
}

/// Checks the images that a patch puts where a 证件照 belongs. Those that the draft has there were checked before.
async fn check_portraits(app: &AppState, who: &Allowed, form: &'static Form, patch: &Patch) -> Result<(), MatterError> {
    let portraits = patch.ops.iter().filter(|op| field_at(form, &op.path).is_some_and(|f| f.portrait));
    let named = portraits.flat_map(|op| op.value.iter().flat_map(Value::files).map(|reference| (&op.path, reference.file)));
    let named: Vec<(&Path, Uuid)> = named.collect();
    if named.is_empty() {
        return Ok(());
    }
    let answers = {
        let mut tx = app.db.read().await?;
        match load_own(&mut tx, app, who.caller(), patch.matter).await {
            Ok(matter) => matter.answers,
            Err(MatterError::NotFound) => Answers::default(),
            Err(error) => return Err(error),
        }
    };
    for (_, file) in named.into_iter().filter(|(path, file)| files_at(&answers, path).iter().all(|known| known.file != *file)) {
        let row = {
            let mut tx = app.db.read().await?;
            db::file::by_id(&mut tx, file).await?.filter(|row| row.owner_id == who.account()).ok_or(MatterError::InvalidPatch)?
        };
        check_portrait(app, &app.files.read(&row.sha256).await?)?;
    }
    Ok(())
}

/// The changes as they are applied: of fields the form has, with values of their type, and with files of the caller or those that the answers
/// have already, of whichever applicant.
async fn sanitize(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, known: &[Uuid], ops: Vec<Op>) -> Result<Vec<Op>, MatterError> {
    if ops.len() > MAX_OPS {
        return Err(MatterError::InvalidPatch);
    }
    let mut sanitized = Vec::with_capacity(ops.len());
    for Op { path, value } in ops {
        let value = match (&path, value) {
            (Path::Row(list, _), value) if matter.kind.form.records(list).is_some() => value.map(|_| Value::Text("kept".into())),
            (Path::Row(..), _) => return Err(MatterError::InvalidPatch),
            (Path::Cell(list, item, _), _) if list == RESPONSES.name && !is_asked(matter, *item) => return Err(MatterError::InvalidPatch),
            (path, value) => {
                let field = field_at(matter.kind.form, path).ok_or(MatterError::InvalidPatch)?;
                match value {
                    Some(value) => Some(normalise_value(field, value).ok_or(MatterError::InvalidPatch)?),
                    None => None,
                }
            }
        };
        let value = match value {
            Some(Value::Files(files)) => Some(Value::Files(own_files(tx, app, matter.actor.account, known, &files).await?)),
            other => other,
        };
        sanitized.push(Op { path, value });
    }
    Ok(sanitized)
}

/// The references to files that the account uploaded or that are known, with name, size and media type as they were found at the upload.
async fn own_files(tx: &mut Tx, app: &AppState, account: Uuid, known: &[Uuid], files: &[FileRef]) -> Result<Vec<FileRef>, MatterError> {
    let mut own: Vec<FileRef> = Vec::with_capacity(files.len());
    for file in files {
        let row = db::file::by_id(tx, file.file).await?.filter(|row| row.owner_id == account || known.contains(&row.id));
        let row = row.ok_or(MatterError::InvalidPatch)?;
        if own.iter().all(|other| other.file != row.id) {
            own.push(file_reference(&app.keys, row)?);
        }
    }
    Ok(own)
}

/// Whether the last return asks for a response to this item, or the draft holds one.
fn is_asked(matter: &LoadedMatter, item: Uuid) -> bool {
    matter.open_items().unwrap_or_default().iter().any(|i| i.id == item) || matter.answers.record(RESPONSES.name, item).is_some()
}

/// The field at a path of the form, or of the responses to a return.
fn field_at(form: &'static Form, path: &Path) -> Option<&'static Field> {
    match path {
        Path::Cell(list, _, name) if list == RESPONSES.name => Some(&ANSWER).filter(|f| f.name == name),
        path => form.field_at(path),
    }
}

/// The changes that are taken: those of answers that are open, and that keep every text, list and file field within its limit. The others
/// with their reason. `base`: the answers that the changes start from.
fn acceptable(matter: &LoadedMatter, base: &Answers, ops: Vec<Op>) -> (Vec<Op>, Vec<RefusedOp>) {
    let (form, present) = (matter.kind.form, &matter.answers);
    let merged = merge_patch(base, present, &ops).answers;
    let mut refused = locked_changes(matter, &merged);
    refused.extend(records_beyond(form, present, &merged));
    refused.extend(files_beyond(form, present, &merged));
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
        let max = form.field_at(&path).and_then(max_files)?;
        let (was, is) = (file_count_at(before, &path).unwrap_or(0), file_count_at(after, &path).unwrap_or(0));
        (is > was && is > max).then_some(RefusedOp { path, text: FileError::TooMany.text() })
    });
    grown.collect()
}

/// Refuses a patch that attaches more files than a matter takes.
fn check_file_totals(app: &AppState, form: &'static Form, before: &Answers, after: &Answers) -> Result<(), MatterError> {
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
