//! Drafts that were deleted, and requests that come too late or once more.

use domain::engine::draft::{Op, Patch};
use domain::engine::form::{FileRef, Path, Value};
use domain::kind::registration::KIND;

use crate::matter::tests::races::at_once;
use crate::matter::tests::*;
use crate::workflow::draft::{begin_draft, discard_draft};
use crate::workflow::patch::{draft_state, receive_device_patch, receive_patch};

fn patch(matter: Uuid, device: u128, seq: u64, base_rev: i64, address: &str) -> Patch {
    let op = Op { path: Path::field("address"), value: Some(address.into()) };
    Patch { matter, base_rev, device: Uuid::from_u128(device), seq, ops: vec![op], replaces: None }
}

async fn exists(s: &TestApp, id: Uuid) -> bool {
    db::matter::by_id(&mut s.app.db.read().await.unwrap(), id).await.unwrap().is_some()
}

demo_test!(a_repeated_or_late_patch_does_not_bring_a_deleted_draft_back, |demo| async move {
    let s = TestApp::new(demo).await;
    let (who, other) = (s.sign_in("applicant").await, s.sign_in("certified").await);
    let id = Uuid::now_v7();
    let first = patch(id, 1, 1, 0, "甲路");
    receive_patch(&s.app, &who, &KIND, first.clone()).await.unwrap();
    discard_draft(&s.app, &who, id, None).await.unwrap();
    for late in [first.clone(), patch(id, 1, 2, 0, "乙路"), patch(id, 2, 1, 0, "丙路"), patch(id, 1, 3, 1, "丁路")] {
        let refused = receive_device_patch(&s.app, &who, &KIND, late, Some(who.account())).await;
        assert!(matches!(refused, Err(MatterError::Discarded)), "{refused:?}");
    }
    assert!(matches!(begin_draft(&s.app, &who, &KIND, id).await, Err(MatterError::Discarded)), "the page is posted again");
    assert!(matches!(draft_state(&s.app, &who, id).await, Err(MatterError::Discarded)));
    assert!(matches!(discard_draft(&s.app, &who, id, None).await, Err(MatterError::Discarded)));
    assert!(!exists(&s, id).await);
    for refused in [begin_draft(&s.app, &other, &KIND, id).await.map(|_| ()), receive_patch(&s.app, &other, &KIND, first).await.map(|_| ())]
    {
        assert!(matches!(refused, Err(MatterError::NotFound)), "another account learns nothing: {refused:?}");
    }
    assert!(!exists(&s, id).await);
});

demo_test!(patches_beside_a_deletion_leave_no_draft, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    for _ in 0..3 {
        let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
        let mut jobs: Vec<crate::infra::db::BoxFuture<'static, Result<(), MatterError>>> = Vec::new();
        for i in 0..19_u128 {
            let (app, who) = (s.app.clone(), who.clone());
            jobs.push(Box::pin(async move { receive_patch(&app, &who, &KIND, patch(id, i + 1, 1, 0, "甲路")).await.map(|_| ()) }));
        }
        let (app, deleter) = (s.app.clone(), who.clone());
        jobs.insert(7, Box::pin(async move { discard_draft(&app, &deleter, id, None).await }));
        for result in at_once(jobs).await {
            let fault = |error: &MatterError| matches!(error.class(), ErrorClass::Internal | ErrorClass::Unavailable);
            assert!(!result.as_ref().is_err_and(fault), "{result:?}");
        }
        assert!(!exists(&s, id).await);
    }
});

demo_test!(a_photo_that_a_patch_leaves_as_it_is_is_not_read_again, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = s.matter(&who, "环境管理体系").await;
    let photo = Path::field("photo");
    crate::workflow::files::attach(&s.app, &who, id, photo.clone(), "证件照.jpg", crate::demo::actions::picture()).await.unwrap();
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    let attached: FileRef = opened.answers.fields["photo"].files()[0].clone();
    let same = Op { path: photo.clone(), value: Some(Value::Files(vec![attached.clone()])) };
    let mut sent = patch(id, 1, 1, opened.revision, "甲路");
    sent.ops.push(same.clone());
    // Without its content the photo cannot be checked.
    std::fs::remove_dir_all(s.demo.folder.path().join("files")).unwrap();
    receive_patch(&s.app, &who, &KIND, sent).await.unwrap();
    let elsewhere = Patch { matter: Uuid::now_v7(), base_rev: 0, device: Uuid::from_u128(1), seq: 1, ops: vec![same], replaces: None };
    let refused = receive_patch(&s.app, &who, &KIND, elsewhere).await;
    assert!(matches!(refused, Err(MatterError::File(_))), "another draft has no photo yet: {refused:?}");
});
