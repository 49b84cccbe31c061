//! Money, in whole fen.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in fen (1/100 yuan).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub i64);

impl Fen {
    /// The sum, unless it does not fit.
    pub fn plus(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }

    /// So many times the amount, unless it does not fit.
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
    fn what_does_not_fit_is_no_amount() {
        assert_eq!(Fen(i64::MAX).plus(Fen(1)), None);
        assert_eq!(Fen(i64::MAX).times(2), None);
        assert_eq!(Fen(150).times(2), Some(Fen(300)));
    }
}
