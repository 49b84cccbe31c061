//! Tests that run on both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something fails")]

mod crowd;

pub use crowd::{Crowd, Fate};

use std::sync::atomic::{AtomicU32, Ordering};

use crate::infra::db::{Db, Kind};

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
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let db = Db::open(&url).await.unwrap();
        db.migrate().await.unwrap();
        test(db.clone(), url).await;
        db.close().await;
        if let Some(server) = postgres().await {
            let name = server.create(None).await;
            let db = server.open(&name).await;
            db.migrate().await.unwrap();
            test(db.clone(), server.url(&name)).await;
            db.close().await;
            server.drop(&name).await;
            server.close().await;
        }
    });
}

/// Runs what is asked for in a runtime of its own.
pub(crate) fn run(what: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(what);
}

/// The server for the PostgreSQL half of a test, if there is one.
pub(crate) async fn postgres() -> Option<Server> {
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(url) => Some(Server { admin: Db::open(&url).await.unwrap(), url }),
        Err(_) if std::env::var("REQUIRE_POSTGRES").is_ok() => panic!("TEST_POSTGRES_URL is not set"),
        Err(_) => {
            eprintln!("the PostgreSQL half is skipped: TEST_POSTGRES_URL is not set");
            None
        }
    }
}

/// A server that makes databases for tests.
pub(crate) struct Server {
    url: String,
    admin: Db,
}

impl Server {
    /// Makes a database, empty or like another that nobody uses; gives its name.
    pub async fn create(&self, like: Option<&str>) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        self.say(match like {
            Some(like) => format!("create database {name} template {like}"),
            None => format!("create database {name}"),
        })
        .await;
        name
    }

    pub async fn drop(&self, name: &str) {
        self.say(format!("drop database {name} with (force)")).await;
    }

    pub fn url(&self, name: &str) -> String {
        let (base, _) = self.url.rsplit_once('/').unwrap();
        format!("{base}/{name}")
    }

    pub async fn open(&self, name: &str) -> Db {
        Db::open(&self.url(name)).await.unwrap()
    }

    pub async fn close(self) {
        self.admin.close().await;
    }

    async fn say(&self, sql: String) {
        let Kind::Postgres(pool) = &self.admin.0 else { panic!("TEST_POSTGRES_URL is not of PostgreSQL") };
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
    }
}
