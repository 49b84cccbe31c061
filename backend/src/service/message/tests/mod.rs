//! What leaves the app, on both databases.

pub mod carriers;
pub mod deliveries;

use crate::record::notification::News;
use crate::record::notification::tell;
use crate::service::message::outbox::Carrier;
use crate::service::message::outbox::Letter;
use crate::service::message::outbox::SendFault;
use crate::service::message::outbox::drain;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::base::permission::Action;
use domain::engine::flow::Command;
use domain::engine::message::{Channel, Delivery as State, Moment};
use tokio::sync::Notify;

use crate::demo::testing::{Demo, in_demo};
use crate::infra::clock::Clock;
use crate::matter::MatterError;
use crate::service::message::*;
use crate::workflow::execute::Act;

struct Town {
    app: AppState,
    clock: Clock,
    _folder: tempfile::TempDir,
}

/// The demo, with nothing waiting to be sent.
async fn town(demo: Demo) -> Town {
    let town = Town { app: demo.app().await, clock: demo.clock, _folder: demo.folder };
    for channel in [Channel::Sms, Channel::Mail] {
        while drain(&town.app, channel, Some(&Sink::default())).await.unwrap() {}
    }
    town
}

/// Takes everything, and remembers it.
#[derive(Default)]
struct Sink(Mutex<Vec<Letter>>);

#[async_trait]
impl Carrier for Sink {
    async fn send(&self, letter: &Letter) -> Result<(), SendFault> {
        self.0.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

impl Sink {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Refuses everything in one way, and counts.
struct Wall(SendFault, AtomicUsize);

#[async_trait]
impl Carrier for Wall {
    async fn send(&self, _letter: &Letter) -> Result<(), SendFault> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Err(self.0)
    }
}

impl Town {
    async fn enter(&self, name: &str) -> Allowed {
        let id = {
            let mut tx = self.app.db.read().await.unwrap();
            db::account::by_name(&mut tx, name).await.unwrap().unwrap().id
        };
        let caller = crate::access::guard::caller(&self.app, id).await.unwrap();
        crate::access::guard::guard(&self.app, caller.as_ref(), Action::Matter).unwrap()
    }

    async fn matter(&self, who: &Allowed, title: &str) -> Uuid {
        let page = crate::service::matters::own_matters(&self.app, who, "all", None).await.unwrap();
        page.lines.iter().find(|l| l.row.title.starts_with(title)).unwrap().row.id
    }

    async fn act(&self, who: &Allowed, matter: Uuid, name: &str, key: Uuid) -> Result<(), MatterError> {
        let command = Command { name: name.into(), note: "学历证书扫描件不清晰".into(), ..Command::default() };
        crate::workflow::execute::act(&self.app, who, Act { key, matter, command }).await.map(|_| ())
    }

    /// The institution returns the applicant's matter: one mail and one short message to the applicant.
    async fn returned(&self) -> Uuid {
        let applicant = self.enter("applicant").await;
        let id = self.matter(&applicant, "质量管理体系").await;
        self.act(&self.enter("inst-a").await, id, "return", Uuid::now_v7()).await.unwrap();
        id
    }

    async fn rows(&self, matter: Uuid) -> Vec<db::outbox::Row> {
        let mut tx = self.app.db.read().await.unwrap();
        db::outbox::of_matter(&mut tx, matter, 100).await.unwrap()
    }

    /// How the short message about a matter stands.
    async fn state(&self, matter: Uuid) -> State {
        let rows = self.rows(matter).await;
        let row = rows.iter().find(|r| r.channel == "sms").unwrap();
        crate::service::message::outbox::outgoing_of(&self.app, row).unwrap().state
    }

    async fn drain(&self, carrier: &dyn Carrier) {
        drain(&self.app, Channel::Sms, Some(carrier)).await.unwrap();
    }
}

#[test]
fn a_return_leaves_by_mail_and_short_message_without_saying_why() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        town.returned().await;
        let (sms, mail) = (Sink::default(), Sink::default());
        town.drain(&sms).await;
        drain(&town.app, Channel::Mail, Some(&mail)).await.unwrap();
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
}

#[test]
fn progress_leaves_by_mail_alone_and_a_task_reaches_whoever_has_it() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        let id = town.matter(&town.enter("applicant").await, "质量管理体系").await;
        town.act(&town.enter("inst-a").await, id, "pass", Uuid::now_v7()).await.unwrap();
        crate::demo::cases::pay(&town.app, &town.enter("applicant").await, id).await.unwrap();
        crate::demo::cases::check(&town.app, &town.enter("finance").await, id).await.unwrap();
        let officer = town.enter("officer").await;
        for command in ["accept", "waive"] {
            town.act(&officer, id, command, Uuid::now_v7()).await.unwrap();
        }
        for channel in [Channel::Sms, Channel::Mail] {
            while drain(&town.app, channel, Some(&Sink::default())).await.unwrap() {}
        }
        town.act(&officer, id, "propose", Uuid::now_v7()).await.unwrap();
        let (sms, mail) = (Sink::default(), Sink::default());
        town.drain(&sms).await;
        drain(&town.app, Channel::Mail, Some(&mail)).await.unwrap();
        assert_eq!(sms.count(), 0);
        let mail = mail.0.into_inner().unwrap();
        let to = |target: &str| mail.iter().find(|l| l.target == target).unwrap();
        assert!(to("applicant@example.com").body.contains("有新的办理进展"));
        for approver in ["admin@example.com", "approver2@example.com"] {
            assert!(to(approver).body.contains("待您办理"));
        }
        assert_eq!(mail.len(), 3);
    });
}

#[test]
fn one_event_is_one_send_however_often_the_command_comes() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        let id = town.matter(&town.enter("applicant").await, "质量管理体系").await;
        let inst = town.enter("inst-a").await;
        let before = town.rows(id).await.len();
        let key = Uuid::now_v7();
        let all = futures::future::join_all((0..20).map(|_| town.act(&inst, id, "return", key))).await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(town.rows(id).await.len() - before, 2);
        // Telling the same occasion again, as a reminder that runs twice would, adds a message inside and nothing outside.
        let (app, account) = (town.app.clone(), town.enter("applicant").await.account());
        let told: Result<(), DbError> = town
            .app
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let news = News {
                        account,
                        matter: id,
                        kind: "人员注册",
                        moment: Moment::PaymentDue,
                        occasion: "2026-11-23".into(),
                        title: "缴费通知",
                        body: "请缴费",
                        link: String::new(),
                    };
                    tell(tx, &app, &news, app.now()).await?;
                    tell(tx, &app, &news, app.now()).await
                })
            })
            .await;
        told.unwrap();
        assert_eq!(town.rows(id).await.len() - before, 4);
    });
}

#[test]
fn work_that_is_rolled_back_sends_nothing() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        let applicant = town.enter("applicant").await;
        let id = town.matter(&applicant, "质量管理体系").await;
        let (app, account) = (town.app.clone(), applicant.account());
        let (before, unread) = (town.rows(id).await.len(), crate::service::message::unread(&town.app, account).await.unwrap());
        let failed: Result<(), DbError> = town
            .app
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let news = News {
                        account,
                        matter: id,
                        kind: "人员注册",
                        moment: Moment::Decided,
                        occasion: "9".into(),
                        title: "x",
                        body: "x",
                        link: String::new(),
                    };
                    tell(tx, &app, &news, app.now()).await?;
                    Err(DbError::Unavailable)
                })
            })
            .await;
        assert_eq!(failed, Err(DbError::Unavailable));
        assert_eq!((town.rows(id).await.len(), crate::service::message::unread(&town.app, account).await.unwrap()), (before, unread));
        let refused = town.act(&town.enter("officer").await, id, "approve", Uuid::now_v7()).await;
        assert!(refused.is_err());
        let sink = Sink::default();
        town.drain(&sink).await;
        assert_eq!(sink.count(), 0);
    });
}

#[test]
fn two_servers_draining_at_once_send_once() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        town.returned().await;
        let sink = Sink::default();
        let drains = (0..8).map(|_| drain(&town.app, Channel::Sms, Some(&sink)));
        for drained in futures::future::join_all(drains).await {
            drained.unwrap();
        }
        assert_eq!(sink.count(), 1);
    });
}

#[test]
fn what_fails_is_tried_again_later_each_time_and_given_up_after_a_day() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        let id = town.returned().await;
        assert_eq!(town.state(id).await, State::Waiting);
        let wall = Wall(SendFault::Later("no"), AtomicUsize::new(0));
        let begun = town.app.now();
        let mut tried = 0;
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            town.drain(&wall).await;
            town.drain(&wall).await;
            tried += 1;
            assert_eq!(wall.1.load(Ordering::SeqCst), tried);
            assert_eq!(town.state(id).await, State::Failed(town.app.now() + TimeDelta::minutes(wait)));
            town.clock.advance(TimeDelta::minutes(wait));
        }
        while town.app.now() <= begun + TimeDelta::hours(25) {
            town.drain(&wall).await;
            town.clock.advance(TimeDelta::hours(1));
        }
        assert_eq!(town.state(id).await, State::GivenUp);
        let sink = Sink::default();
        town.drain(&sink).await;
        assert_eq!((sink.count(), town.rows(id).await[0].given_up_at.is_some()), (0, true));
    });
}

#[test]
fn what_failed_goes_out_once_the_gateway_is_back() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        let id = town.returned().await;
        town.drain(&Wall(SendFault::Later("no"), AtomicUsize::new(0))).await;
        town.clock.advance(TimeDelta::minutes(1));
        let sink = Sink::default();
        town.drain(&sink).await;
        town.drain(&sink).await;
        assert_eq!((sink.count(), town.state(id).await), (1, State::Sent(town.app.now())));
    });
}

#[test]
fn what_is_refused_for_good_is_not_tried_again() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        let id = town.returned().await;
        let wall = Wall(SendFault::Never("no such number"), AtomicUsize::new(0));
        town.drain(&wall).await;
        town.clock.advance(TimeDelta::hours(2));
        town.drain(&wall).await;
        assert_eq!((wall.1.load(Ordering::SeqCst), town.state(id).await), (1, State::GivenUp));
    });
}

#[test]
fn without_a_carrier_rows_wait_untried_until_they_are_past_their_time() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        let id = town.returned().await;
        for _ in 0..3 {
            assert!(!drain(&town.app, Channel::Sms, None).await.unwrap());
        }
        assert_eq!((town.state(id).await, town.rows(id).await[0].tries), (State::Waiting, 0));
        town.clock.advance(TimeDelta::hours(25));
        drain(&town.app, Channel::Sms, None).await.unwrap();
        let sink = Sink::default();
        town.drain(&sink).await;
        assert_eq!((sink.count(), town.state(id).await), (0, State::GivenUp));
    });
}

/// Sends, says so, and never comes back: a server that is killed before it notes what it sent.
#[derive(Default)]
struct Killed {
    sink: Sink,
    sent: Notify,
}

#[async_trait]
impl Carrier for Killed {
    async fn send(&self, letter: &Letter) -> Result<(), SendFault> {
        self.sink.send(letter).await?;
        self.sent.notify_one();
        std::future::pending().await
    }
}

#[test]
fn a_server_killed_between_sending_and_noting_sends_at_most_twice() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        let id = town.returned().await;
        let killed = Killed::default();
        tokio::select! {
            _ = town.drain(&killed) => unreachable!("it never comes back"),
            () = killed.sent.notified() => {}
        }
        let sink = Sink::default();
        town.drain(&sink).await;
        assert_eq!(sink.count(), 0, "the claim still holds");
        for _ in 0..3 {
            town.clock.advance(TimeDelta::minutes(2));
            town.drain(&sink).await;
        }
        assert_eq!((killed.sink.count(), sink.count()), (1, 1));
        assert_eq!(killed.sink.0.lock().unwrap()[0].id, sink.0.lock().unwrap()[0].id, "the receiver can tell that it is the same");
        assert!(matches!(town.state(id).await, State::Sent(_)));
    });
}

#[test]
fn a_row_that_cannot_be_opened_holds_up_no_other() {
    in_demo(|demo| async move {
        let town = town(demo).await;
        let id = town.returned().await;
        let good = town.rows(id).await.into_iter().find(|r| r.channel == "sms").unwrap();
        let bad = db::outbox::Row { id: Uuid::now_v7(), dedupe_key: "moved elsewhere".into(), ..good };
        town.app.db.write(move |tx| Box::pin(async move { db::outbox::enqueue(tx, &bad).await })).await.unwrap();
        let sink = Sink::default();
        town.drain(&sink).await;
        assert_eq!(sink.count(), 1);
        let given_up = town.rows(id).await.into_iter().filter(|r| r.given_up_at.is_some()).count();
        assert_eq!(given_up, 1);
    });
}
