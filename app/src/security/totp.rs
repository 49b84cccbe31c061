//! 两步验证: setting it up, its recovery codes, and ending it.

use axum::extract::State;
use backend::AppState;
use backend::access::account::reauthentication::{ReauthenticationError, confirm_password};
use backend::access::account::totp::{
    TotpError, TotpSecret, TotpState, begin_totp, confirm_totp, is_required, remove_totp, renew_recovery_codes, totp_state,
};
use backend::access::guard::Allowed;
use domain::base::text::normalise;
use leptos::prelude::*;
use serde::Deserialize;

use super::{Fault, field, subpage, summary};
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::extract::Form;
use crate::page::{Page, PageResponse, redirect};
use crate::request::Authorized;
use crate::ui::*;

/// The form of every step.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct TotpForm {
    #[serde(rename = "_action")]
    action: String,
    code: String,
    password: String,
}

/// The state of the second factor and what can be done.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    page(&app, &who, Vec::new()).await
}

/// Begins or confirms the set-up, renews the recovery codes, or ends it.
pub async fn change(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<TotpForm>,
) -> Result<PageResponse, PageError> {
    let code = normalise(&form.code);
    let (field, status, text) = match act(&app, &who, &client, &form, &code).await? {
        Ok(response) => return Ok(response),
        Err(Refusal::Code(TotpError::Db(error)) | Refusal::Password(ReauthenticationError::Db(error))) => return Err(error.into()),
        Err(Refusal::Code(error)) => ("code", error.http_status(), error.text()),
        Err(Refusal::Password(error)) => ("password", error.http_status(), error.text()),
    };
    Ok(page(&app, &who, vec![(field, text.to_owned())]).await?.status(status).into())
}

enum Refusal {
    Code(TotpError),
    Password(ReauthenticationError),
}

async fn act(
    app: &AppState,
    who: &Allowed,
    client: &Client,
    form: &TotpForm,
    code: &str,
) -> Result<Result<PageResponse, Refusal>, PageError> {
    let account = who.account();
    let done = match form.action.as_str() {
        "begin" => match confirm_password(app, account, &form.password, client.address()).await {
            Ok(()) => begin_totp(app, account).await.map(|()| redirect("/me/security/totp")).map_err(Refusal::Code),
            Err(error) => Err(Refusal::Password(error)),
        },
        "confirm" => confirm_totp(app, account, code).await.map(codes_page).map_err(Refusal::Code),
        "renew" => renew_recovery_codes(app, account, code).await.map(codes_page).map_err(Refusal::Code),
        "remove" => match confirm_password(app, account, &form.password, client.address()).await {
            Ok(()) => {
                let removed = remove_totp(app, account, &who.caller().roles, code).await;
                removed.map(|()| redirect("/me/security?done=totp")).map_err(Refusal::Code)
            }
            Err(error) => Err(Refusal::Password(error)),
        },
        _ => return Err(PageError::OUTDATED_FORM),
    };
    Ok(done)
}

/// The recovery codes, shown once.
fn codes_page(codes: Vec<String>) -> PageResponse {
    let page = subpage("恢复码", "请现在保存；恢复码只显示这一次，每个只能使用一次", move || {
        let items = codes.into_iter().enumerate().map(|(n, code)| (format!("恢复码 {}", n + 1), code)).collect::<Vec<_>>();
        view! {
            <Section>
                <Notice tone=Tone::Good>"两步验证已开启。丢失验证器时，可以用恢复码代替验证码登录。"</Notice>
                <DescriptionList items=items/>
                <ButtonLink href="/me/security" label="已保存"/>
            </Section>
        }
        .into_any()
    });
    page.into()
}

async fn page(app: &AppState, who: &Allowed, faults: Vec<Fault>) -> Result<Page, PageError> {
    let caller = who.caller();
    let state = totp_state(app, caller.account, &caller.login).await?;
    let required = is_required(app, &caller.roles);
    Ok(subpage("两步验证", "登录时除密码外，再填写手机验证器应用中的验证码", move || {
        let content = match state {
            TotpState::Off => begin_form(required, &faults),
            TotpState::Pending(secret) => confirm_form(secret, &faults),
            TotpState::On(left) => manage_forms(left, required, &faults),
        };
        view! { {summary(&faults)}{content} }.into_any()
    }))
}

fn begin_form(required: bool, faults: &[Fault]) -> AnyView {
    let password = field("password", "登录密码", faults);
    let notice = required.then(|| view! { <Notice tone=Tone::Warn>"协会工作人员须先设置两步验证，才能使用平台。"</Notice> });
    view! {
        <Section>
            {notice}
            <form method="post" action="/me/security/totp" class="fields" novalidate=true>
                <p>"请先在手机上安装支持 TOTP 的验证器应用。"</p>
                <TextField ask=password value="" kind="password" autocomplete="current-password"/>
                <div class="actions"><Submit label="开始设置" action="begin"/></div>
            </form>
        </Section>
    }
    .into_any()
}

fn confirm_form(secret: TotpSecret, faults: &[Fault]) -> AnyView {
    let code = field("code", "验证器显示的验证码", faults);
    let items = vec![("密钥".to_owned(), secret.text), ("类型".to_owned(), "基于时间，6 位，30 秒".to_owned())];
    view! {
        <Section>
            <p>"在验证器应用中添加账号，填写下面的密钥；在手机上也可以直接"<a href=secret.uri>"用验证器打开"</a>"。"</p>
            <DescriptionList items=items/>
            <form method="post" action="/me/security/totp" class="fields" novalidate=true>
                <TextField ask=code value="" inputmode="numeric" autocomplete="one-time-code" short=true/>
                <div class="actions"><Submit label="开启两步验证" action="confirm"/></div>
            </form>
        </Section>
    }
    .into_any()
}

fn manage_forms(left: i64, required: bool, faults: &[Fault]) -> AnyView {
    let code = field("code", "验证码或恢复码", faults);
    let password = field("password", "登录密码", faults).optional().hint("关闭两步验证时填写");
    let remove = (!required).then(move || {
        view! {
            <TextField ask=password value="" kind="password" autocomplete="current-password"/>
            <div class="actions"><Submit label="关闭两步验证" weight=Weight::Grave action="remove"/></div>
        }
    });
    view! {
        <Section>
            <Notice tone=Tone::Good>{format!("两步验证已开启，剩余恢复码 {left} 个。")}</Notice>
            <form method="post" action="/me/security/totp" class="fields" novalidate=true>
                <TextField ask=code value="" autocomplete="one-time-code" short=true/>
                <div class="actions"><Submit label="重新生成恢复码" weight=Weight::Quiet action="renew"/></div>
                {remove}
            </form>
        </Section>
    }
    .into_any()
}
