//! Writes to the device: a worker encrypts each row and waits for the disk, so that rendering does not delay saves.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, CryptoKey, MessageEvent, Url, Worker};

use super::web::{DeviceError, get, object};
use crate::draft::device::with_names;

/// The script is part of the program, so that both have the same version and need no network.
const SCRIPT: &str = include_str!("store_worker.js");

/// Waiting callers by row number.
type Waiting = Rc<RefCell<BTreeMap<u32, Function>>>;

/// A row to save.
pub(super) struct SealedRow<'a> {
    /// Object store.
    pub store: &'static str,
    /// Key.
    pub at: JsValue,
    /// Additional authenticated data to which the encryption is bound.
    pub aad: &'a str,
    /// Plain text.
    pub plain: &'a [u8],
    /// Unencrypted properties.
    pub marks: Object,
}

/// The worker of one page.
pub(super) struct StoreWorker {
    worker: Worker,
    /// Blob URL of the script.
    address: String,
    waiting: Waiting,
    last: Cell<u32>,
    broken: Rc<Cell<bool>>,
    _answering: Closure<dyn FnMut(MessageEvent)>,
    _breaking: Closure<dyn FnMut()>,
}

impl StoreWorker {
    /// Starts a worker with this key.
    pub fn spawn(key: &CryptoKey) -> Result<Self, DeviceError> {
        let kind = BlobPropertyBag::new();
        kind.set_type("text/javascript");
        let script = Blob::new_with_str_sequence_and_options(&Array::of1(&with_names(SCRIPT).into()), &kind)?;
        let address = Url::create_object_url_with_blob(&script)?;
        let worker = Worker::new(&address)?;
        let (waiting, broken) = (Waiting::default(), Rc::new(Cell::new(false)));
        let who = waiting.clone();
        let answering = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let number = get(&event.data(), "number").as_f64().unwrap_or_default() as u32;
            let done = who.borrow_mut().remove(&number);
            if let Some(done) = done {
                let _ = done.call1(&JsValue::NULL, &get(&event.data(), "broken"));
            }
        });
        let (who, failed) = (waiting.clone(), broken.clone());
        let breaking = Closure::<dyn FnMut()>::new(move || {
            failed.set(true);
            for done in who.take().into_values() {
                let _ = done.call1(&JsValue::NULL, &"".into());
            }
        });
        worker.set_onmessage(Some(answering.as_ref().unchecked_ref()));
        worker.set_onerror(Some(breaking.as_ref().unchecked_ref()));
        worker.post_message(&object(&[("key", key.into())]))?;
        Ok(Self { worker, address, waiting, last: Cell::new(0), broken, _answering: answering, _breaking: breaking })
    }

    /// Encrypts and writes a row durably, in the order of the calls.
    pub async fn save(&self, row: SealedRow<'_>) -> Result<(), DeviceError> {
        if self.broken.get() {
            return Err(DeviceError::Denied);
        }
        let number = self.last.get().wrapping_add(1);
        self.last.set(number);
        let plain = Uint8Array::from(row.plain);
        let asked = object(&[
            ("number", number.into()),
            ("store", row.store.into()),
            ("at", row.at),
            ("aad", row.aad.into()),
            ("plain", plain.clone().into()),
            ("marks", row.marks.into()),
        ]);
        let saved = Promise::new(&mut |done, _| {
            self.waiting.borrow_mut().insert(number, done);
        });
        if let Err(error) = self.worker.post_message_with_transfer(&asked, &Array::of1(&plain.buffer())) {
            self.waiting.borrow_mut().remove(&number);
            return Err(error.into());
        }
        match JsFuture::from(saved).await?.as_string() {
            None => Ok(()),
            Some(why) => Err(DeviceError::named(&why)),
        }
    }
}

impl Drop for StoreWorker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        let _ = Url::revoke_object_url(&self.address);
    }
}
