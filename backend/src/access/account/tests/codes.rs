//! Codes: their life, their tries and their limits.

use super::*;

database_test!(a_code_is_good_for_two_minutes_to_the_instant, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let me = origin("me");
    let id = begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await.unwrap();
    send_code(&app, signup_code("13812345678"), &me).await.unwrap();
    let code = last_code(&app).await;
    app.clock.advance(TimeDelta::milliseconds(120_000));
    let late = confirm_signup(&app, id, &code, &me).await.unwrap_err();
    assert!(matches!(late, ConfirmSignupError::Code(CodeRefusal::Expired)), "{late}");
    send_code(&app, signup_code("13812345678"), &me).await.unwrap();
    let code = last_code(&app).await;
    app.clock.advance(TimeDelta::milliseconds(119_900));
    confirm_signup(&app, id, &code, &me).await.unwrap();
});

database_test!(one_code_in_two_minutes_and_the_wait_is_told, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let me = origin("me");
    let send = || send_code(&app, signup_code("13812345678"), &me);
    send().await.unwrap();
    app.clock.advance(TimeDelta::seconds(50));
    let soon = send().await.unwrap_err();
    assert!(matches!(soon, CodeSendError::Refused(SendRefusal::TooSoon(70))), "{soon:?}");
    assert_eq!(seconds_until_resend(&app, &signup_code("13812345678"), &me).await.unwrap(), Some(70));
    app.clock.advance(TimeDelta::seconds(70));
    send().await.unwrap();
    assert_eq!(crate::service::message::view::list_outbox(&app).await.unwrap().len(), 2);
});

database_test!(one_session_that_asks_many_times_at_once_gets_one_code, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let me = origin("me");
    let all = futures::future::join_all((0..40).map(|_| send_code(&app, signup_code("13812345678"), &me))).await;
    assert_eq!(all.iter().filter(|r| r.is_ok()).count(), 1);
    assert_eq!(crate::service::message::view::list_outbox(&app).await.unwrap().len(), 1);
});

database_test!(many_sessions_that_ask_at_once_send_no_more_than_a_number_may_get, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let origins: Vec<RequestOrigin> = (0..40).map(|i| origin(&"x".repeat(i + 1))).collect();
    let all = futures::future::join_all(origins.iter().map(|o| send_code(&app, signup_code("13812345678"), o))).await;
    let sent = all.iter().filter(|r| r.is_ok()).count();
    assert_eq!(sent, crate::service::message::view::list_outbox(&app).await.unwrap().len());
    assert_eq!(sent, 5);
});

database_test!(five_wrong_tries_make_a_code_worthless, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let me = origin("me");
    let id = begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await.unwrap();
    send_code(&app, signup_code("13812345678"), &me).await.unwrap();
    let code = last_code(&app).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for left in [4, 3, 2, 1] {
        let error = confirm_signup(&app, id, wrong, &me).await.unwrap_err();
        assert!(matches!(error, ConfirmSignupError::Code(CodeRefusal::Wrong(n)) if n == left), "{error:?}");
    }
    assert!(matches!(confirm_signup(&app, id, wrong, &me).await, Err(ConfirmSignupError::Code(CodeRefusal::Void))));
    assert!(matches!(confirm_signup(&app, id, &code, &me).await, Err(ConfirmSignupError::Code(CodeRefusal::Void))));
});

database_test!(a_code_of_another_browser_is_unknown, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let me = origin("me");
    let id = begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await.unwrap();
    send_code(&app, signup_code("13812345678"), &me).await.unwrap();
    let code = last_code(&app).await;
    let other = confirm_signup(&app, id, &code, &origin("other")).await.unwrap_err();
    assert!(matches!(other, ConfirmSignupError::Code(CodeRefusal::None)), "{other:?}");
});

database_test!(another_session_neither_burns_nor_delays_the_code_of_a_number, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let (owner, stranger) = (origin("owner"), origin("a stranger"));
    for (name, _) in [("x", 0), ("zhangwei", 1)] {
        let target = recovery_target(&app, name, "13812345678").await.unwrap();
        send_code(&app, target, &RequestOrigin { session: name.into(), ..stranger.clone() }).await.unwrap();
    }
    let target = recovery_target(&app, "zhangwei", "13812345678").await.unwrap();
    assert_eq!(seconds_until_resend(&app, &target, &owner).await.unwrap(), None);
    send_code(&app, target, &owner).await.unwrap();
    let code = last_code(&app).await;
    for session in ["x", "zhangwei", "new"] {
        let there = RequestOrigin { session: session.into(), ..stranger.clone() };
        for _ in 0..6 {
            let refused = recover(&app, "zhangwei", "13812345678", "000000", "Autumn-2026-leaf", &there).await;
            assert!(matches!(refused, Err(RecoveryError::Code(_))), "{refused:?}");
        }
    }
    recover(&app, "zhangwei", "13812345678", &code, "Autumn-2026-leaf", &owner).await.unwrap();
});

database_test!(codes_that_are_not_delivered_leave_the_number_free, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    for n in 0..12 {
        let target = recovery_target(&app, "nobody", "13812345678").await.unwrap();
        let from = RequestOrigin { session: format!("s{n}"), address: format!("198.51.100.{n}") };
        send_code(&app, target, &from).await.unwrap();
    }
    send_code(&app, signup_code("13812345678"), &origin("me")).await.unwrap();
});

database_test!(a_clock_that_is_set_back_prolongs_no_code, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let me = origin("me");
    let id = begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await.unwrap();
    send_code(&app, signup_code("13812345678"), &me).await.unwrap();
    let code = last_code(&app).await;
    app.clock.step(TimeDelta::hours(-1));
    app.clock.advance(TimeDelta::seconds(130));
    let late = confirm_signup(&app, id, &code, &me).await.unwrap_err();
    assert!(matches!(late, ConfirmSignupError::Code(CodeRefusal::Expired)), "{late}");
});
