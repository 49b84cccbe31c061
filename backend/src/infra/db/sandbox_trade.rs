//! SQL of the trades of the sandbox gateway.

use chrono::{DateTime, Utc};

use crate::infra::db::text_code::{Coded, coded_enum};
use crate::infra::db::{DbError, Tx, execute, fetch_optional};

coded_enum! {
    /// State of a trade at the sandbox gateway, under the codes that Alipay uses.
    SandboxTradeState {
        /// The payer has not paid yet.
        Waiting = "WAIT_BUYER_PAY",
        /// Paid.
        Paid = "TRADE_SUCCESS",
        /// Closed without payment.
        Closed = "TRADE_CLOSED",
    }
}

/// A trade at the sandbox gateway.
#[derive(Clone, sqlx::FromRow)]
pub struct TradeRow {
    /// Order number.
    pub number: String,
    /// Trade number.
    pub trade: String,
    /// Amount in fen.
    pub amount: i64,
    /// State of the trade.
    #[sqlx(try_from = "Coded<SandboxTradeState>")]
    pub state: SandboxTradeState,
    /// When the state was reached.
    pub at: DateTime<Utc>,
}

/// The trade of an order number.
pub async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<TradeRow>, DbError> {
    fetch_optional!(tx, TradeRow, "select * from sandbox_trade where number = $1", number)
}

/// Inserts a trade, or ends one that is waiting; returns whether anything changed.
pub async fn upsert(tx: &mut Tx, row: &TradeRow) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "insert into sandbox_trade (number, trade, amount, state, at) values ($1, $2, $3, $4, $5)
         on conflict (number) do update set state = excluded.state, at = excluded.at where sandbox_trade.state = 'WAIT_BUYER_PAY'",
        &row.number,
        &row.trade,
        row.amount,
        row.state.code(),
        row.at
    )?;
    Ok(changed == 1)
}
