//! 证件照 in the browser: a photo is cut to the shape certificates need before it is sent. Without scripts it is sent as it is, and the
//! server judges it.

use leptos::prelude::*;

/// Width of the frame on the page, in dots; what is sent may have twice as many.
const FRAME: u32 = 295;
/// The shape of a photo for documents: 25 by 35 millimetres.
const SHAPE: f64 = 5.0 / 7.0;

/// The part of a photo that stands in the frame. All in dots of the photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    photo: (f64, f64),
    /// Width by height.
    shape: f64,
    /// Least width of the part.
    least: f64,
    centre: (f64, f64),
    width: f64,
}

impl Cut {
    /// The largest part in the middle. None if the photo is too small for any.
    pub fn new(photo: (u32, u32), shape: f64, least: u32) -> Option<Self> {
        let (w, h) = (f64::from(photo.0), f64::from(photo.1));
        let least = f64::from(least);
        let cut = Self { photo: (w, h), shape, least, centre: (w / 2.0, h / 2.0), width: w.min(h * shape) };
        (cut.width >= least).then_some(cut)
    }

    /// Left, upper, width and height of the part.
    pub fn part(&self) -> [f64; 4] {
        let height = self.width / self.shape;
        [self.centre.0 - self.width / 2.0, self.centre.1 - height / 2.0, self.width, height]
    }

    /// Moved by parts of its own width, but not beyond the photo.
    pub fn moved(self, right: f64, down: f64) -> Self {
        Self { centre: (self.centre.0 + right * self.width, self.centre.1 + down * self.width), ..self }.inside()
    }

    /// So many times as wide as now; never wider than the photo, nor narrower than what is taken.
    pub fn scaled(self, by: f64) -> Self {
        let most = self.photo.0.min(self.photo.1 * self.shape);
        Self { width: (self.width * by).clamp(self.least, most), ..self }.inside()
    }

    fn inside(self) -> Self {
        let (half, tall) = (self.width / 2.0, self.width / self.shape / 2.0);
        // Rounding must not turn the bounds around.
        let keep = |at: f64, half: f64, all: f64| at.max(half).min((all - half).max(half));
        Self { centre: (keep(self.centre.0, half, self.photo.0), keep(self.centre.1, tall, self.photo.1)), ..self }
    }

    /// Width and height of what is sent: no larger than the part itself.
    pub fn sent(&self) -> (f64, f64) {
        let width = self.width.min(f64::from(FRAME * 2)).floor();
        (width, (width / self.shape).round())
    }
}

/// The shape photos are cut to, where anything from `narrow` to `wide` hundredths is taken.
pub fn shape(narrow: i64, wide: i64) -> f64 {
    let share = |hundredths: i64| f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0;
    SHAPE.max(share(narrow)).min(share(wide).max(share(narrow)))
}

/// Lets one cut the photo chosen in a control, with pointer or keyboard.
#[island(lazy)]
pub fn PhotoCrop(
    /// `id` of the file control.
    input: String,
    /// Width by height.
    shape: f64,
    /// Least width in dots.
    least: u32,
) -> impl IntoView {
    let (open, set_open) = signal(false);
    let (said, say) = signal(String::new());
    let canvas = NodeRef::<leptos::html::Canvas>::new();
    #[cfg(feature = "hydrate")]
    let desk = browser::Desk::begin(input, shape, least, canvas, set_open, say);
    #[cfg(not(feature = "hydrate"))]
    let _ = (input, least, set_open, say);
    let height = f64::from(FRAME) / shape;
    view! {
        <div class="crop" hidden=move || !open.get() data-testid="crop">
            <p class="field-hint">"拖动照片使头像位于框内；也可用方向键移动，用加号、减号缩放。"</p>
            <canvas node_ref=canvas class="crop-frame" width=FRAME height=height.round() tabindex="0" role="application" aria-label="照片裁剪框"
                on:pointerdown=move |_event| { #[cfg(feature = "hydrate")] desk.grab(&_event); }
                on:pointermove=move |_event| { #[cfg(feature = "hydrate")] desk.drag(&_event); }
                on:keydown=move |_event| { #[cfg(feature = "hydrate")] desk.key(&_event); }></canvas>
            <div class="choices">
                <button class="btn btn-sm btn-outline" type="button" on:click=move |_| { #[cfg(feature = "hydrate")] desk.scale(0.9); }>"放大"</button>
                <button class="btn btn-sm btn-outline" type="button" on:click=move |_| { #[cfg(feature = "hydrate")] desk.scale(1.1); }>"缩小"</button>
                <button class="btn btn-sm btn-primary" type="button" on:click=move |_| { #[cfg(feature = "hydrate")] desk.take(); }>"使用框内照片"</button>
            </div>
        </div>
        <p class="saved" role="status" data-testid="cropped">{move || said.get()}</p>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::html::Canvas;
    use leptos::prelude::*;
    use leptos::wasm_bindgen::JsCast;
    use leptos::wasm_bindgen::closure::Closure;
    use web_sys::{
        Blob, CanvasRenderingContext2d, DataTransfer, Event, EventInit, File, FilePropertyBag, HtmlCanvasElement, HtmlImageElement,
        HtmlInputElement, KeyboardEvent, PointerEvent, Url,
    };

    use super::{Cut, FRAME};

    /// How far an arrow key moves, in parts of the frame.
    const STEP: f64 = 0.04;
    /// Quality of the JPEG that is sent.
    const QUALITY: f64 = 0.92;
    const NAME: &str = "证件照.jpg";

    /// What is being cut. Copies share it.
    #[derive(Clone, Copy)]
    pub struct Desk {
        photo: StoredValue<Option<HtmlImageElement>, LocalStorage>,
        cut: StoredValue<Option<Cut>>,
        /// Whether this island itself is putting a file into the control.
        putting: StoredValue<bool>,
        /// Where the pointer was last.
        held: StoredValue<(i32, i32)>,
        input: StoredValue<String>,
        canvas: NodeRef<Canvas>,
        open: WriteSignal<bool>,
        say: WriteSignal<String>,
    }

    impl Desk {
        /// Waits for a photo to be chosen.
        pub fn begin(
            input: String,
            shape: f64,
            least: u32,
            canvas: NodeRef<Canvas>,
            open: WriteSignal<bool>,
            say: WriteSignal<String>,
        ) -> Self {
            let desk = Self {
                photo: StoredValue::new_local(None),
                cut: StoredValue::new(None),
                putting: StoredValue::new(false),
                held: StoredValue::new((0, 0)),
                input: StoredValue::new(input),
                canvas,
                open,
                say,
            };
            let listening = window_event_listener(leptos::ev::change, move |event| {
                let chosen = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
                if !desk.putting.get_value()
                    && let Some(control) = chosen.filter(|c| c.id() == desk.input.get_value())
                {
                    desk.open_photo(&control, shape, least);
                }
            });
            on_cleanup(move || listening.remove());
            desk
        }

        fn open_photo(self, control: &HtmlInputElement, shape: f64, least: u32) {
            self.open.set(false);
            self.say.set(String::new());
            let picture = control.files().and_then(|f| f.get(0)).filter(|f| f.type_().starts_with("image/"));
            let Some(url) = picture.and_then(|file| Url::create_object_url_with_blob(&file).ok()) else { return };
            let Ok(image) = HtmlImageElement::new() else { return };
            let loaded = image.clone();
            let address = url.clone();
            let begin = Closure::once_into_js(move || {
                let _ = Url::revoke_object_url(&address);
                let cut = Cut::new((loaded.natural_width(), loaded.natural_height()), shape, least);
                self.cut.set_value(cut);
                self.photo.set_value(Some(loaded));
                self.open.set(cut.is_some());
                if cut.is_none() {
                    self.say.set("照片太小，不能裁剪，请更换更清晰的照片".to_owned());
                }
                self.draw();
            });
            image.set_onload(Some(begin.unchecked_ref()));
            image.set_src(&url);
        }

        /// Draws the part that stands in the frame.
        fn draw(self) {
            if let Some(canvas) = self.canvas.get_untracked() {
                self.draw_on(&canvas);
            }
        }

        fn draw_on(self, canvas: &HtmlCanvasElement) -> Option<()> {
            let [x, y, width, height] = self.cut.get_value()?.part();
            let photo = self.photo.try_with_value(Option::clone)??;
            let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
            let (wide, tall) = (f64::from(canvas.width()), f64::from(canvas.height()));
            // What shows through a picture becomes white, as photos for documents are.
            context.set_fill_style_str("#ffffff");
            context.fill_rect(0.0, 0.0, wide, tall);
            context
                .draw_image_with_html_image_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                    &photo, x, y, width, height, 0.0, 0.0, wide, tall,
                )
                .ok()
        }

        fn change(self, by: impl FnOnce(Cut) -> Cut) {
            self.cut.update_value(|cut| *cut = cut.map(by));
            self.draw();
        }

        /// Takes hold of the photo.
        pub fn grab(self, event: &PointerEvent) {
            self.held.set_value((event.client_x(), event.client_y()));
            if let Some(canvas) = self.canvas.get_untracked() {
                let _ = canvas.set_pointer_capture(event.pointer_id());
            }
        }

        /// Moves it with the pointer.
        pub fn drag(self, event: &PointerEvent) {
            if event.buttons() == 0 {
                return;
            }
            let (x, y) = self.held.get_value();
            self.held.set_value((event.client_x(), event.client_y()));
            let across = self.canvas.get_untracked().map_or(FRAME, |c| u32::try_from(c.client_width()).unwrap_or(FRAME)).max(1);
            let part = |moved: i32| -f64::from(moved) / f64::from(across);
            self.change(|cut| cut.moved(part(event.client_x() - x), part(event.client_y() - y)));
        }

        /// Moves and scales it with keys.
        pub fn key(self, event: &KeyboardEvent) {
            let change: fn(Cut) -> Cut = match event.key().as_str() {
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

        /// Scales it.
        pub fn scale(self, by: f64) {
            self.change(|cut| cut.scaled(by));
        }

        /// Puts what stands in the frame into the file control.
        pub fn take(self) {
            if self.send().is_none() {
                self.say.set("无法裁剪，将按原照片上传".to_owned());
            }
        }

        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and at most twice the frame")]
        fn send(self) -> Option<()> {
            let (width, height) = self.cut.get_value()?.sent();
            let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
            canvas.set_width(width as u32);
            canvas.set_height(height as u32);
            self.draw_on(&canvas)?;
            let done = Closure::once_into_js(move |blob: Option<Blob>| {
                if blob.and_then(|blob| self.put(&blob)).is_some() {
                    self.open.set(false);
                    self.say.set(format!("已裁剪为 {width}×{height} 像素，保存本页时上传"));
                } else {
                    self.say.set("无法裁剪，将按原照片上传".to_owned());
                }
            });
            canvas.to_blob_with_type_and_encoder_options(done.unchecked_ref(), "image/jpeg", &QUALITY.into()).ok()
        }

        fn put(self, jpeg: &Blob) -> Option<()> {
            let control: HtmlInputElement = document().get_element_by_id(&self.input.get_value())?.dyn_into().ok()?;
            let kind = FilePropertyBag::new();
            kind.set_type("image/jpeg");
            let file = File::new_with_blob_sequence_and_options(&js_sys::Array::of1(jpeg), NAME, &kind).ok()?;
            let carrier = DataTransfer::new().ok()?;
            carrier.items().add_with_file(&file).ok()?;
            control.set_files(carrier.files().as_ref());
            // Whoever else looks at chosen files sees the one that will be sent.
            let bubbling = EventInit::new();
            bubbling.set_bubbles(true);
            self.putting.set_value(true);
            let _ = control.dispatch_event(&Event::new_with_event_init_dict("change", &bubbling).ok()?);
            self.putting.set_value(false);
            Some(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within([x, y, width, height]: [f64; 4], photo: (f64, f64)) -> bool {
        let least = -1e-6;
        x >= least && y >= least && x + width <= photo.0 - least && y + height <= photo.1 - least
    }

    #[test]
    fn a_cut_begins_as_the_largest_part_in_the_middle() {
        let wide = Cut::new((2000, 1400), SHAPE, 240).unwrap();
        assert_eq!(wide.part(), [500.0, 0.0, 1000.0, 1400.0]);
        let tall = Cut::new((1000, 2000), SHAPE, 240).unwrap();
        assert_eq!(tall.part().map(f64::round), [0.0, 300.0, 1000.0, 1400.0]);
        assert_eq!(Cut::new((239, 900), SHAPE, 240), None);
        assert_eq!(Cut::new((900, 300), SHAPE, 240), None);
    }

    #[test]
    fn however_it_is_moved_and_scaled_it_stays_inside_and_keeps_its_shape() {
        let photo = (1234.0, 987.0);
        let mut cut = Cut::new((1234, 987), SHAPE, 240).unwrap();
        for step in 0..400_i32 {
            let way = f64::from(step * 37 % 19 - 9) / 7.0;
            cut = match step % 3 {
                0 => cut.moved(way, -way / 2.0),
                1 => cut.scaled(0.8 + f64::from(step % 5) / 10.0),
                _ => cut.moved(-way / 3.0, way),
            };
            let part = cut.part();
            assert!(within(part, photo) && part[2] >= 240.0 && (part[2] / part[3] - SHAPE).abs() < 1e-9, "{step}: {part:?}");
        }
    }

    #[test]
    fn what_is_sent_is_never_larger_than_what_was_cut() {
        let sent = |photo, by| Cut::new(photo, SHAPE, 240).unwrap().scaled(by).sent();
        assert_eq!(sent((4000, 5600), 1.0), (590.0, 826.0));
        assert_eq!(sent((295, 413), 1.0), (295.0, 413.0));
        assert_eq!(sent((4000, 5600), 0.0), (240.0, 336.0));
    }

    #[test]
    fn the_shape_is_the_usual_one_where_it_is_taken() {
        assert!((shape(68, 78) - SHAPE).abs() < 1e-9);
        assert!((shape(75, 80) - 0.75).abs() < 1e-9);
        assert!((shape(50, 60) - 0.6).abs() < 1e-9);
    }
}
