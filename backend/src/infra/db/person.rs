//! SQL of the people who are asked about a matter: experts and participants.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute};

/// A person who is asked about a matter.
pub struct AskedPerson<'a> {
    /// The matter.
    pub matter: Uuid,
    /// The person.
    pub account: Uuid,
    /// Code of the party that the person is.
    pub part: &'a str,
    /// Code of the matter's kind.
    pub kind: &'a str,
    /// Title of the matter.
    pub title: &'a str,
}

/// Asks a person, again if the person left before.
pub async fn ask(tx: &mut Tx, person: &AskedPerson<'_>, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_person (matter_id, account_id, part, kind, title, asked_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (matter_id, account_id, part) do update set left_at = null, title = excluded.title",
        person.matter,
        person.account,
        person.part,
        person.kind,
        person.title,
        now
    )
}

/// Records that a person left.
pub async fn leave(tx: &mut Tx, matter: Uuid, account: Uuid, part: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "update matter_person set left_at = $4 where matter_id = $1 and account_id = $2 and part = $3 and left_at is null",
        matter,
        account,
        part,
        now
    )
}

/// Records when a person has answered; none if an answer is awaited.
pub async fn set_done(tx: &mut Tx, matter: Uuid, account: Uuid, part: &str, at: Option<DateTime<Utc>>) -> Result<u64, DbError> {
    execute!(tx, "update matter_person set done_at = $4 where matter_id = $1 and account_id = $2 and part = $3", matter, account, part, at)
}
