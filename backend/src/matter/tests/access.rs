//! Who reads what of a matter: hidden answers, former users of an institution, people named in a complaint, and what the database holds.

use crate::service::own_matters::{OwnFilter, list_own};
use domain::base::permission::Role;
use domain::engine::flow::EventKind;

use crate::demo::actions::{decide, fill_step};
use crate::demo::application::{Application, complete};
use crate::matter::answers::{seal_answers, unseal_answers};
use crate::matter::tests::*;
use crate::service::admin::{set_institution_user, set_role};
use crate::service::queue::{QueueFilter, QueueOf};
use crate::workflow::files::download;

const HUAXIN: &str = "91310115MA1K000016";

/// An application for the full grade that was changed to the trainee grade: most of its answers are hidden now.
async fn downgraded(s: &TestApp) -> Uuid {
    let who = s.sign_in("certified").await;
    let institution = s.sign_in("inst-a").await.caller().institutions.first().unwrap().0.to_string();
    // There is one application for a domain and grade at a time.
    let open = s.matter(&who, "信息安全管理体系").await;
    s.execute(&who, open, "withdraw").await.unwrap();
    let application = Application { kind: "upgrade", grade: "full", ..Application::trainee("QMS") };
    let id = complete(&s.app, &who, application, &institution).await.unwrap();
    let business = [
        ("application_kind", "initial"),
        ("domain", "ISMS"),
        ("grade", "trainee"),
        ("recommending_institution", institution.as_str()),
        ("payer_type", "individual"),
    ];
    fill_step(&s.app, &who, id, "business", &business).await.unwrap();
    id
}

/// The file of a hidden audit record, and of a visible education record.
async fn files(s: &TestApp, id: Uuid) -> (Uuid, Uuid) {
    let own = crate::matter::load(&s.app, &s.sign_in("certified").await, id).await.unwrap();
    let of = |list: &str, field: &str| own.answers.records(list).next().unwrap().fields.get(field).unwrap().files().first().unwrap().file;
    (of("audit", "proof"), of("education", "diploma"))
}

demo_test!(answers_that_a_condition_hides_are_neither_read_downloaded_counted_offered_nor_copied, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = downgraded(&s).await;
    let who = s.sign_in("certified").await;
    let own = crate::matter::load(&s.app, &who, id).await.unwrap();
    assert!(own.answers.records("audit").count() > 0, "the draft keeps them");
    let (all, counted) = (own.answers.files().count(), own.applicable_answers(&s.app).files().count());
    assert!(counted < all && own.count_hidden_answers(&s.app) > 0, "{counted} of {all}");
    let (hidden, visible) = files(&s, id).await;
    assert!(download(&s.app, &who, id, hidden).await.is_ok(), "the applicant reads the own one");
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    for reader in ["inst-a", "officer"] {
        let reader = s.sign_in(reader).await;
        let seen = crate::matter::load(&s.app, &reader, id).await.unwrap();
        assert_eq!((seen.answers.records("audit").count(), seen.answers.records("professional").count()), (0, 0));
        assert_eq!(seen.answers.files().count(), counted);
        assert!(matches!(download(&s.app, &reader, id, hidden).await, Err(MatterError::NotFound)));
        assert!(download(&s.app, &reader, id, visible).await.is_ok());
    }
    let offers = crate::service::pages::submitted_page(&s.app, &who, id).await.unwrap().offers;
    assert!(offers.iter().all(|offer| !matches!(offer.list.name, "audit" | "professional")));
    let copy = crate::workflow::copy::copy_matter(&s.app, &who, id, Uuid::now_v7()).await.unwrap();
    let copy = crate::matter::load(&s.app, &who, copy).await.unwrap().answers;
    assert_eq!((copy.records("audit").count(), copy.files().count() <= counted), (0, true));
});

demo_test!(a_matter_of_an_institution_belongs_to_its_users_of_today, |demo| async move {
    let s = TestApp::new(demo).await;
    let owner = s.sign_in("inst-a").await;
    let institution = owner.caller().institutions.first().unwrap().0;
    let kind = domain::kind::by_code("annual_confirmation").unwrap();
    let id =
        crate::workflow::draft::begin_draft_for(&s.app, &owner, kind, Uuid::now_v7(), Some(institution), BTreeMap::new()).await.unwrap();
    set_institution_user(&s.app, "teacher", HUAXIN, GrantStatus::Active).await.unwrap();
    let colleague = s.sign_in("teacher").await;
    assert!(crate::matter::load(&s.app, &owner, id).await.unwrap().is_own());
    assert!(crate::matter::load(&s.app, &colleague, id).await.unwrap().is_own(), "the draft is the institution's");
    set_institution_user(&s.app, "inst-a", HUAXIN, GrantStatus::Ended).await.unwrap();
    let (former, colleague) = (s.sign_in("inst-a").await, s.sign_in("teacher").await);
    assert!(matches!(crate::matter::load(&s.app, &former, id).await, Err(MatterError::NotFound)));
    let fields = BTreeMap::from([("practised".to_owned(), "yes".into())]);
    let edit = |who: &Allowed| {
        let change = DraftEdit::Fields { step: "confirmation".into(), base: 0, fields: fields.clone() };
        let (app, who) = (s.app.clone(), who.clone());
        async move { crate::workflow::draft::edit_draft(&app, &who, id, change).await }
    };
    assert!(matches!(edit(&former).await, Err(MatterError::NotFound)));
    assert!(crate::matter::load(&s.app, &colleague, id).await.unwrap().is_own());
    edit(&colleague).await.unwrap();
    let listed = list_own(&s.app, &former, OwnFilter::default(), None).await.unwrap();
    assert!(listed.matters.iter().all(|m| m.id != id));
    let drafts = crate::service::matters::institution_drafts(&s.app, &colleague, None).await.unwrap().matters;
    assert!(drafts.iter().any(|m| m.id == id && m.applicant == "高志远"), "with who saved it last");
    set_institution_user(&s.app, "inst-a", HUAXIN, GrantStatus::Active).await.unwrap();
    assert!(crate::matter::load(&s.app, &s.sign_in("inst-a").await, id).await.unwrap().is_own(), "who comes back has it again");
});

/// A complaint of `applicant` about someone.
async fn complaint(s: &TestApp, about: &str) -> Uuid {
    let who = s.sign_in("applicant").await;
    let kind = domain::kind::by_code("complaint").unwrap();
    let id = crate::workflow::draft::begin_draft(&s.app, &who, kind, Uuid::now_v7()).await.unwrap();
    let facts =
        [("target_type", "staff"), ("target_name", about), ("happened_on", "2026-11-02"), ("place", "上海"), ("facts", "未到现场。")];
    fill_step(&s.app, &who, id, "complaint", &facts).await.unwrap();
    fill_step(&s.app, &who, id, "reply", &[("wants_reply", "yes"), ("declared", "yes")]).await.unwrap();
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    id
}

demo_test!(who_is_named_in_a_complaint_stays_away_however_the_name_is_written_and_whenever_the_role_came, |demo| async move {
    let s = TestApp::new(demo).await;
    for about in ["孙立新主任", "孙 立 新"] {
        let id = complaint(&s, about).await;
        assert!(matches!(crate::matter::load(&s.app, &s.sign_in("officer").await, id).await, Err(MatterError::NotFound)), "{about}");
        assert!(crate::matter::load(&s.app, &s.sign_in("officer2").await, id).await.is_ok());
    }
    let id = complaint(&s, "高志远老师").await;
    set_role(&s.app, "teacher", Role::Officer, GrantStatus::Active).await.unwrap();
    let newcomer = s.sign_in("teacher").await;
    assert!(matches!(crate::matter::load(&s.app, &newcomer, id).await, Err(MatterError::NotFound)));
    let filter = crate::service::matters::ListFilter::default();
    let list = crate::service::matters::list_of_association(&s.app, &newcomer, &filter, None).await.unwrap();
    assert!(list.matters.iter().all(|m| m.id != id), "not in a list either");
    let search = crate::service::search::MatterSearch::default();
    let queue =
        crate::service::queue::queue_page(&s.app, &newcomer, QueueOf::Association, &search, &QueueFilter::default(), None).await.unwrap();
    assert!(queue.tasks.iter().all(|task| task.matter.id != id), "nor in the queue");
});

demo_test!(opinions_and_reasons_are_sealed_in_the_database_and_read_back_whole, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = complaint(&s, "某人").await;
    let officer = s.sign_in("officer").await;
    decide(&s.app, &officer, id, "accept", "").await.unwrap();
    decide(&s.app, &officer, id, "propose", "查证属实，建议警告。").await.unwrap();
    let stored = db::event::list_of_matter(&mut s.app.db.read().await.unwrap(), id).await.unwrap();
    let clear: String = stored.iter().map(|row| serde_json::to_string(&row.event.0).unwrap()).collect();
    assert!(!clear.contains("建议警告"), "{clear}");
    let read = crate::matter::load(&s.app, &officer, id).await.unwrap().events;
    let proposed = read.iter().any(|e| matches!(&e.kind, EventKind::Transitioned { note, .. } if note == "查证属实，建议警告。"));
    assert!(proposed);
});

demo_test!(events_of_an_earlier_release_are_sealed_and_stay_readable, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = complaint(&s, "某人").await;
    let officer = s.sign_in("officer").await;
    decide(&s.app, &officer, id, "accept", "").await.unwrap();
    let mut event = crate::matter::load(&s.app, &officer, id).await.unwrap().events.pop().unwrap();
    event.seq += 1;
    if let EventKind::Transitioned { note, .. } = &mut event.kind {
        *note = "旧的意见".to_owned();
    }
    let old = event.clone();
    s.app.db.write(move |tx| Box::pin(async move { db::event::insert(tx, id, &old, None).await })).await.unwrap();
    crate::matter::history::seal_all_old_events(&s.app).await.unwrap();
    let mut tx = s.app.db.read().await.unwrap();
    let stored = db::event::list_of_matter(&mut tx, id).await.unwrap();
    assert!(stored.iter().all(|row| !serde_json::to_string(&row.event.0).unwrap().contains("旧的意见")));
    let read = crate::matter::history::list_events(&mut tx, &s.app.keys, id).await.unwrap();
    assert_eq!(read.last(), Some(&event));
});

demo_test!(an_old_revision_in_the_place_of_a_new_one_is_not_read, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, other) = (Uuid::now_v7(), Uuid::now_v7());
    let answers = domain::engine::form::Answers::default();
    let sealed = seal_answers(&s.app.keys, id, 3, &answers);
    let read = |matter, revision| unseal_answers::<domain::engine::form::Answers>(&s.app.keys, matter, revision, &sealed);
    assert!(read(id, 3).is_ok());
    assert!(read(id, 4).is_err() && read(id, 2).is_err() && read(other, 3).is_err());
    let old = s.app.keys.seal_json(SealContext::new(ANSWERS, id), &answers);
    assert!(unseal_answers::<domain::engine::form::Answers>(&s.app.keys, id, 1, &old).is_ok(), "a row of an earlier release");
});
