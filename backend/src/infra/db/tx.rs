//! One text for two databases: a connection of either kind, and the macros that run a statement on it.

use std::sync::Arc;

use sqlx::{PgPool, Postgres, Sqlite};

use crate::infra::db::connection::{Connection, Purpose};
use crate::infra::db::error::DbError;
use crate::infra::db::statements::Statements;
use crate::infra::db::wait::Outage;

/// A connection: inside a transaction when it writes, outside of one when it reads.
pub enum Tx {
    /// SQLite.
    Sqlite(Connection<Sqlite>),
    /// PostgreSQL.
    Postgres(Connection<Postgres>),
}

impl Tx {
    /// Whether rows can be locked until the end of its transaction. SQLite has one writer and needs no lock.
    pub(crate) fn locks_rows(&self) -> bool {
        match self {
            Tx::Sqlite(_) => false,
            Tx::Postgres(c) => c.writes(),
        }
    }

    /// The first statement that failed on it.
    pub(super) fn failure(&self) -> Option<&DbError> {
        match self {
            Tx::Sqlite(c) => c.failure(),
            Tx::Postgres(c) => c.failure(),
        }
    }

    /// Ends the transaction in favour of a concurrent one, which makes the write try again.
    pub(crate) fn give_way(&mut self) -> DbError {
        match self {
            Tx::Sqlite(c) => c.fail(DbError::Serialization),
            Tx::Postgres(c) => c.fail(DbError::Serialization),
        }
    }

    /// Closes the connection when it is dropped, instead of giving it back to the pool.
    pub(super) fn close_on_drop(&mut self) {
        match self {
            Tx::Sqlite(c) => c.close_on_drop(),
            Tx::Postgres(c) => c.close_on_drop(),
        }
    }
}

/// Takes a connection of PostgreSQL, within the limit of waiting.
pub(super) async fn acquire(pool: &PgPool, (outage, statements): (&Arc<Outage>, &Statements), purpose: Purpose) -> Result<Tx, DbError> {
    let wait = outage.next_wait().ok_or(DbError::Unavailable)?;
    match wait.answer(pool.acquire()).await {
        Ok(connection) => Ok(Tx::Postgres(Connection::new(connection, purpose, Some(outage.clone()), statements.clone()))),
        Err(error) => {
            outage.note(false);
            Err(error.map_or(DbError::Unavailable, DbError::from))
        }
    }
}

/// Awaits a statement on a connection, within the limit of waiting.
macro_rules! statement {
    ($c:ident, $statement:expr) => {
        match $c.begin_statement() {
            Ok(wait) => {
                let answer = wait.answer($statement).await;
                $c.end_statement(answer)
            }
            Err(error) => Err(error),
        }
    };
}

/// Runs a statement; gives the number of affected rows.
macro_rules! execute {
    ($tx:expr, $sql:literal $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::infra::db::Tx::Sqlite(c) =>
                $crate::infra::db::tx::statement!(c, sqlx::query($sql)$(.bind($arg))*.execute(&mut **c)).map(|r| r.rows_affected()),
            $crate::infra::db::Tx::Postgres(c) =>
                $crate::infra::db::tx::statement!(c, sqlx::query($sql)$(.bind($arg))*.execute(&mut **c)).map(|r| r.rows_affected()),
        }
    };
}

/// Reads every row of a query.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:literal $(, $arg:expr)* $(,)?) => {
        $crate::infra::db::fetch_all!($tx, $row, concat!($sql) $(, $arg)*)
    };
    // Statements that share a part; every part is a literal.
    ($tx:expr, $row:ty, concat!($($sql:literal),+ $(,)?) $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::infra::db::Tx::Sqlite(c) =>
                $crate::infra::db::tx::statement!(c, sqlx::query_as::<sqlx::Sqlite, $row>(concat!($($sql),+))$(.bind($arg))*.fetch_all(&mut **c)),
            $crate::infra::db::Tx::Postgres(c) =>
                $crate::infra::db::tx::statement!(c, sqlx::query_as::<sqlx::Postgres, $row>(concat!($($sql),+))$(.bind($arg))*.fetch_all(&mut **c)),
        }
    };
}

/// Reads the first row of a query, if there is one.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:literal $(, $arg:expr)* $(,)?) => {
        $crate::infra::db::fetch_optional!($tx, $row, concat!($sql) $(, $arg)*)
    };
    // Statements that share a part; every part is a literal.
    ($tx:expr, $row:ty, concat!($($sql:literal),+ $(,)?) $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::infra::db::Tx::Sqlite(c) =>
                $crate::infra::db::tx::statement!(c, sqlx::query_as::<sqlx::Sqlite, $row>(concat!($($sql),+))$(.bind($arg))*.fetch_optional(&mut **c)),
            $crate::infra::db::Tx::Postgres(c) =>
                $crate::infra::db::tx::statement!(c, sqlx::query_as::<sqlx::Postgres, $row>(concat!($($sql),+))$(.bind($arg))*.fetch_optional(&mut **c)),
        }
    };
}

/// How the database would run a statement: one line for each step.
#[cfg(test)]
macro_rules! plan {
    ($tx:expr, $row:ty, concat!($($sql:literal),+ $(,)?) $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::infra::db::Tx::Sqlite(c) => sqlx::query_as::<sqlx::Sqlite, (i64, i64, i64, String)>(concat!("explain query plan ", $($sql),+))
                $(.bind($arg))*.fetch_all(&mut **c).await.map(|rows| rows.into_iter().map(|(.., step)| step).collect::<Vec<_>>()),
            $crate::infra::db::Tx::Postgres(c) => sqlx::query_as::<sqlx::Postgres, (String,)>(concat!("explain ", $($sql),+))
                $(.bind($arg))*.fetch_all(&mut **c).await.map(|rows| rows.into_iter().map(|(step,)| step).collect::<Vec<_>>()),
        }
    };
}

#[cfg(test)]
pub(crate) use plan;
pub(crate) use {execute, fetch_all, fetch_optional, statement};
