//! Reopening the matter whose decision was disputed, or changing the decision in words.

use chrono::NaiveDate;
use domain::engine::flow::{Party, Stage};

use crate::infra::db::{self, Tx};
use crate::matter::disputed::disputed_matter;
use crate::matter::follow_up::FollowUp;
use crate::matter::{LoadedMatter, MatterError};
use crate::record::certificate::disposition::{amendment_obstacle, lifting_of};

/// The command that reopens the disputed matter, by the transition that its closed stage has for an appeal. Its note says what lifting a
/// measure does to the certificate.
///
/// # Errors
/// [`MatterError::Blocked`] if the disputed matter is at a stage that cannot be reopened.
pub(super) async fn reopen_disputed(tx: &mut Tx, appeal: &LoadedMatter, today: NaiveDate) -> Result<FollowUp, MatterError> {
    let blocked = || MatterError::Blocked("原业务已不在可以重新办理的状态，请核对后再决定".to_owned());
    let disputed = disputed_matter(tx, appeal).await?.ok_or_else(blocked)?;
    let row = db::matter::lock(tx, disputed).await?.ok_or_else(blocked)?;
    let stage = domain::kind::by_code(&row.kind).and_then(|k| k.flow.stage(&row.stage));
    let transition = stage.and_then(Stage::reopen_transition).ok_or_else(blocked)?;
    let note = lifting_of(tx, disputed, today).await?.map_or_else(String::new, |(lifting, row)| lifting.text(today, row.valid_until));
    Ok(FollowUp::new(disputed, Party::Appeal, transition.command, &note))
}

/// Refuses to change a disputed decision in words if no other decision can be carried out.
///
/// # Errors
/// [`MatterError::Blocked`] if its measure has ended the certificate.
pub(super) async fn require_amendable(tx: &mut Tx, appeal: &LoadedMatter, today: NaiveDate) -> Result<(), MatterError> {
    let Some(disputed) = disputed_matter(tx, appeal).await? else { return Ok(()) };
    db::matter::lock(tx, disputed).await?;
    amendment_obstacle(tx, disputed, today).await?.map_or(Ok(()), |reason| Err(MatterError::Blocked(reason)))
}
