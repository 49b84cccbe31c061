//! 消息中心: who is told, what is closed, groups, filters and pages.

use domain::engine::notification::MessageCategory;

use crate::demo::actions::{accept_voucher, pay};
use crate::demo::testing::TestApp;
use crate::infra::db::message::MessageRow;
use crate::infra::db::{Tx, execute};
use crate::service::message::inbox::{InboxFilter, InboxPage, Message, MessageGroup, MessageTopic};
use crate::service::message::tests::*;
use crate::service::message::{count_unread, inbox_page, mark_all_read, mark_read};

async fn page(s: &TestApp, who: &Allowed, filter: InboxFilter) -> InboxPage {
    inbox_page(&s.app, who, filter, None).await.unwrap()
}

async fn group_of(s: &TestApp, who: &Allowed, matter: Uuid) -> Option<MessageGroup> {
    page(s, who, InboxFilter { topic: Some(matter), ..InboxFilter::default() }).await.groups.pop()
}

/// The messages about a matter, newest first.
async fn about(s: &TestApp, who: &Allowed, matter: Uuid) -> Vec<Message> {
    group_of(s, who, matter).await.map_or_else(Vec::new, |group| group.messages)
}

fn open(messages: &[Message]) -> usize {
    messages.iter().filter(|m| m.category == MessageCategory::Task && m.done_at.is_none()).count()
}

demo_test!(in_a_registration_nobody_is_told_of_an_own_act_and_tasks_close_by_whoever_does_them, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let (inst, finance, officer, second) =
        (s.sign_in("inst-a").await, s.sign_in("finance").await, s.sign_in("officer").await, s.sign_in("officer2").await);
    let id = s.matter(&applicant, "质量管理体系").await;
    assert!(about(&s, &applicant, id).await.is_empty(), "the submission was an own act");
    let asked = about(&s, &inst, id).await;
    assert_eq!((asked.len(), open(&asked), asked[0].title.as_str()), (1, 1, "待审核业务提醒：人员注册"));
    let unread = count_unread(&s.app, inst.account()).await.unwrap();

    s.execute(&inst, id, "pass").await.unwrap();
    let done = about(&s, &inst, id).await;
    assert_eq!((done.len(), open(&done)), (1, 0));
    assert!(done[0].read_at.is_some(), "what is done needs no reading");
    assert_eq!(count_unread(&s.app, inst.account()).await.unwrap(), unread - 1);
    let due = about(&s, &applicant, id).await;
    assert_eq!((due.len(), open(&due)), (1, 1), "the fee is a task of the applicant");

    pay(&s.app, &applicant, id).await.unwrap();
    let paid = about(&s, &applicant, id).await;
    assert_eq!((paid.len(), open(&paid)), (1, 0), "the voucher was an own act, and did the task");
    assert_eq!(open(&about(&s, &finance, id).await), 1);

    accept_voucher(&s.app, &finance, id).await.unwrap();
    assert_eq!(open(&about(&s, &finance, id).await), 0);
    assert_eq!(about(&s, &applicant, id).await.len(), 2, "the act of another is told");
    assert_eq!((open(&about(&s, &officer, id).await), open(&about(&s, &second, id).await)), (1, 1));

    s.execute(&officer, id, "return").await.unwrap();
    assert_eq!((open(&about(&s, &officer, id).await), open(&about(&s, &second, id).await)), (0, 0));
    let returned = about(&s, &applicant, id).await;
    assert_eq!((open(&returned), returned[0].category), (1, MessageCategory::Task), "a return is a task of the applicant");
});

demo_test!(a_group_names_its_matter_and_the_applicant_only_to_readers_who_may_know, |demo| async move {
    let s = TestApp::new(demo).await;
    let (applicant, inst) = (s.sign_in("applicant").await, s.sign_in("inst-a").await);
    let id = s.matter(&applicant, "质量管理体系").await;
    s.execute(&inst, id, "pass").await.unwrap();
    pay(&s.app, &applicant, id).await.unwrap();
    let number = crate::matter::load(&s.app, &applicant, id).await.unwrap().number;
    for (name, names) in [("inst-a", Some("林晓月")), ("applicant", None), ("finance", None)] {
        let group = group_of(&s, &s.sign_in(name).await, id).await.unwrap();
        let MessageTopic::Matter { kind, title, number: shown, applicant } = group.topic else { panic!("{name}") };
        assert_eq!((kind.map(|kind| kind.code), shown, applicant.as_deref()), (Some("registration"), number.clone(), names), "{name}");
        assert!(title.starts_with("质量管理体系"), "{name}");
    }
});

demo_test!(the_certificates_of_an_account_have_groups_of_their_own, |demo| async move {
    let s = TestApp::new(demo).await;
    s.app.clock.advance(TimeDelta::days(20));
    crate::service::certificate::expiry::run_expiry(&s.app).await.unwrap();
    let certified = s.sign_in("certified").await;
    let groups = page(&s, &certified, InboxFilter { category: Some(MessageCategory::System), ..InboxFilter::default() }).await.groups;
    let numbers: Vec<&str> = groups
        .iter()
        .filter_map(|group| match &group.topic {
            MessageTopic::Certificate { number, .. } => Some(number.as_str()),
            _ => None,
        })
        .collect();
    assert!(!numbers.is_empty());
    assert!(groups.iter().flat_map(|group| &group.messages).all(|m| m.category == MessageCategory::System));
});

/// A message of an account, so many minutes old.
fn row(s: &TestApp, account: Uuid, topic: Uuid, category: MessageCategory, minutes: i64) -> MessageRow {
    MessageRow {
        id: Uuid::now_v7(),
        account_id: account,
        topic_id: topic,
        category,
        names_applicant: false,
        title: "消息".into(),
        body: String::new(),
        body_sealed: None,
        link: "/matters".into(),
        created_at: s.app.now() - TimeDelta::minutes(minutes),
        read_at: None,
        done_at: None,
    }
}

async fn insert(s: &TestApp, rows: Vec<MessageRow>) {
    let done: Result<(), DbError> = s
        .app
        .db
        .write(move |tx| {
            let rows = rows.clone();
            Box::pin(async move {
                for row in &rows {
                    db::message::insert(tx, row).await?;
                }
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

demo_test!(pages_list_every_group_once_and_filters_leave_what_their_numbers_say, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("examiner").await;
    let topics: Vec<Uuid> = (0..40).map(|_| Uuid::now_v7()).collect();
    let categories = [MessageCategory::Task, MessageCategory::Progress, MessageCategory::System];
    let mut rows = Vec::new();
    for (i, topic) in (0..).zip(&topics) {
        // Groups of the same minute too.
        rows.extend((0..3).zip(categories).map(|(n, category)| row(&s, who.account(), *topic, category, n * 100 + i / 2)));
    }
    rows.extend((0..25).map(|n| row(&s, who.account(), Uuid::nil(), MessageCategory::System, 1_000 + n)));
    insert(&s, rows).await;
    let (mut seen, mut times, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page = inbox_page(&s.app, &who, InboxFilter::default(), cursor).await.unwrap();
        times.extend(page.groups.iter().map(|group| group.messages[0].created_at));
        seen.extend(page.groups.iter().map(|group| group.id));
        assert!(page.groups.iter().all(|group| group.messages.is_sorted_by(|a, b| a.created_at >= b.created_at)));
        cursor = page.next;
        if cursor.is_none() {
            let other = page.groups.last().unwrap();
            assert_eq!((other.count, other.messages.len()), (25, 20), "of a group the newest ones");
            assert!(matches!(other.topic, MessageTopic::Other));
            break;
        }
    }
    assert_eq!(seen.len(), 41);
    assert!(topics.iter().all(|topic| seen.contains(topic)) && times.is_sorted_by(|a, b| a >= b));
    assert_eq!(group_of(&s, &who, Uuid::nil()).await.unwrap().messages.len(), 25, "and all of them on its own page");

    let first = page(&s, &who, InboxFilter::default()).await.groups.remove(0);
    mark_read(&s.app, &who, first.messages[2].id).await.unwrap().unwrap();
    assert_eq!(group_of(&s, &who, first.id).await.unwrap().unread, 0, "what stands together is read together");
    let task = InboxFilter { category: Some(MessageCategory::Task), unread: true, topic: None };
    let page_of_tasks = page(&s, &who, task).await;
    let count = page_of_tasks.counts.iter().find(|count| count.category == MessageCategory::Task).unwrap();
    assert_eq!((count.all, count.unread), (40, 39));
    assert!(page_of_tasks.groups.iter().all(|group| group.id != first.id && group.count == 1 && group.messages.len() == 1));
    mark_all_read(&s.app, &who).await.unwrap();
    assert!(page(&s, &who, task).await.groups.is_empty());
    assert_eq!(count_unread(&s.app, who.account()).await.unwrap(), 0);
});

/// Gives an account so many messages, ten about each topic.
async fn insert_many(s: &TestApp, account: Uuid, count: i64) {
    let now = s.app.now();
    let done: Result<u64, DbError> = s
        .app
        .db
        .write(move |tx| {
            Box::pin(async move {
                // Only the function that makes an id differs.
                match tx {
                    Tx::Sqlite(_) => execute!(
                        tx,
                        "with recursive n (i, topic) as (
                             select 1, randomblob(16) union all select i + 1, case i % 10 when 0 then randomblob(16) else topic end from n where i < $1)
                         insert into message (id, account_id, title, body, link, created_at, topic_id, category)
                         select randomblob(16), $2, '消息', '', '/matters', $3, topic, case i % 3 when 0 then 'task' else 'progress' end from n",
                        count,
                        account,
                        now
                    ),
                    Tx::Postgres(_) => execute!(
                        tx,
                        "with recursive n (i, topic) as (
                             select 1::bigint, gen_random_uuid()
                             union all select i + 1, case i % 10 when 0 then gen_random_uuid() else topic end from n where i < $1)
                         insert into message (id, account_id, title, body, link, created_at, topic_id, category)
                         select gen_random_uuid(), $2, '消息', '', '/matters', $3, topic, case i % 3 when 0 then 'task' else 'progress' end from n",
                        count,
                        account,
                        now
                    ),
                }
            })
        })
        .await;
    done.unwrap();
}

demo_test!(ten_thousand_messages_are_read_from_indexes_by_as_many_statements_as_ten, |demo| async move {
    let s = TestApp::new(demo).await;
    let (few, many) = (s.sign_in("teacher").await, s.sign_in("examiner").await);
    insert_many(&s, few.account(), 10).await;
    insert_many(&s, many.account(), 10_000).await;
    let mut statements = Vec::new();
    for who in [&few, &many] {
        let before = s.app.db.count_statements();
        let page = page(&s, who, InboxFilter::default()).await;
        statements.push(s.app.db.count_statements() - before);
        assert!(page.next.is_none() == (who.account() == few.account()) && page.groups.len() <= 15);
    }
    assert_eq!(statements[0], statements[1]);
    let mut tx = s.app.db.read().await.unwrap();
    let unread = InboxFilter { unread: true, ..InboxFilter::default() };
    for filter in [InboxFilter::default(), unread] {
        for plan in db::message::plans_of_inbox(&mut tx, few.account(), &filter).await {
            let plan = plan.join("\n");
            assert!(plan.contains("message_topic") || plan.contains("message_account") || plan.contains("message_unread"), "{plan}");
            assert!(!plan.contains("SCAN message") && !plan.contains("SCAN m\n") && !plan.contains("Seq Scan on message"), "{plan}");
        }
    }
});

/// Whether a Chinese character and a letter or digit touch, or a space and a full-width sign.
fn is_misspaced(text: &str) -> bool {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let is_wide_sign = |c: char| "，。：；！？、（）“”".contains(c);
    let pairs = text.chars().zip(text.chars().skip(1));
    pairs.into_iter().any(|(a, b)| {
        is_chinese(a) && b.is_ascii_alphanumeric()
            || a.is_ascii_alphanumeric() && is_chinese(b)
            || is_wide_sign(a) && b == ' '
            || a == ' ' && is_wide_sign(b)
    })
}

demo_test!(texts_of_messages_are_spaced_alike, |demo| async move {
    let s = TestApp::new(demo).await;
    for _ in 0..3 {
        s.app.clock.advance(TimeDelta::days(20));
        crate::service::deadlines::run_deadlines(&s.app).await.unwrap();
        crate::service::certificate::expiry::run_expiry(&s.app).await.unwrap();
    }
    let mut read = 0;
    for name in ["applicant", "certified", "inst-a", "inst-b", "expert1", "officer", "approver2", "finance"] {
        for message in crate::service::message::list_messages(&s.app, &s.sign_in(name).await).await.unwrap() {
            read += 1;
            assert!(!is_misspaced(&message.title) && !is_misspaced(&message.body), "{}\n{}", message.title, message.body);
        }
    }
    assert!(read > 20, "{read}");
});

demo_test!(messages_of_before_have_the_topic_category_and_state_that_new_ones_have, |demo| async move {
    let s = TestApp::new(demo).await;
    let (applicant, inst) = (s.sign_in("applicant").await, s.sign_in("inst-a").await);
    let id = s.matter(&applicant, "质量管理体系").await;
    // Acts of the same instant cannot be told apart.
    s.app.clock.advance(TimeDelta::minutes(1));
    s.execute(&inst, id, "pass").await.unwrap();
    pay(&s.app, &applicant, id).await.unwrap();
    s.app.clock.advance(TimeDelta::minutes(1));
    accept_voucher(&s.app, &s.sign_in("finance").await, id).await.unwrap();
    let accounts = [inst.account(), s.account("officer").await];
    let tasks = async || {
        let mut tx = s.app.db.read().await.unwrap();
        let mut rows = Vec::new();
        for account in accounts {
            rows.extend(db::message::list_of_account(&mut tx, account, 1_000).await.unwrap());
        }
        let tasks = rows.into_iter().filter(|row| row.topic_id == id && row.title.contains("业务提醒："));
        tasks.map(|row| (row.id, row.topic_id, row.category, row.done_at.is_some(), row.read_at.is_some())).collect::<Vec<_>>()
    };
    let before = tasks().await;
    assert!(before.iter().any(|(.., done, _)| *done) && before.iter().any(|(.., done, _)| !*done));
    s.app
        .db
        .execute_raw(
            "drop table channel_choice; drop index message_topic; drop index message_open_task;
             alter table message drop column topic_id; alter table message drop column category;
             alter table message drop column names_applicant; alter table message drop column done_at;",
        )
        .await;
    db::migrate::repeat_for_test(&s.app.db, 37).await;
    assert_eq!(tasks().await, before);
});
