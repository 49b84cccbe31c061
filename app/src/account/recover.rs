//! 找回密码 with a code to the account's mobile. The responses do not reveal whether the account exists.

use axum::extract::State;
use backend::AppState;
use backend::access::account::code::CodeSendError;
use backend::access::account::recovery::RecoveryError;
use backend::infra::secret::SealContext;
use domain::base::identity::Mobile;
use domain::base::text::normalise;
use domain::record::account::SendRefusal;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use tower_sessions::Session;
use uuid::Uuid;

use super::Countdown;
use crate::error::PageError;
use crate::extract::Form;
use crate::page::{Page, PageResponse, redirect};
use crate::request::Client;
use crate::ui::*;

/// Session key of the recovery in progress: account name and mobile number, sealed.
const RECOVERY: &str = "recovery";

/// Sealing context, the same for all sessions, since a session is known only to its browser.
const PLACE: SealContext = SealContext { column: "session.recovery", row: Uuid::nil() };

/// The account and mobile number of the first page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct RecoveryForm {
    account: String,
    mobile: String,
}

/// The code and the new password of the second page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct NewPasswordForm {
    code: String,
    password: String,
    password_again: String,
}

/// Account name and mobile number of the recovery in progress.
async fn in_progress(app: &AppState, session: &Session) -> Result<Option<(String, String)>, PageError> {
    let sealed = session.get::<String>(RECOVERY).await?;
    Ok(sealed.and_then(|s| app.keys.unseal_text(PLACE, &s).ok()))
}

/// Form for account and mobile number.
pub async fn show() -> Page {
    account_page(String::new(), None)
}

/// Sends the code.
pub async fn send(State(app): State<AppState>, client: Client, Form(form): Form<RecoveryForm>) -> Result<PageResponse, PageError> {
    let name = normalise(&form.account);
    let Ok(mobile) = Mobile::parse(&normalise(&form.mobile)) else {
        let page = account_page(name, Some("请填写注册时使用的 11 位手机号码".into()));
        return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    };
    let origin = client.origin().await?;
    let target = backend::access::account::recovery::recovery_target(&app, &name, mobile.as_str()).await?;
    match backend::access::account::code::send_code(&app, target, &origin).await {
        Ok(_) | Err(CodeSendError::Refused(SendRefusal::TooSoon(_))) => {
            let sealed = app.keys.seal_text(PLACE, &(name, mobile.as_str()));
            client.session.insert(RECOVERY, sealed).await?;
            Ok(redirect("/recover/code"))
        }
        Err(CodeSendError::Refused(refusal)) => Ok(account_page(name, Some(refusal.text())).status(StatusCode::TOO_MANY_REQUESTS).into()),
        Err(CodeSendError::Db(error)) => Err(error.into()),
    }
}

/// Form for code and new password.
pub async fn code(State(app): State<AppState>, session: Session) -> Result<PageResponse, PageError> {
    let Some((_, mobile)) = in_progress(&app, &session).await? else {
        return Ok(redirect("/recover"));
    };
    let wait = backend::access::account::code::seconds_until_resend(&app, &mobile).await?;
    Ok(password_page(wait, Vec::new()).into())
}

/// Sets the new password.
pub async fn finish(State(app): State<AppState>, client: Client, Form(form): Form<NewPasswordForm>) -> Result<PageResponse, PageError> {
    let Some((name, mobile)) = in_progress(&app, &client.session).await? else {
        return Ok(redirect("/recover"));
    };
    let origin = client.origin().await?;
    let fault = if form.password == form.password_again {
        let code = normalise(&form.code);
        match backend::access::account::recovery::recover(&app, &name, &mobile, &code, &form.password, &origin).await {
            Ok(()) => {
                client.session.remove::<String>(RECOVERY).await?;
                return Ok(redirect("/login"));
            }
            Err(RecoveryError::Code(refusal)) => ("code", refusal.text()),
            Err(RecoveryError::Password(fault)) => ("password", fault.text().to_owned()),
            Err(RecoveryError::Busy(_)) => ("password", "系统繁忙，请稍后再试".to_owned()),
            Err(RecoveryError::Db(error)) => return Err(error.into()),
        }
    } else {
        ("password_again", "两次填写的密码不一致".to_owned())
    };
    let wait = backend::access::account::code::seconds_until_resend(&app, &mobile).await?;
    Ok(password_page(wait, vec![fault]).status(StatusCode::UNPROCESSABLE_ENTITY).into())
}

fn account_page(account: String, fault: Option<String>) -> Page {
    let body = move || {
        view! {
            <PageHead title="找回密码" lead="通过注册手机号码重新设置密码" crumbs=vec![("登录".into(), "/login".into())]/>
            <Section>
                <form method="post" action="/recover" class="fields" novalidate=true>
                    <TextField ask=FieldProps::new("account", "登录账号") value=account autocomplete="username"/>
                    <TextField ask=FieldProps::new("mobile", "手机号码").fault(fault) value="" kind="tel" inputmode="tel" autocomplete="tel"/>
                    <div class="actions"><Submit label="发送短信验证码"/></div>
                </form>
            </Section>
        }
        .into_any()
    };
    Page::new("找回密码", body).standalone()
}

fn password_page(wait: Option<i64>, faults: Vec<(&'static str, String)>) -> Page {
    let body = move || {
        let summary = faults.iter().map(|(n, t)| (format!("#f-{n}"), t.clone())).collect::<Vec<_>>();
        let ask = move |name: &str, label: &str| {
            let fault = faults.iter().find(|(n, _)| *n == name).map(|(_, t)| t.clone());
            FieldProps::new(name, label).fault(fault)
        };
        view! {
            <PageHead title="设置新密码" lead="如果账号和手机号码相符，验证码已发送到该手机" crumbs=vec![("重新填写".into(), "/recover".into())]/>
            <ErrorSummary items=summary/>
            <Section>
                <form method="post" action="/recover/code" class="fields" novalidate=true>
                    <p>"验证码 2 分钟内有效。"{wait.map(|seconds| view! { <Countdown seconds=seconds/> })}</p>
                    <TextField ask=ask("code", "短信验证码") value="" inputmode="numeric" autocomplete="one-time-code" short=true/>
                    <TextField ask=ask("password", "新密码") value="" kind="password" autocomplete="new-password"/>
                    <TextField ask=ask("password_again", "确认新密码") value="" kind="password" autocomplete="new-password"/>
                    <div class="actions"><Submit label="设置新密码"/></div>
                </form>
            </Section>
        }
        .into_any()
    };
    let page = Page::new("设置新密码", body).standalone();
    if wait.is_some() { page.with_islands() } else { page }
}
