//! A budget of bytes per account and minute, in memory: one account that saves without pause leaves the database to the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// Number of accounts above which full budgets are forgotten.
const PRUNE_ABOVE: usize = 10_000;

/// The budgets of all accounts. Clones share them.
#[derive(Clone, Default)]
pub struct ByteBudget(Arc<Mutex<HashMap<Uuid, Spent>>>);

/// Bytes spent and not yet restored.
struct Spent {
    bytes: u64,
    at: DateTime<Utc>,
}

impl Spent {
    /// The bytes spent as of `now`. A clock that is set back restores nothing.
    fn after(&self, now: DateTime<Utc>, per_minute: u64) -> u64 {
        let millis = u64::try_from((now - self.at).max(TimeDelta::zero()).num_milliseconds()).unwrap_or(0);
        self.bytes.saturating_sub(millis.saturating_mul(per_minute) / 60_000)
    }
}

impl ByteBudget {
    /// Spends bytes of an account's budget; returns false, and spends nothing, if less than that is left. A single larger write passes when
    /// nothing was spent.
    pub fn spend(&self, account: Uuid, bytes: u64, per_minute: u64, now: DateTime<Utc>) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > PRUNE_ABOVE {
            all.retain(|_, spent| spent.after(now, per_minute) > 0);
        }
        let spent = all.get(&account).map_or(0, |spent| spent.after(now, per_minute));
        let total = spent.saturating_add(bytes);
        if total > per_minute && spent > 0 {
            return false;
        }
        all.insert(account, Spent { bytes: total, at: now });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_spends_its_minute_and_no_more_and_others_are_not_concerned() {
        let budget = ByteBudget::default();
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let at = |seconds| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert!(budget.spend(one, 600, 1000, at(0)));
        assert!(!budget.spend(one, 600, 1000, at(0)));
        assert!(budget.spend(one, 400, 1000, at(0)));
        assert!(budget.spend(two, 1000, 1000, at(0)));
        assert!(!budget.spend(one, 600, 1000, at(30)));
        assert!(budget.spend(one, 500, 1000, at(30)));
        assert!(!budget.spend(one, 1, 1000, at(-60)), "a clock set back restores nothing");
        assert!(budget.spend(one, 5000, 1000, at(90)), "one larger write passes when nothing was spent");
    }
}
