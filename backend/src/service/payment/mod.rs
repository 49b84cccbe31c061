//! 缴费: what a matter costs, orders to pay it, what gateways and finance say of them, and money that goes back.

pub mod finance;
pub mod order;
pub mod poll;
pub mod view;

use crate::infra::gateway::AskFault;

use domain::base::money::Fen;
use domain::engine::flow::{Command, Hat};
use domain::record::payment::{Unfit, Word};
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::matter::{MatterError, Opened};
use crate::state::AppState;
use crate::workflow::execute::{Acted, act_for_house};

/// Code of orders that are paid elsewhere and proved by a voucher.
pub const VOUCHER: &str = "voucher";

/// Why something was not done at the cash desk.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PayError {
    /// There is no such thing for this person.
    #[error("nothing to be paid by this person")]
    NotFound,
    /// It is paid already, or not asked any more.
    #[error("not due")]
    NotDue,
    /// A voucher for it is being checked.
    #[error("a voucher is being checked")]
    Checking,
    /// No gateway is set up.
    #[error("no gateway")]
    NoGateway,
    /// The voucher is not about what is due.
    #[error("another amount than what is due")]
    Amount(Fen),
    /// A reason is needed.
    #[error("no reason was given")]
    NoNote,
    /// Nobody checks what they paid themselves.
    #[error("their own payment")]
    Own,
    /// It was done before, in another way.
    #[error("done already")]
    Done,
    /// The gateway.
    #[error(transparent)]
    Gateway(#[from] AskFault),
    /// A notice that is not believed.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The matter.
    #[error(transparent)]
    Matter(#[from] MatterError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl PayError {
    /// What the person is told.
    pub fn text(&self) -> String {
        match self {
            PayError::NotFound => "没有找到这笔缴费".into(),
            PayError::NotDue => "该费用已缴清，或已不需要缴纳".into(),
            PayError::Checking => "缴费凭证正在核验，请等待结果".into(),
            PayError::NoGateway => "暂未开通在线支付，请选择线下汇款".into(),
            PayError::Amount(due) => format!("凭证金额应与应缴金额一致（{} 元）", due.yuan()),
            PayError::NoNote => "请填写理由".into(),
            PayError::Own => "不能核验本人办理的缴费".into(),
            PayError::Done => "该笔款项已由他人处理，请查看最新情况".into(),
            PayError::Gateway(_) | PayError::Unfit(_) => "支付机构暂时没有回应，请稍后再试".into(),
            PayError::Matter(error) => error.text(),
            PayError::Db(error) => error.text().into(),
        }
    }
}

/// Makes the fee of a matter due. Where nothing is to be paid, the cash desk says so at once.
pub(crate) async fn charge(tx: &mut Tx, app: &AppState, opened: &Opened) -> Result<Option<Acted>, MatterError> {
    let fee = opened.kind.fee.ok_or(MatterError::Conflict)?;
    let amount = app.tables().rules.on(app.today()).int(fee.amount);
    if amount <= 0 {
        return cashier(tx, app, opened.row.id, "paid", "").await.map(Some);
    }
    let row = db::payment::Charge {
        id: Uuid::now_v7(),
        matter_id: opened.row.id,
        kind: opened.kind.code.to_owned(),
        title: opened.kind.title_for(&opened.answers),
        label: fee.label.to_owned(),
        amount,
        payer: (fee.payer)(&opened.answers).code().to_owned(),
        account_id: opened.row.owner_id,
        institution_id: opened.row.institution_id,
        state: "due".to_owned(),
        version: 1,
        created_at: app.now(),
        settled_at: None,
    };
    db::payment::add_charge(tx, &row).await?;
    Ok(None)
}

/// Asks for the fee of a matter no longer.
pub(crate) async fn drop_charge(tx: &mut Tx, app: &AppState, opened: &Opened) -> Result<(), MatterError> {
    let Some(charge) = db::payment::charge_of(tx, opened.row.id).await? else {
        return Ok(());
    };
    let Some(charge) = db::payment::lock_charge(tx, charge.id).await?.filter(|c| c.state == "due") else {
        return Ok(());
    };
    db::payment::settle_charge(tx, charge.id, "dropped", app.now()).await?;
    if let Some((order,)) = db::payment::live_order(tx, charge.id).await? {
        order::tell(tx, app, order, &Word::Dropped).await?;
    }
    Ok(())
}

/// Lets the cash desk move a matter.
async fn cashier(tx: &mut Tx, app: &AppState, matter: Uuid, command: &str, note: &str) -> Result<Acted, MatterError> {
    let command = Command { name: command.to_owned(), note: note.to_owned(), ..Command::default() };
    act_for_house(tx, app, Hat::Cashier, matter, command).await
}

#[cfg(test)]
mod tests;
