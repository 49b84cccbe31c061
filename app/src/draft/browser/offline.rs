//! The page that opens without a network.

use std::rc::Rc;

use domain::base::rule::{Rules, key};
use domain::engine::draft::Op;
use domain::engine::draft::sync::{Local, Submit, Where};
use domain::engine::flow::Party;
use domain::engine::form::{FormContext, Path, Value};
use domain::matter::Kind;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use uuid::Uuid;
use web_sys::{HtmlButtonElement, SubmitEvent};

use super::carry::carry_view;
use super::desk::{Desk, scene};
use super::drawing::Drawing;
use super::island::register;
use super::js::{Broken, fresh_id, kept_for, post, window};
use super::page::{Place, Sheet};
use super::store::Store;
use super::upload::Uploads;
use crate::draft::Scene;
use crate::ui::*;

/// What the page shows.
#[derive(Clone)]
enum At {
    /// Nothing yet.
    Opening,
    /// That this device keeps nothing.
    Nothing(Option<Broken>),
    /// The drafts kept here.
    List,
    /// A page of one of them.
    Page(Rc<Desk>, Place),
}

/// What all views of the page share.
#[derive(Clone)]
struct House {
    at: RwSignal<At, LocalStorage>,
    store: StoredValue<Option<Store>, LocalStorage>,
    scene: StoredValue<Option<Scene>, LocalStorage>,
    /// Owns what listens for the page that is shown; goes with it.
    shown: StoredValue<Owner, LocalStorage>,
}

/// The whole page.
pub fn desk() -> AnyView {
    let house = House {
        at: RwSignal::new_local(At::Opening),
        store: StoredValue::new_local(None),
        scene: StoredValue::new_local(None),
        shown: StoredValue::new_local(Owner::new()),
    };
    let opening = house.clone();
    spawn_local(async move { opening.open().await });
    let back = house.clone();
    let back = window_event_listener(leptos::ev::popstate, move |_| {
        let house = back.clone();
        spawn_local(async move { house.route().await });
    });
    on_cleanup(move || back.remove());
    let shown = house.clone();
    view! { <div>{move || shown.show()}</div> }.into_any()
}

impl House {
    async fn open(&self) {
        let there = match kept_for() {
            Some(account) => Store::of(account).await.map(Some),
            None => Store::there().await,
        };
        match there {
            Ok(Some(store)) => {
                register();
                // What was kept opens at once; what the server says comes when it comes.
                let kept = store.scene::<Scene>().await.ok().flatten();
                let known = kept.is_some();
                self.scene.set_value(kept);
                self.store.set_value(Some(store.clone()));
                let asked = async move { scene(&store).await };
                if known {
                    let house = self.clone();
                    spawn_local(async move {
                        if let Some(scene) = asked.await {
                            house.scene.set_value(Some(scene));
                        }
                    });
                } else {
                    self.scene.set_value(asked.await);
                }
                self.route().await;
            }
            Ok(None) => self.at.set(At::Nothing(None)),
            Err(broken) => self.at.set(At::Nothing(Some(broken))),
        }
    }

    /// Opens what the address names: `/matters/{id}/edit/{step}[/{list}/{record}]`, or the list.
    async fn route(&self) {
        let path = window().location().pathname().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let wanted = match parts.as_slice() {
            ["", "matters", id, "edit", step] => Some((*id, *step, None)),
            ["", "matters", id, "edit", step, list, record] => Some((*id, *step, Some((*list, *record)))),
            _ => None,
        };
        // What was typed on the page that goes is kept before the next one is drawn.
        let before = match self.at.get_untracked() {
            At::Page(desk, _) => Some(desk),
            _ => None,
        };
        if let Some(desk) = &before {
            desk.flush().await;
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
        self.at.set(opened.unwrap_or(At::List));
    }

    async fn draft(&self, before: Option<Rc<Desk>>, id: Uuid, step: &str, record: Option<(String, Uuid)>) -> Option<At> {
        let store = self.store.get_value()?;
        let local = store.draft(id).await.ok()??;
        let kind = domain::kind::by_code(&local.kind)?;
        let place = Place::of(kind.form, step, record)?;
        let same = before.filter(|desk| desk.matter == id);
        let desk = match same {
            Some(desk) => desk,
            None => Desk::new(store.clone(), store.account()?, kind, id),
        };
        Some(At::Page(desk, place))
    }

    /// Goes to a page of a draft, under the address the wizard has for it.
    fn go(&self, path: &str) {
        let _ = window().history().and_then(|h| h.push_state_with_url(&JsValue::NULL, "", Some(path)));
        let house = self.clone();
        spawn_local(async move { house.route().await });
    }

    fn begin(&self, kind: &'static Kind) {
        let Some((store, account)) = self.store.get_value().and_then(|s| s.account().map(|account| (s, account))) else { return };
        let (house, id) = (self.clone(), fresh_id());
        spawn_local(async move {
            let desk = Desk::new(store, account, kind, id);
            if desk.begin().await.is_ok()
                && let Some(step) = kind.form.steps.first()
            {
                house.go(&format!("/matters/{id}/edit/{}", step.code));
            }
        });
    }

    /// An owner for what listens for the page that is shown now; what listened before does no more.
    fn turn(&self) -> Owner {
        let owner = Owner::new();
        self.shown.try_update_value(|shown| std::mem::replace(shown, owner.clone())).unwrap_or_default().cleanup();
        owner
    }

    fn show(&self) -> AnyView {
        match self.at.get() {
            At::Opening => crate::draft::offline::opening(),
            At::Nothing(broken) => nothing(broken),
            At::List => self.list(),
            At::Page(desk, place) => self.page(desk, place),
        }
    }

    fn list(&self) -> AnyView {
        let _ = self.turn();
        let drafts = RwSignal::new_local(None::<Vec<Local>>);
        let store = self.store.get_value();
        spawn_local(async move {
            let Some(store) = store else { return };
            let kept = store.drafts().await.unwrap_or_default();
            drafts.set(Some(kept.clone()));
            for local in kept.iter().filter(|local| !matches!(local.place(), Where::There(_))) {
                send(&store, local).await;
                drafts.set(Some(store.drafts().await.unwrap_or_default()));
            }
        });
        let house = self.clone();
        let rows = move || {
            drafts.get().map(|all| match all.is_empty() {
                true => view! { <Empty text="本机没有保存草稿"/> }.into_any(),
                false => all.into_iter().map(|local| house.row(local)).collect_view().into_any(),
            })
        };
        let kinds: Vec<AnyView> = domain::kind::KINDS
            .iter()
            .filter(|kind| kind.begun_by.contains(&Party::Applicant))
            .map(|kind| {
                let (house, kind) = (self.clone(), *kind);
                view! { <button class="btn btn-outline" type="button" on:click=move |_| house.begin(kind)>{format!("新建{}", kind.label)}</button> }
                    .into_any()
            })
            .collect();
        let clearing = self.clone();
        let clear = move |_| {
            let house = clearing.clone();
            spawn_local(async move {
                if let Some(store) = house.store.get_value() {
                    let _ = store.erase().await;
                }
                house.at.set(At::Nothing(None));
            });
        };
        let again = self.clone();
        let carried = self.store.get_value().map(|store| carry_view(store, move || again.at.set(At::List)));
        view! {
            <PageHead title="离线草稿" lead="没有网络也可以填写。恢复网络后，内容会自动保存到服务器的草稿箱。"/>
            <Section title="本机保存的草稿">{rows}</Section>
            <Section title="新建草稿"><div class="choices">{kinds}</div></Section>
            {carried}
            <Section title="本机数据">
                <p>"草稿加密保存在本机，7 天没有修改或退出登录后自动清除。证件、地址、电话等敏感信息不在本机保存。"</p>
                <div class="actions"><button class="btn btn-outline btn-error" type="button" on:click=clear>"清除本机数据"</button></div>
            </Section>
        }
        .into_any()
    }

    fn row(&self, local: Local) -> AnyView {
        let Some(kind) = domain::kind::by_code(&local.kind) else { return ().into_any() };
        let Some(step) = kind.form.steps.first() else { return ().into_any() };
        let state = match local.place() {
            Where::Asked(n) => format!("有 {n} 处需要选择"),
            Where::Here => "有内容还未保存到服务器".to_owned(),
            Where::There(_) => "已保存到服务器的草稿箱".to_owned(),
        };
        let (house, path) = (self.clone(), format!("/matters/{}/edit/{}", local.matter, step.code));
        view! {
            <div class="record">
                <div class="record-head">
                    <div><p class="record-title">{format!("{} · {}", kind.label, kind.title_for(&local.mine))}</p><p class="row-sub">{state}</p></div>
                    <div class="row-end"><button class="btn btn-sm btn-outline" type="button" on:click=move |_| house.go(&path)>"继续填写"</button></div>
                </div>
            </div>
        }
        .into_any()
    }

    fn page(&self, desk: Rc<Desk>, place: Place) -> AnyView {
        let local = RwSignal::new_local(None::<Local>);
        let (house, opening, at) = (self.clone(), desk.clone(), place.clone());
        let owner = self.turn();
        spawn_local(async move {
            local.set(opening.local().await);
            // The controls are there once the view has been drawn.
            super::js::pause(0).await;
            let sheet = owner.with(|| Sheet::drawn(opening.clone(), at.clone()));
            let uploads = owner.with(|| Uploads::begin(opening.clone(), at, Some(house.most())));
            owner.with(|| {
                sheet.watch();
                house.buttons(opening.clone());
            });
            owner.with(|| opening.listen());
            opening.take_up(None).await;
            uploads.resume().await;
            opening.sync().await;
        });
        let (house, desk) = (self.clone(), StoredValue::new_local(desk));
        let drawn = move || local.get().map(|local| desk.with_value(|desk| house.drawn(desk, &place, local)));
        view! { {drawn} }.into_any()
    }

    /// The rules as they were last heard of.
    fn rules(&self) -> Rules {
        self.scene.get_value().and_then(|s| Rules::new(s.rules).ok()).unwrap_or_default()
    }

    /// Megabytes a file may have.
    fn most(&self) -> i64 {
        let today = self.scene.get_value().and_then(|s| s.today.parse().ok()).unwrap_or_default();
        self.rules().on(today).int(key::UPLOAD_MAX_MB)
    }

    fn drawn(&self, desk: &Rc<Desk>, place: &Place, local: Local) -> AnyView {
        let scene = self.scene.get_value();
        let empty = std::collections::BTreeMap::new();
        let lists = scene.as_ref().map_or(&empty, |s| &s.lists);
        let rules = self.rules();
        let today = scene.as_ref().and_then(|s| s.today.parse().ok()).unwrap_or_default();
        let context = FormContext { today, lists, rules: &rules, applicant: "", applied: today };
        let drawing = Drawing { desk, form: desk.form, local: &local, context: &context };
        match &place.record {
            Some((list, id)) => drawing.record(place.step, list, *id),
            None => drawing.step(place.step),
        }
    }

    /// The buttons of the form, which are answered here.
    fn buttons(&self, desk: Rc<Desk>) {
        let house = self.clone();
        let pressed = window_event_listener(leptos::ev::submit, move |event: SubmitEvent| {
            let Some(button) = event.submitter().and_then(|b| b.dyn_into::<HtmlButtonElement>().ok()) else { return };
            if button.name() != "_action" {
                return;
            }
            event.prevent_default();
            let (house, desk, action) = (house.clone(), desk.clone(), button.value());
            spawn_local(async move { house.press(&desk, &action).await });
        });
        on_cleanup(move || pressed.remove());
    }

    async fn press(&self, desk: &Rc<Desk>, action: &str) {
        let base = format!("/matters/{}/edit", desk.matter);
        let parts: Vec<&str> = action.split(':').collect();
        match parts.as_slice() {
            ["go", step] => self.go(&format!("{base}/{step}")),
            ["add", step, list] => {
                let id = fresh_id();
                let op = Op { path: Path::Row((*list).to_owned(), id), value: Some(Value::from("kept")) };
                desk.edit(vec![op]).await;
                self.go(&format!("{base}/{step}/{list}/{id}"));
            }
            ["edit", step, list, id] => self.go(&format!("{base}/{step}/{list}/{id}")),
            ["remove", step, list, id] => {
                if let Ok(id) = id.parse() {
                    desk.edit(vec![Op { path: Path::Row((*list).to_owned(), id), value: None }]).await;
                }
                self.go(&format!("{base}/{step}"));
            }
            ["detach", path, file] => {
                if let (Ok(path), Ok(file)) = (path.parse(), file.parse()) {
                    desk.detach(&path, file).await;
                }
                self.route().await;
            }
            ["submit"] => desk.wish().await,
            _ => self.go("/offline"),
        }
    }
}

/// Sends what the server lacks of a draft that is not open.
async fn send(store: &Store, local: &Local) {
    if let (Some(kind), Some(account)) = (domain::kind::by_code(&local.kind), store.account()) {
        Desk::new(store.clone(), account, kind, local.matter).send().await;
    }
}

/// Carries a wish to submit out, once everything has reached the server.
async fn submit(desk: &Rc<Desk>) {
    let Some(Submit::Go(revision, key)) = desk.local().await.map(|l| l.submit()) else { return };
    let body = format!("_rev={revision}&_key={key}");
    let review = format!("/matters/{}/review", desk.matter);
    let done = post(&review, "application/x-www-form-urlencoded", &body).await;
    // Whatever is still missing stands on the check page.
    let to = if done.is_some_and(|(status, _)| status < 300) { format!("/matters/{}/done", desk.matter) } else { review };
    let _ = window().location().assign(&to);
}

fn nothing(broken: Option<Broken>) -> AnyView {
    let text =
        broken.map_or("这台设备没有保存草稿。登录时勾选“这是我自己的设备”后，草稿会加密保存在本机，没有网络也可以填写。", Broken::text);
    view! {
        <PageHead title="离线草稿"/>
        <Section><p>{text}</p><div class="actions"><ButtonLink href="/" label="重新连接" quiet=true/></div></Section>
        {carry_view(Store::memory(None), || ())}
    }
    .into_any()
}

/// What became of a wish to submit.
pub(super) fn wished(desk: &Rc<Desk>) -> AnyView {
    let (told, desk) = (desk.told, desk.clone());
    Effect::new(move |_| {
        if told.with(|t| matches!(t.wish, Some(Submit::Go(..))) && t.files == Some(0)) {
            let desk = desk.clone();
            spawn_local(async move { submit(&desk).await });
        }
    });
    let said = move || match told.with(|t| t.wish)? {
        Submit::Go(..) if told.with(|t| t.files != Some(0)) => Some("已记下提交。文件全部上传后自动提交。"),
        Submit::Nothing | Submit::Go(..) => None,
        Submit::Wait => Some("已记下提交。恢复网络、内容全部保存到服务器后自动提交。"),
        Submit::Ask => Some("草稿在别处又有修改，请核对后再次提交。"),
    };
    view! { <p class="saved" role="status" data-testid="wished">{said}</p> }.into_any()
}
