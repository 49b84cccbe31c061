use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::base::money::Fen;
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Answers, Value};

const PRICE: Fen = Fen(20_000);
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
const TRADES: [&str; 3] = ["T1", "T2", "T3"];

fn minute(m: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(m)
}

fn us() -> Merchant {
    Merchant { app: "app".into(), seller: "seller".into() }
}

/// One event of a payment. A trade is named by its index in [`TRADES`].
#[derive(Debug, Clone)]
enum PaymentStep {
    /// The payer starts a new order, which cancels a pending one.
    Begin,
    Notice(usize, TradeStatus, Flaw),
    /// The gateway is polled about the newest order; the trade it reports, if any.
    Probe(Option<usize>),
    Closed,
    /// The matter no longer needs a payment.
    Drop,
    Minutes(i64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Flaw {
    None,
    Amount,
    Merchant,
    Stale,
    Unknown,
    /// A notice of another order.
    Order,
}

fn step() -> impl Strategy<Value = PaymentStep> {
    let flaw = prop_oneof![6 => Just(Flaw::None), 1 => Just(Flaw::Amount), 1 => Just(Flaw::Merchant), 1 => Just(Flaw::Stale), 1 => Just(Flaw::Unknown), 1 => Just(Flaw::Order)];
    let status = prop_oneof![5 => Just(TradeStatus::Paid), 1 => Just(TradeStatus::Waiting), 1 => Just(TradeStatus::Closed), 1 => Just(TradeStatus::Refunded)];
    prop_oneof![
        3 => Just(PaymentStep::Begin),
        6 => (0..TRADES.len(), status, flaw).prop_map(|(t, s, f)| PaymentStep::Notice(t, s, f)),
        2 => proptest::option::of(0..TRADES.len()).prop_map(PaymentStep::Probe),
        1 => Just(PaymentStep::Closed),
        1 => Just(PaymentStep::Drop),
        3 => (1..40_i64).prop_map(PaymentStep::Minutes),
    ]
}

/// The payments of one charge, driven by [`apply`] and [`verify`].
#[derive(Default)]
struct Payments {
    now: i64,
    orders: Vec<Order>,
    paid: bool,
    dropped: bool,
    received: Vec<(usize, String)>,
    refunds: Vec<(usize, String, RefundReason)>,
}

impl Payments {
    fn apply_event(&mut self, at: usize, event: &OrderEvent) {
        let before = self.orders[at].clone();
        let (after, actions) = apply(&before, event, minute(self.now));
        for trade in after.trades.iter().filter(|t| !before.trades.contains(t)) {
            self.received.push((at, trade.clone()));
        }
        self.orders[at] = after;
        for action in actions {
            match action {
                OrderAction::Settle if self.dropped || self.paid => {
                    let trade = self.orders[at].trades.last().unwrap().clone();
                    self.refunds.push((at, trade, RefundReason::NotDue));
                }
                OrderAction::Settle => self.paid = true,
                OrderAction::Refund(trade, reason) => self.refunds.push((at, trade, reason)),
                OrderAction::CloseAtGateway if self.orders[at].state == OrderState::Open => self.apply_event(at, &OrderEvent::Closed),
                OrderAction::CloseAtGateway | OrderAction::Release => {}
            }
        }
    }

    fn run(&mut self, step: &PaymentStep) -> Option<InvalidNotice> {
        let last = self.orders.len().checked_sub(1);
        match (step, last) {
            (PaymentStep::Minutes(m), _) => self.now += m,
            (PaymentStep::Begin, _) if !self.paid && !self.dropped => {
                if let Some(last) = last {
                    self.apply_event(last, &OrderEvent::Cancelled);
                }
                self.orders.push(Order { amount: PRICE, state: OrderState::Open, trades: Vec::new(), expires_at: minute(self.now + 30) });
            }
            (PaymentStep::Notice(trade, status, flaw), Some(at)) => return self.notice(at, TRADES[*trade], *status, *flaw),
            (PaymentStep::Probe(Some(trade)), Some(at)) => self.apply_event(at, &OrderEvent::Paid(TRADES[*trade].into())),
            (PaymentStep::Probe(None), Some(at)) => self.apply_event(at, &OrderEvent::Unpaid),
            (PaymentStep::Closed, Some(at)) => self.apply_event(at, &OrderEvent::Closed),
            (PaymentStep::Drop, _) if !self.paid => {
                self.dropped = true;
                if let Some(last) = last {
                    self.apply_event(last, &OrderEvent::Cancelled);
                }
            }
            _ => {}
        }
        None
    }

    fn notice(&mut self, at: usize, trade: &str, status: TradeStatus, flaw: Flaw) -> Option<InvalidNotice> {
        let seller = if flaw == Flaw::Merchant { "someone" } else { "seller" };
        let notice = Notice {
            merchant: Merchant { seller: seller.into(), ..us() },
            number: if flaw == Flaw::Order { "2".into() } else { "1".into() },
            trade: trade.into(),
            amount: if flaw == Flaw::Amount { Fen(PRICE.0 - 1) } else { PRICE },
            status,
            sent_at: minute(if flaw == Flaw::Stale { self.now - 6 } else { self.now }),
        };
        let order = (flaw != Flaw::Unknown).then(|| self.orders[at].clone());
        match verify(&notice, &us(), order.as_ref().map(|order| ("1", order)), TOLERANCE, minute(self.now)) {
            Ok(Some(event)) => self.apply_event(at, &event),
            Ok(None) => {}
            Err(invalid) => return Some(invalid),
        }
        None
    }
}

/// The expected result of a sequence, computed independently: from the whole sequence, without states.
#[derive(Debug, Default, PartialEq)]
struct Model {
    paid: bool,
    refunds: BTreeSet<(usize, String, RefundReason)>,
    states: BTreeMap<usize, &'static str>,
}

fn model(steps: &[PaymentStep]) -> Model {
    let (mut now, mut count, mut dropped, mut paid_by) = (0, 0_usize, false, None::<usize>);
    let (mut ends, mut closed) = (Vec::<i64>::new(), BTreeSet::new());
    let mut arrived: BTreeMap<usize, Vec<(String, bool)>> = BTreeMap::new();
    for step in steps {
        let Some(last) = count.checked_sub(1) else {
            match step {
                PaymentStep::Minutes(m) => now += m,
                PaymentStep::Begin if !dropped => (count, ends) = (1, vec![now + 30]),
                PaymentStep::Drop => dropped = true,
                _ => {}
            }
            continue;
        };
        let money = match step {
            PaymentStep::Notice(trade, TradeStatus::Paid, Flaw::None) | PaymentStep::Probe(Some(trade)) => Some(TRADES[*trade]),
            _ => None,
        };
        if let Some(trade) = money {
            let trades = arrived.entry(last).or_default();
            if trades.iter().all(|(t, _)| t != trade) {
                trades.push((trade.to_owned(), closed.contains(&last)));
                if !closed.contains(&last) && trades.len() == 1 {
                    paid_by = Some(last);
                }
            }
            continue;
        }
        let unpaid = matches!(step, PaymentStep::Probe(None) | PaymentStep::Notice(_, TradeStatus::Waiting, Flaw::None));
        let reports_closed = matches!(step, PaymentStep::Closed | PaymentStep::Notice(_, TradeStatus::Closed, Flaw::None));
        match step {
            PaymentStep::Minutes(m) => now += m,
            PaymentStep::Begin if paid_by.is_none() && !dropped => {
                closed.insert(last);
                count += 1;
                ends.push(now + 30);
            }
            PaymentStep::Drop if paid_by.is_none() => {
                dropped = true;
                closed.insert(last);
            }
            _ if paid_by != Some(last) && (reports_closed || (unpaid && now >= ends[last])) => {
                closed.insert(last);
            }
            _ => {}
        }
    }
    let mut refunds = BTreeSet::new();
    for (order, trades) in &arrived {
        for (i, (trade, late)) in trades.iter().enumerate() {
            match (late, i) {
                (true, _) => drop(refunds.insert((*order, trade.clone(), RefundReason::Late))),
                (false, 0) => {}
                (false, _) => drop(refunds.insert((*order, trade.clone(), RefundReason::Duplicate))),
            }
        }
    }
    let state = |i| {
        if paid_by == Some(i) {
            "paid"
        } else if closed.contains(&i) {
            "closed"
        } else {
            "open"
        }
    };
    Model { paid: paid_by.is_some(), refunds, states: (0..count).map(|i| (i, state(i))).collect() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// The final states equal those of the model, no forged notice is accepted, and the money adds up to the fen.
    #[test]
    fn ten_thousand_sequences_of_payments_end_as_in_the_model(steps in proptest::collection::vec(step(), 0..24)) {
        let mut payments = Payments::default();
        for step in &steps {
            let before = (payments.paid, payments.received.len());
            let invalid = payments.run(step);
            if let PaymentStep::Notice(_, _, flaw) = step && !payments.orders.is_empty() {
                let expected = match flaw {
                    Flaw::None => None,
                    Flaw::Amount => Some(InvalidNotice::Amount),
                    Flaw::Merchant => Some(InvalidNotice::Merchant),
                    Flaw::Stale => Some(InvalidNotice::Stale),
                    Flaw::Unknown | Flaw::Order => Some(InvalidNotice::Unknown),
                };
                prop_assert_eq!(invalid, expected);
                prop_assert!(invalid.is_none() || before == (payments.paid, payments.received.len()));
            }
        }
        let states = payments.orders.iter().enumerate().map(|(i, o)| (i, o.state.code())).collect();
        let count = payments.refunds.len();
        let refunds: BTreeSet<_> = payments.refunds.into_iter().collect();
        prop_assert_eq!(refunds.len(), count, "each payment is refunded once");
        prop_assert_eq!(payments.received.len(), usize::from(payments.paid) + count, "money received pays or is refunded");
        prop_assert_eq!(Model { paid: payments.paid, refunds, states }, model(&steps));
    }
}

fn answers(pairs: &[(&str, &str)]) -> Answers {
    let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), Value::from(*v))).collect();
    Answers { fields, ..Answers::default() }
}

fn issues(pairs: &[(&str, &str)]) -> Vec<(&'static str, &'static str)> {
    let today = minute(60 * 24 * 365 * 50).date_naive().to_string();
    validate(&answers(pairs), &TestContext::on(&today).form()).into_iter().map(|f| (f.field, f.issue.code)).collect()
}

/// A complete invoice to an enterprise, with some answers replaced.
fn invoice(other: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut pairs = BTreeMap::from([
        ("method", "online"),
        ("invoice", "yes"),
        ("invoice_kind", "82"),
        ("title_type", "enterprise"),
        ("buyer_name", "华信质量认证中心有限公司"),
        ("tax_id", "91350100M000100Y43"),
        ("receiver_email", "fapiao@example.cn"),
    ]);
    pairs.extend(other.iter().copied());
    pairs.into_iter().filter(|(_, v)| !v.is_empty()).collect()
}

#[test]
fn an_invoice_that_meets_the_tax_rules_has_no_issue() {
    assert_eq!(issues(&invoice(&[])), []);
    assert_eq!(issues(&invoice(&[("invoice_kind", "81")])), []);
    assert_eq!(issues(&invoice(&[("title_type", "personal"), ("tax_id", ""), ("buyer_name", "林晓月")])), []);
    assert_eq!(issues(&[("method", "online"), ("invoice", "no")]), []);
}

#[test]
fn each_rule_of_an_invoice_has_a_case_just_met_and_one_just_missed() {
    let fifty = Box::leak("甲".repeat(50).into_boxed_str());
    let more = Box::leak("甲".repeat(51).into_boxed_str());
    for (other, field, met) in [
        (&[("buyer_name", &*fifty)][..], "buyer_name", true),
        (&[("buyer_name", &*more)], "buyer_name", false),
        (&[("buyer_name", "甲<乙")], "buyer_name", false),
        (&[("tax_id", "")], "tax_id", false),
        (&[("tax_id", "110101199003071")], "tax_id", true),
        (&[("tax_id", "11010119900307")], "tax_id", false),
        (&[("tax_id", "91350100M000100Y44")], "tax_id", false),
        (&[("tax_id", "91350100 m000100y43")], "tax_id", true),
        (&[("tax_id", "12345678901234567890")], "tax_id", true),
        (&[("invoice_kind", "81"), ("title_type", "personal")], "title_type", false),
        (&[("buyer_address", &*fifty)], "buyer_address", true),
        (&[("buyer_address", &*fifty), ("buyer_tel", "010-12345678")], "buyer_address", false),
        (&[("bank_name", &*fifty), ("bank_account", "1")], "bank_name", false),
        (&[("receiver_email", "")], "receiver_email", false),
        (&[("receiver_mobile", "123")], "receiver_mobile", false),
    ] {
        let found = issues(&invoice(other));
        assert_eq!(found.iter().all(|(f, _)| *f != field), met, "{other:?} {found:?}");
        assert!(found.len() <= 1, "{other:?} {found:?}");
    }
}

#[test]
fn a_voucher_names_remitter_amount_and_day() {
    let voucher =
        [("method", "offline"), ("invoice", "no"), ("remitter", "林晓月"), ("remitted_on", "2019-11-20"), ("remitted_amount", "200")];
    assert_eq!(issues(&voucher), [("voucher", "missing")]);
    let amount =
        |text| [("method", "offline"), ("invoice", "no"), ("remitter", "林晓月"), ("remitted_on", "2019-11-20"), ("remitted_amount", text)];
    assert_eq!(issues(&amount("0")), [("voucher", "missing"), ("remitted_amount", "not_an_amount")]);
    assert_eq!(issues(&amount("两百")), [("remitted_amount", "wrong_character"), ("voucher", "missing")]);
    assert_eq!(issues(&amount("¥200 元")), [("voucher", "missing")]);
    assert_eq!(read_choice(&answers(&voucher)).and_then(|w| w.voucher).map(|v| v.amount), Some(PRICE));
}

#[test]
fn answers_for_another_payment_method_are_ignored() {
    let choice = read_choice(&answers(&[("method", "online"), ("remitter", "林晓月"), ("invoice", "no"), ("buyer_name", "林晓月")]));
    assert_eq!(choice, Some(PaymentChoice { method: PaymentMethod::Online, voucher: None, invoice: None }));
}

#[test]
fn every_field_of_the_payment_form_is_kept_in_its_draft_but_files_by_their_ids() {
    for field in FORM.steps.iter().flat_map(|step| step.fields()) {
        let name = if field.name == "voucher" { "_slip" } else { field.name };
        assert!(crate::engine::form_draft::PAYMENT.stores(name), "{name}");
    }
}
