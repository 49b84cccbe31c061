//! Connects the open page with its draft; loaded when the user begins to type.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use domain::engine::form::Form;
use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_split::wasm_split;
use uuid::Uuid;
use web_sys::{Event, HtmlElement, HtmlInputElement, SubmitEvent};

use super::conditions::Conditions;
use super::controls::{FormLocation, find_all};
use super::handles::{PageDraft, SharedDraft};
use super::page::PageForm;
use super::session::{DraftSession, clock_of, refresh_offline_context};
use super::status_view::status_view;
use super::store::Store;
use super::upload::Uploads;
use super::web::{DeviceError, device_owner, on_window, register_worker, target_of, was_left};
use crate::draft::EditorData;
use crate::lazy::{LocalFuture, NotLoaded};
use crate::portrait::crop_tool::open_crop;

/// Parameters of the draft of a page.
pub struct DraftStart {
    /// Parameters of the page.
    pub data: EditorData,
    /// The form, as far as the page has it.
    pub form: &'static Form,
    /// Conditions of the page.
    pub conditions: Rc<Conditions>,
    /// The element in which the state of the draft is shown.
    pub status: HtmlElement,
}

/// Opens the draft of a page.
///
/// # Errors
/// This part of the program could not be loaded.
#[wasm_split(page_draft, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn open_draft(start: DraftStart) -> Result<LocalFuture<SharedDraft>, NotLoaded> {
    let (account, matter) = (id(&start.data.account)?, id(&start.data.matter)?);
    let record = match &start.data.record {
        Some((list, record)) => Some((list.clone(), id(record)?)),
        None => None,
    };
    let location = FormLocation::new(start.form, &start.data.step, record).ok_or(NotLoaded)?;
    Ok(Box::pin(async move { OpenDraft::open(start, (account, matter), location).await as SharedDraft }))
}

thread_local! {
    /// The device store, which all pages of this document share.
    static STORE: RefCell<Option<Store>> = const { RefCell::new(None) };
}

/// The store of an account on this device.
async fn device_store(account: Uuid) -> Result<Store, DeviceError> {
    let open = STORE.with_borrow(Clone::clone).filter(|store| store.account() == Some(account));
    if let Some(store) = open {
        return Ok(store);
    }
    let store = Store::open_for(account).await?;
    STORE.set(Some(store.clone()));
    Ok(store)
}

fn id(text: &str) -> Result<Uuid, NotLoaded> {
    text.parse().map_err(|_| NotLoaded)
}

/// The draft of the open page.
struct OpenDraft {
    session: Rc<DraftSession>,
    sheet: Rc<PageForm>,
    uploads: Rc<Uploads>,
    /// Owner of the page's listeners.
    owner: Owner,
}

impl OpenDraft {
    async fn open(start: DraftStart, (account, matter): (Uuid, Uuid), location: FormLocation) -> Rc<Self> {
        let DraftStart { data: EditorData { kind, own_device, .. }, form, conditions, status } = start;
        let owner = Owner::new();
        let (store, device_error) = match own_device || device_owner() == Some(account) {
            true => match device_store(account).await {
                Ok(store) => (store, None),
                Err(error) => (Store::memory(None), Some(error)),
            },
            false => (Store::memory(None), None),
        };
        let session = DraftSession::new(store, account, (&kind, form), matter);
        session.update_status(|t| t.device_error = device_error);
        // Text typed before this runs is found by the first reading of the page.
        let sheet = owner.with(|| PageForm::new(session.clone(), location.clone(), conditions));
        let uploads = owner.with(|| Uploads::new(session.clone(), location, None));
        status.set_inner_html("");
        let shown = session.clone();
        mount_to(status, move || status_view(&shown)).forget();
        let open = Rc::new(Self { session, sheet, uploads, owner: owner.clone() });
        owner.with(|| open.listen());
        let begun = open.clone();
        spawn_local(async move { begun.begin(owner).await });
        open
    }

    async fn begin(self: Rc<Self>, owner: Owner) {
        self.session.open(self.sheet.as_sent()).await;
        owner.with(|| self.sheet.watch());
        self.uploads.resume().await;
        let store = self.session.store();
        if store.is_persistent() {
            register_worker();
            let context = refresh_offline_context(&store).await;
            self.session.update_status(|t| t.clock = context.and_then(|text| clock_of(&text)));
            self.session.sync().await;
        } else if was_left(&self.session.matter.to_string()) {
            // The request of this page overtook the text that was sent while the page before it was left.
            self.session.refresh().await;
            // A busy server may have taken it only now.
            self.session.refresh().await;
        }
    }

    fn listen(self: &Rc<Self>) {
        self.session.listen();
        let crop = |event: Event| {
            if let Some(input) = target_of::<HtmlInputElement>(&event) {
                crop(input);
            }
        };
        on_window("change", Box::new(crop));
        find_all("form#edit input[type=file]").into_iter().filter_map(|e| e.dyn_into().ok()).for_each(crop_chosen);
    }
}

/// Crops a photo that was chosen before this ran.
fn crop_chosen(input: HtmlInputElement) {
    if !input.value().is_empty() {
        crop(input);
    }
}

/// Lets one crop the photo that was chosen in a control, where the control has a frame for it.
fn crop(input: HtmlInputElement) {
    let frame = find_all(&format!("[data-crop-for=\"{}\"]", input.id())).into_iter().next();
    if let Some(frame) = frame.and_then(|frame| frame.dyn_into::<HtmlElement>().ok()) {
        open_crop(frame, input);
    }
}

/// The handle of the editor.
impl PageDraft for OpenDraft {
    fn is_persistent(&self) -> bool {
        self.session.status.with_untracked(|t| t.persistent)
    }

    fn settle(&self) -> LocalFuture<()> {
        let sheet = self.sheet.clone();
        Box::pin(async move { sheet.settle().await })
    }

    fn begin_post(&self) -> LocalFuture<Box<dyn Any>> {
        let sheet = self.sheet.clone();
        Box::pin(async move { Box::new(sheet.begin_post().await) as Box<dyn Any> })
    }

    fn posted(&self, revision: i64) -> LocalFuture<()> {
        let sheet = self.sheet.clone();
        Box::pin(async move { sheet.posted(revision).await })
    }

    fn settle_posted(&self) -> LocalFuture<()> {
        let session = self.session.clone();
        Box::pin(async move {
            if session.store().is_persistent() && session.local().await.is_some_and(|local| local.has_more()) {
                session.pull_state().await;
            }
        })
    }

    fn asks(&self) -> bool {
        self.session.status.with_untracked(|t| !t.persistent && !t.questions.is_empty())
    }

    fn hold_submit(&self, event: &SubmitEvent) -> bool {
        self.uploads.hold_submit(event)
    }

    fn server_unreachable(self: Rc<Self>) -> LocalFuture<()> {
        Box::pin(async move {
            self.session.server_unreachable();
            self.uploads.take_all().await;
            self.uploads.run();
        })
    }

    fn leave(&self) {
        self.sheet.leave();
    }

    fn close(&self) {
        self.owner.cleanup();
    }
}
