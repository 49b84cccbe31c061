//! Vouchers, payments of institutions, refunds and invoices.

use crate::service::payment::tests::*;

demo_test!(a_voucher_is_checked_by_finance_and_a_wrong_one_goes_back_with_the_reason, |demo| async move {
    let t = fixture(demo).await;
    let (id, finance) = (t.due().await, t.sign_in("finance").await);
    let applicant = t.sign_in("applicant").await;
    actions::pay(&t.app, &applicant, id).await.unwrap();
    assert_eq!(t.stage(id).await, "payment_check");
    let order = t.charged("applicant", id).await.orders.remove(0);
    for other in ["officer", "admin", "applicant", "inst-a"] {
        let refused =
            crate::service::payment::finance::decide_voucher(&t.app, &t.sign_in(other).await, order.id, None, VoucherDecision::Accept)
                .await;
        assert!(matches!(refused, Err(PaymentError::NotFound)), "{other}");
    }
    let no_reason =
        crate::service::payment::finance::decide_voucher(&t.app, &finance, order.id, None, VoucherDecision::Reject(String::new())).await;
    assert!(matches!(no_reason, Err(PaymentError::ReasonMissing)));
    let reject = VoucherDecision::Reject("回单与账户流水不符".into());
    crate::service::payment::finance::decide_voucher(&t.app, &finance, order.id, None, reject.clone()).await.unwrap();
    crate::service::payment::finance::decide_voucher(&t.app, &finance, order.id, None, reject).await.unwrap();
    assert_eq!(t.stage(id).await, "payment");
    assert!(matches!(
        crate::service::payment::finance::decide_voucher(&t.app, &finance, order.id, None, VoucherDecision::Accept).await,
        Err(PaymentError::AlreadyDone)
    ));
    let said = crate::matter::load(&t.app, &applicant, id).await.unwrap();
    assert!(format!("{:?}", said.events.last()).contains("回单与账户流水不符"));

    actions::pay(&t.app, &applicant, id).await.unwrap();
    actions::accept_voucher(&t.app, &finance, id).await.unwrap();
    assert_eq!(t.stage(id).await, "acceptance");
    t.balanced().await;
    let slip = &order.voucher.unwrap().files[0];
    assert!(crate::service::payment::view::voucher_file(&t.app, &finance, order.id, slip.file).await.is_ok());
    assert!(crate::service::payment::view::voucher_file(&t.app, &applicant, order.id, slip.file).await.is_ok());
    for stranger in ["certified", "officer", "inst-a"] {
        assert!(
            crate::service::payment::view::voucher_file(&t.app, &t.sign_in(stranger).await, order.id, slip.file).await.is_err(),
            "{stranger}"
        );
    }
});

demo_test!(a_voucher_of_another_amount_is_told_at_once, |demo| async move {
    let t = fixture(demo).await;
    let id = t.due().await;
    let charge = t.charged("applicant", id).await.charge.id;
    let voucher = Voucher {
        remitter: "林晓月".into(),
        remitted_on: t.app.today(),
        amount: Fen(19_999),
        remittance_no: String::new(),
        files: Vec::new(),
    };
    let wish = PaymentChoice { method: PaymentMethod::Offline, voucher: Some(voucher), invoice: None };
    let refused = crate::service::payment::order::start_payment(&t.app, &t.sign_in("applicant").await, &[charge], wish, "/").await;
    assert!(matches!(refused, Err(PaymentError::WrongAmount(Fen(20_000)))));
    assert_eq!(t.stage(id).await, "payment");
});

demo_test!(an_institution_pays_for_its_people_in_one_order_and_what_is_not_asked_any_more_goes_back, |demo| async move {
    let t = fixture(demo).await;
    let institution = t.sign_in("inst-a").await;
    let id = t.matter("certified", "环境管理体系").await;
    let due = crate::service::payment::view::institution_bills(&t.app, &institution).await.unwrap().due;
    assert_eq!(due.iter().map(|bill| bill.charge.matter).collect::<Vec<_>>(), [id]);
    assert_eq!(due[0].applicant, t.sign_in("certified").await.caller().person.name);
    let own =
        crate::service::payment::order::start_payment(&t.app, &t.sign_in("certified").await, &[due[0].charge.id], online(), "/").await;
    assert!(matches!(own, Err(PaymentError::NotFound)), "the institution pays, not the person");
    let stranger =
        crate::service::payment::order::start_payment(&t.app, &t.sign_in("inst-b").await, &[due[0].charge.id], online(), "/").await;
    assert!(matches!(stranger, Err(PaymentError::NotFound)));

    let PaymentStart::Redirect(address) =
        crate::service::payment::order::start_payment(&t.app, &institution, &[due[0].charge.id], online(), "/institution/bills")
            .await
            .unwrap()
    else {
        panic!("no address")
    };
    let ask = t.sandbox.parse_checkout(&query(&address)).unwrap();
    // The applicant withdraws while the institution is paying; the gateway accepts the payment nevertheless.
    t.sandbox.pay(&ask).await.unwrap();
    t.act("certified", id, "withdraw").await;
    t.notify(&ask.number).await.unwrap();
    assert_eq!(t.stage(id).await, "withdrawn");
    let refunds = crate::service::payment::view::open_refunds(&t.app, &t.sign_in("finance").await).await.unwrap();
    assert_eq!(refunds.iter().map(|r| r.amount.0).collect::<Vec<_>>(), [20_000]);
    t.balanced().await;
});

demo_test!(money_goes_back_once_and_an_invoice_is_made_out_once, |demo| async move {
    let t = fixture(demo).await;
    let (id, finance) = (t.due().await, t.sign_in("finance").await);
    let charge = t.charged("applicant", id).await.charge.id;
    let invoice = Invoice { kind: "82".into(), buyer: "林晓月".into(), email: "lin@example.cn".into(), ..Invoice::default() };
    let wish = PaymentChoice { invoice: Some(invoice.clone()), ..online() };
    let PaymentStart::Redirect(address) =
        crate::service::payment::order::start_payment(&t.app, &t.sign_in("applicant").await, &[charge], wish, "/").await.unwrap()
    else {
        panic!()
    };
    let ask = t.sandbox.parse_checkout(&query(&address)).unwrap();
    t.sandbox.pay(&ask).await.unwrap();
    assert!(crate::service::payment::view::invoices_to_issue(&t.app, &finance).await.unwrap().is_empty(), "not before it is paid");
    t.notify(&ask.number).await.unwrap();
    let wanted = crate::service::payment::view::invoices_to_issue(&t.app, &finance).await.unwrap();
    assert_eq!(wanted[0].invoice.as_ref(), Some(&invoice));
    let (order, today) = (wanted[0].id, t.app.today());
    crate::service::payment::finance::record_invoice(&t.app, &finance, order, None, "26312000000000000001", today).await.unwrap();
    crate::service::payment::finance::record_invoice(&t.app, &finance, order, None, "26312000000000000001", today).await.unwrap();
    assert!(matches!(
        crate::service::payment::finance::record_invoice(&t.app, &finance, order, None, "26312000000000000002", today).await,
        Err(PaymentError::AlreadyDone)
    ));
    assert!(crate::service::payment::view::invoices_to_issue(&t.app, &finance).await.unwrap().is_empty());

    // A second trade for the same order.
    let now = write_time(t.app.now());
    let twice = t.sandbox.sign_params(&[
        ("notify_time", &now),
        ("app_id", "sandbox-app"),
        ("seller_id", "2088000000000000"),
        ("out_trade_no", &ask.number),
        ("trade_no", "T2"),
        ("total_amount", "200.00"),
        ("trade_status", "TRADE_SUCCESS"),
    ]);
    crate::service::payment::order::handle_notice(&t.app, "sandbox", &twice).await.unwrap();
    let refund = crate::service::payment::view::open_refunds(&t.app, &finance).await.unwrap().remove(0);
    assert_eq!(refund.reason.code(), "twice");
    assert!(matches!(
        crate::service::payment::finance::send_refund(&t.app, &t.sign_in("officer").await, refund.id, None).await,
        Err(PaymentError::NotFound)
    ));
    // Two people send money back.
    crate::service::payment::finance::send_refund(&t.app, &finance, refund.id, None).await.unwrap();
    assert_eq!(crate::service::payment::view::open_refunds(&t.app, &finance).await.unwrap().len(), 1, "one person only approves it");
    let again = crate::service::payment::finance::send_refund(&t.app, &finance, refund.id, None).await;
    assert!(matches!(again, Err(PaymentError::SamePerson)), "{again:?}");
    let second = t.sign_in("finance2").await;
    crate::service::payment::finance::send_refund(&t.app, &second, refund.id, None).await.unwrap();
    crate::service::payment::finance::send_refund(&t.app, &second, refund.id, None).await.unwrap();
    assert!(crate::service::payment::view::open_refunds(&t.app, &finance).await.unwrap().is_empty());
    t.balanced().await;
});
