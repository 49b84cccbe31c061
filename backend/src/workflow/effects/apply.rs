//! The effects by name.

use chrono::NaiveDate;
use domain::engine::flow::Effect;

use crate::infra::db::Tx;
use crate::matter::follow_up::FollowUp;
use crate::matter::{LoadedMatter, MatterError};
use crate::record::certificate::disposition::lift;
use crate::record::certificate::issue::issue;
use crate::record::certificate::renewal::renew_certificates;
use crate::record::payment::charge::{cancel_charge, charge};
use crate::state::AppState;
use crate::workflow::effects::disposition::impose_measure;
use crate::workflow::effects::identity::change_identity;
use crate::workflow::effects::join::join_institution;
use crate::workflow::effects::reopen::{reopen_disputed, require_amendable};

/// Applies one effect of a decision on a matter.
///
/// # Errors
/// [`MatterError::Misconfigured`] if the kind lacks what the effect needs; [`MatterError::Blocked`] if a rule forbids the effect now.
pub(crate) async fn apply_effect(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    effect: Effect,
    today: NaiveDate,
) -> Result<Vec<FollowUp>, MatterError> {
    let missing = |part| MatterError::misconfigured(matter.kind.code, part);
    match effect {
        Effect::IssueCertificate => {
            let grant = (matter.kind.certificate_grant)(&matter.answers).ok_or_else(|| missing("certificate_grant"))?;
            issue(tx, app, matter, &grant, today).await?;
            Ok(Vec::new())
        }
        Effect::ExtendCertificates => {
            let renewal = matter.kind.renewal.ok_or_else(|| missing("renewal"))?;
            renew_certificates(tx, app, matter, renewal, today).await?;
            Ok(Vec::new())
        }
        Effect::Charge => charge(tx, app, matter).await,
        Effect::CancelCharge => cancel_charge(tx, app, matter).await,
        Effect::Join(relation) => join_institution(tx, app, matter, relation, today).await.map(|()| Vec::new()),
        Effect::Reopen => Ok(vec![reopen_disputed(tx, matter, today).await?]),
        Effect::Amend => require_amendable(tx, matter, today).await.map(|()| Vec::new()),
        Effect::ChangeIdentity => change_identity(tx, app, matter, today).await.map(|()| Vec::new()),
        Effect::ImposeMeasure => impose_measure(tx, app, matter, today).await.map(|()| Vec::new()),
        Effect::LiftMeasure => lift(tx, app, matter.id, today).await.map(|()| Vec::new()),
        // No kind uses these effects yet.
        Effect::ReservePlace | Effect::ReleasePlace => Err(missing("effect")),
    }
}
