//! The sheet of an expert on an own device. Its page stores it with the material that it is filled in from; the off-line page draws what is
//! stored. `form_draft.js` saves the form in both places and says what is typed, which is stored here.

use std::cell::RefCell;
use std::rc::Rc;

use domain::engine::form_draft::{FormState, LocalSheet, SheetAction, TypedText};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use serde::Deserialize;
use uuid::Uuid;
use web_sys::{Element, Event, HtmlButtonElement, HtmlElement, HtmlInputElement, SubmitEvent};

use super::store::Store;
use super::web::{call, device_owner, get, new_id, object, post, sleep, window};
use crate::expert::opinion::{SHEET, watch_lines};
use crate::ui::*;

/// The listener to the changes of a form.
type Changes = Closure<dyn FnMut(Event)>;

/// The element with the material and the form, and the status line by which the script finds the form.
#[derive(Clone)]
struct SheetPage {
    content: Element,
    line: HtmlElement,
}

impl SheetPage {
    fn of(content: Element) -> Option<Self> {
        let line = content.query_selector("[data-form-draft]").ok()??.dyn_into().ok()?;
        Some(Self { content, line })
    }

    fn attribute(&self, name: &str) -> String {
        self.line.get_attribute(name).unwrap_or_default()
    }

    /// The sheet as the server drew it.
    fn read(&self) -> Option<LocalSheet> {
        let state: HtmlInputElement = self.content.query_selector("[name=_draft_state]").ok()??.dyn_into().ok()?;
        Some(LocalSheet {
            subject: self.attribute("data-subject").parse().ok()?,
            form: self.attribute("data-form-draft"),
            part: self.attribute("data-command"),
            state: state.value(),
            address: window().location().pathname().ok()?,
            title: document().query_selector("h1").ok().flatten().and_then(|title| title.text_content()).unwrap_or_default(),
            content: self.content.inner_html(),
            typed: TypedText { is_saved: true, ..TypedText::default() },
            is_submission_requested: false,
        })
    }

    fn dispatch(&self, name: &str, detail: &str) {
        let init = object(&[("bubbles", true.into()), ("detail", detail.into())]);
        let made = get(&window(), "CustomEvent").dyn_into::<js_sys::Function>();
        let event = made.and_then(|made| js_sys::Reflect::construct(&made, &js_sys::Array::of2(&name.into(), &init)));
        if let Ok(event) = event {
            let _ = call(&self.line, "dispatchEvent", &[event]);
        }
    }

    /// Hands what is stored to the script; `all`: also what the server has, to a form that shows less.
    fn resume(&self, typed: &TypedText, all: bool) {
        let stored = serde_json::json!({
            "pairs": typed.pairs, "before": typed.before, "base": typed.base, "page": typed.page, "all": all,
        });
        self.dispatch("form-draft-resume", &stored.to_string());
    }

    /// Stores the form, and each change of it until the listener is dropped.
    fn follow(&self, store: &Store, sheet: Rc<RefCell<LocalSheet>>) -> Changes {
        let (store, line) = (store.clone(), self.line.clone());
        let mut stored = None;
        let changed = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let detail = get(&event, "detail").as_string().unwrap_or_default();
            let Ok(typed) = serde_json::from_str::<TypedText>(&detail) else { return };
            if stored.as_ref() == Some(&typed) {
                return;
            }
            stored = Some(typed.clone());
            sheet.borrow_mut().typed = typed;
            let (store, sheet, line) = (store.clone(), sheet.borrow().clone(), line.clone());
            spawn_local(async move {
                let _ = match store.save_sheet(&sheet).await {
                    Ok(()) => line.set_attribute("data-stored", "yes"),
                    Err(_) => line.remove_attribute("data-stored"),
                };
            });
        });
        let _ = self.line.add_event_listener_with_callback("form-draft", changed.as_ref().unchecked_ref());
        self.dispatch("form-draft-tell", "");
        changed
    }
}

/// Stores the sheet of the open page, on a device of its author.
pub fn keep_sheet() {
    spawn_local(async move {
        let _ = keep().await;
    });
}

async fn keep() -> Option<()> {
    let page = SheetPage::of(document().get_element_by_id(SHEET)?)?;
    let account: Uuid = page.attribute("data-account").parse().ok()?;
    if device_owner() != Some(account) {
        return None;
    }
    let (store, mut shown) = (Store::open_for(account).await.ok()?, page.read()?);
    let stored = store.sheet(shown.subject).await.ok()?;
    match stored {
        // Text of an earlier state stays as it is, and is shown by the off-line page.
        Some(stored) if stored.typed.is_unsent() && (stored.state != shown.state || stored.typed.is_over) => return None,
        Some(stored) => {
            if stored.typed.is_unsent() {
                page.resume(&stored.typed, false);
            }
            if stored.is_submission_requested && stored.state == shown.state {
                shown.is_submission_requested = true;
                let wish = document().create_element("p").ok()?;
                wish.set_class_name("saved");
                wish.set_text_content(Some("您在离线时要求提交这份评价意见，尚未提交。请核对后点击“提交”。"));
                let _ = page.line.before_with_node_1(&wish);
            }
        }
        None => {}
    }
    // The form lives as long as its page.
    page.follow(&store, Rc::new(RefCell::new(shown))).forget();
    Some(())
}

/// The stored sheet, drawn by the off-line page; `owner` of its listeners.
pub(super) fn sheet_view(owner: Owner, store: Option<Store>, sheet: LocalSheet) -> AnyView {
    let (title, content) = (sheet.title.clone(), sheet.content.clone());
    let over = sheet.typed.is_over;
    let wish = RwSignal::new_local(sheet.is_submission_requested);
    spawn_local(async move {
        // The controls exist once the view is rendered.
        sleep(0).await;
        let page = document().get_element_by_id(SHEET).and_then(SheetPage::of);
        if let (Some(page), Some(store)) = (page, store) {
            open(&owner, &page, store, sheet, wish);
        }
    });
    let requested = move || {
        wish.get().then(|| {
            view! {
                <p class="saved" data-testid="submission">
                    "已记下提交。联网后请打开核对，再提交。"
                </p>
            }
        })
    };
    view! {
        <PageHead
            title=title
            lead="以下是打开时的材料。填写的内容加密保存在本机，联网后自动暂存到服务器；提交须联网。"
            crumbs=vec![("离线草稿".into(), "/offline".into())]
        />
        {over
            .then(|| {
                view! {
                    <Notice tone=Tone::Warn>
                        "情况已有变化，这份内容不能再保存到服务器。如仍需要，请复制。"
                    </Notice>
                }
            })}
        <div id=SHEET inner_html=content></div>
        {requested}
    }
    .into_any()
}

fn open(owner: &Owner, page: &SheetPage, store: Store, sheet: LocalSheet, wish: RwSignal<bool, LocalStorage>) {
    let (typed, form) = (sheet.typed.clone(), page.line.closest("form").ok().flatten());
    let sheet = Rc::new(RefCell::new(sheet));
    page.dispatch("form-draft-open", "");
    page.resume(&typed, true);
    let (changes, closing) = (page.follow(&store, sheet.clone()), page.clone());
    owner.with(|| {
        watch_lines();
        let pressed = window_event_listener(leptos::ev::submit, move |event: SubmitEvent| {
            if event.target().map(JsValue::from) != form.clone().map(JsValue::from) {
                return;
            }
            event.prevent_default();
            let button = event.submitter().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
            if button.is_some_and(|button| button.value() == "submit") {
                sheet.borrow_mut().is_submission_requested = true;
                wish.set(true);
                let (store, sheet) = (store.clone(), sheet.borrow().clone());
                spawn_local(async move {
                    let _ = store.save_sheet(&sheet).await;
                });
            }
        });
        let changes = StoredValue::new_local(changes);
        on_cleanup(move || {
            pressed.remove();
            // The last text is stored before the listener is dropped.
            closing.dispatch("form-draft-close", "");
            let _ = changes
                .try_with_value(|changes| closing.line.remove_event_listener_with_callback("form-draft", changes.as_ref().unchecked_ref()));
        });
    });
}

/// The answer to a save.
#[derive(Deserialize)]
struct Saved {
    code: String,
    revision: i64,
    #[serde(default)]
    pairs: Vec<(String, String)>,
}

/// Brings a sheet that is not open to what the server has: it is sent, closed, or deleted from the device.
pub(super) async fn settle_sheet(store: &Store, mut sheet: LocalSheet) {
    let Some(account) = store.account() else { return };
    let Some(state) = form_state(&sheet, account).await else { return };
    // Opened and typed into meanwhile: its page goes on with it.
    if store.sheet(sheet.subject).await.ok().flatten().is_none_or(|now| now.typed != sheet.typed) {
        return;
    }
    let _ = match sheet.action(state) {
        SheetAction::Keep => Ok(()),
        SheetAction::Send => {
            send_sheet(store, account, sheet).await;
            Ok(())
        }
        SheetAction::Delete => store.forget(sheet.subject).await,
        SheetAction::Close if sheet.typed.is_over => Ok(()),
        SheetAction::Close => {
            sheet.close();
            store.save_sheet(&sheet).await
        }
    };
}

/// What the server says of the form of a sheet; none if it was not reached or does not know the account.
async fn form_state(sheet: &LocalSheet, account: Uuid) -> Option<FormState> {
    let asked = serde_json::json!({
        "form": sheet.form, "part": sheet.part, "subject": sheet.subject, "state": sheet.state, "account": account, "posted": sheet.typed.posted,
    });
    let (status, text) = post("/api/form-draft/state", "application/json", &asked.to_string()).await?;
    (status == 200).then(|| serde_json::from_str(&text).ok())?
}

/// Sends what the server does not have of a sheet that is not open. What differs from another device stays for its page to ask about.
async fn send_sheet(store: &Store, account: Uuid, mut sheet: LocalSheet) {
    // An id of its own, since a page that is open elsewhere numbers its saves itself.
    (sheet.typed.page, sheet.typed.seq) = (new_id(), 0);
    let sent = sheet.next_save(account);
    let Ok(body) = serde_json::to_string(&sent) else { return };
    let Some((status, text)) = post("/api/form-draft", "application/json", &body).await else { return };
    // Typed on meanwhile in another tab, which sends it.
    let now = store.sheet(sheet.subject).await.ok().flatten();
    if now.is_none_or(|now| now.typed.pairs != sent.pairs) {
        return;
    }
    match (status, serde_json::from_str::<Saved>(&text)) {
        (200, Ok(saved)) => sheet.accept(saved.revision, (saved.code == "merged").then_some(saved.pairs)),
        (404 | 410, _) => sheet.close(),
        _ => return,
    }
    let _ = store.save_sheet(&sheet).await;
}
