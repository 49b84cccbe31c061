//! SQL of the serial numbers of matters.

use std::ops::Range;

use chrono::NaiveDate;

use crate::infra::db::{DbError, Tx, fetch_optional};

/// Reserves the next `count` serial numbers of a prefix and day. Others that reserve some wait for the end of the transaction.
pub async fn reserve(tx: &mut Tx, prefix: &str, day: NaiveDate, count: i64) -> Result<Range<i64>, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "insert into matter_number_block (prefix, day, next_serial) values ($1, $2, 1 + $3)
         on conflict (prefix, day) do update set next_serial = matter_number_block.next_serial + $3 returning next_serial",
        prefix,
        day,
        count
    )?;
    Ok(row.map_or(0..0, |(next,)| next - count..next))
}

/// Removes all numbers with their column and table, as in a database of an earlier release.
#[cfg(test)]
pub async fn forget_all(tx: &mut Tx) -> Result<(), DbError> {
    crate::infra::db::execute!(tx, "drop index matter_number")?;
    crate::infra::db::execute!(tx, "alter table matter drop column number")?;
    crate::infra::db::execute!(tx, "drop table matter_number_block")?;
    Ok(())
}
