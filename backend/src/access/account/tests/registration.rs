//! Registration.

use super::*;

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

database_test!(a_field_that_was_filled_in_is_checked_alone, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let (me, proof) = (origin("me"), ProofAnswer::default());
    let check = async |form: &SignupForm, field: &str| signup::check_field(&app, form, field, &proof, &me).await;
    let taken = typed("zhangwei", "110101199003070011", "13812345678");
    let free = typed("other-one", "11010119900307002X", "13812345679");
    for field in ["account", "document_number", "mobile", "email"] {
        let only = |form: &SignupForm| {
            let text = |name: &str, text: &str| if name == field { text.to_owned() } else { String::new() };
            SignupForm {
                account: text("account", &form.account),
                document_type: text("document_number", &form.document_type),
                document_number: text("document_number", &form.document_number),
                mobile: text("mobile", &form.mobile),
                email: text("email", &form.email),
                ..SignupForm::default()
            }
        };
        let error = check(&only(&taken), field).await.unwrap_err();
        assert!(
            matches!(&error, BeginSignupError::InvalidFields(faults) if faults.iter().map(|f| f.field).eq([field])),
            "{field}: {error:?}"
        );
        check(&only(&free), field).await.unwrap();
    }
    check(&SignupForm { account: "other-one".into(), ..taken }, "account").await.unwrap();
});

database_test!(checks_of_fields_are_limited_by_address_and_need_a_proof, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    set_rule(&app, "signup.field_checks_per_ip_hour", "3", "2026-01-02").await;
    let (form, proof) = (typed("zhangwei", "110101199003070011", "13812345678"), ProofAnswer::default());
    for session in ["one", "two", "six"] {
        signup::check_field(&app, &form, "mobile", &proof, &origin(session)).await.unwrap();
    }
    let fourth = signup::check_field(&app, &form, "mobile", &proof, &origin("ten")).await;
    assert!(matches!(fourth, Err(BeginSignupError::TooMany)), "{fourth:?}");
    set_rule(&app, "proof.work_bits", "15", "2026-01-03").await;
    let before = count(&app, "rate").await;
    let unproved = signup::check_field(&app, &form, "mobile", &proof, &origin("me")).await;
    assert!(matches!(unproved, Err(BeginSignupError::Proof(ProofError::Wrong))), "{unproved:?}");
    assert_eq!(count(&app, "rate").await, before, "nothing is written before the proof");
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

database_test!(a_registration_says_what_is_taken_only_after_its_proof, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    set_rule(&app, "proof.work_bits", "15", "2026-01-02").await;
    let before = count(&app, "rate").await;
    let again = begin_signup(&app, &typed("zhangwei", "110101199003070011", "13812345678"), &origin("me")).await;
    assert!(matches!(again, Err(BeginSignupError::Proof(ProofError::Wrong))), "{again:?}");
    assert_eq!(count(&app, "rate").await, before, "nothing is written before the proof");
});
