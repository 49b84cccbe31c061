//! 通知记录: what was sent about a matter, for those who may know.

use chrono::{DateTime, Utc};
use domain::engine::flow::Hat;
use domain::engine::message::{Channel, Plan};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::matter::MatterError;
use crate::state::AppState;

/// Rows shown of one matter.
const MOST: i64 = 200;

/// Something that was or will be sent about a matter.
pub struct Delivery {
    /// By which way.
    pub channel: Channel,
    /// What kind of news.
    pub plan: &'static Plan,
    /// Whether it is for whoever began the matter.
    pub to_applicant: bool,
    /// Number or address, masked; none for those who may not know where the person is reached.
    pub target: Option<String>,
    /// When it was put in.
    pub at: DateTime<Utc>,
    /// How it stands.
    pub state: domain::engine::message::Delivery,
}

/// What was sent about a matter, newest first: the association sees all of it, the applicant what was sent to them, everyone else what
/// was sent to themselves and, without where to, what was sent to the applicant.
pub async fn deliveries(app: &AppState, who: &Allowed, matter: Uuid) -> Result<Vec<Delivery>, MatterError> {
    let opened = crate::matter::open_matter(app, who, matter).await?;
    let rows = {
        let mut tx = app.db.read().await?;
        db::outbox::of_matter(&mut tx, matter, MOST).await?
    };
    let (owner, me) = (opened.row.owner_id, who.account());
    let staff = opened.actor.hats.iter().any(|hat| matches!(hat, Hat::Association(_)));
    let mut all = Vec::new();
    for row in rows {
        let to = row.account_id;
        let known = staff || to == Some(me);
        if !known && to != Some(owner) {
            continue;
        }
        let out = crate::service::message::outbox::outgoing_of(app, &row)?;
        all.push(Delivery {
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
