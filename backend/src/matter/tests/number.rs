//! 业务编号: given at the first submission, different for every matter, and kept.

use std::collections::BTreeSet;

use domain::base::calendar::day_of;
use domain::matter::read_matter_number;

use crate::demo::testing::create_applicants;
use crate::infra::db::list::ListFilter;
use crate::matter::tests::races::at_once;
use crate::matter::tests::*;
use crate::service::message::inbox::{InboxFilter, MessageTopic};
use crate::service::message::inbox_page;
use crate::workflow::execute::{CommandRequest, execute};

async fn number_of(s: &TestApp, id: Uuid) -> Option<String> {
    db::matter::by_id(&mut s.app.db.read().await.unwrap(), id).await.unwrap().and_then(|row| row.number)
}

demo_test!(twenty_submissions_at_once_have_twenty_numbers, |demo| async move {
    let s = TestApp::new(demo).await;
    let all = create_applicants(&s.app, 60).await.unwrap();
    let mut numbers = BTreeSet::new();
    for drafts in all.chunks(20) {
        let mut jobs = Vec::new();
        for draft in drafts {
            let who = s.sign_in(&draft.account).await;
            let (app, matter) = (s.app.clone(), draft.matter);
            let revision = crate::matter::load(&s.app, &who, matter).await.unwrap().revision;
            jobs.push(async move {
                let command = Command { name: "submit".into(), revision: Some(revision), ..Command::default() };
                execute(&app, &who, CommandRequest { key: Uuid::now_v7(), matter, seen: None, command }).await
            });
        }
        let sent = at_once(jobs).await;
        assert!(sent.iter().all(Result::is_ok), "{sent:?}");
        for draft in drafts {
            let number = number_of(&s, draft.matter).await.unwrap();
            assert_eq!(read_matter_number(&number).as_deref(), Some(number.as_str()));
            assert!(number.starts_with(&format!("ZC{}", s.app.today().format("%Y%m%d"))), "{number}");
            numbers.insert(number);
        }
    }
    assert_eq!(numbers.len(), 60, "{numbers:?}");
});

demo_test!(a_draft_has_no_number_and_a_returned_matter_keeps_its_own, |demo| async move {
    let s = TestApp::new(demo).await;
    let (applicant, inst) = (s.sign_in("applicant").await, s.sign_in("inst-a").await);
    assert_eq!(number_of(&s, s.matter(&applicant, "环境管理体系").await).await, None);
    let id = s.matter(&applicant, "质量管理体系").await;
    let number = number_of(&s, id).await.unwrap();
    s.execute(&inst, id, "return").await.unwrap();
    assert_eq!(crate::matter::load(&s.app, &applicant, id).await.unwrap().number, Some(number.clone()));
    let opened = crate::matter::load(&s.app, &applicant, id).await.unwrap();
    let step = opened.kind.form.step("person").unwrap();
    let mut fields: BTreeMap<_, _> =
        step.fields().filter_map(|f| Some((f.name.to_owned(), opened.answers.fields.get(f.name)?.clone()))).collect();
    fields.insert("postcode".into(), "200121".into());
    let edit = DraftEdit::Fields { step: "person".into(), base: opened.revision, fields };
    crate::workflow::draft::edit_draft(&s.app, &applicant, id, edit).await.unwrap();
    crate::demo::actions::decide(&s.app, &applicant, id, "submit", "").await.unwrap();
    assert_eq!(number_of(&s, id).await, Some(number.clone()));
    let groups = inbox_page(&s.app, &inst, InboxFilter::default(), None).await.unwrap().groups;
    let is_named = |topic: &MessageTopic| matches!(topic, MessageTopic::Matter { number: Some(shown), .. } if *shown == number);
    assert!(groups.iter().any(|group| group.id == id && is_named(&group.topic)), "the institution's messages stand below it");
});

demo_test!(matters_submitted_before_there_were_numbers_have_one_of_the_day_of_their_submission, |demo| async move {
    let s = TestApp::new(demo).await;
    s.app.db.write(|tx| Box::pin(db::matter_number::forget_all(tx))).await.unwrap();
    db::migrate::repeat_for_test(&s.app.db, 29).await;
    let filter = ListFilter { state: "all".into(), text: String::new() };
    let officer = s.account("officer").await;
    let rows = db::matter::list_submitted(&mut s.app.db.read().await.unwrap(), officer, "", &filter, None, 1000).await.unwrap();
    assert!(rows.len() > 3);
    let mut numbers = BTreeSet::new();
    for row in &rows {
        let number = row.number.clone().unwrap();
        let kind = domain::kind::by_code(&row.kind).unwrap();
        let day = day_of(row.submitted_at.unwrap()).format("%Y%m%d");
        assert!(number.starts_with(&format!("{}{day}0", kind.number_prefix)), "{} {number}", row.kind);
        assert!(numbers.insert(number));
    }
    // The next submission of a kind goes on after them.
    for draft in create_applicants(&s.app, 2).await.unwrap() {
        crate::demo::actions::decide(&s.app, &s.sign_in(&draft.account).await, draft.matter, "submit", "").await.unwrap();
        assert!(numbers.insert(number_of(&s, draft.matter).await.unwrap()));
    }
});
