//! Writing on the device: a worker beside the page seals each row and waits for the disk, so that drawing the page delays no key.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, CryptoKey, MessageEvent, Url, Worker};

use super::js::{Broken, get, object};

/// It travels with the code that talks to it, so that the two are always of one version, and there without a network.
const SCRIPT: &str = include_str!("keeper.js");

/// Who waits for a row, by its number.
type Waiting = Rc<RefCell<BTreeMap<u32, Function>>>;

/// A row to be kept.
pub(super) struct Row<'a> {
    /// The store it stands in.
    pub store: &'static str,
    /// Its key there.
    pub at: JsValue,
    /// What its seal is bound to: opened for any other place, it does not open.
    pub place: &'a str,
    /// What is sealed.
    pub plain: &'a [u8],
    /// What stands beside the seal, for who has no key.
    pub marks: Object,
}

/// The worker of one page.
pub(super) struct Keeper {
    worker: Worker,
    /// Where it has its script from.
    address: String,
    waiting: Waiting,
    last: Cell<u32>,
    broken: Rc<Cell<bool>>,
    _answering: Closure<dyn FnMut(MessageEvent)>,
    _breaking: Closure<dyn FnMut()>,
}

impl Keeper {
    /// A worker that seals with this key.
    pub fn begin(key: &CryptoKey) -> Result<Self, Broken> {
        let kind = BlobPropertyBag::new();
        kind.set_type("text/javascript");
        let script = Blob::new_with_str_sequence_and_options(&Array::of1(&SCRIPT.into()), &kind)?;
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

    /// Seals a row and writes it, after those asked for before. When this returns, it is on the disk.
    pub async fn keep(&self, row: Row<'_>) -> Result<(), Broken> {
        if self.broken.get() {
            return Err(Broken::Refused);
        }
        let number = self.last.get().wrapping_add(1);
        self.last.set(number);
        let plain = Uint8Array::from(row.plain);
        let asked = object(&[
            ("number", number.into()),
            ("store", row.store.into()),
            ("at", row.at),
            ("place", row.place.into()),
            ("plain", plain.clone().into()),
            ("marks", row.marks.into()),
        ]);
        let kept = Promise::new(&mut |done, _| {
            self.waiting.borrow_mut().insert(number, done);
        });
        if let Err(error) = self.worker.post_message_with_transfer(&asked, &Array::of1(&plain.buffer())) {
            self.waiting.borrow_mut().remove(&number);
            return Err(error.into());
        }
        match JsFuture::from(kept).await?.as_string() {
            None => Ok(()),
            Some(why) => Err(Broken::named(&why)),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        let _ = Url::revoke_object_url(&self.address);
    }
}
