//! Browser interfaces without types in `web-sys`.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use leptos::prelude::{on_cleanup, window_event_listener_untyped};
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use uuid::Uuid;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Event, FormData, HtmlButtonElement, HtmlFormElement, Response, SubtleCrypto, Window};

use crate::composition::composed_control;
use crate::draft::device::{DEVICE_OWNER, LEFT_UNSAVED};
use crate::draft::{NO_REDIRECT, REDIRECT_TO};

/// Why the device could not store something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceError {
    /// The browser refuses storage.
    Denied,
    /// No space left.
    QuotaExceeded,
}

impl DeviceError {
    /// Converts the name of a `DOMException`.
    pub fn named(name: &str) -> Self {
        if name == "QuotaExceededError" { DeviceError::QuotaExceeded } else { DeviceError::Denied }
    }

    /// Message for the user.
    pub fn text(self) -> &'static str {
        match self {
            DeviceError::Denied => "浏览器不允许在本机保存，断网或关闭页面前请等待内容保存到服务器",
            DeviceError::QuotaExceeded => "本机存储空间已满，无法在本机保存，断网或关闭页面前请等待内容保存到服务器",
        }
    }
}

impl From<JsValue> for DeviceError {
    fn from(error: JsValue) -> Self {
        get(&error, "name").as_string().map_or(DeviceError::Denied, |name| DeviceError::named(&name))
    }
}

/// The window.
pub fn window() -> Window {
    leptos::prelude::window()
}

/// Asks the user a question with two answers.
pub fn confirmed(question: &str) -> bool {
    window().confirm_with_message(question).unwrap_or(false)
}

/// Reads a property; `undefined` if absent.
pub fn get(of: &JsValue, name: &str) -> JsValue {
    if of.is_undefined() || of.is_null() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Calls a method.
pub fn call(of: &JsValue, name: &str, args: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = get(of, name).dyn_into()?;
    method.apply(of, &args.iter().collect::<Array>())
}

/// Creates an object.
pub fn object(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in pairs {
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

/// `crypto.subtle`, which only secure origins have.
pub fn subtle() -> Result<SubtleCrypto, DeviceError> {
    get(&get(&window(), "crypto"), "subtle").dyn_into().map_err(|_| DeviceError::Denied)
}

/// Random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

/// Milliseconds since 1970.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// A new id, ordered by time.
pub fn new_id() -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(now_ms() as u64, &random::<10>()).into_uuid()
}

/// The matter whose draft is open at this address.
pub fn open_matter() -> Option<Uuid> {
    let path = window().location().pathname().ok()?;
    let mut parts = path.split('/').skip(1);
    match (parts.next()?, parts.next()?, parts.next()) {
        ("matters", matter, _) | ("expert", _, Some(matter)) => matter.parse().ok(),
        _ => None,
    }
}

/// Remembers, in this tab, that a page of a draft is left while its last text is on its way to the server.
pub fn remember_left(matter: &str) {
    let _ = call(&get(&window(), "sessionStorage"), "setItem", &[LEFT_UNSAVED.into(), matter.into()]);
}

/// Whether a page of this draft was left so in this tab; asked once.
pub fn was_left(matter: &str) -> bool {
    let storage = get(&window(), "sessionStorage");
    let left = call(&storage, "getItem", &[LEFT_UNSAVED.into()]).ok().and_then(|left| left.as_string());
    let _ = call(&storage, "removeItem", &[LEFT_UNSAVED.into()]);
    left.is_some_and(|left| left == matter)
}

/// Hours by which the time of the pages (Asia/Shanghai, without daylight saving) is ahead of UTC.
const SHANGHAI_HOURS: f64 = 8.0;

thread_local! {
    /// Milliseconds by which the server's clock is ahead of the device's; `None` until a response of the server has said so.
    static CLOCK_OFFSET: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Milliseconds since 1970 by the server's clock; `None` if the server has not been reached from this page.
pub fn server_now_ms() -> Option<f64> {
    CLOCK_OFFSET.get().map(|ahead| now_ms() + ahead)
}

/// The current time by the server's clock as hour and minute, in the zone of all pages.
pub fn clock() -> String {
    let now = js_sys::Date::new(&(server_now_ms().unwrap_or_else(now_ms) + SHANGHAI_HOURS * 3_600_000.0).into());
    format!("{:02}:{:02}", now.get_utc_hours(), now.get_utc_minutes())
}

/// Learns the server's time from a response.
fn note_server_time(response: &Response) {
    let server = response.headers().get("date").ok().flatten().map_or(f64::NAN, |date| js_sys::Date::parse(&date));
    // The header counts whole seconds; less is no difference of clocks.
    if server.is_finite() {
        let ahead = server - now_ms();
        CLOCK_OFFSET.set(Some(if ahead.abs() < 2_000.0 { 0.0 } else { ahead }));
    }
}

/// The account that declared this device as its own.
pub fn device_owner() -> Option<Uuid> {
    device_owner_id()?.parse().ok()
}

/// The same, as text.
pub fn device_owner_id() -> Option<String> {
    call(&get(&window(), "localStorage"), "getItem", &[DEVICE_OWNER.into()]).ok()?.as_string()
}

/// A Web Lock shared by all tabs, released when dropped.
pub struct LockGuard(Option<Function>);

impl Drop for LockGuard {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

/// Waits for a lock. Browsers without Web Locks do not wait; the server distinguishes patches by their keys.
pub async fn lock(name: &str) -> LockGuard {
    let locks = get(&window().navigator(), "locks");
    if locks.is_undefined() {
        return LockGuard(None);
    }
    let mut release = None;
    let held = Promise::new(&mut |done, _| release = Some(done));
    let mut granted = None;
    let waiting = Promise::new(&mut |done, _| granted = Some(done));
    let have = Closure::once_into_js(move |_lock: JsValue| -> JsValue {
        if let Some(granted) = granted {
            let _ = granted.call0(&JsValue::NULL);
        }
        held.into()
    });
    if call(&locks, "request", &[name.into(), have]).is_ok() {
        let _ = JsFuture::from(waiting).await;
    }
    LockGuard(release)
}

/// Posts JSON; returns status and body, or `None` if the server is unreachable. A running post survives the page.
pub async fn post(path: &str, kind: &str, body: &str) -> Option<(u16, String)> {
    let headers = object(&[("content-type", kind.into()), ("accept", "application/json".into())]);
    // Browsers limit `keepalive` requests to 64 kB.
    let lasting = body.len() < 60_000;
    let init = object(&[
        ("method", "POST".into()),
        ("headers", headers.into()),
        ("body", body.into()),
        ("keepalive", lasting.into()),
        ("credentials", "same-origin".into()),
    ]);
    let response = fetch(path, &init).await?;
    Some((response.status(), text_of(&response).await?))
}

/// Submits a form; `None` if the server is unreachable.
pub async fn send_form(form: &HtmlFormElement, button: Option<&HtmlButtonElement>) -> Option<Response> {
    let button = button.filter(|b| !b.name().is_empty()).map(|b| (b.name(), b.value()));
    fetch(&form.action(), &form_request(form, button, false)?).await
}

/// Submits a form so that the page is saved and no button is followed; `None` if the server is unreachable.
pub async fn save_form(form: &HtmlFormElement) -> Option<Response> {
    fetch(&form.action(), &form_request(form, Some(save_button()), false)?).await
}

/// Submits a form without waiting for the response, also while the page is closed. The page is saved, and no button is followed.
pub fn send_form_and_leave(form: &HtmlFormElement) {
    if let Some(init) = form_request(form, Some(save_button()), true) {
        let _ = call(&window(), "fetch", &[form.action().into(), init.into()]);
    }
}

/// Name and value of the button that saves the page.
fn save_button() -> (String, String) {
    ("_action".to_owned(), "save".to_owned())
}

/// The request that posts a form as if a button had been pressed. `lasting`: it survives the page.
fn form_request(form: &HtmlFormElement, button: Option<(String, String)>, lasting: bool) -> Option<Object> {
    let pairs = FormData::new_with_form(form).ok()?;
    if let Some((name, value)) = button {
        pairs.append_with_str(&name, &value).ok()?;
    }
    if let Some((name, before)) = composed_control().filter(|(name, _)| pairs.has(name)) {
        pairs.set_with_str(&name, &before).ok()?;
    }
    Some(object(&[
        ("method", "POST".into()),
        ("body", form_body(form, pairs)?),
        ("headers", object(&[(NO_REDIRECT, "1".into())]).into()),
        ("keepalive", lasting.into()),
        ("credentials", "same-origin".into()),
    ]))
}

/// The fields of a form, encoded as the form asks for.
fn form_body(form: &HtmlFormElement, pairs: FormData) -> Option<JsValue> {
    match form.enctype().as_str() {
        "multipart/form-data" => Some(JsValue::from(pairs)),
        _ => Reflect::construct(&get(&window(), "URLSearchParams").into(), &Array::of1(&pairs)).ok(),
    }
}

/// Address to which the response leads; `None` if it is a page itself.
pub fn redirect_of(response: &Response) -> Option<String> {
    response.headers().get(REDIRECT_TO).ok().flatten()
}

/// Fetches; `None` if the server is unreachable.
async fn fetch(path: &str, init: &Object) -> Option<Response> {
    let response: Response = resolved(call(&window(), "fetch", &[path.into(), init.into()])).await?.dyn_into().ok()?;
    note_server_time(&response);
    Some(response)
}

/// Posts JSON without waiting for the response, also while the page is closed.
pub fn beacon(path: &str, body: &str) {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&Array::of1(&body.into()), &kind) {
        let _ = window().navigator().send_beacon_with_opt_blob(path, Some(&blob));
    }
}

/// Has the browser store the files that pages need without a network.
pub fn register_worker() {
    let workers = get(&window().navigator(), "serviceWorker");
    let _ = call(&workers, "register", &["/sw.js".into()]);
}

/// Waits.
pub async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |done, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, ms);
    });
    let _ = JsFuture::from(promise).await;
}

/// Interval in which the end of a composition is awaited.
const COMPOSING_MS: i32 = 50;

/// Waits until no text is being composed on the page.
pub async fn composition_end() {
    while composed_control().is_some() {
        sleep(COMPOSING_MS).await;
    }
}

/// The result of a future, or `None` after a timeout.
pub async fn timeout<T>(ms: i32, what: impl Future<Output = T>) -> Option<T> {
    let (mut what, mut time) = (pin!(what), pin!(sleep(ms)));
    poll_fn(|context| match what.as_mut().poll(context) {
        Poll::Ready(come) => Poll::Ready(Some(come)),
        Poll::Pending => time.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Whether the server is reachable.
pub async fn server_reachable() -> bool {
    let init = object(&[("method", "HEAD".into()), ("cache", "no-store".into())]);
    fetch("/healthz", &init).await.is_some_and(|response| response.ok())
}

/// Response to an upload request.
pub struct UploadResponse {
    /// Status.
    pub status: u16,
    /// Offset in the response, if present.
    pub offset: Option<u64>,
    /// Body.
    pub text: String,
}

/// Sends an upload request; `None` if the server is unreachable.
pub async fn upload_request(method: &str, path: &str, headers: &[(&str, JsValue)], bytes: Option<&[u8]>) -> Option<UploadResponse> {
    let headers = object(headers);
    let _ = Reflect::set(&headers, &"tus-resumable".into(), &"1.0.0".into());
    let body = bytes.map_or(JsValue::UNDEFINED, |bytes| Uint8Array::from(bytes).into());
    let init = object(&[("method", method.into()), ("headers", headers.into()), ("body", body), ("cache", "no-store".into())]);
    let response = fetch(path, &init).await?;
    let offset = response.headers().get("upload-offset").ok().flatten().and_then(|at| at.parse().ok());
    Some(UploadResponse { status: response.status(), offset, text: text_of(&response).await? })
}

async fn text_of(response: &Response) -> Option<String> {
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// Reads a range of a file; `None` if the browser cannot read it any more.
pub async fn read_range(file: &Blob, from: u64, to: u64) -> Option<Vec<u8>> {
    let cut = file.slice_with_f64_and_f64(from as f64, to as f64).ok()?;
    let read = resolved(call(&cut, "arrayBuffer", &[])).await?;
    Some(Uint8Array::new(&read).to_vec())
}

/// Encodes the UTF-8 of a text as base64.
pub fn base64(text: &str) -> String {
    let bytes: String = text.bytes().map(char::from).collect();
    window().btoa(&bytes).unwrap_or_default()
}

async fn resolved(promise: Result<JsValue, JsValue>) -> Option<JsValue> {
    JsFuture::from(promise.ok()?.dyn_into::<Promise>().ok()?).await.ok()
}

/// Listens to an event of the window for as long as the current owner lives.
pub fn on_window(name: &'static str, handler: Box<dyn Fn(Event)>) {
    let listening = window_event_listener_untyped(name, handler);
    on_cleanup(move || listening.remove());
}

/// The element at which an event happened.
pub fn target_of<T: JsCast>(event: &Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}

/// Listeners on the window that are removed together.
#[derive(Default)]
pub struct WindowListeners(RefCell<Vec<(&'static str, Function)>>);

impl WindowListeners {
    /// Adds one.
    pub fn add(&self, name: &'static str, handler: Box<dyn FnMut(Event)>) {
        let handler: Function = Closure::wrap(handler).into_js_value().unchecked_into();
        let _ = window().add_event_listener_with_callback(name, &handler);
        self.0.borrow_mut().push((name, handler));
    }

    /// Removes all.
    pub fn remove(&self) {
        for (name, handler) in self.0.take() {
            let _ = window().remove_event_listener_with_callback(name, &handler);
        }
    }
}
