//! A paid fee whose application is closed: before acceptance it goes back, afterwards it does not.

use crate::matter::MatterError;
use crate::matter::tests::races::at_once;
use crate::service::payment::order::start_payment;
use crate::service::payment::received::MoneyUsage;
use crate::service::payment::tests::*;
use crate::service::payment::view::open_refunds;

impl CashDeskFixture {
    async fn command(&self, who: &Allowed, matter: Uuid, name: &str, key: Uuid) -> Result<(), MatterError> {
        let command = Command { name: name.into(), note: "意见".into(), ..Command::default() };
        let request = CommandRequest { key, matter, seen: None, command };
        crate::workflow::execute::execute(&self.app, who, request).await.map(|_| ())
    }

    /// Amounts and reasons of the queued refunds of a matter.
    async fn refunds(&self, matter: Uuid) -> Vec<(i64, &'static str)> {
        let refunds = open_refunds(&self.app, &self.sign_in("finance").await).await.unwrap();
        let of_matter = refunds.iter().filter(|refund| refund.order.charges.iter().any(|c| c.matter == matter));
        of_matter.map(|refund| (refund.amount.0, refund.reason.code())).collect()
    }

    /// The applicant's matter, paid online.
    async fn paid_online(&self) -> Uuid {
        let id = self.due().await;
        let checkout = self.begin(id).await;
        assert!(self.sandbox.pay(&checkout).await.unwrap());
        self.notify(&checkout.number).await.unwrap();
        assert_eq!(self.stage(id).await, "acceptance");
        id
    }

    /// Withdraws twice, with the same key and with another one, and checks that the money goes back once.
    async fn withdraws_and_gets_back(&self, owner: &str, id: Uuid) {
        assert_eq!(self.stage(id).await, "acceptance");
        let (who, key) = (self.sign_in(owner).await, Uuid::now_v7());
        self.command(&who, id, "withdraw", key).await.unwrap();
        self.command(&who, id, "withdraw", key).await.unwrap();
        assert!(self.command(&who, id, "withdraw", Uuid::now_v7()).await.is_err());
        assert_eq!(self.stage(id).await, "withdrawn");
        assert_eq!(self.refunds(id).await, [(20_000, "withdrawn")]);
        let payment = self.charged(owner, id).await;
        assert_eq!(payment.charge.state.code(), "dropped");
        let part = &payment.orders[0].receipts[0].parts[0];
        assert!(matches!(part.usage, MoneyUsage::Refund { done_at: None, .. }) && part.amount == Fen(20_000));
        self.balanced().await;
    }

    async fn told_of_refund(&self, who: &str) -> bool {
        let told = crate::service::message::list_messages(&self.app, &self.sign_in(who).await).await.unwrap();
        told.iter().any(|m| m.title.contains("退款通知") && m.body.contains("受理前撤回"))
    }
}

demo_test!(a_person_who_paid_online_and_withdraws_before_acceptance_gets_the_fee_back_once, |demo| async move {
    let t = fixture(demo).await;
    let id = t.paid_online().await;
    t.withdraws_and_gets_back("applicant", id).await;
    assert!(t.told_of_refund("applicant").await);
});

demo_test!(a_person_who_paid_by_bank_and_withdraws_before_acceptance_gets_the_fee_back_once, |demo| async move {
    let t = fixture(demo).await;
    let id = t.due().await;
    actions::pay(&t.app, &t.sign_in("applicant").await, id).await.unwrap();
    actions::accept_voucher(&t.app, &t.sign_in("finance").await, id).await.unwrap();
    t.withdraws_and_gets_back("applicant", id).await;
});

demo_test!(an_institution_gets_the_fee_back_when_its_applicant_withdraws_before_acceptance, |demo| async move {
    let t = fixture(demo).await;
    let (id, institution) = (t.matter("certified", "环境管理体系").await, t.sign_in("inst-a").await);
    let charge = t.charged("certified", id).await.charge.id;
    let begun = start_payment(&t.app, &institution, &[charge], online(), "/").await.unwrap();
    let PaymentStart::Redirect(address) = begun else { panic!("{begun:?}") };
    let checkout = t.sandbox.parse_checkout(&query(&address)).unwrap();
    assert!(t.sandbox.pay(&checkout).await.unwrap());
    t.notify(&checkout.number).await.unwrap();
    t.withdraws_and_gets_back("certified", id).await;
    assert!(t.told_of_refund("inst-a").await && !t.told_of_refund("certified").await, "who paid is told");
});

demo_test!(an_institution_that_paid_by_bank_gets_the_fee_back_when_its_applicant_withdraws, |demo| async move {
    let t = fixture(demo).await;
    let (id, institution) = (t.matter("certified", "环境管理体系").await, t.sign_in("inst-a").await);
    let charge = t.charged("certified", id).await.charge.id;
    let voucher = Voucher {
        remitter: "示例认证有限公司".into(),
        remitted_on: t.app.today(),
        amount: Fen(20_000),
        remittance_no: String::new(),
        files: Vec::new(),
    };
    let choice = PaymentChoice { method: PaymentMethod::Offline, voucher: Some(voucher), invoice: None };
    start_payment(&t.app, &institution, &[charge], choice, "/").await.unwrap();
    actions::accept_voucher(&t.app, &t.sign_in("finance").await, id).await.unwrap();
    t.withdraws_and_gets_back("certified", id).await;
});

demo_test!(a_fee_is_kept_once_the_association_has_accepted_and_goes_back_if_it_asked_for_changes_before, |demo| async move {
    let t = fixture(demo).await;
    let id = t.paid_online().await;
    t.act("officer", id, "return").await;
    assert_eq!(t.stage(id).await, "rectification");
    t.act("applicant", id, "withdraw").await;
    assert_eq!(t.refunds(id).await, [(20_000, "withdrawn")]);
    t.balanced().await;
});

demo_test!(a_fee_is_not_refunded_after_acceptance, |demo| async move {
    let t = fixture(demo).await;
    let id = t.paid_online().await;
    for command in ["accept", "waive", "return"] {
        t.act("officer", id, command).await;
    }
    assert_eq!(t.stage(id).await, "rectification");
    t.act("applicant", id, "withdraw").await;
    assert_eq!((t.stage(id).await.as_str(), t.refunds(id).await.len()), ("withdrawn", 0));
    let payment = t.charged("applicant", id).await;
    assert_eq!(payment.charge.state.code(), "paid");
    assert!(matches!(payment.orders[0].receipts[0].parts[0].usage, MoneyUsage::Pays));
    t.balanced().await;
});

demo_test!(no_invoice_is_asked_of_finance_for_a_fee_that_goes_back, |demo| async move {
    let t = fixture(demo).await;
    let (id, who) = (t.due().await, t.sign_in("applicant").await);
    let charge = t.charged("applicant", id).await.charge.id;
    let invoice = Invoice { kind: "82".into(), buyer: "林晓月".into(), email: "lin@example.cn".into(), ..Invoice::default() };
    let choice = PaymentChoice { invoice: Some(invoice), ..online() };
    let PaymentStart::Redirect(address) = start_payment(&t.app, &who, &[charge], choice, "/").await.unwrap() else { panic!("no gateway") };
    let checkout = t.sandbox.parse_checkout(&query(&address)).unwrap();
    assert!(t.sandbox.pay(&checkout).await.unwrap());
    t.notify(&checkout.number).await.unwrap();
    let finance = t.sign_in("finance").await;
    let asked = async || {
        let orders = crate::service::payment::view::invoices_to_issue(&t.app, &finance).await.unwrap();
        orders.into_iter().find(|order| order.number == checkout.number).map(|order| order.paid_amount())
    };
    assert_eq!(asked().await, Some(Fen(20_000)));
    t.act("applicant", id, "withdraw").await;
    assert_eq!(asked().await, None);
});

demo_test!(a_fee_goes_back_when_an_application_that_was_not_accepted_lapses, |demo| async move {
    let t = fixture(demo).await;
    let id = t.paid_online().await;
    t.act("officer", id, "return").await;
    t.app.clock.advance(TimeDelta::days(60));
    crate::service::deadlines::run_deadlines(&t.app).await.unwrap();
    assert_eq!(t.stage(id).await, "lapsed");
    assert_eq!(t.refunds(id).await, [(20_000, "lapsed")]);
    t.balanced().await;
});

demo_test!(a_withdrawal_at_once_with_the_acceptance_refunds_or_keeps_the_fee, |demo| async move {
    let t = fixture(demo).await;
    let id = t.paid_online().await;
    let (applicant, officer) = (t.sign_in("applicant").await, t.sign_in("officer").await);
    let commands = (0..20).map(|i| {
        let (app, who, name) =
            if i % 2 == 0 { (t.app.clone(), applicant.clone(), "withdraw") } else { (t.app.clone(), officer.clone(), "accept") };
        async move {
            let command = Command { name: name.into(), note: "意见".into(), ..Command::default() };
            crate::workflow::execute::execute(&app, &who, CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command }).await
        }
    });
    let done = at_once(commands).await;
    assert_eq!(done.iter().filter(|r| r.is_ok()).count(), 1, "{done:?}");
    let refunds = t.refunds(id).await;
    match t.stage(id).await.as_str() {
        "withdrawn" => assert_eq!(refunds, [(20_000, "withdrawn")]),
        stage => assert_eq!((stage, refunds.len()), ("assignment", 0)),
    }
    t.balanced().await;
});
