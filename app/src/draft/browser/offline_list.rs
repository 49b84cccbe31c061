//! The list of the off-line page: the drafts stored on this device, those of other accounts, and the kinds that can be begun.

use domain::engine::draft::sync::{LocalDraft, SaveLocation};
use domain::engine::flow::Party;
use domain::matter::Kind;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::offline::OfflineApp;
use super::other_accounts::other_accounts;
use super::session::DraftSession;
use super::store::Store;
use super::transfer_view::transfer_view;
use super::web::{confirmed, now_ms, window};
use crate::ui::*;

/// What a row of the list offers.
type Drafts = RwSignal<Option<Vec<LocalDraft>>, LocalStorage>;

impl OfflineApp {
    /// The stored drafts. Unsent edits are sent, and drafts that were submitted meanwhile are deleted.
    pub(super) fn list_view(&self) -> AnyView {
        let _ = self.turn();
        let drafts: Drafts = RwSignal::new_local(None);
        let store = self.store.get_value();
        let account = store.as_ref().and_then(Store::account);
        spawn_local(async move {
            let Some(store) = store else { return };
            let stored = store.drafts().await.unwrap_or_default();
            drafts.set(Some(stored.clone()));
            for local in &stored {
                settle(&store, local).await;
                drafts.set(Some(store.drafts().await.unwrap_or_default()));
            }
        });
        let again = self.clone();
        let transfer = self.store.get_value().map(|store| transfer_view(store, move || again.show_list()));
        let clearing = self.clone();
        let clear = move |_| {
            let drafts = drafts.get_untracked().is_some_and(|all| all.iter().any(LocalDraft::has_more));
            let app = clearing.clone();
            spawn_local(async move {
                if let Some(store) = app.store.get_value() {
                    let sheets = store.sheets().await.unwrap_or_default();
                    let more = drafts || sheets.iter().any(|sheet| sheet.typed.is_unsent() || sheet.is_submission_requested);
                    if more && !confirmed("本机还有内容没有保存到服务器，清除后不能恢复。确定清除吗？") {
                        return;
                    }
                    let _ = store.erase().await;
                }
                app.show_nothing();
            });
        };
        let (clock, sheets, rows, kinds) = (self.clock(), self.sheets_section(), self.rows(drafts), self.kinds());
        view! {
            <PageHead
                title="离线草稿"
                lead="没有网络也可以填写。恢复网络后，内容会自动保存到服务器的草稿箱。"
            />
            {clock}
            {sheets}
            <Section title="本机保存的草稿">{rows}</Section>
            {other_accounts(account)}
            <Section title="新建草稿">{kinds}</Section>
            {transfer}
            <Section title="本机数据">
                <p>
                    "草稿加密保存在本机。已保存到服务器的草稿 7 天没有修改后自动清除，没有保存到服务器的不会自动清除；退出登录后清除本账号的草稿。证件、地址、电话等敏感信息不在本机保存。"
                </p>
                <div class="actions">
                    <button class="btn btn-outline btn-error" type="button" on:click=clear>
                        "清除本机数据"
                    </button>
                </div>
            </Section>
        }
        .into_any()
    }

    /// The warning about the clock of this device, as far as the stored context is of today.
    fn clock(&self) -> AnyView {
        let now = self.context.with_value(|context| context.as_ref().filter(|c| c.is_fresh).map(|c| c.now));
        let warning = now.and_then(|now| domain::engine::draft::device::clock_warning(now_ms() as i64, now));
        warning
            .map(|text| {
                view! {
                    <p class="saved saved-bad" data-testid="clock">
                        {text}
                    </p>
                }
            })
            .into_any()
    }

    fn rows(&self, drafts: Drafts) -> AnyView {
        let app = self.clone();
        let rows = move || {
            drafts.get().map(|all| match all.is_empty() {
                true => view! { <Empty text="本机没有保存草稿" /> }.into_any(),
                false => all.into_iter().map(|local| app.row(local, drafts)).collect_view().into_any(),
            })
        };
        view! { {rows} }.into_any()
    }

    fn row(&self, local: LocalDraft, drafts: Drafts) -> AnyView {
        let Some(kind) = domain::kind::by_code(&local.kind) else { return ().into_any() };
        let Some(step) = kind.form.steps.first() else { return ().into_any() };
        let (matter, closed, requested, more) = (local.matter, local.closed, local.intent.is_some(), local.has_more());
        let on_server = matches!(local.location(), SaveLocation::Server(_));
        let (state, title) = (state_text(&local), format!("{} · {}", kind.label, kind.title_for(&local.mine)));
        let change = StoredValue::new_local((self.clone(), drafts));
        let path = format!("/matters/{matter}/edit/{}", step.code);
        let open = move |_| change.with_value(|(app, _)| app.go(&path));
        let cancel = move |_| change.with_value(|(app, drafts)| app.change(*drafts, matter, Change::CancelSubmission));
        let check = move |_| change.with_value(|(app, drafts)| app.change(*drafts, matter, Change::Check));
        let delete = move |_| {
            let question = "这份草稿还有内容没有保存到服务器，删除后不能恢复。确定从本机删除吗？";
            if !more || confirmed(question) {
                change.with_value(|(app, drafts)| app.change(*drafts, matter, Change::Delete));
            }
        };
        let small = "btn btn-sm btn-outline";
        view! {
            <div class="record" data-testid="stored-draft">
                <div class="record-head">
                    <div>
                        <p class="record-title">{title}</p>
                        <p class="row-sub">{state}</p>
                    </div>
                    <div class="row-end">
                        {(requested && on_server)
                            .then(|| {
                                view! {
                                    <button class=small type="button" on:click=check>
                                        "核对并提交"
                                    </button>
                                }
                            })}
                        {requested
                            .then(|| {
                                view! {
                                    <button class=small type="button" on:click=cancel>
                                        "取消提交"
                                    </button>
                                }
                            })} <button class=small type="button" on:click=open>
                            {if closed { "查看" } else { "继续填写" }}
                        </button> <button class=small type="button" on:click=delete>
                            "从本机删除"
                        </button>
                    </div>
                </div>
            </div>
        }
        .into_any()
    }

    /// Changes a stored draft, and shows the list anew.
    fn change(&self, drafts: Drafts, matter: Uuid, change: Change) {
        let Some(store) = self.store.get_value() else { return };
        spawn_local(async move {
            match change {
                Change::Delete => drop(store.forget(matter).await),
                Change::CancelSubmission | Change::Check => {
                    if let Ok(Some(local)) = store.draft(matter).await
                        && let Some(session) = session_of(&store, &local)
                    {
                        session.cancel_submission().await;
                    }
                }
            }
            if matches!(change, Change::Check) {
                let _ = window().location().assign(&format!("/matters/{matter}/review"));
            }
            drafts.set(Some(store.drafts().await.unwrap_or_default()));
        });
    }

    /// A button for each kind that can be begun, and the reason for each that cannot.
    fn kinds(&self) -> AnyView {
        let reasons = self.context.with_value(|context| context.as_ref().map(|c| c.unavailable.clone()).unwrap_or_default());
        let unknown = self.context.with_value(Option::is_none);
        let kinds = domain::kind::KINDS.iter().filter(|kind| kind.begun_by.contains(&Party::Applicant));
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for kind in kinds {
            let needs_server = unknown && kind.availability.is_some();
            match reasons.get(kind.code) {
                Some(reason) => closed.push((kind.label.to_owned(), reason.clone())),
                None if needs_server => closed.push((kind.label.to_owned(), "能否办理须联网后确认".to_owned())),
                None => open.push(self.new_button(kind)),
            }
        }
        let closed = (!closed.is_empty()).then(|| view! { <DescriptionList items=closed /> });
        view! {
            <div class="choices">{open}</div>
            {closed}
        }
        .into_any()
    }

    fn new_button(&self, kind: &'static Kind) -> AnyView {
        let app = self.clone();
        let label = format!("新建{}", kind.label);
        view! {
            <button class="btn btn-outline" type="button" on:click=move |_| app.begin(kind)>
                {label}
            </button>
        }
        .into_any()
    }
}

/// What a button of a row does.
#[derive(Clone, Copy)]
enum Change {
    /// Deletes the draft from this device.
    Delete,
    /// Takes the requested submission back.
    CancelSubmission,
    /// The same, and opens the check page, where it is submitted.
    Check,
}

/// State of a stored draft, for the user.
fn state_text(local: &LocalDraft) -> String {
    let saved = match local.location() {
        _ if local.closed && local.has_more() => "已提交或已结束，本机还有提交前没有保存的修改".to_owned(),
        _ if local.refusal.is_some() => format!("没有保存到服务器：{}", local.refusal.as_deref().unwrap_or_default()),
        _ if !local.refused.is_empty() => format!("有 {} 处没有保存到服务器，请打开后处理", local.refused.len()),
        SaveLocation::Conflicts(n) => format!("有 {n} 处需要选择"),
        SaveLocation::Device => "有内容还未保存到服务器".to_owned(),
        SaveLocation::Server(_) => "已保存到服务器的草稿箱".to_owned(),
    };
    if local.intent.is_some() { format!("{saved}。已记下提交，尚未提交") } else { saved }
}

fn session_of(store: &Store, local: &LocalDraft) -> Option<std::rc::Rc<DraftSession>> {
    let kind = domain::kind::by_code(&local.kind)?;
    Some(DraftSession::new(store.clone(), store.account()?, (kind.code, kind.form), local.matter))
}

/// Sends unsent edits of a draft that is not open, or learns whether the server still takes changes of it.
async fn settle(store: &Store, local: &LocalDraft) {
    let Some(session) = session_of(store, local) else { return };
    if local.has_more() {
        session.push().await;
    }
    session.pull().await;
}
