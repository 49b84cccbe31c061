//! 找回密码 with a code to the account's mobile. The responses do not reveal whether the account exists.

use axum::extract::State;
use backend::AppState;
use backend::access::account::code::{CodeSendError, CodeTarget, seconds_until_resend, send_code};
use backend::access::account::proof::{Challenge, accept_proof, new_challenge, same_challenge};
use backend::access::account::recovery::{RecoveryError, recover, recovery_target};
use backend::infra::secret::SealContext;
use domain::base::identity::Mobile;
use domain::base::text::normalise;
use domain::record::account::{Purpose, SendRefusal};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use tower_sessions::Session;
use uuid::Uuid;

use super::Countdown;
use super::proof::{ProofFields, read_proof};
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::extract::Form;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::ui::*;

/// Session key of the recovery in progress: account name and mobile number, sealed.
const RECOVERY: &str = "recovery";

/// Sealing context, the same for all sessions, since a session is known only to its browser.
const PLACE: SealContext = SealContext { column: "session.recovery", row: Uuid::nil() };

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
pub async fn show(State(app): State<AppState>) -> Page {
    account_page(AccountPage { account: String::new(), mobile: String::new(), challenge: new_challenge(&app), fault: None })
}

/// Sends the code.
pub async fn send(State(app): State<AppState>, client: Client, post: Post) -> Result<PageResponse, PageError> {
    let (name, number) = (normalise(post.text("account")), normalise(post.text("mobile")));
    let proof = read_proof(&post);
    let again = async |fault: (&'static str, String), status: StatusCode| {
        let challenge = same_challenge(&app, &proof).await?;
        let content = AccountPage { account: name.clone(), mobile: number.clone(), challenge, fault: Some(fault) };
        Ok(account_page(content).status(status).into())
    };
    let mobile = match Mobile::parse(&number) {
        Ok(mobile) => mobile,
        Err(error) => return again(("mobile", error.text()), StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    if let Err(error) = accept_proof(&app, &proof, client.address()).await {
        return again(("_answer", error.text()), error.http_status()).await;
    }
    let origin = client.origin().await?;
    let target = recovery_target(&app, &name, mobile.as_str()).await?;
    match send_code(&app, target, &origin).await {
        Ok(()) | Err(CodeSendError::Refused(SendRefusal::TooSoon(_))) => {
            client.remember(&origin).await?;
            client.session.insert(RECOVERY, app.keys.seal_text(PLACE, &(&name, mobile.as_str()))).await?;
            Ok(redirect("/recover/code"))
        }
        Err(CodeSendError::Refused(refusal)) => again(("mobile", refusal.text()), StatusCode::TOO_MANY_REQUESTS).await,
        Err(CodeSendError::Db(error)) => Err(error.into()),
    }
}

/// Form for code and new password.
pub async fn code(State(app): State<AppState>, client: Client) -> Result<PageResponse, PageError> {
    let Some((_, mobile)) = in_progress(&app, &client.session).await? else {
        return Ok(redirect("/recover"));
    };
    let wait = seconds_until_resend(&app, &CodeTarget::new(Purpose::Recovery, &mobile), &client.origin().await?).await?;
    Ok(password_page(wait, String::new(), Vec::new()).into())
}

/// Sets the new password.
pub async fn finish(State(app): State<AppState>, client: Client, Form(form): Form<NewPasswordForm>) -> Result<PageResponse, PageError> {
    let Some((name, mobile)) = in_progress(&app, &client.session).await? else {
        return Ok(redirect("/recover"));
    };
    let origin = client.origin().await?;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let (fault, status) = if form.password == form.password_again {
        match recover(&app, &name, &mobile, &form.code, &form.password, &origin).await {
            Ok(account) => {
                client.session.remove::<String>(RECOVERY).await?;
                client.remember_device(&app, account, &name).await?;
                return Ok(redirect("/login"));
            }
            Err(RecoveryError::Code(refusal)) => (("code", refusal.text()), invalid),
            Err(RecoveryError::Password(fault)) => (("password", fault.text().to_owned()), invalid),
            Err(RecoveryError::Busy(busy)) => (("password", busy.text().to_owned()), busy.http_status()),
            Err(RecoveryError::Db(error)) => return Err(error.into()),
        }
    } else {
        (("password_again", "两次填写的密码不一致".to_owned()), invalid)
    };
    let wait = seconds_until_resend(&app, &CodeTarget::new(Purpose::Recovery, &mobile), &origin).await?;
    Ok(password_page(wait, form.code, vec![fault]).status(status).into())
}

/// Content of the form for account and mobile number.
struct AccountPage {
    account: String,
    mobile: String,
    challenge: Option<Challenge>,
    /// Field and text of an error.
    fault: Option<(&'static str, String)>,
}

fn account_page(content: AccountPage) -> Page {
    let proves = content.challenge.is_some();
    let body = move || {
        let AccountPage { account, mobile, challenge, fault } = content;
        let fault_at = |name: &str| fault.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text.clone());
        let (mobile_fault, proof_fault) = (fault_at("mobile"), fault_at("_answer"));
        view! {
            <PageHead
                title="找回密码"
                lead="通过注册手机号码重新设置密码"
                crumbs=vec![("登录".into(), "/login".into())]
            />
            <Section>
                <form method="post" action="/recover" class="fields" novalidate=true>
                    <TextField ask=FieldProps::new("account", "登录账号") value=account autocomplete="username" />
                    <TextField
                        ask=FieldProps::new("mobile", "手机号码").fault(mobile_fault)
                        value=mobile
                        kind="tel"
                        inputmode="tel"
                        autocomplete="tel"
                    />
                    <ProofFields challenge=challenge fault=proof_fault />
                    <div class="actions">
                        <Submit label="发送短信" />
                    </div>
                </form>
                <p class="saved">"忘记登录账号？"<a href="/recover/account">"找回账号"</a></p>
            </Section>
        }
        .into_any()
    };
    let page = Page::new("找回密码", body).standalone();
    if proves { page.with_script(super::proof::SCRIPT) } else { page }
}

fn password_page(wait: Option<i64>, code: String, faults: Vec<(&'static str, String)>) -> Page {
    let body = move || {
        let summary = faults.iter().map(|(n, t)| (format!("#f-{n}"), t.clone())).collect::<Vec<_>>();
        let ask = move |name: &str, label: &str| {
            let fault = faults.iter().find(|(n, _)| *n == name).map(|(_, t)| t.clone());
            FieldProps::new(name, label).fault(fault)
        };
        view! {
            <PageHead
                title="设置新密码"
                lead="如果账号和手机号码相符，验证码已发送到该手机"
                crumbs=vec![("重新填写".into(), "/recover".into())]
            />
            <ErrorSummary items=summary />
            <Section>
                <form method="post" action="/recover/code" class="fields" novalidate=true>
                    <p>"验证码 2 分钟内有效。"{wait.map(|seconds| view! { <Countdown seconds=seconds /> })}</p>
                    <TextField ask=ask("code", "短信验证码") value=code inputmode="numeric" autocomplete="one-time-code" short=true />
                    <TextField ask=ask("password", "新密码") value="" kind="password" autocomplete="new-password" />
                    <TextField ask=ask("password_again", "确认新密码") value="" kind="password" autocomplete="new-password" />
                    <div class="actions">
                        <Submit label="设置新密码" />
                    </div>
                </form>
            </Section>
        }
        .into_any()
    };
    let page = Page::new("设置新密码", body).standalone();
    if wait.is_some() { page.with_islands() } else { page }
}
