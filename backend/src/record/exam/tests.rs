//! Scores on both databases.

use domain::base::permission::Action;

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

demo_test!(a_score_is_recorded_once_a_session_and_corrected_by_the_next, |demo| async move {
    let app = demo.app().await;
    assert!(scores(&app, "teacher").await.is_empty());
    for marks in ["69", "69", "70"] {
        crate::record::exam::record_scores(&app, "Teacher", &["QMS"], "2026-10-24", marks).await.unwrap();
    }
    assert_eq!(scores(&app, "teacher").await, [("QMS".to_owned(), 70, true)]);
    crate::record::exam::record_scores(&app, "teacher", &["QMS", "GEN"], "2026-04-25", "60").await.unwrap();
    assert_eq!(scores(&app, "teacher").await.len(), 3);
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
        let error = crate::record::exam::record_scores(&app, account, subjects, day, marks).await.unwrap_err();
        assert_eq!(error.code(), code);
    }
    assert!(scores(&app, "teacher").await.is_empty());
});
