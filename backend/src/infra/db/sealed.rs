//! The sealed columns of all tables, the statements that seal them anew, and those that seal text of earlier releases.

use sqlx::{Postgres, Sqlite};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx};
use crate::infra::secret::bound_row;

/// A column with sealed values.
pub struct SealedColumn {
    /// Table and column, as `table.column`; also the column of the context in which its values are sealed.
    pub name: &'static str,
    rows: fn(&SealedValue) -> Vec<Uuid>,
    select: &'static str,
    update: &'static str,
    count: &'static str,
}

/// A sealed value and what its context may be made of.
#[derive(Clone, sqlx::FromRow)]
pub struct SealedValue {
    id: Uuid,
    other_id: Uuid,
    number: i64,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl SealedColumn {
    /// The row ids of the contexts in which this value may be sealed, the present one first.
    pub fn rows(&self, value: &SealedValue) -> Vec<Uuid> {
        (self.rows)(value)
    }
}

impl SealedValue {
    /// The first id of its row, by which the values are ordered.
    pub fn id(&self) -> Uuid {
        self.id
    }
}

macro_rules! sealed_columns {
    ($($table:literal $column:literal by $id:literal $other:literal $number:literal $rows:expr;)*) => {
        /// Every sealed column.
        pub const SEALED_COLUMNS: &[SealedColumn] = &[$(SealedColumn {
            name: concat!($table, ".", $column),
            rows: $rows,
            select: concat!(
                "select ", $id, " as id, ", $other, " as other_id, cast(", $number, " as bigint) as number, ", $column, " as sealed from ", $table,
                " where ", $id, " > $1 and length(", $column, ") > $2 and substr(", $column, ", 1, $2) <> $3 order by 1 limit $4"
            ),
            update: concat!("update ", $table, " set ", $column, " = $1 where ", $id, " = $2 and ", $column, " = $3"),
            count: concat!("select count(*) from ", $table, " where substr(", $column, ", 1, $1) = $2"),
        }),*];
    };
}

sealed_columns! {
    "account" "person_sealed" by "id" "id" "0" by_id;
    "signup" "person_sealed" by "id" "id" "0" by_id;
    "identity_change" "before_sealed" by "matter_id" "matter_id" "0" by_id;
    "totp" "secret_sealed" by "account_id" "account_id" "0" by_id;
    "matter_answers" "answers_sealed" by "matter_id" "matter_id" "revision" by_number;
    "matter_event" "private_sealed" by "matter_id" "matter_id" "seq" by_number;
    "certificate" "holder_sealed" by "id" "id" "0" by_id;
    "former_holder" "holder_sealed" by "certificate_id" "matter_id" "0" by_both_ids;
    "opinion" "assessment_sealed" by "matter_id" "account_id" "0" by_both_ids;
    "message" "body_sealed" by "id" "id" "0" by_id;
    "outbox" "target_sealed" by "id" "id" "0" by_id;
    "outbox" "body_sealed" by "id" "id" "0" by_id;
    "file" "name_sealed" by "id" "id" "0" by_id;
    "upload" "name_sealed" by "id" "id" "0" by_id;
    "library_record" "record_sealed" by "id" "id" "0" by_id;
    "payment_order" "voucher_sealed" by "id" "id" "0" by_id;
    "payment_order" "invoice_sealed" by "id" "id" "0" by_id;
    "payment_order" "note_sealed" by "id" "id" "0" by_id;
    "form_draft" "values_sealed" by "id" "id" "0" by_id;
    "draft_patch" "answer_sealed" by "matter_id" "device" "seq" by_device_and_number;
    "saved_view" "view_sealed" by "id" "id" "0" by_id;
    "institution" "contact_sealed" by "id" "id" "0" by_id;
    "institution_state_change" "reason_sealed" by "id" "id" "0" by_id;
    "score_version" "reason_sealed" by "score_id" "score_id" "version" by_number;
}

fn by_id(value: &SealedValue) -> Vec<Uuid> {
    vec![value.id]
}

/// Bound to the number of a revision or an event; values of earlier releases to the id alone.
fn by_number(value: &SealedValue) -> Vec<Uuid> {
    vec![bound_row(value.id, Uuid::nil(), value.number.unsigned_abs()), value.id]
}

/// Bound to a device and the number of its patch; values of earlier releases to the id alone.
fn by_device_and_number(value: &SealedValue) -> Vec<Uuid> {
    vec![bound_row(value.id, value.other_id, value.number.unsigned_abs()), value.id]
}

fn by_both_ids(value: &SealedValue) -> Vec<Uuid> {
    vec![bound_row(value.id, value.other_id, 0)]
}

/// Values of rows with ids above `after` that do not begin with `head`, by id.
pub async fn list_other(tx: &mut Tx, column: &SealedColumn, after: Uuid, head: &[u8], limit: i64) -> Result<Vec<SealedValue>, DbError> {
    let length = i32::try_from(head.len()).unwrap_or(i32::MAX);
    match tx {
        Tx::Sqlite(c) => {
            sqlx::query_as::<Sqlite, _>(column.select).bind(after).bind(length).bind(head).bind(limit).fetch_all(&mut **c).await
        }
        Tx::Postgres(c) => {
            sqlx::query_as::<Postgres, _>(column.select).bind(after).bind(length).bind(head).bind(limit).fetch_all(&mut **c).await
        }
    }
    .map_err(DbError::from)
}

/// Replaces a value, unless it was changed meanwhile; returns whether it was replaced.
pub async fn replace(tx: &mut Tx, column: &SealedColumn, old: &SealedValue, new: &[u8]) -> Result<bool, DbError> {
    let sealed = old.sealed.as_slice();
    let changed = match tx {
        Tx::Sqlite(c) => sqlx::query::<Sqlite>(column.update)
            .bind(new)
            .bind(old.id)
            .bind(sealed)
            .execute(&mut **c)
            .await
            .map(|done| done.rows_affected()),
        Tx::Postgres(c) => sqlx::query::<Postgres>(column.update)
            .bind(new)
            .bind(old.id)
            .bind(sealed)
            .execute(&mut **c)
            .await
            .map(|done| done.rows_affected()),
    }?;
    Ok(changed > 0)
}

/// Number of values that begin with `head`.
pub async fn count_with_head(tx: &mut Tx, column: &SealedColumn, head: &[u8]) -> Result<i64, DbError> {
    let length = i32::try_from(head.len()).unwrap_or(i32::MAX);
    match tx {
        Tx::Sqlite(c) => sqlx::query_scalar::<Sqlite, i64>(column.count).bind(length).bind(head).fetch_one(&mut **c).await,
        Tx::Postgres(c) => sqlx::query_scalar::<Postgres, i64>(column.count).bind(length).bind(head).fetch_one(&mut **c).await,
    }
    .map_err(DbError::from)
}

/// A column of earlier releases whose text is not sealed, beside the one that takes it sealed.
pub struct ClearColumn {
    /// The column for the sealed text, as `table.column`; also the column of the context.
    pub sealed: &'static str,
    select: &'static str,
    update: &'static str,
}

macro_rules! clear_columns {
    ($($table:literal $clear:literal $sealed:literal;)*) => {
        /// Every column with text that is not sealed.
        pub const CLEAR_COLUMNS: &[ClearColumn] = &[$(ClearColumn {
            sealed: concat!($table, ".", $sealed),
            select: concat!(
                "select id, ", $clear, " as text from ", $table, " where id > $1 and ", $clear, " <> '' and ", $sealed,
                " is null order by id limit $2"
            ),
            update: concat!(
                "update ", $table, " set ", $clear, " = '', ", $sealed, " = $1 where id = $2 and ", $clear, " = $3 and ", $sealed, " is null"
            ),
        }),*];
    };
}

clear_columns! {
    "message" "body" "body_sealed";
    "payment_order" "note" "note_sealed";
}

/// Ids and texts of rows with ids above `after` that are not sealed.
pub async fn list_clear(tx: &mut Tx, column: &ClearColumn, after: Uuid, limit: i64) -> Result<Vec<(Uuid, String)>, DbError> {
    match tx {
        Tx::Sqlite(c) => sqlx::query_as::<Sqlite, _>(column.select).bind(after).bind(limit).fetch_all(&mut **c).await,
        Tx::Postgres(c) => sqlx::query_as::<Postgres, _>(column.select).bind(after).bind(limit).fetch_all(&mut **c).await,
    }
    .map_err(DbError::from)
}

/// Puts a sealed text in place of a clear one, unless that was changed meanwhile; returns whether it was put.
pub async fn seal_clear(tx: &mut Tx, column: &ClearColumn, id: Uuid, text: &str, sealed: &[u8]) -> Result<bool, DbError> {
    let changed = match tx {
        Tx::Sqlite(c) => {
            sqlx::query::<Sqlite>(column.update).bind(sealed).bind(id).bind(text).execute(&mut **c).await.map(|done| done.rows_affected())
        }
        Tx::Postgres(c) => {
            sqlx::query::<Postgres>(column.update).bind(sealed).bind(id).bind(text).execute(&mut **c).await.map(|done| done.rows_affected())
        }
    }?;
    Ok(changed > 0)
}
