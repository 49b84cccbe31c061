//! 两步验证 at log-in: the code of the authenticator app after the right password.

use axum::extract::State;
use backend::AppState;
use backend::access::account::login::PasswordAccepted;
use backend::access::account::totp::{TotpError, confirm_log_in};
use backend::infra::session::ACCOUNT_KEY;
use domain::base::text::normalise;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entry;
use super::interrupted::continue_at;
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::extract::Form;
use crate::page::{Page, PageResponse, redirect};
use crate::request::safe_next;
use crate::ui::*;

/// Session key of the account whose password was right.
const SECOND_FACTOR: &str = "second_factor";
/// Seconds after the password in which the code can be entered.
const PERIOD: i64 = 600;

/// The account whose password was right.
#[derive(Serialize, Deserialize)]
struct AwaitedCode {
    account: Uuid,
    version: i64,
    name: String,
    /// Time of the password, in seconds.
    since: i64,
}

/// The form for the code; it carries on what the log-in form carried.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SecondFactorForm {
    code: String,
    next: String,
    #[serde(rename = "_held")]
    interrupted: String,
    own_device: String,
}

impl SecondFactorForm {
    /// A form without a code.
    pub(super) fn new(next: String, interrupted: String, own_device: String) -> Self {
        Self { code: String::new(), next, interrupted, own_device }
    }
}

/// Stores that the password was right. The session gets a new token, against session fixation, and belongs to nobody until the code is right.
pub(super) async fn begin(app: &AppState, client: &Client, accepted: PasswordAccepted, name: &str) -> Result<(), PageError> {
    client.session.cycle_id().await?;
    let since = app.clock.steady().timestamp();
    let PasswordAccepted { account, version, .. } = accepted;
    client.session.remove::<Uuid>(ACCOUNT_KEY).await?;
    Ok(client.session.insert(SECOND_FACTOR, AwaitedCode { account, version, name: name.to_owned(), since }).await?)
}

/// The address without a form: the log-in begins anew.
pub async fn show() -> PageResponse {
    redirect("/login")
}

/// Verifies the code and signs in.
pub async fn confirm(State(app): State<AppState>, client: Client, Form(form): Form<SecondFactorForm>) -> Result<PageResponse, PageError> {
    let form = SecondFactorForm { next: safe_next(&form.next).to_owned(), ..form };
    let awaited = client.session.get::<AwaitedCode>(SECOND_FACTOR).await?;
    let Some(awaited) = awaited.filter(|awaited| (0..PERIOD).contains(&(app.clock.steady().timestamp() - awaited.since))) else {
        return Ok(redirect("/login"));
    };
    let origin = client.login_origin(&app, &awaited.name);
    match confirm_log_in(&app, awaited.account, &normalise(&form.code), &origin).await {
        Ok(()) => {
            client.session.remove::<AwaitedCode>(SECOND_FACTOR).await?;
            entry::enter(&app, &client, (awaited.account, awaited.version), &awaited.name, form.own_device == "yes").await?;
            Ok(continue_at(form.next, &form.interrupted, awaited.account))
        }
        Err(TotpError::Db(error)) => Err(error.into()),
        Err(error) => Ok(page(form, Some(error.text())).status(error.http_status()).into()),
    }
}

/// The page for the code.
pub(super) fn page(form: SecondFactorForm, fault: Option<&'static str>) -> Page {
    let body = move || {
        let SecondFactorForm { next, interrupted, own_device, .. } = form;
        view! {
            <PageHead
                title="两步验证"
                lead="请填写验证器应用中的 6 位验证码，或一个恢复码"
                crumbs=vec![("登录".into(), "/login".into())]
            />
            <Section>
                <form method="post" action="/login/code" class="fields" novalidate=true>
                    <Hidden name="next" value=next />
                    <Hidden name="_held" value=interrupted />
                    <Hidden name="own_device" value=own_device />
                    <TextField
                        ask=FieldProps::new("code", "验证码").fault(fault.map(str::to_owned))
                        value=""
                        autocomplete="one-time-code"
                        short=true
                    />
                    <div class="actions">
                        <Submit label="登录" />
                    </div>
                </form>
            </Section>
        }
        .into_any()
    };
    Page::new("两步验证", body).standalone()
}
