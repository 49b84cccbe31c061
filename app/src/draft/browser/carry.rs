//! Drafts in a file: sealed with a password, saved by the person, taken in on another device.

use std::rc::Rc;

use domain::engine::draft::carry::{Carried, CarryFault, PASSWORD_MIN};
use domain::engine::draft::sync::Local;
use js_sys::{Array, Object, Promise, Uint8Array};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use uuid::Uuid;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, CryptoKey, HtmlElement, Url};

use super::desk::{Desk, scene};
use super::island::told_view;
use super::js::{call, lock, object, random, subtle};
use super::store::Store;
use crate::ui::Section;

/// Begins such a file; the last byte is the version.
const MARK: &[u8] = b"RGSD\x01";
const SALT: usize = 16;
const NONCE: usize = 12;
/// Rounds of PBKDF2 with SHA-256, as OWASP has them since 2023.
const ROUNDS: f64 = 600_000.0;

/// Where the drafts to be carried out come from.
#[derive(Clone)]
pub enum Source {
    /// All that the device keeps.
    Device(Store),
    /// The one on the open page.
    Page(Rc<Desk>),
}

impl Source {
    async fn take(&self) -> Result<Carried, CarryFault> {
        match self {
            Source::Device(store) => {
                let account = store.account().ok_or(CarryFault::Empty)?;
                Carried::of(account, store.drafts().await.unwrap_or_default())
            }
            Source::Page(desk) => Carried::of(desk.account, desk.whole().await.into_iter().collect()),
        }
    }
}

/// A password, and the button that saves the file.
pub fn export_view(source: Source) -> AnyView {
    let (password, said) = (NodeRef::<Input>::new(), RwSignal::new(String::new()));
    let save = move |_| {
        let (source, typed) = (source.clone(), value(password));
        said.set("正在加密…".to_owned());
        spawn_local(async move {
            said.set(match export(&source, &typed).await {
                Ok(()) => "已导出。文件请妥善保管，口令忘记后无法打开。".to_owned(),
                Err(fault) => fault.text().to_owned(),
            });
        });
    };
    view! {
        <div class="fields" data-testid="export">
            <p>"把还没有保存到服务器的内容用口令加密，存成文件带到别的设备上继续填写。"</p>
            {password_field(password, "export-password")}
            <div class="actions"><button class="btn btn-outline" type="button" on:click=save>"导出未保存的内容"</button></div>
            <p class="saved" role="status">{move || said.get()}</p>
        </div>
    }
    .into_any()
}

/// Carrying out and taking in, on a page of its own. `after`: something was taken in.
pub fn carry_view(store: Store, after: impl Fn() + 'static) -> AnyView {
    let (password, file) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let said = RwSignal::new(String::new());
    let open = RwSignal::new_local(Vec::<Rc<Desk>>::new());
    let out = store.lasts().then(|| export_view(Source::Device(store.clone())));
    let (store, after) = (StoredValue::new_local(store), StoredValue::new_local(after));
    let take = move |_| {
        let (store, typed) = (store.get_value(), value(password));
        let chosen = file.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        said.set("正在打开文件…".to_owned());
        spawn_local(async move {
            let taken = match chosen {
                Some(chosen) => import(&store, chosen.into(), &typed).await,
                None => Err(CarryFault::Empty),
            };
            match taken {
                Ok((count, desks)) => {
                    said.set(format!("已导入 {count} 份草稿。"));
                    let stay = !desks.is_empty();
                    open.set(desks);
                    if !stay {
                        after.with_value(|after| after());
                    }
                }
                Err(fault) => said.set(fault.text().to_owned()),
            }
        });
    };
    let asked = move || open.get().iter().map(told_view).collect_view();
    view! {
        <Section title="导出与导入">
            {out}
            <div class="fields" data-testid="import">
                <div class="field">
                    <label class="field-label" for="carry-file">"从文件导入"</label>
                    <input class="input" id="carry-file" type="file" accept=".registrar" node_ref=file/>
                </div>
                {password_field(password, "import-password")}
                <div class="actions"><button class="btn btn-outline" type="button" on:click=take>"导入"</button></div>
                <p class="saved" role="status">{move || said.get()}</p>
                {asked}
            </div>
        </Section>
    }
    .into_any()
}

/// Has no name, so that no form sends it; and the Enter key does not press the form's buttons.
fn password_field(password: NodeRef<Input>, id: &'static str) -> AnyView {
    let quiet = |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
        }
    };
    view! {
        <div class="field">
            <label class="field-label" for=id>"文件口令"</label>
            <p class="field-hint">{format!("至少 {PASSWORD_MIN} 位")}</p>
            <input class="input input-short" id=id type="password" autocomplete="off" on:keydown=quiet node_ref=password/>
        </div>
    }
    .into_any()
}

fn value(input: NodeRef<Input>) -> String {
    input.get_untracked().map_or_else(String::new, |input| input.value())
}

async fn export(source: &Source, password: &str) -> Result<(), CarryFault> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(CarryFault::Short);
    }
    let carried = source.take().await?;
    let plain = serde_json::to_vec(&carried).map_err(|_| CarryFault::Unreadable)?;
    let bytes = seal(&plain, password).await.map_err(|_| CarryFault::Unreadable)?;
    save(&bytes).map_err(|_| CarryFault::Unreadable)
}

/// Takes a file in: what this device may keep is kept and sent when it can be; anything else is sent at once. Gives how many drafts came,
/// and those that have a question no device keeps.
async fn import(store: &Store, file: JsValue, password: &str) -> Result<(usize, Vec<Rc<Desk>>), CarryFault> {
    let carried = read(&file, password).await?;
    let account = match store.account() {
        Some(account) => account,
        None => scene(store).await.ok_or(CarryFault::Away)?.account,
    };
    let drafts = carried.for_account(account)?;
    let (count, mut open) = (drafts.len(), Vec::new());
    for draft in drafts {
        let desk = take_in(store, account, draft).await?;
        if desk.told.with_untracked(|t| !t.lasts && !t.questions.is_empty()) {
            open.push(desk);
        }
    }
    Ok((count, open))
}

async fn take_in(store: &Store, account: Uuid, draft: Local) -> Result<Rc<Desk>, CarryFault> {
    let kind = domain::kind::by_code(&draft.kind).ok_or(CarryFault::Unreadable)?;
    let matter = draft.matter;
    if store.lasts() && draft.storable(kind.form) {
        let held = lock(&format!("draft:{matter}")).await;
        let local = match store.draft(matter).await.ok().flatten() {
            Some(mut local) => {
                local.take_in(&draft);
                local
            }
            None => draft.carried_to(store.device()),
        };
        store.keep(&local).await.map_err(|_| CarryFault::Away)?;
        drop(held);
        let desk = Desk::new(store.clone(), account, kind, matter);
        desk.sync().await;
        return Ok(desk);
    }
    let memory = Store::memory(None);
    let local = draft.carried_to(memory.device());
    memory.keep(&local).await.map_err(|_| CarryFault::Away)?;
    let desk = Desk::new(memory, account, kind, matter);
    desk.sync().await;
    match desk.told.with_untracked(|t| t.failure.is_some()) {
        true => Err(CarryFault::Away),
        false => Ok(desk),
    }
}

async fn read(file: &JsValue, password: &str) -> Result<Carried, CarryFault> {
    let read: Promise = call(file, "arrayBuffer", &[]).ok().and_then(|p| p.dyn_into().ok()).ok_or(CarryFault::Unreadable)?;
    let bytes = JsFuture::from(read).await.map_err(|_| CarryFault::Unreadable)?;
    let bytes = Uint8Array::new(&bytes).to_vec();
    let rest = bytes.strip_prefix(MARK).filter(|rest| rest.len() > SALT + NONCE).ok_or(CarryFault::Unreadable)?;
    let (salt, rest) = rest.split_at(SALT);
    let (nonce, sealed) = rest.split_at(NONCE);
    let plain = open(salt, nonce, sealed, password).await.map_err(|_| CarryFault::Locked)?;
    serde_json::from_slice(&plain).map_err(|_| CarryFault::Unreadable)
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
    let typed = waited(call(&cipher, "importKey", &["raw".into(), typed, "PBKDF2".into(), false.into(), one("deriveKey")])?).await?;
    let stretching = object(&[
        ("name", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("salt", Uint8Array::from(salt).into()),
        ("iterations", JsValue::from_f64(ROUNDS)),
    ]);
    let sealing = object(&[("name", "AES-GCM".into()), ("length", JsValue::from_f64(256.0))]);
    let uses = JsValue::from(Array::of2(&"encrypt".into(), &"decrypt".into()));
    waited(call(&cipher, "deriveKey", &[stretching.into(), typed, sealing.into(), false.into(), uses])?).await?.dyn_into()
}

async fn waited(promise: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(promise.dyn_into::<Promise>()?).await
}

/// Hands the bytes to the person as a file.
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
