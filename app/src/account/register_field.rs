//! The check of one field of 个人注册 when it is left, for browsers with scripts; without them 下一步 checks the whole form.

use axum::Json;
use axum::extract::State;
use backend::AppState;
use backend::access::account::proof::{Challenge, same_challenge};
use backend::access::account::signup::{BeginSignupError, check_field};
use domain::record::account::SignupForm;
use http::StatusCode;
use serde::Serialize;

use super::proof::read_proof;
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::post::Post;

/// What the browser is to show, and how it proves its next post.
#[derive(Serialize)]
pub struct CheckedField {
    /// Error of the field, if it has one.
    fault: Option<String>,
    /// The challenge of the next post, since an answer is accepted once.
    proof: Option<NextProof>,
}

#[derive(Serialize)]
struct NextProof {
    token: String,
    bits: i64,
}

/// Checks the field named by `_field`.
pub async fn check(State(app): State<AppState>, client: Client, post: Post) -> Result<(StatusCode, Json<CheckedField>), PageError> {
    let (field, typed, proof) = (post.text("_field"), SignupForm::read(&post.pairs), read_proof(&post));
    let (status, fault) = match check_field(&app, &typed, field, &proof, &client.origin().await?).await {
        Ok(()) => (StatusCode::OK, None),
        Err(BeginSignupError::InvalidFields(faults)) => (StatusCode::OK, faults.into_iter().next().map(|fault| fault.text)),
        // 下一步 judges the field again, and says what hinders it.
        Err(error) => (error.http_status(), None),
    };
    let next = same_challenge(&app, &proof).await?.map(|Challenge { token, work_bits, .. }| NextProof { token, bits: work_bits });
    Ok((status, Json(CheckedField { fault, proof: next })))
}
