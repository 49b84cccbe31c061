//! SQL of the events of matters.

use domain::engine::flow::Event;
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all};

/// An event as it is stored.
#[derive(sqlx::FromRow)]
pub struct EventRow {
    /// The event, without its texts; rows of earlier releases hold them.
    pub event: Json<Event>,
    /// The texts of the event, sealed.
    pub private_sealed: Option<Vec<u8>>,
}

/// Inserts an event.
pub async fn insert(tx: &mut Tx, matter: Uuid, event: &Event, private_sealed: Option<&[u8]>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_event (matter_id, seq, event, at, private_sealed) values ($1, $2, $3, $4, $5)",
        matter,
        event.seq,
        Json(event),
        event.at,
        private_sealed
    )
}

/// The events of a matter, oldest first.
pub async fn list_of_matter(tx: &mut Tx, matter: Uuid) -> Result<Vec<EventRow>, DbError> {
    fetch_all!(tx, EventRow, "select event, private_sealed from matter_event where matter_id = $1 order by seq", matter)
}

/// Events of earlier releases whose texts may not be sealed, at most `limit`: matter and event.
pub async fn list_unsealed(tx: &mut Tx, limit: i64) -> Result<Vec<(Uuid, Json<Event>)>, DbError> {
    fetch_all!(
        tx,
        (Uuid, Json<Event>),
        "select matter_id, event from matter_event where private_sealed is null
         and (cast(event as text) like '%\"note\"%' or cast(event as text) like '%\"items\"%' or cast(event as text) like '%\"recused\"%')
         order by matter_id, seq limit $1",
        limit
    )
}

/// Replaces an event of an earlier release by the same event with its texts sealed.
pub async fn seal(tx: &mut Tx, matter: Uuid, event: &Event, private_sealed: &[u8]) -> Result<u64, DbError> {
    execute!(
        tx,
        "update matter_event set event = $3, private_sealed = $4 where matter_id = $1 and seq = $2 and private_sealed is null",
        matter,
        event.seq,
        Json(event),
        private_sealed
    )
}
