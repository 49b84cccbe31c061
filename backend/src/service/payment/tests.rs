//! The cash desk on both databases, with notices that are really signed.

mod sequences;

use crate::infra::gateway::Bill;
use crate::infra::gateway::rsa2::Pairs;
use crate::infra::gateway::rsa2::Signer;
use crate::infra::gateway::sandbox::Sandbox;
use crate::service::payment::finance::Verdict;
use crate::service::payment::order::Begun;
use crate::service::payment::view::Charged;
use std::sync::OnceLock;

use chrono::TimeDelta;
use domain::base::permission::Action;
use domain::engine::flow::Command;
use domain::record::payment::{Invoice, Method, State, Voucher, Wish};

use crate::access::guard::Allowed;
use crate::demo::cases;
use crate::demo::testing::{Demo, in_demo};
use crate::infra::clock::Clock;
use crate::infra::db::Db;
use crate::service::payment::*;
use crate::workflow::execute::Act;

/// Keys take a second to find, so the tests of one process share them.
fn keys() -> (Signer, Signer) {
    static KEYS: OnceLock<(Signer, Signer)> = OnceLock::new();
    KEYS.get_or_init(|| (Signer::generate().unwrap(), Signer::generate().unwrap())).clone()
}

struct Till {
    app: AppState,
    sandbox: Sandbox,
    _demo: Demo,
}

async fn till(demo: Demo) -> Till {
    let (sandbox, gateway) = Sandbox::open(demo.db.clone(), demo.clock.clone(), keys());
    Till { app: demo.app().await.with_gateway(gateway), sandbox, _demo: demo }
}

fn online() -> Wish {
    Wish { method: Method::Online, voucher: None, invoice: None }
}

fn query(address: &str) -> Pairs {
    form_urlencoded::parse(address.split_once('?').unwrap().1.as_bytes()).into_owned().collect()
}

impl Till {
    async fn enter(&self, name: &str) -> Allowed {
        let id = {
            let mut tx = self.app.db.read().await.unwrap();
            db::account::by_name(&mut tx, name).await.unwrap().unwrap().id
        };
        let caller = crate::access::guard::caller(&self.app, id).await.unwrap();
        crate::access::guard::guard(&self.app, caller.as_ref(), Action::Matter).unwrap()
    }

    async fn act(&self, who: &str, matter: Uuid, name: &str) {
        let command = Command { name: name.into(), note: "意见".into(), ..Command::default() };
        crate::workflow::execute::act(&self.app, &self.enter(who).await, Act { key: Uuid::now_v7(), matter, command }).await.unwrap();
    }

    async fn matter(&self, owner: &str, title: &str) -> Uuid {
        let page = crate::service::matters::own_matters(&self.app, &self.enter(owner).await, "all", None).await.unwrap();
        page.lines.iter().find(|l| l.row.title.starts_with(title)).unwrap().row.id
    }

    /// The applicant's matter, waiting to be paid.
    async fn due(&self) -> Uuid {
        let id = self.matter("applicant", "质量管理体系").await;
        self.act("inst-a", id, "pass").await;
        id
    }

    async fn charged(&self, who: &str, matter: Uuid) -> Charged {
        let opened = crate::matter::open_matter(&self.app, &self.enter(who).await, matter).await.unwrap();
        crate::service::payment::view::charged(&self.app, &opened).await.unwrap().unwrap()
    }

    async fn begin(&self, matter: Uuid) -> crate::infra::gateway::sandbox::Ask {
        let charge = self.charged("applicant", matter).await.charge.id;
        let begun =
            crate::service::payment::order::pay(&self.app, &self.enter("applicant").await, &[charge], online(), "/back").await.unwrap();
        let Begun::GoTo(address) = begun else { panic!("{begun:?}") };
        self.sandbox.ask(&query(&address)).unwrap()
    }

    async fn stage(&self, matter: Uuid) -> String {
        let mut tx = self.app.db.read().await.unwrap();
        db::matter::by_id(&mut tx, matter).await.unwrap().unwrap().stage
    }

    async fn notify(&self, number: &str) -> Result<(), PayError> {
        let notice = self.sandbox.notice(number).await.unwrap().unwrap();
        crate::service::payment::order::take_notice(&self.app, "sandbox", &notice).await
    }

    /// What came in pays for something or goes back.
    async fn balanced(&self) {
        let mut tx = self.app.db.read().await.unwrap();
        let (received, paid, back) = db::payment::sums(&mut tx).await.unwrap();
        assert_eq!(received, paid + back);
    }
}

#[test]
fn a_paid_order_moves_its_matter_and_a_repeated_notice_changes_nothing() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let id = t.due().await;
        assert_eq!(t.stage(id).await, "payment");
        let ask = t.begin(id).await;
        assert_eq!((ask.amount, ask.back.as_str(), ask.subject.as_str()), (Fen(20_000), "/back", "注册费"));
        assert!(t.sandbox.pay(&ask).await.unwrap());
        for _ in 0..3 {
            t.notify(&ask.number).await.unwrap();
        }
        assert_eq!(t.stage(id).await, "acceptance");
        let charged = t.charged("applicant", id).await;
        assert_eq!((charged.charge.state.as_str(), charged.orders[0].state), ("paid", State::Paid));
        t.balanced().await;
        let again = crate::service::payment::order::pay(&t.app, &t.enter("applicant").await, &[charged.charge.id], online(), "/").await;
        assert!(matches!(again, Err(PayError::NotDue)));
    });
}

#[test]
fn a_double_click_makes_one_order_and_another_person_makes_none() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let id = t.due().await;
        let (a, b) = tokio::join!(t.begin(id), t.begin(id));
        assert_eq!(a.number, b.number);
        let charged = t.charged("applicant", id).await;
        assert_eq!(charged.orders.len(), 1);
        for stranger in ["certified", "inst-a", "inst-b", "finance", "officer"] {
            let refused = crate::service::payment::order::pay(&t.app, &t.enter(stranger).await, &[charged.charge.id], online(), "/").await;
            assert!(matches!(refused, Err(PayError::NotFound)), "{stranger}");
        }
    });
}

#[test]
fn a_notice_that_is_forged_stale_of_another_merchant_amount_or_order_changes_nothing() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let id = t.due().await;
        let ask = t.begin(id).await;
        let now = crate::infra::gateway::write_time(t.app.now());
        let late = crate::infra::gateway::write_time(t.app.now() - TimeDelta::minutes(6));
        let pairs = |name: &'static str, value: &'static str| {
            let mut pairs = [
                ("notify_time", now.clone()),
                ("app_id", "sandbox-app".into()),
                ("seller_id", "2088000000000000".into()),
                ("out_trade_no", ask.number.clone()),
                ("trade_no", "T1".into()),
                ("total_amount", "200.00".into()),
                ("trade_status", "TRADE_SUCCESS".into()),
            ];
            pairs.iter_mut().filter(|(n, _)| *n == name).for_each(|(_, v)| *v = value.into());
            if name == "late" {
                pairs[0].1 = late.clone();
            }
            let borrowed: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (*n, v.as_str())).collect();
            t.sandbox.signed(&borrowed)
        };
        for (name, value, expected) in [
            ("total_amount", "0.01", Unfit::Amount),
            ("total_amount", "many", Unfit::Unreadable),
            ("seller_id", "2088111111111111", Unfit::Merchant),
            ("app_id", "another", Unfit::Merchant),
            ("out_trade_no", "R0", Unfit::Unknown),
            ("late", "", Unfit::Stale),
        ] {
            let error = crate::service::payment::order::take_notice(&t.app, "sandbox", &pairs(name, value)).await.unwrap_err();
            assert!(matches!(error, PayError::Unfit(unfit) if unfit == expected), "{name} {value}: {error}");
        }
        let mut forged = pairs("", "");
        forged.iter_mut().filter(|(n, _)| n == "trade_no").for_each(|(_, v)| v.push('0'));
        assert!(matches!(
            crate::service::payment::order::take_notice(&t.app, "sandbox", &forged).await,
            Err(PayError::Unfit(Unfit::Forged))
        ));
        let unsigned: Pairs = pairs("", "").into_iter().filter(|(n, _)| n != "sign").collect();
        assert!(matches!(
            crate::service::payment::order::take_notice(&t.app, "sandbox", &unsigned).await,
            Err(PayError::Unfit(Unfit::Forged))
        ));
        assert!(crate::service::payment::order::take_notice(&t.app, "alipay", &pairs("", "")).await.is_err(), "another gateway");
        assert_eq!(t.stage(id).await, "payment");
        crate::service::payment::order::take_notice(&t.app, "sandbox", &pairs("", "")).await.unwrap();
        assert_eq!(t.stage(id).await, "acceptance");
    });
}

#[test]
fn a_payment_whose_notice_was_lost_is_found_within_five_minutes() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let id = t.due().await;
        let ask = t.begin(id).await;
        assert!(t.sandbox.pay(&ask).await.unwrap());
        let mut minutes = 0;
        while t.stage(id).await == "payment" {
            t.app.clock.advance(TimeDelta::minutes(1));
            minutes += 1;
            crate::service::payment::poll::poll_orders(&t.app).await.unwrap();
            assert!(minutes <= 5);
        }
        t.balanced().await;
    });
}

#[test]
fn an_attempt_that_nobody_pays_is_closed_and_money_after_it_goes_back() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let id = t.due().await;
        let first = t.begin(id).await;
        for _ in 0..40 {
            t.app.clock.advance(TimeDelta::minutes(1));
            crate::service::payment::poll::poll_orders(&t.app).await.unwrap();
        }
        let charged = t.charged("applicant", id).await;
        assert_eq!((charged.charge.state.as_str(), charged.orders[0].state), ("due", State::Closed));
        assert!(!t.sandbox.pay(&first).await.unwrap(), "its time is over at the cashier too");

        // The bank was slow: the money comes all the same.
        let now = crate::infra::gateway::write_time(t.app.now());
        let late = t.sandbox.signed(&[
            ("notify_time", &now),
            ("app_id", "sandbox-app"),
            ("seller_id", "2088000000000000"),
            ("out_trade_no", &first.number),
            ("trade_no", "T9"),
            ("total_amount", "200.00"),
            ("trade_status", "TRADE_SUCCESS"),
        ]);
        crate::service::payment::order::take_notice(&t.app, "sandbox", &late).await.unwrap();
        let finance = t.enter("finance").await;
        let refunds = crate::service::payment::view::refunds(&t.app, &finance).await.unwrap();
        assert_eq!((refunds.len(), refunds[0].row.amount, refunds[0].row.reason.as_str()), (1, 20_000, "late"));
        assert_eq!(t.stage(id).await, "payment", "it is still to be paid");
        let second = t.begin(id).await;
        assert_ne!(first.number, second.number);
        t.sandbox.pay(&second).await.unwrap();
        t.notify(&second.number).await.unwrap();
        assert_eq!(t.stage(id).await, "acceptance");
        t.balanced().await;
    });
}

#[test]
fn unpaid_at_the_deadline_the_matter_closes_unless_the_gateway_has_the_money() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let (id, other) = (t.due().await, t.matter("certified", "知识产权管理体系").await);
        let ask = t.begin(id).await;
        t.app.clock.advance(TimeDelta::days(15));
        crate::workflow::due::tick(&t.app).await.unwrap();
        assert_eq!(t.stage(id).await, "payment", "the last day counts");
        t.app.clock.advance(TimeDelta::days(1));
        crate::workflow::due::tick(&t.app).await.unwrap();
        assert_eq!((t.stage(id).await.as_str(), t.stage(other).await.as_str()), ("unpaid", "payment_check"));
        let charged = t.charged("applicant", id).await;
        assert_eq!((charged.charge.state.as_str(), charged.orders[0].state), ("dropped", State::Closed));
        assert!(!t.sandbox.pay(&ask).await.unwrap());
        let told = crate::service::message::messages(&t.app, &t.enter("applicant").await).await.unwrap();
        assert!(told.iter().any(|m| m.title.contains("逾期未缴费")), "{:?}", told.iter().map(|m| &m.title).collect::<Vec<_>>());
    });
    in_demo(|demo| async move {
        let t = till(demo).await;
        let id = t.due().await;
        t.app.clock.advance(TimeDelta::days(15) + TimeDelta::hours(13) + TimeDelta::minutes(50));
        let ask = t.begin(id).await;
        assert!(t.sandbox.pay(&ask).await.unwrap());
        t.app.clock.advance(TimeDelta::minutes(15));
        crate::workflow::due::tick(&t.app).await.unwrap();
        assert_eq!(t.stage(id).await, "acceptance", "paid at the last minute, and its notice was lost");
    });
}

#[test]
fn a_voucher_is_checked_by_finance_and_a_wrong_one_goes_back_with_the_reason() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let (id, finance) = (t.due().await, t.enter("finance").await);
        let applicant = t.enter("applicant").await;
        cases::pay(&t.app, &applicant, id).await.unwrap();
        assert_eq!(t.stage(id).await, "payment_check");
        let order = t.charged("applicant", id).await.orders.remove(0);
        for other in ["officer", "admin", "applicant", "inst-a"] {
            let refused =
                crate::service::payment::finance::judge_voucher(&t.app, &t.enter(other).await, order.row.id, Verdict::Accept).await;
            assert!(matches!(refused, Err(PayError::NotFound)), "{other}");
        }
        let no_reason =
            crate::service::payment::finance::judge_voucher(&t.app, &finance, order.row.id, Verdict::Reject(String::new())).await;
        assert!(matches!(no_reason, Err(PayError::NoNote)));
        let reject = Verdict::Reject("回单与账户流水不符".into());
        crate::service::payment::finance::judge_voucher(&t.app, &finance, order.row.id, reject.clone()).await.unwrap();
        crate::service::payment::finance::judge_voucher(&t.app, &finance, order.row.id, reject).await.unwrap();
        assert_eq!(t.stage(id).await, "payment");
        assert!(matches!(
            crate::service::payment::finance::judge_voucher(&t.app, &finance, order.row.id, Verdict::Accept).await,
            Err(PayError::Done)
        ));
        let said = crate::matter::open_matter(&t.app, &applicant, id).await.unwrap();
        assert!(format!("{:?}", said.events.last()).contains("回单与账户流水不符"));

        cases::pay(&t.app, &applicant, id).await.unwrap();
        cases::check(&t.app, &finance, id).await.unwrap();
        assert_eq!(t.stage(id).await, "acceptance");
        t.balanced().await;
        let slip = &order.voucher.unwrap().files[0];
        assert!(crate::service::payment::view::slip(&t.app, &finance, order.row.id, slip.file).await.is_ok());
        assert!(crate::service::payment::view::slip(&t.app, &applicant, order.row.id, slip.file).await.is_ok());
        for stranger in ["certified", "officer", "inst-a"] {
            assert!(
                crate::service::payment::view::slip(&t.app, &t.enter(stranger).await, order.row.id, slip.file).await.is_err(),
                "{stranger}"
            );
        }
    });
}

#[test]
fn a_voucher_of_another_amount_is_told_at_once() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let id = t.due().await;
        let charge = t.charged("applicant", id).await.charge.id;
        let voucher = Voucher {
            remitter: "林晓月".into(),
            remitted_on: t.app.today(),
            amount: Fen(19_999),
            remittance_no: String::new(),
            files: Vec::new(),
        };
        let wish = Wish { method: Method::Offline, voucher: Some(voucher), invoice: None };
        let refused = crate::service::payment::order::pay(&t.app, &t.enter("applicant").await, &[charge], wish, "/").await;
        assert!(matches!(refused, Err(PayError::Amount(Fen(20_000)))));
        assert_eq!(t.stage(id).await, "payment");
    });
}

#[test]
fn an_institution_pays_for_its_people_in_one_order_and_what_is_not_asked_any_more_goes_back() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let institution = t.enter("inst-a").await;
        let id = t.matter("certified", "环境管理体系").await;
        let (due, _) = crate::service::payment::view::institution_bills(&t.app, &institution).await.unwrap();
        assert_eq!(due.iter().map(|(c, _, _)| c.matter_id).collect::<Vec<_>>(), [id]);
        assert_eq!(due[0].1, t.enter("certified").await.caller().person.name);
        let own = crate::service::payment::order::pay(&t.app, &t.enter("certified").await, &[due[0].0.id], online(), "/").await;
        assert!(matches!(own, Err(PayError::NotFound)), "the institution pays, not the person");
        let stranger = crate::service::payment::order::pay(&t.app, &t.enter("inst-b").await, &[due[0].0.id], online(), "/").await;
        assert!(matches!(stranger, Err(PayError::NotFound)));

        let Begun::GoTo(address) =
            crate::service::payment::order::pay(&t.app, &institution, &[due[0].0.id], online(), "/institution/bills").await.unwrap()
        else {
            panic!("no address")
        };
        let ask = t.sandbox.ask(&query(&address)).unwrap();
        // The person withdraws while the institution is at the cashier, which takes the money all the same.
        t.sandbox.pay(&ask).await.unwrap();
        t.act("certified", id, "withdraw").await;
        t.notify(&ask.number).await.unwrap();
        assert_eq!(t.stage(id).await, "withdrawn");
        let refunds = crate::service::payment::view::refunds(&t.app, &t.enter("finance").await).await.unwrap();
        assert_eq!(refunds.iter().map(|r| r.row.amount).collect::<Vec<_>>(), [20_000]);
        t.balanced().await;
    });
}

#[test]
fn money_goes_back_once_and_an_invoice_is_made_out_once() {
    in_demo(|demo| async move {
        let t = till(demo).await;
        let (id, finance) = (t.due().await, t.enter("finance").await);
        let charge = t.charged("applicant", id).await.charge.id;
        let invoice = Invoice { kind: "82".into(), buyer: "林晓月".into(), email: "lin@example.cn".into(), ..Invoice::default() };
        let wish = Wish { invoice: Some(invoice.clone()), ..online() };
        let Begun::GoTo(address) =
            crate::service::payment::order::pay(&t.app, &t.enter("applicant").await, &[charge], wish, "/").await.unwrap()
        else {
            panic!()
        };
        let ask = t.sandbox.ask(&query(&address)).unwrap();
        t.sandbox.pay(&ask).await.unwrap();
        assert!(crate::service::payment::view::invoices(&t.app, &finance).await.unwrap().is_empty(), "not before it is paid");
        t.notify(&ask.number).await.unwrap();
        let wanted = crate::service::payment::view::invoices(&t.app, &finance).await.unwrap();
        assert_eq!(wanted[0].invoice.as_ref(), Some(&invoice));
        let (order, today) = (wanted[0].row.id, t.app.today());
        crate::service::payment::finance::made_out(&t.app, &finance, order, "26312000000000000001", today).await.unwrap();
        crate::service::payment::finance::made_out(&t.app, &finance, order, "26312000000000000001", today).await.unwrap();
        assert!(matches!(
            crate::service::payment::finance::made_out(&t.app, &finance, order, "26312000000000000002", today).await,
            Err(PayError::Done)
        ));
        assert!(crate::service::payment::view::invoices(&t.app, &finance).await.unwrap().is_empty());

        // A second trade for the same order.
        let now = crate::infra::gateway::write_time(t.app.now());
        let twice = t.sandbox.signed(&[
            ("notify_time", &now),
            ("app_id", "sandbox-app"),
            ("seller_id", "2088000000000000"),
            ("out_trade_no", &ask.number),
            ("trade_no", "T2"),
            ("total_amount", "200.00"),
            ("trade_status", "TRADE_SUCCESS"),
        ]);
        crate::service::payment::order::take_notice(&t.app, "sandbox", &twice).await.unwrap();
        let refund = crate::service::payment::view::refunds(&t.app, &finance).await.unwrap().remove(0);
        assert_eq!(refund.row.reason, "twice");
        assert!(matches!(
            crate::service::payment::finance::send_back(&t.app, &t.enter("officer").await, refund.row.id).await,
            Err(PayError::NotFound)
        ));
        crate::service::payment::finance::send_back(&t.app, &finance, refund.row.id).await.unwrap();
        crate::service::payment::finance::send_back(&t.app, &finance, refund.row.id).await.unwrap();
        assert!(crate::service::payment::view::refunds(&t.app, &finance).await.unwrap().is_empty());
        t.balanced().await;
    });
}

#[tokio::test]
async fn an_address_that_the_house_did_not_sign_is_shown_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}", folder.path().join("t.db").display())).await.unwrap();
    db.migrate().await.unwrap();
    let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
    let (sandbox, gateway) = Sandbox::open(db, clock.clone(), keys());
    let bill = Bill { number: "R1", amount: Fen(100), subject: "注册费", expires_at: clock.now(), back: "/" };
    let mut pairs = query(&gateway.address(&bill, clock.now()));
    assert!(sandbox.ask(&pairs).is_some());
    for (name, value) in &mut pairs {
        if name == "biz_content" {
            *value = value.replace("1.00", "0.01");
        }
    }
    assert!(sandbox.ask(&pairs).is_none());
}
