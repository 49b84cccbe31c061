//! A lock that one process of all that share the database holds, for work that must not run twice at once: migrations, demo data.

use std::fs::{File, TryLockError};
use std::time::Duration;

use sqlx::postgres::PgConnection;

use crate::infra::db::error::DbError;
use crate::infra::db::pool::{Db, Pools};

/// How often a waiting process tries again.
const RETRY: Duration = Duration::from_millis(100);
/// How many tries there are: five minutes.
const TRIES: u32 = 3000;
/// The advisory lock of PostgreSQL.
const LOCK_ID: i64 = 0x7265_6769;

/// The lock. It ends when this value is dropped, and with the process.
pub struct ExclusiveLock {
    _held: Held,
}

enum Held {
    File(#[expect(dead_code, reason = "the open file is the lock")] File),
    Connection(#[expect(dead_code, reason = "the connection holds the lock")] Box<PgConnection>),
}

impl Db {
    /// Waits for the lock.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if another process holds it for too long, or the lock file cannot be created.
    pub async fn lock_exclusively(&self) -> Result<ExclusiveLock, DbError> {
        let held = match &self.0 {
            Pools::Sqlite { writers, .. } => {
                let mut name = writers.connect_options().get_filename().as_os_str().to_owned();
                name.push(".lock");
                let file = File::create(name).map_err(|_| DbError::Unavailable)?;
                let mut tries = 0;
                while let Err(error) = file.try_lock() {
                    if let TryLockError::Error(_) = error {
                        return Err(DbError::Unavailable);
                    }
                    tries += 1;
                    wait(tries).await?;
                }
                Held::File(file)
            }
            Pools::Postgres(pool) => {
                // Outside of the pool, so that the lock ends with the connection.
                let mut connection = pool.acquire().await?.detach();
                let mut tries = 0;
                while !try_lock(&mut connection).await? {
                    tries += 1;
                    wait(tries).await?;
                }
                Held::Connection(Box::new(connection))
            }
        };
        Ok(ExclusiveLock { _held: held })
    }
}

async fn try_lock(connection: &mut PgConnection) -> Result<bool, DbError> {
    let (locked,): (bool,) = sqlx::query_as("select pg_try_advisory_lock($1)").bind(LOCK_ID).fetch_one(connection).await?;
    Ok(locked)
}

async fn wait(tries: u32) -> Result<(), DbError> {
    if tries > TRIES {
        return Err(DbError::Unavailable);
    }
    tokio::time::sleep(RETRY).await;
    Ok(())
}
