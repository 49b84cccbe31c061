//! The job that deletes expired rows.

use chrono::{DateTime, TimeDelta, Utc};
use domain::base::rule::{RuleKey, key};

use crate::access::access_log::delete_old_accesses;
use crate::infra::db::{self, BoxFuture, DbError, Tx};
use crate::state::AppState;

/// Days after which a code in the outbox is deleted; it was valid for minutes.
const CODE_DAYS: i64 = 2;
/// Days for which a form that was sent refuses saves of pages that were loaded before.
const SENT_FORM_DAYS: i64 = 7;
/// Batches of one table in one run.
const BATCHES: usize = 200;

/// Deletes expired rows: sessions, SMS codes, unfinished registrations, rate windows, and what the retention rules limit.
pub async fn delete_expired(app: &AppState) -> Result<(), DbError> {
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                db::session::delete_before(tx, now - TimeDelta::days(1)).await?;
                db::account::delete_expired_signups(tx, now).await?;
                db::sms::delete_before(tx, now - TimeDelta::days(2)).await?;
                db::rate::delete_before(tx, now - TimeDelta::days(2)).await?;
                Ok::<_, DbError>(())
            })
        })
        .await?;
    let codes = now - TimeDelta::days(CODE_DAYS);
    let outbox = limit(app, key::RETAIN_OUTBOX_DAYS).min(codes);
    in_batches(app, move |tx| Box::pin(db::retention::delete_outbox(tx, outbox, codes))).await?;
    let messages = limit(app, key::RETAIN_MESSAGE_DAYS);
    in_batches(app, move |tx| Box::pin(db::retention::delete_messages(tx, messages))).await?;
    let commands = limit(app, key::RETAIN_COMMAND_DAYS);
    in_batches(app, move |tx| Box::pin(db::retention::delete_commands(tx, commands))).await?;
    let patches = limit(app, key::RETAIN_PATCH_DAYS);
    in_batches(app, move |tx| Box::pin(db::retention::delete_patches(tx, patches))).await?;
    let discarded = limit(app, key::RETAIN_DISCARDED_DAYS);
    in_batches(app, move |tx| Box::pin(db::retention::delete_discarded(tx, discarded))).await?;
    let (ended, shown) = (now - TimeDelta::days(SENT_FORM_DAYS), limit(app, key::RETAIN_FORM_DRAFT_DAYS));
    in_batches(app, move |tx| Box::pin(db::form_draft::delete_old(tx, ended, shown, db::retention::BATCH))).await?;
    delete_old_accesses(app).await
}

/// The time before which rows of a retention rule in days are deleted.
fn limit(app: &AppState, days: RuleKey) -> DateTime<Utc> {
    app.now() - TimeDelta::days(app.tables().rules.on(app.today()).int(days))
}

/// Deletes batch after batch, each in a transaction of its own.
async fn in_batches<F>(app: &AppState, delete: F) -> Result<(), DbError>
where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<u64, DbError>> + Copy + Send + 'static,
{
    for _ in 0..BATCHES {
        if app.db.write(move |tx| delete(tx)).await? < db::retention::BATCH {
            break;
        }
    }
    Ok(())
}
