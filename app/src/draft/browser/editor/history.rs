//! The buttons "back" and "forward" of the browser, on a page of the wizard.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::super::chosen_files::has_chosen_file;
use super::super::controls::edit_form;
use super::super::crashed_choice::{drop_unreadable_files, forget_choices};
use super::super::navigation::{Busy, WizardPage, fetch_page, here, push_address};
use super::super::web::{save_form, sleep, window};
use super::{EditorPage, show_questions};

/// Interval in which the end of a post is awaited.
const PENDING_MS: i32 = 20;

impl EditorPage {
    /// Handles the buttons "back" and "forward" of the browser. Of several movements the last one counts.
    pub(super) fn on_history(self: &Rc<Self>) {
        let (address, left) = (here(), self.address.borrow().clone());
        // Only the anchor changed; the page is the same.
        if left == address {
            return;
        }
        self.address.replace(address.clone());
        self.movement.set(self.movement.get().wrapping_add(1));
        self.moving.set(true);
        let (page, movement) = (self.clone(), self.movement.get());
        spawn_local(async move {
            let busy = Busy::begin();
            page.save_before_moving().await;
            if page.is_left(movement) {
                return;
            }
            let asks = page.draft().is_some_and(|draft| draft.asks());
            let fetched = if asks { None } else { fetch_page(&address).await };
            if page.is_left(movement) {
                return;
            }
            let new = fetched.as_ref().filter(|fetched| fetched.status == 200).and_then(|fetched| WizardPage::parse(&fetched.html));
            match new {
                Some(new) => page.show(&new, &address, true, &[]),
                None if asks || (fetched.is_none() && !page.draft().is_some_and(|draft| draft.is_persistent())) => {
                    drop(busy);
                    page.moving.set(false);
                    page.address.replace(left.clone());
                    push_address(&left, true);
                    if asks { show_questions() } else { page.unavailable().await }
                }
                None => window().location().reload().unwrap_or_default(),
            }
        });
    }

    /// Saves what is on the page, so that the page that is fetched next shows it.
    async fn save_before_moving(&self) {
        while self.submitting.get() {
            sleep(PENDING_MS).await;
        }
        let draft = self.draft();
        if let Some(draft) = &draft {
            draft.settle().await;
        }
        if has_chosen_file() {
            drop_unreadable_files().await;
        }
        let unsaved = has_chosen_file() || (draft.is_none() && self.edited.get());
        if let Some(form) = edit_form().filter(|_| unsaved && !self.closed.get())
            && save_form(&form).await.is_some()
        {
            self.edited.set(false);
            self.files_sent.set(true);
            forget_choices();
        }
    }
}
