//! Whether the server can do its work: the database answers, is up to date, and can be written, as can the data folder.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use backend::infra::clock::Clock;
use backend::infra::db::Db;
use backend::infra::write_check::check_writable;
use backend::service::clock_check::is_clock_doubted;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a result is used again, as every check writes to the disk.
const VALID: Duration = Duration::from_secs(1);

/// The check. Clones share its last result.
#[derive(Clone)]
pub struct Readiness(Arc<Shared>);

struct Shared {
    db: Db,
    data: PathBuf,
    last: Mutex<Option<(Instant, Ready)>>,
}

/// The result of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// It can.
    Yes,
    /// It can, but nothing ends by its clock until the operator accepts it.
    ClockDoubted,
    /// It cannot.
    No,
}

impl Readiness {
    /// A check of this database and data folder.
    pub fn new(db: Db, data: PathBuf) -> Self {
        Self(Arc::new(Shared { db, data, last: Mutex::new(None) }))
    }

    /// Checks, or gives the result of the last second.
    pub async fn is_ready(&self) -> Ready {
        let mut last = self.0.last.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < VALID
        {
            return ready;
        }
        let ready = self.check().await;
        *last = Some((Instant::now(), ready));
        ready
    }

    async fn check(&self) -> Ready {
        let up_to_date = self.0.db.pending_names().await.is_ok_and(|pending| pending.is_empty());
        if !up_to_date {
            return Ready::No;
        }
        let now = Clock::system().now();
        match check_writable(&self.0.db, &self.0.data, now).await {
            Ok(()) => match is_clock_doubted(&self.0.db, now).await {
                Ok(true) => Ready::ClockDoubted,
                Ok(false) => Ready::Yes,
                Err(_) => Ready::No,
            },
            Err(error) => {
                tracing::error!(%error, "not ready");
                Ready::No
            }
        }
    }
}
