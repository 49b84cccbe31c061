//! 评价意见 on the off-line page: the stored sheets of an expert.

use domain::engine::form_draft::LocalSheet;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::offline::OfflineApp;
use super::sheet::settle_sheet;
use super::web::{confirmed, window};
use crate::ui::*;

/// The stored sheets, once they are read.
type Sheets = RwSignal<Vec<LocalSheet>, LocalStorage>;

impl OfflineApp {
    /// The stored sheets; nothing if there are none. What is unsent is sent, and what was submitted or ended is deleted.
    pub(super) fn sheets_section(&self) -> AnyView {
        let sheets: Sheets = RwSignal::new_local(Vec::new());
        let store = self.store.get_value();
        spawn_local(async move {
            let Some(store) = store else { return };
            let stored = store.sheets().await.unwrap_or_default();
            sheets.set(stored.clone());
            for sheet in stored {
                settle_sheet(&store, sheet).await;
                sheets.set(store.sheets().await.unwrap_or_default());
            }
        });
        let app = self.clone();
        let section = move || {
            let all = sheets.get();
            (!all.is_empty()).then(|| {
                let rows = all.into_iter().map(|sheet| app.sheet_row(sheet, sheets)).collect_view();
                view! { <Section title="评价意见">{rows}</Section> }
            })
        };
        view! { {section} }.into_any()
    }

    fn sheet_row(&self, sheet: LocalSheet, sheets: Sheets) -> AnyView {
        let (app, subject, unsent) = (StoredValue::new_local(self.clone()), sheet.subject, sheet.typed.is_unsent());
        let (state, title) = (state_text(&sheet), sheet.title.clone());
        let can_submit = sheet.is_submission_requested && !unsent;
        let (address, online) = (sheet.address.clone(), sheet.address);
        let open = move |_| app.with_value(|app| app.go(&address));
        let check = move |_| drop(window().location().assign(&online));
        let delete = move |_| {
            if unsent && !confirmed("这份评价意见还有内容没有保存到服务器，删除后不能恢复。确定从本机删除吗？")
            {
                return;
            }
            let Some(store) = app.with_value(|app| app.store.get_value()) else { return };
            spawn_local(async move {
                let _ = store.forget(subject).await;
                sheets.set(store.sheets().await.unwrap_or_default());
            });
        };
        let small = "btn btn-sm btn-outline";
        view! {
            <div class="record" data-testid="stored-sheet">
                <div class="record-head">
                    <div>
                        <p class="record-title">{title}</p>
                        <p class="row-sub">{state}</p>
                    </div>
                    <div class="row-end">
                        {can_submit
                            .then(|| {
                                view! {
                                    <button class=small type="button" on:click=check>
                                        "核对并提交"
                                    </button>
                                }
                            })} <button class=small type="button" on:click=open>
                            "继续填写"
                        </button> <button class=small type="button" on:click=delete>
                            "从本机删除"
                        </button>
                    </div>
                </div>
            </div>
        }
        .into_any()
    }
}

fn state_text(sheet: &LocalSheet) -> String {
    let saved = match (sheet.typed.is_unsent(), sheet.typed.is_over) {
        (true, true) => "情况已有变化，本机还有没有提交的内容",
        (true, false) => "有内容还未保存到服务器，或与其他设备填写的不同，请打开后处理",
        (false, true) => "评价已结束",
        (false, false) => "已暂存到服务器",
    };
    if sheet.is_submission_requested { format!("{saved}。已记下提交，尚未提交") } else { saved.to_owned() }
}
