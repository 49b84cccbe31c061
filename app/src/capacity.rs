//! Bytes of request bodies that are held at the same time: in all, and for each account or address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::ShareKey;

/// A limit of bytes. Clones share it.
#[derive(Clone)]
pub struct Capacity {
    total: usize,
    share: usize,
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    total: usize,
    by_key: HashMap<ShareKey, usize>,
}

/// More bytes than the limit leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many bytes are held at once")]
pub struct CapacityExceeded;

impl Capacity {
    /// A limit of `total` bytes in all and `share` bytes for each key.
    pub fn new(total: usize, share: usize) -> Self {
        Self { total, share, held: Arc::default() }
    }

    /// A reservation of no bytes; it grows as bytes arrive, since a length that is only announced costs nothing.
    pub fn reservation(&self, key: ShareKey) -> Reservation {
        Reservation { capacity: self.clone(), key, bytes: 0 }
    }

    /// Bytes held now.
    pub fn held(&self) -> usize {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).total
    }
}

/// Bytes held for one request; given back when it is dropped.
pub struct Reservation {
    capacity: Capacity,
    key: ShareKey,
    bytes: usize,
}

impl Reservation {
    /// Adds bytes.
    ///
    /// # Errors
    /// The limit in all or that of the key is reached; nothing was added.
    pub fn grow(&mut self, bytes: usize) -> Result<(), CapacityExceeded> {
        let Capacity { total, share, held } = &self.capacity;
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        let of_key = held.by_key.get(&self.key).copied().unwrap_or(0);
        if held.total + bytes > *total || of_key + bytes > *share {
            return Err(CapacityExceeded);
        }
        held.total += bytes;
        held.by_key.insert(self.key, of_key + bytes);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut held = self.capacity.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.total -= self.bytes;
        let left = held.by_key.get(&self.key).map_or(0, |of_key| of_key - self.bytes);
        if left == 0 {
            held.by_key.remove(&self.key);
        } else {
            held.by_key.insert(self.key, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn one_account_fills_its_share_and_leaves_the_rest_to_others() {
        let capacity = Capacity::new(100, 60);
        let (one, two) = (ShareKey::Account(Uuid::from_u128(1)), ShareKey::Account(Uuid::from_u128(2)));
        let mut first = capacity.reservation(one);
        assert_eq!(first.grow(50), Ok(()));
        assert_eq!(capacity.reservation(one).grow(11), Err(CapacityExceeded));
        assert_eq!(first.grow(10), Ok(()));
        let mut other = capacity.reservation(two);
        assert_eq!(other.grow(41), Err(CapacityExceeded));
        assert_eq!(other.grow(40), Ok(()));
        drop(first);
        assert_eq!(other.grow(20), Ok(()));
        drop(other);
        assert_eq!(capacity.held(), 0);
        assert!(capacity.held.lock().unwrap().by_key.is_empty(), "nothing is remembered of who holds nothing");
    }
}
