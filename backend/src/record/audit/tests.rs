use super::*;
use crate::database_test;
use crate::infra::clock::Clock;
use crate::infra::db::Db;

/// An application with `count` entries in its chain.
async fn recorded(db: Db, folder: &std::path::Path, count: usize) -> AppState {
    let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
    let app = AppState::open(db, folder, clock, false).await.unwrap();
    for n in 0..count {
        add(&app, n).await;
    }
    extend_audit_chain(&app).await.unwrap();
    app
}

async fn add(app: &AppState, n: usize) {
    let owned = app.clone();
    app.db.write(move |tx| Box::pin(async move { audit(tx, &owned, None, "a", &n.to_string()).await })).await.unwrap();
}

async fn fault(app: &AppState, exported: Option<&AuditHead>) -> Option<AuditFault> {
    verify_audit_chain(app, exported).await.unwrap().fault
}

database_test!(concurrent_actions_do_not_wait_for_each_other_and_two_jobs_make_one_chain, |db, _| async move {
    let folder = tempfile::tempdir().unwrap();
    let app = recorded(db, folder.path(), 0).await;
    futures::future::join_all((0..40).map(|n| add(&app, n))).await;
    let (a, b) = tokio::join!(extend_audit_chain(&app), extend_audit_chain(&app));
    assert_eq!(a.unwrap() + b.unwrap(), 40);
    let mut tx = app.db.read().await.unwrap();
    assert_eq!(db::audit::last_entry(&mut tx).await.unwrap().unwrap().seq, 40);
    assert!(db::audit::list_pending(&mut tx, 1).await.unwrap().is_empty());
    drop(tx);
    assert_eq!(fault(&app, None).await, None);
});

database_test!(an_entry_of_the_audit_trail_is_never_updated_or_deleted, |db, _| async move {
    let folder = tempfile::tempdir().unwrap();
    let app = recorded(db, folder.path(), 3).await;
    assert!(app.db.write(|tx| Box::pin(async move { db::audit::forge(tx, 2, "b", None).await })).await.is_err());
    assert!(app.db.write(|tx| Box::pin(async move { db::audit::cut_off(tx, 2).await })).await.is_err());
    assert_eq!(fault(&app, None).await, None);
});

database_test!(a_server_with_the_restricted_role_works_and_cannot_change_the_audit_trail_or_the_schema, |db, url| async move {
    // SQLite has no roles.
    let Some((_, place)) = url.strip_prefix("postgres://").and_then(|url| url.split_once('@')) else { return };
    let role = format!("restricted_{}", Uuid::now_v7().simple());
    let statements = include_str!("../../../../docs/restricted-role.sql").replace("registrar_server", &role);
    let run = async |sql: String| db.execute_raw(sql.leak()).await;
    run(format!("{statements} alter role {role} password 'of-the-test'")).await;
    let folder = tempfile::tempdir().unwrap();
    let restricted = Db::open(&format!("postgres://{role}:of-the-test@{place}")).await.unwrap();
    let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
    crate::demo::fill_demo(&AppState::open(db.clone(), folder.path(), clock.clone(), true).await.unwrap(), 0).await.unwrap();
    let app = AppState::open(restricted.clone(), folder.path(), clock, true).await.unwrap();
    crate::demo::testing::create_applicants(&app, 1).await.unwrap();
    extend_audit_chain(&app).await.unwrap();
    assert!(audit_head(&app).await.unwrap().seq > 3);
    assert!(app.db.write(|tx| Box::pin(async move { db::audit::forge(tx, 2, "b", None).await })).await.is_err());
    assert!(app.db.write(|tx| Box::pin(async move { db::audit::cut_off(tx, 2).await })).await.is_err());
    assert!(app.db.write(|tx| Box::pin(db::audit::remove_triggers(tx))).await.is_err());
    assert_eq!(fault(&app, None).await, None);
    drop(app);
    restricted.close().await;
    run(format!("drop owned by {role}; drop role {role}")).await;
});

database_test!(who_writes_the_database_without_the_keys_cannot_rewrite_the_audit_trail, |db, _| async move {
    let folder = tempfile::tempdir().unwrap();
    let app = recorded(db, folder.path(), 5).await;
    let head = audit_head(&app).await.unwrap();
    app.db.write(|tx| Box::pin(db::audit::remove_triggers(tx))).await.unwrap();
    // The hash of the earlier releases, which everyone can compute.
    let (before, at) = {
        let mut tx = app.db.read().await.unwrap();
        let rows = db::audit::list_after(&mut tx, 0, 5).await.unwrap();
        (rows[0].hash.clone(), rows[1].at)
    };
    let entry = PendingAuditRow { id: Uuid::nil(), at, actor: None, action: "b".into(), target: "1".into(), mac: None };
    let forged = unkeyed_hash(2, &before, &entry);
    app.db.write(move |tx| Box::pin(async move { db::audit::forge(tx, 2, "b", Some(&forged)).await })).await.unwrap();
    assert_eq!(fault(&app, Some(&head)).await, Some(AuditFault::Changed(2)));
});

database_test!(a_chain_that_was_cut_off_differs_from_its_exported_head, |db, _| async move {
    let folder = tempfile::tempdir().unwrap();
    let app = recorded(db, folder.path(), 5).await;
    let head = AuditHead::parse(&audit_head(&app).await.unwrap().text()).unwrap();
    assert_eq!(fault(&app, Some(&head)).await, None);
    app.db.write(|tx| Box::pin(db::audit::remove_triggers(tx))).await.unwrap();
    app.db.write(|tx| Box::pin(async move { db::audit::cut_off(tx, 4).await })).await.unwrap();
    assert_eq!(fault(&app, None).await, None, "the rest is a chain of its own");
    assert_eq!(fault(&app, Some(&head)).await, Some(AuditFault::HeadDiffers(5)));
});

database_test!(a_pending_entry_that_was_changed_is_found, |db, _| async move {
    let folder = tempfile::tempdir().unwrap();
    let app = recorded(db, folder.path(), 1).await;
    add(&app, 7).await;
    assert_eq!(fault(&app, None).await, None);
    app.db.write(|tx| Box::pin(db::audit::forge_pending(tx))).await.unwrap();
    assert!(matches!(fault(&app, None).await, Some(AuditFault::PendingChanged(_))));
});
