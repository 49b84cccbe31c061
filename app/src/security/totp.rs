//! 两步验证: setting it up, its recovery codes, and ending it.

use axum::extract::State;
use backend::AppState;
use backend::access::account::reauthentication::{PasswordConfirmed, confirm_password};
use backend::access::account::second_factor::is_required;
use backend::access::account::totp::{
    TotpError, TotpSecret, TotpState, begin_totp, confirm_totp, remove_totp, renew_recovery_codes, totp_state,
};
use backend::access::guard::Allowed;
use backend::infra::qr_code::QrCode;
use domain::base::text::normalise;
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
    let (fault, status) = match act(&app, &who, &client, &form, &code).await? {
        Ok(response) => return Ok(response),
        Err(TotpError::Db(error)) => return Err(error.into()),
        Err(TotpError::Password(error)) => password_fault("password", error)?,
        Err(error) => (("code", error.text().to_owned()), error.http_status()),
    };
    Ok(page(&app, &who, vec![fault]).await?.status(status).into())
}

async fn act(
    app: &AppState,
    who: &Allowed,
    client: &Client,
    form: &TotpForm,
    code: &str,
) -> Result<Result<PageResponse, TotpError>, PageError> {
    let account = who.account();
    let done = match form.action.as_str() {
        "confirm" => confirm_totp(app, account, code, client.session_hash()).await.map(codes_page),
        "begin" | "renew" | "remove" => match confirm_password(app, who, &form.password, client.address()).await {
            Ok(confirmed) => act_confirmed(app, who, confirmed, &form.action, code).await,
            Err(error) => Err(error.into()),
        },
        _ => return Err(PageError::OUTDATED_FORM),
    };
    Ok(done)
}

/// Does what needs the password besides.
async fn act_confirmed(
    app: &AppState,
    who: &Allowed,
    confirmed: PasswordConfirmed,
    action: &str,
    code: &str,
) -> Result<PageResponse, TotpError> {
    match action {
        "begin" => begin_totp(app, confirmed).await.map(|()| redirect("/me/security/totp")),
        "renew" => renew_recovery_codes(app, confirmed, code).await.map(codes_page),
        _ => remove_totp(app, confirmed, &who.caller().roles, code).await.map(|()| redirect("/me/security?done=totp")),
    }
}

/// The recovery codes, shown once.
fn codes_page(codes: Vec<String>) -> PageResponse {
    let page = subpage("恢复码", "请现在保存；恢复码只显示这一次，每个只能使用一次", move || {
        let items = codes.into_iter().enumerate().map(|(n, code)| (format!("恢复码 {}", n + 1), code)).collect::<Vec<_>>();
        view! {
            <Section>
                <Notice tone=Tone::Good>"两步验证已开启。丢失验证器时，可以用恢复码代替验证码登录。"</Notice>
                <DescriptionList items=items />
                <ButtonLink href="/me/security" label="已保存" />
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
        view! {
            {summary(&faults)}
            {content}
        }
        .into_any()
    }))
}

fn begin_form(required: bool, faults: &[Fault]) -> AnyView {
    let password = field("password", "登录密码", faults);
    let notice = required.then(|| view! { <Notice tone=Tone::Warn>"协会工作人员须先设置两步验证，才能使用平台。"</Notice> });
    view! {
        <Section>
            {notice} <form method="post" action="/me/security/totp" class="fields" novalidate=true>
                <p>"请先在手机上安装支持 TOTP 的验证器应用。"</p>
                <TextField ask=password value="" kind="password" autocomplete="current-password" />
                <div class="actions">
                    <Submit label="开始设置" action="begin" />
                </div>
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
            <p>
                "用验证器应用扫描二维码，或在应用中填写下面的密钥；在手机上也可以直接"
                <a href=secret.uri>"用验证器打开"</a>"。开启后，其他设备上的登录会退出。"
            </p>
            {qr_code_image(&secret.code)}
            <DescriptionList items=items />
            <form method="post" action="/me/security/totp" class="fields" novalidate=true>
                <TextField ask=code value="" inputmode="numeric" autocomplete="one-time-code" short=true />
                <div class="actions">
                    <Submit label="开启两步验证" action="confirm" />
                </div>
            </form>
        </Section>
    }
    .into_any()
}

/// A QR code with the quiet zone of four modules, drawn on the server.
fn qr_code_image(code: &QrCode) -> AnyView {
    let side = code.size + 8;
    let path: String =
        code.runs.iter().map(|run| format!("M{} {}h{}v1h-{}z", run.column + 4, run.row + 4, run.length, run.length)).collect();
    view! {
        <svg
            class="qr-code"
            viewBox=format!("0 0 {side} {side}")
            width="232"
            height="232"
            role="img"
            aria-label="两步验证二维码"
            shape-rendering="crispEdges"
        >
            <rect width=side height=side fill="#fff" />
            <path d=path fill="#000" />
        </svg>
    }
    .into_any()
}

fn manage_forms(left: i64, required: bool, faults: &[Fault]) -> AnyView {
    let code = field("code", "验证码或恢复码", faults);
    let password = field("password", "登录密码", faults);
    let remove = (!required).then(|| view! { <Submit label="关闭两步验证" weight=Weight::Grave action="remove" /> });
    view! {
        <Section>
            <Notice tone=Tone::Good>{format!("两步验证已开启，剩余恢复码 {left} 个。")}</Notice>
            <form method="post" action="/me/security/totp" class="fields" novalidate=true>
                <TextField ask=code value="" autocomplete="one-time-code" short=true />
                <TextField ask=password value="" kind="password" autocomplete="current-password" />
                <div class="actions">
                    <Submit label="重新生成恢复码" weight=Weight::Quiet action="renew" />
                    {remove}
                </div>
            </form>
        </Section>
    }
    .into_any()
}
