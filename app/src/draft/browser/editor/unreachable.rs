//! What the page does when the server, or the code that stores the draft, cannot be reached.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlFormElement;

use super::super::web::{save_form, sleep, window};
use super::{EditorPage, status_place};

/// Pause between two attempts to load the code that stores the draft.
const RETRY_MS: i32 = 3_000;
/// Shown where the draft cannot be stored because there is no server.
const NOT_LOADED: &str = "<p class=\"saved saved-bad notranslate\" translate=\"no\" role=\"status\" data-testid=\"autosaved\">尚未保存，内容仍在本页：暂时连接不上服务器</p>";

/// Says that the draft is not stored.
fn say_not_loaded() {
    // Written again, it would be announced again.
    if let Some(place) = status_place().filter(|place| !place.has_child_nodes()) {
        place.set_inner_html(NOT_LOADED);
    }
}

impl EditorPage {
    /// Called when the code that stores the draft could not be loaded. Repeats the attempt while the page is open.
    pub(super) fn not_loaded(self: &Rc<Self>) {
        say_not_loaded();
        let page = self.clone();
        spawn_local(async move {
            sleep(RETRY_MS).await;
            page.loading.set(false);
            if !page.closed.get() {
                page.load_draft();
            }
        });
    }

    /// Saves the text of the page, which stays open.
    pub(super) async fn save_text(&self, form: &HtmlFormElement) {
        match self.draft() {
            Some(draft) => draft.settle().await,
            None => drop(save_form(form).await),
        }
    }

    /// Says that the server cannot save now; the page stays as it is.
    pub(super) async fn unavailable(self: &Rc<Self>) {
        match self.draft() {
            Some(draft) => draft.server_unreachable().await,
            None => {
                say_not_loaded();
                self.load_draft();
            }
        }
    }

    /// Handles a post that did not reach the server. If the device stores the text, it opens the page that the button leads to.
    pub(super) async fn unreachable(self: &Rc<Self>, action: &str) {
        let Some(draft) = self.draft() else {
            say_not_loaded();
            self.load_draft();
            return;
        };
        draft.clone().server_unreachable().await;
        if !draft.is_persistent() {
            return;
        }
        let to = match action.split_once(':') {
            Some(("goto", step)) if step != "review" => format!("/matters/{}/edit/{step}", self.data.matter),
            _ => return window().location().reload().unwrap_or_default(),
        };
        let _ = window().location().assign(&to);
    }
}
