//! Serial numbers of matters that this process has reserved: one block for each kind and day.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;

/// Reserved serial numbers by prefix and day. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct NumberBlocks(Arc<Mutex<BTreeMap<&'static str, Block>>>);

struct Block {
    day: NaiveDate,
    serials: Range<i64>,
    demand: Demand,
}

/// Whether another block is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    None,
    Wanted,
    UnderWay,
}

impl NumberBlocks {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Block>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next reserved serial number of a prefix and day; `None` if all are taken, and then another block is wanted.
    pub(crate) fn take(&self, prefix: &'static str, day: NaiveDate) -> Option<i64> {
        let mut blocks = self.lock();
        let block = blocks.entry(prefix).or_insert(Block { day, serials: 0..0, demand: Demand::None });
        if block.day != day {
            *block = Block { day, serials: 0..0, demand: Demand::None };
        }
        let serial = block.serials.next();
        if serial.is_none() && block.demand == Demand::None {
            block.demand = Demand::Wanted;
        }
        serial
    }

    /// The prefixes and days of wanted blocks, each of which the caller then reserves.
    pub(crate) fn take_wanted(&self) -> Vec<(&'static str, NaiveDate)> {
        let mut blocks = self.lock();
        let wanted = blocks.iter_mut().filter(|(_, block)| block.demand == Demand::Wanted);
        let under_way = |(prefix, block): (&&'static str, &mut Block)| {
            block.demand = Demand::UnderWay;
            (*prefix, block.day)
        };
        wanted.map(under_way).collect()
    }

    /// Stores a reserved block; an empty one if it could not be reserved.
    pub(crate) fn put(&self, prefix: &'static str, day: NaiveDate, serials: Range<i64>) {
        let mut blocks = self.lock();
        if let Some(block) = blocks.get_mut(prefix).filter(|block| block.day == day) {
            *block = Block { day, serials, demand: Demand::None };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_wanted_once_when_it_is_empty_and_ends_with_its_day() {
        let (blocks, day) = (NumberBlocks::default(), NaiveDate::from_ymd_opt(2026, 11, 27).unwrap());
        assert_eq!(blocks.take("ZC", day), None);
        assert_eq!(blocks.take_wanted(), [("ZC", day)]);
        assert_eq!((blocks.take("ZC", day), blocks.take_wanted()), (None, Vec::new()), "it is under way");
        blocks.put("ZC", day, 5..7);
        assert_eq!([blocks.take("ZC", day), blocks.take("ZC", day)], [Some(5), Some(6)]);
        assert_eq!((blocks.take("ZC", day), blocks.take_wanted()), (None, vec![("ZC", day)]));
        blocks.put("ZC", day, 9..19);
        let tomorrow = day.succ_opt().unwrap();
        assert_eq!(blocks.take("ZC", tomorrow), None);
        blocks.put("ZC", day, 19..29);
        assert_eq!(blocks.take("ZC", tomorrow), None, "the block of another day");
    }
}
