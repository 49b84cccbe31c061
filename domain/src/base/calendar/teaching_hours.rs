//! Numbers of 学时 in steps of half an hour, as people write them.

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text is no number of 学时.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeachingHoursError {
    /// A character that such numbers do not contain.
    Sign(WrongSign),
    /// No number.
    Shape,
    /// A part of an hour other than a half.
    Part,
}

reader_error_texts!(TeachingHoursError {
    Shape "not_hours" "请填写学时，以 0.5 学时为单位，如 2.5";
    Part "part_of_an_hour" "学时以 0.5 为单位，小数只能是 .5，如 2.5";
});

/// A number of 学时 in steps of half an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TeachingHours {
    /// Tenths of an hour: 25 are two hours and a half.
    pub tenths: u32,
}

const HOURS: Notation = Notation {
    name: "学时",
    labels: &["共计", "合计", "共"],
    endings: &["个学时", "学时", "课时"],
    left_out: " ",
    holds: |c| c.is_ascii_digit() || c == '.',
};

impl TeachingHours {
    /// Parses a number such as `2.5`, `2.50 学时`.
    ///
    /// # Errors
    /// The [`TeachingHoursError`], if the text is no number of half hours.
    pub fn parse(text: &str) -> Result<Self, TeachingHoursError> {
        let line = HOURS.read(text)?;
        let (whole, part) = line.split_once('.').unwrap_or((&line, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || whole.len() > 5 {
            return Err(TeachingHoursError::Shape);
        }
        let half = match part.trim_end_matches('0') {
            "" => 0,
            "5" => 5,
            _ => return Err(TeachingHoursError::Part),
        };
        whole.parse::<u32>().map(|hours| Self { tenths: hours * 10 + half }).map_err(|_| TeachingHoursError::Shape)
    }

    /// The stored form: `2`, `2.5`.
    pub fn stored(self) -> String {
        let (hours, part) = (self.tenths / 10, self.tenths % 10);
        if part == 0 { hours.to_string() } else { format!("{hours}.{part}") }
    }
}

impl std::iter::Sum for TeachingHours {
    fn sum<I: Iterator<Item = Self>>(hours: I) -> Self {
        Self { tenths: hours.map(|hours| hours.tenths).sum() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_spelling_is_the_same_number_of_hours() {
        for text in ["2.5", "2.50", "02.5", "2.5学时", "2.5 学时", "２．５", "共2.5课时", " 2.5 ", "2.5个学时。"] {
            assert_eq!(TeachingHours::parse(text), Ok(TeachingHours { tenths: 25 }), "{text}");
        }
        for tenths in (0..200).step_by(5) {
            assert_eq!(
                TeachingHours::parse(&TeachingHours { tenths }.stored()),
                Ok(TeachingHours { tenths }),
                "the stored form reads back"
            );
        }
    }

    #[test]
    fn a_refused_number_of_hours_says_why() {
        for (text, said) in [
            ("", "请填写学时，以 0.5 学时为单位，如 2.5"),
            ("学时", "请填写学时，以 0.5 学时为单位，如 2.5"),
            ("1.2.3", "请填写学时，以 0.5 学时为单位，如 2.5"),
            ("123456", "请填写学时，以 0.5 学时为单位，如 2.5"),
            ("2.3", "学时以 0.5 为单位，小数只能是 .5，如 2.5"),
            ("-2", "学时中的“-”无法识别，请改正或删去"),
            ("两学时", "学时中的“两”无法识别，请改正或删去"),
        ] {
            assert_eq!(TeachingHours::parse(text).unwrap_err().text(), said, "{text}");
        }
    }
}
