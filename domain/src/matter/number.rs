//! 业务编号: the number of a submitted matter.

use chrono::NaiveDate;

use crate::base::text::Notation;

/// Least number of digits of the serial number.
const SERIAL_DIGITS: usize = 5;
/// Letters of the kind.
const PREFIX: usize = 2;
/// Digits of the day.
const DAY: usize = 8;

const NUMBER: Notation = Notation {
    name: "业务编号",
    labels: &["业务编号", "业务号", "受理编号", "编号", "no.", "no:", "\u{2116}", "第"],
    endings: &["号"],
    left_out: " -._",
    holds: |c| c.is_ascii_alphanumeric(),
};

/// The number of a matter: two letters of its kind, the day of its first submission, and a serial number of kind and day.
pub fn matter_number(prefix: &str, day: NaiveDate, serial: i64) -> String {
    format!("{prefix}{}{serial:0SERIAL_DIGITS$}", day.format("%Y%m%d"))
}

/// Reads a matter number such as `ZC2026112700001`: with blanks, dashes, a label or small letters. `None` for any other text.
pub fn read_matter_number(text: &str) -> Option<String> {
    let number = NUMBER.read(text).ok()?;
    let (prefix, rest) = number.split_at_checked(PREFIX)?;
    let (day, serial) = rest.split_at_checked(DAY)?;
    let is_day = day.bytes().all(|b| b.is_ascii_digit()) && NaiveDate::parse_from_str(day, "%Y%m%d").is_ok();
    let is_serial = (SERIAL_DIGITS..=SERIAL_DIGITS + 4).contains(&serial.len()) && serial.bytes().all(|b| b.is_ascii_digit());
    let is_number = prefix.bytes().all(|b| b.is_ascii_uppercase()) && is_day && is_serial;
    is_number.then(|| number.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_letters_of_the_kind_the_day_and_at_least_five_digits() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        assert_eq!(matter_number("ZC", day, 1), "ZC2026112700001");
        assert_eq!(matter_number("ZC", day, 123_456), "ZC20261127123456");
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for text in [
            "ZC2026112700001",
            "zc2026112700001",
            " ZC 20261127 00001 ",
            "ZC-20261127-00001",
            "业务编号：ZC2026112700001。",
            "ＺＣ２０２６１１２７００００１",
            "编号 ZC2026112700001 号",
        ] {
            assert_eq!(read_matter_number(text).as_deref(), Some("ZC2026112700001"), "{text}");
        }
        for text in
            ["", "ZC", "ZC20261127", "ZC2026112701", "ZC2026133100001", "1120261127000011", "110101199003070073", "E12345678", "林晓月"]
        {
            assert_eq!(read_matter_number(text), None, "{text}");
        }
    }
}
