//! Money, in whole fen.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in fen (1/100 yuan).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub i64);

impl Fen {
    /// Parses an amount in yuan with at most two decimals and without a sign: `200`, `200.5`, `200.00`.
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
    fn an_overflow_is_no_amount() {
        assert_eq!(Fen(i64::MAX).plus(Fen(1)), None);
        assert_eq!(Fen(i64::MAX).times(2), None);
        assert_eq!(Fen(150).times(2), Some(Fen(300)));
    }
}
