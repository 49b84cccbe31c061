//! 缴费订单: one attempt to pay. What is heard of it moves it, and money that arrives is never lost: it pays for something or goes back.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::base::money::Fen;

/// How an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 待支付: the payer is at the gateway.
    Open,
    /// 待核验: finance looks at the voucher.
    Checking,
    /// 已支付.
    Paid,
    /// 已关闭.
    Closed,
}

/// An order, as far as what is heard of it decides anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What it is to bring in.
    pub amount: Fen,
    /// How it stands.
    pub state: State,
    /// Trades of the gateway whose money arrived for it, each once.
    pub trades: Vec<String>,
    /// The attempt ends here.
    pub expires_at: DateTime<Utc>,
}

/// Something that is true of an order: said by a gateway, by finance, or by the house itself. Whether it is genuine was judged before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Its whole amount arrived, by this trade.
    Paid(String),
    /// The gateway was asked, and nothing has arrived.
    Unpaid,
    /// The gateway takes no more money for it.
    Closed,
    /// What it pays for is not asked any more, or is paid another way. Money sent with a voucher is on its way all the same, so finance
    /// goes on looking for it.
    Dropped,
    /// Finance finds the voucher wrong.
    Refused,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// What it pays for is paid.
    Settle,
    /// What it pays for can be paid another way.
    Release,
    /// The gateway is to take no more money for it.
    CloseAtGateway,
    /// The money of this trade goes back.
    Refund(String, Reason),
}

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It came after the order was closed.
    Late,
    /// It came twice.
    Twice,
    /// What it was for was not asked any more.
    NotDue,
}

/// What an order becomes by a word, and what follows. A word heard twice changes nothing the second time.
pub fn hear(order: &Order, word: &Word, now: DateTime<Utc>) -> (Order, Vec<Consequence>) {
    use Consequence::{CloseAtGateway, Refund, Release, Settle};
    let to = |state| Order { state, ..order.clone() };
    match (order.state, word) {
        (_, Word::Paid(trade)) if order.trades.contains(trade) => (order.clone(), Vec::new()),
        (state, Word::Paid(trade)) => {
            let mut trades = order.trades.clone();
            trades.push(trade.clone());
            let (state, follows) = match state {
                State::Open | State::Checking => (State::Paid, Settle),
                State::Paid => (State::Paid, Refund(trade.clone(), Reason::Twice)),
                State::Closed => (State::Closed, Refund(trade.clone(), Reason::Late)),
            };
            (Order { state, trades, ..order.clone() }, vec![follows])
        }
        (State::Open, Word::Unpaid) if now >= order.expires_at => (order.clone(), vec![CloseAtGateway]),
        (State::Open, Word::Closed) | (State::Checking, Word::Refused) => (to(State::Closed), vec![Release]),
        (State::Open, Word::Dropped) => (to(State::Closed), vec![Release, CloseAtGateway]),
        _ => (order.clone(), Vec::new()),
    }
}

impl State {
    /// Every state.
    pub const ALL: [State; 4] = [State::Open, State::Checking, State::Paid, State::Closed];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Checking => "checking",
            State::Paid => "paid",
            State::Closed => "closed",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            State::Open => "待支付",
            State::Checking => "待核验",
            State::Paid => "已支付",
            State::Closed => "已关闭",
        }
    }

    /// The state of a code; closed for any other.
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.code() == code).unwrap_or(State::Closed)
    }

    /// Whether what it pays for waits for it.
    pub fn live(self) -> bool {
        matches!(self, State::Open | State::Checking)
    }
}

impl Reason {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Late => "late",
            Reason::Twice => "twice",
            Reason::NotDue => "not_due",
        }
    }

    /// The reason of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Reason::Late, Reason::Twice, Reason::NotDue].into_iter().find(|r| r.code() == code)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Late => "订单关闭后到账",
            Reason::Twice => "重复支付",
            Reason::NotDue => "业务已不需要缴费",
        })
    }
}
