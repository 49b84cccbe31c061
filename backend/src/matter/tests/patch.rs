//! Patches of devices.

use crate::workflow::execute::Act;
use domain::engine::draft::sync::{Answered, Local, Where};
use domain::engine::draft::{Op, Patch};
use domain::engine::form::{FileRef, Path, Value};
use domain::kind::registration::KIND;

use crate::matter::tests::*;

fn op(name: &str, value: &str) -> Op {
    Op { path: Path::field(name), value: Some(value.into()) }
}

fn device(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

async fn send(s: &Stage, who: &Allowed, local: &mut Local) -> Answered {
    let patch = local.outgoing().unwrap();
    let answer = crate::workflow::patch::take_patch(&s.app, who, &KIND, patch).await.unwrap();
    local.answered(answer.clone());
    answer
}

#[test]
fn a_draft_begun_on_a_device_reaches_the_server_once_however_often_it_is_sent() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let who = s.enter("applicant").await;
        let mut local = Local::begin(Uuid::now_v7(), KIND.code, device(1));
        local.edit(&[op("address", "  甲路 1 号 "), op("domain", "EMS")]);
        let patch = local.outgoing().unwrap();
        let all = futures::future::join_all((0..8).map(|_| crate::workflow::patch::take_patch(&s.app, &who, &KIND, patch.clone()))).await;
        let answers: Vec<Answered> = all.into_iter().flatten().collect();
        assert!(!answers.is_empty() && answers.iter().all(|a| a.revision == 1), "{}", answers.len());
        local.answered(answers[0].clone());
        assert_eq!((local.mine.text("address"), local.place()), ("甲路 1 号", Where::There(1)));
        let again = crate::workflow::patch::take_patch(&s.app, &who, &KIND, patch).await.unwrap();
        assert_eq!(again, answers[0]);
        let opened = crate::matter::open_matter(&s.app, &who, local.matter).await.unwrap();
        assert_eq!((opened.row.revision, opened.row.title.as_str()), (1, "环境管理体系"));
    });
}

#[test]
fn two_devices_that_differ_are_asked_and_nothing_typed_is_lost() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let who = s.enter("applicant").await;
        let id = Uuid::now_v7();
        let (mut one, mut two) = (Local::begin(id, KIND.code, device(1)), Local::begin(id, KIND.code, device(2)));
        one.edit(&[op("address", "甲路"), op("postcode", "100000")]);
        two.edit(&[op("address", "乙路"), op("ethnicity", "汉族")]);
        send(&s, &who, &mut one).await;
        let answer = send(&s, &who, &mut two).await;
        assert_eq!(answer.questions.len(), 1);
        assert_eq!((two.mine.text("address"), two.questions[0].mine.as_ref().unwrap().text()), ("甲路", "乙路"));
        let there = crate::workflow::patch::draft_state(&s.app, &who, id).await.unwrap();
        assert_eq!((there.answers.text("postcode"), there.answers.text("ethnicity")), ("100000", "汉族"));
        two.settle(&Path::field("address"), &domain::engine::draft::sync::Choice::Mine);
        send(&s, &who, &mut two).await;
        one.answered(crate::workflow::patch::draft_state(&s.app, &who, id).await.unwrap());
        assert_eq!((one.mine.text("address"), one.place()), ("乙路", Where::There(3)));
    });
}

#[test]
fn twenty_patches_of_four_devices_at_once_all_arrive() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let who = s.enter("applicant").await;
        let id = Uuid::now_v7();
        let names = ["address", "postcode", "ethnicity", "name_pinyin"];
        let one = |n: usize| {
            let (s, who) = (&s, &who);
            async move {
                let mut local = Local::begin(id, KIND.code, device(n as u128));
                for round in 0..5 {
                    local.edit(&[op(names[n], &format!("v{round}"))]);
                    let patch = local.outgoing().unwrap();
                    // Someone else may have been faster; then the same patch goes again.
                    let answer = loop {
                        match crate::workflow::patch::take_patch(&s.app, who, &KIND, patch.clone()).await {
                            Err(MatterError::Conflict | MatterError::Db(_)) => continue,
                            other => break other.unwrap(),
                        }
                    };
                    local.answered(answer);
                }
            }
        };
        tokio::join!(one(0), one(1), one(2), one(3));
        let there = crate::workflow::patch::draft_state(&s.app, &who, id).await.unwrap();
        assert!(names.iter().all(|n| there.answers.text(n) == "v4"));
    });
}

#[test]
fn what_no_page_could_have_made_and_what_is_not_ones_own_is_refused() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (who, other) = (s.enter("applicant").await, s.enter("certified").await);
        let draft = s.matter(&who, "环境管理体系").await;
        let base_rev = crate::matter::open_matter(&s.app, &who, draft).await.unwrap().row.revision;
        let patch = |seq, ops| Patch { matter: draft, base_rev, device: device(1), seq, ops };
        let file = {
            let theirs = s.matter(&other, "信息安全管理体系").await;
            crate::matter::open_matter(&s.app, &other, theirs).await.unwrap().answers.files().next().unwrap().file
        };
        let stolen = Value::Files(vec![FileRef { file, name: "x.jpg".into(), size: 1, mime: "image/jpeg".into() }]);
        for (seq, ops) in [
            (1, vec![op("status", "approved")]),
            (2, vec![Op { path: Path::field("address"), value: Some(Value::Many(vec!["x".into()])) }]),
            (3, vec![Op { path: Path::field("photo"), value: Some(stolen) }]),
            (4, vec![Op { path: Path::Row("no_such_list".into(), Uuid::now_v7()), value: Some("kept".into()) }]),
        ] {
            let refused = crate::workflow::patch::take_patch(&s.app, &who, &KIND, patch(seq, ops)).await;
            assert!(matches!(refused, Err(MatterError::Unreadable)), "{seq}");
        }
        let stranger = crate::workflow::patch::take_patch(&s.app, &other, &KIND, patch(5, vec![op("address", "x")])).await;
        assert!(matches!(stranger, Err(MatterError::NotFound)));
        let future =
            crate::workflow::patch::take_patch(&s.app, &who, &KIND, Patch { base_rev: base_rev + 1, ..patch(6, vec![op("address", "x")]) })
                .await;
        assert!(matches!(future, Err(MatterError::Conflict)));
        let submitted = s.matter(&who, "质量管理体系").await;
        let closed = crate::workflow::patch::take_patch(
            &s.app,
            &who,
            &KIND,
            Patch { matter: submitted, base_rev: 1, ..patch(7, vec![op("address", "x")]) },
        )
        .await;
        assert!(matches!(closed, Err(MatterError::Closed)));
        assert_eq!(crate::matter::open_matter(&s.app, &who, draft).await.unwrap().row.revision, base_rev);
    });
}

#[test]
fn a_patch_opens_only_what_a_return_pointed_at() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (who, inst) = (s.enter("applicant").await, s.enter("inst-a").await);
        let id = s.matter(&who, "质量管理体系").await;
        let items = vec![domain::engine::flow::Item { id: Uuid::now_v7(), path: Path::field("postcode"), text: "请补充".into() }];
        let command = Command { name: "return".into(), note: "请补充".into(), items, ..Command::default() };
        crate::workflow::execute::act(&s.app, &inst, Act { key: Uuid::now_v7(), matter: id, command }).await.unwrap();
        let base_rev = crate::matter::open_matter(&s.app, &who, id).await.unwrap().row.revision;
        let patch = |seq, name| Patch { matter: id, base_rev, device: device(1), seq, ops: vec![op(name, "100080")] };
        assert!(matches!(crate::workflow::patch::take_patch(&s.app, &who, &KIND, patch(1, "address")).await, Err(MatterError::Locked)));
        assert!(crate::workflow::patch::take_patch(&s.app, &who, &KIND, patch(2, "postcode")).await.is_ok());
    });
}
