//! A payment gateway that speaks as Alipay does: signed addresses for browsers, signed notices, signed questions and answers
//! (openapi 1.0, RSA2).

pub mod rsa2;
pub mod sandbox;
pub mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::base::calendar::shanghai;
use domain::base::money::Fen;
use domain::record::payment::{Merchant, Notice, Trade, Unfit};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::infra::gateway::rsa2::{Pairs, Signer, Verifier, text_of, value};
use crate::infra::gateway::wire::{Silent, Wire};

/// A gateway, and who the app is to it.
pub struct Gateway {
    /// Stable code; stands in the address of its notices.
    pub code: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Who the app is to it.
    pub merchant: Merchant,
    /// Where browsers are sent; `{number}` stands for the number of the order.
    pub cashier: String,
    /// Where this site is, as the gateway and the browser reach it; empty where both are on the same machine.
    pub site: String,
    /// Signs what the app asks.
    pub own: Signer,
    /// Checks what the gateway says.
    pub theirs: Verifier,
    /// The way to it.
    pub wire: Arc<dyn Wire>,
}

/// What is to be paid.
pub struct Bill<'a> {
    /// Number of the order.
    pub number: &'a str,
    /// How much.
    pub amount: Fen,
    /// For what. It names no person.
    pub subject: &'a str,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// Path of this site the browser comes back to.
    pub back: &'a str,
}

/// An answer that did not come, or cannot be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskFault {
    /// None came.
    #[error(transparent)]
    Silent(#[from] Silent),
    /// It cannot be believed.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The gateway says no.
    #[error("the payment gateway refused: {0}")]
    Refused(String),
}

const TIME: &str = "%Y-%m-%d %H:%M:%S";

impl Gateway {
    /// Where the browser goes to pay.
    pub fn address(&self, bill: &Bill<'_>, now: DateTime<Utc>) -> String {
        let content = json!({
            "out_trade_no": bill.number,
            "total_amount": bill.amount.yuan(),
            "subject": bill.subject,
            "product_code": "FAST_INSTANT_TRADE_PAY",
            "time_expire": write_time(bill.expires_at),
        });
        let mut question = self.question("alipay.trade.page.pay", &content, now);
        question.push(("return_url".into(), format!("{}{}", self.site, bill.back)));
        question.push(("notify_url".into(), format!("{}/api/pay/notice/{}", self.site, self.code)));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(self.signed(question)).finish();
        format!("{}?{query}", self.cashier.replace("{number}", bill.number))
    }

    /// Reads a notice. Whether it is to be believed beyond its signature, the domain judges.
    pub fn notice(&self, pairs: &[(String, String)]) -> Result<Notice, Unfit> {
        if !self.theirs.fits(&text_of(pairs, &["sign", "sign_type"]), value(pairs, "sign")) {
            return Err(Unfit::Forged);
        }
        let text = |name: &str| value(pairs, name).to_owned();
        let refunded = Fen::from_yuan(value(pairs, "refund_fee")).is_some_and(|f| f.0 > 0);
        Ok(Notice {
            merchant: Merchant { app: text("app_id"), seller: text("seller_id") },
            number: text("out_trade_no"),
            trade: text("trade_no"),
            amount: Fen::from_yuan(value(pairs, "total_amount")).ok_or(Unfit::Unreadable)?,
            status: if refunded { Trade::Refunded } else { status(value(pairs, "trade_status")).ok_or(Unfit::Unreadable)? },
            sent_at: read_time(value(pairs, "notify_time")).ok_or(Unfit::Unreadable)?,
        })
    }

    /// Asks how an order stands. None: the gateway knows of no trade for it, since nobody has begun to pay.
    pub async fn query(&self, number: &str, now: DateTime<Utc>) -> Result<Option<Notice>, AskFault> {
        let answer = self.ask("alipay.trade.query", json!({ "out_trade_no": number }), now).await;
        let answer = match answer {
            Err(AskFault::Refused(code)) if code == NO_TRADE => return Ok(None),
            other => other?,
        };
        let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or("");
        Ok(Some(Notice {
            merchant: self.merchant.clone(),
            number: text("out_trade_no").to_owned(),
            trade: text("trade_no").to_owned(),
            amount: Fen::from_yuan(text("total_amount")).ok_or(Unfit::Unreadable)?,
            status: status(text("trade_status")).ok_or(Unfit::Unreadable)?,
            sent_at: now,
        }))
    }

    /// Asks the gateway to take no more money for an order. Refused, if it was paid.
    pub async fn close(&self, number: &str, now: DateTime<Utc>) -> Result<(), AskFault> {
        match self.ask("alipay.trade.close", json!({ "out_trade_no": number }), now).await {
            // Nobody has begun to pay, so there is nothing to close.
            Err(AskFault::Refused(code)) if code == NO_TRADE => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Sends money back. The same request sends it once, however often it is asked.
    pub async fn refund(&self, number: &str, request: &str, amount: Fen, reason: &str, now: DateTime<Utc>) -> Result<(), AskFault> {
        let content = json!({ "out_trade_no": number, "refund_amount": amount.yuan(), "refund_reason": reason, "out_request_no": request });
        self.ask("alipay.trade.refund", content, now).await.map(|_| ())
    }

    async fn ask(&self, method: &str, content: Value, now: DateTime<Utc>) -> Result<Value, AskFault> {
        let question = self.signed(self.question(method, &content, now));
        let answer = self.wire.ask(question).await?;
        let parts: BTreeMap<&str, &RawValue> = serde_json::from_str(&answer).map_err(|_| Unfit::Unreadable)?;
        let body = parts.get(format!("{}_response", method.replace('.', "_")).as_str()).ok_or(Unfit::Unreadable)?;
        let signature: String = parts.get("sign").and_then(|s| serde_json::from_str(s.get()).ok()).unwrap_or_default();
        if !self.theirs.fits(body.get(), &signature) {
            return Err(Unfit::Forged.into());
        }
        let body: Value = serde_json::from_str(body.get()).map_err(|_| Unfit::Unreadable)?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
        match text("code").as_str() {
            "10000" => Ok(body),
            _ => Err(AskFault::Refused(text("sub_code"))),
        }
    }

    fn question(&self, method: &str, content: &Value, now: DateTime<Utc>) -> Pairs {
        let pair = |n: &str, v: &str| (n.to_owned(), v.to_owned());
        vec![
            pair("app_id", &self.merchant.app),
            pair("method", method),
            pair("format", "JSON"),
            pair("charset", "utf-8"),
            pair("sign_type", "RSA2"),
            pair("timestamp", &write_time(now)),
            pair("version", "1.0"),
            pair("biz_content", &content.to_string()),
        ]
    }

    fn signed(&self, mut question: Pairs) -> Pairs {
        let signature = self.own.sign(&text_of(&question, &["sign"]));
        question.push(("sign".into(), signature));
        question
    }
}

/// What a gateway says when nobody has begun to pay an order.
pub(crate) const NO_TRADE: &str = "ACQ.TRADE_NOT_EXIST";

fn status(code: &str) -> Option<Trade> {
    match code {
        "WAIT_BUYER_PAY" => Some(Trade::Waiting),
        "TRADE_SUCCESS" | "TRADE_FINISHED" => Some(Trade::Paid),
        "TRADE_CLOSED" => Some(Trade::Closed),
        _ => None,
    }
}

/// Reads a time as a gateway writes it.
pub(crate) fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, TIME).ok()?;
    local.and_local_timezone(shanghai()).single().map(|t| t.to_utc())
}

/// A time as a gateway writes it.
pub(crate) fn write_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&shanghai()).format(TIME).to_string()
}
