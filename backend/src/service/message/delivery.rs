//! 通知记录: deliveries of a matter, as far as the caller may see them.

use chrono::{DateTime, Utc};
use domain::engine::flow::Party;
use domain::engine::notification::{Channel, NotificationPlan};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::load::load_in_tx;
use crate::matter::{LoadedMatter, MatterError};
use crate::service::message::view::outbox_view;
use crate::state::AppState;

/// Maximum rows of one matter.
const MOST: i64 = 200;

/// A delivery about a matter.
pub struct DeliveryRecord {
    /// Channel.
    pub channel: Channel,
    /// Notification plan.
    pub plan: &'static NotificationPlan,
    /// Whether the recipient is the applicant.
    pub to_applicant: bool,
    /// Masked mobile number or mail address; `None` if the caller may not see it.
    pub target: Option<String>,
    /// Creation time.
    pub at: DateTime<Utc>,
    /// Delivery status.
    pub state: domain::engine::notification::DeliveryStatus,
}

/// Deliveries of a matter, newest first. The association sees all of them; everyone else sees their own and, without addresses, those to
/// the applicant, unless the applicant is hidden from them.
pub(crate) async fn deliveries_in_tx(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<DeliveryRecord>, DbError> {
    let rows = db::outbox::list_of_matter(tx, matter.id, MOST).await?;
    let (owner, me) = (matter.owner, matter.actor.account);
    let staff = matter.actor.parties.iter().any(|party| matches!(party, Party::Association(_)));
    let mut all = Vec::new();
    for row in rows {
        let to = row.account_id;
        let known = staff || to == Some(me);
        if !known && (to != Some(owner) || matter.is_anonymous()) {
            continue;
        }
        let out = outbox_view(app, &row)?;
        all.push(DeliveryRecord {
            channel: out.channel,
            plan: out.plan,
            to_applicant: to == Some(owner),
            target: known.then(|| out.masked_target()),
            at: out.created_at,
            state: out.state,
        });
    }
    Ok(all)
}

/// Deliveries of a matter that the caller is a party to.
pub async fn deliveries_of_matter(app: &AppState, who: &Allowed, matter: Uuid) -> Result<Vec<DeliveryRecord>, MatterError> {
    let mut tx = app.db.read().await?;
    let matter = load_in_tx(&mut tx, app, who.caller(), matter).await?;
    Ok(deliveries_in_tx(&mut tx, app, &matter).await?)
}
