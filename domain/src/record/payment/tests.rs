use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::base::money::Fen;
use crate::base::rule::Rules;
use crate::engine::form::{Answers, FormContext, Value};

const PRICE: Fen = Fen(20_000);
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
const TRADES: [&str; 3] = ["T1", "T2", "T3"];

fn minute(m: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(m)
}

fn us() -> Merchant {
    Merchant { app: "app".into(), seller: "seller".into() }
}

/// One thing that happens at the cash desk. A trade is named by its place in [`TRADES`].
#[derive(Debug, Clone)]
enum Happening {
    /// The payer begins anew. An attempt still under way is dropped for it.
    Begin,
    Notice(usize, Trade, Flaw),
    /// A gateway is asked about the newest order; the trade it knows of, if any.
    Probe(Option<usize>),
    Closed,
    /// The matter needs no payment any more.
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
}

fn happening() -> impl Strategy<Value = Happening> {
    let flaw = prop_oneof![6 => Just(Flaw::None), 1 => Just(Flaw::Amount), 1 => Just(Flaw::Merchant), 1 => Just(Flaw::Stale), 1 => Just(Flaw::Unknown)];
    let status = prop_oneof![5 => Just(Trade::Paid), 1 => Just(Trade::Waiting), 1 => Just(Trade::Closed), 1 => Just(Trade::Refunded)];
    prop_oneof![
        3 => Just(Happening::Begin),
        6 => (0..TRADES.len(), status, flaw).prop_map(|(t, s, f)| Happening::Notice(t, s, f)),
        2 => proptest::option::of(0..TRADES.len()).prop_map(Happening::Probe),
        1 => Just(Happening::Closed),
        1 => Just(Happening::Drop),
        3 => (1..40_i64).prop_map(Happening::Minutes),
    ]
}

/// The cash desk of one charge, driven by what [`hear`] and [`judge`] say.
#[derive(Default)]
struct Desk {
    now: i64,
    orders: Vec<Order>,
    paid: bool,
    dropped: bool,
    received: Vec<(usize, String)>,
    refunds: Vec<(usize, String, Reason)>,
}

impl Desk {
    fn tell(&mut self, at: usize, word: &Word) {
        let before = self.orders[at].clone();
        let (after, follows) = hear(&before, word, minute(self.now));
        for trade in after.trades.iter().filter(|t| !before.trades.contains(t)) {
            self.received.push((at, trade.clone()));
        }
        self.orders[at] = after;
        for consequence in follows {
            match consequence {
                Consequence::Settle if self.dropped || self.paid => {
                    let trade = self.orders[at].trades.last().unwrap().clone();
                    self.refunds.push((at, trade, Reason::NotDue));
                }
                Consequence::Settle => self.paid = true,
                Consequence::Refund(trade, reason) => self.refunds.push((at, trade, reason)),
                Consequence::CloseAtGateway if self.orders[at].state == State::Open => self.tell(at, &Word::Closed),
                Consequence::CloseAtGateway | Consequence::Release => {}
            }
        }
    }

    fn follow(&mut self, happening: &Happening) -> Option<Unfit> {
        let last = self.orders.len().checked_sub(1);
        match (happening, last) {
            (Happening::Minutes(m), _) => self.now += m,
            (Happening::Begin, _) if !self.paid && !self.dropped => {
                if let Some(last) = last {
                    self.tell(last, &Word::Dropped);
                }
                self.orders.push(Order { amount: PRICE, state: State::Open, trades: Vec::new(), expires_at: minute(self.now + 30) });
            }
            (Happening::Notice(trade, status, flaw), Some(at)) => return self.notice(at, TRADES[*trade], *status, *flaw),
            (Happening::Probe(Some(trade)), Some(at)) => self.tell(at, &Word::Paid(TRADES[*trade].into())),
            (Happening::Probe(None), Some(at)) => self.tell(at, &Word::Unpaid),
            (Happening::Closed, Some(at)) => self.tell(at, &Word::Closed),
            (Happening::Drop, _) if !self.paid => {
                self.dropped = true;
                if let Some(last) = last {
                    self.tell(last, &Word::Dropped);
                }
            }
            _ => {}
        }
        None
    }

    fn notice(&mut self, at: usize, trade: &str, status: Trade, flaw: Flaw) -> Option<Unfit> {
        let seller = if flaw == Flaw::Merchant { "someone" } else { "seller" };
        let notice = Notice {
            merchant: Merchant { seller: seller.into(), ..us() },
            number: String::new(),
            trade: trade.into(),
            amount: if flaw == Flaw::Amount { Fen(PRICE.0 - 1) } else { PRICE },
            status,
            sent_at: minute(if flaw == Flaw::Stale { self.now - 6 } else { self.now }),
        };
        let order = (flaw != Flaw::Unknown).then(|| self.orders[at].clone());
        match judge(&notice, &us(), order.as_ref(), TOLERANCE, minute(self.now)) {
            Ok(Some(word)) => self.tell(at, &word),
            Ok(None) => {}
            Err(unfit) => return Some(unfit),
        }
        None
    }
}

/// What must come of a sequence, told another way: it reads the sequence as a whole and knows no states, only what was the first.
#[derive(Debug, Default, PartialEq)]
struct Model {
    paid: bool,
    refunds: BTreeSet<(usize, String, Reason)>,
    states: BTreeMap<usize, &'static str>,
}

fn model(happenings: &[Happening]) -> Model {
    let (mut now, mut count, mut dropped, mut paid_by) = (0, 0_usize, false, None::<usize>);
    let (mut ends, mut closed) = (Vec::<i64>::new(), BTreeSet::new());
    let mut arrived: BTreeMap<usize, Vec<(String, bool)>> = BTreeMap::new();
    for happening in happenings {
        let Some(last) = count.checked_sub(1) else {
            match happening {
                Happening::Minutes(m) => now += m,
                Happening::Begin if !dropped => (count, ends) = (1, vec![now + 30]),
                Happening::Drop => dropped = true,
                _ => {}
            }
            continue;
        };
        let money = match happening {
            Happening::Notice(trade, Trade::Paid, Flaw::None) | Happening::Probe(Some(trade)) => Some(TRADES[*trade]),
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
        let silent = matches!(happening, Happening::Probe(None) | Happening::Notice(_, Trade::Waiting, Flaw::None));
        let says_closed = matches!(happening, Happening::Closed | Happening::Notice(_, Trade::Closed, Flaw::None));
        match happening {
            Happening::Minutes(m) => now += m,
            Happening::Begin if paid_by.is_none() && !dropped => {
                closed.insert(last);
                count += 1;
                ends.push(now + 30);
            }
            Happening::Drop if paid_by.is_none() => {
                dropped = true;
                closed.insert(last);
            }
            _ if paid_by != Some(last) && (says_closed || (silent && now >= ends[last])) => {
                closed.insert(last);
            }
            _ => {}
        }
    }
    let mut refunds = BTreeSet::new();
    for (order, trades) in &arrived {
        for (i, (trade, late)) in trades.iter().enumerate() {
            match (late, i) {
                (true, _) => drop(refunds.insert((*order, trade.clone(), Reason::Late))),
                (false, 0) => {}
                (false, _) => drop(refunds.insert((*order, trade.clone(), Reason::Twice))),
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

    /// Reliability D5: final state as the model has it, nothing forged accepted, the money adds up to the fen.
    #[test]
    fn ten_thousand_sequences_at_the_cash_desk_end_as_the_model_says(happenings in proptest::collection::vec(happening(), 0..24)) {
        let mut desk = Desk::default();
        for happening in &happenings {
            let before = (desk.paid, desk.received.len());
            let unfit = desk.follow(happening);
            if let Happening::Notice(_, _, flaw) = happening && !desk.orders.is_empty() {
                let expected = match flaw {
                    Flaw::None => None,
                    Flaw::Amount => Some(Unfit::Amount),
                    Flaw::Merchant => Some(Unfit::Merchant),
                    Flaw::Stale => Some(Unfit::Stale),
                    Flaw::Unknown => Some(Unfit::Unknown),
                };
                prop_assert_eq!(unfit, expected);
                prop_assert!(unfit.is_none() || before == (desk.paid, desk.received.len()));
            }
        }
        let states = desk.orders.iter().enumerate().map(|(i, o)| (i, o.state.code())).collect();
        let count = desk.refunds.len();
        let refunds: BTreeSet<_> = desk.refunds.into_iter().collect();
        prop_assert_eq!(refunds.len(), count, "money goes back once");
        prop_assert_eq!(desk.received.len(), usize::from(desk.paid) + count, "what came in pays or goes back");
        prop_assert_eq!(Model { paid: desk.paid, refunds, states }, model(&happenings));
    }
}

fn typed(pairs: &[(&str, &str)]) -> Answers {
    let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), Value::from(*v))).collect();
    Answers { fields, ..Answers::default() }
}

fn faults_of(pairs: &[(&str, &str)]) -> Vec<(&'static str, &'static str)> {
    let (rules, lists) = (Rules::default(), BTreeMap::new());
    let today = minute(60 * 24 * 365 * 50).date_naive();
    let context = FormContext { today, lists: &lists, rules: &rules, applicant: "", applied: today };
    faults(&typed(pairs), &context).into_iter().map(|f| (f.field, f.issue.code)).collect()
}

/// A whole invoice to an enterprise, with these answers instead.
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
fn an_invoice_that_the_tax_authority_would_take_has_no_fault() {
    assert_eq!(faults_of(&invoice(&[])), []);
    assert_eq!(faults_of(&invoice(&[("invoice_kind", "81")])), []);
    assert_eq!(faults_of(&invoice(&[("title_type", "personal"), ("tax_id", ""), ("buyer_name", "林晓月")])), []);
    assert_eq!(faults_of(&[("method", "online"), ("invoice", "no")]), []);
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
        (&[("tax_id", "91350100m000100y43")], "tax_id", false),
        (&[("tax_id", "12345678901234567890")], "tax_id", true),
        (&[("invoice_kind", "81"), ("title_type", "personal")], "title_type", false),
        (&[("buyer_address", &*fifty)], "buyer_address", true),
        (&[("buyer_address", &*fifty), ("buyer_tel", "010-12345678")], "buyer_address", false),
        (&[("bank_name", &*fifty), ("bank_account", "1")], "bank_name", false),
        (&[("receiver_email", "")], "receiver_email", false),
        (&[("receiver_mobile", "123")], "receiver_mobile", false),
    ] {
        let found = faults_of(&invoice(other));
        assert_eq!(found.iter().all(|(f, _)| *f != field), met, "{other:?} {found:?}");
        assert!(found.len() <= 1, "{other:?} {found:?}");
    }
}

#[test]
fn a_voucher_says_who_paid_how_much_and_when() {
    let voucher =
        [("method", "offline"), ("invoice", "no"), ("remitter", "林晓月"), ("remitted_on", "2019-11-20"), ("remitted_amount", "200")];
    assert_eq!(faults_of(&voucher), [("voucher", "missing")]);
    let amount =
        |text| [("method", "offline"), ("invoice", "no"), ("remitter", "林晓月"), ("remitted_on", "2019-11-20"), ("remitted_amount", text)];
    assert_eq!(faults_of(&amount("0")), [("voucher", "missing"), ("remitted_amount", "not_an_amount")]);
    assert_eq!(faults_of(&amount("两百")), [("voucher", "missing"), ("remitted_amount", "not_an_amount")]);
    assert_eq!(read(&typed(&voucher)).and_then(|w| w.voucher).map(|v| v.amount), Some(PRICE));
}

#[test]
fn what_the_chosen_way_does_not_ask_is_not_kept() {
    let wish = read(&typed(&[("method", "online"), ("remitter", "林晓月"), ("invoice", "no"), ("buyer_name", "林晓月")]));
    assert_eq!(wish, Some(Wish { method: Method::Online, voucher: None, invoice: None }));
}
