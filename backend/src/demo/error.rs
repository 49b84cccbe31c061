//! Errors of the demo.

use crate::access::guard::Denied;
use crate::infra::db::DbError;
use crate::infra::password::HasherBusy;
use crate::matter::MatterError;
use crate::record::exam::ScoreError;
use crate::service::admin::AdminError;
use crate::service::payment::PaymentError;
use crate::state::OpenError;

/// Why the demo data could not be created.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A matter could not be created.
    #[error(transparent)]
    Matter(#[from] MatterError),
    /// The state could not be reopened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A score was refused.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// An expert could not be set up.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// Password hashing failed.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// A payment failed.
    #[error(transparent)]
    Payment(#[from] PaymentError),
    /// An account may not do what its role should.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database holds data of real people or institutions.
    #[error("the database holds data that does not belong to a demo. Choose another data folder or database")]
    RealData,
    /// The server is not in demo mode.
    #[error("demo data belongs into a demo only")]
    NotDemo,
}
