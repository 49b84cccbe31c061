//! 信息变更申请: what an approval replaces, what follows from it, and what it leaves as it was.

use domain::base::identity::{Document, DocumentType, Mobile, Sex};
use domain::base::rule::key;
use domain::engine::flow::RectificationItem;
use domain::engine::form::Path;
use domain::kind::identity_change::KIND;

use crate::access::account::Person;
use crate::access::account::closing::{ClosingError, closing_obstacle};
use crate::access::account::fingerprints::find_by_document;
use crate::access::account::former_identity::list_past_changes;
use crate::access::account::signup::new_account_row;
use crate::demo::actions::{decide, fill_step};
use crate::demo::application::{Application, complete};
use crate::demo::identity::{NewIdentity, complete_identity_change};
use crate::matter::tests::*;
use crate::record::certificate::{certificate_by_number, former_holders, own_certificates};
use crate::service::certificate::verification::{Searcher, Verification, verify_number};
use crate::workflow::draft::{begin_draft, edit_draft};
use crate::workflow::execute::{CommandRequest, execute};

/// Synthetic ID numbers that no demo account has, both of men.
pub(crate) const NUMBERS: [&str; 2] = ["110101199103040151", "110101199103040311"];

pub(crate) const fn name(name: &'static str) -> NewIdentity {
    NewIdentity { name: Some(name), document: None }
}

pub(crate) const fn document(number: &'static str) -> NewIdentity {
    NewIdentity { name: None, document: Some(("resident_id", number)) }
}

/// A change that was submitted.
pub(crate) async fn submitted(s: &TestApp, who: &Allowed, new: NewIdentity) -> Uuid {
    let id = complete_identity_change(&s.app, who, &KIND, "renamed", new).await.unwrap();
    decide(&s.app, who, id, "submit", "").await.unwrap();
    id
}

/// A change that was approved by two people of the association.
pub(crate) async fn changed(s: &TestApp, account: &str, new: NewIdentity) -> Uuid {
    let id = submitted(s, &s.sign_in(account).await, new).await;
    let officer = if account == "officer" { "officer2" } else { "officer" };
    s.execute(&s.sign_in(officer).await, id, "propose").await.unwrap();
    s.execute(&s.sign_in("approver2").await, id, "approve").await.unwrap();
    id
}

demo_test!(an_approved_change_replaces_name_and_document_and_nothing_else, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("certified").await;
    let before = who.caller().person.clone();
    let new = NewIdentity { name: Some("周健国"), document: Some(("resident_id", NUMBERS[0])) };
    let id = submitted(&s, &who, new).await;
    let officer = s.sign_in("officer").await;
    s.execute(&officer, id, "propose").await.unwrap();
    assert_eq!(s.sign_in("certified").await.caller().person.name, "周建国", "nothing is changed before the approval");
    let own = s.execute(&who, id, "approve").await.unwrap_err();
    assert!(matches!(own, MatterError::Refused(Refusal::NotOpen)), "{own:?}");
    assert_eq!(s.execute(&s.sign_in("approver2").await, id, "approve").await.unwrap().stage, "granted");

    let person = s.sign_in("certified").await.caller().person.clone();
    assert_eq!((person.name.as_str(), person.document_number.as_str(), person.sex), ("周健国", NUMBERS[0], Sex::Male));
    assert_eq!(person.birth_date.to_string(), "1991-03-04");
    assert_eq!((&person.mobile, &person.email), (&before.mobile, &before.email), "contact data stays");
    let past = list_past_changes(&mut s.app.db.read().await.unwrap(), &s.app.keys, who.account()).await.unwrap();
    let [past] = past.as_slice() else { panic!("{} changes", past.len()) };
    assert_eq!((past.matter, past.before.name.as_str()), (id, "周建国"));
    assert_eq!(past.before.document_number, before.document_number);
    let approver = s.account("approver2").await;
    let row = &db::identity::list_of_account(&mut s.app.db.read().await.unwrap(), who.account()).await.unwrap()[0];
    assert_eq!(row.approved_by, Some(approver));
    let found = async |number: &str| {
        let mut tx = s.app.db.read().await.unwrap();
        let document = Document::parse(DocumentType::ResidentId, number, s.app.today()).unwrap();
        let mobile = Mobile::parse(&before.mobile).unwrap();
        find_by_document(&mut tx, &s.app.keys, &document, number, &mobile).await.unwrap().map(|row| row.id)
    };
    assert_eq!(found(NUMBERS[0]).await, Some(who.account()), "找回账号 asks for the new document");
    assert_eq!(found(&before.document_number).await, None);
    assert!(!row.before_sealed.windows(9).any(|w| w == "周建国".as_bytes()), "it is sealed");
    assert!(crate::service::message::list_messages(&s.app, &who).await.unwrap().iter().any(|m| m.title == "信息变更申请：已批准"));
});

demo_test!(usable_certificates_bear_the_new_name_under_the_same_number_and_keep_the_former_on_record, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("certified").await;
    let numbers = |all: &[crate::record::certificate::Certificate]| all.iter().map(|c| c.held.number.clone()).collect::<Vec<_>>();
    let before = own_certificates(&s.app, &who).await.unwrap();
    changed(&s, "certified", name("周健国")).await;
    let after = own_certificates(&s.app, &who).await.unwrap();
    assert_eq!(numbers(&after), numbers(&before));
    let (mut renamed, mut ended) = (0, 0);
    for certificate in &after {
        let former: Vec<String> = former_holders(&s.app, certificate).await.unwrap().into_iter().map(|f| f.name).collect();
        if certificate.superseded_by.is_none() {
            renamed += 1;
            assert_eq!((certificate.holder.as_str(), former), ("周健国", vec!["周建国".to_owned()]));
        } else {
            ended += 1;
            assert_eq!((certificate.holder.as_str(), former), ("周建国", Vec::new()), "what has ended stays as it was");
        }
    }
    assert!(renamed > 0 && ended > 0);
    let number = after.iter().find(|c| c.superseded_by.is_none() && c.published_on <= Some(s.app.today())).unwrap().held.number.clone();
    let searched = async |name: &str| verify_number(&s.app, Searcher { caller: None, address: "192.0.2.1" }, &number, Some(name)).await;
    assert!(matches!(searched("周健国").await.unwrap(), Verification::Found { is_named: true, .. }));
    assert!(matches!(searched("周建国").await.unwrap(), Verification::FormerName(_)));
    assert!(matches!(searched("周国健").await.unwrap(), Verification::OtherName(_)));

    changed(&s, "certified", name("周建中")).await;
    let again = certificate_by_number(&s.app, &number).await.unwrap().unwrap();
    let former: Vec<String> = former_holders(&s.app, &again).await.unwrap().into_iter().map(|f| f.name).collect();
    assert_eq!((again.holder.as_str(), former.len()), ("周建中", 2));
    assert!(former.contains(&"周健国".to_owned()) && former.contains(&"周建国".to_owned()));
});

/// Returns a matter with one answer to be corrected, which locks every other answer.
pub(super) async fn return_item(s: &TestApp, who: &Allowed, id: Uuid, field: &str) {
    let items = vec![RectificationItem { id: Uuid::now_v7(), path: Path::field(field), text: "请核实".into() }];
    let command = Command { name: "return".into(), note: "意见".into(), items, ..Command::default() };
    execute(&s.app, who, CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command }).await.unwrap();
}

/// Corrects the answer of an item and responds to it.
pub(super) async fn correct(s: &TestApp, who: &Allowed, id: Uuid, step: &str, field: &str, value: &str) {
    let opened = crate::matter::load(&s.app, who, id).await.unwrap();
    let page = opened.kind.form.step(step).unwrap();
    let mut fields: BTreeMap<_, _> =
        page.fields().filter_map(|f| Some((f.name.to_owned(), opened.answers.fields.get(f.name)?.clone()))).collect();
    fields.insert(field.into(), value.into());
    let edit = DraftEdit::Fields { step: step.into(), base: opened.revision, fields };
    let saved = edit_draft(&s.app, who, id, edit).await.unwrap();
    let texts = opened.open_items().unwrap().iter().map(|i| (i.id, "已修改".to_owned())).collect();
    edit_draft(&s.app, who, id, DraftEdit::Responses { base: saved.revision, texts }).await.unwrap();
}

demo_test!(what_was_signed_under_the_former_name_is_submitted_again_and_approved, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let inst = s.sign_in("inst-a").await;
    let id = s.matter(&who, "质量管理体系").await;
    return_item(&s, &inst, id, "postcode").await;
    changed(&s, "applicant", name("林小月")).await;
    let who = s.sign_in("applicant").await;
    correct(&s, &who, id, "person", "postcode", "200121").await;
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    assert_eq!(opened.answers.text("signed_name"), "林晓月", "the signature is locked");
    s.submit(&who, id, opened.revision, Uuid::now_v7()).await.unwrap();
    passed(&s, id).await;
    officer_decides(&s, id, "propose").await;
    assert_eq!(s.execute(&s.sign_in("admin").await, id, "approve").await.unwrap().stage, "granted");
    let certificate = crate::record::certificate::certificate_of_matter(&s.app, id).await.unwrap().unwrap();
    assert_eq!(certificate.holder, "林小月", "it bears the name of the day it is issued");
});

demo_test!(a_draft_signed_under_the_former_name_is_signed_again, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let body = s.sign_in("inst-a").await.caller().institutions[0].0.to_string();
    let id = complete(&s.app, &who, Application::trainee("ISMS"), &body).await.unwrap();
    changed(&s, "applicant", name("林小月")).await;
    let error = decide(&s.app, &s.sign_in("applicant").await, id, "submit", "").await.unwrap_err();
    assert!(matches!(&error, MatterError::InvalidAnswers(p) if p.iter().any(|p| p.issue.code == "signature_differs")), "{error:?}");
});

demo_test!(a_document_of_another_account_is_refused_at_its_field_and_only_a_few_times, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let taken = s.sign_in("certified").await.caller().person.document_number.clone();
    let id = complete_identity_change(&s.app, &who, &KIND, "misrecorded", document(String::leak(taken))).await.unwrap();
    let most = s.app.tables().rules.on(s.app.today()).int(key::DUPLICATE_CHECKS_PER_SESSION);
    // Submissions with other faults look nothing up and do not count.
    fill_step(&s.app, &who, id, "papers", &[]).await.unwrap();
    for _ in 0..=most {
        let error = decide(&s.app, &who, id, "submit", "").await.unwrap_err();
        assert!(matches!(&error, MatterError::InvalidAnswers(p) if p.iter().all(|p| p.issue.code == "missing")), "{error:?}");
    }
    let declared = [("declared", "2026-11"), ("signed_name", "林晓月")];
    fill_step(&s.app, &who, id, "papers", &declared).await.unwrap();
    for _ in 0..most {
        let MatterError::InvalidAnswers(problems) = decide(&s.app, &who, id, "submit", "").await.unwrap_err() else { panic!("accepted") };
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert_eq!(
            (problem.step, problem.path.clone(), problem.issue.code),
            ("identity", Path::field("document_number"), "document_taken")
        );
        assert!(!problem.message().contains("周") && !problem.message().contains("certified"), "{}", problem.message());
    }
    let error = decide(&s.app, &who, id, "submit", "").await.unwrap_err();
    assert!(matches!(error, MatterError::TooManyChecks), "{error:?}");
    assert_eq!(error.class(), ErrorClass::TooOften);
    s.app.clock.advance(TimeDelta::minutes(30));
    let error = decide(&s.app, &who, id, "submit", "").await.unwrap_err();
    assert!(matches!(error, MatterError::InvalidAnswers(_)), "{error:?}");
});

demo_test!(a_document_registered_after_the_submission_is_refused_at_the_approval, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = submitted(&s, &s.sign_in("applicant").await, document(NUMBERS[0])).await;
    s.execute(&s.sign_in("officer").await, id, "propose").await.unwrap();
    changed(&s, "certified", document(NUMBERS[0])).await;
    let approver = s.sign_in("approver2").await;
    let error = s.execute(&approver, id, "approve").await.unwrap_err();
    assert!(matches!(&error, MatterError::Blocked(reason) if reason.contains("已登记在其他账号下")), "{error:?}");
    assert_eq!(crate::matter::load(&s.app, &approver, id).await.unwrap().state.stage, "approval");
    assert_eq!(s.execute(&approver, id, "refuse").await.unwrap().stage, "refused");
});

demo_test!(one_change_of_a_person_is_open_and_its_end_makes_room_for_another, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let other = complete_identity_change(&s.app, &who, &KIND, "renamed", name("林晓岳")).await.unwrap();
    let open = submitted(&s, &who, name("林小月")).await;
    let begun = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(&begun, MatterError::Blocked(reason) if reason.contains("正在办理")), "{begun:?}");
    let error = decide(&s.app, &who, other, "submit", "").await.unwrap_err();
    assert!(matches!(&error, MatterError::AlreadyOpen(..)), "{error:?}");
    s.execute(&s.sign_in("officer").await, open, "return").await.unwrap();
    s.execute(&who, open, "withdraw").await.unwrap();
    decide(&s.app, &who, other, "submit", "").await.unwrap();
});

demo_test!(who_is_named_by_a_former_name_or_takes_a_name_that_is_named_stays_away, |demo| async move {
    let s = TestApp::new(demo).await;
    let complainant = s.sign_in("applicant").await;
    let complaint = async |about: &str| {
        let id = begin_draft(&s.app, &complainant, &domain::kind::complaint::KIND, Uuid::now_v7()).await.unwrap();
        let facts = [("target_type", "staff"), ("target_name", about), ("happened_on", "2026-11-02"), ("place", "上海"), ("facts", "经过")];
        fill_step(&s.app, &complainant, id, "complaint", &facts).await.unwrap();
        fill_step(&s.app, &complainant, id, "reply", &[("wants_reply", "yes"), ("declared", "yes")]).await.unwrap();
        decide(&s.app, &complainant, id, "submit", "").await.unwrap();
        id
    };
    let reads = async |id: Uuid| crate::matter::load(&s.app, &s.sign_in("officer").await, id).await.is_ok();
    let (earlier, future) = (complaint("孙立新").await, complaint("孙立心").await);
    assert!(!reads(earlier).await && reads(future).await);
    changed(&s, "officer", name("孙立心")).await;
    let later = complaint("孙 立 新 主任").await;
    for id in [earlier, future, later] {
        assert!(!reads(id).await);
        let excluded = db::relation::list_excluded(&mut s.app.db.read().await.unwrap(), id).await.unwrap();
        assert!(excluded.contains(&s.account("officer").await), "lists and notifications leave it out");
    }
    assert!(crate::matter::load(&s.app, &s.sign_in("officer2").await, later).await.is_ok());
});

demo_test!(experts_see_neither_the_present_nor_the_former_name, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = s.matter(&s.sign_in("certified").await, "食品安全管理体系").await;
    changed(&s, "certified", NewIdentity { name: Some("赵立国"), document: Some(("resident_id", NUMBERS[0])) }).await;
    let seen = crate::matter::load(&s.app, &s.sign_in("expert1").await, id).await.unwrap();
    for text in ["周建国", "赵立国", "110101199003070011", NUMBERS[0]] {
        assert!(!seen.redact(&format!("由{text}负责")).contains(text), "{text}");
        assert!(!serde_json::to_string(&seen.answers).unwrap().contains(text), "{text}");
    }
    let context = crate::matter::context::matter_context(&s.app, &seen, Shown::everything()).await.unwrap();
    assert!(context.as_context().form.applicant.is_empty() && context.as_context().form.former_names.is_empty());
});

demo_test!(the_export_holds_the_history_and_a_merge_moves_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = changed(&s, "certified", name("周健国")).await;
    let export = async |account: &str| {
        let bytes = crate::service::own_data::export_own_data(&s.app, &s.sign_in(account).await).await.unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()
    };
    let data = export("certified").await;
    let changes = data["identity_changes"].as_array().unwrap();
    assert_eq!((changes.len(), changes[0]["before"]["name"].as_str()), (1, Some("周建国")));
    assert_eq!((changes[0]["matter"].as_str(), data["account"]["person"]["name"].as_str()), (Some(&*id.to_string()), Some("周健国")));
    s.app.db.execute_raw("update matter set closed_at = updated_at where submitted_at is not null and closed_at is null").await;
    crate::service::admin::merge_accounts(&s.app, "certified", "inst-b").await.unwrap();
    assert_eq!(export("inst-b").await["identity_changes"].as_array().unwrap().len(), 1);
});

/// A plain account, which has neither matters nor duties.
pub(crate) async fn person(s: &TestApp, account: &str, index: usize) -> Allowed {
    let person = Person {
        name: "张伟".into(),
        document_type: "passport".into(),
        document_number: format!("E{:08}", 20_000_000 + index),
        sex: Sex::Male,
        birth_date: "1990-03-07".parse().unwrap(),
        mobile: format!("137{index:08}"),
        email: format!("{account}@example.com"),
    };
    let row = new_account_row(&s.app, account, &person, String::new(), true);
    s.app.db.write(move |tx| Box::pin(async move { db::account::insert(tx, &row).await })).await.unwrap();
    s.sign_in(account).await
}

demo_test!(an_open_change_keeps_an_account_from_being_closed_and_a_decided_one_does_not, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = person(&s, "zhangwei", 1).await;
    let id = submitted(&s, &who, document(NUMBERS[1])).await;
    let obstacle = closing_obstacle(&s.app, who.account()).await.unwrap();
    assert!(matches!(obstacle, Some(ClosingError::OpenMatters(1))), "{obstacle:?}");
    s.execute(&s.sign_in("officer").await, id, "propose").await.unwrap();
    s.execute(&s.sign_in("approver2").await, id, "approve").await.unwrap();
    assert!(closing_obstacle(&s.app, who.account()).await.unwrap().is_none());
    let row = db::account::by_id(&mut s.app.db.read().await.unwrap(), who.account()).await.unwrap().unwrap();
    let (keys, now) = (s.app.keys.clone(), s.app.now());
    s.app
        .db
        .write(move |tx| Box::pin(async move { crate::access::account::status::close_account(tx, &keys, row, now).await }))
        .await
        .unwrap();
    let other = s.sign_in("applicant").await;
    let same = complete_identity_change(&s.app, &other, &KIND, "misrecorded", document(NUMBERS[1])).await.unwrap();
    let error = decide(&s.app, &other, same, "submit", "").await.unwrap_err();
    assert!(matches!(&error, MatterError::InvalidAnswers(p) if p[0].issue.code == "document_taken"), "a closed account keeps its document");
});

demo_test!(an_application_that_was_withdrawn_shows_the_identity_of_its_time, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let withdrawn = submitted(&s, &who, name("林晓岳")).await;
    s.execute(&who, withdrawn, "withdraw").await.unwrap();
    s.app.clock.advance(TimeDelta::minutes(1));
    let approved = changed(&s, "applicant", name("林小月")).await;
    for id in [withdrawn, approved] {
        let opened = crate::matter::load(&s.app, &s.sign_in("applicant").await, id).await.unwrap();
        let context = crate::matter::context::matter_context(&s.app, &opened, Shown::everything()).await.unwrap();
        assert!(context.lists()["identity"].contains(&("姓名".to_owned(), "林晓月".to_owned())), "the name before");
        assert!(!format!("{:?}", context.lists()["identity"]).contains("11010119900307002X"), "the number is masked");
    }
});
