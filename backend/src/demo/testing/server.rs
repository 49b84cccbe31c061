//! The demo data of one test, copied from data that a process creates once for each database.

use std::fs::{self, Permissions};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::demo::fill::fill_demo;
use crate::infra::clock::Clock;
use crate::infra::db::Db;
use crate::infra::db::testing::{Database, Server, run};
use crate::state::AppState;

/// Initial time of the fixed clock.
const BEGUN: &str = "2026-11-23T02:00:00Z";
const DATABASE: &str = "test.db";

/// The demo data of one test.
pub struct DemoServer {
    /// Its database.
    pub db: Db,
    /// A fixed clock that the test moves.
    pub clock: Clock,
    /// Its data folder.
    pub folder: TempDir,
}

impl DemoServer {
    fn at(db: Db, folder: TempDir) -> Self {
        Self { db, clock: Clock::fixed(BEGUN.parse().unwrap()), folder }
    }

    /// Opens the application on it.
    pub async fn app(&self) -> AppState {
        AppState::open(self.db.clone(), self.folder.path(), self.clock.clone(), true).await.unwrap()
    }

    /// Fills the empty database and closes it; returns the data folder.
    async fn fill(self) -> TempDir {
        self.db.migrate().await.unwrap();
        let app = self.app().await;
        assert!(fill_demo(&app, 0).await.unwrap());
        assert!(!fill_demo(&app, 0).await.unwrap(), "a demo is filled once");
        drop(app);
        self.db.close().await;
        self.folder
    }
}

/// Makes the tests `name::sqlite` and `name::postgres`. The closure gets a [`DemoServer`] of its own.
#[macro_export]
macro_rules! demo_test {
    ($name:ident, $test:expr $(,)?) => {
        $crate::test_on_both!($name, |database| $crate::demo::testing::with_demo(database, $test));
    };
}

/// Runs a test in a demo, under the conditions of [`crate::infra::db::testing::with_database`].
pub fn with_demo<F: Future<Output = ()>>(database: Database, test: impl FnOnce(DemoServer) -> F) {
    run(async {
        match database {
            Database::Sqlite => on_sqlite(test).await,
            Database::Postgres => {
                if let Some(server) = Server::from_env().await {
                    on_postgres(&server, test).await;
                    server.close().await;
                }
            }
        }
    });
}

async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(DemoServer) -> F) {
    static FILLED: Mutex<Option<Files>> = Mutex::const_new(None);
    let open = |folder: &Path| {
        let url = format!("sqlite:{}", folder.join(DATABASE).display());
        async move { Db::open(&url).await.unwrap() }
    };
    let folder = {
        let mut filled = FILLED.lock().await;
        if filled.is_none() {
            let folder = tempfile::tempdir().unwrap();
            let db = open(folder.path()).await;
            *filled = Some(Files::of(DemoServer::at(db, folder).fill().await));
        }
        filled.as_ref().unwrap().copied()
    };
    let db = open(folder.path()).await;
    test(DemoServer::at(db.clone(), folder)).await;
    db.close().await;
}

async fn on_postgres<F: Future<Output = ()>>(server: &Server, test: impl FnOnce(DemoServer) -> F) {
    // No test knows that it is the last one, so a process leaves its template behind; the next process removes it.
    static FILLED: Mutex<Option<(String, Files)>> = Mutex::const_new(None);
    let (name, folder) = {
        let mut filled = FILLED.lock().await;
        if filled.is_none() {
            server.drop_abandoned().await;
            let name = server.create(None).await;
            let db = server.open(&name).await;
            *filled = Some((name, Files::of(DemoServer::at(db, tempfile::tempdir().unwrap()).fill().await)));
        }
        let (template, files) = filled.as_ref().unwrap();
        (server.create(Some(template)).await, files.copied())
    };
    let db = server.open(&name).await;
    test(DemoServer::at(db.clone(), folder)).await;
    db.close().await;
    server.drop(&name).await;
}

/// The files of a folder: path, permissions, content; folders have none.
struct Files(Vec<(PathBuf, Permissions, Option<Vec<u8>>)>);

impl Files {
    fn of(folder: TempDir) -> Self {
        let (mut files, mut folders) = (Vec::new(), vec![folder.path().to_owned()]);
        while let Some(path) = folders.pop() {
            for entry in fs::read_dir(&path).unwrap().map(Result::unwrap) {
                let (path, about) = (entry.path(), entry.metadata().unwrap());
                if about.is_dir() {
                    files.push((path.strip_prefix(folder.path()).unwrap().to_owned(), about.permissions(), None));
                    folders.push(path);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    files.push((path.strip_prefix(folder.path()).unwrap().to_owned(), about.permissions(), Some(bytes)));
                }
            }
        }
        Self(files)
    }

    fn copied(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, permissions, bytes) in &self.0 {
            let path = folder.path().join(path);
            match bytes {
                None => fs::create_dir_all(&path).unwrap(),
                Some(bytes) => {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(&path, bytes).unwrap();
                }
            }
            fs::set_permissions(&path, permissions.clone()).unwrap();
        }
        folder
    }
}
