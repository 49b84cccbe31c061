//! Matters on both databases: permissions, and concurrent commands.

mod access;
mod caps;
mod deadline;
mod discarded;
mod disputes;
mod durations;
mod earlier_rules;
mod excluded;
pub(crate) mod identity;
mod identity_races;
mod institution;
mod library;
mod limits;
mod links;
mod needs;
mod number;
mod owner;
mod panel;
mod participants;
mod patch;
mod practice;
pub(crate) mod races;
pub(crate) mod renewal_races;
mod reuse;
mod review;
pub(crate) mod samples;
mod seen;
mod statements;
mod tasks;
mod transition_form;
mod transitions;
pub(crate) mod user_roles;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::base::permission::{GrantStatus, InstitutionRole};
use domain::engine::flow::{Command, Refusal};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::infra::db::{self, BoxFuture, DbError};
use crate::infra::secret::SealContext;
use crate::matter::answers::ANSWERS;
use crate::matter::*;
use crate::workflow::draft::DraftEdit;

/// Passed by the institution, and paid.
async fn passed(s: &TestApp, id: Uuid) {
    s.execute(&s.sign_in("inst-a").await, id, "pass").await.unwrap();
    paid(s, id).await;
}

async fn paid(s: &TestApp, id: Uuid) {
    crate::demo::actions::pay(&s.app, &s.sign_in("applicant").await, id).await.unwrap();
    crate::demo::actions::accept_voucher(&s.app, &s.sign_in("finance").await, id).await.unwrap();
}

/// The officer of the association accepts an application, leaves out the experts, and proposes or refuses it.
async fn officer_decides(s: &TestApp, id: Uuid, decision: &str) {
    let officer = s.sign_in("officer").await;
    for command in ["accept", "waive", decision] {
        s.execute(&officer, id, command).await.unwrap();
    }
}

fn decisions_at(opened: &LoadedMatter, stage: &str) -> usize {
    opened.state.deciders.get(stage).map_or(0, Vec::len)
}

demo_test!(an_application_goes_from_submission_to_a_certificate, |demo| async move {
    let s = TestApp::new(demo).await;
    let (applicant, inst) = (s.sign_in("applicant").await, s.sign_in("inst-a").await);
    let id = s.matter(&applicant, "质量管理体系").await;
    assert_eq!(s.execute(&inst, id, "pass").await.unwrap().stage, "payment");
    paid(&s, id).await;
    officer_decides(&s, id, "propose").await;
    let done = s.execute(&s.sign_in("admin").await, id, "approve").await.unwrap();
    assert_eq!(done.stage, "granted");
    let certificate = crate::record::certificate::certificate_of_matter(&s.app, id).await.unwrap().unwrap();
    assert!(domain::record::certificate::is_number(&certificate.row.number));
    assert_eq!(certificate.holder, "林晓月");
    assert_eq!(certificate.row.valid_until.to_string(), "2029-11-22");
    let found = crate::record::certificate::certificate_by_number(&s.app, &certificate.row.number).await.unwrap().unwrap();
    assert_eq!(found.row.id, certificate.row.id);
    assert!(crate::service::message::count_unread(&s.app, applicant.account()).await.unwrap() >= 3);
});

demo_test!(nobody_else_sees_a_matter_or_decides_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "质量管理体系").await;
    for stranger in ["certified", "inst-b", "expert1", "teacher", "finance", "examiner"] {
        let who = s.sign_in(stranger).await;
        assert!(matches!(crate::matter::load(&s.app, &who, id).await, Err(MatterError::NotFound)), "{stranger}");
        for command in ["pass", "return", "reject", "accept", "approve", "withdraw", "submit"] {
            assert!(matches!(s.execute(&who, id, command).await, Err(MatterError::NotFound)), "{stranger} {command}");
        }
    }
    for (who, command) in [("applicant", "pass"), ("applicant", "approve"), ("inst-a", "accept"), ("officer", "pass"), ("admin", "approve")]
    {
        let error = s.execute(&s.sign_in(who).await, id, command).await.unwrap_err();
        assert!(matches!(error, MatterError::Refused(Refusal::NotOpen)), "{who} {command}: {error}");
    }
    let draft = s.matter(&applicant, "环境管理体系").await;
    for other in ["inst-a", "officer"] {
        let who = s.sign_in(other).await;
        assert!(matches!(crate::matter::load(&s.app, &who, draft).await, Err(MatterError::NotFound)), "{other} reads a draft");
    }
});

demo_test!(two_decisions_at_once_make_one, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "质量管理体系").await;
    let inst = s.sign_in("inst-a").await;
    let (a, b) = tokio::join!(s.execute(&inst, id, "pass"), s.execute(&inst, id, "reject"));
    assert_eq!([&a, &b].iter().filter(|r| r.is_ok()).count(), 1, "{a:?} {b:?}");
    let seen = crate::matter::load(&s.app, &inst, id).await.unwrap();
    assert_eq!(decisions_at(&seen, "institution_review"), 1);
});

demo_test!(one_key_is_one_command_however_often_it_is_sent, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "质量管理体系").await;
    let inst = s.sign_in("inst-a").await;
    let key = Uuid::now_v7();
    let all = futures::future::join_all((0..20).map(|_| s.execute_with_key(&inst, id, "pass", key))).await;
    for answer in all {
        assert_eq!(answer.unwrap().stage, "payment");
    }
    assert_eq!(decisions_at(&crate::matter::load(&s.app, &inst, id).await.unwrap(), "institution_review"), 1);
    let other = s.execute_with_key(&inst, id, "reject", key).await.unwrap_err();
    assert!(matches!(other, MatterError::KeyReused));
});

demo_test!(what_was_returned_must_be_changed_before_it_is_submitted_again, |demo| async move {
    let s = TestApp::new(demo).await;
    let certified = s.sign_in("certified").await;
    let id = s.matter(&certified, "信息安全管理体系").await;
    let revision = crate::matter::load(&s.app, &certified, id).await.unwrap().revision;
    let same = s.submit(&certified, id, revision, Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(same, MatterError::Refused(Refusal::Unchanged)));
    let opened = crate::matter::load(&s.app, &certified, id).await.unwrap();
    let step = opened.kind.form.step("person").unwrap();
    let mut fields: BTreeMap<_, _> =
        step.fields().filter_map(|f| Some((f.name.to_owned(), opened.answers.fields.get(f.name)?.clone()))).collect();
    fields.insert("postcode".into(), "200121".into());
    let saved =
        crate::workflow::draft::edit_draft(&s.app, &certified, id, DraftEdit::Fields { step: "person".into(), base: revision, fields })
            .await
            .unwrap();
    let old = s.submit(&certified, id, revision, Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(old, MatterError::Refused(Refusal::OldRevision)));
    s.submit(&certified, id, saved.revision, Uuid::now_v7()).await.unwrap();
    let after = crate::matter::load(&s.app, &certified, id).await.unwrap();
    assert_eq!((after.state.stage.as_str(), after.is_editable()), ("institution_review", false));
});

demo_test!(an_unfinished_draft_is_saved_but_not_submitted, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "环境管理体系").await;
    let fields = [("name_pinyin".to_owned(), "x".into()), ("entry_date".to_owned(), "2026-02-30".into())].into();
    let base = crate::matter::load(&s.app, &applicant, id).await.unwrap().revision;
    let saved = crate::workflow::draft::edit_draft(&s.app, &applicant, id, DraftEdit::Fields { step: "person".into(), base, fields })
        .await
        .unwrap();
    let error = s.submit(&applicant, id, saved.revision, Uuid::now_v7()).await.unwrap_err();
    let MatterError::InvalidAnswers(problems) = error else { panic!("{error}") };
    assert!(problems.iter().any(|p| p.issue.code == "day_not_in_calendar"));
    assert!(problems.iter().any(|p| p.issue.code == "no_record"));
    assert_eq!(crate::matter::load(&s.app, &applicant, id).await.unwrap().answers.text("entry_date"), "2026-02-30");
});

demo_test!(two_tabs_on_two_pages_both_count_and_on_one_field_are_asked_about, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "环境管理体系").await;
    let base = crate::matter::load(&s.app, &applicant, id).await.unwrap().revision;
    let edit = |pairs: &[(&str, &str)]| DraftEdit::Fields {
        step: "person".into(),
        base,
        fields: pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())).collect(),
    };
    crate::workflow::draft::edit_draft(&s.app, &applicant, id, edit(&[("address", "甲路 1 号")])).await.unwrap();
    crate::workflow::draft::edit_draft(&s.app, &applicant, id, edit(&[("postcode", "100000")])).await.unwrap();
    let both = crate::matter::load(&s.app, &applicant, id).await.unwrap().answers;
    assert_eq!((both.text("address"), both.text("postcode")), ("甲路 1 号", "100000"));
    let error = crate::workflow::draft::edit_draft(&s.app, &applicant, id, edit(&[("address", "乙路 2 号")])).await.unwrap_err();
    let MatterError::EditConflicts(questions, _) = error else { panic!("{error}") };
    assert_eq!(questions[0].path, domain::engine::form::Path::field("address"));
    assert_eq!(crate::matter::load(&s.app, &applicant, id).await.unwrap().answers.text("address"), "甲路 1 号");
});

demo_test!(a_file_is_read_only_by_who_may_see_the_matter, |demo| async move {
    let s = TestApp::new(demo).await;
    let (applicant, inst, stranger) = (s.sign_in("applicant").await, s.sign_in("inst-a").await, s.sign_in("inst-b").await);
    let id = s.matter(&applicant, "质量管理体系").await;
    let file = crate::matter::load(&s.app, &applicant, id).await.unwrap().answers.files().next().unwrap().file;
    assert_eq!(crate::workflow::files::download(&s.app, &inst, id, file).await.unwrap().mime, "image/jpeg");
    assert!(matches!(crate::workflow::files::download(&s.app, &stranger, id, file).await, Err(MatterError::NotFound)));
    assert!(matches!(crate::workflow::files::download(&s.app, &inst, id, Uuid::now_v7()).await, Err(MatterError::NotFound)));
});

demo_test!(a_photo_of_the_wrong_kind_size_or_shape_is_not_attached, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "环境管理体系").await;
    let jpeg = |width, height| {
        let mut bytes = Vec::new();
        let image = image::RgbImage::new(width, height);
        image.write_with_encoder(image::codecs::jpeg::JpegEncoder::new(&mut bytes)).unwrap();
        bytes
    };
    let photo = domain::engine::form::Path::field("photo");
    for (bytes, code) in [(jpeg(8, 8), "photo_small"), (jpeg(500, 500), "photo_shape"), (b"%PDF-1.4\n%%EOF\n".to_vec(), "photo_not_jpeg")] {
        let error = crate::workflow::files::attach(&s.app, &applicant, id, photo.clone(), "证件照.jpg", bytes.clone()).await.unwrap_err();
        assert!(matches!(error, MatterError::File(e) if e.code() == code), "{code}: {error}");
        assert!(crate::matter::load(&s.app, &applicant, id).await.unwrap().answers.files().next().is_none());
    }
    crate::workflow::files::attach(&s.app, &applicant, id, photo, "证件照.jpg", jpeg(295, 413)).await.unwrap();
    let other = domain::engine::form::Path::field("id_card_front");
    crate::workflow::files::attach(&s.app, &applicant, id, other, "人像面.jpg", jpeg(8, 8)).await.unwrap();
});

demo_test!(a_person_who_left_an_institution_no_longer_stands_at_its_desk, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "质量管理体系").await;
    let account = s.account("inst-a").await;
    let (institution, _) = s.sign_in("inst-a").await.caller().institutions[0].clone();
    for status in [GrantStatus::Pending, GrantStatus::Suspended, GrantStatus::Ended] {
        let today = s.app.today();
        s.app
            .db
            .write(move |tx| {
                Box::pin(
                    async move { db::institution::set_membership(tx, account, institution, InstitutionRole::User, status, today).await },
                )
            })
            .await
            .unwrap();
        let who = s.sign_in("inst-a").await;
        assert!(matches!(crate::matter::load(&s.app, &who, id).await, Err(MatterError::NotFound)), "{status:?}");
    }
});

demo_test!(a_dropped_request_loses_nothing_it_began, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "质量管理体系").await;
    let inst = s.sign_in("inst-a").await;
    for _ in 0..50 {
        let _ = tokio::time::timeout(std::time::Duration::from_micros(200), s.execute(&inst, id, "pass")).await;
    }
    s.app.clock.advance(TimeDelta::seconds(1));
    let again = s.execute(&inst, id, "pass").await;
    assert!(again.is_ok() || matches!(again, Err(MatterError::Refused(Refusal::NotOpen))), "{again:?}");
    assert_eq!(decisions_at(&crate::matter::load(&s.app, &inst, id).await.unwrap(), "institution_review"), 1);
});

demo_test!(a_draft_begins_with_what_was_chosen_and_a_second_click_changes_nothing, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("expert1").await;
    let kind = &domain::kind::registration::KIND;
    let id = Uuid::now_v7();
    let chosen = |domain: &str| BTreeMap::from([("domain".to_owned(), domain.into()), ("no_such_field".to_owned(), "x".into())]);
    crate::workflow::draft::begin_draft_with(&s.app, &who, kind, id, chosen("EMS")).await.unwrap();
    crate::workflow::draft::begin_draft_with(&s.app, &who, kind, id, chosen("QMS")).await.unwrap();
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    assert_eq!((opened.answers.text("domain"), opened.revision, opened.title.as_str()), ("EMS", 1, "环境管理体系"));
    assert_eq!(opened.answers.fields.len(), 1);
});

demo_test!(a_draft_of_the_first_form_opens_and_is_saved_as_one_of_the_present, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = s.matter(&who, "环境管理体系").await;
    let mut old = crate::matter::load(&s.app, &who, id).await.unwrap().answers;
    old.fields.insert("declared".into(), "yes".into());
    let sealed = s.app.keys.seal_json(SealContext::new(ANSWERS, id), &old);
    let revision = crate::matter::load(&s.app, &who, id).await.unwrap().revision;
    let now = s.app.now();
    let saved = s
        .app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let update = db::matter::RevisionUpdate {
                    id,
                    from: revision,
                    event_count: 0,
                    form_version: 1,
                    title: "环境管理体系",
                    institution: None,
                    saved_by: None,
                    now,
                };
                let saved = db::matter::set_revision(tx, &update).await?;
                db::matter::insert_answers(tx, id, revision + 1, &sealed, now).await?;
                Ok::<_, DbError>(saved)
            })
        })
        .await;
    assert!(saved.unwrap());
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    assert_eq!(opened.form_version, 1);
    assert_eq!(opened.answers.text("declared"), domain::kind::registration::DECLARATION.version);
    let fields = BTreeMap::from([("declared".to_owned(), "".into()), ("signed_name".to_owned(), "林晓月".into())]);
    let change = DraftEdit::Fields { step: "declaration".into(), base: opened.revision, fields };
    crate::workflow::draft::edit_draft(&s.app, &who, id, change).await.unwrap();
    let saved = crate::matter::load(&s.app, &who, id).await.unwrap();
    assert_eq!((saved.form_version, saved.answers.text("domain")), (domain::kind::registration::FORM.version, "EMS"));
});

demo_test!(a_submission_lacks_what_its_requirements_lack_and_is_judged_by_the_day_it_was_first_made, |demo| async move {
    let s = TestApp::new(demo).await;
    let certified = s.sign_in("certified").await;
    let id = s.matter(&certified, "信息安全管理体系").await;
    // The domain's score ends while the application lies with its applicant.
    s.app.clock.advance(TimeDelta::days(3 * 366));
    let opened = crate::matter::load(&s.app, &certified, id).await.unwrap();
    let context = crate::matter::context::matter_context(&s.app, &opened, Shown::everything()).await.unwrap();
    assert!(opened.submission_problems(&context.as_context()).iter().all(|p| p.issue.code != "requirement_missing"));
    let fresh = crate::matter::context::applicant_context(&s.app, certified.caller()).await.unwrap();
    let missing: Vec<_> =
        opened.submission_problems(&fresh.as_context()).into_iter().filter(|p| p.issue.code == "requirement_missing").collect();
    assert_eq!(
        missing.iter().map(|p| p.step).collect::<Vec<_>>(),
        ["exam"],
        "{:?}",
        missing.iter().map(|p| p.message()).collect::<Vec<_>>()
    );
});
