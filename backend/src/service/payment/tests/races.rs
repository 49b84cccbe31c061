//! Payments, vouchers and refunds at the same moment.

use crate::matter::ErrorClass;
use crate::matter::tests::races::at_once;
use crate::service::payment::finance::{FinancePost, decide_voucher, send_refund};
use crate::service::payment::order::{handle_notice, start_payment};
use crate::service::payment::tests::*;
use crate::service::payment::view::open_refunds;

/// Checks that no attempt met a fault of the server; gives the number of those that succeeded.
fn winners<T: std::fmt::Debug>(results: &[Result<T, PaymentError>]) -> usize {
    for error in results.iter().filter_map(|r| r.as_ref().err()) {
        let fault = match error {
            PaymentError::Db(error) => !error.is_conflict(),
            PaymentError::Matter(error) => matches!(error.class(), ErrorClass::Internal | ErrorClass::Unavailable),
            PaymentError::Gateway(_) => true,
            _ => false,
        };
        assert!(!fault, "{error:?}");
    }
    results.iter().filter(|r| r.is_ok()).count()
}

/// A form of a page that showed this version.
fn on(seen: i64) -> Option<FinancePost> {
    Some(FinancePost { key: Uuid::now_v7(), seen })
}

demo_test!(twenty_payments_begun_at_once_are_one_order_and_twenty_notices_one_payment, |demo| async move {
    let t = fixture(demo).await;
    let (id, who) = (t.due().await, t.sign_in("applicant").await);
    let charge = t.charged("applicant", id).await.charge.id;
    let begun = at_once((0..20).map(|_| {
        let (app, who) = (t.app.clone(), who.clone());
        async move { start_payment(&app, &who, &[charge], online(), "/back").await }
    }))
    .await;
    assert_eq!(winners(&begun), 20, "{begun:?}");
    let orders = t.charged("applicant", id).await.orders;
    assert_eq!(orders.len(), 1);
    let checkout = t.begin(id).await;
    assert!(t.sandbox.pay(&checkout).await.unwrap());
    let notice = t.sandbox.signed_notice(&checkout.number).await.unwrap().unwrap();
    let taken = at_once((0..20).map(|_| {
        let (app, notice) = (t.app.clone(), notice.clone());
        async move { handle_notice(&app, "sandbox", &notice).await }
    }))
    .await;
    assert_eq!(winners(&taken), 20, "{taken:?}");
    assert_eq!(t.stage(id).await, "acceptance");
    t.balanced().await;
});

demo_test!(money_that_arrives_beside_a_withdrawal_pays_or_goes_back, |demo| async move {
    let t = fixture(demo).await;
    let (id, who) = (t.due().await, t.sign_in("applicant").await);
    let checkout = t.begin(id).await;
    assert!(t.sandbox.pay(&checkout).await.unwrap());
    let notice = t.sandbox.signed_notice(&checkout.number).await.unwrap().unwrap();
    let mut jobs: Vec<crate::infra::db::BoxFuture<'static, Result<(), PaymentError>>> = Vec::new();
    for _ in 0..10 {
        let (app, notice) = (t.app.clone(), notice.clone());
        jobs.push(Box::pin(async move { handle_notice(&app, "sandbox", &notice).await }));
        let (app, who) = (t.app.clone(), who.clone());
        jobs.push(Box::pin(async move {
            let command = Command { name: "withdraw".into(), note: "意见".into(), ..Command::default() };
            let request = CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command };
            crate::workflow::execute::execute(&app, &who, request).await.map(|_| ()).map_err(PaymentError::from)
        }));
    }
    let done = at_once(jobs).await;
    assert!(winners(&done) >= 10, "every notice is taken: {done:?}");
    assert!(matches!(t.stage(id).await.as_str(), "withdrawn" | "acceptance"));
    t.balanced().await;
});

demo_test!(a_voucher_accepted_and_rejected_at_once_has_one_verdict, |demo| async move {
    let t = fixture(demo).await;
    let (id, finance) = (t.due().await, t.sign_in("finance").await);
    actions::pay(&t.app, &t.sign_in("applicant").await, id).await.unwrap();
    let order = t.charged("applicant", id).await.orders.remove(0);
    let decided = at_once((0..20).map(|i| {
        let (app, finance) = (t.app.clone(), finance.clone());
        let verdict = if i % 2 == 0 { VoucherDecision::Accept } else { VoucherDecision::Reject("回单与账户流水不符".into()) };
        async move { decide_voucher(&app, &finance, order.id, on(order.version), verdict).await }
    }))
    .await;
    assert_eq!(winners(&decided), 1, "{decided:?}");
    assert!(matches!(t.stage(id).await.as_str(), "payment" | "acceptance"));
    t.balanced().await;
});

demo_test!(a_voucher_and_an_online_payment_begun_at_once_leave_one_live_order, |demo| async move {
    let t = fixture(demo).await;
    let (id, who) = (t.due().await, t.sign_in("applicant").await);
    let charge = t.charged("applicant", id).await.charge;
    let mut jobs: Vec<crate::infra::db::BoxFuture<'static, Result<(), PaymentError>>> = Vec::new();
    for _ in 0..10 {
        let (app, payer) = (t.app.clone(), who.clone());
        jobs.push(Box::pin(async move { start_payment(&app, &payer, &[charge.id], online(), "/back").await.map(|_| ()) }));
        let (app, payer) = (t.app.clone(), who.clone());
        jobs.push(Box::pin(async move { actions::pay(&app, &payer, id).await }));
    }
    let done = at_once(jobs).await;
    assert!(winners(&done) >= 1, "{done:?}");
    let live = t.charged("applicant", id).await.orders.iter().filter(|o| o.state.is_pending()).count();
    assert_eq!(live, 1);
    t.balanced().await;
});

demo_test!(a_decision_of_finance_on_another_version_of_the_order_is_refused, |demo| async move {
    let t = fixture(demo).await;
    let (id, finance) = (t.due().await, t.sign_in("finance").await);
    actions::pay(&t.app, &t.sign_in("applicant").await, id).await.unwrap();
    let order = t.charged("applicant", id).await.orders.remove(0);
    let late = decide_voucher(&t.app, &finance, order.id, on(order.version - 1), VoucherDecision::Accept).await;
    assert!(matches!(late, Err(PaymentError::Outdated)), "{late:?}");
    assert_eq!(t.stage(id).await, "payment_check");
    decide_voucher(&t.app, &finance, order.id, on(order.version), VoucherDecision::Accept).await.unwrap();
    assert_eq!(t.stage(id).await, "acceptance");
});

demo_test!(a_refund_sent_at_once_by_several_goes_out_once, |demo| async move {
    let t = fixture(demo).await;
    let (id, finance) = (t.due().await, t.sign_in("finance").await);
    let checkout = t.begin(id).await;
    t.act("applicant", id, "withdraw").await;
    if t.sandbox.pay(&checkout).await.unwrap() {
        t.notify(&checkout.number).await.unwrap();
    }
    let Some(refund) = open_refunds(&t.app, &finance).await.unwrap().into_iter().next() else { return };
    let (refund, version) = (refund.id, refund.version);
    let sent = at_once((0..20).map(|_| {
        let (app, finance) = (t.app.clone(), finance.clone());
        async move { send_refund(&app, &finance, refund, on(version)).await }
    }))
    .await;
    // From a sum on a second person sends it; the first one approves it once.
    assert!(winners(&sent) >= 1, "{sent:?}");
    let trades = t.charged("applicant", id).await.orders;
    assert_eq!(trades.len(), 1);
    t.balanced().await;
});

demo_test!(the_answer_to_a_query_about_another_order_pays_nothing, |demo| async move {
    let t = fixture(demo).await;
    let id = t.due().await;
    let checkout = t.begin(id).await;
    let order = t.charged("applicant", id).await.orders.remove(0);
    let merchant = t.app.gateway.as_ref().unwrap().merchant.clone();
    let notice = domain::record::payment::Notice {
        merchant: merchant.clone(),
        number: "another".into(),
        trade: "T9".into(),
        amount: order.amount,
        status: domain::record::payment::TradeStatus::Paid,
        sent_at: t.app.now(),
    };
    let known =
        domain::record::payment::Order { amount: order.amount, state: OrderState::Open, trades: Vec::new(), expires_at: t.app.now() };
    let verified = domain::record::payment::verify(&notice, &merchant, Some((&checkout.number, &known)), TimeDelta::MAX, t.app.now());
    assert_eq!(verified, Err(InvalidNotice::Unknown));
});

demo_test!(one_trade_of_a_gateway_pays_one_order, |demo| async move {
    let t = fixture(demo).await;
    let id = t.due().await;
    t.begin(id).await;
    let first = t.charged("applicant", id).await.orders.remove(0);
    t.act("applicant", id, "withdraw").await;
    let other = t.matter("certified", "知识产权").await;
    let second = t.charged("certified", other).await.orders.remove(0);
    let record = |order: Uuid| {
        let now = t.app.now();
        t.app.db.write(move |tx| Box::pin(async move { db::receipt::insert_receipt(tx, order, Some("sandbox"), "T1", 1, now).await }))
    };
    record(first.id).await.unwrap();
    let again = record(second.id).await.unwrap_err();
    assert!(again.is_conflict(), "{again:?}");
});
