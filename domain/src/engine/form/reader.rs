//! The readers of one-line answers, by kind of text: every usual spelling gives the one stored form, in the browser and on the server.

use super::definition::Field;
use super::issue::Issue;
use super::widget::{TextFormat, Widget};
use crate::base::calendar::{HalfDays, TeachingHours, TimeOfDay, parse_day};
use crate::base::identity::{
    CreditCode, Email, Mobile, read_certificate_number, read_latin_name, read_person_name, read_phone, read_postcode, read_tax_number,
};
use crate::base::money::Fen;
use crate::base::text::{Notation, normalise};

/// Turns the error of a reader into an issue.
macro_rules! issue {
    ($read:expr) => {
        $read.map_err(|error| Issue::new(error.code(), error.text()))
    };
}

/// Reads a one-line answer: its stored form. A text without a format is normalised. `name_max`: the maximum length of a person's name.
///
/// # Errors
/// The first character that is wrong, or what is missing.
pub(super) fn read_text(field: &Field, text: &str, name_max: usize) -> Result<String, Issue> {
    match &field.widget {
        Widget::Line(_, TextFormat::Digits(min, max)) => read_digits(field.label, text, *min, *max),
        Widget::Line(_, format) => read_format(*format, text, name_max),
        Widget::Day(_) => issue!(parse_day(text).map(|day| day.to_string())),
        Widget::Time(_) => issue!(TimeOfDay::parse(text).map(|time| time.to_string())),
        Widget::HalfDays(_) => issue!(HalfDays::parse(text).map(HalfDays::stored)),
        Widget::Hours(_) => issue!(TeachingHours::parse(text).map(TeachingHours::stored)),
        Widget::Whole(min, max, unit) => {
            read_whole(text, unit).ok_or_else(|| Issue::new("not_whole", format!("请填写 {min} 至 {max} 之间的整数（{unit}）")))
        }
        _ => Ok(normalise(text)),
    }
}

fn read_format(format: TextFormat, text: &str, name_max: usize) -> Result<String, Issue> {
    match format {
        // The format of a document's number depends on another answer.
        // Digits are read by the field, whose label says what they are.
        TextFormat::Any | TextFormat::DocumentOf(_) | TextFormat::Digits(..) => Ok(normalise(text)),
        TextFormat::PersonName => issue!(read_person_name(text, name_max)),
        TextFormat::LatinName => issue!(read_latin_name(text)),
        TextFormat::Mobile => issue!(Mobile::parse(text).map(|mobile| mobile.as_str().to_owned())),
        TextFormat::Email => issue!(Email::parse(text).map(|email| email.as_str().to_owned())),
        TextFormat::Postcode => issue!(read_postcode(text)),
        TextFormat::CreditCode => issue!(CreditCode::parse(text).map(|code| code.as_str().to_owned())),
        TextFormat::Phone => issue!(read_phone(text)),
        TextFormat::CertificateNumber => issue!(read_certificate_number(text)),
        TextFormat::Amount => issue!(Fen::parse(text).map(Fen::yuan)),
        TextFormat::TaxNumber => issue!(read_tax_number(text)),
    }
}

/// Reads a number of digits, in groups or not, with or without the label before it.
fn read_digits(label: &'static str, text: &str, min: usize, max: usize) -> Result<String, Issue> {
    let notation =
        Notation { name: label, labels: &["no.", "号码", "编号"], endings: &[], left_out: " -", holds: |c| c.is_ascii_digit() };
    let unlabelled = text.trim_start().strip_prefix(label).unwrap_or(text);
    let digits = notation.read(unlabelled).map_err(|wrong| Issue::new("wrong_character", wrong.text()))?;
    if (min..=max).contains(&digits.len()) {
        return Ok(digits);
    }
    let wanted = if min == max { format!("{min} 位") } else { format!("{min} 至 {max} 位") };
    let present = if digits.is_empty() { String::new() } else { format!("，现有 {} 位", digits.len()) };
    Err(Issue::new("digits_count", format!("{label}应为 {wanted}数字{present}，请核对")))
}

const WHOLE: Notation = Notation { name: "", labels: &["共", "+"], endings: &[], left_out: " ,", holds: |c| c.is_ascii_digit() };

/// Reads a whole number, with or without its unit: its digits without leading zeros.
fn read_whole(text: &str, unit: &str) -> Option<String> {
    let text = text.trim_end();
    let digits = WHOLE.read(text.strip_suffix(unit).unwrap_or(text)).ok()?;
    digits.parse::<i64>().ok().map(|number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::{DayRange, FIELD, TimeRange};

    fn read(widget: Widget, text: &str) -> Result<String, String> {
        read_text(&Field { widget, ..FIELD }, text, 80).map_err(|issue| issue.text)
    }

    #[test]
    fn each_kind_of_answer_has_one_stored_form() {
        let line = |format| Widget::Line(100, format);
        for (widget, text, stored) in [
            (line(TextFormat::Any), " 甲　乙 ", "甲 乙"),
            (line(TextFormat::PersonName), "阿依古丽•买买提", "阿依古丽·买买提"),
            (line(TextFormat::LatinName), "Shaun　O’Neil", "Shaun O'Neil"),
            (line(TextFormat::Mobile), "0086 139-0000-1234", "13900001234"),
            (line(TextFormat::Email), "mailto:li@Example.com", "li@example.com"),
            (line(TextFormat::Postcode), "100 000", "100000"),
            (line(TextFormat::CreditCode), "91350100 m000100y43", "91350100M000100Y43"),
            (line(TextFormat::Phone), "（010）12345678转801", "010-12345678-801"),
            (line(TextFormat::CertificateNumber), "2026–n0qms–4000001", "2026-N0QMS-4000001"),
            (line(TextFormat::Amount), "¥1,200", "1200.00"),
            (line(TextFormat::TaxNumber), "91350100 m000100y43", "91350100M000100Y43"),
            (Widget::Day(DayRange::Any), "2020/9/1", "2020-09-01"),
            (Widget::Time(TimeRange::Any), "下午2点半", "14:30"),
            (Widget::HalfDays(60), "2.50天", "2.5"),
            (Widget::Hours(40), "共 4.50 学时", "4.5"),
            (Widget::Whole(0, 100, "学时"), "０16 学时", "16"),
        ] {
            assert_eq!(read(widget, text).as_deref(), Ok(stored), "{text}");
        }
    }

    #[test]
    fn digits_are_read_in_groups_and_counted() {
        let read = |(min, max), text: &str| {
            let widget = Widget::Line(40, TextFormat::Digits(min, max));
            read_text(&Field { label: "准考证号", widget, ..FIELD }, text, 80).map_err(|issue| issue.text)
        };
        for text in [
            "0126110012345",
            "0126 1100 12345",
            "0126-1100-12345",
            "０１２６１１００１２３４５",
            "准考证号：0126110012345",
            "准考证号0126110012345。",
            "No. 0126110012345",
            " 0126\u{2013}1100\u{2013}12345 ",
            "“0126110012345”",
            "0126\u{200B}110012345",
        ] {
            assert_eq!(read((13, 13), text).as_deref(), Ok("0126110012345"), "{text}");
        }
        for (bounds, text, said) in [
            ((13, 13), "", "准考证号应为 13 位数字，请核对"),
            ((13, 13), "012611001234", "准考证号应为 13 位数字，现有 12 位，请核对"),
            ((13, 13), "01261100123456", "准考证号应为 13 位数字，现有 14 位，请核对"),
            ((6, 8), "12345", "准考证号应为 6 至 8 位数字，现有 5 位，请核对"),
            ((13, 13), "O126110012345", "准考证号中的“O”无法识别，请改正或删去"),
            ((13, 13), "0126l10012345", "准考证号中的“l”无法识别，请改正或删去"),
            ((13, 13), "0126.110012345", "准考证号中的“.”无法识别，请改正或删去"),
            ((13, 13), "零126110012345", "准考证号中的“零”无法识别，请改正或删去"),
        ] {
            assert_eq!(read(bounds, text).unwrap_err(), said, "{text}");
        }
        for stored in ["123456", "00123456", "0126110012345"] {
            assert_eq!(read((6, 13), stored).as_deref(), Ok(stored), "the stored form reads back");
        }
    }

    #[test]
    fn a_whole_number_has_no_other_signs() {
        for text in ["", "1.5", "-1", "十六", "1e3", "16天", "99999999999999999999", "0x10"] {
            assert_eq!(read(Widget::Whole(1, 9, "学时"), text).unwrap_err(), "请填写 1 至 9 之间的整数（学时）", "{text}");
        }
        for text in ["1600", "1,600", " 1600 ", "１６００", "1 600", "1600学时", "共1600学时", "1600。", "+1600"] {
            assert_eq!(read(Widget::Whole(1, 9, "学时"), text).as_deref(), Ok("1600"), "{text}");
        }
    }
}
