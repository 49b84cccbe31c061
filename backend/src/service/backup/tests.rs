use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::demo::fill_demo;
use crate::infra::clock::Clock;
use crate::infra::db::testing::Server;
use crate::infra::db::{self, Db, DbError};
use crate::infra::keyring::key_path;
use crate::record::audit::audit;
use crate::state::AppState;
use crate::{database_test, infra};

async fn demo(db: &Db, data: &Path) -> AppState {
    let app = AppState::open(db.clone(), data, Clock::system(), true).await.unwrap();
    fill_demo(&app, 0).await.unwrap();
    app
}

/// Writes about a hundred times a second, with a file now and then; gives the targets of the acknowledged entries.
async fn load(app: &AppState, stop: &AtomicBool) -> Vec<String> {
    let owner = db::account::by_name(&mut app.db.read().await.unwrap(), "applicant").await.unwrap().unwrap().id;
    let mut acknowledged = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let target = Uuid::now_v7().to_string();
        let (name, owned) = (target.clone(), app.clone());
        app.db.write::<_, DbError, _>(move |tx| Box::pin(async move { audit(tx, &owned, None, "load", &name).await })).await.unwrap();
        acknowledged.push(target);
        if acknowledged.len().is_multiple_of(10) {
            let pdf = crate::infra::file::testing::pdf(Uuid::now_v7().as_bytes());
            let stored = app.files.store(owner, pdf).await.unwrap();
            let row = file_row(app, owner, stored);
            app.db.write::<_, DbError, _>(move |tx| Box::pin(async move { db::file::insert(tx, &row).await })).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(8)).await;
    }
    acknowledged
}

fn file_row(app: &AppState, owner: Uuid, stored: infra::file::StoredFile) -> db::file::FileRow {
    db::file::FileRow {
        id: Uuid::now_v7(),
        owner_id: owner,
        name_sealed: Vec::new(),
        sha256: stored.digest,
        size: 1,
        mime: "application/pdf".into(),
        created_at: app.now(),
    }
}

/// An empty place of the same kind of database.
async fn empty_place(db: &Db, folder: &Path) -> (String, Option<(Server, String)>) {
    if db.is_sqlite() {
        return (format!("sqlite:{}", folder.join("registrar.sqlite").display()), None);
    }
    let server = Server::from_env().await.unwrap();
    let name = server.create(None).await;
    (server.url(&name), Some((server, name)))
}

database_test!(a_backup_under_load_is_consistent_and_restores_with_every_file, |db, url| async move {
    let (data, to, back) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let app = demo(&db, data.path()).await;
    let stop = AtomicBool::new(false);
    let request = || BackupRequest { db: &db, database_url: &url, data: data.path(), to: to.path(), with_keys: false, now: app.now() };
    let (acknowledged, (before, manifest)) = tokio::join!(load(&app, &stop), async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let before = targets(&db).await;
        let manifest = create_backup(request()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        stop.store(true, Ordering::SeqCst);
        (before, manifest)
    });
    assert!(before.len() > 20 && acknowledged.len() > before.len(), "{} of {}", before.len(), acknowledged.len());
    assert_eq!((manifest.missing.len(), manifest.with_keys), (0, false));
    assert!(!to.path().join("keys").exists());
    assert!(matches!(create_backup(request()).await, Err(BackupError::NotEmpty(_))));

    let (place, server) = empty_place(&db, back.path()).await;
    let request = || RestoreRequest { from: to.path(), data: back.path(), database_url: &place, now: app.now() };
    let restored = restore_backup(request()).await.unwrap();
    assert!(!restored.keys_fit && restored.pending.is_empty());
    assert!(matches!(restore_backup(request()).await, Err(BackupError::NotEmpty(_) | BackupError::DatabaseInUse)));

    fs::create_dir(back.path().join("keys")).unwrap();
    fs::set_permissions(back.path().join("keys"), fs::metadata(data.path().join("keys")).unwrap().permissions()).unwrap();
    fs::copy(key_path(data.path()), key_path(back.path())).unwrap();
    let copy = Db::open(&place).await.unwrap();
    let again = AppState::open(copy.clone(), back.path(), Clock::system(), true).await.unwrap();
    let found = targets(&copy).await;
    assert!(before.iter().all(|target| found.contains(target)), "what was acknowledged before the backup is in it");
    let digests = manifest.rows.get("file").copied().unwrap();
    let mut opened = 0;
    for name in walk(&back.path().join("files")) {
        let digest: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&name[at..at + 2], 16).unwrap()).collect();
        again.files.read(&digest).await.unwrap();
        opened += 1;
    }
    assert!(digests > 0 && opened > 0);
    copy.close().await;
    if let Some((server, name)) = server {
        server.drop(&name).await;
        server.close().await;
    }
});

async fn targets(db: &Db) -> Vec<String> {
    let mut tx = db.read().await.unwrap();
    let rows = db::audit::list_pending(&mut tx, 100_000).await.unwrap();
    rows.into_iter().filter(|row| row.action == "load").map(|row| row.target).collect()
}

fn walk(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for shelf in fs::read_dir(folder).unwrap() {
        names.extend(fs::read_dir(shelf.unwrap().path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()));
    }
    names
}

database_test!(a_backup_that_is_cut_off_or_changed_is_not_restored, |db, url| async move {
    let (data, to, back) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let app = demo(&db, data.path()).await;
    create_backup(BackupRequest { db: &db, database_url: &url, data: data.path(), to: to.path(), with_keys: true, now: app.now() })
        .await
        .unwrap();
    let (place, server) = empty_place(&db, back.path()).await;
    let restore = || restore_backup(RestoreRequest { from: to.path(), data: back.path(), database_url: &place, now: app.now() });
    let manifest = to.path().join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let name = Manifest::read(to.path()).unwrap().files.last().unwrap().path.clone();
    let file = to.path().join(&name);
    let bytes = fs::read(&file).unwrap();

    fs::write(&file, b"changed").unwrap();
    assert!(matches!(restore().await, Err(BackupError::Damaged(path)) if path == name));
    fs::remove_file(&file).unwrap();
    assert!(matches!(restore().await, Err(BackupError::Damaged(_))));
    fs::write(&file, &bytes).unwrap();
    fs::write(&manifest, text.replacen(&name, &format!("../{name}"), 1)).unwrap();
    assert!(matches!(restore().await, Err(BackupError::Damaged(_))), "a path outside of the backup");
    fs::write(&manifest, text.replace("\"schema\": ", "\"schema\": 9")).unwrap();
    assert!(matches!(restore().await, Err(BackupError::Newer(_))));
    fs::remove_file(&manifest).unwrap();
    assert!(matches!(restore().await, Err(BackupError::NoManifest)));
    assert_eq!(fs::read_dir(back.path()).unwrap().count(), 0, "nothing was written");
    fs::write(&manifest, &text).unwrap();
    assert!(restore().await.unwrap().keys_fit, "the keys are part of it");
    if let Some((server, name)) = server {
        server.drop(&name).await;
        server.close().await;
    }
});
