//! Very many tasks of officers and closed matters, made in a few statements, for tests and measures of queues and lists.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute};
use crate::state::AppState;

/// Matters of one transaction, which does not wait for long on a slow disk.
const AT_ONCE: i64 = 10_000;

/// Days over which the history is spread.
const TEN_YEARS: i64 = 3_650;

/// Title of the matters.
const TITLE: &str = "queue";

/// Inserts so many registrations with open tasks of officers at two stages, and nine times as many closed ones. Of the open ones a quarter each
/// is overdue, due today, due later, and without a due day; every eighth is taken by `assignee`.
///
/// # Errors
/// The database cannot be written.
pub async fn insert_queue(app: &AppState, owner: Uuid, assignee: Uuid, open: i64) -> Result<(), DbError> {
    let (now, today) = (app.now(), app.today());
    let days = [today.checked_sub_days(Days::new(2)), Some(today), today.checked_add_days(Days::new(20))];
    let (mut done, all) = (0, open * 10);
    while done < all {
        let last = (done + AT_ONCE).min(all);
        insert_matters(app, owner, (done + 1, last), now, days).await?;
        done = last;
    }
    app.db.write(move |tx| Box::pin(insert_tasks(tx, assignee, now))).await
}

/// Inserts the matters with these numbers.
async fn insert_matters(
    app: &AppState,
    owner: Uuid,
    (first, last): (i64, i64),
    now: DateTime<Utc>,
    days: [Option<NaiveDate>; 3],
) -> Result<(), DbError> {
    app.db
        .write(move |tx| {
            Box::pin(async move {
                // Only the function that makes an id differs.
                match tx {
                    Tx::Sqlite(_) => execute!(
                        tx,
                        "with recursive n (i) as (select $8 union all select i + 1 from n where i < $1)
                         insert into matter (id, kind, owner_id, title, stage, turn, due_on, revision, form_version, event_count, created_at,
                         updated_at, submitted_revision, submitted_at, closed_at)
                         select randomblob(16), 'registration', $2, $3, case (i / 10) % 2 when 0 then 'acceptance' else 'review' end,
                         'association_officer', case (i / 10) % 4 when 0 then $5 when 1 then $6 when 2 then $7 else null end,
                         1, 1, 0, $4, $4, 1, $4, case i % 10 when 0 then null else $4 end from n",
                        last,
                        owner,
                        TITLE,
                        now,
                        days[0],
                        days[1],
                        days[2],
                        first
                    ),
                    Tx::Postgres(_) => execute!(
                        tx,
                        "with recursive n (i) as (select $8::bigint union all select i + 1 from n where i < $1)
                         insert into matter (id, kind, owner_id, title, stage, turn, due_on, revision, form_version, event_count, created_at,
                         updated_at, submitted_revision, submitted_at, closed_at)
                         select gen_random_uuid(), 'registration', $2, $3, case (i / 10) % 2 when 0 then 'acceptance' else 'review' end,
                         'association_officer', case (i / 10) % 4 when 0 then $5 when 1 then $6 when 2 then $7 else null end,
                         1, 1, 0, $4, $4, 1, $4, case i % 10 when 0 then null else $4 end from n",
                        last,
                        owner,
                        TITLE,
                        now,
                        days[0],
                        days[1],
                        days[2],
                        first
                    ),
                }
                .map(|_| ())
            })
        })
        .await
}

async fn insert_tasks(tx: &mut Tx, assignee: Uuid, now: DateTime<Utc>) -> Result<(), DbError> {
    match tx {
        Tx::Sqlite(_) => execute!(
            tx,
            "insert into task (id, matter_id, kind, stage, turn, opened_at, submitted_at, due_on, done_at, assignee_id)
             select randomblob(16), id, kind, stage, turn, $1, submitted_at, due_on, closed_at,
             case (row_number() over (order by id)) % 8 when 0 then $2 else null end from matter where title = $3",
            now,
            assignee,
            TITLE
        ),
        Tx::Postgres(_) => execute!(
            tx,
            "insert into task (id, matter_id, kind, stage, turn, opened_at, submitted_at, due_on, done_at, assignee_id)
             select gen_random_uuid(), id, kind, stage, turn, $1, submitted_at, due_on, closed_at,
             case (row_number() over (order by id)) % 8 when 0 then $2 else null end from matter where title = $3",
            now,
            assignee,
            TITLE
        ),
    }?;
    finish(tx).await
}

/// Inserts so many closed registrations, the last of them ten years ago, with titles that many of them have.
///
/// # Errors
/// The database cannot be written.
pub async fn insert_history(app: &AppState, owner: Uuid, count: i64) -> Result<(), DbError> {
    let (now, mut done) = (app.now(), 0);
    while done < count {
        let last = (done + AT_ONCE).min(count);
        let closed_at = now - TimeDelta::days(TEN_YEARS * last / count);
        app.db.write(move |tx| Box::pin(insert_closed(tx, owner, (done + 1, last), closed_at))).await?;
        done = last;
    }
    app.db.write(|tx| Box::pin(finish(tx))).await
}

/// Inserts closed matters with these numbers.
async fn insert_closed(tx: &mut Tx, owner: Uuid, (first, last): (i64, i64), closed_at: DateTime<Utc>) -> Result<(), DbError> {
    let submitted_at = closed_at - TimeDelta::days(20);
    match tx {
        Tx::Sqlite(_) => execute!(
            tx,
            "with recursive n (i) as (select $5 union all select i + 1 from n where i < $1)
             insert into matter (id, kind, owner_id, title, stage, turn, revision, form_version, event_count, created_at, updated_at,
             submitted_revision, submitted_at, closed_at)
             select randomblob(16), 'registration', $2, 'history ' || (i % 40), 'granted', '', 1, 1, 0, $4, $3, 1, $4, $3 from n",
            last,
            owner,
            closed_at,
            submitted_at,
            first
        ),
        Tx::Postgres(_) => execute!(
            tx,
            "with recursive n (i) as (select $5::bigint union all select i + 1 from n where i < $1)
             insert into matter (id, kind, owner_id, title, stage, turn, revision, form_version, event_count, created_at, updated_at,
             submitted_revision, submitted_at, closed_at)
             select gen_random_uuid(), 'registration', $2, 'history ' || (i % 40), 'granted', '', 1, 1, 0, $4, $3, 1, $4, $3 from n",
            last,
            owner,
            closed_at,
            submitted_at,
            first
        ),
    }
    .map(|_| ())
}

/// What a server does beside so many new rows.
async fn finish(tx: &mut Tx) -> Result<(), DbError> {
    execute!(
        tx,
        "insert into matter_title (title) select distinct title from matter where submitted_at is not null on conflict do nothing"
    )?;
    execute!(tx, "analyze")?;
    Ok(())
}
