//! The page of the wizard in the browser: saved after each quiet, at once on leaving, and again until it is saved.

use std::time::Duration;

use domain::draft::sync::{Failure, wait_after};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use uuid::Uuid;
use web_sys::{Blob, BlobPropertyBag, Element, Event, FormData, HtmlFormElement, HtmlInputElement};

use super::save_page;

/// Quiet before a save.
const QUIET: Duration = Duration::from_millis(1200);

/// What is known of the page. Copies share it.
#[derive(Clone, Copy)]
struct Desk {
    matter: Uuid,
    step: StoredValue<String>,
    /// Counts what was typed.
    typed: StoredValue<u32>,
    /// What of it is on the server.
    saved: StoredValue<u32>,
    /// Saves in a row that failed.
    failed: StoredValue<u32>,
    say: WriteSignal<String>,
}

/// Saves the page's form whenever that helps, and says where the text is.
pub fn watch(matter: Uuid, step: String, say: WriteSignal<String>) {
    let counter = || StoredValue::new(0_u32);
    let desk = Desk { matter, step: StoredValue::new(step), typed: counter(), saved: counter(), failed: counter(), say };
    let typing = window_event_listener(leptos::ev::input, move |event| desk.typed(&event));
    let looking =
        window_event_listener_untyped(
            "visibilitychange",
            move |_| {
                if document().hidden() { desk.leave() } else { desk.save_soon(Duration::ZERO) }
            },
        );
    let leaving = window_event_listener_untyped("pagehide", move |_| desk.leave());
    let asking = window_event_listener_untyped("beforeunload", move |event| {
        // Only where a save has failed: what is merely fresh goes out with the page.
        if desk.failed.get_value() > 0 && desk.dirty() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        for handle in [typing, looking, leaving, asking] {
            handle.remove();
        }
    });
}

impl Desk {
    fn dirty(self) -> bool {
        self.typed.get_value() != self.saved.get_value()
    }

    fn typed(self, event: &Event) {
        let inside = event.target().and_then(|t| t.dyn_into::<Element>().ok()).and_then(|e| e.closest("form#edit").ok().flatten());
        if inside.is_some() {
            self.typed.update_value(|n| *n = n.wrapping_add(1));
            self.save_soon(QUIET);
        }
    }

    /// Saves after a while, unless more is typed until then.
    fn save_soon(self, wait: Duration) {
        let now = self.typed.get_value();
        set_timeout(
            move || {
                if self.typed.try_get_value() == Some(now) && self.dirty() {
                    spawn_local(self.save());
                }
            },
            wait,
        );
    }

    async fn save(self) {
        let Some((base, pairs)) = typed_now() else { return };
        let now = self.typed.get_value();
        match save_page(self.matter, self.step.get_value(), base, pairs).await {
            Ok(saved) => {
                if let Some(input) = revision_input() {
                    input.set_value(&saved.revision.to_string());
                }
                self.saved.set_value(now);
                self.failed.set_value(0);
                self.say.set(format!("已自动保存到服务器的草稿箱（{}）", saved.at));
            }
            Err(fault) => self.failed_with(Failure::of_code(&fault.code)),
        }
    }

    fn failed_with(self, failure: Failure) {
        let before = self.failed.get_value();
        self.failed.set_value(before.saturating_add(1));
        self.say.set(format!("尚未保存，内容仍在本页：{}", failure.text()));
        if failure.passes() {
            let wait = wait_after(before, chance()).to_std().unwrap_or(QUIET);
            self.save_soon(wait);
        }
    }

    /// What is not saved goes out with the page.
    fn leave(self) {
        if self.dirty() {
            let _ = self.beacon();
        }
    }

    fn beacon(self) -> Option<()> {
        let (base, pairs) = typed_now()?;
        let body = js_sys::Object::new();
        let list: js_sys::Array =
            pairs.iter().map(|(name, value)| js_sys::Array::of2(&JsValue::from_str(name), &JsValue::from_str(value))).collect();
        let revision = u32::try_from(base).ok()?;
        for (name, value) in [
            ("matter", JsValue::from_str(&self.matter.to_string())),
            ("step", JsValue::from_str(&self.step.get_value())),
            ("base", JsValue::from_f64(f64::from(revision))),
            ("pairs", list.into()),
        ] {
            js_sys::Reflect::set(&body, &JsValue::from_str(name), &value).ok()?;
        }
        let text = js_sys::JSON::stringify(&body).ok()?;
        let kind = BlobPropertyBag::new();
        kind.set_type("application/json");
        let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text), &kind).ok()?;
        window().navigator().send_beacon_with_opt_blob("/api/draft/save", Some(&blob)).ok()?.then_some(())
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 up to 255")]
fn chance() -> u8 {
    (js_sys::Math::random() * 255.0) as u8
}

fn form() -> Option<HtmlFormElement> {
    document().get_element_by_id("edit")?.dyn_into().ok()
}

fn revision_input() -> Option<HtmlInputElement> {
    form()?.query_selector("input[name=_rev]").ok()??.dyn_into().ok()
}

/// The revision the page grew out of, and its pairs; files go by the form's own post.
fn typed_now() -> Option<(i64, Vec<(String, String)>)> {
    let base = revision_input()?.value().parse().ok()?;
    let data = FormData::new_with_form(&form()?).ok()?;
    let pairs = js_sys::Array::from(&data)
        .iter()
        .filter_map(|pair| {
            let pair: js_sys::Array = pair.dyn_into().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .filter(|(name, _)| !name.starts_with('_'))
        .collect();
    Some((base, pairs))
}
