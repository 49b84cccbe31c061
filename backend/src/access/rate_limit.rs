//! Rate limits: attempts are counted in windows of fixed length.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::infra::db::{self, DbError, Tx};
use crate::state::AppState;

/// Multiple of an address's limit that all addresses of an IPv6 network /48 may use together.
const SITE_SHARE: i64 = 4;

/// A limit on a subject in the present window.
#[derive(Clone)]
pub(crate) struct RateLimit {
    subject: Vec<u8>,
    window: DateTime<Utc>,
    most: i64,
}

impl RateLimit {
    /// At most `most` attempts of a subject in a window of `seconds`.
    pub(crate) fn new(app: &AppState, subject: &[&[u8]], seconds: i64, most: i64) -> Self {
        let now = app.clock.steady().timestamp();
        let window = DateTime::from_timestamp(now - now.rem_euclid(seconds), 0).unwrap_or_default();
        // The length is part of the subject, since windows of two lengths can begin together.
        let length = seconds.to_be_bytes();
        let parts: Vec<&[u8]> = subject.iter().copied().chain([b"window".as_slice(), &length]).collect();
        Self { subject: app.keys.mac(&parts), window, most }
    }

    /// One attempt of a subject ever, where `since` is the same time for each attempt of the subject.
    pub(crate) fn once(app: &AppState, subject: &[&[u8]], since: DateTime<Utc>) -> Self {
        Self { subject: app.keys.mac(subject), window: since, most: 1 }
    }

    /// The limits of a network address: IPv6 counts by /64, and again by /48, since one customer has a whole network.
    pub(crate) fn of_address(app: &AppState, purpose: &[u8], address: &str, seconds: i64, most: i64) -> Vec<Self> {
        let networks = networks(address);
        networks
            .iter()
            .map(|(network, share)| Self::new(app, &[purpose, network.as_bytes()], seconds, most.saturating_mul(*share)))
            .collect()
    }

    /// Whether the limit is reached.
    pub(crate) async fn is_reached(&self, tx: &mut Tx) -> Result<bool, DbError> {
        Ok(db::rate::count(tx, &self.subject, self.window).await? >= self.most)
    }

    /// Counts an attempt; returns false, counting nothing, if the limit is reached.
    pub(crate) async fn take(&self, tx: &mut Tx) -> Result<bool, DbError> {
        db::rate::take(tx, &self.subject, self.window, self.most).await
    }
}

/// Counts an attempt against each limit; returns false if one of them is reached. An attempt over a limit writes nothing.
pub(crate) async fn take_all(app: &AppState, limits: Vec<RateLimit>) -> Result<bool, DbError> {
    {
        let mut tx = app.db.read().await?;
        for limit in &limits {
            if limit.is_reached(&mut tx).await? {
                return Ok(false);
            }
        }
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                for limit in &limits {
                    if !limit.take(tx).await? {
                        return Ok(false);
                    }
                }
                Ok(true)
            })
        })
        .await
}

/// Takes attempts back that turned out not to count.
pub(crate) async fn give_back(tx: &mut Tx, limits: &[RateLimit]) -> Result<(), DbError> {
    for limit in limits {
        db::rate::give_back(tx, &limit.subject, limit.window).await?;
    }
    Ok(())
}

/// Counts an attempt of a subject in a window of `seconds`; returns false, writing nothing, if there were `most` before.
pub async fn within_rate_limit(app: &AppState, subject: &[&[u8]], seconds: i64, most: i64) -> Result<bool, DbError> {
    take_all(app, vec![RateLimit::new(app, subject, seconds, most)]).await
}

/// Counts an attempt of a network address, as [`within_rate_limit`] does; IPv6 by /64 and by /48.
pub async fn address_within_rate_limit(app: &AppState, purpose: &[u8], address: &str, seconds: i64, most: i64) -> Result<bool, DbError> {
    take_all(app, RateLimit::of_address(app, purpose, address, seconds, most)).await
}

/// The network that stands for an address where one subject is needed: the address itself for IPv4, its /64 for IPv6.
pub(crate) fn network_of(address: &str) -> String {
    networks(address).into_iter().next().map_or_else(String::new, |(network, _)| network)
}

/// The networks against which an address counts, narrowest first, each with the multiple of the limit it may use.
fn networks(address: &str) -> Vec<(String, i64)> {
    let bare = address.split('/').next().unwrap_or(address);
    match bare.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            vec![(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"), 1), (format!("{a:x}:{b:x}:{c:x}::/48"), SITE_SHARE)]
        }
        Ok(ip) => vec![(ip.to_string(), 1)],
        Err(_) => vec![(address.to_owned(), 1)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database_test;
    use crate::infra::clock::Clock;

    #[test]
    fn an_address_of_ipv6_counts_for_its_network() {
        let names = |address| networks(address).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("2001:db8:1:2:3:4:5:6"), ["2001:db8:1:2::/64", "2001:db8:1::/48"]);
        assert_eq!(names("2001:db8:1:2::/64"), ["2001:db8:1:2::/64", "2001:db8:1::/48"]);
        assert_eq!(names("192.0.2.7"), ["192.0.2.7"]);
        assert_eq!(names("::ffff:192.0.2.7"), ["192.0.2.7"]);
    }

    database_test!(the_addresses_of_one_ipv6_network_share_a_limit, |db, _| async move {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
        let app = AppState::open(db, folder.path(), clock, false).await.unwrap();
        let attempt = async |address: String| address_within_rate_limit(&app, b"test", &address, 60, 5).await.unwrap();
        for n in 0..5 {
            assert!(attempt(format!("2001:db8:1:1::{n}")).await);
        }
        assert!(!attempt("2001:db8:1:1::ffff".into()).await, "the /64 is full");
        let others = futures::future::join_all((2..200).map(|n| attempt(format!("2001:db8:1:{n}::1")))).await;
        assert_eq!(others.into_iter().filter(|within| *within).count(), 15, "the /48 has four times as many");
        assert!(attempt("2001:db8:2:1::1".into()).await, "another network is free");
    });
}
