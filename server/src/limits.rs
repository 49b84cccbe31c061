//! Limits on requests: time of the body, memory and disk that bodies occupy, and how many requests are answered at once.

use std::time::Duration;

use app::capacity::{Capacity, Reservation};
use app::limits::{BodyLimit, Pool, ShareKey};
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use tokio::time::timeout;

use crate::body::{BodyError, BodyRules, LeastRate};
use crate::error_pages::{refuse, refuse_with_status};
use crate::places::{Place, Places, PoolSize};

/// Time limits.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Between two chunks of a body.
    pub idle: Duration,
    /// For a place in a pool; after it the server counts as too busy.
    pub place: Duration,
    /// For a place in [`Pool::Upload`]. The files are on disk by then, so waiting costs nothing.
    pub upload_place: Duration,
    /// For the response, where it is shorter than [`BodyLimit::timeout`].
    pub response: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let (place, upload_place) = (Duration::from_secs(2), Duration::from_secs(30));
        Self { idle: Duration::from_secs(30), place, upload_place, response: Duration::MAX }
    }
}

/// Sizes of the pools.
#[derive(Debug, Clone, Copy)]
pub struct PoolSizes {
    /// See [`Pool::Public`].
    pub public: PoolSize,
    /// See [`Pool::SignIn`].
    pub sign_in: PoolSize,
    /// See [`Pool::SignedIn`].
    pub signed_in: PoolSize,
    /// See [`Pool::Staff`].
    pub staff: PoolSize,
    /// See [`Pool::Upload`].
    pub upload: PoolSize,
    /// Looking up the session of a request. A cookie costs nothing to invent.
    pub lookup: PoolSize,
}

impl Default for PoolSizes {
    fn default() -> Self {
        Self {
            public: PoolSize { places: 64, per_account: 64, per_address: 8, per_block: 16 },
            sign_in: PoolSize { places: 32, per_account: 4, per_address: 8, per_block: 16 },
            // An institution may have all its people behind one address.
            signed_in: PoolSize { places: 128, per_account: 16, per_address: 64, per_block: 96 },
            staff: PoolSize { places: 64, per_account: 16, per_address: 64, per_block: 64 },
            // Each may have a file of several megabytes in memory.
            upload: PoolSize { places: 12, per_account: 3, per_address: 8, per_block: 10 },
            lookup: PoolSize { places: 32, per_account: 32, per_address: 8, per_block: 16 },
        }
    }
}

/// Bytes that bodies occupy until they are answered.
#[derive(Clone)]
pub struct BodyCapacities {
    /// Bodies of visitors, in memory.
    pub visitors: Capacity,
    /// Bodies of signed-in accounts, in memory.
    pub accounts: Capacity,
    /// Files of posted forms, on disk.
    pub files: Capacity,
}

impl Default for BodyCapacities {
    fn default() -> Self {
        Self {
            visitors: Capacity::new(32 << 20, 8 << 20),
            accounts: Capacity::new(64 << 20, 8 << 20),
            files: Capacity::new(1 << 30, 192 << 20),
        }
    }
}

/// A file must arrive at this rate. A poor mobile connection is faster.
const FILE_RATE: LeastRate = LeastRate { bytes_per_second: 8 << 10, grace: Duration::from_secs(10) };

/// The pools and limits of one server.
#[derive(Default)]
pub struct Limits {
    timeouts: Timeouts,
    capacities: BodyCapacities,
    pools: Pools,
}

struct Pools {
    public: Places,
    sign_in: Places,
    signed_in: Places,
    staff: Places,
    upload: Places,
    lookup: Places,
}

impl Default for Pools {
    fn default() -> Self {
        Self::new(PoolSizes::default())
    }
}

impl Pools {
    fn new(sizes: PoolSizes) -> Self {
        Self {
            public: Places::new(sizes.public),
            sign_in: Places::new(sizes.sign_in),
            signed_in: Places::new(sizes.signed_in),
            staff: Places::new(sizes.staff),
            upload: Places::new(sizes.upload),
            lookup: Places::new(sizes.lookup),
        }
    }
}

/// No place became free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolExhausted;

impl Limits {
    /// Limits of these sizes.
    pub fn new(timeouts: Timeouts, sizes: PoolSizes, capacities: BodyCapacities) -> Self {
        Self { timeouts, capacities, pools: Pools::new(sizes) }
    }

    /// The limits of a body.
    pub fn body_rules(&self, limit: BodyLimit) -> BodyRules {
        BodyRules {
            max_bytes: limit.max_bytes(),
            total: limit.timeout(),
            idle: self.timeouts.idle,
            least_rate: limit.carries_files().then_some(FILE_RATE),
        }
    }

    /// The memory that a body occupies. Visitors cannot use up that of accounts.
    pub fn memory(&self, key: ShareKey) -> Reservation {
        match key {
            ShareKey::Account(_) => self.capacities.accounts.reservation(key),
            ShareKey::Address(_) | ShareKey::Block(_) => self.capacities.visitors.reservation(key),
        }
    }

    /// The disk that files of posted forms may occupy.
    pub fn files(&self) -> Capacity {
        self.capacities.files.clone()
    }

    /// Waits for a place to look up a session.
    ///
    /// # Errors
    /// None became free in time.
    pub async fn lookup(&self, keys: &[ShareKey]) -> Result<Place, PoolExhausted> {
        in_time(self.timeouts.place, &self.pools.lookup, keys).await
    }

    /// Answers a request from a pool. `limit`: the limit of its body, which also sets the time of the answer.
    ///
    /// # Errors
    /// No place became free in time, or the answer took too long.
    pub async fn answer(
        &self,
        pool: Pool,
        keys: &[ShareKey],
        limit: BodyLimit,
        response: impl Future<Output = Response>,
    ) -> Result<Response, PoolExhausted> {
        let (places, wait) = match pool {
            Pool::Public => (&self.pools.public, self.timeouts.place),
            Pool::SignIn => (&self.pools.sign_in, self.timeouts.place),
            Pool::SignedIn => (&self.pools.signed_in, self.timeouts.place),
            Pool::Staff => (&self.pools.staff, self.timeouts.place),
            Pool::Upload => (&self.pools.upload, self.timeouts.upload_place),
        };
        let place = in_time(wait, places, keys).await?;
        let response = timeout(limit.timeout().min(self.timeouts.response), response).await.map_err(|_| PoolExhausted)?;
        Ok(place.finish(response))
    }
}

async fn in_time(wait: Duration, places: &Places, keys: &[ShareKey]) -> Result<Place, PoolExhausted> {
    match places.try_take(keys) {
        Some(place) => Ok(place),
        None => timeout(wait, places.take(keys)).await.ok().flatten().ok_or(PoolExhausted),
    }
}

/// The response to a body that could not be read.
pub fn refuse_body(error: BodyError, limit: BodyLimit) -> Response {
    match error {
        BodyError::TooLarge => too_large(limit),
        BodyError::TooSlow => refuse_with_status(StatusCode::REQUEST_TIMEOUT),
        BodyError::Interrupted => refuse_with_status(StatusCode::BAD_REQUEST),
        BodyError::NoCapacity => busy(),
    }
}

fn too_large(limit: BodyLimit) -> Response {
    let text: String = match limit {
        BodyLimit::Files => format!("文件过大，每次最多上传 {}。请压缩后重新上传。", limit.label()),
        _ => format!("提交的内容过大，最多 {}。请减少内容后重试。", limit.label()),
    };
    refuse(StatusCode::PAYLOAD_TOO_LARGE, text)
}

/// The response of a server that is too busy.
pub fn busy() -> Response {
    let mut response = refuse_with_status(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;

    use axum::body::Body;
    use tokio::sync::Notify;
    use tokio::time::Instant;
    use uuid::Uuid;

    const VISITOR: ShareKey = ShareKey::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));

    fn small() -> Limits {
        let one = PoolSize::even(1);
        let sizes = PoolSizes { public: one, sign_in: one, signed_in: one, staff: one, upload: one, lookup: one };
        Limits::new(Timeouts::default(), sizes, BodyCapacities::default())
    }

    async fn ok() -> Response {
        Response::new(Body::empty())
    }

    async fn status(limits: &Limits, pool: Pool) -> u16 {
        limits.answer(pool, &[VISITOR], BodyLimit::Form, ok()).await.unwrap_or_else(|PoolExhausted| busy()).status().as_u16()
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_does_not_come_is_given_up_after_half_a_minute() {
        let begun = Instant::now();
        let answered = Limits::default().answer(Pool::Public, &[VISITOR], BodyLimit::Form, std::future::pending()).await;
        assert_eq!((answered.is_err(), begun.elapsed().as_secs()), (true, 30));
        assert!(busy().headers().contains_key(RETRY_AFTER));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_pool_is_a_503_and_leaves_the_others_alone() {
        let limits = Arc::new(small());
        let (go, inside) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let holder = tokio::spawn({
            let (limits, go, inside) = (limits.clone(), go.clone(), inside.clone());
            async move {
                let response = async {
                    inside.notify_one();
                    go.notified().await;
                    ok().await
                };
                limits.answer(Pool::Public, &[VISITOR], BodyLimit::Form, response).await.is_ok()
            }
        });
        inside.notified().await;
        let begun = Instant::now();
        assert_eq!((status(&limits, Pool::Public).await, begun.elapsed().as_secs()), (503, 2));
        for pool in [Pool::SignIn, Pool::SignedIn, Pool::Staff, Pool::Upload] {
            assert_eq!(status(&limits, pool).await, 200, "{pool:?}");
        }
        go.notify_one();
        assert!(holder.await.unwrap());
        assert_eq!(status(&limits, Pool::Public).await, 200);
    }

    #[test]
    fn visitors_cannot_use_up_the_memory_of_accounts() {
        let limits = Limits::default();
        let address = |n: u32| ShareKey::Address(IpAddr::V4(Ipv4Addr::from(n)));
        let mut held: Vec<_> = (0..5).map(|n| limits.memory(address(n))).collect();
        let filled: Vec<bool> = held.iter_mut().map(|memory| memory.grow(8 << 20).is_ok()).collect();
        assert_eq!(filled, [true, true, true, true, false]);
        assert!(limits.memory(ShareKey::Account(Uuid::nil())).grow(1 << 20).is_ok());
    }
}
