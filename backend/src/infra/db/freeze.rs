//! A proxy in front of PostgreSQL that stops forwarding, for tests of a server that is frozen: its sockets stay open and nothing comes.
#![expect(clippy::unwrap_used, reason = "a test stops where something fails")]

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::infra::db::pool::{Db, Pools};

/// The switch of a proxy.
pub struct Freezer(watch::Sender<bool>);

impl Freezer {
    /// Stops forwarding, or goes on with it.
    pub fn freeze(&self, frozen: bool) {
        self.0.send_replace(frozen);
    }
}

/// The same database through a proxy of its own; none on SQLite.
pub async fn through_proxy(db: &Db) -> Option<(Db, Freezer)> {
    let Pools::Postgres(pool) = &db.0 else { return None };
    let name: String = sqlx::query_scalar("select current_database()::text").fetch_one(pool).await.unwrap();
    let url = std::env::var("TEST_POSTGRES_URL").unwrap();
    let (account, rest) = url.rsplit_once('@').unwrap();
    let target = rest.split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (switch, frozen) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(&target).await else { continue };
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            tokio::spawn(forward(from_client, to_server, frozen.clone()));
            tokio::spawn(forward(from_server, to_client, frozen.clone()));
        }
    });
    let db = Db::open(&format!("{account}@{address}/{name}")).await.unwrap();
    Some((db, Freezer(switch)))
}

/// A table that nobody else can read or write until it is released.
pub struct TableLock(sqlx::Transaction<'static, sqlx::Postgres>);

impl TableLock {
    /// Ends the lock.
    pub async fn release(self) {
        self.0.rollback().await.unwrap();
    }
}

/// Locks a table; none on SQLite.
pub async fn lock_table(db: &Db, table: &'static str) -> Option<TableLock> {
    let Pools::Postgres(pool) = &db.0 else { return None };
    let mut tx = pool.begin().await.unwrap();
    let lock = sqlx::AssertSqlSafe(format!("lock table {table} in access exclusive mode"));
    sqlx::raw_sql(lock).execute(&mut *tx).await.unwrap();
    Some(TableLock(tx))
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut frozen: watch::Receiver<bool>) {
    let mut buffer = [0; 8192];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        let Some(bytes) = buffer.get(..n) else { return };
        if frozen.wait_for(|frozen| !*frozen).await.is_err() || to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::database_test;
    use crate::infra::db::wait::with_limit;
    use crate::infra::db::{DbError, execute};

    database_test!(a_frozen_database_is_given_up_within_two_seconds_however_often_it_is_asked, |db, _| async move {
        let Some((db, freezer)) = through_proxy(&db).await else { return };
        assert!(db.alive().await);
        freezer.freeze(true);
        let begun = Instant::now();
        with_limit(async {
            for _ in 0..5 {
                assert!(!db.alive().await);
                let written = db.write(|tx| Box::pin(async move { execute!(tx, "update counter set value = value + 1") })).await;
                assert_eq!(written, Err(DbError::Unavailable));
            }
        })
        .await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        // More requests than the pool has connections: each has the same limit.
        let begun = Instant::now();
        let answers = futures::future::join_all((0..30).map(|_| with_limit(async { db.alive().await }))).await;
        assert!(answers.iter().all(|alive| !alive));
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        freezer.freeze(false);
        let begun = Instant::now();
        while !with_limit(async { db.alive().await }).await {
            assert!(begun.elapsed() < Duration::from_secs(5), "it does not come back");
        }
        db.close().await;
    });
}
