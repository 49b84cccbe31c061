//! Tests that begin in the demo. It is filled once in a process for each database, and every test has a copy of its own.
#![allow(clippy::unwrap_used, reason = "a test stops where something fails")]

use std::fs::{self, Permissions};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::infra::clock::Clock;
use crate::infra::db::Db;
use crate::infra::db::testing::{Server, postgres, run};
use crate::state::AppState;

/// When every demo of the tests begins.
const BEGUN: &str = "2026-11-23T02:00:00Z";
const DATABASE: &str = "test.db";

/// A test's own demo.
pub struct Demo {
    /// Its database.
    pub db: Db,
    /// The time, which stands still until the test moves it.
    pub clock: Clock,
    /// Its data folder.
    pub folder: TempDir,
}

impl Demo {
    fn at(db: Db, folder: TempDir) -> Self {
        Self { db, clock: Clock::fixed(BEGUN.parse().unwrap()), folder }
    }

    /// The app of it.
    pub async fn app(&self) -> AppState {
        AppState::open(self.db.clone(), self.folder.path(), self.clock.clone(), true).await.unwrap()
    }

    /// Fills it from an empty database, and lets go of that.
    async fn fill(self) -> TempDir {
        self.db.migrate().await.unwrap();
        let app = self.app().await;
        assert!(crate::demo::fill_demo(&app).await.unwrap());
        assert!(!crate::demo::fill_demo(&app).await.unwrap(), "a demo is filled once");
        drop(app);
        self.db.close().await;
        self.folder
    }
}

/// Runs a test in a demo on SQLite and on PostgreSQL, under the conditions of [`crate::infra::db::testing::both`].
pub fn in_demo<F: Future<Output = ()>>(test: impl Fn(Demo) -> F) {
    run(async {
        let server = postgres().await;
        if server.is_some() {
            SHARED.lock().await.users += 1;
        }
        on_sqlite(&test).await;
        if let Some(server) = server {
            on_postgres(&server, &test).await;
            leave(&server).await;
            server.close().await;
        }
    });
}

async fn on_sqlite<F: Future<Output = ()>>(test: impl Fn(Demo) -> F) {
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
            *filled = Some(Files::of(Demo::at(db, folder).fill().await));
        }
        filled.as_ref().unwrap().copied()
    };
    let db = open(folder.path()).await;
    test(Demo::at(db.clone(), folder)).await;
    db.close().await;
}

/// The filled database on the server, and how many tests may still copy it.
struct Shared {
    users: usize,
    filled: Option<(String, Files)>,
}

static SHARED: Mutex<Shared> = Mutex::const_new(Shared { users: 0, filled: None });

async fn on_postgres<F: Future<Output = ()>>(server: &Server, test: impl Fn(Demo) -> F) {
    let (name, folder) = {
        let mut shared = SHARED.lock().await;
        if shared.filled.is_none() {
            let name = server.create(None).await;
            let db = server.open(&name).await;
            shared.filled = Some((name, Files::of(Demo::at(db, tempfile::tempdir().unwrap()).fill().await)));
        }
        let (name, files) = shared.filled.as_ref().unwrap();
        (server.create(Some(name)).await, files.copied())
    };
    let db = server.open(&name).await;
    test(Demo::at(db.clone(), folder)).await;
    db.close().await;
    server.drop(&name).await;
}

/// Leaves nothing on the server: which test of a process is the last one, nobody tells.
async fn leave(server: &Server) {
    let mut shared = SHARED.lock().await;
    shared.users -= 1;
    if shared.users == 0
        && let Some((name, _)) = shared.filled.take()
    {
        server.drop(&name).await;
    }
}

/// The files of a folder: path in it, who may read it, bytes.
struct Files(Vec<(PathBuf, Permissions, Vec<u8>)>);

impl Files {
    fn of(folder: TempDir) -> Self {
        let (mut files, mut folders) = (Vec::new(), vec![folder.path().to_owned()]);
        while let Some(path) = folders.pop() {
            for entry in fs::read_dir(&path).unwrap().map(Result::unwrap) {
                let (path, about) = (entry.path(), entry.metadata().unwrap());
                if about.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    files.push((path.strip_prefix(folder.path()).unwrap().to_owned(), about.permissions(), bytes));
                }
            }
        }
        Self(files)
    }

    fn copied(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, permissions, bytes) in &self.0 {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, permissions.clone()).unwrap();
        }
        folder
    }
}
