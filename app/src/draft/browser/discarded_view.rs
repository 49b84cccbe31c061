//! What becomes of text that the server does not take, since the draft was deleted or submitted elsewhere: the user decides.

use std::rc::Rc;

use domain::engine::draft::sync::{LocalDraft, SaveLocation, SyncFailure};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::session::DraftSession;
use super::store::Store;
use super::web::{new_id, window};

/// Buttons to save the text as a new draft, or to delete it from this device; shown once the server says that the draft was deleted, or
/// that it was submitted without this text.
pub fn discarded_view(session: &Rc<DraftSession>) -> AnyView {
    let status = session.status;
    let session = StoredValue::new_local(session.clone());
    let failed = RwSignal::new(false);
    let discarded = Memo::new(move |_| {
        status.with(|t| match t.failure {
            Some(SyncFailure::Discarded) => true,
            Some(SyncFailure::Permission) => !matches!(t.location, None | Some(SaveLocation::Server(_))),
            _ => false,
        })
    });
    let save = move |_| {
        let session = session.get_value();
        spawn_local(async move { failed.set(!save_as_new(&session).await) });
    };
    let forget = move |_| {
        let session = session.get_value();
        spawn_local(async move {
            let _ = session.store().forget(session.matter).await;
            let _ = window().location().assign("/matters?view=drafts");
        });
    };
    let buttons = move || {
        discarded.get().then(|| {
            view! {
                <div class="actions" data-testid="discarded">
                    <button class="btn btn-sm btn-outline" type="button" on:click=save>
                        "另存为新草稿"
                    </button>
                    <button class="btn btn-sm btn-outline" type="button" on:click=forget>
                        "从本页和本机删除"
                    </button>
                </div>
                {move || {
                    failed
                        .get()
                        .then(|| {
                            view! {
                                <p class="saved saved-bad" role="status">
                                    "暂时不能另存，内容仍在本页，请稍后再试"
                                </p>
                            }
                        })
                }}
            }
        })
    };
    view! { {buttons} }.into_any()
}

/// Begins a draft with the text of this one, and opens its page. Returns whether the server has it.
async fn save_as_new(session: &Rc<DraftSession>) -> bool {
    let Some(old) = session.complete_draft().await else { return false };
    // Only what is on the server leaves this page.
    let (memory, id) = (Store::memory(None), new_id());
    let copy = LocalDraft { mine: old.mine, ..LocalDraft::begin(id, &session.kind, memory.device()) };
    if memory.save(&copy).await.is_err() {
        return false;
    }
    let copied = DraftSession::new(memory, session.account, (&session.kind, session.form), id);
    if copied.push().await.is_some() {
        return false;
    }
    let _ = session.store().forget(session.matter).await;
    let here = window().location().pathname().unwrap_or_default();
    let _ = window().location().assign(&here.replace(&session.matter.to_string(), &id.to_string()));
    true
}
