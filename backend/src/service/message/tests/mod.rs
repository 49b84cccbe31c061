//! The outbox on both databases.

pub mod carriers;
pub mod deliveries;
pub mod inbox;
pub mod settings;

use crate::service::own_matters::{OwnFilter, list_own};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::base::permission::Action;
use domain::engine::flow::Command;
use domain::engine::notification::{Channel, DeliveryStatus as State, NotificationKind};
use tokio::sync::Notify;

use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::testing::DemoServer;
use crate::demo_test;
use crate::infra::clock::Clock;
use crate::infra::db::{self, DbError};
use crate::matter::MatterError;
use crate::record::notification::{Notification, Topic, notify_account};
use crate::service::message::outbox::deliver_due;
use crate::service::message::transport::{MessageTransport, OutboundMessage, TransportError};
use crate::state::AppState;
use crate::workflow::command::CommandRequest;

struct OutboxFixture {
    app: AppState,
    clock: Clock,
    _folder: tempfile::TempDir,
}

/// The demo, with nothing waiting to be sent.
async fn fixture(demo: DemoServer) -> OutboxFixture {
    let server = OutboxFixture { app: demo.app().await, clock: demo.clock, _folder: demo.folder };
    for channel in [Channel::Sms, Channel::Mail] {
        while deliver_due(&server.app, channel, Some(&RecordingTransport::default())).await.unwrap() {}
    }
    server
}

/// A transport that accepts and records every message.
#[derive(Default)]
struct RecordingTransport(Mutex<Vec<OutboundMessage>>);

#[async_trait]
impl MessageTransport for RecordingTransport {
    async fn send(&self, message: &OutboundMessage) -> Result<(), TransportError> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

impl RecordingTransport {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// A transport that refuses every message with one error, and counts them.
struct FailingTransport(TransportError, AtomicUsize);

#[async_trait]
impl MessageTransport for FailingTransport {
    async fn send(&self, _message: &OutboundMessage) -> Result<(), TransportError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Err(self.0)
    }
}

impl OutboxFixture {
    async fn sign_in(&self, name: &str) -> Allowed {
        let id = {
            let mut tx = self.app.db.read().await.unwrap();
            db::account::by_name(&mut tx, name).await.unwrap().unwrap().id
        };
        let caller = crate::access::guard::load_caller(&self.app, id).await.unwrap();
        crate::access::guard::authorize(&self.app, caller.as_ref(), Action::Matter).unwrap()
    }

    async fn matter(&self, who: &Allowed, title: &str) -> Uuid {
        let page = list_own(&self.app, who, OwnFilter::default(), None).await.unwrap();
        page.matters.iter().find(|l| l.title.starts_with(title)).unwrap().id
    }

    async fn act(&self, who: &Allowed, matter: Uuid, name: &str, key: Uuid) -> Result<(), MatterError> {
        let command = Command { name: name.into(), note: "学历证书扫描件不清晰".into(), ..Command::default() };
        crate::workflow::execute::execute(&self.app, who, CommandRequest { key, matter, seen: None, command }).await.map(|_| ())
    }

    /// The institution returns the applicant's matter: one mail and one short message to the applicant.
    async fn returned(&self) -> Uuid {
        let applicant = self.sign_in("applicant").await;
        let id = self.matter(&applicant, "质量管理体系").await;
        self.act(&self.sign_in("inst-a").await, id, "return", Uuid::now_v7()).await.unwrap();
        id
    }

    async fn rows(&self, matter: Uuid) -> Vec<db::outbox::OutboxRow> {
        let mut tx = self.app.db.read().await.unwrap();
        db::outbox::list_of_matter(&mut tx, matter, 100).await.unwrap()
    }

    /// Delivery status of the SMS about a matter.
    async fn state(&self, matter: Uuid) -> State {
        let rows = self.rows(matter).await;
        let row = rows.iter().find(|r| r.channel == Channel::Sms).unwrap();
        crate::service::message::view::outbox_view(&self.app, row).unwrap().state
    }

    async fn drain(&self, carrier: &dyn MessageTransport) {
        deliver_due(&self.app, Channel::Sms, Some(carrier)).await.unwrap();
    }
}

demo_test!(a_return_leaves_by_mail_and_short_message_without_saying_why, |demo| async move {
    let server = fixture(demo).await;
    server.returned().await;
    let (sms, mail) = (RecordingTransport::default(), RecordingTransport::default());
    server.drain(&sms).await;
    deliver_due(&server.app, Channel::Mail, Some(&mail)).await.unwrap();
    let (sms, mail) = (sms.0.into_inner().unwrap(), mail.0.into_inner().unwrap());
    assert_eq!((sms.len(), mail.len()), (1, 1));
    assert_eq!((sms[0].target.as_str(), mail[0].target.as_str()), ("13800000001", "applicant@example.com"));
    assert_eq!(mail[0].subject, "人员注册：退回通知");
    for text in [&sms[0].body, &mail[0].body] {
        assert!(text.contains("林晓月") && text.contains("人员注册业务已退回"), "{text}");
        for secret in ["扫描件", "质量管理体系", "11010119900307002X", "13800000001", "吴海燕"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
});

demo_test!(progress_leaves_by_mail_alone_and_a_task_reaches_whoever_has_it, |demo| async move {
    let server = fixture(demo).await;
    let id = server.matter(&server.sign_in("applicant").await, "质量管理体系").await;
    server.act(&server.sign_in("inst-a").await, id, "pass", Uuid::now_v7()).await.unwrap();
    crate::demo::actions::pay(&server.app, &server.sign_in("applicant").await, id).await.unwrap();
    crate::demo::actions::accept_voucher(&server.app, &server.sign_in("finance").await, id).await.unwrap();
    let officer = server.sign_in("officer").await;
    for command in ["accept", "waive"] {
        server.act(&officer, id, command, Uuid::now_v7()).await.unwrap();
    }
    for channel in [Channel::Sms, Channel::Mail] {
        while deliver_due(&server.app, channel, Some(&RecordingTransport::default())).await.unwrap() {}
    }
    server.act(&officer, id, "propose", Uuid::now_v7()).await.unwrap();
    let (sms, mail) = (RecordingTransport::default(), RecordingTransport::default());
    server.drain(&sms).await;
    deliver_due(&server.app, Channel::Mail, Some(&mail)).await.unwrap();
    assert_eq!(sms.count(), 0);
    let mail = mail.0.into_inner().unwrap();
    let to = |target: &str| mail.iter().find(|l| l.target == target).unwrap();
    assert!(to("applicant@example.com").body.contains("有新的办理进展"));
    for approver in ["admin@example.com", "approver2@example.com"] {
        assert!(to(approver).body.contains("您有一件待办业务"));
    }
    assert_eq!(mail.len(), 3);
});

demo_test!(one_event_is_one_send_however_often_the_command_comes, |demo| async move {
    let server = fixture(demo).await;
    let id = server.matter(&server.sign_in("applicant").await, "质量管理体系").await;
    let inst = server.sign_in("inst-a").await;
    let before = server.rows(id).await.len();
    let key = Uuid::now_v7();
    let all = futures::future::join_all((0..20).map(|_| server.act(&inst, id, "return", key))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(server.rows(id).await.len() - before, 2);
    // Telling the same occasion again, as a reminder that runs twice would, adds a message inside and nothing outside.
    let (app, account) = (server.app.clone(), server.sign_in("applicant").await.account());
    let told: Result<(), DbError> = server
        .app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let news = Notification {
                    account,
                    matter: id,
                    matter_kind: "人员注册",
                    topic: Topic::Matter,
                    names_applicant: false,
                    kind: NotificationKind::PaymentDue,
                    dedupe_key: "2026-11-23".into(),
                    title: "缴费通知",
                    body: "请缴费",
                    link: String::new(),
                };
                notify_account(tx, &app, &news, app.now()).await?;
                notify_account(tx, &app, &news, app.now()).await
            })
        })
        .await;
    told.unwrap();
    assert_eq!(server.rows(id).await.len() - before, 4);
});

demo_test!(work_that_is_rolled_back_sends_nothing, |demo| async move {
    let server = fixture(demo).await;
    let applicant = server.sign_in("applicant").await;
    let id = server.matter(&applicant, "质量管理体系").await;
    let (app, account) = (server.app.clone(), applicant.account());
    let (before, unread) = (server.rows(id).await.len(), crate::service::message::count_unread(&server.app, account).await.unwrap());
    let failed: Result<(), DbError> = server
        .app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let news = Notification {
                    account,
                    matter: id,
                    matter_kind: "人员注册",
                    topic: Topic::Matter,
                    names_applicant: false,
                    kind: NotificationKind::Decided,
                    dedupe_key: "9".into(),
                    title: "x",
                    body: "x",
                    link: String::new(),
                };
                notify_account(tx, &app, &news, app.now()).await?;
                Err(DbError::Unavailable)
            })
        })
        .await;
    assert_eq!(failed, Err(DbError::Unavailable));
    assert_eq!((server.rows(id).await.len(), crate::service::message::count_unread(&server.app, account).await.unwrap()), (before, unread));
    let refused = server.act(&server.sign_in("officer").await, id, "approve", Uuid::now_v7()).await;
    assert!(refused.is_err());
    let sink = RecordingTransport::default();
    server.drain(&sink).await;
    assert_eq!(sink.count(), 0);
});

demo_test!(two_servers_draining_at_once_send_once, |demo| async move {
    let server = fixture(demo).await;
    server.returned().await;
    let sink = RecordingTransport::default();
    let drains = (0..8).map(|_| deliver_due(&server.app, Channel::Sms, Some(&sink)));
    for drained in futures::future::join_all(drains).await {
        drained.unwrap();
    }
    assert_eq!(sink.count(), 1);
});

demo_test!(what_fails_is_tried_again_later_each_time_and_given_up_after_a_day, |demo| async move {
    let server = fixture(demo).await;
    let id = server.returned().await;
    assert_eq!(server.state(id).await, State::Waiting);
    let wall = FailingTransport(TransportError::Temporary("no"), AtomicUsize::new(0));
    let begun = server.app.now();
    let mut tried = 0;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        server.drain(&wall).await;
        server.drain(&wall).await;
        tried += 1;
        assert_eq!(wall.1.load(Ordering::SeqCst), tried);
        assert_eq!(server.state(id).await, State::Failed(server.app.now() + TimeDelta::minutes(wait)));
        server.clock.advance(TimeDelta::minutes(wait));
    }
    while server.app.now() <= begun + TimeDelta::hours(25) {
        server.drain(&wall).await;
        server.clock.advance(TimeDelta::hours(1));
    }
    assert_eq!(server.state(id).await, State::GivenUp);
    let sink = RecordingTransport::default();
    server.drain(&sink).await;
    let rows = server.rows(id).await;
    let given_up = rows.iter().any(|row| row.channel == Channel::Sms && row.given_up_at.is_some());
    assert_eq!((sink.count(), given_up), (0, true));
});

demo_test!(what_failed_goes_out_once_the_gateway_is_back, |demo| async move {
    let server = fixture(demo).await;
    let id = server.returned().await;
    server.drain(&FailingTransport(TransportError::Temporary("no"), AtomicUsize::new(0))).await;
    server.clock.advance(TimeDelta::minutes(1));
    let sink = RecordingTransport::default();
    server.drain(&sink).await;
    server.drain(&sink).await;
    assert_eq!((sink.count(), server.state(id).await), (1, State::Sent(server.app.now())));
});

demo_test!(what_is_refused_for_good_is_not_tried_again, |demo| async move {
    let server = fixture(demo).await;
    let id = server.returned().await;
    let wall = FailingTransport(TransportError::Permanent("no such number"), AtomicUsize::new(0));
    server.drain(&wall).await;
    server.clock.advance(TimeDelta::hours(2));
    server.drain(&wall).await;
    assert_eq!((wall.1.load(Ordering::SeqCst), server.state(id).await), (1, State::GivenUp));
});

demo_test!(without_a_carrier_rows_wait_untried_until_they_are_past_their_time, |demo| async move {
    let server = fixture(demo).await;
    let id = server.returned().await;
    for _ in 0..3 {
        assert!(!deliver_due(&server.app, Channel::Sms, None).await.unwrap());
    }
    assert_eq!((server.state(id).await, server.rows(id).await[0].tries), (State::Waiting, 0));
    server.clock.advance(TimeDelta::hours(25));
    deliver_due(&server.app, Channel::Sms, None).await.unwrap();
    let sink = RecordingTransport::default();
    server.drain(&sink).await;
    assert_eq!((sink.count(), server.state(id).await), (0, State::GivenUp));
});

/// A transport that sends and then never returns, like a server killed before it records the delivery.
#[derive(Default)]
struct Killed {
    sink: RecordingTransport,
    sent: Notify,
}

#[async_trait]
impl MessageTransport for Killed {
    async fn send(&self, message: &OutboundMessage) -> Result<(), TransportError> {
        self.sink.send(message).await?;
        self.sent.notify_one();
        std::future::pending().await
    }
}

demo_test!(a_server_killed_between_sending_and_noting_sends_at_most_twice, |demo| async move {
    let server = fixture(demo).await;
    let id = server.returned().await;
    let killed = Killed::default();
    tokio::select! {
        () = server.drain(&killed) => unreachable!("it never comes back"),
        () = killed.sent.notified() => {}
    }
    let sink = RecordingTransport::default();
    server.drain(&sink).await;
    assert_eq!(sink.count(), 0, "the claim still holds");
    for _ in 0..3 {
        server.clock.advance(TimeDelta::minutes(2));
        server.drain(&sink).await;
    }
    assert_eq!((killed.sink.count(), sink.count()), (1, 1));
    assert_eq!(killed.sink.0.lock().unwrap()[0].id, sink.0.lock().unwrap()[0].id, "the receiver can tell that it is the same");
    assert!(matches!(server.state(id).await, State::Sent(_)));
});

demo_test!(a_row_that_cannot_be_opened_holds_up_no_other, |demo| async move {
    let server = fixture(demo).await;
    let id = server.returned().await;
    let good = server.rows(id).await.into_iter().find(|r| r.channel == Channel::Sms).unwrap();
    let bad = db::outbox::OutboxRow { id: Uuid::now_v7(), dedupe_key: "moved elsewhere".into(), ..good };
    server.app.db.write(move |tx| Box::pin(async move { db::outbox::insert(tx, &bad).await })).await.unwrap();
    let sink = RecordingTransport::default();
    server.drain(&sink).await;
    assert_eq!(sink.count(), 1);
    let given_up = server.rows(id).await.into_iter().filter(|r| r.given_up_at.is_some()).count();
    assert_eq!(given_up, 1);
});
