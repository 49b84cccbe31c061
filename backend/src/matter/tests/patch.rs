//! Patches of devices.

use crate::workflow::execute::CommandRequest;
use domain::engine::draft::sync::{LocalDraft, SaveLocation, SyncReply};
use domain::engine::draft::{Op, Patch, PatchKey};
use domain::engine::form::{FileRef, Path, Value};
use domain::kind::registration::KIND;

use crate::matter::tests::*;

fn op(name: &str, value: &str) -> Op {
    Op { path: Path::field(name), value: Some(value.into()) }
}

fn device(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

async fn send(s: &TestApp, who: &Allowed, local: &mut LocalDraft) -> SyncReply {
    let patch = local.outgoing().unwrap();
    let answer = crate::workflow::patch::receive_patch(&s.app, who, &KIND, patch).await.unwrap();
    local.apply_reply(answer.clone());
    answer
}

demo_test!(a_draft_begun_on_a_device_reaches_the_server_once_however_often_it_is_sent, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let mut local = LocalDraft::begin(Uuid::now_v7(), KIND.code, device(1));
    local.edit(&[op("address", "  甲路 1 号 "), op("domain", "EMS")]);
    let patch = local.outgoing().unwrap();
    let all = futures::future::join_all((0..8).map(|_| crate::workflow::patch::receive_patch(&s.app, &who, &KIND, patch.clone()))).await;
    let answers: Vec<SyncReply> = all.into_iter().flatten().collect();
    assert!(!answers.is_empty() && answers.iter().all(|a| a.revision == 1), "{}", answers.len());
    local.apply_reply(answers[0].clone());
    assert_eq!((local.mine.text("address"), local.location()), ("甲路 1 号", SaveLocation::Server(1)));
    let again = crate::workflow::patch::receive_patch(&s.app, &who, &KIND, patch).await.unwrap();
    assert_eq!(again, answers[0]);
    let opened = crate::matter::load(&s.app, &who, local.matter).await.unwrap();
    assert_eq!((opened.revision, opened.title.as_str()), (1, "环境管理体系"));
});

demo_test!(two_devices_that_differ_are_asked_and_nothing_typed_is_lost, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = Uuid::now_v7();
    let (mut one, mut two) = (LocalDraft::begin(id, KIND.code, device(1)), LocalDraft::begin(id, KIND.code, device(2)));
    one.edit(&[op("address", "甲路"), op("postcode", "100000")]);
    two.edit(&[op("address", "乙路"), op("ethnicity", "汉族")]);
    send(&s, &who, &mut one).await;
    let answer = send(&s, &who, &mut two).await;
    assert_eq!(answer.questions.len(), 1);
    assert_eq!((two.mine.text("address"), two.questions[0].mine.as_ref().unwrap().text()), ("甲路", "乙路"));
    let there = crate::workflow::patch::draft_state(&s.app, &who, id).await.unwrap();
    assert_eq!((there.answers.text("postcode"), there.answers.text("ethnicity")), ("100000", "汉族"));
    two.resolve(&Path::field("address"), &domain::engine::draft::sync::Resolution::Mine);
    send(&s, &who, &mut two).await;
    one.apply_reply(crate::workflow::patch::draft_state(&s.app, &who, id).await.unwrap());
    assert_eq!((one.mine.text("address"), one.location()), ("乙路", SaveLocation::Server(3)));
});

demo_test!(twenty_patches_of_four_devices_at_once_all_arrive, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = Uuid::now_v7();
    let names = ["address", "postcode", "ethnicity", "name_pinyin"];
    let one = |n: usize| {
        let (s, who) = (&s, &who);
        async move {
            let mut local = LocalDraft::begin(id, KIND.code, device(n as u128));
            for round in 0..5 {
                local.edit(&[op(names[n], &format!("v{round}"))]);
                let patch = local.outgoing().unwrap();
                // Another device may have been faster; then the same patch is sent again.
                let answer = loop {
                    match crate::workflow::patch::receive_patch(&s.app, who, &KIND, patch.clone()).await {
                        Err(MatterError::ChangedMeanwhile | MatterError::Db(_)) => continue,
                        other => break other.unwrap(),
                    }
                };
                local.apply_reply(answer);
            }
        }
    };
    tokio::join!(one(0), one(1), one(2), one(3));
    let there = crate::workflow::patch::draft_state(&s.app, &who, id).await.unwrap();
    assert!(names.iter().all(|n| there.answers.text(n) == "v4"));
});

demo_test!(what_no_page_could_have_made_and_what_is_not_ones_own_is_refused, |demo| async move {
    let s = TestApp::new(demo).await;
    let (who, other) = (s.sign_in("applicant").await, s.sign_in("certified").await);
    let draft = s.matter(&who, "环境管理体系").await;
    let base_rev = crate::matter::load(&s.app, &who, draft).await.unwrap().revision;
    let patch = |seq, ops| Patch { matter: draft, base_rev, device: device(1), seq, ops, replaces: None };
    let file = {
        let theirs = s.matter(&other, "信息安全管理体系").await;
        crate::matter::load(&s.app, &other, theirs).await.unwrap().answers.files().next().unwrap().file
    };
    let stolen = Value::Files(vec![FileRef { file, name: "x.jpg".into(), size: 1, mime: "image/jpeg".into() }]);
    for (seq, ops) in [
        (1, vec![op("status", "approved")]),
        (2, vec![Op { path: Path::field("address"), value: Some(Value::Many(vec!["x".into()])) }]),
        (3, vec![Op { path: Path::field("photo"), value: Some(stolen) }]),
        (4, vec![Op { path: Path::Row("no_such_list".into(), Uuid::now_v7()), value: Some("kept".into()) }]),
    ] {
        let refused = crate::workflow::patch::receive_patch(&s.app, &who, &KIND, patch(seq, ops)).await;
        assert!(matches!(refused, Err(MatterError::InvalidPatch)), "{seq}");
    }
    let stranger = crate::workflow::patch::receive_patch(&s.app, &other, &KIND, patch(5, vec![op("address", "x")])).await;
    assert!(matches!(stranger, Err(MatterError::NotFound)));
    let future =
        crate::workflow::patch::receive_patch(&s.app, &who, &KIND, Patch { base_rev: base_rev + 1, ..patch(6, vec![op("address", "x")]) })
            .await;
    assert!(matches!(future, Err(MatterError::UnknownRevision)));
    let submitted = s.matter(&who, "质量管理体系").await;
    let closed = crate::workflow::patch::receive_patch(
        &s.app,
        &who,
        &KIND,
        Patch { matter: submitted, base_rev: 1, ..patch(7, vec![op("address", "x")]) },
    )
    .await;
    assert!(matches!(closed, Err(MatterError::NotEditable)));
    assert_eq!(crate::matter::load(&s.app, &who, draft).await.unwrap().revision, base_rev);
});

demo_test!(a_patch_opens_only_what_a_return_pointed_at, |demo| async move {
    let s = TestApp::new(demo).await;
    let (who, inst) = (s.sign_in("applicant").await, s.sign_in("inst-a").await);
    let id = s.matter(&who, "质量管理体系").await;
    let items =
        vec![domain::engine::flow::RectificationItem { id: Uuid::now_v7(), path: Path::field("postcode"), text: "请补充".into() }];
    let command = Command { name: "return".into(), note: "请补充".into(), items, ..Command::default() };
    crate::workflow::execute::execute(&s.app, &inst, CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command })
        .await
        .unwrap();
    let base_rev = crate::matter::load(&s.app, &who, id).await.unwrap().revision;
    let ops = vec![op("address", "别处"), op("postcode", "100080")];
    let patch = Patch { matter: id, base_rev, device: device(1), seq: 1, ops, replaces: None };
    let address = crate::matter::load(&s.app, &who, id).await.unwrap().answers.text("address").to_owned();
    let reply = crate::workflow::patch::receive_patch(&s.app, &who, &KIND, patch).await.unwrap();
    assert_eq!((reply.answers.text("postcode"), reply.answers.text("address")), ("100080", address.as_str()));
    assert_eq!(
        reply.refused.iter().map(|r| (&r.path, r.text.as_str())).collect::<Vec<_>>(),
        [(&Path::field("address"), &*MatterError::Locked.text())]
    );
});

demo_test!(the_last_typed_text_stands_without_a_question_in_whatever_order_patches_of_one_browser_arrive, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    for last_first in [false, true] {
        let mut local = LocalDraft::begin(Uuid::now_v7(), KIND.code, device(1));
        local.edit(&[op("postcode", "100000")]);
        send(&s, &who, &mut local).await;
        local.edit(&[op("address", "甲路 1 号")]);
        let under_way = local.outgoing().unwrap();
        local.edit(&[op("address", "甲路 12 号")]);
        let replaces = Some(PatchKey { device: device(1), seq: under_way.seq });
        let ops = vec![op("address", "甲路 12 号")];
        let left = Patch { matter: local.matter, base_rev: local.base_rev, device: device(9), seq: 1, ops, replaces };
        let mut order = [under_way.clone(), left];
        if last_first {
            order.reverse();
        }
        let mut reply = None;
        for patch in order {
            let number = (patch.device, patch.seq);
            let answer = crate::workflow::patch::receive_patch(&s.app, &who, &KIND, patch).await.unwrap();
            assert_eq!(answer.questions, [], "last first: {last_first}");
            if number == (device(1), under_way.seq) {
                reply = Some(answer);
            }
        }
        local.apply_reply(reply.unwrap());
        assert_eq!((local.mine.text("address"), local.questions.len()), ("甲路 12 号", 0));
        let there = crate::workflow::patch::draft_state(&s.app, &who, local.matter).await.unwrap();
        assert_eq!(there.answers.text("address"), "甲路 12 号", "last first: {last_first}");
    }
});

demo_test!(a_record_beyond_the_limit_comes_back_with_its_reason_and_holds_nothing_else_up, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let (_, list) = KIND.form.records("work").unwrap();
    let mut local = LocalDraft::begin(Uuid::now_v7(), KIND.code, device(1));
    let row = |id: Uuid| {
        let cell = Path::Cell("work".into(), id, "employer".into());
        vec![Op { path: Path::Row("work".into(), id), value: Some("kept".into()) }, Op { path: cell, value: Some("甲公司".into()) }]
    };
    (0..list.max).for_each(|_| local.edit(&row(Uuid::now_v7())));
    assert!(send(&s, &who, &mut local).await.refused.is_empty());
    let extra = Uuid::now_v7();
    local.edit(&row(extra));
    local.edit(&[op("address", "甲路 1 号")]);
    let patch = local.outgoing().unwrap();
    let answer = crate::workflow::patch::receive_patch(&s.app, &who, &KIND, patch.clone()).await.unwrap();
    // The reply was lost: the same patch gets the same answer.
    assert_eq!(crate::workflow::patch::receive_patch(&s.app, &who, &KIND, patch).await.unwrap(), answer);
    s.app.db.execute_raw("update draft_patch set seq = seq + 100 where length(answer_sealed) > 0").await;
    let moved = Patch { seq: 102, ..local.outgoing().unwrap() };
    let moved = crate::workflow::patch::receive_patch(&s.app, &who, &KIND, moved).await;
    assert!(matches!(moved, Err(MatterError::Db(db::DbError::Unreadable(_)))), "the answer to another patch: {moved:?}");
    assert_eq!(answer.refused.iter().map(|r| &r.path).collect::<Vec<_>>(), [&Path::Row("work".into(), extra)]);
    assert!(answer.refused[0].text.contains(&format!("最多 {} 条", list.max)), "{}", answer.refused[0].text);
    assert_eq!((answer.answers.text("address"), answer.answers.records("work").count()), ("甲路 1 号", list.max));
    local.apply_reply(answer);
    assert_eq!(local.mine.records("work").count(), list.max + 1);
    local.edit(&[op("postcode", "100000")]);
    assert_eq!(send(&s, &who, &mut local).await.answers.text("postcode"), "100000");
    // A removed record makes room.
    let first = local.base.records("work").next().unwrap().id;
    local.edit(&[Op { path: Path::Row("work".into(), first), value: None }]);
    let answer = send(&s, &who, &mut local).await;
    assert!(answer.refused.is_empty() && answer.answers.record("work", extra).is_some());
    assert!(!local.is_unsent());
});

demo_test!(a_device_learns_that_a_submitted_matter_has_all_of_its_patch, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = s.matter(&who, "质量管理体系").await;
    let matter = crate::matter::load(&s.app, &who, id).await.unwrap();
    let same = Op { path: Path::field("address"), value: matter.answers.fields.get("address").cloned() };
    let patch = |seq, ops| Patch { matter: id, base_rev: 1, device: device(1), seq, ops, replaces: None };
    let answer = crate::workflow::patch::receive_patch(&s.app, &who, &KIND, patch(1, vec![same])).await.unwrap();
    assert_eq!((answer.seq, answer.revision), (Some(1), matter.revision));
    let other = crate::workflow::patch::receive_patch(&s.app, &who, &KIND, patch(2, vec![op("address", "x")])).await;
    assert!(matches!(other, Err(MatterError::NotEditable)));
});
