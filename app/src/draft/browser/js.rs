//! The few calls to the browser that have no types of their own here.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use uuid::Uuid;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, FormData, HtmlButtonElement, HtmlFormElement, SubtleCrypto, Window};

use crate::draft::{GO_ON, STAY};

/// Where the browser remembers for which account it keeps drafts; `device.js` writes it.
const KEPT_FOR: &str = "registrar-account";

/// Why this device could not keep something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The browser does not let this site keep anything.
    Refused,
    /// There is no room left.
    Full,
}

impl Broken {
    /// By the name the browser gives it.
    pub fn named(name: &str) -> Self {
        if name == "QuotaExceededError" { Broken::Full } else { Broken::Refused }
    }

    /// What the person is told.
    pub fn text(self) -> &'static str {
        match self {
            Broken::Refused => "浏览器不允许在本机保存，断网或关闭页面前请等待内容保存到服务器",
            Broken::Full => "本机存储空间已满，无法在本机保存，断网或关闭页面前请等待内容保存到服务器",
        }
    }
}

impl From<JsValue> for Broken {
    fn from(error: JsValue) -> Self {
        get(&error, "name").as_string().map_or(Broken::Refused, |name| Broken::named(&name))
    }
}

/// The window.
pub fn window() -> Window {
    leptos::prelude::window()
}

/// A property; undefined if there is none.
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

/// An object of these properties.
pub fn object(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in pairs {
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

/// The browser's cipher. Only pages of a secure origin have it.
pub fn subtle() -> Result<SubtleCrypto, Broken> {
    get(&get(&window(), "crypto"), "subtle").dyn_into().map_err(|_| Broken::Refused)
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
pub fn fresh_id() -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(now_ms() as u64, &random::<10>()).into_uuid()
}

/// The hour and minute now, as people read it.
pub fn clock() -> String {
    let now = js_sys::Date::new_0();
    format!("{:02}:{:02}", now.get_hours(), now.get_minutes())
}

/// The account that called this device their own, at this log-in or an earlier one.
pub fn kept_for() -> Option<Uuid> {
    let kept = call(&get(&window(), "localStorage"), "getItem", &[KEPT_FOR.into()]).ok()?;
    kept.as_string()?.parse().ok()
}

/// A lock that all tabs of this site share; let go when it is dropped.
pub struct Held(Option<Function>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

/// Waits for a lock. Where the browser has none there is nothing to wait for: the server tells patches apart by themselves.
pub async fn lock(name: &str) -> Held {
    let locks = get(&window().navigator(), "locks");
    if locks.is_undefined() {
        return Held(None);
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
    Held(release)
}

/// Posts JSON to this site; gives the status and the text of the answer, or nothing if the server was not reached. A post under way
/// outlives the page.
pub async fn post(path: &str, kind: &str, body: &str) -> Option<(u16, String)> {
    let headers = object(&[("content-type", kind.into()), ("accept", "application/json".into())]);
    // Browsers hold what outlives a page to 64 kB.
    let lasting = body.len() < 60_000;
    let init = object(&[
        ("method", "POST".into()),
        ("headers", headers.into()),
        ("body", body.into()),
        ("keepalive", lasting.into()),
        ("credentials", "same-origin".into()),
    ]);
    let asked: Promise = call(&window(), "fetch", &[path.into(), init.into()]).ok()?.dyn_into().ok()?;
    let response = JsFuture::from(asked).await.ok()?;
    let status = get(&response, "status").as_f64()? as u16;
    let text: Promise = call(&response, "text", &[]).ok()?.dyn_into().ok()?;
    let text = JsFuture::from(text).await.ok()?.as_string()?;
    Some((status, text))
}

/// What became of a form that was sent.
pub struct Landed {
    /// The status.
    pub status: u16,
    /// Where it led to; none if it was answered with a page of its own.
    pub at: Option<String>,
    /// Whether files were sent.
    pub files: bool,
}

/// Sends a form as its button would; none if the server was not reached.
pub async fn send_form(form: &HtmlFormElement, button: Option<&HtmlButtonElement>) -> Option<Landed> {
    let pairs = FormData::new_with_form(form).ok()?;
    if let Some(button) = button.filter(|b| !b.name().is_empty()) {
        pairs.append_with_str(&button.name(), &button.value()).ok()?;
    }
    let files = Array::from(&pairs).iter().any(|pair| get(&Array::from(&pair).get(1), "size").as_f64().is_some_and(|size| size > 0.0));
    let body = match form.enctype().as_str() {
        "multipart/form-data" => JsValue::from(pairs),
        _ => Reflect::construct(&get(&window(), "URLSearchParams").into(), &Array::of1(&pairs)).ok()?,
    };
    let headers = object(&[(STAY, "1".into())]);
    let init = object(&[("method", "POST".into()), ("body", body), ("headers", headers.into()), ("credentials", "same-origin".into())]);
    let asked: Promise = call(&window(), "fetch", &[form.action().into(), init.into()]).ok()?.dyn_into().ok()?;
    let response = JsFuture::from(asked).await.ok()?;
    let at = call(&get(&response, "headers"), "get", &[GO_ON.into()]).ok().and_then(|at| at.as_string());
    Some(Landed { status: get(&response, "status").as_f64()? as u16, at, files })
}

/// Posts JSON to this site without waiting for an answer; it goes out even when the page is gone.
pub fn beacon(path: &str, body: &str) {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&Array::of1(&body.into()), &kind) {
        let _ = window().navigator().send_beacon_with_opt_blob(path, Some(&blob));
    }
}

/// Waits.
pub async fn pause(ms: i32) {
    let promise = Promise::new(&mut |done, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, ms);
    });
    let _ = JsFuture::from(promise).await;
}

/// What comes within this time; none if it does not.
pub async fn before<T>(ms: i32, what: impl Future<Output = T>) -> Option<T> {
    let (mut what, mut time) = (pin!(what), pin!(pause(ms)));
    poll_fn(|context| match what.as_mut().poll(context) {
        Poll::Ready(come) => Poll::Ready(Some(come)),
        Poll::Pending => time.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Whether the server answers at all.
pub async fn reached() -> bool {
    let init = object(&[("method", "HEAD".into()), ("cache", "no-store".into())]);
    let asked = call(&window(), "fetch", &["/healthz".into(), init.into()]).and_then(|p| p.dyn_into::<Promise>());
    match asked {
        Ok(asked) => JsFuture::from(asked).await.is_ok_and(|r| get(&r, "ok").is_truthy()),
        Err(_) => false,
    }
}

/// What the server answered to a part of an upload.
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Where the upload goes on, if that was told.
    pub offset: Option<u64>,
    /// The body.
    pub text: String,
}

/// Sends a part of an upload; nothing if the server was not reached.
pub async fn part(method: &str, path: &str, headers: &[(&str, JsValue)], bytes: Option<&[u8]>) -> Option<Answer> {
    let headers = object(headers);
    let _ = Reflect::set(&headers, &"tus-resumable".into(), &"1.0.0".into());
    let body = bytes.map_or(JsValue::UNDEFINED, |bytes| Uint8Array::from(bytes).into());
    let init = object(&[("method", method.into()), ("headers", headers.into()), ("body", body), ("cache", "no-store".into())]);
    let response = waited(call(&window(), "fetch", &[path.into(), init.into()])).await?;
    let status = get(&response, "status").as_f64()? as u16;
    let offset = call(&get(&response, "headers"), "get", &["upload-offset".into()]).ok()?.as_string().and_then(|at| at.parse().ok());
    let text = waited(call(&response, "text", &[])).await?.as_string()?;
    Some(Answer { status, offset, text })
}

/// Part of a file; nothing if the browser cannot read it any more.
pub async fn slice(file: &Blob, from: u64, to: u64) -> Option<Vec<u8>> {
    let cut = file.slice_with_f64_and_f64(from as f64, to as f64).ok()?;
    let read = waited(call(&cut, "arrayBuffer", &[])).await?;
    Some(Uint8Array::new(&read).to_vec())
}

/// Text as base64 of its UTF-8.
pub fn base64(text: &str) -> String {
    let bytes: String = text.bytes().map(char::from).collect();
    window().btoa(&bytes).unwrap_or_default()
}

async fn waited(promise: Result<JsValue, JsValue>) -> Option<JsValue> {
    JsFuture::from(promise.ok()?.dyn_into::<Promise>().ok()?).await.ok()
}
