//! Uploads in chunks, one file after the other: files chosen on the page or stored on the device, continued when the server is reachable
//! again. Small files are sent with the page's form, if there is one.

mod transfer;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::engine::draft::sensitive::may_store;
use domain::engine::form::{Field, Path, Widget};
use domain::engine::upload::{CHUNKED_ABOVE, Upload, UploadStatus, full_message, not_taken_message, percent, too_large_message};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use web_sys::{File, HtmlButtonElement, HtmlFormElement, HtmlInputElement, SubmitEvent};

use super::chosen_files::{attached_files, chosen_files, clear_fault, file_inputs, max_files, set_files, show_fault};
use super::controls::FormLocation;
use super::crashed_choice::forget_choice;
use super::session::DraftSession;
use super::upload_client::cancel_upload;
use super::upload_row::line;
use super::web::new_id;

/// The uploads of a page, and those stored on the device for the same draft.
pub struct Uploads {
    session: Rc<DraftSession>,
    location: FormLocation,
    /// Without a form for small files: size limit of a file in megabytes.
    alone: Option<i64>,
    rows: RefCell<Vec<Rc<UploadItem>>>,
    sending: Cell<bool>,
    woken: Cell<bool>,
    /// Whether the page was closed; the next one continues stored files.
    closed: Arc<AtomicBool>,
    /// The button pressed before all uploads were complete.
    pressed: RefCell<Option<HtmlButtonElement>>,
    waits: ArcRwSignal<bool>,
}

struct UploadItem {
    upload: Upload,
    /// The file, if the device does not store it.
    file: RefCell<Option<File>>,
    state: ArcRwSignal<UploadStatus>,
    /// Bytes received by the server.
    reached: Cell<u64>,
    /// Whether the device is still storing the file.
    keeping: Cell<bool>,
    gone: Cell<bool>,
    line: RefCell<Option<Box<dyn Any>>>,
}

impl Uploads {
    /// Handles files chosen from now on, and continues stored ones. `alone`: see [`Uploads`].
    pub fn new(session: Rc<DraftSession>, location: FormLocation, alone: Option<i64>) -> Rc<Self> {
        let uploads = Rc::new(Self {
            session,
            location,
            alone,
            rows: RefCell::default(),
            sending: Cell::new(false),
            woken: Cell::new(false),
            closed: Arc::default(),
            pressed: RefCell::default(),
            waits: ArcRwSignal::new(false),
        });
        uploads.listen();
        uploads
    }

    /// Continues stored files, and files chosen before hydration.
    pub async fn resume(self: &Rc<Self>) {
        for upload in self.session.store().files(self.session.matter).await.unwrap_or_default() {
            // Skip a file chosen a moment ago.
            if !self.rows.borrow().iter().any(|row| row.upload.id == upload.id) {
                self.add(upload, None);
            }
        }
        self.count();
        for input in file_inputs() {
            self.choose(&input);
        }
        self.run();
    }

    fn listen(self: &Rc<Self>) {
        let uploads = self.clone();
        let chosen = window_event_listener(leptos::ev::change, move |event| {
            if let Some(input) = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) {
                uploads.choose(&input);
            }
        });
        let uploads = self.clone();
        let leaving = window_event_listener_untyped("beforeunload", move |event| {
            // A file that only this page holds is lost with it.
            if uploads.rows.borrow().iter().any(|row| row.under_way() && row.held()) {
                event.prevent_default();
            }
        });
        let woken = ["online", "focus", "visibilitychange"].map(|event| {
            let uploads = self.clone();
            window_event_listener_untyped(event, move |_| uploads.woken.set(true))
        });
        let closed = self.closed.clone();
        on_cleanup(move || {
            closed.store(true, Ordering::Relaxed);
            chosen.remove();
            leaving.remove();
            woken.into_iter().for_each(|handle| handle.remove());
        });
    }

    /// Removes the files for chunked upload from a control; the form sends the others.
    fn choose(self: &Rc<Self>, input: &HtmlInputElement) {
        self.refuse_beyond(input);
        let taken = self.taken(input, self.alone.is_some());
        if taken.is_empty() {
            return;
        }
        let uploads = self.clone();
        spawn_local(async move {
            for (path, file) in taken {
                uploads.take(path, file).await;
            }
            uploads.run();
        });
    }

    /// Takes the chosen files that their answer has no room for out of a control at once, and names them there.
    fn refuse_beyond(&self, input: &HtmlInputElement) {
        let chosen = chosen_files(input);
        let Some(most) = max_files(input).filter(|_| !chosen.is_empty()) else { return };
        clear_fault(input);
        let under_way = |row: &&Rc<UploadItem>| row.upload.path.anchor() == input.id() && row.takes_room();
        let present = attached_files(input) + self.rows.borrow().iter().filter(under_way).count();
        let (taken, beyond) = chosen.split_at(most.saturating_sub(present).min(chosen.len()));
        if !beyond.is_empty() {
            set_files(input, taken);
            let names: Vec<String> = beyond.iter().map(File::name).collect();
            show_fault(input, &not_taken_message(&names, &full_message(most)));
            if taken.is_empty() {
                forget_choice(&input.id());
            }
        }
    }

    /// The form is not sent: handle its files here, too.
    pub async fn take_all(self: &Rc<Self>) {
        for input in file_inputs() {
            for (path, file) in self.taken(&input, true) {
                self.take(path, file).await;
            }
        }
    }

    /// Removes the large files, or `all` files, from a control and returns them.
    fn taken(&self, input: &HtmlInputElement, all: bool) -> Vec<(Path, File)> {
        let field = self.location.fields().into_iter().find(|f| f.name == input.name() && matches!(f.widget, Widget::Files(_)));
        // A 证件照 is cropped first, and small afterwards.
        let Some(field) = field.filter(|f| all || !f.portrait) else { return Vec::new() };
        let (go, stay): (Vec<File>, Vec<File>) = chosen_files(input).into_iter().partition(|f| all || f.size() > CHUNKED_ABOVE as f64);
        if !go.is_empty() {
            set_files(input, &stay);
        }
        go.into_iter().map(|file| (self.location.path(field.name), file)).collect()
    }

    async fn take(self: &Rc<Self>, path: Path, file: File) {
        let (matter, size) = (self.session.matter, file.size() as u64);
        let upload = Upload { id: new_id(), matter, path, name: file.name(), size, received: 0 };
        let row = self.add(upload, Some(file.clone()));
        let own = self.session.form.field_at(&row.upload.path).and_then(Field::accepted_files).and_then(|files| files.megabytes);
        let most = self.alone.map(|most| own.map_or(most, |own| own.min(most)));
        if let Some(most) = most.filter(|most| size > u64::try_from(*most).unwrap_or(0) << 20) {
            row.say(UploadStatus::Rejected(too_large_message(most)));
            return;
        }
        let store = self.session.store();
        if store.is_persistent() && may_store(self.session.form, &row.upload.path) && store.save_file(&row.upload, &file).await.is_ok() {
            row.file.take();
            row.say(UploadStatus::Stored);
            forget_choice(&row.upload.path.anchor());
        }
        row.keeping.set(false);
        if row.gone.get() {
            self.forget(&row).await;
        }
    }

    fn add(self: &Rc<Self>, upload: Upload, file: Option<File>) -> Rc<UploadItem> {
        let here = self.location.fields().iter().any(|f| self.location.path(f.name) == upload.path);
        let label = if here { String::new() } else { self.session.form.label_at(&upload.path) };
        let state = ArcRwSignal::new(if file.is_some() { UploadStatus::InMemory } else { UploadStatus::Stored });
        let keeping = Cell::new(file.is_some());
        let (file, reached, gone) = (RefCell::new(file), Cell::new(0), Cell::new(false));
        let row = Rc::new(UploadItem { upload, file, state, reached, keeping, gone, line: RefCell::default() });
        let (uploads, removed) = (self.clone(), Rc::downgrade(&row));
        let remove = move || {
            let (uploads, Some(row)) = (uploads.clone(), removed.upgrade()) else { return };
            row.gone.set(true);
            spawn_local(async move { uploads.forget(&row).await });
        };
        row.line.replace(line(&row.upload, &label, row.state.clone(), self.waits.clone(), remove));
        self.rows.borrow_mut().push(row.clone());
        self.count();
        row
    }

    /// 移除 before the file is attached.
    async fn forget(&self, row: &Rc<UploadItem>) {
        let _ = self.session.store().remove_file(row.upload.id).await;
        self.rows.borrow_mut().retain(|other| !Rc::ptr_eq(other, row));
        row.line.take();
        self.count();
        cancel_upload(&row.upload).await;
    }

    /// Reports the number of unfinished files to the draft, and submits a form that waited for them.
    fn count(&self) {
        if self.closed() {
            return;
        }
        let lacking = self.rows.borrow().iter().filter(|row| row.state.get_untracked() != UploadStatus::Done).count();
        self.session.update_status(|t| t.files_missing = Some(lacking));
        if self.rows.borrow().iter().any(|row| row.under_way()) {
            return;
        }
        self.waits.set(false);
        let button = self.pressed.take();
        // Refused files must be looked at first.
        if lacking == 0
            && let Some(button) = button
            && let Some(form) = button.form()
        {
            let _ = form.request_submit_with_submitter(Some(&button));
        }
    }

    /// Delays a submission until all uploads are complete, unless the device stores them and the server is unreachable.
    pub fn hold_submit(&self, event: &SubmitEvent) -> bool {
        let edit = event.target().and_then(|t| t.dyn_into::<HtmlFormElement>().ok()).is_some_and(|f| f.id() == "edit");
        let waits =
            |row: &Rc<UploadItem>| row.under_way() && (row.held() || !matches!(row.state.get_untracked(), UploadStatus::Paused { .. }));
        if self.alone.is_some() || !edit || !self.rows.borrow().iter().any(waits) {
            return false;
        }
        event.prevent_default();
        self.pressed.replace(event.submitter().and_then(|b| b.dyn_into().ok()));
        self.waits.set(true);
        true
    }

    fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

impl UploadItem {
    fn say(&self, state: UploadStatus) {
        if self.state.get_untracked() != state {
            self.state.set(state);
        }
    }

    fn under_way(&self) -> bool {
        !self.gone.get() && self.state.get_untracked().is_pending()
    }

    /// Whether the file counts towards the limit of its answer.
    fn takes_room(&self) -> bool {
        !self.gone.get() && !matches!(self.state.get_untracked(), UploadStatus::Rejected(_))
    }

    /// Whether only the page holds the file.
    fn held(&self) -> bool {
        self.file.borrow().is_some()
    }

    fn percent(&self) -> u64 {
        percent(self.reached.get(), self.upload.size)
    }
}
