//! What this device keeps: sealed in IndexedDB on a device its user called their own, in memory elsewhere.
//!
//! The key is made here, cannot be taken out of the browser, and goes with the account it was made for. Each change is one transaction
//! of strict durability; what is told to be kept is on the disk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::engine::draft::sync::{Local, Where};
use js_sys::{Array, Object, Promise, Uint8Array};
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, IdbDatabase, IdbRequest, IdbTransaction, IdbTransactionMode};

use super::js::{Broken, before, call, fresh_id, get, lock, now_ms, object, subtle, window};
use super::keeper::{Keeper, Row};

const NAME: &str = "registrar";
const VERSION: u32 = 1;
const DRAFTS: &str = "draft";
const OWNER: &str = "owner";
const SCENE: &str = "scene";
/// Pieces of files.
pub const PIECES: &str = "piece";
/// A browser that does not open the store in this time does not let us in.
const OPENING_MS: i32 = 3_000;
/// A draft that nobody touched for so long goes.
pub(super) const KEPT_MS: f64 = 7.0 * 86_400_000.0;

/// What this device keeps.
#[derive(Clone)]
pub struct Store(pub(super) Rc<Kind>);

pub(super) enum Kind {
    Disk(Disk),
    Memory { device: Uuid, drafts: RefCell<BTreeMap<Uuid, Local>> },
}

pub(super) struct Disk {
    pub(super) db: IdbDatabase,
    key: CryptoKey,
    pub(super) keeper: Keeper,
    device: Uuid,
    account: Uuid,
    /// The drafts as they were last read or written here, each with the mark of that writing.
    known: RefCell<BTreeMap<Uuid, (String, Local)>>,
}

impl Store {
    /// A store that ends with the page.
    pub fn memory(held: Option<&Local>) -> Self {
        let drafts = held.map(|local| (local.matter, local.clone())).into_iter().collect();
        let device = held.map_or_else(fresh_id, |local| local.device);
        Self(Rc::new(Kind::Memory { device, drafts: RefCell::new(drafts) }))
    }

    /// The store of an account on this device. What another account kept here goes.
    pub async fn of(account: Uuid) -> Result<Self, Broken> {
        let db = open().await?;
        let owner = value(&db, OWNER, &JsValue::from_f64(1.0)).await?;
        let whose = get(&owner, "account").as_string().and_then(|t| t.parse::<Uuid>().ok());
        if whose == Some(account) {
            let disk = Disk::of(db, &owner)?.ok_or(Broken::Refused)?;
            disk.sweep().await?;
            return Ok(Self(Rc::new(Kind::Disk(disk))));
        }
        let disk = Disk::begin(db, account).await?;
        Ok(Self(Rc::new(Kind::Disk(disk))))
    }

    /// The store of whoever called this device their own, if there is one.
    pub async fn there() -> Result<Option<Self>, Broken> {
        let db = open().await?;
        let owner = value(&db, OWNER, &JsValue::from_f64(1.0)).await?;
        let Some(disk) = Disk::of(db, &owner)? else {
            return Ok(None);
        };
        disk.sweep().await?;
        Ok(Some(Self(Rc::new(Kind::Disk(disk)))))
    }

    /// Removes everything this site keeps on the device.
    pub async fn erase(&self) -> Result<(), Broken> {
        if let Kind::Disk(disk) = &*self.0 {
            let tx = disk.writing(&[DRAFTS, OWNER, SCENE, PIECES])?;
            for name in [DRAFTS, OWNER, SCENE, PIECES] {
                tx.object_store(name)?.clear()?;
            }
            finished(&tx).await?;
        }
        Ok(())
    }

    /// Whether what is kept outlives the page.
    pub fn lasts(&self) -> bool {
        matches!(&*self.0, Kind::Disk(_))
    }

    /// The account it is kept for, where it outlives the page.
    pub fn account(&self) -> Option<Uuid> {
        match &*self.0 {
            Kind::Disk(disk) => Some(disk.account),
            Kind::Memory { .. } => None,
        }
    }

    /// This device.
    pub fn device(&self) -> Uuid {
        match &*self.0 {
            Kind::Disk(disk) => disk.device,
            Kind::Memory { device, .. } => *device,
        }
    }

    /// A draft as it is kept here.
    pub async fn draft(&self, id: Uuid) -> Result<Option<Local>, Broken> {
        match &*self.0 {
            Kind::Disk(disk) => disk.draft(id).await,
            Kind::Memory { drafts, .. } => Ok(drafts.borrow().get(&id).cloned()),
        }
    }

    /// Keeps a draft. When this returns, it is on the disk.
    pub async fn keep(&self, local: &Local) -> Result<(), Broken> {
        match &*self.0 {
            Kind::Disk(disk) => disk.keep(local).await,
            Kind::Memory { drafts, .. } => {
                drafts.borrow_mut().insert(local.matter, local.clone());
                Ok(())
            }
        }
    }

    /// Lets a draft go.
    pub async fn forget(&self, id: Uuid) -> Result<(), Broken> {
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

    /// Every draft kept here, the last touched first.
    pub async fn drafts(&self) -> Result<Vec<Local>, Broken> {
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

    /// What forms are drawn with.
    pub async fn scene<T: DeserializeOwned>(&self) -> Result<Option<T>, Broken> {
        let Kind::Disk(disk) = &*self.0 else {
            return Ok(None);
        };
        let row = value(&disk.db, SCENE, &JsValue::from_f64(1.0)).await?;
        disk.unseal(SCENE, &row).await
    }

    /// Keeps what forms are drawn with.
    pub async fn keep_scene<T: Serialize>(&self, scene: &T) -> Result<(), Broken> {
        let Kind::Disk(disk) = &*self.0 else {
            return Ok(());
        };
        let plain = plain(scene)?;
        let row = Row { store: SCENE, at: JsValue::from_f64(1.0), place: SCENE, plain: &plain, marks: Object::new() };
        disk.keeper.keep(row).await
    }
}

impl Disk {
    /// The disk of this owner; none if there is no owner.
    fn of(db: IdbDatabase, owner: &JsValue) -> Result<Option<Self>, Broken> {
        let id = |name: &str| get(owner, name).as_string()?.parse::<Uuid>().ok();
        let key: Option<CryptoKey> = get(owner, "key").dyn_into().ok();
        let (Some(key), Some(device), Some(account)) = (key, id("device"), id("account")) else {
            return Ok(None);
        };
        let keeper = Keeper::begin(&key)?;
        Ok(Some(Self { db, key, keeper, device, account, known: RefCell::default() }))
    }

    /// Clears the device and makes a key for the account.
    async fn begin(db: IdbDatabase, account: Uuid) -> Result<Self, Broken> {
        let algorithm = object(&[("name", "AES-GCM".into()), ("length", JsValue::from_f64(256.0))]);
        let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
        let key = JsFuture::from(subtle()?.generate_key_with_object(&algorithm, false, &uses)?).await?;
        let device = fresh_id();
        let owner = object(&[("account", account.to_string().into()), ("device", device.to_string().into()), ("key", key)]);
        let tx = writing(&db, &[DRAFTS, OWNER, SCENE, PIECES])?;
        for name in [DRAFTS, SCENE, PIECES] {
            tx.object_store(name)?.clear()?;
        }
        tx.object_store(OWNER)?.put_with_key(&owner, &JsValue::from_f64(1.0))?;
        finished(&tx).await?;
        // Asked for, not relied upon: the browser may still remove everything.
        let storage = get(&window().navigator(), "storage");
        let _ = call(&storage, "persist", &[]);
        Self::of(db, &owner)?.ok_or(Broken::Refused)
    }

    pub(super) fn writing(&self, stores: &[&str]) -> Result<IdbTransaction, Broken> {
        writing(&self.db, stores)
    }

    async fn draft(&self, id: Uuid) -> Result<Option<Local>, Broken> {
        let row = value(&self.db, DRAFTS, &id.to_string().into()).await?;
        self.open_row(&id.to_string(), &row).await
    }

    async fn open_row(&self, id: &str, row: &JsValue) -> Result<Option<Local>, Broken> {
        let (Some(mark), Ok(matter)) = (get(row, "mark").as_string(), id.parse::<Uuid>()) else {
            return Ok(None);
        };
        if let Some((known, local)) = self.known.borrow().get(&matter)
            && *known == mark
        {
            return Ok(Some(local.clone()));
        }
        let local: Option<Local> = self.unseal(id, row).await?;
        if let Some(local) = &local {
            self.known.borrow_mut().insert(matter, (mark, local.clone()));
        }
        Ok(local)
    }

    async fn keep(&self, local: &Local) -> Result<(), Broken> {
        let (id, mark) = (local.matter.to_string(), fresh_id().to_string());
        // Outside the seal, for who signs out: whether something is lost with it.
        let unsent = !matches!(local.place(), Where::There(_));
        let marks = object(&[("mark", mark.as_str().into()), ("touched", now_ms().into()), ("unsent", unsent.into())]);
        let plain = plain(local)?;
        self.keeper.keep(Row { store: DRAFTS, at: id.as_str().into(), place: &id, plain: &plain, marks }).await?;
        self.known.borrow_mut().insert(local.matter, (mark, local.clone()));
        Ok(())
    }

    async fn rows(&self) -> Result<Vec<(String, JsValue)>, Broken> {
        let tx = self.db.transaction_with_str(DRAFTS)?;
        let store = tx.object_store(DRAFTS)?;
        let (keys, rows) = (store.get_all_keys()?, store.get_all()?);
        let keys: Array = answered(&keys).await?.unchecked_into();
        let rows: Array = answered(&rows).await?.unchecked_into();
        Ok(keys.iter().filter_map(|k| k.as_string()).zip(rows.iter()).collect())
    }

    /// Lets go what nobody touched for a week.
    async fn sweep(&self) -> Result<(), Broken> {
        let before = now_ms() - KEPT_MS;
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

    /// What was sealed; none if there is nothing, or nothing that this key opens.
    pub(super) async fn unseal<T: DeserializeOwned>(&self, place: &str, row: &JsValue) -> Result<Option<T>, Broken> {
        Ok(self.unseal_bytes(place, row).await?.and_then(|plain| serde_json::from_slice(&plain).ok()))
    }

    pub(super) async fn unseal_bytes(&self, place: &str, row: &JsValue) -> Result<Option<Vec<u8>>, Broken> {
        if !row.is_object() {
            return Ok(None);
        }
        let nonce = Uint8Array::new(&get(row, "nonce")).to_vec();
        let sealed = Uint8Array::new(&get(row, "sealed")).to_vec();
        let beside = Uint8Array::from(place.as_bytes());
        let algorithm =
            object(&[("name", "AES-GCM".into()), ("iv", Uint8Array::from(&nonce[..]).into()), ("additionalData", beside.into())]);
        let opening = subtle()?.decrypt_with_object_and_u8_array(&algorithm, &self.key, &sealed)?;
        let Ok(plain) = JsFuture::from(opening).await else {
            return Ok(None);
        };
        Ok(Some(Uint8Array::new(&plain).to_vec()))
    }
}

pub(super) fn plain<T: Serialize>(what: &T) -> Result<Vec<u8>, Broken> {
    serde_json::to_vec(what).map_err(|_| Broken::Refused)
}

async fn open() -> Result<IdbDatabase, Broken> {
    // Browsers freeze a page that is left, to show it again at once; but not one that holds a lock. Frozen while it opens the store, it
    // would keep every other page out.
    let _held = lock("open").await;
    let factory = window().indexed_db()?.ok_or(Broken::Refused)?;
    let request = factory.open_with_u32(NAME, VERSION)?;
    let asked = request.clone();
    let make = Closure::once_into_js(move || {
        let Ok(db) = asked.result().and_then(|r| r.dyn_into::<IdbDatabase>()) else { return };
        for name in [DRAFTS, OWNER, SCENE, PIECES] {
            let _ = db.create_object_store(name);
        }
    });
    request.set_onupgradeneeded(Some(make.unchecked_ref()));
    let db: IdbDatabase = match before(OPENING_MS, answered(&request)).await {
        Some(db) => db?.dyn_into()?,
        None => return Err(Broken::Refused),
    };
    // Another tab erases everything.
    let closing = db.clone();
    let close = Closure::once_into_js(move || closing.close());
    db.set_onversionchange(Some(close.unchecked_ref()));
    Ok(db)
}

fn writing(db: &IdbDatabase, stores: &[&str]) -> Result<IdbTransaction, Broken> {
    let names: Array = stores.iter().map(|s| JsValue::from_str(s)).collect();
    let strict = object(&[("durability", "strict".into())]);
    let mode = JsValue::from(IdbTransactionMode::Readwrite);
    Ok(call(db, "transaction", &[names.into(), mode, strict.into()])?.dyn_into()?)
}

pub(super) async fn value(db: &IdbDatabase, store: &str, key: &JsValue) -> Result<JsValue, Broken> {
    let tx = db.transaction_with_str(store)?;
    answered(&tx.object_store(store)?.get(key)?).await
}

/// The result of a request.
pub(super) async fn answered(request: &IdbRequest) -> Result<JsValue, Broken> {
    let promise = Promise::new(&mut |done, broken| {
        request.set_onsuccess(Some(&done));
        request.set_onerror(Some(&broken));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(request.result()?),
        Err(_) => Err(request.error().ok().flatten().map_or(Broken::Refused, |e| Broken::named(&e.name()))),
    }
}

/// Waits until a transaction is on the disk.
pub(super) async fn finished(tx: &IdbTransaction) -> Result<(), Broken> {
    let promise = Promise::new(&mut |done, broken| {
        tx.set_oncomplete(Some(&done));
        tx.set_onabort(Some(&broken));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(()),
        Err(_) => Err(tx.error().map_or(Broken::Refused, |e| Broken::named(&e.name()))),
    }
}
