//! What every command and query needs, in one hand.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::base::calendar::WorkingDays;
use domain::base::rule::Rules;

use crate::infra::chunks::Pieces;
use crate::infra::clock::Clock;
use crate::infra::db;
use crate::infra::db::{Db, DbError};
use crate::infra::file::Store;
use crate::infra::gateway::Gateway;
use crate::infra::gateway::sandbox::Sandbox;
use crate::infra::password::Hasher;
use crate::infra::secret::Keys;
use crate::infra::session::Sessions;
use crate::matter::pace::Paces;
use crate::service::certificate::print::Press;

/// The running app. Clones share everything.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// Keys for personal data.
    pub keys: Keys,
    /// The time.
    pub clock: Clock,
    /// Passwords.
    pub hasher: Hasher,
    /// Uploaded files.
    pub files: Store,
    /// Pieces of files on their way in.
    pub pieces: Pieces,
    /// Where certificates are printed.
    pub press: Press,
    /// Whether this is a demo on one's own machine.
    pub demo: bool,
    /// Where people pay online; none where no gateway is set up.
    pub gateway: Option<Arc<Gateway>>,
    /// The demo's cashier.
    pub sandbox: Option<Sandbox>,
    tables: Arc<RwLock<Arc<Tables>>>,
    pub(crate) paces: Paces,
}

/// Tables that are read at start and when the association changes them.
#[derive(Default)]
pub struct Tables {
    /// The dated rule table.
    pub rules: Rules,
    /// The working-day calendar.
    pub working_days: WorkingDays,
}

impl AppState {
    /// Opens the app on a migrated database. `data` holds the key file and the uploaded files.
    pub async fn open(db: Db, data: &Path, clock: Clock, demo: bool) -> Result<Self, OpenError> {
        let keys = Keys::load_or_create(&data.join("keys").join("registrar.keys"))?;
        let files = Store::new(&data.join("files"), keys.clone())?;
        let pieces = Pieces::new(&data.join("uploads"), keys.clone())?;
        let (hasher, tables, paces) = (Hasher::new(), Arc::default(), Paces::default());
        let press = Press::default();
        let app = Self { db, keys, clock, hasher, files, pieces, press, demo, gateway: None, sandbox: None, tables, paces };
        app.reload_tables().await?;
        Ok(app)
    }

    /// With a gateway to pay through.
    pub fn with_gateway(mut self, gateway: Gateway) -> Self {
        self.gateway = Some(Arc::new(gateway));
        self
    }

    /// With the demo's cashier, whose keys stand in the data folder.
    pub fn with_sandbox(mut self, data: &Path) -> std::io::Result<Self> {
        let (sandbox, gateway) = Sandbox::open(self.db.clone(), self.clock.clone(), Sandbox::keys(&data.join("keys"))?);
        self.sandbox = Some(sandbox);
        Ok(self.with_gateway(gateway))
    }

    /// Reads the rule table and the calendar again.
    pub async fn reload_tables(&self) -> Result<(), OpenError> {
        let mut tx = self.db.read().await?;
        let rules = Rules::new(db::rule::all(&mut tx).await?)?;
        let working_days = WorkingDays::new(db::rule::holidays(&mut tx).await?);
        let tables = Arc::new(Tables { rules, working_days });
        *self.tables.write().unwrap_or_else(PoisonError::into_inner) = tables;
        Ok(())
    }

    /// The tables as last read.
    pub fn tables(&self) -> Arc<Tables> {
        Arc::clone(&self.tables.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Today in Shanghai.
    pub fn today(&self) -> NaiveDate {
        self.clock.today()
    }

    /// Sessions, as a store.
    pub fn sessions(&self) -> Sessions {
        Sessions::new(self.db.clone(), self.clock.clone())
    }
}
/// Counts one more of something limited, within a window of so many seconds; says whether it is still within `most`.
pub async fn within(app: &AppState, subject: &[&[u8]], seconds: i64, most: i64) -> Result<bool, DbError> {
    let subject = app.keys.mac(subject);
    let now = app.now().timestamp();
    let window = DateTime::from_timestamp(now - now.rem_euclid(seconds), 0).unwrap_or_default();
    let count = app.db.write(move |tx| Box::pin(async move { db::rate::count(tx, &subject, window).await })).await?;
    Ok(count <= most)
}

/// Removes what has served its time: ended sessions, old codes, given-up registrations, closed windows.
pub async fn sweep(app: &AppState) -> Result<(), DbError> {
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                db::session::sweep(tx, now - TimeDelta::days(1)).await?;
                db::account::sweep_signups(tx, now).await?;
                db::sms::sweep(tx, now - TimeDelta::days(2)).await?;
                db::rate::sweep(tx, now - TimeDelta::days(2)).await?;
                db::patch::sweep(tx, now - TimeDelta::days(30)).await?;
                Ok::<_, DbError>(())
            })
        })
        .await
}

/// Why the app does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The key file.
    #[error(transparent)]
    Keys(#[from] crate::infra::secret::KeyError),
    /// The folder of files.
    #[error("the folder for files cannot be made: {0}")]
    Files(#[from] std::io::Error),
    /// The rule table.
    #[error(transparent)]
    Rules(#[from] domain::base::rule::RuleError),
}

/// The newest notices of the association.
pub async fn notices(app: &AppState) -> Result<Vec<db::rule::Notice>, DbError> {
    let mut tx = app.db.read().await?;
    db::rule::notices(&mut tx).await
}
