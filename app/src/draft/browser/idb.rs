//! Requests and transactions of `IndexedDB`.

use js_sys::{Array, Promise};
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbRequest, IdbTransaction, IdbTransactionMode};

use super::web::{DeviceError, call, lock, object, timeout, window};
use crate::draft::device::{CHUNKS, CONTEXT, DATABASE, DRAFTS, OPENING, OWNER};

const VERSION: u32 = 1;
/// Time limit for opening the store.
const OPENING_MS: i32 = 3_000;

/// Opens the database.
pub(super) async fn open() -> Result<IdbDatabase, DeviceError> {
    // Browsers freeze pages in the back-forward cache, but not those that hold a lock. A page frozen while it opens the store would block
    // all others.
    let _held = lock(OPENING).await;
    let factory = window().indexed_db()?.ok_or(DeviceError::Denied)?;
    let request = factory.open_with_u32(DATABASE, VERSION)?;
    let asked = request.clone();
    let make = Closure::once_into_js(move || {
        let Ok(db) = asked.result().and_then(|r| r.dyn_into::<IdbDatabase>()) else { return };
        for name in [DRAFTS, OWNER, CONTEXT, CHUNKS] {
            let _ = db.create_object_store(name);
        }
    });
    request.set_onupgradeneeded(Some(make.unchecked_ref()));
    let db: IdbDatabase = match timeout(OPENING_MS, answered(&request)).await {
        Some(db) => db?.dyn_into()?,
        None => return Err(DeviceError::Denied),
    };
    // Another tab deletes the database.
    let closing = db.clone();
    let close = Closure::once_into_js(move || closing.close());
    db.set_onversionchange(Some(close.unchecked_ref()));
    Ok(db)
}

pub(super) fn writing(db: &IdbDatabase, stores: &[&str]) -> Result<IdbTransaction, DeviceError> {
    let names: Array = stores.iter().map(|s| JsValue::from_str(s)).collect();
    let strict = object(&[("durability", "strict".into())]);
    let mode = JsValue::from(IdbTransactionMode::Readwrite);
    Ok(call(db, "transaction", &[names.into(), mode, strict.into()])?.dyn_into()?)
}

pub(super) async fn value(db: &IdbDatabase, store: &str, key: &JsValue) -> Result<JsValue, DeviceError> {
    let tx = db.transaction_with_str(store)?;
    answered(&tx.object_store(store)?.get(key)?).await
}

/// The result of a request.
pub(super) async fn answered(request: &IdbRequest) -> Result<JsValue, DeviceError> {
    let promise = Promise::new(&mut |done, broken| {
        request.set_onsuccess(Some(&done));
        request.set_onerror(Some(&broken));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(request.result()?),
        Err(_) => Err(request.error().ok().flatten().map_or(DeviceError::Denied, |e| DeviceError::named(&e.name()))),
    }
}

/// Waits until a transaction is on the disk.
pub(super) async fn finished(tx: &IdbTransaction) -> Result<(), DeviceError> {
    let promise = Promise::new(&mut |done, broken| {
        tx.set_oncomplete(Some(&done));
        tx.set_onabort(Some(&broken));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(()),
        Err(_) => Err(tx.error().map_or(DeviceError::Denied, |e| DeviceError::named(&e.name()))),
    }
}
