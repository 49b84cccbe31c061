//! An upload as a row beside the files of its answer.

use std::any::Any;

use domain::engine::form::Path;
use domain::engine::upload::{Upload, UploadStatus};
use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::status_line::{announced_status, shown_status};
use crate::ui::size;

/// Renders the row of an upload, visible until the returned guard is dropped. `label`: label of the field, if the row is not beside it.
/// `waits`: whether a pressed button waits for the uploads.
pub fn line(
    upload: &Upload,
    label: &str,
    state: ArcRwSignal<UploadStatus>,
    waits: ArcRwSignal<bool>,
    remove: impl Fn() + 'static,
) -> Option<Box<dyn Any>> {
    let list = list_of(&upload.path)?.dyn_into::<HtmlElement>().ok()?;
    let name = format!("{}({})", upload.name, size(upload.size));
    let name = if label.is_empty() { name } else { format!("{label}：{name}") };
    let href = format!("/matters/{}/files/{}", upload.matter, upload.id);
    let detach = format!("detach:{}:{}", upload.path, upload.id);
    let view = move || {
        let remove = StoredValue::new_local(remove);
        let (named, bar, message, pressed) = (state.clone(), state.clone(), state.clone(), state);
        let named = move || match named.get() {
            UploadStatus::Done => view! { <a href=href.clone()>{name.clone()}</a> }.into_any(),
            _ => view! { <span>{name.clone()}</span> }.into_any(),
        };
        let bar = move || bar.get().percent().map(|percent| view! { <progress max="100" value=percent.to_string()></progress> });
        let bad = |state: &UploadStatus| matches!(state, UploadStatus::Rejected(_) | UploadStatus::Blocked(_) | UploadStatus::SignedOut);
        let announced = {
            let state = message.clone();
            announced_status(move || state.with(|state| (!state.is_under_way()).then(|| state.text())))
        };
        let class = {
            let state = message.clone();
            move || if state.with(bad) { "field-fault" } else { "field-hint" }
        };
        let words = shown_status(move || {
            let state = message.get();
            let after = if waits.get() && state.is_pending() { "，完成后自动继续" } else { "" };
            format!("{}{after}", state.text())
        });
        let button = move || match pressed.get() {
            UploadStatus::Done => view! {
                <button class="btn btn-sm btn-outline" type="submit" name="_action" value=detach.clone()>
                    "移除"
                </button>
            }
            .into_any(),
            _ => {
                let remove = move |_| {
                    let _ = remove.try_with_value(|remove| remove());
                };
                view! {
                    <button class="btn btn-sm btn-outline" type="button" on:click=remove>
                        "移除"
                    </button>
                }
                .into_any()
            }
        };
        view! {
            <li class="file" data-testid="upload">
                {named}
                <span class="file-way">{bar}<span class=class>{words}</span>{announced}</span>
                {button}
            </li>
        }
        .into_any()
    };
    Some(Box::new(mount_to(list, view)))
}

/// The list beside the field, or one at the end of the form.
fn list_of(path: &Path) -> Option<Element> {
    let label = document().query_selector(&format!("label[for=\"{}\"]", path.anchor())).ok().flatten();
    if let Some(list) = label.and_then(|label| label.parent_element()?.query_selector("ul.files").ok().flatten()) {
        return Some(list);
    }
    let form = document().get_element_by_id("edit")?;
    if let Ok(Some(list)) = form.query_selector(":scope > ul.files") {
        return Some(list);
    }
    let list = document().create_element("ul").ok()?;
    list.set_class_name("files");
    form.append_child(&list).ok()?;
    Some(list)
}
