//! Money, in whole fen.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// An amount in fen (1/100 yuan).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountError {
    /// A character that amounts do not contain.
    Sign(WrongSign),
    /// No amount with at most two decimals.
    Shape,
    /// Commas that do not separate thousands.
    Grouping,
    /// More than two decimals.
    Decimals,
}

reader_error_texts!(AmountError {
    Shape "not_an_amount" "请填写金额，单位为元，如 200.00";
    Grouping "amount_grouping" "金额中的逗号位置不对，请填写如 1200.00";
    Decimals "amount_decimals" "金额最多两位小数（到分），如 200.00";
});

const AMOUNT: Notation = Notation {
    name: "金额",
    labels: &["付款金额", "人民币", "金额", "rmb", "cny", "¥", "共", "+"],
    endings: &["人民币", "元整", "圆整", "rmb", "cny", "元", "圆", "整"],
    left_out: "",
    holds: |c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\''),
};

impl Fen {
    /// Parses an amount in yuan as people write it: `200`, `¥200.00`, `1,200 元`.
    ///
    /// # Errors
    /// The [`AmountError`]: a wrong character, wrong separators, or more than two decimals.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let line = AMOUNT.read(text)?;
        let (yuan, fen) = line.split_once('.').unwrap_or((&line, "0"));
        let mut groups = yuan.split([',', ' ', '\'']);
        let first = groups.next().unwrap_or("");
        let grouped = groups.clone().next().is_some();
        if grouped && (!(1..=3).contains(&first.len()) || groups.clone().any(|group| group.len() != 3)) || fen.contains([',', ' ', '\'']) {
            return Err(AmountError::Grouping);
        }
        if fen.len() > 2 && fen.bytes().all(|b| b.is_ascii_digit()) && fen.get(2..).is_some_and(|more| more.contains(|c| c != '0')) {
            return Err(AmountError::Decimals);
        }
        let fen = fen.get(..2).filter(|_| fen.bytes().all(|b| b.is_ascii_digit())).unwrap_or(fen);
        let yuan: String = std::iter::once(first).chain(groups).collect();
        Self::from_yuan(&format!("{yuan}.{fen}")).ok_or(AmountError::Shape)
    }

    /// Parses an amount of a machine, in yuan with at most two decimals and without a sign: `200`, `200.5`, `200.00`.
    pub fn from_yuan(text: &str) -> Option<Self> {
        let (yuan, fen) = text.split_once('.').unwrap_or((text, "00"));
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(yuan) || !digits(fen) || fen.len() > 2 {
            return None;
        }
        let fen: i64 = format!("{fen:0<2}").parse().ok()?;
        yuan.parse::<i64>().ok()?.checked_mul(100)?.checked_add(fen).map(Fen)
    }

    /// The amount in yuan with two decimals and no separators: `200.00`.
    pub fn yuan(self) -> String {
        let (sign, fen) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        format!("{sign}{}.{:02}", fen / 100, fen % 100)
    }

    /// The sum; `None` on overflow.
    pub fn plus(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }

    /// The amount multiplied; `None` on overflow.
    pub fn times(self, count: i64) -> Option<Fen> {
        self.0.checked_mul(count).map(Fen)
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}¥{}.{:02}", fen / 100, fen % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_in_yuan() {
        assert_eq!(Fen(20000).to_string(), "¥200.00");
        assert_eq!(Fen(-5).to_string(), "-¥0.05");
    }

    #[test]
    fn a_text_in_yuan_is_read_to_the_fen_or_not_at_all() {
        for (text, fen) in [("200", 20000), ("200.5", 20050), ("0.01", 1), ("200.00", 20000), ("007", 700)] {
            assert_eq!(Fen::from_yuan(text), Some(Fen(fen)), "{text}");
        }
        for text in ["", ".", "1.", ".5", "1.234", "-1", "+1", "1e3", "1,000", "２００", "99999999999999999999"] {
            assert_eq!(Fen::from_yuan(text), None, "{text}");
        }
        assert_eq!(Fen(20005).yuan(), "200.05");
    }

    #[test]
    fn every_usual_spelling_is_the_same_amount() {
        let spellings = [
            "1200.00",
            "1200",
            "1200.0",
            "1,200.00",
            "1，200．００",
            "¥1200",
            "￥1200.00",
            "1200元",
            "1200 元",
            "1200元整",
            "人民币1200元",
            "RMB 1,200",
            "CNY1200.00",
            "１２００",
            "1 200.00",
            "金额：1200.00",
            "1200。00",
            "1'200.00",
            " 1200.00。",
            "01200.00",
            "1200.000",
        ];
        for text in spellings {
            assert_eq!(Fen::parse(text), Ok(Fen(120_000)), "{text}");
        }
        for fen in [1, 5, 50, 100, 120_000, 99_999_999] {
            assert_eq!(Fen::parse(&Fen(fen).yuan()), Ok(Fen(fen)), "the stored form reads back");
        }
    }

    #[test]
    fn a_refused_amount_says_why() {
        for (text, said) in [
            ("", "请填写金额，单位为元，如 200.00"),
            ("元", "请填写金额，单位为元，如 200.00"),
            (".50", "请填写金额，单位为元，如 200.00"),
            ("¥.50", "请填写金额，单位为元，如 200.00"),
            ("1.2.3", "请填写金额，单位为元，如 200.00"),
            ("1200,00", "金额中的逗号位置不对，请填写如 1200.00"),
            ("1.200,00", "金额中的逗号位置不对，请填写如 1200.00"),
            ("12,00,000", "金额中的逗号位置不对，请填写如 1200.00"),
            ("200.005", "金额最多两位小数（到分），如 200.00"),
            ("1.2万元", "金额中的“万”无法识别，请改正或删去"),
            ("-200", "金额中的“-”无法识别，请改正或删去"),
            ("2OO", "金额中的“O”无法识别，请改正或删去"),
            ("200元5角", "金额中的“元”无法识别，请改正或删去"),
            ("$200", "金额中的“$”无法识别，请改正或删去"),
        ] {
            assert_eq!(Fen::parse(text).map_err(AmountError::text), Err(said.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_overflow_is_no_amount() {
        assert_eq!(Fen(i64::MAX).plus(Fen(1)), None);
        assert_eq!(Fen(i64::MAX).times(2), None);
        assert_eq!(Fen(150).times(2), Some(Fen(300)));
    }
}
