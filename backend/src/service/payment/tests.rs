//! Payment on both databases, with signed notices.

mod finance;
mod races;
mod seen;
mod sequences;
mod two_people;
mod withdrawal;

use crate::service::own_matters::{OwnFilter, list_own};
use std::sync::OnceLock;

use chrono::TimeDelta;
use domain::base::money::Fen;
use domain::base::permission::Action;
use domain::engine::flow::Command;
use domain::record::payment::{InvalidNotice, Invoice, OrderState, PaymentChoice, PaymentMethod, Voucher};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions;
use crate::demo::testing::DemoServer;
use crate::demo_test;
use crate::infra::clock::Clock;
use crate::infra::db::{self, Db};
use crate::infra::gateway::PaymentRequest;
use crate::infra::gateway::alipay::write_time;
use crate::infra::gateway::rsa2::{Params, RsaSigner};
use crate::infra::gateway::sandbox::SandboxGateway;
use crate::service::payment::finance::VoucherDecision;
use crate::service::payment::order::PaymentStart;
use crate::service::payment::view::MatterPayment;
use crate::service::payment::*;
use crate::state::AppState;
use crate::workflow::command::CommandRequest;

/// Keys take a second to find, so the tests of one process share them.
fn keys() -> (RsaSigner, RsaSigner) {
    static KEYS: OnceLock<(RsaSigner, RsaSigner)> = OnceLock::new();
    KEYS.get_or_init(|| (RsaSigner::generate().unwrap(), RsaSigner::generate().unwrap())).clone()
}

struct CashDeskFixture {
    app: AppState,
    sandbox: SandboxGateway,
    _demo: DemoServer,
}

async fn fixture(demo: DemoServer) -> CashDeskFixture {
    let (sandbox, gateway) = SandboxGateway::open(demo.db.clone(), demo.clock.clone(), keys());
    CashDeskFixture { app: demo.app().await.with_gateway(gateway), sandbox, _demo: demo }
}

fn online() -> PaymentChoice {
    PaymentChoice { method: PaymentMethod::Online, voucher: None, invoice: None }
}

fn query(address: &str) -> Params {
    form_urlencoded::parse(address.split_once('?').unwrap().1.as_bytes()).into_owned().collect()
}

impl CashDeskFixture {
    async fn sign_in(&self, name: &str) -> Allowed {
        let id = {
            let mut tx = self.app.db.read().await.unwrap();
            db::account::by_name(&mut tx, name).await.unwrap().unwrap().id
        };
        let caller = crate::access::guard::load_caller(&self.app, id).await.unwrap();
        crate::access::guard::authorize(&self.app, caller.as_ref(), Action::Matter).unwrap()
    }

    async fn act(&self, who: &str, matter: Uuid, name: &str) {
        let command = Command { name: name.into(), note: "意见".into(), ..Command::default() };
        crate::workflow::execute::execute(
            &self.app,
            &self.sign_in(who).await,
            CommandRequest { key: Uuid::now_v7(), matter, seen: None, command },
        )
        .await
        .unwrap();
    }

    async fn matter(&self, owner: &str, title: &str) -> Uuid {
        let page = list_own(&self.app, &self.sign_in(owner).await, OwnFilter::default(), None).await.unwrap();
        page.matters.iter().find(|l| l.title.starts_with(title)).unwrap().id
    }

    /// The applicant's matter, waiting to be paid.
    async fn due(&self) -> Uuid {
        let id = self.matter("applicant", "质量管理体系").await;
        self.act("inst-a", id, "pass").await;
        id
    }

    async fn charged(&self, who: &str, matter: Uuid) -> MatterPayment {
        let opened = crate::matter::load(&self.app, &self.sign_in(who).await, matter).await.unwrap();
        crate::service::payment::view::charge_of_matter(&self.app, &opened).await.unwrap().unwrap()
    }

    async fn begin(&self, matter: Uuid) -> crate::infra::gateway::sandbox::CheckoutRequest {
        let charge = self.charged("applicant", matter).await.charge.id;
        let begun =
            crate::service::payment::order::start_payment(&self.app, &self.sign_in("applicant").await, &[charge], online(), "/back")
                .await
                .unwrap();
        let PaymentStart::Redirect(address) = begun else { panic!("{begun:?}") };
        self.sandbox.parse_checkout(&query(&address)).unwrap()
    }

    async fn stage(&self, matter: Uuid) -> String {
        let mut tx = self.app.db.read().await.unwrap();
        db::matter::by_id(&mut tx, matter).await.unwrap().unwrap().stage
    }

    async fn notify(&self, number: &str) -> Result<(), PaymentError> {
        let notice = self.sandbox.signed_notice(number).await.unwrap().unwrap();
        crate::service::payment::order::handle_notice(&self.app, "sandbox", &notice).await
    }

    /// Money received pays a charge or is refunded.
    async fn balanced(&self) {
        let mut tx = self.app.db.read().await.unwrap();
        let (received, paid, back) = db::receipt::sums(&mut tx).await.unwrap();
        assert_eq!(received, paid + back);
    }
}

demo_test!(a_paid_order_moves_its_matter_and_a_repeated_notice_changes_nothing, |demo| async move {
    let t = fixture(demo).await;
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
    assert_eq!((charged.charge.state.code(), charged.orders[0].state), ("paid", OrderState::Paid));
    t.balanced().await;
    let again =
        crate::service::payment::order::start_payment(&t.app, &t.sign_in("applicant").await, &[charged.charge.id], online(), "/").await;
    assert!(matches!(again, Err(PaymentError::NotDue)));
});

demo_test!(a_double_click_makes_one_order_and_another_person_makes_none, |demo| async move {
    let t = fixture(demo).await;
    let id = t.due().await;
    let (a, b) = tokio::join!(t.begin(id), t.begin(id));
    assert_eq!(a.number, b.number);
    let charged = t.charged("applicant", id).await;
    assert_eq!(charged.orders.len(), 1);
    for stranger in ["certified", "inst-a", "inst-b", "finance", "officer"] {
        let refused =
            crate::service::payment::order::start_payment(&t.app, &t.sign_in(stranger).await, &[charged.charge.id], online(), "/").await;
        assert!(matches!(refused, Err(PaymentError::NotFound)), "{stranger}");
    }
});

demo_test!(a_notice_that_is_forged_stale_of_another_merchant_amount_or_order_changes_nothing, |demo| async move {
    let t = fixture(demo).await;
    let id = t.due().await;
    let ask = t.begin(id).await;
    let now = write_time(t.app.now());
    let late = write_time(t.app.now() - TimeDelta::minutes(6));
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
        t.sandbox.sign_params(&borrowed)
    };
    for (name, value, expected) in [
        ("total_amount", "0.01", InvalidNotice::Amount),
        ("total_amount", "many", InvalidNotice::Unreadable),
        ("seller_id", "2088111111111111", InvalidNotice::Merchant),
        ("app_id", "another", InvalidNotice::Merchant),
        ("out_trade_no", "R0", InvalidNotice::Unknown),
        ("late", "", InvalidNotice::Stale),
    ] {
        let error = crate::service::payment::order::handle_notice(&t.app, "sandbox", &pairs(name, value)).await.unwrap_err();
        assert!(matches!(error, PaymentError::InvalidNotice(invalid) if invalid == expected), "{name} {value}: {error}");
    }
    let mut forged = pairs("", "");
    forged.iter_mut().filter(|(n, _)| n == "trade_no").for_each(|(_, v)| v.push('0'));
    assert!(matches!(
        crate::service::payment::order::handle_notice(&t.app, "sandbox", &forged).await,
        Err(PaymentError::InvalidNotice(InvalidNotice::Forged))
    ));
    let unsigned: Params = pairs("", "").into_iter().filter(|(n, _)| n != "sign").collect();
    assert!(matches!(
        crate::service::payment::order::handle_notice(&t.app, "sandbox", &unsigned).await,
        Err(PaymentError::InvalidNotice(InvalidNotice::Forged))
    ));
    assert!(crate::service::payment::order::handle_notice(&t.app, "alipay", &pairs("", "")).await.is_err(), "another gateway");
    assert_eq!(t.stage(id).await, "payment");
    crate::service::payment::order::handle_notice(&t.app, "sandbox", &pairs("", "")).await.unwrap();
    assert_eq!(t.stage(id).await, "acceptance");
});

demo_test!(a_payment_whose_notice_was_lost_is_found_within_five_minutes, |demo| async move {
    let t = fixture(demo).await;
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

demo_test!(an_attempt_that_nobody_pays_is_closed_and_money_after_it_goes_back, |demo| async move {
    let t = fixture(demo).await;
    let id = t.due().await;
    let first = t.begin(id).await;
    for _ in 0..40 {
        t.app.clock.advance(TimeDelta::minutes(1));
        crate::service::payment::poll::poll_orders(&t.app).await.unwrap();
    }
    let charged = t.charged("applicant", id).await;
    assert_eq!((charged.charge.state.code(), charged.orders[0].state), ("due", OrderState::Closed));
    assert!(!t.sandbox.pay(&first).await.unwrap(), "its time is over at the cashier too");

    // The bank was slow: the money comes all the same.
    let now = write_time(t.app.now());
    let late = t.sandbox.sign_params(&[
        ("notify_time", &now),
        ("app_id", "sandbox-app"),
        ("seller_id", "2088000000000000"),
        ("out_trade_no", &first.number),
        ("trade_no", "T9"),
        ("total_amount", "200.00"),
        ("trade_status", "TRADE_SUCCESS"),
    ]);
    crate::service::payment::order::handle_notice(&t.app, "sandbox", &late).await.unwrap();
    let finance = t.sign_in("finance").await;
    let refunds = crate::service::payment::view::open_refunds(&t.app, &finance).await.unwrap();
    assert_eq!((refunds.len(), refunds[0].amount.0, refunds[0].reason.code()), (1, 20_000, "late"));
    assert_eq!(t.stage(id).await, "payment", "it is still to be paid");
    let second = t.begin(id).await;
    assert_ne!(first.number, second.number);
    t.sandbox.pay(&second).await.unwrap();
    t.notify(&second.number).await.unwrap();
    assert_eq!(t.stage(id).await, "acceptance");
    t.balanced().await;
});

demo_test!(unpaid_at_the_deadline_the_matter_closes_unless_the_gateway_has_the_money, |demo| async move {
    let t = fixture(demo).await;
    let (id, other) = (t.due().await, t.matter("certified", "知识产权管理体系").await);
    let ask = t.begin(id).await;
    t.app.clock.advance(TimeDelta::days(15));
    crate::service::deadlines::run_deadlines(&t.app).await.unwrap();
    assert_eq!(t.stage(id).await, "payment", "the last day counts");
    t.app.clock.advance(TimeDelta::days(1));
    crate::service::deadlines::run_deadlines(&t.app).await.unwrap();
    assert_eq!((t.stage(id).await.as_str(), t.stage(other).await.as_str()), ("unpaid", "payment_check"));
    let charged = t.charged("applicant", id).await;
    assert_eq!((charged.charge.state.code(), charged.orders[0].state), ("dropped", OrderState::Closed));
    assert!(!t.sandbox.pay(&ask).await.unwrap());
    let told = crate::service::message::list_messages(&t.app, &t.sign_in("applicant").await).await.unwrap();
    assert!(told.iter().any(|m| m.title.contains("逾期未缴费")), "{:?}", told.iter().map(|m| &m.title).collect::<Vec<_>>());
});

demo_test!(a_payment_in_the_last_minute_whose_notice_was_lost_counts, |demo| async move {
    let t = fixture(demo).await;
    let id = t.due().await;
    t.app.clock.advance(TimeDelta::days(15) + TimeDelta::hours(13) + TimeDelta::minutes(50));
    let ask = t.begin(id).await;
    assert!(t.sandbox.pay(&ask).await.unwrap());
    t.app.clock.advance(TimeDelta::minutes(15));
    crate::service::deadlines::run_deadlines(&t.app).await.unwrap();
    assert_eq!(t.stage(id).await, "acceptance", "paid at the last minute, and its notice was lost");
});

#[tokio::test]
async fn an_address_that_the_house_did_not_sign_is_shown_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}", folder.path().join("t.db").display())).await.unwrap();
    db.migrate().await.unwrap();
    let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
    let (sandbox, gateway) = SandboxGateway::open(db, clock.clone(), keys());
    let bill = PaymentRequest { number: "R1", amount: Fen(100), subject: "注册费", expires_at: clock.now(), back: "/" };
    let mut pairs = query(&gateway.checkout_address(&bill, clock.now()));
    assert!(sandbox.parse_checkout(&pairs).is_some());
    for (name, value) in &mut pairs {
        if name == "biz_content" {
            *value = value.replace("1.00", "0.01");
        }
    }
    assert!(sandbox.parse_checkout(&pairs).is_none());
}
