//! What arrived for orders, and where it goes.

use backend::service::payment::received::{MoneyUsage, ReceiptPart, ReceiptView};
use backend::service::payment::view::{ChargeState, MatterPayment, OrderView};
use domain::base::money::Fen;
use domain::record::payment::OrderState;
use leptos::prelude::*;
use uuid::Uuid;

use crate::format;
use crate::ui::*;

/// Who reads an order.
#[derive(Clone, Copy)]
pub enum OrderReader {
    /// Its payer or finance.
    Payer,
    /// A party of the matter of one charge, who learns nothing of the other charges of the order.
    OfCharge(Uuid),
}

impl OrderReader {
    /// Whether the reader may know the sum and the payer's details of the order.
    pub fn sees_whole(self, order: &OrderView) -> bool {
        match self {
            OrderReader::Payer => true,
            OrderReader::OfCharge(_) => order.institution.is_none(),
        }
    }

    /// The amount of the order that concerns the reader.
    pub fn amount(self, order: &OrderView) -> Fen {
        match self {
            OrderReader::OfCharge(charge) if !self.sees_whole(order) => {
                order.charges.iter().find(|c| c.id == charge).map_or(Fen(0), |c| c.amount)
            }
            _ => order.amount,
        }
    }

    fn concerns(self, part: &ReceiptPart) -> bool {
        match (self, part.charge) {
            (OrderReader::OfCharge(own), Some(charge)) => own == charge,
            _ => true,
        }
    }
}

/// One line for each part of what arrived for an order.
pub fn received_lines(order: &OrderView, reader: OrderReader) -> Vec<String> {
    let mut lines: Vec<String> = order.receipts.iter().flat_map(|receipt| receipt_lines(order, receipt, reader)).collect();
    if order.state == OrderState::Checking {
        lines.push("汇款待协会财务核验到账。".to_owned());
    }
    lines
}

fn receipt_lines(order: &OrderView, receipt: &ReceiptView, reader: OrderReader) -> Vec<String> {
    let line = |part: &ReceiptPart| {
        let amount = if reader.sees_whole(order) || part.charge.is_some() { part.amount } else { reader.amount(order) };
        let charge = order.charges.iter().find(|c| Some(c.id) == part.charge);
        let name = charge.map_or_else(String::new, |c| format!("{}“{}”", c.label, c.title));
        let arrived = format!("{} 收到 {amount}", format::time(receipt.at));
        match &part.usage {
            MoneyUsage::Pays => format!("{arrived}，已用于缴纳{name}。"),
            MoneyUsage::Refund { reason, done_at } => {
                let what = if name.is_empty() { String::new() } else { format!("（{name}）") };
                match done_at {
                    None => format!("{arrived}{what}，{reason}，将原路退回，待协会财务办理。"),
                    Some(at) => format!("{arrived}{what}，{reason}，已于 {} 原路退回。", format::time(*at)),
                }
            }
        }
    };
    receipt.parts.iter().filter(|part| reader.concerns(part)).map(line).collect()
}

/// Whether some of what arrived for these orders waits to be sent back.
pub fn is_refund_pending<'a>(orders: impl IntoIterator<Item = &'a OrderView>) -> bool {
    let mut parts = orders.into_iter().flat_map(|order| &order.receipts).flat_map(|receipt| &receipt.parts);
    parts.any(|part| matches!(part.usage, MoneyUsage::Refund { done_at: None, .. }))
}

/// The lines of an order as a list; nothing without any.
pub fn received_view(order: &OrderView, reader: OrderReader) -> Option<AnyView> {
    let lines = received_lines(order, reader);
    (!lines.is_empty()).then(|| {
        let items = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
        view! {
            <ul class="plain received" aria-label="款项去向">
                {items}
            </ul>
        }
        .into_any()
    })
}

/// The fee of a matter on its page: what is due, what arrived, and where it goes.
pub fn payment_section(payment: &MatterPayment) -> AnyView {
    let charge = &payment.charge;
    let state = match charge.state {
        ChargeState::Due => "待缴费",
        ChargeState::Paid => "已缴费",
        ChargeState::Cancelled => "不需缴纳",
    };
    let facts = [
        ("缴费项目", charge.label.clone()),
        ("应缴金额", charge.amount.to_string()),
        ("缴费方式", charge.payer.label().to_owned()),
        ("缴费情况", state.to_owned()),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let orders = payment.orders.iter().filter_map(|order| received_view(order, OrderReader::OfCharge(charge.id))).collect_view();
    view! {
        <Section title="缴费">
            <DescriptionList items=facts />
            {orders}
        </Section>
    }
    .into_any()
}
