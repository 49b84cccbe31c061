//! Drafts: begun, edited and left at any moment. Saving never validates.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::engine::draft::merge_fields;
use domain::engine::flow::{ANSWER, Edit, Hat, Link, Party, RESPONSES, unlocked};
use domain::engine::form::{Answers, FileRef, Path, Record, Value, changes};
use domain::matter::Entry;
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db;
use crate::infra::db::Tx;
use crate::infra::secret::{Keys, Place};
use crate::matter::{ANSWERS, MatterError, Opened, answers_at, open};
use crate::state::AppState;

/// One edit of a draft.
#[derive(Clone)]
pub enum Change {
    /// The fields of one page, as they were typed over a revision.
    Fields {
        /// The page.
        step: String,
        /// The revision the page showed.
        base: i64,
        /// All its fields; those not here are unanswered. Files are left as they are.
        fields: BTreeMap<String, Value>,
    },
    /// One record, new or edited, as it was typed over a revision.
    Record {
        /// Its list.
        list: String,
        /// The revision the page showed.
        base: i64,
        /// The record; its files are left as they are.
        record: Record,
    },
    /// What is said to the items of a return, by item, as it was typed over a revision.
    Responses {
        /// The revision the page showed.
        base: i64,
        /// The words.
        said: BTreeMap<Uuid, String>,
    },
    /// Records taken out of 基本信息库.
    Add {
        /// The list.
        list: String,
        /// The records, with ids of their own.
        records: Vec<Record>,
    },
    /// A record taken out.
    Remove {
        /// The list.
        list: String,
        /// Which.
        record: Uuid,
    },
    /// Files attached.
    Attach {
        /// To which answer.
        path: Path,
        /// The files.
        files: Vec<FileRef>,
    },
    /// A file taken off.
    Detach {
        /// From which answer.
        path: Path,
        /// Which.
        file: Uuid,
    },
}

/// A draft was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    /// The revision now.
    pub revision: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Begins a draft of a kind. The id is made where the draft is begun; beginning it twice is beginning it once.
pub async fn begin_matter(app: &AppState, who: &Allowed, kind: &'static domain::matter::Kind, id: Uuid) -> Result<Uuid, MatterError> {
    begin_with(app, who, kind, id, BTreeMap::new()).await
}

/// Begins a draft with answers already chosen. One that was begun before keeps what it has.
pub async fn begin_with(
    app: &AppState,
    who: &Allowed,
    kind: &'static domain::matter::Kind,
    id: Uuid,
    chosen: BTreeMap<String, Value>,
) -> Result<Uuid, MatterError> {
    begin_at(app, who, kind, id, None, chosen).await
}

/// Begins a draft at the desk of an institution, or for oneself.
pub async fn begin_at(
    app: &AppState,
    who: &Allowed,
    kind: &'static domain::matter::Kind,
    id: Uuid,
    desk: Option<Uuid>,
    chosen: BTreeMap<String, Value>,
) -> Result<Uuid, MatterError> {
    let (owned, caller, now) = (app.clone(), who.caller().clone(), app.now());
    let chosen: BTreeMap<String, Value> =
        chosen.into_iter().filter(|(name, _)| kind.form.fields().any(|(_, f)| f.name == name.as_str())).collect();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !begin(tx, &owned, &caller, kind, id, desk).await? {
                    return Ok(id);
                }
                if !chosen.is_empty() {
                    let opened = open_own(tx, &owned, &caller, id).await?;
                    let answers = Answers { fields: chosen, ..Answers::default() };
                    save(tx, &owned.keys, &opened, answers, now).await?;
                }
                Ok(id)
            })
        })
        .await
}

/// Makes one edit. An edit that changes nothing makes no revision.
pub async fn edit_matter(app: &AppState, who: &Allowed, id: Uuid, change: Change) -> Result<Saved, MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db.write(move |tx| Box::pin(async move { edit(tx, &owned, &caller, id, change).await })).await
}

/// Removes a draft that was never submitted.
pub async fn discard_matter(app: &AppState, who: &Allowed, id: Uuid) -> Result<(), MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                open_own(tx, &owned, &caller, id).await?;
                match db::matter::delete_draft(tx, id).await? {
                    true => Ok(()),
                    false => Err(MatterError::Closed),
                }
            })
        })
        .await
}

/// Begins an empty draft, for oneself or at the desk of an institution; says whether its id was new. An id that someone else has is as good
/// as none.
pub(crate) async fn begin(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    kind: &'static domain::matter::Kind,
    id: Uuid,
    desk: Option<Uuid>,
) -> Result<bool, MatterError> {
    let (owner, now) = (caller.account, app.now());
    if let Some(there) = db::matter::by_id(tx, id).await? {
        return if there.owner_id == owner { Ok(false) } else { Err(MatterError::NotFound) };
    }
    admit(tx, app, caller, kind, desk).await?;
    let stage = kind.flow.draft().ok_or(MatterError::NotFound)?;
    let row = db::matter::Row {
        id,
        kind: kind.code.to_owned(),
        owner_id: owner,
        institution_id: None,
        title: kind.label.to_owned(),
        stage: stage.code.to_owned(),
        turn: stage.turn.code(),
        due_on: None,
        revision: 0,
        submitted_revision: None,
        form_version: kind.form.version,
        event_count: 0,
        created_at: now,
        updated_at: now,
        submitted_at: None,
        closed_at: None,
    };
    if !db::matter::insert(tx, &row).await? {
        let there = db::matter::by_id(tx, id).await?;
        return if there.is_some_and(|old| old.owner_id == owner) { Ok(false) } else { Err(MatterError::NotFound) };
    }
    db::matter::open_task(tx, Uuid::now_v7(), id, &row.stage, &row.turn, now, None).await?;
    if let Some(institution) = desk {
        db::tie::tie(tx, id, Link::Filing.code(), institution).await?;
    }
    Ok(true)
}

/// Whether the caller can begin a matter of a kind now, for themselves or at a desk of theirs.
async fn admit(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    kind: &'static domain::matter::Kind,
    desk: Option<Uuid>,
) -> Result<(), MatterError> {
    let admitted = match desk {
        Some(institution) => kind.at_desks() && caller.desks.iter().any(|(id, _)| *id == institution),
        None => kind.begun_by.contains(&Party::Applicant),
    };
    if !admitted {
        return Err(MatterError::NotFound);
    }
    if kind.entry.is_none() {
        return Ok(());
    }
    let world = crate::matter::context::world(app, tx, &caller.person.name)
        .await?
        .knowing_of(tx, app, caller.account, Uuid::nil(), kind.upkeep.and(desk))
        .await?;
    match kind.entry_for(&world.context()) {
        Entry::Open => Ok(()),
        Entry::Closed(why) => Err(MatterError::Hindered(why)),
    }
}

/// Makes one edit.
pub(crate) async fn edit(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid, change: Change) -> Result<Saved, MatterError> {
    let opened = open_own(tx, app, caller, id).await?;
    if opened.stage().is_none_or(|s| s.edit == Edit::Nothing) {
        return Err(MatterError::Closed);
    }
    let answers = changed(tx, &app.keys, &opened, change).await?;
    if let Some(items) = opened.items()
        && changes(&opened.answers, &answers).iter().any(|path| !unlocked(opened.kind.form, items, path))
    {
        return Err(MatterError::Locked);
    }
    save(tx, &app.keys, &opened, answers, app.now()).await
}

/// Opens a matter for whoever began it, and for nobody else.
pub(crate) async fn open_own(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid) -> Result<Opened, MatterError> {
    let opened = open(tx, app, caller, id).await?;
    if opened.actor.hats.contains(&Hat::Applicant) { Ok(opened) } else { Err(MatterError::NotFound) }
}

/// Keeps answers as a new revision, unless they are those there are.
pub(crate) async fn save(tx: &mut Tx, keys: &Keys, opened: &Opened, answers: Answers, now: DateTime<Utc>) -> Result<Saved, MatterError> {
    let (id, from) = (opened.row.id, opened.row.revision);
    if answers == opened.answers && from > 0 {
        return Ok(Saved { revision: from, at: opened.saved_at });
    }
    let institution = match (opened.kind.institution)(&answers) {
        Some(id) => db::institution::by_id(tx, id).await?.map(|i| i.id),
        None => None,
    };
    // The submitted text stays what the institution sees; only a draft follows what is chosen.
    let institution = if opened.draft() { institution } else { institution.or(opened.row.institution_id) };
    let title = opened.kind.title_for(&answers);
    if !db::matter::saved(tx, id, from, opened.kind.form.version, &title, institution, now).await? {
        return Err(MatterError::Conflict);
    }
    let sealed = keys.seal_json(Place::new(ANSWERS, id), &answers);
    db::matter::put_answers(tx, id, from + 1, &sealed, now).await?;
    Ok(Saved { revision: from + 1, at: now })
}

/// The answers after an edit.
async fn changed(tx: &mut Tx, keys: &Keys, opened: &Opened, change: Change) -> Result<Answers, MatterError> {
    let mut answers = opened.answers.clone();
    let form = opened.kind.form;
    match change {
        Change::Fields { step, base, fields } => {
            let step = form.step(&step).ok_or(MatterError::NotFound)?;
            let was = base_answers(tx, keys, opened, base).await?;
            let names: Vec<&str> = step.fields().map(|f| f.name).collect();
            let merged = merged(&names, &was.fields, &fields, &answers.fields, Path::field)?;
            for name in names {
                answers.fields.remove(name);
            }
            answers.fields.extend(merged);
        }
        Change::Record { list, base, record } => {
            let (_, records) = form.records(&list).ok_or(MatterError::NotFound)?;
            let was = base_answers(tx, keys, opened, base).await?;
            let none = BTreeMap::new();
            let now = answers.record(&list, record.id);
            if now.is_none() && answers.records(&list).count() >= records.max {
                return Err(MatterError::TooMany);
            }
            let before = was.record(&list, record.id).map_or(&none, |r| &r.fields);
            let theirs = now.map_or(&none, |r| &r.fields);
            let names: Vec<&str> = records.fields.iter().map(|f| f.name).collect();
            let id = record.id;
            let fields = merged(&names, before, &record.fields, theirs, |name| Path::Cell(list.clone(), id, name.to_owned()))?;
            answers.put_record(&list, Record { id, fields, gone: false });
        }
        Change::Responses { base, said } => {
            let was = base_answers(tx, keys, opened, base).await?;
            for item in opened.items().unwrap_or_default() {
                let Some(words) = said.get(&item.id) else { continue };
                let of = |answers: &Answers| answers.record(RESPONSES.name, item.id).map_or_else(BTreeMap::new, |r| r.fields.clone());
                let typed =
                    if words.is_empty() { BTreeMap::new() } else { BTreeMap::from([(ANSWER.name.to_owned(), words.as_str().into())]) };
                let path = |name: &str| Path::Cell(RESPONSES.name.to_owned(), item.id, name.to_owned());
                let fields = merged(&[ANSWER.name], &of(&was), &typed, &of(&answers), path)?;
                answers.put_record(RESPONSES.name, Record { id: item.id, fields, gone: false });
            }
        }
        Change::Add { list, records } => {
            let (_, listed) = form.records(&list).ok_or(MatterError::NotFound)?;
            if answers.records(&list).count() + records.len() > listed.max {
                return Err(MatterError::TooMany);
            }
            for record in records {
                // One that was taken before may have been changed since.
                if answers.record(&list, record.id).is_none() {
                    answers.put_record(&list, record);
                }
            }
        }
        Change::Remove { list, record } => {
            if !answers.remove_record(&list, record) {
                return Err(MatterError::NotFound);
            }
        }
        Change::Attach { path, files } => {
            let holder = holder(&mut answers, &path).ok_or(MatterError::NotFound)?;
            let mut all = holder.map(|v| v.files().to_vec()).unwrap_or_default();
            all.extend(files);
            put(&mut answers, &path, Value::Files(all));
        }
        Change::Detach { path, file } => {
            let holder = holder(&mut answers, &path).ok_or(MatterError::NotFound)?;
            let mut all = holder.map(|v| v.files().to_vec()).unwrap_or_default();
            all.retain(|f| f.file != file);
            put(&mut answers, &path, Value::Files(all));
        }
    }
    Ok(answers)
}

/// What a page that shows a revision grew out of. A page of the future is refused.
async fn base_answers(tx: &mut Tx, keys: &Keys, opened: &Opened, base: i64) -> Result<Answers, MatterError> {
    if base == opened.row.revision {
        return Ok(opened.answers.clone());
    }
    if base > opened.row.revision || base < 0 {
        return Err(MatterError::Conflict);
    }
    Ok(answers_at(tx, keys, opened.kind.form, opened.row.id, base).await?.0)
}

/// Merges what was typed with what is there now. Files travel another way and stay as they are.
fn merged(
    names: &[&str],
    was: &BTreeMap<String, Value>,
    typed: &BTreeMap<String, Value>,
    now: &BTreeMap<String, Value>,
    path: impl Fn(&str) -> Path,
) -> Result<BTreeMap<String, Value>, MatterError> {
    let of = |all: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
        all.iter()
            .filter(|(n, v)| names.contains(&n.as_str()) && !matches!(v, Value::Files(_)))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect()
    };
    let mut questions = Vec::new();
    let mut fields = merge_fields(&of(was), &of(typed), &of(now), path, &mut questions);
    if !questions.is_empty() {
        for q in &questions {
            if let Path::Field(name) | Path::Cell(_, _, name) = &q.path {
                match &q.mine {
                    Some(mine) => fields.insert(name.clone(), mine.clone()),
                    None => fields.remove(name),
                };
            }
        }
        return Err(MatterError::Questions(questions, fields));
    }
    let files = now.iter().filter(|(n, v)| names.contains(&n.as_str()) && matches!(v, Value::Files(_)));
    fields.extend(files.map(|(n, v)| (n.clone(), v.clone())));
    Ok(fields)
}

/// The answer at a path: none if there is no such record, some(none) if it is unanswered.
fn holder<'a>(answers: &'a mut Answers, path: &Path) -> Option<Option<&'a Value>> {
    match path {
        Path::Field(name) => Some(answers.fields.get(name)),
        Path::Cell(list, id, name) => answers.record(list, *id).map(|r| r.fields.get(name)),
        Path::Row(..) => None,
    }
}

fn put(answers: &mut Answers, path: &Path, value: Value) {
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
