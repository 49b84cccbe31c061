//! Patches of devices: taken once each, merged with what others did meanwhile, and answered with what there is now.

use domain::engine::draft::sync::{Answered, receive};
use domain::engine::draft::{Op, Patch};
use domain::engine::flow::{ANSWER, Edit, RESPONSES, unlocked};
use domain::engine::form::{Answers, Field, Form, Path, Value, changes, tidy};
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db;
use crate::infra::db::Tx;
use crate::infra::secret::Place;
use crate::matter::{MatterError, Opened, answers_at};
use crate::state::AppState;
use crate::workflow::draft::{begin, open_own, save};

const ANSWER_PLACE: &str = "draft_patch.answer_sealed";
/// Changes in one patch.
const MOST: usize = 2000;

/// Takes a patch. A draft the server does not know begins with it. The same patch, sent again, changes nothing and gets the same
/// answer; what differs from what others did is asked back, and theirs stands until it is settled.
pub async fn take_patch(app: &AppState, who: &Allowed, kind: &'static Kind, patch: Patch) -> Result<Answered, MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db.write(move |tx| Box::pin(async move { take(tx, &owned, &caller, kind, patch).await })).await
}

/// How a draft of the caller stands, for a device that takes it up.
pub async fn draft_state(app: &AppState, who: &Allowed, matter: Uuid) -> Result<Answered, MatterError> {
    let mut tx = app.db.read().await?;
    let opened = open_own(&mut tx, app, who.caller(), matter).await?;
    Ok(Answered { seq: None, revision: opened.row.revision, answers: opened.answers, questions: Vec::new() })
}

async fn take(tx: &mut Tx, app: &AppState, caller: &Caller, kind: &'static Kind, patch: Patch) -> Result<Answered, MatterError> {
    let (now, id) = (app.now(), patch.matter);
    let seq = i64::try_from(patch.seq).map_err(|_| MatterError::Unreadable)?;
    if patch.base_rev == 0 {
        begin(tx, app, caller, kind, id, None).await?;
    }
    let place = Place::new(ANSWER_PLACE, id);
    let opened = open_own(tx, app, caller, id).await?;
    if let Some((sealed,)) = db::patch::answer(tx, id, patch.device, seq).await? {
        return app.keys.open_json(place, &sealed).map_err(|_| db::DbError::Unreadable(ANSWER_PLACE.into()).into());
    }
    if opened.stage().is_none_or(|s| s.edit == Edit::Nothing) {
        return Err(MatterError::Closed);
    }
    if patch.base_rev < 0 || patch.base_rev > opened.row.revision {
        return Err(MatterError::Conflict);
    }
    let ops = fit(tx, &opened, caller.account, patch.ops).await?;
    let base = match patch.base_rev {
        rev if rev == opened.row.revision => opened.answers.clone(),
        rev => answers_at(tx, &app.keys, opened.kind.form, id, rev).await?.0,
    };
    let merged = receive(&base, &opened.answers, &ops);
    if let Some(items) = opened.items()
        && changes(&opened.answers, &merged.answers).iter().any(|path| !unlocked(opened.kind.form, items, path))
    {
        return Err(MatterError::Locked);
    }
    full(opened.kind.form, &opened.answers, &merged.answers)?;
    let unchanged = merged.answers == opened.answers;
    let revision = if unchanged { opened.row.revision } else { save(tx, &app.keys, &opened, merged.answers.clone(), now).await?.revision };
    let answer = Answered { seq: Some(patch.seq), revision, answers: merged.answers, questions: merged.questions };
    db::patch::keep(tx, id, patch.device, seq, &app.keys.seal_json(place, &answer), now).await?;
    Ok(answer)
}

/// The changes as they are kept: only of questions the form has, of the kind each takes, with files of one's own.
async fn fit(tx: &mut Tx, opened: &Opened, account: Uuid, ops: Vec<Op>) -> Result<Vec<Op>, MatterError> {
    if ops.len() > MOST {
        return Err(MatterError::Unreadable);
    }
    let mut kept = Vec::with_capacity(ops.len());
    for Op { path, value } in ops {
        let value = match (&path, value) {
            (Path::Row(list, _), value) if opened.kind.form.records(list).is_some() => value.map(|_| Value::Text("kept".into())),
            (Path::Row(..), _) => return Err(MatterError::Unreadable),
            (path, value) => {
                let field = field_at(opened.kind.form, path).ok_or(MatterError::Unreadable)?;
                match value {
                    Some(value) => Some(tidy(field, value).ok_or(MatterError::Unreadable)?),
                    None => None,
                }
            }
        };
        for file in value.iter().flat_map(|v| v.files()) {
            db::file::by_id(tx, file.file).await?.filter(|row| row.owner_id == account).ok_or(MatterError::Unreadable)?;
        }
        kept.push(Op { path, value });
    }
    Ok(kept)
}

fn field_at(form: &'static Form, path: &Path) -> Option<&'static Field> {
    match path {
        Path::Field(name) => form.fields().map(|(_, f)| f).find(|f| f.name == name),
        Path::Cell(list, _, name) if list == RESPONSES.name => Some(&ANSWER).filter(|f| f.name == name),
        Path::Cell(list, _, name) => form.records(list).and_then(|(_, l)| l.fields.iter().find(|f| f.name == name)),
        Path::Row(..) => None,
    }
}

/// No list grows over its limit by a patch.
fn full(form: &Form, before: &Answers, after: &Answers) -> Result<(), MatterError> {
    for list in form.steps.iter().flat_map(|s| s.records()) {
        let (was, is) = (before.records(list.name).count(), after.records(list.name).count());
        if is > was && is > list.max {
            return Err(MatterError::TooMany);
        }
    }
    Ok(())
}
