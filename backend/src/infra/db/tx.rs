//! One text for two databases: a connection of either kind, and the macros that run a statement on it.

use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite};

/// A connection: inside a transaction when it writes, outside of one when it reads.
pub enum Tx {
    /// SQLite.
    Sqlite(PoolConnection<Sqlite>),
    /// PostgreSQL.
    Postgres(PoolConnection<Postgres>),
}

/// Runs a statement; gives the number of affected rows.
macro_rules! execute {
    ($tx:expr, $sql:literal $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::infra::db::Tx::Sqlite(c) => sqlx::query($sql)$(.bind($arg))*.execute(&mut **c).await.map(|r| r.rows_affected()),
            $crate::infra::db::Tx::Postgres(c) => sqlx::query($sql)$(.bind($arg))*.execute(&mut **c).await.map(|r| r.rows_affected()),
        }
        .map_err($crate::infra::db::DbError::from)
    };
}

/// Reads every row of a query.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:literal $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::infra::db::Tx::Sqlite(c) => sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($arg))*.fetch_all(&mut **c).await,
            $crate::infra::db::Tx::Postgres(c) => sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($arg))*.fetch_all(&mut **c).await,
        }
        .map_err($crate::infra::db::DbError::from)
    };
}

/// Reads the first row of a query, if there is one.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:literal $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::infra::db::Tx::Sqlite(c) => sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($arg))*.fetch_optional(&mut **c).await,
            $crate::infra::db::Tx::Postgres(c) => sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($arg))*.fetch_optional(&mut **c).await,
        }
        .map_err($crate::infra::db::DbError::from)
    };
}

pub(crate) use {execute, fetch_all, fetch_optional};
