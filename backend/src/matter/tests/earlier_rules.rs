//! Answers and fees of before a change of the rules or of the form.

use chrono::NaiveDate;
use domain::base::rule::{RuleRow, key};
use domain::engine::form::{Record, Value};

use super::identity::{correct, return_item};
use crate::matter::context::matter_context;
use crate::matter::tests::*;
use crate::workflow::draft::edit_draft;
use crate::workflow::library::{delete_record, library_records, put_record, record_version};

demo_test!(what_a_return_keeps_closed_is_not_judged_by_later_rules, |demo| async move {
    let s = TestApp::new(demo).await;
    let (who, inst) = (s.sign_in("applicant").await, s.sign_in("inst-a").await);
    let id = s.matter(&who, "质量管理体系").await;
    return_item(&s, &inst, id, "postcode").await;
    let rule = RuleRow { key: key::REG_GUARANTOR.name.to_owned(), value: "yes".to_owned(), effective_from: "2000-01-01".parse().unwrap() };
    s.app.db.write(move |tx| Box::pin(async move { db::rule::insert_rule(tx, &rule).await })).await.unwrap();
    s.app.reload_tables().await.unwrap();
    correct(&s, &who, id, "person", "postcode", "200121").await;
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    let context = matter_context(&s.app, &opened, Shown::everything()).await.unwrap();
    let step = opened.kind.form.step("declaration").unwrap();
    assert!(!opened.kind.check_step(step, &opened.answers, &context.as_context()).is_empty());
    assert_eq!(opened.step_problems(step, &context.as_context()), [], "下一步");
    assert_eq!(opened.submission_problems(&context.as_context()), [], "核对");
    assert_eq!(s.submit(&who, id, opened.revision, Uuid::now_v7()).await.unwrap().stage, "institution_review");
});

demo_test!(a_resubmission_is_stopped_by_open_answers_and_by_what_its_changes_made_invalid, |demo| async move {
    let s = TestApp::new(demo).await;
    let (who, inst) = (s.sign_in("applicant").await, s.sign_in("inst-a").await);
    let id = s.matter(&who, "质量管理体系").await;
    return_item(&s, &inst, id, "postcode").await;
    correct(&s, &who, id, "person", "postcode", "200121").await;
    let mut opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    let context = matter_context(&s.app, &opened, Shown::everything()).await.unwrap();
    let found = |opened: &LoadedMatter| -> Vec<String> {
        opened.submission_problems(&context.as_context()).into_iter().map(|p| p.path.to_string()).collect()
    };
    opened.answers.fields.insert("employment_type".into(), "unlisted".into());
    assert_eq!(found(&opened), ["employment_type"], "the last submission did not have it");
    opened.accepted.as_mut().unwrap().fields.insert("employment_type".into(), "unlisted".into());
    assert_eq!(found(&opened), [""; 0]);
    for answers in [Some(&mut opened.answers), opened.accepted.as_mut()].into_iter().flatten() {
        answers.fields.insert("postcode".into(), "2001".into());
    }
    assert_eq!(found(&opened), ["postcode"], "it can be corrected");
});

demo_test!(a_typed_name_of_a_certification_body_is_kept_beside_the_list, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = s.matter(&who, "环境管理体系").await;
    let listed = "华信质量认证中心有限公司";
    for (typed, body, other) in [("乙认证中心", "other", "乙认证中心"), (listed, listed, "")] {
        let fields = [("body", typed), ("domain", "OP"), ("audit_type", "initial")].map(|(n, v)| (n.to_owned(), Value::from(v)));
        let record = Record { id: Uuid::now_v7(), fields: fields.into(), removed: false };
        put_record(&s.app, &who, "audit", &record, "").await.unwrap();
        let base = crate::matter::load(&s.app, &who, id).await.unwrap().revision;
        let edit = DraftEdit::Record { list: "audit".into(), base, record: record.clone() };
        edit_draft(&s.app, &who, id, edit).await.unwrap();
        let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
        let library = library_records(&s.app, &who, "audit").await.unwrap();
        let stored = library.iter().find(|stored| stored.id == record.id).unwrap();
        for read in [opened.answers.record("audit", record.id).unwrap(), stored] {
            let texts = ["body", "body_other", "audit_type"].map(|name| read.text(name));
            assert_eq!(texts, [body, other, "inspection_initial"]);
        }
        delete_record(&s.app, &who, record.id, &record_version(Some(stored))).await.unwrap();
    }
});

demo_test!(the_fee_is_that_of_the_first_submission, |demo| async move {
    let s = TestApp::new(demo).await;
    let (who, inst) = (s.sign_in("applicant").await, s.sign_in("inst-a").await);
    let id = s.matter(&who, "质量管理体系").await;
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    let submitted: NaiveDate = opened.applied_on(&s.app);
    let shown = s.app.tables().rules.on(submitted).int(key::REGISTRATION_FEE);
    s.app.clock.advance(TimeDelta::days(2));
    s.set_rule(key::REGISTRATION_FEE, "99900").await;
    s.execute(&inst, id, "pass").await.unwrap();
    let charge = db::payment::charge_by_matter(&mut s.app.db.read().await.unwrap(), id).await.unwrap().unwrap();
    assert_eq!((charge.amount, shown), (20000, 20000));
});
