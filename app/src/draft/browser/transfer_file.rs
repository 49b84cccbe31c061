//! Export of drafts in a file encrypted with a password.

use std::rc::Rc;

use domain::engine::draft::transfer_file::{DraftExport, PASSWORD_MIN, TransferError};
use js_sys::{Array, Object, Promise, Uint8Array};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, CryptoKey, HtmlElement, Url};

use super::session::DraftSession;
use super::status_line::status_line;
use super::store::Store;
use super::web::{call, object, random, subtle};

/// First bytes of an export file; the last one is the version.
const MARK: &[u8] = b"RGSD\x01";
const SALT: usize = 16;
const NONCE: usize = 12;
/// Rounds of PBKDF2 with SHA-256, OWASP's recommendation of 2023.
const ROUNDS: f64 = 600_000.0;

/// Drafts that an export takes.
#[derive(Clone)]
pub enum ExportSource {
    /// All drafts of the device.
    Device(Store),
    /// The draft of the open page.
    Page(Rc<DraftSession>),
}

impl ExportSource {
    async fn take(&self) -> Result<DraftExport, TransferError> {
        match self {
            ExportSource::Device(store) => {
                let account = store.account().ok_or(TransferError::Empty)?;
                DraftExport::new(account, store.drafts().await.unwrap_or_default())
            }
            ExportSource::Page(session) => DraftExport::new(session.account, session.complete_draft().await.into_iter().collect()),
        }
    }
}

/// Password field and export button.
pub(super) fn export_view(source: ExportSource) -> AnyView {
    let (password, message) = (NodeRef::<Input>::new(), RwSignal::new(String::new()));
    let save = move |_| {
        let (source, typed) = (source.clone(), input_value(password));
        message.set("正在加密…".to_owned());
        spawn_local(async move {
            message.set(match export(&source, &typed).await {
                Ok(()) => "已导出。文件请妥善保管，口令忘记后无法打开。".to_owned(),
                Err(fault) => fault.text().to_owned(),
            });
        });
    };
    view! {
        <div class="fields" data-testid="export">
            <p>"把尚未保存到服务器的内容用口令加密，存成文件带到别的设备上继续填写。"</p>
            {password_field(password, "export-password")}
            <div class="actions">
                <button class="btn btn-outline" type="button" on:click=save>
                    "导出未保存的内容"
                </button>
            </div>
            {status_line(move || message.get())}
        </div>
    }
    .into_any()
}

/// The field has no name, so that no form submits it, and ignores Enter.
pub(super) fn password_field(password: NodeRef<Input>, id: &'static str) -> AnyView {
    let ignore_enter = |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
        }
    };
    view! {
        <div class="field">
            <label class="field-label" for=id>
                "文件口令"
            </label>
            <p class="field-hint">{format!("至少 {PASSWORD_MIN} 位")}</p>
            <input class="input input-short" id=id type="password" autocomplete="off" on:keydown=ignore_enter node_ref=password />
        </div>
    }
    .into_any()
}

pub(super) fn input_value(input: NodeRef<Input>) -> String {
    input.get_untracked().map_or_else(String::new, |input| input.value())
}

pub(super) async fn export(source: &ExportSource, password: &str) -> Result<(), TransferError> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(TransferError::Short);
    }
    let export = source.take().await?;
    let plain = serde_json::to_vec(&export).map_err(|_| TransferError::Unreadable)?;
    let bytes = seal(&plain, password).await.map_err(|_| TransferError::Unreadable)?;
    save(&bytes).map_err(|_| TransferError::Unreadable)
}

pub(super) async fn read_file(file: &JsValue, password: &str) -> Result<DraftExport, TransferError> {
    let read: Promise = call(file, "arrayBuffer", &[]).ok().and_then(|p| p.dyn_into().ok()).ok_or(TransferError::Unreadable)?;
    let bytes = JsFuture::from(read).await.map_err(|_| TransferError::Unreadable)?;
    let bytes = Uint8Array::new(&bytes).to_vec();
    let rest = bytes.strip_prefix(MARK).filter(|rest| rest.len() > SALT + NONCE).ok_or(TransferError::Unreadable)?;
    let (salt, rest) = rest.split_at(SALT);
    let (nonce, sealed) = rest.split_at(NONCE);
    let plain = open(salt, nonce, sealed, password).await.map_err(|_| TransferError::Locked)?;
    String::from_utf8(plain).ok().and_then(|text| serde_json::from_str(&text).ok()).ok_or(TransferError::Unreadable)
}

async fn seal(plain: &[u8], password: &str) -> Result<Vec<u8>, JsValue> {
    let (salt, nonce) = (random::<SALT>(), random::<NONCE>());
    let key = key(password, &salt).await?;
    let sealing = cipher()?.encrypt_with_object_and_u8_array(&algorithm(&nonce), &key, plain)?;
    let sealed = Uint8Array::new(&JsFuture::from(sealing).await?).to_vec();
    Ok([MARK, &salt, &nonce, &sealed].concat())
}

async fn open(salt: &[u8], nonce: &[u8], sealed: &[u8], password: &str) -> Result<Vec<u8>, JsValue> {
    let key = key(password, salt).await?;
    let opening = cipher()?.decrypt_with_object_and_u8_array(&algorithm(nonce), &key, sealed)?;
    Ok(Uint8Array::new(&JsFuture::from(opening).await?).to_vec())
}

fn cipher() -> Result<web_sys::SubtleCrypto, JsValue> {
    subtle().map_err(|_| JsValue::UNDEFINED)
}

fn algorithm(nonce: &[u8]) -> Object {
    object(&[("name", "AES-GCM".into()), ("iv", Uint8Array::from(nonce).into()), ("additionalData", Uint8Array::from(MARK).into())])
}

async fn key(password: &str, salt: &[u8]) -> Result<CryptoKey, JsValue> {
    let cipher = JsValue::from(cipher()?);
    let one = |word: &str| JsValue::from(Array::of1(&word.into()));
    let typed = JsValue::from(Uint8Array::from(password.as_bytes()));
    let typed = resolved(call(&cipher, "importKey", &["raw".into(), typed, "PBKDF2".into(), false.into(), one("deriveKey")])?).await?;
    let stretching = object(&[
        ("name", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("salt", Uint8Array::from(salt).into()),
        ("iterations", JsValue::from_f64(ROUNDS)),
    ]);
    let sealing = object(&[("name", "AES-GCM".into()), ("length", JsValue::from_f64(256.0))]);
    let uses = JsValue::from(Array::of2(&"encrypt".into(), &"decrypt".into()));
    resolved(call(&cipher, "deriveKey", &[stretching.into(), typed, sealing.into(), false.into(), uses])?).await?.dyn_into()
}

async fn resolved(promise: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(promise.dyn_into::<Promise>()?).await
}

/// Offers the bytes as a download.
fn save(bytes: &[u8]) -> Result<(), JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/octet-stream");
    let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes).into()), &kind)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let today = js_sys::Date::new_0();
    let name = format!("草稿-{}{:02}{:02}.registrar", today.get_full_year(), today.get_month() + 1, today.get_date());
    let link: HtmlElement = document().create_element("a")?.dyn_into()?;
    link.set_attribute("href", &address)?;
    link.set_attribute("download", &name)?;
    link.click();
    Url::revoke_object_url(&address)
}
