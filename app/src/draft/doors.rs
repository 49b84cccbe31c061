//! The doors through which a device takes drafts up.

use std::collections::BTreeMap;

use domain::base::rule::Rule;
use domain::engine::draft::sync::Answered;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::door::DoorFault;

/// What a device must know to draw forms by itself. It is sealed there like the drafts: the lists are those of whoever is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scene {
    /// Who is signed in.
    pub account: Uuid,
    /// The choices of listed fields.
    pub lists: BTreeMap<String, Vec<(String, String)>>,
    /// The rule table.
    pub rules: Vec<Rule>,
    /// Today, `YYYY-MM-DD`.
    pub today: String,
}

/// How a draft stands, for a device that takes it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenUp {
    /// Code of its kind.
    pub kind: String,
    /// Its answers.
    pub answered: Answered,
}

/// How a draft of the caller stands.
#[server(prefix = "/api", endpoint = "draft/state", input = Json)]
pub async fn draft_state(matter: Uuid) -> Result<TakenUp, DoorFault> {
    use backend::matter::MatterError;
    use http::StatusCode;

    use crate::door::{matter_fault, refused, visitor};
    let visitor = visitor()?;
    let opened = backend::matter::open_matter(&visitor.app, &visitor.who, matter).await.map_err(matter_fault)?;
    if !opened.editable() {
        return Err(refused(StatusCode::FORBIDDEN, "permission", MatterError::Closed.text()));
    }
    let answered = backend::workflow::patch::draft_state(&visitor.app, &visitor.who, matter).await.map_err(matter_fault)?;
    Ok(TakenUp { kind: opened.kind.code.to_owned(), answered })
}

/// What a device must know to draw forms.
#[server(prefix = "/api", endpoint = "draft/scene", input = Json)]
pub async fn draft_scene() -> Result<Scene, DoorFault> {
    use backend::matter::MatterError;

    use crate::door::{matter_fault, visitor};
    let visitor = visitor()?;
    let account = visitor.who.account();
    let world = backend::matter::context::world_of_caller(&visitor.app, visitor.who.caller())
        .await
        .map_err(|e| matter_fault(MatterError::Db(e)))?;
    let rules = visitor.app.tables().rules.rows().collect();
    Ok(Scene { account, lists: world.lists.clone(), rules, today: visitor.app.today().to_string() })
}
