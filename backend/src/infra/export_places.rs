//! Places for exports: one for each account, and few at the same time, since each reads thousands of rows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

/// Exports at the same time.
const AT_ONCE: usize = 3;

/// The exports of one server. Clones share them.
#[derive(Clone, Default)]
pub struct ExportPlaces(Arc<Mutex<BTreeSet<Uuid>>>);

/// A place; it is free again when it is dropped.
pub struct ExportPlace {
    places: ExportPlaces,
    account: Uuid,
}

impl ExportPlaces {
    /// A place for an account; none if it has one, or if all are taken.
    pub fn begin(&self, account: Uuid) -> Option<ExportPlace> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = taken.len() < AT_ONCE && taken.insert(account);
        is_free.then(|| ExportPlace { places: self.clone(), account })
    }
}

impl Drop for ExportPlace {
    fn drop(&mut self) {
        self.places.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_exports_once_at_a_time_and_leaves_places_to_others() {
        let (places, id) = (ExportPlaces::default(), Uuid::from_u128);
        let first = places.begin(id(0));
        assert!(first.is_some() && places.begin(id(0)).is_none());
        let others: Vec<_> = (1..).map_while(|i| places.begin(id(i))).collect();
        assert_eq!(others.len(), AT_ONCE - 1);
        drop(first);
        assert!(places.begin(id(9)).is_some());
    }
}
