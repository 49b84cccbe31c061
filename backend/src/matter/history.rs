//! Events of a matter as they are stored: opinions, reasons, items for rectification and answers to forms are sealed beside the event.

use domain::engine::flow::{Event, EventKind, RectificationItem};
use domain::engine::form::Answers;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::state::AppState;

const PRIVATE: &str = "matter_event.private_sealed";
/// Events of earlier releases that are sealed in one transaction.
const BATCH: i64 = 200;

/// The texts of an event.
#[derive(Default, Serialize, Deserialize, PartialEq)]
struct EventTexts {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<RectificationItem>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    recused: Vec<(Uuid, String)>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    answers: Answers,
}

/// Inserts an event.
pub(crate) async fn insert_event(tx: &mut Tx, keys: &Keys, matter: Uuid, event: &Event) -> Result<(), DbError> {
    let mut bare = event.clone();
    let sealed = take_texts(&mut bare).map(|texts| keys.seal_json(context(matter, event.seq), &texts));
    db::event::insert(tx, matter, &bare, sealed.as_deref()).await?;
    Ok(())
}

/// The events of a matter, oldest first.
pub(crate) async fn list_events(tx: &mut Tx, keys: &Keys, matter: Uuid) -> Result<Vec<Event>, DbError> {
    let rows = db::event::list_of_matter(tx, matter).await?;
    rows.into_iter()
        .map(|row| {
            let Json(mut event) = row.event;
            if let Some(sealed) = row.private_sealed {
                let texts = keys.unseal_json(context(matter, event.seq), &sealed).map_err(|_| DbError::Unreadable(PRIVATE.into()))?;
                put_texts(&mut event, texts);
            }
            Ok(event)
        })
        .collect()
}

/// Seals the texts of all events of earlier releases.
pub async fn seal_all_old_events(app: &AppState) -> Result<(), DbError> {
    while seal_old_events(app).await? > 0 {}
    Ok(())
}

/// Seals the texts of events of earlier releases; returns how many were sealed, up to the size of a batch.
async fn seal_old_events(app: &AppState) -> Result<usize, DbError> {
    let keys = app.keys.clone();
    {
        let mut tx = app.db.read().await?;
        if db::event::list_unsealed(&mut tx, 1).await?.is_empty() {
            return Ok(0);
        }
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let rows = db::event::list_unsealed(tx, BATCH).await?;
                let count = rows.len();
                for (matter, Json(mut event)) in rows {
                    let texts = take_texts(&mut event).unwrap_or_default();
                    db::event::seal(tx, matter, &event, &keys.seal_json(context(matter, event.seq), &texts)).await?;
                }
                Ok(count)
            })
        })
        .await
}

/// The texts are bound to their event, so that none can be put in the place of another.
fn context(matter: Uuid, seq: i64) -> SealContext {
    SealContext::numbered(PRIVATE, matter, seq)
}

/// Takes the texts out of an event; `None` if it has none.
fn take_texts(event: &mut Event) -> Option<EventTexts> {
    let mut texts = EventTexts::default();
    match &mut event.kind {
        EventKind::Transitioned { note, items, answers, .. } | EventKind::Voted { note, items, answers, .. } => {
            texts.note = std::mem::take(note);
            texts.items = std::mem::take(items);
            texts.answers = std::mem::take(answers);
        }
        EventKind::Assigned { recused, .. } => texts.recused = std::mem::take(recused),
        EventKind::Recused { note } => texts.note = std::mem::take(note),
        EventKind::Excluded { name, note, .. } => {
            texts.name = std::mem::take(name);
            texts.note = std::mem::take(note);
        }
        EventKind::Absent { .. } | EventKind::Named { .. } => {}
    }
    (texts != EventTexts::default()).then_some(texts)
}

fn put_texts(event: &mut Event, texts: EventTexts) {
    match &mut event.kind {
        EventKind::Transitioned { note, items, answers, .. } | EventKind::Voted { note, items, answers, .. } => {
            *note = texts.note;
            *items = texts.items;
            *answers = texts.answers;
        }
        EventKind::Assigned { recused, .. } => *recused = texts.recused,
        EventKind::Recused { note } => *note = texts.note,
        EventKind::Excluded { name, note, .. } => {
            *name = texts.name;
            *note = texts.note;
        }
        EventKind::Absent { .. } | EventKind::Named { .. } => {}
    }
}
