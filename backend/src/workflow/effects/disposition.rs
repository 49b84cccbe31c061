//! An approved disposition: its measure is imposed on the certificate.

use chrono::NaiveDate;
use domain::base::calendar::parse_day;
use domain::kind::disposition::{CERTIFICATE, EFFECTIVE_ON, measure};

use crate::infra::db::{self, Tx};
use crate::matter::{LoadedMatter, MatterError};
use crate::record::certificate::disposition::{Imposition, impose};
use crate::state::AppState;

/// Imposes the measure that the submitted answers name.
///
/// # Errors
/// [`MatterError::Misconfigured`] for answers that name none, and the errors of [`impose`].
pub(super) async fn impose_measure(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, today: NaiveDate) -> Result<(), MatterError> {
    let missing = |part| MatterError::misconfigured(matter.kind.code, part);
    let answers = &matter.answers;
    // The issue of another certificate of the holder comes before, or finds the measure.
    db::account::lock(tx, matter.owner).await?;
    let imposition = Imposition {
        matter: matter.id,
        by: matter.actor.account,
        number: answers.text(CERTIFICATE).to_owned(),
        measure: measure(answers).ok_or_else(|| missing("measure"))?,
        effective_on: parse_day(answers.text(EFFECTIVE_ON)).map_err(|_| missing("effective_on"))?,
    };
    impose(tx, app, &imposition, today).await
}
