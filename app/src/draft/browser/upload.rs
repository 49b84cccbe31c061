//! Files on their way to the server, piece by piece, one after the other: chosen on the page, kept by the device where it may, and gone on
//! with when a server that was away is back. Files that are small go with the page's form, where there is one.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::engine::draft::Op;
use domain::engine::draft::keep::may_stay;
use domain::engine::draft::sync::wait_after;
use domain::engine::form::{Path, Value, Widget};
use domain::engine::upload::{LARGE, PIECE, State, Upload, percent, piece, too_large};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use web_sys::{DataTransfer, File, HtmlButtonElement, HtmlFormElement, HtmlInputElement, SubmitEvent};

use super::desk::Desk;
use super::island::label;
use super::js::{fresh_id, lock, now_ms, pause, random, slice};
use super::line::line;
use super::page::Place;
use super::sending::{Stop, ask_offset, begin, drop_upload, send};

/// How often somebody who waits looks whether something has woken them.
const LOOK_MS: i32 = 250;
/// How often a piece may be told to go elsewhere before something is wrong.
const ASTRAY: u32 = 5;

/// The files of one page, and those the device keeps for the same draft.
pub struct Uploads {
    desk: Rc<Desk>,
    place: Place,
    /// Where there is no form to send small files with: megabytes a file may have.
    alone: Option<i64>,
    rows: RefCell<Vec<Rc<Row>>>,
    sending: Cell<bool>,
    woken: Cell<bool>,
    /// Whether the page is gone; what the device keeps is brought by the next one.
    closed: Arc<AtomicBool>,
    /// The button that was pressed before everything was there.
    pressed: RefCell<Option<HtmlButtonElement>>,
    waits: ArcRwSignal<bool>,
}

struct Row {
    upload: Upload,
    /// The file, where the device does not keep it.
    file: RefCell<Option<File>>,
    state: ArcRwSignal<State>,
    /// Bytes the server has.
    reached: Cell<u64>,
    /// Whether the device is still at it.
    keeping: Cell<bool>,
    gone: Cell<bool>,
    line: RefCell<Option<Box<dyn Any>>>,
}

impl Uploads {
    /// Takes the files chosen on the page from now on, and goes on with what the device keeps. `alone`: see [`Uploads`].
    pub fn begin(desk: Rc<Desk>, place: Place, alone: Option<i64>) -> Rc<Self> {
        let uploads = Rc::new(Self {
            desk,
            place,
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

    /// Goes on with what the device keeps, and with what was chosen before this woke.
    pub async fn resume(self: &Rc<Self>) {
        for upload in self.desk.store().files(self.desk.matter).await.unwrap_or_default() {
            // One chosen a moment ago is there already.
            if !self.rows.borrow().iter().any(|row| row.upload.id == upload.id) {
                self.add(upload, None);
            }
        }
        self.count();
        for input in inputs() {
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
        let submitted = window_event_listener(leptos::ev::submit, move |event| uploads.hold(&event));
        let uploads = self.clone();
        let leaving = window_event_listener_untyped("beforeunload", move |event| {
            // A file that only this page holds goes with it.
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
            submitted.remove();
            leaving.remove();
            woken.into_iter().for_each(|handle| handle.remove());
        });
    }

    /// Takes what goes in pieces out of a control, and leaves the rest to the form.
    fn choose(self: &Rc<Self>, input: &HtmlInputElement) {
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

    /// The form does not go out: what was chosen for it is kept as well.
    pub async fn keep_rest(self: &Rc<Self>) {
        for input in inputs() {
            for (path, file) in self.taken(&input, true) {
                self.take(path, file).await;
            }
        }
    }

    /// Empties a control of what is large, or of `all`; gives that.
    fn taken(&self, input: &HtmlInputElement, all: bool) -> Vec<(Path, File)> {
        let field = self.place.fields().into_iter().find(|f| f.name == input.name() && matches!(f.widget, Widget::Files(_)));
        // A 证件照 is cut first, and small afterwards.
        let Some(field) = field.filter(|f| all || !f.portrait) else { return Vec::new() };
        let Some(files) = input.files() else { return Vec::new() };
        let files = (0..files.length()).filter_map(|i| files.get(i));
        let (go, stay): (Vec<File>, Vec<File>) = files.partition(|f| all || f.size() > LARGE as f64);
        if !go.is_empty() {
            put_back(input, &stay);
        }
        go.into_iter().map(|file| (self.place.path(field.name), file)).collect()
    }

    async fn take(self: &Rc<Self>, path: Path, file: File) {
        let (matter, size) = (self.desk.matter, file.size() as u64);
        let upload = Upload { id: fresh_id(), matter, path, name: file.name(), size, received: 0 };
        let row = self.add(upload, Some(file.clone()));
        if let Some(most) = self.alone.filter(|most| size > u64::try_from(*most).unwrap_or(0) << 20) {
            row.say(State::Refused(too_large(most)));
            return;
        }
        let store = self.desk.store();
        if store.lasts() && may_stay(self.desk.form, &row.upload.path) && store.keep_file(&row.upload, &file).await.is_ok() {
            row.file.take();
            row.say(State::Kept);
        }
        row.keeping.set(false);
        if row.gone.get() {
            self.forget(&row).await;
        }
    }

    fn add(self: &Rc<Self>, upload: Upload, file: Option<File>) -> Rc<Row> {
        let here = self.place.fields().iter().any(|f| self.place.path(f.name) == upload.path);
        let label = if here { String::new() } else { label(self.desk.form, &upload.path) };
        let state = ArcRwSignal::new(if file.is_some() { State::Held } else { State::Kept });
        let keeping = Cell::new(file.is_some());
        let (file, reached, gone) = (RefCell::new(file), Cell::new(0), Cell::new(false));
        let row = Rc::new(Row { upload, file, state, reached, keeping, gone, line: RefCell::default() });
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

    /// 移除, before the file is attached.
    async fn forget(&self, row: &Rc<Row>) {
        let _ = self.desk.store().forget_file(row.upload.id).await;
        self.rows.borrow_mut().retain(|other| !Rc::ptr_eq(other, row));
        row.line.take();
        self.count();
        drop_upload(&row.upload).await;
    }

    /// Tells the draft how many of its files the server lacks, and lets a form go that waited for them.
    fn count(&self) {
        if self.closed() {
            return;
        }
        let lacking = self.rows.borrow().iter().filter(|row| row.state.get_untracked() != State::Done).count();
        self.desk.say(|t| t.files = Some(lacking));
        if self.rows.borrow().iter().any(|row| row.under_way()) {
            return;
        }
        self.waits.set(false);
        let button = self.pressed.take();
        // What was refused is looked at first.
        if lacking == 0
            && let Some(button) = button
            && let Some(form) = button.form()
        {
            let _ = form.request_submit_with_submitter(Some(&button));
        }
    }

    /// A page whose files are still on their way waits for them; it is left at once only where the device keeps them and the server is
    /// away.
    fn hold(&self, event: &SubmitEvent) {
        let edit = event.target().and_then(|t| t.dyn_into::<HtmlFormElement>().ok()).is_some_and(|f| f.id() == "edit");
        let waits = |row: &Rc<Row>| row.under_way() && (row.held() || !matches!(row.state.get_untracked(), State::Paused(_)));
        if self.alone.is_some() || !edit || !self.rows.borrow().iter().any(waits) {
            return;
        }
        event.prevent_default();
        event.stop_immediate_propagation();
        self.pressed.replace(event.submitter().and_then(|b| b.dyn_into().ok()));
        self.waits.set(true);
    }

    /// Sends what there is, one file after the other.
    fn run(self: &Rc<Self>) {
        if self.sending.replace(true) {
            return;
        }
        let uploads = self.clone();
        spawn_local(async move {
            loop {
                let next = uploads.rows.borrow().iter().find(|row| uploads.brings(row)).cloned();
                let Some(row) = next else { break };
                uploads.bring(&row).await;
                uploads.count();
            }
            uploads.sending.set(false);
        });
    }

    fn brings(&self, row: &Row) -> bool {
        row.under_way() && !row.keeping.get() && (row.held() || !self.closed())
    }

    fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Brings one file to the server, however often that has to be tried.
    async fn bring(self: &Rc<Self>, row: &Rc<Row>) {
        let mut failures = 0;
        while self.brings(row) {
            let before = row.reached.get();
            let done = self.attempt(row).await;
            let away = matches!(done, Err(Stop::Away));
            row.say(match done {
                Ok(()) => State::Done,
                Err(Stop::Refused(why)) => State::Refused(why),
                Err(Stop::Away | Stop::Busy) => State::Paused(row.percent()),
                Err(Stop::SignIn) => State::SignIn,
                Err(Stop::NotYet) if row.held() => State::Held,
                Err(Stop::NotYet) => State::Kept,
            });
            if self.brings(row) {
                failures = if row.reached.get() > before { 0 } else { failures };
                self.wait(wait_after(failures, random::<1>()[0]).num_milliseconds() as f64, away).await;
                failures += 1;
            }
        }
    }

    /// Waits so long, or until the person, the network or a server that was away is seen again.
    async fn wait(&self, ms: f64, away: bool) {
        let until = now_ms() + ms;
        self.woken.set(false);
        if away {
            self.desk.server_away();
        }
        while now_ms() < until && !self.woken.get() {
            pause(LOOK_MS).await;
            if away && self.desk.told.with_untracked(|t| t.failure.is_none()) {
                return;
            }
        }
    }

    /// Asks how far the upload is, and goes on from there to its end.
    async fn attempt(self: &Rc<Self>, row: &Row) -> Result<(), Stop> {
        self.draft_there(&row.upload.path).await?;
        let held = lock(&format!("upload:{}", row.upload.id)).await;
        let mut at = match ask_offset(&row.upload).await? {
            Some(at) => at,
            None => begin(&row.upload).await?,
        };
        let mut astray = 0;
        while !row.gone.get() {
            row.reached.set(at);
            row.say(State::Sending(row.percent()));
            let (begin, end) = piece(at, row.upload.size);
            let bytes = self.bytes(row, begin, end).await?;
            let told = send(&row.upload, at, &bytes).await?;
            if told == end && end == row.upload.size {
                break;
            }
            astray = if told == end { 0 } else { astray + 1 };
            if astray > ASTRAY {
                return Err(Stop::Busy);
            }
            at = told;
        }
        drop(held);
        if !row.gone.get() {
            let _ = self.desk.store().forget_file(row.upload.id).await;
            self.desk.attached(&row.upload.path, row.upload.id).await;
        }
        Ok(())
    }

    /// Has the draft, and the record the file belongs to, reach the server first.
    async fn draft_there(&self, path: &Path) -> Result<(), Stop> {
        if self.there(path).await {
            return Ok(());
        }
        if let Path::Cell(list, id, _) = path
            && self.desk.local().await.is_some_and(|local| local.mine.record(list, *id).is_none())
        {
            self.desk.edit(vec![Op { path: Path::Row(list.clone(), *id), value: Some(Value::from("kept")) }]).await;
        }
        match self.desk.send().await {
            Some(failure) => Err(failure.into()),
            None if self.there(path).await => Ok(()),
            None => Err(Stop::NotYet),
        }
    }

    async fn there(&self, path: &Path) -> bool {
        let Some(local) = self.desk.local().await else { return false };
        local.known
            && match path {
                Path::Cell(list, id, _) => local.base.record(list, *id).is_some(),
                _ => true,
            }
    }

    /// Bytes of the file, from the page or from the device.
    async fn bytes(&self, row: &Row, begin: u64, end: u64) -> Result<Vec<u8>, Stop> {
        let lost = || Stop::Refused("文件已无法读取，请移除后重新选择".to_owned());
        let file = row.file.borrow().clone();
        if begin == end {
            return Ok(Vec::new());
        }
        if let Some(file) = file {
            return slice(&file, begin, end).await.ok_or_else(lost);
        }
        let number = begin / PIECE;
        let kept = self.desk.store().file_piece(row.upload.id, number).await?.ok_or_else(lost)?;
        let skip = usize::try_from(begin - number * PIECE).unwrap_or(0);
        Ok(kept.get(skip..).unwrap_or_default().to_vec())
    }
}

impl Row {
    fn say(&self, state: State) {
        if self.state.get_untracked() != state {
            self.state.set(state);
        }
    }

    fn under_way(&self) -> bool {
        !self.gone.get() && self.state.get_untracked().under_way()
    }

    /// Whether only the page holds the file.
    fn held(&self) -> bool {
        self.file.borrow().is_some()
    }

    fn percent(&self) -> u64 {
        percent(self.reached.get(), self.upload.size)
    }
}

/// The file controls of the page.
fn inputs() -> Vec<HtmlInputElement> {
    let Ok(all) = document().query_selector_all("form#edit input[type=file][name]") else { return Vec::new() };
    (0..all.length()).filter_map(|i| all.get(i)?.dyn_into().ok()).collect()
}

/// Leaves these files in a control, and no others.
fn put_back(input: &HtmlInputElement, files: &[File]) {
    let Ok(carrier) = DataTransfer::new() else { return };
    for file in files {
        let _ = carrier.items().add_with_file(file);
    }
    input.set_files(carrier.files().as_ref());
}
