//! The overview of 账号与安全, with the sessions of the account and its history of signing in.

use axum::extract::State;
use backend::AppState;
use backend::access::account::contact::email_is_verified;
use backend::access::account::sessions::{OwnSession, SignInAttempt, end_other_sessions, end_session, list_sessions, list_sign_ins};
use backend::access::account::totp::{TotpState, totp_state};
use backend::infra::db::sign_in::SignInOutcome;
use leptos::prelude::*;
use serde::Deserialize;

use crate::client::Client;
use crate::error::PageError;
use crate::extract::{Form, Query};
use crate::format;
use crate::page::{Page, PageResponse, redirect};
use crate::request::Authorized;
use crate::ui::*;

/// Query of the overview.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OverviewQuery {
    /// What was done before.
    done: String,
}

/// Which sessions to end.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SessionsForm {
    /// `others`, or the id of a session.
    #[serde(rename = "_action")]
    action: String,
}

/// The overview.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Query(query): Query<OverviewQuery>,
) -> Result<Page, PageError> {
    let caller = who.caller().clone();
    let sessions = list_sessions(&app, caller.account, &client.session_hash()).await?;
    let attempts = list_sign_ins(&app, caller.account).await?;
    let verified = email_is_verified(&app, caller.account).await?;
    let second_factor = match totp_state(&app, caller.account, &caller.login).await? {
        TotpState::On(codes) => (Tone::Good, format!("已开启，剩余恢复码 {codes} 个")),
        _ => (Tone::Info, "未开启".to_owned()),
    };
    let page = Page::new("账号与安全", move || {
        let person = &caller.person;
        let email_badge = if verified { (Tone::Good, "已验证".to_owned()) } else { (Tone::Warn, "未验证".to_owned()) };
        let sign_in = vec![
            entry("/me/security/password", "登录密码", "修改后，其他设备上的登录会退出".to_owned(), None),
            entry("/me/security/mobile", "手机号码", person.masked_mobile(), None),
            entry("/me/security/email", "电子邮箱", person.masked_email(), Some(email_badge)),
            entry("/me/security/totp", "两步验证", "登录时除密码外，再填写验证器应用中的验证码".to_owned(), Some(second_factor)),
        ];
        let change = crate::links::identity_change();
        let change = change.map(|(label, href)| entry(&href, label, "变更姓名或身份证件，须经协会批准".to_owned(), None));
        let own_data = [Some(entry("/me/security/document", "证件号码", person.masked_document(), None)), change];
        let others = [
            entry("/me/security/export", "导出个人数据", "下载平台保存的本人数据".to_owned(), None),
            entry("/me/security/close", "注销账号", "没有正在办理的业务时可以注销".to_owned(), None),
        ];
        let notified = vec![entry("/me/messages/settings", "通知设置", "短信和邮件通知".to_owned(), None)];
        let own_data: Vec<Row> = own_data.into_iter().flatten().chain(others).collect();
        view! {
            <PageHead title="账号与安全" crumbs=vec![("个人中心".into(), "/me".into())] />
            {done_text(&query.done).map(|text| view! { <Notice tone=Tone::Good>{text}</Notice> })}
            <Section title="登录和验证">
                <Rows rows=sign_in />
            </Section>
            <Section title="通知">
                <Rows rows=notified />
            </Section>
            <Section title="登录中的设备">{session_list(sessions)}</Section>
            <Section title="登录记录">{attempt_list(attempts)}</Section>
            <Section title="个人数据">
                <Rows rows=own_data />
            </Section>
        }
        .into_any()
    });
    Ok(page.under("/me"))
}

/// Ends one session, or all others.
pub async fn end_sessions(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<SessionsForm>,
) -> Result<PageResponse, PageError> {
    if form.action == "others" {
        end_other_sessions(&app, who.account(), client.session_hash()).await?;
    } else if !end_session(&app, who.account(), &form.action).await? {
        return Err(PageError::conflict("该设备已退出登录"));
    }
    Ok(redirect("/me/security?done=sessions"))
}

fn done_text(done: &str) -> Option<&'static str> {
    match done {
        "password" => Some("密码已修改，其他设备上的登录已退出"),
        "mobile" => Some("手机号码已更换"),
        "email" => Some("电子邮箱已验证"),
        "totp" => Some("两步验证已关闭"),
        "sessions" => Some("已退出所选设备的登录"),
        _ => None,
    }
}

fn entry(href: &str, title: &str, sub: String, badge: Option<(Tone, String)>) -> Row {
    Row { href: href.into(), title: title.into(), sub, badge, end: String::new(), actions: Vec::new() }
}

fn session_list(sessions: Vec<OwnSession>) -> AnyView {
    let others = sessions.iter().any(|session| !session.current);
    let rows = sessions
        .into_iter()
        .map(|session| CommandRow {
            title: name_of(&session.browser),
            sub: format!("登录于 {}，最近使用 {}", format::time(session.signed_in_at), format::time(session.last_seen_at)),
            badge: session.current.then(|| (Tone::Good, "本机".to_owned())),
            command: (!session.current).then_some(("退出", session.id)),
        })
        .collect();
    view! {
        <form method="post" action="/me/security">
            <CommandRows rows=rows />
            {others
                .then(|| {
                    view! {
                        <Actions>
                            <Submit label="退出所有其他设备" weight=Weight::Quiet action="others" />
                        </Actions>
                    }
                })}
        </form>
    }
    .into_any()
}

fn attempt_list(attempts: Vec<SignInAttempt>) -> AnyView {
    if attempts.is_empty() {
        return view! { <Empty text="暂无登录记录" /> }.into_any();
    }
    let rows = attempts
        .into_iter()
        .map(|attempt| {
            let (tone, outcome) = match attempt.outcome {
                SignInOutcome::Success => (Tone::Good, "登录成功"),
                SignInOutcome::WrongPassword => (Tone::Bad, "密码错误"),
                SignInOutcome::WrongCode => (Tone::Bad, "两步验证错误"),
            };
            CommandRow {
                title: format::time(attempt.at),
                sub: name_of(&attempt.browser),
                badge: Some((tone, outcome.to_owned())),
                command: None,
            }
        })
        .collect();
    view! { <CommandRows rows=rows /> }.into_any()
}

fn name_of(browser: &str) -> String {
    if browser.is_empty() { "未识别的设备".to_owned() } else { browser.to_owned() }
}
