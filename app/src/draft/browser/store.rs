//! The device store: encrypted in `IndexedDB` on own devices, in memory otherwise.
//!
//! Each account has a key of its own, which is generated here, is not extractable, and is deleted with the data of the account. The data
//! of another account stays until that account signs out or somebody asks for its deletion. Each change is one transaction with strict
//! durability, so data reported as saved is on the disk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::engine::draft::device::{RowMarks, unsent_of_others};
use domain::engine::draft::sync::LocalDraft;
use js_sys::{Array, Object, Uint8Array};
use leptos::wasm_bindgen::{JsCast, JsValue};
use serde::de::DeserializeOwned;
use uuid::Uuid;
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, IdbDatabase, IdbTransaction};

use super::idb::{answered, finished, open, value, writing};
use super::store_rows::{CHANGED_AT, Losses, adopt_first_version, is_sheet, marks_of, plain, rows};
use super::store_worker::{SealedRow, StoreWorker};
use super::web::{DeviceError, call, get, lock, new_id, now_ms, object, server_now_ms, subtle, window};
use crate::draft::device::{CONTEXT, DRAFTS, OWNER};

/// Lock under which an account gets its key.
const BEGINNING: &str = "begin";

/// An account whose drafts are stored on this device and are not on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherAccount {
    /// The account.
    pub account: Uuid,
    /// Its masked name; empty if it is not known.
    pub label: String,
    /// Number of its drafts that are not on the server.
    pub unsent: usize,
}

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

    /// The store of an account, beside those of other accounts.
    pub async fn open_for(account: Uuid) -> Result<Self, DeviceError> {
        let db = open().await?;
        let _held = lock(BEGINNING).await;
        adopt_first_version(&db).await?;
        let owner = value(&db, OWNER, &account.to_string().into()).await?;
        let disk = match owner.is_object() {
            true => Disk::of(db, &owner)?.ok_or(DeviceError::Denied)?,
            false => Disk::begin(db, account).await?,
        };
        Ok(Self(Rc::new(Kind::Disk(disk))))
    }

    /// Accounts other than this one whose drafts on this device are not on the server.
    pub async fn other_accounts(account: Option<Uuid>) -> Result<Vec<OtherAccount>, DeviceError> {
        let db = open().await?;
        adopt_first_version(&db).await?;
        let rows: Vec<RowMarks> = rows(&db).await?.iter().map(|(_, row)| marks_of(row)).collect();
        let mut others = Vec::new();
        for (account, unsent) in unsent_of_others(&rows, account) {
            let owner = value(&db, OWNER, &account.to_string().into()).await?;
            others.push(OtherAccount { account, label: get(&owner, "label").as_string().unwrap_or_default(), unsent });
        }
        Ok(others)
    }

    /// Deletes all data of this account on the device.
    pub async fn erase(&self) -> Result<(), DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(()) };
        for (id, row) in rows(&disk.db).await? {
            if marks_of(&row).may_belong_to(disk.account)
                && let Ok(matter) = id.parse()
            {
                self.forget(matter).await?;
            }
        }
        let tx = disk.writing(&[OWNER, CONTEXT])?;
        for name in [OWNER, CONTEXT] {
            tx.object_store(name)?.delete(&disk.account.to_string().into())?;
        }
        finished(&tx).await
    }

    /// Deletes drafts that have been on the server and without changes for a while, by the time of the server in milliseconds since 1970; not
    /// the one that is open.
    pub async fn sweep(&self, server_now: i64, open: Option<Uuid>) -> Result<(), DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(()) };
        for (id, row) in rows(&disk.db).await? {
            if let Ok(matter) = id.parse::<Uuid>()
                && open != Some(matter)
                && marks_of(&row).is_expired(disk.account, server_now)
                && self.files(matter).await?.is_empty()
            {
                disk.forget_expired(matter, server_now).await?;
            }
        }
        Ok(())
    }

    /// Whether the account still has its key on the device, so that what is saved can be opened again.
    pub async fn has_owner(&self) -> bool {
        match &*self.0 {
            Kind::Disk(disk) => value(&disk.db, OWNER, &disk.account.to_string().into()).await.is_ok_and(|owner| owner.is_object()),
            Kind::Memory { .. } => true,
        }
    }

    /// Saves the masked name of the account, with which the device names its drafts to others.
    pub async fn save_label(&self, label: &str) -> Result<(), DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(()) };
        let key = JsValue::from(disk.account.to_string());
        let owner = value(&disk.db, OWNER, &key).await?;
        if !owner.is_object() || get(&owner, "label").as_string().is_some_and(|stored| stored == label) {
            return Ok(());
        }
        let _ = js_sys::Reflect::set(&owner, &"label".into(), &label.into());
        let tx = disk.writing(&[OWNER])?;
        tx.object_store(OWNER)?.put_with_key(&owner, &key)?;
        finished(&tx).await
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

    /// Deletes a draft with its files.
    pub async fn forget(&self, id: Uuid) -> Result<(), DeviceError> {
        for file in self.files(id).await? {
            self.remove_file(file.id).await?;
        }
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
        for (id, row) in rows(&disk.db).await? {
            if !is_sheet(&row)
                && marks_of(&row).may_belong_to(disk.account)
                && let Some(local) = disk.open_row(&id, &row).await?
            {
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
        let row = value(&disk.db, CONTEXT, &disk.account.to_string().into()).await?;
        disk.unseal(CONTEXT, &row).await
    }

    /// Saves the context of forms.
    pub async fn save_offline_context(&self, context: &str) -> Result<(), DeviceError> {
        let Kind::Disk(disk) = &*self.0 else {
            return Ok(());
        };
        let plain = context.as_bytes();
        let row = SealedRow { store: CONTEXT, at: disk.account.to_string().into(), aad: CONTEXT, plain, marks: Object::new() };
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

    /// Deletes a draft, unless another tab has changed it since its age was read.
    async fn forget_expired(&self, matter: Uuid, server_now: i64) -> Result<(), DeviceError> {
        let key = JsValue::from(matter.to_string());
        let tx = self.writing(&[DRAFTS])?;
        let drafts = tx.object_store(DRAFTS)?;
        let row = answered(&drafts.get(&key)?).await?;
        if row.is_object() && marks_of(&row).is_expired(self.account, server_now) {
            drafts.delete(&key)?;
            self.known.borrow_mut().remove(&matter);
        }
        finished(&tx).await
    }

    /// Generates a key for the account.
    async fn begin(db: IdbDatabase, account: Uuid) -> Result<Self, DeviceError> {
        let algorithm = object(&[("name", "AES-GCM".into()), ("length", JsValue::from_f64(256.0))]);
        let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
        let key = JsFuture::from(subtle()?.generate_key_with_object(&algorithm, false, &uses)?).await?;
        let device = new_id();
        let owner = object(&[("account", account.to_string().into()), ("device", device.to_string().into()), ("key", key)]);
        let tx = writing(&db, &[OWNER])?;
        tx.object_store(OWNER)?.put_with_key(&owner, &account.to_string().into())?;
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
        let mark = new_id().to_string();
        let losses = Losses { unsent: local.is_unsent(), leftover: local.is_leftover(), submission: local.intent.is_some() };
        self.save_row(local.matter, &mark, losses, &[], &plain(local)?).await?;
        self.known.borrow_mut().insert(local.matter, (mark, local.clone()));
        Ok(())
    }

    /// Saves the row of a matter, with further unencrypted properties.
    pub(super) async fn save_row(
        &self,
        matter: Uuid,
        mark: &str,
        losses: Losses,
        further: &[(&str, JsValue)],
        plain: &[u8],
    ) -> Result<(), DeviceError> {
        let (id, marks) = (matter.to_string(), self.marks());
        let own = [
            ("mark", mark.into()),
            ("touched", now_ms().into()),
            (CHANGED_AT, server_now_ms().map_or(JsValue::UNDEFINED, JsValue::from)),
            ("unsent", losses.unsent.into()),
            ("leftover", losses.leftover.into()),
            ("submission", losses.submission.into()),
        ];
        for (name, value) in own.iter().chain(further) {
            let _ = js_sys::Reflect::set(&marks, &(*name).into(), value);
        }
        self.worker.save(SealedRow { store: DRAFTS, at: id.as_str().into(), aad: &id, plain, marks }).await
    }

    /// Unencrypted properties of each row: the account it belongs to.
    pub(super) fn marks(&self) -> Object {
        object(&[("account", self.account.to_string().into())])
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
