//! What one account can store: sizes of answers, revisions, replies to patches, drafts, files.

use domain::base::rule::key;
use domain::engine::draft::sync::LocalDraft;
use domain::engine::draft::{Op, Patch};
use domain::engine::form::{FileRef, MAX_DRAFT_BYTES, Oversized, Path, Value};
use domain::kind::registration::KIND;

use crate::matter::tests::*;
use crate::workflow::draft::{begin_draft, edit_draft};
use crate::workflow::patch::{receive_device_patch, receive_patch};

fn text_op(path: Path, text: &str) -> Op {
    Op { path, value: Some(text.into()) }
}

fn patch(matter: Uuid, seq: u64, base_rev: i64, ops: Vec<Op>) -> Patch {
    Patch { matter, base_rev, device: Uuid::from_u128(1), seq, ops, replaces: None }
}

/// Stored bytes of a draft: its revisions and the replies to its patches.
async fn stored_bytes(s: &TestApp, matter: Uuid) -> (usize, i64) {
    let mut tx = s.app.db.read().await.unwrap();
    let sizes = db::revision::list_sizes(&mut tx, matter).await.unwrap();
    let replies = db::patch::stored_bytes(&mut tx, matter).await.unwrap();
    (sizes.len(), sizes.iter().map(|(_, size)| size).sum::<i64>() + replies)
}

demo_test!(an_answer_that_is_far_too_long_is_refused_at_its_field_and_nothing_is_stored, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let field = KIND.form.field_at(&Path::field("address")).unwrap();
    let long = "路".repeat(field.max_saved_chars() + 1);
    let fields = BTreeMap::from([("address".to_owned(), long.as_str().into())]);
    let edited = edit_draft(&s.app, &who, id, DraftEdit::Fields { step: "person".into(), base: 0, fields }).await.unwrap_err();
    assert!(matches!(&edited, MatterError::Oversized(Oversized::Answer { path, .. }) if *path == Path::field("address")), "{edited}");
    assert!(edited.text().contains(field.label), "{}", edited.text());
    assert_eq!(stored_bytes(&s, id).await, (0, 0));
    // A patch is taken but for it.
    let ops = vec![text_op(Path::field("address"), &long), text_op(Path::field("postcode"), "100080")];
    let reply = receive_patch(&s.app, &who, &KIND, patch(id, 1, 0, ops)).await.unwrap();
    assert_eq!((reply.answers.text("address"), reply.answers.text("postcode")), ("", "100080"));
    assert_eq!(reply.refused.iter().map(|r| (&r.path, r.text.as_str())).collect::<Vec<_>>(), [(&Path::field("address"), &*edited.text())]);
    assert!(stored_bytes(&s, id).await.1 < 4_000);
});

demo_test!(responses_are_taken_only_for_items_that_were_asked, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let response = Path::Cell("_responses".into(), Uuid::now_v7(), "answer".into());
    let refused = receive_patch(&s.app, &who, &KIND, patch(id, 1, 0, vec![text_op(response, "已补充")])).await;
    assert!(matches!(refused, Err(MatterError::InvalidPatch)));
});

demo_test!(a_hundred_saves_of_a_draft_take_the_room_of_a_few, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let mut local = LocalDraft::begin(Uuid::now_v7(), KIND.code, Uuid::from_u128(1));
    // Another device has a base of its own, to which it may come back.
    let mut other = None;
    for round in 0..100 {
        local.edit(&[text_op(Path::field("address"), &format!("甲路 {round} 号"))]);
        let sent = local.outgoing().unwrap();
        local.apply_reply(receive_patch(&s.app, &who, &KIND, sent).await.unwrap());
        if round == 10 {
            let mut two = LocalDraft::at(local.matter, KIND.code, Uuid::from_u128(2), local.base_rev, local.base.clone());
            two.edit(&[text_op(Path::field("postcode"), "100000")]);
            let sent = two.outgoing().unwrap();
            two.apply_reply(receive_patch(&s.app, &who, &KIND, sent).await.unwrap());
            local.apply_reply(crate::workflow::patch::draft_state(&s.app, &who, local.matter).await.unwrap());
            other = Some(two);
        }
    }
    let (revisions, bytes) = stored_bytes(&s, local.matter).await;
    assert!(revisions <= 30, "{revisions}");
    assert!(bytes <= 30 * 400, "{bytes}");
    let mut other = other.unwrap();
    other.edit(&[text_op(Path::field("ethnicity"), "汉族")]);
    let sent = other.outgoing().unwrap();
    other.apply_reply(receive_patch(&s.app, &who, &KIND, sent).await.unwrap());
    assert_eq!((other.mine.text("address"), other.mine.text("ethnicity"), other.questions.len()), ("甲路 99 号", "汉族", 0));
});

demo_test!(a_page_whose_revision_is_gone_is_asked_and_loses_nothing, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let fields = |text: &str| BTreeMap::from([("address".to_owned(), text.into())]);
    let page = |base, text: &str| DraftEdit::Fields { step: "person".into(), base, fields: fields(text) };
    for round in 0..30 {
        edit_draft(&s.app, &who, id, page(round, &format!("甲路 {round} 号"))).await.unwrap();
    }
    let asked = edit_draft(&s.app, &who, id, page(2, "乙路")).await.unwrap_err();
    assert!(matches!(&asked, MatterError::EditConflicts(questions, typed) if questions.len() == 1 && typed["address"].text() == "乙路"));
    edit_draft(&s.app, &who, id, page(2, "甲路 29 号")).await.unwrap();
});

demo_test!(an_account_saves_only_so_many_bytes_a_minute_and_then_goes_on, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    s.set_rule(key::DRAFT_SAVE_MB, "0").await;
    let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let edit = |base, text: &str| DraftEdit::Fields { step: "person".into(), base, fields: [("address".to_owned(), text.into())].into() };
    edit_draft(&s.app, &who, id, edit(0, "甲")).await.unwrap();
    assert!(matches!(edit_draft(&s.app, &who, id, edit(1, "乙")).await, Err(MatterError::SavedTooOften)));
    s.app.clock.advance(TimeDelta::days(1));
    s.set_rule(key::DRAFT_SAVE_MB, "32").await;
    assert_eq!(edit_draft(&s.app, &who, id, edit(1, "乙")).await.unwrap().revision, 2);
    const { assert!(MAX_DRAFT_BYTES < 32 << 20) };
});

demo_test!(drafts_of_an_account_are_limited_and_a_deleted_one_makes_room, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("expert1").await;
    s.set_rule(key::DRAFTS_MAX, "2").await;
    let first = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let refused = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap_err();
    assert!(refused.text().contains("2 份"), "{}", refused.text());
    crate::workflow::draft::discard_draft(&s.app, &who, first, None).await.unwrap();
    begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
});

demo_test!(drafts_begun_at_once_do_not_exceed_the_limit, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("expert1").await;
    s.set_rule(key::DRAFTS_MAX, "3").await;
    let all = futures::future::join_all((0..12).map(|_| begin_draft(&s.app, &who, &KIND, Uuid::now_v7()))).await;
    assert_eq!(all.iter().filter(|begun| begun.is_ok()).count(), 3, "{all:?}");
});

demo_test!(a_patch_decides_neither_name_size_nor_type_of_a_file, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let pdf = crate::infra::file::testing::pdf(b"<html></html>");
    crate::workflow::files::attach(&s.app, &who, id, Path::field("other"), "证明.pdf", pdf).await.unwrap();
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    let stored = opened.answers.files().next().unwrap().clone();
    let claimed = |name: &str, mime: &str| FileRef { name: name.into(), size: 1, mime: mime.into(), ..stored.clone() };
    let files = |name: &str, files: Vec<FileRef>| Op { path: Path::field(name), value: Some(Value::Files(files)) };
    let reply =
        receive_patch(&s.app, &who, &KIND, patch(id, 1, opened.revision, vec![files("other", vec![claimed("职称证明.hta", "text/html")])]));
    assert_eq!(reply.await.unwrap().answers.files().collect::<Vec<_>>(), [&stored]);
    let photo =
        receive_patch(&s.app, &who, &KIND, patch(id, 2, opened.revision, vec![files("photo", vec![claimed("证件照.jpg", "image/jpeg")])]));
    let refused = photo.await.unwrap_err();
    assert!(matches!(&refused, MatterError::File(error) if error.code() == "photo_not_jpeg"), "{refused}");
});

demo_test!(a_patch_attaches_no_more_files_than_a_field_takes, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let mut files = Vec::new();
    for number in 0..3 {
        let pdf = crate::infra::file::testing::pdf(&[number]);
        files.push(crate::workflow::files::store_file(&s.app, &who, "证明.pdf", pdf).await.unwrap());
    }
    let front = |files: &[FileRef]| vec![Op { path: Path::field("id_card_front"), value: Some(Value::Files(files.to_vec())) }];
    let ops = [front(&files), vec![text_op(Path::field("address"), "甲路")]].concat();
    let reply = receive_patch(&s.app, &who, &KIND, patch(id, 1, 0, ops)).await.unwrap();
    assert_eq!((reply.answers.files().count(), reply.answers.text("address")), (0, "甲路"), "what was refused holds nothing else up");
    assert_eq!(
        reply.refused.iter().map(|r| (&r.path, r.text.as_str())).collect::<Vec<_>>(),
        [(&Path::field("id_card_front"), "最多上传 1 个文件，请先移除不再需要的")]
    );
    let twice = [files[0].clone(), files[0].clone()];
    let reply = receive_patch(&s.app, &who, &KIND, patch(id, 2, 0, front(&twice))).await.unwrap();
    assert_eq!(reply.answers.files().count(), 1, "the same file twice is one file");
});

demo_test!(files_of_an_account_have_a_total_size, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("expert1").await;
    s.set_rule(key::UPLOAD_ACCOUNT_MB, "1").await;
    let pdf = |fill: u8| crate::infra::file::testing::pdf(&[fill; 600_000]);
    crate::workflow::files::store_file(&s.app, &who, "a.pdf", pdf(b'a')).await.unwrap();
    let refused = crate::workflow::files::store_file(&s.app, &who, "b.pdf", pdf(b'b')).await.unwrap_err();
    assert!(matches!(&refused, MatterError::File(error) if error.code() == "file_quota"), "{refused}");
});

demo_test!(what_one_account_typed_is_not_taken_under_the_session_of_another, |demo| async move {
    let s = TestApp::new(demo).await;
    let (typist, other) = (s.sign_in("applicant").await, s.sign_in("certified").await);
    let sent = |id| patch(id, 1, 0, vec![text_op(Path::field("address"), "甲路")]);
    let id = Uuid::now_v7();
    for typed_by in [Some(typist.account()), None] {
        let refused = receive_device_patch(&s.app, &other, &KIND, sent(id), typed_by).await;
        assert!(matches!(refused, Err(MatterError::OtherAccount)), "{typed_by:?}");
    }
    assert_eq!(receive_device_patch(&s.app, &typist, &KIND, sent(id), Some(typist.account())).await.unwrap().revision, 1);
    // A device of an earlier release names no account; it can go on with a draft that exists.
    let known = begin_draft(&s.app, &typist, &KIND, Uuid::now_v7()).await.unwrap();
    assert_eq!(receive_device_patch(&s.app, &typist, &KIND, sent(known), None).await.unwrap().revision, 1);
});
