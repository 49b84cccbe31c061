//! Disabled, enabled, released and closed accounts.

use super::*;

database_test!(a_disabled_account_is_signed_out_and_an_enabled_one_signs_in, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let now = app.now();
    app.db.write(move |tx| Box::pin(async move { status::disable_account(tx, "ZhangWei", now).await })).await.unwrap();
    assert!(matches!(log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await, Err(LoginError::Wrong)));
    assert!(crate::access::guard::load_caller(&app, account).await.unwrap().is_none());
    app.db.write(|tx| Box::pin(async move { status::enable_account(tx, "zhangwei").await })).await.unwrap();
    log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await.unwrap();
});

database_test!(what_an_impostor_registered_can_be_registered_after_a_release, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "impostor", "110101199003070011", "13812345678").await;
    let (keys, now) = (app.keys.clone(), app.now());
    app.db.write(move |tx| Box::pin(async move { status::release_account(tx, &keys, "impostor", now).await })).await.unwrap();
    app.clock.advance(TimeDelta::minutes(5));
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let enabled = app.db.write(|tx| Box::pin(async move { status::enable_account(tx, "impostor").await })).await;
    assert!(matches!(enabled, Err(status::StatusError::Final)));
});

database_test!(a_closed_account_frees_the_mobile_number_and_keeps_the_document, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let wrong = closing::close_own_account(&app, &allowed(&app, account).await, "wrong", "192.0.2.9").await;
    assert!(matches!(wrong, Err(closing::ClosingError::Password(_))));
    closing::close_own_account(&app, &allowed(&app, account).await, "Spring-2026-leaf", "192.0.2.9").await.unwrap();
    assert!(matches!(log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await, Err(LoginError::Wrong)));
    let same_person = begin_signup(&app, &typed("zhangwei2", "110101199003070011", "13812345678"), &origin("me")).await;
    let Err(BeginSignupError::InvalidFields(faults)) = same_person else { panic!("{same_person:?}") };
    assert_eq!(faults.iter().map(|f| f.field).collect::<Vec<_>>(), ["document_number"]);
    app.clock.advance(TimeDelta::minutes(5));
    register(&app, "liming", "11010119900307002X", "13812345678").await;
});
