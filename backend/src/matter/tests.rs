//! The thin path on both databases: who may do what, and what happens when two do it at once.

mod disputes;
mod pace;
mod patch;
mod reuse;
mod review;

use crate::workflow::draft::Change;
use crate::workflow::execute::Act;
use crate::workflow::execute::Acted;
use chrono::TimeDelta;
use domain::base::permission::Action;
use domain::engine::flow::{Command, Refusal};
use uuid::Uuid;

use crate::demo::testing::{Demo, in_demo};
use crate::matter::*;

struct Stage {
    app: AppState,
    _demo: Demo,
}

async fn app(demo: Demo) -> Stage {
    Stage { app: demo.app().await, _demo: demo }
}

impl Stage {
    async fn enter(&self, name: &str) -> Allowed {
        let id = self.account(name).await;
        let caller = crate::access::guard::caller(&self.app, id).await.unwrap();
        crate::access::guard::guard(&self.app, caller.as_ref(), Action::Matter).unwrap()
    }

    async fn account(&self, name: &str) -> Uuid {
        let mut tx = self.app.db.read().await.unwrap();
        db::account::by_name(&mut tx, name).await.unwrap().unwrap().id
    }

    /// The demo matter of someone in a domain.
    async fn matter(&self, who: &Allowed, title: &str) -> Uuid {
        let page = crate::service::matters::own_matters(&self.app, who, "all", None).await.unwrap();
        page.lines.iter().find(|l| l.row.title.starts_with(title)).unwrap().row.id
    }

    async fn act(&self, who: &Allowed, matter: Uuid, name: &str) -> Result<Acted, MatterError> {
        self.act_with(who, matter, name, Uuid::now_v7()).await
    }

    async fn act_with(&self, who: &Allowed, matter: Uuid, name: &str, key: Uuid) -> Result<Acted, MatterError> {
        let command = Command { name: name.into(), note: "意见".into(), ..Command::default() };
        crate::workflow::execute::act(&self.app, who, Act { key, matter, command }).await
    }

    async fn submit(&self, who: &Allowed, matter: Uuid, revision: i64, key: Uuid) -> Result<Acted, MatterError> {
        let command = Command { name: "submit".into(), revision: Some(revision), ..Command::default() };
        crate::workflow::execute::act(&self.app, who, Act { key, matter, command }).await
    }
}

/// Passed by the institution, and paid.
async fn passed(s: &Stage, id: Uuid) {
    s.act(&s.enter("inst-a").await, id, "pass").await.unwrap();
    paid(s, id).await;
}

async fn paid(s: &Stage, id: Uuid) {
    crate::demo::cases::pay(&s.app, &s.enter("applicant").await, id).await.unwrap();
    crate::demo::cases::check(&s.app, &s.enter("finance").await, id).await.unwrap();
}

fn decisions_at(opened: &Opened, stage: &str) -> usize {
    opened.facts.deciders.get(stage).map_or(0, Vec::len)
}

#[test]
fn an_application_goes_from_submission_to_a_certificate() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (applicant, inst, officer) = (s.enter("applicant").await, s.enter("inst-a").await, s.enter("officer").await);
        let id = s.matter(&applicant, "质量管理体系").await;
        assert_eq!(s.act(&inst, id, "pass").await.unwrap().stage, "payment");
        paid(&s, id).await;
        for command in ["accept", "waive", "propose"] {
            s.act(&officer, id, command).await.unwrap();
        }
        let done = s.act(&s.enter("admin").await, id, "approve").await.unwrap();
        assert_eq!(done.stage, "granted");
        let certificate = crate::record::certificate::certificate_of(&s.app, id).await.unwrap().unwrap();
        assert!(domain::record::certificate::is_number(&certificate.row.number));
        assert_eq!(certificate.holder, "林晓月");
        assert_eq!(certificate.row.valid_until.to_string(), "2029-11-22");
        let found = crate::record::certificate::verify(&s.app, &certificate.row.number).await.unwrap().unwrap();
        assert_eq!(found.row.id, certificate.row.id);
        assert!(crate::service::message::unread(&s.app, applicant.account()).await.unwrap() >= 3);
    });
}

#[test]
fn nobody_else_sees_a_matter_or_decides_it() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let applicant = s.enter("applicant").await;
        let id = s.matter(&applicant, "质量管理体系").await;
        for stranger in ["certified", "inst-b", "expert1", "teacher"] {
            let who = s.enter(stranger).await;
            assert!(matches!(crate::matter::open_matter(&s.app, &who, id).await, Err(MatterError::NotFound)), "{stranger}");
            for command in ["pass", "return", "reject", "accept", "approve", "withdraw", "submit"] {
                assert!(matches!(s.act(&who, id, command).await, Err(MatterError::NotFound)), "{stranger} {command}");
            }
        }
        for (who, command) in [
            ("applicant", "pass"),
            ("applicant", "approve"),
            ("inst-a", "accept"),
            ("officer", "pass"),
            ("finance", "accept"),
            ("admin", "approve"),
        ] {
            let error = s.act(&s.enter(who).await, id, command).await.unwrap_err();
            assert!(matches!(error, MatterError::Refused(Refusal::NotOpen)), "{who} {command}: {error}");
        }
        let draft = s.matter(&applicant, "环境管理体系").await;
        for other in ["inst-a", "officer"] {
            let who = s.enter(other).await;
            assert!(matches!(crate::matter::open_matter(&s.app, &who, draft).await, Err(MatterError::NotFound)), "{other} reads a draft");
        }
    });
}

#[test]
fn two_decisions_at_once_make_one() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let applicant = s.enter("applicant").await;
        let id = s.matter(&applicant, "质量管理体系").await;
        let inst = s.enter("inst-a").await;
        let (a, b) = tokio::join!(s.act(&inst, id, "pass"), s.act(&inst, id, "reject"));
        assert_eq!([&a, &b].iter().filter(|r| r.is_ok()).count(), 1, "{a:?} {b:?}");
        let seen = crate::matter::open_matter(&s.app, &inst, id).await.unwrap();
        assert_eq!(decisions_at(&seen, "institution_review"), 1);
    });
}

#[test]
fn one_key_is_one_command_however_often_it_is_sent() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let applicant = s.enter("applicant").await;
        let id = s.matter(&applicant, "质量管理体系").await;
        let inst = s.enter("inst-a").await;
        let key = Uuid::now_v7();
        let all = futures::future::join_all((0..20).map(|_| s.act_with(&inst, id, "pass", key))).await;
        for answer in all {
            assert_eq!(answer.unwrap().stage, "payment");
        }
        assert_eq!(decisions_at(&crate::matter::open_matter(&s.app, &inst, id).await.unwrap(), "institution_review"), 1);
        let other = s.act_with(&inst, id, "reject", key).await.unwrap_err();
        assert!(matches!(other, MatterError::Reused));
    });
}

#[test]
fn what_was_returned_must_be_changed_before_it_is_submitted_again() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let certified = s.enter("certified").await;
        let id = s.matter(&certified, "信息安全管理体系").await;
        let revision = crate::matter::open_matter(&s.app, &certified, id).await.unwrap().row.revision;
        let same = s.submit(&certified, id, revision, Uuid::now_v7()).await.unwrap_err();
        assert!(matches!(same, MatterError::Refused(Refusal::Unchanged)));
        let opened = crate::matter::open_matter(&s.app, &certified, id).await.unwrap();
        let step = opened.kind.form.step("person").unwrap();
        let mut fields: BTreeMap<_, _> =
            step.fields().filter_map(|f| Some((f.name.to_owned(), opened.answers.fields.get(f.name)?.clone()))).collect();
        fields.insert("postcode".into(), "200121".into());
        let saved =
            crate::workflow::draft::edit_matter(&s.app, &certified, id, Change::Fields { step: "person".into(), base: revision, fields })
                .await
                .unwrap();
        let old = s.submit(&certified, id, revision, Uuid::now_v7()).await.unwrap_err();
        assert!(matches!(old, MatterError::Refused(Refusal::OldRevision)));
        s.submit(&certified, id, saved.revision, Uuid::now_v7()).await.unwrap();
        let after = crate::matter::open_matter(&s.app, &certified, id).await.unwrap();
        assert_eq!((after.facts.stage.as_str(), after.editable()), ("institution_review", false));
    });
}

#[test]
fn an_unfinished_draft_is_saved_but_not_submitted() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let applicant = s.enter("applicant").await;
        let id = s.matter(&applicant, "环境管理体系").await;
        let fields = [("name_pinyin".to_owned(), "x".into()), ("entry_date".to_owned(), "2026-02-30".into())].into();
        let base = crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().row.revision;
        let saved = crate::workflow::draft::edit_matter(&s.app, &applicant, id, Change::Fields { step: "person".into(), base, fields })
            .await
            .unwrap();
        let error = s.submit(&applicant, id, saved.revision, Uuid::now_v7()).await.unwrap_err();
        let MatterError::Unsound(problems) = error else { panic!("{error}") };
        assert!(problems.iter().any(|p| p.issue.code == "day_not_in_calendar"));
        assert!(problems.iter().any(|p| p.issue.code == "no_record"));
        assert_eq!(crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().answers.text("entry_date"), "2026-02-30");
    });
}

#[test]
fn two_tabs_on_two_pages_both_count_and_on_one_field_are_asked_about() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let applicant = s.enter("applicant").await;
        let id = s.matter(&applicant, "环境管理体系").await;
        let base = crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().row.revision;
        let edit = |pairs: &[(&str, &str)]| Change::Fields {
            step: "person".into(),
            base,
            fields: pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())).collect(),
        };
        crate::workflow::draft::edit_matter(&s.app, &applicant, id, edit(&[("address", "甲路 1 号")])).await.unwrap();
        crate::workflow::draft::edit_matter(&s.app, &applicant, id, edit(&[("postcode", "100000")])).await.unwrap();
        let both = crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().answers;
        assert_eq!((both.text("address"), both.text("postcode")), ("甲路 1 号", "100000"));
        let error = crate::workflow::draft::edit_matter(&s.app, &applicant, id, edit(&[("address", "乙路 2 号")])).await.unwrap_err();
        let MatterError::Questions(questions, _) = error else { panic!("{error}") };
        assert_eq!(questions[0].path, domain::engine::form::Path::field("address"));
        assert_eq!(crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().answers.text("address"), "甲路 1 号");
    });
}

#[test]
fn a_file_is_read_only_by_who_may_see_the_matter() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (applicant, inst, stranger) = (s.enter("applicant").await, s.enter("inst-a").await, s.enter("inst-b").await);
        let id = s.matter(&applicant, "质量管理体系").await;
        let file = crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().answers.files().next().unwrap().file;
        assert_eq!(crate::workflow::files::download(&s.app, &inst, id, file).await.unwrap().mime, "image/jpeg");
        assert!(matches!(crate::workflow::files::download(&s.app, &stranger, id, file).await, Err(MatterError::NotFound)));
        assert!(matches!(crate::workflow::files::download(&s.app, &inst, id, Uuid::now_v7()).await, Err(MatterError::NotFound)));
    });
}

#[test]
fn a_photo_of_the_wrong_kind_size_or_shape_is_not_attached() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let applicant = s.enter("applicant").await;
        let id = s.matter(&applicant, "环境管理体系").await;
        let jpeg = |width, height| {
            let mut bytes = Vec::new();
            let image = image::RgbImage::new(width, height);
            image.write_with_encoder(image::codecs::jpeg::JpegEncoder::new(&mut bytes)).unwrap();
            bytes
        };
        let photo = domain::engine::form::Path::field("photo");
        for (bytes, code) in
            [(jpeg(8, 8), "photo_small"), (jpeg(500, 500), "photo_shape"), (b"%PDF-1.4\n%%EOF\n".to_vec(), "photo_not_jpeg")]
        {
            let error =
                crate::workflow::files::attach(&s.app, &applicant, id, photo.clone(), "证件照.jpg", bytes.clone()).await.unwrap_err();
            assert!(matches!(error, MatterError::File(e) if e.code() == code), "{code}: {error}");
            assert!(crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().answers.files().next().is_none());
        }
        crate::workflow::files::attach(&s.app, &applicant, id, photo, "证件照.jpg", jpeg(295, 413)).await.unwrap();
        let other = domain::engine::form::Path::field("id_card_front");
        crate::workflow::files::attach(&s.app, &applicant, id, other, "人像面.jpg", jpeg(8, 8)).await.unwrap();
    });
}

#[test]
fn a_person_who_left_an_institution_no_longer_stands_at_its_desk() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let applicant = s.enter("applicant").await;
        let id = s.matter(&applicant, "质量管理体系").await;
        let account = s.account("inst-a").await;
        let (institution, _) = s.enter("inst-a").await.caller().desks[0].clone();
        for status in ["pending", "suspended", "ended"] {
            let today = s.app.today();
            s.app
                .db
                .write(move |tx| Box::pin(async move { db::institution::tie(tx, account, institution, "user", status, today).await }))
                .await
                .unwrap();
            let who = s.enter("inst-a").await;
            assert!(matches!(crate::matter::open_matter(&s.app, &who, id).await, Err(MatterError::NotFound)), "{status}");
        }
    });
}

#[test]
fn a_dropped_request_loses_nothing_it_began() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let applicant = s.enter("applicant").await;
        let id = s.matter(&applicant, "质量管理体系").await;
        let inst = s.enter("inst-a").await;
        for _ in 0..50 {
            let _ = tokio::time::timeout(std::time::Duration::from_micros(200), s.act(&inst, id, "pass")).await;
        }
        s.app.clock.advance(TimeDelta::seconds(1));
        let again = s.act(&inst, id, "pass").await;
        assert!(again.is_ok() || matches!(again, Err(MatterError::Refused(Refusal::NotOpen))), "{again:?}");
        assert_eq!(decisions_at(&crate::matter::open_matter(&s.app, &inst, id).await.unwrap(), "institution_review"), 1);
    });
}

#[test]
fn a_draft_begins_with_what_was_chosen_and_a_second_click_changes_nothing() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let who = s.enter("expert1").await;
        let kind = &domain::kind::registration::KIND;
        let id = Uuid::now_v7();
        let chosen = |domain: &str| BTreeMap::from([("domain".to_owned(), domain.into()), ("no_such_field".to_owned(), "x".into())]);
        crate::workflow::draft::begin_with(&s.app, &who, kind, id, chosen("EMS")).await.unwrap();
        crate::workflow::draft::begin_with(&s.app, &who, kind, id, chosen("QMS")).await.unwrap();
        let opened = crate::matter::open_matter(&s.app, &who, id).await.unwrap();
        assert_eq!((opened.answers.text("domain"), opened.row.revision, opened.row.title.as_str()), ("EMS", 1, "环境管理体系"));
        assert_eq!(opened.answers.fields.len(), 1);
    });
}

#[test]
fn a_draft_of_the_first_form_opens_and_is_saved_as_one_of_the_present() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let who = s.enter("applicant").await;
        let id = s.matter(&who, "环境管理体系").await;
        let mut old = crate::matter::open_matter(&s.app, &who, id).await.unwrap().answers;
        old.fields.insert("declared".into(), "yes".into());
        let sealed = s.app.keys.seal_json(Place::new(ANSWERS, id), &old);
        let revision = crate::matter::open_matter(&s.app, &who, id).await.unwrap().row.revision;
        let now = s.app.now();
        let saved = s
            .app
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let saved = db::matter::saved(tx, id, revision, 1, "环境管理体系", None, now).await?;
                    db::matter::put_answers(tx, id, revision + 1, &sealed, now).await?;
                    Ok::<_, DbError>(saved)
                })
            })
            .await;
        assert!(saved.unwrap());
        let opened = crate::matter::open_matter(&s.app, &who, id).await.unwrap();
        assert_eq!(opened.row.form_version, 1);
        assert_eq!(opened.answers.text("declared"), domain::kind::registration::DECLARATION.version);
        let fields = BTreeMap::from([("declared".to_owned(), "".into()), ("signed_name".to_owned(), "林晓月".into())]);
        let change = Change::Fields { step: "declaration".into(), base: opened.row.revision, fields };
        crate::workflow::draft::edit_matter(&s.app, &who, id, change).await.unwrap();
        let saved = crate::matter::open_matter(&s.app, &who, id).await.unwrap();
        assert_eq!((saved.row.form_version, saved.answers.text("domain")), (domain::kind::registration::FORM.version, "EMS"));
    });
}

#[test]
fn a_submission_lacks_what_its_requirements_lack_and_is_judged_by_the_day_it_was_first_made() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let certified = s.enter("certified").await;
        let id = s.matter(&certified, "信息安全管理体系").await;
        // The domain's score ends while the application lies with its applicant.
        s.app.clock.advance(TimeDelta::days(3 * 366));
        let opened = crate::matter::open_matter(&s.app, &certified, id).await.unwrap();
        let world = crate::matter::context::world_of(&s.app, &opened, certified.caller()).await.unwrap();
        assert!(opened.faults(&world).iter().all(|p| p.issue.code != "requirement_missing"));
        let fresh = crate::matter::context::world_of_caller(&s.app, certified.caller()).await.unwrap();
        let missing: Vec<_> = opened.faults(&fresh).into_iter().filter(|p| p.issue.code == "requirement_missing").collect();
        assert_eq!(
            missing.iter().map(|p| p.step).collect::<Vec<_>>(),
            ["exam"],
            "{:?}",
            missing.iter().map(|p| p.said()).collect::<Vec<_>>()
        );
    });
}
