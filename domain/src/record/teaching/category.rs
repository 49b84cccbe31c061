//! 课程类别: what a filed course belongs to, and what a teacher is bound to.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::base::catalogue::{Domain, domain};

/// 授课方式.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// 面授.
    FaceToFace,
    /// 直播.
    Live,
    /// 网络课程.
    Online,
}

impl Delivery {
    /// Every way, in the order of forms.
    pub const ALL: [Delivery; 3] = [Delivery::FaceToFace, Delivery::Live, Delivery::Online];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Delivery::FaceToFace => "face",
            Delivery::Live => "live",
            Delivery::Online => "online",
        }
    }

    /// The way with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|delivery| delivery.code() == code)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Delivery::FaceToFace => "面授",
            Delivery::Live => "直播",
            Delivery::Online => "网络课程",
        }
    }
}

/// A category of courses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseCategory {
    /// Stable code: `FC-AUD-T-QMS`.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// Code of the certification domain, of a category that belongs to one.
    pub domain: Option<String>,
    /// Ways in which its courses are taught.
    pub deliveries: BTreeSet<Delivery>,
    /// Least hours of a course.
    pub least_hours: i64,
    /// Most people of a class.
    pub class_max: i64,
    /// Whether the association reviews a binding.
    pub needs_review: bool,
    /// First day on which it is used.
    pub opens_on: NaiveDate,
    /// First day on which it is no longer used.
    pub ends_on: Option<NaiveDate>,
}

impl CourseCategory {
    /// Whether it is used on a day.
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
        self.opens_on <= day && !self.has_ended_on(day)
    }

    /// Whether it is no longer used on a day.
    pub fn has_ended_on(&self, day: NaiveDate) -> bool {
        self.ends_on.is_some_and(|end| end <= day)
    }

    /// Name of its certification domain; empty for a category without one.
    pub fn domain_label(&self) -> &'static str {
        self.domain.as_deref().and_then(domain).map_or("", |domain: &Domain| domain.label)
    }

    /// Name with its domain: 管理体系实习审核员课程（质量管理体系）.
    pub fn title(&self) -> String {
        match self.domain_label() {
            "" => self.name.clone(),
            domain => format!("{}（{domain}）", self.name),
        }
    }

    /// Its ways of teaching: 面授、直播.
    pub fn deliveries_label(&self) -> String {
        self.deliveries.iter().map(|delivery| delivery.label()).collect::<Vec<_>>().join("、")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_used_from_its_first_day_until_the_day_it_ends() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let category = |ends_on: Option<&str>| CourseCategory {
            code: "FC-IA".into(),
            name: "内审员课程".into(),
            domain: None,
            deliveries: [Delivery::Live, Delivery::FaceToFace].into(),
            least_hours: 16,
            class_max: 40,
            needs_review: false,
            opens_on: day("2026-01-01"),
            ends_on: ends_on.map(day),
        };
        for (on, open, ended, until) in [
            ("2025-12-31", false, false, "2026-12-01"),
            ("2026-01-01", true, false, "2026-12-01"),
            ("2026-11-30", true, false, "2026-12-01"),
            ("2026-12-01", false, true, "2026-12-01"),
        ] {
            let category = category(Some(until));
            assert_eq!((category.is_active_on(day(on)), category.has_ended_on(day(on))), (open, ended), "{on}");
        }
        assert!(category(None).is_active_on(day("2036-01-01")));
        assert_eq!(category(None).deliveries_label(), "面授、直播");
    }

    #[test]
    fn every_way_of_teaching_is_read_back_from_its_code() {
        for delivery in Delivery::ALL {
            assert_eq!(Delivery::from_code(delivery.code()), Some(delivery));
        }
    }
}
