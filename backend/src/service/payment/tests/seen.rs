//! Decisions of finance and payments on pages that show an earlier state, and forms that are sent again.

use chrono::NaiveDate;
use domain::record::payment::VoucherFile;

use crate::matter::MatterError;
use crate::service::payment::finance::{FinancePost, decide_voucher, record_invoice, send_refund};
use crate::service::payment::order::{ChosenCharge, pay_as_seen};
use crate::service::payment::tests::*;
use crate::service::payment::view::{ChargeView, OrderView, open_refunds};

const NUMBER: &str = "26312000000000000001";

fn form(seen: i64) -> FinancePost {
    FinancePost { key: Uuid::now_v7(), seen }
}

fn is_outdated(result: &Result<(), PaymentError>) -> bool {
    matches!(result, Err(PaymentError::Outdated | PaymentError::AlreadyDone))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A matter whose voucher waits for finance, and its order.
async fn voucher(t: &CashDeskFixture) -> (Uuid, OrderView) {
    let id = t.due().await;
    actions::pay(&t.app, &t.sign_in("applicant").await, id).await.unwrap();
    (id, t.charged("applicant", id).await.orders.remove(0))
}

demo_test!(a_verdict_on_an_outdated_page_is_refused_even_if_it_is_that_of_another_person, |demo| async move {
    let t = fixture(demo).await;
    let (finance, second) = (t.sign_in("finance").await, t.sign_in("finance2").await);
    let (id, order) = voucher(&t).await;
    for seen in [order.version - 1, order.version + 1, FinancePost::NOTHING] {
        for verdict in [VoucherDecision::Accept, VoucherDecision::Reject("不符".into())] {
            let late = decide_voucher(&t.app, &finance, order.id, Some(form(seen)), verdict).await;
            assert!(matches!(late, Err(PaymentError::Outdated)), "{seen}: {late:?}");
        }
    }
    assert_eq!(t.stage(id).await, "payment_check", "nothing was decided");
    let first = form(order.version);
    for _ in 0..2 {
        decide_voucher(&t.app, &finance, order.id, Some(first), VoucherDecision::Accept).await.unwrap();
    }
    assert_eq!(t.stage(id).await, "acceptance");
    let other = decide_voucher(&t.app, &second, order.id, Some(form(order.version)), VoucherDecision::Accept).await;
    assert!(is_outdated(&other), "another person learns that it is done: {other:?}");
    let other = decide_voucher(&t.app, &second, order.id, Some(first), VoucherDecision::Accept).await;
    assert!(is_outdated(&other), "a key is that of its account: {other:?}");
    let reused = decide_voucher(&t.app, &finance, order.id, Some(first), VoucherDecision::Reject("不符".into())).await;
    assert!(matches!(reused, Err(PaymentError::Matter(MatterError::KeyReused))), "{reused:?}");
});

demo_test!(an_invoice_is_recorded_as_the_page_showed_the_order_and_once, |demo| async move {
    let t = fixture(demo).await;
    let finance = t.sign_in("finance").await;
    let (id, order) = voucher(&t).await;
    actions::accept_voucher(&t.app, &finance, id).await.unwrap();
    let paid = t.charged("applicant", id).await.orders.remove(0);
    let record = |page: FinancePost, number: &'static str| {
        let (app, finance) = (t.app.clone(), finance.clone());
        async move { record_invoice(&app, &finance, order.id, Some(page), number, day("2026-11-23")).await }
    };
    for seen in [paid.version - 1, FinancePost::NOTHING] {
        assert!(matches!(record(form(seen), NUMBER).await, Err(PaymentError::Outdated)));
    }
    let sent = form(paid.version);
    for _ in 0..2 {
        record(sent, NUMBER).await.unwrap();
    }
    for page in [form(paid.version), form(t.charged("applicant", id).await.orders[0].version)] {
        let again = record(page, NUMBER).await;
        assert!(is_outdated(&again), "recorded by another form, with the same number too: {again:?}");
    }
    let reused = record(sent, "26312000000000000002").await;
    assert!(matches!(reused, Err(PaymentError::Matter(MatterError::KeyReused))), "{reused:?}");
});

demo_test!(a_refund_is_sent_as_the_page_showed_it_and_its_form_once, |demo| async move {
    let t = fixture(demo).await;
    let finance = t.sign_in("finance").await;
    let id = t.due().await;
    let checkout = t.begin(id).await;
    assert!(t.sandbox.pay(&checkout).await.unwrap());
    t.notify(&checkout.number).await.unwrap();
    // A second trade for the same order.
    let now = write_time(t.app.now());
    let twice = t.sandbox.sign_params(&[
        ("notify_time", &now),
        ("app_id", "sandbox-app"),
        ("seller_id", "2088000000000000"),
        ("out_trade_no", &checkout.number),
        ("trade_no", "T2"),
        ("total_amount", "200.00"),
        ("trade_status", "TRADE_SUCCESS"),
    ]);
    crate::service::payment::order::handle_notice(&t.app, "sandbox", &twice).await.unwrap();
    let refund = open_refunds(&t.app, &finance).await.unwrap().remove(0);
    for seen in [refund.version - 1, FinancePost::NOTHING] {
        let late = send_refund(&t.app, &finance, refund.id, Some(form(seen))).await;
        assert!(matches!(late, Err(PaymentError::Outdated)), "{late:?}");
    }
    let sent = form(refund.version);
    for _ in 0..2 {
        send_refund(&t.app, &finance, refund.id, Some(sent)).await.unwrap();
    }
    let second = t.sign_in("finance2").await;
    let late = send_refund(&t.app, &second, refund.id, Some(form(refund.version))).await;
    assert!(is_outdated(&late), "the page showed it before another person handled it: {late:?}");
});

fn chosen(charge: &ChargeView, seen: &str) -> [ChosenCharge; 1] {
    [ChosenCharge { id: charge.id, seen: Some(seen.to_owned()) }]
}

demo_test!(a_payment_on_an_outdated_page_begins_no_order_and_a_repeated_one_is_one_order, |demo| async move {
    let t = fixture(demo).await;
    let (id, who, finance) = (t.due().await, t.sign_in("applicant").await, t.sign_in("finance").await);
    let shown = t.charged("applicant", id).await.charge;
    for seen in ["", "due.1.none", "x"] {
        let late = pay_as_seen(&t.app, &who, &chosen(&shown, seen), online(), "/").await;
        assert!(matches!(late, Err(PaymentError::Outdated)), "{seen}: {late:?}");
    }
    assert!(t.charged("applicant", id).await.orders.is_empty());
    let mut addresses = Vec::new();
    for _ in 0..2 {
        addresses.push(pay_as_seen(&t.app, &who, &chosen(&shown, &shown.seen), online(), "/").await.unwrap());
    }
    assert_eq!(addresses[0], addresses[1], "a second click goes on with the order");
    // Another page sends a voucher, which finance rejects; this page has not seen it.
    actions::pay(&t.app, &who, id).await.unwrap();
    let voucher = t.charged("applicant", id).await.orders.into_iter().find(|order| order.voucher.is_some()).unwrap();
    decide_voucher(&t.app, &finance, voucher.id, None, VoucherDecision::Reject("金额不清".into())).await.unwrap();
    let late = pay_as_seen(&t.app, &who, &chosen(&shown, &shown.seen), online(), "/").await;
    assert!(matches!(late, Err(PaymentError::Outdated)), "{late:?}");
    let now = t.charged("applicant", id).await.charge;
    pay_as_seen(&t.app, &who, &chosen(&now, &now.seen), online(), "/").await.unwrap();
});

demo_test!(what_another_payer_was_shown_opens_no_charge_of_theirs, |demo| async move {
    let t = fixture(demo).await;
    let id = t.due().await;
    let shown = t.charged("applicant", id).await.charge;
    let voucher = Voucher {
        remitter: "周建国".into(),
        remitted_on: t.app.today(),
        amount: shown.amount,
        remittance_no: String::new(),
        files: vec![VoucherFile { file: Uuid::now_v7(), name: "x.jpg".into() }],
    };
    for other in ["certified", "inst-a", "officer"] {
        let choice = PaymentChoice { method: PaymentMethod::Offline, voucher: Some(voucher.clone()), invoice: None };
        let refused = pay_as_seen(&t.app, &t.sign_in(other).await, &chosen(&shown, &shown.seen), choice, "/").await;
        assert!(matches!(refused, Err(PaymentError::NotFound)), "{other}: {refused:?}");
    }
});
