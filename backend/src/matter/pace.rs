//! How long stages usually take.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use domain::base::calendar::day_of;
use domain::engine::flow::Outcome;
use domain::engine::pace::{LOOK_BACK, Pace};
use domain::matter::Kind;

use crate::infra::db;
use crate::infra::db::DbError;
use crate::state::AppState;

/// How long a pace once read is believed.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// Kind and stage.
type Place = (String, String);
/// A pace, and when it was read.
type Read = (DateTime<Utc>, Option<Pace>);

/// Paces read lately.
#[derive(Clone, Default)]
pub(crate) struct Paces(Arc<Mutex<HashMap<Place, Read>>>);

impl Paces {
    fn fresh(&self, key: &Place, now: DateTime<Utc>) -> Option<Option<Pace>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not keep an old pace for ever.
        known.get(key).filter(|(at, _)| *at <= now && now - *at < FRESH).map(|(_, pace)| *pace)
    }

    fn keep(&self, key: Place, now: DateTime<Utc>, pace: Option<Pace>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (now, pace));
    }
}

/// How long the stage a matter stands at usually takes, by what was finished lately; none while it is a draft, once it is closed, or
/// while too little was finished. Read anew every ten minutes.
pub async fn pace(app: &AppState, row: &db::matter::Row) -> Result<Option<Pace>, DbError> {
    let Some(kind) = domain::kind::by_code(&row.kind).filter(|_| row.submitted_at.is_some() && row.closed_at.is_none()) else {
        return Ok(None);
    };
    let key = (row.kind.clone(), row.stage.clone());
    let now = app.now();
    if let Some(pace) = app.paces.fresh(&key, now) {
        return Ok(pace);
    }
    let pace = measured(app, kind, &row.stage).await?;
    app.paces.keep(key, now, pace);
    Ok(pace)
}

async fn measured(app: &AppState, kind: &Kind, stage: &str) -> Result<Option<Pace>, DbError> {
    // Some of them do not count, so more are read than are looked back on.
    let most = i64::try_from(LOOK_BACK * 2).unwrap_or(i64::MAX);
    let finished = {
        let mut tx = app.db.read().await?;
        db::matter::finished(&mut tx, kind.code, stage, most).await?
    };
    let spans: Vec<_> = finished
        .iter()
        .filter(|(.., outcome)| decided(kind, outcome))
        .take(LOOK_BACK)
        .map(|(opened, done, _)| (day_of(*opened), day_of(*done)))
        .collect();
    Ok(Pace::of(&spans, &app.tables().working_days))
}

/// Whether a task was finished by whoever's turn it was: one that its applicant took back, or that time ended, says nothing about the pace.
fn decided(kind: &Kind, outcome: &str) -> bool {
    let ended = kind.flow.stage(outcome).and_then(|s| s.outcome);
    !matches!(ended, Some(Outcome::Withdrawn | Outcome::Lapsed))
}
