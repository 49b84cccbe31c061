//! Removal of old revisions of a draft.
//!
//! A revision is kept if it was submitted, if it is one of the newest, or if a device that may still send changes knows it. A page or
//! device whose revision is gone merges against an empty form: what it typed differently becomes a question, and nothing typed is lost.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::engine::flow::EventKind;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::LoadedMatter;

/// Number of the newest revisions that are kept whatever their size.
const NEWEST: usize = 3;
/// Maximum number of the newest revisions.
const NEWEST_MAX: usize = 20;
/// Maximum size of the newest revisions together, in bytes.
const NEWEST_BYTES: i64 = 4 << 20;
/// Number of old revisions below which they wait, as long as all of them are small.
const GROUP: usize = 8;
/// Days after its last patch for which the revision of a device is kept.
const DEVICE_DAYS: i64 = 30;

/// The revisions of a draft that nobody needs, once another one is added. They are listed in groups, so that most saves delete nothing.
pub(crate) async fn superseded_revisions(tx: &mut Tx, matter: &LoadedMatter, now: DateTime<Utc>) -> Result<Vec<i64>, DbError> {
    let stored = db::revision::list_sizes(tx, matter.id).await?;
    let submitted = submitted_revisions(matter);
    let old: Vec<i64> = beyond_newest(&stored).filter(|revision| !submitted.contains(revision)).collect();
    let is_small = stored.iter().map(|(_, size)| size).sum::<i64>() <= NEWEST_BYTES;
    if old.is_empty() || is_small && old.len() < GROUP {
        return Ok(Vec::new());
    }
    let of_devices = db::revision::list_of_devices(tx, matter.id, now - TimeDelta::days(DEVICE_DAYS)).await?;
    Ok(old.into_iter().filter(|revision| !of_devices.contains(revision)).collect())
}

/// The revisions after the newest ones, of pairs of revision and size, newest first.
fn beyond_newest(stored: &[(i64, i64)]) -> impl Iterator<Item = i64> {
    let mut bytes = 0_i64;
    let is_newest = move |(place, (_, size)): &(usize, &(i64, i64))| {
        bytes = bytes.saturating_add(*size);
        *place < NEWEST || (*place < NEWEST_MAX && bytes <= NEWEST_BYTES)
    };
    stored.iter().enumerate().skip_while(is_newest).map(|(_, (revision, _))| *revision)
}

/// Every revision that was submitted.
fn submitted_revisions(matter: &LoadedMatter) -> BTreeSet<i64> {
    let submitted = matter.events.iter().filter_map(|event| match &event.kind {
        EventKind::Transitioned { revision, .. } => *revision,
        _ => None,
    });
    submitted.chain(matter.submitted_revision).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_at_most_twenty_and_at_most_four_megabytes_but_at_least_three() {
        let of_size = |size: i64, count: i64| (1..=count).rev().map(|revision| (revision, size)).collect::<Vec<_>>();
        for (stored, gone) in [(of_size(10, 20), 0), (of_size(10, 25), 5), (of_size(1 << 20, 10), 6), (of_size(3 << 20, 10), 7)] {
            assert_eq!(beyond_newest(&stored).collect::<Vec<_>>(), (1..=gone).rev().collect::<Vec<_>>());
        }
    }
}
