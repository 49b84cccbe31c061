//! 找回密码.

use super::*;
use crate::matter::tests::races::at_once;

database_test!(recovery_sends_a_code_only_to_the_number_of_the_account_and_never_says_so, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    app.clock.advance(TimeDelta::minutes(5));
    let me = origin("me");
    let sent = crate::service::message::view::list_outbox(&app).await.unwrap().len();
    let stranger = recovery_target(&app, "zhangwei", "13812345679").await.unwrap();
    send_code(&app, stranger, &me).await.unwrap();
    assert_eq!(crate::service::message::view::list_outbox(&app).await.unwrap().len(), sent);
    let mine = recovery_target(&app, "zhangwei", "13812345678").await.unwrap();
    send_code(&app, mine, &me).await.unwrap();
    let code = last_code(&app).await;
    recover(&app, "zhangwei", "13812345678", &code, "Autumn-2026-leaf", &me).await.unwrap();
    assert!(log_in_id(&app, "zhangwei", "Autumn-2026-leaf", "192.0.2.9").await.is_ok());
    assert!(matches!(log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await, Err(LoginError::Wrong)));
});

database_test!(recovery_lets_the_owner_in_where_too_many_had_failed, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    for _ in 0..6 {
        let _ = log_in_id(&app, "zhangwei", "wrong", "192.0.2.9").await;
    }
    assert!(matches!(log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await, Err(LoginError::TooMany)));
    let me = origin("recovering");
    send_code(&app, recovery_target(&app, "zhangwei", "13812345678").await.unwrap(), &me).await.unwrap();
    let code = last_code(&app).await;
    assert!(recover(&app, "zhangwei", "13812345678", &code, "Autumn-2026-leaf", &me).await.is_ok());
    log_in_id(&app, "zhangwei", "Autumn-2026-leaf", "192.0.2.9").await.unwrap();
});

database_test!(a_wrong_recovery_code_hashes_nothing, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let me = origin("me");
    let stranger = recovery_target(&app, "nobody", "13900000000").await.unwrap();
    send_code(&app, stranger, &me).await.unwrap();
    let begun = std::time::Instant::now();
    let tries = (0..300).map(|_| recover(&app, "nobody", "13900000000", "000000", "Abcdefg-2026", &me));
    let answers = futures::future::join_all(tries).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(RecoveryError::Code(_)))), "{answers:?}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
});

database_test!(a_refused_password_does_not_use_up_the_code, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let me = origin("me");
    send_code(&app, recovery_target(&app, "zhangwei", "13812345678").await.unwrap(), &me).await.unwrap();
    let code = last_code(&app).await;
    let weak = recover(&app, "zhangwei", "13812345678", &code, "weak", &me).await;
    assert!(matches!(weak, Err(RecoveryError::Password(_))));
    recover(&app, "zhangwei", "13812345678", &code, "Autumn-2026-leaf", &me).await.unwrap();
    let twice = recover(&app, "zhangwei", "13812345678", &code, "Winter-2026-leaf", &me).await;
    assert!(matches!(twice, Err(RecoveryError::Code(CodeRefusal::None))));
});

database_test!(of_ten_recoveries_with_one_code_at_once_one_sets_the_password, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let me = origin("me");
    send_code(&app, recovery_target(&app, "zhangwei", "13812345678").await.unwrap(), &me).await.unwrap();
    let code = last_code(&app).await;
    let all = at_once((0..10).map(|n| {
        let (app, code, me) = (app.clone(), code.clone(), me.clone());
        async move { recover(&app, "zhangwei", "13812345678", &code, &format!("Autumn-2026-leaf{n}"), &me).await }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1, "{all:?}");
    let winner = all.iter().position(Result::is_ok).unwrap();
    log_in_id(&app, "zhangwei", &format!("Autumn-2026-leaf{winner}"), "192.0.2.9").await.unwrap();
});

database_test!(a_recovery_whose_account_is_disabled_or_has_another_number_meanwhile_changes_nothing, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let me = origin("me");
    send_code(&app, recovery_target(&app, "zhangwei", "13812345678").await.unwrap(), &me).await.unwrap();
    let (code, now) = (last_code(&app).await, app.now());
    let before = account_row(&app, account).await.password_hash;
    app.db.write(move |tx| Box::pin(async move { status::disable_account(tx, "zhangwei", now).await })).await.unwrap();
    let late = recover(&app, "zhangwei", "13812345678", &code, "Autumn-2026-leaf", &me).await;
    assert!(matches!(late, Err(RecoveryError::Code(CodeRefusal::None))), "{late:?}");
    assert_eq!(account_row(&app, account).await.password_hash, before);
});
