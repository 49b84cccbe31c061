//! Times of day as people write them.

use std::fmt;

use super::day::{NUMERALS, digits};
use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text is not a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeError {
    /// A character that times do not contain.
    Sign(WrongSign),
    /// No number at all, or numbers that are no hour and minute.
    Shape,
    /// Only an hour, without the word for it.
    MinuteMissing,
    /// Minutes of one digit behind a colon or point.
    ShortMinute,
    /// More than one time.
    Several,
    /// Seconds other than zero.
    Seconds,
    /// A word for the part of the day, such as 上午, that does not go with the hour.
    PartOfDay,
    /// The day has no such time.
    NoSuchTime,
}

reader_error_texts!(TimeError {
    Shape "time_shape" "请按 时:分 填写时间，如 09:30";
    MinuteMissing "time_minute_missing" "时间缺少分钟，请按 时:分 填写，如 09:30";
    ShortMinute "time_minute_short" "分钟请写 2 位数字，如 09:05";
    Several "time_several" "这里有两个时间，请只保留一个，如 09:30";
    Seconds "time_seconds" "时间填写到分钟，请去掉秒，如 09:30";
    PartOfDay "time_part_of_day" "上午、下午等与小时不一致，请按 24 小时制填写，如 14:30";
    NoSuchTime "time_not_in_day" "时间应在 00:00 至 23:59 之间，请核对时间";
});

/// A time of day, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    /// Minutes since midnight.
    minutes: u32,
}

const TIME: Notation = Notation {
    name: "时间",
    labels: &["时间", "北京时间", "time"],
    endings: &["整", "正"],
    left_out: "",
    holds: |c| c.is_ascii_digit() || BETWEEN.contains(c) || NUMERALS.contains(c),
};

/// What stands between the numbers of a time.
const BETWEEN: &str = " :.点时分秒";
/// What stands between two times.
const TO: [char; 5] = ['至', '到', '或', '-', '~'];
/// Words that are written in another way before a time is read.
const PLAIN: [(&str, &str); 9] = [
    ("两", "二"),
    ("点钟", "点"),
    ("點", "点"),
    ("時", "时"),
    ("小时", "时"),
    ("半", "30分"),
    ("一刻", "15分"),
    ("三刻", "45分"),
    ("分钟", "分"),
];

/// A part of the day, from the first to the last of its hours.
struct PartOfDay {
    words: &'static [&'static str],
    /// Hours of the day that it has.
    first: u32,
    last: u32,
    /// Whether 12 o'clock is midnight, at its beginning.
    begins_at_twelve: bool,
}

/// Longer words come first.
const PARTS: [PartOfDay; 6] = [
    PartOfDay { words: &["a.m.", "a.m", "am"], first: 0, last: 11, begins_at_twelve: true },
    PartOfDay { words: &["p.m.", "p.m", "pm"], first: 12, last: 23, begins_at_twelve: false },
    PartOfDay { words: &["凌晨"], first: 0, last: 6, begins_at_twelve: true },
    PartOfDay { words: &["清晨", "早晨", "早上", "上午"], first: 4, last: 12, begins_at_twelve: false },
    PartOfDay { words: &["中午", "下午"], first: 11, last: 19, begins_at_twelve: false },
    PartOfDay { words: &["傍晚", "晚上", "夜里", "夜间", "晚间"], first: 17, last: 23, begins_at_twelve: false },
];

impl PartOfDay {
    /// The hour of the day that is called `hour` in this part; none if it has no such hour.
    fn hour(&self, hour: u32) -> Option<u32> {
        let hour = if hour == 12 && self.begins_at_twelve { 0 } else { hour };
        [hour, hour + 12].into_iter().find(|h| (self.first..=self.last).contains(h))
    }
}

impl TimeOfDay {
    /// Minutes since midnight.
    pub fn minutes(self) -> u32 {
        self.minutes
    }

    /// Parses a time in any usual spelling, such as `09:30`, `9：30`, `0930`, `9点半`, `上午九点三十分`, `下午2:30`, `2:30 PM`.
    ///
    /// # Errors
    /// The [`TimeError`]: what is missing or wrong in the text.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let mut bare = TIME.bare(text).to_lowercase();
        for (word, plain) in PLAIN {
            bare = bare.replace(word, plain);
        }
        if bare.contains(TO) {
            return Err(TimeError::Several);
        }
        let (part, clock) = part_of_day(&bare);
        if let Some(wrong) = clock.chars().find(|c| !(TIME.holds)(*c)) {
            return Err(TimeError::Sign(TIME.wrong(text, wrong.to_ascii_uppercase())));
        }
        let (hour, minute) = hour_and_minute(clock, part.is_some())?;
        let hour = match part {
            Some(part) => part.hour(hour).ok_or(TimeError::PartOfDay)?,
            None => hour,
        };
        if hour > 23 || minute > 59 { Err(TimeError::NoSuchTime) } else { Ok(Self { minutes: hour * 60 + minute }) }
    }
}

/// The stored form: `09:30`.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

/// The part of the day that is named before or behind the time, and the time without it.
fn part_of_day(text: &str) -> (Option<&'static PartOfDay>, &str) {
    let found = PARTS.iter().find_map(|part| {
        let without = |word: &&str| text.strip_prefix(*word).or_else(|| text.strip_suffix(*word));
        part.words.iter().find_map(without).map(|rest| (part, rest))
    });
    match found {
        Some((part, rest)) => (Some(part), rest.trim()),
        None => (None, text),
    }
}

/// Hour and minute of a time in digits or numerals. `named`: whether a word for the part of the day shows that it is a time.
fn hour_and_minute(clock: &str, named: bool) -> Result<(u32, u32), TimeError> {
    let parts: Vec<String> = clock.split(|c| BETWEEN.contains(c)).filter(|part| !part.is_empty()).map(digits).collect();
    let number = |text: &str| if text.len() <= 2 { text.parse::<u32>().map_err(|_| TimeError::Shape) } else { Err(TimeError::NoSuchTime) };
    let (says_hour, says_minute) = (clock.contains(['点', '时']), clock.contains('分'));
    let numbers: Vec<&str> = parts.iter().map(String::as_str).collect();
    match numbers.as_slice() {
        [] => Err(TimeError::Shape),
        [whole] if matches!(whole.len(), 3 | 4) && !says_hour => {
            let (hour, minute) = whole.split_at_checked(whole.len() - 2).ok_or(TimeError::Shape)?;
            Ok((number(hour)?, number(minute)?))
        }
        [_] if says_minute => Err(TimeError::Shape),
        [hour] if says_hour || named && !clock.contains([':', '.']) => Ok((number(hour)?, 0)),
        [hour] if hour.len() <= 2 => Err(TimeError::MinuteMissing),
        [_] => Err(TimeError::Shape),
        [_, minute] if minute.len() == 1 && !says_hour => Err(TimeError::ShortMinute),
        [hour, minute] => Ok((number(hour)?, number(minute)?)),
        [hour, minute, seconds] if number(seconds) == Ok(0) => Ok((number(hour)?, number(minute)?)),
        [_, _, seconds] if seconds.len() <= 2 => Err(TimeError::Seconds),
        _ => Err(TimeError::Several),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_usual_spelling_is_the_same_time() {
        for (stored, spellings) in [
            (
                "09:30",
                &[
                    "09:30",
                    "9:30",
                    "9：30",
                    "０９：３０",
                    "0930",
                    "930",
                    "9.30",
                    "9。30",
                    "09 30",
                    "9点30分",
                    "9点30",
                    "9 点 30 分",
                    "9时30分",
                    "9點30分",
                    "9点半",
                    "九点半",
                    "九点三十分",
                    "上午9:30",
                    "上午 9：30",
                    "上午九点半",
                    "早上9点30分",
                    "9:30 AM",
                    "9:30am",
                    "a.m. 9:30",
                    "09:30:00",
                    "时间：9:30",
                    "北京时间9:30",
                    "9:30。",
                    "\u{200E}9:30",
                ][..],
            ),
            ("09:00", &["9点", "九点", "9点钟", "9点整", "9:00", "上午9点", "9am", "上午9", "900"]),
            ("14:00", &["下午2点", "下午两点", "2pm", "14点", "十四点", "14：00", "1400", "下午14点", "14时"]),
            ("14:30", &["14：30", "下午2:30", "2:30 PM", "PM 2:30", "2:30下午", "14.30", "下午两点半", "十四点三十分", "14 时 30 分"]),
            ("12:00", &["中午12点", "12:00", "12pm", "上午12点", "下午12点"]),
            ("13:00", &["中午1点", "13:00"]),
            ("00:00", &["0:00", "00:00", "凌晨12点", "12am", "零点", "0点", "0000"]),
            ("00:30", &["凌晨0:30", "12:30 AM", "零点三十分"]),
            ("20:15", &["晚上8点一刻", "20:15", "晚上八点15分", "8:15 p.m."]),
            ("20:45", &["晚上8点三刻", "2045"]),
            ("09:05", &["9:05", "9点5分", "九点零五分", "九点五分", "9点05"]),
        ] {
            for text in spellings {
                assert_eq!(TimeOfDay::parse(text).map(|time| time.to_string()).as_deref(), Ok(stored), "{text}");
            }
        }
    }

    #[test]
    fn a_refusal_says_what_is_missing_or_wrong() {
        for (text, said) in [
            ("", "请按 时:分 填写时间，如 09:30"),
            ("上午", "请按 时:分 填写时间，如 09:30"),
            ("30分", "请按 时:分 填写时间，如 09:30"),
            ("12345", "请按 时:分 填写时间，如 09:30"),
            ("9", "时间缺少分钟，请按 时:分 填写，如 09:30"),
            ("09:", "时间缺少分钟，请按 时:分 填写，如 09:30"),
            ("9:5", "分钟请写 2 位数字，如 09:05"),
            ("9:00-10:00", "这里有两个时间，请只保留一个，如 09:30"),
            ("9点至10点", "这里有两个时间，请只保留一个，如 09:30"),
            ("9:00 10:00", "这里有两个时间，请只保留一个，如 09:30"),
            ("9:30:15", "时间填写到分钟，请去掉秒，如 09:30"),
            ("上午14:30", "上午、下午等与小时不一致，请按 24 小时制填写，如 14:30"),
            ("晚上12点", "上午、下午等与小时不一致，请按 24 小时制填写，如 14:30"),
            ("24:00", "时间应在 00:00 至 23:59 之间，请核对时间"),
            ("9:60", "时间应在 00:00 至 23:59 之间，请核对时间"),
            ("2530", "时间应在 00:00 至 23:59 之间，请核对时间"),
            ("9:O0", "时间中的“O”无法识别，请改正或删去"),
            ("大约9:30", "时间中的“大”无法识别，请改正或删去"),
            ("9：30x", "时间中的“x”无法识别，请改正或删去"),
        ] {
            assert_eq!(TimeOfDay::parse(text).unwrap_err().text(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_stored_time_reads_back_and_so_does_each_of_its_spellings(minutes in 0u32..1440) {
            let time = TimeOfDay { minutes };
            let (hour, minute) = (minutes / 60, minutes % 60);
            prop_assert_eq!(TimeOfDay::parse(&time.to_string()), Ok(time));
            for text in [format!("{hour}:{minute:02}"), format!("{hour}点{minute}分"), format!("{hour:02}{minute:02}"), format!("{hour}时{minute:02}")] {
                prop_assert_eq!(TimeOfDay::parse(&text), Ok(time), "{}", text);
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[-0-9点时分半上下午:. amp一十两]{0,12}|.{0,20}") {
            let _ = TimeOfDay::parse(&text);
        }
    }
}
