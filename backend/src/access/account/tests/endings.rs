//! The end of an account and of its sessions beside everything its person does at the same time.

use domain::base::permission::{GrantStatus, Role};
use domain::engine::flow::Command;
use domain::kind::registration;
use uuid::Uuid;

use super::*;
use crate::access::account::closing::ClosingError;
use crate::access::account::password_change::{PasswordChange, PasswordChangeError, change_password};
use crate::access::account::status::StatusError;
use crate::access::guard::Allowed;
use crate::demo::testing::TestApp;
use crate::demo::testing::create_applicants;
use crate::demo_test;
use crate::infra::db::account::AccountStatus;
use crate::matter::tests::races::at_once;
use crate::matter::{ErrorClass, MatterError};
use crate::service::admin::{AccountMeasure, AdminError, change_account, set_role};
use crate::workflow::draft::begin_draft;
use crate::workflow::execute::{CommandRequest, execute};

const DEMO_PASSWORD: &str = "Demo-2026-pass";
/// Rounds of a race whose order of events matters.
const ROUNDS: usize = 7;

/// What an account does beside its end.
async fn act(app: AppState, who: Allowed, matter: Uuid, revision: i64, submits: bool) -> Result<(), MatterError> {
    if submits {
        let command = Command { name: "submit".into(), revision: Some(revision), ..Command::default() };
        return execute(&app, &who, CommandRequest { key: Uuid::now_v7(), matter, seen: None, command }).await.map(|_| ());
    }
    begin_draft(&app, &who, &registration::KIND, Uuid::now_v7()).await.map(|_| ())
}

async fn open_matters(app: &AppState, account: Uuid) -> i64 {
    db::account::count_open_matters(&mut app.db.read().await.unwrap(), account).await.unwrap()
}

demo_test!(an_account_is_not_closed_beside_a_submission_that_succeeds, |demo| async move {
    let s = TestApp::new(demo).await;
    for ready in create_applicants(&s.app, ROUNDS).await.unwrap() {
        let who = s.sign_in(&ready.account).await;
        let revision = crate::matter::load(&s.app, &who, ready.matter).await.unwrap().revision;
        let app = s.app.clone();
        let account = who.account();
        let proof = confirm_password(&app, &who, DEMO_PASSWORD, "192.0.2.9").await.unwrap();
        let closing = tokio::spawn({
            let app = app.clone();
            async move { closing::close_confirmed(&app, proof).await }
        });
        let submitted = act(app.clone(), who, ready.matter, revision, true).await;
        let closed = closing.await.unwrap();
        assert!(submitted.is_ok() != closed.is_ok(), "{submitted:?} {closed:?}");
        let row = account_row(&app, account).await;
        assert_eq!(row.status == AccountStatus::Disabled, closed.is_ok());
        assert_eq!(open_matters(&app, account).await, i64::from(submitted.is_ok()));
        assert!(matches!(closed, Ok(()) | Err(ClosingError::OpenMatters(1))), "{closed:?}");
    }
});

demo_test!(nothing_that_an_account_begins_is_stored_after_its_end, |demo| async move {
    let s = TestApp::new(demo).await;
    let ready = create_applicants(&s.app, 2).await.unwrap();
    for (ready, disables) in ready.into_iter().zip([false, true]) {
        let who = s.sign_in(&ready.account).await;
        let before = count(&s.app, "matter").await;
        let proof = confirm_password(&s.app, &who, DEMO_PASSWORD, "192.0.2.9").await.unwrap();
        let all = at_once((0..20).map(|n| {
            let (app, who, proof, name) = (s.app.clone(), who.clone(), proof.clone(), ready.account.clone());
            async move {
                match (n, disables) {
                    (10, true) => change_account(&app, &name, AccountMeasure::Disable).await.map_err(|error| panic!("{error}")),
                    (10, false) => closing::close_confirmed(&app, proof).await.map_err(|error| panic!("{error}")),
                    _ => act(app, who, Uuid::nil(), 0, false).await,
                }
            }
        }))
        .await;
        let begun = all.iter().filter(|result| result.is_ok()).count() - 1;
        assert_eq!(count(&s.app, "matter").await, before + i64::try_from(begun).unwrap());
        let ended = |error: &MatterError| matches!(error, MatterError::Db(DbError::AccountEnded)) && error.class() == ErrorClass::Conflict;
        assert!(all.iter().filter_map(|result| result.as_ref().err()).all(ended), "{all:?}");
        assert!(act(s.app.clone(), who, Uuid::nil(), 0, false).await.is_err_and(|error| ended(&error)));
    }
});

demo_test!(every_write_of_an_ended_account_is_refused, |demo| async move {
    let s = TestApp::new(demo).await;
    let ready = create_applicants(&s.app, 1).await.unwrap().remove(0);
    let who = s.sign_in(&ready.account).await;
    let app = &s.app;
    let loaded = crate::matter::load(app, &who, ready.matter).await.unwrap();
    let record = domain::engine::form::Record { id: Uuid::now_v7(), fields: std::collections::BTreeMap::new(), removed: false };
    change_account(app, &ready.account, AccountMeasure::Disable).await.unwrap();
    let (id, revision) = (ready.matter, loaded.revision);
    let refused = [
        ("begin", act(app.clone(), who.clone(), id, 0, false).await.err()),
        ("submit", act(app.clone(), who.clone(), id, revision, true).await.err()),
        ("copy", crate::workflow::copy::copy_matter(app, &who, id, Uuid::now_v7()).await.err()),
        ("discard", crate::workflow::draft::discard_draft(app, &who, id, None).await.err()),
        ("library", crate::workflow::library::put_record(app, &who, "education", &record, "").await.err()),
        ("offers", crate::workflow::library::save_offered(app, &who, id, Vec::new(), None).await.err()),
        ("file", crate::workflow::files::store_file(app, &who, "a.jpg", crate::demo::actions::picture()).await.err()),
    ];
    for (what, error) in refused {
        assert!(matches!(error, Some(MatterError::Db(DbError::AccountEnded))), "{what}: {error:?}");
    }
    let read = crate::service::message::inbox::mark_all_read(app, &who).await;
    assert_eq!(read, Err(DbError::AccountEnded));
});

#[test]
fn every_write_of_a_caller_begins_with_the_lock_of_its_account() {
    let mut faults = Vec::new();
    let mut folders = vec![FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.extend((name != "tests" && name != "demo").then_some(path));
            } else if name != "tests.rs" {
                let source = std::fs::read_to_string(&path).unwrap();
                let source = source.split("mod tests {").next().unwrap();
                for function in source.split("fn ").filter(|text| text.contains("who: &Allowed") && text.contains(".write(move |tx|")) {
                    found += 1;
                    if !function.contains(".on_behalf_of(") && !function.contains(".lock_account(tx)") {
                        faults.push(format!("{}: {}", path.display(), function.lines().next().unwrap()));
                    }
                }
            }
        }
    }
    assert!(found > 15, "{found}");
    assert!(faults.is_empty(), "{faults:#?}");
}

database_test!(of_twenty_closings_at_once_one_closes_the_account, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let proof = confirmed(&app, account).await;
    let all = at_once((0..20).map(|_| {
        let (app, proof) = (app.clone(), proof.clone());
        async move { closing::close_confirmed(&app, proof).await }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1, "{all:?}");
    let changed = |error: &ClosingError| matches!(error, ClosingError::Password(ReauthenticationError::Changed));
    assert!(all.iter().filter_map(|result| result.as_ref().err()).all(changed), "{all:?}");
});

database_test!(an_account_is_not_closed_beside_a_role_that_it_gets, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    for n in 0..ROUNDS {
        let name = format!("zhangwei{n}");
        let account = register(&app, &name, &document(n), &format!("1381234567{n}")).await;
        app.clock.advance(TimeDelta::hours(1));
        let proof = confirmed(&app, account).await;
        let closing = tokio::spawn({
            let app = app.clone();
            async move { closing::close_confirmed(&app, proof).await }
        });
        let granted = set_role(&app, &name, Role::Officer, GrantStatus::Active).await;
        let closed = closing.await.unwrap();
        match (&granted, &closed) {
            (Ok(()), Err(ClosingError::Duties)) | (Err(AdminError::Status(StatusError::Final)), Ok(())) => {}
            other => panic!("{other:?}"),
        }
    }
});

/// The n-th of seven resident identity numbers.
fn document(n: usize) -> String {
    let body = format!("1101011990030{:04}", 7001 + 2 * n);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    format!("{body}{}", &"10X98765432"[sum as usize % 11..][..1])
}

database_test!(of_several_new_passwords_at_once_one_is_set_and_the_others_learn_it, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let who = allowed(&app, account).await;
    let all = at_once((0..20).map(|n| {
        let (app, who) = (app.clone(), who.clone());
        async move {
            let (new, address) = (format!("Autumn-2026-leaf{n}"), format!("192.0.2.{n}"));
            let change = PasswordChange { present: PASSWORD, new: &new, session: Vec::new(), address: &address };
            change_password(&app, &who, change).await
        }
    }))
    .await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1, "{all:?}");
    let fair = |error: &PasswordChangeError| {
        matches!(error, PasswordChangeError::Present(ReauthenticationError::Changed | ReauthenticationError::TooMany))
    };
    assert!(all.iter().filter_map(|result| result.as_ref().err()).all(fair), "{all:?}");
    assert!(all.iter().any(|result| matches!(result, Err(PasswordChangeError::Present(ReauthenticationError::Changed)))), "{all:?}");
    let winner = all.iter().position(Result::is_ok).unwrap();
    log_in_id(&app, "zhangwei", &format!("Autumn-2026-leaf{winner}"), "192.0.2.90").await.unwrap();
});

database_test!(a_recovery_and_a_change_at_once_leave_the_password_of_one_that_succeeded, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    let me = origin("me");
    send_code(&app, recovery_target(&app, "zhangwei", "13812345678").await.unwrap(), &me).await.unwrap();
    let code = last_code(&app).await;
    let who = allowed(&app, account).await;
    let change = PasswordChange { present: PASSWORD, new: "Autumn-2026-leaf", session: Vec::new(), address: "192.0.2.9" };
    let (recovered, changed) =
        tokio::join!(recover(&app, "zhangwei", "13812345678", &code, "Winter-2026-leaf", &me), change_password(&app, &who, change));
    recovered.unwrap();
    let works = async |password: &str| log_in_id(&app, "zhangwei", password, "192.0.2.9").await.is_ok();
    assert!(works("Winter-2026-leaf").await, "the recovery came last, or the change was refused: {changed:?}");
    assert!(!works("Autumn-2026-leaf").await);
    if let Err(error) = changed {
        assert!(matches!(error, PasswordChangeError::Present(ReauthenticationError::Changed)), "{error:?}");
    }
});

database_test!(a_log_in_that_any_end_of_the_sessions_overtakes_is_not_current, |db, _| async move {
    let (app, _folder) = app_without_proof(db).await;
    let account = register(&app, "zhangwei", "110101199003070011", "13812345678").await;
    for (n, end) in ["others", "disable", "reset", "password"].into_iter().enumerate() {
        let password = PASSWORD;
        let accepted = log_in(&app, "zhangwei", password, &from(&format!("192.0.2.{n}"))).await.unwrap();
        assert!(login::is_current(&app, account, accepted.version).await.unwrap());
        match end {
            "others" => assert!(sessions::end_other_sessions(&app, account, Vec::new()).await.is_ok()),
            "disable" => {
                change_account(&app, "zhangwei", AccountMeasure::Disable).await.unwrap();
                change_account(&app, "zhangwei", AccountMeasure::Enable).await.unwrap();
            }
            "reset" => change_account(&app, "zhangwei", AccountMeasure::ResetSecondFactor).await.unwrap(),
            _ => {
                let change = PasswordChange { present: password, new: "Autumn-2026-leaf", session: Vec::new(), address: "192.0.2.9" };
                change_password(&app, &allowed(&app, account).await, change).await.unwrap();
            }
        }
        assert!(!login::is_current(&app, account, accepted.version).await.unwrap(), "{end}");
    }
});
