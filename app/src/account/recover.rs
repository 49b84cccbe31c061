//! 找回密码: by a code to the mobile of the account. Every answer is the same whether the account exists or not.

use backend::access::account::code::SendError;
use backend::access::account::recovery::RecoveryError;
use backend::infra::secret::Place;
use domain::base::identity::Mobile;
use domain::base::text::normalise;
use domain::record::account::SendRefusal;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::Countdown;
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Session key of the recovery under way: account name and mobile number, sealed.
const RECOVERY: &str = "recovery";

/// A session is known only to its own browser, so one place serves all.
const PLACE: Place = Place { column: "session.recovery", row: Uuid::nil() };

async fn under_way(call: &Call) -> Result<Option<(String, String)>, Fault> {
    let sealed = call.session.get::<String>(RECOVERY).await?;
    Ok(sealed.and_then(|s| call.app.keys.open_text(PLACE, &s).ok()))
}

/// Asks for account and mobile number.
pub async fn show(_call: Call) -> Result<Answer, Fault> {
    Ok(ask(String::new(), None).into())
}

/// Sends the code.
pub async fn send(call: Call) -> Result<Answer, Fault> {
    let name = normalise(call.post.text("account"));
    let Ok(mobile) = Mobile::parse(&normalise(call.post.text("mobile"))) else {
        let page = ask(name, Some("请填写注册时使用的 11 位手机号码".into()));
        return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    };
    let origin = call.origin().await?;
    let target = backend::access::account::recovery::recovery_target(&call.app, &name, mobile.as_str()).await?;
    match backend::access::account::code::send_code(&call.app, target, &origin).await {
        Ok(_) | Err(SendError::Refused(SendRefusal::TooSoon(_))) => {
            let sealed = call.app.keys.seal_text(PLACE, &(name, mobile.as_str()));
            call.session.insert(RECOVERY, sealed).await?;
            Ok(Answer::See("/recover/code".into()))
        }
        Err(SendError::Refused(refusal)) => Ok(ask(name, Some(refusal.text())).status(StatusCode::TOO_MANY_REQUESTS).into()),
        Err(SendError::Db(error)) => Err(error.into()),
    }
}

/// Asks for the code and a new password.
pub async fn code(call: Call) -> Result<Answer, Fault> {
    let Some((_, mobile)) = under_way(&call).await? else {
        return Ok(Answer::See("/recover".into()));
    };
    let wait = backend::access::account::code::code_wait(&call.app, &mobile).await?;
    Ok(finish_page(wait, Vec::new()).into())
}

/// Sets the new password.
pub async fn finish(call: Call) -> Result<Answer, Fault> {
    let Some((name, mobile)) = under_way(&call).await? else {
        return Ok(Answer::See("/recover".into()));
    };
    let origin = call.origin().await?;
    let (code, password) = (normalise(call.post.text("code")), call.post.text("password"));
    let fault = if password == call.post.text("password_again") {
        match backend::access::account::recovery::recover(&call.app, &name, &mobile, &code, password, &origin).await {
            Ok(()) => {
                call.session.remove::<String>(RECOVERY).await?;
                return Ok(Answer::See("/login".into()));
            }
            Err(RecoveryError::Code(refusal)) => ("code", refusal.text()),
            Err(RecoveryError::Password(fault)) => ("password", fault.text().to_owned()),
            Err(RecoveryError::Busy(_)) => ("password", "系统繁忙，请稍后再试".to_owned()),
            Err(RecoveryError::Db(error)) => return Err(error.into()),
        }
    } else {
        ("password_again", "两次填写的密码不一致".to_owned())
    };
    let wait = backend::access::account::code::code_wait(&call.app, &mobile).await?;
    Ok(finish_page(wait, vec![fault]).status(StatusCode::UNPROCESSABLE_ENTITY).into())
}

fn ask(account: String, fault: Option<String>) -> Page {
    let body = move || {
        view! {
            <PageHead title="找回密码" lead="通过注册手机号码重新设置密码" crumbs=vec![("登录".into(), "/login".into())]/>
            <Section>
                <form method="post" action="/recover" class="fields" novalidate=true>
                    <TextField ask=Ask::new("account", "登录账号") value=account autocomplete="username"/>
                    <TextField ask=Ask::new("mobile", "手机号码").fault(fault) value="" kind="tel" inputmode="tel" autocomplete="tel"/>
                    <div class="actions"><Submit label="发送短信验证码"/></div>
                </form>
            </Section>
        }
        .into_any()
    };
    Page::new("找回密码", body).alone()
}

fn finish_page(wait: Option<i64>, faults: Vec<(&'static str, String)>) -> Page {
    let body = move || {
        let summary = faults.iter().map(|(n, t)| (format!("#f-{n}"), t.clone())).collect::<Vec<_>>();
        let ask = move |name: &str, label: &str| {
            let fault = faults.iter().find(|(n, _)| *n == name).map(|(_, t)| t.clone());
            Ask::new(name, label).fault(fault)
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
    let page = Page::new("设置新密码", body).alone();
    if wait.is_some() { page.with_islands() } else { page }
}
