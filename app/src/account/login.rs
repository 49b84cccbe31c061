//! 登录 and 退出 (docs/manual.md 1).

use axum::extract::State;
use backend::AppState;
use backend::access::account::login::log_in;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use tower_sessions::Session;
use uuid::Uuid;

use super::interrupted::{continue_at, encode};
use super::{entry, second_factor};
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::extract::{Form, Query};
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::{Identity, safe_next};
use crate::ui::*;

/// Query of the login page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LoginQuery {
    next: String,
}

/// The login form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LoginForm {
    /// Address to continue at.
    next: String,
    /// Account name as typed.
    account: String,
    password: String,
    /// The post that was interrupted by the end of the session, encoded; may be empty.
    #[serde(rename = "_held")]
    interrupted: String,
    own_device: String,
}

/// The login page; signed-in users are redirected.
pub async fn show(identity: Identity, Query(query): Query<LoginQuery>) -> PageResponse {
    let next = safe_next(&query.next).to_owned();
    if identity.caller.is_some() {
        return redirect(next);
    }
    page(LoginForm { next, ..LoginForm::default() }, None).into()
}

/// The login page for a post whose session has ended. It carries the post, which continues after login. `author`: whose session it was;
/// `post`: none if it was too large to be read.
pub fn again(path: String, author: Option<Uuid>, post: Option<Post>) -> Page {
    let files = post.as_ref().is_some_and(|post| !post.files.is_empty());
    let interrupted = post.and_then(|post| encode(author, &post.pairs));
    let text = match (&interrupted, files) {
        (None, _) => "登录已失效。您填写的内容较多，没有随登录页保留：请在新窗口登录后，用浏览器的“后退”回到原页面重新提交",
        (Some(_), true) => "登录已失效。重新登录后，您填写的内容会继续提交；刚才选择的文件需要重新选择",
        (Some(_), false) => "登录已失效。重新登录后，您填写的内容会继续提交",
    };
    let form = LoginForm { next: path, interrupted: interrupted.unwrap_or_default(), ..LoginForm::default() };
    page(form, Some(text)).status(StatusCode::UNAUTHORIZED)
}

/// Signs in. The session gets a new token, against session fixation.
pub async fn sign_in(State(app): State<AppState>, client: Client, Form(mut form): Form<LoginForm>) -> Result<PageResponse, PageError> {
    form.next = safe_next(&form.next).to_owned();
    form.account = form.account.trim().to_owned();
    if form.account.is_empty() || form.password.is_empty() {
        let page = page(form, Some("请填写登录账号和密码"));
        return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    match log_in(&app, &form.account, &form.password, &client.login_origin(&app, &form.account)).await {
        Ok(accepted) if accepted.needs_code => {
            second_factor::begin(&app, &client, accepted, &form.account).await?;
            let next = second_factor::SecondFactorForm::new(form.next, form.interrupted, form.own_device);
            Ok(second_factor::page(next, None).into())
        }
        Ok(accepted) => {
            entry::enter(&app, &client, (accepted.account, accepted.version), &form.account, form.own_device == "yes").await?;
            Ok(continue_at(form.next, &form.interrupted, accepted.account))
        }
        Err(error) => Ok(page(form, Some(error.text())).status(error.http_status()).into()),
    }
}

/// Confirmation page of the sign-out, for requests by link.
pub async fn confirm_sign_out() -> Page {
    Page::new("退出登录", || {
        view! {
            <PageHead title="退出登录" />
            <Section>
                <form method="post" action="/logout">
                    <Actions>
                        <Submit label="退出" />
                    </Actions>
                </form>
            </Section>
        }
        .into_any()
    })
}

/// What the browser says about its device at the sign-out.
#[derive(Default, Deserialize)]
pub struct SignOutForm {
    /// `yes` if the device stores unsent drafts of other accounts, which must stay there.
    #[serde(default)]
    pub others: String,
}

/// Ends the session on the server.
pub async fn sign_out(session: Session, Form(form): Form<SignOutForm>) -> Result<PageResponse, PageError> {
    session.flush().await?;
    Ok(PageResponse::signed_out(&form.others))
}

fn page(form: LoginForm, fault: Option<&'static str>) -> Page {
    let body = move || {
        let LoginForm { next, account, interrupted, .. } = form;
        let resumes = !interrupted.is_empty();
        view! {
            <PageHead title="登录" lead="请使用个人用户、机构用户或协会账号登录" />
            <Section>
                {fault.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })} <form method="post" action="/login" class="fields">
                    <Hidden name="next" value=next />
                    {resumes.then(|| view! { <Hidden name="_held" value=interrupted /> })}
                    <TextField ask=FieldProps::new("account", "登录账号") value=account autocomplete="username" />
                    <TextField ask=FieldProps::new("password", "密码") value="" kind="password" autocomplete="current-password" />
                    <CheckboxField
                        ask=FieldProps::new("own_device", "")
                            .optional()
                            .hint(
                                "勾选后，草稿会加密保存在本机，没有网络也可以填写；退出登录时清除。在公用电脑上请勿勾选。",
                            )
                        statement="这是我自己的设备"
                        ticked=false
                    />
                    <div class="actions">
                        <Submit label="登录" />
                    </div>
                </form>
                <p class="saved">"没有账号？"<a href="/register">"立即注册"</a>" · "<a href="/recover">"找回密码"</a></p>
            </Section>
        }
        .into_any()
    };
    Page::new("登录", body).standalone()
}
