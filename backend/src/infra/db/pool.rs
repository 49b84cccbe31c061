//! The database: opened by its address, read from, written to, closed.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::infra::db::connection::{Connection, Purpose};
use crate::infra::db::error::DbError;
use crate::infra::db::readers::Readers;
use crate::infra::db::statements::Statements;
use crate::infra::db::tx::{Tx, acquire, fetch_optional};
use crate::infra::db::wait::Outage;
use crate::infra::db::write::{self, BoxFuture};

/// The database. Clones share its connections.
#[derive(Clone)]
pub struct Db(pub(super) Pools, Arc<Outage>, Statements);

/// The connections of the database behind a [`Db`].
#[derive(Clone)]
pub(super) enum Pools {
    Sqlite { readers: Readers, writers: SqlitePool, writer: write::Writer },
    Postgres(PgPool),
}

/// The oldest SQLite that does not lose committed WAL data when a checkpoint races a write.
const SQLITE_FLOOR: (u32, u32, u32) = (3, 51, 3);

/// How long a caller waits for a free connection before the database counts as unavailable.
const ACQUIRE: Duration = Duration::from_secs(2);

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// [`DbError::Address`] for any other address, and [`DbError::OldSqlite`] for an SQLite that may lose data.
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
        // Readers open lazily, so that the first page does not wait for connections it does not use.
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .connect_lazy_with(base.read_only(true));
        let (readers, statements) = (Readers::new(readers), Statements::default());
        let writer = write::Writer::start(connection, writers.clone(), readers.clone(), statements.clone());
        Ok(Db(Pools::Sqlite { readers, writers, writer }, Arc::default(), statements))
    }

    async fn open_postgres(url: &str) -> Result<Self, DbError> {
        let options = PgConnectOptions::from_str(url).map_err(|_| DbError::Address)?.options([
            ("statement_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "10s"),
            // Shorter than a request waits, so that the loser of a race learns that it lost.
            ("lock_timeout", "1500ms"),
        ]);
        let pool =
            PgPoolOptions::new().max_connections(12).acquire_timeout(ACQUIRE).test_before_acquire(false).connect_with(options).await?;
        Ok(Db(Pools::Postgres(pool), Arc::default(), Statements::default()))
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<Tx, DbError> {
        Ok(match &self.0 {
            Pools::Sqlite { readers, .. } => Tx::Sqlite(Connection::new(readers.acquire().await?, Purpose::Read, None, self.2.clone())),
            Pools::Postgres(pool) => acquire(pool, (&self.1, &self.2), Purpose::Read).await?,
        })
    }

    /// Runs one write in a transaction of its own. An error rolls it back. The write runs to its end even if the caller is dropped, and
    /// `Ok` is returned only once the commit is durable. On PostgreSQL a write that lost a race runs again, on a copy of what it was given,
    /// so it must change nothing but the database.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Clone + Send + 'static,
    {
        match &self.0 {
            Pools::Sqlite { writer, .. } => writer.write(work).await,
            Pools::Postgres(pool) => write::in_transaction(pool.clone(), (self.1.clone(), self.2.clone()), work).await,
        }
    }

    /// How many statements ran so far, those that begin and end transactions included.
    #[cfg(any(test, feature = "testing"))]
    pub fn count_statements(&self) -> u64 {
        self.2.count()
    }

    /// Whether the database answers a query.
    pub async fn alive(&self) -> bool {
        let Ok(mut tx) = self.read().await else {
            return false;
        };
        fetch_optional!(&mut tx, (i64,), "select cast(1 as bigint)").is_ok()
    }

    /// Waits for the writes in progress and closes every connection.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { readers, writers, writer } => {
                readers.close().await;
                writer.stop().await;
                writers.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

fn older(version: &str, floor: (u32, u32, u32)) -> bool {
    let mut parts = version.split('.').map(|p| p.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) < floor
}
