//! Server functions with which a device loads drafts and the data for its forms.

use std::collections::BTreeMap;

use domain::base::rule::RuleRow;
use domain::engine::draft::sync::SyncReply;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::ApiError;

/// Data with which a device renders forms itself, encrypted there like drafts, since the lists are those of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineContext {
    /// Signed-in account.
    pub account: Uuid,
    /// The choices of listed fields.
    pub lists: BTreeMap<String, Vec<(String, String)>>,
    /// The rule table.
    pub rules: Vec<RuleRow>,
    /// Today, `YYYY-MM-DD`.
    pub today: String,
    /// Time of the server, in milliseconds since 1970; 0 in contexts of earlier versions.
    #[serde(default)]
    pub now: i64,
    /// Whether the device got it from the server a moment ago; not stored.
    #[serde(skip)]
    pub is_fresh: bool,
    /// Masked name of the account.
    #[serde(default)]
    pub label: String,
    /// Kinds that the account cannot begin now, by code, with the reason.
    #[serde(default)]
    pub unavailable: BTreeMap<String, String>,
}

/// The state of a draft, for a device that loads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftSnapshot {
    /// Code of the kind.
    pub kind: String,
    /// Answers.
    pub answered: SyncReply,
}

/// Returns the state of an own draft.
#[server(prefix = "/api", endpoint = "draft/state", input = Json)]
pub async fn draft_state(matter: Uuid) -> Result<DraftSnapshot, ApiError> {
    use backend::matter::MatterError;
    use http::StatusCode;

    use crate::api::{api_context, api_error, matter_error};
    let visitor = api_context()?;
    let opened = backend::matter::load(&visitor.app, &visitor.who, matter).await.map_err(matter_error)?;
    if !opened.is_editable() {
        return Err(api_error(StatusCode::FORBIDDEN, "permission", MatterError::NotEditable.text()));
    }
    let answered = backend::workflow::patch::draft_state(&visitor.app, &visitor.who, matter).await.map_err(matter_error)?;
    Ok(DraftSnapshot { kind: opened.kind.code.to_owned(), answered })
}

/// Returns the data with which a device renders forms.
#[server(prefix = "/api", endpoint = "draft/scene", input = Json)]
pub async fn load_offline_context() -> Result<OfflineContext, ApiError> {
    use backend::matter::MatterError;

    use crate::api::{api_context, matter_error};
    let visitor = api_context()?;
    let account = visitor.who.account();
    let world = backend::matter::context::applicant_context(&visitor.app, visitor.who.caller())
        .await
        .map_err(|e| matter_error(MatterError::Db(e)))?;
    let closed = |kind: &&domain::matter::Kind| match kind.availability_for(&world.as_context()) {
        domain::matter::Availability::Open => None,
        domain::matter::Availability::Closed { reason, .. } => Some((kind.code.to_owned(), reason)),
    };
    Ok(OfflineContext {
        account,
        lists: world.lists().clone(),
        rules: visitor.app.tables().rules.rows().collect(),
        today: visitor.app.today().to_string(),
        now: visitor.app.now().timestamp_millis(),
        is_fresh: false,
        label: domain::record::certificate::mask_name(&visitor.who.caller().person.name),
        unavailable: domain::kind::KINDS.iter().filter_map(closed).collect(),
    })
}
