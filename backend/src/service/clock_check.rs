//! Whether the clock of the machine can be believed, before anything expires by it.
//!
//! What a wrong clock ends (certificates, applications, sessions) does not come back when the clock is set right.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use domain::base::rule::key;

use crate::infra::db::process::{CLOCK_DOUBT, CLOCK_TICK};
use crate::infra::db::{self, Db, DbError};
use crate::state::AppState;

/// How far the clock may differ from the newest time in the database without a question: what servers differ by, a clock that was wrong and
/// is set, a short stop.
const BELIEVED: TimeDelta = TimeDelta::days(1);

/// Whether the clock is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockTrust {
    /// It is.
    Believed,
    /// It is so far ahead of the last server that nothing ends by it until the operator accepts it.
    Doubted {
        /// When a server last ran.
        known: DateTime<Utc>,
    },
}

/// Why the clock is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The clock is behind.
    #[error("the clock says {now}, but the database was last used on {known}: it is more than a day behind")]
    Behind {
        /// The clock.
        now: DateTime<Utc>,
        /// The newest time in the database.
        known: DateTime<Utc>,
    },
    /// The clock is far ahead.
    #[error("the clock says {now}, but the last server ran on {known}: that is more than {days} days ago")]
    Ahead {
        /// The clock.
        now: DateTime<Utc>,
        /// When a server last ran.
        known: DateTime<Utc>,
        /// The days up to which a server starts.
        days: i64,
    },
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Compares the clock with the newest time in the database, and records it if it is believed. `accepted`: the operator says that the clock
/// is right.
///
/// # Errors
/// [`ClockError::Behind`] and [`ClockError::Ahead`], unless the clock is accepted.
pub async fn check_clock(app: &AppState, accepted: bool) -> Result<ClockTrust, ClockError> {
    let trust = if accepted { ClockTrust::Believed } else { compare(app).await? };
    match trust {
        ClockTrust::Believed => accept_clock(app).await?,
        ClockTrust::Doubted { known } => {
            let now = app.now();
            app.db.write(move |tx| Box::pin(async move { db::process::record(tx, CLOCK_DOUBT, &known.to_rfc3339(), now).await })).await?;
        }
    }
    Ok(trust)
}

/// Ends a doubt: from now on things end by the clock, on every server of the database.
///
/// # Errors
/// A database that cannot be written.
pub async fn accept_clock(app: &AppState) -> Result<(), DbError> {
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                db::process::forget(tx, CLOCK_DOUBT).await?;
                db::process::record(tx, CLOCK_TICK, "", now).await
            })
        })
        .await
        .map(|_| ())
}

/// Whether a clock that says `now` is doubted, so that nothing may end by it: one that was found ahead at a start, or one that is ahead of
/// the servers that run beside it, even if one of them has ended the doubt by its own clock.
///
/// # Errors
/// A database that does not answer.
pub async fn is_clock_doubted(db: &Db, now: DateTime<Utc>) -> Result<bool, DbError> {
    let mut tx = db.read().await?;
    let is_ahead = db::process::recorded_at(&mut tx, CLOCK_TICK).await?.is_some_and(|tick| now - tick > BELIEVED);
    Ok(is_ahead || db::process::recorded_at(&mut tx, CLOCK_DOUBT).await?.is_some())
}

async fn compare(app: &AppState) -> Result<ClockTrust, ClockError> {
    let now = app.now();
    let mut tx = app.db.read().await?;
    let tick = db::process::recorded_at(&mut tx, CLOCK_TICK).await?;
    let action = db::process::newest_action(&mut tx).await?;
    if let Some(known) = tick.max(action)
        && now < known - BELIEVED
    {
        return Err(ClockError::Behind { now, known });
    }
    let days = app.tables().rules.on(app.today()).int(key::CLOCK_FORWARD_DAYS);
    // Before the first tick, the newest action is the best that is known.
    match tick.or(action) {
        Some(known) if now - known > TimeDelta::try_days(days).unwrap_or(TimeDelta::MAX) => Err(ClockError::Ahead { now, known, days }),
        Some(known) if now - known > BELIEVED => Ok(ClockTrust::Doubted { known }),
        _ => Ok(ClockTrust::Believed),
    }
}

/// Records that a server runs now.
///
/// # Errors
/// A database that cannot be written.
pub async fn record_tick(app: &AppState) -> Result<(), DbError> {
    let now = app.now();
    app.db.write(move |tx| Box::pin(async move { db::process::record(tx, CLOCK_TICK, "", now).await })).await.map(|_| ())
}

/// Notices a clock that is set while the server runs, by the monotonic clock.
pub struct ClockWatch {
    wall: DateTime<Utc>,
    monotonic: Instant,
}

impl ClockWatch {
    /// Begins with the present time.
    pub fn start(now: DateTime<Utc>) -> Self {
        Self { wall: now, monotonic: Instant::now() }
    }

    /// How far the clock has moved more than the time that passed; less is negative.
    pub fn drift(&self, now: DateTime<Utc>) -> TimeDelta {
        (now - self.wall) - TimeDelta::from_std(self.monotonic.elapsed()).unwrap_or(TimeDelta::MAX)
    }

    /// Whether the clock was set by more than a day, either way.
    pub fn jumped(&self, now: DateTime<Utc>) -> bool {
        self.drift(now).abs() > BELIEVED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::testing::TestApp;
    use crate::demo_test;

    fn later(app: &AppState, by: TimeDelta) {
        app.clock.advance(by);
    }

    demo_test!(a_clock_that_jumped_is_refused_until_it_is_accepted, |demo| async move {
        let test = TestApp::new(demo).await;
        let app = &test.app;
        check_clock(app, false).await.unwrap();
        for (jump, believed) in [
            (TimeDelta::hours(23), true),
            (TimeDelta::hours(-23), true),
            (TimeDelta::days(29), true),
            (TimeDelta::days(31), false),
            (TimeDelta::days(1200), false),
            (TimeDelta::hours(-25), false),
            (TimeDelta::days(-400), false),
        ] {
            check_clock(app, true).await.unwrap();
            later(app, jump);
            // What was done counts as known as well, and it cannot be taken back: jumps backward are tried from where the clock stood.
            let result = check_clock(app, false).await;
            assert_eq!(result.is_ok(), believed, "{jump}: {result:?}");
            let is_ahead = jump > TimeDelta::days(1);
            assert_eq!(is_clock_doubted(&app.db, app.now()).await.unwrap(), is_ahead, "{jump}");
            assert_eq!(matches!(result, Ok(ClockTrust::Doubted { .. })), is_ahead && believed, "{jump}: {result:?}");
            assert_eq!(check_clock(app, true).await, Ok(ClockTrust::Believed));
            assert!(!is_clock_doubted(&app.db, app.now()).await.unwrap());
            later(app, -jump);
            check_clock(app, true).await.unwrap();
        }
    });

    demo_test!(a_database_of_an_earlier_release_knows_its_newest_action, |demo| async move {
        let test = TestApp::new(demo).await;
        let app = &test.app;
        app.db.execute_raw("delete from process_state where name = 'clock.tick'").await;
        later(app, TimeDelta::days(-2));
        assert!(matches!(check_clock(app, false).await, Err(ClockError::Behind { .. })));
        later(app, TimeDelta::days(1200));
        assert!(matches!(check_clock(app, false).await, Err(ClockError::Ahead { .. })));
        let mut tx = app.db.read().await.unwrap();
        assert_eq!(db::process::recorded_at(&mut tx, CLOCK_TICK).await.unwrap(), None, "a refused clock is not recorded");
    });

    demo_test!(a_doubted_clock_is_asked_about_at_every_start_and_a_right_one_ends_the_doubt, |demo| async move {
        let test = TestApp::new(demo).await;
        let app = &test.app;
        check_clock(app, true).await.unwrap();
        later(app, TimeDelta::days(3));
        for _ in 0..2 {
            assert!(matches!(check_clock(app, false).await, Ok(ClockTrust::Doubted { .. })));
        }
        let ahead = app.now();
        later(app, TimeDelta::days(-3));
        assert_eq!(check_clock(app, false).await, Ok(ClockTrust::Believed));
        assert!(!is_clock_doubted(&app.db, app.now()).await.unwrap());
        assert!(is_clock_doubted(&app.db, ahead).await.unwrap(), "a server that still has the wrong clock ends nothing by it");
    });

    #[test]
    fn a_clock_that_is_set_while_the_server_runs_is_noticed() {
        let now = Utc::now();
        let watch = ClockWatch::start(now);
        assert!(!watch.jumped(now + TimeDelta::hours(2)));
        assert!(watch.jumped(now + TimeDelta::days(2)));
        assert!(watch.jumped(now - TimeDelta::days(2)));
    }
}
