use std::fs;

use domain::base::identity::{Document, DocumentType, Mobile};

use super::*;
use crate::access::account::fingerprints::find_by_document;
use crate::access::account::recovery::recovery_target;
use crate::access::account::signup::{insert_account, new_account_row};
use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::infra::keyring::{self, key_path, share_fingerprint_keys};
use crate::infra::secret::Keys;

async fn add_key(test: &TestApp) {
    test.app.keys.add_fingerprint_key().unwrap();
    keyring::record(&test.app.db, &test.app.keys, &key_path(test.demo.folder.path()), test.app.now()).await.unwrap();
}

/// Whether the account is found by its document and mobile number, and its recovery reaches it.
async fn is_found(app: &AppState, name: &str, person: &Person) -> bool {
    let kind = DocumentType::from_code(&person.document_type).unwrap();
    let document = Document::parse(kind, &person.document_number, app.today()).unwrap();
    let mobile = Mobile::parse(&person.mobile).unwrap();
    let mut tx = app.db.read().await.unwrap();
    let found = find_by_document(&mut tx, &app.keys, &document, &person.document_number, &mobile).await.unwrap();
    drop(tx);
    found.is_some_and(|row| row.name == name) && recovery_target(app, name, &person.mobile).await.unwrap().deliver
}

/// Another account, with the document of this person unless a number is given.
fn another(app: &AppState, person: &Person, name: &str, number: Option<&str>) -> (AccountRow, Person) {
    let person = Person {
        document_number: number.unwrap_or(&person.document_number).to_owned(),
        mobile: format!("mobile-{name}"),
        email: format!("{name}@example.com"),
        ..person.clone()
    };
    (new_account_row(app, name, &person, String::new(), false), person)
}

async fn insert(app: &AppState, (row, person): (AccountRow, Person)) -> Result<(), DbError> {
    let keys = app.keys.clone();
    app.db.write(move |tx| Box::pin(async move { insert_account(tx, &keys, row, &person).await })).await
}

demo_test!(accounts_are_found_before_while_and_after_their_fingerprints_are_computed_anew, |demo| async move {
    let test = TestApp::new(demo).await;
    let running = test.demo.app().await;
    let person = test.sign_in("certified").await.caller().person.clone();
    assert!(is_found(&test.app, "certified", &person).await);
    add_key(&test).await;
    // A server that has read the key file before finds the key, and the accounts under the older one.
    for app in [&test.app, &running] {
        assert!(is_found(app, "certified", &person).await);
        let refused = insert(app, another(app, &person, "double", None)).await;
        assert!(refused.is_err_and(|e| e.violates("account", "document_fingerprint")));
    }
    let done = refingerprint_all(&test.app).await.unwrap();
    assert!(done.accounts > 10 && done.unreadable == 0, "{done:?}");
    assert_eq!(refingerprint_all(&test.app).await.unwrap(), Refingerprinted::default(), "nothing is left to do");
    for app in [&test.app, &running, &test.demo.app().await] {
        assert!(is_found(app, "certified", &person).await);
        assert!(insert(app, another(app, &person, "double", None)).await.is_err_and(|e| e.violates("account", "document_fingerprint")));
    }
    let row = db::account::by_name(&mut test.app.db.read().await.unwrap(), "certified").await.unwrap().unwrap();
    assert_ne!(row.mobile_fingerprint, test.app.keys.fingerprints_by_key("mobile", &person.mobile)[0], "the older key found it");
});

demo_test!(registrations_beside_a_rotation_make_no_second_account_of_one_document, |demo| async move {
    let test = TestApp::new(demo).await;
    let running = test.demo.app().await;
    let person = test.sign_in("certified").await.caller().person.clone();
    let registrations = futures::future::join_all((0..40).map(|i| {
        let (app, person) = (if i % 2 == 0 { &test.app } else { &running }, &person);
        async move {
            tokio::time::sleep(std::time::Duration::from_millis(i * 5)).await;
            // Ten people, each of whom registers four times.
            insert(app, another(app, person, &format!("new-{i}"), Some(&format!("E{:08}", i % 10)))).await
        }
    }));
    let rotation = async {
        add_key(&test).await;
        refingerprint_all(&test.app).await.unwrap()
    };
    let (registered, done) = tokio::join!(registrations, rotation);
    assert_eq!(done.unreadable, 0);
    // With the fingerprints of one key alone, a second account of a document violates its constraint.
    refingerprint_all(&test.app).await.unwrap();
    let won = registered.iter().filter(|r| r.is_ok()).count();
    assert!((5..=10).contains(&won), "{registered:?}");
    // Who registers in the moment in which the key is added may be asked to try again.
    let lost = |e: &DbError| e.violates("account", "document_fingerprint") || *e == DbError::Unavailable;
    assert!(registered.iter().filter_map(|r| r.as_ref().err()).all(lost), "{registered:?}");
});

demo_test!(a_server_without_the_new_key_stores_and_finds_no_identity, |demo| async move {
    let test = TestApp::new(demo).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = key_path(elsewhere.path());
    Keys::create(&copy).unwrap();
    fs::copy(key_path(test.demo.folder.path()), &copy).unwrap();
    let other = Keys::load(&copy).unwrap();
    let share = async |keys: &Keys| share_fingerprint_keys(&mut test.app.db.read().await.unwrap(), keys).await;
    assert_eq!(share(&other).await, Ok(()));
    test.app.keys.add_fingerprint_key().unwrap();
    assert_eq!(share(&test.app.keys).await, Err(DbError::Unavailable), "the key is not recorded yet");
    keyring::record(&test.app.db, &test.app.keys, &key_path(test.demo.folder.path()), test.app.now()).await.unwrap();
    assert_eq!(share(&test.app.keys).await, Ok(()));
    assert_eq!(share(&other).await, Err(DbError::Unavailable));
});
