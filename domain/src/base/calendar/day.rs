//! Days as people write them.

use chrono::NaiveDate;

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayError {
    /// A character that days do not contain.
    Sign(WrongSign),
    /// No number at all.
    Shape,
    /// The year does not come first, or has not four digits.
    Year,
    /// Only a year.
    MonthMissing,
    /// Only a year and a month.
    DayMissing,
    /// More than one day.
    Several,
    /// The calendar has no such day.
    NoSuchDay,
    /// Before 1900.
    TooEarly,
}

reader_error_texts!(DayError {
    Shape "day_shape" "请按 年-月-日 填写日期，如 2020-09-01";
    Year "day_year" "请先写 4 位数的年份，再写月、日，如 2020-09-01";
    MonthMissing "day_month_missing" "日期缺少月和日，请按 年-月-日 填写，如 2020-09-01";
    DayMissing "day_day_missing" "日期缺少日，请按 年-月-日 填写，如 2020-09-01";
    Several "day_several" "这里有两个日期，请只保留一个，如 2020-09-01";
    NoSuchDay "day_not_in_calendar" "日期不存在，请核对日期";
    TooEarly "day_too_early" "日期不能早于 1900 年";
});

const DAY: Notation = Notation {
    name: "日期",
    labels: &["日期", "公元", "date"],
    endings: &[
        "星期一",
        "星期二",
        "星期三",
        "星期四",
        "星期五",
        "星期六",
        "星期日",
        "星期天",
        "周一",
        "周二",
        "周三",
        "周四",
        "周五",
        "周六",
        "周日",
        "日",
        "号",
    ],
    left_out: "",
    holds: |c| c.is_ascii_digit() || BETWEEN.contains(c) || NUMERALS.contains(c),
};

/// What stands between the numbers of a day.
const BETWEEN: &str = " -/.,_~\\'年月日号";
/// Chinese numerals in the order of their values, then ten, then the other forms of zero.
pub(super) const NUMERALS: &str = "零一二三四五六七八九十〇○";
/// What stands between two days.
const TO: [char; 3] = ['至', '到', '或'];

/// Parses a day in any usual spelling, such as `2020-09-01`, `20200901`, `2020/9/1`, `2020年9月1日`, `二〇二〇年九月一日`. A time of day behind
/// it is ignored.
///
/// # Errors
/// The [`DayError`]: what is missing or wrong in the text, no such day in the calendar, or before 1900.
pub fn parse_day(text: &str) -> Result<NaiveDate, DayError> {
    let bare = DAY.bare(text);
    if bare.contains(TO) {
        return Err(DayError::Several);
    }
    // A day of the week in brackets.
    let day = without_time(bare.split_once('(').map_or(bare.as_str(), |(day, _)| day));
    if let Some(wrong) = day.chars().find(|c| !(DAY.holds)(*c)) {
        return Err(DayError::Sign(DAY.wrong(text, wrong.to_ascii_uppercase())));
    }
    let numbers = numbers(day);
    let (year, month, day) = match numbers.as_slice() {
        [] => return Err(DayError::Shape),
        [whole] if whole.len() == 8 => whole.split_at_checked(4).map(|(y, rest)| (y, rest.get(..2), rest.get(2..))),
        [year] if year.len() == 4 => return Err(DayError::MonthMissing),
        [month] if month.len() == 6 => return Err(DayError::DayMissing),
        [year, _] if year.len() == 4 => return Err(DayError::DayMissing),
        [year, month, day] if year.len() == 4 => Some((year.as_str(), Some(month.as_str()), Some(day.as_str()))),
        [_, _, _, ..] if numbers.len() > 3 => return Err(DayError::Several),
        _ => return Err(DayError::Year),
    }
    .ok_or(DayError::Shape)?;
    let number = |text: Option<&str>| text.filter(|t| t.len() <= 4).and_then(|t| t.parse::<u32>().ok()).ok_or(DayError::NoSuchDay);
    let year = number(Some(year))?;
    if year < 1900 {
        return Err(DayError::TooEarly);
    }
    let year = i32::try_from(year).map_err(|_| DayError::Shape)?;
    NaiveDate::from_ymd_opt(year, number(month)?, number(day)?).ok_or(DayError::NoSuchDay)
}

/// The text up to a time of day: `2020-09-01T00:00:00`, `2020/9/1 0:00`.
fn without_time(text: &str) -> &str {
    let text = match text.split_once(['T', 't']) {
        Some((day, time)) if time.starts_with(|c: char| c.is_ascii_digit()) => day,
        _ => text,
    };
    match text.split_once(':') {
        Some((start, _)) => start.rsplit_once(' ').map_or(text, |(day, _)| day),
        None => text,
    }
}

/// The numbers of a text, in digits.
fn numbers(text: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    for part in text.split(|c| BETWEEN.contains(c)).filter(|part| !part.is_empty()) {
        numbers.push(digits(part));
    }
    numbers
}

/// A number in digits: `十二` is 12, `三十` is 30, `二〇二〇` is 2020.
pub(super) fn digits(text: &str) -> String {
    let mut digits = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (NUMERALS.chars().position(|numeral| numeral == c), digits.is_empty(), rest.peek().is_none()) {
            (Some(10), true, true) => digits.push_str("10"),
            (Some(10), true, false) => digits.push('1'),
            (Some(10), false, true) => digits.push('0'),
            (Some(10), false, false) => {}

            (Some(place @ 0..10), ..) => digits.extend(char::from_digit(u32::try_from(place).unwrap_or(0), 10)),
            (Some(11 | 12), ..) => digits.push('0'),
            _ => digits.push(c),
        }
    }
    digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPELLINGS: &[&str] = &[
        "2020-09-01",
        "20200901",
        "2020/9/1",
        "2020.9.1",
        "2020年9月1日",
        "2020-9-1",
        "2020 09 01",
        "2020\u{2013}09\u{2013}01",
        "2020\u{2212}09\u{2212}01",
        "２０２０－０９－０１",
        "２０２０年０９月０１日",
        "2020年09月01号",
        "2020 年 9 月 1 日",
        "2020。9。1",
        "2020\u{2014}09\u{2014}01",
        "2020\u{FF0F}9\u{FF0F}1",
        "2020、9、1",
        "2020，09，01",
        "2020\u{A0}09\u{A0}01",
        "\u{200E}2020-09-01",
        "2020-09-01T00:00:00",
        "2020/9/1 0:00",
        "2020-09-01。",
        "日期：2020-09-01",
        "2020年9月1日（星期二）",
        "2020年9月1日 星期二",
        "二〇二〇年九月一日",
        "２０20.09.01",
    ];

    #[test]
    fn every_usual_spelling_is_the_same_day() {
        let day = NaiveDate::from_ymd_opt(2020, 9, 1).unwrap();
        for text in SPELLINGS {
            assert_eq!(parse_day(text), Ok(day), "{text}");
        }
        assert_eq!(parse_day("二〇二六年十二月三十一日").unwrap().to_string(), "2026-12-31");
        assert_eq!(parse_day("一九九〇年十月二十日").unwrap().to_string(), "1990-10-20");
    }

    #[test]
    fn a_refusal_says_what_is_missing_or_wrong() {
        for (text, said) in [
            ("", "请按 年-月-日 填写日期，如 2020-09-01"),
            ("2020-9", "日期缺少日，请按 年-月-日 填写，如 2020-09-01"),
            ("202009", "日期缺少日，请按 年-月-日 填写，如 2020-09-01"),
            ("2020年9月", "日期缺少日，请按 年-月-日 填写，如 2020-09-01"),
            ("2020年", "日期缺少月和日，请按 年-月-日 填写，如 2020-09-01"),
            ("31/12", "请先写 4 位数的年份，再写月、日，如 2020-09-01"),
            ("1/9/2020", "请先写 4 位数的年份，再写月、日，如 2020-09-01"),
            ("20-9-1", "请先写 4 位数的年份，再写月、日，如 2020-09-01"),
            ("2020-09-O1", "日期中的“O”无法识别，请改正或删去"),
            ("2020-09-01x", "日期中的“x”无法识别，请改正或删去"),
            ("2020\u{2192}9", "日期中的“\u{2192}”（U+2192）无法识别，请改正或删去"),
            ("2020-02-30", "日期不存在，请核对日期"),
            ("2020-13-01", "日期不存在，请核对日期"),
            ("1899-12-31", "日期不能早于 1900 年"),
            ("2020-09-01至2020-09-03", "这里有两个日期，请只保留一个，如 2020-09-01"),
            ("2020-09-01 2020-09-02", "这里有两个日期，请只保留一个，如 2020-09-01"),
        ] {
            assert_eq!(parse_day(text).unwrap_err().text(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_stored_day_reads_back_and_so_does_each_of_its_spellings(n in 0u64..60_000) {
            let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Days::new(n);
            for format in ["%Y-%m-%d", "%Y%m%d", "%Y/%-m/%-d", "%Y.%-m.%-d", "%Y年%-m月%-d日", "%Y %m %d", "%Y\u{2013}%m\u{2013}%d"] {
                prop_assert_eq!(parse_day(&day.format(format).to_string()), Ok(day));
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[-0-9年月日/. T:一十〇至x]{0,14}|.{0,20}") {
            let _ = parse_day(&text);
        }
    }
}
