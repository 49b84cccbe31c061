//! Large vouchers, and vouchers that were used before, are accepted by two people.

use crate::service::own_matters::{OwnFilter, list_own};
use domain::base::rule::RuleRow;
use domain::record::payment::VoucherFile;

use super::*;
use crate::service::payment::finance::decide_voucher;
use crate::service::payment::view::vouchers_to_check;
use crate::workflow::files::store_file;

impl CashDeskFixture {
    /// Starts a payment of a matter by voucher; returns its order.
    async fn voucher(&self, who: &Allowed, matter: Uuid, number: &str, file: VoucherFile) -> Uuid {
        let loaded = crate::matter::load(&self.app, who, matter).await.unwrap();
        let charge = crate::service::payment::view::charge_of_matter(&self.app, &loaded).await.unwrap().unwrap().charge;
        let voucher = Voucher {
            remitter: "周建国".into(),
            remitted_on: self.app.today(),
            amount: charge.amount,
            remittance_no: number.into(),
            files: vec![file],
        };
        let choice = PaymentChoice { method: PaymentMethod::Offline, voucher: Some(voucher), invoice: None };
        crate::service::payment::order::start_payment(&self.app, who, &[charge.id], choice, "").await.unwrap();
        let finance = self.sign_in("finance").await;
        let orders = vouchers_to_check(&self.app, &finance).await.unwrap();
        orders.into_iter().find(|order| order.charges.iter().any(|c| c.matter == matter)).unwrap().id
    }

    async fn slip(&self, who: &Allowed, name: &str) -> VoucherFile {
        // Two files with the same content have the same fingerprint, whatever their names.
        let file = store_file(&self.app, who, name, crate::demo::actions::picture()).await.unwrap();
        VoucherFile { file: file.file, name: file.name }
    }

    async fn state(&self, order: Uuid) -> OrderState {
        db::payment::order_by_id(&mut self.app.db.read().await.unwrap(), order).await.unwrap().unwrap().state
    }

    async fn set_rule(&self, key: &str, value: &str) {
        let row = RuleRow { key: key.into(), value: value.into(), effective_from: "2020-01-01".parse().unwrap() };
        self.app.db.write(move |tx| Box::pin(async move { db::rule::insert_rule(tx, &row).await })).await.unwrap();
        self.app.reload_tables().await.unwrap();
    }

    /// A registration of `applicant` that waits for its payment.
    async fn unpaid(&self) -> (Allowed, Uuid) {
        let who = self.sign_in("applicant").await;
        let page = list_own(&self.app, &who, OwnFilter::default(), None).await.unwrap();
        let matter = page.matters.iter().find(|m| m.title.starts_with("质量管理体系")).unwrap().id;
        actions::decide(&self.app, &self.sign_in("inst-a").await, matter, "pass", "").await.unwrap();
        (who, matter)
    }
}

demo_test!(a_voucher_of_a_large_sum_is_accepted_by_two_people, |demo| async move {
    let t = fixture(demo).await;
    t.set_rule("pay.voucher_two_people_fen", "20000").await;
    let (who, matter) = t.unpaid().await;
    let slip = t.slip(&who, "回单.jpg").await;
    let order = t.voucher(&who, matter, "20261123001", slip).await;
    let (finance, second) = (t.sign_in("finance").await, t.sign_in("finance2").await);
    decide_voucher(&t.app, &finance, order, None, VoucherDecision::Accept).await.unwrap();
    assert_eq!(t.state(order).await, OrderState::Checking, "one person does not suffice");
    let again = decide_voucher(&t.app, &finance, order, None, VoucherDecision::Accept).await;
    assert!(matches!(again, Err(PaymentError::SamePerson)), "{again:?}");
    decide_voucher(&t.app, &second, order, None, VoucherDecision::Accept).await.unwrap();
    assert_eq!(t.state(order).await, OrderState::Paid);
    t.balanced().await;
});

demo_test!(a_voucher_that_was_used_before_is_told_and_needs_a_second_person, |demo| async move {
    let t = fixture(demo).await;
    let institution = t.sign_in("inst-a").await;
    let billed = t.matter("certified", "环境管理体系").await;
    let first = t.slip(&institution, "回单.jpg").await;
    t.voucher(&institution, billed, "2026 1123-001", first).await;
    let (who, matter) = t.unpaid().await;
    let slip = t.slip(&who, "另一个名字.jpg").await;
    let order = t.voucher(&who, matter, "20261123001", slip).await;
    let finance = t.sign_in("finance").await;
    let page = crate::service::pages::finance_page(&t.app, &finance).await.unwrap();
    let kinds: Vec<&str> = page.checks.get(&order).unwrap().repeated.iter().map(|mark| mark.kind.as_str()).collect();
    assert_eq!(kinds, ["file", "number"], "the same file under another name, and the same number with a blank");
    decide_voucher(&t.app, &finance, order, None, VoucherDecision::Accept).await.unwrap();
    assert_eq!(t.state(order).await, OrderState::Checking);
    decide_voucher(&t.app, &t.sign_in("finance2").await, order, None, VoucherDecision::Accept).await.unwrap();
    assert_eq!(t.state(order).await, OrderState::Paid);
});

demo_test!(the_reason_for_rejecting_a_voucher_is_not_in_the_database_in_clear, |demo| async move {
    let t = fixture(demo).await;
    let (who, matter) = t.unpaid().await;
    let slip = t.slip(&who, "回单.jpg").await;
    let order = t.voucher(&who, matter, "20261123002", slip).await;
    let reject = VoucherDecision::Reject("回单与账户流水不符".into());
    decide_voucher(&t.app, &t.sign_in("finance").await, order, None, reject).await.unwrap();
    let row = db::payment::order_by_id(&mut t.app.db.read().await.unwrap(), order).await.unwrap().unwrap();
    assert!(row.note.is_empty() && row.note_sealed.is_some());
    let loaded = crate::matter::load(&t.app, &who, matter).await.unwrap();
    let payment = crate::service::payment::view::charge_of_matter(&t.app, &loaded).await.unwrap().unwrap();
    assert_eq!(payment.orders.first().unwrap().note, "回单与账户流水不符", "who may read it still does");
});
