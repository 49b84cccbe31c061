//! Two databases, one text.
//!
//! Each statement is written once, in the dialect SQLite and PostgreSQL share, and dispatched over [`Tx`] by three macros. SQL stands
//! in this folder and nowhere else, one file per field.

pub mod error;
pub mod migrate;
pub mod write;

pub mod account;
pub mod certificate;
pub mod exam;
pub mod expert;
pub mod file;
pub mod institution;
pub mod library;
pub mod matter;
pub mod message;
pub mod outbox;
pub mod patch;
pub mod payment;
pub mod rate;
pub mod rule;
pub mod session;
pub mod sms;
pub mod tie;
pub mod transfer;
pub mod upkeep;
pub mod upload;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::DbError;
pub use write::BoxFuture;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, Sqlite};

/// A connection in a transaction, or one to read with.
pub enum Tx {
    /// SQLite.
    Sqlite(PoolConnection<Sqlite>),
    /// PostgreSQL.
    Postgres(PoolConnection<Postgres>),
}

/// Runs a statement; gives the number of rows it touched.
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

/// The database.
#[derive(Clone)]
pub struct Db(Kind);

#[derive(Clone)]
enum Kind {
    Sqlite { readers: SqlitePool, writers: SqlitePool, writer: write::Writer },
    Postgres(PgPool),
}

/// The oldest SQLite that does not lose committed WAL data when a checkpoint races a write.
const SQLITE_FLOOR: (u32, u32, u32) = (3, 51, 3);

/// How long to wait for a free connection before answering that the server is busy.
const ACQUIRE: Duration = Duration::from_secs(2);

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`; any other address is refused.
    pub async fn open(url: &str) -> Result<Self, DbError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_sqlite(Path::new(path.trim_start_matches("//"))).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url).await
        } else {
            Err(DbError::Address)
        }
    }

    async fn open_sqlite(path: &Path) -> Result<Self, DbError> {
        let base = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("journal_size_limit", "67108864");
        let writers = SqlitePoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(ACQUIRE)
            .connect_with(base.clone().create_if_missing(true))
            .await?;
        let mut connection = writers.acquire().await?;
        let (version,): (String,) = sqlx::query_as("select sqlite_version()").fetch_one(&mut *connection).await?;
        if older(&version, SQLITE_FLOOR) {
            return Err(DbError::OldSqlite(version));
        }
        // Readers open lazily: the first page must not wait for connections it does not use.
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .connect_lazy_with(base.read_only(true));
        let writer = write::Writer::start(Tx::Sqlite(connection));
        Ok(Db(Kind::Sqlite { readers, writers, writer }))
    }

    async fn open_postgres(url: &str) -> Result<Self, DbError> {
        let options = PgConnectOptions::from_str(url).map_err(|_| DbError::Address)?.options([
            ("statement_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "10s"),
            ("lock_timeout", "2s"),
        ]);
        let pool =
            PgPoolOptions::new().max_connections(12).acquire_timeout(ACQUIRE).test_before_acquire(false).connect_with(options).await?;
        Ok(Db(Kind::Postgres(pool)))
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<Tx, DbError> {
        Ok(match &self.0 {
            Kind::Sqlite { readers, .. } => Tx::Sqlite(readers.acquire().await?),
            Kind::Postgres(pool) => Tx::Postgres(pool.acquire().await?),
        })
    }

    /// Runs one write in one transaction of its own. An error rolls it back. It goes on to its end when the caller is dropped, and
    /// an `Ok` is given only once it is durable.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match &self.0 {
            Kind::Sqlite { writer, .. } => writer.write(work).await,
            Kind::Postgres(pool) => write::in_transaction(pool.clone(), work).await,
        }
    }

    /// Whether the database answers.
    pub async fn alive(&self) -> bool {
        let Ok(mut tx) = self.read().await else {
            return false;
        };
        fetch_optional!(&mut tx, (i64,), "select cast(1 as bigint)").is_ok()
    }

    /// Finishes what is under way and closes every connection.
    pub async fn close(&self) {
        match &self.0 {
            Kind::Sqlite { readers, writers, writer } => {
                readers.close().await;
                writer.stop().await;
                writers.close().await;
            }
            Kind::Postgres(pool) => pool.close().await,
        }
    }
}

fn older(version: &str, floor: (u32, u32, u32)) -> bool {
    let mut parts = version.split('.').map(|p| p.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) < floor
}
