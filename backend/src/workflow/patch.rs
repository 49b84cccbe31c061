//! Patches of devices: each is applied once, merged with what other devices changed, and answered with the present state.

use domain::engine::draft::sync::{RefusedOp, SyncReply, merge_patch};
use domain::engine::draft::{Op, Patch, PatchKey, Question, apply};
use domain::engine::flow::{ANSWER, RESPONSES};
use domain::engine::form::{Answers, Field, FileRef, Form, Path, Value, normalise_value};
use domain::matter::Kind;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::access::owner::Owner;
use crate::infra::db::{self, Tx};
use crate::infra::secret::{Keys, SealContext, bound_row};
use crate::matter::load::load_own;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::draft::insert_draft;
use crate::workflow::edit::files_at;
use crate::workflow::files::{check_portrait, file_reference};
use crate::workflow::patch::acceptance::{acceptable, check_file_totals};
use crate::workflow::save::{NewRevision, base_answers, require_editable, require_unlocked};

mod acceptance;

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
                || Owner::of_discarded(&mut tx, patch.matter).await?.is_some_and(|owner| who.caller().acts_for(owner))
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
    if let Some(reply) = receive_outside(app, who, &patch).await? {
        return Ok(reply);
    }
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                if patch.base_rev == 0 {
                    insert_draft(tx, &owned, &caller, kind, patch.matter, None).await?;
                }
                match judge(tx, &owned, &caller, patch).await? {
                    Judged::Answered(reply) => Ok(reply),
                    Judged::New(judged) => judged.store(tx, &owned).await,
                }
            })
        })
        .await
}

/// Reads and judges a patch outside of the write transaction, which then only stores the result. `None` if that is not possible: for the
/// patch that begins a draft, for references to files, which must not be removed meanwhile, and if the matter changes at this moment.
async fn receive_outside(app: &AppState, who: &Allowed, patch: &Patch) -> Result<Option<SyncReply>, MatterError> {
    let names_files = patch.ops.iter().any(|op| op.value.as_ref().is_some_and(|value| !value.files().is_empty()));
    if patch.base_rev == 0 || names_files {
        return Ok(None);
    }
    let judged = {
        let mut tx = app.db.read().await?;
        judge(&mut tx, app, who.caller(), patch.clone()).await?
    };
    let judged = match judged {
        Judged::Answered(reply) => return Ok(Some(reply)),
        Judged::New(judged) => judged,
    };
    let owned = app.clone();
    let stored = app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { judged.store(tx, &owned).await })).await;
    match stored {
        Ok(reply) => Ok(Some(reply)),
        Err(MatterError::ChangedMeanwhile) => Ok(None),
        Err(MatterError::Db(error)) if error.is_conflict() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The state of an own draft, for a device that takes it up.
pub async fn draft_state(app: &AppState, who: &Allowed, matter: Uuid) -> Result<SyncReply, MatterError> {
    let mut tx = app.db.read().await?;
    let matter = load_own(&mut tx, app, who.caller(), matter).await?;
    Ok(SyncReply { seq: None, revision: matter.revision, answers: matter.answers, questions: Vec::new(), refused: Vec::new() })
}

/// A judged patch.
enum Judged {
    /// It changes nothing: the reply to it.
    Answered(SyncReply),
    /// It is to be stored.
    New(Box<JudgedPatch>),
}

/// A patch that can be stored as long as its matter is as it was read.
#[derive(Clone)]
struct JudgedPatch {
    matter: Uuid,
    device: Uuid,
    seq: i64,
    revision: Option<NewRevision>,
    /// What was not applied, sealed; empty if there is nothing.
    outcome_sealed: Vec<u8>,
    /// The patch whose changes it contains, if that has not arrived.
    replaces: Option<(Uuid, i64)>,
    /// The reply, with the revision before.
    reply: SyncReply,
}

/// Reads what a patch changes, and decides on it. Nothing is written.
async fn judge(tx: &mut Tx, app: &AppState, caller: &Caller, patch: Patch) -> Result<Judged, MatterError> {
    let id = patch.matter;
    let seq = i64::try_from(patch.seq).map_err(|_| MatterError::InvalidPatch)?;
    let matter = load_own(tx, app, caller, id).await?;
    if let Some(stored) = db::patch::reply_by_key(tx, id, patch.device, seq).await? {
        return repeated_reply(&app.keys, matter, (patch.device, patch.seq), stored).map(Judged::Answered);
    }
    if let Err(closed) = require_editable(&matter) {
        return settled_reply(tx, app, &matter, patch).await?.map(Judged::Answered).ok_or(closed);
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
    let is_new = merged.answers != matter.answers;
    let revision = if is_new { NewRevision::prepare(tx, app, &matter, merged.answers.clone()).await? } else { None };
    let outcome = PatchOutcome { questions: merged.questions, refused };
    let outcome_sealed =
        if outcome.is_empty() { Vec::new() } else { app.keys.seal_json(reply_context(id, patch.device, patch.seq), &outcome) };
    let PatchOutcome { questions, refused } = outcome;
    // When the replaced patch arrives, its changes count as applied.
    let replaces = replaced.filter(|replaced| replaced.stored.is_none()).map(|replaced| (replaced.device, replaced.seq));
    let reply = SyncReply { seq: Some(patch.seq), revision: matter.revision, answers: merged.answers, questions, refused };
    Ok(Judged::New(Box::new(JudgedPatch { matter: id, device: patch.device, seq, revision, outcome_sealed, replaces, reply })))
}

impl JudgedPatch {
    /// Stores the patch with its revision, and gives the reply.
    ///
    /// # Errors
    /// [`MatterError::ChangedMeanwhile`] if the matter changed since it was read; a violated key if the patch itself was stored meanwhile.
    async fn store(self, tx: &mut Tx, app: &AppState) -> Result<SyncReply, MatterError> {
        let (id, device, seq, now) = (self.matter, self.device, self.seq, app.now());
        let revision = match self.revision {
            Some(revision) => revision.save(tx, app).await?.revision,
            None => self.reply.revision,
        };
        db::patch::insert(tx, id, device, seq, revision, &self.outcome_sealed, now).await?;
        if let Some((device, seq)) = self.replaces {
            db::patch::insert(tx, id, device, seq, revision, &[], now).await?;
        }
        if seq % REPEATABLE == 0 {
            db::patch::drop_questions_before(tx, id, device, seq - REPEATABLE).await?;
        }
        Ok(SyncReply { revision, ..self.reply })
    }
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

/// A reply is bound to its device and number, so that none can be put in the place of another.
fn reply_context(matter: Uuid, device: Uuid, seq: u64) -> SealContext {
    SealContext::new(ANSWER_COLUMN, bound_row(matter, device, seq))
}

fn unseal_reply<T: DeserializeOwned>(
    keys: &Keys,
    matter: &LoadedMatter,
    (device, seq): (Uuid, u64),
    sealed: &[u8],
) -> Result<T, MatterError> {
    let unsealed = keys.unseal_json(reply_context(matter.id, device, seq), sealed);
    // Earlier releases bound replies to the matter only.
    let unsealed = unsealed.or_else(|_| keys.unseal_json(SealContext::new(ANSWER_COLUMN, matter.id), sealed));
    Ok(unsealed.map_err(|_| db::DbError::Unreadable(ANSWER_COLUMN.into()))?)
}

/// The reply to a patch that was applied before.
fn repeated_reply(
    keys: &Keys,
    matter: LoadedMatter,
    (device, seq): (Uuid, u64),
    stored: db::patch::StoredReply,
) -> Result<SyncReply, MatterError> {
    if stored.revision.is_none() {
        return unseal_reply(keys, &matter, (device, seq), &stored.answer_sealed);
    }
    let PatchOutcome { questions, refused } = match stored.answer_sealed.is_empty() {
        true => PatchOutcome { questions: Vec::new(), refused: Vec::new() },
        false => match unseal_reply(keys, &matter, (device, seq), &stored.answer_sealed)? {
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
