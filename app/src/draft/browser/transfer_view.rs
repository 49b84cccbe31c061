//! Export and import of drafts on the off-line page.

use std::rc::Rc;

use domain::engine::draft::sync::LocalDraft;
use domain::engine::draft::transfer_file::TransferError;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsValue;
use uuid::Uuid;

use super::session::{DraftSession, load_offline_context};
use super::status_line::status_line;
use super::status_view::status_view;
use super::store::Store;
use super::transfer_file::{ExportSource, export_view, input_value, password_field, read_file};
use super::web::lock;
use crate::ui::Section;

/// Export and import, as a page. `after` is called after an import.
pub fn transfer_view(store: Store, after: impl Fn() + 'static) -> AnyView {
    let (password, file) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let message = RwSignal::new(String::new());
    let open = RwSignal::new_local(Vec::<Rc<DraftSession>>::new());
    let export = store.is_persistent().then(|| export_view(ExportSource::Device(store.clone())));
    let (store, after) = (StoredValue::new_local(store), StoredValue::new_local(after));
    let take = move |_| {
        let (store, typed) = (store.get_value(), input_value(password));
        let chosen = file.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        message.set("正在打开文件…".to_owned());
        spawn_local(async move {
            let taken = match chosen {
                Some(chosen) => import(&store, chosen.into(), &typed).await,
                None => Err(TransferError::Empty),
            };
            match taken {
                Ok((count, conflicting)) => {
                    message.set(format!("已导入 {count} 份草稿。"));
                    let stay = !conflicting.is_empty();
                    open.set(conflicting);
                    if !stay {
                        after.with_value(|after| after());
                    }
                }
                Err(fault) => message.set(fault.text().to_owned()),
            }
        });
    };
    let questions = move || open.get().iter().map(status_view).collect_view();
    view! {
        <Section title="导出与导入">
            {export} <div class="fields" data-testid="import">
                <div class="field">
                    <label class="field-label" for="carry-file">
                        "从文件导入"
                    </label>
                    <input class="input" id="carry-file" type="file" accept=".registrar" node_ref=file />
                </div>
                {password_field(password, "import-password")}
                <div class="actions">
                    <button class="btn btn-outline" type="button" on:click=take>
                        "导入"
                    </button>
                </div>
                {status_line(move || message.get())}
                {questions}
            </div>
        </Section>
    }
    .into_any()
}

/// Imports a file: storable answers are saved and sent later, others are sent at once. Returns the number of drafts, and those with
/// questions that no device may store.
async fn import(store: &Store, file: JsValue, password: &str) -> Result<(usize, Vec<Rc<DraftSession>>), TransferError> {
    let imported = read_file(&file, password).await?;
    let account = match store.account() {
        Some(account) => account,
        None => load_offline_context(store).await.ok_or(TransferError::Away)?.account,
    };
    let drafts = imported.for_account(account)?;
    let (count, mut open) = (drafts.len(), Vec::new());
    for draft in drafts {
        let session = take_in(store, account, draft).await?;
        if session.status.with_untracked(|t| !t.persistent && !t.questions.is_empty()) {
            open.push(session);
        }
    }
    Ok((count, open))
}

async fn take_in(store: &Store, account: Uuid, draft: LocalDraft) -> Result<Rc<DraftSession>, TransferError> {
    let kind = domain::kind::by_code(&draft.kind).ok_or(TransferError::Unreadable)?;
    let matter = draft.matter;
    if store.is_persistent() && draft.is_storable(kind.form) {
        let held = lock(&format!("draft:{matter}")).await;
        let local = match store.draft(matter).await.ok().flatten() {
            Some(mut local) => {
                local.import(&draft);
                local
            }
            None => draft.rebind_to(store.device()),
        };
        store.save(&local).await.map_err(|_| TransferError::Away)?;
        drop(held);
        let session = DraftSession::new(store.clone(), account, (kind.code, kind.form), matter);
        session.sync().await;
        return Ok(session);
    }
    let memory = Store::memory(None);
    let local = draft.rebind_to(memory.device());
    memory.save(&local).await.map_err(|_| TransferError::Away)?;
    let session = DraftSession::new(memory, account, (kind.code, kind.form), matter);
    session.sync().await;
    match session.status.with_untracked(|t| t.failure.is_some()) {
        true => Err(TransferError::Away),
        false => Ok(session),
    }
}
