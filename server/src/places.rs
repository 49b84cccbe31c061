//! Places in a capacity pool, and the share of them that one account or one address can have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use app::limits::ShareKey;
use axum::body::{Body, HttpBody};
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::body::GuardedBody;

/// Number of keys above which those that hold nothing are forgotten.
const PRUNE_ABOVE: usize = 4_096;

/// Size of a pool: how many requests it answers at once.
#[derive(Debug, Clone, Copy)]
pub struct PoolSize {
    /// In all.
    pub places: usize,
    /// For one account.
    pub per_account: usize,
    /// For one IPv4 address or IPv6 /64.
    pub per_address: usize,
    /// For one IPv6 /48.
    pub per_block: usize,
}

impl PoolSize {
    /// A pool of one size for everybody.
    pub const fn even(places: usize) -> Self {
        Self { places, per_account: places, per_address: places, per_block: places }
    }

    fn share(&self, key: ShareKey) -> usize {
        match key {
            ShareKey::Account(_) => self.per_account,
            ShareKey::Address(_) => self.per_address,
            ShareKey::Block(_) => self.per_block,
        }
    }
}

/// The places of one pool.
pub struct Places {
    size: PoolSize,
    all: Arc<Semaphore>,
    shares: Mutex<HashMap<ShareKey, Arc<Semaphore>>>,
}

/// A place of a pool; given back when it is dropped.
pub struct Place {
    shares: Vec<OwnedSemaphorePermit>,
    _place: OwnedSemaphorePermit,
}

/// Size of a response in bytes from which it counts against the share of its reader until it is read.
const LARGE: u64 = 256 << 10;

impl Place {
    /// Gives the place back. Those who read a large response slowly keep a part of their own share, since it stays in memory.
    pub fn finish(self, response: Response) -> Response {
        if response.body().size_hint().lower() < LARGE {
            return response;
        }
        response.map(|body| Body::new(GuardedBody::new(body, self.shares)))
    }
}

impl Places {
    /// The places of a pool of this size.
    pub fn new(size: PoolSize) -> Self {
        Self { size, all: Arc::new(Semaphore::new(size.places)), shares: Mutex::default() }
    }

    /// Places without a limit in all, so many of them for one address, and four times as many for one IPv6 /48.
    pub fn per_client(per_address: usize) -> Self {
        let places = Semaphore::MAX_PERMITS;
        Self::new(PoolSize { places, per_account: places, per_address, per_block: per_address.saturating_mul(4).min(places) })
    }

    /// Waits for a place. Those who have used up their share wait for themselves, without a place that others could have. None if the pool
    /// is closed, which never happens.
    pub async fn take(&self, keys: &[ShareKey]) -> Option<Place> {
        let mut shares = Vec::with_capacity(keys.len());
        for key in keys {
            shares.push(self.share(*key).acquire_owned().await.ok()?);
        }
        let place = self.all.clone().acquire_owned().await.ok()?;
        Some(Place { shares, _place: place })
    }

    /// Takes a place if there is one now.
    pub fn try_take(&self, keys: &[ShareKey]) -> Option<Place> {
        let mut shares = Vec::with_capacity(keys.len());
        for key in keys {
            shares.push(self.share(*key).try_acquire_owned().ok()?);
        }
        let place = self.all.clone().try_acquire_owned().ok()?;
        Some(Place { shares, _place: place })
    }

    fn share(&self, key: ShareKey) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if shares.len() > PRUNE_ABOVE {
            // A permit and a request that waits for one hold the semaphore.
            shares.retain(|_, share| Arc::strong_count(share) > 1);
        }
        shares.entry(key).or_insert_with(|| Arc::new(Semaphore::new(self.size.share(key)))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    use tokio::time::timeout;

    fn address(n: u8) -> ShareKey {
        ShareKey::Address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, n)))
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_waits_for_its_own_share_and_leaves_the_other_places_to_others() {
        let places = Places::new(PoolSize { per_address: 2, ..PoolSize::even(3) });
        let held = [places.take(&[address(1)]).await.unwrap(), places.take(&[address(1)]).await.unwrap()];
        let (same, different) = ([address(1)], [address(2)]);
        let waiting = timeout(Duration::from_secs(2), places.take(&same));
        let other = places.take(&different);
        let (waiting, other) = tokio::join!(waiting, other);
        assert!(waiting.is_err() && other.is_some());
        assert!(places.try_take(&[address(3)]).is_none(), "the pool is full");
        drop((held, other));
        assert!(places.try_take(&[address(1)]).is_some());
    }

    #[tokio::test]
    async fn a_large_response_counts_against_its_reader_alone_until_it_is_read() {
        let places = Places::new(PoolSize { per_address: 1, ..PoolSize::even(1) });
        let small = places.take(&[address(1)]).await.unwrap().finish(Response::new(Body::from("x")));
        let large = Response::new(Body::from(vec![0; 1 << 20]));
        let large = places.take(&[address(1)]).await.unwrap().finish(large);
        assert!(places.try_take(&[address(1)]).is_none());
        assert!(places.try_take(&[address(2)]).is_some());
        drop((small, large));
        assert!(places.try_take(&[address(1)]).is_some());
    }

    #[tokio::test]
    async fn addresses_that_hold_nothing_are_forgotten() {
        let places = Places::new(PoolSize::even(2));
        let held = places.take(&[address(0)]).await.unwrap();
        for n in 0..=u32::try_from(PRUNE_ABOVE).unwrap() {
            drop(places.take(&[ShareKey::Address(IpAddr::V4(Ipv4Addr::from(n)))]).await);
        }
        drop(places.take(&[address(1)]).await);
        let left = places.shares.lock().unwrap().len();
        assert!(left <= 3, "{left}");
        assert!(places.shares.lock().unwrap().contains_key(&address(0)));
        drop(held);
    }
}
