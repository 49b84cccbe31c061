//! Tests that run on both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something fails")]

mod crowd;

pub use crowd::{Crowd, Fate};

use std::sync::atomic::{AtomicU32, Ordering};

use super::{Db, Kind};

/// Runs a test on a fresh SQLite file and, where `TEST_POSTGRES_URL` names a server, on a fresh database there. With
/// `REQUIRE_POSTGRES=1` a missing server is a failure.
pub fn both<F>(test: impl Fn(Db) -> F)
where
    F: Future<Output = ()>,
{
    both_at(|db, _| test(db));
}

/// The same, for tests that let another process into the database: with the URL of it.
pub fn both_at<F>(test: impl Fn(Db, String) -> F)
where
    F: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let db = Db::open(&url).await.unwrap();
        db.migrate().await.unwrap();
        test(db.clone(), url).await;
        db.close().await;
        match std::env::var("TEST_POSTGRES_URL") {
            Ok(server) => on_postgres(&server, test).await,
            Err(_) if std::env::var("REQUIRE_POSTGRES").is_ok() => panic!("TEST_POSTGRES_URL is not set"),
            Err(_) => eprintln!("the PostgreSQL half is skipped: TEST_POSTGRES_URL is not set"),
        }
    });
}

async fn on_postgres<F: Future<Output = ()>>(server: &str, test: impl Fn(Db, String) -> F) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = Db::open(server).await.unwrap();
    let statement = |sql: String| {
        let admin = admin.clone();
        async move {
            let Kind::Postgres(pool) = &admin.0 else { panic!("TEST_POSTGRES_URL is not of PostgreSQL") };
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
        }
    };
    statement(format!("create database {name}")).await;
    let (base, _) = server.rsplit_once('/').unwrap();
    let url = format!("{base}/{name}");
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    test(db.clone(), url).await;
    db.close().await;
    statement(format!("drop database {name} with (force)")).await;
    admin.close().await;
}
