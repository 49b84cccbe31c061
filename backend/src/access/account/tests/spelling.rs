//! Texts of a person in other spellings: the same number is the same, also one that an earlier version stored.

use domain::base::identity::{Document, DocumentType, Mobile};

use super::*;
use crate::access::account::forgotten_name::send_account_name;
use crate::access::account::signup::new_account_row;

fn permit(account: &str, number: &str, mobile: &str) -> SignupForm {
    SignupForm {
        document_type: "hkmo_permit".into(),
        sex: "male".into(),
        birth_date: "1990年3月7日".into(),
        ..typed(account, number, mobile)
    }
}

fn fields(error: BeginSignupError) -> Vec<&'static str> {
    match error {
        BeginSignupError::InvalidFields(faults) => faults.iter().map(|fault| fault.field).collect(),
        other => panic!("{other}"),
    }
}

database_test!(a_document_a_mobile_or_an_address_in_another_spelling_is_the_same, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let other = |account: &str, document: &str, mobile: &str| typed(account, document, mobile);
    let email = SignupForm { email: "mailto:zhangwei@Example.com".into(), ..other("other-one", "11010119900307002X", "13812345679") };
    for (form, field) in [
        (other("other-two", "110101 19900307 0011", "13812345679"), "document_number"),
        (other("other-three", "11010119900307002*", "0086 138–1234–5678"), "mobile"),
        (email, "email"),
    ] {
        assert_eq!(fields(begin_signup(&app, &form, &origin(&form.account)).await.unwrap_err()), [field], "{}", form.account);
    }
});

database_test!(a_permit_with_its_issue_count_is_the_same_permit, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    for (account, first, again) in [("permit-one", "H65432109", "H6543210901"), ("permit-two", "M1234567801", "M 1234 5678")] {
        let mobile = if account == "permit-one" { "13812345678" } else { "13812345677" };
        let me = origin(account);
        let id = begin_signup(&app, &permit(account, first, mobile), &me).await.unwrap();
        send_code(&app, signup_code(mobile), &me).await.unwrap();
        let code = last_code(&app).await;
        confirm_signup(&app, id, &format!("{} {}", &code[..3], &code[3..]), &me).await.unwrap();
        let error = begin_signup(&app, &permit("another", again, "13812345600"), &origin("x")).await.unwrap_err();
        assert_eq!(fields(error), ["document_number"], "{first} {again}");
    }
});

database_test!(a_permit_stored_with_its_issue_count_is_still_found, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let person = Person {
        name: "陈大文".into(),
        document_type: "hkmo_permit".into(),
        document_number: "H6543210903".into(),
        sex: Sex::Male,
        birth_date: "1990-03-07".parse().unwrap(),
        mobile: "13812345678".into(),
        email: "chan@example.com".into(),
    };
    let row = new_account_row(&app, "chantaiman", &person, String::new(), false);
    app.db.write(move |tx| Box::pin(async move { db::account::insert(tx, &row).await })).await.unwrap();
    for (number, taken) in [("H65432109", true), ("H6543210904", true), ("H65432108", false)] {
        let begun = begin_signup(&app, &permit("another", number, "13812345600"), &origin(number)).await;
        assert_eq!(begun.is_err(), taken, "{number}");
    }
    let document = Document::parse(DocumentType::HkmoPermit, "H65432109", app.today()).unwrap();
    let mobile = Mobile::parse("138 1234 5678").unwrap();
    send_account_name(&app, (&document, "H65432109"), &mobile, &origin("y")).await.unwrap();
    let sent = crate::service::message::view::list_outbox(&app).await.unwrap();
    assert!(sent.iter().any(|message| message.body.contains("登录账号为 chantaiman")));
});
