//! The demo gateway: Alipay's protocol with keys of its own. No money moves.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::base::money::Fen;
use domain::record::payment::Merchant;
use serde_json::{Value, json};

use crate::infra::clock::Clock;
use crate::infra::db;
use crate::infra::db::sandbox_trade::{SandboxTradeState, TradeRow};
use crate::infra::db::{Db, DbError};
use crate::infra::gateway::alipay::{AlipayGateway, NO_TRADE, read_time, write_time};
use crate::infra::gateway::rsa2::{Params, RsaKeyError, RsaSigner, RsaVerifier, canonical_text, param};
use crate::infra::gateway::transport::{GatewayTransport, GatewayUnavailable};
use crate::infra::secret::{KeyError, key_file};

/// The demo gateway.
#[derive(Clone)]
pub struct SandboxGateway {
    db: Db,
    clock: Clock,
    merchant: Merchant,
    own: Arc<RsaSigner>,
    app: Arc<RsaVerifier>,
}

/// The parameters of a checkout URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutRequest {
    /// Order number.
    pub number: String,
    /// Amount.
    pub amount: Fen,
    /// Subject.
    pub subject: String,
    /// Path to which the browser returns.
    pub back: String,
    /// Expiry.
    pub until: DateTime<Utc>,
}

impl SandboxGateway {
    /// Creates a demo gateway and the client with which the server reaches it. `keys`: the gateway's and the server's.
    pub fn open(db: Db, clock: Clock, keys: (RsaSigner, RsaSigner)) -> (Self, AlipayGateway) {
        let merchant = Merchant { app: "sandbox-app".into(), seller: "2088000000000000".into() };
        let (own, app) = keys;
        let sandbox = Self { db, clock, merchant: merchant.clone(), own: Arc::new(own), app: Arc::new(app.verifier()) };
        let gateway = AlipayGateway {
            code: "sandbox",
            label: "演示收银台",
            merchant,
            checkout_url: "/pay/sandbox/{number}".into(),
            site: String::new(),
            gateway_key: sandbox.own.verifier(),
            signing_key: app,
            transport: Arc::new(sandbox.clone()),
        };
        (sandbox, gateway)
    }

    /// Loads the keys from a folder, creating them at the first start.
    pub fn keys(folder: &Path) -> std::io::Result<(RsaSigner, RsaSigner)> {
        let file = folder.join("sandbox.keys");
        let bad = |e: RsaKeyError| std::io::Error::other(e);
        if !file.exists() {
            let (own, app) = (RsaSigner::generate().map_err(bad)?, RsaSigner::generate().map_err(bad)?);
            match key_file::create(&file, &format!("{}\n{}", own.write().map_err(bad)?, app.write().map_err(bad)?)) {
                // Another process that starts on the same folder was faster.
                Ok(()) | Err(KeyError::Exists) => {}
                Err(error) => return Err(std::io::Error::other(error)),
            }
        }
        let text = std::fs::read_to_string(&file)?;
        let (own, app) = text.split_once('\n').unwrap_or_default();
        Ok((RsaSigner::read(own).map_err(bad)?, RsaSigner::read(app).map_err(bad)?))
    }

    /// Parses a checkout request; `None` without a valid signature.
    pub fn parse_checkout(&self, query: &[(String, String)]) -> Option<CheckoutRequest> {
        if !self.app.verify(&canonical_text(query, &["sign"]), param(query, "sign")) {
            return None;
        }
        let content: Value = serde_json::from_str(param(query, "biz_content")).ok()?;
        let text = |name: &str| content.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(CheckoutRequest {
            number: text("out_trade_no")?,
            amount: Fen::from_yuan(&text("total_amount")?)?,
            subject: text("subject")?,
            back: param(query, "return_url").to_owned(),
            until: read_time(&text("time_expire")?)?,
        })
    }

    /// Pays a trade; returns whether it was open.
    pub async fn pay(&self, ask: &CheckoutRequest) -> Result<bool, DbError> {
        if self.clock.now() > ask.until {
            return Ok(false);
        }
        self.put(&ask.number, ask.amount, SandboxTradeState::Paid).await
    }

    /// State of a trade; `None` if there is none.
    pub async fn is_paid(&self, number: &str) -> Result<bool, DbError> {
        let mut tx = self.db.read().await?;
        Ok(db::sandbox_trade::by_number(&mut tx, number).await?.is_some_and(|t| t.state == SandboxTradeState::Paid))
    }

    async fn put(&self, number: &str, amount: Fen, state: SandboxTradeState) -> Result<bool, DbError> {
        let now = self.clock.now();
        let row = TradeRow { number: number.to_owned(), trade: format!("S{number}"), amount: amount.0, state, at: now };
        self.db.write(move |tx| Box::pin(async move { db::sandbox_trade::upsert(tx, &row).await })).await
    }

    /// The signed notice of the current state of a trade; `None` if there is none.
    pub async fn signed_notice(&self, number: &str) -> Result<Option<Params>, DbError> {
        let mut tx = self.db.read().await?;
        let Some(trade) = db::sandbox_trade::by_number(&mut tx, number).await? else {
            return Ok(None);
        };
        Ok(Some(self.sign_params(&[
            ("notify_time", &write_time(self.clock.now())),
            ("notify_type", "trade_status_sync"),
            ("notify_id", &uuid::Uuid::now_v7().simple().to_string()),
            ("app_id", &self.merchant.app),
            ("seller_id", &self.merchant.seller),
            ("out_trade_no", &trade.number),
            ("trade_no", &trade.trade),
            ("total_amount", &Fen(trade.amount).yuan()),
            ("trade_status", trade.state.code()),
        ])))
    }

    /// Signs parameters like a notice.
    pub fn sign_params(&self, pairs: &[(&str, &str)]) -> Params {
        let mut pairs: Params = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let signature = self.own.sign(&canonical_text(&pairs, &["sign", "sign_type"]));
        pairs.push(("sign_type".into(), "RSA2".into()));
        pairs.push(("sign".into(), signature));
        pairs
    }

    async fn answer(&self, method: &str, content: &Value) -> Result<Value, DbError> {
        let number = content.get("out_trade_no").and_then(Value::as_str).unwrap_or("");
        let trade = {
            let mut tx = self.db.read().await?;
            db::sandbox_trade::by_number(&mut tx, number).await?
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
                "trade_status": trade.state.code(),
            }),
            "alipay.trade.close" if trade.state == SandboxTradeState::Waiting => {
                self.put(number, Fen(trade.amount), SandboxTradeState::Closed).await?;
                json!({ "code": "10000", "out_trade_no": trade.number })
            }
            "alipay.trade.close" => refused("ACQ.TRADE_STATUS_ERROR"),
            "alipay.trade.refund" if trade.state == SandboxTradeState::Paid => {
                json!({ "code": "10000", "out_trade_no": trade.number, "fund_change": "Y" })
            }
            _ => refused("ACQ.TRADE_STATUS_ERROR"),
        })
    }
}

#[async_trait]
impl GatewayTransport for SandboxGateway {
    async fn send(&self, question: Params) -> Result<String, GatewayUnavailable> {
        let fits = self.app.verify(&canonical_text(&question, &["sign"]), param(&question, "sign"));
        let method = param(&question, "method");
        let body = if fits {
            let content = serde_json::from_str(param(&question, "biz_content")).unwrap_or_default();
            self.answer(method, &content).await.map_err(|e| GatewayUnavailable(e.to_string()))?
        } else {
            json!({ "code": "40002", "sub_code": "isv.invalid-signature" })
        };
        let body = body.to_string();
        let sign = serde_json::to_string(&self.own.sign(&body)).unwrap_or_default();
        Ok(format!("{{\"{}_response\":{body},\"sign\":{sign}}}", method.replace('.', "_")))
    }
}
