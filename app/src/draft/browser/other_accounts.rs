//! The drafts of other accounts on this device, which stay until their account signs in again or somebody asks for their deletion.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::store::{OtherAccount, Store};
use super::web::confirmed;
use crate::ui::Section;

/// The accounts whose unsent drafts this device stores beside those of `account`, each with its ways out.
pub(super) fn other_accounts(account: Option<Uuid>) -> AnyView {
    let others = RwSignal::new_local(Vec::<OtherAccount>::new());
    let load = move || spawn_local(async move { others.set(Store::other_accounts(account).await.unwrap_or_default()) });
    load();
    let row = move |OtherAccount { account, label, unsent }: OtherAccount| {
        let delete = move |_| {
            if confirmed("这些草稿属于其他账号，没有保存到服务器，删除后不能恢复。确定从本机删除吗？")
            {
                spawn_local(async move {
                    if let Ok(store) = Store::open_for(account).await {
                        let _ = store.erase().await;
                    }
                    load();
                });
            }
        };
        let whose = if label.is_empty() { "其他账号".to_owned() } else { format!("账号“{label}”") };
        view! {
            <div class="record" data-testid="other-account">
                <div class="record-head">
                    <div>
                        <p class="record-title">{format!("{whose}：{unsent} 份草稿没有保存到服务器")}</p>
                        <p class="row-sub">
                            "内容已加密，当前账号不能查看。请用填写时的账号在本机登录，登录后自动保存到服务器。"
                        </p>
                    </div>
                    <div class="row-end">
                        <button class="btn btn-sm btn-outline" type="button" on:click=delete>
                            "从本机删除"
                        </button>
                    </div>
                </div>
            </div>
        }
    };
    let section = move || {
        let all = others.get();
        (!all.is_empty()).then(|| view! { <Section title="其他账号在本机的草稿">{all.into_iter().map(row).collect_view()}</Section> })
    };
    view! { {section} }.into_any()
}
