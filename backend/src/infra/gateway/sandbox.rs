//! The demo's cashier: a gateway in miniature that signs as Alipay does, and keeps what its payers did. No money moves.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::base::money::Fen;
use domain::record::payment::Merchant;
use serde_json::{Value, json};

use crate::infra::clock::Clock;
use crate::infra::db;
use crate::infra::db::payment::Trade;
use crate::infra::db::{Db, DbError};
use crate::infra::gateway::rsa2::{KeyFault, Pairs, Signer, Verifier, text_of, value};
use crate::infra::gateway::wire::{Silent, Wire};
use crate::infra::gateway::{Gateway, NO_TRADE, read_time, write_time};

const WAITING: &str = "WAIT_BUYER_PAY";
const PAID: &str = "TRADE_SUCCESS";
const CLOSED: &str = "TRADE_CLOSED";

/// The cashier.
#[derive(Clone)]
pub struct Sandbox {
    db: Db,
    clock: Clock,
    merchant: Merchant,
    own: Arc<Signer>,
    app: Arc<Verifier>,
}

/// What a browser was sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Number of the order.
    pub number: String,
    /// How much.
    pub amount: Fen,
    /// For what.
    pub subject: String,
    /// Where the browser goes back to.
    pub back: String,
    /// Until when it can be paid.
    pub until: DateTime<Utc>,
}

impl Sandbox {
    /// A cashier with new keys, and the gateway by which the app reaches it. `keys`: its own and the app's.
    pub fn open(db: Db, clock: Clock, keys: (Signer, Signer)) -> (Self, Gateway) {
        let merchant = Merchant { app: "sandbox-app".into(), seller: "2088000000000000".into() };
        let (own, app) = keys;
        let sandbox = Self { db, clock, merchant: merchant.clone(), own: Arc::new(own), app: Arc::new(app.verifier()) };
        let gateway = Gateway {
            code: "sandbox",
            label: "演示收银台",
            merchant,
            cashier: "/pay/sandbox/{number}".into(),
            site: String::new(),
            theirs: sandbox.own.verifier(),
            own: app,
            wire: Arc::new(sandbox.clone()),
        };
        (sandbox, gateway)
    }

    /// Keys kept in a folder, made at the first time.
    pub fn keys(folder: &Path) -> std::io::Result<(Signer, Signer)> {
        let file = folder.join("sandbox.keys");
        let bad = |e: KeyFault| std::io::Error::other(e);
        if let Ok(text) = std::fs::read_to_string(&file)
            && let Some((own, app)) = text.split_once('\n')
        {
            return Ok((Signer::read(own).map_err(bad)?, Signer::read(app).map_err(bad)?));
        }
        let (own, app) = (Signer::generate().map_err(bad)?, Signer::generate().map_err(bad)?);
        std::fs::write(file, format!("{}\n{}", own.write().map_err(bad)?, app.write().map_err(bad)?))?;
        Ok((own, app))
    }

    /// What a browser asks for, if the app signed it.
    pub fn ask(&self, query: &[(String, String)]) -> Option<Ask> {
        if !self.app.fits(&text_of(query, &["sign"]), value(query, "sign")) {
            return None;
        }
        let content: Value = serde_json::from_str(value(query, "biz_content")).ok()?;
        let text = |name: &str| content.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Ask {
            number: text("out_trade_no")?,
            amount: Fen::from_yuan(&text("total_amount")?)?,
            subject: text("subject")?,
            back: value(query, "return_url").to_owned(),
            until: read_time(&text("time_expire")?)?,
        })
    }

    /// The payer pays. Says whether the trade was open to it.
    pub async fn pay(&self, ask: &Ask) -> Result<bool, DbError> {
        if self.clock.now() > ask.until {
            return Ok(false);
        }
        self.put(&ask.number, ask.amount, PAID).await
    }

    /// How a trade stands; none if nobody has begun to pay.
    pub async fn state(&self, number: &str) -> Result<Option<String>, DbError> {
        let mut tx = self.db.read().await?;
        Ok(db::payment::trade(&mut tx, number).await?.map(|t| t.state))
    }

    async fn put(&self, number: &str, amount: Fen, state: &'static str) -> Result<bool, DbError> {
        let now = self.clock.now();
        let row = Trade { number: number.to_owned(), trade: format!("S{number}"), amount: amount.0, state: state.to_owned(), at: now };
        self.db.write(move |tx| Box::pin(async move { db::payment::put_trade(tx, &row).await })).await
    }

    /// The notice of a trade as it stands now, signed; none while nobody has begun to pay.
    pub async fn notice(&self, number: &str) -> Result<Option<Pairs>, DbError> {
        let mut tx = self.db.read().await?;
        let Some(trade) = db::payment::trade(&mut tx, number).await? else {
            return Ok(None);
        };
        Ok(Some(self.signed(&[
            ("notify_time", &write_time(self.clock.now())),
            ("notify_type", "trade_status_sync"),
            ("notify_id", &uuid::Uuid::now_v7().simple().to_string()),
            ("app_id", &self.merchant.app),
            ("seller_id", &self.merchant.seller),
            ("out_trade_no", &trade.number),
            ("trade_no", &trade.trade),
            ("total_amount", &Fen(trade.amount).yuan()),
            ("trade_status", &trade.state),
        ])))
    }

    /// A message signed as this cashier signs its notices.
    pub fn signed(&self, pairs: &[(&str, &str)]) -> Pairs {
        let mut pairs: Pairs = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let signature = self.own.sign(&text_of(&pairs, &["sign", "sign_type"]));
        pairs.push(("sign_type".into(), "RSA2".into()));
        pairs.push(("sign".into(), signature));
        pairs
    }

    async fn answer(&self, method: &str, content: &Value) -> Result<Value, DbError> {
        let number = content.get("out_trade_no").and_then(Value::as_str).unwrap_or("");
        let trade = {
            let mut tx = self.db.read().await?;
            db::payment::trade(&mut tx, number).await?
        };
        let Some(trade) = trade else {
            return Ok(json!({ "code": "40004", "sub_code": NO_TRADE }));
        };
        let refused = |code: &str| json!({ "code": "40004", "sub_code": code });
        Ok(match method {
            "alipay.trade.query" => json!({
                "code": "10000",
                "out_trade_no": trade.number,
                "trade_no": trade.trade,
                "total_amount": Fen(trade.amount).yuan(),
                "trade_status": trade.state,
            }),
            "alipay.trade.close" if trade.state == WAITING => {
                self.put(number, Fen(trade.amount), CLOSED).await?;
                json!({ "code": "10000", "out_trade_no": trade.number })
            }
            "alipay.trade.close" => refused("ACQ.TRADE_STATUS_ERROR"),
            "alipay.trade.refund" if trade.state == PAID => json!({ "code": "10000", "out_trade_no": trade.number, "fund_change": "Y" }),
            _ => refused("ACQ.TRADE_STATUS_ERROR"),
        })
    }
}

#[async_trait]
impl Wire for Sandbox {
    async fn ask(&self, question: Pairs) -> Result<String, Silent> {
        let fits = self.app.fits(&text_of(&question, &["sign"]), value(&question, "sign"));
        let method = value(&question, "method");
        let body = if fits {
            let content = serde_json::from_str(value(&question, "biz_content")).unwrap_or_default();
            self.answer(method, &content).await.map_err(|e| Silent(e.to_string()))?
        } else {
            json!({ "code": "40002", "sub_code": "isv.invalid-signature" })
        };
        let body = body.to_string();
        let sign = serde_json::to_string(&self.own.sign(&body)).unwrap_or_default();
        Ok(format!("{{\"{}_response\":{body},\"sign\":{sign}}}", method.replace('.', "_")))
    }
}
