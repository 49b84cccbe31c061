//! Changes of mobile number and mail address.

use super::*;
use crate::access::account::contact::{ContactError, change_email, change_mobile, send_email_code, send_mobile_codes};
use crate::matter::tests::races::at_once;

const PRESENT: &str = "13812345678";

/// Codes of the newest messages, newest first.
async fn last_codes(app: &AppState, count: usize) -> Vec<String> {
    let messages = crate::service::message::view::list_outbox(app).await.unwrap();
    messages.iter().take(count).map(|message| message.body.split("验证码 ").nth(1).unwrap()[..6].to_owned()).collect()
}

async fn outbox_len(app: &AppState) -> usize {
    crate::service::message::view::list_outbox(app).await.unwrap().len()
}

async fn registered(db: Db) -> (AppState, tempfile::TempDir, uuid::Uuid) {
    let (app, folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", PRESENT).await;
    app.clock.advance(TimeDelta::minutes(5));
    (app, folder, account)
}

database_test!(no_code_goes_to_a_new_number_if_the_present_one_may_get_none, |db, _| async move {
    let (app, _folder, account) = registered(db).await;
    for n in 0..5 {
        let target = CodeTarget::new(Purpose::MobileBefore, PRESENT);
        send_code(&app, target, &origin(&"x".repeat(n + 1))).await.unwrap();
    }
    let (sent, counters) = (outbox_len(&app).await, count(&app, "rate").await);
    let refused = send_mobile_codes(&app, account, PRESENT, "13912345678", &origin("me")).await;
    assert!(matches!(refused, Err(CodeSendError::Refused(SendRefusal::TooMany))), "{refused:?}");
    assert_eq!((outbox_len(&app).await, count(&app, "rate").await), (sent, counters), "nothing is sent or counted");
});

database_test!(twenty_requests_at_once_from_new_sessions_send_what_the_account_may_send, |db, _| async move {
    let (app, _folder, account) = registered(db).await;
    for same_number in [true, false] {
        let before = outbox_len(&app).await;
        let all = at_once((0..20).map(|n| {
            let app = app.clone();
            let new = if same_number { "13912345678".to_owned() } else { format!("139123456{n:02}") };
            let from = RequestOrigin { session: format!("new-{same_number}-{n}"), address: format!("198.51.100.{n}") };
            async move { send_mobile_codes(&app, account, PRESENT, &new, &from).await }
        }))
        .await;
        assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 5, "{all:?}");
        assert_eq!(outbox_len(&app).await, before + 10, "a pair each");
        app.clock.advance(TimeDelta::hours(2));
    }
});

database_test!(twenty_requests_at_once_from_one_address_send_what_the_address_may_send, |db, _| async move {
    let (app, _folder, _) = registered(db).await;
    let before = outbox_len(&app).await;
    let all = at_once((0..30).map(|n| {
        let app = app.clone();
        let from = RequestOrigin { session: format!("new-{n}"), address: "198.51.100.7".into() };
        async move { send_code(&app, signup_code(&format!("139123456{n:02}")), &from).await }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 20, "{all:?}");
    assert_eq!(outbox_len(&app).await, before + 20);
});

database_test!(twenty_requests_at_once_from_one_session_send_one_pair, |db, _| async move {
    let (app, _folder, account) = registered(db).await;
    let before = outbox_len(&app).await;
    let all = at_once((0..20).map(|_| {
        let app = app.clone();
        async move { send_mobile_codes(&app, account, PRESENT, "13912345678", &origin("me")).await }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1, "{all:?}");
    assert_eq!(outbox_len(&app).await, before + 2);
});

database_test!(twenty_mail_codes_at_once_from_new_sessions_are_what_the_account_may_send, |db, _| async move {
    let (app, _folder, account) = registered(db).await;
    let all = at_once((0..20).map(|n| {
        let app = app.clone();
        let from = RequestOrigin { session: format!("new-{n}"), address: format!("198.51.100.{n}") };
        async move { send_email_code(&app, account, &format!("new{n}@example.com"), &from).await }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 5, "{all:?}");
});

database_test!(of_twenty_changes_of_the_number_at_once_one_is_made_and_the_others_learn_it, |db, _| async move {
    let (app, _folder, account) = registered(db).await;
    let me = origin("me");
    send_mobile_codes(&app, account, PRESENT, "13912345678", &me).await.unwrap();
    let codes = last_codes(&app, 2).await;
    let all = at_once((0..20).map(|_| {
        let (app, codes, me) = (app.clone(), codes.clone(), me.clone());
        async move { change_mobile(&app, account, "13912345678", (&codes[0], &codes[1]), &me).await }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1, "{all:?}");
    assert!(all.iter().filter_map(|result| result.as_ref().err()).all(|error| matches!(error, ContactError::Changed)), "{all:?}");
});

database_test!(of_changes_to_two_numbers_and_an_address_at_once_none_undoes_another, |db, _| async move {
    let (app, _folder, account) = registered(db).await;
    let (one, other) = (origin("one"), origin("other one"));
    send_mobile_codes(&app, account, PRESENT, "13912345678", &one).await.unwrap();
    let first = last_codes(&app, 2).await;
    send_mobile_codes(&app, account, PRESENT, "13912345679", &other).await.unwrap();
    let second = last_codes(&app, 2).await;
    send_email_code(&app, account, "new@example.com", &one).await.unwrap();
    let mail = last_codes(&app, 1).await.remove(0);
    let all = at_once((0..21).map(|n| {
        let app = app.clone();
        let (new, codes, from) =
            if n % 3 == 0 { ("13912345678", first.clone(), one.clone()) } else { ("13912345679", second.clone(), other.clone()) };
        let (mail, mail_from) = (mail.clone(), one.clone());
        async move {
            if n % 3 == 2 {
                change_email(&app, account, "new@example.com", &mail, &mail_from).await.map(|()| "mail")
            } else {
                change_mobile(&app, account, new, (&codes[0], &codes[1]), &from).await.map(|()| new)
            }
        }
    }))
    .await;
    assert!(all.iter().all(|result| matches!(result, Ok(_) | Err(ContactError::Changed | ContactError::Code(..)))), "{all:?}");
    let done: Vec<&str> = all.iter().filter_map(|result| result.as_ref().ok().copied()).collect();
    let person = lookup::unseal_person(&app, account, &account_row(&app, account).await.person_sealed).unwrap();
    let mobile = done.iter().rfind(|done| **done != "mail").copied().unwrap_or(PRESENT);
    assert_eq!(done.iter().filter(|done| **done != "mail").count().max(1), 1, "{done:?}");
    assert_eq!(person.mobile, mobile, "{done:?}");
    assert_eq!(person.email == "new@example.com", done.contains(&"mail"), "{done:?}");
});
