//! Reuse of answers: copies of applications, and 基本信息库.

use crate::workflow::draft::DraftEdit;
use domain::engine::form::{Answers, Record, Value};
use domain::record::library::LibraryOffer;

use crate::infra::file::FileError;
use crate::matter::load::load_own;
use crate::matter::tests::*;
use crate::state::AppState;

impl TestApp {
    /// Changes one field of a record of an application.
    async fn change(&self, who: &Allowed, id: Uuid, list: &str, record: Uuid, field: &str, text: &str) {
        let opened = crate::matter::load(&self.app, who, id).await.unwrap();
        let mut record = opened.answers.record(list, record).unwrap().clone();
        record.fields.retain(|_, v| v.files().is_empty());
        record.fields.insert(field.into(), text.into());
        let change = DraftEdit::Record { list: list.into(), base: opened.revision, record };
        crate::workflow::draft::edit_draft(&self.app, who, id, change).await.unwrap();
    }

    fn ids(answers: &Answers, list: &str) -> Vec<Uuid> {
        answers.records(list).map(|r| r.id).collect()
    }
}

demo_test!(a_copy_is_a_new_draft_with_the_same_answers_and_files_and_without_the_signature, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let from = s.matter(&applicant, "质量管理体系").await;
    let new = Uuid::now_v7();
    for _ in 0..3 {
        assert_eq!(crate::workflow::copy::copy_matter(&s.app, &applicant, from, new).await.unwrap(), new);
    }
    let (old, copy) =
        (crate::matter::load(&s.app, &applicant, from).await.unwrap(), crate::matter::load(&s.app, &applicant, new).await.unwrap());
    assert!(copy.is_draft() && copy.is_editable() && copy.events.is_empty());
    assert_eq!((copy.revision, copy.form_version, &copy.title), (1, copy.kind.form.version, &old.title));
    assert_eq!(copy.answers.text("address"), old.answers.text("address"));
    for left in ["declared", "signed_name"] {
        assert!(old.answers.fields.contains_key(left) && !copy.answers.fields.contains_key(left), "{left}");
    }
    for list in ["education", "work", "training"] {
        let (was, is) = (TestApp::ids(&old.answers, list), TestApp::ids(&copy.answers, list));
        assert!(was.len() == is.len() && was.iter().all(|id| !is.contains(id)), "{list}");
    }
    let files: Vec<Uuid> = copy.answers.files().map(|f| f.file).collect();
    assert_eq!(files.len(), 4);
    for file in files {
        assert_eq!(crate::workflow::files::download(&s.app, &applicant, new, file).await.unwrap().mime, "image/jpeg");
        let inst = s.sign_in("inst-a").await;
        assert!(
            crate::workflow::files::download(&s.app, &inst, from, file).await.is_ok(),
            "the institution reads it where it was submitted"
        );
        assert!(
            matches!(crate::workflow::files::download(&s.app, &inst, new, file).await, Err(MatterError::NotFound)),
            "and not in a draft"
        );
    }
    let error = s.submit(&applicant, new, 1, Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(error, MatterError::InvalidAnswers(_)), "the declaration is missing: {error}");
});

demo_test!(only_ones_own_submitted_matter_is_copied_and_no_ones_id_is_taken, |demo| async move {
    let s = TestApp::new(demo).await;
    let (applicant, certified) = (s.sign_in("applicant").await, s.sign_in("certified").await);
    let from = s.matter(&applicant, "质量管理体系").await;
    for stranger in ["certified", "inst-a", "officer"] {
        let who = s.sign_in(stranger).await;
        assert!(
            matches!(crate::workflow::copy::copy_matter(&s.app, &who, from, Uuid::now_v7()).await, Err(MatterError::NotFound)),
            "{stranger}"
        );
    }
    let draft = s.matter(&applicant, "环境管理体系").await;
    assert!(matches!(crate::workflow::copy::copy_matter(&s.app, &applicant, draft, Uuid::now_v7()).await, Err(MatterError::NotEditable)));
    let theirs = s.matter(&certified, "质量管理体系 · 实习").await;
    assert!(matches!(crate::workflow::copy::copy_matter(&s.app, &applicant, from, theirs).await, Err(MatterError::NotFound)));
    assert!(crate::workflow::copy::copy_matter(&s.app, &certified, theirs, Uuid::now_v7()).await.is_ok(), "a closed one");
});

/// Records of a matter that its applicant's library does not have.
async fn library_offers(app: &AppState, who: &Allowed, id: Uuid) -> Result<Vec<LibraryOffer>, MatterError> {
    let mut tx = app.db.read().await?;
    let matter = load_own(&mut tx, app, who.caller(), id).await?;
    Ok(crate::workflow::library::offers_of(&mut tx, app, &matter).await?)
}

/// Empties an account's library.
async fn forget_all(s: &TestApp, who: &Allowed) {
    for list in ["education", "work", "professional", "audit", "training"] {
        for record in crate::workflow::library::library_records(&s.app, who, list).await.unwrap() {
            crate::workflow::library::delete_record(&s.app, who, record.id, &crate::workflow::library::record_version(Some(&record)))
                .await
                .unwrap();
        }
    }
}

demo_test!(records_that_are_not_kept_are_offered_and_keeping_twice_keeps_once, |demo| async move {
    let s = TestApp::new(demo).await;
    let certified = s.sign_in("certified").await;
    let id = s.matter(&certified, "质量管理体系 · 实习").await;
    forget_all(&s, &certified).await;
    let offers = library_offers(&s.app, &certified, id).await.unwrap();
    assert_eq!(
        offers.iter().map(|o| (o.list.name, o.replaced.is_some())).collect::<Vec<_>>(),
        [("education", false), ("work", false), ("training", false)]
    );
    let chosen: Vec<Uuid> = offers.iter().take(2).map(|o| o.record).collect();
    let (a, b) = tokio::join!(
        crate::workflow::library::save_offered(&s.app, &certified, id, chosen.clone(), None),
        crate::workflow::library::save_offered(&s.app, &certified, id, chosen.clone(), None)
    );
    a.and(b).unwrap();
    crate::workflow::library::save_offered(&s.app, &certified, id, chosen, None).await.unwrap();
    let stored = crate::workflow::library::library_records(&s.app, &certified, "education").await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].fields.get("diploma").map_or(0, |v| v.files().len()), 1, "with its file");
    let left = library_offers(&s.app, &certified, id).await.unwrap();
    assert_eq!(left.iter().map(|o| o.list.name).collect::<Vec<_>>(), ["training"]);
    // The demo data includes library records of the applicant.
    let applicant = s.sign_in("applicant").await;
    let theirs = s.matter(&applicant, "质量管理体系").await;
    assert!(library_offers(&s.app, &applicant, theirs).await.unwrap().is_empty());
    assert!(matches!(library_offers(&s.app, &certified, theirs).await, Err(MatterError::NotFound)));
    assert!(matches!(
        crate::workflow::library::save_offered(&s.app, &s.sign_in("inst-a").await, theirs, Vec::new(), None).await,
        Err(MatterError::NotFound)
    ));
});

demo_test!(a_record_taken_from_the_library_brings_its_file_is_taken_once_and_is_offered_back_when_changed, |demo| async move {
    let s = TestApp::new(demo).await;
    let certified = s.sign_in("certified").await;
    let first = s.matter(&certified, "质量管理体系 · 实习").await;
    forget_all(&s, &certified).await;
    let offers = library_offers(&s.app, &certified, first).await.unwrap();
    crate::workflow::library::save_offered(&s.app, &certified, first, offers.iter().map(|o| o.record).collect(), None).await.unwrap();
    let stored = crate::workflow::library::library_records(&s.app, &certified, "education").await.unwrap().remove(0);

    let second = crate::workflow::draft::begin_draft(&s.app, &certified, &domain::kind::registration::KIND, Uuid::now_v7()).await.unwrap();
    crate::workflow::library::add_records_to_draft(&s.app, &certified, second, "education", &[stored.id]).await.unwrap();
    let taken = crate::matter::load(&s.app, &certified, second).await.unwrap().answers.records("education").next().unwrap().clone();
    assert_ne!(taken.id, stored.id);
    let file = taken.fields.get("diploma").unwrap().files()[0].file;
    assert!(crate::workflow::files::download(&s.app, &certified, second, file).await.is_ok(), "the new matter's answers refer to it");
    for stranger in ["applicant", "inst-a", "officer"] {
        let who = s.sign_in(stranger).await;
        assert!(matches!(crate::workflow::files::download(&s.app, &who, second, file).await, Err(MatterError::NotFound)), "{stranger}");
    }
    assert!(library_offers(&s.app, &certified, second).await.unwrap().is_empty());

    s.change(&certified, second, "education", taken.id, "major", "质量工程").await;
    crate::workflow::library::add_records_to_draft(&s.app, &certified, second, "education", &[stored.id]).await.unwrap();
    let answers = crate::matter::load(&s.app, &certified, second).await.unwrap().answers;
    assert_eq!(TestApp::ids(&answers, "education").len(), 1, "taking it again leaves what was changed");
    assert_eq!(answers.record("education", taken.id).unwrap().text("major"), "质量工程");
    let offer = library_offers(&s.app, &certified, second).await.unwrap().remove(0);
    assert!(offer.replaced.is_some());
    crate::workflow::library::save_offered(&s.app, &certified, second, vec![taken.id], None).await.unwrap();
    let after: Vec<Record> = crate::workflow::library::library_records(&s.app, &certified, "education").await.unwrap();
    assert_eq!((after.len(), after[0].id, after[0].text("major")), (1, stored.id, "质量工程"));
    assert_eq!(after[0].fields.get("diploma").unwrap().files()[0].file, file);
});

demo_test!(the_library_does_not_bring_more_files_than_a_matter_may_have, |demo| async move {
    let s = TestApp::new(demo).await;
    let certified = s.sign_in("certified").await;
    let first = s.matter(&certified, "质量管理体系 · 实习").await;
    let opened = crate::matter::load(&s.app, &certified, first).await.unwrap();
    let education = opened.answers.records("education").next().unwrap();
    let mut ids = Vec::new();
    for _ in 0..10 {
        let mut record = Record { id: Uuid::now_v7(), ..education.clone() };
        let Some(Value::Files(files)) = record.fields.get_mut("diploma") else { panic!("no file") };
        *files = vec![files[0].clone(); 3];
        crate::workflow::library::save_record(&s.app, &certified, "education", &record).await.unwrap();
        ids.push(record.id);
    }
    let draft = crate::workflow::copy::copy_matter(&s.app, &certified, first, Uuid::now_v7()).await.unwrap();
    let full = crate::workflow::library::add_records_to_draft(&s.app, &certified, draft, "education", &ids).await.unwrap_err();
    assert!(matches!(full, MatterError::File(FileError::MatterFull(30))), "{full}");
    assert_eq!(crate::matter::load(&s.app, &certified, draft).await.unwrap().answers.records("education").count(), 1, "nothing was added");
    crate::workflow::library::add_records_to_draft(&s.app, &certified, draft, "education", &ids[..8]).await.unwrap();
    assert_eq!(crate::matter::load(&s.app, &certified, draft).await.unwrap().answers.files().count(), 28);
});
