//! Random sequences of payments through the real handler, with real signatures and rows and several payers at once. The rules alone are
//! tested with ten thousand sequences in `domain::record::payment`; `PAYMENT_SEQUENCES` sets the number here.

use crate::infra::db::DbError;
use crate::infra::db::payment::ChargeRow;
use crate::infra::gateway::alipay::write_time;
use crate::infra::gateway::rsa2::Params;
use crate::service::payment::order::PaymentStart;
use futures::StreamExt;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::infra::secret::SealContext;
use crate::service::payment::tests::*;

#[derive(Debug, Clone)]
enum Step {
    Begin,
    /// The trade, and the fault of its notice.
    Notice(u8, &'static str),
    Closed,
    Probe,
    Withdraw,
}

fn step() -> impl Strategy<Value = Step> {
    let flaw = prop_oneof![6 => Just(""), 1 => Just("sign"), 1 => Just("total_amount"), 1 => Just("seller_id"), 1 => Just("out_trade_no"), 1 => Just("notify_time")];
    prop_oneof![
        3 => Just(Step::Begin),
        6 => (0..3_u8, flaw).prop_map(|(t, f)| Step::Notice(t, f)),
        1 => Just(Step::Closed),
        1 => Just(Step::Probe),
        1 => Just(Step::Withdraw),
    ]
}

/// The expected result, from the whole sequence.
#[derive(Debug, PartialEq)]
struct End {
    charge: String,
    trades: usize,
    stage: String,
}

fn expected(steps: &[Step]) -> End {
    let (mut open, mut begun, mut charge, mut stage) = (false, false, "due", "payment");
    let mut trades = std::collections::BTreeSet::new();
    let mut order = 0;
    for step in steps {
        match step {
            Step::Begin if charge == "due" && !open => (open, begun, order) = (true, true, order + 1),
            Step::Notice(trade, "") if begun => {
                trades.insert((order, *trade));
                if open && charge == "due" {
                    (open, charge, stage) = (false, "paid", "acceptance");
                }
            }
            Step::Closed if begun => open = false,
            Step::Withdraw => {
                // The association has not accepted it, so that a paid fee goes back.
                (open, charge, stage) = (false, "dropped", "withdrawn");
            }
            _ => {}
        }
    }
    End { charge: charge.into(), trades: trades.len(), stage: stage.into() }
}

impl CashDeskFixture {
    async fn follow(&self, matter: Uuid, charge: Uuid, steps: &[Step]) {
        let applicant = self.sign_in("applicant").await;
        let mut number = String::new();
        for step in steps {
            match step {
                Step::Begin => {
                    if let Ok(PaymentStart::Redirect(address)) =
                        crate::service::payment::order::start_payment(&self.app, &applicant, &[charge], online(), "/").await
                    {
                        number = self.sandbox.parse_checkout(&query(&address)).unwrap().number;
                    }
                }
                Step::Notice(trade, flaw) if !number.is_empty() => {
                    let (trade, status) = (format!("T{trade}-{number}"), "TRADE_SUCCESS");
                    let taken =
                        crate::service::payment::order::handle_notice(&self.app, "sandbox", &self.told(&number, &trade, status, flaw))
                            .await;
                    assert_eq!(taken.is_ok(), flaw.is_empty(), "{flaw}: {taken:?}");
                }
                Step::Closed if !number.is_empty() => {
                    crate::service::payment::order::handle_notice(&self.app, "sandbox", &self.told(&number, "T0", "TRADE_CLOSED", ""))
                        .await
                        .unwrap();
                }
                Step::Probe => crate::service::payment::poll::query_order_of_matter(&self.app, matter).await.unwrap(),
                Step::Withdraw => {
                    let command = Command { name: "withdraw".into(), ..Command::default() };
                    let _ = crate::workflow::execute::execute(
                        &self.app,
                        &applicant,
                        CommandRequest { key: Uuid::now_v7(), matter, seen: None, command },
                    )
                    .await;
                }
                Step::Notice(..) | Step::Closed => {}
            }
        }
    }

    fn told(&self, number: &str, trade: &str, status: &str, flaw: &str) -> Params {
        let other = |name: &str, value: String, wrong: &str| if name == flaw { wrong.to_owned() } else { value };
        let (now, late) = (self.app.now(), self.app.now() - TimeDelta::minutes(6));
        let time = write_time(if flaw == "notify_time" { late } else { now });
        let mut pairs = self.sandbox.sign_params(&[
            ("notify_time", &time),
            ("app_id", "sandbox-app"),
            ("seller_id", &other("seller_id", "2088000000000000".into(), "2088")),
            ("out_trade_no", &other("out_trade_no", number.into(), "R0")),
            ("trade_no", trade),
            ("total_amount", &other("total_amount", "200.00".into(), "199.99")),
            ("trade_status", status),
        ]);
        if flaw == "sign" {
            pairs.retain(|(name, _)| name != "sign");
        }
        pairs
    }
}

/// One matter that waits to be paid, for each sequence.
async fn dues(t: &CashDeskFixture, count: usize) -> Vec<(Uuid, Uuid)> {
    let matter = t.due().await;
    let mut tx = t.app.db.read().await.unwrap();
    let charge = db::payment::charge_by_matter(&mut tx, matter).await.unwrap().unwrap();
    drop(tx);
    let mut all = vec![(matter, charge.id)];
    let mut more: Vec<Uuid> = Vec::with_capacity(count);
    while all.len() + more.len() < count {
        more.push(Uuid::now_v7());
    }
    let app = t.app.clone();
    let opened = crate::matter::load(&t.app, &t.sign_in("applicant").await, matter).await.unwrap();
    let made = t
        .app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut made = Vec::with_capacity(more.len());
                for id in more {
                    db::matter::insert_copy(tx, matter, id).await?;
                    let sealed = app.keys.seal_json(SealContext::new("matter_answers.answers_sealed", id), &opened.answers);
                    db::matter::insert_answers(tx, id, opened.revision, &sealed, app.now()).await?;
                    let row = ChargeRow { id: Uuid::now_v7(), matter_id: id, created_at: app.now(), ..charge.clone() };
                    db::payment::insert_charge(tx, &row).await?;
                    made.push((id, row.id));
                }
                Ok::<_, DbError>(made)
            })
        })
        .await
        .unwrap();
    all.extend(made);
    all
}

demo_test!(random_sequences_at_the_real_cash_desk_end_as_the_model_says, |demo| async move {
    let count: usize = std::env::var("PAYMENT_SEQUENCES").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
    let t = fixture(demo).await;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let plans: Vec<Vec<Step>> =
        (0..count).map(|_| proptest::collection::vec(step(), 0..12).new_tree(&mut runner).unwrap().current()).collect();
    let dues = dues(&t, count).await;
    let t = &t;
    futures::stream::iter(dues.iter().zip(&plans))
        .for_each_concurrent(32, |((matter, charge), plan)| async move { t.follow(*matter, *charge, plan).await })
        .await;
    for ((matter, _), plan) in dues.iter().zip(&plans) {
        let charged = t.charged("applicant", *matter).await;
        let mut trades = 0;
        {
            let mut tx = t.app.db.read().await.unwrap();
            for order in &charged.orders {
                trades += db::receipt::list_trades(&mut tx, order.id).await.unwrap().len();
            }
        }
        let end = End { charge: charged.charge.state.code().to_owned(), trades, stage: t.stage(*matter).await };
        assert_eq!(end, expected(plan), "{plan:?}");
    }
    t.balanced().await;
});
