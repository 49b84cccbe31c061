//! 导出个人数据: a file with what the platform stores about the caller, after the password.

use axum::extract::State;
use backend::AppState;
use backend::access::account::reauthentication::{ReauthenticationError, confirm_password};
use leptos::prelude::*;

use super::document::ConfirmForm;
use super::{Fault, field, subpage, summary};
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::extract::Form;
use crate::page::{Download, Page, PageResponse};
use crate::request::Authorized;
use crate::ui::*;

/// The form.
pub async fn show() -> Page {
    page(Vec::new())
}

/// Downloads the file.
pub async fn download(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<ConfirmForm>,
) -> Result<PageResponse, PageError> {
    match confirm_password(&app, who.account(), &form.password, client.address()).await {
        Ok(()) => {
            let bytes = backend::service::own_data::export_own_data(&app, &who).await?;
            let name = format!("个人数据-{}.json", app.today());
            Ok(Download { name, mime: "application/json".into(), bytes: bytes.into() }.into())
        }
        Err(ReauthenticationError::Db(error)) => Err(error.into()),
        Err(error) => Ok(page(vec![("password", error.text().to_owned())]).status(error.http_status()).into()),
    }
}

fn page(faults: Vec<Fault>) -> Page {
    subpage(
        "导出个人数据",
        "文件为 JSON 格式，含账号、信息变更记录、业务、证书、成绩、信息库、消息和登录记录；请妥善保管",
        move || {
            view! {
                {summary(&faults)}
                <Section>
                    <form method="post" action="/me/security/export" class="fields" novalidate=true>
                        <TextField ask=field("password", "登录密码", &faults) value="" kind="password" autocomplete="current-password"/>
                        <div class="actions"><Submit label="导出"/></div>
                    </form>
                </Section>
            }
            .into_any()
        },
    )
}
