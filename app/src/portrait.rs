//! 证件照 in the browser: a photo is cut to the shape certificates need before it is sent. Without scripts it is sent as it is, and the
//! server judges it.

#[cfg(feature = "hydrate")]
pub mod crop_tool;

use domain::engine::form::PortraitRequirements;
use leptos::prelude::*;

/// Width of the frame on the page in pixels; the result may have twice as many.
const FRAME: u32 = 295;
/// The shape of a photo for documents: 25 by 35 millimetres.
const SHAPE: f64 = 5.0 / 7.0;

/// The visible part of a photo, in pixels of the photo.
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

    /// Scales the part by a factor, within the photo and the minimum size.
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

    /// Width and height of the result, at most those of the part.
    pub fn sent(&self) -> (f64, f64) {
        let width = self.width.min(f64::from(FRAME * 2)).floor();
        (width, (width / self.shape).round())
    }
}

/// The ratio of width to height of a photo, if ratios from `narrow` to `wide` hundredths are accepted.
fn shape(narrow: i64, wide: i64) -> f64 {
    let share = |hundredths: i64| f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0;
    SHAPE.max(share(narrow)).min(share(wide).max(share(narrow)))
}

/// Parameters of the crop tool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CropFrame {
    /// Width by height.
    pub shape: f64,
    /// Least width in pixels.
    pub least: u32,
}

impl CropFrame {
    /// The frame for photos that must meet these requirements.
    pub fn new(requirements: &PortraitRequirements) -> Self {
        let least = u32::try_from(requirements.width).unwrap_or(u32::MAX);
        Self { shape: shape(requirements.narrow, requirements.wide), least }
    }
}

/// The frame in which a photo is cropped; it appears when one is chosen in the file control with the id `input`.
#[component]
pub fn PhotoCrop(input: String, frame: CropFrame) -> AnyView {
    let height = (f64::from(FRAME) / frame.shape).round();
    view! {
        <div
            class="crop"
            hidden=true
            data-testid="crop"
            data-crop-for=input
            data-shape=frame.shape.to_string()
            data-least=frame.least.to_string()
        >
            <p class="field-hint">"拖动照片使头像位于框内；也可用方向键移动，用加号、减号缩放。"</p>
            <canvas class="crop-frame" width=FRAME height=height tabindex="0" role="application" aria-label="照片裁剪框"></canvas>
            <div class="choices">
                <button class="btn btn-sm btn-outline" type="button" data-crop="in">
                    "放大"
                </button>
                <button class="btn btn-sm btn-outline" type="button" data-crop="out">
                    "缩小"
                </button>
                <button class="btn btn-sm btn-primary" type="button" data-crop="take">
                    "使用框内照片"
                </button>
            </div>
        </div>
        <p class="saved" role="status" data-testid="cropped"></p>
    }
    .into_any()
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
