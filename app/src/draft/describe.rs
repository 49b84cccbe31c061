//! Server function that puts questions about a draft into words.

use domain::engine::draft::Question;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::api::ApiError;
use crate::wizard::Conflict;

/// Puts questions about a draft of a kind into words, with the lists of the caller.
#[server(prefix = "/api", endpoint = "draft/describe", input = Json)]
pub async fn describe_conflicts(kind: String, questions: Vec<Question>) -> Result<Vec<Conflict>, ApiError> {
    use backend::matter::MatterError;

    use crate::api::{api_context, matter_error};
    use crate::wizard::conflicts;
    let visitor = api_context()?;
    let kind = domain::kind::by_code(&kind).ok_or_else(|| matter_error(MatterError::NotFound))?;
    let context = backend::matter::context::applicant_context(&visitor.app, visitor.who.caller())
        .await
        .map_err(|e| matter_error(MatterError::Db(e)))?;
    let context = context.as_context();
    Ok(conflicts(kind.form, &questions, &context))
}
