//! Runs a test on both databases: the macros make one test for SQLite and one for PostgreSQL.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where something fails")]

use std::sync::atomic::{AtomicU32, Ordering};

use crate::infra::db::error::DbError;
use crate::infra::db::pool::{Db, Pools};
use crate::infra::db::tx::Tx;

/// The database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file in a folder of its own.
    Sqlite,
    /// A database on the server that `TEST_POSTGRES_URL` names.
    Postgres,
}

/// Makes the tests `name::sqlite` and `name::postgres`. The closure gets an empty migrated database and its URL.
#[macro_export]
macro_rules! database_test {
    ($name:ident, $test:expr $(,)?) => {
        $crate::test_on_both!($name, |database| $crate::infra::db::testing::with_database(database, $test));
    };
}

/// Makes the tests `name::sqlite` and `name::postgres` of a closure that takes a [`Database`].
#[macro_export]
macro_rules! test_on_both {
    ($name:ident, |$database:ident| $test:expr) => {
        fn $name($database: $crate::infra::db::testing::Database) {
            $test
        }

        mod $name {
            use $crate::infra::db::testing::Database;

            #[test]
            fn sqlite() {
                super::$name(Database::Sqlite);
            }

            #[test]
            fn postgres() {
                super::$name(Database::Postgres);
            }
        }
    };
}

/// Runs a test on a fresh database. Without `TEST_POSTGRES_URL` a test on PostgreSQL is left out, and fails under `REQUIRE_POSTGRES=1`.
pub fn with_database<F>(database: Database, test: impl FnOnce(Db, String) -> F)
where
    F: Future<Output = ()>,
{
    run(async {
        match database {
            Database::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                let db = Db::open(&url).await.unwrap();
                db.migrate().await.unwrap();
                test(db.clone(), url).await;
                db.close().await;
            }
            Database::Postgres => {
                let Some(server) = Server::from_env().await else { return };
                let name = server.create(None).await;
                let db = server.open(&name).await;
                db.migrate().await.unwrap();
                test(db.clone(), server.url(&name)).await;
                db.close().await;
                server.drop(&name).await;
                server.close().await;
            }
        }
    });
}

impl Db {
    /// Runs statements behind the back of the application.
    pub async fn execute_raw(&self, sql: &'static str) {
        self.write::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                match tx {
                    Tx::Sqlite(c) => sqlx::raw_sql(sql).execute(&mut **c).await.map(|_| ()),
                    Tx::Postgres(c) => sqlx::raw_sql(sql).execute(&mut **c).await.map(|_| ()),
                }
                .map_err(DbError::from)
            })
        })
        .await
        .unwrap();
    }
}

/// Runs a future to its end in a runtime of its own.
pub(crate) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test);
}

/// A PostgreSQL server that makes databases for tests.
pub(crate) struct Server {
    url: String,
    admin: Db,
}

impl Server {
    /// The server of `TEST_POSTGRES_URL`, if it is set.
    pub async fn from_env() -> Option<Self> {
        match std::env::var("TEST_POSTGRES_URL") {
            Ok(url) => Some(Self { admin: Db::open(&url).await.unwrap(), url }),
            Err(_) if std::env::var("REQUIRE_POSTGRES").is_ok() => panic!("TEST_POSTGRES_URL is not set"),
            Err(_) => {
                eprintln!("left out: TEST_POSTGRES_URL is not set");
                None
            }
        }
    }

    /// Makes a database, empty or as a copy of another that has no connections; returns its name.
    pub async fn create(&self, template: Option<&str>) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        self.execute(match template {
            Some(template) => format!("create database {name} template {template}"),
            None => format!("create database {name}"),
        })
        .await;
        name
    }

    /// Removes a database.
    pub async fn drop(&self, name: &str) {
        self.execute(format!("drop database if exists {name} with (force)")).await;
    }

    /// Removes the databases that test processes of this machine left behind when they ended.
    pub async fn drop_abandoned(&self) {
        let names: Vec<String> =
            sqlx::query_scalar("select datname from pg_database where datname like 't\\_%'").fetch_all(self.pool()).await.unwrap();
        for name in names {
            let pid = name.split('_').nth(1).unwrap_or_default();
            if !std::path::Path::new("/proc").join(pid).exists() {
                self.drop(&name).await;
            }
        }
    }

    /// The URL of a database on the server.
    pub fn url(&self, name: &str) -> String {
        let (base, _) = self.url.rsplit_once('/').unwrap();
        format!("{base}/{name}")
    }

    /// Connects to a database on the server.
    pub async fn open(&self, name: &str) -> Db {
        Db::open(&self.url(name)).await.unwrap()
    }

    /// Closes the connections of the administrator.
    pub async fn close(self) {
        self.admin.close().await;
    }

    fn pool(&self) -> &sqlx::postgres::PgPool {
        let Pools::Postgres(pool) = &self.admin.0 else { panic!("TEST_POSTGRES_URL is not of PostgreSQL") };
        pool
    }

    async fn execute(&self, sql: String) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(self.pool()).await.unwrap();
    }
}

/// Number of rows of a table.
pub async fn count_rows(tx: &mut Tx, table: &'static str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    match tx {
        Tx::Sqlite(c) => sqlx::query_scalar(sql).fetch_one(&mut **c).await.unwrap(),
        Tx::Postgres(c) => sqlx::query_scalar(sql).fetch_one(&mut **c).await.unwrap(),
    }
}
