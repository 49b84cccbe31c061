//! Usual duration of stages.

use domain::engine::stage_duration::StageDuration;

use crate::matter::tests::*;

impl TestApp {
    /// Finished tasks of a stage: each was open so many days, and led to another.
    async fn finish(&self, matter: Uuid, stage: &'static str, days: &[i64], outcome: &'static str) {
        let (now, days) = (self.app.now(), days.to_vec());
        self.app
            .db
            .write(move |tx| {
                Box::pin(async move {
                    // The task that is open does not count.
                    db::task::close(tx, matter, "withdrawn", now).await?;
                    for n in days {
                        let task = db::task::NewTask {
                            id: Uuid::now_v7(),
                            matter,
                            stage,
                            turn: "association_officer",
                            account: None,
                            institution: None,
                            due_on: None,
                        };
                        db::task::insert(tx, &task, now - TimeDelta::days(n)).await?;
                        db::task::close(tx, matter, outcome, now).await?;
                    }
                    Ok::<_, DbError>(())
                })
            })
            .await
            .unwrap();
    }

    async fn duration(&self, who: &Allowed, id: Uuid) -> Option<StageDuration> {
        let matter = crate::matter::load(&self.app, who, id).await.unwrap();
        let mut tx = self.app.db.read().await.unwrap();
        crate::matter::durations::duration_of(&mut tx, &self.app, &matter).await.unwrap()
    }
}

demo_test!(the_median_of_finished_tasks_is_told_and_read_anew_after_ten_minutes, |demo| async move {
    let s = TestApp::new(demo).await;
    let (applicant, certified) = (s.sign_in("applicant").await, s.sign_in("certified").await);
    let id = s.matter(&certified, "职业健康安全管理体系").await;
    assert_eq!(crate::matter::load(&s.app, &certified, id).await.unwrap().state.stage, "acceptance");
    assert_eq!(s.duration(&certified, id).await, None, "too few were finished");
    // The clock stands on a Monday: since three days ago there was one working day, since seven days ago there were five. The demo
    // finished four on the same day.
    s.finish(id, "acceptance", &[7, 7, 7, 7, 7, 7, 3], "assignment").await;
    s.app.clock.advance(TimeDelta::minutes(9));
    assert_eq!(s.duration(&certified, id).await, None, "read nine minutes ago");
    s.app.clock.advance(TimeDelta::minutes(1));
    let pace = s.duration(&certified, id).await.unwrap();
    assert_eq!((pace.days, pace.short()), (5, "一般需 5 个工作日".to_owned()));
    let draft = s.matter(&applicant, "环境管理体系").await;
    assert_eq!(s.duration(&applicant, draft).await, None, "nobody waits for a draft");
});

demo_test!(what_its_applicant_took_back_says_nothing_and_only_the_last_hundred_count, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "质量管理体系").await;
    s.finish(id, "institution_review", &[0; 20], "withdrawn").await;
    s.finish(id, "institution_review", &[7; 99], "payment").await;
    // The list of matters has cached the duration before.
    s.app.clock.advance(TimeDelta::minutes(10));
    let measured = s.duration(&applicant, id).await.unwrap();
    assert_eq!((measured.days, measured.count), (5, 100), "a hundred of those that were decided");
    s.app.clock.advance(TimeDelta::minutes(10));
    s.finish(id, "institution_review", &[0; 100], "payment").await;
    assert_eq!(s.duration(&applicant, id).await.map(|p| (p.days, p.count)), Some((0, 100)));
});

demo_test!(a_task_knows_the_kind_of_its_matter, |demo| async move {
    let s = TestApp::new(demo).await;
    let mut tx = s.app.db.read().await.unwrap();
    let drafts = db::task::list_finished(&mut tx, "registration", "draft", 100).await.unwrap();
    assert!(drafts.len() >= 4, "those the demo submitted: {}", drafts.len());
    assert!(db::task::list_finished(&mut tx, "transfer", "draft", 100).await.unwrap().is_empty());
});
