//! The device store: encrypted in `IndexedDB` on own devices, in memory otherwise.
//!
//! The key is generated here, is not extractable, and is deleted with the account's data. Each change is one transaction with strict
//! durability, so data reported as saved is on the disk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::engine::draft::sync::{LocalDraft, SaveLocation};
use js_sys::{Array, Object, Promise, Uint8Array};
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, IdbDatabase, IdbRequest, IdbTransaction, IdbTransactionMode};

use super::store_worker::{SealedRow, StoreWorker};
use super::web::{DeviceError, call, get, lock, new_id, now_ms, object, subtle, timeout, window};
use crate::draft::device::{CHUNKS, CONTEXT, DATABASE, DRAFTS, OPENING, OWNER};

const VERSION: u32 = 1;
/// Time limit for opening the store.
const OPENING_MS: i32 = 3_000;
/// Drafts without changes for this time are deleted.
pub(super) const RETENTION_MS: f64 = 7.0 * 86_400_000.0;

/// The device store.
#[derive(Clone)]
pub struct Store(pub(super) Rc<Kind>);

pub(super) enum Kind {
    Disk(Disk),
    Memory { device: Uuid, drafts: RefCell<BTreeMap<Uuid, LocalDraft>> },
}

pub(super) struct Disk {
    pub(super) db: IdbDatabase,
    key: CryptoKey,
    pub(super) worker: StoreWorker,
    device: Uuid,
    account: Uuid,
    /// Cache of drafts as last read or written, each with the mark of its write.
    known: RefCell<BTreeMap<Uuid, (String, LocalDraft)>>,
}

impl Store {
    /// A store in memory.
    pub fn memory(held: Option<&LocalDraft>) -> Self {
        let drafts = held.map(|local| (local.matter, local.clone())).into_iter().collect();
        let device = held.map_or_else(new_id, |local| local.device);
        Self(Rc::new(Kind::Memory { device, drafts: RefCell::new(drafts) }))
    }

    /// The store of an account. Data of another account is deleted.
    pub async fn open_for(account: Uuid) -> Result<Self, DeviceError> {
        let db = open().await?;
        let owner = value(&db, OWNER, &JsValue::from_f64(1.0)).await?;
        let whose = get(&owner, "account").as_string().and_then(|t| t.parse::<Uuid>().ok());
        if whose == Some(account) {
            let disk = Disk::of(db, &owner)?.ok_or(DeviceError::Denied)?;
            disk.sweep().await?;
            return Ok(Self(Rc::new(Kind::Disk(disk))));
        }
        let disk = Disk::begin(db, account).await?;
        Ok(Self(Rc::new(Kind::Disk(disk))))
    }

    /// The store of the device's owner, if there is one.
    pub async fn open_existing() -> Result<Option<Self>, DeviceError> {
        let db = open().await?;
        let owner = value(&db, OWNER, &JsValue::from_f64(1.0)).await?;
        let Some(disk) = Disk::of(db, &owner)? else {
            return Ok(None);
        };
        disk.sweep().await?;
        Ok(Some(Self(Rc::new(Kind::Disk(disk)))))
    }

    /// Deletes all data of this site on the device.
    pub async fn erase(&self) -> Result<(), DeviceError> {
        if let Kind::Disk(disk) = &*self.0 {
            let tx = disk.writing(&[DRAFTS, OWNER, CONTEXT, CHUNKS])?;
            for name in [DRAFTS, OWNER, CONTEXT, CHUNKS] {
                tx.object_store(name)?.clear()?;
            }
            finished(&tx).await?;
        }
        Ok(())
    }

    /// Whether the store survives the page.
    pub fn is_persistent(&self) -> bool {
        matches!(&*self.0, Kind::Disk(_))
    }

    /// The owner, if the store survives the page.
    pub fn account(&self) -> Option<Uuid> {
        match &*self.0 {
            Kind::Disk(disk) => Some(disk.account),
            Kind::Memory { .. } => None,
        }
    }

    /// Device id.
    pub fn device(&self) -> Uuid {
        match &*self.0 {
            Kind::Disk(disk) => disk.device,
            Kind::Memory { device, .. } => *device,
        }
    }

    /// Loads a draft.
    pub async fn draft(&self, id: Uuid) -> Result<Option<LocalDraft>, DeviceError> {
        match &*self.0 {
            Kind::Disk(disk) => disk.draft(id).await,
            Kind::Memory { drafts, .. } => Ok(drafts.borrow().get(&id).cloned()),
        }
    }

    /// Saves a draft durably.
    pub async fn save(&self, local: &LocalDraft) -> Result<(), DeviceError> {
        match &*self.0 {
            Kind::Disk(disk) => disk.save(local).await,
            Kind::Memory { drafts, .. } => {
                drafts.borrow_mut().insert(local.matter, local.clone());
                Ok(())
            }
        }
    }

    /// Deletes a draft.
    pub async fn forget(&self, id: Uuid) -> Result<(), DeviceError> {
        match &*self.0 {
            Kind::Disk(disk) => {
                disk.known.borrow_mut().remove(&id);
                let tx = disk.writing(&[DRAFTS])?;
                tx.object_store(DRAFTS)?.delete(&id.to_string().into())?;
                finished(&tx).await
            }
            Kind::Memory { drafts, .. } => {
                drafts.borrow_mut().remove(&id);
                Ok(())
            }
        }
    }

    /// All drafts, last changed first.
    pub async fn drafts(&self) -> Result<Vec<LocalDraft>, DeviceError> {
        let Kind::Disk(disk) = &*self.0 else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for (id, row) in disk.rows().await? {
            if let Some(local) = disk.open_row(&id, &row).await? {
                found.push((get(&row, "touched").as_f64().unwrap_or(0.0), local));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(found.into_iter().map(|(_, local)| local).collect())
    }

    /// The stored context of forms: lists, rules, day.
    pub async fn offline_context<T: DeserializeOwned>(&self) -> Result<Option<T>, DeviceError> {
        let Kind::Disk(disk) = &*self.0 else {
            return Ok(None);
        };
        let row = value(&disk.db, CONTEXT, &JsValue::from_f64(1.0)).await?;
        disk.unseal(CONTEXT, &row).await
    }

    /// Saves the context of forms.
    pub async fn save_offline_context(&self, context: &str) -> Result<(), DeviceError> {
        let Kind::Disk(disk) = &*self.0 else {
            return Ok(());
        };
        let plain = context.as_bytes();
        let row = SealedRow { store: CONTEXT, at: JsValue::from_f64(1.0), aad: CONTEXT, plain, marks: Object::new() };
        disk.worker.save(row).await
    }
}

impl Disk {
    /// The database of the owner; `None` without an owner.
    fn of(db: IdbDatabase, owner: &JsValue) -> Result<Option<Self>, DeviceError> {
        let id = |name: &str| get(owner, name).as_string()?.parse::<Uuid>().ok();
        let key: Option<CryptoKey> = get(owner, "key").dyn_into().ok();
        let (Some(key), Some(device), Some(account)) = (key, id("device"), id("account")) else {
            return Ok(None);
        };
        let worker = StoreWorker::spawn(&key)?;
        Ok(Some(Self { db, key, worker, device, account, known: RefCell::default() }))
    }

    /// Clears the device and generates a key for the account.
    async fn begin(db: IdbDatabase, account: Uuid) -> Result<Self, DeviceError> {
        let algorithm = object(&[("name", "AES-GCM".into()), ("length", JsValue::from_f64(256.0))]);
        let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
        let key = JsFuture::from(subtle()?.generate_key_with_object(&algorithm, false, &uses)?).await?;
        let device = new_id();
        let owner = object(&[("account", account.to_string().into()), ("device", device.to_string().into()), ("key", key)]);
        let tx = writing(&db, &[DRAFTS, OWNER, CONTEXT, CHUNKS])?;
        for name in [DRAFTS, CONTEXT, CHUNKS] {
            tx.object_store(name)?.clear()?;
        }
        tx.object_store(OWNER)?.put_with_key(&owner, &JsValue::from_f64(1.0))?;
        finished(&tx).await?;
        // A request only: the browser may still delete everything.
        let storage = get(&window().navigator(), "storage");
        let _ = call(&storage, "persist", &[]);
        Self::of(db, &owner)?.ok_or(DeviceError::Denied)
    }

    pub(super) fn writing(&self, stores: &[&str]) -> Result<IdbTransaction, DeviceError> {
        writing(&self.db, stores)
    }

    async fn draft(&self, id: Uuid) -> Result<Option<LocalDraft>, DeviceError> {
        let row = value(&self.db, DRAFTS, &id.to_string().into()).await?;
        self.open_row(&id.to_string(), &row).await
    }

    async fn open_row(&self, id: &str, row: &JsValue) -> Result<Option<LocalDraft>, DeviceError> {
        let (Some(mark), Ok(matter)) = (get(row, "mark").as_string(), id.parse::<Uuid>()) else {
            return Ok(None);
        };
        if let Some((known, local)) = self.known.borrow().get(&matter)
            && *known == mark
        {
            return Ok(Some(local.clone()));
        }
        let local: Option<LocalDraft> = self.unseal(id, row).await?;
        if let Some(local) = &local {
            self.known.borrow_mut().insert(matter, (mark, local.clone()));
        }
        Ok(local)
    }

    async fn save(&self, local: &LocalDraft) -> Result<(), DeviceError> {
        let (id, mark) = (local.matter.to_string(), new_id().to_string());
        // Unencrypted, for the log-out dialogue: whether something would be lost.
        let unsent = !matches!(local.location(), SaveLocation::Server(_));
        let marks = object(&[("mark", mark.as_str().into()), ("touched", now_ms().into()), ("unsent", unsent.into())]);
        let plain = plain(local)?;
        self.worker.save(SealedRow { store: DRAFTS, at: id.as_str().into(), aad: &id, plain: &plain, marks }).await?;
        self.known.borrow_mut().insert(local.matter, (mark, local.clone()));
        Ok(())
    }

    async fn rows(&self) -> Result<Vec<(String, JsValue)>, DeviceError> {
        let tx = self.db.transaction_with_str(DRAFTS)?;
        let store = tx.object_store(DRAFTS)?;
        let (keys, rows) = (store.get_all_keys()?, store.get_all()?);
        let keys: Array = answered(&keys).await?.unchecked_into();
        let rows: Array = answered(&rows).await?.unchecked_into();
        Ok(keys.iter().filter_map(|k| k.as_string()).zip(rows.iter()).collect())
    }

    /// Deletes drafts without changes for a week.
    async fn sweep(&self) -> Result<(), DeviceError> {
        let before = now_ms() - RETENTION_MS;
        let rows = self.rows().await?;
        let old: Vec<String> =
            rows.into_iter().filter(|(_, row)| get(row, "touched").as_f64().is_none_or(|t| t < before)).map(|(id, _)| id).collect();
        if old.is_empty() {
            return Ok(());
        }
        let tx = self.writing(&[DRAFTS])?;
        let store = tx.object_store(DRAFTS)?;
        for id in old {
            store.delete(&id.into())?;
        }
        finished(&tx).await
    }

    /// Decrypts a row; `None` if it is absent or sealed with another key.
    pub(super) async fn unseal<T: DeserializeOwned>(&self, aad: &str, row: &JsValue) -> Result<Option<T>, DeviceError> {
        Ok(self.unseal_bytes(aad, row).await?.and_then(|plain| serde_json::from_str(&String::from_utf8(plain).ok()?).ok()))
    }

    pub(super) async fn unseal_bytes(&self, aad: &str, row: &JsValue) -> Result<Option<Vec<u8>>, DeviceError> {
        if !row.is_object() {
            return Ok(None);
        }
        let nonce = Uint8Array::new(&get(row, "nonce")).to_vec();
        let sealed = Uint8Array::new(&get(row, "sealed")).to_vec();
        let beside = Uint8Array::from(aad.as_bytes());
        let algorithm =
            object(&[("name", "AES-GCM".into()), ("iv", Uint8Array::from(&nonce[..]).into()), ("additionalData", beside.into())]);
        let opening = subtle()?.decrypt_with_object_and_u8_array(&algorithm, &self.key, &sealed)?;
        let Ok(plain) = JsFuture::from(opening).await else {
            return Ok(None);
        };
        Ok(Some(Uint8Array::new(&plain).to_vec()))
    }
}

pub(super) fn plain<T: Serialize>(what: &T) -> Result<Vec<u8>, DeviceError> {
    serde_json::to_vec(what).map_err(|_| DeviceError::Denied)
}

async fn open() -> Result<IdbDatabase, DeviceError> {
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

fn writing(db: &IdbDatabase, stores: &[&str]) -> Result<IdbTransaction, DeviceError> {
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
