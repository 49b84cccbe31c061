//! Alipay's protocol (openapi 1.0, RSA2): signed checkout URLs, signed notices, signed requests and responses.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::base::calendar::shanghai;
use domain::base::money::Fen;
use domain::record::payment::{InvalidNotice, Merchant, Notice, TradeStatus};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::infra::gateway::rsa2::{Params, RsaSigner, RsaVerifier, canonical_text, param};
use crate::infra::gateway::transport::{GatewayTransport, GatewayUnavailable};

/// A payment gateway and our merchant account with it.
pub struct AlipayGateway {
    /// Stable code, part of the address of its notices.
    pub code: &'static str,
    /// Name for users.
    pub label: &'static str,
    /// Our merchant account.
    pub merchant: Merchant,
    /// Checkout URL; `{number}` stands for the order number.
    pub checkout_url: String,
    /// Public URL of this site; empty if gateway and browser are on the same machine.
    pub site: String,
    /// Signs our requests.
    pub signing_key: RsaSigner,
    /// Verifies the gateway's responses and notices.
    pub gateway_key: RsaVerifier,
    /// Transport to the gateway.
    pub transport: Arc<dyn GatewayTransport>,
}

/// A payment to request.
pub struct PaymentRequest<'a> {
    /// Order number.
    pub number: &'a str,
    /// Amount.
    pub amount: Fen,
    /// Subject, without personal data.
    pub subject: &'a str,
    /// Expiry.
    pub expires_at: DateTime<Utc>,
    /// Path to which the browser returns.
    pub back: &'a str,
}

/// Why a gateway request failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// No response.
    #[error(transparent)]
    Unavailable(#[from] GatewayUnavailable),
    /// The response is not authentic or not valid.
    #[error(transparent)]
    Invalid(#[from] InvalidNotice),
    /// The gateway refused, with its error code.
    #[error("the payment gateway refused: {0}")]
    Rejected(String),
}

const TIME: &str = "%Y-%m-%d %H:%M:%S";

impl AlipayGateway {
    /// The signed checkout URL.
    pub fn checkout_address(&self, bill: &PaymentRequest<'_>, now: DateTime<Utc>) -> String {
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
        format!("{}?{query}", self.checkout_url.replace("{number}", bill.number))
    }

    /// Verifies the signature of a notice and parses it. The domain validates merchant, age, order and amount.
    pub fn parse_notice(&self, pairs: &[(String, String)]) -> Result<Notice, InvalidNotice> {
        if !self.gateway_key.verify(&canonical_text(pairs, &["sign", "sign_type"]), param(pairs, "sign")) {
            return Err(InvalidNotice::Forged);
        }
        let text = |name: &str| param(pairs, name).to_owned();
        let refunded = Fen::from_yuan(param(pairs, "refund_fee")).is_some_and(|f| f.0 > 0);
        Ok(Notice {
            merchant: Merchant { app: text("app_id"), seller: text("seller_id") },
            number: text("out_trade_no"),
            trade: text("trade_no"),
            amount: Fen::from_yuan(param(pairs, "total_amount")).ok_or(InvalidNotice::Unreadable)?,
            status: if refunded { TradeStatus::Refunded } else { status(param(pairs, "trade_status")).ok_or(InvalidNotice::Unreadable)? },
            sent_at: read_time(param(pairs, "notify_time")).ok_or(InvalidNotice::Unreadable)?,
        })
    }

    /// Queries the state of an order; `None` if the gateway has no trade for it yet.
    pub async fn query(&self, number: &str, now: DateTime<Utc>) -> Result<Option<Notice>, GatewayError> {
        let answer = self.ask("alipay.trade.query", json!({ "out_trade_no": number }), now).await;
        let answer = match answer {
            Err(GatewayError::Rejected(code)) if code == NO_TRADE => return Ok(None),
            other => other?,
        };
        let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or("");
        Ok(Some(Notice {
            merchant: self.merchant.clone(),
            number: text("out_trade_no").to_owned(),
            trade: text("trade_no").to_owned(),
            amount: Fen::from_yuan(text("total_amount")).ok_or(InvalidNotice::Unreadable)?,
            status: status(text("trade_status")).ok_or(InvalidNotice::Unreadable)?,
            sent_at: now,
        }))
    }

    /// Closes an order at the gateway. Refused if it was paid.
    pub async fn close(&self, number: &str, now: DateTime<Utc>) -> Result<(), GatewayError> {
        match self.ask("alipay.trade.close", json!({ "out_trade_no": number }), now).await {
            // Without a trade there is nothing to close.
            Err(GatewayError::Rejected(code)) if code == NO_TRADE => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Refunds an amount. Repetitions with the same request number refund once.
    pub async fn refund(&self, number: &str, request: &str, amount: Fen, reason: &str, now: DateTime<Utc>) -> Result<(), GatewayError> {
        let content = json!({ "out_trade_no": number, "refund_amount": amount.yuan(), "refund_reason": reason, "out_request_no": request });
        self.ask("alipay.trade.refund", content, now).await.map(|_| ())
    }

    async fn ask(&self, method: &str, content: Value, now: DateTime<Utc>) -> Result<Value, GatewayError> {
        let question = self.signed(self.question(method, &content, now));
        let answer = self.transport.send(question).await?;
        let parts: BTreeMap<&str, &RawValue> = serde_json::from_str(&answer).map_err(|_| InvalidNotice::Unreadable)?;
        let body = parts.get(format!("{}_response", method.replace('.', "_")).as_str()).ok_or(InvalidNotice::Unreadable)?;
        let signature: String = parts.get("sign").and_then(|s| serde_json::from_str(s.get()).ok()).unwrap_or_default();
        if !self.gateway_key.verify(body.get(), &signature) {
            return Err(InvalidNotice::Forged.into());
        }
        let body: Value = serde_json::from_str(body.get()).map_err(|_| InvalidNotice::Unreadable)?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
        match text("code").as_str() {
            "10000" => Ok(body),
            _ => Err(GatewayError::Rejected(text("sub_code"))),
        }
    }

    fn question(&self, method: &str, content: &Value, now: DateTime<Utc>) -> Params {
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

    fn signed(&self, mut question: Params) -> Params {
        let signature = self.signing_key.sign(&canonical_text(&question, &["sign"]));
        question.push(("sign".into(), signature));
        question
    }
}

/// The gateway's code for an order without a trade.
pub(crate) const NO_TRADE: &str = "ACQ.TRADE_NOT_EXIST";

fn status(code: &str) -> Option<TradeStatus> {
    match code {
        "WAIT_BUYER_PAY" => Some(TradeStatus::Waiting),
        "TRADE_SUCCESS" | "TRADE_FINISHED" => Some(TradeStatus::Paid),
        "TRADE_CLOSED" => Some(TradeStatus::Closed),
        _ => None,
    }
}

/// Parses a time in the gateway's format.
pub(crate) fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, TIME).ok()?;
    local.and_local_timezone(shanghai()).single().map(|t| t.to_utc())
}

/// Formats a time for the gateway.
pub(crate) fn write_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&shanghai()).format(TIME).to_string()
}
