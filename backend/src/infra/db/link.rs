//! SQL of the links of matters to other matters.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::matter::MatterRow;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Records that a matter names another one in a role.
pub async fn insert(tx: &mut Tx, matter: Uuid, role: &str, other: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_link (matter_id, role, other_id) values ($1, $2, $3) on conflict (matter_id, role, other_id) do nothing",
        matter,
        role,
        other
    )
}

/// Deletes the links of a matter to others.
pub async fn delete_of_matter(tx: &mut Tx, matter: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from matter_link where matter_id = $1", matter)
}

/// The matter that a matter names in a role; of several the first.
pub async fn other_of(tx: &mut Tx, matter: Uuid, role: &str) -> Result<Option<Uuid>, DbError> {
    let other = fetch_optional!(
        tx,
        (Uuid,),
        "select other_id from matter_link where matter_id = $1 and role = $2 order by other_id limit 1",
        matter,
        role
    )?;
    Ok(other.map(|(id,)| id))
}

/// A submitted matter, with the time of the last submission of another one that names it in a role.
#[derive(Clone, sqlx::FromRow)]
pub struct SubmittedMatterRow {
    /// The matter.
    #[sqlx(flatten)]
    pub matter: MatterRow,
    /// Time of the last submission of a matter that names it.
    pub named_at: Option<DateTime<Utc>>,
}

/// Submitted matters that belong to a person or to an institution, newest first, except one. `role`: in which later matters name them; the one
/// that is left out does not count.
pub async fn list_submitted_by(
    tx: &mut Tx,
    person: Option<Uuid>,
    institution: Option<Uuid>,
    except: Uuid,
    role: &str,
) -> Result<Vec<SubmittedMatterRow>, DbError> {
    fetch_all!(
        tx,
        SubmittedMatterRow,
        "select m.*, (select max(a.submitted_at) from matter_link l join matter a on a.id = l.matter_id
                      where l.other_id = m.id and l.role = $4 and a.id <> $3) as named_at
         from matter m
         where ((m.owner_id = $1 and m.owner_institution_id is null) or m.owner_institution_id = $2)
         and m.submitted_at is not null and m.id <> $3
         order by m.updated_at desc, m.id",
        person,
        institution,
        except,
        role
    )
}
