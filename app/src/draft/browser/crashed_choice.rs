//! Files that were chosen and are gone after a crash of the browser. While a file is chosen that only the page holds, the browser stores that
//! there is one (not its name, which may be personal); whoever opens the page after a crash is asked to choose it again. So is who chose a file
//! that the browser cannot read any more.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::engine::upload::unreadable_message;
use leptos::wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;

use super::chosen_files::{chosen_files, file_inputs, set_files, show_fault};
use super::navigation::here;
use super::web::{LockGuard, call, get, lock, read_range, window};
use crate::draft::device::CHOSEN_FILE;

/// Shown at a control whose file is gone.
const LOST: &str = "上次在这里选择的文件没有上传，浏览器已意外关闭，请重新选择";

thread_local! {
    /// Ids of the controls of this page with a chosen file. The lock tells other tabs that the page that holds the file is still open.
    static CHOSEN: RefCell<BTreeMap<String, LockGuard>> = const { RefCell::new(BTreeMap::new()) };
}

/// Notes whether a file is chosen in a control.
pub fn note_choice(input: &HtmlInputElement) {
    let id = input.id();
    if input.value().is_empty() {
        // A large file leaves the control when it is taken over by its upload, which ends the note.
        return;
    }
    let key = key(&id);
    storage("setItem", &[key.as_str().into(), "1".into()]);
    spawn_local(async move {
        let held = lock(&key).await;
        CHOSEN.with_borrow_mut(|chosen| drop(chosen.insert(id, held)));
    });
}

/// The file of a control is stored elsewhere.
pub fn forget_choice(id: &str) {
    storage("removeItem", &[key(id).into()]);
    CHOSEN.with_borrow_mut(|chosen| drop(chosen.remove(id)));
}

/// The page is left, or its form was taken: no file is lost by a crash any more.
pub fn forget_choices() {
    CHOSEN.take().into_keys().for_each(|id| storage("removeItem", &[key(&id).into()]));
}

/// Takes the chosen files that the browser cannot read any more out of their controls, and says so there. Returns whether there were any: a
/// post with such a file fails as if there were no server.
pub async fn drop_unreadable_files() -> bool {
    let mut dropped = false;
    for input in file_inputs() {
        let (mut readable, mut lost) = (Vec::new(), Vec::new());
        for file in chosen_files(&input) {
            // A file that was changed cannot be read at any place.
            match read_range(&file, 0, 1).await {
                Some(_) => readable.push(file),
                None => lost.push(file.name()),
            }
        }
        if !lost.is_empty() {
            set_files(&input, &readable);
            show_fault(&input, &lost.iter().map(|name| unreadable_message(name)).collect::<Vec<_>>().join("；"));
            forget_choice(&input.id());
            if !dropped {
                let _ = input.focus();
            }
            dropped = true;
        }
    }
    dropped
}

/// Asks to choose the files again that are gone.
pub fn show_lost_choices() {
    for input in file_inputs() {
        let key = key(&input.id());
        if storage_value(&key).is_none() {
            continue;
        }
        spawn_local(async move {
            // Another tab may still hold the file.
            drop(lock(&key).await);
            if storage_value(&key).is_some() && input.value().is_empty() {
                storage("removeItem", &[key.as_str().into()]);
                show_fault(&input, LOST);
            }
        });
    }
}

fn key(id: &str) -> String {
    format!("{CHOSEN_FILE}:{}:{id}", here().split('?').next().unwrap_or_default())
}

fn storage(method: &str, arguments: &[JsValue]) {
    let _ = call(&get(&window(), "localStorage"), method, arguments);
}

fn storage_value(key: &str) -> Option<String> {
    call(&get(&window(), "localStorage"), "getItem", &[key.into()]).ok()?.as_string()
}
