//! The shared state of the server: database, keys, clock, files, rules, gateways.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::WorkingDays;
use domain::base::rule::Rules;
use domain::record::payment::BankAccount;

use crate::infra::access_log::AccessLog;
use crate::infra::byte_budget::ByteBudget;
use crate::infra::chunks::UploadChunks;
use crate::infra::clock::Clock;
use crate::infra::db::{self, Db, DbError};
use crate::infra::duration_cache::StageDurations;
use crate::infra::export_places::ExportPlaces;
use crate::infra::file::FileStore;
use crate::infra::gateway::AlipayGateway;
use crate::infra::gateway::sandbox::SandboxGateway;
use crate::infra::keyring;
use crate::infra::lookup_limit::LookupLimit;
use crate::infra::number_blocks::NumberBlocks;
use crate::infra::password::PasswordHasher;
use crate::infra::pdf::PdfRenderer;
use crate::infra::query_throttle::QueryThrottle;
use crate::infra::secret::Keys;
use crate::infra::session::DbSessionStore;

/// The shared state. Clones share all of it.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// Keys for sealing, fingerprints and signatures.
    pub keys: Keys,
    /// The clock.
    pub clock: Clock,
    /// Password hashing.
    pub password_hasher: PasswordHasher,
    /// Uploaded files.
    pub files: FileStore,
    /// Chunks of unfinished uploads.
    pub chunks: UploadChunks,
    /// Renderer of certificate PDFs.
    pub pdf_renderer: PdfRenderer,
    /// Whether the server runs in demo mode.
    pub demo: bool,
    /// The payment gateway, if one is configured.
    pub gateway: Option<Arc<AlipayGateway>>,
    /// The bank account for transfers, if one is configured; without one 线下缴费 is not offered.
    pub bank_account: Option<Arc<BankAccount>>,
    /// The demo gateway.
    pub sandbox: Option<SandboxGateway>,
    /// Bytes of drafts that each account saved lately.
    pub(crate) save_budget: ByteBudget,
    /// Queries to the payment gateway that payers cause.
    pub(crate) order_queries: QueryThrottle,
    /// Look-ups of teachers by institutions.
    pub(crate) teacher_lookups: LookupLimit,
    /// Reserved serial numbers of matters.
    pub(crate) number_blocks: NumberBlocks,
    /// Accesses that are not in the database yet.
    pub(crate) access_log: AccessLog,
    /// Exports under way.
    pub(crate) exports: ExportPlaces,
    tables: Arc<RwLock<Arc<Tables>>>,
    pub(crate) stage_durations: StageDurations,
}

/// Tables cached in memory, read at start and after a change.
#[derive(Default)]
pub struct Tables {
    /// The dated rule table.
    pub rules: Rules,
    /// The working-day calendar.
    pub working_days: WorkingDays,
}

impl AppState {
    /// Opens the state over a migrated database. `data` is the folder of the key file and the uploaded files.
    pub async fn open(db: Db, data: &Path, clock: Clock, demo: bool) -> Result<Self, OpenError> {
        let keys = keyring::open(&db, &keyring::key_path(data), clock.now()).await?;
        let files = FileStore::new(&data.join("files"), keys.clone())?;
        let chunks = UploadChunks::new(&data.join("uploads"), keys.clone())?;
        let app = Self {
            db,
            keys,
            clock,
            password_hasher: PasswordHasher::new(),
            files,
            chunks,
            pdf_renderer: PdfRenderer::default(),
            demo,
            gateway: None,
            bank_account: demo.then(|| Arc::new(BankAccount::fictitious())),
            sandbox: None,
            save_budget: ByteBudget::default(),
            order_queries: QueryThrottle::default(),
            teacher_lookups: LookupLimit::default(),
            number_blocks: NumberBlocks::default(),
            access_log: AccessLog::default(),
            exports: ExportPlaces::default(),
            tables: Arc::default(),
            stage_durations: StageDurations::default(),
        };
        app.reload_tables().await?;
        Ok(app)
    }

    /// Sets the payment gateway.
    pub fn with_gateway(mut self, gateway: AlipayGateway) -> Self {
        self.gateway = Some(Arc::new(gateway));
        self
    }

    /// Sets the bank account for transfers.
    pub fn with_bank_account(mut self, account: BankAccount) -> Self {
        self.bank_account = Some(Arc::new(account));
        self
    }

    /// Sets the demo gateway, whose keys are in the data folder.
    pub fn with_sandbox(mut self, data: &Path) -> std::io::Result<Self> {
        let (sandbox, gateway) = SandboxGateway::open(self.db.clone(), self.clock.clone(), SandboxGateway::keys(&data.join("keys"))?);
        self.sandbox = Some(sandbox);
        Ok(self.with_gateway(gateway))
    }

    /// Reloads the rule table and the calendar.
    pub async fn reload_tables(&self) -> Result<(), OpenError> {
        let mut tx = self.db.read().await?;
        let rules = Rules::new(db::rule::list_rules(&mut tx).await?)?;
        let working_days = WorkingDays::new(db::rule::list_holidays(&mut tx).await?);
        let tables = Arc::new(Tables { rules, working_days });
        *self.tables.write().unwrap_or_else(PoisonError::into_inner) = tables;
        Ok(())
    }

    /// The tables as last read.
    pub fn tables(&self) -> Arc<Tables> {
        Arc::clone(&self.tables.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The current time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Today's date in Shanghai.
    pub fn today(&self) -> NaiveDate {
        self.clock.today()
    }

    /// The session store.
    pub fn session_store(&self) -> DbSessionStore {
        DbSessionStore::new(self.db.clone(), self.clock.clone())
    }
}

/// Why the state could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] keyring::KeyringError),
    /// The folder of files cannot be created.
    #[error("the folder for files cannot be made: {0}")]
    Files(#[from] std::io::Error),
    /// The rule table.
    #[error(transparent)]
    Rules(#[from] domain::base::rule::RuleError),
}
