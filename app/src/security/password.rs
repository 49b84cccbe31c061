//! 修改密码.

use axum::extract::State;
use backend::AppState;
use backend::access::account::password_change::{PasswordChange, PasswordChangeError, change_password};
use backend::infra::session::VERSION_KEY;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use super::confirm::password_fault;
use super::{Fault, field, subpage, summary};
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::extract::Form;
use crate::page::{Page, PageResponse, redirect};
use crate::request::Authorized;
use crate::ui::*;

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PasswordForm {
    present: String,
    password: String,
    password_again: String,
}

/// The form.
pub async fn show() -> Page {
    page(Vec::new())
}

/// Changes the password.
pub async fn change(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<PasswordForm>,
) -> Result<PageResponse, PageError> {
    if form.password != form.password_again {
        let fault = ("password_again", "两次填写的密码不一致".to_owned());
        return Ok(page(vec![fault]).status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    let change = PasswordChange { present: &form.present, new: &form.password, session: client.session_hash(), address: client.address() };
    let (fault, status) = match change_password(&app, &who, change).await {
        Ok(version) => {
            client.session.insert(VERSION_KEY, version).await?;
            client.session.cycle_id().await?;
            client.remember_device(&app, who.account(), &who.caller().login).await?;
            return Ok(redirect("/me/security?done=password"));
        }
        Err(PasswordChangeError::Present(error)) => password_fault("present", error)?,
        Err(PasswordChangeError::New(error)) => (("password", error.text().to_owned()), StatusCode::UNPROCESSABLE_ENTITY),
        Err(PasswordChangeError::Same) => (("password", "新密码不能与原密码相同".to_owned()), StatusCode::UNPROCESSABLE_ENTITY),
        Err(PasswordChangeError::Busy(busy)) => (("password", busy.text().to_owned()), busy.http_status()),
        Err(PasswordChangeError::Db(error)) => return Err(error.into()),
    };
    Ok(page(vec![fault]).status(status).into())
}

fn page(faults: Vec<Fault>) -> Page {
    subpage("修改密码", "修改后，其他设备上的登录会退出", move || {
        view! {
            {summary(&faults)}
            <Section>
                <form method="post" action="/me/security/password" class="fields" novalidate=true>
                    <TextField ask=field("present", "原密码", &faults) value="" kind="password" autocomplete="current-password" />
                    <TextField
                        ask=field("password", "新密码", &faults)
                            .hint("至少 8 位，含大写字母、小写字母、数字、符号中的三种")
                        value=""
                        kind="password"
                        autocomplete="new-password"
                    />
                    <TextField
                        ask=field("password_again", "确认新密码", &faults)
                        value=""
                        kind="password"
                        autocomplete="new-password"
                    />
                    <div class="actions">
                        <Submit label="修改密码" />
                    </div>
                </form>
            </Section>
        }
        .into_any()
    })
}
