//! Registration, codes and signing in, on both databases with the time held still.

use crate::access::account::code::CodeSendError;
use crate::access::account::code::CodeTarget;
use crate::access::account::login::LoginError;
use crate::access::account::signup::BeginSignupError;
use crate::access::account::signup::ConfirmSignupError;
use std::path::Path as FilePath;

use chrono::TimeDelta;
use domain::record::account::{CodeRefusal, Purpose, SendRefusal, SignupForm};

use crate::access::account::*;
use crate::database_test;
use crate::infra::clock::Clock;
use crate::infra::db::Db;
use crate::state::AppState;

async fn app(db: Db) -> (AppState, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
    (AppState::open(db, FilePath::new(folder.path()), clock, false).await.unwrap(), folder)
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
    CodeTarget { purpose: Purpose::Signup, mobile: mobile.into(), deliver: true }
}

async fn last_code(app: &AppState) -> String {
    let body = crate::service::message::view::list_outbox(app).await.unwrap().remove(0).body;
    body.split("验证码 ").nth(1).unwrap()[..6].to_owned()
}

async fn register(app: &AppState, account: &str, document: &str, mobile: &str) -> uuid::Uuid {
    let me = origin(account);
    let id = crate::access::account::signup::begin_signup(app, &typed(account, document, mobile), &me).await.unwrap();
    crate::access::account::code::send_code(app, signup_code(mobile), &me).await.unwrap();
    let code = last_code(app).await;
    crate::access::account::signup::confirm_signup(app, id, &code, &me).await.unwrap()
}

database_test!(who_confirms_the_code_can_sign_in, |db, _| async move {
    let (app, _folder) = app(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let me = origin("zhangwei");
    assert_eq!(crate::access::account::login::log_in(&app, "ZhangWei", "Spring-2026-leaf", &me).await.unwrap(), account);
    assert!(matches!(crate::access::account::login::log_in(&app, "zhangwei", "wrong", &me).await, Err(LoginError::Wrong)));
    assert!(matches!(crate::access::account::login::log_in(&app, "nobody", "wrong", &me).await, Err(LoginError::Wrong)));
    let caller = crate::access::guard::load_caller(&app, account).await.unwrap().unwrap();
    assert_eq!((caller.person.name.as_str(), caller.person.sex), ("张伟", Sex::Male));
    assert_eq!(caller.person.masked_document(), "1****************1");
});

database_test!(a_document_a_mobile_or_an_address_registers_once, |db, _| async move {
    let (app, _folder) = app(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    for (typed, field) in [
        (typed("other-one", "110101199003070011", "13812345679"), "document_number"),
        (typed("other-two", "11010119900307002X", "13812345678"), "mobile"),
        (typed("zhangwei", "11010119900307002X", "13812345679"), "account"),
    ] {
        let error = crate::access::account::signup::begin_signup(&app, &typed, &origin(field)).await.unwrap_err();
        let BeginSignupError::InvalidFields(faults) = error else { panic!("{error}") };
        assert!(faults.iter().any(|f| f.field == field), "{field}: {faults:?}");
    }
});

database_test!(what_was_taken_while_the_code_travelled_is_found_at_the_end, |db, _| async move {
    let (app, _folder) = app(db).await;
    let slow = origin("slow");
    let id =
        crate::access::account::signup::begin_signup(&app, &typed("slow-one", "110101199003070011", "13812345678"), &slow).await.unwrap();
    crate::access::account::code::send_code(&app, signup_code("13812345678"), &slow).await.unwrap();
    let code = last_code(&app).await;
    register(&app, "fast-one", "110101199003070011", "13812345679").await;
    let error = crate::access::account::signup::confirm_signup(&app, id, &code, &slow).await.unwrap_err();
    assert!(matches!(&error, ConfirmSignupError::Taken(f) if f.field == "document_number"), "{error}");
});

database_test!(a_code_is_good_for_two_minutes_to_the_instant, |db, _| async move {
    let (app, _folder) = app(db).await;
    let me = origin("me");
    let id =
        crate::access::account::signup::begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await.unwrap();
    crate::access::account::code::send_code(&app, signup_code("13812345678"), &me).await.unwrap();
    let code = last_code(&app).await;
    app.clock.advance(TimeDelta::milliseconds(120_000));
    let late = crate::access::account::signup::confirm_signup(&app, id, &code, &me).await.unwrap_err();
    assert!(matches!(late, ConfirmSignupError::Code(CodeRefusal::Expired)), "{late}");
    crate::access::account::code::send_code(&app, signup_code("13812345678"), &me).await.unwrap();
    let code = last_code(&app).await;
    app.clock.advance(TimeDelta::milliseconds(119_900));
    crate::access::account::signup::confirm_signup(&app, id, &code, &me).await.unwrap();
});

database_test!(one_code_in_two_minutes_and_the_wait_is_told, |db, _| async move {
    let (app, _folder) = app(db).await;
    let me = origin("me");
    let send = || crate::access::account::code::send_code(&app, signup_code("13812345678"), &me);
    send().await.unwrap();
    app.clock.advance(TimeDelta::seconds(50));
    let soon = send().await.unwrap_err();
    assert!(matches!(soon, CodeSendError::Refused(SendRefusal::TooSoon(70))), "{soon:?}");
    assert_eq!(crate::access::account::code::seconds_until_resend(&app, "13812345678").await.unwrap(), Some(70));
    app.clock.advance(TimeDelta::seconds(70));
    send().await.unwrap();
    assert_eq!(crate::service::message::view::list_outbox(&app).await.unwrap().len(), 2);
});

database_test!(many_asking_at_once_get_one_code, |db, _| async move {
    let (app, _folder) = app(db).await;
    let origins: Vec<RequestOrigin> = (0..40).map(|i| origin(&"x".repeat(i + 1))).collect();
    let all =
        futures::future::join_all(origins.iter().map(|o| crate::access::account::code::send_code(&app, signup_code("13812345678"), o)))
            .await;
    let sent = all.iter().filter(|r| r.is_ok()).count();
    assert_eq!(sent, crate::service::message::view::list_outbox(&app).await.unwrap().len());
    assert_eq!(sent, 1);
});

database_test!(five_wrong_tries_make_a_code_worthless, |db, _| async move {
    let (app, _folder) = app(db).await;
    let me = origin("me");
    let id =
        crate::access::account::signup::begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await.unwrap();
    crate::access::account::code::send_code(&app, signup_code("13812345678"), &me).await.unwrap();
    let code = last_code(&app).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for left in [4, 3, 2, 1] {
        let error = crate::access::account::signup::confirm_signup(&app, id, wrong, &me).await.unwrap_err();
        assert!(matches!(error, ConfirmSignupError::Code(CodeRefusal::Wrong(n)) if n == left), "{error:?}");
    }
    assert!(matches!(
        crate::access::account::signup::confirm_signup(&app, id, wrong, &me).await,
        Err(ConfirmSignupError::Code(CodeRefusal::Void))
    ));
    assert!(matches!(
        crate::access::account::signup::confirm_signup(&app, id, &code, &me).await,
        Err(ConfirmSignupError::Code(CodeRefusal::Void))
    ));
});

database_test!(a_code_of_another_browser_or_purpose_is_wrong, |db, _| async move {
    let (app, _folder) = app(db).await;
    let me = origin("me");
    let id =
        crate::access::account::signup::begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await.unwrap();
    crate::access::account::code::send_code(&app, signup_code("13812345678"), &me).await.unwrap();
    let code = last_code(&app).await;
    let other = crate::access::account::signup::confirm_signup(&app, id, &code, &origin("other")).await.unwrap_err();
    assert!(matches!(other, ConfirmSignupError::Code(CodeRefusal::Wrong(_))), "{other:?}");
});

database_test!(questions_about_others_are_limited, |db, _| async move {
    let (app, _folder) = app(db).await;
    let me = origin("me");
    for _ in 0..5 {
        crate::access::account::signup::begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await.unwrap();
    }
    let sixth = crate::access::account::signup::begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &me).await;
    assert!(matches!(sixth, Err(BeginSignupError::TooMany)));
});

database_test!(tries_to_sign_in_are_limited_alike_for_known_and_unknown_accounts, |db, _| async move {
    let (app, _folder) = app(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    for name in ["zhangwei", "nobody"] {
        for _ in 0..5 {
            assert!(matches!(crate::access::account::login::log_in(&app, name, "wrong", &origin(name)).await, Err(LoginError::Wrong)));
        }
        assert!(matches!(
            crate::access::account::login::log_in(&app, name, "Spring-2026-leaf", &origin(name)).await,
            Err(LoginError::TooMany)
        ));
    }
    app.clock.advance(TimeDelta::seconds(60));
    assert!(crate::access::account::login::log_in(&app, "zhangwei", "Spring-2026-leaf", &origin("zhangwei")).await.is_ok());
});

database_test!(recovery_sends_a_code_only_to_the_number_of_the_account_and_never_says_so, |db, _| async move {
    let (app, _folder) = app(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    app.clock.advance(TimeDelta::minutes(5));
    let me = origin("me");
    let sent = crate::service::message::view::list_outbox(&app).await.unwrap().len();
    let stranger = crate::access::account::recovery::recovery_target(&app, "zhangwei", "13812345679").await.unwrap();
    crate::access::account::code::send_code(&app, stranger, &me).await.unwrap();
    assert_eq!(crate::service::message::view::list_outbox(&app).await.unwrap().len(), sent);
    let mine = crate::access::account::recovery::recovery_target(&app, "zhangwei", "13812345678").await.unwrap();
    crate::access::account::code::send_code(&app, mine, &me).await.unwrap();
    let code = last_code(&app).await;
    crate::access::account::recovery::recover(&app, "zhangwei", "13812345678", &code, "Autumn-2026-leaf", &me).await.unwrap();
    assert!(crate::access::account::login::log_in(&app, "zhangwei", "Autumn-2026-leaf", &me).await.is_ok());
    assert!(matches!(crate::access::account::login::log_in(&app, "zhangwei", "Spring-2026-leaf", &me).await, Err(LoginError::Wrong)));
});

database_test!(neither_number_nor_name_stands_in_the_database_in_clear, |db, _| async move {
    let (app, folder) = app(db).await;
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
