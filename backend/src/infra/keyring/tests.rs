use std::fs;

use super::*;
use crate::database_test;
use crate::demo::testing::TestApp;
use crate::demo_test;

fn now() -> DateTime<Utc> {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

database_test!(keys_are_created_for_an_empty_database_and_belong_to_it_from_then_on, |db, _| async move {
    let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ours, theirs) = (key_path(here.path()), key_path(elsewhere.path()));
    let keys = open(&db, &ours, now()).await.unwrap();
    assert_eq!(open(&db, &ours, now()).await.unwrap().sealing_ids(), keys.sealing_ids());
    // A second server with a folder of its own must not create keys of its own.
    assert!(matches!(open(&db, &theirs, now()).await, Err(KeyringError::Missing(_))));
    assert!(!theirs.exists());
    Keys::create(&theirs).unwrap();
    assert!(matches!(open(&db, &theirs, now()).await, Err(KeyringError::Foreign { .. })));
    assert!(matches!(create(&db, &ours, now()).await, Err(KeyringError::InUse)));
});

database_test!(servers_that_start_at_once_on_an_empty_database_agree_on_the_keys, |db, _| async move {
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let paths: Vec<_> = folders.iter().map(|f| key_path(f.path())).collect();
    let opened = futures::future::join_all(paths.iter().map(|path| open(&db, path, now()))).await;
    assert_eq!(opened.iter().filter(|o| o.is_ok()).count(), 1);
    assert_eq!(paths.iter().filter(|p| p.exists()).count(), 1);
});

demo_test!(a_missing_or_foreign_key_file_is_refused_and_the_right_one_is_taken_again, |demo| async move {
    let test = TestApp::new(demo).await;
    let (db, path) = (&test.app.db, key_path(test.demo.folder.path()));
    let aside = path.with_extension("aside");
    fs::rename(&path, &aside).unwrap();
    let error = open(db, &path, now()).await.unwrap_err();
    assert!(error.to_string().contains("is missing"), "{error}");
    assert!(!path.exists(), "no keys were created");
    Keys::create(&path).unwrap();
    let error = open(db, &path, now()).await.unwrap_err();
    assert!(error.to_string().contains("is not that of this database"), "{error}");
    fs::rename(&aside, &path).unwrap();
    open(db, &path, now()).await.unwrap();
});

demo_test!(a_database_of_an_earlier_release_takes_only_the_keys_that_open_its_data, |demo| async move {
    let test = TestApp::new(demo).await;
    let (db, path) = (&test.app.db, key_path(test.demo.folder.path()));
    let forget = || db.write::<_, DbError, _>(|tx| Box::pin(async move { db::key::delete_checks(tx).await }));
    forget().await.unwrap();
    let aside = path.with_extension("aside");
    fs::rename(&path, &aside).unwrap();
    assert!(matches!(open(db, &path, now()).await, Err(KeyringError::Missing(_))));
    Keys::create(&path).unwrap();
    assert!(matches!(open(db, &path, now()).await, Err(KeyringError::Foreign { .. })));
    let mut tx = db.read().await.unwrap();
    assert!(db::key::list_checks(&mut tx).await.unwrap().is_empty(), "foreign keys are not recorded");
    drop(tx);
    // The sealing key of the database beside a foreign fingerprint key.
    let lines = |path: &Path, kind: &str| -> String {
        fs::read_to_string(path).unwrap().lines().filter(|l| l.starts_with(kind)).flat_map(|l| [l, "\n"]).collect()
    };
    let mixed = lines(&aside, "seal") + &lines(&path, "print");
    fs::write(&path, mixed).unwrap();
    assert!(matches!(open(db, &path, now()).await, Err(KeyringError::Foreign { kind: "print", .. })));
    fs::rename(&aside, &path).unwrap();
    open(db, &path, now()).await.unwrap();
    let mut tx = db.read().await.unwrap();
    assert_eq!(db::key::list_checks(&mut tx).await.unwrap().len(), 2);
});

demo_test!(lost_keys_are_replaced_only_on_request, |demo| async move {
    let test = TestApp::new(demo).await;
    let (db, path) = (&test.app.db, key_path(test.demo.folder.path()));
    assert!(matches!(replace_lost(db, &path, now()).await, Err(KeyringError::File { .. })), "the file is there");
    fs::remove_file(&path).unwrap();
    replace_lost(db, &path, now()).await.unwrap();
    open(db, &path, now()).await.unwrap();
});
