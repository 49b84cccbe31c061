//! The clock, injected so that tests control the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// A source of the current time.
#[derive(Clone)]
pub struct Clock(Source);

/// A time of [`Clock::steady`] and the instant at which it was read.
type Reading = (DateTime<Utc>, Instant);

#[derive(Clone)]
enum Source {
    /// The system clock, with the last reading.
    System(Arc<Mutex<Option<Reading>>>),
    /// Microseconds since 1970, advanced by hand: the time of day, and the steady time.
    Fixed { now: Arc<AtomicI64>, steady: Arc<AtomicI64> },
}

impl Clock {
    /// The system clock.
    pub fn system() -> Self {
        Self(Source::System(Arc::default()))
    }

    /// A clock that advances only by [`Clock::advance`]. Clones share their time.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        let micros = || Arc::new(AtomicI64::new(at.timestamp_micros()));
        Self(Source::Fixed { now: micros(), steady: micros() })
    }

    /// Advances a fixed clock; no effect on the system clock.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Fixed { steady, .. } = &self.0 {
            steady.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
            self.step(by);
        }
    }

    /// Steps the time of day of a fixed clock, as an operator does who sets a clock; no effect on the system clock.
    pub fn step(&self, by: TimeDelta) {
        if let Source::Fixed { now, .. } = &self.0 {
            now.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }

    /// The current time for what ends after a period, such as sessions and codes: at least the time that has passed since it was last
    /// read, so a clock that is set back prolongs nothing.
    pub fn steady(&self) -> DateTime<Utc> {
        let now = self.now();
        match &self.0 {
            Source::System(last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                let read = Instant::now();
                let since = |instant: Instant| TimeDelta::from_std(read.saturating_duration_since(instant)).unwrap_or_default();
                let steady = last.map_or(now, |(time, instant)| now.max(time + since(instant)));
                *last = Some((steady, read));
                DateTime::from_timestamp_micros(steady.timestamp_micros()).unwrap_or(now)
            }
            Source::Fixed { steady, .. } => {
                let steady = steady.load(Ordering::SeqCst);
                DateTime::from_timestamp_micros(steady).unwrap_or_default().max(now)
            }
        }
    }

    /// The current time, truncated to microseconds, the precision of both databases.
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match &self.0 {
            Source::System(_) => Utc::now().timestamp_micros(),
            Source::Fixed { now, .. } => now.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }

    /// Today's date in Shanghai.
    pub fn today(&self) -> NaiveDate {
        domain::base::calendar::day_of(self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_time_goes_on_when_the_time_of_day_is_set_back() {
        let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
        let before = clock.steady();
        clock.step(TimeDelta::hours(-1));
        clock.advance(TimeDelta::seconds(130));
        assert_eq!(clock.now(), before - TimeDelta::hours(1) + TimeDelta::seconds(130));
        assert_eq!(clock.steady(), before + TimeDelta::seconds(130));
        let system = Clock::system();
        let (first, second) = (system.steady(), system.steady());
        assert!(first <= second && second - system.now() < TimeDelta::seconds(1));
    }
}
