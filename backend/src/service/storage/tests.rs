//! Files without a reference go after a day, on both databases; all others stay.

use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use domain::base::rule::key;
use domain::engine::form::Path;
use uuid::Uuid;

use super::{sweep_file_rows, sweep_folder};
use crate::access::guard::Allowed;
use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::infra::db;
use crate::workflow::draft::{DraftEdit, begin_draft, discard_draft, edit_draft};
use crate::workflow::files::{attach, own_file};

fn pdf(text: &str) -> Vec<u8> {
    crate::infra::file::testing::pdf(text.as_bytes())
}

/// A draft of the account with one file, and the file.
async fn draft_with_file(s: &TestApp, who: &Allowed, text: &str) -> (Uuid, Uuid) {
    let id = begin_draft(&s.app, who, &domain::kind::registration::KIND, Uuid::now_v7()).await.unwrap();
    attach(&s.app, who, id, Path::field("other"), "证明.pdf", pdf(text)).await.unwrap();
    let file = crate::matter::load(&s.app, who, id).await.unwrap().answers.files().next().unwrap().file;
    (id, file)
}

demo_test!(a_file_of_a_deleted_draft_goes_after_a_day_and_one_of_another_draft_stays, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("expert1").await;
    let (gone, file) = draft_with_file(&s, &who, "one").await;
    let (_, other) = draft_with_file(&s, &who, "two").await;
    discard_draft(&s.app, &who, gone, None).await.unwrap();
    sweep_file_rows(&s.app).await.unwrap();
    assert!(own_file(&s.app, &who, file).await.unwrap().is_some(), "not before a day has passed");
    s.app.clock.advance(TimeDelta::hours(25));
    sweep_file_rows(&s.app).await.unwrap();
    assert!(own_file(&s.app, &who, file).await.unwrap().is_none());
    assert!(own_file(&s.app, &who, other).await.unwrap().is_some());
});

demo_test!(a_file_taken_out_of_a_draft_stays_while_a_stored_revision_has_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("expert1").await;
    let (id, file) = draft_with_file(&s, &who, "one").await;
    edit_draft(&s.app, &who, id, DraftEdit::Detach { path: Path::field("other"), file }).await.unwrap();
    s.app.clock.advance(TimeDelta::hours(25));
    sweep_file_rows(&s.app).await.unwrap();
    assert!(own_file(&s.app, &who, file).await.unwrap().is_some());
    for round in 0..30 {
        let fields = [("address".to_owned(), format!("甲路 {round} 号").as_str().into())].into();
        let base = crate::matter::load(&s.app, &who, id).await.unwrap().revision;
        edit_draft(&s.app, &who, id, DraftEdit::Fields { step: "person".into(), base, fields }).await.unwrap();
    }
    s.app.clock.advance(TimeDelta::hours(25));
    sweep_file_rows(&s.app).await.unwrap();
    assert!(own_file(&s.app, &who, file).await.unwrap().is_none());
});

demo_test!(files_of_applications_records_and_vouchers_of_the_demo_stay, |demo| async move {
    let s = TestApp::new(demo).await;
    let count = || async {
        let mut tx = s.app.db.read().await.unwrap();
        db::file::count(&mut tx).await.unwrap()
    };
    let before = count().await;
    for name in ["applicant", "certified", "teacher", "expert1"] {
        let account = s.account(name).await;
        let now = s.app.now();
        s.app.db.write(move |tx| Box::pin(async move { db::file::plan_sweep(tx, account, now).await })).await.unwrap();
    }
    s.app.clock.advance(TimeDelta::days(2));
    sweep_file_rows(&s.app).await.unwrap();
    assert_eq!(count().await, before);
    assert!(before > 0);
});

demo_test!(content_without_a_row_and_parts_of_failed_writes_are_removed_from_the_disk, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("expert1").await;
    let orphan = s.app.files.store(who.account(), pdf("orphan")).await.unwrap();
    let (_, file) = draft_with_file(&s, &who, "kept").await;
    let digest = {
        let mut tx = s.app.db.read().await.unwrap();
        db::file::by_id(&mut tx, file).await.unwrap().unwrap().sha256
    };
    let folder = s.demo.folder.path().join("files").join(format!("{:02x}", orphan.digest[0]));
    std::fs::write(folder.join("broken.part"), b"x").unwrap();
    let young = SystemTime::now() - Duration::from_secs(3600);
    let all = SystemTime::now() + Duration::from_secs(3600);
    for first in [orphan.digest[0], digest[0]] {
        sweep_folder(&s.app, first, young).await.unwrap();
    }
    assert!(s.app.files.read(&orphan.digest).await.is_ok() && folder.join("broken.part").exists(), "what is young stays");
    for first in [orphan.digest[0], digest[0]] {
        sweep_folder(&s.app, first, all).await.unwrap();
    }
    assert!(s.app.files.read(&orphan.digest).await.is_err() && !folder.join("broken.part").exists());
    assert!(s.app.files.read(&digest).await.is_ok());
});

demo_test!(names_of_files_on_the_disk_do_not_show_their_content, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("expert1").await;
    let known = pdf("known document");
    let stored = s.app.files.store(who.account(), known.clone()).await.unwrap();
    assert_ne!(stored.digest, crate::infra::secret::sha256(&known));
    assert_eq!(s.app.files.read(&stored.digest).await.unwrap(), known);
});

demo_test!(sent_messages_codes_commands_patches_and_ids_of_drafts_are_deleted_when_their_time_is_over, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("expert1").await;
    let (id, _) = draft_with_file(&s, &who, "one").await;
    let sent = domain::engine::draft::Patch { matter: id, base_rev: 0, device: Uuid::nil(), seq: 1, ops: Vec::new(), replaces: None };
    crate::workflow::patch::receive_patch(&s.app, &who, &domain::kind::registration::KIND, sent).await.unwrap();
    let (discarded, _) = draft_with_file(&s, &who, "two").await;
    crate::workflow::draft::discard_draft(&s.app, &who, discarded, None).await.unwrap();
    let counts = || async {
        let mut tx = s.app.db.read().await.unwrap();
        db::retention::count_all(&mut tx).await.unwrap()
    };
    let full = counts().await;
    assert!(full.iter().all(|count| *count > 0), "{full:?}");
    crate::service::cleanup::delete_expired(&s.app).await.unwrap();
    assert_eq!(counts().await, full, "nothing is old yet");
    let days = s.app.tables().rules.on(s.app.today()).int(key::RETAIN_MESSAGE_DAYS);
    s.app.clock.advance(TimeDelta::days(days + 1));
    s.app.db.write(|tx| Box::pin(async move { db::retention::mark_all_sent(tx).await })).await.unwrap();
    crate::service::cleanup::delete_expired(&s.app).await.unwrap();
    assert_eq!(counts().await, [0; 5]);
});
