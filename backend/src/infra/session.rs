//! Sessions: opaque tokens, stored as hashes, revoked on the server.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::types::Json;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, SessionStore};
use uuid::Uuid;

use crate::infra::clock::Clock;
use crate::infra::db;
use crate::infra::db::{Db, Tx};
use crate::infra::secret::sha256;

/// Session key of the signed-in account.
pub const ACCOUNT_KEY: &str = "account";

/// Session key of the version of the account under which the session begins. It counts for a new session; a stored one has it in a column,
/// which no slow save of the data sets back.
pub const VERSION_KEY: &str = "account_version";

/// Session key of the name of the browser.
pub const BROWSER_KEY: &str = "browser_name";
/// Session key of the seconds without a request after which the session ends, if not [`IDLE`].
pub const IDLE_KEY: &str = "idle_seconds";

/// A session ends after this time without a request.
const IDLE: TimeDelta = TimeDelta::minutes(30);
/// A session ends after this time in any case.
pub const MAX_AGE: TimeDelta = TimeDelta::hours(12);
/// Interval between updates of the time of last use.
const TOUCH: TimeDelta = TimeDelta::minutes(1);
/// How far the clocks of two servers may differ. A session used later than that in the future is from before a clock was set back.
const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(2);

/// `SessionStore` over the session table.
#[derive(Clone)]
pub struct DbSessionStore {
    db: Db,
    clock: Clock,
}

impl std::fmt::Debug for DbSessionStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DbSessionStore")
    }
}

impl DbSessionStore {
    /// Creates a store.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// The account of a session, also after its end, until the row is deleted.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn account_of(&self, id: &Id) -> Result<Option<Uuid>, db::DbError> {
        let mut tx = self.db.read().await?;
        db::session::account_by_token(&mut tx, &token_hash(id)).await
    }

    async fn insert(&self, record: &Record) -> Result<bool, db::DbError> {
        let now = self.clock.steady();
        let row = db::session::SessionRow {
            token_hash: token_hash(&record.id),
            account_id: account_of(&record.data),
            data: Json(record.data.clone()),
            created_at: now,
            last_seen_at: now,
            expires_at: now + MAX_AGE,
            account_version: version_of(&record.data),
        };
        self.db.write(move |tx| Box::pin(async move { db::session::insert(tx, row).await })).await
    }

    async fn read(&self, id: &Id) -> Result<Option<Record>, db::DbError> {
        let now = self.clock.steady();
        let hash = token_hash(id);
        let row = {
            let mut tx = self.db.read().await?;
            db::session::by_token(&mut tx, hash.clone()).await?
        };
        let Some(row) = row else { return Ok(None) };
        if !is_live(&row, now) {
            return Ok(None);
        }
        if now - row.last_seen_at >= TOUCH {
            self.db.write(move |tx| Box::pin(async move { db::session::set_last_seen(tx, hash, now).await })).await?;
        }
        let mut data = row.data.0;
        data.insert(VERSION_KEY.to_owned(), row.account_version.into());
        Ok(Some(Record { id: *id, data, expiry_date: offset(row.expires_at) }))
    }
}

/// Ends every session of an account, also those of log-ins that are under way, but the one of this token hash. Returns the version that
/// this one carries from now on.
pub(crate) async fn end_sessions(tx: &mut Tx, account: Uuid, kept: &[u8], now: DateTime<Utc>) -> Result<i64, db::DbError> {
    let version = db::account::next_session_version(tx, account).await?;
    db::session::revoke_others(tx, account, kept, now).await?;
    db::session::set_version(tx, account, kept, version).await?;
    Ok(version)
}

fn version_of(data: &HashMap<String, serde_json::Value>) -> i64 {
    data.get(VERSION_KEY).and_then(serde_json::Value::as_i64).unwrap_or_default()
}

/// Whether a session that was not revoked can still be used. `now` is the steady time.
pub(crate) fn is_live(row: &db::session::SessionRow, now: DateTime<Utc>) -> bool {
    let idle = row.data.0.get(IDLE_KEY).and_then(serde_json::Value::as_i64).map_or(IDLE, |seconds| TimeDelta::seconds(seconds).min(IDLE));
    now < row.expires_at && now - row.last_seen_at < idle && row.last_seen_at - now < CLOCK_DIFFERENCE
}

/// A text of the session data; empty if there is none.
pub(crate) fn text_of(data: &HashMap<String, serde_json::Value>, key: &str) -> String {
    data.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// The hash by which the session of a token is stored.
pub fn token_hash(id: &Id) -> Vec<u8> {
    sha256(&id.0.to_be_bytes())
}

fn account_of(data: &HashMap<String, serde_json::Value>) -> Option<Uuid> {
    Uuid::parse_str(data.get(ACCOUNT_KEY)?.as_str()?).ok()
}

fn offset(at: DateTime<Utc>) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.timestamp()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn fault(error: db::DbError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for DbSessionStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        while !self.insert(record).await.map_err(fault)? {
            record.id = Id::default();
        }
        Ok(())
    }

    /// Updates a live session; never restores one that was revoked meanwhile.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let hash = token_hash(&record.id);
        let account = account_of(&record.data);
        let data = Json(record.data.clone());
        let now = self.clock.steady();
        self.db.write(move |tx| Box::pin(async move { db::session::update(tx, hash, account, data, now).await })).await.map_err(fault)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.read(id).await.map_err(fault)
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let hash = token_hash(id);
        let now = self.clock.steady();
        self.db.write(move |tx| Box::pin(async move { db::session::revoke(tx, hash, now).await })).await.map_err(fault)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database_test;

    fn record(account: Option<Uuid>) -> Record {
        let mut data = HashMap::new();
        if let Some(account) = account {
            data.insert(ACCOUNT_KEY.to_owned(), serde_json::json!(account));
        }
        Record { id: Id::default(), data, expiry_date: OffsetDateTime::now_utc() }
    }

    fn clock() -> Clock {
        Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap())
    }

    database_test!(a_session_ends_after_half_an_hour_of_silence_and_after_twelve_hours, |db, _| async move {
        let clock = clock();
        let store = DbSessionStore::new(db, clock.clone());
        let mut r = record(None);
        store.create(&mut r).await.unwrap();
        for _ in 0..24 {
            clock.advance(TimeDelta::minutes(29));
            assert!(store.load(&r.id).await.unwrap().is_some());
        }
        clock.advance(TimeDelta::minutes(25));
        assert!(store.load(&r.id).await.unwrap().is_none(), "twelve hours are over");
        let mut r = record(None);
        store.create(&mut r).await.unwrap();
        clock.advance(TimeDelta::minutes(30));
        assert!(store.load(&r.id).await.unwrap().is_none(), "half an hour of silence");
    });

    database_test!(a_clock_that_is_set_back_prolongs_no_session, |db, _| async move {
        let clock = clock();
        let store = DbSessionStore::new(db.clone(), clock.clone());
        let mut r = record(None);
        store.create(&mut r).await.unwrap();
        clock.step(TimeDelta::hours(-1));
        clock.advance(TimeDelta::minutes(29));
        assert!(store.load(&r.id).await.unwrap().is_some());
        clock.advance(TimeDelta::minutes(30));
        assert!(store.load(&r.id).await.unwrap().is_none(), "half an hour of silence");
        store.create(&mut r).await.unwrap();
        let restarted = DbSessionStore::new(db, Clock::fixed(clock.steady() - TimeDelta::hours(1)));
        assert!(restarted.load(&r.id).await.unwrap().is_none(), "a session from the future");
    });

    database_test!(a_session_with_a_shorter_idle_time_ends_earlier, |db, _| async move {
        let clock = clock();
        let store = DbSessionStore::new(db, clock.clone());
        let mut r = record(None);
        r.data.insert(IDLE_KEY.to_owned(), serde_json::json!(900));
        store.create(&mut r).await.unwrap();
        clock.advance(TimeDelta::minutes(14));
        assert!(store.load(&r.id).await.unwrap().is_some());
        clock.advance(TimeDelta::minutes(15));
        assert!(store.load(&r.id).await.unwrap().is_none());
    });

    database_test!(a_slow_save_does_not_bring_back_a_session_that_was_logged_out, |db, _| async move {
        let store = DbSessionStore::new(db, clock());
        for _ in 0..20 {
            let mut r = record(Some(Uuid::now_v7()));
            store.create(&mut r).await.unwrap();
            let (slow, gone) = tokio::join!(store.save(&r), store.delete(&r.id));
            slow.unwrap();
            gone.unwrap();
            store.save(&r).await.unwrap();
            assert!(store.load(&r.id).await.unwrap().is_none());
        }
    });

    database_test!(a_slow_save_does_not_set_back_the_version_of_a_session_that_goes_on, |db, _| async move {
        let store = DbSessionStore::new(db, clock());
        let account = Uuid::now_v7();
        let (mut kept, mut other) = (record(Some(account)), record(Some(account)));
        store.create(&mut kept).await.unwrap();
        store.create(&mut other).await.unwrap();
        let slow = store.load(&kept.id).await.unwrap().unwrap();
        let hash = token_hash(&kept.id);
        let set = store.db.write(move |tx| Box::pin(async move { db::session::set_version(tx, account, &hash, 7).await }));
        set.await.unwrap();
        store.save(&slow).await.unwrap();
        let version = |record: Option<Record>| version_of(&record.unwrap().data);
        assert_eq!(version(store.load(&kept.id).await.unwrap()), 7);
        assert_eq!(version(store.load(&other.id).await.unwrap()), 0);
    });

    database_test!(all_sessions_of_one_account_end_together, |db, _| async move {
        let store = DbSessionStore::new(db, clock());
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let mut rs = [record(Some(one)), record(Some(one)), record(Some(other))];
        for r in &mut rs {
            store.create(r).await.unwrap();
        }
        let now = store.clock.steady();
        store.db.write(move |tx| Box::pin(async move { end_sessions(tx, one, &[], now).await })).await.unwrap();
        assert!(store.load(&rs[0].id).await.unwrap().is_none());
        assert!(store.load(&rs[1].id).await.unwrap().is_none());
        assert!(store.load(&rs[2].id).await.unwrap().is_some());
    });
}
