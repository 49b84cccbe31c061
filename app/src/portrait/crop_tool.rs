//! The crop tool: loaded when a photo is chosen.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::engine::form::unopened_photo_message;
use domain::engine::upload::unreadable_message;
use js_sys::Uint8Array;
use leptos::prelude::document;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, DataTransfer, Element, Event, EventInit, File, FilePropertyBag, HtmlCanvasElement, HtmlElement,
    HtmlImageElement, HtmlInputElement, KeyboardEvent, PointerEvent, Url,
};

use super::{Cut, FRAME};

/// Step of an arrow key, relative to the frame.
const STEP: f64 = 0.04;
/// Quality of the JPEG that is sent.
const QUALITY: f64 = 0.92;
const NAME: &str = "证件照.jpg";
/// Bytes from which a file is recognised that does not open.
const HEAD: f64 = 65_536.0;

thread_local! {
    /// The tool of the open page.
    static TOOL: RefCell<Option<Rc<CropTool>>> = const { RefCell::new(None) };
}

/// Crops the photo chosen in a file control, with pointer or keyboard.
pub fn open_crop(frame: HtmlElement, input: HtmlInputElement) {
    let tool = TOOL.with_borrow_mut(|open| match open {
        Some(tool) if tool.frame.is_same_node(Some(&frame)) => Some(tool.clone()),
        _ => {
            *open = CropTool::new(frame, input);
            open.clone()
        }
    });
    if let Some(tool) = tool {
        tool.open_photo();
    }
}

/// A photo being cropped.
struct CropTool {
    frame: HtmlElement,
    canvas: HtmlCanvasElement,
    input: HtmlInputElement,
    photo: RefCell<Option<HtmlImageElement>>,
    cut: Cell<Option<Cut>>,
    /// Size of the file that the tool itself put into the control.
    placed: Cell<f64>,
    /// Where the pointer was last.
    pointer: Cell<(i32, i32)>,
}

impl CropTool {
    fn new(frame: HtmlElement, input: HtmlInputElement) -> Option<Rc<Self>> {
        let canvas: HtmlCanvasElement = frame.query_selector("canvas").ok()??.dyn_into().ok()?;
        let (photo, cut, placed, pointer) = (RefCell::default(), Cell::new(None), Cell::new(-1.0), Cell::new((0, 0)));
        let tool = Rc::new(Self { frame, canvas, input, photo, cut, placed, pointer });
        tool.on("pointerdown", |tool, event: PointerEvent| tool.grab(&event));
        tool.on("pointermove", |tool, event: PointerEvent| tool.drag(&event));
        tool.on("keydown", |tool, event: KeyboardEvent| tool.key(&event));
        tool.on("click", |tool, event: Event| tool.click(&event));
        Some(tool)
    }

    /// Listens on the frame while it is on the page.
    fn on<E: JsCast + leptos::wasm_bindgen::convert::FromWasmAbi + 'static>(self: &Rc<Self>, name: &str, handle: fn(&Rc<Self>, E)) {
        let tool = self.clone();
        let handler = Closure::<dyn FnMut(E)>::new(move |event: E| handle(&tool, event)).into_js_value();
        let _ = self.frame.add_event_listener_with_callback(name, handler.unchecked_ref());
    }

    fn data<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.frame.get_attribute(name)?.parse().ok()
    }

    fn say(&self, text: &str) {
        let place: Option<Element> = self.frame.next_element_sibling().filter(|e| e.class_name() == "saved");
        if let Some(place) = place {
            place.set_text_content(Some(text));
        }
    }

    /// Opens the chosen photo, unless it is the one that was cropped.
    fn open_photo(self: &Rc<Self>) {
        // A file without an ending has no type, so its content decides.
        let chosen = self.chosen();
        if chosen.as_ref().is_some_and(|file| file.name() == NAME && file.size() == self.placed.get()) {
            return;
        }
        self.frame.set_hidden(true);
        self.say("");
        let Some(file) = chosen else { return };
        let (Ok(url), Ok(image)) = (Url::create_object_url_with_blob(&file), HtmlImageElement::new()) else { return };
        let (tool, address) = (self.clone(), url.clone());
        let fail = Closure::once_into_js(move || {
            let _ = Url::revoke_object_url(&address);
            spawn_local(async move { tool.refuse(file).await });
        });
        image.set_onerror(Some(fail.unchecked_ref()));
        let (tool, loaded, address) = (self.clone(), image.clone(), url.clone());
        let begin = Closure::once_into_js(move || {
            let _ = Url::revoke_object_url(&address);
            let (shape, least) = (tool.data("data-shape").unwrap_or(super::SHAPE), tool.data("data-least").unwrap_or(0));
            let cut = Cut::new((loaded.natural_width(), loaded.natural_height()), shape, least);
            tool.cut.set(cut);
            tool.photo.replace(Some(loaded));
            tool.frame.set_hidden(cut.is_none());
            if cut.is_none() {
                tool.say("照片太小，不能裁剪，请更换更清晰的照片");
            }
            let _ = tool.draw_on(&tool.canvas);
        });
        image.set_onload(Some(begin.unchecked_ref()));
        image.set_src(&url);
    }

    fn chosen(&self) -> Option<File> {
        self.input.files().and_then(|files| files.get(0))
    }

    /// Says what a file is that the browser cannot open as a picture, and the way out.
    async fn refuse(&self, file: File) {
        let head = file.slice_with_f64_and_f64(0.0, HEAD).map(|head| JsFuture::from(head.array_buffer()));
        let text = match head {
            Ok(head) => match head.await {
                Ok(bytes) => unopened_photo_message(&Uint8Array::new(&bytes).to_vec()),
                Err(_) => unreadable_message(&file.name()),
            },
            Err(_) => unreadable_message(&file.name()),
        };
        // Meanwhile another file may have been chosen.
        if self.chosen().as_ref() == Some(&file) {
            self.say(&text);
        }
    }

    /// Draws the visible part.
    fn draw_on(&self, canvas: &HtmlCanvasElement) -> Option<()> {
        let [x, y, width, height] = self.cut.get()?.part();
        let photo = self.photo.borrow().clone()?;
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let (wide, tall) = (f64::from(canvas.width()), f64::from(canvas.height()));
        // Transparent parts of a picture become white, as photos for documents are.
        context.set_fill_style_str("#ffffff");
        context.fill_rect(0.0, 0.0, wide, tall);
        context
            .draw_image_with_html_image_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(&photo, x, y, width, height, 0.0, 0.0, wide, tall)
            .ok()
    }

    fn change(&self, by: impl FnOnce(Cut) -> Cut) {
        self.cut.set(self.cut.get().map(by));
        let _ = self.draw_on(&self.canvas);
    }

    fn is_canvas(&self, event: &Event) -> bool {
        event.target().is_some_and(|target| target.dyn_ref::<HtmlCanvasElement>().is_some())
    }

    /// Starts to move the photo with the pointer.
    fn grab(&self, event: &PointerEvent) {
        if self.is_canvas(event) {
            self.pointer.set((event.client_x(), event.client_y()));
            let _ = self.canvas.set_pointer_capture(event.pointer_id());
        }
    }

    /// Moves the part with the pointer.
    fn drag(&self, event: &PointerEvent) {
        if event.buttons() == 0 || !self.is_canvas(event) {
            return;
        }
        let (x, y) = self.pointer.replace((event.client_x(), event.client_y()));
        let across = u32::try_from(self.canvas.client_width()).unwrap_or(FRAME).max(1);
        let part = |moved: i32| -f64::from(moved) / f64::from(across);
        self.change(|cut| cut.moved(part(event.client_x() - x), part(event.client_y() - y)));
    }

    /// Moves and scales the part with keys.
    fn key(&self, event: &KeyboardEvent) {
        let change: fn(Cut) -> Cut = match event.key().as_str() {
            _ if !self.is_canvas(event) => return,
            "ArrowLeft" => |cut| cut.moved(-STEP, 0.0),
            "ArrowRight" => |cut| cut.moved(STEP, 0.0),
            "ArrowUp" => |cut| cut.moved(0.0, -STEP),
            "ArrowDown" => |cut| cut.moved(0.0, STEP),
            "+" | "=" => |cut| cut.scaled(0.9),
            "-" => |cut| cut.scaled(1.1),
            _ => return,
        };
        event.prevent_default();
        self.change(change);
    }

    fn click(self: &Rc<Self>, event: &Event) {
        let button = event.target().and_then(|t| t.dyn_into::<Element>().ok()).and_then(|e| e.get_attribute("data-crop"));
        match button.as_deref() {
            Some("in") => self.change(|cut| cut.scaled(0.9)),
            Some("out") => self.change(|cut| cut.scaled(1.1)),
            Some("take") if self.take().is_none() => self.say("无法裁剪，将按原照片上传"),
            _ => {}
        }
    }

    /// Puts the visible part into the file control.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and at most twice the frame")]
    fn take(self: &Rc<Self>) -> Option<()> {
        let (width, height) = self.cut.get()?.sent();
        let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
        canvas.set_width(width as u32);
        canvas.set_height(height as u32);
        self.draw_on(&canvas)?;
        let tool = self.clone();
        let done = Closure::once_into_js(move |blob: Option<Blob>| {
            if blob.and_then(|blob| tool.place(&blob)).is_some() {
                tool.frame.set_hidden(true);
                tool.say(&format!("已裁剪为 {width}×{height} 像素，保存本页时上传"));
            } else {
                tool.say("无法裁剪，将按原照片上传");
            }
        });
        canvas.to_blob_with_type_and_encoder_options(done.unchecked_ref(), "image/jpeg", &QUALITY.into()).ok()
    }

    fn place(&self, jpeg: &Blob) -> Option<()> {
        let kind = FilePropertyBag::new();
        kind.set_type("image/jpeg");
        let file = File::new_with_blob_sequence_and_options(&js_sys::Array::of1(jpeg), NAME, &kind).ok()?;
        let carrier = DataTransfer::new().ok()?;
        carrier.items().add_with_file(&file).ok()?;
        self.placed.set(file.size());
        self.input.set_files(carrier.files().as_ref());
        // Other listeners see the file that will be sent.
        let bubbling = EventInit::new();
        bubbling.set_bubbles(true);
        let _ = self.input.dispatch_event(&Event::new_with_event_init_dict("change", &bubbling).ok()?);
        Some(())
    }
}
