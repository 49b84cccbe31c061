//! 登录 and 退出 (docs/manual.md 1).

use axum::extract::State;
use backend::AppState;
use backend::infra::session::{ACCOUNT_KEY, MAX_AGE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session};

use crate::error::{HttpStatus, PageError};
use crate::extract::{Form, Query};
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::{Client, Identity, OWN_DEVICE, safe_next};
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

/// The login page for a post whose session has ended. It carries the post, which continues after login.
pub fn again(path: String, post: Post) -> Page {
    let lost = !post.files.is_empty();
    let form = LoginForm { next: path, interrupted: encode(&post.pairs), ..LoginForm::default() };
    let text = if lost {
        "登录已失效。重新登录后，您填写的内容会继续提交；刚才选择的文件需要重新选择"
    } else {
        "登录已失效。重新登录后，您填写的内容会继续提交"
    };
    page(form, Some(text)).status(StatusCode::UNAUTHORIZED)
}

fn encode(pairs: &[(String, String)]) -> String {
    STANDARD.encode(serde_json::to_vec(pairs).unwrap_or_default())
}

fn decode(text: &str) -> Option<Vec<(String, String)>> {
    let pairs: Vec<(String, String)> = serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()?;
    (!pairs.is_empty()).then_some(pairs)
}

/// The page after login that sends the interrupted post.
fn resume_page(next: String, pairs: Vec<(String, String)>) -> Page {
    let body = move || {
        let fields = pairs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
        view! {
            <PageHead title="已重新登录" lead="您填写的内容还没有保存，请继续提交。"/>
            <Section><form method="post" action=next>{fields}<Actions><Submit label="继续提交"/></Actions></form></Section>
        }
        .into_any()
    };
    Page::new("已重新登录", body)
}

/// Signs in. The session gets a new token, against session fixation.
pub async fn sign_in(State(app): State<AppState>, client: Client, Form(mut form): Form<LoginForm>) -> Result<PageResponse, PageError> {
    form.next = safe_next(&form.next).to_owned();
    form.account = form.account.trim().to_owned();
    if form.account.is_empty() || form.password.is_empty() {
        let page = page(form, Some("请填写登录账号和密码"));
        return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    let origin = client.origin().await?;
    match backend::access::account::login::log_in(&app, &form.account, &form.password, &origin).await {
        Ok(account) => {
            let session = client.session;
            session.cycle_id().await?;
            session.insert(ACCOUNT_KEY, account).await?;
            let own = form.own_device == "yes";
            session.insert(OWN_DEVICE, own).await?;
            if own {
                // On an own device the cookie survives a crash of the browser; the server still ends the session.
                session.set_expiry(Some(Expiry::OnInactivity(Duration::seconds(MAX_AGE.num_seconds()))));
            }
            Ok(match decode(&form.interrupted) {
                Some(pairs) => resume_page(form.next, pairs).into(),
                None => redirect(form.next),
            })
        }
        Err(error) => Ok(page(form, Some(error.text())).status(error.http_status()).into()),
    }
}

/// Confirmation page of the sign-out, for requests by link.
pub async fn confirm_sign_out() -> Page {
    Page::new("退出登录", || {
        view! {
            <PageHead title="退出登录"/>
            <Section><form method="post" action="/logout"><Actions><Submit label="退出"/></Actions></form></Section>
        }
        .into_any()
    })
}

/// Ends the session on the server.
pub async fn sign_out(session: Session) -> Result<PageResponse, PageError> {
    session.flush().await?;
    Ok(PageResponse::SignedOut("/login".into()))
}

fn page(form: LoginForm, fault: Option<&'static str>) -> Page {
    let body = move || {
        let LoginForm { next, account, interrupted, .. } = form;
        let resumes = !interrupted.is_empty();
        view! {
            <PageHead title="登录" lead="请使用个人用户、机构用户或协会账号登录"/>
            <Section>
                {fault.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
                <form method="post" action="/login" class="fields">
                    <Hidden name="next" value=next/>
                    {resumes.then(|| view! { <Hidden name="_held" value=interrupted/> })}
                    <TextField ask=FieldProps::new("account", "登录账号") value=account autocomplete="username"/>
                    <TextField ask=FieldProps::new("password", "密码") value="" kind="password" autocomplete="current-password"/>
                    <CheckboxField ask=FieldProps::new("own_device", "").optional().hint("勾选后，草稿会加密保存在本机，没有网络也可以填写；退出登录时清除。在公用电脑上请勿勾选。") statement="这是我自己的设备" ticked=false/>
                    <div class="actions"><Submit label="登录"/></div>
                </form>
                <p class="saved">"还没有账号？"<a href="/register">"立即注册"</a>" · "<a href="/recover">"找回密码"</a></p>
            </Section>
        }
        .into_any()
    };
    Page::new("登录", body).standalone()
}
