//! 导出个人数据: a file with what the platform stores about the caller, after the password.

use axum::extract::State;
use backend::AppState;

use super::confirm::{ConfirmForm, ConfirmPage};
use crate::client::Client;
use crate::error::PageError;
use crate::extract::Form;
use crate::page::{Download, Page, PageResponse};
use crate::request::Authorized;

static PAGE: ConfirmPage = ConfirmPage {
    title: "导出个人数据",
    lead: "文件为 JSON 格式，含账号、信息变更记录、业务、证书、成绩、信息库、消息和登录记录；请妥善保管",
    path: "/me/security/export",
    label: "导出",
};

/// The form.
pub async fn show() -> Page {
    PAGE.form(Vec::new())
}

/// Downloads the file.
pub async fn download(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<ConfirmForm>,
) -> Result<PageResponse, PageError> {
    if let Some(refused) = PAGE.refusal(&app, &who, &client, &form).await? {
        return Ok(refused.into());
    }
    let bytes = backend::service::own_data::export_own_data(&app, &who).await?;
    let name = format!("个人数据-{}.json", app.today());
    Ok(Download { name, mime: "application/json".into(), bytes: bytes.into() }.into())
}
