//! What must hold in the database whatever happened: nothing half, nothing twice, money even, the audit trail whole.

use std::collections::HashSet;

use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx, fetch_all, fetch_optional};
use crate::record::audit::{extend_audit_chain, verify_audit_chain};
use crate::record::certificate::issue::FIRST_SERIAL;
use crate::state::AppState;

/// Queries for matters, charges or orders that are not as they must be.
macro_rules! rules {
    ($tx:expr, $faults:expr, $($name:literal: $sql:literal;)*) => {
        $(for (id,) in fetch_all!($tx, (Uuid,), $sql)? {
            $faults.push(format!("{}: {id}", $name));
        })*
    };
}

/// Everything in the database that is not as it must be.
pub async fn find_faults(app: &AppState) -> Result<Vec<String>, DbError> {
    while extend_audit_chain(app).await? > 0 {}
    let mut faults = Vec::new();
    if let Some(fault) = verify_audit_chain(app, None).await?.fault {
        faults.push(fault.text());
    }
    let mut tx = app.db.read().await?;
    rules! { &mut tx, faults,
        "events and their count differ": "select id from matter m where event_count <> (select count(*) from matter_event e where e.matter_id = m.id)
            or event_count <> (select coalesce(max(seq), 0) from matter_event e where e.matter_id = m.id)";
        "open tasks are not the stage": "select id from matter m where closed_at is null
            and (exists (select 1 from task t where t.matter_id = m.id and t.done_at is null and t.stage <> m.stage)
                 or case when m.turn in ('expert', 'participant')
                    then (select count(distinct t.account_id) from task t where t.matter_id = m.id and t.done_at is null) = 0
                         or (select count(*) - count(distinct t.account_id) from task t where t.matter_id = m.id and t.done_at is null) <> 0
                    else (select count(*) from task t where t.matter_id = m.id and t.done_at is null) <> 1 end)";
        "a closed matter has an open task": "select id from matter m where closed_at is not null
            and exists (select 1 from task t where t.matter_id = m.id and t.done_at is null)";
        "the newest answers are not those of the revision": "select id from matter m where revision > 0
            and revision <> (select coalesce(max(revision), 0) from matter_answers a where a.matter_id = m.id)";
        "two charges": "select matter_id from charge where state <> 'dropped' group by matter_id having count(*) > 1";
        "a paid charge without exactly one paid order": "select id from charge c where state = 'paid' and (select count(*) from order_charge o
            join payment_order p on p.id = o.order_id where o.charge_id = c.id and p.state = 'paid') <> 1";
        "a paid order without a receipt": "select id from payment_order p where state = 'paid'
            and not exists (select 1 from receipt r where r.order_id = p.id)";
    }
    let money = fetch_optional!(
        &mut tx,
        (i64, i64),
        "select cast((select coalesce(sum(amount), 0) from receipt) as bigint),
                cast((select coalesce(sum(amount), 0) from charge where state = 'paid') + (select coalesce(sum(amount), 0) from refund) as bigint)"
    )?;
    if let Some((received, used)) = money.filter(|(received, used)| received != used) {
        faults.push(format!("{received} was received, {used} is paid or refunded"));
    }
    let numbers = fetch_optional!(
        &mut tx,
        (i64, i64),
        "select cast((select count(*) from certificate) as bigint), cast(coalesce((select value - $1 from counter where name = 'certificate'), 0) as bigint)",
        FIRST_SERIAL - 1
    )?;
    if let Some((certificates, numbers)) = numbers.filter(|(certificates, numbers)| certificates != numbers) {
        faults.push(format!("{numbers} numbers were given to {certificates} certificates"));
    }
    Ok(faults)
}

/// What the store of files and the rows do not agree about, after everything old in it was swept: content without a row, rows without
/// content, and parts of writes.
pub async fn find_file_faults(app: &AppState) -> Result<Vec<String>, DbError> {
    let mut tx = app.db.read().await?;
    let digests = db::file::list_digests(&mut tx, &[0; 32], &[u8::MAX; 32]).await?;
    drop(tx);
    let mut faults = Vec::new();
    for digest in &digests {
        if app.files.read(digest).await.is_err() {
            faults.push(format!("a row without content: {digest:02x?}"));
        }
    }
    let rows: HashSet<Vec<u8>> = digests.into_iter().collect();
    let stored = app.files.list_names().map_err(|_| DbError::Unavailable)?;
    faults
        .extend(stored.iter().filter(|name| name.as_ref().is_none_or(|digest| !rows.contains(digest))).map(|name| format!("{name:02x?}")));
    Ok(faults)
}

/// What became of one matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterFacts {
    /// Its owner.
    pub owner: Uuid,
    /// Its stage.
    pub stage: String,
    /// Its revision.
    pub revision: i64,
    /// The commands of its events, in their order.
    pub commands: Vec<String>,
    /// Numbers of the certificates that it issued.
    pub certificates: Vec<String>,
}

/// What became of a matter.
pub async fn matter_facts(app: &AppState, matter: Uuid) -> Result<Option<MatterFacts>, DbError> {
    let mut tx: Tx = app.db.read().await?;
    let sql = fetch_optional!(&mut tx, (Uuid, String, i64), "select owner_id, stage, revision from matter where id = $1", matter)?;
    let Some((owner, stage, revision)) = sql else {
        return Ok(None);
    };
    let certificates = fetch_all!(&mut tx, (String,), "select number from certificate where matter_id = $1", matter)?;
    let sql = "select event from matter_event where matter_id = $1 order by seq";
    let events: Vec<(sqlx::types::Json<serde_json::Value>,)> = match &mut tx {
        Tx::Sqlite(c) => sqlx::query_as(sql).bind(matter).fetch_all(&mut **c).await?,
        Tx::Postgres(c) => sqlx::query_as(sql).bind(matter).fetch_all(&mut **c).await?,
    };
    let command = |event: serde_json::Value| event.pointer("/what/command").and_then(serde_json::Value::as_str).map(str::to_owned);
    Ok(Some(MatterFacts {
        owner,
        stage,
        revision,
        commands: events.into_iter().filter_map(|(event,)| command(event.0)).collect(),
        certificates: certificates.into_iter().map(|(number,)| number).collect(),
    }))
}
