//! 两步验证.

use super::*;
use crate::access::account::password_change::{PasswordChange, change_password};
use crate::matter::tests::races::at_once;

database_test!(staff_without_a_second_factor_may_only_set_one_up, |db, _| async move {
    use domain::base::permission::{GrantStatus, Role};
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let now = app.now();
    let grant = app
        .db
        .write(move |tx| Box::pin(async move { db::account::set_role_grant(tx, account, Role::Officer, GrantStatus::Active, now).await }));
    grant.await.unwrap();
    let permitted = async |action| {
        let caller = crate::access::guard::load_caller(&app, account).await.unwrap();
        crate::access::guard::authorize(&app, caller.as_ref(), action).map(|_| ())
    };
    for action in Action::ALL.iter().filter(|a| !matches!(a, Action::Public | Action::SignIn | Action::SignOut | Action::OwnAccount)) {
        assert_eq!(permitted(*action).await, Err(crate::access::guard::Denied::SecondFactor), "{action:?}");
    }
    permitted(Action::OwnAccount).await.unwrap();
    let (secret, recovery_codes) = turn_on_totp(&app, account).await;
    assert_eq!(recovery_codes.len(), 10);
    permitted(Action::AssociationWorkbench).await.unwrap();
    let code = totp::code_for_test(&secret, app.now());
    let removed = totp::remove_totp(&app, confirmed(&app, account).await, &[Role::Officer], &code).await;
    assert!(matches!(removed, Err(totp::TotpError::Required)));
});

database_test!(a_code_of_the_authenticator_app_signs_in_once_however_many_try_at_once, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let (secret, _) = turn_on_totp(&app, account).await;
    let accepted = log_in(&app, "zhangwei", "Spring-2026-leaf", &from("192.0.2.9")).await.unwrap();
    assert!(accepted.needs_code);
    let code = totp::code_for_test(&secret, app.now());
    let here = from("192.0.2.9");
    let all = futures::future::join_all((0..10).map(|_| totp::confirm_log_in(&app, account, &code, &here))).await;
    assert_eq!(all.iter().filter(|r| r.is_ok()).count(), 1, "{all:?}");
});

database_test!(confirming_a_second_factor_that_is_on_does_not_look_at_the_code, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let (secret, _) = turn_on_totp(&app, account).await;
    for code in [totp::code_for_test(&secret, app.now()), "000000".to_owned(), "x".to_owned()] {
        let again = totp::confirm_totp(&app, account, &code, Vec::new()).await;
        assert!(matches!(again, Err(totp::TotpError::NotPending)), "{code}: {again:?}");
    }
    let unused = totp::code_for_test(&secret, app.now());
    totp::confirm_log_in(&app, account, &unused, &from("192.0.2.9")).await.unwrap();
});

database_test!(of_twenty_confirmations_of_one_secret_at_once_one_gives_recovery_codes, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    totp::begin_totp(&app, confirmed(&app, account).await).await.unwrap();
    let code = totp::code_for_test(&pending_secret(&app, account).await, app.now());
    let all = at_once((0..20).map(|_| {
        let (app, code) = (app.clone(), code.clone());
        async move { totp::confirm_totp(&app, account, &code, Vec::new()).await }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1, "{all:?}");
    assert!(all.iter().filter_map(|result| result.as_ref().err()).all(|error| matches!(error, totp::TotpError::NotPending)), "{all:?}");
    assert_eq!(count(&app, "recovery_code").await, 10);
});

database_test!(wrong_codes_of_somebody_who_knows_the_password_leave_the_owner_a_way_in, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let (secret, recovery_codes) = turn_on_totp(&app, account).await;
    let own_device = LoginOrigin { device: known_device::issue(&app, account).await.unwrap(), ..from("192.0.2.9") };
    let attacker = from("198.51.100.1");
    for wrong in ["000000", "AAAA-BBBB-CCCC-DDDD"] {
        let tries = at_once((0..60).map(|_| {
            let (app, attacker) = (app.clone(), attacker.clone());
            async move { totp::confirm_log_in(&app, account, wrong, &attacker).await }
        }))
        .await;
        let looked_at = tries.iter().filter(|result| matches!(result, Err(totp::TotpError::Wrong))).count();
        assert_eq!(looked_at, 20, "bounded, also at once: {tries:?}");
        assert!(tries.iter().all(Result::is_err));
    }
    let code = totp::code_for_test(&secret, app.now());
    let guessed = totp::confirm_log_in(&app, account, &code, &attacker).await;
    assert!(matches!(guessed, Err(totp::TotpError::TooMany)), "{guessed:?}");
    totp::confirm_log_in(&app, account, &recovery_codes[0], &from("192.0.2.9")).await.unwrap();
    totp::confirm_log_in(&app, account, &code, &own_device).await.unwrap();
    app.clock.advance(TimeDelta::seconds(60));
    let code = totp::code_for_test(&secret, app.now());
    totp::renew_recovery_codes(&app, confirmed(&app, account).await, &code).await.unwrap();
});

database_test!(a_recovery_code_is_used_once_however_many_try_at_once, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let (_, recovery_codes) = turn_on_totp(&app, account).await;
    let all = at_once((0..20).map(|n| {
        let (app, code) = (app.clone(), recovery_codes[0].clone());
        async move { totp::confirm_log_in(&app, account, &code, &from(&format!("192.0.2.{n}"))).await }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1, "{all:?}");
});

database_test!(of_a_renewal_and_a_removal_with_one_code_at_once_one_is_done, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let (secret, _) = turn_on_totp(&app, account).await;
    let (code, proof) = (totp::code_for_test(&secret, app.now()), confirmed(&app, account).await);
    let all = at_once((0..20).map(|n| {
        let (app, code, proof) = (app.clone(), code.clone(), proof.clone());
        async move {
            if n % 2 == 0 {
                totp::renew_recovery_codes(&app, proof, &code).await.map(|_| ())
            } else {
                totp::remove_totp(&app, proof, &[], &code).await
            }
        }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1, "{all:?}");
});

database_test!(a_log_in_by_password_alone_is_not_current_once_the_second_factor_is_on, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let accepted = log_in(&app, "zhangwei", PASSWORD, &from("192.0.2.9")).await.unwrap();
    assert!(!accepted.needs_code);
    turn_on_totp(&app, account).await;
    assert!(!login::is_current(&app, account, accepted.version).await.unwrap());
});

database_test!(a_proof_of_a_password_is_void_after_a_new_one, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let (secret, _) = turn_on_totp(&app, account).await;
    let proof = confirmed(&app, account).await;
    let change = PasswordChange { present: PASSWORD, new: "Autumn-2026-leaf", session: Vec::new(), address: "192.0.2.9" };
    change_password(&app, &allowed(&app, account).await, change).await.unwrap();
    let code = totp::code_for_test(&secret, app.now());
    for result in [
        totp::begin_totp(&app, proof.clone()).await,
        totp::remove_totp(&app, proof.clone(), &[], &code).await,
        totp::renew_recovery_codes(&app, proof, &code).await.map(|_| ()),
    ] {
        assert!(matches!(result, Err(totp::TotpError::Password(ReauthenticationError::Changed))), "{result:?}");
    }
});
