//! Scores on both databases.

use domain::base::permission::Action;

use super::*;
use crate::demo::testing::in_demo;

async fn scores(house: &House, name: &str) -> Vec<(String, i64, bool)> {
    let mut tx = house.db.read().await.unwrap();
    let id = db::account::by_name(&mut tx, name).await.unwrap().unwrap().id;
    drop(tx);
    let caller = house.caller(id).await.unwrap();
    let who = house.guard(caller.as_ref(), Action::OwnCentre).unwrap();
    house.own_scores(&who).await.unwrap().into_iter().map(|s| (s.subject, s.marks, s.passed)).collect()
}

#[test]
fn a_score_is_recorded_once_a_session_and_corrected_by_the_next() {
    in_demo(|demo| async move {
        let house = demo.house().await;
        assert!(scores(&house, "teacher").await.is_empty());
        for marks in ["69", "69", "70"] {
            house.record_scores("Teacher", &["QMS"], "2026-10-24", marks).await.unwrap();
        }
        assert_eq!(scores(&house, "teacher").await, [("QMS".to_owned(), 70, true)]);
        house.record_scores("teacher", &["QMS", "GEN"], "2026-04-25", "60").await.unwrap();
        assert_eq!(scores(&house, "teacher").await.len(), 3);
    });
}

#[test]
fn a_score_that_cannot_be_changes_nothing() {
    in_demo(|demo| async move {
        let house = demo.house().await;
        let cases: [(&str, &[&str], &str, &str, &str); 4] = [
            ("nobodyy", &["QMS"], "2026-10-24", "80", "no_account"),
            ("teacher", &["QMS", "XYZ"], "2026-10-24", "80", "exam_subject_unknown"),
            ("teacher", &["QMS"], "2026-11-24", "80", "exam_day_wrong"),
            ("teacher", &["QMS"], "2026-10-24", "101", "exam_marks_wrong"),
        ];
        for (account, subjects, day, marks, code) in cases {
            let error = house.record_scores(account, subjects, day, marks).await.unwrap_err();
            assert_eq!(error.code(), code);
        }
        assert!(scores(&house, "teacher").await.is_empty());
    });
}
