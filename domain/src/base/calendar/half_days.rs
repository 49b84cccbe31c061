//! Numbers of days in steps of half a day, as people write them.

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text is no number of half days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HalfDaysError {
    /// A character that such numbers do not contain.
    Sign(WrongSign),
    /// No number.
    Shape,
    /// A part of a day other than a half.
    Part,
}

reader_error_texts!(HalfDaysError {
    Shape "not_half_days" "请填写天数，以半天为单位，如 2.5";
    Part "part_of_a_day" "天数以半天为单位，小数只能是 .5，如 2.5";
});

/// A number of days in steps of half a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HalfDays {
    /// Tenths of a day: 25 are two days and a half.
    pub tenths: u32,
}

const DAYS: Notation = Notation {
    name: "天数",
    labels: &["共计", "合计", "共", "约"],
    endings: &["个工作日", "工作日", "整天", "天整", "人天", "天", "日"],
    left_out: " ",
    holds: |c| c.is_ascii_digit() || c == '.' || HALF.contains(&c),
};

/// Signs for half a day.
const HALF: [char; 2] = ['半', '\u{BD}'];

impl HalfDays {
    /// Parses a number such as `2.5`, `2.50 天`, `2天半`, `半天`.
    ///
    /// # Errors
    /// The [`HalfDaysError`], if the text is no number of half days.
    pub fn parse(text: &str) -> Result<Self, HalfDaysError> {
        // 两天半 has the unit before the half.
        let line = DAYS.read(&text.replace("天半", "半"))?;
        let (number, has_half) = match line.strip_suffix(HALF) {
            Some(number) => (number, true),
            None => (line.as_str(), false),
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let whole = if whole.is_empty() && has_half { "0" } else { whole };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || whole.len() > 5 || has_half && number.contains('.') {
            return Err(HalfDaysError::Shape);
        }
        let half = match part.trim_end_matches('0') {
            "" => u32::from(has_half) * 5,
            "5" => 5,
            _ => return Err(HalfDaysError::Part),
        };
        whole.parse::<u32>().map(|days| Self { tenths: days * 10 + half }).map_err(|_| HalfDaysError::Shape)
    }

    /// The stored form: `2`, `2.5`.
    pub fn stored(self) -> String {
        let (days, part) = (self.tenths / 10, self.tenths % 10);
        if part == 0 { days.to_string() } else { format!("{days}.{part}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_spelling_is_the_same_number_of_days() {
        let spellings = [
            "2.5",
            "2.50",
            "02.5",
            "2.5天",
            "2.5 天",
            "2.5日",
            "２．５",
            "2。5",
            "2天半",
            "2 天半",
            "2半",
            "2½",
            "共2.5天",
            "2.5 个工作日",
            "2.5天。",
            " 2.5 ",
            "2\u{200B}.5",
            "2·5",
            "约2.5人天",
        ];
        for text in spellings {
            assert_eq!(HalfDays::parse(text), Ok(HalfDays { tenths: 25 }), "{text}");
        }
        for (text, tenths) in [("半天", 5), ("0.5", 5), ("½天", 5), ("3", 30), ("3.0", 30), ("3天", 30), ("0", 0)] {
            assert_eq!(HalfDays::parse(text), Ok(HalfDays { tenths }), "{text}");
        }
        for tenths in (0..200).step_by(5) {
            assert_eq!(HalfDays::parse(&HalfDays { tenths }.stored()), Ok(HalfDays { tenths }), "the stored form reads back");
        }
    }

    #[test]
    fn a_refused_number_of_days_says_why() {
        for (text, said) in [
            ("", "请填写天数，以半天为单位，如 2.5"),
            ("天", "请填写天数，以半天为单位，如 2.5"),
            (".5.5", "请填写天数，以半天为单位，如 2.5"),
            ("123456", "请填写天数，以半天为单位，如 2.5"),
            ("2.3", "天数以半天为单位，小数只能是 .5，如 2.5"),
            ("2.55", "天数以半天为单位，小数只能是 .5，如 2.5"),
            ("2,5", "天数中的“,”无法识别，请改正或删去"),
            ("-2", "天数中的“-”无法识别，请改正或删去"),
            ("两天", "天数中的“两”无法识别，请改正或删去"),
            ("16小时", "天数中的“小”无法识别，请改正或删去"),
        ] {
            assert_eq!(HalfDays::parse(text).unwrap_err().text(), said, "{text}");
        }
    }
}
