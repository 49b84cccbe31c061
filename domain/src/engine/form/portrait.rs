//! 证件照: requirements on photos (docs/domain.md §3.3).

use crate::base::rule::{RulesOn, key};

/// Requirements on a photo, in pixels and in percent of its height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortraitRequirements {
    /// Minimum width in pixels.
    pub width: i64,
    /// Minimum height in pixels.
    pub height: i64,
    /// Minimum width in percent of the height.
    pub narrow: i64,
    /// Maximum width in percent of the height.
    pub wide: i64,
}

/// Why a photo is refused, with the requirements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PortraitError {
    /// Not a JPEG.
    #[error("not a JPEG")]
    Kind,
    /// Too small: its width and height, and the requirements.
    #[error("too few dots")]
    Small(u32, u32, PortraitRequirements),
    /// Wrong aspect ratio; the requirements.
    #[error("of another shape")]
    Shape(PortraitRequirements),
}

impl PortraitRequirements {
    /// The requirements by the rules.
    pub fn from_rules(rules: &RulesOn<'_>) -> Self {
        Self {
            width: rules.int(key::PHOTO_MIN_WIDTH),
            height: rules.int(key::PHOTO_MIN_HEIGHT),
            narrow: rules.int(key::PHOTO_MIN_ASPECT),
            wide: rules.int(key::PHOTO_MAX_ASPECT),
        }
    }

    /// Checks a photo by width and height; `None` stands for a file that is not a JPEG.
    ///
    /// # Errors
    /// The first requirement that the photo does not meet: file type, size, shape.
    pub fn check(self, size: Option<(u32, u32)>) -> Result<(), PortraitError> {
        let (width, height) = size.ok_or(PortraitError::Kind)?;
        let (w, h) = (i64::from(width), i64::from(height));
        if w < self.width || h < self.height {
            return Err(PortraitError::Small(width, height, self));
        }
        // Round to whole percent, so that 295 × 413 and its multiples are equal.
        let aspect = (w * 200 + h) / (h * 2).max(1);
        if (self.narrow..=self.wide).contains(&aspect) { Ok(()) } else { Err(PortraitError::Shape(self)) }
    }
}

impl PortraitError {
    /// Message for the user.
    pub fn text(self) -> String {
        match self {
            PortraitError::Kind => "证件照须为 JPG 格式，请将照片另存为 JPG 后上传".to_owned(),
            PortraitError::Small(w, h, required) => {
                format!("证件照不能小于 {}×{} 像素，所选照片为 {w}×{h} 像素，请更换更清晰的照片", required.width, required.height)
            }
            PortraitError::Shape(required) => {
                let ratio = |n: i64| format!("{}.{:02}", n / 100, n % 100);
                let (narrow, wide) = (ratio(required.narrow), ratio(required.wide));
                format!("证件照的宽度与高度之比须在 {narrow} 到 {wide} 之间（如 295×413 像素），请裁剪后重新上传")
            }
        }
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            PortraitError::Kind => "photo_not_jpeg",
            PortraitError::Small(..) => "photo_small",
            PortraitError::Shape(_) => "photo_shape",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rule::{RuleRow, Rules};

    #[test]
    fn a_photo_has_a_least_size_and_a_shape() {
        let rules = Rules::default();
        let portrait = PortraitRequirements::from_rules(&rules.on("2026-11-23".parse().unwrap()));
        for (size, code) in [
            (Some((295, 413)), None),
            (Some((590, 826)), None),
            (Some((240, 320)), None),
            (Some((3000, 4200)), None),
            (Some((272, 400)), None),
            // 1 : 1.5 and 1 : 1.3, the ends of the range.
            (Some((300, 450)), None),
            (Some((300, 390)), None),
            (Some((300, 384)), Some("photo_shape")),
            (Some((300, 456)), Some("photo_shape")),
            (None, Some("photo_not_jpeg")),
            (Some((8, 8)), Some("photo_small")),
            (Some((239, 340)), Some("photo_small")),
            (Some((240, 319)), Some("photo_small")),
            (Some((413, 413)), Some("photo_shape")),
            (Some((826, 590)), Some("photo_shape")),
            (Some((240, 400)), Some("photo_shape")),
            (Some((u32::MAX, u32::MAX)), Some("photo_shape")),
        ] {
            assert_eq!(portrait.check(size).err().map(PortraitError::code), code, "{size:?}");
        }
    }

    #[test]
    fn the_association_can_ask_for_another_size_and_the_message_says_which() {
        let day = "2026-11-23".parse().unwrap();
        let rules = Rules::new([RuleRow { key: "photo.min_width".into(), value: "480".into(), effective_from: day }]).unwrap();
        let error = PortraitRequirements::from_rules(&rules.on(day)).check(Some((295, 413))).unwrap_err();
        assert!(error.text().contains("480×320") && error.text().contains("295×413"), "{}", error.text());
        let shape = PortraitRequirements::from_rules(&Rules::default().on(day)).check(Some((400, 400))).unwrap_err();
        assert!(shape.text().contains("0.67 到 0.77"), "{}", shape.text());
    }
}
