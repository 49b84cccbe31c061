//! Pages of payment: own fee, fees of an institution, workbench of finance, demo gateway.

pub mod bills;
pub mod finance;
mod form;
pub mod notice;
pub mod own;
pub mod received;
pub mod sandbox;
mod transfer;

use axum::extract::State;
use backend::AppState;
use backend::service::payment::order::ChosenCharge;
use backend::service::payment::view::{ChargeView, OrderView};
use domain::base::money::Fen;
use domain::record::payment::OrderState;
use serde::Deserialize;
use uuid::Uuid;

use self::received::OrderReader;
use crate::error::PageError;
use crate::extract::Path;
use crate::format;
use crate::page::Download;
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::Tone;

/// Query of a page that a payer returns to from a gateway.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ReturnQuery {
    back: String,
    saved: String,
}

impl ReturnQuery {
    /// Whether the payer comes from the gateway.
    fn is_return(&self) -> bool {
        self.back == "1"
    }

    /// Whether the page is shown after 暂存.
    fn is_saved(&self) -> bool {
        self.saved == "1"
    }
}

/// What a page shows of a charge, for its form.
fn charge_version(charge: &ChargeView) -> String {
    format!("{}:{}", charge.id, charge.seen)
}

/// A charge as the page of a form showed it; of a form that does not say it, as no page shows it.
fn chosen_charge(post: &Post, id: Uuid) -> ChosenCharge {
    ChosenCharge { id, seen: Some(post.versions("_seen").remove(&id).unwrap_or_default()) }
}

/// Severity and label of an order state.
fn badge(state: OrderState) -> (Tone, &'static str) {
    let tone = match state {
        OrderState::Paid => Tone::Good,
        OrderState::Open | OrderState::Checking => Tone::Warn,
        OrderState::Closed => Tone::Info,
    };
    (tone, state.label())
}

/// Labels and values of an order, as far as the reader may know them.
fn facts(order: &OrderView, reader: OrderReader) -> Vec<(String, String)> {
    let way = if order.voucher.is_some() { "线下缴费" } else { "线上缴费" };
    let mut facts = vec![
        ("订单编号".to_owned(), order.number.clone()),
        ("金额".to_owned(), reader.amount(order).to_string()),
        ("缴费方式".to_owned(), way.to_owned()),
        ("提交时间".to_owned(), format::time(order.created_at)),
    ];
    facts.extend(
        order.ended_at.map(|at| (if order.state == OrderState::Paid { "支付时间" } else { "关闭时间" }.to_owned(), format::time(at))),
    );
    if !reader.sees_whole(order) {
        return facts;
    }
    let numbers: Vec<&str> = order.charges.iter().filter_map(|charge| charge.matter_number.as_deref()).collect();
    facts.push(("业务编号".to_owned(), numbers.join("、")));
    if let Some(voucher) = &order.voucher {
        facts.push((
            "附言（缴费编号）".to_owned(),
            order.charges.iter().map(|charge| charge.number.as_str()).collect::<Vec<_>>().join("、"),
        ));
        facts.push(("付款人名称".to_owned(), voucher.remitter.clone()));
        facts.push(("付款日期".to_owned(), voucher.remitted_on.to_string()));
        facts.push(("银行流水号".to_owned(), voucher.remittance_no.clone()));
    }
    if let Some(invoice) = &order.invoice {
        let text = match (&order.invoice_number, order.invoice_on) {
            (Some(number), Some(on)) => format!("已开具，发票号码 {number}，{on}"),
            _ if order.state == OrderState::Paid && order.paid_amount() == Fen(0) => "费用退回，不开具发票".to_owned(),
            _ if order.state == OrderState::Paid => format!("待开具，抬头：{}", invoice.buyer),
            _ => format!("支付后开具，抬头：{}", invoice.buyer),
        };
        facts.push(("发票".to_owned(), text));
    }
    if !order.note.is_empty() {
        facts.push(("核验意见".to_owned(), order.note.clone()));
    }
    facts
}

/// Addresses and names of the voucher files of an order.
fn slips(order: &OrderView) -> Vec<(String, String)> {
    let files = order.voucher.iter().flat_map(|v| &v.files);
    files.map(|f| (format!("/payments/{}/slips/{}", order.id, f.file), f.name.clone())).collect()
}

/// Downloads a voucher file, for finance and for the payer.
pub async fn slip(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path((order, file)): Path<(Uuid, Uuid)>,
) -> Result<Download, PageError> {
    let file = backend::service::payment::view::voucher_file(&app, &who, order, file).await?;
    Ok(Download { name: file.name, mime: file.mime, bytes: file.bytes.into() })
}
