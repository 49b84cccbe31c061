//! Registration, codes and signing in, on both databases with the time held still.

use std::path::Path as FilePath;

use chrono::TimeDelta;
use domain::base::rule::RuleRow;
use domain::record::account::{CodeRefusal, Purpose, SendRefusal, SignupForm};

use crate::access::account::code::{CodeSendError, CodeTarget, seconds_until_resend, send_code};
use crate::access::account::login::{LoginError, log_in};
use crate::access::account::proof::{ProofAnswer, ProofError};
use crate::access::account::recovery::{RecoveryError, recover, recovery_target};
use crate::access::account::signup::{BeginSignupError, ConfirmSignupError, confirm_signup};
use crate::access::account::*;
use crate::database_test;
use crate::infra::clock::Clock;
use crate::infra::db::{self, Db};
use crate::state::AppState;

pub(super) async fn app(db: Db) -> (AppState, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
    (AppState::open(db, FilePath::new(folder.path()), clock, false).await.unwrap(), folder)
}

/// A state whose forms ask for no proof.
async fn app_without_proof(db: Db) -> (AppState, tempfile::TempDir) {
    let (app, folder) = app(db).await;
    set_rule(&app, "proof.work_bits", "0", "2026-01-01").await;
    (app, folder)
}

async fn set_rule(app: &AppState, key: &str, value: &str, from: &str) {
    let rule = RuleRow { key: key.into(), value: value.into(), effective_from: from.parse().unwrap() };
    app.db.write(move |tx| Box::pin(async move { db::rule::insert_rule(tx, &rule).await })).await.unwrap();
    app.reload_tables().await.unwrap();
}

async fn begin_signup(app: &AppState, form: &SignupForm, origin: &RequestOrigin) -> Result<uuid::Uuid, BeginSignupError> {
    signup::begin_signup(app, form, &ProofAnswer::default(), origin).await
}

fn from(address: &str) -> LoginOrigin {
    LoginOrigin { address: address.into(), ..LoginOrigin::default() }
}

async fn log_in_id(app: &AppState, name: &str, password: &str, address: &str) -> Result<uuid::Uuid, LoginError> {
    log_in(app, name, password, &from(address)).await.map(|accepted| accepted.account)
}

fn typed(account: &str, document: &str, mobile: &str) -> SignupForm {
    SignupForm {
        account: account.into(),
        password: "Spring-2026-leaf".into(),
        password_again: "Spring-2026-leaf".into(),
        name: "张伟".into(),
        document_type: "resident_id".into(),
        document_number: document.into(),
        mobile: mobile.into(),
        email: format!("{account}@example.com"),
        agreed: "yes".into(),
        ..SignupForm::default()
    }
}

fn origin(session: &str) -> RequestOrigin {
    RequestOrigin { session: session.into(), address: format!("192.0.2.{}", session.len()) }
}

fn signup_code(mobile: &str) -> CodeTarget {
    CodeTarget::new(Purpose::Signup, mobile)
}

async fn last_code(app: &AppState) -> String {
    let body = crate::service::message::view::list_outbox(app).await.unwrap().remove(0).body;
    body.split("验证码 ").nth(1).unwrap()[..6].to_owned()
}

async fn register(app: &AppState, account: &str, document: &str, mobile: &str) -> uuid::Uuid {
    let me = origin(account);
    let id = begin_signup(app, &typed(account, document, mobile), &me).await.unwrap();
    send_code(app, signup_code(mobile), &me).await.unwrap();
    let code = last_code(app).await;
    confirm_signup(app, id, &code, &me).await.unwrap()
}

database_test!(who_confirms_the_code_can_sign_in, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    assert_eq!(log_in_id(&app, "ZhangWei", "Spring-2026-leaf", "192.0.2.9").await.unwrap(), account);
    assert!(matches!(log_in_id(&app, "zhangwei", "wrong", "192.0.2.9").await, Err(LoginError::Wrong)));
    assert!(matches!(log_in_id(&app, "nobody", "wrong", "192.0.2.9").await, Err(LoginError::Wrong)));
    let caller = crate::access::guard::load_caller(&app, account).await.unwrap().unwrap();
    assert_eq!((caller.person.name.as_str(), caller.person.sex), ("张伟", Sex::Male));
    assert_eq!(caller.person.masked_document(), "1****************1");
});

database_test!(a_document_a_mobile_or_an_address_registers_once, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    for (typed, field) in [
        (typed("other-one", "110101199003070011", "13812345679"), "document_number"),
        (typed("other-two", "11010119900307002X", "13812345678"), "mobile"),
        (typed("zhangwei", "11010119900307002X", "13812345679"), "account"),
    ] {
        let error = begin_signup(&app, &typed, &origin(field)).await.unwrap_err();
        let BeginSignupError::InvalidFields(faults) = error else { panic!("{error}") };
        assert!(faults.iter().any(|f| f.field == field), "{field}: {faults:?}");
    }
});

database_test!(what_was_taken_while_the_code_travelled_is_found_at_the_end, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let slow = origin("slow");
    let id = begin_signup(&app, &typed("slow-one", "110101199003070011", "13812345678"), &slow).await.unwrap();
    send_code(&app, signup_code("13812345678"), &slow).await.unwrap();
    let code = last_code(&app).await;
    register(&app, "fast-one", "110101199003070011", "13812345679").await;
    let error = confirm_signup(&app, id, &code, &slow).await.unwrap_err();
    assert!(matches!(&error, ConfirmSignupError::Taken(f) if f.field == "document_number"), "{error}");
});

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

database_test!(questions_about_others_are_limited, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let me = origin("me");
    for _ in 0..5 {
        begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await.unwrap();
    }
    let sixth = begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await;
    assert!(matches!(sixth, Err(BeginSignupError::TooMany)));
});

database_test!(tries_to_sign_in_are_limited_alike_for_known_and_unknown_accounts, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    for name in ["zhangwei", "nobody"] {
        for _ in 0..5 {
            assert!(matches!(log_in_id(&app, name, "wrong", "192.0.2.9").await, Err(LoginError::Wrong)));
        }
        assert!(matches!(log_in_id(&app, name, "Spring-2026-leaf", "192.0.2.9").await, Err(LoginError::TooMany)));
    }
    app.clock.advance(TimeDelta::seconds(60));
    assert!(log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await.is_ok());
});

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

database_test!(neither_number_nor_name_stands_in_the_database_in_clear, |db, _| async move {
    let (app, folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let mut rows = String::new();
    let mut tx = app.db.read().await.unwrap();
    let row = crate::infra::db::account::by_name(&mut tx, "zhangwei").await.unwrap().unwrap();
    rows.push_str(&String::from_utf8_lossy(&row.person_sealed));
    for marker in ["110101199003070011", "13812345678", "张伟"] {
        assert!(!rows.contains(marker), "{marker}");
    }
    drop(folder);
});

database_test!(the_owner_signs_in_at_once_after_a_hundred_wrong_tries_from_elsewhere, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    set_rule(&app, "login.slow_seconds", "0", "2026-01-01").await;
    for minute in 0..20 {
        for _ in 0..5 {
            let wrong = log_in_id(&app, "zhangwei", "wrong", &format!("198.51.100.{minute}")).await;
            assert!(matches!(wrong, Err(LoginError::Wrong)), "{wrong:?}");
        }
        let sixth = log_in_id(&app, "zhangwei", "Spring-2026-leaf", &format!("198.51.100.{minute}")).await;
        assert!(matches!(sixth, Err(LoginError::TooMany)), "{sixth:?}");
        app.clock.advance(TimeDelta::seconds(60));
    }
    set_rule(&app, "login.slow_seconds", "1", "2026-01-02").await;
    let begun = std::time::Instant::now();
    assert_eq!(log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await.unwrap(), account);
    let taken = begun.elapsed();
    assert!(taken > std::time::Duration::from_secs(1) && taken < std::time::Duration::from_secs(10), "slowed, not refused: {taken:?}");
});

database_test!(a_known_device_signs_in_from_the_address_of_an_attacker, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let token = known_device::issue(&app, account).await.unwrap();
    let known = LoginOrigin { device: token, ..from("192.0.2.9") };
    for name in ["zhangwei", "a", "b", "c", "d", "e", "f"] {
        for _ in 0..5 {
            let _ = log_in_id(&app, name, "wrong", "192.0.2.9").await;
        }
    }
    assert!(matches!(log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await, Err(LoginError::TooMany)));
    assert_eq!(log_in(&app, "zhangwei", "Spring-2026-leaf", &known).await.unwrap().account, account);
    for _ in 0..5 {
        assert!(matches!(log_in(&app, "zhangwei", "wrong", &known).await, Err(LoginError::Wrong)));
    }
    let stolen = log_in(&app, "zhangwei", "Spring-2026-leaf", &known).await;
    assert!(matches!(stolen, Err(LoginError::TooMany)), "a device has a limit of its own");
    let other = register(&app, "liming", "11010119900307002X", "13812345679").await;
    let foreign = LoginOrigin { device: known_device::issue(&app, other).await.unwrap(), ..from("192.0.2.9") };
    let refused = log_in(&app, "zhangwei", "Spring-2026-leaf", &foreign).await;
    assert!(matches!(refused, Err(LoginError::TooMany)), "the device of another account is unknown");
});

database_test!(right_passwords_do_not_count_as_attempts, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    for _ in 0..40 {
        log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await.unwrap();
    }
});

database_test!(a_log_in_that_its_address_refuses_writes_nothing, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    for n in 0..30 {
        assert!(matches!(log_in_id(&app, &format!("name{n}"), "wrong", "192.0.2.9").await, Err(LoginError::Wrong)));
    }
    let before = count(&app, "rate").await;
    for n in 0..300 {
        assert!(matches!(log_in_id(&app, &format!("other{n}"), "wrong", "192.0.2.9").await, Err(LoginError::TooMany)));
    }
    assert_eq!(count(&app, "rate").await, before);
    assert_eq!(count(&app, "sign_in_event").await, 0);
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
    assert!(recover(&app, "zhangwei", "13812345678", &code, "Autumn-2026-leaf", &me).await.unwrap().is_some());
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

database_test!(a_registration_says_what_is_taken_only_after_its_proof, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    set_rule(&app, "proof.work_bits", "15", "2026-01-02").await;
    let before = count(&app, "rate").await;
    let again = begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &origin("me")).await;
    assert!(matches!(again, Err(BeginSignupError::Proof(ProofError::Wrong))), "{again:?}");
    assert_eq!(count(&app, "rate").await, before, "nothing is written before the proof");
});

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
    let wrong = closing::close_own_account(&app, account, "wrong", "192.0.2.9").await;
    assert!(matches!(wrong, Err(closing::ClosingError::Password(_))));
    closing::close_own_account(&app, account, "Spring-2026-leaf", "192.0.2.9").await.unwrap();
    assert!(matches!(log_in_id(&app, "zhangwei", "Spring-2026-leaf", "192.0.2.9").await, Err(LoginError::Wrong)));
    let same_person = begin_signup(&app, &typed("zhangwei2", "110101199003070011", "13812345678"), &origin("me")).await;
    let Err(BeginSignupError::InvalidFields(faults)) = same_person else { panic!("{same_person:?}") };
    assert_eq!(faults.iter().map(|f| f.field).collect::<Vec<_>>(), ["document_number"]);
    app.clock.advance(TimeDelta::minutes(5));
    register(&app, "liming", "11010119900307002X", "13812345678").await;
});

async fn count(app: &AppState, table: &'static str) -> i64 {
    let mut tx = app.db.read().await.unwrap();
    db::testing::count_rows(&mut tx, table).await
}

database_test!(staff_without_a_second_factor_may_only_set_one_up, |db, _| async move {
    use domain::base::permission::{Action, GrantStatus, Role};
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let now = app.now();
    let grant = app
        .db
        .write(move |tx| Box::pin(async move { db::account::set_role_grant(tx, account, Role::Officer, GrantStatus::Active, now).await }));
    grant.await.unwrap();
    let allowed = async |action| {
        let caller = crate::access::guard::load_caller(&app, account).await.unwrap();
        crate::access::guard::authorize(&app, caller.as_ref(), action).map(|_| ())
    };
    for action in Action::ALL.iter().filter(|a| !matches!(a, Action::Public | Action::SignIn | Action::SignOut | Action::OwnAccount)) {
        assert_eq!(allowed(*action).await, Err(crate::access::guard::Denied::SecondFactor), "{action:?}");
    }
    allowed(Action::OwnAccount).await.unwrap();
    totp::begin_totp(&app, account).await.unwrap();
    let totp::TotpState::Pending(secret) = totp::totp_state(&app, account, "zhangwei").await.unwrap() else { panic!("not pending") };
    let code = totp::code_for_test(&secret.text, app.now());
    assert_eq!(totp::confirm_totp(&app, account, &code).await.unwrap().len(), 10);
    allowed(Action::AssociationWorkbench).await.unwrap();
    let removed = totp::remove_totp(&app, account, &[Role::Officer], &code).await;
    assert!(matches!(removed, Err(totp::TotpError::Required)));
});

database_test!(a_code_of_the_authenticator_app_signs_in_once_however_many_try_at_once, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    totp::begin_totp(&app, account).await.unwrap();
    let totp::TotpState::Pending(secret) = totp::totp_state(&app, account, "zhangwei").await.unwrap() else { panic!("not pending") };
    totp::confirm_totp(&app, account, &totp::code_for_test(&secret.text, app.now())).await.unwrap();
    app.clock.advance(TimeDelta::seconds(60));
    let accepted = log_in(&app, "zhangwei", "Spring-2026-leaf", &from("192.0.2.9")).await.unwrap();
    assert!(accepted.needs_code);
    let code = totp::code_for_test(&secret.text, app.now());
    let here = from("192.0.2.9");
    let all = futures::future::join_all((0..10).map(|_| totp::confirm_log_in(&app, account, &code, &here))).await;
    assert_eq!(all.iter().filter(|r| r.is_ok()).count(), 1, "{all:?}");
});

crate::demo_test!(a_log_in_that_a_new_password_overtakes_is_not_current, |demo| async move {
    let s = crate::demo::testing::TestApp::new(demo).await;
    let account = s.account("applicant").await;
    let accepted = log_in(&s.app, "applicant", "Demo-2026-pass", &from("10.0.0.1")).await.unwrap();
    assert!(crate::access::account::login::is_current(&s.app, account, accepted.credential).await.unwrap());
    s.app.db.write(move |tx| Box::pin(async move { db::account::set_password(tx, account, "another hash").await })).await.unwrap();
    assert!(!crate::access::account::login::is_current(&s.app, account, accepted.credential).await.unwrap());
});
