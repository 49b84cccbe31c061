//! The off-line page.

use std::rc::Rc;

use domain::base::rule::{Rules, key};
use domain::engine::draft::Op;
use domain::engine::draft::sync::LocalDraft;
use domain::engine::form::{Fields, FormContext, KnownAnswers, LineReader, LineWriter, Path, Step, Value, read_known, write_known};
use domain::engine::form_draft::LocalSheet;
use domain::matter::Kind;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use uuid::Uuid;
use web_sys::{HtmlButtonElement, SubmitEvent};

use super::conditions::Conditions;
use super::controls::FormLocation;
use super::offline_views::draft_page;
use super::other_accounts::other_accounts;
use super::page::PageForm;
use super::session::{DraftSession, load_offline_context};
use super::sheet::sheet_view;
use super::store::Store;
use super::transfer_view::transfer_view;
use super::upload::Uploads;
use super::web::{DeviceError, device_owner, new_id, register_worker, sleep, window};
use crate::draft::OfflineContext;
use crate::ui::*;
use crate::wizard::{conflicts, step_after};

/// State of the page.
#[derive(Clone)]
enum OfflineScreen {
    /// Loading.
    Opening,
    /// No stored drafts, with the reason.
    Nothing(Option<DeviceError>),
    /// The list of stored drafts.
    List,
    /// A page of a draft.
    Page(Rc<DraftSession>, FormLocation),
    /// The sheet of an expert.
    Sheet(Box<LocalSheet>),
}

/// Shared state of the views.
#[derive(Clone)]
pub(super) struct OfflineApp {
    at: RwSignal<OfflineScreen, LocalStorage>,
    pub(super) store: StoredValue<Option<Store>, LocalStorage>,
    pub(super) context: StoredValue<Option<OfflineContext>, LocalStorage>,
    /// Owner of the current page's listeners.
    shown: StoredValue<Owner, LocalStorage>,
}

/// The whole page.
pub fn offline_page() -> AnyView {
    let app = OfflineApp {
        at: RwSignal::new_local(OfflineScreen::Opening),
        store: StoredValue::new_local(None),
        context: StoredValue::new_local(None),
        shown: StoredValue::new_local(Owner::new()),
    };
    let opening = app.clone();
    spawn_local(async move { opening.open().await });
    let back = app.clone();
    let back = window_event_listener(leptos::ev::popstate, move |_| {
        let app = back.clone();
        spawn_local(async move { app.route().await });
    });
    on_cleanup(move || back.remove());
    let shown = app.clone();
    view! { <div>{move || shown.show()}</div> }.into_any()
}

impl OfflineApp {
    async fn open(&self) {
        let there = match device_owner() {
            Some(account) => Store::open_for(account).await.map(Some),
            None => Ok(None),
        };
        match there {
            Ok(Some(store)) => {
                register_worker();
                // Open the stored context at once; the server's follows.
                let stored = store.offline_context::<OfflineContext>().await.ok().flatten();
                let known = stored.is_some();
                self.context.set_value(stored);
                self.store.set_value(Some(store.clone()));
                let asked = async move { load_offline_context(&store).await };
                if known {
                    let app = self.clone();
                    spawn_local(async move {
                        if let Some(context) = asked.await {
                            app.context.set_value(Some(context));
                        }
                    });
                } else {
                    self.context.set_value(asked.await);
                }
                self.route().await;
            }
            Ok(None) => self.at.set(OfflineScreen::Nothing(None)),
            Err(broken) => self.at.set(OfflineScreen::Nothing(Some(broken))),
        }
    }

    /// Opens the page of the address: `/matters/{id}/edit/{step}[/{list}/{record}]`, or the list.
    async fn route(&self) {
        let path = window().location().pathname().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let wanted = match parts.as_slice() {
            ["", "matters", id, "edit", step] => Some((*id, *step, None)),
            ["", "matters", id, "edit", step, list, record] => Some((*id, *step, Some((*list, *record)))),
            _ => None,
        };
        let sheet = match parts.as_slice() {
            ["", "expert", _, id] => self.sheet(id).await,
            _ => None,
        };
        // Save the edits of the old page before the next one is rendered.
        let before = match self.at.get_untracked() {
            OfflineScreen::Page(session, _) => Some(session),
            _ => None,
        };
        if let Some(session) = &before {
            session.flush().await;
        }
        let opened = match wanted {
            Some((id, step, record)) => {
                let record = record.and_then(|(list, record)| Some((list.to_owned(), record.parse::<Uuid>().ok()?)));
                match id.parse() {
                    Ok(id) => self.draft(before, id, step, record).await,
                    Err(_) => None,
                }
            }
            None => None,
        };
        self.at.set(opened.or(sheet).unwrap_or(OfflineScreen::List));
    }

    async fn sheet(&self, id: &str) -> Option<OfflineScreen> {
        let sheet = self.store.get_value()?.sheet(id.parse().ok()?).await.ok()??;
        Some(OfflineScreen::Sheet(Box::new(sheet)))
    }

    async fn draft(&self, before: Option<Rc<DraftSession>>, id: Uuid, step: &str, record: Option<(String, Uuid)>) -> Option<OfflineScreen> {
        let store = self.store.get_value()?;
        let local = store.draft(id).await.ok()??;
        let kind = domain::kind::by_code(&local.kind)?;
        let location = FormLocation::new(kind.form, step, record)?;
        let same = before.filter(|session| session.matter == id);
        let session = match same {
            Some(session) => session,
            None => self.session(store.clone(), store.account()?, kind, id),
        };
        Some(OfflineScreen::Page(session, location))
    }

    /// A draft whose questions this page can put into words.
    fn session(&self, store: Store, account: Uuid, kind: &'static Kind, matter: Uuid) -> Rc<DraftSession> {
        let session = DraftSession::new(store, account, (kind.code, kind.form), matter);
        let app = self.clone();
        session.wording.replace(Some(Rc::new(move |questions| app.with_context(|context| conflicts(kind.form, questions, context)))));
        session
    }

    /// Shows the list of stored drafts again.
    pub(super) fn show_list(&self) {
        self.at.set(OfflineScreen::List);
    }

    /// The device stores nothing for this account any more.
    pub(super) fn show_nothing(&self) {
        self.at.set(OfflineScreen::Nothing(None));
    }

    /// Navigates to a page of a draft, with the wizard's address.
    pub(super) fn go(&self, path: &str) {
        let _ = window().history().and_then(|h| h.push_state_with_url(&JsValue::NULL, "", Some(path)));
        let app = self.clone();
        spawn_local(async move { app.route().await });
    }

    pub(super) fn begin(&self, kind: &'static Kind) {
        let Some((store, account)) = self.store.get_value().and_then(|s| s.account().map(|account| (s, account))) else { return };
        let (app, id) = (self.clone(), new_id());
        spawn_local(async move {
            let session = app.session(store, account, kind, id);
            if session.create().await.is_ok()
                && let Some(step) = kind.form.steps.first()
            {
                app.go(&format!("/matters/{id}/edit/{}", step.code));
            }
        });
    }

    /// A new owner for the listeners of the next page; disposes the old one.
    pub(super) fn turn(&self) -> Owner {
        let owner = Owner::new();
        self.shown.try_update_value(|shown| std::mem::replace(shown, owner.clone())).unwrap_or_default().cleanup();
        owner
    }

    fn show(&self) -> AnyView {
        match self.at.get() {
            OfflineScreen::Opening => crate::draft::opening::opening(),
            OfflineScreen::Nothing(broken) => nothing(broken),
            OfflineScreen::List => self.list_view(),
            OfflineScreen::Page(session, location) => self.page(session, location),
            OfflineScreen::Sheet(sheet) => sheet_view(self.turn(), self.store.get_value(), *sheet),
        }
    }

    fn page(&self, session: Rc<DraftSession>, location: FormLocation) -> AnyView {
        let local = RwSignal::new_local(None::<LocalDraft>);
        let (app, opening, at) = (self.clone(), session.clone(), location.clone());
        let owner = self.turn();
        spawn_local(async move {
            local.set(opening.local().await);
            // The controls exist once the view is rendered.
            sleep(0).await;
            let known = opening.local().await.map(|local| known_answers(&local.mine.fields)).unwrap_or_default();
            let conditions = Conditions::new(opening.form, at.fields(), at.record.is_some(), known);
            let uploads = owner.with(|| Uploads::new(opening.clone(), at.clone(), Some(app.upload_limit())));
            let form = owner.with(|| PageForm::new(opening.clone(), at.clone(), conditions.clone()));
            owner.with(|| {
                form.watch();
                app.buttons(opening.clone(), at.step);
            });
            owner.with(|| opening.listen());
            opening.open(None).await;
            uploads.resume().await;
            opening.sync().await;
        });
        let (app, session) = (self.clone(), StoredValue::new_local(session));
        let drawn = move || local.get().map(|local| session.with_value(|session| app.drawn(session, &location, &local)));
        view! { {drawn} }.into_any()
    }

    /// The last known rules.
    fn rules(&self) -> Rules {
        self.context.get_value().and_then(|s| Rules::new(s.rules).ok()).unwrap_or_default()
    }

    /// Size limit of a file in megabytes.
    fn upload_limit(&self) -> i64 {
        let today = self.context.get_value().and_then(|s| s.today.parse().ok()).unwrap_or_default();
        self.rules().on(today).int(key::UPLOAD_MAX_MB)
    }

    /// Runs `f` with the context of forms.
    fn with_context<T>(&self, f: impl FnOnce(&FormContext<'_>) -> T) -> T {
        let context = self.context.get_value();
        let empty = std::collections::BTreeMap::new();
        let lists = context.as_ref().map_or(&empty, |s| &s.lists);
        let rules = self.rules();
        let today = context.as_ref().and_then(|s| s.today.parse().ok()).unwrap_or_default();
        // Facts about the applicant stay with the server, which validates.
        f(&FormContext { today, lists, rules: &rules, applicant: "", former_names: &[], facts: &Fields::new(), applied_on: today })
    }

    fn drawn(&self, session: &Rc<DraftSession>, location: &FormLocation, local: &LocalDraft) -> AnyView {
        self.with_context(|context| draft_page(session, location, local, context))
    }

    async fn is_full(&self, session: &Rc<DraftSession>, list: &str) -> bool {
        let count = session.local().await.map_or(0, |local| local.mine.records(list).count());
        session.form.records(list).is_some_and(|(_, list)| count >= list.max)
    }

    /// Handles the buttons of the form.
    fn buttons(&self, session: Rc<DraftSession>, step: &'static Step) {
        let app = self.clone();
        let pressed = window_event_listener(leptos::ev::submit, move |event: SubmitEvent| {
            let Some(button) = event.submitter().and_then(|b| b.dyn_into::<HtmlButtonElement>().ok()) else { return };
            if button.name() != "_action" {
                return;
            }
            event.prevent_default();
            let (app, session, action) = (app.clone(), session.clone(), button.value());
            spawn_local(async move { app.press(&session, step, &action).await });
        });
        on_cleanup(move || pressed.remove());
    }

    async fn press(&self, session: &Rc<DraftSession>, step: &'static Step, action: &str) {
        let base = format!("/matters/{}/edit", session.matter);
        let parts: Vec<&str> = action.split(':').collect();
        match parts.as_slice() {
            ["next"] => {
                session.flush().await;
                let answers = session.local().await.map(|local| local.mine).unwrap_or_default();
                match step_after(session.form, &answers, step.code) {
                    Some(next) => self.go(&format!("{base}/{}", next.code)),
                    None => session.request_submission().await,
                }
            }
            ["goto", step] => self.go(&format!("{base}/{step}")),
            // The page of the list says that it is full.
            ["add", list] if self.is_full(session, list).await => self.route().await,
            ["add", list] => {
                let id = new_id();
                let op = Op { path: Path::Row((*list).to_owned(), id), value: Some(Value::from("stored")) };
                session.edit(vec![op]).await;
                self.go(&format!("{base}/{}/{list}/{id}", step.code));
            }
            ["edit", list, id] => self.go(&format!("{base}/{}/{list}/{id}", step.code)),
            ["remove", list, id] => {
                if let Ok(id) = id.parse() {
                    session.edit(vec![Op { path: Path::Row((*list).to_owned(), id), value: None }]).await;
                }
                self.go(&format!("{base}/{}", step.code));
            }
            ["detach", path, file] => {
                if let (Ok(path), Ok(file)) = (path.parse(), file.parse()) {
                    session.detach_file(&path, file).await;
                }
                self.route().await;
            }
            ["submit"] => session.request_submission().await,
            _ => self.go("/offline"),
        }
    }
}

/// Answers on which conditions depend. They are leaked, so they stay in memory until the program ends.
fn known_answers(fields: &Fields) -> KnownAnswers {
    let mut text = LineWriter::default();
    write_known(fields, &mut text);
    read_known(&mut LineReader::new(text.finish())).unwrap_or_default()
}

fn nothing(broken: Option<DeviceError>) -> AnyView {
    let text = broken
        .map_or("这台设备没有保存草稿。登录时勾选“这是我自己的设备”后，草稿会加密保存在本机，没有网络也可以填写。", DeviceError::text);
    view! {
        <PageHead title="离线草稿" />
        <Section>
            <p>{text}</p>
            <div class="actions">
                <ButtonLink href="/" label="重新连接" quiet=true />
            </div>
        </Section>
        {other_accounts(None)}
        {transfer_view(Store::memory(None), || ())}
    }
    .into_any()
}
