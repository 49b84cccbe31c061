//! 注销账号.

use axum::extract::State;
use backend::AppState;
use backend::access::account::closing::{ClosingError, close_own_account, closing_obstacle};
use backend::access::account::status::StatusError;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use super::confirm::password_fault;
use super::{Fault, field, subpage, summary};
use crate::client::Client;
use crate::error::PageError;
use crate::extract::Form;
use crate::page::{Page, PageResponse};
use crate::request::Authorized;
use crate::ui::*;

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ClosingForm {
    password: String,
    sure: String,
    /// `yes` if the device stores unsent drafts of other accounts.
    #[serde(default)]
    others: String,
}

/// The form, or why the account cannot be closed now.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let obstacle = closing_obstacle(&app, who.account()).await?;
    Ok(page(obstacle.map(|obstacle| obstacle.text()), Vec::new()))
}

/// Closes the account and signs out.
pub async fn close(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<ClosingForm>,
) -> Result<PageResponse, PageError> {
    if form.sure != "yes" {
        let fault = ("sure", "请确认已了解注销的后果".to_owned());
        return Ok(page(None, vec![fault]).status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    match close_own_account(&app, &who, &form.password, client.address()).await {
        Ok(()) => {
            client.session.flush().await?;
            Ok(PageResponse::signed_out(&form.others))
        }
        Err(ClosingError::Db(error) | ClosingError::Status(StatusError::Db(error))) => Err(error.into()),
        Err(ClosingError::Password(error)) => {
            let (fault, status) = password_fault("password", error)?;
            Ok(page(None, vec![fault]).status(status).into())
        }
        Err(error) => Ok(page(Some(error.text()), Vec::new()).status(StatusCode::CONFLICT).into()),
    }
}

fn page(obstacle: Option<String>, faults: Vec<Fault>) -> Page {
    subpage(
        "注销账号",
        "注销后不能再登录，手机号码和电子邮箱可以用于其他账号；已办结的业务和证书按规定保存",
        move || {
            let content = match obstacle {
                Some(text) => view! { <Notice tone=Tone::Warn>{text}</Notice> }.into_any(),
                None => view! {
                    <form method="post" action="/me/security/close" class="fields" novalidate=true>
                        <TextField
                            ask=field("password", "登录密码", &faults)
                            value=""
                            kind="password"
                            autocomplete="current-password"
                        />
                        <CheckboxField
                            ask=field("sure", "确认", &faults)
                            statement="我已了解注销的后果，确认注销账号"
                            ticked=false
                        />
                        <div class="actions">
                            <Submit label="注销账号" weight=Weight::Grave />
                        </div>
                    </form>
                }
                .into_any(),
            };
            view! {
                {summary(&faults)}
                <Section>{content}</Section>
            }
            .into_any()
        },
    )
}
