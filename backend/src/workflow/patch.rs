//! Patches of devices: each is applied once, merged with what other devices changed, and answered with the present state.

use domain::engine::draft::sync::{SyncReply, merge_patch};
use domain::engine::draft::{Op, Patch};
use domain::engine::flow::{ANSWER, RESPONSES};
use domain::engine::form::{Answers, Field, Form, Path, Value, normalise_value};
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{self, Tx};
use crate::infra::secret::SealContext;
use crate::matter::load::load_own;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::draft::insert_draft;
use crate::workflow::save::{base_answers, require_editable, require_unlocked, save_answers};

const ANSWER_COLUMN: &str = "draft_patch.answer_sealed";
/// Changes allowed in one patch.
const MAX_OPS: usize = 2000;

/// Applies a patch. A draft the server does not know is begun with it. A repeated patch changes nothing and gets the same reply. Answers
/// that differ from what other devices wrote come back as questions; the server's answer stays until the device settles them.
///
/// # Errors
/// [`MatterError::InvalidPatch`], [`MatterError::NotEditable`], [`MatterError::Locked`], [`MatterError::TooManyRecords`], and
/// [`MatterError::UnknownRevision`] if the server does not have the base revision.
pub async fn receive_patch(app: &AppState, who: &Allowed, kind: &'static Kind, patch: Patch) -> Result<SyncReply, MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db.write(move |tx| Box::pin(async move { receive_in_tx(tx, &owned, &caller, kind, patch).await })).await
}

/// The state of an own draft, for a device that takes it up.
pub async fn draft_state(app: &AppState, who: &Allowed, matter: Uuid) -> Result<SyncReply, MatterError> {
    let mut tx = app.db.read().await?;
    let matter = load_own(&mut tx, app, who.caller(), matter).await?;
    Ok(SyncReply { seq: None, revision: matter.revision, answers: matter.answers, questions: Vec::new() })
}

async fn receive_in_tx(tx: &mut Tx, app: &AppState, caller: &Caller, kind: &'static Kind, patch: Patch) -> Result<SyncReply, MatterError> {
    let id = patch.matter;
    let seq = i64::try_from(patch.seq).map_err(|_| MatterError::InvalidPatch)?;
    if patch.base_rev == 0 {
        insert_draft(tx, app, caller, kind, id, None).await?;
    }
    let context = SealContext::new(ANSWER_COLUMN, id);
    let matter = load_own(tx, app, caller, id).await?;
    if let Some((sealed,)) = db::patch::answer_by_key(tx, id, patch.device, seq).await? {
        return app.keys.unseal_json(context, &sealed).map_err(|_| db::DbError::Unreadable(ANSWER_COLUMN.into()).into());
    }
    require_editable(&matter)?;
    let base = base_answers(tx, &app.keys, &matter, patch.base_rev).await?;
    let ops = sanitize(tx, &matter, caller.account, patch.ops).await?;
    let merged = merge_patch(&base, &matter.answers, &ops);
    require_unlocked(&matter, &merged.answers)?;
    check_record_limits(matter.kind.form, &matter.answers, &merged.answers)?;
    let revision = if merged.answers == matter.answers {
        matter.revision
    } else {
        save_answers(tx, &app.keys, &matter, merged.answers.clone(), app.now()).await?.revision
    };
    let reply = SyncReply { seq: Some(patch.seq), revision, answers: merged.answers, questions: merged.questions };
    db::patch::insert(tx, id, patch.device, seq, &app.keys.seal_json(context, &reply), app.now()).await?;
    Ok(reply)
}

/// The changes as they are applied: of fields the form has, with values of their type, and with files of the caller.
async fn sanitize(tx: &mut Tx, matter: &LoadedMatter, account: Uuid, ops: Vec<Op>) -> Result<Vec<Op>, MatterError> {
    if ops.len() > MAX_OPS {
        return Err(MatterError::InvalidPatch);
    }
    let mut sanitized = Vec::with_capacity(ops.len());
    for Op { path, value } in ops {
        let value = match (&path, value) {
            (Path::Row(list, _), value) if matter.kind.form.records(list).is_some() => value.map(|_| Value::Text("kept".into())),
            (Path::Row(..), _) => return Err(MatterError::InvalidPatch),
            (path, value) => {
                let field = field_at(matter.kind.form, path).ok_or(MatterError::InvalidPatch)?;
                match value {
                    Some(value) => Some(normalise_value(field, value).ok_or(MatterError::InvalidPatch)?),
                    None => None,
                }
            }
        };
        for file in value.iter().flat_map(|v| v.files()) {
            db::file::by_id(tx, file.file).await?.filter(|row| row.owner_id == account).ok_or(MatterError::InvalidPatch)?;
        }
        sanitized.push(Op { path, value });
    }
    Ok(sanitized)
}

/// The field at a path of the form, or of the responses to a return.
fn field_at(form: &'static Form, path: &Path) -> Option<&'static Field> {
    match path {
        Path::Cell(list, _, name) if list == RESPONSES.name => Some(&ANSWER).filter(|f| f.name == name),
        path => form.field_at(path),
    }
}

/// Refuses a patch that makes a list exceed its limit.
fn check_record_limits(form: &Form, before: &Answers, after: &Answers) -> Result<(), MatterError> {
    for list in form.steps.iter().flat_map(|s| s.records()) {
        let (was, is) = (before.records(list.name).count(), after.records(list.name).count());
        if is > was && is > list.max {
            return Err(MatterError::TooManyRecords);
        }
    }
    Ok(())
}
