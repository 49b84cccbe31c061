//! Log-in: limits, known devices, and sessions.

use super::*;
use crate::access::account::password_change::{PasswordChange, change_password};

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

crate::demo_test!(a_log_in_that_a_new_password_overtakes_is_not_current, |demo| async move {
    let s = crate::demo::testing::TestApp::new(demo).await;
    let account = s.account("applicant").await;
    let accepted = log_in(&s.app, "applicant", "Demo-2026-pass", &from("10.0.0.1")).await.unwrap();
    assert!(crate::access::account::login::is_current(&s.app, account, accepted.version).await.unwrap());
    let change = PasswordChange { present: "Demo-2026-pass", new: "Autumn-2026-leaf", session: Vec::new(), address: "10.0.0.1" };
    change_password(&s.app, &allowed(&s.app, account).await, change).await.unwrap();
    assert!(!crate::access::account::login::is_current(&s.app, account, accepted.version).await.unwrap());
});
