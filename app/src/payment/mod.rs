//! 缴费: one's own fee, the bills of an institution, the desk of finance, and the demo's cashier.

pub mod bills;
pub mod desk;
mod form;
pub mod notice;
pub mod own;
pub mod sandbox;

use backend::service::payment::PayError;
use backend::service::payment::view::OrderView;
use domain::base::money::Fen;
use domain::record::payment::State;
use http::StatusCode;

use crate::call::{Answer, Call, Fault};
use crate::ui::Tone;
use crate::words;

impl From<PayError> for Fault {
    fn from(error: PayError) -> Self {
        match error {
            PayError::NotFound => Fault::NotFound,
            PayError::Db(error) => Fault::Db(error),
            PayError::Matter(error) => error.into(),
            other => Fault::Conflict(other.text()),
        }
    }
}

/// Which status tells a refusal.
fn status(error: &PayError) -> StatusCode {
    match error {
        PayError::Amount(_) | PayError::NoNote => StatusCode::UNPROCESSABLE_ENTITY,
        PayError::Gateway(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    }
}

/// How an order is meant, by colour, and what it is called.
fn badge(state: State) -> (Tone, &'static str) {
    let tone = match state {
        State::Paid => Tone::Good,
        State::Open | State::Checking => Tone::Warn,
        State::Closed => Tone::Info,
    };
    (tone, state.label())
}

/// An order in labels and values.
fn facts(order: &OrderView) -> Vec<(String, String)> {
    let way = if order.voucher.is_some() { "线下汇款" } else { "在线支付" };
    let mut facts = vec![
        ("订单编号".to_owned(), order.row.number.clone()),
        ("金额".to_owned(), Fen(order.row.amount).to_string()),
        ("支付方式".to_owned(), way.to_owned()),
        ("提交时间".to_owned(), words::time(order.row.created_at)),
    ];
    facts.extend(
        order.row.ended_at.map(|at| (if order.state == State::Paid { "支付时间" } else { "关闭时间" }.to_owned(), words::time(at))),
    );
    if let Some(voucher) = &order.voucher {
        facts.push(("付款人名称".to_owned(), voucher.remitter.clone()));
        facts.push(("付款日期".to_owned(), voucher.remitted_on.to_string()));
        facts.push(("银行流水号".to_owned(), voucher.remittance_no.clone()));
    }
    if let Some(invoice) = &order.invoice {
        let said = match (&order.row.invoice_number, order.row.invoice_on) {
            (Some(number), Some(on)) => format!("已开具，发票号码 {number}，{on}"),
            _ if order.state == State::Paid => format!("待开具，抬头：{}", invoice.buyer),
            _ => format!("支付后开具，抬头：{}", invoice.buyer),
        };
        facts.push(("发票".to_owned(), said));
    }
    if !order.row.note.is_empty() {
        facts.push(("核验意见".to_owned(), order.row.note.clone()));
    }
    facts
}

/// Addresses and names of the slips of an order.
fn slips(order: &OrderView) -> Vec<(String, String)> {
    let files = order.voucher.iter().flat_map(|v| &v.files);
    files.map(|f| (format!("/payments/{}/slips/{}", order.row.id, f.file), f.name.clone())).collect()
}

/// A slip, for finance and for whoever paid.
pub async fn slip(call: Call) -> Result<Answer, Fault> {
    let file = backend::service::payment::view::slip(&call.app, &call.allowed()?, call.id("order")?, call.id("file")?).await?;
    Ok(Answer::File { name: file.name, mime: file.mime, bytes: file.bytes.into() })
}
