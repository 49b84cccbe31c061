//! What the benchmarks need beside the application: a bare writer, accounts without a budget of bytes, and signed-in callers.

use domain::base::permission::Action;
use domain::base::rule::{RuleRow, key};
use uuid::Uuid;

use crate::access::guard::{Allowed, authorize, load_caller};
use crate::infra::db::{self, Db, DbError, Tx, execute};
use crate::state::AppState;

/// Creates the tables of the bare writer.
pub async fn create_bare_tables(db: &Db) -> Result<(), DbError> {
    db.write(|tx| {
        Box::pin(async move {
            // Only the types of the columns differ.
            match tx {
                Tx::Sqlite(_) => {
                    execute!(tx, "create table bare_draft (id blob not null primary key, revision integer not null) strict")?;
                    execute!(
                        tx,
                        "create table bare_answers (id blob not null, revision integer not null, body blob not null, primary key (id, revision)) strict"
                    )?;
                }
                Tx::Postgres(_) => {
                    execute!(tx, "create table bare_draft (id uuid not null primary key, revision bigint not null)")?;
                    execute!(
                        tx,
                        "create table bare_answers (id uuid not null, revision bigint not null, body bytea not null, primary key (id, revision))"
                    )?;
                }
            }
            Ok(())
        })
    })
    .await
}

/// One save of the bare writer: one row updated and one inserted, with a body of this size.
pub async fn bare_save(db: &Db, draft: Uuid, revision: i64, bytes: usize) -> Result<(), DbError> {
    db.write(move |tx| {
        Box::pin(async move {
            execute!(
                tx,
                "insert into bare_draft (id, revision) values ($1, $2) on conflict (id) do update set revision = excluded.revision",
                draft,
                revision
            )?;
            execute!(tx, "insert into bare_answers (id, revision, body) values ($1, $2, $3)", draft, revision, vec![0_u8; bytes])?;
            Ok(())
        })
    })
    .await
}

/// Lets accounts save as much as a benchmark does.
pub async fn lift_save_budget(app: &AppState) -> Result<(), DbError> {
    let row = RuleRow { key: key::DRAFT_SAVE_MB.name.to_owned(), value: "1000000".to_owned(), effective_from: app.today() };
    app.db.write(move |tx| Box::pin(async move { db::rule::insert_rule(tx, &row).await })).await?;
    app.reload_tables().await.unwrap();
    Ok(())
}

/// Signs an account in by its name.
///
/// # Errors
/// The database cannot be read.
pub async fn sign_in(app: &AppState, name: &str) -> Result<Allowed, DbError> {
    let account = {
        let mut tx = app.db.read().await?;
        db::account::by_name(&mut tx, name).await?.map(|row| row.id).unwrap_or_default()
    };
    let caller = load_caller(app, account).await?;
    Ok(authorize(app, caller.as_ref(), Action::Matter).unwrap())
}
