//! Scores on both databases.

use domain::base::permission::Action;

use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::record::exam::*;

async fn scores(app: &AppState, name: &str) -> Vec<(String, i64, bool)> {
    let mut tx = app.db.read().await.unwrap();
    let id = db::account::by_name(&mut tx, name).await.unwrap().unwrap().id;
    drop(tx);
    let caller = crate::access::guard::load_caller(app, id).await.unwrap();
    let who = crate::access::guard::authorize(app, caller.as_ref(), Action::PersonalCentre).unwrap();
    crate::record::exam::own_scores(app, &who).await.unwrap().into_iter().map(|s| (s.subject, s.marks, s.passed)).collect()
}

async fn record(app: &AppState, subjects: &[&str], day: &str, marks: &str, reason: &str) -> Result<(), ScoreError> {
    record_scores(app, "Teacher", subjects, (day, marks), Recorder { account: None, reason }).await
}

demo_test!(a_corrected_score_keeps_what_was_published_before_with_who_and_why, |demo| async move {
    let test = TestApp::new(demo).await;
    let (app, teacher) = (&test.app, test.sign_in("teacher").await);
    assert!(scores(app, "teacher").await.is_empty());
    for _ in 0..2 {
        record(app, &["QMS"], "2026-10-24", "69", "").await.unwrap();
    }
    assert_eq!(record(app, &["GEN", "QMS"], "2026-10-24", "70", " ").await.unwrap_err().code(), "score_reason");
    assert_eq!(record(app, &["QMS"], "2026-10-24", "70", &"长".repeat(201)).await.unwrap_err().code(), "score_reason");
    assert_eq!(scores(app, "teacher").await, [("QMS".to_owned(), 69, false)], "all or none");
    let by = Recorder { account: Some(test.account("examiner").await), reason: "成绩复核" };
    record_scores(app, "teacher", &["QMS"], ("2026-10-24", "70"), by).await.unwrap();
    assert_eq!(scores(app, "teacher").await, [("QMS".to_owned(), 70, true)]);
    let corrections = own_corrections(app, &teacher).await.unwrap();
    let seen: Vec<_> = corrections.iter().map(|c| (c.subject.as_str(), c.before, c.after, c.reason.as_str())).collect();
    assert_eq!(seen, [("QMS", 69, 70, "成绩复核")]);
    let mut tx = app.db.read().await.unwrap();
    let present = db::exam::score_of_day(&mut tx, teacher.account(), "QMS", "2026-10-24".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(present.version, 2, "a repetition is no version");
    drop(tx);
    let clear = async || crate::infra::db::testing::count_rows(&mut app.db.read().await.unwrap(), "score_version where reason <> ''").await;
    assert_eq!(clear().await, 0, "reasons are sealed");
    app.db.execute_raw("update score_version set reason = '旧版更正', reason_sealed = null where version = 2").await;
    assert_eq!(own_corrections(app, &teacher).await.unwrap()[0].reason, "旧版更正", "of an earlier release");
    seal_all_old_reasons(app).await.unwrap();
    assert_eq!((clear().await, own_corrections(app, &teacher).await.unwrap()[0].reason.as_str()), (0, "旧版更正"));
    app.db.execute_raw("delete from score_version").await;
    record(app, &["QMS"], "2026-10-24", "71", "登分错误").await.unwrap();
    let corrections = own_corrections(app, &teacher).await.unwrap();
    assert_eq!((corrections[0].before, corrections[0].after), (70, 71), "of a score that an earlier release recorded");
});

demo_test!(two_sessions_of_one_month_are_two_scores, |demo| async move {
    let app = demo.app().await;
    record(&app, &["QMS", "GEN"], "2026-04-11", "60", "").await.unwrap();
    record(&app, &["QMS"], "2026-04-25", "75", "").await.unwrap();
    let found: Vec<_> = scores(&app, "teacher").await;
    assert_eq!(found, [("QMS".to_owned(), 75, true), ("GEN".to_owned(), 60, false), ("QMS".to_owned(), 60, false)]);
});

demo_test!(a_score_that_cannot_be_changes_nothing, |demo| async move {
    let app = demo.app().await;
    let cases: [(&str, &[&str], &str, &str, &str); 4] = [
        ("nobodyy", &["QMS"], "2026-10-24", "80", "no_account"),
        ("teacher", &["QMS", "XYZ"], "2026-10-24", "80", "exam_subject_unknown"),
        ("teacher", &["QMS"], "2026-11-24", "80", "exam_day_wrong"),
        ("teacher", &["QMS"], "2026-10-24", "101", "exam_marks_wrong"),
    ];
    for (account, subjects, day, marks, code) in cases {
        let error = record_scores(&app, account, subjects, (day, marks), Recorder::default()).await.unwrap_err();
        assert_eq!(error.code(), code);
    }
    assert!(scores(&app, "teacher").await.is_empty());
});
