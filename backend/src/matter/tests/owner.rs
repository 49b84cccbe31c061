//! Matters that belong to an institution: each of its users is the applicant, and nobody who has left it.

use domain::base::permission::Role;
use domain::engine::draft::sync::{LocalDraft, SyncReply};
use domain::engine::draft::{Op, Patch};
use domain::engine::form::{Path, Value};
use domain::kind::complaint;
use domain::kind::trial::{DAY, DUTY, KIND, PEOPLE, PERSON, SUBJECT};

use crate::demo::actions::{decide, fill_step};
use crate::matter::tests::*;
use crate::service::admin::{set_institution_user, set_role};
use crate::service::matters::institution_drafts;
use crate::service::own_matters::{OwnFilter, list_own};
use crate::service::storage::sweep_file_rows;
use crate::workflow::draft::{begin_draft_for, discard_draft, edit_draft};
use crate::workflow::files::{attach, download, own_file};
use crate::workflow::patch::receive_patch;

/// Credit code of the first institution.
pub(super) const HUAXIN: &str = "91310115MA1K000016";

/// Makes an account a user of the first institution, and signs it in.
pub(super) async fn colleague(s: &TestApp, name: &str) -> Allowed {
    set_institution_user(&s.app, name, HUAXIN, GrantStatus::Active).await.unwrap();
    s.sign_in(name).await
}

pub(super) fn institution(who: &Allowed) -> Uuid {
    who.caller().institutions.first().unwrap().0
}

async fn begin(s: &TestApp, who: &Allowed, kind: &'static domain::matter::Kind) -> Uuid {
    begin_draft_for(&s.app, who, kind, Uuid::now_v7(), Some(institution(who)), BTreeMap::new()).await.unwrap()
}

/// A draft of the trial kind that names these accounts, each with a duty.
pub(super) async fn filled(s: &TestApp, who: &Allowed, people: &[(&str, &str)]) -> Uuid {
    let id = begin(s, who, &KIND).await;
    fill_step(&s.app, who, id, "subject", &[(SUBJECT, "内审员培训"), (DAY, "2026-12-01")]).await.unwrap();
    for (name, duty) in people {
        name_person(s, who, id, Uuid::now_v7(), name, duty).await;
    }
    id
}

/// Names a person in a record of the draft.
pub(super) async fn name_person(s: &TestApp, who: &Allowed, id: Uuid, record: Uuid, name: &str, duty: &str) {
    let account = s.account(name).await.to_string();
    let fields = [(PERSON, account.as_str()), (DUTY, duty)].into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let record = domain::engine::form::Record { id: record, fields, removed: false };
    let base = crate::matter::load(&s.app, who, id).await.unwrap().revision;
    edit_draft(&s.app, who, id, DraftEdit::Record { list: PEOPLE.into(), base, record }).await.unwrap();
}

fn op(name: &str, value: &str) -> Op {
    Op { path: Path::field(name), value: Some(value.into()) }
}

async fn send(s: &TestApp, who: &Allowed, local: &mut LocalDraft) -> SyncReply {
    let reply = receive_patch(&s.app, who, &KIND, local.outgoing().unwrap()).await.unwrap();
    local.apply_reply(reply.clone());
    reply
}

demo_test!(every_user_of_an_institution_edits_submits_and_withdraws_its_matter, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, other) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await);
    let id = filled(&s, &author, &[("certified", "讲授")]).await;
    name_person(&s, &other, id, Uuid::now_v7(), "inst-a", "答疑").await;
    fill_step(&s.app, &other, id, "subject", &[(SUBJECT, "外审员培训"), (DAY, "2026-12-02")]).await.unwrap();
    decide(&s.app, &other, id, "submit", "").await.unwrap();
    let seen = crate::matter::load(&s.app, &author, id).await.unwrap();
    assert_eq!((seen.is_own(), seen.title.as_str(), seen.state.stage.as_str()), (true, "外审员培训", "consent"));
    decide(&s.app, &author, id, "withdraw", "").await.unwrap();
    assert_eq!(crate::matter::load(&s.app, &other, id).await.unwrap().state.stage, "withdrawn");
    let stranger = s.sign_in("inst-b").await;
    assert!(matches!(crate::matter::load(&s.app, &stranger, id).await, Err(MatterError::NotFound)));
});

demo_test!(two_colleagues_who_edit_one_draft_at_once_lose_nothing_and_are_asked_where_they_differ, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, other) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await);
    let id = begin(&s, &author, &KIND).await;
    let start = crate::workflow::patch::draft_state(&s.app, &author, id).await.unwrap();
    let device = |n| LocalDraft::at(id, KIND.code, Uuid::from_u128(n), start.revision, start.answers.clone());
    let (mut one, mut two) = (device(1), device(2));
    one.edit(&[op(SUBJECT, "甲方案"), op(DAY, "2026-12-01")]);
    two.edit(&[op(SUBJECT, "乙方案")]);
    send(&s, &author, &mut one).await;
    let reply = send(&s, &other, &mut two).await;
    assert_eq!(reply.questions.len(), 1);
    let there = crate::matter::load(&s.app, &author, id).await.unwrap().answers;
    assert!(there.text(SUBJECT).contains("甲方案") && there.text(DAY) == "2026-12-01");
    two.resolve(&Path::field(SUBJECT), &domain::engine::draft::sync::Resolution::Mine);
    send(&s, &other, &mut two).await;
    assert_eq!(crate::matter::load(&s.app, &author, id).await.unwrap().answers.text(SUBJECT), "乙方案");
});

demo_test!(a_second_begin_and_a_late_patch_ask_who_owns_the_draft, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, other, stranger) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await, s.sign_in("inst-b").await);
    let id = begin(&s, &author, &KIND).await;
    let again = begin_draft_for(&s.app, &other, &KIND, id, Some(institution(&other)), BTreeMap::new()).await;
    assert_eq!(again.unwrap(), id, "a colleague begins it again");
    let foreign = begin_draft_for(&s.app, &stranger, &KIND, id, Some(institution(&stranger)), BTreeMap::new()).await;
    assert!(matches!(foreign, Err(MatterError::NotFound)));
    discard_draft(&s.app, &other, id, None).await.unwrap();
    let patch = |seq| Patch { matter: id, base_rev: 0, device: Uuid::from_u128(7), seq, ops: vec![op(SUBJECT, "晚到")], replaces: None };
    for who in [&author, &other] {
        let late = receive_patch(&s.app, who, &KIND, patch(1)).await;
        assert!(matches!(late, Err(MatterError::Discarded)), "both learn that it was deleted");
        assert!(matches!(crate::matter::load(&s.app, who, id).await, Err(MatterError::Discarded)));
    }
    assert!(matches!(receive_patch(&s.app, &stranger, &KIND, patch(1)).await, Err(MatterError::NotFound)));
});

demo_test!(a_file_of_a_colleague_stays_in_the_draft_and_is_not_swept, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, other) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await);
    let id = begin(&s, &author, &complaint::KIND).await;
    let path = Path::field("evidence");
    attach(&s.app, &author, id, path.clone(), "甲.pdf", crate::infra::file::testing::pdf("甲".as_bytes())).await.unwrap();
    attach(&s.app, &other, id, path.clone(), "乙.pdf", crate::infra::file::testing::pdf("乙".as_bytes())).await.unwrap();
    let draft = crate::matter::load(&s.app, &other, id).await.unwrap();
    let files = draft.answers.fields.get("evidence").cloned().unwrap();
    assert_eq!(files.files().len(), 2);
    let patch = Patch {
        matter: id,
        base_rev: draft.revision,
        device: Uuid::from_u128(7),
        seq: 1,
        ops: vec![Op { path, value: Some(Value::Files(files.files().iter().rev().cloned().collect())) }],
        replaces: None,
    };
    receive_patch(&s.app, &author, &complaint::KIND, patch).await.expect("a patch may name the file of a colleague");
    let unused = crate::workflow::draft::begin_draft(&s.app, &other, &complaint::KIND, Uuid::now_v7()).await.unwrap();
    attach(&s.app, &other, unused, Path::field("evidence"), "丙.pdf", crate::infra::file::testing::pdf("丙".as_bytes())).await.unwrap();
    discard_draft(&s.app, &other, unused, None).await.unwrap();
    s.app.clock.advance(TimeDelta::hours(50));
    sweep_file_rows(&s.app).await.unwrap();
    for file in files.files() {
        assert!(download(&s.app, &author, id, file.file).await.is_ok());
    }
    let uploaded = own_file(&s.app, &other, files.files()[1].file).await.unwrap();
    assert!(uploaded.is_some(), "the draft of the institution still has it");
});

demo_test!(a_person_does_not_list_what_belongs_to_an_institution_the_person_has_left, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, other) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await);
    let id = filled(&s, &author, &[("certified", "讲授"), ("teacher", "答疑")]).await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    let own = |who: Allowed| {
        let app = s.app.clone();
        async move { list_own(&app, &who, OwnFilter::default(), None).await.unwrap().matters.iter().any(|m| m.id == id) }
    };
    assert!(own(author.clone()).await && !own(other.clone()).await, "who began it lists it");
    set_institution_user(&s.app, "inst-a", HUAXIN, GrantStatus::Ended).await.unwrap();
    set_role(&s.app, "inst-a", Role::Officer, GrantStatus::Active).await.unwrap();
    let former = s.sign_in("inst-a").await;
    assert!(!own(former.clone()).await);
    assert!(matches!(crate::matter::load(&s.app, &former, id).await, Err(MatterError::NotFound)), "nor decides it in another role");
    let told = async |who: &Allowed| crate::service::message::list_messages(&s.app, who).await.unwrap().len();
    let before = (told(&former).await, told(&other).await);
    s.execute(&s.sign_in("certified").await, id, "decline").await.unwrap();
    let after = (told(&former).await, told(&other).await);
    assert_eq!((before.0, before.1 + 1), after, "the users of today are told");
});

demo_test!(a_user_of_the_owner_decides_nothing_in_its_matter, |demo| async move {
    let s = TestApp::new(demo).await;
    let author = s.sign_in("inst-a").await;
    let officer = colleague(&s, "officer").await;
    let id = filled(&s, &author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    for name in ["certified", "inst-a"] {
        s.execute(&s.sign_in(name).await, id, "agree").await.unwrap();
    }
    let seen = crate::matter::load(&s.app, &officer, id).await.unwrap();
    assert!(seen.is_own() && seen.actor.parties.len() == 1);
    assert!(s.execute(&officer, id, "return").await.is_err());
    assert_eq!(s.execute(&s.sign_in("officer2").await, id, "return").await.unwrap().stage, "returned");
});

demo_test!(a_draft_that_names_a_colleague_is_kept_from_the_colleague, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, named, other) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await, colleague(&s, "certified").await);
    let id = begin(&s, &author, &complaint::KIND).await;
    let facts =
        [("target_type", "staff"), ("target_name", "高志远"), ("happened_on", "2026-11-02"), ("place", "上海"), ("facts", "未到现场。")];
    fill_step(&s.app, &author, id, "complaint", &facts).await.unwrap();
    let listed = |who: Allowed| {
        let app = s.app.clone();
        async move { institution_drafts(&app, &who, None).await.unwrap().matters.iter().any(|m| m.id == id) }
    };
    assert!(listed(author).await && listed(other.clone()).await && !listed(named.clone()).await);
    assert!(crate::matter::load(&s.app, &other, id).await.is_ok());
    assert!(matches!(crate::matter::load(&s.app, &named, id).await, Err(MatterError::NotFound)));
});

demo_test!(a_draft_kept_from_a_colleague_hides_no_older_ones_from_the_list, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, named) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await);
    let mut others = Vec::new();
    for _ in 0..21 {
        others.push(begin(&s, &author, &complaint::KIND).await);
    }
    s.app.clock.advance(TimeDelta::minutes(1));
    let id = begin(&s, &author, &complaint::KIND).await;
    fill_step(&s.app, &author, id, "complaint", &[("target_type", "staff"), ("target_name", "高志远")]).await.unwrap();
    let (mut listed, mut cursor) = (Vec::new(), None);
    loop {
        let page = institution_drafts(&s.app, &named, cursor).await.unwrap();
        listed.extend(page.matters.iter().map(|m| m.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert!(!listed.contains(&id) && others.iter().all(|other| listed.contains(other)));
});

demo_test!(drafts_of_an_institution_count_for_the_institution_and_not_for_the_person, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, other) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await);
    s.set_rule(domain::base::rule::key::DRAFTS_MAX, "1").await;
    begin(&s, &author, &KIND).await;
    let second = begin_draft_for(&s.app, &other, &KIND, Uuid::now_v7(), Some(institution(&other)), BTreeMap::new()).await;
    assert!(matches!(second, Err(MatterError::Blocked(text)) if text.contains("本机构")));
    let own = crate::workflow::draft::begin_draft(&s.app, &author, &complaint::KIND, Uuid::now_v7()).await;
    assert!(own.is_ok(), "the own drafts are counted apart");
});
