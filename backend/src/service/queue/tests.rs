//! Queues on both databases: counters, filters, orders, pages, batches.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::batch::{BatchCommand, BatchItem, BatchResult, MAX_BATCH, run_batch};
use super::filter::{last_day, soon};
use super::*;
use crate::demo::testing::{TestApp, insert_queue};
use crate::demo_test;
use crate::infra::db::queue::{plan_of_count, plan_of_list};
use crate::service::search::{DayRange, SearchConditions};
use crate::workflow::assignee::{AssigneeChange, AssigneeRequest, change_assignee};

const OFFICERS: &str = "association_officer";

async fn page(s: &TestApp, who: &Allowed, search: &MatterSearch, filter: &QueueFilter, cursor: QueueCursor) -> QueuePage {
    queue_page(&s.app, who, QueueOf::Association, search, filter, cursor).await.unwrap()
}

/// The ids of all pages, in order.
async fn all(s: &TestApp, who: &Allowed, search: &MatterSearch, filter: &QueueFilter) -> Vec<Uuid> {
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let page = page(s, who, search, filter, cursor).await;
        ids.extend(page.tasks.iter().map(|task| task.matter.id));
        cursor = page.next;
        if cursor.is_none() {
            return ids;
        }
    }
}

fn due(from: Option<NaiveDate>, until: Option<NaiveDate>) -> MatterSearch {
    let conditions = SearchConditions { due: DayRange { from, until }, ..SearchConditions::default() };
    MatterSearch { conditions, ..MatterSearch::default() }
}

demo_test!(each_counter_is_the_number_of_tasks_that_its_filter_lists, |demo| async move {
    let s = TestApp::new(demo).await;
    let officer = s.sign_in("officer").await;
    insert_queue(&s.app, s.account("applicant").await, officer.account(), 24).await.unwrap();
    let today = s.app.today();
    let stages = page(&s, &officer, &MatterSearch::default(), &QueueFilter::default(), None).await.stages;
    assert!(stages.len() > 2, "several kinds and stages");
    for holder in [Holder::Any, Holder::Own, Holder::Nobody] {
        for stage in [None].into_iter().chain(stages.iter().map(|s| Some((s.kind, s.stage)))) {
            let filter = QueueFilter { stage, holder, ..QueueFilter::default() };
            let of_stage = |s: &&QueueStage| stage.is_none_or(|(kind, stage)| s.kind.code == kind.code && s.stage.code == stage.code);
            let count: TaskCount = stages.iter().filter(of_stage).map(|s| s.of(holder)).sum();
            for (search, count) in [
                (MatterSearch::default(), count.all),
                (due(None, today.pred_opt()), count.overdue),
                (due(Some(today), Some(soon(today))), count.soon),
                (due(Some(today), None), -1),
            ] {
                let (listed, found) = (all(&s, &officer, &search, &filter).await, page(&s, &officer, &search, &filter, None).await.found);
                assert_eq!(i64::try_from(listed.len()).unwrap(), found, "{holder:?} {:?}", stage.map(|(_, stage)| stage.code));
                assert!(count == -1 || count == found, "{holder:?}: {count} counted, {found} found");
            }
        }
    }
});

demo_test!(every_order_lists_each_task_once_whatever_page_it_stands_on, |demo| async move {
    let s = TestApp::new(demo).await;
    let officer = s.sign_in("officer").await;
    insert_queue(&s.app, s.account("applicant").await, officer.account(), 45).await.unwrap();
    for order in [QueueOrder::Due, QueueOrder::Submitted, QueueOrder::Opened] {
        let filter = QueueFilter { order, ..QueueFilter::default() };
        let (mut rows, mut cursor) = (Vec::new(), None);
        loop {
            let page = page(&s, &officer, &MatterSearch::default(), &filter, cursor).await;
            assert!(page.tasks.len() <= PAGE);
            rows.extend(page.tasks.into_iter().map(|task| (task.matter, task.opened_at)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let ids: BTreeSet<Uuid> = rows.iter().map(|(row, _)| row.id).collect();
        assert!(ids.len() == rows.len() && rows.len() > 45, "{order:?}");
        let in_order = match order {
            QueueOrder::Due => rows.is_sorted_by_key(|(row, _)| row.due_on.unwrap_or(last_day())),
            QueueOrder::Submitted => true,
            QueueOrder::Opened => rows.is_sorted_by(|(_, a), (_, b)| a >= b),
        };
        assert!(in_order, "{order:?}");
    }
});

demo_test!(the_queue_is_counted_and_listed_from_indexes_among_many_closed_matters, |demo| async move {
    let s = TestApp::new(demo).await;
    let officer = s.sign_in("officer").await;
    insert_queue(&s.app, s.account("applicant").await, officer.account(), 2_000).await.unwrap();
    let mut tx = s.app.db.read().await.unwrap();
    for (plan, index) in [
        (plan_of_count(&mut tx, OFFICERS, officer.account(), s.app.today()).await, "task_queue"),
        (plan_of_list(&mut tx, OFFICERS, officer.account()).await, "task_queue_due"),
    ] {
        let plan = plan.join("\n");
        // PostgreSQL may prefer another index of the open tasks.
        assert!(plan.contains(index) || plan.contains("Index Scan on task_") || plan.contains("using task_"), "{plan}");
        assert!(!plan.contains("SCAN t\n") && !plan.contains("SCAN m\n") && !plan.contains("Seq Scan on task"), "{plan}");
    }
});

demo_test!(a_search_restricts_the_queue_and_finance_learns_nobody_by_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let (officer, finance) = (s.sign_in("officer").await, s.sign_in("finance").await);
    let named = |name: &str| MatterSearch { applicant: name.to_owned(), ..MatterSearch::default() };
    let found = page(&s, &officer, &named("高志远"), &QueueFilter::default(), None).await;
    assert!(found.found > 0 && found.tasks.iter().all(|task| task.matter.applicant == "高志远"));
    assert_eq!(page(&s, &officer, &named("没有这个人"), &QueueFilter::default(), None).await.found, 0);
    let plain = page(&s, &finance, &MatterSearch::default(), &QueueFilter::default(), None).await;
    assert!(plain.found > 0 && plain.tasks.iter().all(|task| !task.matter.is_readable && task.matter.applicant.is_empty()));
    assert!(plain.tasks.iter().all(|task| task.offer.is_none()), "nothing can be done with them here");
    assert_eq!(page(&s, &finance, &named("周建国"), &QueueFilter::default(), None).await.found, 0);
});

/// The tasks of officers as a page shows them.
async fn items(s: &TestApp, who: &Allowed) -> Vec<BatchItem> {
    let tasks = page(s, who, &MatterSearch::default(), &QueueFilter::default(), None).await.tasks;
    let item = |task: &QueueTask| {
        let held = task.matter.assignee.as_ref().map(|(account, _)| *account);
        task.offer.as_ref().map(|offer| BatchItem { matter: task.matter.id, seen: offer.seen, held })
    };
    tasks.iter().filter_map(item).collect()
}

demo_test!(of_two_colleagues_with_the_same_page_one_gets_each_task_and_the_other_is_told_who, |demo| async move {
    let s = TestApp::new(demo).await;
    let (first, second) = (s.sign_in("officer").await, s.sign_in("officer2").await);
    let (own, other) = (items(&s, &first).await, items(&s, &second).await);
    assert!(own.len() >= 2 && own.len() == other.len());
    let key = Uuid::now_v7();
    let taken = run_batch(&s.app, &first, key, &BatchCommand::Take, &own[..1]).await.unwrap();
    assert!(taken.iter().all(|result| result.refused.is_none() && result.held == Some(first.account())));
    let late = run_batch(&s.app, &second, Uuid::now_v7(), &BatchCommand::Take, &other).await.unwrap();
    for result in &late {
        match &result.refused {
            Some(MatterError::Blocked(text)) => assert!(result.item.matter == own[0].matter && text.contains("孙立新"), "{text}"),
            Some(other) => panic!("{other:?}"),
            None => assert_eq!(result.held, Some(second.account())),
        }
    }
    assert_eq!(late.iter().filter(|result| result.refused.is_some()).count(), 1);
    // The same page again: what was done stays as it is.
    let again = run_batch(&s.app, &first, key, &BatchCommand::Take, &own[..1]).await.unwrap();
    assert!(again[0].refused.is_none());
});

demo_test!(of_two_colleagues_at_the_same_moment_one_gets_the_task, |demo| async move {
    let s = TestApp::new(demo).await;
    let (first, second) = (s.sign_in("officer").await, s.sign_in("officer2").await);
    let id = items(&s, &first).await[0].matter;
    let take = |who: &Allowed| {
        let (app, who) = (s.app.clone(), who.clone());
        async move { change_assignee(&app, &who, AssigneeRequest { key: Uuid::now_v7(), matter: id, change: AssigneeChange::Take }).await }
    };
    let (a, b) = tokio::join!(take(&first), take(&second));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    let refused = a.err().or(b.err()).unwrap();
    assert!(matches!(refused, MatterError::Blocked(_) | MatterError::ChangedMeanwhile), "{refused:?}");
});

demo_test!(a_batch_does_what_it_can_and_a_page_that_is_outdated_changes_nothing, |demo| async move {
    let s = TestApp::new(demo).await;
    let officer = s.sign_in("officer").await;
    let waiting = items(&s, &officer).await;
    let accept = BatchCommand::Transition("accept".to_owned());
    let results = run_batch(&s.app, &officer, Uuid::now_v7(), &accept, &waiting).await.unwrap();
    let done: Vec<&BatchResult> = results.iter().filter(|result| result.refused.is_none()).collect();
    assert!(!done.is_empty() && done.len() < results.len(), "several kinds wait, and not all of them are accepted");
    assert!(done.iter().all(|result| result.matter.as_ref().unwrap().kind.code == "registration"));
    // Another key, the page of before: each matter has moved on.
    let late: Vec<BatchItem> = done.iter().map(|result| result.item).collect();
    let again = run_batch(&s.app, &officer, Uuid::now_v7(), &accept, &late).await.unwrap();
    assert!(again.iter().all(|result| matches!(result.refused, Some(MatterError::Outdated(_)))));
    let many = vec![late[0]; MAX_BATCH + 1];
    assert_eq!(run_batch(&s.app, &officer, Uuid::now_v7(), &accept, &many).await.unwrap().len(), MAX_BATCH);
    let stranger = run_batch(&s.app, &s.sign_in("teacher").await, Uuid::now_v7(), &accept, &late).await.unwrap();
    assert!(stranger.iter().all(|result| result.matter.is_none() && matches!(result.refused, Some(MatterError::NotFound))));
});
