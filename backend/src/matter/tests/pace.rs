//! How long stages usually take.

use crate::matter::tests::*;

impl Stage {
    /// Finished tasks of a stage: each was open so many days, and led to another.
    async fn finish(&self, matter: Uuid, stage: &'static str, days: &[i64], outcome: &'static str) {
        let (now, days) = (self.app.now(), days.to_vec());
        self.app
            .db
            .write(move |tx| {
                Box::pin(async move {
                    // The task that is open does not count.
                    db::matter::close_task(tx, matter, "withdrawn", now).await?;
                    for n in days {
                        db::matter::open_task(tx, Uuid::now_v7(), matter, stage, "association_officer", now - TimeDelta::days(n), None)
                            .await?;
                        db::matter::close_task(tx, matter, outcome, now).await?;
                    }
                    Ok::<_, DbError>(())
                })
            })
            .await
            .unwrap();
    }

    async fn row(&self, who: &Allowed, id: Uuid) -> db::matter::Row {
        crate::matter::open_matter(&self.app, who, id).await.unwrap().row
    }
}

#[test]
fn the_median_of_finished_tasks_is_told_and_read_anew_after_ten_minutes() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (applicant, certified) = (s.enter("applicant").await, s.enter("certified").await);
        let id = s.matter(&certified, "职业健康安全管理体系").await;
        let row = s.row(&certified, id).await;
        assert_eq!(row.stage, "acceptance");
        assert_eq!(crate::matter::pace::pace(&s.app, &row).await.unwrap(), None, "too few were finished");
        // The clock stands on a Monday: since three days ago there was one working day, since seven days ago there were five. The demo
        // finished four on the same day.
        s.finish(id, "acceptance", &[7, 7, 7, 7, 7, 7, 3], "assignment").await;
        s.app.clock.advance(TimeDelta::minutes(9));
        assert_eq!(crate::matter::pace::pace(&s.app, &row).await.unwrap(), None, "read nine minutes ago");
        s.app.clock.advance(TimeDelta::minutes(1));
        let pace = crate::matter::pace::pace(&s.app, &row).await.unwrap().unwrap();
        assert_eq!((pace.days, pace.short()), (5, "通常 5 个工作日".to_owned()));
        let draft = s.matter(&applicant, "环境管理体系").await;
        assert_eq!(crate::matter::pace::pace(&s.app, &s.row(&applicant, draft).await).await.unwrap(), None, "nobody waits for a draft");
    });
}

#[test]
fn what_its_applicant_took_back_says_nothing_and_only_the_last_hundred_count() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let applicant = s.enter("applicant").await;
        let id = s.matter(&applicant, "质量管理体系").await;
        let row = s.row(&applicant, id).await;
        s.finish(id, "institution_review", &[0; 20], "withdrawn").await;
        s.finish(id, "institution_review", &[7; 99], "payment").await;
        let measured = crate::matter::pace::pace(&s.app, &row).await.unwrap().unwrap();
        assert_eq!((measured.days, measured.count), (5, 100), "a hundred of those that were decided");
        s.app.clock.advance(TimeDelta::minutes(10));
        s.finish(id, "institution_review", &[0; 100], "payment").await;
        assert_eq!(crate::matter::pace::pace(&s.app, &row).await.unwrap().map(|p| (p.days, p.count)), Some((0, 100)));
    });
}

#[test]
fn a_task_knows_the_kind_of_its_matter() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let mut tx = s.app.db.read().await.unwrap();
        let drafts = db::matter::finished(&mut tx, "registration", "draft", 100).await.unwrap();
        assert!(drafts.len() >= 4, "those the demo submitted: {}", drafts.len());
        assert!(db::matter::finished(&mut tx, "transfer", "draft", 100).await.unwrap().is_empty());
    });
}
