//! 登录 and 退出 (manual 1).

use backend::access::account::login::LoginError;
use backend::infra::session::{ACCOUNT, TOTAL};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use leptos::prelude::*;
use tower_sessions::Expiry;
use tower_sessions::cookie::time::Duration;

use crate::call::{Answer, Call, Fault, Page, safe_next};
use crate::post::Post;
use crate::ui::*;

/// The login page; whoever is signed in already goes on.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let next = safe_next(call.asked("next")).to_owned();
    if call.caller.is_some() {
        return Ok(Answer::See(next));
    }
    Ok(page(Entry { next, ..Entry::default() }, None).into())
}

/// Key of the session data that says whether the device is the person's own.
pub const OWN_DEVICE: &str = "own_device";

/// What the login page carries.
#[derive(Default)]
struct Entry {
    /// Where to go on.
    next: String,
    /// The name that was typed.
    account: String,
    /// What was being posted when the session ended; empty if nothing was.
    held: String,
}

/// The page for a post whose session has ended: what was typed is held, and goes on after signing in.
pub fn again(path: String, post: Post) -> Page {
    let lost = !post.files.is_empty();
    let entry = Entry { next: path, account: String::new(), held: hold(&post.pairs) };
    let text = if lost {
        "登录已失效。重新登录后，您填写的内容会继续提交；刚才选择的文件需要重新选择"
    } else {
        "登录已失效。重新登录后，您填写的内容会继续提交"
    };
    page(entry, Some(text)).status(StatusCode::UNAUTHORIZED)
}

fn hold(pairs: &[(String, String)]) -> String {
    STANDARD.encode(serde_json::to_vec(pairs).unwrap_or_default())
}

fn held(text: &str) -> Option<Vec<(String, String)>> {
    let pairs: Vec<(String, String)> = serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()?;
    (!pairs.is_empty()).then_some(pairs)
}

/// The page after signing in that posts on what was held.
fn carry_on(next: String, pairs: Vec<(String, String)>) -> Page {
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

/// Signs in. The session gets a new token, so that one known before is worth nothing.
pub async fn enter(call: Call) -> Result<Answer, Fault> {
    let text = |name: &str| call.post.text(name).trim().to_owned();
    let entry = Entry { next: safe_next(call.post.text("next")).to_owned(), account: text("account"), held: text("_held") };
    let password = call.post.text("password");
    if entry.account.is_empty() || password.is_empty() {
        let page = page(entry, Some("请填写登录账号和密码"));
        return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    let origin = call.origin().await?;
    match backend::access::account::login::log_in(&call.app, &entry.account, password, &origin).await {
        Ok(account) => {
            call.session.cycle_id().await?;
            call.session.insert(ACCOUNT, account).await?;
            let own = call.post.text("own_device") == "yes";
            call.session.insert(OWN_DEVICE, own).await?;
            if own {
                // A browser that falls over does not sign out who called the device their own; the server ends the session as ever.
                call.session.set_expiry(Some(Expiry::OnInactivity(Duration::seconds(TOTAL.num_seconds()))));
            }
            Ok(match held(&entry.held) {
                Some(pairs) => carry_on(entry.next, pairs).into(),
                None => Answer::See(entry.next),
            })
        }
        Err(error) => {
            let status = match error {
                LoginError::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
                LoginError::TooMany => StatusCode::TOO_MANY_REQUESTS,
                LoginError::Busy(_) | LoginError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            Ok(page(entry, Some(error.text())).status(status).into())
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
    Ok(Answer::Leave("/login".into()))
}

fn page(entry: Entry, fault: Option<&'static str>) -> Page {
    let body = move || {
        let Entry { next, account, held } = entry;
        let holds = !held.is_empty();
        view! {
            <PageHead title="登录" lead="请使用个人用户、机构用户或协会账号登录"/>
            <Section>
                {fault.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
                <form method="post" action="/login" class="fields">
                    <Hidden name="next" value=next/>
                    {holds.then(|| view! { <Hidden name="_held" value=held/> })}
                    <TextField ask=Ask::new("account", "登录账号") value=account autocomplete="username"/>
                    <TextField ask=Ask::new("password", "密码") value="" kind="password" autocomplete="current-password"/>
                    <TickField ask=Ask::new("own_device", "").optional().hint("勾选后，草稿会加密保存在本机，没有网络也可以填写；退出登录时清除。在公用电脑上请勿勾选。") statement="这是我自己的设备" ticked=false/>
                    <div class="actions"><Submit label="登录"/></div>
                </form>
                <p class="saved">"还没有账号？"<a href="/register">"立即注册"</a>" · "<a href="/recover">"找回密码"</a></p>
            </Section>
        }
        .into_any()
    };
    Page::new("登录", body).alone()
}
