//! 登录 and 退出 (manual 1).

use backend::account::LoginError;
use backend::session::ACCOUNT;
use http::StatusCode;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page, safe_next};
use crate::ui::*;

/// The login page; whoever is signed in already goes on.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let next = safe_next(call.asked("next")).to_owned();
    if call.caller.is_some() {
        return Ok(Answer::See(next));
    }
    Ok(page(next, String::new(), None).into())
}

/// Signs in. The session gets a new token, so that one known before is worth nothing.
pub async fn enter(call: Call) -> Result<Answer, Fault> {
    let next = safe_next(call.post.text("next")).to_owned();
    let name = call.post.text("account").trim().to_owned();
    let password = call.post.text("password");
    if name.is_empty() || password.is_empty() {
        let page = page(next, name, Some("请填写登录账号和密码"));
        return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    let origin = call.origin().await?;
    match call.house.log_in(&name, password, &origin).await {
        Ok(account) => {
            call.session.cycle_id().await?;
            call.session.insert(ACCOUNT, account).await?;
            Ok(Answer::See(next))
        }
        Err(error) => {
            let status = match error {
                LoginError::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
                LoginError::TooMany => StatusCode::TOO_MANY_REQUESTS,
                LoginError::Busy(_) | LoginError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            Ok(page(next, name, Some(error.text())).status(status).into())
        }
    }
}

/// Asks whether to leave, for whoever comes here by a link.
pub async fn ask_leave(_call: Call) -> Result<Answer, Fault> {
    let page = Page::new("退出登录", || {
        view! {
            <PageHead title="退出登录"/>
            <Section><form method="post" action="/logout"><Actions><Submit label="退出"/></Actions></form></Section>
        }
        .into_any()
    });
    Ok(page.into())
}

/// Ends the session on the server.
pub async fn leave(call: Call) -> Result<Answer, Fault> {
    call.session.flush().await?;
    Ok(Answer::See("/login".into()))
}

fn page(next: String, account: String, fault: Option<&'static str>) -> Page {
    let body = move || {
        view! {
            <PageHead title="登录" lead="请使用个人用户、机构用户或协会账号登录"/>
            <Section>
                {fault.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
                <form method="post" action="/login" class="fields">
                    <Hidden name="next" value=next/>
                    <TextField ask=Ask::new("account", "登录账号") value=account autocomplete="username"/>
                    <TextField ask=Ask::new("password", "密码") value="" kind="password" autocomplete="current-password"/>
                    <div class="actions"><Submit label="登录"/></div>
                </form>
                <p class="saved">"还没有账号？"<a href="/register">"立即注册"</a>" · "<a href="/recover">"找回密码"</a></p>
            </Section>
        }
        .into_any()
    };
    Page::new("登录", body).alone()
}
