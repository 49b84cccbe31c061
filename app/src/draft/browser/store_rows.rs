//! The rows of drafts and sheets in the database of the device.

use domain::engine::draft::device::RowMarks;
use js_sys::Array;
use leptos::wasm_bindgen::{JsCast, JsValue};
use serde::Serialize;
use web_sys::IdbDatabase;

use super::idb::{answered, finished, value, writing};
use super::web::{DeviceError, get};
use crate::draft::device::{CONTEXT, DRAFTS, OWNER};

/// Key under which earlier versions stored the one owner of the device and the context of forms.
const FIRST_VERSION: f64 = 1.0;
/// Property of a row: time of the last change by the server's clock. By the device's, which orders the list of drafts, it is `touched`.
pub const CHANGED_AT: &str = "changedAt";
/// Property of the row of an expert's sheet.
pub const SHEET: &str = "sheet";

/// What would be lost with a row, for the log-out dialogue and for other accounts.
#[derive(Clone, Copy)]
pub struct Losses {
    /// Whether the server does not have all of it.
    pub unsent: bool,
    /// Whether the server does not take it any more.
    pub leftover: bool,
    /// Whether its submission is requested.
    pub submission: bool,
}

/// A row before it is sealed.
pub fn plain<T: Serialize>(what: &T) -> Result<Vec<u8>, DeviceError> {
    serde_json::to_vec(what).map_err(|_| DeviceError::Denied)
}

/// The stored drafts of all accounts, by matter.
pub async fn rows(db: &IdbDatabase) -> Result<Vec<(String, JsValue)>, DeviceError> {
    let tx = db.transaction_with_str(DRAFTS)?;
    let store = tx.object_store(DRAFTS)?;
    let (keys, rows) = (store.get_all_keys()?, store.get_all()?);
    let keys: Array = answered(&keys).await?.unchecked_into();
    let rows: Array = answered(&rows).await?.unchecked_into();
    Ok(keys.iter().filter_map(|k| k.as_string()).zip(rows.iter()).collect())
}

/// Whether a row is that of a sheet.
pub fn is_sheet(row: &JsValue) -> bool {
    get(row, SHEET).is_truthy()
}

/// What is read of a row without its key.
pub fn marks_of(row: &JsValue) -> RowMarks {
    let account = get(row, "account").as_string().and_then(|text| text.parse().ok());
    let changed_at = get(row, CHANGED_AT).as_f64().map(|ms| ms as i64);
    RowMarks { account, changed_at, unsent: get(row, "unsent").is_truthy(), submission: get(row, "submission").is_truthy() }
}

/// Gives what an earlier version stored for the one owner of the device its place among the accounts.
pub async fn adopt_first_version(db: &IdbDatabase) -> Result<(), DeviceError> {
    let first = JsValue::from_f64(FIRST_VERSION);
    let owner = value(db, OWNER, &first).await?;
    let Some(account) = get(&owner, "account").as_string() else { return Ok(()) };
    let unnamed: Vec<_> = rows(db).await?.into_iter().filter(|(_, row)| marks_of(row).account.is_none()).collect();
    let context = value(db, CONTEXT, &first).await?;
    let tx = writing(db, &[DRAFTS, OWNER, CONTEXT])?;
    for (id, row) in unnamed {
        let _ = js_sys::Reflect::set(&row, &"account".into(), &account.as_str().into());
        tx.object_store(DRAFTS)?.put_with_key(&row, &id.into())?;
    }
    if context.is_object() {
        tx.object_store(CONTEXT)?.put_with_key(&context, &account.as_str().into())?;
    }
    tx.object_store(OWNER)?.put_with_key(&owner, &account.into())?;
    for name in [OWNER, CONTEXT] {
        tx.object_store(name)?.delete(&first)?;
    }
    finished(&tx).await
}
