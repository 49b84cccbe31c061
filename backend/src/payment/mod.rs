//! 缴费.

use domain::flow::{Command, Hat};

use crate::db::Tx;
use crate::house::House;
use crate::matter::{Acted, MatterError, Opened, act_for_house};

/// Makes the fee of a matter due. Where nothing is to be paid, the cash desk says so at once.
pub(crate) async fn charge(tx: &mut Tx, house: &House, opened: &Opened) -> Result<Option<Acted>, MatterError> {
    let paid = Command { name: "paid".into(), ..Command::default() };
    act_for_house(tx, house, Hat::Cashier, opened.row.id, paid).await.map(Some)
}

/// Asks for the fee of a matter no longer.
pub(crate) async fn drop_charge(_tx: &mut Tx, _house: &House, _opened: &Opened) -> Result<(), MatterError> {
    Ok(())
}
