//! The same thing at the same moment: one wins, the others learn that they lost, and nobody gets a fault of the server. `make fuzz` runs
//! these races many times.

use crate::service::own_matters::{OwnView, list_own};
use std::collections::BTreeSet;
use std::sync::Arc;

use domain::engine::form::Path;
use domain::kind::{appeal, registration, transfer};
use tokio::sync::Barrier;

use crate::access::account::Person;
use crate::access::account::signup::{insert_account, new_account_row};
use crate::demo::actions::fill_step;
use crate::demo::application::{Application, complete};
use crate::infra::db::certificate::CertificateRow;
use crate::matter::tests::*;
use crate::workflow::draft::{begin_draft, discard_draft, edit_draft};
use crate::workflow::execute::{CommandOutcome, CommandRequest, execute};
use crate::workflow::files::attach;

/// Attempts of one race.
const ATTEMPTS: usize = 20;
/// Rounds of a race whose order of events matters.
const ROUNDS: usize = 3;

/// Runs futures at one moment, each in a task of its own; gives their results in order.
pub(crate) async fn at_once<T, F>(jobs: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let jobs: Vec<F> = jobs.into_iter().collect();
    let start = Arc::new(Barrier::new(jobs.len()));
    let tasks: Vec<_> = jobs
        .into_iter()
        .map(|job| {
            let start = start.clone();
            tokio::spawn(async move {
                start.wait().await;
                job.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// Checks that no attempt met a fault of the server; gives the number of those that succeeded.
fn winners<T: std::fmt::Debug>(results: &[Result<T, MatterError>]) -> usize {
    for error in results.iter().filter_map(|r| r.as_ref().err()) {
        assert!(!matches!(error.class(), ErrorClass::Unavailable | ErrorClass::Internal), "{error:?}");
    }
    results.iter().filter(|r| r.is_ok()).count()
}

impl TestApp {
    /// Executes a command, without borrowing the test.
    fn job(
        &self,
        who: &Allowed,
        matter: Uuid,
        key: Uuid,
        command: Command,
    ) -> impl Future<Output = Result<CommandOutcome, MatterError>> + Send + 'static {
        let (app, who) = (self.app.clone(), who.clone());
        async move { execute(&app, &who, CommandRequest { key, matter, seen: None, command }).await }
    }

    /// A trainee's application of the demo's applicant, ready to be submitted.
    async fn ready(&self, domain: &'static str) -> (Uuid, i64) {
        let institution = self.sign_in("inst-a").await.caller().institutions[0].0;
        let who = self.sign_in("applicant").await;
        let id = complete(&self.app, &who, Application::trainee(domain), &institution.to_string()).await.unwrap();
        (id, crate::matter::load(&self.app, &who, id).await.unwrap().revision)
    }

    async fn matter_row(&self, id: Uuid) -> Option<db::matter::MatterRow> {
        db::matter::by_id(&mut self.app.db.read().await.unwrap(), id).await.unwrap()
    }

    async fn certificates_of(&self, name: &str) -> Vec<CertificateRow> {
        let account = self.account(name).await;
        db::certificate::list_of_account(&mut self.app.db.read().await.unwrap(), account).await.unwrap()
    }
}

fn named(name: &str) -> Command {
    Command { name: name.into(), note: "意见".into(), ..Command::default() }
}

fn submission(revision: i64) -> Command {
    Command { name: "submit".into(), revision: Some(revision), ..Command::default() }
}

demo_test!(of_twenty_submissions_at_once_one_counts_and_under_one_key_all_are_answered_alike, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    for same_key in [false, true] {
        let (id, revision) = s.ready("EMS").await;
        let key = Uuid::now_v7();
        let key = || if same_key { key } else { Uuid::now_v7() };
        let sent = at_once((0..ATTEMPTS).map(|_| s.job(&who, id, key(), submission(revision)))).await;
        assert_eq!(winners(&sent), if same_key { ATTEMPTS } else { 1 }, "{sent:?}");
        assert_eq!(s.matter_row(id).await.unwrap().event_count, 1);
        s.execute(&who, id, "withdraw").await.unwrap();
    }
});

demo_test!(of_twenty_decisions_of_two_officers_at_once_one_counts, |demo| async move {
    let s = TestApp::new(demo).await;
    let people = [s.sign_in("officer").await, s.sign_in("officer2").await];
    let id = s.matter(&s.sign_in("certified").await, "职业健康安全").await;
    let taken = at_once((0..ATTEMPTS).map(|i| s.job(&people[i % 2], id, Uuid::now_v7(), named("accept")))).await;
    assert_eq!(winners(&taken), 1, "{taken:?}");
    let waived = at_once((0..ATTEMPTS).map(|i| s.job(&people[i % 2], id, Uuid::now_v7(), named("waive")))).await;
    assert_eq!(winners(&waived), 1, "{waived:?}");
    let decided = at_once((0..ATTEMPTS).map(|i| s.job(&people[i % 2], id, Uuid::now_v7(), named(["propose", "refuse"][i % 2])))).await;
    assert_eq!(winners(&decided), 1, "{decided:?}");
});

demo_test!(twenty_approvals_at_once_issue_one_certificate, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = s.matter(&s.sign_in("certified").await, "职业健康安全").await;
    officer_decides(&s, id, "propose").await;
    let people = [s.sign_in("admin").await, s.sign_in("approver2").await];
    let before = s.certificates_of("certified").await.len();
    let done = at_once((0..ATTEMPTS).map(|i| s.job(&people[i % 2], id, Uuid::now_v7(), named("approve")))).await;
    assert_eq!(winners(&done), 1, "{done:?}");
    assert_eq!(s.certificates_of("certified").await.len(), before + 1);
});

demo_test!(two_experts_who_answer_at_once_are_both_counted, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = s.matter(&s.sign_in("certified").await, "食品安全").await;
    let experts = [s.sign_in("expert1").await, s.sign_in("expert2").await];
    let seen = crate::matter::load(&s.app, &experts[0], id).await.unwrap().seen();
    let jobs = experts.iter().map(|who| {
        let (app, who) = (s.app.clone(), who.clone());
        let request = CommandRequest { key: Uuid::now_v7(), matter: id, seen: Some(seen), command: named("conform") };
        async move { execute(&app, &who, request).await }
    });
    let votes = at_once(jobs).await;
    assert_eq!(winners(&votes), 2, "{votes:?}");
    assert_eq!(s.matter_row(id).await.unwrap().stage, "review");
});

demo_test!(a_save_beside_a_submission_is_part_of_it_or_refused, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    for round in 0..ROUNDS {
        let (id, revision) = s.ready("EMS").await;
        let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
        let other = s.sign_in("inst-b").await.caller().institutions[0].0.to_string();
        let edit = |step: &'static str, field: &str, value: &str| {
            let mut fields: BTreeMap<_, _> = opened
                .kind
                .form
                .step(step)
                .unwrap()
                .fields()
                .filter_map(|f| Some((f.name.to_owned(), opened.answers.fields.get(f.name)?.clone())))
                .collect();
            fields.insert(field.to_owned(), value.into());
            let (app, who) = (s.app.clone(), who.clone());
            async move { edit_draft(&app, &who, id, DraftEdit::Fields { step: step.into(), base: revision, fields }).await.map(|_| ()) }
        };
        let mut edits: Vec<BoxFuture<'static, Result<(), MatterError>>> = Vec::new();
        for field in ["address", "postcode", "professional_title", "emergency_contact"] {
            edits.push(Box::pin(edit("person", field, &format!("1{round}"))));
        }
        edits.push(Box::pin(edit("business", "recommending_institution", &other)));
        let sending = s.job(&who, id, Uuid::now_v7(), submission(revision));
        edits.insert(round % 6, Box::pin(async move { sending.await.map(|_| ()) }));
        winners(&at_once(edits).await);
        let row = s.matter_row(id).await.unwrap();
        if let Some(submitted) = row.submitted_revision {
            assert_eq!(row.revision, submitted, "a save came after the submission");
            let answers = crate::matter::load(&s.app, &who, id).await.unwrap().answers;
            assert_eq!(row.institution_id.unwrap().to_string(), answers.text("recommending_institution"));
            s.execute(&who, id, "withdraw").await.unwrap();
        }
    }
});

demo_test!(a_draft_that_is_discarded_edited_and_submitted_at_once_is_gone_or_submitted, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    for _ in 0..ROUNDS {
        let (id, revision) = s.ready("EMS").await;
        let mut jobs: Vec<BoxFuture<'static, Result<&'static str, MatterError>>> = Vec::new();
        for _ in 0..4 {
            let (app, who) = (s.app.clone(), who.clone());
            jobs.push(Box::pin(async move { discard_draft(&app, &who, id, None).await.map(|()| "discarded") }));
            let sending = s.job(&s.sign_in("applicant").await, id, Uuid::now_v7(), submission(revision));
            jobs.push(Box::pin(async move { sending.await.map(|_| "submitted") }));
            let (app, who) = (s.app.clone(), s.sign_in("applicant").await);
            let fields = [("address".to_owned(), "别处".into())].into();
            let edit = DraftEdit::Fields { step: "person".into(), base: revision, fields };
            jobs.push(Box::pin(async move { edit_draft(&app, &who, id, edit).await.map(|_| "saved") }));
        }
        let done = at_once(jobs).await;
        winners(&done);
        let count = |what: &str| done.iter().filter(|r| r.as_ref().is_ok_and(|done| *done == what)).count();
        assert_eq!(count("discarded") + count("submitted"), 1, "{done:?}");
        assert_eq!(s.matter_row(id).await.is_some(), count("submitted") == 1);
        if count("submitted") == 1 {
            s.execute(&who, id, "withdraw").await.unwrap();
        }
    }
});

demo_test!(files_attached_at_once_fill_a_field_and_never_overfill_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = s.matter(&who, "环境管理体系").await;
    let path = Path::field("other");
    let pictures = (0..12_u8).map(|i| {
        let (app, who, path) = (s.app.clone(), who.clone(), path.clone());
        let mut bytes = Vec::new();
        let image = image::RgbImage::from_pixel(16, 16, image::Rgb([i; 3]));
        image.write_with_encoder(image::codecs::png::PngEncoder::new(&mut bytes)).unwrap();
        async move { attach(&app, &who, id, path, &format!("{i}.png"), bytes).await }
    });
    let attached = at_once(pictures).await;
    let stand = crate::matter::load(&s.app, &who, id).await.unwrap().answers.fields.get("other").map_or(0, |v| v.files().len());
    assert_eq!(winners(&attached), stand, "{attached:?}");
    assert_eq!(stand, 5, "the field takes five");
});

demo_test!(one_of_several_applications_for_a_domain_and_grade_is_open, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let mut drafts = Vec::new();
    for _ in 0..4 {
        drafts.push(s.ready("EMS").await);
    }
    let send = |i: usize| s.job(&who, drafts[i % 4].0, Uuid::now_v7(), submission(drafts[i % 4].1));
    let sent = at_once((0..ATTEMPTS).map(send)).await;
    assert_eq!(winners(&sent), 1, "{sent:?}");
    assert!(sent.iter().any(|r| matches!(r, Err(MatterError::AlreadyOpen(_, Some(title))) if title.contains("环境管理体系"))), "{sent:?}");
    // Withdrawn, it makes room for another one.
    let mut open = None;
    for (id, _) in &drafts {
        let row = s.matter_row(*id).await.unwrap();
        open = open.or(row.submitted_at.map(|_| row.id));
    }
    s.execute(&who, open.unwrap(), "withdraw").await.unwrap();
    let next = drafts.iter().find(|(id, _)| Some(*id) != open).unwrap();
    s.submit(&who, next.0, next.1, Uuid::now_v7()).await.unwrap();
});

demo_test!(a_returned_application_keeps_its_place, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let ((first, revision), (second, its)) = (s.ready("EMS").await, s.ready("EMS").await);
    s.submit(&who, first, revision, Uuid::now_v7()).await.unwrap();
    s.execute(&s.sign_in("inst-a").await, first, "return").await.unwrap();
    let refused = s.submit(&who, second, its, Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(refused, MatterError::AlreadyOpen(..)), "{refused:?}");
});

demo_test!(of_several_appeals_against_one_decision_and_of_several_transfers_one_is_open, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let (a, b) = (s.sign_in("inst-a").await.caller().institutions[0].0, s.sign_in("inst-b").await.caller().institutions[0].0);
    let case = s.matter(&who, "质量管理体系").await;
    passed(&s, case).await;
    officer_decides(&s, case, "refuse").await;
    let certified = s.sign_in("certified").await;
    for code in ["appeal", "transfer"] {
        let mut drafts = Vec::new();
        let owner = if code == "appeal" { &who } else { &certified };
        for _ in 0..4 {
            let (case, a, b) = (case.to_string(), a.to_string(), b.to_string());
            let id = if code == "appeal" {
                let id = begin_draft(&s.app, owner, &appeal::KIND, Uuid::now_v7()).await.unwrap();
                let said = [("disputed", case.as_str()), ("claim", "请撤销"), ("grounds", "理由"), ("declared", "yes")];
                fill_step(&s.app, owner, id, "appeal", &said).await.unwrap();
                id
            } else {
                withdraw_all(&s, owner).await;
                let id = begin_draft(&s.app, owner, &transfer::KIND, Uuid::now_v7()).await.unwrap();
                let choices = [("from_institution", a.as_str()), ("to_institution", b.as_str()), ("ground", "agreed")];
                fill_step(&s.app, owner, id, "transfer", &choices).await.unwrap();
                fill_step(&s.app, owner, id, "papers", &[("declared", "2026-11")]).await.unwrap();
                id
            };
            drafts.push((id, crate::matter::load(&s.app, owner, id).await.unwrap().revision));
        }
        let send = |i: usize| s.job(owner, drafts[i % 4].0, Uuid::now_v7(), submission(drafts[i % 4].1));
        let sent = at_once((0..ATTEMPTS).map(send)).await;
        assert_eq!(winners(&sent), 1, "{code}: {sent:?}");
    }
});

/// Ends the open registrations of a person as a transfer requires.
pub(super) async fn withdraw_all(s: &TestApp, who: &Allowed) {
    let page = list_own(&s.app, who, OwnView::Open.into(), None).await.unwrap();
    for matter in page.matters.iter().filter(|m| m.kind.is_some_and(|kind| kind.code == registration::KIND.code)) {
        let (id, now) = (matter.id, s.app.now());
        let close = s.app.db.write(move |tx| Box::pin(async move { db::matter::close_for_test(tx, id, now).await }));
        close.await.unwrap();
    }
}

demo_test!(a_second_certificate_of_a_domain_and_grade_is_refused_at_the_submission_and_at_the_approval, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let ((first, revision), (second, its)) = (s.ready("EMS").await, s.ready("EMS").await);
    let mut ready = Vec::new();
    for (id, revision) in [(first, revision), (second, its)] {
        s.submit(&who, id, revision, Uuid::now_v7()).await.unwrap();
        passed(&s, id).await;
        officer_decides(&s, id, "propose").await;
        s.app.db.write(move |tx| Box::pin(async move { db::matter_key::release(tx, id).await })).await.unwrap();
        ready.push(id);
    }
    let people = [s.sign_in("admin").await, s.sign_in("approver2").await];
    let done = at_once((0..ATTEMPTS).map(|i| s.job(&people[i % 2], ready[i / 2 % 2], Uuid::now_v7(), named("approve")))).await;
    assert_eq!(winners(&done), 1, "{done:?}");
    let held: Vec<_> = s.certificates_of("applicant").await.into_iter().filter(|c| c.domain == "EMS").collect();
    assert_eq!(held.len(), 1, "one certificate");
    let left: BTreeSet<Uuid> = ready.iter().copied().filter(|id| held.iter().all(|c| c.matter_id != *id)).collect();
    let blocked = s.execute(&people[0], *left.first().unwrap(), "approve").await.unwrap_err();
    assert!(matches!(&blocked, MatterError::Blocked(why) if why.contains(&held[0].number)), "{blocked:?}");
    s.execute(&people[0], *left.first().unwrap(), "refuse").await.unwrap();
    let (third, revision) = s.ready("EMS").await;
    let refused = s.submit(&who, third, revision, Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(&refused, MatterError::InvalidAnswers(p) if p.iter().any(|p| p.issue.code == "held")), "{refused:?}");
});

demo_test!(a_change_of_institution_after_a_return_counts_when_it_is_submitted, |demo| async move {
    let s = TestApp::new(demo).await;
    let (who, inst, other) = (s.sign_in("applicant").await, s.sign_in("inst-a").await, s.sign_in("inst-b").await);
    let id = s.matter(&who, "质量管理体系").await;
    s.execute(&inst, id, "return").await.unwrap();
    let before = s.matter_row(id).await.unwrap();
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    let to = other.caller().institutions[0].0;
    let mut fields: BTreeMap<_, _> = opened
        .kind
        .form
        .step("business")
        .unwrap()
        .fields()
        .filter_map(|f| Some((f.name.to_owned(), opened.answers.fields.get(f.name)?.clone())))
        .collect();
    fields.insert("recommending_institution".into(), to.to_string().as_str().into());
    fields.insert("domain".into(), "EMS".into());
    let edit = DraftEdit::Fields { step: "business".into(), base: opened.revision, fields };
    let saved = edit_draft(&s.app, &who, id, edit).await.unwrap();
    let row = s.matter_row(id).await.unwrap();
    assert_eq!((row.institution_id, row.title), (before.institution_id, before.title), "only saved");
    assert!(crate::matter::load(&s.app, &inst, id).await.is_ok());
    assert!(matches!(crate::matter::load(&s.app, &other, id).await, Err(MatterError::NotFound)));
    s.submit(&who, id, saved.revision, Uuid::now_v7()).await.unwrap();
    let row = s.matter_row(id).await.unwrap();
    assert_eq!(row.institution_id, Some(to));
    assert!(row.title.contains("环境管理体系"), "{}", row.title);
    assert!(matches!(crate::matter::load(&s.app, &inst, id).await, Err(MatterError::NotFound)));
});

demo_test!(of_twenty_accounts_with_one_document_mobile_or_name_one_is_made, |demo| async move {
    let s = TestApp::new(demo).await;
    for shared in ["document", "mobile", "name"] {
        let made = at_once((0..ATTEMPTS).map(|i| {
            let own = |what: &str| if what == shared { 0 } else { i + 1 };
            let person = Person {
                name: "张伟".into(),
                document_type: "passport".into(),
                document_number: format!("{shared}-{}", own("document")),
                sex: domain::base::identity::Sex::Male,
                birth_date: s.app.today(),
                mobile: format!("{shared}-{}", own("mobile")),
                email: format!("{shared}-{i}@example.com"),
            };
            let row = new_account_row(&s.app, &format!("{shared}-{}", own("name")), &person, String::new(), false);
            let (db, keys) = (s.app.db.clone(), s.app.keys.clone());
            async move {
                db.write(move |tx| Box::pin(async move { insert_account(tx, &keys, row, &person).await })).await.map_err(MatterError::from)
            }
        }))
        .await;
        assert_eq!(winners(&made), 1, "{shared}: {made:?}");
    }
});
