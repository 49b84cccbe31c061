//! Saved views: conditions of a queue that an account has named. Name and conditions are sealed, since both may name a person.

use domain::base::text::normalise;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::count::{QueueStage, counted_without_search};
use super::filter::{QueueFilter, QueueOf};
use super::tasks::{count_tasks_found, open_matters};
use crate::access::guard::Allowed;
use crate::infra::db::saved_view::{self, SavedViewRow};
use crate::infra::db::{DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::service::search::MatterSearch;
use crate::state::AppState;

/// Most views of an account.
pub const MAX_VIEWS: i64 = 20;
/// Most characters of a name.
pub const MAX_NAME: usize = 20;
/// Most tasks of a view that are counted for each institution or role.
pub const COUNTED_IN_VIEW: i64 = 99;

/// Sealing column of name and conditions.
const COLUMN: &str = "saved_view.view_sealed";

/// Names and values of conditions.
pub type Conditions = Vec<(String, String)>;

/// A saved view.
#[derive(Debug, Clone)]
pub struct SavedView {
    /// Row id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its conditions.
    pub conditions: Conditions,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    name: String,
    conditions: Conditions,
}

/// Why a view was not saved.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SaveViewError {
    /// There is no name.
    #[error("no name")]
    NoName,
    /// The name has more than [`MAX_NAME`] characters.
    #[error("the name is too long")]
    LongName,
    /// Another view of the account has the name.
    #[error("the name is taken")]
    NameTaken,
    /// The account has [`MAX_VIEWS`] views.
    #[error("too many views")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl SaveViewError {
    /// Message at the name.
    pub fn text(&self) -> String {
        match self {
            SaveViewError::NoName => "请填写名称".to_owned(),
            SaveViewError::LongName => format!("名称最多 {MAX_NAME} 个字"),
            SaveViewError::NameTaken => "已有同名的常用查询，请换一个名称".to_owned(),
            SaveViewError::TooMany => format!("最多保存 {MAX_VIEWS} 个常用查询，请先删除不用的"),
            SaveViewError::Db(error) => error.text().to_owned(),
        }
    }
}

impl QueueOf {
    /// Code of its workbench.
    fn code(self) -> &'static str {
        match self {
            QueueOf::Institutions => "institution",
            QueueOf::Association => "association",
        }
    }
}

/// Saves conditions under a name.
///
/// # Errors
/// See [`SaveViewError`].
pub async fn save_view(app: &AppState, who: &Allowed, of: QueueOf, name: &str, conditions: Conditions) -> Result<(), SaveViewError> {
    let name = normalise(name);
    match name.chars().count() {
        0 => return Err(SaveViewError::NoName),
        length if length > MAX_NAME => return Err(SaveViewError::LongName),
        _ => {}
    }
    let (id, account) = (Uuid::now_v7(), who.account());
    let row = SavedViewRow {
        id,
        account_id: account,
        workbench: of.code().to_owned(),
        name_mark: app.keys.mac(&[b"saved_view.name", name.as_bytes()]),
        view_sealed: app.keys.seal_json(SealContext::new(COLUMN, id), &Sealed { name, conditions }),
        created_at: app.now(),
    };
    app.db.on_behalf_of(account).write(move |tx| Box::pin(async move { insert(tx, &row).await })).await
}

/// The row of the account is locked, so the number is exact.
async fn insert(tx: &mut Tx, row: &SavedViewRow) -> Result<(), SaveViewError> {
    if saved_view::count(tx, row.account_id).await? >= MAX_VIEWS {
        return Err(SaveViewError::TooMany);
    }
    if saved_view::insert(tx, row).await? { Ok(()) } else { Err(SaveViewError::NameTaken) }
}

/// Deletes a view of the caller; one that is deleted already is no error.
///
/// # Errors
/// The database.
pub async fn delete_view(app: &AppState, who: &Allowed, id: Uuid) -> Result<(), DbError> {
    let account = who.account();
    let deleted = app.db.on_behalf_of(account).write(move |tx| Box::pin(async move { saved_view::delete(tx, account, id).await })).await;
    deleted.map(|_| ())
}

/// The views of the caller at a workbench, oldest first.
///
/// # Errors
/// The database, or a view that cannot be unsealed.
pub async fn list_views(app: &AppState, who: &Allowed, of: QueueOf) -> Result<Vec<SavedView>, DbError> {
    let rows = saved_view::list(&mut app.db.read().await?, who.account(), of.code()).await?;
    rows.into_iter().map(|row| unseal(&app.keys, row)).collect()
}

/// All views of an account, for the export of its data.
pub(crate) async fn views_of_account(tx: &mut Tx, keys: &Keys, account: Uuid) -> Result<Vec<SavedView>, DbError> {
    saved_view::list_of_account(tx, account).await?.into_iter().map(|row| unseal(keys, row)).collect()
}

fn unseal(keys: &Keys, row: SavedViewRow) -> Result<SavedView, DbError> {
    let context = SealContext::new(COLUMN, row.id);
    let Sealed { name, conditions } = keys.unseal_json(context, &row.view_sealed).map_err(|_| DbError::Unreadable(COLUMN.into()))?;
    Ok(SavedView { id: row.id, name, conditions })
}

/// Numbers of tasks of parts of a queue, each up to one more than [`COUNTED_IN_VIEW`] unless the counters of the stages say it.
///
/// # Errors
/// The database.
pub async fn count_parts(
    app: &AppState,
    who: &Allowed,
    of: QueueOf,
    stages: &[QueueStage],
    parts: &[(MatterSearch, QueueFilter)],
) -> Result<Vec<i64>, DbError> {
    let mut tx = app.db.read().await?;
    let mut numbers = Vec::with_capacity(parts.len());
    for (search, filter) in parts {
        let search = open_matters(&mut tx, app, search).await?;
        numbers.push(match counted_without_search(stages, &search, filter, app.today()) {
            Some(number) => number,
            None => count_tasks_found(&mut tx, app, who.caller(), of, (&search, filter), COUNTED_IN_VIEW).await?,
        });
    }
    Ok(numbers)
}
