//! Random sequences at the real cash desk: real signatures, real rows, many payers at once. The rules themselves meet ten thousand
//! sequences in `domain::record::payment`; here it is the handler, and `PAYMENT_SEQUENCES` asks for more of them.

use crate::infra::db::payment::Charge;
use crate::infra::gateway::rsa2::Pairs;
use crate::service::payment::order::Begun;
use futures::StreamExt;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::infra::secret::Place;
use crate::service::payment::tests::*;

#[derive(Debug, Clone)]
enum Happening {
    Begin,
    /// The trade, and what is wrong with its notice.
    Notice(u8, &'static str),
    Closed,
    Probe,
    Withdraw,
}

fn happening() -> impl Strategy<Value = Happening> {
    let flaw = prop_oneof![6 => Just(""), 1 => Just("sign"), 1 => Just("total_amount"), 1 => Just("seller_id"), 1 => Just("out_trade_no"), 1 => Just("notify_time")];
    prop_oneof![
        3 => Just(Happening::Begin),
        6 => (0..3_u8, flaw).prop_map(|(t, f)| Happening::Notice(t, f)),
        1 => Just(Happening::Closed),
        1 => Just(Happening::Probe),
        1 => Just(Happening::Withdraw),
    ]
}

/// What must come of it, by a reading of the whole sequence.
#[derive(Debug, PartialEq)]
struct End {
    charge: String,
    trades: usize,
    stage: String,
}

fn expected(happenings: &[Happening]) -> End {
    let (mut open, mut begun, mut charge, mut stage) = (false, false, "due", "payment");
    let mut trades = std::collections::BTreeSet::new();
    let mut order = 0;
    for happening in happenings {
        match happening {
            Happening::Begin if charge == "due" && !open => (open, begun, order) = (true, true, order + 1),
            Happening::Notice(trade, "") if begun => {
                trades.insert((order, *trade));
                if open && charge == "due" {
                    (open, charge, stage) = (false, "paid", "acceptance");
                }
            }
            Happening::Closed if begun => open = false,
            Happening::Withdraw => {
                charge = if charge == "due" { "dropped" } else { charge };
                (open, stage) = (false, "withdrawn");
            }
            _ => {}
        }
    }
    End { charge: charge.into(), trades: trades.len(), stage: stage.into() }
}

impl Till {
    async fn follow(&self, matter: Uuid, charge: Uuid, happenings: &[Happening]) {
        let applicant = self.enter("applicant").await;
        let mut number = String::new();
        for happening in happenings {
            match happening {
                Happening::Begin => {
                    if let Ok(Begun::GoTo(address)) =
                        crate::service::payment::order::pay(&self.app, &applicant, &[charge], online(), "/").await
                    {
                        number = self.sandbox.ask(&query(&address)).unwrap().number;
                    }
                }
                Happening::Notice(trade, flaw) if !number.is_empty() => {
                    let (trade, status) = (format!("T{trade}"), "TRADE_SUCCESS");
                    let taken =
                        crate::service::payment::order::take_notice(&self.app, "sandbox", &self.told(&number, &trade, status, flaw)).await;
                    assert_eq!(taken.is_ok(), flaw.is_empty(), "{flaw}: {taken:?}");
                }
                Happening::Closed if !number.is_empty() => {
                    crate::service::payment::order::take_notice(&self.app, "sandbox", &self.told(&number, "T0", "TRADE_CLOSED", ""))
                        .await
                        .unwrap();
                }
                Happening::Probe => crate::service::payment::poll::probe_matter(&self.app, matter).await.unwrap(),
                Happening::Withdraw => {
                    let command = Command { name: "withdraw".into(), ..Command::default() };
                    let _ = crate::workflow::execute::act(&self.app, &applicant, Act { key: Uuid::now_v7(), matter, command }).await;
                }
                Happening::Notice(..) | Happening::Closed => {}
            }
        }
    }

    fn told(&self, number: &str, trade: &str, status: &str, flaw: &str) -> Pairs {
        let other = |name: &str, value: String, wrong: &str| if name == flaw { wrong.to_owned() } else { value };
        let (now, late) = (self.app.now(), self.app.now() - TimeDelta::minutes(6));
        let time = crate::infra::gateway::write_time(if flaw == "notify_time" { late } else { now });
        let mut pairs = self.sandbox.signed(&[
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
async fn dues(t: &Till, count: usize) -> Vec<(Uuid, Uuid)> {
    let matter = t.due().await;
    let charge = t.charged("applicant", matter).await.charge;
    let mut all = vec![(matter, charge.id)];
    let mut more: Vec<Uuid> = Vec::with_capacity(count);
    while all.len() + more.len() < count {
        more.push(Uuid::now_v7());
    }
    let app = t.app.clone();
    let opened = crate::matter::open_matter(&t.app, &t.enter("applicant").await, matter).await.unwrap();
    let made = t
        .app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut made = Vec::with_capacity(more.len());
                for id in more {
                    db::matter::twin(tx, matter, id).await?;
                    let sealed = app.keys.seal_json(Place::new("matter_answers.answers_sealed", id), &opened.answers);
                    db::matter::put_answers(tx, id, opened.row.revision, &sealed, app.now()).await?;
                    let row = Charge { id: Uuid::now_v7(), matter_id: id, created_at: app.now(), ..charge.clone() };
                    db::payment::add_charge(tx, &row).await?;
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

#[test]
fn random_sequences_at_the_real_cash_desk_end_as_the_model_says() {
    let count: usize = std::env::var("PAYMENT_SEQUENCES").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
    in_demo(|demo| async move {
        let t = till(demo).await;
        let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let plans: Vec<Vec<Happening>> =
            (0..count).map(|_| proptest::collection::vec(happening(), 0..12).new_tree(&mut runner).unwrap().current()).collect();
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
                    trades += db::payment::trades(&mut tx, order.row.id).await.unwrap().len();
                }
            }
            let end = End { charge: charged.charge.state, trades, stage: t.stage(*matter).await };
            assert_eq!(end, expected(plan), "{plan:?}");
        }
        t.balanced().await;
    });
}
